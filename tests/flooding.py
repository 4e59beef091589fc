"""Crowds that mean no good, or know no better, and an honest socket that listens meanwhile."""

import contextlib
import http.client
import itertools
import json
import os
import selectors
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from bench.fan.peers import Publish
from tests.servers import LiveHeadsup

UPGRADE = (
    "GET /ws/alerts/ HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
STREAM = "GET /alerts/live/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
SUBSCRIBE = json.dumps({"type": "subscribe"})
SMALL = 4096  # bytes that the kernel holds for one that never reads: what it holds for others is no concern of ours
CUT_OFF = 0  # in place of the code of a closing
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


# One who listens


class Ear:
    """An honest socket that notes when it heard each alert."""

    def __init__(self, line: ClientConnection) -> None:
        self.socket = line
        assert json.loads(line.recv(10))["type"] == "hello"
        self.heard: list[int] = []  # instants of the monotonic clock, in ns
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            for text in self.socket:
                if json.loads(text)["type"] == "event":
                    self.heard.append(time.monotonic_ns())

    def waits(self, publish: Publish, count: int, *, pause: float, padding: int = 0) -> list[float]:
        """Seconds from the storing of each of so many alerts, published one by one, to its coming here."""
        before = len(self.heard)
        began = []
        for _ in range(count):
            began.append(publish(1, padding))
            time.sleep(pause)
        wait_until(lambda: len(self.heard) >= before + count, 10)
        return [(heard - at) / 1e9 for heard, at in zip(self.heard[before:], began, strict=True)]


@contextlib.contextmanager
def an_ear(server: LiveHeadsup) -> Iterator[Ear]:
    with connect(f"{server.ws_url}/ws/alerts/", compression=None) as line:
        yield Ear(line)


def wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    """Return once it is so, or after so many seconds all the same: what follows will say what is missing."""
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.02)


# A crowd of sockets


@contextlib.contextmanager
def crowd(server: LiveHeadsup, count: int, *, reads: bool) -> Iterator[list[socket.socket]]:
    """So many sockets, greeted. All read on, or none reads anything any more. Returns once the server let them go."""
    before = open_connections(server)
    with contextlib.ExitStack() as held:
        held.callback(wait_until, lambda: open_connections(server) <= before, 10)
        sockets = []
        for _ in range(count):
            line = held.enter_context(socket.socket())
            if not reads:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
            line.settimeout(20)
            line.connect(("127.0.0.1", server.port))
            line.sendall(UPGRADE.encode())
            sockets.append(line)
        for line in sockets:
            said = b""
            while b"hello" not in said:
                said += (more := line.recv(1024))
                assert more, f"turned away after {said!r}"
        if reads:
            held.enter_context(reading(sockets))
        yield sockets


def open_connections(server: LiveHeadsup) -> int:
    assert server.process is not None
    return sum(_leads_to_a_socket(link) for link in Path(f"/proc/{server.process.pid}/fd").iterdir())


def _leads_to_a_socket(link: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):  # closed since it was listed
        return os.readlink(link).startswith("socket:")
    return False


@contextlib.contextmanager
def reading(sockets: list[socket.socket]) -> Iterator[None]:
    """A thread that takes whatever comes at any of them, and drops it."""
    over = threading.Event()
    thread = threading.Thread(target=read_all, args=(sockets, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def read_all(sockets: list[socket.socket], over: threading.Event) -> None:
    with selectors.DefaultSelector() as ready:
        for line in sockets:
            ready.register(line, selectors.EVENT_READ)
        while not over.is_set():
            for key, _ in ready.select(0.1):
                assert isinstance(key.fileobj, socket.socket)
                with contextlib.suppress(OSError):
                    if not key.fileobj.recv(1 << 16):
                        ready.unregister(key.fileobj)


# Floods: each goes on until it is told that it is over, and counts how it was answered


Flood = Callable[[LiveHeadsup, int, threading.Event], "Counter[object]"]


def connections_that_never_ask(server: LiveHeadsup, count: int, over: threading.Event) -> Counter[object]:
    """Half of them say nothing, the others begin to. Meanwhile a page is asked for again and again."""
    answers: Counter[object] = Counter()
    with contextlib.ExitStack() as held:
        for number in range(count):
            line = held.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=20))
            if number % 2:
                line.sendall(UPGRADE.encode()[:-2])
        while not over.is_set():
            answers[asked(server, "GET", "/")[0]] += 1
    return answers


def sockets_beyond_all_places(server: LiveHeadsup, count: int, over: threading.Event) -> Counter[object]:
    """`count` is one less than there are places."""
    with crowd(server, count, reads=True):
        return closings(server, over, "/ws/alerts/")


def frames_that_are_too_long(server: LiveHeadsup, _count: int, over: threading.Event) -> Counter[object]:
    return closings(server, over, "/ws/alerts/", messages=(SUBSCRIBE + " " * 5000, SUBSCRIBE + " " * 1_000_000))


def a_foreign_origin_at_the_desk(server: LiveHeadsup, _count: int, over: threading.Event) -> Counter[object]:
    """With the session of someone who may come in from here."""
    return closings(server, over, "/ws/desk/", origin="https://elsewhere.example", **session_of(server))


def closings(
    server: LiveHeadsup, over: threading.Event, path: str, *, messages: tuple[str, ...] = (), **how: Any
) -> Counter[object]:
    """By which codes sockets are closed, one after another; or by which status they are refused."""
    answers: Counter[object] = Counter()
    for number in itertools.count():
        if over.is_set():
            return answers
        try:
            with connect(server.ws_url + path, compression=None, **how) as line:
                if messages:
                    with contextlib.suppress(ConnectionClosed):  # it need not wait for the end of a long one
                        line.send(messages[number % len(messages)])
                answers[code_of(line)] += 1
        except InvalidStatus as refused:
            answers[refused.response.status_code] += 1
    raise AssertionError("unreachable")


def code_of(line: ClientConnection) -> int:
    """Where the server stops in the midst of a message, 1009 is not always heard any more."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            line.recv(10)
    code = line.protocol.close_rcvd.code if line.protocol.close_rcvd else CUT_OFF
    return CUT_OFF if code == 1009 else code


def session_of(server: LiveHeadsup) -> dict[str, dict[str, str]]:
    """Of the reviewer whose key the server's script said last."""
    return {"additional_headers": {"Cookie": f"sessionid={server.said.split()[-1]}"}}


def codes_from_addresses_it_made_up(server: LiveHeadsup, _count: int, over: threading.Event) -> Counter[object]:
    answers: Counter[object] = Counter()
    for number in itertools.count():
        if over.is_set():
            return answers
        forged = {"X-Forwarded-For": f"192.0.2.{number % 256}", "Forwarded": f"for=192.0.2.{number % 256}"}
        answers[try_a_code(server, headers=forged)] += 1
    raise AssertionError("unreachable")


# Asking from an address


def asked(
    server: LiveHeadsup, method: str, path: str, *, at: str = "127.0.0.1", body: str = "", **headers: str
) -> tuple[int, str]:
    """Status and answer."""
    with contextlib.closing(
        http.client.HTTPConnection("127.0.0.1", server.port, timeout=60, source_address=(at, 0))
    ) as line:
        line.request(method, path, body, headers)
        with line.getresponse() as answer:
            return answer.status, answer.read().decode()


def try_a_code(server: LiveHeadsup, *, at: str = "127.0.0.1", headers: dict[str, str] | None = None) -> int:
    sent = {**FORM, **(headers or {})}
    return asked(server, "POST", "/results/", at=at, body=urlencode({"code": "AAAA-AAAA-AAAA"}), **sent)[0]
