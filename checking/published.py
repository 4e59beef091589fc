"""Which figures there are: where, of what, since when. Reads released rows only.

The tables of figures grow with every week, area and substance, so nothing here goes through them: each
question is a handful of steps down an index for each area. What one release answered holds until the next.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import product
from typing import Any

from django.db import connections
from django.db.models import Exists, Min, OuterRef, QuerySet, Subquery

from .models import Area, Method, ReleasedExpected, ReleasedShare, Sample, SubstanceClass
from .models.released import Versioned

# Area, series, family, material.
Kind = tuple[str, str, str, str]
FAMILIES = (Method.Family.LAB, Method.Family.SPECTROSCOPY, Method.Family.STRIP)  # reagents make no denominator


@dataclass(frozen=True)
class Published:
    """What a release left to ask for."""

    first: Mapping[Kind, date]  # the period of the first figure

    @property
    def areas(self) -> frozenset[str]:
        return frozenset(area for area, *_ in self.first)


@lru_cache(maxsize=2)
def published(release: int) -> Published:
    """All areas with figures of each kind, found once a release."""
    kinds = list(product(ReleasedShare.Series.values, FAMILIES, Sample.Material.values))
    firsts = {
        f"first_{place}": _first_of_area(ReleasedShare.objects.filter(series=series, family=family, material=material))
        for place, (series, family, material) in enumerate(kinds)
    }
    rows = Area.objects.using("public").annotate(**firsts).values_list("slug", *firsts)
    return Published(
        {
            (area, *map(str, kind)): first
            for area, *found in rows
            for kind, first in zip(kinds, found, strict=True)
            if first is not None
        }
    )


def began(shares: "QuerySet[Any]", areas: Sequence[str]) -> date | None:
    """The first period of figures of one subject and kind in any of these areas. None where there is none."""
    rows = Area.objects.using("public").filter(slug__in=areas).annotate(first=_first_of_area(shares))
    found: date | None = rows.aggregate(day=Min("first"))["day"]
    return found


def _first_of_area(shares: "QuerySet[Any]") -> Subquery:
    return Subquery(shares.filter(area=OuterRef("slug")).order_by("period_start").values("period_start")[:1])


def quarters(table: type[Versioned], family: str, areas: Collection[str]) -> list[date]:
    """First days of the quarters of which anything is told in any of these areas, newest first.

    A step down an index for each quarter, however much is told of it.
    """
    if not areas:
        return []
    next_one = (
        f"SELECT period_start FROM {table._meta.db_table} WHERE family = %s AND superseded_in_id IS NULL "  # noqa: S608
        f"AND area IN ({', '.join(['%s'] * len(areas))}) AND period_start > {{}} ORDER BY period_start LIMIT 1"
    )
    told = [family, *areas]
    with connections["public"].cursor() as cursor:
        cursor.execute(  # names of ours
            f"WITH RECURSIVE told(quarter) AS (SELECT * FROM ({next_one.format('%s')}) AS oldest "  # noqa: S608
            f"UNION ALL SELECT ({next_one.format('told.quarter')}) FROM told WHERE told.quarter IS NOT NULL) "
            "SELECT quarter FROM told WHERE quarter IS NOT NULL",
            [*told, connections["public"].ops.adapt_datefield_value(date.min), *told],
        )
        # SQLite knows no days, only how they are written.
        days = [day if isinstance(day, date) else date.fromisoformat(day) for (day,) in cursor.fetchall()]
    return sorted(days, reverse=True)


def classes_expected(subject: str, family: str, areas: Collection[str]) -> list[str]:
    """Slugs of the classes of expectation with figures for this subject in any of these areas."""
    figures = ReleasedExpected.objects.filter(
        expected=OuterRef("slug"), subject=subject, family=family, area__in=list(areas)
    )
    return _classes(Exists(figures))


def classes_with_figures(classes: Collection[str], family: str, material: str, areas: Collection[str]) -> list[str]:
    """Which of these classes have figures of their own in any of these areas."""
    figures = ReleasedShare.objects.filter(
        series__in=ReleasedShare.Series.values, subject=OuterRef("slug"), family=family, material=material,
        area__in=list(areas),
    )  # fmt: skip
    return _classes(Exists(figures), slug__in=list(classes))


def _classes(has_figures: Exists, **of: Any) -> list[str]:
    rows = SubstanceClass.objects.using("public").filter(has_figures, **of)
    return list(rows.order_by("slug").values_list("slug", flat=True))


def forget() -> None:
    """Look anew next time: the tables hold something else by now, though the release is called the same."""
    published.cache_clear()
