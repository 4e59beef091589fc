"""Bulk in: NDJSON, any number of lines, memory flat; one line back per line, each after its commit."""

import logging
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

import msgspec
from asgiref.sync import sync_to_async
from django.http import HttpRequest, StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request

from checking import bodies, submission
from checking.accepting import Problems, Source, accept_sample
from checking.decoding import NotABody, decode
from checking.models.samples import Entry
from checking.rows import SampleRows
from checking.storing import Conflict, Stored
from checking.writing import SECONDS_TO_WAIT

from .errors import NOT_NOW, Refused, from_conflict, from_not_a_body, from_problems, server_error, try_again
from .schema import errors
from .shapes import ref
from .submitting import SubmittingView, bulk_limit_bytes

logger = logging.getLogger(__name__)

LONGEST_LINE = 64 * 1024
LINES_AT_ONCE = 500
BATCHES_AT_ONCE = 3  # two being stored, one being read


@dataclass
class Line:
    """One line on its way: either accepted rows, or what is wrong with it."""

    number: int
    rows: SampleRows | None = None
    error: Refused | None = None

    def answer(self, status: str, sample_id: object = None) -> bytes:
        said: dict[str, Any] = {"line": self.number, "status": status}
        if sample_id is not None:
            said["id"] = str(sample_id)
        if self.error:
            said |= self.error.body
        return msgspec.json.encode(said) + b"\n"


class BulkView(SubmittingView):
    @extend_schema(
        summary="Submit many samples, one a line",
        description=(
            "Each line is a NewSample of 64 kB at most; blank lines are counted and skipped. The whole body is taken "
            "in first. Then one line comes back for each, in order, each after what it tells of is stored for good. "
            "A bad line harms no other."
        ),
        operation_id="submit_bulk",
        parameters=[OpenApiParameter("dry_run", bool, description="Check only: sound lines are `valid`.")],
        request={"application/x-ndjson": {"type": "string", "description": "One NewSample a line."}},
        responses={(200, "application/x-ndjson"): ref("BulkLine"), **errors(400, 401, 403, 413, 415, 429)},
    )
    def post(self, request: Request) -> StreamingHttpResponse:
        self.refuse_compressed()
        if request.content_type.split(";")[0].strip().lower() != "application/x-ndjson":
            raise UnsupportedMediaType(request.content_type[:60] or "nothing")
        dry_run = request.query_params.get("dry_run", "false").lower()
        if dry_run not in {"true", "false", "1", "0"}:
            raise Refused(400, "invalid", "dry_run is true or false.", {"dry_run": ["Say true or false."]})
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > bulk_limit_bytes():
            raise Refused(413, "too_large", "This is more than one bulk may hold.")
        grant = self.grant()
        source = Source(site=grant.site, by=grant.by, entry=Entry.BULK)
        batches = answer_lines(request._request, source, dry_run=dry_run in {"true", "1"})
        return StreamingHttpResponse(_off_the_loop(batches), content_type="application/x-ndjson")


async def _off_the_loop(batches: Iterator[bytes]) -> AsyncIterator[bytes]:
    step = sync_to_async(lambda: next(batches, None))
    while (batch := await step()) is not None:
        yield batch


def answer_lines(file: HttpRequest | BinaryIO, source: Source, *, dry_run: bool) -> Iterator[bytes]:
    """The answers of a whole file, a batch at a time. While some are stored the next is read and accepted."""
    lines = read_lines(file, source)
    begun: deque[Batch] = deque()
    while some := list(islice(lines, LINES_AT_ONCE)):
        ids = _ids_in(some)
        # Of one id that comes again the first line counts: two batches stored at once would race for it.
        while any(not ids.isdisjoint(_ids_in(batch.lines)) for batch in begun):
            yield begun.popleft().answer()
        begun.append(Batch(some, dry_run=dry_run))
        if len(begun) == BATCHES_AT_ONCE:
            yield begun.popleft().answer()
    for batch in begun:
        yield batch.answer()


def _ids_in(lines: Iterable[Line]) -> set[bytes]:
    """What the samples and results of these lines are known by."""
    rows = [line.rows for line in lines if line.rows]
    return {each.sample.client_hash for each in rows} | {
        result.result.client_hash for each in rows for result in each.results
    }


def read_lines(file: HttpRequest | BinaryIO, source: Source) -> Iterator[Line]:
    """Lines as they come. Blank ones are counted and skipped; an endless one is never held whole."""
    number = 0
    while raw := file.readline(LONGEST_LINE + 2):
        number += 1
        if not raw.endswith(b"\n") and len(raw) > LONGEST_LINE:
            while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            yield Line(number, error=_line_too_large())
            continue
        if raw.strip():
            yield accept(number, raw, source)


def accept(number: int, raw: bytes, source: Source) -> Line:
    if len(raw.rstrip(b"\r\n")) > LONGEST_LINE:
        return Line(number, error=_line_too_large())
    try:
        return Line(number, rows=accept_sample(decode(raw, bodies.NewSample), source))
    except NotABody as error:
        return Line(number, error=from_not_a_body(error))
    except Problems as problems:
        return Line(number, error=from_problems(problems))


def _line_too_large() -> Refused:
    return Refused(413, "too_large", f"A line may have {LONGEST_LINE // 1024} kB at most.")


class Batch:
    """Lines on their way into the store: what of them can be stored goes in one commit, which begins at once."""

    def __init__(self, lines: Sequence[Line], *, dry_run: bool) -> None:
        self.lines = lines
        self.dry_run = dry_run
        if dry_run:
            _reject_conflicts(lines)
        self.good = [(line.number, line.rows) for line in lines if line.rows]
        self.stored: Future[list[Stored | Conflict]] | None = None
        if self.good and not dry_run:
            self.stored = submission.begin_many([rows for _, rows in self.good])

    def answer(self) -> bytes:
        """One line for each, in order, once what it tells of is stored for good."""
        stored: dict[int, Stored | Refused] = {}
        if self.stored is not None:
            answers = settled([rows for _, rows in self.good], self.stored)
            stored = {number: answer for (number, _), answer in zip(self.good, answers, strict=True)}
        return b"".join(say(line, stored.get(line.number), dry_run=self.dry_run) for line in self.lines)


def _reject_conflicts(lines: Sequence[Line]) -> None:
    """In a dry run: what another body of the same id keeps out, as far as the store knows by now."""
    good = [line for line in lines if line.rows]
    conflicts = submission.conflicts_of([line.rows for line in good if line.rows])
    for line, conflict in zip(good, conflicts, strict=True):
        if conflict is not None:
            line.rows, line.error = None, from_conflict(conflict)


def settled(many: Sequence[SampleRows], stored: "Future[list[Stored | Conflict]]") -> list[Stored | Refused]:
    """What became of accepted samples; those that cannot be stored together are tried alone."""
    try:
        answers = stored.result(timeout=SECONDS_TO_WAIT)
    except NOT_NOW:
        logger.exception("%d lines could not be stored in time", len(many))
        return [try_again() for _ in many]
    except Exception:
        # The answer has begun: whoever reads it must hear of every line, whatever went wrong with one.
        logger.exception("%d lines could not be stored together", len(many))
        if len(many) == 1:
            return [server_error()]
        return [settled([rows], submission.begin_many([rows]))[0] for rows in many]
    return [from_conflict(answer) if isinstance(answer, Conflict) else answer for answer in answers]


def say(line: Line, stored: Stored | Refused | None, *, dry_run: bool) -> bytes:
    if line.rows is None:
        return line.answer("rejected")
    if dry_run:
        return line.answer("valid")
    if isinstance(stored, Stored):
        return line.answer("replayed" if stored.is_replay else "created", stored.sample_id)
    line.error = stored
    return line.answer("rejected")
