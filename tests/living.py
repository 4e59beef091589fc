"""A running network to listen to and to submit to: its set-up, a follower and a submitting site."""

import asyncio
import contextlib
import json
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import websockets

from tests.servers import Databases, LiveHeadsup

AREAS = """slug,name,kind,parent,population,codes,release,speaks_for
us,United States,country,,331000000,,,
us-pa,Pennsylvania,region,us,13000000,abbr=PA,,
us-pa-allegheny,Allegheny,county,us-pa,1250000,,yes,us-pa
"""

# A simulated network whose rules may speak, one area and one site; prints the site's key. For Django's shell:
# one process instead of six.
NETWORK = f"""
import tempfile
from django.core.management import call_command
from checking.models import Network
call_command("load_reference")
with tempfile.NamedTemporaryFile("w", suffix=".csv") as areas:
    areas.write({AREAS!r})
    areas.flush()
    call_command("load_areas", areas.name)
call_command("make_site", slug="harbour", name="Harbour", area="us-pa-allegheny")
Network.objects.update_or_create(pk=Network.ROW, defaults={{"simulated": True}})
call_command("rules", approve_all=True, hold=0, no_caps=True)
print("The key follows.")
call_command("make_key", site="harbour")
"""


def key_of(server: LiveHeadsup) -> str:
    """The key of the site in a network made by `NETWORK`."""
    return server.said.split("The key follows.")[1].strip()


def living(databases: Databases, folder: Path, *arguments: str, script: str = NETWORK, **settings: str) -> LiveHeadsup:
    """Such a network, not yet started."""
    urls, said = databases.filled(script)
    server = LiveHeadsup(folder, {**urls, **settings}, *arguments)
    server.said = said
    return server


def publish(server: LiveHeadsup, count: int = 1) -> None:
    """Alerts by another process, which rings no bell in the server's own."""
    server.manage(*_demo_alert(count))


def _demo_alert(count: int) -> list[str]:
    where = ["--area", "us-pa-allegheny", "--substance", "xylazine", "--level", "notice"]
    return ["demo_alert", *where, "--count", str(count)]


def ask(server: LiveHeadsup, path: str, *, key: str = "", body: Any = None) -> tuple[int, Any]:
    """Status and answer. Raises OSError while the server is down."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Api-Key {key}"} if key else {})}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(server.url + path, data, headers), timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def head_of(server: LiveHeadsup) -> int:
    """The last `seq`, by following the pages as any program would."""
    last, path = 0, "/api/v1/events/"
    while path:
        _, page = ask(server, path)
        last = page["results"][-1]["seq"] if page["results"] else last
        path = (page["next"] or "").removeprefix(server.url)
    return last


@dataclass
class Follower:
    """Someone on a bad line: hears what comes, and after every break comes back with `after`."""

    server: LiveHeadsup
    head: int = 0
    heard: list[int] = field(default_factory=list)
    breaks: int = 0

    async def follow(self) -> None:
        while True:
            with contextlib.suppress(OSError, websockets.WebSocketException, TimeoutError):
                async with websockets.connect(f"{self.server.ws_url}/ws/alerts/?after={self.head}") as socket:
                    async for text in socket:
                        self.take(json.loads(text))
            self.breaks += 1
            await asyncio.sleep(0.1)

    def take(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "event":
            self.heard.append(frame["seq"])
            self.head = frame["seq"]
        elif frame["type"] == "heartbeat":
            self.head = max(self.head, frame["head"])

    async def until(self, seq: int, seconds: float = 30) -> None:
        async with asyncio.timeout(seconds):
            while self.head < seq:
                await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def at_work(*works: Coroutine[Any, Any, None]) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Let these go on meanwhile, and have them ended at the end: what is only cancelled leaves its sockets open."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
