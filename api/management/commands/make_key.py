"""Make a key for a site."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from api.authentication import make_key
from checking.models import Site


class Command(BaseCommand):
    help = (
        "Print a new key by which a site submits, corrects, withdraws and reads its own results. "
        "It is shown this once; only its hash is kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", required=True, help="slug")
        parser.add_argument("--name", default="", help="what the key is for, shown in lists")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(slug=options["site"]).first()
        if site is None:
            raise CommandError(f"There is no site {options['site']}.")
        self.stdout.write(make_key(site, name=options["name"] or site.name))
