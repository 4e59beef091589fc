"""Say what is held of one site and day."""

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from checking.disclosing import held
from checking.models import Site


class Command(BaseCommand):
    help = "Print, as JSON, how many rows are held of one site and day and which fields of them hold something."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", required=True, help="slug")
        parser.add_argument("--day", required=True, type=date.fromisoformat, help="as 2026-11-22")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(slug=options["site"]).first()
        if site is None:
            raise CommandError(f"There is no site {options['site']}.")
        self.stdout.write(json.dumps(held(site, options["day"]), indent=2))
