"""Load the services of "help nearby" from a CSV file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from checking.service_rows import HEADER, NotAFileOfServices, Read, load_lines, read_services


class Command(BaseCommand):
    help = (
        f"Load services from CSV with the columns {','.join(HEADER)}. All lines go in, or none. "
        "Safe to run again: what is so already stays as it is. docs/services.md says more."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        found = _read(options["file"])
        if found.faults:
            said = [f"line {fault.number}: {'; '.join(fault.said)}" for fault in found.faults]
            raise CommandError("\n".join([*said, "Nothing was loaded."]))
        for line in found.lines:
            if line.remark and options["verbosity"]:
                self.stderr.write(f"line {line.number}: {line.remark}")
        if options["dry_run"]:
            self.stdout.write(f"{len(found.lines)} services can be loaded. Nothing was changed.")
            return
        changed = load_lines(found.lines, by=None)
        if options["verbosity"]:
            self.stdout.write(f"{len(found.lines)} services loaded. {len(changed)} of them are new or changed.")


def _read(file: Path) -> Read:
    try:
        return read_services(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is not UTF-8: save it as “CSV UTF-8”.") from error
    except NotAFileOfServices as error:
        raise CommandError(f"{file}: {error}") from error
