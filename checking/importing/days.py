"""Dates as sites write them. Which order day and month stand in is said by a person, never guessed."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.translation import gettext as _

from ..folding import fold

EXCEL_EPOCH = date(1899, 12, 30)  # day 0 from March 1900 on: Excel has a 29 February 1900 that never was
EXCEL_EPOCH_1904 = date(1904, 1, 1)

ISO = "YYYY-MM-DD"
SERIAL = "Excel serial"
FORMATS = (
    ISO, "DD/MM/YYYY", "MM/DD/YYYY", "DD/MM/YY", "MM/DD/YY", "DD Mon YYYY", "DD Mon YY", "Mon DD YYYY", "YYYYMMDD",
    SERIAL,
)  # fmt: skip
SWAPPED = {
    "DD/MM/YYYY": "MM/DD/YYYY",
    "MM/DD/YYYY": "DD/MM/YYYY",
    "DD/MM/YY": "MM/DD/YY",
    "MM/DD/YY": "DD/MM/YY",
}
# English and Spanish, by their first three letters but for those that differ in more.
MONTHS = {
    "jan": 1, "ene": 1, "feb": 2, "mar": 3, "apr": 4, "abr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "ago": 8,
    "sep": 9, "set": 9, "oct": 10, "nov": 11, "dec": 12, "dic": 12,
}  # fmt: skip

# A time after the day is read over: the hour a sample came in is not kept.
_TIME = re.compile(r"[T ]+\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s*([ap]\.?\s?m\.?)?\s*(Z|[+-]\d{2}:?\d{2})?$", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_THREE = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d+)")
_DAY_WORD = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/. ]*(?:de )?([^\W\d_]+)\.?[-/., ]*(?:de )?(\d+)")
_WORD_DAY = re.compile(r"([^\W\d_]+)\.?[-/. ]*(\d{1,2})(?:st|nd|rd|th)?[-/., ]+(\d+)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMBER = re.compile(r"\d{1,6}(?:[.,]\d+)?")


def read_day(text: str, written: str, *, since_1904: bool = False) -> date:
    """One date in one format. `2024-03-19` is read in every format, because it is nothing else.

    Two digits of a year are of this century. Raises ValueError with what was expected.
    """
    text = _TIME.sub("", text.strip()).strip()
    if found := _ISO.fullmatch(text):
        return _date(found[1], found[2], found[3])
    reader = _READERS[written]
    if written == SERIAL:
        return _serial(text, since_1904=since_1904)
    return reader(text)


def _slashes(text: str, *, day_first: bool, digits: int) -> date:
    found = _THREE.fullmatch(text)
    if not found:
        raise ValueError(_hint(text))
    first, second, year = found.groups()
    day, month = (first, second) if day_first else (second, first)
    return _date(_year(year, digits), month, day)


def _worded(text: str, *, pattern: re.Pattern[str], digits: int) -> date:
    found = pattern.fullmatch(text)
    if not found:
        raise ValueError(_hint(text))
    first, second, year = found.groups()
    day, word = (first, second) if first.isdigit() else (second, first)
    month = MONTHS.get(fold(word)[:3])
    if month is None:
        raise ValueError(_("“%(word)s” is no month") % {"word": word})
    return _date(_year(year, digits), month, day)


def _compact(text: str) -> date:
    found = _COMPACT.fullmatch(text)
    if not found:
        raise ValueError(_hint(text))
    return _date(found[1], found[2], found[3])


def _serial(text: str, *, since_1904: bool) -> date:
    if not _NUMBER.fullmatch(text):
        raise ValueError("")
    days = int(re.split("[.,]", text)[0])
    return (EXCEL_EPOCH_1904 if since_1904 else EXCEL_EPOCH) + timedelta(days=days)


def _year(written: str, digits: int) -> int:
    if len(written) != digits:
        if len(written) == 2:
            raise ValueError(_("the year has two digits, and four are expected"))
        raise ValueError(_("the year has %(n)s digits, and %(expected)s are expected") % {
            "n": len(written), "expected": digits,
        })  # fmt: skip
    return int(written) + (2000 if digits == 2 else 0)


def _date(year: int | str, month: int | str, day: int | str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise ValueError(_("there is no such day")) from error


def _hint(text: str) -> str:
    """A number alone is most often a date that a spreadsheet lost the look of."""
    if not re.fullmatch(r"\d{5}(?:[.,]\d+)?", text):
        return ""
    return _("perhaps a spreadsheet's number for %(day)s") % {"day": _serial(text, since_1904=False)}


_READERS: dict[str, Callable[[str], date]] = {
    ISO: lambda text: _not_iso(text),
    "DD/MM/YYYY": lambda text: _slashes(text, day_first=True, digits=4),
    "MM/DD/YYYY": lambda text: _slashes(text, day_first=False, digits=4),
    "DD/MM/YY": lambda text: _slashes(text, day_first=True, digits=2),
    "MM/DD/YY": lambda text: _slashes(text, day_first=False, digits=2),
    "DD Mon YYYY": lambda text: _worded(text, pattern=_DAY_WORD, digits=4),
    "DD Mon YY": lambda text: _worded(text, pattern=_DAY_WORD, digits=2),
    "Mon DD YYYY": lambda text: _worded(text, pattern=_WORD_DAY, digits=4),
    "YYYYMMDD": _compact,
    SERIAL: lambda text: _serial(text, since_1904=False),
}


def _not_iso(text: str) -> date:
    raise ValueError(_hint(text))


@dataclass
class Days:
    """The dates of one column, read one by one, and what they tell of their format together."""

    written: str
    since_1904: bool = False
    _either: int = 0  # read with day and month the other way round, each is another day
    _only_this: int = 0
    _only_swapped: list[str] = field(default_factory=list)

    def read(self, text: str) -> date:
        """Raises ValueError with a reason for people."""
        try:
            day = read_day(text, self.written, since_1904=self.since_1904)
        except ValueError as error:
            raise ValueError(self._why(text, str(error))) from error
        if self.written in SWAPPED and not _ISO.match(text.strip()):
            other = self._swapped(text)
            self._either += other not in {None, day}
            self._only_this += other is None
        return day

    def _why(self, text: str, hint: str) -> str:
        other = self._swapped(text) if self.written in SWAPPED else None
        if other is not None:
            self._only_swapped.append(text)
            hint = _("it would be %(day)s as %(format)s") % {"day": other, "format": SWAPPED[self.written]}
        said = _("“%(text)s” is no date as %(format)s") % {"text": text[:40], "format": self.written}
        return f"{said}: {hint}" if hint else said

    def _swapped(self, text: str) -> date | None:
        try:
            return read_day(text, SWAPPED[self.written])
        except ValueError:
            return None

    def remarks(self) -> list[str]:
        """What a person should look at before the dates are believed."""
        if self._only_swapped and self._only_this:
            return [
                _("the dates stand in both orders, day first and month first: %(n)s rows that can be read either way "
                  "may be wrong") % {"n": self._either}
            ]  # fmt: skip
        if self._only_swapped:
            return [
                _("%(n)s dates are none as %(format)s, but would be as %(other)s: is that their format?")
                % {"n": len(self._only_swapped), "format": self.written, "other": SWAPPED[self.written]}
            ]
        if self._either and not self._only_this:
            return [
                _("no date shows whether day or month stands first; they are read as %(format)s: please check")
                % {"format": self.written}
            ]
        return []


def fitting(texts: list[str]) -> list[str]:
    """The formats in which every one of these can be read: shown to the person who chooses."""
    asked = [text for text in texts if text]
    found = []
    for written in FORMATS:
        try:
            for text in asked:
                read_day(text, written)
        except (ValueError, OverflowError):
            continue
        found.append(written)
    return found if asked else []
