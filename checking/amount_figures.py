"""How much was in the products of a quarter: the questions everyone may ask. Reads released rows only.

Quartiles cannot be added up: they are told of the area they were published for, never of one above it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from . import catalogue, published
from .models import Area, Release, ReleaseCorrection, ReleasedAmount
from .readings import Subject


@dataclass(frozen=True)
class Over:
    """Of those measured, how many passed a published limit. A range where the number would point at a few."""

    above: Decimal  # in the unit, and on the basis, of the amounts
    low: int
    high: int


@dataclass(frozen=True)
class Spread:
    """Amounts of one substance in one unit, on one basis, in whole units or in parts of them."""

    subject: Subject
    kind: str
    unit: str
    basis: str  # base, salt:<name>, unknown
    portion: str  # whole, part; nothing: not said, or no amount per unit
    measured: int
    lower: Decimal  # quartiles, to two significant figures
    median: Decimal
    upper: Decimal
    over: tuple[Over, ...] = ()


@dataclass(frozen=True)
class Amounts:
    """A quarter of one area and family, with all that has to stand beside it."""

    area: str
    family: str
    quarter: date | None  # its first day; None: nothing was told yet
    release: int  # the last there is; 0: none
    made_on: date | None
    spreads: tuple[Spread, ...] = ()
    is_corrected: bool = False


def units() -> dict[str, str]:
    """How each unit is written."""
    return {
        "percent_w_w": _("% by mass"),
        "mg_per_g": _("mg per g"),
        "mg_per_unit": _("mg per unit"),
        "ug_per_unit": _("µg per unit"),
    }


def quarters(area: str, *, family: str = "lab") -> list[date]:
    """First days of the quarters with amounts for an area, newest first."""
    return published.quarters(ReleasedAmount, family, [area])


def areas_with_amounts(*, family: str = "lab") -> list[str]:
    told = _rows(family).filter(area=OuterRef("slug"))
    return list(Area.objects.using("public").filter(Exists(told)).order_by("slug").values_list("slug", flat=True))


def amounts(area: str, *, family: str = "lab", quarter: date | None = None, subject: str = "") -> Amounts:
    """The amounts of a quarter, the newest where none is given; with `subject`, of that substance.

    Where history was brought in later, a quarter was told twice, of different samples: of the more.
    """
    release = Release.objects.using("public").order_by("-number").first()
    number, made_on = (release.number, release.made_on) if release else (0, None)
    if quarter is None:
        quarter = next(iter(quarters(area, family=family)), None)
    if quarter is None:
        return Amounts(area, family, None, number, made_on)
    rows = _rows(family).filter(area=area, period_start=quarter)
    if subject:
        rows = rows.filter(subject=subject)
    known, shown = catalogue.current().subjects, units()
    spreads: dict[tuple[str, str, str, str], Spread] = {}
    for row in rows.order_by("measured", "batch"):
        if row.subject in known:
            spreads[row.subject, row.kind, row.basis, row.portion] = _spread(row, known[row.subject], shown)
    corrected = ReleaseCorrection.objects.using("public").filter(
        series="amounts", area=area, family=family, period_start=quarter
    )
    told = sorted(spreads.values(), key=lambda each: (each.subject.name, each.kind, each.basis, each.portion))
    return Amounts(area, family, quarter, number, made_on, tuple(told), corrected.exists())


def _spread(row: ReleasedAmount, subject: Subject, shown: dict[str, str]) -> Spread:
    return Spread(
        subject=subject,
        kind=row.kind,
        unit=shown[row.kind],
        basis=row.basis,
        portion=row.portion,
        measured=row.measured,
        lower=row.lower,
        median=row.median,
        upper=row.upper,
        over=tuple(_over(each) for each in row.over.split()),
    )


def _over(written: str) -> Over:
    above, told = written.split(":")
    low, high = told.split("-")
    return Over(Decimal(above), int(low), int(high))


def _rows(family: str) -> "QuerySet[Any]":
    return ReleasedAmount.objects.using("public").filter(family=family, superseded_in__isnull=True)
