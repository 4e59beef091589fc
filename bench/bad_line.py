"""A line between client and server that fails as real ones do: on loopback, each connection in its own way."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum

CHUNK = 4096


class Fault(Enum):
    """How one connection fares."""

    NONE = "none"
    REFUSED = "refused"  # no connection at all
    CUT_IN_REQUEST = "cut in the request"  # some of it reaches the server
    SILENT_BEFORE = "silent, and the server never saw it"  # the client waits and gives up
    CUT_IN_ANSWER = "cut in the answer"  # stored, but the client cannot know
    SILENT_AFTER = "silent, and the server has stored it"


@dataclass
class Line:
    """Forwards to `server_port`; each connection takes the next fault from `faults`, then none."""

    server_port: int
    port: int = 0

    def __post_init__(self) -> None:
        self.faults: list[tuple[Fault, float]] = []  # how, and after which share of the bytes (0 to 1)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault, share = self.faults.pop() if self.faults else (Fault.NONE, 0.0)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await self._carry(reader, writer, fault, share)
        writer.close()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: Fault, share: float
    ) -> None:
        request = await whole_message(reader)
        if fault in (Fault.REFUSED, Fault.SILENT_BEFORE):
            return await self._keep_silent(reader, fault is Fault.SILENT_BEFORE)
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", self.server_port)
        try:
            if fault is Fault.CUT_IN_REQUEST:
                upstream.write(request[: int(len(request) * share)])
                await upstream.drain()
                return None
            upstream.write(request)
            await upstream.drain()
            answer = await whole_message(upstream_reader)
            if fault is Fault.CUT_IN_ANSWER:
                answer = answer[: int(len(answer) * share)]
            if fault is Fault.SILENT_AFTER:
                return await self._keep_silent(reader, True)
            writer.write(answer)
            await writer.drain()
        finally:
            upstream.close()
        return None

    async def _keep_silent(self, reader: asyncio.StreamReader, is_long: bool) -> None:
        """Until the client gives up, where it is to wait at all."""
        if is_long:
            await reader.read()


async def whole_message(reader: asyncio.StreamReader) -> bytes:
    """One HTTP message with a Content-Length, headers and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    return head + await reader.readexactly(length)


@contextlib.asynccontextmanager
async def bad_line(server_port: int) -> AsyncIterator[Line]:
    line = Line(server_port)
    listener = await asyncio.start_server(line.carry, "127.0.0.1", 0)
    line.port = listener.sockets[0].getsockname()[1]
    async with listener:
        yield line
