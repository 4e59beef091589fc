"""Everything breaks, and still everyone who listens hears of every alert, once and in order. One JSON line a figure.

`python -m bench.chaos --seed 1 --shape spread-out` sets up a simulated network on servers of its own (PostgreSQL,
Redis, `serve` and `watch`; or with `--shape embedded` one `serve` on SQLite), lets 200 sockets and 50 event streams
listen through a line of ours, publishes 300 alerts through their whole life, has a site submit 60 samples of each
of which a rule speaks by itself, and breaks something every 2 to 4 s.
What was published is what the publisher was told so; where it was not answered, the rows say.

It exits 0 only where every event is at every sink exactly once and in order, every sample told of once, and
delivery back under 2 s within 15 s of the last fault. With `--without-replay` those who listen come back without
`after`: that must report losses (exit 1), or this shows nothing. A small disk that fills up needs the right to
mount a tmpfs; without it that fault is left out, and the reason printed.
"""

import argparse
import asyncio
import contextlib
import json
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.chaotic.checker import Row, Step
from bench.chaotic.faults import Nemesis
from bench.chaotic.figures import Found, Published, faults_in
from bench.chaotic.installation import SHAPES, Installation, installed
from bench.chaotic.line import line_to
from bench.chaotic.sinks import Sink, make_sinks
from bench.chaotic.submitting import Submitting
from tests.living import at_work, key_of
from tests.servers import PROJECT, ServerError

GREETED_WITHIN = 30.0  # seconds, for everyone's first connection
PUBLISHING_PATIENCE = 180.0  # seconds beyond its time for the publisher, which waits while the database is away

# For Django's shell: every public step, what became of every alert that was tried, and what was said of each sample.
ROWS = """
import json
from alerts.models import Alert, AlertEvent, AlertEvidence
steps = AlertEvent.objects.filter(is_drill=False).order_by("seq").values_list("seq", "alert_id")
states = Alert.objects.filter(is_drill=False).values_list("pk", "state")
told = {}
because = AlertEvidence.objects.filter(alert__events__kind="published", alert__is_drill=False)
for sample, alert in because.values_list("result__sample_id", "alert_id").distinct():
    told.setdefault(str(sample), []).append(str(alert))
states = {str(pk): state for pk, state in states}
print(json.dumps({"steps": [[seq, str(alert)] for seq, alert in steps], "states": states, "told": told}))
"""


@dataclass(frozen=True)
class Asked:
    shape: str
    seed: int
    sockets: int = 200
    streams: int = 50
    alerts: int = 300
    samples: int = 60  # submitted, each of which a rule speaks of
    seconds: float = 240.0  # of faults
    afterwards: float = 20.0  # seconds of publishing after them
    patience: float = 75.0  # seconds in the end: a notice that could not be said is tried again after a minute
    replay: bool = True


async def run(asked: Asked, folder: Path) -> Found:
    chance = random.Random(asked.seed)
    # Faults are drawn apart from what the clients draw, whose number of draws is a matter of timing.
    for_sinks = random.Random(chance.random())
    async with installed(asked.shape, folder) as found, line_to(found.port) as line:
        counts = {"sockets": asked.sockets, "streams": asked.streams}
        sinks = make_sinks(line.port, for_sinks, **counts, replay=asked.replay)
        async with at_work(*(sink.listen() for sink in sinks)):
            async with asyncio.timeout(GREETED_WITHIN):
                await asyncio.gather(*(sink.greeted.wait() for sink in sinks))
            nemesis = Nemesis(found, line, chance)
            site = Submitting(found.server, key_of(found.server))
            published = await _go_through(asked, found, nemesis, site, folder)
            rows = await _settled_rows(found, site, asked.patience)
            steps = [Step(*each) for each in rows["steps"]]
            await _until_all_heard(sinks, steps, asked.patience)
    return Found(
        published=published,
        steps=steps,
        rows=_of_unknown(published, rows),
        told=rows["told"],
        site=site,
        sinks=sinks,
        struck=dict(sorted(nemesis.struck.items())),
        left_out=nemesis.left_out,
        last_fault=nemesis.last_at,
        starts={kept.name: kept.starts for kept in found.processes()},
    )


async def _go_through(asked: Asked, found: Installation, nemesis: Nemesis, site: Submitting, folder: Path) -> Published:
    """Publishing and submitting while things break, and for a while after."""
    published = Published()
    lasts = asked.seconds + asked.afterwards
    command = [sys.executable, "-m", "bench.chaotic.publisher", str(asked.alerts), str(lasts)]
    with (folder / "publisher.log").open("wb") as log:
        publisher = await asyncio.create_subprocess_exec(
            *command, cwd=PROJECT, env=found.server.env, stdout=asyncio.subprocess.PIPE, stderr=log
        )
    try:
        async with asyncio.timeout(lasts + PUBLISHING_PATIENCE):
            await asyncio.gather(
                _listen_to(publisher, published), site.submit(asked.samples, lasts), nemesis.rage(asked.seconds)
            )
    finally:
        with contextlib.suppress(ProcessLookupError):
            publisher.kill()
        await publisher.wait()
    return published


async def _listen_to(publisher: asyncio.subprocess.Process, published: Published) -> None:
    assert publisher.stdout is not None
    async for line in publisher.stdout:
        published.take(json.loads(line))
    if await publisher.wait():
        raise ServerError(f"The publisher ended with {publisher.returncode}")


async def _settled_rows(found: Installation, site: Submitting, patience: float) -> dict[str, Any]:
    """What the database has once the watcher has spoken of every sample, or patience ended."""
    ends = time.monotonic() + patience
    while True:
        rows: dict[str, Any] = json.loads(
            (await asyncio.to_thread(found.server.manage, "shell", "-v", "0", "-c", ROWS)).stdout
        )
        if site.acknowledged <= rows["told"].keys() or time.monotonic() > ends:
            return rows


def _of_unknown(published: Published, rows: dict[str, Any]) -> dict[str, Row | None]:
    times = Counter(alert for _, alert in rows["steps"])
    states = rows["states"]
    return {id: Row(states[id], times[id]) if id in states else None for id in published.unknown}


async def _until_all_heard(sinks: list[Sink], steps: list[Step], patience: float) -> None:
    """Or until patience ends: what is missing then is missing."""
    ends = time.monotonic() + patience
    while time.monotonic() < ends and any(len(set(sink.ear.steps)) < len(steps) for sink in sinks):
        await asyncio.sleep(0.2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--shape", choices=SHAPES, default="spread-out")
    parser.add_argument("--sockets", type=int, default=Asked.sockets)
    parser.add_argument("--streams", type=int, default=Asked.streams)
    parser.add_argument("--alerts", type=int, default=Asked.alerts)
    parser.add_argument("--samples", type=int, default=Asked.samples)
    parser.add_argument("--seconds", type=float, default=Asked.seconds, help="of faults")
    parser.add_argument("--afterwards", type=float, default=Asked.afterwards, help="seconds of publishing after them")
    parser.add_argument("--patience", type=float, default=Asked.patience, help="seconds for the last event to arrive")
    parser.add_argument("--without-replay", action="store_true")
    parser.add_argument("--logs", type=Path, help="a folder to leave what the processes said in")
    given = parser.parse_args()
    asked = Asked(
        shape=given.shape,
        seed=given.seed,
        sockets=given.sockets,
        streams=given.streams,
        alerts=given.alerts,
        samples=given.samples,
        seconds=given.seconds,
        afterwards=given.afterwards,
        patience=given.patience,
        replay=not given.without_replay,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what is below tidies up
    with tempfile.TemporaryDirectory(prefix="headsup-chaos-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL may run under an account of its own
        try:
            found = asyncio.run(run(asked, folder))
        finally:
            if given.logs:
                _keep_logs(folder, given.logs)
    return tell(found, asked)


def tell(found: Found, asked: Asked) -> int:
    figures = list(found.figures())
    for figure in figures:
        print(json.dumps(figure), flush=True)
    wrong = faults_in(figures, alerts=asked.alerts, samples=asked.samples)
    print(json.dumps({"figure": "verdict", "shape": asked.shape, "seed": asked.seed, "wrong": wrong}), flush=True)
    return 1 if wrong else 0


def _keep_logs(folder: Path, place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        (place / log.name).write_bytes(log.read_bytes())


if __name__ == "__main__":
    sys.exit(main())
