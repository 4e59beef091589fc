"""Periods of days of collection, and how exactly a day may still be said. No Django here.

Unlike in public figures a week is all days of it, and a month or quarter all days of that: samples are counted by
the day they were collected.
"""

import re
from datetime import date, timedelta
from enum import Enum

from .periods import Interval, following, monday, month_of, quarter_of, written

EXACT_FOR = timedelta(days=365)  # then a day becomes its week (docs/analysts.md)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Grain(Enum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


def start_of(day: date, grain: Grain) -> date:
    """First day of the period a day lies in."""
    return {
        Grain.DAY: day,
        Grain.WEEK: monday(day),
        Grain.MONTH: month_of(day),
        Grain.QUARTER: quarter_of(day),
    }[grain]


def next_start(start: date, grain: Grain) -> date:
    return start + timedelta(days=1) if grain is Grain.DAY else following(start, Interval(grain.value))


def said(start: date, grain: Grain) -> str:
    """2026-11-18, 2026-W47, 2026-11 or 2026Q4."""
    return start.isoformat() if grain is Grain.DAY else written(start, Interval(grain.value))


def read_day(text: str) -> date:
    """A day as we write it. Raises ValueError."""
    if not _DAY.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def is_exact(day: date, today: date) -> bool:
    """False where only the week of a day may still be said."""
    return day >= today - EXACT_FOR


def kept_day(day: date, today: date) -> date:
    """The day; once a year has passed, only `vague_day` of it."""
    return day if is_exact(day, today) else vague_day(day)


def vague_day(day: date) -> date:
    """The later of its week's Monday and the first of its month. So weeks, months and quarters stay exact."""
    return max(monday(day), month_of(day))


def day_after_vague(day: date) -> date:
    """The first day that `vague_day` tells from this one."""
    return min(monday(day) + timedelta(days=7), following(month_of(day), Interval.MONTH))
