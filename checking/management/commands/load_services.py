"""Load the services of "help nearby" from a CSV file."""

import csv
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from checking.helping import OFFERS
from checking.models import Area, Service

HEADER = (
    "slug", "name", "area", "offers", "phone", "text_line", "address", "hours", "url", "languages", "last_confirmed_on",
)  # fmt: skip
NEEDED = ("slug", "name", "area", "offers")
LISTS = ("offers", "languages")  # entries separated by "|"


class Command(BaseCommand):
    help = f"Load services from CSV with the columns {','.join(HEADER)}. All rows go in, or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        areas = dict(Area.objects.values_list("slug", "pk"))
        services: list[Service] = []
        faults: list[str] = []
        for line, row in _rows(options["file"]):
            try:
                services.append(_service(row, areas))
            except ValidationError as error:
                faults.append(f"line {line}: {'; '.join(error.messages)}")
        if faults:
            raise CommandError("\n".join([*faults, "Nothing was loaded."]))
        with transaction.atomic():
            for service in services:
                _keep(service)
        if options["verbosity"]:
            self.stdout.write(f"{len(services)} services loaded.")


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = file.open(newline="", encoding="utf-8-sig")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from error
    with text:
        reader = csv.DictReader(text)
        header = set(reader.fieldnames or ())
        if not header.issuperset(NEEDED) or not header.issubset(HEADER):
            raise CommandError(f"{file} needs the columns {', '.join(NEEDED)} and knows {', '.join(HEADER)}.")
        for row in reader:
            # A row longer than the header comes under None; a shorter one has None as its values.
            yield reader.line_num, {key: (value or "").strip() for key, value in row.items() if key}


def _service(row: Mapping[str, str], areas: Mapping[str, int]) -> Service:
    """A sound service of one row. Raises ValidationError that says what is wrong with it."""
    lists = {name: [part.strip() for part in row.get(name, "").split("|") if part.strip()] for name in LISTS}
    if row["area"] not in areas:
        raise ValidationError(f"area “{row['area']}” is not known")
    if unknown := [code for code in lists["offers"] if code not in OFFERS]:
        raise ValidationError(f"offers has {', '.join(unknown)}; known are {', '.join(OFFERS)}")
    plain = {name: row.get(name, "") for name in HEADER if name not in {*LISTS, "area", "last_confirmed_on"}}
    service = Service(
        area_id=areas[row["area"]], last_confirmed_on=row.get("last_confirmed_on") or None, **lists, **plain
    )
    try:
        service.clean_fields(exclude=["offers", "languages"])
    except ValidationError as error:
        faults = [f"{field}: {text}" for field, texts in error.message_dict.items() for text in texts]
        raise ValidationError(faults) from error
    return service


def _keep(service: Service) -> None:
    """Write a service over the one of its slug, or beside the others."""
    values = {name: getattr(service, name) for name in HEADER if name not in {"slug", "area"}}
    Service.objects.update_or_create(slug=service.slug, defaults={**values, "area_id": service.area_id})
