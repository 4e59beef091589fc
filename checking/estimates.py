"""A number with its uncertainty. Plain values in and out."""

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

# Fewer tested than this and a per cent promises more than it holds (docs/rules.md E1, as the CDC
# separates reliability, 20, from privacy).
PERCENT_FROM = 20


class Interval(NamedTuple):
    """Both ends are proportions, 0 to 1."""

    low: float
    high: float


def share_interval(detected: int, tested: int, confidence: float = 0.95) -> Interval:
    """Wilson score interval for the share of tested samples with a detection.

    Both ends are proportions in [0, 1]. With nothing tested the interval is [0, 1]: we know
    nothing. Samples are taken as independent draws, which repeat visits by one person break.
    Raises ValueError when `detected` is not within `tested`, or `confidence` not within (0, 1).

    Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927), 209-212.
    """
    if not 0 <= detected <= tested:
        raise ValueError(f"{detected} detected of {tested} tested")
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence of {confidence}")
    if tested == 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = detected / tested
    middle = share + z * z / (2 * tested)
    reach = z * sqrt(share * (1 - share) / tested + z * z / (4 * tested * tested))
    width = 1 + z * z / tested
    # At the very ends the formula gives 0 and 1 but for rounding.
    low = 0.0 if detected == 0 else (middle - reach) / width
    high = 1.0 if detected == tested else (middle + reach) / width
    return Interval(low, high)


def share(detected: int, tested: int) -> float | None:
    """The share of tested samples with a detection, 0 to 1. None where too few were tested for one."""
    return detected / tested if tested >= PERCENT_FROM else None


def share_words(detected: int, tested: int) -> str:
    """A share as people read it: "23 %" from 20 tested on, else "3 of 12"."""
    found = share(detected, tested)
    return f"{detected} of {tested}" if found is None else f"{found:.0%}".replace("%", "\u00a0%")


class Counted:
    """What follows from two counts, for whatever holds them."""

    tested: int
    detected: int

    @property
    def share(self) -> float | None:
        """0 to 1; None where too few were tested for a per cent."""
        return share(self.detected, self.tested)

    @property
    def low(self) -> float:
        return share_interval(self.detected, self.tested).low

    @property
    def high(self) -> float:
        return share_interval(self.detected, self.tested).high
