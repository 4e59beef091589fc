"""What is stored of a submission, as plain rows: a struct for each table, a field for each of its columns.

Results come in by the hundred thousand, and a model instance costs ten times what such a row does. A test
holds the fields against the models.
"""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from .models import Finding, Sample
from .models.samples import Entry


class SampleRow(Struct, kw_only=True):
    id: uuid.UUID
    site_id: int
    area_id: int
    geo_basis: str
    collected_on: date | None
    form: str = Sample.Form.UNKNOWN.value
    carrier: str = Sample.Carrier.UNKNOWN.value
    material: str = Sample.Material.PRODUCT.value
    colours: list[str] = []
    imprint: str = ""
    size_mm: float | None = None
    mass_mg: float | None = None
    share: bool = True
    is_contaminated: bool = False
    split_of_id: uuid.UUID | None = None
    entry: str = Entry.SINGLE.value
    import_run_id: int | None = None
    recorded_at: datetime
    entered_by_id: int | None = None
    client_hash: bytes
    body_hash: bytes
    code_hash: bytes | None


class ExpectedRow(Struct, kw_only=True):
    sample_id: uuid.UUID
    substance_id: int | None = None
    substance_class_id: int | None = None
    written: str


class OverdoseRow(Struct, kw_only=True):
    sample_id: uuid.UUID
    is_associated: bool


class LotRow(Struct, frozen=True):
    """A lot as it was named; the same lot may be there already."""

    method_id: int
    brand: str
    lot: str
    expires_on: date | None


class ResultRow(Struct, kw_only=True):
    id: uuid.UUID
    sample_id: uuid.UUID
    site_id: int
    method_id: int
    lab_id: int
    outcome: str
    performed_on: date | None
    completed_on: date | None
    chosen_because: str
    control: bool | None = None
    test_line: str = ""
    lot_id: int | None = None
    sample_mg: float | None = None
    is_weighed: bool = False
    diluent_ml: float | None = None
    corrects_id: uuid.UUID | None = None
    correction_reason: str = ""
    entry: str = Entry.SINGLE.value
    recorded_at: datetime
    entered_by_id: int | None = None
    client_hash: bytes
    body_hash: bytes


class FindingRow(Struct, kw_only=True):
    result_id: uuid.UUID
    substance_id: int | None = None
    substance_class_id: int | None = None
    is_detected: bool = True
    identity: str = Finding.Identity.EXACT.value
    amount_kind: str = ""
    rank: str = ""
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    basis: str = ""
    unit_mass_mg: float | None = None
    portion: str = ""
    limit_value: float | None = None
    limit_unit: str = ""


@dataclass(slots=True)
class ResultRows:
    """One result, ready to store."""

    result: ResultRow
    findings: list[FindingRow]
    lot: LotRow | None = None


@dataclass(slots=True)
class SampleRows:
    """One sample with all that belongs to it, ready to store."""

    sample: SampleRow
    expected: list[ExpectedRow]
    overdose: OverdoseRow | None
    results: list[ResultRows] = field(default_factory=list)
