"""What the rules noticed, for staff."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from alerts.models import Signal
from alerts.signalling import RULES
from checking.models import Area, Site


class Command(BaseCommand):
    help = f"List signals of one site or area, oldest first. Rules: {', '.join(RULES)}. For staff only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--site", help="slug")
        where.add_argument("--area", help="slug; everything within counts too")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        found = Signal.objects.filter(_where(options)).select_related("substance", "substance_class", "area")
        rows = [_row(signal) for signal in found.prefetch_related("results").order_by("on", "pk")]
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        for row in rows:
            number = len(row["results"])
            self.stdout.write(
                f"{row['on']}  {row['rule']:<22} {row['substance'] or '-':<24} {row['area']:<24} {row['rung']:<12} "
                f"{number} result{'' if number == 1 else 's'}"
            )


def _where(options: dict[str, Any]) -> Q:
    if options["site"]:
        site = Site.objects.filter(slug=options["site"]).first()
        if site is None:
            raise CommandError(f"There is no site {options['site']}.")
        return Q(site=site)
    area = Area.objects.filter(slug=options["area"]).first()
    if area is None:
        raise CommandError(f"There is no area {options['area']}.")
    return Q(area__in=Area.objects.within(area))


def _row(signal: Signal) -> dict[str, Any]:
    return {
        "rule": signal.rule,
        "substance": signal.named.slug if signal.named else None,
        "area": signal.area.slug,
        "on": signal.on.isoformat(),
        "rung": signal.rung,
        "results": [str(result.pk) for result in signal.results.all()],
    }
