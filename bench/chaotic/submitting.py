"""A site that sends samples while everything breaks, each again until it was answered: of each a rule must speak once.

What the watcher says by itself is heard by the same sinks. Without it, killing the watcher would show nothing.
"""

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any

from tests.living import ask
from tests.sending import lab_body, sample_body
from tests.servers import LiveHeadsup

PAUSE = 0.3  # seconds before the same is sent again
TAKEN = (200, 201)


@dataclass
class Submitting:
    server: LiveHeadsup
    key: str
    acknowledged: set[str] = field(default_factory=set)  # the server's ids
    answers: Counter[str] = field(default_factory=Counter)  # by status

    async def submit(self, count: int, seconds: float) -> None:
        """So many samples, spread over so many seconds."""
        began = time.monotonic()
        for number in range(count):
            await asyncio.sleep(max(0.0, began + seconds * number / count - time.monotonic()))
            # A lab names an opioid in what was sold as cocaine, today: the rule for that speaks at once.
            body = sample_body(lab_body(("fentanyl",)), collected_on=datetime.now(UTC).date().isoformat())
            while not await self._send(body):
                await asyncio.sleep(PAUSE)

    async def _send(self, body: dict[str, Any]) -> bool:
        status, answer = 0, dict[str, Any]()  # 0: no answer, or one that broke off
        with contextlib.suppress(OSError, HTTPException, json.JSONDecodeError):
            status, answer = await asyncio.to_thread(ask, self.server, "/api/v1/samples/", key=self.key, body=body)
        self.answers[str(status or "none")] += 1
        if status in TAKEN:
            self.acknowledged.add(answer["id"])
        return status in TAKEN


def told_of(samples: set[str], told: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """How many were spoken of as they should: once. `told` has the published alerts that rest on each sample."""
    times = Counter(min(len(set(told.get(sample, ()))), 2) for sample in samples)
    return {"told of once": times[1], "never told of": times[0], "told of twice": times[2]}
