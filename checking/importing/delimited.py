"""Text with separated values: its encoding and its separator are found out, unless somebody said."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from ..tables import LONGEST_VALUE, Unusable

ENCODINGS = ("utf-8", "cp1252", "mac_roman", "utf-16")
DELIMITERS = (",", ";", "\t", "|")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PIECE = 1 << 20  # bytes read at a time
_LOOKED_AT = 50  # lines, to tell the separator


@dataclass
class Source:
    """A file of separated values."""

    file: Path
    encoding: str
    delimiter: str
    skips_first: bool = False  # Excel's own "sep=;" line
    remarks: list[str] = field(default_factory=list)
    pads: bool = False  # a short row is a damaged one
    since_1904: bool = False
    sheets: tuple[str, ...] = ()

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """(number of the line it begins on, values). Raises Unusable where it is damaged."""
        before = csv.field_size_limit(LONGEST_VALUE)
        first = 1
        try:
            with self.file.open(newline="", encoding=self.encoding) as text:
                reader = csv.reader(text, delimiter=self.delimiter, strict=True)
                for values in reader:
                    if not (self.skips_first and first == 1):
                        yield first, values
                    first = reader.line_num + 1  # a value in quotes may go over several lines
        except UnicodeDecodeError as error:
            raise Unusable(_("The file is not text in the encoding %(name)s.") % {"name": self.encoding}) from error
        except csv.Error as error:
            raise Unusable(_("The file is not CSV at line %(n)s: %(why)s.") % {"n": first, "why": error}) from error
        finally:
            csv.field_size_limit(before)


def open_text(file: Path, encoding: str, delimiter: str) -> Source:
    """Raises Unusable where the file is no text."""
    remarks: list[str] = []
    found = _marked(file) or encoding
    if not found:
        found = "utf-8" if _is_text(file, "utf-8") else "cp1252"
        if found == "cp1252":
            remarks.append(_("the file is not UTF-8 and was read as Windows-1252: please look at accents"))
    if found not in {"utf-16"} and _holds_nul(file):
        raise Unusable(_("This is no table: neither CSV nor .xlsx."))
    if not _is_text(file, found):
        raise Unusable(_("The file is not text in the encoding %(name)s.") % {"name": found})
    head = _head(file, found)
    told = head[0].strip().casefold() if head else ""
    skips_first = told.startswith("sep=") and len(told) == 5
    if skips_first:
        delimiter = delimiter or told[4]
        head = head[1:]
    return Source(file, found, delimiter or _delimiter(head), skips_first, remarks)


def _marked(file: Path) -> str:
    """The encoding that a byte order mark names; "" where there is none."""
    with file.open("rb") as raw:
        begins = raw.read(4)
    return next((name for mark, name in _MARKS if begins.startswith(mark)), "")


def _is_text(file: Path, encoding: str) -> bool:
    try:
        with file.open(encoding=encoding, newline="") as text:
            while text.read(_PIECE):
                pass
    except (UnicodeError, LookupError):
        return False
    return True


def _holds_nul(file: Path) -> bool:
    with file.open("rb") as raw:
        return b"\0" in raw.read(_PIECE)


def _head(file: Path, encoding: str) -> list[str]:
    with file.open(encoding=encoding, newline="") as text:
        return text.read(_PIECE).splitlines()[:_LOOKED_AT]


def _delimiter(head: list[str]) -> str:
    """The separator by which most rows have as many values as the first; with more of them where several do."""
    best, most = ",", (0, 0)
    for sign in DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(head, delimiter=sign) if row]
        except csv.Error:
            continue
        if not widths or widths[0] < 2:
            continue
        agree = Counter(widths)[widths[0]]
        if (agree, widths[0]) > most:
            best, most = sign, (agree, widths[0])
    return best
