"""What a release publishes, and what it holds back."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from checking import ledger
from checking import release as release_step
from checking.ledger import Entry
from checking.models import (
    Area,
    OverdoseReport,
    Release,
    ReleaseCorrection,
    ReleasedExpected,
    ReleasedResult,
    ReleasedSample,
    ReleasedShare,
    Sample,
    Site,
    Withdrawal,
)
from checking.release import make_release
from tests.release_rows import TODAY, make_many, make_network, make_result, make_sample

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 16)
SIX = ["harbour", "harbour", "harbour", "riverside", "riverside", "riverside"]


@pytest.fixture(autouse=True)
def _network(db) -> None:
    make_network()


def cell(subject: str, **where: object) -> tuple[int, int] | None:
    """Tested and detected, as they hold now; None where there is no cell."""
    where = {"area": "us-pa-allegheny", "family": "lab", "material": "product", "series": "latest", **where}
    rows = list(ReleasedShare.objects.filter(subject=subject, superseded_in__isnull=True, **where))
    return (sum(row.tested for row in rows), sum(row.detected for row in rows)) if rows else None


def test_five_samples_make_a_release():
    make_many(SIX[:4], "fentanyl")
    make_many(["riverside"])

    release = make_release(TODAY)

    assert (release.number, release.made_on) == (1, TODAY)
    assert cell("fentanyl", period_start=MONDAY) == (5, 4)
    assert cell("opioid") == (5, 4)
    assert cell("nitazene") == (5, 0)


def test_four_samples_wait_and_join_the_next_release():
    make_many(SIX[1:5], "fentanyl")

    assert make_release(TODAY) is None
    assert not ReleasedShare.objects.exists()

    make_many(["harbour"])
    assert make_release(TODAY + timedelta(days=7)).number == 1
    assert cell("fentanyl", period_start=MONDAY + timedelta(days=7)) == (5, 4)


def test_a_release_run_twice_counts_nothing_twice():
    make_many(SIX, "fentanyl")
    make_release(TODAY)

    assert make_release(TODAY) is None
    assert make_release(TODAY + timedelta(days=7)) is None
    assert Release.objects.count() == 1
    assert cell("fentanyl") == (6, 6)


def test_a_release_that_fails_half_way_leaves_nothing(monkeypatch):
    make_many(SIX, "fentanyl")
    monkeypatch.setattr("checking.release.is_taken_back", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        make_release(TODAY)

    assert not Release.objects.exists()
    assert not ReleasedShare.objects.exists()
    assert not ReleasedResult.objects.exists()


def test_a_release_that_another_overtook_writes_nothing(monkeypatch):
    make_many(SIX, "fentanyl")
    prepare = release_step._prepare

    def prepare_and_be_overtaken(today: date) -> object:
        prepared = prepare(today)
        monkeypatch.setattr(release_step, "_prepare", prepare)
        make_release(today)
        return prepared

    monkeypatch.setattr(release_step, "_prepare", prepare_and_be_overtaken)

    assert make_release(TODAY) is None
    assert cell("fentanyl") == (6, 6)


def test_a_single_detection_of_a_watched_substance_is_shown():
    make_many(SIX[1:])
    make_many(["harbour"], "carfentanil")

    make_release(TODAY)

    assert cell("carfentanil") == (6, 1)


def test_a_watched_substance_tested_for_in_one_sample_is_shown_and_another_is_not():
    """HPLC-UV looks for seven drugs; neither nitazenes nor caffeine are among them."""
    samples = make_many(SIX, result={"method": "hplc-uv"})
    make_result(samples[0], "isotonitazene", "caffeine")

    make_release(TODAY)

    assert cell("fentanyl") == (6, 0)
    assert cell("isotonitazene") == (1, 1)
    assert cell("caffeine") is None


def test_what_was_never_found_and_is_not_watched_gets_no_cell():
    make_many(SIX, "cocaine")

    make_release(TODAY)

    assert cell("cocaine") == (6, 6)
    assert cell("methamphetamine") is None


@pytest.mark.parametrize(
    "kept_out",
    [{"share": False}, {"is_contaminated": True}, {"overdose": True}],
    ids=["not shared", "contaminated", "overdose"],
)
def test_samples_that_may_not_be_counted_stay_out(kept_out):
    make_many(SIX[1:])
    make_many(["harbour"], "fentanyl", **kept_out)

    make_release(TODAY)

    assert cell("fentanyl") == (5, 0)


def test_results_run_because_a_strip_reacted_stay_out():
    make_many(SIX[1:])
    make_many(["harbour"], "fentanyl", result={"chosen_because": "strip_positive"})

    make_release(TODAY)

    assert cell("fentanyl") == (5, 0)


def test_samples_of_training_sites_stay_out():
    Site.objects.filter(slug="hill").update(is_training=True)
    make_many(SIX)
    harbour = Site.objects.get(slug="harbour")
    make_many(["hill"], "fentanyl", area="us-pa-allegheny", result={"lab": harbour})

    make_release(TODAY)

    assert cell("fentanyl") == (6, 0)


def test_results_of_training_labs_stay_out():
    mill = Site.objects.get(slug="mill")
    Site.objects.filter(slug="mill").update(is_training=True)
    make_many(SIX)
    make_many(["harbour"], "fentanyl", result={"lab": mill})

    make_release(TODAY)

    assert cell("fentanyl") == (6, 0)


def test_a_split_sample_is_counted_once_with_the_results_of_both_parts():
    make_many(SIX[1:])
    whole = make_sample("harbour")
    make_result(whole)
    part = make_sample("harbour", split_of=whole)
    make_result(part, "fentanyl")

    make_release(TODAY)

    assert cell("fentanyl") == (6, 1)


def test_strips_and_labs_are_published_apart():
    for sample in make_many(SIX, "fentanyl"):
        make_result(sample, "fentanyl_type_opioid", method="fentanyl-strip")

    make_release(TODAY)

    assert cell("fentanyl_type_opioid", family="strip") == (6, 6)
    assert cell("fentanyl_type_opioid", family="lab") == (6, 6)
    assert cell("fentanyl", family="strip") is None
    assert cell("xylazine", family="strip") is None


def test_a_later_result_of_the_same_family_adds_what_it_looked_for_and_no_more():
    samples = make_many(SIX, result={"method": "hplc-uv"})
    make_release(TODAY)
    before = dict(ReleasedShare.objects.values_list("subject", "tested"))
    for sample in samples:
        make_result(sample)

    make_release(TODAY + timedelta(days=7))

    both = Counter(dict(ReleasedShare.objects.filter(batch=2).values_list("subject", "tested")))
    assert both["nitazene"] == 6
    assert not set(before) & set(both)


def test_the_only_site_of_an_area_needs_its_yes():
    make_many(["hill"] * 6, "fentanyl")

    assert make_release(TODAY) is None

    Site.objects.filter(slug="hill").update(publishes_alone=True)
    make_release(TODAY)
    assert cell("fentanyl", area="us-pa-beaver") == (6, 6)


def test_the_only_site_of_an_area_goes_into_the_area_above():
    make_many(["hill"] * 3, "fentanyl")
    make_many(["harbour"] * 3, area="us-pa")

    make_release(TODAY)

    assert cell("fentanyl", area="us-pa-beaver") is None
    assert cell("fentanyl", area="us-pa") == (6, 3)


def test_a_town_too_small_is_published_under_the_area_above():
    Area.objects.filter(slug="us-pa-allegheny").update(population=19_999)
    make_many(SIX, "fentanyl")

    make_release(TODAY)

    assert cell("fentanyl") is None
    assert cell("fentanyl", area="us-pa") == (6, 6)


def test_a_community_that_governs_itself_is_published_only_with_its_yes():
    Area.objects.filter(slug="us-pa-allegheny").update(governed_by="The community's council", is_release=False)
    make_many(SIX, "fentanyl")

    assert make_release(TODAY) is None

    Area.objects.filter(slug="us-pa-allegheny").update(is_release=True)
    make_release(TODAY)
    assert cell("fentanyl") == (6, 6)


def test_where_no_area_is_marked_for_release_nothing_is_released():
    Area.objects.update(is_release=False)
    make_many(SIX, "fentanyl")

    assert make_release(TODAY) is None


def test_an_event_is_counted_under_its_host_area_and_only_afterwards():
    Site.objects.filter(slug__in=["harbour", "riverside"]).update(kind="event", ends_on=TODAY)
    make_many(SIX, "fentanyl", area="us-va-roanoke")

    assert make_release(TODAY) is None

    make_release(TODAY + timedelta(days=1))
    assert cell("fentanyl", area="us-pa-allegheny") == (6, 6)


def test_history_is_released_by_the_weeks_its_results_were_complete():
    long_ago = date(2025, 3, 5)
    for weeks in range(3):
        day = long_ago + timedelta(weeks=weeks)
        result = {"performed_on": day, "completed_on": day, "entry": "import"}
        make_many(SIX, "fentanyl", result=result, entry="import", collected_on=day - timedelta(days=9))

    make_release(TODAY)

    assert Release.objects.count() == 1
    for weeks in range(3):
        assert cell("fentanyl", period_start=date(2025, 3, 3) + timedelta(weeks=weeks)) == (6, 6)


def test_every_release_adds_nothing_or_five_to_each_area_whatever_comes_in():
    brought = [(SIX[:2], "fentanyl"), (SIX, "xylazine"), (["hill"] * 3, "fentanyl"), (SIX[2:4], "cocaine")]
    for day in range(20):
        sites, found = brought[day % len(brought)]
        make_many(sites, found, recorded_on=TODAY + timedelta(days=3 * day))
        make_release(TODAY + timedelta(days=3 * day))

    added = Counter(ReleasedSample.objects.values_list("release", "area", "family", "material"))
    assert added
    assert min(added.values()) >= 5


# The final series


def make_month(month: int, day: int = 3) -> None:
    make_many(SIX, "fentanyl", collected_on=date(2026, month, day), result={"recorded_on": TODAY})


def test_a_month_of_collection_is_final_six_weeks_after_its_end():
    make_month(9)
    make_release(TODAY)
    assert cell("fentanyl", series="final") == (6, 6)

    make_month(10)
    make_release(date(2026, 12, 11))
    assert cell("fentanyl", series="final", period_start=date(2026, 10, 1)) is None

    make_release(date(2026, 12, 12))
    assert cell("fentanyl", series="final", period_start=date(2026, 10, 1)) == (6, 6)


def test_a_month_with_four_samples_is_never_final():
    make_many(SIX[1:5], "fentanyl", collected_on=date(2026, 9, 3))
    make_many(SIX[1:5], "fentanyl", collected_on=date(2026, 8, 3))

    make_release(TODAY)

    assert cell("fentanyl") == (8, 8)
    assert cell("fentanyl", series="final") is None


def test_a_month_waits_where_months_and_weeks_together_would_give_one_sample_away():
    """Six of August and one of September in one week, five of September in another: their difference is one."""
    make_many([*SIX], collected_on=date(2026, 8, 28))
    make_many(["harbour"], "fentanyl", collected_on=date(2026, 9, 1))
    make_release(TODAY)
    make_many(SIX[1:], collected_on=date(2026, 9, 9))
    make_release(TODAY + timedelta(days=7))

    august = cell("fentanyl", series="final", period_start=date(2026, 8, 1))
    september = cell("fentanyl", series="final", period_start=date(2026, 9, 1))
    assert cell("fentanyl") == (12, 1)
    assert (august, september) == (None, None)


def test_a_month_waits_where_it_would_give_away_what_one_site_was_brought_on_one_day():
    """Released on Friday 2 October: Harbour's five of September's last day, and Riverside's of October."""
    make_many(["harbour"] * 5, "fentanyl", collected_on=date(2026, 9, 30), recorded_on=date(2026, 9, 30))
    make_many(["riverside"] * 5, collected_on=date(2026, 10, 1), recorded_on=date(2026, 10, 1))
    make_release(date(2026, 10, 2))
    make_many(SIX, collected_on=date(2026, 9, 8), recorded_on=date(2026, 10, 3))
    make_release(date(2026, 10, 3))

    make_release(date(2026, 11, 18))

    assert cell("fentanyl", period_start=date(2026, 9, 28)) == (16, 5)
    assert cell("fentanyl", series="final") is None


def test_a_month_waits_where_the_month_published_just_before_would_give_a_sample_away():
    """August and September share a week in fives; September and October share one in which October is one sample."""
    make_many(SIX[1:] * 2, collected_on=date(2026, 8, 28))
    make_many(SIX[1:], collected_on=date(2026, 9, 1))
    make_release(date(2026, 10, 1))
    make_many(SIX[1:], collected_on=date(2026, 9, 30))
    make_many(["harbour"], "fentanyl", collected_on=date(2026, 10, 2))

    make_release(TODAY)

    assert cell("fentanyl", series="final", period_start=date(2026, 8, 1)) == (10, 0)
    assert cell("fentanyl", series="final", period_start=date(2026, 9, 1)) is None


def test_a_month_waits_however_long_the_chain_of_months_is_that_gives_a_sample_away():
    """One sample of May in the week of April's; then every week holds five of one month and five of the next."""
    both = ["harbour", "riverside"] * 3
    months = [date(2025 + (3 + number) // 12, (3 + number) % 12 + 1, 20) for number in range(18)]  # to September 2026
    for place, month in enumerate(months):
        done = {"entry": "import", "result": {"completed_on": month + timedelta(days=14), "entry": "import"}}
        following = month + timedelta(days=14)
        make_many(both, "fentanyl", collected_on=month, **done)
        make_many(both if place else both[:1], "fentanyl", collected_on=following, **done)

    make_release(TODAY)
    make_release(TODAY)

    assert cell("fentanyl", series="final", period_start=date(2025, 5, 1)) is not None
    assert cell("fentanyl", series="final", period_start=date(2025, 4, 1)) is None


def test_a_later_result_does_not_put_a_sample_into_its_month_again():
    samples = make_many(SIX, collected_on=date(2026, 8, 3), result={"method": "hplc-uv"})
    make_release(TODAY)
    for sample in samples:
        make_result(sample, "carfentanil")

    make_release(TODAY + timedelta(days=7))

    assert cell("carfentanil", period_start=MONDAY + timedelta(days=7)) == (6, 6)
    assert cell("fentanyl", series="final") == (6, 0)
    assert cell("nitazene", series="final") is None


def test_without_a_day_of_collection_a_sample_is_in_no_month():
    make_many(SIX, "fentanyl", collected_on=None)

    make_release(TODAY)

    assert cell("fentanyl") == (6, 6)
    assert cell("fentanyl", series="final") is None


# Expected against found


def expected_cells(subject: str) -> dict[str, tuple[int, int]]:
    rows = ReleasedExpected.objects.filter(subject=subject, superseded_in__isnull=True)
    return {row.expected: (row.tested, row.detected) for row in rows}


def test_expected_against_found_is_published_when_the_quarter_is_over():
    make_many(SIX, "fentanyl", expected=["cocaine"])
    make_many(SIX, expected=["heroin"])

    make_release(TODAY)
    assert expected_cells("fentanyl") == {}

    make_release(date(2027, 1, 4))
    assert expected_cells("fentanyl")["stimulant"] == (6, 6)
    assert expected_cells("fentanyl")["opioid"] == (6, 0)


def test_a_class_expected_of_four_is_not_published_nor_is_what_would_leave_four():
    make_many(SIX, "fentanyl", expected=["cocaine"])
    make_many(SIX[1:5], expected=["heroin"])

    make_release(TODAY)
    make_release(date(2027, 1, 4))

    assert expected_cells("fentanyl") == {}


# Whoever submits goes first


@pytest.mark.parametrize("kind", ["withdrawn", "corrected", "not shared", "overdose", "part"])
def test_what_is_taken_back_while_a_release_is_read_is_not_in_it(monkeypatch, kind):
    samples = make_many([*SIX, "harbour"], "fentanyl")
    part = make_sample("harbour", split_of=samples[0])
    make_result(part, "xylazine")
    prepare = release_step._prepare

    def prepare_and_take_back(today: date) -> object:
        prepared = prepare(today)
        monkeypatch.setattr(release_step, "_prepare", prepare)
        take_back(samples[0], part, kind)
        return prepared

    monkeypatch.setattr(release_step, "_prepare", prepare_and_take_back)

    make_release(TODAY)

    assert (Release.objects.count(), ReleaseCorrection.objects.count()) == (1, 0)
    assert cell("fentanyl") == ((7, 7) if kind == "part" else (7, 6) if kind in {"withdrawn", "corrected"} else (6, 6))
    assert cell("xylazine")[1] == (0 if kind in {"part", "not shared", "overdose"} else 1)


def take_back(sample: Sample, part: Sample, kind: str) -> None:
    result = sample.results.get()
    if kind == "withdrawn":
        Withdrawal.objects.create(result=result, reason="mixed up", recorded_at=timezone.now())
    elif kind == "corrected":
        make_result(sample, corrects=result, correction_reason="read wrongly")
    elif kind == "overdose":
        OverdoseReport.objects.create(sample=sample, is_associated=True)
    else:
        Sample.objects.filter(pk=part.pk if kind == "part" else sample.pk).update(share=False)


def test_a_release_writes_in_the_same_number_of_steps_whatever_comes_in(django_assert_max_num_queries):
    """Whoever submits waits while it is written: no query for each sample, batch or cell."""
    for weeks in range(20):
        day = date(2025, 3, 5) + timedelta(weeks=weeks)
        result = {"performed_on": day, "completed_on": day, "entry": "import"}
        make_many(SIX, "fentanyl", result=result, entry="import", collected_on=day)
    prepared = release_step._prepare(TODAY)

    with django_assert_max_num_queries(25):
        release_step._publish(prepared, TODAY)

    assert cell("fentanyl") == (120, 120)


def test_the_command_says_what_it_did(capsys):
    make_many(SIX, "fentanyl")

    call_command("release", today="2026-11-18")
    call_command("release", today="2026-11-18")

    said = capsys.readouterr().out.splitlines()
    assert said == ["Release 1 of 2026-11-18.", "Nothing to release: what is there waits for more."]


def test_a_month_settles_without_reading_what_settled_before(monkeypatch):
    """The database counts what stands in which sums: the rows of samples grow with every year."""
    make_month(8)
    make_month(8, 4)
    make_release(date(2026, 10, 12))
    make_month(9)
    make_release(TODAY - timedelta(days=1))
    read = []
    monkeypatch.setattr(ledger, "Entry", lambda *row: read.append(row) or Entry(*row))
    make_month(10)

    make_release(date(2026, 12, 12))

    assert cell("fentanyl", series="final", period_start=date(2026, 10, 1)) == (6, 6)
    assert read == []
