"""Clients that cost little: raw sockets, kept open, requests made beforehand."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Load:
    """What a number of clients saw in a number of seconds."""

    seconds: float
    waits: list[float] = field(default_factory=list)  # seconds from the request to its answer
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        return len(self.waits) / self.seconds

    def wait_at(self, share: float) -> float:
        """Seconds within which this share of all answers came."""
        return sorted(self.waits)[min(len(self.waits) - 1, int(len(self.waits) * share))]


async def send_for(port: int, seconds: float, clients: int, make_request: Callable[[], bytes]) -> Load:
    """Each client sends one request after the other until the time is over."""
    load = Load(seconds)
    end = time.perf_counter() + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            begun = time.perf_counter()
            writer.write(make_request())
            status = await read_answer(reader)
            load.waits.append(time.perf_counter() - begun)
            load.statuses[status] = load.statuses.get(status, 0) + 1
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return load


async def read_answer(reader: asyncio.StreamReader) -> int:
    """The status of one answer, read to its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"transfer-encoding: chunked" in head:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
    return int(head.split(b" ", 2)[1])
