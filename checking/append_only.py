"""Held by the database: what a result or finding says, and what was published, is never edited, by whatever road.

Deleting is let through: retention and the emptying of test databases need it. So are the columns
that retention coarsens (days and recording times). Installed after every migration, because SQLite
rebuilds a table, and drops its triggers, whenever a column changes.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

_VERSIONED = ("release_id", "batch", "version", "area", "period_start", "family")
FROZEN = {
    "checking_result": (
        "sample_id", "method_id", "lab_id", "site_id", "outcome", "control", "test_line", "sample_mg",
        "is_weighed", "diluent_ml", "lot_id", "corrects_id", "chosen_because", "client_hash", "body_hash",
    ),
    "checking_finding": (
        "result_id", "substance_id", "substance_class_id", "is_detected", "identity", "amount_kind", "rank", "value",
        "low", "high", "basis", "unit_mass_mg", "portion", "limit_value", "limit_unit",
    ),
    "checking_withdrawal": ("result_id", "reason", "recorded_at"),
    "checking_qualitycheck": ("lab_id", "method_id", "lot_id", "kind", "has_passed", "done_on", "recorded_at"),
    "checking_qualityplan": ("lab_id", "method_id", "kind", "every_days", "since", "recorded_at"),
    "checking_secondreading": ("result_id", "agrees"),
    "checking_lotmark": ("lot_id", "state", "reason", "recorded_at"),
    "checking_servicechange": ("slug", "kind", "before", "after", "recorded_at", "undoes_id"),
    "checking_attachment": ("result_id", "kind", "content", "sha256"),
    "checking_worklistdismissal": ("sample_id", "item", "because"),
    "checking_release": ("number", "made_on"),
    "checking_releasedshare": (*_VERSIONED, "series", "subject", "material", "tested", "detected"),
    "checking_releasedexpected": (*_VERSIONED, "expected", "subject", "tested", "detected"),
    "checking_releasedpair": (
        *_VERSIONED, "one", "other", "tested", "with_one", "with_other", "both_low", "both_high",
    ),
    "checking_releasedamount": (
        *_VERSIONED, "subject", "kind", "basis", "portion", "measured", "lower", "median", "upper", "over",
    ),
    "checking_releasedscope": ("release_id", "area", "family", "subject", "week", "is_opened"),
    "checking_releasedstrip": ("release_id", "area", "subject", "quarter", "brand", "lot"),
    "checking_releasecorrection": ("release_id", "batch", "series", "area", "period_start", "family", "reason"),
    "checking_export": (
        "id", "made_at", "made_by_id", "purpose", "asked", "first_on", "last_on", "samples", "rows", "sha256",
    ),
    "checking_export_sites": ("export_id", "site_id"),
    "checking_dayview": ("on", "by_id", "asked", "asked_hash", "site_id"),
    "alerts_alert": ("is_drill", "rule", "created_by_id"),
    "alerts_alertcontent": (
        "alert_id", "version", "sha256", "level", "severity", "certainty", "urgency", "body", "written_by_id",
    ),
    "alerts_approval": ("content_id", "sha256", "by_id", "role", "session_hash"),
    "alerts_alertevent": (
        "is_drill", "seq", "alert_id", "kind", "at", "expires_at", "content_id", "sha256", "payload", "cap",
        "cap_signature", "heard_areas", "heard_substances", "heard_classes", "heard_level",
    ),
}  # fmt: skip
# Filled once, by whatever comes after: a newer version of what was published.
ONCE = {
    f"checking_released{name}": ("superseded_in_id",) for name in ("share", "expected", "pair", "amount")
}  # fmt: skip


def install_after_migrate(*, using: str, **_: Any) -> None:
    """Called by Django after migrations."""
    from django.db import connections

    install(connections[using])


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers for every table that is there. Safe to repeat."""
    if "sqlite" not in connection.vendor and connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        for table, columns in FROZEN.items():
            if table in present:
                for statement in statements(connection.vendor, table, columns):
                    cursor.execute(statement)
        for table, columns in ONCE.items():
            if table in present:
                for statement in statements(connection.vendor, table, columns, only_where_filled=True):
                    cursor.execute(statement)


def statements(vendor: str, table: str, columns: tuple[str, ...], *, only_where_filled: bool = False) -> list[str]:
    """`only_where_filled`: an empty column may be filled, once."""
    name = f"{table}_{'once' if only_where_filled else 'append_only'}"
    listed = ", ".join(f'"{column}"' for column in columns)
    filled = " OR ".join(f'OLD."{column}" IS NOT NULL OR NEW."{column}" IS NULL' for column in columns)
    when = f"WHEN ({filled}) " if only_where_filled else ""
    message = f"{table} is append-only: make a new row instead"
    if vendor == "sqlite":
        return [
            f'DROP TRIGGER IF EXISTS "{name}"',
            f'CREATE TRIGGER "{name}" BEFORE UPDATE OF {listed} ON "{table}" {when}'
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
        ]
    return [
        "CREATE OR REPLACE FUNCTION headsup_append_only() RETURNS trigger AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only: make a new row instead', TG_TABLE_NAME "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$ LANGUAGE plpgsql",
        f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"',
        f'CREATE TRIGGER "{name}" BEFORE UPDATE OF {listed} ON "{table}" '
        f"FOR EACH ROW {when}EXECUTE FUNCTION headsup_append_only()",
    ]
