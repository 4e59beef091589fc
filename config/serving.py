"""The server: daphne, driven from Python, so that limits, pings, logs and the end are ours."""

import asyncio
import gc
import logging
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from daphne.server import Server as Daphne  # before anything of Twisted: it chooses the reactor
from daphne.ws_protocol import WebSocketFactory
from django.conf import settings
from twisted.internet import reactor as twisted_reactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.logger import globalLogBeginner

from checking.networks import was_simulated

from .bodies import MeasuredFactory, MeasuredRequest, SpooledBody

logger = logging.getLogger(__name__)
reactor: Any = twisted_reactor  # its methods are put there at run time

# Pings are the hub's, in batches: daphne's own go to every socket in one step of the loop.
PING_INTERVAL = 3600  # seconds
PING_TIMEOUT = 7200
MESSAGE_BYTES = 64 * 1024  # held in memory at most; a message over 4 kB is answered with a reason, then closed
ANSWER_SECONDS = 5.0  # what is being answered when we are told to stop may take this long
CANCEL_SECONDS = 3.0
FLUSH_SECONDS = 1.0  # what is written goes out at the loop's next turn; who does not read may not hold us up
GOING_AWAY = 1001  # RFC 6455, 7.4.1
BACKLOG = 1024  # connections waiting to be taken: a deploy brings everyone back at once

OnReady = Callable[[asyncio.AbstractEventLoop, str], None]


class CannotServeError(Exception):
    """The server could not start, or broke while starting. The message says why."""


class Server(Daphne):
    """One listening server. `run` returns when it was told to stop (TERM or INT)."""

    def __init__(self, application: Any, *, host: str, port: int, on_ready: OnReady) -> None:
        behind_proxy = settings.ALLAUTH_TRUSTED_PROXY_COUNT > 0
        super().__init__(  # type: ignore[no-untyped-call]  # daphne has no types
            application,
            endpoints=[f"{host}:{port}"],  # daphne wants one; we listen by ourselves
            action_logger=None,  # its access log holds client addresses and query strings
            server_name="",
            verbosity=0,
            request_buffer_size=settings.JSON_MAX_BYTES + 1,  # one message for a body that is held in memory
            websocket_max_message_size=MESSAGE_BYTES,
            websocket_max_frame_size=MESSAGE_BYTES,
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
            proxy_forwarded_address_header="X-Forwarded-For" if behind_proxy else None,
            proxy_forwarded_proto_header="X-Forwarded-Proto" if behind_proxy else None,
        )
        self.host = host
        self.port = port
        self.on_ready = on_ready
        self.failure: BaseException | None = None
        self.listener: Any = None

    # Starting

    def listen(self) -> None:
        """Take the port. Connections wait in the system's queue until `run`."""
        self.connections: dict[Any, dict[str, Any]] = {}
        self.http_factory = MeasuredFactory(self)  # type: ignore[no-untyped-call]  # daphne has no types
        self.ws_factory = WebSocketFactory(self, server=self.server_name)
        self.ws_factory.setProtocolOptions(
            autoPingTimeout=self.ping_timeout,
            allowNullOrigin=True,  # the application decides; /ws/alerts/ takes any origin
            openHandshakeTimeout=self.websocket_handshake_timeout,
            maxMessagePayloadSize=self.websocket_max_message_size,
            maxFramePayloadSize=self.websocket_max_frame_size,
        )
        try:
            address = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0][4][0]
            self.listener = reactor.listenTCP(self.port, self.http_factory, interface=address, backlog=BACKLOG)
        except (CannotListenError, OSError) as error:
            reason = getattr(error, "socketError", error)
            raise CannotServeError(f"Cannot listen on {self.host}:{self.port}: {reason}") from error

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.listener.getHost().port}"

    def run(self) -> None:
        """Serve until told to stop. As daphne's own `run`, with our factory, port and end."""
        # Twisted's own log names every client's address.
        globalLogBeginner.beginLoggingTo([], redirectStandardIO=False, discardBuffer=True)
        reactor.callLater(1, self.application_checker)
        reactor.callLater(2, self.timeout_checker)
        asyncio.set_event_loop(reactor._asyncioEventloop)
        reactor.addSystemEventTrigger("before", "shutdown", self.wind_down)
        reactor.callWhenRunning(self.ready)
        reactor.run(installSignalHandlers=True)
        if self.failure is not None:
            raise self.failure

    def ready(self) -> None:
        try:
            self.on_ready(reactor._asyncioEventloop, self.url)
        except BaseException as error:
            # The reactor would swallow this; `run` raises it again.
            self.failure = error
            reactor.stop()
            return
        # What is loaded by now stays: the collector need not walk over it each time.
        gc.collect()
        gc.freeze()
        # Each connection that ended leaves some sixty objects that hold each other (8 kB). Looked for seldom, so
        # that thousands of sockets are not walked over at each turn, but often enough that no day's comers stay.
        gc.set_threshold(20_000, 5, 2)
        # A thread back from the database or a socket gets its turn after this many seconds, not ten times that.
        sys.setswitchinterval(0.0005)

    # Answering

    def headers_of_every_answer(self) -> dict[str, str]:
        """What the middleware adds to answers, for those given before the application is asked."""
        return {"Simulated-Data": "true"} if was_simulated() else {}

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        spooled = getattr(protocol, "spooled", None)
        if spooled is None:
            return super().create_application(protocol, scope)  # type: ignore[no-untyped-call]  # daphne has no types
        if protocol not in self.connections:
            return None
        body = SpooledBody(spooled)
        application = self.application(
            scope={**scope, "asgi": {"version": "3.0"}},
            receive=body.get,
            send=partial(self.handle_reply, protocol),
        )
        loop = asyncio.get_running_loop()
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(application, loop=loop)
        return body

    # Stopping

    def wind_down(self) -> Any:
        """Called by the reactor, which waits for what this returns before it stops."""
        finished = Deferred.fromFuture(asyncio.ensure_future(self.finish()))
        # The reactor would stop all the same, and say nothing.
        finished.addErrback(lambda failure: logger.error("Not a clean end", exc_info=failure.value))
        return finished

    async def finish(self) -> None:
        """Take no more, let what is being answered be answered, say goodbye to the rest."""
        loop = asyncio.get_running_loop()
        await Deferred.asFuture(maybeDeferred(self.listener.stopListening), loop)
        for protocol in list(self.connections):
            if not isinstance(protocol, MeasuredRequest) and protocol.state == protocol.STATE_OPEN:
                protocol.sendCloseFrame(code=GOING_AWAY)  # `sendClose` takes no code below 3000 but 1000
        end = loop.time() + ANSWER_SECONDS
        while self.unanswered() and loop.time() < end:
            await asyncio.sleep(0.02)
        still_running = self.running()
        for application in still_running:
            application.cancel()
        if still_running:
            await asyncio.wait(still_running, timeout=CANCEL_SECONDS)
        end = loop.time() + FLUSH_SECONDS
        while reactor.getWriters() and loop.time() < end:
            await asyncio.sleep(0.01)

    def unanswered(self) -> bool:
        """A request was taken whose answer has not begun. A stream that has begun has no end to wait for."""
        return any(
            isinstance(protocol, MeasuredRequest) and not protocol._response_started and not application.done()
            for protocol, application in self.applications()
        )

    def running(self) -> "list[asyncio.Future[Any]]":
        return [application for _, application in self.applications() if not application.done()]

    def applications(self) -> "list[tuple[Any, asyncio.Future[Any]]]":
        return [
            (protocol, details["application_instance"])
            for protocol, details in list(self.connections.items())
            if "application_instance" in details
        ]
