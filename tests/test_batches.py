"""Which samples are published together, on units made by hand."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from checking.batches import Collector, Place, Unit, may_stand, plan

HARBOUR = Collector("harbour")
RIVERSIDE = Collector("riverside")
HIDDEN = Collector("hidden", is_listed=False)
ALONE = Collector("alone", publishes_alone=True)
MONDAY = date(2026, 11, 16)
TODAY = date(2026, 11, 20)

BOTH = frozenset({"harbour", "riverside"})
PLACES = {
    "pa": Place("pa", None, 1, BOTH | {"alone"}),
    "allegheny": Place("allegheny", "pa", 2, BOTH),
    "beaver": Place("beaver", "pa", 2, frozenset({"harbour"})),
}


def make_units(*sites: Collector, **said: object) -> list[Unit]:
    said = {"family": "lab", "material": "product", "area": "allegheny", "since": TODAY, "week": MONDAY, **said}
    return [Unit(sample=uuid.uuid4(), site=site, **said) for site in sites]


def sizes(units: Sequence[Unit], today: date = TODAY) -> list[tuple[str, str, int]]:
    return [(batch.area, batch.week.isoformat(), len(batch.units)) for batch in plan(units, PLACES, today)]


def test_four_samples_wait():
    assert sizes(make_units(HARBOUR, HARBOUR, RIVERSIDE, RIVERSIDE)) == []


def test_five_samples_of_two_sites_go_out():
    assert sizes(make_units(HARBOUR, HARBOUR, HARBOUR, RIVERSIDE, RIVERSIDE)) == [("allegheny", "2026-11-16", 5)]


def test_product_and_residue_are_counted_apart():
    units = make_units(HARBOUR, HARBOUR, RIVERSIDE) + make_units(HARBOUR, RIVERSIDE, material="residue")

    assert sizes(units) == []


def test_strips_and_labs_are_counted_apart():
    units = make_units(HARBOUR, HARBOUR, RIVERSIDE) + make_units(HARBOUR, RIVERSIDE, family="strip")

    assert sizes(units) == []


def test_one_site_does_not_stand_alone_without_its_yes():
    assert not may_stand([HARBOUR] * 40)
    assert may_stand([ALONE] * 5)


def test_a_site_with_four_fifths_of_the_samples_dominates():
    assert not may_stand([HARBOUR] * 8 + [RIVERSIDE] * 2)
    assert may_stand([HARBOUR] * 79 + [RIVERSIDE] * 21)


def test_an_unlisted_site_hides_among_three():
    assert not may_stand([HIDDEN] * 3 + [HARBOUR] * 3)
    assert may_stand([HIDDEN] * 2 + [HARBOUR] * 2 + [RIVERSIDE] * 2)


def test_where_one_site_alone_checks_its_samples_go_to_the_area_above_at_once():
    units = make_units(*[HARBOUR] * 3, area="beaver") + make_units(*[RIVERSIDE] * 2, area="pa")

    assert sizes(units) == [("pa", "2026-11-16", 5)]


def test_what_waited_28_days_goes_to_the_area_above():
    old = TODAY - timedelta(days=29)
    units = make_units(HARBOUR, RIVERSIDE, since=old) + make_units(HARBOUR, RIVERSIDE, ALONE, area="pa")

    assert sizes(units) == [("pa", "2026-11-16", 5)]


def test_what_waited_28_days_less_one_stays():
    recent = TODAY - timedelta(days=28)
    units = make_units(HARBOUR, RIVERSIDE, since=recent) + make_units(HARBOUR, RIVERSIDE, ALONE, area="pa")

    assert sizes(units) == []


def test_history_goes_out_by_its_weeks_put_together_until_there_are_five():
    weeks = [MONDAY - timedelta(weeks=weeks) for weeks in (20, 19, 18, 17)]
    units = [unit for week in weeks for unit in make_units(HARBOUR, HARBOUR, RIVERSIDE, week=week, is_history=True)]

    assert sizes(units) == [("allegheny", weeks[1].isoformat(), 6), ("allegheny", weeks[3].isoformat(), 6)]


def test_the_thin_end_of_history_joins_the_weeks_before():
    weeks = [MONDAY - timedelta(weeks=weeks) for weeks in (20, 19, 18)]
    units = [unit for week in weeks for unit in make_units(HARBOUR, HARBOUR, RIVERSIDE, week=week, is_history=True)]

    assert sizes(units) == [("allegheny", weeks[2].isoformat(), 9)]


def test_the_thin_end_of_history_never_joins_a_week_that_is_not_history():
    history = make_units(*[HARBOUR, RIVERSIDE] * 3, week=MONDAY - timedelta(weeks=9), is_history=True)
    now = make_units(HARBOUR, RIVERSIDE)

    assert sizes(history + now) == [("allegheny", "2026-09-14", 6)]


SITES = [HARBOUR, RIVERSIDE, HIDDEN, ALONE]
UNITS = st.builds(
    Unit,
    sample=st.uuids(),
    family=st.sampled_from(["lab", "strip"]),
    material=st.sampled_from(["product", "residue"]),
    site=st.sampled_from(SITES),
    area=st.sampled_from(sorted(PLACES)),
    since=st.integers(0, 90).map(lambda days: TODAY - timedelta(days=days)),
    week=st.integers(0, 9).map(lambda weeks: MONDAY - timedelta(weeks=weeks)),
    is_history=st.booleans(),
)


@given(st.lists(UNITS, max_size=60, unique_by=lambda unit: unit.sample))
def test_whatever_comes_in_goes_out_once_and_never_fewer_than_five(units):
    batches = plan(units, PLACES, TODAY)

    published = [unit.sample for batch in batches for unit in batch.units]
    assert len(published) == len(set(published))
    for batch in batches:
        assert may_stand([unit.site for unit in batch.units])
        assert {(unit.family, unit.material) for unit in batch.units} == {(batch.family, batch.material)}
        assert all(unit.area in {batch.area, "allegheny", "beaver"} for unit in batch.units)
