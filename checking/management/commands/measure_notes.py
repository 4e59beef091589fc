"""Say how well the identifier gate does on labelled notes."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from checking.measuring_notes import labelled, measure


class Command(BaseCommand):
    help = (
        "Print how many labelled notes the identifier gate refuses, overall and by kind, with 95 % intervals. "
        "The notes are CSV with the columns text, kinds and language; nothing of them is printed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        for path in options["files"]:
            try:
                measured = measure(labelled(path))
            except (OSError, KeyError, UnicodeDecodeError) as error:
                raise CommandError(f"{path} cannot be read as labelled notes ({type(error).__name__}).") from None
            self.stdout.write("\n".join([path.name, *measured.lines()]))
