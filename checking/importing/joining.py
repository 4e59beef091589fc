"""Two files joined by sample id, in whatever order their rows stand, without holding them in memory.

Both are read whole before anything is stored, so that a damaged file changes nothing. They
wait in a database that SQLite keeps in an unnamed file of its own and drops when it is closed.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from ..tables import Row, read_rows

TABLES = """
    CREATE TABLE card (line INTEGER PRIMARY KEY, sample TEXT, "values" TEXT, fault TEXT);
    CREATE TABLE detail (line INTEGER PRIMARY KEY, sample TEXT, "values" TEXT, fault TEXT);
    CREATE INDEX card_sample ON card (sample, line);
    CREATE INDEX detail_sample ON detail (sample, line);
"""
# Of several rows with one id the first gets the details.
DETAILS_OF_FIRST = """
    SELECT line, "values", fault FROM detail
    WHERE sample = :sample AND :line = (SELECT min(line) FROM card WHERE sample = :sample) ORDER BY line
"""
ORPHANS = """
    SELECT line, "values", fault FROM detail
    WHERE sample = '' OR NOT EXISTS (SELECT 1 FROM card WHERE card.sample = detail.sample) ORDER BY line
"""
FIRST_LINE = "SELECT min(line) FROM card WHERE sample = ?"


@dataclass(frozen=True, slots=True)
class Joint:
    """One row of samples with the rows of detail that belong to it."""

    card: Row
    details: tuple[Row, ...]
    first_line: int  # of this sample id; another row's where the id was used before


class Joined:
    """Samples and their details. Close it, or use it as a context manager. Reading raises Unusable."""

    def __init__(self, cards: Path, details: Path, *, key: str) -> None:
        self._key = key
        self._rows = sqlite3.connect("", isolation_level=None)  # "": a temporary database on disk
        self._rows.executescript(TABLES)
        self.cards_read = self._take("card", cards)
        self.details_read = self._take("detail", details)

    def __enter__(self) -> "Joined":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows.close()

    def _take(self, table: str, file: Path) -> int:
        self._rows.execute("BEGIN")
        taken = self._rows.executemany(
            f"INSERT INTO {table} VALUES (?, ?, ?, ?)",  # noqa: S608  # one of our two names
            (
                (row.line, row.values.get(self._key, ""), json.dumps(dict(row.values)), row.fault)
                for row in read_rows(file)
            ),
        )
        self._rows.execute("COMMIT")
        return taken.rowcount

    def samples(self) -> Iterator[Joint]:
        """All samples in the order of their file."""
        with closing(self._rows.cursor()) as cards, closing(self._rows.cursor()) as others:
            for line, sample, values, fault in cards.execute(
                'SELECT line, sample, "values", fault FROM card ORDER BY line'
            ):
                details = (
                    () if not sample else others.execute(DETAILS_OF_FIRST, {"sample": sample, "line": line}).fetchall()
                )
                first_line = line if not sample else others.execute(FIRST_LINE, (sample,)).fetchone()[0]
                yield Joint(_row(line, values, fault), tuple(_row(*detail) for detail in details), first_line)

    def orphans(self) -> Iterator[Row]:
        """Details of samples that are not in the file."""
        for detail in self._rows.execute(ORPHANS):
            yield _row(*detail)


def _row(line: int, values: str, fault: str) -> Row:
    return Row(line, json.loads(values), fault)
