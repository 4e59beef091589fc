"""How fast one alert reaches thousands of sockets, beside others in the same run. One JSON line a figure.

`python -m tests.servers python -m bench.fanout --sockets 5000` (PostgreSQL and Redis, where the bell rings across
processes at once). The peers are nginx with nchan, one worker, and Channels' own `group_send` to one group on the
plain daphne command. Servers run on core 0, the client (`bench/fan/sockets.c`, by gcc) on core 1.

`--only edges` measures what a crowd does beside that: sockets that never read, two thousand that come back at once,
and the time from a submission to the frame, on both shapes.

Without nginx and nchan (Debian: nginx-light libnginx-mod-nchan) that figure is not measured, and the run exits 1.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.fan import edges
from bench.fan.peers import NCHAN, Peer, Sockets, compiled, headsup, memory_kb, nchan, plain_channels

BURST = 20
ASKED = ("nchan", "plain", "edges")


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
    """Medians; but the memory of the first crowd, since later ones come into what it left."""
    medians = {name: statistics.median(each[name] for each in many) for name in many[0]}
    return {**medians, "kb_a_socket": many[0]["kb_a_socket"]}


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
    parser.add_argument("--only", choices=ASKED)
    asked = parser.parse_args()
    if "DATABASE_URL" not in os.environ:
        parser.error("run it as `python -m tests.servers python -m bench.fanout`")
    asked_for = [asked.only] if asked.only else ASKED
    has_nchan = shutil.which("nginx") is not None and NCHAN.exists()
    with tempfile.TemporaryDirectory(prefix="headsup-fanout-") as name:
        folder = Path(name)
        binary = compiled(folder)
        if "nchan" in asked_for:
            if has_nchan:
                tell(compared(binary, folder, asked.sockets, asked.pairs))
            else:
                print(json.dumps({"figure": "fan-out", "not_measured": "nginx with nchan is not installed"}))
        if "plain" in asked_for:
            tell(beside_plain(binary, folder, asked.sockets))
        if "edges" in asked_for:
            tell(edges.figures(binary, folder))
    return 0 if has_nchan or "nchan" not in asked_for else 1


def tell(figures: Iterator[dict[str, Any]]) -> None:
    for figure in figures:
        print(json.dumps(figure), flush=True)


if __name__ == "__main__":
    sys.exit(main())
