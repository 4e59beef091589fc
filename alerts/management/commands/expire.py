"""End what is over, now."""

from typing import Any

from django.core.management.base import BaseCommand

from alerts.lifecycle import expire_due, lapse_due


class Command(BaseCommand):
    help = "End alerts that ran out, and lapse warnings no second person reviewed in time. The watcher does this too."

    def handle(self, *args: Any, **options: Any) -> None:
        lapsed, ended = lapse_due(), expire_due()
        self.stdout.write(f"{ended} ended, {lapsed} lapsed")
