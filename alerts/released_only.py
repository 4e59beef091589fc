"""Held by the database: nothing is said by too few people, by whatever road.

A slip in a shell, an admin page or a later change of the code cannot get past it. That what was said
is not changed afterwards is held beside it (`checking.append_only`). Installed after every migration,
because SQLite rebuilds a table, and drops its triggers, whenever a column changes.
"""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

_APPROVALS = """FROM alerts_approval a WHERE a.content_id = NEW.content_id AND a.sha256 = NEW.sha256
    AND a.role IN ('reviewer', 'community_reviewer')"""
_PEOPLE = f"(SELECT COUNT(DISTINCT a.by_id) {_APPROVALS})"
_SESSIONS = f"(SELECT COUNT(DISTINCT a.session_hash) {_APPROVALS})"
_COMMUNITY = f"EXISTS (SELECT 1 {_APPROVALS} AND a.role = 'community_reviewer')"
# As `alerts.approving` has it: a notice by one reviewer or in a rule's first words; a caution by two people; a
# warning by two with a community reviewer, or by one while its deadline for a second runs.
_RELEASED = f"""EXISTS (
    SELECT 1 FROM alerts_alertcontent c JOIN alerts_alert t ON t.id = c.alert_id
    WHERE c.id = NEW.content_id AND c.sha256 = NEW.sha256 AND c.alert_id = NEW.alert_id AND (
        (c.level = 'notice' AND ({_PEOPLE} >= 1 OR (t.rule <> '' AND c.version = 1 AND c.written_by_id IS NULL)))
        OR (c.level = 'caution' AND {_PEOPLE} >= 2 AND {_SESSIONS} >= 2)
        OR (c.level = 'warning' AND {_PEOPLE} >= 2 AND {_SESSIONS} >= 2 AND {_COMMUNITY})
        OR (c.level = 'warning' AND {_PEOPLE} >= 1 AND t.second_review_by IS NOT NULL)))"""  # noqa: S608
_REFUSAL = "an alert needs enough people on exactly its content"
_TABLES = frozenset({"alerts_alert", "alerts_alertcontent", "alerts_alertevent", "alerts_approval"})

SQLITE = (
    "DROP TRIGGER IF EXISTS alerts_released_only",
    f"""CREATE TRIGGER alerts_released_only BEFORE INSERT ON alerts_alertevent
    WHEN NEW.kind IN ('published', 'updated') AND NOT {_RELEASED}
    BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",
)
POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION alerts_released_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.kind IN ('published', 'updated') AND NOT {_RELEASED} THEN
            RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$""",
    "DROP TRIGGER IF EXISTS alerts_released_only ON alerts_alertevent",
    """CREATE TRIGGER alerts_released_only BEFORE INSERT ON alerts_alertevent
    FOR EACH ROW EXECUTE FUNCTION alerts_released_only()""",
)


def install_after_migrate(*, using: str, **_: Any) -> None:
    """Called by Django after migrations."""
    install(connections[using])


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the trigger where its tables are. Safe to repeat."""
    statements = {"sqlite": SQLITE, "postgresql": POSTGRESQL}.get(connection.vendor, ())
    with connection.cursor() as cursor:
        if set(connection.introspection.table_names(cursor)) >= _TABLES:
            for statement in statements:
                cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """For the tests that show what it is good for."""
    with connection.cursor() as cursor:
        on = " ON alerts_alertevent" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER IF EXISTS alerts_released_only{on}")
