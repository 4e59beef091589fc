"""What the one network row says, cached for a moment: it is read with every answer."""

import time

from django.db import DatabaseError

from .models import Network

_SECONDS = 1.0
_seen: tuple[float, bool] | None = None


def is_simulated() -> bool:
    """True on a network whose data was made up; the last known while the database cannot be asked."""
    global _seen
    now = time.monotonic()
    if _seen is None or now - _seen[0] > _SECONDS:
        try:
            simulated = Network.objects.filter(pk=Network.ROW).values_list("simulated", flat=True).first()
        except DatabaseError:
            return was_simulated()  # an answer that says to come back later must not break on this
        _seen = (now, bool(simulated))
    return _seen[1]


def forget() -> None:
    """Ask the database again next time."""
    global _seen
    _seen = None


def was_simulated() -> bool:
    """The last answer known, without asking the database: for the event loop, which may not wait."""
    return _seen is not None and _seen[1]
