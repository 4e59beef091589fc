"""When a service is open, decided from its hours. Plain values: `opening_notation` reads and writes them.

Hours are of the clock on the wall where the service is. A span belongs to the day on which it opens, so
a day that is closed closes what would open on it, and not what opened the evening before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60  # minutes
HORIZON = 400  # days looked ahead for the next change: a year of being closed, and a little
LONG = timedelta(days=8)  # open without a break for so long: no end is in sight

Spans = tuple[tuple[int, int], ...]  # minutes after midnight; an end above DAY is on the next day
MonthDay = tuple[int, int]
ALL_DAY: Spans = ((0, DAY),)


@dataclass(frozen=True, slots=True)
class Yearly:
    """Days of every year, both ends included; `first` after `last` runs over the new year."""

    first: MonthDay
    last: MonthDay
    spans: Spans

    def holds(self, day: date) -> bool:
        now = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= now <= self.last
        return now >= self.first or now <= self.last


@dataclass(frozen=True, slots=True)
class Dated:
    """Days of one year, both ends included."""

    first: date
    last: date
    spans: Spans

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Hours:
    """Spans by weekday, Monday first, and what differs. Dated comes before yearly, yearly before holidays."""

    week: tuple[Spans, ...]
    on_holidays: Spans | None = None  # None: as on any other day
    yearly: tuple[Yearly, ...] = ()
    dated: tuple[Dated, ...] = ()

    @property
    def is_always(self) -> bool:
        plain = self.on_holidays is None and not self.yearly and not self.dated
        return plain and all(spans == ALL_DAY for spans in self.week)

    def exception(self, day: date) -> Spans | None:
        """What a date of its own says of this day. Of several the one written last; None where none does."""
        dates: list[Dated | Yearly] = [*reversed(self.dated), *reversed(self.yearly)]
        for each in dates:
            if each.holds(day):
                return each.spans
        return None

    def on(self, day: date, *, is_holiday: bool) -> Spans:
        own = self.exception(day)
        if own is not None:
            return own
        if is_holiday and self.on_holidays is not None:
            return self.on_holidays
        return self.week[day.weekday()]


@dataclass(frozen=True, slots=True)
class Holidays:
    """Public holidays of a place, and the years of which they are known."""

    days: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()

    def has(self, day: date) -> bool | None:
        """None where nobody has told us the holidays of that year."""
        return day in self.days if day.year in self.years else None


NO_HOLIDAYS_KNOWN = Holidays()


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a service is open at an instant."""

    is_open: bool | None = None  # None: nobody can tell
    changes_at: datetime | None = None  # when it closes or opens next, on its own clock; None: no change in sight
    unless_holiday: bool = False  # so it is on usual days, and we do not know whether this is one

    @property
    def open_now(self) -> bool | None:
        """True or False where that is sure."""
        return None if self.unless_holiday else self.is_open


UNKNOWN = Standing()


def standing(
    hours: Hours | None, zone: ZoneInfo | None, now: datetime, holidays: Holidays = NO_HOLIDAYS_KNOWN
) -> Standing:
    """Open or closed at `now`, and until when. Without a time zone only what never closes can be told."""
    if hours is None:
        return UNKNOWN
    if hours.is_always:
        return Standing(is_open=True)
    if zone is None:
        return UNKNOWN
    usual = _standing(hours, zone, now, holidays, if_unknown=False)
    today = now.astimezone(zone).date()
    if any(_rests_on_unknown(hours, day, holidays) for day in (today - timedelta(days=1), today)):
        held = _standing(hours, zone, now, holidays, if_unknown=True)
        if usual.is_open != held.is_open or (usual.is_open and usual.changes_at != held.changes_at):
            return Standing(usual.is_open, usual.changes_at, unless_holiday=True)
    return usual


def _rests_on_unknown(hours: Hours, day: date, holidays: Holidays) -> bool:
    return hours.on_holidays is not None and holidays.has(day) is None and hours.exception(day) is None


def _standing(hours: Hours, zone: ZoneInfo, now: datetime, holidays: Holidays, *, if_unknown: bool) -> Standing:
    for start, end in _runs(hours, zone, now, holidays, if_unknown=if_unknown):
        if end is not None and end <= now:
            continue
        if start <= now:
            return Standing(is_open=True, changes_at=end and end.astimezone(zone))
        return Standing(is_open=False, changes_at=start.astimezone(zone))
    return Standing(is_open=False)


def _runs(
    hours: Hours, zone: ZoneInfo, now: datetime, holidays: Holidays, *, if_unknown: bool
) -> Iterator[tuple[datetime, datetime | None]]:
    """Times of being open, joined where one begins as another ends. An end of None is not in sight."""
    first = now.astimezone(zone).date() - timedelta(days=1)
    run: tuple[datetime, datetime] | None = None
    for day in (first + timedelta(days=number) for number in range(HORIZON)):
        known = holidays.has(day)
        for span in hours.on(day, is_holiday=if_unknown if known is None else known):
            start, end = (_instant(day, minutes, zone) for minutes in span)
            if run is not None and start <= run[1]:
                run = (run[0], max(run[1], end))
                continue
            if run is not None:
                yield run
            run = (start, end) if start < end else None  # an hour the clocks skip is no time at all
        if run is not None and run[1] - max(run[0], now) > LONG:
            yield run[0], None
            return
    if run is not None:
        yield run


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """In UTC. Of an hour that comes twice, as clocks go back, the first is meant."""
    on_the_wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return on_the_wall.replace(tzinfo=zone).astimezone(UTC)
