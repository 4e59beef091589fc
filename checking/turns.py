"""From which period on a figure does not compare with what it was before, and why. Reads released rows only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from itertools import pairwise

from .models import ReleasedScope, ReleasedStrip
from .readings import Subject


class What(Enum):
    """What changed."""

    COUNTED = "counted"  # the first time anybody here looked for it
    OPENED = "opened"  # a lab began to look for it
    CLOSED = "closed"  # a lab looks for it no longer
    RESET = "reset"  # a lab looks for it otherwise: one scope ended and another began
    BRAND = "brand"  # most strips are of another brand
    LOT = "lot"  # most strips are of another lot

    @property
    def is_of_scope(self) -> bool:
        return self not in {What.BRAND, What.LOT}


@dataclass(frozen=True)
class Change:
    """Before `period` and from it on the figure does not compare."""

    period: date  # first day
    what: What
    to: str = ""  # the brand, or brand and lot, from then on; empty: several


def changes_of(subject: Subject, family: str, areas: Sequence[str], period_of: Callable[[date], date]) -> list[Change]:
    """All changes told of these areas, in time. `period_of`: the period a Monday falls into."""
    found = {*_scopes(subject, family, areas, period_of)}
    if family == "strip":
        found |= {*_strips(subject, areas, period_of)}
    return sorted(found, key=lambda change: (change.period, change.what.value, change.to))


def _scopes(subject: Subject, family: str, areas: Sequence[str], period_of: Callable[[date], date]) -> list[Change]:
    """A scope covers the members of its class; a compound's does not cover its class."""
    rows = ReleasedScope.objects.using("public").filter(
        area__in=areas, family=family, subject__in={subject.slug, *subject.classes}
    )
    told: dict[date, set[bool]] = {}
    for week, is_opened in rows.values_list("week", "is_opened").distinct():
        told.setdefault(period_of(week), set()).add(is_opened)
    named = {frozenset({True}): What.OPENED, frozenset({False}): What.CLOSED}
    return [Change(period, named.get(frozenset(kinds), What.RESET)) for period, kinds in told.items()]


def _strips(subject: Subject, areas: Sequence[str], period_of: Callable[[date], date]) -> list[Change]:
    found = []
    for rows in strips_of(subject, areas).values():
        for (_, before), (quarter, now) in pairwise(sorted(rows.items())):
            what = What.BRAND if before[0] != now[0] else What.LOT if before[1] != now[1] else None
            if what is not None:
                first_monday = date.fromordinal(quarter.toordinal() - 3 + (3 - quarter.weekday()) % 7)
                found.append(Change(period_of(first_monday), what, " ".join(filter(None, now))))
    return found


def strips_of(subject: Subject, areas: Sequence[str]) -> dict[str, dict[date, tuple[str, str]]]:
    """Of each area by quarter the brand and lot most samples were checked with; empty where there were several."""
    rows = ReleasedStrip.objects.using("public").filter(area__in=areas, subject__in={subject.slug, *subject.classes})
    found: dict[str, dict[date, tuple[str, str]]] = {}
    for area, quarter, brand, lot in rows.values_list("area", "quarter", "brand", "lot"):
        found.setdefault(area, {})[quarter] = (brand, lot)
    return found
