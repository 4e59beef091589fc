"""The threads of a process that write results, and how those who wait share their commits.

What waits is written together in one transaction, so that forty phones cost one fsync, and nobody hears
back before it is committed. What fails is done again by itself: a bad neighbour costs nobody their result.
"""

import contextlib
import itertools
import logging
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import DatabaseError, IntegrityError, connection, transaction

from . import bell

logger = logging.getLogger(__name__)

LARGEST_BATCH = 200
SECONDS_TO_WAIT = 30.0

Job = Callable[[], Any]  # done inside the writer's transaction; may raise Refusal
Hear = Callable[[Any, BaseException | None], None]  # what became of it; called by the writer's thread


class Refusal(Exception):
    """What a job raises that did its work and came to a no. It is passed on to who asked, as it is."""


class Together(Protocol):
    """Work of one kind, done for many at once. Each step gives one outcome for each item, in order.

    An outcome that is an exception is that item's own, and goes to whoever waits for it.
    """

    def prepare(self, items: Sequence[Any]) -> list[Any]:
        """Before the transaction."""

    def store(self, prepared: Sequence[Any]) -> list[Any]:
        """Inside it; done again, one by one, where it fails."""

    def answer(self, stored: Sequence[Any]) -> list[Any]:
        """After the commit."""


@dataclass
class _Waiting:
    work: Job | Together
    item: Any
    hear: Hear
    outcome: Any = None  # an exception where it failed

    def tell(self) -> None:
        try:
            if isinstance(self.outcome, BaseException):
                self.hear(None, self.outcome)
            else:
                self.hear(self.outcome, None)
        except Exception:
            # Whoever waited is gone, as when a loop was closed: that must not end the writer's thread.
            logger.exception("an outcome could not be told")


class Writer:
    """A thread that owns the writing transactions of this process."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def do(self, job: Job) -> Any:
        """Do a job in a transaction and wait until it is durable. Raises what the job raised."""
        return self.begin(job).result(timeout=SECONDS_TO_WAIT)

    def begin(self, job: Job) -> "Future[Any]":
        """The same without waiting: the future has the outcome once it is durable."""
        future: Future[Any] = Future()
        if connection.in_atomic_block:  # a test, or a command with a transaction of its own
            try:
                with transaction.atomic():
                    future.set_result(job())
            except Exception as error:
                future.set_exception(error)
            else:
                transaction.on_commit(ring)
            return future
        if connection.vendor == "postgresql":
            # Whoever waits holds no connection: else as many posts as the pool has would keep out the writer.
            connection.close()
        self._put(_Waiting(job, None, _tells(future)))
        return future

    def join(self, work: Together, item: Any, hear: Hear) -> None:
        """Have one item done together with others of its kind. Returns at once."""
        self._put(_Waiting(work, item, hear))

    def _put(self, waiting: _Waiting) -> None:
        with self._start:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="results-writer", daemon=True)
                self._thread.start()
        self._waiting.put(waiting)

    def _run(self) -> None:
        while True:
            batch = [self._waiting.get()]
            with contextlib.suppress(queue.Empty):
                while len(batch) < LARGEST_BATCH:
                    batch.append(self._waiting.get_nowait())
            self._write(batch)

    def _write(self, batch: Sequence[_Waiting]) -> None:
        groups = _groups(batch)
        for work, members in groups:
            _step(work.prepare, members)
        try:
            with transaction.atomic():
                for each in batch:
                    if callable(each.work):
                        each.outcome = _attempt(each.work)
                for work, members in groups:
                    _store_together(work, members)
        except Exception as error:
            # The commit itself failed: nothing of the batch is stored, and everyone is told so.
            logger.exception("a batch of %d could not be committed", len(batch))
            connection.close()
            for each in batch:
                each.outcome = error
        else:
            ring()
            for work, members in groups:
                _step(work.answer, members)
        if connection.vendor == "postgresql":
            connection.close()  # back to the pool until there is something to write
        for each in batch:
            each.tell()


writer = Writer()
_bulk_writers = itertools.cycle((Writer(), Writer()))


def bulk_writer() -> Writer:
    """Who stores the next batch of many. On PostgreSQL two by turns, so that one commits while the other
    writes, and no single result waits behind either. SQLite has one writer anyway.

    What two of them store at once under the same id is told apart as it is between two processes: by the
    unique key, and a second look.
    """
    return next(_bulk_writers) if connection.vendor == "postgresql" else writer


def ring() -> None:
    """New results are committed: whoever waits for them may look."""
    bell.ring("results")


def _tells(future: "Future[Any]") -> Hear:
    def tell(done: Any, failure: BaseException | None) -> None:
        # A caller that went away has cancelled its future: that must not end the writer's thread.
        if not future.set_running_or_notify_cancel():
            return
        if failure is None:
            future.set_result(done)
        else:
            future.set_exception(failure)

    return tell


def _groups(batch: Iterable[_Waiting]) -> list[tuple[Together, list[_Waiting]]]:
    groups: dict[int, tuple[Together, list[_Waiting]]] = {}
    for each in batch:
        if not callable(each.work):
            groups.setdefault(id(each.work), (each.work, []))[1].append(each)
            each.outcome = each.item
    return list(groups.values())


def _step(step: Callable[[Sequence[Any]], list[Any]], members: Sequence[_Waiting]) -> None:
    """Take those that have not failed one step on."""
    going = [each for each in members if not isinstance(each.outcome, BaseException)]
    if not going:
        return
    try:
        outcomes = step([each.outcome for each in going])
    except Exception as error:
        logger.exception("%d submissions could not be done together", len(going))
        outcomes = [error] * len(going)
    for each, outcome in zip(going, outcomes, strict=True):
        each.outcome = outcome


def _store_together(work: Together, members: Sequence[_Waiting]) -> None:
    going = [each for each in members if not isinstance(each.outcome, BaseException)]
    if not going:
        return
    try:
        with transaction.atomic():
            outcomes = work.store([each.outcome for each in going])
    except Exception:
        outcomes = [_alone(work, each.outcome) for each in going]
    for each, outcome in zip(going, outcomes, strict=True):
        each.outcome = outcome


def _alone(work: Together, prepared: Any) -> Any:
    return _attempt(lambda: work.store([prepared])[0])


def _attempt(job: Job) -> Any:
    """What came of one job, in a savepoint of its own, so that its failure is its own."""
    for last in (False, True):
        try:
            with transaction.atomic():
                return job()
        except Refusal as refusal:
            return refusal
        except IntegrityError as error:
            # Another process stored the same id this very moment: look again, it is a replay.
            if last:
                return error
        except DatabaseError as error:
            return error
        except Exception as error:
            logger.exception("a submission could not be stored")
            return error
    raise AssertionError("unreachable")
