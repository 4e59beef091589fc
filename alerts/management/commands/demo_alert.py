"""Alerts for trying things out, through the same door as real ones."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alerts.models.alerts import LEVELS
from alerts.simulating import say
from checking import catalogue
from checking.models import Area, Network


class Command(BaseCommand):
    help = "Publish made-up alerts, each approved by the simulated reviewers. On a simulated network only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--area", required=True, help="slug")
        parser.add_argument("--substance", required=True, help="slug or any accepted name, of a substance or a class")
        parser.add_argument("--level", required=True, choices=LEVELS)
        parser.add_argument("--kind", choices=["published"], default="published")
        parser.add_argument("--count", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        if not Network.current().simulated:
            raise CommandError("Only a simulated network takes made-up alerts.")
        area = Area.objects.filter(slug=options["area"]).first()
        if area is None:
            raise CommandError(f"There is no area {options['area']}.")
        match = catalogue.current().find(options["substance"])
        if match.kind not in {"one", "class"}:
            raise CommandError(f"{options['substance']} is not one substance or class we know.")
        if options["count"] < 1:
            raise CommandError("--count is 1 or more.")
        for _ in range(options["count"]):
            event = say(area=area, subject=match.subjects[0], level=options["level"])
            self.stdout.write(str(event.alert_id))
