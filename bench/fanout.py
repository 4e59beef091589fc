"""How fast one alert reaches thousands of sockets, beside others in the same run. One JSON line a figure.

`python -m tests.servers python -m bench.fanout --sockets 5000` (PostgreSQL and Redis, where the bell rings across
processes at once). The peers are nginx with nchan, one worker, and Channels' own `group_send` to one group on the
plain daphne command. Servers run on core 0, the client (`bench/fan/sockets.c`, by gcc) on core 1.

Without nginx and nchan (Debian: nginx-light libnginx-mod-nchan) that figure is not measured, and the run exits 1.
"""

import argparse
import contextlib
import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.living import living
from tests.servers import PROJECT, Databases, LiveHeadsup, end, free_port, wait_for_port

SOURCE = Path(__file__).parent / "fan" / "sockets.c"
NCHAN = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
ALERT_BYTES = 600
BURST = 20
AT_ONCE = 128  # handshakes under way
SERVER_CORE, CLIENT_CORE = {0}, {1}
PATIENCE_MS = 120_000
OURS = "/ws/alerts/?area=us-pa-allegheny&substance=xylazine&level=notice"

Publish = Callable[[int], int]  # how many alerts, back to back; gives the instant it began, in ns


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


# Who is measured


@contextlib.contextmanager
def headsup(folder: Path) -> Iterator[tuple[Peer, LiveHeadsup]]:
    databases = Databases(folder, os.environ["DATABASE_URL"])
    server = living(databases, folder, "--no-watcher", CHANNEL_URL=os.environ["CHANNEL_URL"]).start()
    assert server.process is not None
    pin(server.process.pid)
    publisher = subprocess.Popen(
        [sys.executable, "-m", "bench.fan.publisher"],
        cwd=PROJECT, env=dict(server.env), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield Peer("headsup", server.port, OURS, by_line(publisher), server.process.pid, greets=True), server
    finally:
        assert publisher.stdin is not None
        publisher.stdin.close()
        publisher.wait(timeout=30)
        server.stop()
        databases.drop_all()


def by_line(publisher: "subprocess.Popen[str]") -> Publish:
    def publish(count: int) -> int:
        assert publisher.stdin is not None
        assert publisher.stdout is not None
        publisher.stdin.write(f"{count}\n")
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


# Measuring


def rounds(binary: Path, peer: Peer, count: int, *, singles: int, bursts: int) -> dict[str, float]:
    """Medians: deliveries a second in single rounds and in bursts, and the 99th percentile of a single round in ms."""
    before = memory_kb(peer.pid)
    sockets = Sockets(binary, peer, count)
    assert sockets.came["failed"] == 0, f"{peer.name}: {sockets.came}"
    per_socket = (memory_kb(peer.pid) - before) / count
    try:
        one(sockets, peer, count, 1)  # warm
        single = [one(sockets, peer, count, 1) for _ in range(singles)]
        burst = [one(sockets, peer, count, BURST) for _ in range(bursts)]
    finally:
        sockets.close()
    return {
        "single_per_s": statistics.median(each["per_s"] for each in single),
        "burst_per_s": statistics.median(each["per_s"] for each in burst) if burst else 0.0,
        "p99_ms": statistics.median(each["p99_ms"] for each in single),
        "kb_a_socket": per_socket,
        "connect_s": sockets.came["seconds"],
    }


def one(sockets: Sockets, peer: Peer, count: int, alerts: int) -> dict[str, float]:
    began = peer.publish(alerts)
    heard = sockets.wait(count * alerts)
    assert heard["deliveries"] == count * alerts, f"{peer.name} delivered {heard['deliveries']} of {count * alerts}"
    return {"per_s": count * alerts / ((heard["last"] - began) / 1e9), "p99_ms": (heard["p99"] - began) / 1e6}


def memory_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def compared(binary: Path, folder: Path, count: int, pairs: int) -> Iterator[dict[str, Any]]:
    """Ours and nchan by turns, so that a slow minute is both's."""
    with headsup(folder) as (ours, _), nchan(folder) as theirs:
        found: dict[str, list[dict[str, float]]] = {"headsup": [], "nchan": []}
        for _ in range(pairs):
            for peer in (theirs, ours):
                found[peer.name].append(rounds(binary, peer, count, singles=5, bursts=2))
    mine, other = (middle(found[name]) for name in ("headsup", "nchan"))
    yield {
        "figure": "fan-out",
        "sockets": count,
        **{f"ours_{name}": round(value, 1) for name, value in mine.items()},
        **{f"nchan_{name}": round(value, 1) for name, value in other.items()},
        "single_ratio": round(mine["single_per_s"] / other["single_per_s"], 2),
        "burst_ratio": round(mine["burst_per_s"] / other["burst_per_s"], 2),
        "p99_ratio": round(mine["p99_ms"] / other["p99_ms"], 2),
    }


def middle(many: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(each[name] for each in many) for name in many[0]}


def beside_plain(binary: Path, folder: Path, count: int) -> Iterator[dict[str, Any]]:
    with headsup(folder) as (ours, _):
        mine = rounds(binary, ours, count, singles=3, bursts=0)
    with plain_channels(folder) as peer:
        other = rounds(binary, peer, count, singles=1, bursts=0)
    yield {
        "figure": "fan-out beside plain Channels",
        "sockets": count,
        "ours_per_s": round(mine["single_per_s"]),
        "plain_per_s": round(other["single_per_s"]),
        "ratio": round(mine["single_per_s"] / other["single_per_s"], 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=5000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", choices=["nchan", "plain"])
    asked = parser.parse_args()
    if "DATABASE_URL" not in os.environ:
        parser.error("run it as `python -m tests.servers python -m bench.fanout`")
    with tempfile.TemporaryDirectory(prefix="headsup-fanout-") as name:
        folder = Path(name)
        binary = folder / "sockets"
        subprocess.run(["gcc", "-O2", "-o", str(binary), str(SOURCE)], check=True)
        has_nchan = shutil.which("nginx") is not None and NCHAN.exists()
        if asked.only != "plain":
            if has_nchan:
                for figure in compared(binary, folder, asked.sockets, asked.pairs):
                    print(json.dumps(figure), flush=True)
            else:
                print(json.dumps({"figure": "fan-out", "not_measured": "nginx with nchan is not installed"}))
        if asked.only != "nchan":
            for figure in beside_plain(binary, folder, asked.sockets):
                print(json.dumps(figure), flush=True)
    return 0 if has_nchan or asked.only == "plain" else 1


if __name__ == "__main__":
    sys.exit(main())
