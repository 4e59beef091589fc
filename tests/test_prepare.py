"""What `./run` says when it serves: every hint works as it stands."""

import json
import re
import stat
import subprocess
import urllib.request
from functools import partial
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.servers import LiveHeadsup

pytestmark = pytest.mark.servers

# One process for all of it: starting one takes longer than the work.
FILLED = """
from django.core.management import call_command
from checking.models import Network
call_command("load_reference")
call_command("load_areas", "{areas}")
call_command("make_site", slug="harbour-exchange", name="Harbour Exchange", area="harbour")
Network.current()
Network.objects.update(simulated={simulated})
"""


def with_a_site(server: LiveHeadsup, *, simulated: bool) -> None:
    areas = server.folder / "areas.csv"
    areas.write_text("slug,name,kind,parent,population,codes,release,speaks_for\nharbour,Harbour,county,,90000,,yes,\n")
    server.manage("shell", "-v", "0", "-c", FILLED.format(areas=areas, simulated=simulated))


def hints_of(server: LiveHeadsup, folder: Path) -> str:
    server.env["PUBLIC_URL"] = server.url
    file = folder / "hints"
    server.manage("prepare", "--hints", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    return file.read_text()


def test_on_a_simulated_network_the_hints_work_as_they_stand(live_headsup, tmp_path):
    server = live_headsup(before=partial(with_a_site, simulated=True))

    hints = hints_of(server, tmp_path)
    curl = hints[hints.index("curl ") : hints.index("}]}]}'") + 6]
    said = [subprocess.run(["bash", "-c", curl], capture_output=True, text=True, check=True).stdout for _ in range(2)]
    link = re.search(r"Staff +(\S+)", hints)[1]
    with urllib.request.urlopen(link) as page:
        signed_in = page.status

    samples = [json.loads(text) for text in said]
    assert samples[0]["id"] != samples[1]["id"], "each time it is a new sample"
    assert all("found fentanyl" in text for text in said)
    assert signed_in == 200


def test_on_a_network_of_ones_own_no_key_and_no_link_is_made(live_headsup, tmp_path):
    server = live_headsup(before=partial(with_a_site, simulated=False))

    hints = hints_of(server, tmp_path)

    assert "Api-Key" not in hints
    assert "/link/" not in hints
    commands = set(re.findall(r"manage\.py (\w+)", hints))
    assert commands
    assert commands <= set(get_commands())
