"""Bring a site's history in from files of another programme."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from alerts.replay import screen_replay
from checking.importing.history import import_unc
from checking.importing.keeping import Keeper
from checking.importing.report import Report
from checking.models import Site
from checking.tables import Unusable

REJECTED = 1  # exit code: some rows did not go in
UNUSABLE = 2  # exit code: nothing was tried


class Command(BaseCommand):
    help = (
        "Bring results in from files of another programme, safe to run again. The format unc (so far the only one) is "
        "that of the UNC Street Drug Analysis Lab and takes two files, samples and lab detail. "
        "Exit code 0: all in. 1: some rows did not go in, the report says which and why. 2: the files cannot be used."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
        parser.add_argument("--format", choices=("unc",), required=True, dest="file_format")
        parser.add_argument("--site", required=True, help="slug of the site whose results they are")
        parser.add_argument("--dry-run", action="store_true", help="check everything, store nothing")
        parser.add_argument(
            "--replay", action="store_true", help="judge the results as if each had come in on the day it was completed"
        )
        parser.add_argument(
            "--burn-in", type=_whole, metavar="N",
            help="with --replay: samples tested before “first” means something (else as the network has it); 0 is none",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(slug=options["site"]).first()
        if site is None:
            raise CommandError(f"There is no site {options['site']}.", returncode=UNUSABLE)
        if options["burn_in"] is not None and not options["replay"]:
            raise CommandError("--burn-in goes with --replay.", returncode=UNUSABLE)
        keeper = Keeper(
            site,
            file_format=options["file_format"],
            is_dry_run=options["dry_run"],
            is_replay=options["replay"],
            burn_in=options["burn_in"],
        )
        report = self._import(options["files"], keeper)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(report.as_text()))
        self._replay(keeper)
        if not report.is_all_in:
            count = len(report.rejected)
            raise CommandError(f"{count} row{'' if count == 1 else 's'} did not go in.", returncode=REJECTED)

    def _import(self, files: list[Path], keeper: Keeper) -> Report:
        console = Console(stderr=True)
        try:
            with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
                task = bar.add_task("Samples", total=None)
                return import_unc(
                    files, keeper, progress=lambda done, total: bar.update(task, completed=done, total=total)
                )
        except Unusable as unusable:
            raise CommandError(str(unusable), returncode=UNUSABLE) from unusable

    def _replay(self, keeper: Keeper) -> None:
        if keeper.has_cut_off_replay():
            self.stderr.write(
                "A replay of this site was cut off, its results are not seen yet: run it again with --replay."
            )
        if keeper.is_replay and keeper.run is not None:
            screen_replay(keeper.run)


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ArgumentTypeError(f"“{text}” is not a whole number from 0")
    return int(text)
