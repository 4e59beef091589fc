"""A connection on which SQLite itself refuses every table the public may not read.

The refusal is the database's: it holds through views, counts, sub-queries and raw SQL.
"""

import sqlite3
from typing import Any

from django.db.backends.sqlite3 import base

from config.public_tables import PUBLIC_TABLES

ALLOWED_ACTIONS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_TRANSACTION,
    sqlite3.SQLITE_SAVEPOINT,
}


def authorize(action: int, first: str | None, second: str | None, schema: str | None, source: str | None) -> int:
    if action in ALLOWED_ACTIONS:
        return sqlite3.SQLITE_OK
    # With no column at all (a count) the column comes as an empty string; the table still stands.
    if action == sqlite3.SQLITE_READ and first in PUBLIC_TABLES:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.execute("PRAGMA query_only=ON").close()
        connection.set_authorizer(authorize)
        return connection
