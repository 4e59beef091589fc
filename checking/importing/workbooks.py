"""Excel workbooks (.xlsx) as text, cell by cell: what a person sees there, not how it is stored."""

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from ..tables import LONGEST_VALUE, Unusable

# Unpacked. A workbook of a million rows of ten columns is about half of this; its texts are held in memory.
MOST_UNPACKED = 256 * 1024 * 1024
MOST_PARTS = 2000
WIDEST = 2000  # columns of one row; a cell further out is a slip or an attack
NO_VALUE = "#FORMULA!"  # a formula that was saved without its value: we compute none
_PROLOGUE = 4096


@dataclass
class Source:
    """One sheet of a workbook."""

    file: Path
    sheet: str
    sheets: tuple[str, ...]
    decimal: str
    has_formulas: bool
    since_1904: bool
    remarks: list[str] = field(default_factory=list)
    delimiter: str = ","  # of what we write from it
    pads: bool = True  # a spreadsheet leaves out empty cells at the end

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """(number of the row, its cells as text). Raises Unusable where it is damaged."""
        with ExitStack() as stack:
            book = stack.enter_context(_opened(self.file))
            # Where a formula has no value yet, the value alone looks like an empty cell.
            formulas = stack.enter_context(_opened(self.file, data_only=False)) if self.has_formulas else None
            try:
                yield from self._lines(book, formulas)
            except Unusable:
                raise
            except Exception as error:  # openpyxl raises whatever its parsers do on a damaged part
                raise Unusable(_("The workbook is damaged: save it anew as .xlsx or as CSV.")) from error

    def _lines(self, book: Any, formulas: Any) -> Iterator[tuple[int, list[str]]]:
        sheet = _rows(book[self.sheet])
        beside = _rows(formulas[self.sheet]) if formulas is not None else None
        for number, row in enumerate(sheet, 1):
            if len(row) > WIDEST:
                raise Unusable(_("Row %(n)s of the sheet is %(wide)s cells wide.") % {"n": number, "wide": len(row)})
            written = next(beside, ()) if beside is not None else ()
            cells = [self._text(cell) for cell in row]
            for place, cell in enumerate(written):
                if place < len(cells) and not cells[place] and cell.data_type == "f":
                    cells[place] = NO_VALUE
            yield number, cells

    def _text(self, cell: Any) -> str:
        value = cell.value
        if value is None:
            return ""
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, datetime):
            return value.date().isoformat() if value.time() == time() else value.isoformat(timespec="minutes")
        if isinstance(value, date | time | timedelta):
            return value.isoformat() if isinstance(value, date) else str(value)
        if isinstance(value, int | float):
            return self._number(value, str(cell.number_format or ""))
        return str(value)[: LONGEST_VALUE + 1]

    def _number(self, value: float, shown_as: str) -> str:
        """As it is shown: with the zeros of a format of zeros, and per cents as per cents."""
        exact = Decimal(repr(value))
        if "%" in shown_as:
            return f"{_plain(exact * 100, self.decimal)}%"
        text = _plain(exact, self.decimal)
        return text.zfill(len(shown_as)) if shown_as and not shown_as.strip("0") and text.isdigit() else text


def open_sheet(file: Path, sheet: str, decimal: str) -> Source:
    """Raises Unusable where the file is no workbook we open."""
    _refuse(file)
    with _opened(file) as book:
        names = tuple(each.title for each in book.worksheets)
        if not names:
            raise Unusable(_("The workbook has no sheets."))
        if sheet and sheet not in names:
            raise Unusable(
                _("There is no sheet %(name)s; there are %(names)s.") % {"name": sheet, "names": ", ".join(names)}
            )
        chosen = sheet or names[0]
        since_1904 = book.epoch.year == 1904
        part = str(book[chosen]._worksheet_path)
    source = Source(file, chosen, names, decimal or ".", _has_formulas(file, part), since_1904)
    if len(names) > 1:
        source.remarks.append(_("of several sheets only %(name)s is read") % {"name": chosen})
    return source


def _plain(number: Decimal, decimal: str) -> str:
    text = f"{number.normalize():f}"
    return text.replace(".", decimal)


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()  # what the file says of its own size may be wrong, or a trap
    return iter(sheet.iter_rows())


@contextmanager
def _opened(file: Path, *, data_only: bool = True) -> Iterator[Any]:
    from openpyxl.reader.excel import load_workbook  # with the first workbook: it takes half a second to load

    with file.open("rb") as raw:  # by its content: openpyxl itself goes by the name
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles and extensions, which we do not read
                book = load_workbook(raw, read_only=True, data_only=data_only, keep_links=False)
        except Exception as error:  # openpyxl raises whatever its parsers do on a damaged part
            raise Unusable(_("The workbook is damaged: save it anew as .xlsx or as CSV.")) from error
        with closing(book):
            yield book


def _refuse(file: Path) -> None:
    """Refuse what is no plain workbook, before anything of it is unpacked whole."""
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
            names = {part.filename.casefold() for part in parts}
            if any(name.endswith("vbaproject.bin") for name in names):
                raise Unusable(_("This workbook holds macros (.xlsm). Save it as .xlsx, without them."))
            if "xl/workbook.xml" not in names:
                raise Unusable(_("This is no .xlsx workbook. Save it as .xlsx or as CSV."))
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Unusable(_("Unpacked, this workbook is larger than can be read. Save the one sheet as CSV."))
            for part in parts:
                # zipfile gives no more than the size it was told above, whatever is packed.
                if part.filename.casefold().endswith((".xml", ".rels")):
                    with packed.open(part) as raw:
                        if b"<!doctype" in raw.read(_PROLOGUE).lower():
                            raise Unusable(_("The workbook is damaged: save it anew as .xlsx or as CSV."))
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise Unusable(_("The workbook is damaged: save it anew as .xlsx or as CSV.")) from error


def _has_formulas(file: Path, part: str) -> bool:
    """True where a cell of the sheet holds a formula: only then has it to be read twice."""
    with zipfile.ZipFile(file) as packed, packed.open(part.lstrip("/")) as raw:
        before = b""
        while piece := raw.read(1 << 20):
            if b"<f>" in before + piece or b"<f " in before + piece:
                return True
            before = piece[-3:]
    return False
