"""Which connection does what."""

from typing import Any


class PublicIsReadOnly:
    """Only `default` is migrated and written. `public` is asked for by name, never by chance."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        instance = hints.get("instance")
        return getattr(getattr(instance, "_state", None), "db", None) or "default"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"
