"""Publish what may be published."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from checking.release import make_release


class Command(BaseCommand):
    help = "Publish what may be published: five samples or more to an area, or nothing. Safe to run at any time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--today", metavar="DATE", help="release as of this day instead of today (UTC)")

    def handle(self, *args: Any, **options: Any) -> None:
        release = make_release(_day(options["today"]))
        if release is None:
            self.stdout.write("Nothing to release: what is there waits for more.")
        else:
            self.stdout.write(f"Release {release.number} of {release.made_on:%Y-%m-%d}.")


def _day(written: str | None) -> date:
    if written is None:
        return timezone.now().date()
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise CommandError(f"--today {written}: a day is written 2026-11-18") from error
