"""Pairs and amounts told so that nobody's sample can be read, against linear programs that try."""

import random
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.attacking.compositions import exactly, pinned
from checking.batches import Collector
from checking.guidance import AmountLimit
from checking.readings import Amount
from checking.spreads import Measured, Stratum, significant, spreads_of, stratum_of
from checking.tallies import Tally
from checking.together import Together, in_range, pairs_of

ABC = ("fentanyl", "medetomidine", "xylazine")
HARBOUR, RIVERSIDE = Collector("harbour"), Collector("riverside")


def tallies(*founds: tuple[str, int]) -> list[Tally]:
    """So many samples with these of "fmx" in them."""
    slugs = dict(zip("fmx", ABC, strict=True))
    kinds = [(Tally(frozenset(ABC), frozenset(slugs[letter] for letter in found)), many) for found, many in founds]
    return [tally for tally, many in kinds for _ in range(many)]


def both(pairs: Iterable[Together]) -> dict[tuple[str, str], tuple[int, int]]:
    return {(pair.one, pair.other): (pair.both_low, pair.both_high) for pair in pairs}


# Pairs


def test_what_is_found_together_is_told_with_what_it_is_out_of():
    [pair] = pairs_of(tallies(("fx", 15), ("f", 10), ("x", 10), ("", 10)), ["fentanyl", "xylazine"])

    assert pair == ("fentanyl", "xylazine", 45, 25, 25, 15, 15)


def test_one_sample_without_it_is_told_as_a_range_that_holds_none_and_four():
    for without in range(5):
        samples = tallies(("fx", 30 - without), ("x", without), ("f", 20 + without), ("", 20))

        assert both(pairs_of(samples, ABC))["fentanyl", "xylazine"] == (26, 30)


def test_one_sample_with_both_is_told_as_a_range_too():
    for together in range(5):
        samples = tallies(("fx", together), ("f", 15 - together), ("x", 15 - together), ("", 30))

        assert both(pairs_of(samples, ABC))["fentanyl", "xylazine"] == (0, 4)


def test_what_was_found_in_four_is_in_no_pair():
    assert pairs_of(tallies(("fx", 4), ("f", 26), ("", 30)), ABC) == []


def test_a_range_that_two_other_pairs_would_narrow_is_left_out():
    """Twelve and twelve of twenty with fentanyl: four at least hold all three, and "0 to 4" would pin them."""
    samples = tallies(("fmx", 4), ("fm", 8), ("fx", 8), ("m", 8), ("x", 8), ("", 20))

    told = both(pairs_of(samples, ABC))

    assert told == {("fentanyl", "medetomidine"): (12, 12), ("fentanyl", "xylazine"): (12, 12)}


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_every_number_told_as_a_range_shares_it_with_four_others_at_least(number, least, width):
    least, most = least, least + width
    number = min(max(number, least), most)
    low, high = in_range(number, least, most)

    assert low <= number <= high
    assert all(in_range(each, least, most) == (low, high) for each in range(low, high + 1))
    assert low == high or (low, high) == (least, most) or high - low == 4
    if low == high and width:
        assert least + 5 <= number <= most - 5


def made_up(seed: int) -> list[Tally]:
    """Samples of three to four kinds, as a supply has them: what is in them comes and goes together."""
    chance = random.Random(seed)
    slugs = [f"s{number}" for number in range(4)]
    kinds = [frozenset(slug for slug in slugs if chance.random() < 0.5) for _ in range(chance.randint(2, 5))]
    weights = [chance.random() ** 2 for _ in kinds]
    found = (
        frozenset(slug for slug in slugs if (slug in kind) != (chance.random() < 0.04))
        for kind in chance.choices(kinds, weights, k=chance.randint(20, 60))
    )
    return [Tally(frozenset(slugs), each) for each in found]


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_no_mixture_of_one_to_four_samples_follows_from_the_pairs(start):
    for seed in range(start, start + 20):
        samples = made_up(seed)
        assert pinned(pairs_of(samples, sorted(samples[0].tested))) == [], seed


def test_exact_numbers_of_all_pairs_would_pin_some():
    """Else the linear program shows nothing."""
    found = 0
    for seed in range(60):
        samples = made_up(seed)
        found += bool(pinned(exactly([each.found for each in samples], samples[0].tested)))

    assert found >= 20


# Amounts


MDMA = Stratum("mdma", "mg_per_unit", "salt:hydrochloride", "whole")
LIMITS = tuple(
    AmountLimit("mdma", "mg_per_unit", Decimal(above), "salt:hydrochloride", "caution") for above in (120, 200)
)


def measured(*values: int, sites: Sequence[Collector] = (HARBOUR, RIVERSIDE)) -> list[Measured]:
    return [Measured(Decimal(value), sites[place % len(sites)]) for place, value in enumerate(values)]


def test_quartiles_are_those_of_a_textbook():
    """R 4.3, quantile(seq(101, 121), type = 7): 106 111 116, and to two figures 110 110 120."""
    [spread] = spreads_of({MDMA: measured(*range(101, 122))}, ())

    assert (spread.measured, spread.lower, spread.median, spread.upper) == (21, 110, 110, 120)


def test_nineteen_are_too_few():
    assert spreads_of({MDMA: measured(*range(101, 120))}, ()) == []


def test_those_of_one_site_are_its_own():
    assert spreads_of({MDMA: measured(*range(101, 141), sites=[HARBOUR])}, ()) == []


def test_one_sample_over_a_limit_is_told_as_none_to_four():
    told = {
        over: spreads_of({MDMA: measured(*[210] * over, *[150] * (24 - over))}, LIMITS)[0].over for over in range(6)
    }

    assert {told[over] for over in range(5)} == {"120:20-24 200:0-4"}
    assert told[5] == "120:20-24 200:5-5"


def test_limits_of_another_basis_or_of_whole_units_are_not_asked_of_others():
    for other in (MDMA._replace(basis="base"), MDMA._replace(basis="unknown"), MDMA._replace(portion="part")):
        assert spreads_of({other: measured(*range(180, 220))}, LIMITS)[0].over == ""


def test_the_least_and_the_most_are_not_told():
    [usual], [odd] = (spreads_of({MDMA: measured(last, *range(120, 160))}, ()) for last in (119, 1))

    assert usual == odd


@pytest.mark.parametrize(
    ("amount", "stratum"),
    [
        (Amount("percent_ftir", value=Decimal(40)), None),
        (Amount("relative", rank="trace"), None),
        (Amount("percent_w_w", low=Decimal(3), basis="base"), None),
        (Amount("percent_w_w", value=Decimal(3), basis="base", portion="whole"), ("percent_w_w", "base", "")),
        (Amount("percent_w_w", low=Decimal(3), high=Decimal(5)), ("percent_w_w", "unknown", "")),
        (Amount("ug_per_unit", value=Decimal(90), basis="base", portion="part"), ("ug_per_unit", "base", "part")),
    ],
)
def test_an_amount_stands_only_with_those_in_its_unit_on_its_basis(amount, stratum):
    found = stratum_of("mdma", amount)

    assert (found and found[1:]) == stratum


@pytest.mark.parametrize(
    ("value", "shown"), [("187.3", 190), ("99.6", 100), ("0.0452", "0.045"), ("4.449", "4.4"), ("0", 0)]
)
def test_two_figures_are_kept(value, shown):
    assert significant(Decimal(value)) == Decimal(shown)


def test_every_combination_of_strata_is_apart():
    strata = [Stratum("mdma", *rest) for rest in product(("mg_per_unit",), ("base", "unknown"), ("whole", "part", ""))]
    told = spreads_of({stratum: measured(*range(100, 130)) for stratum in strata}, ())

    assert len(told) == len(strata)
