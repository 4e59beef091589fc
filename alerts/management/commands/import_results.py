"""Bring a site's history in from files of other programmes, or of its own."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from alerts.replay import screen_replay
from checking.importing import mapping
from checking.importing.from_table import Wish, import_table
from checking.importing.history import import_unc
from checking.importing.keeping import Keeper
from checking.importing.report import Report
from checking.importing.strip_ftir import import_strip_ftir
from checking.models import Site
from checking.tables import Unusable

REJECTED = 1  # exit code: some rows did not go in
UNUSABLE = 2  # exit code: nothing was tried

Moved = Callable[[int, int], None]  # samples done, samples in all


class Command(BaseCommand):
    help = (
        "Bring results in from files, safe to run again. The format unc is that of the UNC Street Drug Analysis Lab "
        "and takes two files, samples and lab detail; strip-ftir is Drug Checking BC's file of strips beside FTIR; "
        "generic is any table (CSV or .xlsx), read by a mapping of its columns: docs/importing.md. "
        "Exit code 0: all in. 1: some rows did not go in, the report says which and why. 2: the files cannot be used."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
        parser.add_argument("--format", choices=("unc", "strip-ftir", "generic"), required=True, dest="file_format")
        parser.add_argument("--site", required=True, help="slug of the site whose results they are")
        parser.add_argument("--mapping", help="generic: name of a mapping saved for the site, or a FILE.json")
        parser.add_argument(
            "--rejects", type=Path, metavar="OUT.csv",
            help="generic: write the rows that did not go in, with the reason, to mend and bring in again",
        )  # fmt: skip
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
        self._refuse_what_does_not_go_together(options)
        keeper = Keeper(
            site,
            file_format=options["file_format"],
            is_dry_run=options["dry_run"],
            is_replay=options["replay"],
            burn_in=options["burn_in"],
        )
        report = self._import(keeper, options)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(report.as_text()))
        self._replay(keeper)
        if not report.is_all_in:
            count = len(report.rejected)
            raise CommandError(f"{count} row{'' if count == 1 else 's'} did not go in.", returncode=REJECTED)

    def _refuse_what_does_not_go_together(self, options: dict[str, Any]) -> None:
        is_generic = options["file_format"] == "generic"
        said = ""
        if options["burn_in"] is not None and not options["replay"]:
            said = "--burn-in goes with --replay."
        elif not is_generic and (options["mapping"] or options["rejects"]):
            said = "--mapping and --rejects go with --format generic."
        elif is_generic and not options["mapping"]:
            said = "--format generic takes --mapping: a name saved for the site, or a FILE.json."
        elif options["file_format"] != "unc" and len(options["files"]) != 1:
            said = f"The format takes one file; {len(options['files'])} given."
        if said:
            raise CommandError(said, returncode=UNUSABLE)

    def _import(self, keeper: Keeper, options: dict[str, Any]) -> Report:
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        try:
            with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
                task = bar.add_task("Samples", total=None)
                return _by_format(
                    keeper, options, lambda done, total: bar.update(task, completed=done, total=total or None)
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


def _by_format(keeper: Keeper, options: dict[str, Any], progress: Moved) -> Report:
    files: list[Path] = options["files"]
    if keeper.file_format == "unc":
        return import_unc(files, keeper, progress=progress)
    if keeper.file_format == "strip-ftir":
        return import_strip_ftir(files[0], keeper, progress=progress)
    chosen = mapping.load(keeper.site, options["mapping"])
    return import_table(Wish(files[0], chosen, files[0].name, options["rejects"]), keeper, progress=progress)


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ArgumentTypeError(f"“{text}” is not a whole number from 0")
    return int(text)
