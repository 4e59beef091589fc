"""What `./run` does before it serves: a database that is ready, and hints on where to look."""

import contextlib
import io
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from checking.models import Network, Site

COORDINATOR = "Ada"

# One line, to be pasted as often as one likes: the shell makes a new id each time.
SAMPLE = (
    "curl -s {url}/api/v1/samples/ -H 'Authorization: Api-Key {key}' -H 'Content-Type: application/json' -d '{{"
    """"client_id":"'$(cat /proc/sys/kernel/random/uuid)'","collected_on":"'$(date -u +%F)'","expected":["cocaine"],"""
    """"form":"powder","results":[{{"client_id":"'$(cat /proc/sys/kernel/random/uuid)'","method":"gc-ms","""
    """"performed_on":"'$(date -u +%F)'","outcome":"detected","chosen_because":"all","""
    """"findings":[{{"substance":"fentanyl","amount":{{"kind":"relative","value":"minor"}}}}]}}]}}'"""
)

SIMULATED = """
  What everyone sees   {url}/
  Figures              {url}/trends/
  For programs         {url}/api/docs/
  Staff                {link}
                       (signs in {name}, coordinator; works once)

  A result from {site}, sold as cocaine, with fentanyl in it. Send it with the page open:

{sample}

  This network and all that is in it are made up. To begin with your own: ./run --empty, on another DATA_DIR.
"""

OWN = """
  What everyone sees   {url}/
  Staff                {url}/staff/
  For programs         {url}/api/docs/

  The first steps, in another terminal:

    .venv/bin/python manage.py load_areas FILE.csv
    .venv/bin/python manage.py make_site --slug SLUG --name NAME --area AREA
    .venv/bin/python manage.py make_person --name NAME --role coordinator
    .venv/bin/python manage.py make_key --site SLUG
"""


class Command(BaseCommand):
    help = "Migrate, load the vocabulary and, on an empty database, the simulated network; write hints for `serve`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--empty", action="store_true", help="leave the simulated network out")
        parser.add_argument("--hints", type=Path, required=True, metavar="FILE", help="where to write the hints")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        if options["empty"] or Site.objects.exists():
            call_command("load_reference")
        else:
            call_command("demo")
            said_by("rules", "--approve-all", "--hold", "0", "--no-caps")
        hints = simulated_hints() if Network.current().simulated else OWN.format(url=settings.PUBLIC_URL)
        write_privately(options["hints"], hints)


def simulated_hints() -> str:
    """Fresh ways in, made each time: of earlier ones only hashes are kept. Never done on a real network."""
    url = settings.PUBLIC_URL
    site = Site.objects.filter(is_training=False).exclude(kind=Site.Kind.LAB).order_by("pk")[0]
    key = said_by("make_key", "--site", site.slug)
    link = said_by("make_person", "--name", COORDINATOR, "--role", "coordinator")
    sample = SAMPLE.format(url=url, key=key)
    return SIMULATED.format(url=url, link=link, name=COORDINATOR, site=site.name, sample=sample)


def said_by(command: str, *arguments: str) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        call_command(command, *arguments)
    return said.getvalue().strip()


def write_privately(file: Path, text: str) -> None:
    """Only for us to read: it holds a key."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(text)
