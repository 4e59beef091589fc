"""Rows of a release, made ready before anything is locked and written in one go.

History can be a hundred thousand rows, and while they are written nobody can submit. A model
instance for each would take ten times as long.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, models

from .models import ReleasedResult, ReleasedSample


class ShareCell(NamedTuple):
    """What a row of the *share* table says, of either series."""

    series: str
    area: str
    subject: str
    family: str
    material: str
    period_start: date
    tested: int
    detected: int


class ExpectedCell(NamedTuple):
    """What a row of the *expected* table says."""

    area: str
    expected: str
    subject: str
    family: str
    period_start: date
    tested: int
    detected: int


class PairCell(NamedTuple):
    """What a row of the *pairs* table says."""

    area: str
    family: str
    period_start: date
    one: str
    other: str
    tested: int
    with_one: int
    with_other: int
    both_low: int
    both_high: int


class AmountCell(NamedTuple):
    """What a row of the *amounts* table says."""

    area: str
    family: str
    period_start: date
    subject: str
    kind: str
    basis: str
    portion: str
    measured: int
    lower: Decimal
    median: Decimal
    upper: Decimal
    over: str


@dataclass(frozen=True)
class Rows:
    """Rows of one table, as the database takes them."""

    statement: str
    values: Sequence[Sequence[Any]]

    def write(self) -> None:
        if not self.values:
            return
        with connection.cursor() as cursor:
            cursor.executemany(self.statement, self.values)


def rows_of(model: type[models.Model], fields: Sequence[str], values: Iterable[Sequence[Any]]) -> Rows:
    """New rows of a model: `values` in the order of `fields`, which must be all but the key."""
    found: list[Any] = [model._meta.get_field(name) for name in fields]
    adapt = [_adapting(field) for field in found]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in found)
    places = ", ".join(["%s"] * len(found))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608  # names of ours
    return Rows(statement, [[to(value) for to, value in zip(adapt, row, strict=True)] for row in values])


def listed_rows(results: Iterable[tuple[UUID, UUID, str, int]]) -> Rows:
    """Results that stand in the ledger, each as its key and the sample, family and release of its entry.

    The entry's own key is known to the database only, once it is written.
    """
    table, ledger = ReleasedResult._meta.db_table, ReleasedSample._meta.db_table
    statement = (
        f"INSERT INTO {table} (result_id, entry_id) "  # noqa: S608  # names of ours
        f"SELECT %s, id FROM {ledger} WHERE sample_id = %s AND family = %s AND release_id = %s"
    )
    adapt = _adapting(ReleasedSample._meta.get_field("sample"))
    return Rows(statement, [(adapt(result), adapt(sample), *rest) for result, sample, *rest in results])


def _adapting(field: Any) -> Callable[[Any], Any]:
    """How a value of this field is written. The same few slugs and days come again and again."""
    adapt: Callable[[Any], Any] = partial(field.get_db_prep_save, connection=connection)
    return adapt if isinstance(field, models.JSONField) else lru_cache(maxsize=10_000)(adapt)
