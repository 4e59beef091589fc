"""Handing frames to one reader without ever waiting for it.

Whoever tells thousands of readers must not wait for one of them. A writer takes a batch at once or
says that it has no room; how far a reader may fall behind is the same however it hears.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol

from .frames import Batch

# How far a reader may be behind before it is closed, to come back with `after`.
MOST_FRAMES = 64
MOST_BYTES = 48 * 1024

LOW_WATER_BYTES = 8 * 1024  # below this a reader that was behind gets more
LOOK_SECONDS = 0.02  # how often a reader that is behind is looked at


class TooFarBehindError(Exception):
    """The reader did not take what was waiting for it in the time it had."""


class Writer(Protocol):
    def write(self, batch: Batch) -> None:
        """Take these frames, after all that was taken before. Never waits, never raises."""

    def offer(self, batch: Batch) -> bool:
        """As `write`, but False, and nothing taken, where the reader would be behind by more than the limits."""

    def waiting_bytes(self) -> int:
        """What the reader has not been given yet, in bytes."""

    def stop(self) -> None:
        """Let go of everything."""


def is_within_limits(batch: Batch, *, waiting_bytes: int, waiting_frames: int) -> bool:
    """A reader with nothing waiting takes any batch, or one long alert could never be sent."""
    if waiting_bytes == 0:
        return True
    return waiting_bytes + batch.size <= MOST_BYTES and waiting_frames + len(batch.frames) <= MOST_FRAMES


async def wait_for_room(writer: Writer, *, seconds: float) -> None:
    """Return once the reader took nearly all that was waiting. Raises TooFarBehindError after `seconds`."""
    end = asyncio.get_running_loop().time() + seconds
    while writer.waiting_bytes() > LOW_WATER_BYTES:
        if asyncio.get_running_loop().time() >= end:
            raise TooFarBehindError
        await asyncio.sleep(LOOK_SECONDS)


class QueuedWriter:
    """Works with any server: a short queue, and a task that sends from it.

    `downstream` says how many bytes the server itself still holds, where that can be known; a server
    that takes everything at once and keeps it would otherwise hide a reader that reads nothing.
    """

    def __init__(self, send: Callable[[Batch], Awaitable[None]], downstream: Callable[[], int] = lambda: 0) -> None:
        self._send = send
        self._downstream = downstream
        self._queue: deque[Batch] = deque()
        self._queued_bytes = 0
        self._queued_frames = 0
        self._filled = asyncio.Event()
        self._task = asyncio.create_task(self._send_all())

    def write(self, batch: Batch) -> None:
        self._queue.append(batch)
        self._queued_bytes += batch.size
        self._queued_frames += len(batch.frames)
        self._filled.set()

    def offer(self, batch: Batch) -> bool:
        if not is_within_limits(batch, waiting_bytes=self.waiting_bytes(), waiting_frames=self._queued_frames):
            return False
        self.write(batch)
        return True

    def waiting_bytes(self) -> int:
        return self._queued_bytes + self._downstream()

    def stop(self) -> None:
        self._task.cancel()

    async def flush(self) -> None:
        """Return once the server has taken all that is queued."""
        while self._queue and not self._task.done():
            await asyncio.sleep(LOOK_SECONDS)

    async def _send_all(self) -> None:
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._queue:
                while self._downstream() > LOW_WATER_BYTES:
                    await asyncio.sleep(LOOK_SECONDS)
                try:
                    await self._send(self._queue[0])
                except OSError:
                    return  # the reader is gone; the server says so to whoever holds this writer
                batch = self._queue.popleft()
                self._queued_bytes -= batch.size
                self._queued_frames -= len(batch.frames)
