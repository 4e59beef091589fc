"""The short way in for `POST /api/v1/samples/` with a site's key: beside Django's handler, not through it.

A thread of its own for each request, a dozen layers of middleware for browsers and one query after the
other would cost five times what the sample itself costs. Here a request waits on the event loop while the
one writer takes all that wait together: keys looked up, bodies read and accepted, one commit, one reading
back. Whatever is not plainly good (a body with a fault, a key that is not known, a header out of the
common) goes on to Django's handler as it came, which says what is wrong. So only one door says no.
"""

import asyncio
import functools
from collections.abc import Sequence
from io import BytesIO
from typing import Any, NamedTuple

import msgspec
from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.utils.translation import get_language_from_request

from checking import bodies
from checking.decoding import NotABody, decode
from checking.networks import is_simulated
from checking.submission import ManySamples, Receipt, Sent, Source
from checking.writing import SECONDS_TO_WAIT, writer

from .authentication import PREFIX
from .models import SiteKey
from .submitting import MAX_BODY

PATH = "/api/v1/samples/"
COMMON = frozenset(
    {b"host", b"authorization", b"content-type", b"content-length", b"accept", b"accept-encoding",
     b"accept-language", b"user-agent", b"connection", b"transfer-encoding",
     # What a proxy in front adds; nothing in this answer follows from it.
     b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-port", b"x-forwarded-proto",
     b"x-real-ip", b"x-request-id"}
)  # fmt: skip
TAKEN_AS_JSON = frozenset({b"application/json", b"application/json; charset=utf-8"})


class NotPlainError(Exception):
    """Not for this door. Says nothing of what is wrong: the other one does."""


class Asked(NamedTuple):
    key: str
    raw: bytes
    language: str


class KeyedSamples:
    """Samples sent with keys, done together: the steps of `writing.Together`."""

    def __init__(self) -> None:
        self.samples = ManySamples()

    def prepare(self, items: Sequence[Asked]) -> list[Any]:
        sources = _sources({item.key for item in items})
        sent = [_read(item, sources.get(item.key)) for item in items]
        accepted = iter(self.samples.prepare([each for each in sent if isinstance(each, Sent)]))
        return [next(accepted) if isinstance(each, Sent) else each for each in sent]

    def store(self, prepared: Sequence[Any]) -> list[Any]:
        return self.samples.store(prepared)

    def answer(self, stored: Sequence[Any]) -> list[Any]:
        simulated = is_simulated()
        languages = [language for _, language in stored]
        receipts = self.samples.answer(stored)
        return [_answer(each, language, simulated) for each, language in zip(receipts, languages, strict=True)]


def _sources(keys: set[str]) -> dict[str, Source]:
    """For whom each of these keys may submit; none for a key that may not."""
    prefixes = {key.partition(".")[0] for key in keys}
    rows = {
        row.prefix: row for row in SiteKey.objects.filter(prefix__in=prefixes, revoked=False).select_related("site")
    }
    sources = {}
    for key in keys:
        row = rows.get(key.partition(".")[0])
        if row and not row.has_expired and SiteKey.Scope.SUBMIT in row.scopes and row.is_valid(key):
            sources[key] = Source(site=row.site)
    return sources


def _read(asked: Asked, source: Source | None) -> Sent | NotPlainError:
    if source is None:
        return NotPlainError()
    try:
        return Sent(decode(asked.raw, bodies.NewSample), source, asked.language)
    except NotABody:
        return NotPlainError()


class Answer(NamedTuple):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def _answer(receipt: Receipt, language: str, simulated: bool) -> Answer:
    body = msgspec.json.encode(receipt.as_json())
    headers = [*_HEADERS, (b"content-length", b"%d" % len(body)), (b"content-language", language.encode())]
    if simulated:
        headers.append((b"simulated-data", b"true"))
    if receipt.is_replay:
        headers.append((b"idempotent-replayed", b"true"))
    return Answer(200 if receipt.is_replay else 201, headers, body)


# As the other door's middleware has them; a test holds the two against each other.
_HEADERS = [
    (b"content-type", b"application/json"),
    (b"allow", b"GET, POST, HEAD, OPTIONS"),
    (b"cache-control", b"no-store"),
    (b"vary", b"Authorization, Cookie, Accept-Language"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
]


class QuickDoor:
    """An ASGI application in front of another."""

    def __init__(self, other: Any) -> None:
        self.other = other
        self.together = KeyedSamples()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        asked = _plain_headers(scope)
        if asked is None:
            await self.other(scope, receive, send)
            return
        key, language = asked
        raw = await _whole(receive)
        if raw is None:  # whoever asked has left
            return
        try:
            answer = await self.store(Asked(key, raw, language))
        except Exception:
            await self.other(scope, _again(raw, receive), send)
            return
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def store(self, asked: Asked) -> Answer:
        """Raises whatever keeps it from being stored and answered here."""
        if len(asked.raw) > MAX_BODY:
            raise NotPlainError
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()

        def tell(done: Any, failure: BaseException | None) -> None:
            loop.call_soon_threadsafe(_settle, future, done, failure)

        writer.join(self.together, asked, tell)
        async with asyncio.timeout(SECONDS_TO_WAIT):
            return await future


def _settle(future: "asyncio.Future[Answer]", done: Any, failure: BaseException | None) -> None:
    if future.done():  # nobody waits any more
        return
    if failure is None:
        future.set_result(done)
    else:
        future.set_exception(failure)


def _plain_headers(scope: dict[str, Any]) -> tuple[str, str] | None:
    """Key and language of a request that has nothing out of the common; None for any other."""
    if scope["method"] != "POST" or scope["path"] != PATH or scope["query_string"]:
        return None
    headers = dict(scope["headers"])
    if len(headers) != len(scope["headers"]) or not headers.keys() <= COMMON:
        return None
    if headers.get(b"content-type", b"").lower() not in TAKEN_AS_JSON:
        return None
    if not _is_allowed_host(headers.get(b"host", b"").decode("latin-1")):
        return None
    accept = headers.get(b"accept", b"*/*")
    if b"application/json" not in accept and b"*/*" not in accept:
        return None
    key = headers.get(b"authorization", b"").decode("latin-1")
    if not key.lower().startswith(PREFIX):
        return None
    return key[len(PREFIX) :].strip(), _language(headers.get(b"accept-language", b"")[:200].decode("latin-1"))


@functools.lru_cache(maxsize=64)
def _is_allowed_host(host: str) -> bool:
    return validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


@functools.lru_cache(maxsize=256)
def _language(accepted: str) -> str:
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = accepted
    return get_language_from_request(request)


async def _whole(receive: Any) -> bytes | None:
    """The body; None where its sender left before its end. The server lets no more than its limit come this far."""
    pieces = BytesIO()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        pieces.write(message.get("body", b""))
        if not message.get("more_body", False):
            return pieces.getvalue()


def _again(raw: bytes, receive: Any) -> Any:
    """What was received, to be received once more; then what comes after it."""
    has_come = False

    async def receive_again() -> Any:
        nonlocal has_come
        if has_come:
            return await receive()
        has_come = True
        return {"type": "http.request", "body": raw, "more_body": False}

    return receive_again
