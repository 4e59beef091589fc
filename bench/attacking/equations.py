"""What published sums say of what was brought to each site on each day, as rows of a linear program.

The attacker knows every answer after every release, the doors of all sites, and the rule itself: a
release takes all that waits in an area; what waits longer goes to the area above; no site brings
80 % of it. An unknown is how many samples of one kind came to one site on one day and were published
in one batch; those tested and those in which the substance was found are asked for side by side.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from typing import NamedTuple

from checking.floors import DOMINANT, FEWEST
from checking.periods import Interval, belongs_to, monday, month_of

from .population import NARROW, Doors, days

WIDE = "wide"


class Told(NamedTuple):
    """One figure that changed from one release to the next, by as much."""

    on: date  # of the release
    table: str  # latest, final, expected or pairs
    area: str
    start: date
    expected: str  # a class in the expected table; WIDE in that of pairs where not all were tested for what it tells of
    tested: int
    detected: int


class Unknown(NamedTuple):
    site: str
    day: date
    expected: str
    batch: tuple[str, date]  # area, day of release


class Row(NamedTuple):
    """The sum of some unknowns lies between two numbers."""

    over: tuple[Unknown, ...]
    low: float
    high: float


@dataclass
class Equations:
    tested: list[Row] = field(default_factory=list)
    detected: list[Row] = field(default_factory=list)


def from_releases(
    batches: Iterable[Told], told: Iterable[Told], doors: Doors, first: date, kinds: Mapping[str, frozenset[str]]
) -> Equations:
    """`batches`: what was told of a substance everything is tested for; `told`: of the one asked about.

    `kinds`: what can be brought, each with its classes.
    """
    model = _Model(doors, first, kinds)
    found = Equations()
    detected = {each[:5]: each.detected for each in told}
    # The deepest area first: what it takes no longer goes to the one above on that day.
    for each in sorted(batches, key=lambda each: (each.on, _ORDER[each.table], not model.is_leaf(each.area))):
        over = model.unknowns_of(each)
        found.tested.append(Row(over, each.tested, each.tested))
        if each.table == "latest":
            found.tested += _no_site_dominates(over, each.tested)
        if each[:5] in detected:
            found.detected.append(Row(over, detected[each[:5]], detected[each[:5]]))
    return found


class _Model:
    """Which samples can be in which sum, by the rule of releases and the doors of sites."""

    def __init__(self, doors: Doors, first: date, kinds: Mapping[str, frozenset[str]]) -> None:
        self._doors, self._first, self._kinds = doors, first, kinds
        self._batches: dict[tuple[str, date], tuple[Unknown, ...]] = {}
        self._in_final: dict[str, set[tuple[tuple[str, date], date]]] = defaultdict(set)  # by area: batch and month
        self._taken_until: dict[str, date] = {}  # by site: the next day nothing was taken of yet

    def is_leaf(self, area: str) -> bool:
        return area in self._doors.areas.values()

    def unknowns_of(self, told: Told) -> tuple[Unknown, ...]:
        if told.table == "latest":
            return self._batch(told.area, told.on)
        if told.table == "final":
            new = {b for b in self._batches if b[0] == told.area and (b, told.start) not in self._in_final[told.area]}
            self._in_final[told.area] |= {(batch, told.start) for batch in new}
            return tuple(u for batch in sorted(new) for u in self._batches[batch] if month_of(u.day) == told.start)
        return tuple(
            unknown
            for batch, unknowns in self._batches.items()
            if batch[0] == told.area and belongs_to(monday(batch[1]), Interval.QUARTER) == told.start
            for unknown in unknowns
            if self._is_meant(told, unknown)
        )

    def _is_meant(self, told: Told, unknown: Unknown) -> bool:
        if told.table == "pairs":
            return told.expected != WIDE or unknown.expected != NARROW
        return told.expected in self._kinds[unknown.expected]

    def _batch(self, area: str, on: date) -> tuple[Unknown, ...]:
        sites = self._doors.within(area)
        over = []
        for site in sites:
            since = self._taken_until.get(site, self._first)
            for day in days(since, (on - since).days + 1):
                if self._doors.is_open(site, day):
                    over += [Unknown(site, day, kind, (area, on)) for kind in self._kinds]
        if self.is_leaf(area):
            self._taken_until |= dict.fromkeys(sites, on + timedelta(days=1))
        self._batches[area, on] = tuple(over)
        return tuple(over)


_ORDER = {"latest": 0, "final": 1, "expected": 2, "pairs": 3}


def _no_site_dominates(over: Iterable[Unknown], tested: int) -> Iterable[Row]:
    by_site: dict[str, list[Unknown]] = defaultdict(list)
    for unknown in over:
        by_site[unknown.site].append(unknown)
    return [Row(tuple(unknowns), 0, ceil(DOMINANT * tested) - 1) for unknowns in by_site.values()]


def from_naive(daily: Iterable[tuple[date, str, int, int]], doors: Doors) -> Equations:
    """The view we do not have: counts of the year to date by area, told anew each day, under five as "<5".

    `daily` has day, area, tested and detected, of the year to date. Each is set against the day before.
    """
    found = Equations()
    before: dict[tuple[str, str], tuple[float, float]] = {}
    for day, area, *numbers in daily:
        over = tuple(Unknown(site, day, "", (area, day)) for site in doors.within(area) if doors.is_open(site, day))
        for name, rows, number in zip(("tested", "detected"), (found.tested, found.detected), numbers, strict=True):
            low, high = (number, number) if number == 0 or number >= FEWEST else (1, FEWEST - 1)
            low_before, high_before = before.get((name, area), (0, 0))
            before[name, area] = low, high
            if over:
                rows.append(Row(over, max(0, low - high_before), high - low_before))
    return found
