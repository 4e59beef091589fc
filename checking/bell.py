"""The bell: "look now", and nothing else.

Rows are the truth and the queue; a ring carries no content, and losing one costs only time,
because every listener also looks by itself now and then. A ring reaches

- listeners in this process, at once and in the ringing thread;
- other processes by Redis, where `CHANNEL_URL` is set;
- this process when another one commits to the same SQLite file (an import, a command), by watching
  `PRAGMA data_version`. Our own commits move it too, so a listener may be rung twice: looking is cheap.
"""

import logging
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connections

if TYPE_CHECKING:  # else loaded where it is used: a process on its own starts half a second earlier
    import redis

logger = logging.getLogger(__name__)

Callback = Callable[[], None]

TOPICS = ("results", "events", "desk")
REDIS_CHANNEL = "headsup.bell"
POLL_SECONDS = 0.05  # a look at `data_version` takes about 2 microseconds
REDIS_TIMEOUT = 0.5  # seconds; a ring may not hold up an answer
WAITS = (0.2, 0.5, 1.0, 2.0, 5.0)  # seconds before Redis is tried again


class Bell:
    """One per process."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._listeners: dict[str, list[Callback]] = {topic: [] for topic in TOPICS}
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()
        self._publisher: redis.Redis | None = None
        self._publish_again_at = 0.0
        self._me = secrets.token_hex(8)  # so that our own ring does not come back to us

    def ring(self, topic: str) -> None:
        self._ring_here(topic)
        self._ring_elsewhere(topic)

    def listen(self, topic: str, callback: Callback) -> Callback:
        with self._mutex:
            self._listeners[topic].append(callback)
            if not self._threads:
                self._start()

        def stop() -> None:
            with self._mutex:
                if callback in self._listeners[topic]:
                    self._listeners[topic].remove(callback)

        return stop

    def close(self) -> None:
        """Forget every listener and end the threads. The next `listen` starts anew."""
        with self._mutex:
            threads, self._threads = self._threads, []
            for listeners in self._listeners.values():
                listeners.clear()
            publisher, self._publisher = self._publisher, None
            self._closing.set()
            self._closing = threading.Event()
            self._publish_again_at = 0.0
        for thread in threads:
            thread.join(timeout=5)
        if publisher is not None:
            publisher.close()

    def _ring_here(self, topic: str) -> None:
        with self._mutex:
            listeners = list(self._listeners[topic])
        for callback in listeners:
            try:
                callback()
            except Exception:
                # One broken listener must not silence the others, nor harm whoever committed.
                logger.exception("A listener to %s broke", topic)

    def _ring_elsewhere(self, topic: str) -> None:
        url = redis_url()
        if url is None or time.monotonic() < self._publish_again_at:
            return
        try:
            if self._publisher is None:
                self._publisher = connect(url)
            self._publisher.publish(REDIS_CHANNEL, f"{topic} {self._me}")
        except failures() as error:
            self._publish_again_at = time.monotonic() + WAITS[-1]
            logger.warning("Redis did not take a ring; others will look by themselves: %s", type(error).__name__)

    def _start(self) -> None:
        closing = self._closing
        url, file = redis_url(), sqlite_file()
        if url is not None:
            self._run(lambda: self._hear_redis(url, closing), "bell-redis")
        if file is not None:
            self._run(lambda: self._watch_file(file, closing), "bell-file")

    def _run(self, work: Callback, name: str) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _ring_all_here(self) -> None:
        for topic in TOPICS:
            self._ring_here(topic)

    def _hear_redis(self, url: str, closing: threading.Event) -> None:
        failed = 0
        while not closing.is_set():
            try:
                with connect(url) as client, client.pubsub(ignore_subscribe_messages=True) as subscription:
                    subscription.subscribe(REDIS_CHANNEL)
                    if failed:
                        logger.warning("Redis is back")
                        failed = 0
                    self._ring_all_here()  # what was rung while we did not hear
                    while not closing.is_set():
                        message = subscription.get_message(timeout=REDIS_TIMEOUT / 2)
                        if message is not None:
                            self._heard(message["data"])
            except failures() as error:
                if failed == 0:
                    logger.warning("Redis cannot be heard; looking by ourselves until then: %s", type(error).__name__)
                closing.wait(WAITS[min(failed, len(WAITS) - 1)])
                failed += 1

    def _heard(self, data: bytes) -> None:
        topic, _, who = data.decode("ascii", "replace").partition(" ")
        if topic in self._listeners and who != self._me:
            self._ring_here(topic)

    def _watch_file(self, file: Path, closing: threading.Event) -> None:
        connection: sqlite3.Connection | None = None
        seen: int | None = None
        while not closing.wait(POLL_SECONDS):
            try:
                if connection is None:
                    connection = sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True)
                version = connection.execute("PRAGMA data_version").fetchone()[0]
            except sqlite3.Error as error:
                logger.debug("The database file cannot be watched just now: %s", error)
                continue
            if seen is not None and version != seen:
                self._ring_all_here()
            seen = version
        if connection is not None:
            connection.close()


def redis_url() -> str | None:
    """None: no other process can be rung."""
    hosts = settings.CHANNEL_LAYERS["default"].get("CONFIG", {}).get("hosts", [])
    return hosts[0] if hosts else None


def sqlite_file() -> Path | None:
    """None: not on SQLite, or (in some tests) in memory."""
    database = connections["default"]
    if database.vendor != "sqlite":
        return None
    file = Path(str(database.settings_dict["NAME"])).absolute()
    return file if file.exists() else None


def failures() -> tuple[type[Exception], ...]:
    """All by which Redis tells that it cannot."""
    import redis

    return redis.RedisError, OSError


def connect(url: str) -> "redis.Redis":
    """Tries once more at once, for a connection that Redis had closed; no longer, because an answer waits."""
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    once_more = Retry(NoBackoff(), 1)
    return redis.Redis.from_url(
        url, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT, retry=once_more
    )


_bell = Bell()


def ring(topic: str) -> None:
    """Say "look now" after a commit. Never raises."""
    _bell.ring(topic)


def listen(topic: str, callback: Callback) -> Callback:
    """Call back at every ring, in the ringing thread: be quick. Returns what stops it."""
    return _bell.listen(topic, callback)


def close() -> None:
    _bell.close()
