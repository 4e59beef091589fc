"""What was found together in the products of a quarter: the questions everyone may ask. Reads released rows only."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from . import area_tree, catalogue, published
from .models import Release, ReleaseCorrection, ReleasedPair
from .readings import Subject


@dataclass(frozen=True)
class Pair:
    """Two substances among products that were all tested for both."""

    one: Subject
    other: Subject
    tested: int
    with_one: int
    with_other: int
    both_low: int  # found together in so many at least, and so many at most: where the number itself
    both_high: int  # would point at a few samples, only a range of five is told

    def partner(self, slug: str) -> Subject:
        return self.other if self.one.slug == slug else self.one


@dataclass(frozen=True)
class Together:
    """A quarter of one area and family, with all that has to stand beside it."""

    area: str
    family: str
    quarter: date | None  # its first day; None: nothing was told yet
    release: int  # the last there is; 0: none
    made_on: date | None
    areas: tuple[str, ...] = ()  # release areas that were added up: they never overlap
    pairs: tuple[Pair, ...] = ()  # those found together most often first
    is_corrected: bool = False


def quarters(area: str, *, family: str = "lab") -> list[date]:
    """First days of the quarters with pairs for an area and what lies within it, newest first."""
    return published.quarters(ReleasedPair, family, area_tree.current().within(area))


def together(area: str, *, family: str = "lab", quarter: date | None = None, subject: str = "") -> Together:
    """The pairs of a quarter, the newest where none is given; with `subject`, those it is one of."""
    release = Release.objects.using("public").order_by("-number").first()
    number, made_on = (release.number, release.made_on) if release else (0, None)
    if quarter is None:
        quarter = next(iter(quarters(area, family=family)), None)
    if quarter is None:
        return Together(area, family, None, number, made_on)
    rows = _rows(area, family).filter(period_start=quarter)
    if subject:
        rows = rows.filter(Q(one=subject) | Q(other=subject))
    corrected = ReleaseCorrection.objects.using("public").filter(
        series="pairs", area__in=_within(area), family=family, period_start=quarter
    )
    areas = tuple(sorted(set(rows.values_list("area", flat=True))))
    return Together(area, family, quarter, number, made_on, areas, _summed(rows), corrected.exists())


def _summed(rows: "QuerySet[ReleasedPair]") -> tuple[Pair, ...]:
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * len(_NUMBERS))
    for one, other, *numbers in rows.values_list("one", "other", *_NUMBERS):
        sums[one, other] = [before + more for before, more in zip(sums[one, other], numbers, strict=True)]
    known = catalogue.current().subjects
    pairs = [
        Pair(known[one], known[other], *numbers)
        for (one, other), numbers in sums.items()
        if one in known and other in known
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.both_high, -pair.both_low, pair.one.slug, pair.other.slug)))


_NUMBERS = ("tested", "with_one", "with_other", "both_low", "both_high")


def _rows(area: str, family: str) -> "QuerySet[Any]":
    return ReleasedPair.objects.using("public").filter(
        area__in=_within(area), family=family, superseded_in__isnull=True
    )


def _within(area: str) -> list[str]:
    return list(area_tree.current().within(area))
