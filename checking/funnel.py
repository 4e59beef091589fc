"""How far shares of sites differ by chance alone. No Django here.

Sites are never put in an order: a list of them by share mostly lists how few samples each had. A funnel says which
differ by more than chance. Limits by the binomial distribution about the pooled share, exact but for steps, which are
smoothed as in Appendix A.1.1 of D. J. Spiegelhalter, Statistics in Medicine 24 (2005), 1185-1202
(doi 10.1002/sim.1970).
"""

from collections.abc import Iterable
from math import exp, lgamma, log, log1p
from typing import NamedTuple

INNER, OUTER = 0.95, 0.998  # two and about three standard deviations, as the source has them


class Limits(NamedTuple):
    """Both ends are proportions, 0 to 1."""

    low: float
    high: float


def limits(tested: int, share: float, inside: float) -> Limits:
    """Between which shares this many samples fall with probability `inside`, where `share` is the true one.

    Raises ValueError where nothing was tested, or a probability is none.
    """
    if tested < 1 or not 0 <= share <= 1 or not 0 < inside < 1:
        raise ValueError(f"limits of {tested} tested at a share of {share}, {inside} inside")
    if share in {0.0, 1.0}:
        return Limits(share, share)
    tail = (1 - inside) / 2
    low, high = (_quantile(tested, share, probability) / tested for probability in (tail, 1 - tail))
    return Limits(min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0))


def pooled(counts: Iterable[tuple[int, int]]) -> float:
    """Share of all detected in all tested; 0 where nothing was tested."""
    many = list(counts)
    detected, tested = sum(one for one, _ in many), sum(of for _, of in many)
    return detected / tested if tested else 0.0


def _quantile(tested: int, share: float, probability: float) -> float:
    """How many detections, smoothed: r less the part of its probability that lies beyond."""
    below = 0.0
    for detected in range(tested + 1):
        here = _probability(detected, tested, share)
        if below + here >= probability or detected == tested:
            return detected - (below + here - probability) / here
        below += here
    raise AssertionError("unreachable")


def _probability(detected: int, tested: int, share: float) -> float:
    """Of exactly so many detections."""
    ways = lgamma(tested + 1) - lgamma(detected + 1) - lgamma(tested - detected + 1)
    return exp(ways + detected * log(share) + (tested - detected) * log1p(-share))
