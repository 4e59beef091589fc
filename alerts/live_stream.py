"""`/alerts/live/`: what the sockets hear, as server-sent events, for whoever cannot hold a WebSocket.

Served as an ASGI application of its own and not as a Django view: Django's handler keeps a worker
thread, and what that thread opened in the database, until an answer has ended. This one never ends.
"""

import asyncio
from typing import Any

import msgspec

from checking.networks import was_simulated

from . import direct_write, hub
from .consumers import read_query
from .frames import Batch
from .hearing import Wish, error_of, read_after
from .hub import Hub, Listener, NotHearingError
from .matching import BadFilter
from .writers import QueuedWriter

RETRY_MS = 3000  # how long a browser waits before it comes back
RETRY_AFTER_SECONDS = 30

HEADERS = {
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


async def live_stream(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["method"] != "GET":
        await _answer(send, 405, {"code": "method_not_allowed", "message": "Only GET."}, {"Allow": "GET"})
        return
    found = hub.current()
    if not found.admit():
        await _answer_later(send)
        return
    try:
        wish = await _read_wish(scope)
        await found.refresh()
        await _Stream(found, receive, send).tell(wish)
    except BadFilter as fault:
        await _answer(send, 400, error_of(fault))
    except NotHearingError:
        await _answer_later(send)
    finally:
        found.release()


class _Stream:
    """One reader, from its first byte to its last."""

    def __init__(self, hub: Hub, receive: Any, send: Any) -> None:
        self.hub = hub
        self.receive = receive
        self.send = send
        self.transport = direct_write.transport_of(send)
        self.waiting_bytes = direct_write.what_waits_behind(send)
        self.dismissed = asyncio.Event()

    async def tell(self, wish: Wish) -> None:
        await self._begin()
        writer = QueuedWriter(self._send_batch, self.waiting_bytes)
        listener = Listener(writer, wish.filter, lambda code: self.dismissed.set())
        self.hub.join(listener, wish.after)
        gone = asyncio.create_task(self._until_gone())
        dismissed = asyncio.create_task(self.dismissed.wait())
        try:
            await asyncio.wait((gone, dismissed), return_when=asyncio.FIRST_COMPLETED)
            if not gone.done():
                await self._break_off()
        finally:
            gone.cancel()
            dismissed.cancel()
            self.hub.leave(listener)

    async def _begin(self) -> None:
        headers = {**HEADERS, "Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
        await _start(self.send, 200, headers)
        await self._send_body(b"retry: %d\n\n" % RETRY_MS)

    async def _break_off(self) -> None:
        """It comes back by itself with `Last-Event-ID`. What waits for a reader that does not read is dropped."""
        if self.transport is not None and self.waiting_bytes():
            self.transport.abortConnection()
        else:
            await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _until_gone(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def _send_batch(self, batch: Batch) -> None:
        await self._send_body(batch.stream_bytes)

    async def _send_body(self, body: bytes) -> None:
        await self.send({"type": "http.response.body", "body": body, "more_body": True})


async def _read_wish(scope: dict[str, Any]) -> Wish:
    """A browser that comes back says what it had last, which goes before the `after` it once came with."""
    wish = await read_query(scope["query_string"].decode("latin-1"))
    last = next((value for name, value in scope["headers"] if name == b"last-event-id"), b"").decode("latin-1")
    return wish._replace(after=read_after(last)) if last else wish


async def _answer_later(send: Any) -> None:
    error = {"code": "try_again_later", "message": "We cannot take more listeners just now."}
    await _answer(send, 503, error, {"Retry-After": str(RETRY_AFTER_SECONDS)})


async def _answer(send: Any, status: int, error: dict[str, Any], more: dict[str, str] | None = None) -> None:
    body = msgspec.json.encode({"error": error})
    headers = {**HEADERS, "Content-Type": "application/json", "Content-Length": str(len(body)), **(more or {})}
    await _start(send, status, headers)
    await send({"type": "http.response.body", "body": body})


async def _start(send: Any, status: int, headers: dict[str, str]) -> None:
    if was_simulated():
        headers = {**headers, "Simulated-Data": "true"}
    lines = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
