"""Load areas from a CSV file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from checking.places import AREA_COLUMNS, Refused, load_areas
from checking.tables import Unusable


class Command(BaseCommand):
    help = (
        f"Load areas from CSV with the columns {','.join(AREA_COLUMNS)}; only slug and name are required, "
        "parents may come later in the file. All rows go in, or none. Safe to run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = load_areas(options["file"])
        except Refused as refused:
            raise CommandError("\n".join([*refused.faults, "Nothing was loaded."])) from refused
        except Unusable as unusable:
            raise CommandError(str(unusable)) from unusable
        if options["verbosity"]:
            self.stdout.write(f"{count} areas loaded.")
