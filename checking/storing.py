"""One writer for all results: it takes what is waiting, and many posts share one durable commit.

Whoever hands rows over waits until they are committed. A batch that fails is done again one by
one, so that a bad neighbour costs nobody their result.
"""

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Q

from . import bell
from .accepting import ResultRows, SampleRows
from .models import Expected, Finding, KitLot, OverdoseReport, Result, Sample

logger = logging.getLogger(__name__)

LARGEST_BATCH = 200
SECONDS_TO_WAIT = 30.0


class Conflict(Exception):
    """This id was used before, with another body. `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Stored:
    """Where a submission ended up."""

    sample_id: UUID
    result_ids: tuple[UUID, ...]
    is_replay: bool


Job = Callable[[], Any]  # done inside the writer's transaction; may raise Conflict


class Writer:
    """A thread that owns the writing transactions of this process."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[tuple[Job, Future[Any]]] = queue.SimpleQueue()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def do(self, job: Job) -> Any:
        """Do a job in a transaction and wait until it is durable. Raises what the job raised."""
        if connection.in_atomic_block:  # a test, or a command with a transaction of its own
            with transaction.atomic():
                done = job()
            transaction.on_commit(ring)
            return done
        if connection.vendor == "postgresql":
            # Whoever waits holds no connection: else as many posts as the pool has would keep out the writer.
            connection.close()
        future: Future[Any] = Future()
        self._running()
        self._waiting.put((job, future))
        return future.result(timeout=SECONDS_TO_WAIT)

    def _running(self) -> None:
        with self._start:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="results-writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            batch = [self._waiting.get()]
            with contextlib.suppress(queue.Empty):
                while len(batch) < LARGEST_BATCH:
                    batch.append(self._waiting.get_nowait())
            self._write(batch)

    def _write(self, batch: Sequence[tuple[Job, "Future[Any]"]]) -> None:
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with transaction.atomic():
                outcomes = [self._attempt(job, future) for job, future in batch]
        except Exception as error:
            # The commit itself failed: nothing of the batch is stored, and everyone is told so.
            logger.exception("a batch of %d could not be committed", len(batch))
            connection.close()
            outcomes = [(future, None, error) for _, future in batch]
        else:
            ring()
        if connection.vendor == "postgresql":
            connection.close()  # back to the pool until there is something to write
        for future, done, failure in outcomes:
            # A caller that went away has cancelled its future: that must not end this thread.
            if not future.set_running_or_notify_cancel():
                continue
            if failure is None:
                future.set_result(done)
            else:
                future.set_exception(failure)

    def _attempt(self, job: Job, future: "Future[Any]") -> tuple["Future[Any]", Any, BaseException | None]:
        """One job in a savepoint of its own, so that its failure is its own."""
        for last in (False, True):
            try:
                with transaction.atomic():
                    return future, job(), None
            except Conflict as conflict:
                return future, None, conflict
            except IntegrityError as error:
                # Another process stored the same id this very moment: look again, it is a replay.
                if last:
                    return future, None, error
            except DatabaseError as error:
                return future, None, error
            except Exception as error:
                logger.exception("a submission could not be stored")
                return future, None, error
        raise AssertionError("unreachable")


writer = Writer()


def ring() -> None:
    """New results are committed: whoever waits for them may look."""
    bell.ring("results")


def store_samples(many: Sequence[SampleRows]) -> list[Stored | Conflict]:
    """Store samples with all that belongs to them, in order. For use inside a writer's job."""
    known = _known_samples(many)
    taken = _taken_results(many)
    answers: list[Stored | Conflict] = []
    fresh: list[SampleRows] = []
    for rows in many:
        key = _key(rows.sample)
        before = known.get(key)
        if before is None:
            if conflict := _conflict_of(rows.results, taken):
                answers.append(conflict)
                continue
            known[key] = (rows.sample.id, bytes(rows.sample.body_hash), tuple(row.result.id for row in rows.results))
            taken.update(_key(row.result) for row in rows.results)  # the next in this batch may not have them
            fresh.append(rows)
            answers.append(Stored(rows.sample.id, known[key][2], is_replay=False))
        elif before[1] == bytes(rows.sample.body_hash):
            answers.append(Stored(before[0], before[2], is_replay=True))
        else:
            answers.append(Conflict("client_id", "This client_id was used before, with another body."))
    _insert(fresh)
    return answers


Key = tuple[int, bytes]  # a site and the hash of an id it made


def _key(row: Sample | Result) -> Key:
    return row.site_id, bytes(row.client_hash)


def _by_site(keys: Iterable[Key]) -> Q | None:
    """Rows with one of these keys; None where there are none."""
    by_site: dict[int, list[bytes]] = {}
    for site, sent in keys:
        by_site.setdefault(site, []).append(sent)
    return reduce(or_, (Q(site_id=site, client_hash__in=sent) for site, sent in by_site.items()), Q()) or None


def _known_samples(many: Sequence[SampleRows]) -> dict[Key, tuple[UUID, bytes, tuple[UUID, ...]]]:
    """Samples stored before under the same ids: their id, body and results, in the order sent."""
    wanted = _by_site(_key(rows.sample) for rows in many)
    found = {} if wanted is None else {_key(sample): sample for sample in Sample.objects.filter(wanted)}
    if not found:
        return {}
    ids: dict[UUID, dict[bytes, UUID]] = {sample.id: {} for sample in found.values()}
    results = Result.objects.filter(sample__in=list(ids)).values_list("sample_id", "client_hash", "id")
    for sample_id, sent, result_id in results:
        ids[sample_id][bytes(sent)] = result_id
    known = {}
    for rows in many:
        if sample := found.get(_key(rows.sample)):
            sent_before = ids[sample.id]
            in_order = (sent_before.get(bytes(row.result.client_hash)) for row in rows.results)
            known[_key(rows.sample)] = (sample.id, bytes(sample.body_hash), tuple(each for each in in_order if each))
    return known


def _taken_results(many: Sequence[SampleRows]) -> set[Key]:
    """Which of the results' ids are in use already."""
    wanted = _by_site(_key(row.result) for rows in many for row in rows.results)
    if wanted is None:
        return set()
    found = Result.objects.filter(wanted).values_list("site_id", "client_hash")
    return {(site, bytes(sent)) for site, sent in found}


def _conflict_of(results: Sequence[ResultRows], taken: set[Key]) -> Conflict | None:
    """A result's id that another sample already has."""
    for place, row in enumerate(results):
        if _key(row.result) in taken:
            return Conflict(f"results.{place}.client_id", "This client_id belongs to another result.")
    return None


def _insert(many: Sequence[SampleRows]) -> None:
    # One order for everyone: two batches that insert the same ids must not wait for each other.
    ordered = sorted(many, key=lambda rows: bytes(rows.sample.client_hash))
    Sample.objects.bulk_create([rows.sample for rows in ordered], batch_size=1000)
    Expected.objects.bulk_create([row for rows in ordered for row in rows.expected], batch_size=1000)
    OverdoseReport.objects.bulk_create([rows.overdose for rows in ordered if rows.overdose], batch_size=1000)
    insert_results(row for rows in ordered for row in rows.results)


def insert_results(rows: Iterable[ResultRows]) -> None:
    """Results with their findings; a lot nobody registered is made, unverified."""
    many = list(rows)
    lots: dict[tuple[int, str, str], KitLot] = {}  # a batch has thousands of strips of a few lots
    for row in many:
        if row.lot:
            key = (row.lot.method_id, row.lot.brand, row.lot.lot)
            if key not in lots:
                lots[key] = KitLot.objects.get_or_create(
                    method_id=key[0], brand=key[1], lot=key[2], defaults={"expires_on": row.lot.expires_on}
                )[0]
            row.result.lot = lots[key]
    Result.objects.bulk_create([row.result for row in many], batch_size=1000)
    Finding.objects.bulk_create([finding for row in many for finding in row.findings], batch_size=1000)
