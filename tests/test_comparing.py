"""Sites beside each other: what compares is drawn as a funnel by name, what does not is refused in plain words."""

from datetime import timedelta

import pytest

from checking.comparing import Comparison, SiteCount, compare, site_labels
from checking.live_charts import Dot, LiveMark, Words, draw_funnel, draw_series
from checking.live_questions import ask
from checking.live_words import site_rows
from checking.models import KitLot, Method, Site
from checking.reach import Reach, reach_of
from tests.analysing import analyst, checked, known
from tests.factories import make_scope, make_vocabulary
from tests.release_rows import TODAY, make_network, make_result, make_sample

pytestmark = pytest.mark.django_db
EVERYWHERE = Reach(None, frozenset(), ())
SETTLED = {"substance": "xylazine", "expected": "heroin", "form": "powder"}


@pytest.fixture(scope="module", autouse=True)
def _vocabulary(django_db_setup, django_db_blocker) -> None:
    with django_db_blocker.unblock():
        make_vocabulary()


@pytest.fixture(autouse=True)
def network() -> dict[str, Site]:
    return make_network()


def compared(reach: Reach = EVERYWHERE, **asked: str) -> Comparison:
    return compare(ask({**SETTLED, **{name.rstrip("_"): value for name, value in asked.items()}}, reach, TODAY), reach)


def heroin(site: str, *found: str, **said: object) -> None:
    checked(site, *found, **{"expected": ("heroin",), **said})


def refusal(**asked: str) -> str:
    found = compared(**asked)
    assert found.sites == ()
    return " ".join(found.refused)


def test_sites_stand_by_name_and_never_by_share():
    heroin("riverside")
    heroin("hill", "xylazine")
    heroin("harbour")
    heroin("harbour", "xylazine")

    found = compared()

    assert [(site.name, site.detected, site.tested) for site in found.sites] == [
        ("Harbour", 1, 2), ("Hill", 1, 1), ("Riverside", 0, 1),
    ]  # fmt: skip
    assert found.pooled == 0.5
    assert [row["label"] for row in site_rows(found)] == ["A", "B", "C"]


def test_a_site_that_differs_by_more_than_chance_is_said_to_lie_outside():
    for _ in range(30):
        heroin("harbour", "xylazine")
        heroin("riverside")
        heroin("hill", *(["xylazine"] if _ % 2 else []))

    rows = {row["name"]: row["stands"] for row in site_rows(compared())}

    assert rows == {"Harbour": "outside 99.8 %", "Hill": "as chance allows", "Riverside": "outside 99.8 %"}


def test_without_what_it_was_taken_for_nothing_compares():
    assert "Say what the samples were taken for" in refusal(expected="")


def test_a_class_is_no_drug_to_compare_within():
    assert "Choose one drug, not a class" in refusal(expected="opioid")


@pytest.mark.parametrize("form", ["", "unknown", "other"])
def test_without_a_form_nothing_compares(form):
    assert "Choose one form" in refusal(form=form)


def test_samples_taken_for_more_than_one_drug_are_left_out():
    heroin("harbour")
    heroin("riverside")
    heroin("riverside", "xylazine", expected=("heroin", "cocaine"))

    assert [site.tested for site in compared().sites] == [1, 1]


def test_one_site_alone_compares_with_nothing():
    heroin("harbour")

    assert "Fewer than two sites" in refusal()


def test_different_methods_do_not_compare_until_one_is_chosen():
    heroin("harbour")
    heroin("riverside")
    heroin("riverside", result={"method": "lc-ms"})

    said = refusal()

    assert "different methods" in said
    assert "LC-MS" in said
    assert [site.tested for site in compared(method="gc-ms").sites] == [1, 1]


def test_an_event_does_not_compare_with_places_people_come_to_all_year():
    Site.objects.filter(slug="hill").update(kind="event")
    for site in ("harbour", "riverside", "hill"):
        heroin(site)

    found = compared()

    assert [site.name for site in found.sites] == ["Harbour", "Riverside"]
    assert "Hill is an event" in found.left_out[0]
    Site.objects.update(kind="event")
    assert [site.name for site in compared().sites] == ["Harbour", "Hill", "Riverside"]


def test_across_a_change_of_scope_nothing_compares():
    for site in ("harbour", "riverside"):
        make_scope(Site.objects.get(slug=site), "gc-ms", "xylazine", since=TODAY - timedelta(days=100))
        heroin(site)

    assert "changed what a lab looks for" in refusal()
    since = (TODAY - timedelta(days=100)).isoformat()
    assert len(compared(from_=since).sites) == 2


def test_a_lab_that_said_what_it_looks_for_does_not_compare_with_one_that_did_not():
    make_scope(Site.objects.get(slug="harbour"), "gc-ms", "xylazine")
    heroin("harbour")
    heroin("riverside")

    assert "do not look for xylazine alike" in refusal()


def test_labs_that_see_down_to_different_amounts_do_not_compare():
    for site, limit in (("harbour", 0.001), ("riverside", 0.05)):
        make_scope(Site.objects.get(slug=site), "gc-ms", "xylazine", limit_w_w=limit)
        heroin(site)

    assert "down to different amounts" in refusal()


def strip(site: str, lot: KitLot | None) -> None:
    day = TODAY - timedelta(days=60)
    sample = make_sample(site, expected=("heroin",), form="powder", collected_on=day)
    lines = {"control": True, "test_line": "clear", "outcome": "not_detected"}
    known(make_result(sample, method="xylazine-strip", performed_on=day, lot=lot, **lines), day)


def test_strips_compare_within_one_lot_only():
    one, other = (
        KitLot.objects.create(method=Method.objects.get(slug="xylazine-strip"), brand="Brand", lot=lot)
        for lot in ("A1", "B2")
    )
    strip("harbour", one)
    strip("riverside", one)

    assert [site.tested for site in compared(family="strip").sites] == [1, 1]
    strip("riverside", other)
    assert "different lots (Brand A1, Brand B2)" in refusal(family="strip")


def test_strips_of_a_lot_nobody_wrote_down_do_not_compare():
    strip("harbour", None)
    strip("riverside", None)

    assert "Nobody wrote down which lot" in refusal(family="strip")


def test_an_analyst_of_one_site_has_nothing_to_compare():
    heroin("harbour")
    heroin("riverside")

    assert "Fewer than two sites" in " ".join(compared(reach_of(analyst("nora", "harbour"))).refused)


def test_marks_go_on_after_the_alphabet():
    labels = site_labels([SiteCount(str(number), str(number), 1, 0) for number in range(30)])

    assert (labels[0], labels[25], labels[26], labels[29]) == ("A", "Z", "AA", "AD")


def test_pictures_are_pictures_and_take_any_words():
    words = Words("$x^2$ <b> Łódź", "below", "upright", "along")
    dots = [Dot("A", 3, 0), Dot("B", 200, 200)]
    marks = [LiveMark(0, "2026-10", 30, 3), LiveMark(2, "2026-12", 3, 1, is_complete=False, nowcast=0.5)]

    for picture in (draw_funnel(dots, 0.98, words), draw_series(marks, words)):
        assert picture.startswith(b"\x89PNG")
        assert 10_000 < len(picture) < 200_000
