"""Rows of one table put together by sample, without holding them in memory.

The table is read whole before anything is stored, so that a damaged file changes nothing. The rows wait
in a database that SQLite keeps in an unnamed file of its own and drops when it is closed.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from types import TracebackType

from .opening import Line, Table

TABLES = """
    CREATE TABLE line (number INTEGER PRIMARY KEY, sample TEXT, cells TEXT, fault TEXT);
    CREATE INDEX line_sample ON line (sample, number);
"""
# Rows without an id stand alone, each of them.
FIRSTS_LONG = """
    SELECT number, sample FROM line WHERE sample = ''
    OR number = (SELECT min(number) FROM line AS other WHERE other.sample = line.sample) ORDER BY number
"""
EVERY = "SELECT number, sample FROM line ORDER BY number"
OF_SAMPLE = "SELECT number, cells, fault FROM line WHERE sample = ? ORDER BY number"
OF_NUMBER = "SELECT number, cells, fault FROM line WHERE number = ?"
_BEAT_EVERY = 1000  # rows
BEFORE = "SELECT count(*), min(number) FROM line WHERE sample = ? AND number < ?"


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one sample, in the order of the table."""

    sample_id: str  # "" where the table does not say
    lines: tuple[Line, ...]
    earlier: int = 0  # rows of this id before this one, in a table with a row for each sample
    first: int = 0  # the first of them


class Grouped:
    """A table, grouped. Close it, or use it as a context manager. Reading raises Unusable."""

    def __init__(self, table: Table, id_place: int, *, is_long: bool, beat: Callable[[], None] = lambda: None) -> None:
        """`beat` is called now and then while the table is read."""
        self._is_long = is_long
        self._rows = sqlite3.connect("", isolation_level=None)  # "": a temporary database on disk
        self._rows.executescript(TABLES)
        self._rows.execute("BEGIN")
        taken = self._rows.executemany("INSERT INTO line VALUES (?, ?, ?, ?)", _stored(table, id_place, beat))
        self._rows.execute("COMMIT")
        self.lines_read = max(taken.rowcount, 0)
        firsts = FIRSTS_LONG if is_long else EVERY
        self.samples_read: int = self._rows.execute(f"SELECT count(*) FROM ({firsts})").fetchone()[0]  # noqa: S608  # ours

    def __enter__(self) -> "Grouped":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows.close()

    def groups(self) -> Iterator[Group]:
        with closing(self._rows.cursor()) as firsts, closing(self._rows.cursor()) as others:
            for number, sample in firsts.execute(FIRSTS_LONG if self._is_long else EVERY):
                if self._is_long and sample:
                    yield Group(sample, _lines(others.execute(OF_SAMPLE, (sample,)).fetchall()))
                    continue
                earlier, first = others.execute(BEFORE, (sample, number)).fetchone() if sample else (0, 0)
                yield Group(sample, _lines(others.execute(OF_NUMBER, (number,)).fetchall()), earlier, first or 0)


def _stored(table: Table, id_place: int, beat: Callable[[], None]) -> Iterator[tuple[int, str, str, str]]:
    for count, line in enumerate(table.rows()):
        if count % _BEAT_EVERY == 0:
            beat()
        sample = line.cells[id_place].strip() if id_place < len(line.cells) else ""
        yield line.number, sample, json.dumps(line.cells), line.fault


def _lines(rows: list[tuple[int, str, str]]) -> tuple[Line, ...]:
    return tuple(Line(number, tuple(json.loads(cells)), fault) for number, cells, fault in rows)
