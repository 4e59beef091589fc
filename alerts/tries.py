"""How often one client may try, without keeping who it was."""

import hashlib
import hmac
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

# Lives as long as the process: tries are counted, and nothing links a visit to an address later.
_ADDRESS_KEY = secrets.token_bytes(32)


class Tries:
    """At most `limit` tries in any `seconds` for one client; kept in memory, forgotten after."""

    def __init__(self, limit: int, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self.seconds = seconds
        self._clock = clock
        self._made: dict[bytes, deque[float]] = {}
        self._swept_at = 0.0
        self._lock = threading.Lock()

    def take(self, client: bytes) -> bool:
        """Count one try. False when it was one too many, which then does not count."""
        now = self._clock()
        with self._lock:
            self._sweep(now)
            made = self._made.setdefault(client, deque())
            while made and made[0] <= now - self.seconds:
                made.popleft()
            if len(made) >= self.limit:
                return False
            made.append(now)
            return True

    def forget(self) -> None:
        with self._lock:
            self._made.clear()

    def _sweep(self, now: float) -> None:
        """Drop clients whose last try is over, at most once a window."""
        if now - self._swept_at < self.seconds:
            return
        self._swept_at = now
        self._made = {client: made for client, made in self._made.items() if made[-1] > now - self.seconds}


def client_of(request: HttpRequest) -> bytes:
    """Something that tells clients apart while this process lives, and is no address.

    Behind trusted proxies the address is the one the outermost of them saw; what a client itself
    writes into X-Forwarded-For stands further left and is not believed.
    """
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    address = request.META.get("REMOTE_ADDR", "")
    if proxies:
        forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        address = forwarded[-min(proxies, len(forwarded))]
    return hmac.new(_ADDRESS_KEY, line_of(address).encode(), hashlib.sha256).digest()


def line_of(address: str) -> str:
    """What one line to the internet has for itself: an IPv4 address, but of IPv6 a whole /56 (RFC 6177)."""
    try:
        known = ip_address(address.strip())
    except ValueError:
        return address
    if isinstance(known, IPv4Address):
        return str(known)
    return str(known.ipv4_mapped or IPv6Network((known, 56), strict=False))
