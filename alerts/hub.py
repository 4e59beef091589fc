"""Telling everyone who listens, at once: one reader of the rows per process, for all sockets and streams.

A ring, or a look each second, turns into one read of the new rows; each becomes one frame; each frame
is handed to those whose filter hears it. Nothing here waits for a listener.

No gap and no repeat: a listener has a `cursor`, up to which it was given all that its filter hears. It
is live only once its cursor has reached the hub's head, and both checks happen without giving way, so
that an event is either caught up with or told, never both and never neither.

Whoever does not hear an event is not touched by it: one who is live and is owed nothing was given all
that was told, whatever its own cursor says.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from django.conf import settings
from django.db.models import Subquery

from checking import bell
from checking.models import Network
from checking.networks import is_simulated

from . import frames, reading, threads
from .audience import Audience
from .frames import Batch, EventFrame
from .matching import Filter, heard_of, hears
from .models import AlertEvent
from .writers import TooFarBehindError, Writer, wait_for_room

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0  # a lost ring costs no more than this
HEARTBEAT_SECONDS = 25.0
PAGE = 500  # new rows read at once
MISSED_PAGE = 100  # missed events read at once for one listener
RECENT = 256  # frames kept, so that a crowd that comes back does not each ask the database

# One write to one listener. Well under what it may be behind by, so that one write never is too much.
PORTION_FRAMES = 32
PORTION_BYTES = 24 * 1024
GIVE_WAY_EVERY = 256  # listeners told before the loop gets a turn

BEHIND_SECONDS = 3.0  # a listener over its limit has this long to take what is waiting
MISSED_SECONDS = 10.0  # one that catches up may be on a slow line: this long for each portion

TRY_AGAIN_LATER = 1013  # WebSocket close codes, as registered with IANA
SERVICE_RESTART = 1012


class NotHearingError(Exception):
    """The rows cannot be read just now: whoever comes has to come back later."""


class Listener:
    """One socket or stream."""

    __slots__ = ("catching_up", "cursor", "dismiss", "filter", "is_live", "is_owed", "writer")

    def __init__(self, writer: Writer, filter: Filter, dismiss: Callable[[int], None]) -> None:
        self.writer = writer
        self.filter = filter
        self.dismiss = dismiss  # called with a close code when the hub lets go of it
        self.cursor = 0  # all that the filter hears up to this `seq` was written; see `Hub._reached`
        self.is_live = False
        self.is_owed = False  # live, and some of what is being told was not written yet
        self.catching_up: asyncio.Task[None] | None = None


class Look(NamedTuple):
    """What one look at the rows found."""

    stream: str
    head: int
    frames: list[EventFrame]


class Hub:
    """One per process, living in its event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.head = 0
        self.stream = ""  # empty until the first look
        self._listeners: dict[Listener, None] = {}
        self._live: Audience[Listener] = Audience()
        self._told = 0  # the last `seq` that was told, or is being told
        self._recent: deque[EventFrame] = deque(maxlen=RECENT)
        self._admitted = 0
        self._can_read = True
        self._rung = asyncio.Event()
        self._next_look: asyncio.Future[bool] = loop.create_future()
        self._stop_listening = bell.listen("events", self._ring)
        self._task = loop.create_task(self._run())

    # Coming and going

    def admit(self) -> bool:
        """Take a place, to be given back by `release`. False: all are taken."""
        if self._admitted >= settings.MAX_SOCKETS:
            return False
        self._admitted += 1
        return True

    def release(self) -> None:
        self._admitted -= 1

    async def refresh(self) -> None:
        """Return after a look that began after this call. A crowd shares one. Raises NotHearingError."""
        look = self._next_look
        self._rung.set()
        if not await asyncio.shield(look):
            raise NotHearingError

    def join(self, listener: Listener, after: int | None) -> None:
        """Say hello, then what was missed since `after`, then what comes."""
        is_of_another_time = after is not None and after > self.head
        resumes_at = self.head if after is None or is_of_another_time else None
        hello = frames.hello(head=self.head, stream=self.stream, reset=is_of_another_time, resumes_at=resumes_at)
        listener.cursor = self.head if after is None else min(after, self.head)
        listener.writer.write(Batch([hello]))
        self._listeners[listener] = None
        self._bring_up_to_date(listener, MISSED_SECONDS)

    def subscribe(self, listener: Listener, filter: Filter, after: int | None) -> None:
        """Hear by another filter from here on, or again from `after`."""
        self._hold(listener)
        listener.filter = filter
        # Without `after`, what is being told right now is told by the new filter: not past the cursor.
        head = listener.cursor if after is None else self.head
        is_of_another_time = after is not None and after > self.head
        if after is not None:
            listener.cursor = min(after, self.head)
        listener.writer.write(Batch([frames.subscribed(head, reset=is_of_another_time)]))
        self._bring_up_to_date(listener, MISSED_SECONDS)

    def leave(self, listener: Listener) -> None:
        self._listeners.pop(listener, None)
        self._hold(listener)
        listener.writer.stop()

    def stop(self) -> None:
        self._stop_listening()
        self._task.cancel()
        for listener in list(self._listeners):
            self.leave(listener)

    # Looking

    def _ring(self) -> None:
        """Called in whatever thread committed."""
        try:
            self.loop.call_soon_threadsafe(self._rung.set)
        except RuntimeError:
            logger.debug("A ring came after the loop had closed")

    async def _run(self) -> None:
        beat_at = self.loop.time() + HEARTBEAT_SECONDS
        while True:
            try:
                await self._look_and_tell()
                if self.loop.time() >= beat_at:
                    beat_at = self.loop.time() + HEARTBEAT_SECONDS
                    await self._beat()
            except Exception:
                # Whatever one round ran into, the next one must come: the rows are still there.
                logger.exception("The hub broke in a round and goes on")
            await self._next_round()

    async def _next_round(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._rung.wait()
        except TimeoutError:
            pass
        self._rung.clear()

    async def _look_and_tell(self) -> None:
        asked, self._next_look = self._next_look, self.loop.create_future()
        try:
            look = await threads.in_thread(threads.for_looks, _look, self.head if self.stream else None)
        except Exception as error:
            # The database may be away for a while; we look again in a moment. Said once, not each time.
            if self._can_read:
                logger.warning("Events cannot be read just now: %s", error)
            self._can_read = False
            asked.set_result(False)
            return
        if not self._can_read:
            logger.warning("Events can be read again")
            self._can_read = True
        if look.stream != self.stream or look.head < self.head:
            self._begin(look)
            asked.set_result(True)
            return
        self.head = look.head
        self._recent.extend(look.frames)
        asked.set_result(True)
        if len(look.frames) == PAGE:
            self._rung.set()  # there may be more
        for portion in _portions(look.frames):
            await self._tell(portion)

    def _begin(self, look: Look) -> None:
        """The first look, or the first one after another database took the place of ours."""
        for listener in list(self._listeners):
            self._let_go(listener, SERVICE_RESTART)
        self.stream, self.head, self._told = look.stream, look.head, look.head
        self._recent.clear()
        self._recent.extend(look.frames)

    # Telling

    async def _tell(self, portion: Sequence[EventFrame]) -> None:
        owed = self._owe(portion)
        for count, (listener, batch) in enumerate(owed, start=1):
            if listener.is_owed:
                try:
                    self._pay(listener, batch, portion[-1].seq)
                except Exception:
                    # One broken listener must not silence the others. It comes back with `after`.
                    logger.exception("A listener could not be told")
                    self._let_go(listener, TRY_AGAIN_LATER)
            if count % GIVE_WAY_EVERY == 0:
                await asyncio.sleep(0)

    def _owe(self, portion: Sequence[EventFrame]) -> list[tuple[Listener, Batch]]:
        """Whoever hears any of it, and what. At once: no one may come, go or change its wish in between."""
        groups: dict[Filter, list[EventFrame]] = {}
        for frame in portion:
            assert frame.heard is not None, "a look reads by what an event is heard"
            for filter in self._live.hearing(frame.heard):
                groups.setdefault(filter, []).append(frame)
        owed = []
        for filter, heard in groups.items():
            batch = Batch(heard)
            for listener in self._live.members(filter):
                reached = self._reached(listener)
                if reached < heard[0].seq:
                    owed.append((listener, batch))
                elif rest := [frame for frame in heard if frame.seq > reached]:  # it caught up to within this portion
                    owed.append((listener, Batch(rest)))
                else:
                    continue
                listener.cursor = reached
                listener.is_owed = True
        self._told = portion[-1].seq
        return owed

    def _pay(self, listener: Listener, batch: Batch, seq: int) -> None:
        if listener.writer.offer(batch):
            listener.cursor = seq
            listener.is_owed = False
        else:
            self._hold(listener)
            self._bring_up_to_date(listener, BEHIND_SECONDS)

    def _reached(self, listener: Listener) -> int:
        """Up to which `seq` it was given all that its filter hears."""
        if listener.is_live and not listener.is_owed:
            return max(listener.cursor, self._told)
        return listener.cursor

    async def _beat(self) -> None:
        """Let everyone know that we are there, and up to where they have heard all."""
        batches: dict[int, Batch] = {}
        for count, listener in enumerate(list(self._listeners), start=1):
            reached = self._reached(listener)
            batch = batches.get(reached)
            if batch is None:
                batch = batches[reached] = Batch([frames.heartbeat(reached)])
            if listener in self._listeners:
                listener.writer.offer(batch)
            if count % GIVE_WAY_EVERY == 0:
                await asyncio.sleep(0)

    # Catching up

    def _bring_up_to_date(self, listener: Listener, seconds: float) -> None:
        if listener.cursor >= self.head:
            self._go_live(listener)
            return
        listener.catching_up = self.loop.create_task(self._catch_up(listener, seconds))

    async def _catch_up(self, listener: Listener, seconds: float) -> None:
        try:
            while listener.cursor < self.head:
                missed, reached = await self._missed(listener)
                if reached <= listener.cursor:
                    raise RuntimeError("The rows it missed are not there.")  # asking for ever would stop everything
                for portion in _portions(missed):
                    await wait_for_room(listener.writer, seconds=seconds)
                    listener.writer.write(Batch(portion))
                    listener.cursor = portion[-1].seq
                listener.cursor = max(listener.cursor, reached)
            self._go_live(listener)
        except TooFarBehindError:
            self._let_go(listener, TRY_AGAIN_LATER)
        except Exception:
            # It comes back with `after` and misses nothing; the others must not be harmed.
            logger.exception("A listener could not be caught up")
            self._let_go(listener, TRY_AGAIN_LATER)

    async def _missed(self, listener: Listener) -> tuple[list[EventFrame], int]:
        """Some of what it missed, and how far was looked."""
        if self._recent and self._recent[0].seq <= listener.cursor + 1:
            recent = [frame for frame in self._recent if frame.seq > listener.cursor]
            return [frame for frame in recent if _is_heard(frame, listener.filter)], self._recent[-1].seq
        return await threads.in_thread(threads.for_missed, _read_missed, listener.cursor, listener.filter)

    def _go_live(self, listener: Listener) -> None:
        listener.is_live = True
        self._live.add(listener.filter, listener)

    def _hold(self, listener: Listener) -> None:
        listener.cursor = self._reached(listener)
        listener.is_live = listener.is_owed = False
        self._live.remove(listener.filter, listener)
        if listener.catching_up not in (None, asyncio.current_task()):
            listener.catching_up.cancel()
        listener.catching_up = None

    def _let_go(self, listener: Listener, code: int) -> None:
        self._listeners.pop(listener, None)
        self._hold(listener)
        listener.dismiss(code)


def _look(after: int | None) -> Look:
    """The rows past `after`, or (None) the latest of them."""
    if after is None:
        is_simulated()  # known from now on to the streams, which may not ask the database
        after = max(0, reading.head() - RECENT)
    # One question where there is something new: each costs as much as telling a hundred sockets.
    rows = AlertEvent.objects.filter(is_drill=False, seq__gt=after).order_by("seq")
    found = list(rows.annotate(stream=Subquery(Network.objects.values("stream")[:1]))[:PAGE])
    if not found:
        # A row that came since is for the next look: a head without its frames would never be told.
        return Look(str(Network.current().stream), min(after, reading.head()), [])
    stream = found[0].stream or Network.current().stream  # the row is made with the first question for it
    return Look(str(stream), found[-1].seq, [EventFrame(row.seq, row.payload, heard_of(row)) for row in found])


def _read_missed(after: int, filter: Filter) -> tuple[list[EventFrame], int]:
    payloads, reached = reading.events_after(after, filter, MISSED_PAGE)
    return [EventFrame(payload["seq"], payload) for payload in payloads], reached


def _is_heard(frame: EventFrame, filter: Filter) -> bool:
    return frame.heard is None or hears(filter, frame.heard)


def _portions(found: Sequence[EventFrame]) -> Iterator[list[EventFrame]]:
    portion: list[EventFrame] = []
    size = 0
    for frame in found:
        if portion and (len(portion) == PORTION_FRAMES or size + len(frame.json) > PORTION_BYTES):
            yield portion
            portion, size = [], 0
        portion.append(frame)
        size += len(frame.json)
    if portion:
        yield portion


_hub: Hub | None = None


def start(loop: asyncio.AbstractEventLoop) -> Hub:
    """Begin to listen, in this loop. Called once the server is ready, so that the first socket need not wait."""
    global _hub
    if _hub is None or _hub.loop is not loop:
        if _hub is not None:
            _hub._stop_listening()  # of a loop that is gone
        _hub = Hub(loop)
    return _hub


def current() -> Hub:
    """The hub of this loop, begun if it has not."""
    return start(asyncio.get_running_loop())


def stop() -> None:
    """Let go of everyone, and forget."""
    global _hub
    if _hub is not None:
        _hub.stop()
    _hub = None
