"""Live figures: the same numbers as `counts` and by hand, with the newest days said as what they are."""

import io
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command

from checking import area_tree, catalogue, live_figures
from checking.collection_days import Grain, is_exact, kept_day, next_start, said, start_of
from checking.live_figures import LiveFigure, TooMany, figure, known_on
from checking.live_questions import BadQuestion, ask
from checking.models import Area, OverdoseReport, Site
from checking.reach import Reach, reach_of
from checking.readings import ResultRead
from tests.analysing import also_at, analyst, checked
from tests.factories import make_vocabulary
from tests.release_rows import TODAY, make_network, make_result, make_sample
from tests.unc_files import bring_in_real, load_places

pytestmark = pytest.mark.django_db
EVERYWHERE = Reach(None, frozenset(), ())


@pytest.fixture(scope="module", autouse=True)
def _vocabulary(django_db_setup, django_db_blocker) -> None:
    with django_db_blocker.unblock():
        make_vocabulary()


@pytest.fixture
def network() -> dict[str, Site]:
    return make_network()


def shown(reach: Reach = EVERYWHERE, **asked: str) -> LiveFigure:
    parameters = {"substance": "xylazine", "interval": "month", **asked}
    return figure(ask({name.rstrip("_"): value for name, value in parameters.items()}, reach, TODAY), reach, TODAY)


def numbers(found: LiveFigure) -> list[tuple[str, int, int]]:
    return [(period.label, period.detected, period.tested) for period in found.periods]


# Held to others


@pytest.fixture
def real_site(shared: Path, tmp_path: Path) -> str:
    """A real programme, 2023 to 2024, as others published it."""
    load_places(tmp_path)
    call_command("make_site", slug="allegheny_pa", name="Allegheny", area="us-pa", stdout=io.StringIO())
    area_tree.forget()
    bring_in_real(shared, "allegheny_pa", site="allegheny_pa")
    return "allegheny_pa"


def test_a_real_sites_quarters_are_those_of_the_counts_command(real_site):
    said = io.StringIO()
    call_command("counts", f"--site={real_site}", "--substance=xylazine", "--by=quarter", "--json", stdout=said)
    counted = {row["period"]: (row["detected"], row["tested"]) for row in json.loads(said.getvalue()) if row["tested"]}

    OverdoseReport.objects.all().delete()  # `counts` leaves nobody out, figures leave these out
    found: Counter[str] = Counter()
    tested: Counter[str] = Counter()
    for material in ("product", "residue"):
        asked = {"site": real_site, "interval": "quarter", "from_": "2022-01-01", "material": material}
        for period in shown(**asked).periods:
            found[period.label] += period.detected
            tested[period.label] += period.tested

    assert {label: (found[label], tested[label]) for label in tested} == counted
    # As published beside the files: of 2023Q2, 2023Q4 and 2024Q1 so many held xylazine.
    assert [found[label] for label in ("2023Q2", "2023Q4", "2024Q1")] == [10, 12, 20]


@pytest.mark.parametrize(
    ("detected", "tested", "interval"),
    [(0, 20, (0.0, 0.1611)), (1, 29, (0.0061, 0.1718)), (15, 148, (0.0624, 0.1605))],
    # R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3.
)
def test_intervals_are_the_published_ones(network, detected, tested, interval):
    for number in range(tested):
        checked("harbour", *(["xylazine"] if number < detected else []))

    (period,) = shown().periods

    assert (period.detected, period.tested) == (detected, tested)
    assert (period.low, period.high) == pytest.approx(interval, abs=5e-5)


# What is counted


def test_samples_count_in_the_period_they_were_collected_in(network):
    checked("harbour", "xylazine", days_ago=30)  # 19 October
    checked("harbour", days_ago=31)
    checked("harbour", days_ago=49)  # 30 September

    assert numbers(shown()) == [("2026-09", 0, 1), ("2026-10", 1, 2)]
    assert numbers(shown(interval="day", from_="2026-10-01")) == [("2026-10-18", 0, 1), ("2026-10-19", 1, 1)]
    assert numbers(shown(interval="quarter")) == [("2026Q3", 0, 1), ("2026Q4", 1, 2)]
    assert numbers(shown(interval="week", from_="2026-10-19")) == [("2026-W43", 1, 1)]


def test_nobody_is_counted_whom_a_public_figure_leaves_out(network):
    checked("harbour", "xylazine", share=False)
    checked("harbour", "xylazine", is_contaminated=True)
    checked("harbour", "xylazine", overdose=True)
    checked("harbour", "xylazine", result={"chosen_because": "harm"})
    Site.objects.filter(slug="riverside").update(is_training=True)
    checked("riverside", "xylazine")
    checked("hill", "xylazine", result={"lab": Site.objects.get(slug="riverside")})
    checked("harbour", overdose=False)

    found = shown()

    assert [(period.detected, period.tested) for period in found.periods] == [(0, 1)]
    assert found.also_seen == 1  # the one run because of harm: it stands beside the figure


def test_a_part_split_off_counts_with_its_whole(network):
    whole = make_sample("harbour", collected_on=TODAY - timedelta(days=60))
    part = make_sample("riverside", collected_on=TODAY - timedelta(days=60), split_of=whole)
    make_result(part, "xylazine")

    (period,) = shown().periods

    assert (period.detected, period.tested) == (1, 1)


def test_filters_choose_by_place_site_material_form_method_and_expectation(network):
    checked("harbour", "xylazine", expected=("heroin",))
    checked("riverside", "xylazine", form="rock")
    checked("mill", material="residue")
    checked("hill", result={"method": "lc-ms"})

    def tested(**asked: str) -> int:
        return sum(period.tested for period in shown(**asked).periods)

    assert tested() == 3
    assert tested(area="us-pa-allegheny") == tested(area="Allegheny") == 2
    assert tested(site="hill") == tested(method="lc-ms") == 1
    assert tested(material="residue") == 1
    assert tested(form="rock") == 1
    assert tested(expected="opioid") == tested(expected="heroin") == 1
    assert tested(family="strip") == 0


def test_samples_without_a_day_are_said_and_not_counted(network):
    make_result(make_sample("harbour", collected_on=None), "xylazine")

    found = shown()

    assert (found.periods, found.without_day) == ((), 1)


def test_more_samples_than_one_figure_may_read_are_not_read(network, monkeypatch):
    monkeypatch.setattr(live_figures, "MOST_SAMPLES", 1)
    checked("harbour")
    checked("harbour")

    with pytest.raises(TooMany):
        shown()


# How far one sees


def test_an_analyst_of_one_site_sees_that_site_alone(network):
    checked("harbour")
    checked("riverside")

    found = shown(reach_of(analyst("nora", "harbour")))

    assert [period.tested for period in found.periods] == [1]
    with pytest.raises(BadQuestion):
        ask({"substance": "xylazine", "site": "riverside"}, reach_of(analyst("nora", "harbour")), TODAY)


def test_a_self_governing_community_is_seen_by_its_own_analysts_alone(network):
    Area.objects.filter(slug="us-va").update(governed_by="A community")
    area_tree.forget()
    checked("harbour")
    checked("mill")  # in Roanoke, within it
    checked("harbour", area="us-va-roanoke")  # brought elsewhere: it goes by where the sample is from

    everyone, own = reach_of(analyst("nora")), reach_of(also_at(analyst("ona"), "mill"))

    assert everyone.communities == ("A community",)
    assert sum(period.tested for period in shown(everyone).periods) == 1
    assert sum(period.tested for period in shown(own).periods) == 3


def test_a_community_within_another_decides_for_itself(network):
    Area.objects.filter(slug="us-va").update(governed_by="A nation")
    Area.objects.filter(slug="us-va-roanoke").update(governed_by="A band")
    Site.objects.create(slug="fort", name="Fort", area=Area.objects.get(slug="us-va"))
    checked("mill")

    of_the_nation = reach_of(also_at(analyst("nora"), "fort"))

    assert of_the_nation.communities == ("A band",)
    assert shown(of_the_nation).periods == ()


# The newest days


def slow_network() -> None:
    """Results take a day where nothing is found and eight where something is, for half a year."""
    for days_ago in range(14, 200, 3):
        checked("harbour", days_ago=days_ago, after=1)
        checked("harbour", "xylazine", days_ago=days_ago, after=8)


def test_days_whose_results_are_still_to_come_are_said_as_such(network):
    slow_network()
    checked("harbour", days_ago=4, after=1)
    make_sample("harbour", collected_on=TODAY - timedelta(days=4))  # still with the lab

    *_, newest = shown(interval="day", from_="2026-09-01").periods

    assert (newest.label, newest.tested, newest.is_complete) == ("2026-11-14", 1, False)
    assert newest.is_in == pytest.approx(0.5, abs=0.01)
    assert newest.nowcast is None  # of detections none of this age is ever in: nothing can be said


def test_what_is_expected_lies_above_what_was_seen_where_detections_come_late(network):
    for days_ago in range(20, 200, 2):
        checked("harbour", days_ago=days_ago, after=1)
        checked("harbour", "xylazine", days_ago=days_ago, after=1 if days_ago % 4 else 12)
    for number in range(25):
        checked("harbour", *(["xylazine"] if number < 5 else []), days_ago=6, after=1)

    *_, newest = shown(interval="day", from_="2026-09-01").periods

    # Half of the detections are in and all others: five of twenty-five mean ten of thirty.
    assert newest.nowcast is not None
    assert newest.nowcast.share == pytest.approx(10 / 30, abs=0.03)
    assert newest.low < newest.nowcast.low
    assert newest.high < newest.nowcast.high


def test_of_too_few_for_a_per_cent_none_is_expected(network):
    for days_ago in range(5, 200, 2):
        after = 1 if days_ago % 4 == 1 else 12
        if after <= days_ago:
            checked("harbour", days_ago=days_ago, after=after)

    *_, newest = shown(interval="day", from_="2026-09-01").periods

    assert newest.is_in == pytest.approx(0.5, abs=0.05)
    assert newest.nowcast is None


def test_after_six_weeks_days_are_complete(network):
    slow_network()

    assert all(period.is_complete for period in shown(interval="day", to="2026-10-01", from_="2026-09-01").periods)


def test_where_nobody_knows_how_long_results_take_that_is_said(network):
    checked("harbour", days_ago=3, after=1)

    found = shown(interval="day")

    assert not found.delays_known
    assert [(period.is_in, period.is_complete, period.nowcast) for period in found.periods] == [(None, False, None)]


def test_where_the_past_is_too_much_to_read_the_days_asked_for_are_shown_all_the_same(network, monkeypatch):
    slow_network()
    monkeypatch.setattr(live_figures, "MOST_SAMPLES", 10)

    found = shown(interval="day", from_="2026-11-01")

    assert sum(period.tested for period in found.periods) == 4
    assert not found.delays_known


def test_of_the_last_days_it_is_said_how_many_have_a_result(network):
    slow_network()
    checked("harbour", days_ago=4, after=1)
    for _ in range(3):
        make_sample("harbour", collected_on=TODAY - timedelta(days=4))

    recently = shown().recently

    assert (recently.days, recently.collected, recently.tested, recently.usual_share) == (14, 4, 1, 1.0)


@pytest.mark.parametrize(
    ("entry", "completed", "seen", "expected"),
    [
        ("single", 5, 9, 9),
        ("import", 5, 300, 5),
        ("import", None, 300, None),
        ("bulk", 5, 9, 9),
        ("bulk", 5, 300, 5),
    ],
)
def test_a_result_is_known_when_it_came_or_for_history_when_it_was_complete(entry, completed, seen, expected):
    first = date(2026, 1, 1)
    result = ResultRead(
        id="1",
        method=catalogue.current().method("gc-ms"),
        lab="harbour",
        outcome="not_detected",
        completed_on=first + timedelta(days=completed) if completed else None,
        entry=entry,
        visible_from=datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=seen),
    )

    assert known_on(result, TODAY) == (first + timedelta(days=expected) if expected else None)


# Days and periods


@pytest.mark.parametrize(
    ("grain", "label", "start", "following"),
    [
        (Grain.DAY, "2026-11-01", date(2026, 11, 1), date(2026, 11, 2)),
        (Grain.WEEK, "2026-W44", date(2026, 10, 26), date(2026, 11, 2)),
        (Grain.MONTH, "2026-11", date(2026, 11, 1), date(2026, 12, 1)),
        (Grain.QUARTER, "2026Q4", date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_a_day_belongs_to_its_period_as_it_is(grain, label, start, following):
    sunday = date(2026, 11, 1)

    assert start_of(sunday, grain) == start
    assert (said(start, grain), next_start(start, grain)) == (label, following)


@pytest.mark.parametrize(
    ("day", "kept"),
    [
        (TODAY - timedelta(days=365), TODAY - timedelta(days=365)),
        (date(2025, 11, 14), date(2025, 11, 10)),  # its Monday
        (date(2025, 10, 3), date(2025, 10, 1)),  # the month began after that Monday
    ],
)
def test_after_a_year_a_day_is_its_week_within_its_month(day, kept):
    assert kept_day(day, TODAY) == kept
    assert is_exact(day, TODAY) == (day == kept)


@pytest.mark.parametrize(
    ("field", "asked"),
    [
        ("substance", {"substance": "no such thing"}),
        ("substance", {"substance": ""}),
        ("expected", {"expected": "no such thing"}),
        ("area", {"area": "nowhere"}),
        ("area", {"area": "Al\x00legheny"}),
        ("site", {"site": "nowhere"}),
        ("family", {"family": "reagent"}),
        ("material", {"material": "hope"}),
        ("form", {"form": "smoke"}),
        ("method", {"method": "fentanyl-strip"}),
        ("interval", {"interval": "hour"}),
        ("interval", {"interval": "day", "from": "2025-11-01", "to": "2025-11-02"}),
        ("interval", {"interval": "week", "from": "1980-01-01"}),
        ("from", {"from": "yesterday"}),
        ("from", {"from": "2026-02-30"}),
        ("from", {"from": "1969-12-31"}),
        ("from", {"to": "0001-01-01"}),
        ("to", {"to": "9999-12-31"}),
        ("to", {"from": "2026-11-02", "to": "2026-11-01"}),
        ("substance", {"substance": "x" * 201}),
    ],
)
def test_what_cannot_be_asked_is_refused_by_its_name(network, field, asked):
    with pytest.raises(BadQuestion) as refused:
        ask({"substance": "xylazine", **asked}, EVERYWHERE, TODAY)

    assert refused.value.name == field
