"""A site's own sample as JSON: what was sent, what it says now, and what was corrected or withdrawn."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import get_language

from checking import strip_truth
from checking.codes import code_of
from checking.guidance import Guidance
from checking.guidance_rows import current_guidance
from checking.interpretation import advise, interpret
from checking.models import Expected, Finding, Result, Sample, Withdrawal
from checking.reading_rows import read_samples
from checking.readings import SampleRead
from checking.submission import as_json


def sample_json(sample: Sample) -> dict[str, Any]:
    [said] = samples_json([sample])
    return said


def samples_json(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """Samples as JSON, in their order, read together: one page costs about as many queries as one sample."""
    language = get_language() or "en"
    ids = [sample.id for sample in samples]
    guidance = current_guidance()
    reads = {read.id: read for read in read_samples(ids)}
    results: dict[UUID, list[Result]] = {key: [] for key in ids}
    for result in (
        Result.objects.filter(sample__in=ids)
        .select_related("method", "lab", "lot", "withdrawal", "corrected_by")
        .prefetch_related("findings__substance", "findings__substance_class")
        .order_by("recorded_at", "pk")
    ):
        results[result.sample_id].append(result)
    expected: dict[UUID, list[str]] = {key: [] for key in ids}
    for row in Expected.objects.filter(sample__in=ids).select_related("substance", "substance_class").order_by("pk"):
        expected[row.sample_id].append(_expected(row))
    return [
        _sample_json(sample, reads[str(sample.id)], results[sample.id], expected[sample.id], language, guidance)
        for sample in samples
    ]


def _sample_json(
    sample: Sample, read: SampleRead, results: list[Result], expected: list[str], language: str, guidance: Guidance
) -> dict[str, Any]:
    said = {result.id: as_json(interpret(read, result, language, strip_truth.current())) for result in read.results}
    return {
        "id": str(sample.id),
        "code": code_of(sample, last=max((result.recorded_at for result in results), default=sample.recorded_at)),
        "collected_on": sample.collected_on,
        "area": sample.area.slug,
        "geo_basis": sample.geo_basis,
        "expected": expected,
        "form": sample.form,
        "carrier": sample.carrier,
        "material": sample.material,
        "colours": sample.colours,
        "share": sample.share,
        "results": [{**result_json(result), "interpretation": said.get(str(result.id), [])} for result in results],
        "advisories": as_json(advise(read, language, guidance)),
    }


def _expected(row: Expected) -> str:
    named = row.named
    return named.slug if named else "unknown"


def result_json(result: Result) -> dict[str, Any]:
    withdrawal: Withdrawal | None = getattr(result, "withdrawal", None)
    corrected_by: Result | None = getattr(result, "corrected_by", None)
    return {
        "id": str(result.id),
        "method": result.method.slug,
        "lab": result.lab.slug,
        "outcome": result.outcome,
        "performed_on": result.performed_on,
        "completed_on": result.completed_on,
        "chosen_because": result.chosen_because,
        "control": result.control,
        "test_line": result.test_line or None,
        "lot": {"brand": result.lot.brand, "lot": result.lot.lot, "state": result.lot.state} if result.lot else None,
        "findings": [finding_json(finding) for finding in result.findings.all()],
        "is_current": withdrawal is None and corrected_by is None,
        "corrects": str(result.corrects_id) if result.corrects_id else None,
        "corrected_by": str(corrected_by.id) if corrected_by else None,
        "correction_reason": result.correction_reason or None,
        "withdrawn": withdrawal.reason if withdrawal else None,
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    named = finding.named
    assert named is not None  # held by a constraint
    amount: dict[str, Any] | None = None
    if finding.amount_kind:
        amount = {
            "kind": finding.amount_kind,
            "value": finding.rank or _number(finding.value),
            "low": _number(finding.low),
            "high": _number(finding.high),
            "basis": finding.basis or None,
            "unit_mass_mg": finding.unit_mass_mg,
            "portion": finding.portion or None,
        }
    limit = None
    if finding.limit_value is not None:
        limit = {"value": finding.limit_value, "unit": finding.limit_unit}
    return {
        "substance": named.slug,
        "name": named.name,
        "detected": finding.is_detected,
        "identity": finding.identity,
        "amount": amount,
        "limit": limit,
    }


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
