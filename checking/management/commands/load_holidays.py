"""Load public holidays, which "PH" in the opening hours of services is about, from a CSV file."""

import csv
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from checking.models import Area, Holiday

HEADER = ("area", "day", "name")


class Command(BaseCommand):
    help = (
        f"Load public holidays from CSV with the columns {','.join(HEADER)}. All lines go in, or none. For each area "
        "and year in the file they take the place of those known before."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        days = _read(options["file"])
        with transaction.atomic():
            for area, year in {(row.area_id, row.day.year) for row in days}:
                Holiday.objects.filter(area_id=area, day__year=year).delete()
            Holiday.objects.bulk_create(days)
        if options["verbosity"]:
            self.stdout.write(f"{len(days)} public holidays loaded.")


def _read(file: Path) -> list[Holiday]:
    areas = dict(Area.objects.values_list("slug", "pk"))
    found: dict[tuple[int, date], Holiday] = {}
    faults = []
    try:
        with file.open(newline="", encoding="utf-8-sig") as text:
            reader = csv.DictReader(text, restval="")
            if not {"area", "day"} <= set(reader.fieldnames or ()) <= set(HEADER):
                raise CommandError(f"{file} needs the columns area, day and knows {', '.join(HEADER)}.")
            for row in reader:
                if row["area"].strip() not in areas:
                    faults.append(f"line {reader.line_num}: area “{row['area']}” is not known")
                    continue
                try:
                    day = date.fromisoformat(row["day"].strip())
                except ValueError:
                    faults.append(f"line {reader.line_num}: “{row['day']}” is no day; write it as 2026-11-26")
                    continue
                key = areas[row["area"].strip()]
                found[key, day] = Holiday(area_id=key, day=day, name=row.get("name", "").strip()[:80])
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is not UTF-8.") from error
    if faults:
        raise CommandError("\n".join([*faults, "Nothing was loaded."]))
    return list(found.values())
