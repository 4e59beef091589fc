"""Random ids by the thousand."""

import os
import threading
import uuid

AT_ONCE = 256


class _Drawn(threading.local):
    """Random bytes a thread has drawn and not yet used."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []


_drawn = _Drawn()


def random_id() -> uuid.UUID:
    """A version 4 UUID, as `uuid.uuid4` makes them.

    Each call of the system gives other threads their turn, and with a busy writer beside it that is
    a wait of milliseconds. So many are drawn at once.
    """
    if not _drawn.waiting:
        drawn = os.urandom(16 * AT_ONCE)
        _drawn.waiting = [drawn[start : start + 16] for start in range(0, len(drawn), 16)]
    return uuid.UUID(bytes=_drawn.waiting.pop(), version=4)
