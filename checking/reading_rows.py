"""Rows into plain values, in a fixed number of queries however many samples are read."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from . import catalogue
from .catalogue import Catalogue
from .models import Expected, Finding, OverdoseReport, Result, Sample
from .models.vocabulary import SubstanceOrClass
from .readings import Amount, FindingRead, ResultRead, SampleRead, Subject


def read_samples(ids: Iterable[UUID], *, as_of: datetime | None = None) -> list[SampleRead]:
    """Samples with their current results, or with those that stood at an instant. In the order asked."""
    wanted = list(ids)
    known = catalogue.current()
    slugs = _Slugs(known)
    samples = {sample.id: sample for sample in Sample.objects.filter(id__in=wanted).select_related("site", "area")}
    results = Result.objects.current() if as_of is None else Result.objects.as_of(as_of)
    results = results.filter(sample_id__in=wanted).select_related("method", "lab", "lot", "screening")
    by_sample: dict[UUID, list[Result]] = defaultdict(list)
    for result in results.order_by("performed_on", "recorded_at", "pk"):
        by_sample[result.sample_id].append(result)
    result_ids = [result.id for many in by_sample.values() for result in many]
    findings: dict[UUID, list[FindingRead]] = defaultdict(list)
    for finding in Finding.objects.filter(result_id__in=result_ids).order_by("pk"):
        findings[finding.result_id].append(_finding(finding, slugs))
    expected: dict[UUID, list[Subject]] = defaultdict(list)
    for row in Expected.objects.filter(sample_id__in=wanted).order_by("pk"):
        if subject := slugs.subject_of(row):
            expected[row.sample_id].append(subject)
    overdoses = dict(OverdoseReport.objects.filter(sample_id__in=wanted).values_list("sample_id", "is_associated"))
    return [
        SampleRead(
            id=str(sample.id),
            site=sample.site.slug,
            area=sample.area.slug,
            expected=tuple(expected[sample.id]),
            collected_on=sample.collected_on,
            form=sample.form,
            carrier=sample.carrier,
            material=sample.material,
            is_overdose_associated=overdoses.get(sample.id),
            is_shared=sample.share,
            is_contaminated=sample.is_contaminated,
            results=tuple(_result(result, known, findings[result.id]) for result in by_sample[sample.id]),
        )
        for sample_id in wanted
        if (sample := samples.get(sample_id))
    ]


def read_result(row: Result) -> ResultRead:
    """One result, current or not, from a row with its findings."""
    known = catalogue.current()
    slugs = _Slugs(known)
    return _result(row, known, [_finding(finding, slugs) for finding in row.findings.all()])


class _Slugs:
    """Which subject a row's keys stand for, without a query per row."""

    def __init__(self, known: Catalogue) -> None:
        self.substances = {pk: known.subjects[slug] for slug, pk in known.substance_ids.items()}
        self.classes = {pk: known.subjects[slug] for slug, pk in known.class_ids.items()}

    def subject_of(self, row: SubstanceOrClass) -> Subject | None:
        if row.substance_id is not None:
            return self.substances[row.substance_id]
        if row.substance_class_id is not None:
            return self.classes[row.substance_class_id]
        return None


def _finding(row: Finding, slugs: _Slugs) -> FindingRead:
    subject = slugs.subject_of(row)
    assert subject is not None  # held by a constraint
    amount = None
    if row.amount_kind:
        amount = Amount(
            kind=row.amount_kind,
            rank=row.rank,
            value=row.value,
            low=row.low,
            high=row.high,
            basis=row.basis or "unknown",
            unit_mass_mg=row.unit_mass_mg,
            portion=row.portion,
        )
    return FindingRead(
        subject=subject,
        is_detected=row.is_detected,
        identity=row.identity,
        amount=amount,
        limit_value=row.limit_value,
        limit_unit=row.limit_unit,
    )


def _result(row: Result, known: Catalogue, findings: Iterable[FindingRead]) -> ResultRead:
    lot = row.lot
    used_on = row.performed_on or row.recorded_at.date()
    screening = getattr(row, "screening", None)
    return ResultRead(
        id=str(row.id),
        method=known.methods[row.method.slug],
        lab=row.lab.slug,
        outcome=row.outcome,
        findings=tuple(findings),
        performed_on=row.performed_on,
        completed_on=row.completed_on,
        chosen_because=row.chosen_because,
        control=row.control,
        test_line=row.test_line,
        lot_brand=lot.brand if lot else "",
        lot_is_sound=lot is None
        or (lot.state != lot.State.SUSPECT and (lot.expires_on is None or used_on <= lot.expires_on)),
        sample_mg=row.sample_mg,
        is_weighed=row.is_weighed,
        diluent_ml=row.diluent_ml,
        entry=row.entry,
        visible_from=screening.visible_from if screening else None,
    )
