"""Keep, show or list how a site's own tables are read."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from checking.importing import mapping
from checking.models import ColumnMapping, Site
from checking.tables import Unusable


class Command(BaseCommand):
    help = (
        "Keep a mapping of columns (a JSON file, see docs/importing.md) under a name, for import_results --mapping "
        "NAME and for the page. Without a file, show the one of that name as JSON; without a name, list the names."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", metavar="FILE.json")
        parser.add_argument("--site", required=True, help="slug")
        parser.add_argument("--name", help="up to 60 signs")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(slug=options["site"]).first()
        if site is None:
            raise CommandError(f"There is no site {options['site']}.", returncode=2)
        name = (options["name"] or "").strip()
        if not name:
            names = ColumnMapping.objects.filter(site=site).order_by("name").values_list("name", flat=True)
            self.stdout.write("\n".join(names) or "none")
            return
        if len(name) > 60 or name.endswith(".json"):
            raise CommandError("A name has up to 60 signs and does not end in .json.", returncode=2)
        try:
            if options["file"] is None:
                self.stdout.write(json.dumps(mapping.as_plain(mapping.load(site, name)), ensure_ascii=False, indent=2))
                return
            mapping.save(mapping.read_mapping(options["file"].read_bytes()), site=site, name=name)
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.", returncode=2) from error
        except Unusable as unusable:
            raise CommandError(str(unusable), returncode=2) from unusable
        self.stdout.write(f"{name} is saved for {site.slug}")
