"""Make a key for a site."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from api.authentication import make_key
from api.models import SiteKey
from checking.models import Site

LONGEST_DAYS = 36_500  # a century; whoever means "for ever" leaves it out


class Command(BaseCommand):
    help = (
        "Print a new key by which a site submits, corrects, withdraws and reads its own results. "
        "It is shown this once; only its hash is kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", required=True, help="slug")
        parser.add_argument("--name", default="", help="what the key is for, shown in lists")
        parser.add_argument(
            "--days", type=_days, metavar="N", help="no longer good after N days (else until taken back)"
        )
        parser.add_argument(
            "--scope", action="append", choices=SiteKey.Scope.values, default=[],
            help="may do this alone: submit, correct (and withdraw), read; repeat it for several (else all of them)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(slug=options["site"]).first()
        if site is None:
            raise CommandError(f"There is no site {options['site']}.")
        good_for = None if options["days"] is None else timedelta(days=options["days"])
        key = make_key(site, name=options["name"] or site.name, scopes=options["scope"], good_for=good_for)
        self.stdout.write(key)


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= LONGEST_DAYS:
        raise ArgumentTypeError(f"“{text}” is not a whole number of days from 1 to {LONGEST_DAYS}")
    return int(text)
