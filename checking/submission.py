"""The one door by which results enter, are corrected and are withdrawn.

Each function is durable when it returns, and safe to call again with the same body.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language

from . import bodies, strip_truth
from .accepting import Source, accept_correction, accept_results, accept_sample
from .codes import code_of, codes_of
from .guidance import Guidance
from .guidance_rows import current_guidance
from .identifying import refuse_identifying
from .interpretation import Statement, Truths, advise, interpret
from .models import Result, Sample, User, Withdrawal
from .problems import Problems
from .reading_rows import read_samples
from .readings import SampleRead
from .rows import ResultRows, SampleRows
from .storing import Conflict, Stored, compare_samples, insert_results, store_samples
from .writing import SECONDS_TO_WAIT, bulk_writer, writer

__all__ = [
    "Conflict", "Receipt", "Source", "add_results", "code_of", "correct_result", "submit_sample", "withdraw_result",
]  # fmt: skip


@dataclass(frozen=True)
class Receipt:
    """What the sender gets: ids, the code to hand over, and what the results say as of now."""

    sample_id: UUID
    result_ids: tuple[UUID, ...]
    code: str | None  # None once expired
    interpretations: dict[UUID, list[Statement]]
    advisories: list[Statement]
    is_replay: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "id": str(self.sample_id),
            "code": self.code,
            "results": [
                {"id": str(result_id), "interpretation": as_json(self.interpretations.get(result_id, []))}
                for result_id in self.result_ids
            ],
            "advisories": as_json(self.advisories),
        }


def as_json(statements: Sequence[Statement]) -> list[dict[str, str]]:
    return [
        {"code": each.code, "text": each.text, "severity": each.severity, "source": each.source} for each in statements
    ]


def submit_sample(body: bodies.NewSample, source: Source) -> Receipt:
    """Store a sample with its results. Raises Problems or Conflict."""
    rows = accept_sample(body, source)
    return receipt_for(writer.do(lambda: _store_one(rows)))


def submit_many(many: Sequence[SampleRows]) -> list[Stored | Conflict]:
    """Store accepted samples in one commit, each answered for itself."""
    return begin_many(many).result(timeout=SECONDS_TO_WAIT)


def conflicts_of(many: Sequence[SampleRows]) -> list[Conflict | None]:
    """What would keep each of these from being stored: an id used before, with another body. For a dry run."""
    return [answer if isinstance(answer, Conflict) else None for answer in compare_samples(many)[0]]


def begin_many(many: Sequence[SampleRows]) -> "Future[list[Stored | Conflict]]":
    """The same without waiting, so that the next can be accepted meanwhile. For bulk."""
    return bulk_writer().begin(lambda: store_samples(many))


def _store_one(rows: SampleRows) -> Stored:
    [answer] = store_samples([rows])
    if isinstance(answer, Conflict):
        raise answer
    return answer


def add_results(sample: Sample, results: Sequence[bodies.NewResult], source: Source) -> Receipt:
    """Add results to a sample that is there. Raises Problems or Conflict."""
    rows = accept_results(results, sample, source)
    return receipt_for(writer.do(lambda: _add(sample, rows)))


def _add(sample: Sample, rows: Sequence[ResultRows]) -> Stored:
    known = _known_results(rows)
    ids: list[UUID] = []
    fresh: list[ResultRows] = []
    for place, row in enumerate(rows):
        before = known.get(row.result.client_hash)
        if before is None:
            fresh.append(row)
            ids.append(row.result.id)
        elif before.sample_id == sample.id and bytes(before.body_hash) == row.result.body_hash:
            ids.append(before.id)
        else:
            raise Conflict(f"results.{place}.client_id", "This client_id was used before, with another body.")
    insert_results(fresh)
    return Stored(sample.id, tuple(ids), is_replay=not fresh)


def _known_results(rows: Sequence[ResultRows]) -> dict[bytes, Result]:
    if not rows:
        return {}
    hashes = [row.result.client_hash for row in rows]
    found = Result.objects.filter(site_id=rows[0].result.site_id, client_hash__in=hashes)
    return {bytes(result.client_hash): result for result in found}


def correct_result(result: Result, body: bodies.Correction, source: Source) -> Receipt:
    """Put a new result in the place of one that was wrong. Both stay. Raises Problems or Conflict."""
    rows = accept_correction(body, result, source)
    return receipt_for(writer.do(lambda: _correct(result, rows)))


def _correct(result: Result, rows: ResultRows) -> Stored:
    before = _known_results([rows]).get(rows.result.client_hash)
    if before is not None:
        if before.corrects_id == result.id and bytes(before.body_hash) == rows.result.body_hash:
            return Stored(result.sample_id, (before.id,), is_replay=True)
        raise Conflict("client_id", "This client_id was used before, with another body.")
    # Two corrections at once: the second meets a unique key, is tried again, and sees the first.
    if not Result.objects.current().filter(pk=result.pk).exists():
        raise Conflict("id", "This result was corrected or withdrawn already: correct what is current.")
    insert_results([rows])
    return Stored(result.sample_id, (rows.result.id,), is_replay=False)


def withdraw_result(result: Result, *, reason: str, by: User | None = None) -> bool:
    """Take a result back. True the first time, False when it was withdrawn before. Raises Problems."""
    problems = Problems()
    refuse_identifying(reason, "reason", problems)
    problems.raise_if_any()
    return bool(writer.do(lambda: _withdraw(result, reason, by)))


def _withdraw(result: Result, reason: str, by: User | None) -> bool:
    _, is_new = Withdrawal.objects.get_or_create(
        result=result, defaults={"reason": reason, "entered_by": by, "recorded_at": timezone.now()}
    )
    return is_new


def receipt_for(stored: Stored) -> Receipt:
    """What a stored submission says, read from what was stored."""
    [receipt] = receipts_for([(stored, get_language() or "en")])
    return receipt


def receipts_for(many: Sequence[tuple[Stored, str]]) -> list[Receipt]:
    """The same for each, in its language, with as many queries for all as for one."""
    ids = list(dict.fromkeys(stored.sample_id for stored, _ in many))
    reads = dict(zip(ids, read_samples(ids), strict=True))
    codes = codes_of(ids)
    guidance, truths = current_guidance(), strip_truth.current()
    return [
        _receipt(stored, reads[stored.sample_id], codes[stored.sample_id], guidance, truths, language)
        for stored, language in many
    ]


def _receipt(
    stored: Stored, read: SampleRead, code: str | None, guidance: Guidance, truths: Truths, language: str
) -> Receipt:
    said = {result.id: interpret(read, result, language, truths) for result in read.results}
    return Receipt(
        sample_id=stored.sample_id,
        result_ids=stored.result_ids,
        code=code,
        interpretations={result_id: said.get(str(result_id), []) for result_id in stored.result_ids},
        advisories=advise(read, language, guidance),
        is_replay=stored.is_replay,
    )


@dataclass(frozen=True)
class Sent:
    """A sample somebody sends, and the language of the answer."""

    body: bodies.NewSample
    source: Source
    language: str


class ManySamples:
    """Samples that came in at about the same time, stored in one commit: the steps of `writing.Together`.

    An outcome is what the step before left, or the exception that ends this one: Problems or Conflict.
    """

    def prepare(self, items: Sequence[Any]) -> list[Any]:
        return [_accepted(item) for item in items]

    def store(self, prepared: Sequence[Any]) -> list[Any]:
        stored = store_samples([rows for rows, _ in prepared])
        return [
            each if isinstance(each, Conflict) else (each, language)
            for each, (_, language) in zip(stored, prepared, strict=True)
        ]

    def answer(self, stored: Sequence[Any]) -> list[Any]:
        return list(receipts_for(stored))


def _accepted(sent: Sent) -> tuple[SampleRows, str] | Problems:
    try:
        return accept_sample(sent.body, sent.source), sent.language
    except Problems as problems:
        return problems
