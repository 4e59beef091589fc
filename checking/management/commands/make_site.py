"""Make a site."""

from argparse import ArgumentParser
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from checking.models import Area, Site


class Command(BaseCommand):
    help = "Make a place or service that checks drugs, or a laboratory."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--slug", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument("--area", required=True, help="slug of the area it stands in")
        parser.add_argument("--kind", choices=Site.Kind.values, default=Site.Kind.FIXED)
        parser.add_argument("--unlisted", action="store_true", help="not named in public lists")
        parser.add_argument(
            "--publish-alone",
            action="store_true",
            help="it said yes, in writing, to figures of an area where it is the only site",
        )
        parser.add_argument("--time-zone", default="UTC", help="such as America/New_York")
        parser.add_argument("--training", action="store_true", help="nothing from here is counted or told")
        parser.add_argument("--ends-on", type=date.fromisoformat, help="last day of an event, as 2026-11-22")

    def handle(self, *args: Any, **options: Any) -> None:
        area = Area.objects.filter(slug=options["area"]).first()
        if area is None:
            raise CommandError(f"There is no area {options['area']}.")
        if options["time_zone"] not in available_timezones():
            raise CommandError(f"{options['time_zone']} is no time zone; expected one such as America/New_York.")
        if Site.objects.filter(slug=options["slug"]).exists():
            raise CommandError(f"There is a site {options['slug']} already.")
        site = Site(
            slug=options["slug"],
            name=options["name"],
            area=area,
            kind=options["kind"],
            is_listed=not options["unlisted"],
            publishes_alone=options["publish_alone"],
            is_training=options["training"],
            time_zone=options["time_zone"],
            ends_on=options["ends_on"],
        )
        try:
            site.full_clean()
        except ValidationError as error:
            raise CommandError(
                "; ".join(f"{name}: {' '.join(said)}" for name, said in error.message_dict.items())
            ) from error
        site.save(force_insert=True)
        if options["verbosity"]:
            self.stdout.write(f"Made the site {site.slug}.")
