"""Who draws the pictures: one process of its own, so that drawing holds up nothing else.

Loaded, matplotlib takes about a hundred megabytes and the interpreter for a tenth of a second a picture, which
in the serving process every live alert would wait for. Here is what is kept, who waits for whom, and the process.
No Django here.
"""

import atexit
import contextlib
import logging
import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import IO, Any

logger = logging.getLogger(__name__)

KEPT_BYTES = 32 * 1024 * 1024  # about a thousand pictures
WAIT_AT_MOST = 8  # different pictures at a time: about a second of drawing
SAME_AT_MOST = 32  # readers who wait for pictures, whichever
SECONDS = 30.0  # for one picture, loading included: on a new machine matplotlib looks for fonts first
_NICENESS = 5  # pictures give way to alerts
_SIZE = struct.Struct(">I")
_DRAWN, _FAILED = b"\0", b"\1"

Asked = tuple[Any, str, str]  # picture, kind, size
Draw = Callable[[Any, str, str], bytes]


class TooManyWait(Exception):
    """So many pictures are waiting to be drawn that this one is not taken on. Trying again helps."""


class CannotDraw(Exception):
    """The picture could not be drawn; the message says why. Trying again would not help."""


class Drawer:
    """Pictures, each drawn once however many ask for it, and kept as long as there is room.

    Kept by all that is in it: the figures as released, the filters and the language among them. So nothing
    kept is ever out of date, and no old picture stands beside newer numbers.
    """

    def __init__(self, draw: Draw, *, kept_bytes: int = KEPT_BYTES) -> None:
        self._draw = draw
        self._kept_bytes = kept_bytes
        self._kept: OrderedDict[Asked, bytes] = OrderedDict()
        self._size = 0
        self._under_way: dict[Asked, Future[bytes]] = {}
        self._waiting = 0  # readers
        self._lock = threading.Lock()  # of what is above; never held while something is drawn
        self._turn = threading.Lock()

    def kept(self, asked: Asked) -> bytes | None:
        with self._lock:
            picture = self._kept.get(asked)
            if picture is not None:
                self._kept.move_to_end(asked)
            return picture

    def draw(self, asked: Asked) -> bytes:
        """The picture. Raises TooManyWait, CannotDraw, and whatever drawing raises for a wrong size or kind."""
        if (picture := self.kept(asked)) is not None:
            return picture
        with self._lock:
            under_way = self._under_way.get(asked)
            is_first = under_way is None
            if self._waiting >= SAME_AT_MOST or (is_first and len(self._under_way) >= WAIT_AT_MOST):
                raise TooManyWait(f"{self._waiting} wait for {len(self._under_way)} pictures")
            if under_way is None:
                under_way = self._under_way[asked] = Future()
            self._waiting += 1
        try:
            if is_first:
                self._draw_now(asked, under_way)
            return under_way.result()
        finally:
            with self._lock:
                self._waiting -= 1

    def _draw_now(self, asked: Asked, under_way: "Future[bytes]") -> None:
        try:
            with self._turn:
                picture = self._draw(*asked)
        except BaseException as error:  # whoever waits for it hears of it
            with self._lock:
                del self._under_way[asked]
            under_way.set_exception(error)
            return
        with self._lock:
            self._keep(asked, picture)
            del self._under_way[asked]
        under_way.set_result(picture)

    def _keep(self, asked: Asked, picture: bytes) -> None:
        self._kept[asked] = picture
        self._size += len(picture)
        while self._size > self._kept_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest)


class Worker:
    """The process. It starts with the first picture, comes back when it dies, and ends with this one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        atexit.register(self.stop)

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def draw(self, picture: Any, kind: str, size: str) -> bytes:
        """Drawn there. A process that dies of it is started once more. Raises CannotDraw."""
        message = pickle.dumps((picture, kind, size))
        with self._lock:
            for _ in range(2):
                try:
                    return self._ask(message)
                except (OSError, EOFError) as error:
                    logger.warning("the process that draws ended and is started anew: %r", error)
                    self._end()
        raise CannotDraw("the process that draws ended twice over this picture")

    def stop(self) -> None:
        has_turn = self._lock.acquire(timeout=2)  # a picture that is being drawn may still come out
        try:
            self._end()
        finally:
            if has_turn:
                self._lock.release()

    def _ask(self, message: bytes) -> bytes:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603  # nothing in it came from anybody
                [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_root()
            )
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(_SIZE.pack(len(message)) + message)
        stdin.flush()
        deadline = time.monotonic() + SECONDS
        try:
            outcome = _read(stdout, 1, deadline)
            answer = _read(stdout, _SIZE.unpack(_read(stdout, _SIZE.size, deadline))[0], deadline)
        except TimeoutError as error:
            self._end()  # what it would say later must not be taken for the answer to the next
            raise CannotDraw(f"it took longer than {SECONDS:.0f} s") from error
        if outcome == _FAILED:
            raise CannotDraw(answer.decode())
        return answer

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()  # it has nothing to tidy up
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]  # both are pipes
        process.wait()


def _root() -> str:
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _read(pipe: IO[bytes], many: int, deadline: float) -> bytes:
    """So many bytes. Raises EOFError where the process has ended, TimeoutError when it is too late."""
    found = bytearray()
    poll = select.poll()  # not select: a process that serves has more files open than that can tell
    poll.register(pipe, select.POLLIN)
    while len(found) < many:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise TimeoutError
        part = os.read(pipe.fileno(), many - len(found))
        if not part:
            raise EOFError("it said nothing")
        found += part
    return bytes(found)


def main() -> None:
    """In the process: draw what is asked for until nobody can ask any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that asks
    os.nice(_NICENESS)
    asked, told = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no picture
    from checking.charts import render

    while len(head := asked.read(_SIZE.size)) == _SIZE.size:
        message = asked.read(_SIZE.unpack(head)[0])
        try:
            outcome, answer = _DRAWN, render(*pickle.loads(message))  # noqa: S301  # from our own process
        except Exception as error:
            logger.exception("a picture could not be drawn")
            outcome, answer = _FAILED, repr(error).encode()
        told.write(outcome + _SIZE.pack(len(answer)) + answer)
        told.flush()


if __name__ == "__main__":
    main()
