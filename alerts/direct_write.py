"""The one place that reaches past ASGI, into daphne's transport.

Handing one frame to 10,000 sockets through ASGI, Autobahn and Twisted costs three to five times what
the kernel's own `send` costs: each hop wraps the same bytes anew and arms the poller for each socket.
Where daphne serves a plain TCP connection and nothing of it is waiting, the frame (built once) goes
straight to the kernel; else to Twisted's buffer, in order.

daphne also has no back-pressure, so only the transport knows how far a reader is behind.

Off under TLS, where the bytes on the wire are not ours to write, under compression, and on any other
server: `socket_writer` and `transport_of` then return None, and the way through ASGI is taken.

The names used of Twisted and Autobahn that are not public: `dataBuffer`, `offset`, `_tempDataLen`,
`socket`, `TLS`, `_perMessageCompress`, `state`, `sendCloseFrame`. tests/test_real_sockets.py fails when one goes.
"""

import contextlib
import functools
import socket
import sys
from collections.abc import Callable
from typing import Any

from .frames import Batch
from .writers import is_within_limits

# What the kernel holds for one reader. Left alone it grows to megabytes, which hides a reader that
# reads nothing; 64 KiB is several alerts, and on a line of 100 ms still 640 kB a second.
KERNEL_BYTES = 64 * 1024

# A phone that went out of range says no goodbye. Its heartbeats are then not acknowledged; left alone the kernel
# tries again for a quarter of an hour (tcp_retries2 of tcp(7)), and the place is taken as long.
VANISHED_MS = 60_000


def transport_of(send: Any) -> Any | None:
    """The plain TCP connection behind an ASGI `send` of daphne. None: not daphne, or TLS."""
    tcp = sys.modules.get("twisted.internet.tcp")
    if tcp is None or not isinstance(send, functools.partial) or not send.args:
        return None
    transport = getattr(send.args[0], "transport", None)
    # A wrapper (TLS is one) passes attributes through to what it wraps, so only its type tells.
    if not isinstance(transport, tcp.Server) or transport.TLS:
        return None
    return transport


def waiting_bytes(transport: Any) -> int:
    """What Twisted holds for this connection because the kernel did not take it yet."""
    waiting: int = len(transport.dataBuffer) - transport.offset + transport._tempDataLen
    return waiting


def what_waits_behind(send: Any) -> Callable[[], int]:
    """How many bytes daphne holds for this connection; always 0 where that cannot be known."""
    transport = transport_of(send)
    if transport is None:
        return lambda: 0
    bound_kernel_buffer(transport)
    return functools.partial(waiting_bytes, transport)


def bound_kernel_buffer(transport: Any) -> None:
    connection = getattr(transport, "socket", None)  # gone once the client is
    if connection is None:
        return
    with contextlib.suppress(OSError):  # going just now
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, VANISHED_MS)


def socket_writer(send: Any) -> "DirectWriter | None":
    """A writer for an accepted WebSocket of daphne. None: write through ASGI."""
    transport = transport_of(send)
    if transport is None:
        return None
    protocol = send.args[0]
    if not hasattr(protocol, "STATE_OPEN") or protocol.state != protocol.STATE_OPEN:
        return None
    if protocol._perMessageCompress is not None or getattr(transport, "socket", None) is None:
        return None
    bound_kernel_buffer(transport)
    return DirectWriter(protocol, transport)


async def close(send: Any, code: int) -> None:
    """Close a WebSocket. Through ASGI but for one thing: Autobahn refuses to send most of the codes
    below 3000, although a server is to use them (1008, 1012 and 1013 are ours)."""
    protocol: Any = send.args[0] if isinstance(send, functools.partial) and send.args else None
    if hasattr(protocol, "sendCloseFrame") and protocol.state == protocol.STATE_OPEN:
        protocol.sendCloseFrame(code=code)
    else:
        await send({"type": "websocket.close", "code": code})


class DirectWriter:
    """Frames straight to the kernel while it takes them."""

    __slots__ = ("_protocol", "_send", "_transport", "_waiting_frames")

    def __init__(self, protocol: Any, transport: Any) -> None:
        self._protocol = protocol
        self._transport = transport
        self._send: Callable[[bytes], int] = transport.socket.send
        self._waiting_frames = 0

    def write(self, batch: Batch) -> None:
        if self._protocol.state != self._protocol.STATE_OPEN:
            return  # nothing may follow a close frame
        data = batch.socket_bytes
        transport = self._transport
        if not transport._tempDataLen and not transport.dataBuffer:
            self._waiting_frames = 0
            try:
                sent = self._send(data)
            except BlockingIOError:
                sent = 0
            except OSError:
                return  # broken; Twisted finds out by itself and says so
            if sent == len(data):
                return
            data = data[sent:]
        self._waiting_frames += len(batch.frames)
        transport.write(data)

    def offer(self, batch: Batch) -> bool:
        # As `waiting_bytes`, without a call for each of ten thousand: both are empty for one who reads.
        is_behind = self._transport._tempDataLen or self._transport.dataBuffer
        waiting = waiting_bytes(self._transport) if is_behind else 0
        if waiting and not is_within_limits(batch, waiting_bytes=waiting, waiting_frames=self._waiting_frames):
            return False
        self.write(batch)
        return True

    def waiting_bytes(self) -> int:
        return waiting_bytes(self._transport)

    def stop(self) -> None:
        """Nothing is held here."""
