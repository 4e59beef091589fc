"""Samples and results in plain values: what interpretation, denominators and rules read.

No Django here. `checking/reading_rows.py` makes these of rows; tests make them by hand.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Subject:
    """A substance or a class, with where it stands in the class tree."""

    slug: str
    name: str
    name_es: str
    is_class: bool
    classes: tuple[str, ...]  # slugs of its classes, nearest first up to the root; a class holds itself first
    is_life_threatening: bool = False
    is_watched: bool = False
    role: str = ""  # hint: active, adulterant, cut, impurity
    say_aloud: str = ""

    def is_within(self, other: "Subject") -> bool:
        """True when this is `other`, or a member of the class `other`."""
        return self.slug == other.slug or (other.is_class and other.slug in self.classes)


@dataclass(frozen=True, slots=True)
class Target:
    """What a method looks for. Limits as `MethodTarget` has them."""

    subject: Subject
    is_full: bool = True
    cutoff_ng_per_ml: float | None = None
    limit_ng_per_ml: float | None = None
    limit_w_w: float | None = None
    field_sensitivity: float | None = None
    field_specificity: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Miss:
    """Something a method is known not to see."""

    subject: Subject
    why: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Confusion:
    """Something that makes a method react without its target."""

    subject: Subject
    from_mg_per_ml: float | None = None  # None: at any strength
    brand: str = ""
    why: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class MethodFacts:
    """What is known of a method."""

    slug: str
    name: str
    name_es: str
    family: str  # strip, reagent, spectroscopy, lab
    tells: str  # class, compound
    names_exactly: bool = False
    measures_amount: bool = False
    looks_broadly: bool = False
    typical_limit: str = ""
    targets: tuple[Target, ...] = ()
    misses: tuple[Miss, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """How much, as the lab said it. `value`, `low`, `high` are in the unit of `kind`."""

    kind: str
    rank: str = ""  # for `relative`: primary, major, minor, trace
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    basis: str = "unknown"  # base, salt:<name>, unknown
    unit_mass_mg: float | None = None
    portion: str = ""  # whole, part

    @property
    def is_trace(self) -> bool:
        return self.rank == "trace"


@dataclass(frozen=True, slots=True)
class FindingRead:
    """What one result says of one subject."""

    subject: Subject
    is_detected: bool = True
    identity: str = "exact"
    amount: Amount | None = None
    limit_value: float | None = None
    limit_unit: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why quality control speaks against a result (`checking/quality.py`)."""

    code: str  # failed_before, failed_after, overdue, second_reader
    kind: str = ""  # of check: blank, positive_control, background
    days: int | None = None  # for `overdue`: how often it was to be checked


@dataclass(frozen=True, slots=True)
class ResultRead:
    """One current result."""

    id: str
    method: MethodFacts
    lab: str  # site slug
    outcome: str
    findings: tuple[FindingRead, ...] = ()
    performed_on: date | None = None
    completed_on: date | None = None
    chosen_because: str = "unknown"
    control: bool | None = None
    test_line: str = ""
    lot_brand: str = ""
    lot_is_sound: bool = True  # False: suspect, or past its date when it was used
    quality: tuple[Doubt, ...] = ()  # what quality control says against it
    sample_mg: float | None = None
    is_weighed: bool = False
    diluent_ml: float | None = None
    entry: str = "single"  # single, late, bulk, import
    visible_from: datetime | None = None

    @property
    def mg_per_ml(self) -> float | None:
        if self.sample_mg is None or self.diluent_ml is None:
            return None
        return self.sample_mg / self.diluent_ml

    @property
    def is_in_control(self) -> bool:
        """False where its lot or quality control speaks against it: it is shown, and counts for nothing."""
        return self.lot_is_sound and not self.quality

    @property
    def detected(self) -> tuple[FindingRead, ...]:
        return tuple(finding for finding in self.findings if finding.is_detected)


@dataclass(frozen=True, slots=True)
class SampleRead:
    """One sample with its current results."""

    id: str
    site: str
    area: str
    expected: tuple[Subject, ...] = ()
    collected_on: date | None = None
    form: str = "unknown"
    carrier: str = "unknown"
    material: str = "product"
    is_overdose_associated: bool | None = None  # None: not asked
    is_shared: bool = True
    is_contaminated: bool = False
    results: tuple[ResultRead, ...] = field(default_factory=tuple)
