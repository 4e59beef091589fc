"""How much was in a number of samples, told so that none of them can be read. Plain values in and out.

The median and the quartiles of twenty samples or more, to two significant figures; neither the least
nor the most, which are one sample's. Amounts on different bases, of different units, of whole and of
part of a unit are never put together (docs/rules.md A6): 200 mg of MDMA base are 238 mg of its
hydrochloride.
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from .amounts import middle
from .batches import Collector, may_stand
from .floors import TOGETHER
from .guidance import AmountLimit
from .readings import Amount
from .together import in_range

# FTIR per cents, ratios and ranks are no amounts (docs/rules.md A6).
KINDS = ("percent_w_w", "mg_per_g", "mg_per_unit", "ug_per_unit")
PER_UNIT = ("mg_per_unit", "ug_per_unit")


class Stratum(NamedTuple):
    """Amounts that may be put together."""

    subject: str  # slug of a substance
    kind: str
    basis: str
    portion: str  # of amounts per unit: whole, part, or not said; else nothing


class Measured(NamedTuple):
    """What was measured in one sample."""

    value: Decimal
    site: Collector


class Spread(NamedTuple):
    subject: str
    kind: str
    basis: str
    portion: str
    measured: int
    lower: Decimal
    median: Decimal
    upper: Decimal
    over: str  # "120:0-4 200:0-4": limit, and of how many at least and at most it was passed


def stratum_of(subject: str, amount: Amount) -> Stratum | None:
    """Where an amount belongs. None for what is none, or is known to one side only."""
    if amount.kind not in KINDS or (amount.value is None and None in {amount.low, amount.high}):
        return None
    return Stratum(subject, amount.kind, amount.basis, amount.portion if amount.kind in PER_UNIT else "")


def value_of(amount: Amount) -> Decimal:
    value = middle(amount)
    assert value is not None  # `stratum_of` gave it a place
    return value


def spreads_of(measured: Mapping[Stratum, Iterable[Measured]], limits: Sequence[AmountLimit]) -> list[Spread]:
    """A row for each stratum of twenty samples or more that hide every site."""
    found = []
    for stratum, many in sorted(measured.items()):
        samples = list(many)
        if len(samples) < TOGETHER or not may_stand([each.site for each in samples]):
            continue
        values = [each.value for each in samples]
        quartiles = statistics.quantiles(values, n=4, method="inclusive")
        lower, median, upper = (significant(each) for each in quartiles)
        found.append(Spread(*stratum, len(values), lower, median, upper, _over(stratum, values, limits)))
    return found


def _over(stratum: Stratum, values: Sequence[Decimal], limits: Sequence[AmountLimit]) -> str:
    """How many passed each published limit in the same unit, on the same basis; of units, only of whole ones."""
    if stratum.kind in PER_UNIT and stratum.portion != "whole":
        return ""
    meant: dict[Decimal, tuple[int, int]] = {}
    for limit in limits:
        if (limit.slug, limit.kind, limit.basis) == (stratum.subject, stratum.kind, stratum.basis):
            meant[limit.above] = in_range(sum(value > limit.above for value in values), 0, len(values))
    return " ".join(f"{above.normalize():f}:{low}-{high}" for above, (low, high) in sorted(meant.items()))


def significant(value: Decimal, figures: int = 2) -> Decimal:
    """Rounded to so many figures: a measurement's third is rarely sound, and could be told from others."""
    return value if value == 0 else round(value, figures - 1 - value.adjusted())
