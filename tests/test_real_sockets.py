"""Sockets and streams of a real server, where daphne, Twisted and the kernel have their say."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import websockets

from tests.flooding import STREAM, UPGRADE, open_connections
from tests.living import Follower, ask, at_work, living, publish
from tests.servers import LiveHeadsup

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def _kept(databases: Any, tmp_path_factory: pytest.TempPathFactory):
    """One server for all tests of this file: starting one takes longer than most of them."""
    server = living(databases, tmp_path_factory.mktemp("sockets"), MAX_SOCKETS="200").start()
    yield server
    server.stop()


@pytest.fixture
def server(_kept: LiveHeadsup) -> LiveHeadsup:
    return _kept


async def greeted(server: LiveHeadsup, query: str = "", **how: Any) -> Any:
    reader = await websockets.connect(f"{server.ws_url}/ws/alerts/{query}", **how)
    assert json.loads(await reader.recv())["type"] == "hello"
    return reader


async def everything_from(socket: Any) -> None:
    """Read until it is closed, which raises."""
    while True:
        await asyncio.wait_for(socket.recv(), 10)


async def stuck(server: LiveHeadsup, request: str) -> socket.socket:
    """A reader that asks and then reads nothing."""
    reader = socket.create_connection(("127.0.0.1", server.port))
    reader.sendall(request.encode())
    await asyncio.sleep(0)
    return reader


def memory_mb(server: LiveHeadsup) -> float:
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def has_warmed_up(server: LiveHeadsup) -> None:
    """Until what is loaded late is loaded: it takes more memory than what is measured here."""
    async with asyncio.timeout(60):
        await asyncio.to_thread(ask, server, "/api/v1/alerts/")
        before = 0.0
        while memory_mb(server) - before > 0.5:
            before = memory_mb(server)
            await asyncio.sleep(2)


async def test_what_another_process_publishes_is_heard_within_moments(server):
    async with await greeted(server) as cy:
        await asyncio.to_thread(publish, server, 2)
        frames = [json.loads(await asyncio.wait_for(cy.recv(), 5)) for _ in range(2)]

    assert frames[1]["seq"] == frames[0]["seq"] + 1
    _, alert = await asyncio.to_thread(ask, server, f"/api/v1/alerts/{frames[1]['event']['alert']['id']}/")
    assert alert == frames[1]["event"]


async def test_readers_that_read_nothing_are_closed_and_harm_nobody(server):
    """50 stuck sockets, 50 stuck streams, 10 that read; 1.5 MB of alerts for each."""
    followers = [Follower(server) for _ in range(10)]
    async with contextlib.AsyncExitStack() as held:
        await held.enter_async_context(at_work(*(follower.follow() for follower in followers)))
        await has_warmed_up(server)
        before = open_connections(server)
        for request in [UPGRADE] * 50 + [STREAM] * 50:
            held.enter_context(await stuck(server, request))
        await asyncio.sleep(2)
        assert open_connections(server) >= before + 100
        memory = memory_mb(server)

        await asyncio.to_thread(publish, server, 200)
        _, page = await asyncio.to_thread(ask, server, "/api/v1/events/?after=199")
        head = page["results"][-1]["seq"]
        for follower in followers:
            await follower.until(head)
        async with asyncio.timeout(20):
            while open_connections(server) > before + len(followers) + 2:
                await asyncio.sleep(0.2)

        assert memory_mb(server) - memory < 30
        for follower in followers:
            assert follower.heard == list(range(1, len(follower.heard) + 1))
            assert follower.breaks == 0, "one that reads was sent away"


@pytest.mark.parametrize("code", ["?level=green 4400", " 1008"])
async def test_close_codes_arrive_over_the_wire(server, code):
    """Autobahn refuses to send codes below 3000 unless it is asked in another way."""
    query, expected = code.split(" ")
    async with websockets.connect(f"{server.ws_url}/ws/alerts/{query}") as cy:
        with contextlib.suppress(websockets.ConnectionClosed):
            for _ in range(61 if expected == "1008" else 0):
                await cy.send('{"type": "subscribe"}')
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await everything_from(cy)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == int(expected)


async def test_a_message_over_4_kb_is_told_so_before_the_close(server):
    async with await greeted(server) as cy:
        await cy.send(json.dumps({"type": "subscribe", "area": ["x" * 5000]}))
        error = json.loads(await asyncio.wait_for(cy.recv(), 5))
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await asyncio.wait_for(cy.recv(), 5)

    assert error["type"] == "error"
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4400


async def test_over_the_limit_a_socket_is_closed_with_1013(server):
    async with contextlib.AsyncExitStack() as held:
        for _ in range(200):
            await held.enter_async_context(await greeted(server))
        async with websockets.connect(f"{server.ws_url}/ws/alerts/") as late:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await asyncio.wait_for(late.recv(), 5)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1013


async def test_any_origin_may_listen(server):
    async with await greeted(server, origin="https://elsewhere.example"):
        pass


async def test_an_unknown_address_is_refused_without_a_traceback(server):
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(f"{server.ws_url}/ws/nothing/")

    assert refused.value.response.status_code == 403
    assert "Traceback" not in server.output


async def lines(server: LiveHeadsup, query: str = "", last: str = "") -> AsyncIterator[str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    more = f"Last-Event-ID: {last}\r\n" if last else ""
    # HTTP/1.0: no chunks between the lines
    writer.write(f"GET /alerts/live/{query} HTTP/1.0\r\nHost: localhost\r\n{more}\r\n".encode())
    try:
        while line := await asyncio.wait_for(reader.readline(), 10):
            yield line.decode().rstrip("\r\n")
    finally:
        writer.close()


async def test_a_stream_is_sent_as_it_happens_and_resumes(server):
    await asyncio.to_thread(publish, server, 2)
    seen: list[str] = []
    async with contextlib.aclosing(lines(server, "?after=0")) as stream:
        async for line in stream:
            seen.append(line)
            if line == "id: 2":
                break
    async with contextlib.aclosing(lines(server, "?after=0", last="1")) as stream:
        first = await anext(line async for line in stream if line.startswith("id: "))

    assert "Content-Type: text/event-stream; charset=utf-8" in seen
    assert "Simulated-Data: true" in seen
    assert "retry: 3000" in seen
    assert first == "id: 2"


async def test_a_stopping_server_says_goodbye(live_headsup: Callable[..., LiveHeadsup]):
    server = await asyncio.to_thread(live_headsup)
    async with await greeted(server) as cy:
        stopping = asyncio.create_task(asyncio.to_thread(server.stop))
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await asyncio.wait_for(cy.recv(), 10)
        await stopping

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1001
