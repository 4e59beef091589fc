"""What goes over a socket or a stream, encoded once for everyone who hears it."""

import struct
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import msgspec

from .matching import Heard

_FINAL_TEXT = 0x81  # RFC 6455, 5.2: last frame of a text message, not masked as servers must not


class Frame:
    """One message as JSON, and the same bytes as each way of hearing wraps them."""

    def __init__(self, content: dict[str, Any], *, stream_id: int | None = None) -> None:
        self.kind: str = content["type"]
        self.json = msgspec.json.encode(content)
        self._stream_id = stream_id  # where a stream resumes once it has this; None: says nothing of it

    @cached_property
    def text(self) -> str:
        return self.json.decode()

    @cached_property
    def socket_bytes(self) -> bytes:
        return socket_header(len(self.json)) + self.json

    @cached_property
    def stream_bytes(self) -> bytes:
        """As server-sent events. Encoded JSON holds no line break, so one data line is enough."""
        resumes = b"" if self._stream_id is None else b"id: %d\n" % self._stream_id
        return resumes + b"event: %s\ndata: %s\n\n" % (self.kind.encode(), self.json)


class EventFrame(Frame):
    """One step of an alert, with what a filter is matched with."""

    def __init__(self, seq: int, payload: dict[str, Any], heard: Heard | None = None) -> None:
        super().__init__({"type": "event", "seq": seq, "event": payload}, stream_id=seq)
        self.seq = seq
        self.heard = heard  # None: was matched where it was read


class Batch:
    """Frames that go out in one write."""

    __slots__ = ("__dict__", "frames", "size")

    def __init__(self, frames: Sequence[Frame]) -> None:
        self.frames = tuple(frames)
        self.size = sum(len(frame.json) for frame in self.frames)  # bytes, but for a few of wrapping

    @cached_property
    def socket_bytes(self) -> bytes:
        return b"".join(frame.socket_bytes for frame in self.frames)

    @cached_property
    def stream_bytes(self) -> bytes:
        return b"".join(frame.stream_bytes for frame in self.frames)


def socket_header(length: int) -> bytes:
    """The head of an unmasked text frame of `length` bytes. RFC 6455, 5.2."""
    if length < 126:
        return struct.pack("!BB", _FINAL_TEXT, length)
    if length < 1 << 16:
        return struct.pack("!BBH", _FINAL_TEXT, 126, length)
    return struct.pack("!BBQ", _FINAL_TEXT, 127, length)


def hello(*, head: int, stream: str, reset: bool = False, resumes_at: int | None = None) -> Frame:
    """The first frame. `reset`: the reader's `after` is of another time, so it has to read all anew.

    `resumes_at`: where a stream that breaks before its first event goes on.
    """
    content: dict[str, Any] = {"type": "hello", "head": head, "stream": stream}
    return Frame({**content, "reset": True} if reset else content, stream_id=resumes_at)


def heartbeat(head: int) -> Frame:
    """Promises that all that matches up to `head` was sent."""
    return Frame({"type": "heartbeat", "head": head}, stream_id=head)


def subscribed(head: int, *, reset: bool = False) -> Frame:
    content: dict[str, Any] = {"type": "subscribed", "head": head}
    return Frame({**content, "reset": True} if reset else content)


def refusal(error: dict[str, Any]) -> Frame:
    """What was wrong, in the one shape errors have everywhere."""
    return Frame({"type": "error", "error": error})
