"""Submissions through every fault a bad line and a killed server have, then: is each stored, and once?

`python -m bench.exactly_once --count 500 --seed 1` starts a server of its own (on SQLite, or on the
PostgreSQL of DATABASE_URL) and prints one JSON line. `--without-idempotency` plays a client that makes a
new id for each try: that must report doubles, and a client that never tries again must report losses
(`--without-retries`), or the simulator shows nothing.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.bad_line import Fault, Line, bad_line
from tests.living import key_of, living
from tests.sending import lab_body, sample_body, strip_body
from tests.servers import Databases, LiveHeadsup

AT_ONCE = 8  # clients that send side by side
PATIENCE = 3.0  # seconds until a client gives a try up
TRIES = 400  # a busy machine takes its time to start a killed server again
BAD_TRIES = 0.6  # of all first tries fail in one of the ways of the line

# How a submission may go wrong on the client's side.
HABITS = ("plain", "plain", "double click", "two tabs", "wrong clock", "another body")


@dataclass
class Intent:
    """One sample that somebody means to submit, once."""

    mark: float  # the sample's mass in mg: how it is recognised whatever id it was stored under
    body: dict[str, Any]
    habit: str
    ids: set[str] = field(default_factory=set)  # of the server, as acknowledged
    refused_rightly: bool = True


@dataclass
class Simulation:
    server: LiveHeadsup
    line: Line
    key: str
    chance: random.Random
    has_idempotency: bool = True
    has_retries: bool = True
    wrong: Counter[str] = field(default_factory=Counter)

    def intents(self, count: int) -> list[Intent]:
        return [self._intent(number) for number in range(count)]

    def _intent(self, number: int) -> Intent:
        habit = self.chance.choice(HABITS)
        mark = 100 + number / 100
        body = sample_body(lab_body(("fentanyl",)), strip_body("clear"), mass_mg=mark)
        if habit == "wrong clock":  # the device's own time says nothing of when it was
            off = timedelta(days=self.chance.choice((-3, 3, -400)))
            body["entered_at"] = (datetime.now(UTC) + off).replace(minute=0, second=0, microsecond=0).isoformat()
        return Intent(mark, body, habit)

    async def submit(self, intent: Intent) -> None:
        if intent.habit in ("double click", "two tabs"):
            await asyncio.gather(self._until_acknowledged(intent), self._until_acknowledged(intent))
            return
        await self._until_acknowledged(intent)
        if intent.habit == "another body" and self.has_idempotency and self.has_retries:
            await self._send_another_body(intent)

    async def _until_acknowledged(self, intent: Intent) -> None:
        for _ in range(TRIES if self.has_retries else 1):
            if not self.has_idempotency:
                intent.body = with_new_ids(intent.body)
            if self.chance.random() < BAD_TRIES:
                fault = self.chance.choice([fault for fault in Fault if fault is not Fault.NONE])
                self.line.faults.append((fault, self.chance.random()))
            status, answer = await self._post(intent.body)
            if status in (200, 201):
                intent.ids.add(answer["id"])
                return
            if status == 400 and intent.habit == "wrong clock":  # a clock that is ahead is refused: send without
                intent.body.pop("entered_at", None)
            elif status not in (None, 503):
                self.wrong[f"answered {status}"] += 1
                return
            await asyncio.sleep(self.chance.uniform(0, 0.3))

    async def _send_another_body(self, intent: Intent) -> None:
        """The same id with another body: refused, and what was stored first stays."""
        other = {**intent.body, "form": "crystal"}
        for _ in range(TRIES):
            status, _ = await self._post(other)
            if status not in (None, 503):
                intent.refused_rightly = status == 409
                return
            await asyncio.sleep(0.2)

    async def _post(self, body: dict[str, Any]) -> tuple[int | None, Any]:
        """Status and answer; no status where the line failed."""
        data = json.dumps(body).encode()
        head = (
            "POST /api/v1/samples/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"Authorization: Api-Key {self.key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(data)}\r\n\r\n"
        )
        with contextlib.suppress(OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
            async with asyncio.timeout(PATIENCE):
                return await exchange(self.line.port, head.encode() + data)
        return None, None

    async def kill_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self.chance.uniform(4, 8))
            await asyncio.to_thread(self.server.kill)
            await asyncio.to_thread(self.server.start)


async def exchange(port: int, request: bytes) -> tuple[int, Any]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        await writer.drain()
        answer = await reader.read()
    finally:
        writer.close()
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        raise asyncio.IncompleteReadError(answer, None)
    return int(head.split(b" ", 2)[1]), json.loads(body)


def with_new_ids(body: dict[str, Any]) -> dict[str, Any]:
    results = [{**result, "client_id": str(uuid.uuid4())} for result in body["results"]]
    return {**body, "client_id": str(uuid.uuid4()), "results": results}


COUNT_STORED = """
import json
from collections import Counter
from checking.models import Sample, Finding, Result
marks = Counter(round(mark, 2) for mark in Sample.objects.values_list("mass_mg", flat=True))
whole = Sample.objects.filter(results__method__slug="gc-ms", results__findings__substance__slug="fentanyl")
ids = {round(mark, 2): str(pk) for pk, mark in Sample.objects.values_list("pk", "mass_mg")}
found = {"marks": list(marks.items()), "whole": whole.distinct().count(), "results": Result.objects.count(), "ids": ids}
print("Stored: " + json.dumps(found))
"""


def stored_in(server: LiveHeadsup) -> dict[str, Any]:
    said = server.manage("shell", "-v", "0", "-c", COUNT_STORED).stdout
    found: dict[str, Any] = json.loads(said.split("Stored: ")[1])
    return found


async def simulate(server: LiveHeadsup, key: str, *, count: int, seed: int, **how: Any) -> dict[str, Any]:
    """What was intended and what is stored, with every difference counted."""
    chance = random.Random(seed)
    async with bad_line(server.port) as line:
        simulation = Simulation(server, line, key, chance, **how)
        intents = simulation.intents(count)
        waiting = iter(intents)

        async def client() -> None:
            for intent in waiting:
                await simulation.submit(intent)

        killing = asyncio.create_task(simulation.kill_now_and_then())
        await asyncio.gather(*(client() for _ in range(AT_ONCE)))
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
    return differences(intents, await asyncio.to_thread(stored_in, server), simulation)


def differences(intents: Sequence[Intent], stored: dict[str, Any], simulation: Simulation) -> dict[str, Any]:
    marks = dict(map(tuple, stored["marks"]))
    return {
        "intended": len(intents),
        "acknowledged": sum(bool(intent.ids) for intent in intents),
        "stored": sum(marks.values()),
        "lost": sum(round(intent.mark, 2) not in marks for intent in intents),
        "doubled": sum(marks.get(round(intent.mark, 2), 0) > 1 for intent in intents),
        "half_stored": sum(marks.values()) - stored["whole"] + abs(2 * sum(marks.values()) - stored["results"]),
        "answered_with_other_ids": sum(
            intent.ids != {stored["ids"].get(str(round(intent.mark, 2)))} for intent in intents if intent.ids
        ),
        "not_refused": sum(not intent.refused_rightly for intent in intents),
        "wrong_answers": dict(simulation.wrong),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-idempotency", action="store_true")
    parser.add_argument("--without-retries", action="store_true")
    asked = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "")
    with tempfile.TemporaryDirectory(prefix="headsup-once-") as name:
        databases = Databases(Path(name), url if url.startswith("postgres") else None)
        server = living(databases, Path(name)).start()
        key = key_of(server)
        try:
            found = asyncio.run(
                simulate(
                    server,
                    key,
                    count=asked.count,
                    seed=asked.seed,
                    has_idempotency=not asked.without_idempotency,
                    has_retries=not asked.without_retries,
                )
            )
        finally:
            server.stop()
            databases.drop_all()
    print(json.dumps(found))
    is_exact = found["lost"] == found["doubled"] == found["half_stored"] == found["not_refused"] == 0
    return 0 if is_exact and not found["wrong_answers"] else 1


if __name__ == "__main__":
    sys.exit(main())
