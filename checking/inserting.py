"""Rows into tables, by the quickest road each database has: COPY on PostgreSQL, executemany on SQLite. And
which of many keys are there already.

Both keep every constraint. What the ORM would do between the two costs more than the database does.
"""

import json
from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import connection, models
from django.db.models.fields.json import JSONField
from msgspec import Struct
from msgspec.structs import astuple

from .models import Expected, Finding, OverdoseReport, Result, Sample
from .rows import ExpectedRow, FindingRow, OverdoseRow, ResultRow, SampleRow

MODELS: dict[type[Struct], type[models.Model]] = {
    SampleRow: Sample,
    ExpectedRow: Expected,
    OverdoseRow: OverdoseReport,
    ResultRow: Result,
    FindingRow: Finding,
}

Convert = Callable[[Any], Any]


def insert(rows: Sequence[Struct]) -> None:
    """Insert rows of one kind, in order. Raises IntegrityError where a constraint does not hold."""
    if not rows:
        return
    table, columns, converted = _plan(type(rows[0]), connection.vendor)
    values = [_values(row, converted) for row in rows]
    if connection.vendor == "postgresql":
        _copy(table, columns, values)
    else:
        marks = ", ".join(["%s"] * len(columns))
        with connection.cursor() as cursor:
            names = ", ".join(columns)
            insert_into = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  # names of ours, no values
            cursor.executemany(insert_into, values)


def among(kind: type[Struct], column: str, values: Sequence[bytes], **narrowed: int) -> list[bytes]:
    """Which of these values stand in a column of a table, among the rows so narrowed."""
    table = MODELS[kind]._meta.db_table
    where = "".join(f"{name} = %s AND " for name in narrowed)
    asked: list[Any]
    if connection.vendor == "postgresql":
        is_one, asked = "= ANY(%s)", [list(values)]  # one parameter: five hundred cost more than the search
    else:
        is_one, asked = f"IN ({', '.join(['%s'] * len(values))})", list(values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} FROM {table} WHERE {where}{column} {is_one}",  # noqa: S608  # names of ours, no values
            [*narrowed.values(), *asked],
        )
        return [bytes(found) for (found,) in cursor.fetchall()]


def _copy(table: str, columns: Sequence[str], values: Sequence[list[Any]]) -> None:
    names = ", ".join(columns)
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        for row in values:
            copy.write_row(row)


def _values(row: Struct, converted: Sequence[tuple[int, Convert]]) -> list[Any]:
    values = list(astuple(row))
    for place, convert in converted:
        if values[place] is not None:
            values[place] = convert(values[place])
    return values


@cache
def _plan(kind: type[Struct], vendor: str) -> tuple[str, tuple[str, ...], tuple[tuple[int, Convert], ...]]:
    """Table, columns, and which values have to be converted first."""
    model = MODELS[kind]
    fields = {field.attname: field for field in model._meta.concrete_fields}
    in_order = [fields[name] for name in kind.__struct_fields__]
    converters = ((place, _converter(field, vendor)) for place, field in enumerate(in_order))
    converted = tuple((place, convert) for place, convert in converters if convert is not None)
    return model._meta.db_table, tuple(str(field.column) for field in in_order), converted


def _converter(field: "models.Field[Any, Any]", vendor: str) -> Convert | None:
    """How Django's own field puts a value into this database, where the driver would put it otherwise."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if isinstance(field, JSONField):
        return json.dumps
    if vendor == "postgresql":
        return None
    if isinstance(field, models.UUIDField):
        return attrgetter("hex")
    if isinstance(field, models.DateTimeField):
        return _in_utc
    return str if isinstance(field, models.DateField | models.DecimalField) else None


def _in_utc(moment: Any) -> str:
    return connection.ops.adapt_datetimefield_value(moment) or ""
