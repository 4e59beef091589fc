"""Those who listen: WebSockets and event streams that come back after every break, as our browser client does."""

import asyncio
import contextlib
import json
import random
import time
from typing import Any

import websockets

from bench.chaotic.checker import Ear, Step

FIRST_WAIT, LONGEST_WAIT = 0.2, 2.0  # seconds before it comes back; doubled at each vain try, and with jitter
OPEN_SECONDS = 10.0
SILENT_SECONDS = 60.0  # a heartbeat comes every 25
MOST_LINE_BYTES = 1 << 20
FILTER = "area=us-pa-allegheny&level=notice"  # hears all that is published here, by a filter

_FAILURES = (OSError, EOFError, ValueError, TimeoutError, websockets.WebSocketException)


class Sink:
    """One who listens. Without `replay` it comes back as if it had never been there."""

    def __init__(self, ear: Ear, port: int, chance: random.Random, *, query: str = "", replay: bool = True) -> None:
        self.ear = ear
        self.port = port
        self.chance = chance
        self.query = query
        self.replay = replay
        self.after = 0
        self.breaks = 0
        self.resets = 0
        self.greeted = asyncio.Event()
        self._tries = 0  # in vain, since it last heard anything

    async def listen(self) -> None:
        while True:
            with contextlib.suppress(*_FAILURES):
                await self.hear()
            self.breaks += 1
            await asyncio.sleep(self.chance.uniform(0.5, 1) * min(LONGEST_WAIT, FIRST_WAIT * 2**self._tries))
            self._tries = min(self._tries + 1, 10)

    async def hear(self) -> None:
        """Until the connection breaks."""
        raise NotImplementedError

    def take(self, text: str) -> None:
        frame: dict[str, Any] = json.loads(text)
        self._tries = 0
        if frame["type"] == "event":
            self.ear.hear(Step(frame["seq"], frame["event"]["alert"]["id"]), time.monotonic())
            self.after = frame["seq"]
        elif frame["type"] == "heartbeat":
            self.after = max(self.after, frame["head"])
        elif frame["type"] == "hello":
            self.resets += "reset" in frame
            self.greeted.set()

    def asked(self, *, after: bool) -> str:
        """The query it comes with."""
        parts = [self.query, f"after={self.after}" if after and self.replay else ""]
        return "&".join(part for part in parts if part)


class SocketSink(Sink):
    async def hear(self) -> None:
        url = f"ws://127.0.0.1:{self.port}/ws/alerts/?{self.asked(after=True)}"
        options: dict[str, Any] = {"compression": None, "open_timeout": OPEN_SECONDS, "close_timeout": 1}
        async with websockets.connect(url, **options) as socket:
            async for text in socket:
                self.take(text if isinstance(text, str) else text.decode())


class StreamSink(Sink):
    """A browser's EventSource, which says by `Last-Event-ID` what it had, or a program that says it by `after`."""

    def __init__(self, *given: Any, by_header: bool = True, **named: Any) -> None:
        super().__init__(*given, **named)
        self.by_header = by_header

    async def hear(self) -> None:
        async with asyncio.timeout(OPEN_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=MOST_LINE_BYTES)
            writer.write(self.request())
            await writer.drain()
            status = await reader.readline()
        try:
            if b" 200 " in status:
                await self._read_blocks(reader)
        finally:
            writer.transport.abort()

    async def _read_blocks(self, reader: asyncio.StreamReader) -> None:
        """A block counts once its empty line is there, as in a browser: what was cut off within was not heard."""
        id, data = "", ""
        while line := await asyncio.wait_for(reader.readline(), SILENT_SECONDS):
            name, _, value = line.decode().rstrip("\r\n").partition(": ")
            if name == "data":
                data = value
            elif name == "id":
                id = value
            elif not name:
                self._end_block(id, data)
                id, data = "", ""

    def _end_block(self, id: str, data: str) -> None:
        if data:
            self.take(data)
        if id and self.by_header:
            self.after = int(id)

    def request(self) -> bytes:
        query = self.asked(after=not self.by_header)
        last = f"Last-Event-ID: {self.after}\r\n" if self.by_header and self.replay else ""
        # HTTP/1.0: no chunks between the lines
        return f"GET /alerts/live/?{query} HTTP/1.0\r\nHost: 127.0.0.1\r\n{last}\r\n".encode()


def make_sinks(port: int, chance: random.Random, *, sockets: int, streams: int, replay: bool) -> list[Sink]:
    """Every other one with a filter, and of the streams every other pair by the header."""
    made: list[Sink] = []
    for number in range(sockets):
        query = FILTER if number % 2 else ""
        made.append(SocketSink(Ear(f"socket {number}"), port, chance, query=query, replay=replay))
    for number in range(streams):
        query, by_header = FILTER if number % 2 else "", number % 4 < 2
        ear = Ear(f"stream {number}")
        made.append(StreamSink(ear, port, chance, query=query, replay=replay, by_header=by_header))
    return made
