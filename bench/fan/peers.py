"""Who is measured, and the client that listens: ours, nginx with nchan, and Channels' own `group_send`."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.living import living
from tests.servers import PROJECT, Databases, LiveHeadsup, end, free_port, wait_for_port

SOURCE = Path(__file__).parent / "sockets.c"
NCHAN = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
ALERT_BYTES = 600
PADDING = 180  # makes a frame of ours about as long
AT_ONCE = 128  # handshakes under way
SERVER_CORE, CLIENT_CORE = {0}, {1}
PATIENCE_MS = 120_000
OURS = "/ws/alerts/?area=us-pa-allegheny&substance=xylazine&level=notice"

Publish = Callable[..., int]  # how many alerts, back to back; gives the instant it began, in ns


def compiled(folder: Path) -> Path:
    binary = folder / "sockets"
    subprocess.run(["gcc", "-O2", "-o", str(binary), str(SOURCE)], check=True)
    return binary


def memory_kb(pid: int, which: str = "VmRSS") -> int:
    """`VmRSS` is held now, `VmHWM` the most since it began or `forget_peak` (proc(5))."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split(f"{which}:")[1].split()[0])


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


@dataclass
class Peer:
    name: str
    port: int
    path: str
    publish: Publish
    pid: int
    greets: bool = False


class Sockets:
    """The client: many sockets to one server."""

    def __init__(self, binary: Path, peer: Peer, count: int, *, stuck: int = 0, at_once: int = AT_ONCE) -> None:
        options = (count, stuck, at_once, int(peer.greets))
        command = [str(binary), "127.0.0.1", str(peer.port), peer.path, *map(str, options)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        os.sched_setaffinity(self.process.pid, CLIENT_CORE)
        self.came: dict[str, Any] = self._read()

    def wait(self, deliveries: int) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(f"wait {deliveries} {PATIENCE_MS}\n".encode())
        self.process.stdin.flush()
        return self._read()

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found


@contextlib.contextmanager
def headsup(folder: Path) -> Iterator[tuple[Peer, LiveHeadsup]]:
    """Spread out, without its watcher: alerts are put into the rows by another process."""
    with installed(folder, "--no-watcher", is_spread_out=True) as server, publishing(server) as publish:
        yield ours(server, publish), server


@contextlib.contextmanager
def publishing(server: LiveHeadsup) -> Iterator[Publish]:
    """Another process that puts alerts into the rows of this server, as `publisher` does."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.fan.publisher"],
        cwd=PROJECT, env=dict(server.env), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as publisher:  # fmt: skip
        yield by_line(publisher)


@contextlib.contextmanager
def installed(folder: Path, *arguments: str, is_spread_out: bool) -> Iterator[LiveHeadsup]:
    """A simulated network whose rules may speak at once, on PostgreSQL and Redis or on SQLite alone."""
    databases = Databases(folder, os.environ["DATABASE_URL"] if is_spread_out else None)
    urls = {"CHANNEL_URL": os.environ["CHANNEL_URL"]} if is_spread_out else {"CHANNEL_URL": ""}
    server = living(databases, folder, *arguments, **urls).start()
    assert server.process is not None
    pin(server.process.pid)
    try:
        yield server
    finally:
        server.stop()
        databases.drop_all()


def ours(server: LiveHeadsup, publish: Publish) -> Peer:
    assert server.process is not None
    return Peer("headsup", server.port, OURS, publish, server.process.pid, greets=True)


def by_line(publisher: "subprocess.Popen[str]") -> Publish:
    def publish(count: int, padding: int = PADDING) -> int:
        assert publisher.stdin is not None
        assert publisher.stdout is not None
        publisher.stdin.write(f"{count} {padding}\n")
        publisher.stdin.flush()
        return int(publisher.stdout.readline())

    return publish


@contextlib.contextmanager
def nchan(folder: Path) -> Iterator[Peer]:
    port = free_port()
    (folder / "nginx.conf").write_text(
        f"load_module {NCHAN}; daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\n"
        "worker_rlimit_nofile 65536; events { worker_connections 30000; }\n"
        f"http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder};\n"
        f" fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};\n"
        f" server {{ listen 127.0.0.1:{port} backlog=4096;\n"
        "  location = /pub { nchan_publisher; nchan_channel_id alerts; }\n"
        "  location = /sub { nchan_subscriber websocket; nchan_channel_id alerts;\n"
        "    nchan_subscriber_first_message newest; }\n"
        " } }\n"
    )
    process = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    try:
        wait_for_port(port, process)
        workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for pid in workers:
            pin(int(pid))
        yield Peer("nchan", port, "/sub", by_post(port), int(workers[0]))
    finally:
        end(process)


@contextlib.contextmanager
def plain_channels(folder: Path) -> Iterator[Peer]:
    port = free_port()
    command = [sys.executable, "-m", "daphne", "-p", str(port), "bench.plain_channels.asgi:application"]
    with (folder / "plain.log").open("w") as log:
        env = {**os.environ, "DJANGO_SETTINGS_MODULE": "bench.plain_channels.settings"}
        process = subprocess.Popen(command, cwd=PROJECT, env=env, stdout=log, stderr=log)
    try:
        wait_for_port(port, process)
        pin(process.pid)
        yield Peer("plain Channels", port, "/sub", by_post(port), process.pid)
    finally:
        end(process)


def by_post(port: int) -> Publish:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    text = json.dumps({"type": "event", "padding": "x" * (ALERT_BYTES - 32)})

    def publish(count: int) -> int:
        began = time.monotonic_ns()
        for _ in range(count):
            connection.request("POST", "/pub", text)
            connection.getresponse().read()
        return began

    return publish


def pin(pid: int) -> None:
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), SERVER_CORE)
