"""Load what labs look for from a CSV file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from checking.places import SCOPE_COLUMNS, Refused, load_scopes
from checking.tables import Unusable


class Command(BaseCommand):
    help = (
        f"Load what labs look for from CSV with the columns {','.join(SCOPE_COLUMNS)}; lab, method and target are "
        "required. All rows go in, or none. Safe to run again; a scope is ended by loading it with `until`."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = load_scopes(options["file"])
        except Refused as refused:
            raise CommandError("\n".join([*refused.faults, "Nothing was loaded."])) from refused
        except Unusable as unusable:
            raise CommandError(str(unusable)) from unusable
        if options["verbosity"]:
            self.stdout.write(f"{count} scopes loaded.")
