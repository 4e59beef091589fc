"""What must hold before a process may serve or watch. Each refusal says what to do."""

import fcntl
from contextlib import suppress
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

SQLITE_FULL = 2  # https://www.sqlite.org/pragma.html#pragma_synchronous
POSTGRES_NEVER_OFF = ("fsync", "synchronous_commit", "full_page_writes")


class NotReadyError(Exception):
    """This process must not start. The message says why, and what to do."""


def refuse_unmigrated() -> None:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except OperationalError as error:
        raise NotReadyError(f"The database cannot be reached: {error}") from error
    if waiting:
        raise NotReadyError("The database is not up to date. Run first: python manage.py migrate")


def refuse_forgetful_database() -> None:
    """A result is answered once it is durable, so the database must mean it when it says "committed"."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous")
            if cursor.fetchone()[0] < SQLITE_FULL:
                raise NotReadyError("SQLite has `synchronous` below FULL: a power cut could lose what was accepted.")
            return
        for name in POSTGRES_NEVER_OFF:
            cursor.execute(f"SHOW {name}")
            if cursor.fetchone()[0] == "off":
                raise NotReadyError(f"PostgreSQL has `{name}` off: a crash could lose what was accepted. Turn it on.")


def refuse_split_without_redis(what: str) -> None:
    """Web and watcher in two processes hear each other by Redis only."""
    if not settings.CHANNEL_LAYERS["default"]["BACKEND"].startswith("channels_redis."):
        raise NotReadyError(
            f"{what} needs CHANNEL_URL=redis://…: without it, web and watcher run in one process, by `serve` alone."
        )


class OnlyOne:
    """A lock beside an SQLite file: one `serve` at a time. The system frees it, however the process ends."""

    def __init__(self) -> None:
        self._file: IO[str] | None = None

    def take(self) -> None:
        if connection.vendor != "sqlite":
            return
        database = Path(str(connection.settings_dict["NAME"]))
        file = database.with_name(f"{database.name}.serve.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise NotReadyError(
                f"Another `serve` runs on {database}. One process serves an SQLite file; "
                "for several, set DATABASE_URL=postgres://… and CHANNEL_URL=redis://…"
            ) from error
        self._file = file

    def give_back(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None
