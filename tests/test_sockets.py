"""The WebSocket protocol, spoken to the application without a server."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator

from alerts import consumers, hub
from checking import area_tree
from checking.models import Network
from config.asgi import application
from tests.event_rows import finish, publish_soon
from tests.factories import make_areas, make_vocabulary

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
async def _hub_of_this_test() -> AsyncIterator[None]:
    area_tree.forget()
    yield
    await finish()


class Client:
    """A reader of /ws/alerts/."""

    def __init__(self, query: str = "", headers: list[tuple[bytes, bytes]] | None = None) -> None:
        self.socket = WebsocketCommunicator(application, f"/ws/alerts/{query}", headers=headers)

    async def __aenter__(self) -> "Client":
        accepted, _ = await self.socket.connect(timeout=5)
        assert accepted
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.socket.disconnect()

    async def next(self) -> dict[str, Any]:
        return json.loads(await self.socket.receive_from(timeout=5))

    async def events(self, count: int) -> list[int]:
        seqs = []
        while len(seqs) < count:
            frame = await self.next()
            if frame["type"] == "event":
                seqs.append(frame["seq"])
        return seqs

    async def says(self, message: Any) -> None:
        await self.socket.send_to(text_data=message if isinstance(message, str) else json.dumps(message))

    async def hears_nothing(self) -> bool:
        return await self.socket.receive_nothing(timeout=0.3, interval=0.05)

    async def closed_with(self) -> int:
        closing = await self.socket.receive_output(timeout=5)
        assert closing["type"] == "websocket.close", closing
        return closing["code"]


async def test_a_socket_is_greeted_with_head_and_stream():
    await publish_soon(2)

    async with Client() as cy:
        hello = await cy.next()

    network = await Network.objects.aget()
    assert hello == {"type": "hello", "head": 2, "stream": str(network.stream)}


async def test_a_published_event_is_heard_as_the_frozen_payload():
    async with Client() as cy:
        await cy.next()
        [event] = await publish_soon()
        frame = await cy.next()

    assert frame == {"type": "event", "seq": 1, "event": event.payload}


async def test_without_after_only_what_comes_is_heard():
    await publish_soon(3)

    async with Client() as cy:
        assert (await cy.next())["head"] == 3
        await publish_soon()

        assert await cy.events(1) == [4]


async def test_with_after_what_was_missed_comes_first_in_order():
    await publish_soon(5)

    async with Client("?after=2") as cy:
        assert (await cy.next())["type"] == "hello"
        await publish_soon(2)

        assert await cy.events(5) == [3, 4, 5, 6, 7]


async def test_more_than_is_kept_in_memory_is_replayed_from_the_rows(monkeypatch):
    monkeypatch.setattr(hub, "RECENT", 4)
    monkeypatch.setattr(hub, "MISSED_PAGE", 3)
    await publish_soon(20)

    async with Client("?after=0") as cy:
        await publish_soon(2)

        assert await cy.events(22) == list(range(1, 23))


async def test_no_gap_and_no_repeat_while_events_pour_in(monkeypatch):
    """Thirty readers come at any moment and resume from any cursor while events are published."""
    monkeypatch.setattr(hub, "RECENT", 5)
    monkeypatch.setattr(hub, "MISSED_PAGE", 4)
    await publish_soon(10)

    async def follow(start: int) -> list[int]:
        await asyncio.sleep(start / 50)
        async with Client(f"?after={start % 10}") as reader:
            return await reader.events(40 - start % 10)

    heard, _ = await asyncio.gather(asyncio.gather(*(follow(n) for n in range(30))), publish_soon(30))

    assert heard == [list(range(n % 10 + 1, 41)) for n in range(30)]


async def test_an_after_beyond_the_head_is_told_to_read_anew():
    await publish_soon(2)

    async with Client("?after=9") as cy:
        hello = await cy.next()
        await publish_soon()

        assert hello["reset"] is True
        assert hello["head"] == 2
        assert await cy.events(1) == [3]


async def test_an_area_is_heard_by_those_above_it_within_it_and_at_it():
    await sync_to_async(make_areas)()

    async with Client("?area=us-pa-allegheny") as here, Client("?area=us") as above, Client("?area=us-va") as away:
        for reader in (here, above, away):
            await reader.next()
        await publish_soon(area="us-pa-allegheny")
        await publish_soon(area="us-pa")

        assert await here.events(2) == [1, 2]
        assert await above.events(2) == [1, 2]
        assert await away.hears_nothing()


async def test_level_means_at_least():
    async with Client("?level=caution") as cy:
        await cy.next()
        await publish_soon(level="notice")
        await publish_soon(level="warning")

        assert await cy.events(1) == [2]


async def test_drills_are_not_heard():
    async with Client("?after=0") as cy:
        await cy.next()
        await publish_soon(is_drill=True)

        assert await cy.hears_nothing()


async def test_subscribe_replaces_the_filter():
    await sync_to_async(make_vocabulary)()
    async with Client("?level=warning") as cy:
        await cy.next()
        await cy.says({"type": "subscribe", "substance": ["xylazine"], "level": "notice"})
        assert await cy.next() == {"type": "subscribed", "head": 0}
        await publish_soon(substances=("fentanyl",))
        await publish_soon(substances=("xylazine",))

        assert await cy.events(1) == [2]


async def test_subscribe_with_after_replays_what_the_new_filter_hears():
    await publish_soon(level="caution")
    await publish_soon(level="notice")
    await publish_soon(level="caution")
    async with Client("?level=warning") as cy:
        await cy.next()
        await cy.says({"type": "subscribe", "level": "caution", "after": 0, "area": [], "substance": None})

        assert await cy.next() == {"type": "subscribed", "head": 3}
        assert await cy.events(2) == [1, 3]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?level=green", "level"),
        ("?after=-1", "after"),
        ("?after=soon", "after"),
        ("?after=1&after=2", "after"),
        ("?after=9999999999999999999", "after"),
        ("?area=atlantis", "area"),
        ("?area=%00", "area"),
        ("?substance=no-such-thing", "substance"),
        ("?area=%ff", "query"),
    ],
)
async def test_a_bad_parameter_is_named_and_the_socket_closed_with_4400(query, field):
    async with Client(query) as cy:
        frame = await cy.next()

        assert frame["type"] == "error"
        assert list(frame["error"]["fields"]) == [field]
        assert frame["error"]["message"]
        assert await cy.closed_with() == 4400


@pytest.mark.parametrize(
    "message",
    [
        "not json",
        "[]",
        '{"type": "shout"}',
        '{"type": "subscribe", "areas": ["us-pa"]}',
        '{"type": "subscribe", "after": "soon"}',
        '{"type": "subscribe", "after": true}',
        '{"type": "subscribe", "level": 3}',
        '{"type": "subscribe", "area": [["us-pa"]]}',
        '{"type": "subscribe", "area": "\\ud800"}',
        '{"type": "subscribe", "area": "' + "x" * 4096 + '"}',
        "[" * 4000,
    ],
)
async def test_a_message_that_is_none_is_refused_with_4400(message):
    async with Client() as cy:
        await cy.next()
        await cy.says(message)
        frame = await cy.next()

        assert frame["type"] == "error"
        assert frame["error"]["message"]
        assert await cy.closed_with() == 4400


async def test_a_binary_frame_is_refused():
    async with Client() as cy:
        await cy.next()
        await cy.socket.send_to(bytes_data=b"\x00")

        assert (await cy.next())["type"] == "error"
        assert await cy.closed_with() == 4400


async def test_more_than_sixty_messages_a_minute_are_too_many():
    async with Client() as cy:
        await cy.next()
        for _ in range(60):
            await cy.says({"type": "subscribe"})
            assert (await cy.next())["type"] == "subscribed"
        await cy.says({"type": "subscribe"})

        assert await cy.closed_with() == 1008


async def test_any_origin_may_listen():
    async with Client(headers=[(b"origin", b"https://elsewhere.example")]) as cy:
        assert (await cy.next())["type"] == "hello"


async def test_over_the_limit_one_is_asked_to_come_back(settings):
    settings.MAX_SOCKETS = 1

    async with Client() as first:
        await first.next()
        async with Client() as second:
            assert await second.closed_with() == 1013
    async with Client() as third:
        assert (await third.next())["type"] == "hello", "the place of who left was not given back"


async def test_heartbeats_promise_what_was_heard(monkeypatch):
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(hub, "POLL_SECONDS", 0.05)
    await publish_soon(2)

    async with Client("?level=warning") as cy:
        await cy.next()
        await publish_soon(level="notice")
        heads = [(await cy.next())["head"] for _ in range(4)]

    assert heads[-1] == 3


async def test_after_a_restore_everyone_is_sent_away_to_come_back(monkeypatch):
    monkeypatch.setattr(hub, "POLL_SECONDS", 0.05)
    async with Client() as cy:
        stream = (await cy.next())["stream"]
        await Network.objects.aupdate(stream="00000000-0000-4000-8000-000000000001")

        assert await cy.closed_with() == 1012
    async with Client() as again:
        assert (await again.next())["stream"] != stream


async def test_an_event_whose_ring_was_lost_is_still_heard(monkeypatch):
    monkeypatch.setattr("checking.bell.ring", lambda topic: None)
    async with Client() as cy:
        await cy.next()
        await publish_soon()

        assert await cy.events(1) == [1]


async def test_while_the_rows_cannot_be_read_one_is_asked_to_come_back(monkeypatch):
    def broken(after: int | None) -> None:
        raise OSError("the database is away")

    monkeypatch.setattr(hub, "_look", broken)

    async with Client() as cy:
        assert await cy.closed_with() == 1013


async def test_an_unknown_address_is_refused_without_a_traceback():
    socket = WebsocketCommunicator(application, "/ws/nothing/")

    accepted, _ = await socket.connect(timeout=5)

    assert not accepted


async def test_leaving_frees_everything():
    async with Client() as cy:
        await cy.next()
        assert hub.current()._listeners
    async with asyncio.timeout(5):
        while hub.current()._listeners:
            await asyncio.sleep(0.01)

    assert not hub.current()._listeners
    assert hub.current()._admitted == 0


def test_what_a_message_may_hold_is_as_documented():
    assert (consumers.MOST_MESSAGE_BYTES, consumers.MOST_MESSAGES, consumers.MESSAGES_SECONDS) == (4096, 60, 60)
