"""Exact counts of one site's samples, for staff."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from checking import catalogue
from checking.counting import INTERVALS, PeriodCount, Summary, count_periods, summarise
from checking.models import Site
from checking.readings import Subject


class Command(BaseCommand):
    help = (
        "Count one site's samples by the date they were collected. With a substance: how many were tested for it, in "
        "how many it was found (detected), and in how many as more than a trace (primary). For staff only."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", required=True, help="slug")
        parser.add_argument("--substance", help="slug or any accepted name, of a substance or a class")
        parser.add_argument("--by", choices=INTERVALS, help="needed but for --summary")
        parser.add_argument("--summary", action="store_true", help="all of the site's samples at a glance")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(slug=options["site"]).first()
        if site is None:
            raise CommandError(f"There is no site {options['site']}.")
        if not options["by"] and not options["summary"]:
            raise CommandError(f"Say --by {'|'.join(INTERVALS)}, or --summary.")
        subject = _subject(options["substance"]) if options["substance"] else None
        summary = summarise(site) if options["summary"] else None
        periods = count_periods(site, options["by"], subject) if options["by"] else None
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(summary, periods), indent=2))
            return
        if summary is not None:
            self._show_summary(summary)
        if periods is not None:
            self._show_periods(periods)

    def _show_periods(self, periods: Sequence[PeriodCount]) -> None:
        self.stdout.write(f"{'period':<10}{'samples':>9}{'tested':>9}{'detected':>10}{'primary':>9}")
        for count in periods:
            cells = ["-" if cell is None else cell for cell in (count.tested, count.detected, count.primary)]
            self.stdout.write(
                f"{count.period or 'no date':<10}{count.samples:>9}{cells[0]:>9}{cells[1]:>10}{cells[2]:>9}"
            )

    def _show_summary(self, summary: Summary) -> None:
        said = summary.as_json()
        for name in ("samples", "lab_rows", "first_collected", "last_collected", "null_results"):
            self.stdout.write(f"{name.replace('_', ' ')}: {'none' if said[name] is None else said[name]}")
        self.stdout.write("\nexpected, samples, found in")
        for row in said["expected_found"]:
            self.stdout.write(f"  {row['substance']}, {row['samples']}, {row['found']}")
        self.stdout.write("\nfound, samples, more than a trace, first collected")
        for row in said["substances"]:
            first = row["first_collected"] or "no date"
            self.stdout.write(f"  {row['substance']}, {row['samples']}, {row['primary']}, {first}")


def _as_json(summary: Summary | None, periods: Sequence[PeriodCount] | None) -> Any:
    listed = None if periods is None else [count.as_json() for count in periods]
    if summary is None:
        return listed
    return summary.as_json() | ({} if listed is None else {"periods": listed})


def _subject(written: str) -> Subject:
    match = catalogue.current().find(written)
    if match.kind in {"one", "class"}:
        return match.subjects[0]
    if match.kind in {"ask", "mixture"}:
        meant = ", ".join(subject.name for subject in match.subjects)
        raise CommandError(f"{written} can mean {meant}: say which.")
    near = ", ".join(catalogue.current().nearest(written))
    raise CommandError(f"There is no substance {written}." + (f" Perhaps: {near}." if near else ""))
