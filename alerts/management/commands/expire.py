"""End what is over, and forget who was told of what is long over."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from alerts.forgetting import forget_who_was_told
from alerts.lifecycle import expire_due, lapse_due
from alerts.sightings import forget_old_sightings
from checking.notes import forget_old_notes


class Command(BaseCommand):
    help = "End alerts that ran out, and lapse warnings no second person reviewed in time. The watcher does this too."

    def handle(self, *args: Any, **options: Any) -> None:
        lapsed, ended = lapse_due(), expire_due()
        forget_who_was_told(timezone.now().date())
        forget_old_notes()
        forget_old_sightings(timezone.now().date())
        self.stdout.write(f"{ended} ended, {lapsed} lapsed")
