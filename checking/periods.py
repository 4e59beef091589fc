"""Weeks, months and quarters, as they are written in addresses and figures. No Django here.

A week is the ISO week and belongs to the month and quarter of its Thursday.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_QUARTER = re.compile(r"(\d{4})Q([1-4])")


class Interval(Enum):
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class BadPeriod(ValueError):
    """Not a period as we write them; the message says what was expected."""


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def month_of(day: date) -> date:
    return day.replace(day=1)


def quarter_of(day: date) -> date:
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def belongs_to(week: date, interval: Interval) -> date:
    """First day of the week, month or quarter that a week (given by its Monday) belongs to."""
    thursday = week + timedelta(days=3)
    return {Interval.WEEK: week, Interval.MONTH: month_of(thursday), Interval.QUARTER: quarter_of(thursday)}[interval]


def following(start: date, interval: Interval) -> date:
    """First day of the next period."""
    if interval is Interval.WEEK:
        return start + timedelta(days=7)
    months = start.month - 1 + (1 if interval is Interval.MONTH else 3)
    return date(start.year + months // 12, months % 12 + 1, 1)


def written(start: date, interval: Interval) -> str:
    """2026-W45, 2026-11 or 2026Q4."""
    if interval is Interval.WEEK:
        year, week, _ = start.isocalendar()
        return f"{year}-W{week:02d}"
    if interval is Interval.MONTH:
        return f"{start:%Y-%m}"
    return f"{start.year}Q{(start.month - 1) // 3 + 1}"


@dataclass(frozen=True, slots=True)
class Span:
    """A written period or day: its first and last day, and whether a week in it is told by its Thursday."""

    first: date
    last: date
    is_by_thursday: bool = False

    is_week: bool = False

    def bound(self, of: Callable[[date], date], *, is_last: bool = False) -> date:
        """The month or quarter, by its first day, that this begins in, or with `is_last` ends in."""
        if self.is_week:
            return of(self.first + timedelta(days=3))
        return of(self.last if is_last else self.first)

    def first_week(self) -> date:
        """Monday of the first week that belongs to it."""
        return monday(self.first + timedelta(days=3)) if self.is_by_thursday else monday(self.first)

    def last_week(self) -> date:
        """Monday of the last week that belongs to it."""
        return monday(self.last - timedelta(days=3)) if self.is_by_thursday else monday(self.last)


def read(text: str) -> Span:
    """A period or a day as we write them. Raises BadPeriod."""
    try:
        if found := _WEEK.fullmatch(text):
            start = date.fromisocalendar(int(found[1]), int(found[2]), 1)
            return Span(start, start + timedelta(days=6), is_week=True)
        if found := _QUARTER.fullmatch(text):
            start = date(int(found[1]), 3 * int(found[2]) - 2, 1)
            return Span(start, following(start, Interval.QUARTER) - timedelta(days=1), is_by_thursday=True)
        if found := _MONTH.fullmatch(text):
            start = date(int(found[1]), int(found[2]), 1)
            return Span(start, following(start, Interval.MONTH) - timedelta(days=1), is_by_thursday=True)
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
            return Span(day, day)
    except (ValueError, OverflowError) as error:
        raise BadPeriod(f"{text!r} is not in the calendar") from error
    raise BadPeriod(f"{text!r}: write 2026-W45, 2026-11, 2026Q4 or 2026-11-18")
