"""WebSockets: hear of every step of every alert as it is published. No account, nothing stored."""

import asyncio
import json
import time
from collections import deque
from typing import Any

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer
from django.utils.translation import gettext as _

from . import direct_write, frames, hub, threads
from .frames import Batch, Frame
from .hearing import Wish, asked_in_message, asked_in_query, error_of
from .hub import TRY_AGAIN_LATER, Hub, Listener, NotHearingError
from .matching import BadFilter
from .writers import QueuedWriter, Writer

BAD_REQUEST = 4400  # ours: as HTTP's 400
TOO_MUCH = 1008  # policy violation, RFC 6455, 7.4.1

MOST_MESSAGE_BYTES = 4096
MOST_MESSAGES = 60
MESSAGES_SECONDS = 60.0


class RefusedMessageError(Exception):
    """What came from the client is no message of ours. Says why, for the client."""


class AlertsConsumer(AsyncConsumer):
    """One socket at `/ws/alerts/`.

    Any origin may connect, or none: nothing here is secret and no cookie is read. It needs neither a
    channel of its own nor the task that waits on it, since the hub tells everyone; nor, before each
    message, the visit to a thread that closes old database connections, since it opens none.
    """

    def __init__(self) -> None:
        self.hub: Hub | None = None
        self.listener: Listener | None = None
        self.writer: Writer | None = None
        self.came_at: deque[float] = deque(maxlen=MOST_MESSAGES)  # monotonic seconds
        self.closing: asyncio.Task[None] | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scope, self.base_send = scope, send
        try:
            while True:
                await self.dispatch(await receive())
        except StopConsumer:
            pass
        finally:
            self.leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        await getattr(self, get_handler_name(message))(message)

    async def websocket_connect(self, _message: dict[str, Any]) -> None:
        await self.base_send({"type": "websocket.accept"})
        found = hub.current()
        if not found.admit():
            await self.close(TRY_AGAIN_LATER)
            return
        self.hub = found
        try:
            wish = await read_query(self.scope["query_string"].decode("latin-1"))
            await found.refresh()
        except BadFilter as fault:
            await self.refuse(error_of(fault))
            return
        except NotHearingError:
            await self.close(TRY_AGAIN_LATER)
            return
        self.writer = direct_write.socket_writer(self.base_send) or QueuedWriter(
            self.send_batch, direct_write.what_waits_behind(self.base_send)
        )
        self.listener = Listener(self.writer, wish.filter, self.dismiss)
        found.join(self.listener, wish.after)

    async def websocket_disconnect(self, _message: dict[str, Any]) -> None:
        raise StopConsumer

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        if self.listener is None or self.hub is None:
            return  # being closed
        if self.is_one_too_many():
            await self.close(TOO_MUCH)
            return
        try:
            wish = await self.read_message(message)
            await self.hub.refresh()
        except RefusedMessageError as fault:
            await self.refuse({"code": "invalid", "message": str(fault)})
        except BadFilter as fault:
            await self.refuse(error_of(fault))
        except NotHearingError:
            await self.close(TRY_AGAIN_LATER)
        else:
            if self.listener is not None:
                self.hub.subscribe(self.listener, wish.filter, wish.after)

    def is_one_too_many(self) -> bool:
        now = time.monotonic()
        is_full = len(self.came_at) == MOST_MESSAGES and now - self.came_at[0] < MESSAGES_SECONDS
        self.came_at.append(now)
        return is_full

    async def read_message(self, message: dict[str, Any]) -> Wish:
        text = message.get("text")
        if text is None:
            raise RefusedMessageError(_("Only text frames are read."))
        if len(text.encode()) > MOST_MESSAGE_BYTES:
            raise RefusedMessageError(_("This message is too long."))
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise RefusedMessageError(_("This is not JSON.")) from error
        if not isinstance(content, dict) or content.get("type") != "subscribe":
            raise RefusedMessageError(_("The one message understood is “subscribe”."))
        return await threads.in_thread(threads.for_wishes, asked_in_message, content)

    async def refuse(self, error: dict[str, Any]) -> None:
        """Say why, then close."""
        frame = frames.refusal(error)
        if self.writer is None:
            await self.send_batch(Batch([frame]))
        else:
            self.writer.write(Batch([frame]))
            if isinstance(self.writer, QueuedWriter):
                await self.writer.flush()
        await self.close(BAD_REQUEST)

    async def send_batch(self, batch: Batch) -> None:
        frame: Frame
        for frame in batch.frames:
            await self.base_send({"type": "websocket.send", "text": frame.text})

    def dismiss(self, code: int) -> None:
        """The hub lets go of us. It cannot wait for a socket that may be stuck."""
        self.closing = asyncio.create_task(self.close(code))

    async def close(self, code: int) -> None:
        self.leave()
        await direct_write.close(self.base_send, code)

    def leave(self) -> None:
        """Hear nothing more, and give back the place."""
        if self.hub is None:
            return
        if self.listener is not None:
            self.hub.leave(self.listener)
        self.hub.release()
        self.hub, self.listener, self.writer = None, None, None


async def nothing_here(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """A WebSocket to an address we do not have: refused before it is accepted, which a client sees as 403."""
    await receive()
    await send({"type": "websocket.close"})


async def read_query(query: str) -> Wish:
    """An empty wish needs no thread, and most are."""
    if "=" not in query:
        return asked_in_query("")
    return await threads.in_thread(threads.for_wishes, asked_in_query, query)
