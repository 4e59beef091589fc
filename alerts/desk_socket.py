"""The desk's own WebSocket: says that something changed, to those who may review, and nothing of what.

Unlike `/ws/alerts/` it reads the session: only reviewers come in, only from our own pages, and whoever
loses the role or signs out is let go within a minute.
"""

import asyncio
import contextlib
import hashlib
import json
import logging
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from channels.auth import AuthMiddlewareStack
from django.conf import settings
from django.contrib.auth import get_user
from django.db.models import Max

from checking import bell
from checking.staff_rights import may_review

from . import threads
from .models import Alert, AlertContent, Approval, Signal
from .views.review import mine

logger = logging.getLogger(__name__)

FORBIDDEN, TOO_LARGE, TOO_MANY, BROKEN = 4403, 4413, 4429, 4500  # ours: as HTTP's 403, 413, 429 and 500
POLL_SECONDS = 5.0  # a lost ring costs no more than this
HEARTBEAT_SECONDS = 25.0
SOCKETS_A_PERSON = 4
MOST_MESSAGE_BYTES = 4096

_open: Counter[int] = Counter()  # sockets by person, of this process


class DeskSocket:
    def __init__(self, scope: dict[str, Any], send: Any) -> None:
        self.scope = scope
        self.send = send
        self.rung = asyncio.Event()
        self.shown = ""

    async def run(self, receive: Any) -> None:
        await receive()  # websocket.connect
        user = self.scope["user"]
        if not is_from_here(self.scope) or not await threads.in_thread(threads.for_wishes, may_review, user):
            await self.send({"type": "websocket.close", "code": FORBIDDEN})
            return
        await self.send({"type": "websocket.accept"})
        if _open[user.pk] >= SOCKETS_A_PERSON:
            await self.close(TOO_MANY, receive)
            return
        _open[user.pk] += 1
        loop = asyncio.get_running_loop()

        def ring() -> None:
            loop.call_soon_threadsafe(self.rung.set)

        stops = [bell.listen(topic, ring) for topic in ("desk", "events")]
        telling = asyncio.create_task(self.tell_or_close())
        try:
            await self.read(receive)
        finally:
            telling.cancel()
            for stop in stops:
                stop()
            _open[user.pk] -= 1

    async def read(self, receive: Any) -> None:
        """Nothing is asked of a client; what is too long ends the talk."""
        while (message := await receive())["type"] != "websocket.disconnect":
            said = message.get("bytes") or (message.get("text") or "").encode()
            if len(said) > MOST_MESSAGE_BYTES:
                await self.close(TOO_LARGE, receive)
                return

    async def close(self, code: int, receive: Any) -> None:
        """Close, and stay until it is: an application that ends before counts as broken."""
        await self.send({"type": "websocket.close", "code": code})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    async def tell_or_close(self) -> None:
        """A socket that can tell nothing more does not stay open as if nothing happened."""
        try:
            await self.tell()
        except Exception:
            logger.exception("a desk could not be told of changes")
            await self.send({"type": "websocket.close", "code": BROKEN})

    async def tell(self) -> None:
        self.shown = await self.look() or ""
        await self.say("hello")
        beat_at = asyncio.get_running_loop().time()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.rung.wait(), POLL_SECONDS)
            self.rung.clear()
            seen = await self.look()
            if seen is None:
                await self.send({"type": "websocket.close", "code": FORBIDDEN})
                return
            now = asyncio.get_running_loop().time()
            if seen != self.shown:
                self.shown = seen
                await self.say("changed")
            elif now - beat_at >= HEARTBEAT_SECONDS:
                beat_at = now
                await self.say("heartbeat")

    async def look(self) -> str | None:
        found: str | None = await threads.in_thread(threads.for_missed, what_is_shown, self.scope)
        return found

    async def say(self, kind: str) -> None:
        await self.send({"type": "websocket.send", "text": json.dumps({"type": kind})})


def what_is_shown(scope: dict[str, Any]) -> str | None:
    """A hash that changes when this person's desk does. None: it is not theirs any more."""
    scope["session"]._session_cache = scope["session"].load()  # signed out elsewhere is signed out here
    user: Any = get_user(_Request(scope["session"]))  # type: ignore[arg-type]  # all it reads is the session
    if not user.is_authenticated or not may_review(user):
        return None
    signals = mine(Signal.objects.filter(state=Signal.State.OPEN), user)
    alerts = mine(Alert.objects.filter(state__in=["draft", "proposed", "published"]).order_by("pk"), user)
    versions = AlertContent.objects.filter(alert__in=alerts).aggregate(newest=Max("pk"))
    yes = Approval.objects.filter(content__alert__in=alerts).aggregate(newest=Max("pk"))
    seen = [
        [(row.pk, row.taken_by_id, str(row.taken_at), row.counts.get("reports")) for row in signals],
        [(str(row.pk), row.state, str(row.second_review_by), str(row.expires_at)) for row in alerts],
        versions,
        yes,
    ]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


class _Request:
    def __init__(self, session: Any) -> None:
        self.session = session


def is_from_here(scope: dict[str, Any]) -> bool:
    """Only our own pages: a foreign one could otherwise listen with a reviewer's cookie. None is refused too."""
    headers = dict(scope["headers"])
    origin = urlsplit(headers.get(b"origin", b"").decode("latin-1"))
    host = headers.get(b"host", b"").decode("latin-1")
    if origin.scheme not in {"http", "https"} or not origin.netloc:
        return False
    return origin.netloc == host or f"{origin.scheme}://{origin.netloc}" == settings.PUBLIC_URL


async def _desk(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await DeskSocket(scope, send).run(receive)


desk_socket: Any = AuthMiddlewareStack(_desk)
