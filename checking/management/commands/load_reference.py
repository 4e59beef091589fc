from typing import Any

from django.core.management.base import BaseCommand

from checking.reference import load_reference


class Command(BaseCommand):
    help = "Load substances, classes, names, the mis-sold table and methods. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = load_reference()
        if options["verbosity"]:
            self.stdout.write(", ".join(f"{count} {name}" for name, count in counts.items()))
