"""Held by the database: nothing is said by too few people, by whatever road.

A slip in a shell, an admin page or a later change of the code cannot get past it. That what was said
is not changed afterwards is held beside it (`checking.append_only`). Installed after every migration,
because SQLite rebuilds a table, and drops its triggers, whenever a column changes.
"""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

_APPROVING = "('reviewer', 'community_reviewer')"
# A yes counts while its giver's account is open and holds the role it was given in.
_APPROVALS = f"""FROM alerts_approval a JOIN checking_user u ON u.id = a.by_id
    WHERE a.content_id = NEW.content_id AND a.sha256 = NEW.sha256 AND u.is_active
    AND a.role IN {_APPROVING}
    AND EXISTS (SELECT 1 FROM checking_membership m WHERE m.user_id = a.by_id AND m.role = a.role)"""  # noqa: S608
_PEOPLE = f"(SELECT COUNT(DISTINCT a.by_id) {_APPROVALS})"
_SESSIONS = f"(SELECT COUNT(DISTINCT a.session_hash) {_APPROVALS})"
_COMMUNITY = f"EXISTS (SELECT 1 {_APPROVALS} AND a.role = 'community_reviewer')"
_RULE_PEOPLE = "(SELECT COUNT(DISTINCT r.by_id) FROM alerts_ruleapproval r WHERE r.rule = t.rule)"


def _released(latest_end: str, lately: str) -> str:
    """As `alerts.approving` has it: a notice by one reviewer or in the first words of a rule two people approved;
    a caution by two people; a warning by two with a community reviewer, or its first step by one while it runs
    out within 72 hours, and not of what one person let out already.
    """
    return f"""EXISTS (
    SELECT 1 FROM alerts_alertcontent c JOIN alerts_alert t ON t.id = c.alert_id
    WHERE c.id = NEW.content_id AND c.sha256 = NEW.sha256 AND c.alert_id = NEW.alert_id AND (
        (c.level = 'notice' AND {_PEOPLE} >= 1)
        OR (c.level = 'notice' AND t.rule <> '' AND c.version = 1 AND c.written_by_id IS NULL
            AND NEW.kind = 'published' AND {_RULE_PEOPLE} >= 2)
        OR (c.level = 'caution' AND {_PEOPLE} >= 2 AND {_SESSIONS} >= 2)
        OR (c.level = 'warning' AND {_PEOPLE} >= 2 AND {_SESSIONS} >= 2 AND {_COMMUNITY})
        OR (c.level = 'warning' AND {_PEOPLE} >= 1 AND NEW.kind = 'published'
            AND t.second_review_by IS NOT NULL AND {latest_end} AND NOT {_on_one_word(lately)})))"""  # noqa: S608


def _on_one_word(lately: str) -> str:
    """Another warning of the same went out lately, and fewer than two people ever said yes to it."""
    return f"""EXISTS (
        SELECT 1 FROM alerts_alertevent e JOIN alerts_alert o ON o.id = e.alert_id
        JOIN alerts_alertcontent w ON w.id = e.content_id
        WHERE e.alert_id <> NEW.alert_id AND e.kind = 'published' AND e.is_drill = NEW.is_drill AND w.level = 'warning'
        AND (e.sha256 = NEW.sha256 OR (o.topic <> '' AND o.topic = t.topic)) AND {lately}
        AND (SELECT COUNT(DISTINCT y.by_id) FROM alerts_approval y WHERE y.content_id = e.content_id
            AND y.role IN {_APPROVING}) < 2)"""  # noqa: S608


_RELEASED = {
    "sqlite": _released(
        "julianday(NEW.expires_at) <= julianday(NEW.at) + 3.00001", "julianday(e.at) > julianday(NEW.at) - 14"
    ),
    "postgresql": _released("NEW.expires_at <= NEW.at + interval '72 hours'", "e.at > NEW.at - interval '14 days'"),
}
# Whatever closes, closes what was said, in the words it was said in.
_WAS_SAID = """EXISTS (SELECT 1 FROM alerts_alertevent e WHERE e.alert_id = NEW.alert_id AND e.kind = 'published')
    AND EXISTS (SELECT 1 FROM alerts_alertevent e WHERE e.alert_id = NEW.alert_id AND e.content_id = NEW.content_id)"""
# A drill stays one, and what is sent says of itself what the row says.
_TRUE_TO_ITSELF = {
    "sqlite": """json_extract(NEW.payload, '$.kind') = NEW.kind AND json_extract(NEW.payload, '$.seq') = NEW.seq
    AND json_extract(NEW.payload, '$.alert.drill') = NEW.is_drill
    AND EXISTS (SELECT 1 FROM alerts_alert t JOIN alerts_alertcontent c ON c.alert_id = t.id
        WHERE t.id = NEW.alert_id AND t.is_drill = NEW.is_drill AND c.id = NEW.content_id
        AND json_extract(NEW.payload, '$.alert.level') = c.level
        AND REPLACE(json_extract(NEW.payload, '$.alert.id'), '-', '') = t.id)""",
    "postgresql": """NEW.payload->>'kind' = NEW.kind AND NEW.payload->>'seq' = NEW.seq::text
    AND (NEW.payload->'alert'->>'drill')::boolean = NEW.is_drill
    AND EXISTS (SELECT 1 FROM alerts_alert t JOIN alerts_alertcontent c ON c.alert_id = t.id
        WHERE t.id = NEW.alert_id AND t.is_drill = NEW.is_drill AND c.id = NEW.content_id
        AND NEW.payload->'alert'->>'level' = c.level AND NEW.payload->'alert'->>'id' = t.id::text)""",
}
_GIVEN = f"""(NEW.role IN {_APPROVING} AND EXISTS (
    SELECT 1 FROM alerts_alertcontent c JOIN checking_user u ON u.id = NEW.by_id
    JOIN checking_membership m ON m.user_id = u.id
    WHERE c.id = NEW.content_id AND c.sha256 = NEW.sha256 AND u.is_active AND m.role = NEW.role))"""  # noqa: S608
_UNTRUE = "an event says of its alert what is so, and closes what was said"
_REFUSAL = "an alert needs enough people on exactly its content"
_NOT_GIVEN = "an approval is by someone who may approve and holds that role, of exactly this content"
_TABLES = frozenset(
    {"alerts_alert", "alerts_alertcontent", "alerts_alertevent", "alerts_approval", "alerts_ruleapproval"}
    | {"checking_user", "checking_membership"}
)

SQLITE = (
    "DROP TRIGGER IF EXISTS alerts_released_only",
    f"""CREATE TRIGGER alerts_released_only BEFORE INSERT ON alerts_alertevent
    WHEN NEW.kind IN ('published', 'updated') AND NOT {_RELEASED["sqlite"]}
    BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",
    "DROP TRIGGER IF EXISTS alerts_true_events",
    f"""CREATE TRIGGER alerts_true_events BEFORE INSERT ON alerts_alertevent
    WHEN NOT (COALESCE({_TRUE_TO_ITSELF["sqlite"]}, 0) AND (NEW.kind IN ('published', 'updated') OR ({_WAS_SAID})))
    BEGIN SELECT RAISE(ABORT, '{_UNTRUE}'); END""",
    "DROP TRIGGER IF EXISTS alerts_truly_given",
    f"""CREATE TRIGGER alerts_truly_given BEFORE INSERT ON alerts_approval
    WHEN NOT {_GIVEN} BEGIN SELECT RAISE(ABORT, '{_NOT_GIVEN}'); END""",
)
POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION alerts_released_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.kind IN ('published', 'updated') AND NOT {_RELEASED["postgresql"]} THEN
            RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NOT (COALESCE({_TRUE_TO_ITSELF["postgresql"]}, false)
            AND (NEW.kind IN ('published', 'updated') OR ({_WAS_SAID}))) THEN
            RAISE EXCEPTION '{_UNTRUE}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$""",
    "DROP TRIGGER IF EXISTS alerts_released_only ON alerts_alertevent",
    """CREATE TRIGGER alerts_released_only BEFORE INSERT ON alerts_alertevent
    FOR EACH ROW EXECUTE FUNCTION alerts_released_only()""",
    f"""CREATE OR REPLACE FUNCTION alerts_truly_given() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT {_GIVEN} THEN
            RAISE EXCEPTION '{_NOT_GIVEN}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$""",
    "DROP TRIGGER IF EXISTS alerts_truly_given ON alerts_approval",
    """CREATE TRIGGER alerts_truly_given BEFORE INSERT ON alerts_approval
    FOR EACH ROW EXECUTE FUNCTION alerts_truly_given()""",
)


_TRIGGERS = {
    "sqlite": (
        ("alerts_released_only", "alerts_alertevent"),
        ("alerts_true_events", "alerts_alertevent"),
        ("alerts_truly_given", "alerts_approval"),
    ),
    "postgresql": (("alerts_released_only", "alerts_alertevent"), ("alerts_truly_given", "alerts_approval")),
}


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
        for name, table in _TRIGGERS[connection.vendor]:
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
