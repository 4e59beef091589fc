"""How much one request may send, counted while it arrives.

An application sees a body only when all of it has come, so the limit has to hold in the server:
whoever sends more is answered 413 at once, whatever length was announced, or none.
"""

import asyncio
import json
import re
import tempfile
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any, NamedTuple

from daphne.http_protocol import HTTPFactory, WebRequest
from django.conf import settings
from twisted.internet import reactor as twisted_reactor
from twisted.internet.protocol import Protocol

reactor: Any = twisted_reactor  # its methods are put there at run time

BULK_PATH = b"/api/v1/samples/bulk/"
FILE_PATH = re.compile(rb"/(?:staff/results/[0-9a-f-]{36}/files|api/v1/results/[0-9a-f-]{36}/attachments)/")
FILE_MOST = 10 * 1024 * 1024 + 64 * 1024  # the largest picture, and the form around it
IMPORT_PATH = b"/staff/import/"
FORM_BYTES = 64 * 1024  # the form around a file
PIECE = 64 * 1024  # bytes read from the spool at a time

# How long, and how much, we go on taking in and throwing away what a refused client still sends:
# closing at once would make its system drop our answer before it was read.
LINGER_SECONDS = 30
LINGER_BYTES = 512 * 1024 * 1024


class Limit(NamedTuple):
    most: int  # bytes
    is_spooled: bool  # on disk in a folder of ours; otherwise in memory and never on a disk


def limit_of(path: bytes, *, shows_a_key: bool) -> Limit:
    """What may be sent to a path. Without any key shown, nobody may fill our disk."""
    if path.split(b"?", 1)[0] == BULK_PATH and shows_a_key:
        return Limit(settings.BULK_MAX_MB * 1024 * 1024, is_spooled=True)
    if FILE_PATH.fullmatch(path.split(b"?", 1)[0]) and shows_a_key:
        return Limit(FILE_MOST, is_spooled=True)
    if path.split(b"?", 1)[0] == IMPORT_PATH and shows_a_key:
        return Limit(settings.IMPORT_MAX_MB * 1024 * 1024 + FORM_BYTES, is_spooled=True)
    return Limit(settings.JSON_MAX_BYTES, is_spooled=False)


def new_spool() -> IO[bytes]:
    """A file without a name, gone with whoever holds it."""
    return tempfile.TemporaryFile(dir=settings.SPOOL_DIR)


def too_large(most: int, headers: Mapping[str, str]) -> bytes:
    """The whole answer to a body over the limit."""
    error = {"code": "too_large", "message": f"This is more than the {most} bytes that can be sent here."}
    body = json.dumps({"error": error}).encode()
    lines = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return b"HTTP/1.1 413 Content Too Large\r\n" + head.encode("ascii") + b"\r\n" + body


class Linger(Protocol):
    """Takes the place of a refused request and throws away what still comes, for a while."""

    def __init__(self) -> None:
        self.left = LINGER_BYTES

    def begin(self, transport: Any) -> None:
        self.transport = transport
        self._end = reactor.callLater(LINGER_SECONDS, transport.abortConnection)

    def dataReceived(self, data: bytes) -> None:
        self.left -= len(data)
        if self.left < 0 and self.transport is not None:
            self.transport.abortConnection()

    def connectionLost(self, reason: Any = None) -> None:
        if self._end.active():
            self._end.cancel()


class MeasuredRequest(WebRequest):
    """daphne's request, with its body counted as it arrives."""

    server: Any
    channel: Any
    content: Any
    limit: Limit
    refused = False
    spooled: IO[bytes] | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)  # type: ignore[no-untyped-call]  # daphne has no types
        # Twisted would read every form a second time, whole and in memory, and end the connection over one
        # it cannot read. Django reads forms for us.
        self._parsePOSTFormSubmission = False

    def gotLength(self, length: int | None) -> None:
        headers = self.requestHeaders
        shows_a_key = headers.hasHeader(b"Authorization") or headers.hasHeader(b"Cookie")
        self.limit = limit_of(self.channel._path, shows_a_key=shows_a_key)
        self.received = 0
        self.content = new_spool() if self.limit.is_spooled else BytesIO()
        if length is not None and length > self.limit.most:
            self.refuse()

    def handleContentChunk(self, data: bytes) -> None:
        if self.refused:
            return
        self.received += len(data)
        if self.received > self.limit.most:
            self.refuse()
            return
        self.content.write(data)

    def refuse(self) -> None:
        """Answer 413 now, and stop being a conversation."""
        self.refused = True
        self.content.close()
        self.requestHeaders.removeHeader(b"Expect")  # or Twisted would still ask for the rest
        channel, transport = self.channel, self.channel.transport
        channel.setTimeout(None)
        channel._networkProducer.unregisterProducer()
        linger = Linger()
        transport.protocol = linger  # as daphne itself does for a WebSocket
        transport.write(too_large(self.limit.most, self.server.headers_of_every_answer()))
        transport.loseWriteConnection()
        linger.begin(transport)
        self.server.protocol_disconnected(self)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        if self.refused:  # the end of the body was in the same packet
            return
        if self.limit.is_spooled:
            # daphne would put the whole body into memory on its way to the application.
            self.spooled, self.content = self.content, BytesIO()
            self.spooled.seek(0)
        super().requestReceived(command, path, version)  # type: ignore[no-untyped-call]  # daphne has no types

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {id(self):#x}>"  # no address, no query string: this is logged


class MeasuredFactory(HTTPFactory):
    def buildProtocol(self, addr: Any) -> Any:
        protocol = super().buildProtocol(addr)  # type: ignore[no-untyped-call]  # daphne has no types
        protocol.requestFactory = MeasuredRequest
        return protocol


class SpooledBody:
    """What the application receives from: first the spooled body, piece by piece, then the server's messages."""

    def __init__(self, body: IO[bytes]) -> None:
        self._body: IO[bytes] | None = body
        self._messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def put_nowait(self, message: dict[str, Any]) -> None:
        self._messages.put_nowait(message)

    async def get(self) -> dict[str, Any]:
        if self._body is not None:
            piece = self._body.read(PIECE)
            if piece:
                await asyncio.sleep(0)  # others take their turn between the pieces of a large body
                return {"type": "http.request", "body": piece, "more_body": True}
            self._body.close()
            self._body = None
        return await self._messages.get()
