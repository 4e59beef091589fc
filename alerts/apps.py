from django.apps import AppConfig
from django.db.models.signals import post_migrate

from .released_only import install_after_migrate


class AlertsConfig(AppConfig):
    name = "alerts"

    def ready(self) -> None:
        # Not a step of our own work: the one hook Django has for what migrations would lose.
        post_migrate.connect(install_after_migrate, dispatch_uid="released-only")
