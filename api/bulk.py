"""Bulk in: NDJSON, any number of lines, memory flat; one line back per line, each after its commit."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import msgspec
from asgiref.sync import sync_to_async
from django.http import HttpRequest, StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request

from checking import bodies, submission
from checking.accepting import Problems, SampleRows, Source, accept_sample
from checking.decoding import NotABody, decode
from checking.models.samples import Entry
from checking.storing import Conflict, Stored

from .errors import Refused
from .submitting import SubmittingView, bulk_limit_bytes

LONGEST_LINE = 64 * 1024
LINES_AT_ONCE = 200


@dataclass
class Line:
    """One line on its way: either accepted rows, or what is wrong with it."""

    number: int
    rows: SampleRows | None = None
    error: dict[str, Any] = field(default_factory=dict)

    def answer(self, status: str, sample_id: object = None) -> bytes:
        said: dict[str, Any] = {"line": self.number, "status": status}
        if sample_id is not None:
            said["id"] = str(sample_id)
        if self.error:
            said["error"] = self.error
        return msgspec.json.encode(said) + b"\n"


class BulkView(SubmittingView):
    @extend_schema(
        summary="Submit many samples, one a line",
        parameters=[OpenApiParameter("dry_run", bool)],
        request={"application/x-ndjson": {"type": "string"}},
        responses={(200, "application/x-ndjson"): {"type": "string"}},
    )
    def post(self, request: Request) -> StreamingHttpResponse:
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
    """The answers of a whole file, a batch at a time."""
    batch: list[Line] = []
    for line in read_lines(file, source):
        batch.append(line)
        if len(batch) >= LINES_AT_ONCE:
            yield settle(batch, dry_run=dry_run)
            batch = []
    if batch:
        yield settle(batch, dry_run=dry_run)


def read_lines(file: HttpRequest | BinaryIO, source: Source) -> Iterator[Line]:
    """Lines as they come. Blank ones are counted and skipped; an endless one is never held whole."""
    number = 0
    while raw := file.readline(LONGEST_LINE + 2):
        number += 1
        if not raw.endswith(b"\n") and len(raw) > LONGEST_LINE:
            while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            yield Line(number, error={"code": "too_large", "message": "A line may have 64 kB at most."})
            continue
        if raw.strip():
            yield accept(number, raw, source)


def accept(number: int, raw: bytes, source: Source) -> Line:
    if len(raw.rstrip(b"\r\n")) > LONGEST_LINE:
        return Line(number, error={"code": "too_large", "message": "A line may have 64 kB at most."})
    try:
        return Line(number, rows=accept_sample(decode(raw, bodies.NewSample), source))
    except NotABody as error:
        return Line(number, error={"code": "invalid", "message": str(error), "fields": error.fields})
    except Problems as problems:
        code = "invalid" if problems.invalid else "unknown_name"
        error_fields = {"fields": problems.fields, "suggestions": problems.suggestions}
        return Line(number, error={"code": code, "message": "This line cannot be accepted.", **error_fields})


def settle(batch: Sequence[Line], *, dry_run: bool) -> bytes:
    """Store what can be stored, in one commit, and answer each line in order."""
    good = [line for line in batch if line.rows]
    stored: dict[int, Stored | Conflict] = {}
    if good and not dry_run:
        answers = submission.submit_many([line.rows for line in good if line.rows])
        stored = {line.number: answer for line, answer in zip(good, answers, strict=True)}
    return b"".join(say(line, stored.get(line.number), dry_run=dry_run) for line in batch)


def say(line: Line, stored: Stored | Conflict | None, *, dry_run: bool) -> bytes:
    if line.rows is None:
        return line.answer("rejected")
    if dry_run:
        return line.answer("valid")
    if isinstance(stored, Stored):
        return line.answer("replayed" if stored.is_replay else "created", stored.sample_id)
    line.error = {"code": "conflict", "message": str(stored)}
    return line.answer("rejected")
