"""What a crowd does at its edges: some never read, all come back at once, and one waits for its own result."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.fan.peers import Peer, Sockets, forget_peak, headsup, installed, memory_kb, ours
from tests.living import ask, head_of, key_of
from tests.sending import lab_body, sample_body
from tests.servers import PROJECT, LiveHeadsup, end

CROWD = 5000
STUCK_SHARE = 0.01
LONG_ALERT = 16_000  # bytes; forty of them are more than the kernel and we hold for one reader
LONG_ALERTS = 40
CROWDS = 4
RETURNING = 2000
MISSED = 50
WAITING = 1000
SUBMISSIONS = 100
PAUSE = 0.1  # seconds between two submissions


def figures(binary: Path, folder: Path) -> Iterator[dict[str, Any]]:
    with headsup(folder) as (peer, server):
        yield some_never_read(binary, peer)
        yield many_come_and_go(binary, peer)
        yield all_come_back(binary, peer, server)
    for is_spread_out in (False, True):
        yield submitted_to_heard(binary, folder, is_spread_out=is_spread_out)


def some_never_read(binary: Path, peer: Peer) -> dict[str, Any]:
    """One in a hundred reads nothing while more is sent than anyone may be behind by, beside a crowd where all read."""
    stuck = round(CROWD * STUCK_SHARE)
    _lost_and_memory(binary, peer, stuck=0)  # what the first crowd makes the server take, later ones find there
    _, usual = _lost_and_memory(binary, peer, stuck=0)
    lost, memory = _lost_and_memory(binary, peer, stuck=stuck)
    return {
        "figure": "one in a hundred never reads",
        "sockets": CROWD,
        "lost_by_the_others": lost,
        "kb_for_each_that_never_reads": round((memory - usual) / stuck, 1),
    }


def many_come_and_go(binary: Path, peer: Peer) -> dict[str, Any]:
    """What crowds that went leave behind."""
    held = [_lost_and_memory(binary, peer, stuck=0)[1] for _ in range(CROWDS)]
    return {
        "figure": "crowds come and go",
        "sockets": CROWD,
        "crowds": CROWDS,
        "kb_left_by_each": round((held[-1] - held[0]) / (CROWD * (CROWDS - 1)), 1),
    }


def _lost_and_memory(binary: Path, peer: Peer, *, stuck: int) -> tuple[int, int]:
    """Deliveries that those who read did not get, and the most that the server held meanwhile, in kB."""
    sockets = Sockets(binary, peer, CROWD, stuck=stuck)
    assert sockets.came["failed"] == 0, sockets.came
    forget_peak(peer.pid)
    wanted = (CROWD - stuck) * LONG_ALERTS
    peer.publish(LONG_ALERTS, LONG_ALERT)
    heard = sockets.wait(wanted)
    memory = memory_kb(peer.pid, "VmHWM")
    sockets.close()
    return wanted - heard["deliveries"], memory


def all_come_back(binary: Path, peer: Peer, server: LiveHeadsup) -> dict[str, Any]:
    """As after a restart of ours, without the pause that a page of ours would make."""
    peer.publish(MISSED)
    back = replace(peer, path=f"{peer.path}&after={head_of(server) - MISSED}")
    began = time.monotonic_ns()
    sockets = Sockets(binary, back, RETURNING, at_once=RETURNING)
    heard = sockets.wait(RETURNING * MISSED)
    sockets.close()
    return {
        "figure": "all come back at once",
        "sockets": RETURNING,
        "missed_each": MISSED,
        "failed": sockets.came["failed"],
        "lost": RETURNING * MISSED - heard["deliveries"],
        "seconds": round((heard["last"] - began) / 1e9, 2),
    }


def submitted_to_heard(binary: Path, folder: Path, *, is_spread_out: bool) -> dict[str, Any]:
    """From the POST of a result whose rule speaks by itself, at once, to the frame at every socket that waits."""
    arguments = ["--no-watcher"] if is_spread_out else []
    with installed(folder, *arguments, is_spread_out=is_spread_out) as server, watching(server, is_spread_out):
        waiting = replace(ours(server, lambda: 0), path="/ws/alerts/?area=us-pa-allegheny&substance=fentanyl")
        sockets = Sockets(binary, waiting, WAITING)
        slowest, usual = [], []
        for number in range(SUBMISSIONS + 1):
            body = sample_body(lab_body(("fentanyl",)))
            began = time.monotonic_ns()
            status, answer = ask(server, "/api/v1/samples/", key=key_of(server), body=body)
            assert status == 201, answer
            heard = sockets.wait(WAITING)
            assert heard["deliveries"] == WAITING, heard
            if number:  # the first one loads what is loaded once
                slowest.append((heard["p99"] - began) / 1e6)
                usual.append((heard["p50"] - began) / 1e6)
            time.sleep(PAUSE)
        sockets.close()
    return {
        "figure": "submitted to heard",
        "shape": "spread out" if is_spread_out else "embedded",
        "sockets": WAITING,
        "submissions": SUBMISSIONS,
        "p50_ms": round(sorted(usual)[SUBMISSIONS // 2], 1),
        "p99_ms": round(sorted(slowest)[SUBMISSIONS * 99 // 100 - 1], 1),
    }


@contextlib.contextmanager
def watching(server: LiveHeadsup, is_needed: bool) -> Iterator[None]:
    """The watcher as a process of its own, where the server does not carry it."""
    if not is_needed:
        yield
        return
    with (server.folder / "watch.log").open("ab") as log:
        watcher = subprocess.Popen([sys.executable, "manage.py", "watch"], cwd=PROJECT, env=server.env, stdout=log)
    try:
        time.sleep(5)  # until it has loaded what it needs
        yield
    finally:
        end(watcher)
