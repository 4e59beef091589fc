"""A line between those who listen and the server that can be cut for everyone at once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

CHUNK = 64 * 1024


class Line:
    """Forwards every connection to `server_port`."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.port = 0
        self._ends: set[asyncio.StreamWriter] = set()

    def cut(self) -> int:
        """Break off every connection, without a goodbye; how many."""
        ends = list(self._ends)
        for end in ends:
            end.transport.abort()
        return len(ends)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:  # nobody listens there just now
            writer.transport.abort()
            return
        self._ends |= {writer, upstream}
        try:
            await asyncio.gather(_pump(reader, upstream), _pump(upstream_reader, writer))
        finally:
            self._ends -= {writer, upstream}
            writer.transport.abort()
            upstream.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()  # an end of one way is the end of both: neither sockets nor streams are ever half open


@contextlib.asynccontextmanager
async def line_to(server_port: int) -> AsyncIterator[Line]:
    line = Line(server_port)
    listener = await asyncio.start_server(line.carry, "127.0.0.1", 0, backlog=1024)
    line.port = listener.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        listener.close()
        line.cut()
