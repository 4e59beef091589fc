"""The rows that did not go in, as they came, each with its place and the reason: to mend and bring in again."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

from .escaping import escaped
from .opening import MISSING, REASON, ROW, Line, Table


class Rejects:
    """A file of rejected rows. It takes its name only when it is whole."""

    def __init__(self, file: Path, table: Table) -> None:
        self._file = file
        self._width = len(table.header)
        self._beside = file.with_name(f".{file.name}.{os.getpid()}")
        descriptor = os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # it holds plain results
        # With its mark, so that a spreadsheet reads accents right.
        self._text: TextIO = os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._text, delimiter=table.delimiter)
        self._writer.writerow([*(escaped(name) for name in table.header), ROW, REASON])
        self.written = 0

    def write(self, line: Line, why: Sequence[str]) -> None:
        """One row. What a short one lacks is marked, so that it does not go in as blank the next time."""
        cells = [escaped(cell) for cell in line.cells]
        cells += [MISSING] * (self._width - len(cells))
        # What is beyond the header stands behind the reason, where its columns have no name.
        more = cells[self._width :]
        self._writer.writerow([*cells[: self._width], line.number, escaped("; ".join(why)), *more])
        self.written += 1

    def __enter__(self) -> "Rejects":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._text.close()
        if error is None:
            self._beside.replace(self._file)
        else:
            self._beside.unlink(missing_ok=True)
