"""What is told of a quarter once it is over: what came together in products, and how much."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from checking import amount_figures, pairs
from checking.models import (
    Area,
    Finding,
    Release,
    ReleaseCorrection,
    ReleasedAmount,
    ReleasedExpected,
    ReleasedPair,
    Sample,
    Withdrawal,
)
from checking.release import make_release
from tests.release_rows import TODAY, make_many, make_network, make_result, make_sample, named
from tests.test_release import SIX, cell

pytestmark = pytest.mark.django_db

AFTER = date(2027, 1, 4)
AREA = "us-pa-allegheny"
FENTANYL_XYLAZINE = {"fentanyl", "xylazine"}


@pytest.fixture(autouse=True)
def _network(db) -> None:
    make_network()


def make_supply() -> list[Sample]:
    """Of 36: fifteen fentanyl with xylazine, nine fentanyl, twelve cocaine."""
    both = make_many((SIX * 3)[:15], "fentanyl", "xylazine")
    alone = make_many((SIX * 2)[1:10], "fentanyl")
    return both + alone + make_many(SIX * 2, "cocaine")


def told(**where: object) -> dict[frozenset[str], tuple[int, ...]]:
    rows = ReleasedPair.objects.filter(superseded_in__isnull=True, **where)
    return {
        frozenset({row.one, row.other}): (row.tested, row.with_one, row.with_other, row.both_low, row.both_high)
        for row in rows
    }


# What came together


def test_what_came_together_is_told_when_the_quarter_is_over():
    make_supply()

    make_release(TODAY)
    assert told() == {}

    make_release(AFTER)
    # All 15 with xylazine had fentanyl: 11 to 15 had, for all anybody can tell.
    assert told()[frozenset(FENTANYL_XYLAZINE)] == (36, 24, 15, 11, 15)
    assert told()[frozenset({"cocaine", "fentanyl"})] == (36, 12, 24, 0, 4)
    assert ReleasedPair.objects.values_list("period_start", flat=True).distinct().get() == date(2026, 10, 1)


def test_pairs_are_of_substances_and_not_of_their_classes():
    """Opioids with xylazine less fentanyl with xylazine would be the few with another opioid."""
    make_supply()
    make_release(TODAY)
    make_release(AFTER)

    assert {slug for pair in told() for slug in pair} == {"cocaine", "fentanyl", "xylazine"}


def test_nineteen_products_are_too_few():
    make_many((SIX * 4)[:19], "fentanyl", "xylazine")
    make_release(TODAY)
    make_release(AFTER)

    assert told() == {}
    assert cell("fentanyl") == (19, 19)


def test_residue_is_in_no_pair():
    make_many(SIX * 4, "fentanyl", "xylazine", material="residue")
    make_release(TODAY)
    make_release(AFTER)

    assert told() == {}


def test_pairs_are_told_once():
    make_supply()
    make_release(TODAY)
    make_release(AFTER)
    make_many(SIX * 4, "fentanyl", "xylazine")
    make_release(date(2027, 1, 11))

    assert set(ReleasedPair.objects.values_list("batch", "version")) == {(2, 1)}


def test_where_four_others_were_tested_for_one_of_them_only_nothing_is_told_of_it():
    """All weeks less those in the pairs would be the four."""
    make_supply()
    make_many(SIX[1:5], "fentanyl", result={"method": "hplc-uv"})

    make_release(TODAY)
    make_release(AFTER)

    assert cell("fentanyl") == (40, 28)
    assert frozenset(FENTANYL_XYLAZINE) not in told()


def test_where_six_others_were_it_is_told():
    make_supply()
    make_many(SIX, "fentanyl", result={"method": "hplc-uv"})

    make_release(TODAY)
    make_release(AFTER)

    assert told()[frozenset(FENTANYL_XYLAZINE)] == (36, 24, 15, 11, 15)


def test_everyone_reads_a_quarter_and_its_sum_over_areas():
    make_supply()
    make_release(TODAY)
    make_release(AFTER)

    found = pairs.together("us-pa", subject="xylazine")

    assert (found.quarter, found.areas, found.release) == (date(2026, 10, 1), (AREA,), 2)
    [best] = [pair for pair in found.pairs if pair.partner("xylazine").slug == "fentanyl"]
    assert (best.tested, best.both_low, best.both_high) == (36, 11, 15)
    assert pairs.quarters(AREA) == [date(2026, 10, 1)]
    assert pairs.together("us-va").quarter is None


def test_five_samples_that_leave_take_the_pairs_back_and_put_nothing_in_their_place():
    """What two versions differed by would be how those five were put together."""
    samples = make_supply()
    make_release(TODAY)
    make_release(AFTER)
    for sample in samples[1:6]:
        Withdrawal.objects.create(result=sample.results.get(), reason="mixed up", recorded_at=timezone.now())

    release = make_release(date(2027, 1, 5))

    assert told() == {}
    assert set(ReleasedPair.objects.values_list("version", flat=True)) == {1}
    assert ReleaseCorrection.objects.filter(release=release, series="pairs").count() == 1


def test_one_sample_found_later_to_hold_a_watched_substance_changes_no_pair():
    samples = make_supply()
    make_release(TODAY)
    make_release(AFTER)
    before = told()
    make_result(samples[-1], "xylazine")

    make_release(date(2027, 1, 5))

    assert cell("xylazine") == (36, 16)
    assert told() == before


def test_a_community_that_takes_its_yes_back_is_told_of_no_more():
    make_supply()
    Area.objects.filter(slug=AREA).update(governed_by="The community's council")
    make_release(TODAY)
    assert cell("fentanyl") == (36, 24)
    Area.objects.filter(slug=AREA).update(is_release=False)

    make_release(AFTER)

    assert told() == {}
    assert not ReleasedExpected.objects.exists()
    assert cell("fentanyl", series="final") is None


# How much


def make_mdma(number: int, first: int, **said: object) -> list[Sample]:
    """Samples of MDMA hydrochloride in whole tablets, in rising amounts."""
    samples = [make_sample(site) for site in (SIX * 4)[:number]]
    for place, sample in enumerate(samples):
        measure(sample, first + place, **said)
    return samples


def measure(sample: Sample, value: int, *, result: dict[str, object] | None = None, **said: object) -> None:
    amount = {"amount_kind": "mg_per_unit", "basis": "salt:hydrochloride", "portion": "whole", **said}
    made = make_result(sample, outcome="detected", **{"method": "lc-ms", **(result or {})})
    Finding.objects.create(result=made, value=Decimal(value), **named("mdma"), **amount)


def amounts() -> list[tuple[object, ...]]:
    rows = ReleasedAmount.objects.filter(superseded_in__isnull=True).order_by("subject", "basis")
    return [(row.subject, row.basis, row.measured, row.lower, row.median, row.upper, row.over) for row in rows]


def test_how_much_there_was_is_told_by_basis_when_the_quarter_is_over():
    make_mdma(24, 101)
    make_mdma(24, 151, basis="unknown")
    make_mdma(18, 151, basis="base")  # eighteen are too few
    make_mdma(24, 40, amount_kind="percent_ftir")  # no amount
    make_mdma(24, 190, result={"method": "gc-ms"})  # tells what is there, and not how much

    make_release(TODAY)
    assert amounts() == []

    make_release(AFTER)
    assert amounts() == [
        ("mdma", "salt:hydrochloride", 24, 110, 110, 120, "120:0-4 200:0-4"),
        ("mdma", "unknown", 24, 160, 160, 170, ""),
    ]


def test_amounts_of_parts_and_of_whole_units_are_told_apart():
    make_mdma(24, 101)
    make_mdma(24, 51, portion="part")
    make_release(TODAY)
    make_release(AFTER)

    found = amount_figures.amounts(AREA, subject="mdma").spreads

    assert [(each.portion, each.median, len(each.over)) for each in found] == [("part", 62, 0), ("whole", 110, 2)]
    assert (found[1].over[0].above, found[1].over[0].low, found[1].over[0].high) == (120, 0, 4)
    assert amount_figures.areas_with_amounts() == [AREA]
    assert amount_figures.amounts("us-pa").quarter is None, "quartiles of areas cannot be added up"


def test_of_two_results_of_one_sample_the_last_counts_and_once():
    samples = make_mdma(24, 101)
    for sample in samples:
        measure(sample, 180, result={"method": "qnmr", "performed_on": TODAY})
    make_release(TODAY)
    make_release(AFTER)

    assert amounts() == [("mdma", "salt:hydrochloride", 24, 180, 180, 180, "120:20-24 200:0-4")]


def test_one_amount_put_right_shows_nowhere_and_five_do():
    samples = make_mdma(24, 101)
    make_release(TODAY)
    make_release(AFTER)
    before = amounts()
    put_right(samples[:1])
    assert make_release(date(2027, 1, 5)) is None
    assert amounts() == before

    put_right(samples[1:12])
    make_release(date(2027, 1, 6))

    assert amounts() == [("mdma", "salt:hydrochloride", 24, 120, 190, 250, "120:16-16 200:12-12")]
    assert set(ReleaseCorrection.objects.values_list("series", flat=True)) == {"amounts"}
    assert Release.objects.count() == 3


def put_right(samples: list[Sample]) -> None:
    for sample in samples:
        measure(sample, 250, result={"corrects": sample.results.get(), "correction_reason": "in milligrams"})
