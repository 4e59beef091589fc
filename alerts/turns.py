"""One watcher at a time: two that look side by side would both see "the first" of its kind, or both say it."""

from django.db import connection

_LOCK = 0x48454144_53435245  # any number of our own


def take_turn() -> None:
    """Hold the turn until the end of the transaction. On SQLite whoever writes is the only one anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
