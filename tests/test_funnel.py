"""How far sites differ by chance: held to another program's binomial distribution and to limits worked out by hand."""

import pytest
from scipy.stats import binom

from checking.funnel import INNER, OUTER, limits, pooled


def as_published(tested: int, share: float, probability: float) -> float:
    """The limit as Appendix A.1.1 of Spiegelhalter (2005) has it, by scipy's distribution."""
    r = binom.ppf(probability, tested, share)
    here, before = binom.cdf(r, tested, share), binom.cdf(r - 1, tested, share)
    return float((r - (here - probability) / (here - before)) / tested)


@pytest.mark.parametrize("tested", [1, 7, 40, 263, 5000])
@pytest.mark.parametrize("share", [0.01, 0.23, 0.5, 0.97])
def test_limits_are_those_of_the_source(tested, share):
    for inside in (INNER, OUTER):
        tail = (1 - inside) / 2
        low, high = limits(tested, share, inside)
        published = [as_published(tested, share, probability) for probability in (tail, 1 - tail)]
        assert (low, high) == pytest.approx([min(max(limit, 0), 1) for limit in published], abs=1e-7)


def test_a_limit_is_worked_out_by_hand():
    # Of 2 tested at one half: none, one or both are found with probability 1/4, 1/2, 1/4. Half lies inside the middle
    # quarters: the lower limit is where 1/4 lies below, r = 0 less (1/4 - 1/4) / (1/4) = 0; the upper where 3/4 does.
    assert limits(2, 0.5, 0.5) == pytest.approx((0.0, 0.5))


def test_of_many_the_limits_come_near_two_standard_deviations():
    low, high = limits(10_000, 0.3, INNER)

    deviation = (0.3 * 0.7 / 10_000) ** 0.5
    assert (low, high) == pytest.approx((0.3 - 1.96 * deviation, 0.3 + 1.96 * deviation), abs=2e-4)


def test_the_outer_limits_hold_the_inner_ones():
    inner, outer = limits(50, 0.2, INNER), limits(50, 0.2, OUTER)

    assert outer.low < inner.low < 0.2 < inner.high < outer.high


def test_where_all_or_none_was_found_there_is_no_chance_to_differ():
    assert limits(9, 0.0, INNER) == (0.0, 0.0)
    assert limits(9, 1.0, INNER) == (1.0, 1.0)


@pytest.mark.parametrize("wrong", [(0, 0.5, 0.95), (5, 1.5, 0.95), (5, 0.5, 1.0)])
def test_limits_of_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match="limits of"):
        limits(*wrong)


def test_all_sites_together_weigh_by_how_many_they_tested():
    assert pooled([(1, 10), (9, 10), (0, 80)]) == 0.1
    assert pooled([]) == 0.0
