"""How fast results come in, beside what could be had in the same run. One JSON line a figure.

`python -m bench.ingest` on SQLite; `python -m tests.servers python -m bench.ingest` on PostgreSQL.

- single posts with a key at 32 clients, beside a nested ModelSerializer on the same tables behind
  Django's usual middleware, served by the plain daphne command (`bench/plain/`);
- bulk, beside the same rows by `COPY` (PostgreSQL) or `executemany` (SQLite), a commit every 1,000;
- memory of the server over a long bulk.
"""

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.clients import Load, send_for
from bench.same_rows import rows_per_second
from tests.living import key_of, living
from tests.sending import today_utc
from tests.servers import Databases, LiveHeadsup, end, free_port, running_redis, wait_for_port

CLIENTS = 32
SECONDS = 6.0
RUNS = 3


def sample(*, for_peer: bool = False) -> dict[str, Any]:
    """One sample of a lab, as most are: ten fields, three findings, and nothing to raise an alarm about."""
    today = today_utc().isoformat()
    findings = [
        ("cocaine", "percent_w_w", 54.1, 50.7, 57.5),
        ("caffeine", "percent_w_w", 12.5, 11.0, 14.0),
        ("levamisole", "percent_w_w", 20.0, 17.0, 23.0),
    ]
    about: dict[str, Any] = {
        "collected_on": today, "area": "us-pa-allegheny", "expected": ["cocaine"], "form": "powder",
        "carrier": "bag", "colours": ["white"], "mass_mg": 10.5, "share": True,
    }  # fmt: skip
    result: dict[str, Any] = {
        "method": "gc-ms", "performed_on": today, "outcome": "detected", "chosen_because": "all",
    }  # fmt: skip
    if for_peer:
        result["findings"] = [
            {"substance": name, "is_detected": True, "identity": "exact", "amount_kind": kind, "value": str(value),
             "low": str(low), "high": str(high), "basis": "base"}
            for name, kind, value, low, high in findings
        ]  # fmt: skip
        return {**about, "results": [result]}
    result["client_id"] = str(uuid.uuid4())
    result["findings"] = [
        {"substance": name, "amount": {"kind": kind, "value": value, "low": low, "high": high, "basis": "base"}}
        for name, kind, value, low, high in findings
    ]
    return {"client_id": str(uuid.uuid4()), **about, "results": [result]}


def request(key: str, *, for_peer: bool = False) -> bytes:
    body = json.dumps(sample(for_peer=for_peer)).encode()
    head = (
        f"POST /api/v1/samples/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Api-Key {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def made_beforehand(make: Callable[[], bytes], count: int) -> Callable[[], bytes]:
    made = [make() for _ in range(count)]
    return lambda: made.pop() if made else make()


@contextlib.contextmanager
def plain_peer(env: dict[str, str], folder: Path) -> Iterator[int]:
    """The peer's port: the daphne command, as its documentation starts it."""
    port = free_port()
    command = [sys.executable, "-m", "daphne", "-p", str(port), "bench.plain.asgi:application"]
    with (folder / "peer.log").open("w") as log:
        process = subprocess.Popen(
            command, env={**env, "DJANGO_SETTINGS_MODULE": "bench.plain.settings"}, stdout=log, stderr=log
        )
    try:
        wait_for_port(port, process)
        yield port
    finally:
        end(process)


def singles(server: LiveHeadsup, key: str, seconds: float, runs: int) -> Iterator[dict[str, Any]]:
    ours: list[Load] = []
    peers: list[Load] = []
    with plain_peer(server.env, server.folder) as peer_port:
        for _ in range(runs):  # by turns, so that a slow minute is both's
            ours.append(load_of(server.port, key, seconds, for_peer=False))
            peers.append(load_of(peer_port, key, seconds, for_peer=True))
    for name, loads in (("ours", ours), ("plain", peers)):
        wrong = {status: n for load in loads for status, n in load.statuses.items() if status != 201}
        assert not wrong, f"{name} answered {wrong}"
    mine, plain = middle(ours), middle(peers)
    yield {
        "figure": "single posts at 32 clients",
        "ours_per_s": round(mine["per_s"]),
        "plain_per_s": round(plain["per_s"]),
        "ratio": round(mine["per_s"] / plain["per_s"], 2),
        "ours_p99_ms": round(mine["p99"] * 1000),
        "plain_p99_ms": round(plain["p99"] * 1000),
        "p99_ratio": round(mine["p99"] / plain["p99"], 2),
        "errors": 0,
    }


def load_of(port: int, key: str, seconds: float, *, for_peer: bool) -> Load:
    make = made_beforehand(lambda: request(key, for_peer=for_peer), int(seconds * 1200))
    asyncio.run(send_for(port, 1.0, CLIENTS, lambda: request(key, for_peer=for_peer)))  # warm
    return asyncio.run(send_for(port, seconds, CLIENTS, make))


def middle(loads: list[Load]) -> dict[str, float]:
    return {
        "per_s": statistics.median(load.per_second for load in loads),
        "p99": statistics.median(load.wait_at(0.99) for load in loads),
    }


def bulk(server: LiveHeadsup, key: str, lines: int, runs: int) -> Iterator[dict[str, Any]]:
    rates, most = [], 0.0
    for _ in range(runs):
        body = server.folder / "bulk.ndjson"
        with body.open("w") as file:
            file.writelines(json.dumps(sample()) + "\n" for _ in range(lines))
        seconds, memory = send_bulk(server, key, body, lines)
        rates.append(lines / seconds)
        most = max(most, memory)
    limit = rows_per_second(server.env, samples=min(lines, 20_000))
    yield {
        "figure": "bulk",
        "lines": lines,
        "ours_per_s": round(statistics.median(rates)),
        "limit": limit.name,
        "limit_per_s": round(limit.per_second),
        "ratio": round(statistics.median(rates) / limit.per_second, 3),
        "memory_mb": round(most),
    }


def send_bulk(server: LiveHeadsup, key: str, body: Path, lines: int) -> tuple[float, float]:
    """Seconds from the first byte sent to the last line answered, and the most memory meanwhile, in MB."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=3600)
    headers = {"Authorization": f"Api-Key {key}", "Content-Type": "application/x-ndjson"}
    begun, created, most = time.perf_counter(), 0, 0.0
    with body.open("rb") as file:
        headers["Content-Length"] = str(body.stat().st_size)
        connection.request("POST", "/api/v1/samples/bulk/", body=file, headers=headers)
        answer = connection.getresponse()
        for number, line in enumerate(answer):
            created += b'"created"' in line
            if number % 1000 == 0:
                most = max(most, memory_mb(server))
    assert created == lines, f"{created} of {lines} were created"
    return time.perf_counter() - begun, most


def memory_mb(server: LiveHeadsup) -> float:
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--only", choices=["singles", "bulk"])
    asked = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "")
    database = "PostgreSQL" if url.startswith("postgres") else "SQLite"
    with tempfile.TemporaryDirectory(prefix="headsup-bench-") as name, contextlib.ExitStack() as redis:
        databases = Databases(Path(name), url or None)
        url_of_redis = redis.enter_context(running_redis(Path(name)))
        # What is measured is the way in; looking at results for signals is another process's work here.
        server = living(databases, Path(name), "--no-watcher", CHANNEL_URL=url_of_redis).start()
        key = key_of(server)
        try:
            if asked.only != "bulk":
                for figure in singles(server, key, asked.seconds, asked.runs):
                    print(json.dumps({"database": database, **figure}), flush=True)
            if asked.only != "singles":
                for figure in bulk(server, key, asked.lines, asked.runs):
                    print(json.dumps({"database": database, **figure}), flush=True)
        finally:
            server.stop()
            databases.drop_all()


if __name__ == "__main__":
    main()
