"""Rows into plain values, in a fixed number of queries however many samples are read.

Columns are read, not model instances: what is imported or published is read by the ten thousand.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from . import catalogue
from .catalogue import Catalogue
from .models import Expected, Finding, OverdoseReport, Result, Sample
from .quality_rows import QualityRecord
from .readings import Amount, FindingRead, ResultRead, SampleRead, Subject


def read_samples(ids: Iterable[UUID], *, as_of: datetime | None = None) -> list[SampleRead]:
    """Samples with their current results, or with those that stood at an instant. In the order asked."""
    wanted = list(ids)
    known = catalogue.current()
    slugs = _Slugs(known)
    samples = {row[0]: _SampleRow(*row) for row in Sample.objects.filter(id__in=wanted).values_list(*_SAMPLE)}
    results = Result.objects.current() if as_of is None else Result.objects.as_of(as_of)
    by_sample: dict[UUID, list[_ResultRow]] = defaultdict(list)
    for row in results.filter(sample_id__in=wanted).order_by("performed_on", "recorded_at", "pk").values_list(*_RESULT):
        by_sample[row[1]].append(_ResultRow(*row))
    rows = [result for many in by_sample.values() for result in many]
    findings = _findings((result.id for result in rows), slugs)
    quality = QualityRecord(rows, as_of=as_of)
    expected: dict[UUID, list[Subject]] = defaultdict(list)
    taken_for = Expected.objects.filter(sample_id__in=wanted).order_by("pk")
    for sample_id, substance, class_ in taken_for.values_list("sample_id", "substance_id", "substance_class_id"):
        if subject := slugs.subject_of(substance, class_):
            expected[sample_id].append(subject)
    overdoses = dict(OverdoseReport.objects.filter(sample_id__in=wanted).values_list("sample_id", "is_associated"))
    return [
        SampleRead(
            id=str(sample.id),
            site=sample.site,
            area=sample.area,
            expected=tuple(expected[sample.id]),
            collected_on=sample.collected_on,
            form=sample.form,
            carrier=sample.carrier,
            material=sample.material,
            is_overdose_associated=overdoses.get(sample.id),
            is_shared=sample.share,
            is_contaminated=sample.is_contaminated,
            results=tuple(_result(result, known, findings[result.id], quality) for result in by_sample[sample.id]),
        )
        for sample_id in wanted
        if (sample := samples.get(sample_id))
    ]


def read_result(row: Result) -> ResultRead:
    """One result, current or not."""
    known = catalogue.current()
    [columns] = Result.objects.filter(pk=row.pk).values_list(*_RESULT)
    read = _ResultRow(*columns)
    return _result(read, known, _findings([row.pk], _Slugs(known))[row.pk], QualityRecord([read]))


class _Slugs:
    """Which subject a row's keys stand for, without a query per row."""

    def __init__(self, known: Catalogue) -> None:
        self.substances = {pk: known.subjects[slug] for slug, pk in known.substance_ids.items()}
        self.classes = {pk: known.subjects[slug] for slug, pk in known.class_ids.items()}

    def subject_of(self, substance: int | None, class_: int | None) -> Subject | None:
        if substance is not None:
            return self.substances[substance]
        return None if class_ is None else self.classes[class_]


class _SampleRow(NamedTuple):
    id: UUID
    site: str
    area: str
    collected_on: date | None
    form: str
    carrier: str
    material: str
    share: bool
    is_contaminated: bool


_SAMPLE = (
    "id", "site__slug", "area__slug", "collected_on", "form", "carrier", "material", "share", "is_contaminated",
)  # fmt: skip


class _ResultRow(NamedTuple):
    id: UUID
    sample_id: UUID
    method: str
    lab: str
    outcome: str
    performed_on: date | None
    completed_on: date | None
    chosen_because: str
    control: bool | None
    test_line: str
    lot_id: int | None
    lot_brand: str | None  # None: no lot
    lot_state: str | None
    lot_expires_on: date | None
    sample_mg: float | None
    is_weighed: bool
    diluent_ml: float | None
    entry: str
    recorded_at: datetime
    visible_from: datetime | None


_RESULT = (
    "id", "sample_id", "method__slug", "lab__slug", "outcome", "performed_on", "completed_on", "chosen_because",
    "control", "test_line", "lot_id", "lot__brand", "lot__state", "lot__expires_on", "sample_mg", "is_weighed",
    "diluent_ml", "entry", "recorded_at", "screening__visible_from",
)  # fmt: skip


class _FindingRow(NamedTuple):
    substance_id: int | None
    class_id: int | None
    is_detected: bool
    identity: str
    amount_kind: str
    rank: str
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    basis: str
    unit_mass_mg: float | None
    portion: str
    limit_value: float | None
    limit_unit: str


_FINDING = (
    "substance_id", "substance_class_id", "is_detected", "identity", "amount_kind", "rank", "value", "low", "high",
    "basis", "unit_mass_mg", "portion", "limit_value", "limit_unit",
)  # fmt: skip


def _findings(results: Iterable[UUID], slugs: _Slugs) -> dict[UUID, list[FindingRead]]:
    found: dict[UUID, list[FindingRead]] = defaultdict(list)
    alike: dict[tuple[object, ...], FindingRead] = {}  # most say what another said before
    rows = Finding.objects.filter(result_id__in=list(results)).order_by("pk")
    for result_id, *columns in rows.values_list("result_id", *_FINDING):
        key = tuple(columns)
        if key not in alike:
            alike[key] = _finding(_FindingRow(*key), slugs)
        found[result_id].append(alike[key])
    return found


def _finding(row: _FindingRow, slugs: _Slugs) -> FindingRead:
    subject = slugs.subject_of(row.substance_id, row.class_id)
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


def _result(row: _ResultRow, known: Catalogue, findings: Iterable[FindingRead], quality: QualityRecord) -> ResultRead:
    return ResultRead(
        id=str(row.id),
        method=known.methods[row.method],
        lab=row.lab,
        outcome=row.outcome,
        findings=tuple(findings),
        performed_on=row.performed_on,
        completed_on=row.completed_on,
        chosen_because=row.chosen_because,
        control=row.control,
        test_line=row.test_line,
        lot_brand=row.lot_brand or "",
        lot_is_sound=quality.lot_is_sound(row),
        quality=quality.doubts(row),
        sample_mg=row.sample_mg,
        is_weighed=row.is_weighed,
        diluent_ml=row.diluent_ml,
        entry=row.entry,
        visible_from=row.visible_from,
    )
