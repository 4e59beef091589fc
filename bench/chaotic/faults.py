"""What breaks, when, and in which order: drawn from a seeded random, each kind once before any comes again."""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.chaotic.installation import Installation
from bench.chaotic.kept import Kept
from bench.chaotic.line import Line

BETWEEN = (2.0, 4.0)  # seconds from one fault to the next
STOPPED = (1.5, 4.0)  # seconds
FULL = (1.5, 3.0)  # seconds
BLOCK = 64 * 1024  # bytes
REDIS_SECONDS = 1.0

Strike = Callable[[], Awaitable[bool]]  # False: there was nothing to strike just then


class Nemesis:
    """Strikes one installation. What it did is in `struck`, what it cannot do here in `left_out`."""

    def __init__(self, found: Installation, line: Line, chance: random.Random) -> None:
        self.found = found
        self.line = line
        self.chance = chance
        self.struck: Counter[str] = Counter()
        self.left_out: dict[str, str] = {}
        self.last_at = time.monotonic()  # when the last fault was over, if only to begin to mend
        self.strikes = self._strikes()

    async def rage(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        deck: list[str] = []
        while True:
            next_at = time.monotonic() + self.chance.uniform(*BETWEEN)
            if next_at > ends:
                return
            deck = deck or self.chance.sample(sorted(self.strikes), len(self.strikes))
            kind = deck.pop()
            if await self.strikes[kind]():
                self.struck[kind] += 1
                self.last_at = time.monotonic()
            await asyncio.sleep(max(0.0, next_at - time.monotonic()))

    def _strikes(self) -> dict[str, Strike]:
        made: dict[str, Strike] = {"all connections cut": self._cut, "stopped for a while": self._pause}
        for kept in self.found.processes():
            made[f"{kept.name} killed"] = self._killing(kept)
        if "postgres" in self.found.kept:
            made["one connection of postgres killed"] = self._kill_a_backend
        if self.found.redis_url:
            made["redis emptied"] = self._flush
        if self.found.disk is None:
            self.left_out["disk full"] = self.found.why_no_disk
        else:
            made["disk full"] = self._fill
        return made

    def _killing(self, kept: Kept) -> Strike:
        async def kill() -> bool:
            return kept.kill()

        return kill

    async def _kill_a_backend(self) -> bool:
        """PostgreSQL then ends every connection and mends itself."""
        children = [pid for pid in self.found.kept["postgres"].children() if _is_connection(pid)]
        if not children:
            return False
        os.kill(self.chance.choice(sorted(children)), signal.SIGKILL)
        return True

    async def _pause(self) -> bool:
        kept = self.chance.choice(self.found.processes())
        if not kept.signal(signal.SIGSTOP):
            return False
        await asyncio.sleep(self.chance.uniform(*STOPPED))
        kept.signal(signal.SIGCONT)
        return True

    async def _cut(self) -> bool:
        return self.line.cut() > 0

    async def _flush(self) -> bool:
        return await asyncio.to_thread(_flush, self.found.redis_url)

    async def _fill(self) -> bool:
        assert self.found.disk is not None
        ballast = self.found.disk / "ballast"
        try:
            await asyncio.to_thread(_fill, ballast)
            await asyncio.sleep(self.chance.uniform(*FULL))
        finally:
            ballast.unlink(missing_ok=True)
        return True


def _is_connection(pid: int) -> bool:
    """Whether this child of PostgreSQL serves somebody, as its title says."""
    with contextlib.suppress(OSError):
        return b"[local]" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def _flush(url: str) -> bool:
    import redis

    try:
        with redis.Redis.from_url(url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS) as client:
            client.flushall()
    except (redis.RedisError, OSError):  # it is down just now
        return False
    return True


def _fill(file: Path) -> None:
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as ballast:
        while ballast.write(bytes(BLOCK)):
            pass
