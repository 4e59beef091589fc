from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.progress import Progress

from alerts.demo import NotEmptyError, fill


class Command(BaseCommand):
    help = "Fill an empty, migrated database with a simulated network, marked as such everywhere."

    def handle(self, *args: Any, **options: Any) -> None:
        with Progress(transient=True, disable=not self.stdout.isatty()) as bar:
            task = bar.add_task("Making two years of simulated samples", total=None)
            try:
                number = fill(today=timezone.now().date(), progress=lambda done: bar.update(task, completed=done))
            except NotEmptyError as error:
                raise CommandError(f"{error} The simulated network needs an empty database.") from error
        self.stdout.write(f"A simulated network with {number} samples.")
