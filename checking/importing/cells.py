"""Values out of the rows of one sample: found by the mapping, put into our words, refused with a reason."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from .mapping import From
from .meanings import BY_FIELD, CHOICES, said
from .opening import MISSING, Line
from .quantities import read_number
from .unc_words import COLOUR
from .workbooks import NO_VALUE

if TYPE_CHECKING:
    from .table_reader import TableReader

ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
_UNITS = (" mg", "mg", " ml", "ml", " mL", "mL")


class Faults:
    """Why rows cannot go in: by line, each reason with its column."""

    def __init__(self) -> None:
        self.by_line: dict[int, list[str]] = {}

    def __bool__(self) -> bool:
        return bool(self.by_line)

    def add(self, line: int, column: str, why: str) -> None:
        reasons = self.by_line.setdefault(line, [])
        reason = f"{column}: {why}" if column else why
        if reason not in reasons:
            reasons.append(reason)


class Cells:
    """The rows of one sample, asked by field. What is asked of all rows has to be the same in all that say it."""

    def __init__(
        self, reader: "TableReader", lines: Sequence[Line], faults: Faults, remarks: list[tuple[int, str]]
    ) -> None:
        self._reader = reader
        self._lines = lines
        self.faults = faults
        self.remarks = remarks

    def text(self, line: Line, source: From | None) -> str:
        """One cell, or the one word for all rows, without spaces around. A spreadsheet's error is a fault."""
        if source is None:
            return ""
        if source.column is None:
            return source.constant or ""
        place = self._reader.places[source.column]
        assert place is not None  # asked of the header before any row was read
        written = line.cells[place].strip()
        if written == NO_VALUE:
            self.faults.add(line.number, source.column, _("is a formula that was saved without its value"))
        elif written == MISSING:
            self.faults.add(line.number, source.column, _("was not in the row, which was too short"))
        elif written.upper() in ERRORS:
            self.faults.add(line.number, source.column, _("is a spreadsheet's error, %(text)s") % {"text": written})
        else:
            return written
        return ""

    def translated(self, path: str, text: str) -> str:
        """The text in the mapping's own words; as it is where it has none for it."""
        return self._reader.words.get(path, {}).get(said(text), text) if text else ""

    def one(
        self, path: str, source: From | None, lines: Sequence[Line] | None = None, *, translates: bool = True
    ) -> tuple[int, str]:
        """(line, text) of what the rows say together: the first that says anything. Another word is a fault."""
        rows = self._lines if lines is None else lines
        found, at = "", rows[0].number
        for line in rows:
            text = self.text(line, source)
            if text and not found:
                found, at = text, line.number
            elif text and said(text) != said(found):
                assert source is not None  # it said something
                why = _("is “%(text)s”, and “%(other)s” at line %(n)s, which is of the same sample or result") % {
                    "text": text[:40], "other": found[:40], "n": at,
                }  # fmt: skip
                self.faults.add(line.number, source.column or path, why)
        return at, self.translated(path, found) if translates else found

    def day(self, path: str, source: From | None, lines: Sequence[Line] | None = None) -> date | None:
        line, text = self.one(path, source, lines)
        if not text or source is None:
            return None
        try:
            days = self._reader.days.get(path)
            return days.read(text) if days is not None else date.fromisoformat(text)
        except (ValueError, OverflowError) as error:
            self.faults.add(line, source.column or path, str(error))
            return None

    def one_of(self, path: str, source: From | None, name: str, lines: Sequence[Line] | None = None) -> str:
        """One of the words a field takes (`meanings.CHOICES`); "" where nothing is said."""
        line, text = self.one(path, source, lines)
        return self._meaning(path, source, name, line, text)

    def several_of(self, path: str, source: From | None, name: str) -> list[str]:
        """As one_of, for a cell that may hold several words."""
        line, text = self.one(path, source, translates=False)
        if source is None or not text:
            return []
        signs = source.separators
        pieces = "".join("\0" if sign in signs else sign for sign in text).split("\0") if signs else [text]
        words = [self.translated(path, piece.strip()) for piece in pieces if piece.strip()]
        return [meaning for word in words if (meaning := self._meaning(path, source, name, line, word))]

    def _meaning(self, path: str, source: From | None, name: str, line: int, text: str) -> str:
        if not text or source is None:
            return ""
        meaning = BY_FIELD[name].get(said(text))
        if meaning is None and name == "colours" and COLOUR.fullmatch(text.casefold()):
            return text.casefold()
        if meaning is None:
            self._reader.unknown[path, text] += 1
            why = _("“%(text)s” is none of %(words)s") % {"text": text[:40], "words": ", ".join(CHOICES[name])}
            self.faults.add(line, source.column or path, why)
        return meaning or ""

    def number(self, path: str, source: From | None, lines: Sequence[Line]) -> float | None:
        """A mass or a volume, with or without its unit."""
        line, text = self.one(path, source, lines)
        if not text or source is None:
            return None
        bare = next((text.removesuffix(unit) for unit in _UNITS if text.endswith(unit)), text)
        try:
            return float(read_number(bare, self._reader.mapping.decimal or None))
        except ValueError as error:
            self.faults.add(line, source.column or path, str(error))
            return None
