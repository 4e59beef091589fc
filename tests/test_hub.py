"""How the hub hands frames on: encoded once, nobody waited for, nobody silenced by another."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.frames import Frame as ReferenceFrame
from websockets.frames import Opcode
from websockets.streams import StreamReader

from alerts import frames, hub
from alerts.direct_write import socket_writer, transport_of
from alerts.frames import Batch, EventFrame
from alerts.hub import Listener
from alerts.matching import Filter, Heard
from alerts.writers import MOST_BYTES, MOST_FRAMES, QueuedWriter, TooFarBehindError, is_within_limits, wait_for_room
from tests.event_rows import finish, publish_soon


def event_frame(seq: int = 1, *, padding: int = 0, rank: int = 0) -> EventFrame:
    return EventFrame(seq, {"seq": seq, "padding": "x" * padding}, Heard(frozenset(), frozenset(), rank))


# Frames


@pytest.mark.parametrize("length", [0, 60, 125, 126, 127, 65_000, 65_535, 65_536, 70_000])
def test_a_frame_is_what_an_independent_client_reads(length):
    frame = event_frame(padding=length)

    read = parse(frame.socket_bytes)

    assert read.opcode is Opcode.TEXT
    assert read.fin
    assert json.loads(bytes(read.data)) == {"type": "event", "seq": 1, "event": {"seq": 1, "padding": "x" * length}}


def parse(data: bytes) -> ReferenceFrame:
    """Read by the `websockets` library, to its last byte."""
    reader = StreamReader()
    reader.feed_data(data)
    steps = ReferenceFrame.parse(reader.read_exact, mask=False, max_size=None)
    try:
        while True:
            next(steps)
    except StopIteration as end:
        assert not reader.buffer
        return end.value


def test_a_line_break_in_an_alert_does_not_break_a_stream():
    frame = EventFrame(7, {"body": "one\ntwo\r\nthree\u2028four"})

    lines = frame.stream_bytes.decode().split("\n")

    assert lines[0] == "id: 7"
    assert lines[1] == "event: event"
    assert json.loads(lines[2].removeprefix("data: "))["event"]["body"] == "one\ntwo\r\nthree\u2028four"
    assert lines[3:] == ["", ""]
    assert "\r" not in frame.stream_bytes.decode()


def test_a_frame_is_encoded_once():
    frame = event_frame()

    assert frame.socket_bytes is frame.socket_bytes
    assert frame.text is frame.text
    assert Batch([frame]).frames[0].json is frame.json


# Limits


@pytest.mark.parametrize(
    ("waiting_bytes", "waiting_frames", "is_within"),
    [(0, 0, True), (1, 63, True), (1, 64, False), (MOST_BYTES - 2000, 1, True), (MOST_BYTES, 1, False)],
)
def test_a_reader_may_be_behind_by_64_frames_or_48_kb(waiting_bytes, waiting_frames, is_within):
    batch = Batch([event_frame(padding=1000)])

    assert (MOST_FRAMES, MOST_BYTES) == (64, 49_152)
    assert is_within_limits(batch, waiting_bytes=waiting_bytes, waiting_frames=waiting_frames) is is_within


def test_a_reader_with_nothing_waiting_takes_even_a_long_alert():
    assert is_within_limits(Batch([event_frame(padding=60_000)]), waiting_bytes=0, waiting_frames=0)


def test_a_portion_never_takes_a_reader_over_its_limit_by_itself():
    portions = list(hub._portions([event_frame(n, padding=900) for n in range(1, 201)]))

    assert [frame.seq for portion in portions for frame in portion] == list(range(1, 201))
    assert all(len(portion) <= MOST_FRAMES / 2 for portion in portions)
    assert all(Batch(portion).size <= MOST_BYTES / 2 for portion in portions)


async def test_a_writer_keeps_order_and_says_when_it_has_no_room():
    taken: list[Batch] = []
    may_send = asyncio.Event()

    async def send(batch: Batch) -> None:
        await may_send.wait()
        taken.append(batch)

    writer = QueuedWriter(send)
    batches = [Batch([event_frame(n)]) for n in range(MOST_FRAMES)]
    for batch in batches:
        assert writer.offer(batch)
    assert not writer.offer(batches[0])
    may_send.set()
    await writer.flush()
    writer.stop()

    assert taken == batches


async def test_who_reads_nothing_is_given_up():
    writer = QueuedWriter(lambda batch: asyncio.sleep(3600))
    writer.write(Batch([event_frame(padding=20_000)]))

    with pytest.raises(TooFarBehindError):
        await wait_for_room(writer, seconds=0.05)
    writer.stop()


async def test_what_the_server_holds_counts_as_waiting():
    """daphne takes everything at once and keeps it: without this a stuck reader would look fine."""
    held = 0

    async def send(batch: Batch) -> None:
        nonlocal held
        held += batch.size

    writer = QueuedWriter(send, lambda: held)
    for n in range(100):
        writer.write(Batch([event_frame(n, padding=1000)]))
    await asyncio.sleep(0.1)
    writer.stop()

    assert held < 12_000
    assert not writer.offer(Batch([event_frame()]))


# Past ASGI, only where it is known to be right


def test_another_server_is_written_to_through_asgi():
    async def send(message: dict[str, Any]) -> None: ...

    assert transport_of(send) is None
    assert socket_writer(send) is None


def test_under_tls_nothing_is_written_past_it():
    """Twisted's wrapper hands unknown attributes on to the plain connection below: only its type tells."""
    import functools

    from twisted.internet import tcp
    from twisted.protocols.tls import TLSMemoryBIOProtocol

    async def reply(protocol: Any, message: dict[str, Any]) -> None: ...

    plain = tcp.Server.__new__(tcp.Server)
    plain.TLS = False
    wrapped = TLSMemoryBIOProtocol.__new__(TLSMemoryBIOProtocol)
    wrapped.transport = plain
    started_late = tcp.Server.__new__(tcp.Server)
    started_late.TLS = True

    def over(transport: Any) -> Any:
        return transport_of(functools.partial(reply, type("Protocol", (), {"transport": transport})()))

    assert over(plain) is plain
    assert over(wrapped) is None
    assert over(started_late) is None


# Telling


class Reader:
    """Writes down what it is given; `is_stuck` once it is to have no room."""

    def __init__(self, filter: Filter | None = None) -> None:
        self.heard: list[int] = []
        self.promised: list[int] = []
        self.is_stuck = False
        self.is_broken = False
        self.dismissed_with: int | None = None
        self.listener = Listener(self, filter or Filter(), self.dismiss)

    def write(self, batch: Batch) -> None:
        if self.is_broken:
            raise RuntimeError("broken")
        for frame in batch.frames:
            if isinstance(frame, EventFrame):
                self.heard.append(frame.seq)
            elif frame.kind == "heartbeat":
                self.promised.append(json.loads(frame.json)["head"])

    def offer(self, batch: Batch) -> bool:
        if not self.is_stuck:
            self.write(batch)
        return not self.is_stuck

    def waiting_bytes(self) -> int:
        return MOST_BYTES if self.is_stuck else 0

    def dismiss(self, code: int) -> None:
        self.dismissed_with = code

    def stop(self) -> None: ...


@pytest.fixture
async def the_hub() -> AsyncIterator[hub.Hub]:
    found = hub.current()
    await found.refresh()
    yield found
    await finish()


async def until(condition: Any) -> None:
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it did not come to pass")


@pytest.mark.django_db(transaction=True)
async def test_a_stuck_reader_is_let_go_and_nobody_else_notices(the_hub, monkeypatch):
    monkeypatch.setattr(hub, "BEHIND_SECONDS", 0.1)
    stuck, healthy = Reader(), Reader()
    for reader in (stuck, healthy):
        the_hub.join(reader.listener, None)
    stuck.is_stuck = True

    await publish_soon(3)
    await until(lambda: stuck.dismissed_with and len(healthy.heard) >= 3)

    assert stuck.dismissed_with == 1013
    assert stuck.heard == []
    assert healthy.heard == [1, 2, 3]


@pytest.mark.django_db(transaction=True)
async def test_a_reader_that_was_briefly_behind_hears_everything_once(the_hub):
    late = Reader()
    the_hub.join(late.listener, None)
    late.is_stuck = True
    await publish_soon(3)
    await until(lambda: the_hub.head == 3)
    late.is_stuck = False
    await publish_soon(2)

    await until(lambda: len(late.heard) >= 5)

    assert late.heard == [1, 2, 3, 4, 5]
    assert late.dismissed_with is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("page", [500, 2])
async def test_what_was_caught_up_with_is_not_told_again(the_hub, monkeypatch, page):
    """Rows are there before the hub looks: who comes just then reads them, and must not be told once more."""
    monkeypatch.setattr(hub, "POLL_SECONDS", 3600)
    the_hub._stop_listening()
    monkeypatch.setattr(hub, "PAGE", page)
    await publish_soon(2)
    await the_hub.refresh()
    the_hub._recent.clear()
    early, late = Reader(), Reader()
    the_hub.join(early.listener, None)
    await publish_soon(3)
    the_hub.join(late.listener, 0)
    await until(lambda: len(late.heard) == 5)
    assert the_hub.head == 2, "the hub has looked already: this test shows nothing"

    await publish_soon()
    await the_hub.refresh()
    await until(lambda: len(early.heard) == 4)

    assert late.heard == [1, 2, 3, 4, 5, 6]
    assert early.heard == [3, 4, 5, 6]


@pytest.mark.django_db(transaction=True)
async def test_a_heartbeat_promises_no_more_than_was_sent(the_hub, monkeypatch):
    may_read = asyncio.Event()

    async def slow(listener: Listener) -> tuple[list[EventFrame], int]:
        await may_read.wait()
        return [event_frame(1), event_frame(2)], 2

    await publish_soon(2)
    await the_hub.refresh()
    monkeypatch.setattr(the_hub, "_missed", slow)
    reader = Reader()
    the_hub.join(reader.listener, 0)
    await the_hub._beat()
    may_read.set()
    await until(lambda: len(reader.heard) == 2)
    await the_hub._beat()

    assert reader.promised == [0, 2]


@pytest.mark.django_db(transaction=True)
async def test_a_broken_reader_silences_no_other(the_hub):
    broken, healthy = Reader(), Reader()
    for reader in (broken, healthy):
        the_hub.join(reader.listener, None)
    broken.is_broken = True

    await publish_soon(2)
    await until(lambda: len(healthy.heard) == 2)

    assert broken.dismissed_with == 1013


@pytest.mark.django_db(transaction=True)
async def test_who_did_not_ask_is_not_touched(the_hub, monkeypatch):
    """Not by an event it does not hear; its heartbeat still promises all that was told."""
    asked, did_not = Reader(), Reader(Filter(substances=frozenset({"fentanyl"})))
    for reader in (asked, did_not):
        the_hub.join(reader.listener, None)
    touched = []
    reached = the_hub._reached
    monkeypatch.setattr(the_hub, "_reached", lambda listener: touched.append(listener) or reached(listener))

    await publish_soon(3)
    await until(lambda: asked.heard == [1, 2, 3])
    touched_by_telling = set(touched)
    await the_hub._beat()

    assert touched_by_telling == {asked.listener}
    assert did_not.promised == [3]


@pytest.mark.django_db(transaction=True)
async def test_a_wish_changed_while_it_is_told_is_met_from_there_on(the_hub):
    """Who was not told yet hears by the new filter; who did not hear by the old one is past it."""
    before = [Reader() for _ in range(hub.GIVE_WAY_EVERY)]
    fentanyl = Filter(substances=frozenset({"fentanyl"}))
    owed, turned, left, unasked = Reader(), Reader(), Reader(), Reader(fentanyl)
    for reader in [*before, owed, turned, left, unasked]:
        the_hub.join(reader.listener, None)
    frame = EventFrame(1, {"seq": 1}, Heard(frozenset(), frozenset({"xylazine"}), 0))
    the_hub.head = 1
    the_hub._recent.append(frame)
    telling = asyncio.create_task(the_hub._tell([frame]))
    await asyncio.sleep(0)  # it gives way after the first listeners
    assert (before[0].heard, owed.heard) == ([1], []), "it gave no way in between: this test shows nothing"

    the_hub.subscribe(owed.listener, Filter(), None)
    the_hub.subscribe(turned.listener, fentanyl, None)
    the_hub.leave(left.listener)
    the_hub.subscribe(unasked.listener, Filter(), None)
    await telling
    await until(lambda: owed.heard)

    assert owed.heard == [1]
    assert [reader.heard for reader in (turned, left, unasked)] == [[], [], []]
    assert len(the_hub._live) == len(before) + 3


@pytest.mark.django_db(transaction=True)
async def test_one_read_and_one_encoding_serve_everyone(the_hub, monkeypatch):
    encoded = 0
    encode = frames.msgspec.json.encode

    def counting(content: Any) -> bytes:
        nonlocal encoded
        encoded += 1
        return encode(content)

    readers = [Reader() for _ in range(300)]
    for reader in readers:
        the_hub.join(reader.listener, None)
    monkeypatch.setattr(frames.msgspec.json, "encode", counting)
    await publish_soon()
    await until(lambda: all(reader.heard for reader in readers))

    assert encoded == 1


@pytest.mark.django_db(transaction=True)
async def test_a_crowd_that_comes_at_once_shares_one_look(the_hub, monkeypatch):
    looks = 0
    look = hub._look

    def counting(after: int | None) -> hub.Look:
        nonlocal looks
        looks += 1
        return look(after)

    monkeypatch.setattr(hub, "_look", counting)
    await asyncio.gather(*(the_hub.refresh() for _ in range(500)))

    assert looks <= 2


@pytest.mark.django_db(transaction=True)
async def test_the_hub_goes_on_after_the_database_was_away(the_hub, monkeypatch):
    reader = Reader()
    the_hub.join(reader.listener, None)
    with monkeypatch.context() as away:

        def broken(after: int | None) -> None:
            raise OSError("away")

        away.setattr(hub, "_look", broken)
        with pytest.raises(hub.NotHearingError):
            await the_hub.refresh()
        await publish_soon()

    await until(lambda: reader.heard == [1])


@pytest.mark.django_db
@pytest.mark.parametrize(("head", "is_said"), [(5, 3), (1, 1)], ids=["a row came in between", "an earlier database"])
def test_a_head_is_never_ahead_of_its_frames(monkeypatch, head, is_said):
    monkeypatch.setattr(hub.reading, "head", lambda: head)

    assert hub._look(3).head == is_said


@pytest.mark.django_db(transaction=True)
async def test_a_listener_whose_rows_are_gone_is_let_go_and_stops_nobody(the_hub, monkeypatch):
    async def nothing(listener: Listener) -> tuple[list[EventFrame], int]:
        return [], 0

    await publish_soon()
    await until(lambda: the_hub.head == 1)
    monkeypatch.setattr(the_hub, "_missed", nothing)
    reader = Reader()

    the_hub.join(reader.listener, 0)
    await until(lambda: reader.dismissed_with)

    assert reader.dismissed_with == 1013
