"""Whether a result was read while its method was shown to read right (docs/rules.md B1).

Plain values in and out: checks and plans of one method at one lab in, and for a day and a strip lot the
doubts that follow. `checking/quality_rows.py` makes these of rows.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .readings import Doubt

FAILED_BEFORE, FAILED_AFTER, OVERDUE, SECOND_READER = "failed_before", "failed_after", "overdue", "second_reader"


@dataclass(frozen=True, slots=True)
class Check:
    """One check that was not withdrawn."""

    kind: str  # blank, positive_control, background
    has_passed: bool
    on: date
    lot: int | None = None  # of strips; None: any lot, or a method without lots


@dataclass(frozen=True, slots=True)
class Plan:
    """From a day on, how long a passed check holds."""

    kind: str
    every_days: int | None  # None: there is no plan from then on
    since: date


@dataclass(frozen=True, slots=True)
class Standing:
    """How a method stands on a day."""

    is_in_control: bool
    since: date
    doubts: tuple[Doubt, ...]


class ControlLog:
    """The checks and plans of one method at one lab, each in the order they were recorded."""

    def __init__(self, checks: Iterable[Check] = (), plans: Iterable[Plan] = ()) -> None:
        self._checks = tuple(checks)
        self._plans = tuple(plans)
        self._days: dict[tuple[str, int | None, bool], list[tuple[date, bool]]] = {}

    def doubts(self, day: date, lot: int | None = None) -> tuple[Doubt, ...]:
        """What speaks against a result of that day, by strips of that lot. Nothing: it is in valid control.

        Without any check and without a plan nothing is said against it.
        """
        kinds = dict.fromkeys([each.kind for each in self._checks] + [each.kind for each in self._plans])
        return tuple(dict.fromkeys(doubt for kind in kinds for doubt in self._doubts(kind, day, lot)))

    def _doubts(self, kind: str, day: date, lot: int | None) -> Iterator[Doubt]:
        every = self._on_each_day(kind, lot, is_own=False)
        yield from _bracketed(kind, every, day)
        if lot is not None:
            # A passed check of some other strip does not lift what was seen of this lot.
            yield from _bracketed(kind, self._on_each_day(kind, lot, is_own=True), day)
        yield from self._overdue(kind, every, day)

    def _overdue(self, kind: str, every: list[tuple[date, bool]], day: date) -> Iterator[Doubt]:
        days = self._plan(kind, day)
        if days is None:
            return
        before = _before(every, day)
        is_fresh = before is not None and (day - before[0]).days <= days
        if not is_fresh and (before is None or before[1]):  # a failed one has been spoken of
            yield Doubt(OVERDUE, kind, days)

    def _plan(self, kind: str, day: date) -> int | None:
        """The plan of that day: the one that began last, and of several that began together the last recorded."""
        begun = [each for each in reversed(self._plans) if each.kind == kind and each.since <= day]
        return max(begun, key=lambda each: each.since).every_days if begun else None

    def _on_each_day(self, kind: str, lot: int | None, *, is_own: bool) -> list[tuple[date, bool]]:
        """What was last recorded of each day, ascending. `is_own`: of this lot alone, else of no lot named too."""
        key = (kind, lot, is_own)
        if key not in self._days:
            lots = {lot} if is_own else {None, lot}
            last = {each.on: each.has_passed for each in self._checks if each.kind == kind and each.lot in lots}
            self._days[key] = sorted(last.items())
        return self._days[key]

    @property
    def lots(self) -> frozenset[int]:
        """Lots that a check named."""
        return frozenset(check.lot for check in self._checks if check.lot is not None)

    def plans_on(self, day: date) -> dict[str, int]:
        """How many days a passed check of each kind holds, where there is a plan."""
        kinds = dict.fromkeys(plan.kind for plan in self._plans)
        return {kind: days for kind in kinds if (days := self._plan(kind, day)) is not None}

    def standing(self, today: date, lot: int | None = None) -> Standing | None:
        """How it stands today, and since when. None: nothing was ever checked, nor is it planned."""
        doubts = self.doubts(today, lot)
        turns = sorted(day for day in self._turns(lot) if day <= today)
        if not turns:
            return None
        since = turns[-1]
        for day in reversed(turns):
            if bool(self.doubts(day, lot)) != bool(doubts):
                break
            since = day
        return Standing(not doubts, since, doubts)

    def _turns(self, lot: int | None) -> set[date]:
        """Days on which the answer may change."""
        turns = {plan.since for plan in self._plans}
        for check in self._checks:
            if check.lot in {None, lot}:
                turns |= {check.on, check.on + timedelta(days=1)}
                turns |= {
                    check.on + timedelta(days=plan.every_days + 1)
                    for plan in self._plans
                    if plan.kind == check.kind and plan.every_days is not None
                }
        return turns


def _before(days: list[tuple[date, bool]], day: date) -> tuple[date, bool] | None:
    place = bisect_right(days, day, key=lambda each: each[0])
    return days[place - 1] if place else None


def _bracketed(kind: str, days: list[tuple[date, bool]], day: date) -> Iterator[Doubt]:
    """The last check up to that day failed; or the next one did, and nobody knows since when it was wrong."""
    place = bisect_right(days, day, key=lambda each: each[0])
    if place and not days[place - 1][1]:
        yield Doubt(FAILED_BEFORE, kind)
    elif place < len(days) and not days[place][1]:
        yield Doubt(FAILED_AFTER, kind)
