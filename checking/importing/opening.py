"""Tables as sites send them, CSV or Excel, told apart by what is in them and read row by row.

Nothing is executed: formulas are read as the values they had. What could not be read as what it says
it is, or would grow without bound, is refused whole.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from ..tables import Unusable
from . import delimited, workbooks
from .escaping import plain_again

MOST_COLUMNS = 500
MOST_ROWS = 1_000_000
ROW, REASON = "row", "reason"  # what a file of rejected rows has beside its own columns
MISSING = "#MISSING!"  # there: a cell that a short row did not have

_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # OLE: .xls, and any Excel file with a password
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a person says a table is laid out; None and "" where it is found out."""

    sheet: str = ""  # Excel; "": the first
    header_row: int = 1
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""  # sign before decimals, also of numbers that a workbook holds


@dataclass(frozen=True, slots=True)
class Line:
    """One row below the header, as it came. `fault` says why it does not fit the header; "" where it does."""

    number: int  # as an editor or a spreadsheet counts
    cells: tuple[str, ...]
    fault: str = ""


@dataclass
class Table:
    """An open table. `rows` may be read more than once."""

    header: tuple[str, ...]  # as it came, without columns of ours
    names: tuple[str, ...]  # one for each column, each once
    rows: Callable[[], Iterator[Line]]
    delimiter: str = ","
    since_1904: bool = False  # what day 0 is for a workbook's numbers
    sheets: tuple[str, ...] = ()
    remarks: list[str] = field(default_factory=list)

    def place(self, name: str) -> int | None:
        """Where a column stands; case and spaces around do not matter. None where there is none."""
        wanted = name.strip().casefold()
        return next((place for place, each in enumerate(self.names) if each.casefold() == wanted), None)


def open_table(file: Path, layout: Layout | None = None, *, used: Sequence[str] = ()) -> Table:
    """A table ready to be read. Raises Unusable where it is none, or none we open.

    `used` are the columns a mapping reads: a column of that name is never taken for one of ours.
    """
    layout = layout or Layout()
    try:
        with file.open("rb") as raw:
            begins = raw.read(8)
    except OSError as error:
        raise Unusable(_("The file cannot be read: %(why)s.") % {"why": error.strerror}) from error
    if begins.startswith(_OLD_EXCEL):
        said = _("This is an old Excel file (.xls), or one with a password. Save it as .xlsx without one, or as CSV.")
        raise Unusable(said)
    if begins.startswith(_ZIP):
        source: delimited.Source | workbooks.Source = workbooks.open_sheet(file, layout.sheet, layout.decimal)
    else:
        source = delimited.open_text(file, layout.encoding, layout.delimiter)
    return _table(source, layout, used)


def _table(source: "delimited.Source | workbooks.Source", layout: Layout, used: Sequence[str]) -> Table:
    header_line, header = _header(source, layout.header_row)
    if len(header) > MOST_COLUMNS:
        raise Unusable(_("The table has %(n)s columns; %(most)s are read.") % {"n": len(header), "most": MOST_COLUMNS})
    ours = _is_ours(header, used)
    if ours:
        header = [plain_again(name) for name in header]
    names = _names(header)
    width = len(header) - 2 if ours else len(header)

    def rows() -> Iterator[Line]:
        for count, (number, cells) in enumerate(source.lines()):
            if count > MOST_ROWS:
                raise Unusable(_("The table has more than %(most)s rows.") % {"most": MOST_ROWS})
            if number > header_line and any(cell.strip() for cell in cells):
                yield _line(number, cells, len(header), width, ours=ours, pads=source.pads)

    return Table(
        header=tuple(header[:width]),
        names=tuple(names[:width]),
        rows=rows,
        delimiter=source.delimiter,
        since_1904=source.since_1904,
        sheets=source.sheets,
        remarks=list(source.remarks),
    )


def _header(source: "delimited.Source | workbooks.Source", header_row: int) -> tuple[int, list[str]]:
    for number, cells in source.lines():
        if number >= header_row and any(cell.strip() for cell in cells):
            header = [cell.strip() for cell in cells]
            while source.pads and header and not header[-1]:  # a spreadsheet's empty columns at the end
                header.pop()
            return number, header
    raise Unusable(_("The table is empty."))


def _names(header: Sequence[str]) -> list[str]:
    """Columns by name. One without a name is called by its place; of two alike the second gets a number."""
    names: list[str] = []
    seen: Counter[str] = Counter()
    for place, written in enumerate(header, 1):
        name = written or f"column {place}"
        seen[name.casefold()] += 1
        again = seen[name.casefold()]
        names.append(name if again == 1 else f"{name} ({again})")
    return names


def _is_ours(header: Sequence[str], used: Sequence[str]) -> bool:
    """True for a file of rejected rows that we wrote: its last two columns are ours."""
    taken = {name.casefold() for name in used}
    return [name.casefold() for name in header[-2:]] == [ROW, REASON] and not taken & {ROW, REASON}


def _line(number: int, cells: Sequence[str], expected: int, width: int, *, ours: bool, pads: bool) -> Line:
    full = list(cells)
    while len(full) > expected and (pads or not full[-1].strip()):
        full.pop()  # what is scribbled right of a sheet's table is in no column
    fault = ""
    if len(full) < expected and pads:
        full += [""] * (expected - len(full))
    elif len(full) != expected:
        fault = _("has %(n)s values where the header has %(expected)s columns") % {
            "n": len(full), "expected": expected,
        }  # fmt: skip
    own = full if fault and len(full) < width else full[:width] if ours else full
    if ours:
        own = [plain_again(cell) for cell in own]
    if not fault and any("\0" in cell for cell in own):
        fault = _("holds the sign NUL, which cannot be stored")
    return Line(number, tuple(own), fault)
