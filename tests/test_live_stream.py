"""Server-sent events at /alerts/live/, spoken to the application without a server."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator

from alerts import hub
from checking import area_tree
from config.asgi import application
from tests.event_rows import finish, publish_soon
from tests.factories import make_areas

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
async def _hub_of_this_test() -> AsyncIterator[None]:
    area_tree.forget()
    yield
    await finish()


class Told(NamedTuple):
    id: int | None
    event: str
    data: dict[str, Any]


class Reader:
    """A reader of /alerts/live/."""

    def __init__(self, query: str = "", *, last: str = "", method: str = "GET") -> None:
        scope = {
            "type": "http", "method": method, "path": "/alerts/live/", "query_string": query.encode(),
            "headers": [(b"last-event-id", last.encode())] if last else [],
        }  # fmt: skip
        self.application = ApplicationCommunicator(application, scope)
        self.status = 0
        self.headers: dict[str, str] = {}
        self.text = ""

    async def __aenter__(self) -> "Reader":
        await self.application.send_input({"type": "http.request", "body": b"", "more_body": False})
        start = await self.application.receive_output(timeout=5)
        self.status = start["status"]
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.application.send_input({"type": "http.disconnect"})
        await self.application.wait(timeout=5)

    async def body(self) -> dict[str, Any]:
        return json.loads((await self.application.receive_output(timeout=5))["body"])

    async def block(self) -> str:
        while "\n\n" not in self.text:
            self.text += (await self.application.receive_output(timeout=5))["body"].decode()
        block, self.text = self.text.split("\n\n", 1)
        return block

    async def told(self) -> Told:
        fields = dict(line.split(": ", 1) for line in (await self.block()).split("\n"))
        if "data" not in fields:
            return await self.told()
        return Told(int(fields["id"]) if "id" in fields else None, fields["event"], json.loads(fields["data"]))

    async def events(self, count: int) -> list[int]:
        seqs: list[int] = []
        while len(seqs) < count:
            told = await self.told()
            if told.event == "event":
                assert told.id == told.data["seq"]
                seqs.append(told.id)
        return seqs


async def test_a_stream_is_never_cached_nor_held_back_by_a_proxy():
    async with Reader() as cy:
        assert cy.status == 200
        assert cy.headers["Content-Type"].startswith("text/event-stream")
        assert cy.headers["Cache-Control"] == "no-cache"
        assert cy.headers["X-Accel-Buffering"] == "no"
        assert await cy.block() == "retry: 3000"


async def test_a_stream_carries_what_the_socket_carries():
    async with Reader() as cy:
        assert (await cy.told()).event == "hello"
        [event] = await publish_soon()

        assert await cy.told() == Told(1, "event", {"type": "event", "seq": 1, "event": event.payload})


async def test_a_browser_that_comes_back_misses_nothing():
    """It says what it had last, which goes before the `after` it once came with."""
    await publish_soon(5)

    async with Reader("after=0", last="3") as cy:
        await publish_soon()

        assert await cy.events(3) == [4, 5, 6]


async def test_after_in_the_address_works_too():
    await publish_soon(3)

    async with Reader("after=1") as cy:
        assert await cy.events(2) == [2, 3]


async def test_one_that_heard_nothing_yet_still_knows_where_to_go_on():
    """Without an id before the first event, what is published while it is away would be lost to it."""
    await publish_soon(2)

    async with Reader() as cy:
        hello = await cy.told()

    assert hello.id == 2


async def test_filters_are_those_of_the_socket():
    await sync_to_async(make_areas)()

    async with Reader("area=us-va&level=caution") as cy:
        await cy.told()
        await publish_soon(area="us-pa-allegheny", level="warning")
        await publish_soon(area="us-va-roanoke", level="notice")
        await publish_soon(area="us-va-roanoke", level="caution")

        assert await cy.events(1) == [3]


async def test_a_heartbeat_moves_the_cursor_of_a_narrow_filter(monkeypatch):
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(hub, "POLL_SECONDS", 0.05)
    await publish_soon(2)

    async with Reader("level=warning&after=0") as cy:
        await cy.told()

        assert await cy.told() == Told(2, "heartbeat", {"type": "heartbeat", "head": 2})


async def test_an_id_of_another_time_is_told_to_read_anew():
    await publish_soon()

    async with Reader(last="9") as cy:
        hello = await cy.told()

    assert hello.data["reset"] is True
    assert hello.id == 1


@pytest.mark.parametrize("query", ["level=green", "after=soon", "area=atlantis", "area=%00", "area=%ff"])
async def test_a_bad_parameter_is_answered_400_in_the_one_shape(query):
    async with Reader(query) as cy:
        assert cy.status == 400
        error = (await cy.body())["error"]

    assert error["code"] == "invalid"
    assert error["fields"]


async def test_a_broken_last_id_is_answered_400():
    async with Reader(last="soon") as cy:
        assert cy.status == 400


async def test_only_get_is_answered():
    async with Reader(method="POST") as cy:
        assert cy.status == 405
        assert cy.headers["Allow"] == "GET"


async def test_over_the_limit_one_is_asked_to_come_back(settings):
    settings.MAX_SOCKETS = 1

    async with Reader() as first:
        assert first.status == 200
        async with Reader() as second:
            assert second.status == 503
            assert int(second.headers["Retry-After"]) > 0
    async with Reader() as third:
        assert third.status == 200


async def test_leaving_frees_everything():
    async with Reader() as cy:
        await cy.told()
        assert hub.current()._listeners
    await asyncio.sleep(0.05)

    assert not hub.current()._listeners
    assert hub.current()._admitted == 0


async def test_no_thread_and_no_connection_is_kept_for_a_stream(monkeypatch):
    """A Django view would keep one of each for as long as the stream lasts."""
    import threading

    readers = [await Reader().__aenter__() for _ in range(5)]
    for reader in readers:
        await reader.told()
    before = threading.active_count()
    readers += [await Reader().__aenter__() for _ in range(40)]

    assert threading.active_count() <= before + 2
    for reader in readers:
        await reader.__aexit__()


async def test_a_simulated_network_says_so(monkeypatch):
    monkeypatch.setattr("alerts.live_stream.was_simulated", lambda: True)

    async with Reader() as cy:
        assert cy.headers["Simulated-Data"] == "true"
