"""Opening hours as a coordinator writes them in a spreadsheet, read and written.

A small part of OpenStreetMap's `opening_hours`, with the ways of writing that leave no doubt:

    Mo-Fr 10:00-16:00; Sa 12:00-15:00; PH off
    Thu-Sat 20:00-02:00            past midnight
    Mon-Fri 10am-12pm, 1pm-4pm     several spans
    24/7; Dec 25 off               each year
    Mo-Fr 09:00-17:00; 2026-12-24 - 2026-12-31 off

What can be read in two ways is refused: a wrong "open now" costs somebody a way for nothing.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

from .opening import ALL_DAY, DAY, Dated, Hours, MonthDay, Spans, Yearly

LONGEST_NIGHT = 16 * 60  # minutes; a span past midnight that is longer is an afternoon hour written short
LATEST_UNPADDED = 7  # "5:00" as a start may mean the afternoon, "9:00" hardly

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY_WORDS = (
    "mo mon monday lu lun lunes", "tu tue tues tuesday martes", "we wed wednesday mi mié mie miércoles miercoles",
    "th thu thur thurs thursday ju jue jueves", "fr fri friday vi vie viernes",
    "sa sat saturday sá sab sáb sábado sabado", "su sun sunday do dom domingo",
)  # fmt: skip
_MONTH_WORDS = (
    "jan january ene enero", "feb february febrero", "mar march marzo", "apr april abr abril", "may mayo",
    "jun june junio", "jul july julio", "aug august ago agosto", "sep sept september septiembre",
    "oct october octubre", "nov november noviembre", "dec december dic diciembre",
)  # fmt: skip
_DAY = {word: number for number, words in enumerate(_DAY_WORDS) for word in words.split()}
_MONTH = {word: number for number, words in enumerate(_MONTH_WORDS, 1) for word in words.split()}
_KINDS = {
    "off": "off", "closed": "off", "cerrado": "off", "ph": "holidays", "holidays": "holidays", "festivos": "holidays",
    "daily": "daily", "to": "dash", "a": "dash", "and": "comma", "y": "comma", "until": "dash", "h": "nothing",
}  # fmt: skip
_TOKEN = re.compile(
    r"""(?P<nothing>\s+)
    |(?P<always>24\s*/\s*7)
    |(?P<date>\d{4}-\d\d-\d\d)
    |(?P<time>\d{1,2}[:.]\d\d(?!\d)(?:\s*[ap]\.?m\b\.?)?|\d{1,2}\s*[ap]\.?m\b\.?)
    |(?P<number>\d{1,2}(?!\d))
    |(?P<dash>[-\u2013\u2014])|(?P<comma>[,&])|(?P<end>;)|(?P<colon>:)
    |(?P<daily>every\s+day|todos\s+los\s+d[ií]as)
    |(?P<holidays>public\s+holidays)
    |(?P<word>[^\W\d_]+)\.?
    |(?P<other>[\d.:]+|\S)""",
    re.VERBOSE | re.IGNORECASE,
)

Why = Literal[
    "unknown", "no_times", "no_end", "half_a_day", "too_long", "no_time_of_day", "no_date", "backwards", "overlap",
    "nothing",
]  # fmt: skip
_ENGLISH: dict[Why, str] = {
    "unknown": "“%(at)s” is not understood here",
    "no_times": "after “%(at)s” come times such as 10:00-16:00, or off",
    "no_end": "“%(at)s” has no end: write it as 10:00-16:00",
    "half_a_day": "“%(at)s” may be morning or afternoon: write it as 09:00-17:00, or with am and pm",
    "too_long": "“%(at)s” would run over midnight for more than 16 hours: write 17:00 for 5 in the afternoon",
    "no_time_of_day": "“%(at)s” is no time of day",
    "no_date": "“%(at)s” is no date",
    "backwards": "“%(at)s” runs backwards",
    "overlap": "“%(at)s” overlaps with the times before it",
    "nothing": "nothing is written",
}


class NotHours(ValueError):
    """What is written cannot be read as opening hours: why, and where."""

    def __init__(self, why: Why, at: str = "") -> None:
        super().__init__(_ENGLISH[why] % {"at": at})
        self.why: Why = why
        self.at = at


class Token(NamedTuple):
    kind: str
    text: str  # folded
    start: int
    end: int


@dataclass
class _Days:
    """What one clause is about. All empty: every day."""

    weekdays: list[int] = field(default_factory=list)
    is_holidays: bool = False
    yearly: list[tuple[MonthDay, MonthDay]] = field(default_factory=list)
    dated: list[tuple[date, date]] = field(default_factory=list)


@lru_cache(maxsize=4096)
def understood(written: str) -> Hours | None:
    """The hours written; None where they are words for people only."""
    try:
        return parse(written)
    except NotHours:
        return None


def parse(written: str) -> Hours:
    """Raises NotHours, which says why and where."""
    tokens = _tokens(written)
    if not tokens:
        raise NotHours("nothing")
    return _Reader(written, tokens).hours()


def _tokens(written: str) -> list[Token]:
    found = []
    for match in _TOKEN.finditer(written):
        kind, text = match.lastgroup or "other", match[0].strip().casefold()
        if kind == "word":
            text = match["word"].casefold()
            kind = _KINDS.get(text) or ("day" if text in _DAY else "month" if text in _MONTH else "other")
        if kind == "other":
            raise NotHours("unknown", match[0])
        if kind != "nothing":
            found.append(Token(kind, text, match.start(), match.end()))
    return found


class _Reader:
    """Goes through the tokens once."""

    def __init__(self, written: str, tokens: Sequence[Token]) -> None:
        self.written = written
        self.tokens = tokens
        self.place = 0
        self.week: list[Spans] = [()] * 7
        self.on_holidays: Spans | None = None
        self.yearly: list[Yearly] = []
        self.dated: list[Dated] = []

    def hours(self) -> Hours:
        if all(token.kind == "end" for token in self.tokens):
            raise NotHours("nothing")
        adds = False
        while self.place < len(self.tokens):
            if self.take("end"):
                adds = False
                continue
            self.clause(adds=adds)
            adds = bool(self.take("comma"))
            if not adds and self.place < len(self.tokens) and not self.sees("end"):
                raise NotHours("unknown", self.next_text())
        return Hours(tuple(self.week), self.on_holidays, tuple(self.yearly), tuple(self.dated))

    def sees(self, *kinds: str, ahead: int = 0) -> bool:
        at = self.place + ahead
        return at < len(self.tokens) and self.tokens[at].kind in kinds

    def take(self, *kinds: str) -> str:
        """The text of the next token where it is of these kinds; else nothing, and it stays."""
        if not self.sees(*kinds):
            return ""
        self.place += 1
        return self.tokens[self.place - 1].text

    def clause(self, *, adds: bool) -> None:
        """Days and their times. What was said of the days before is replaced; after a comma it is added to."""
        start = self.place
        if self.take("always"):
            self.week = [ALL_DAY] * 7
            return
        days = self.days()
        self.take("colon")
        spans = () if self.take("off") else self.spans(self.text_from(start))
        if days.is_holidays:
            self.on_holidays = spans
        self.yearly += [Yearly(first, last, spans) for first, last in days.yearly]
        self.dated += [Dated(first, last, spans) for first, last in days.dated]
        is_every_day = days == _Days()
        for day in range(7) if is_every_day else days.weekdays:
            self.week[day] = _joined(self.week[day], spans, self.text_from(start)) if adds else spans

    def text_from(self, start: int) -> str:
        """What was read since, as it was written."""
        if start == self.place:
            return self.next_text()
        return self.written[self.tokens[start].start : self.tokens[self.place - 1].end].strip()[:60]

    def next_text(self) -> str:
        token = self.tokens[min(self.place, len(self.tokens) - 1)]
        return self.written[token.start : token.end].strip()

    def days(self) -> _Days:
        found = _Days()
        while self.sees("day", "daily", "holidays", "date", "month"):
            self.one_of_days(found)
            if not (self.sees("comma") and self.sees("day", "holidays", "date", "month", ahead=1)):
                break
            self.take("comma")
        return found

    def one_of_days(self, found: _Days) -> None:
        if self.take("daily"):
            found.weekdays += range(7)
        elif self.take("holidays"):
            found.is_holidays = True
        elif day := self.take("day"):
            first = last = _DAY[day]
            if self.sees("dash") and self.sees("day", ahead=1):
                self.take("dash")
                last = _DAY[self.take("day")]
            found.weekdays += [(first + number) % 7 for number in range((last - first) % 7 + 1)]
        elif written := self.take("date"):
            found.dated.append(self.dates(written))
        else:
            found.yearly.append(self.days_of_the_year())

    def dates(self, written: str) -> tuple[date, date]:
        last = written
        if self.sees("dash") and self.sees("date", ahead=1):
            self.take("dash")
            last = self.take("date")
        first_day, last_day = _date(written), _date(last)
        if last_day < first_day:
            raise NotHours("backwards", f"{written} - {last}")
        return first_day, last_day

    def days_of_the_year(self) -> tuple[MonthDay, MonthDay]:
        month = self.take("month")
        first = _month_day(month, self.take("number"))
        if not self.sees("dash"):
            return first, first
        self.take("dash")
        month = self.take("month") or month
        last = _month_day(month, self.take("number"))
        return first, last

    def spans(self, about: str) -> Spans:
        found: Spans = ()
        if not self.sees("time", "number"):
            raise NotHours("no_times", about)
        while True:
            start = self.take("time", "number")
            if not self.take("dash") or not self.sees("time", "number"):
                raise NotHours("no_end", start)
            end = self.take("time", "number")
            found = _joined(found, (_span(start, end),), f"{start}-{end}")
            if not (self.sees("comma") and self.sees("time", "number", ahead=1)):
                return found
            self.take("comma")


def _joined(before: Spans, more: Spans, at: str) -> Spans:
    joined = tuple(sorted((*before, *more)))
    if any(later[0] < earlier[1] for earlier, later in itertools.pairwise(joined)):
        raise NotHours("overlap", at)
    return joined


def _span(start: str, end: str) -> tuple[int, int]:
    at = f"{start}-{end}"
    if _has_half(start) != _has_half(end):
        raise NotHours("half_a_day", at)
    if not _has_half(start) and not _is_plain(start, end):
        raise NotHours("half_a_day", at)
    first, last = _minutes(start), _minutes(end)
    if first in (last, DAY):
        raise NotHours("no_time_of_day" if first == DAY else "no_end", at)
    if last < first:
        last += DAY
        if last - first > LONGEST_NIGHT:
            raise NotHours("too_long", at)
    return first, last


def _has_half(time: str) -> bool:
    return time.endswith(("m", "."))


def _is_plain(start: str, end: str) -> bool:
    """True where the two can only be of a clock of 24 hours."""
    if any(int(_hour(time)) > 12 or _hour(time).startswith("0") for time in (start, end)):
        return True
    if start.isdigit() or end.isdigit():
        return False
    return len(_hour(start)) == 2 or int(_hour(start)) >= LATEST_UNPADDED


def _hour(time: str) -> str:
    return re.split(r"\D", time, maxsplit=1)[0]


def _minutes(time: str) -> int:
    found = re.match(r"(\d+)(?:[:.](\d\d))?\s*([ap])?", time)
    assert found is not None  # held by the token
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half:
        if not 1 <= hour <= 12:
            raise NotHours("no_time_of_day", time)
        hour = hour % 12 + (12 if half == "p" else 0)
    if minute > 59 or hour * 60 + minute > DAY:
        raise NotHours("no_time_of_day", time)
    return hour * 60 + minute


def _date(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise NotHours("no_date", written) from None


def _month_day(month: str, day: str) -> MonthDay:
    try:
        found = date(2024, _MONTH[month], int(day or 0))  # a leap year: the 29th of February is a day
    except ValueError:
        raise NotHours("no_date", f"{month} {day}".strip()) from None
    return found.month, found.day


def write(hours: Hours) -> str:
    """The one way of writing these hours; `parse` reads it back as the same."""
    clauses = [f"{days} {_written(spans)}" for days, spans in _by_days(hours.week)]
    if all(spans == ALL_DAY for spans in hours.week):
        clauses = ["24/7"]
    if hours.on_holidays is not None:
        clauses.append(f"PH {_written(hours.on_holidays)}")
    for each in hours.yearly:
        ends = dict.fromkeys(f"{MONTHS[month - 1]} {day:02}" for month, day in (each.first, each.last))
        clauses.append(f"{'-'.join(ends)} {_written(each.spans)}")
    for dated in hours.dated:
        ends = dict.fromkeys(day.isoformat() for day in (dated.first, dated.last))
        clauses.append(f"{' - '.join(ends)} {_written(dated.spans)}")
    return "; ".join(clauses) or "off"


def _by_days(week: Sequence[Spans]) -> list[tuple[str, Spans]]:
    """Days that are open alike, written together, in the order in which the week has them."""
    found = []
    for spans in dict.fromkeys(spans for spans in week if spans):
        named = [
            DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}"
            for first, last in runs_of([day for day in range(7) if week[day] == spans])
        ]
        found.append((",".join(named), spans))
    return found


def runs_of(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each unbroken run of ascending numbers."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def _written(spans: Spans) -> str:
    return ",".join(f"{clock(start)}-{clock(end)}" for start, end in spans) or "off"


def clock(minutes: int) -> str:
    """As the clock on the wall shows it; the end of a day is 24:00."""
    if minutes > DAY:
        minutes -= DAY
    return f"{minutes // 60:02}:{minutes % 60:02}"
