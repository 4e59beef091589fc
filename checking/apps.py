from django.apps import AppConfig
from django.db.models.signals import post_migrate

from .append_only import install_after_migrate


class CheckingConfig(AppConfig):
    name = "checking"

    def ready(self) -> None:
        # Not a step of our own work: the one hook Django has for what migrations would lose.
        post_migrate.connect(install_after_migrate, dispatch_uid="append-only")
