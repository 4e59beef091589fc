"""Quality control from its rows: what speaks against results, now or as it stood at an instant."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from .models import KitLot, LotMark, QualityCheck, QualityPlan, Result, SecondReading
from .quality import SECOND_READER, Check, ControlLog, Plan
from .readings import Doubt

Place = tuple[str, str]  # slugs of lab and method


class Read(Protocol):
    """A result, as far as lot and quality control go."""

    @property
    def id(self) -> UUID: ...
    @property
    def lab(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def entry(self) -> str: ...
    @property
    def performed_on(self) -> date | None: ...
    @property
    def completed_on(self) -> date | None: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def lot_id(self) -> int | None: ...
    @property
    def lot_state(self) -> str | None: ...
    @property
    def lot_expires_on(self) -> date | None: ...


class Used(NamedTuple):
    """The same, read for itself: the columns of `USED`."""

    id: UUID
    lab: str
    method: str
    entry: str
    performed_on: date | None
    completed_on: date | None
    recorded_at: datetime
    lot_id: int | None
    lot_state: str | None
    lot_expires_on: date | None


USED = (
    "id", "lab__slug", "method__slug", "entry", "performed_on", "completed_on", "recorded_at",
    "lot_id", "lot__state", "lot__expires_on",
)  # fmt: skip


class QualityRecord:
    """What lots and checks say of some results, in a fixed number of queries however many there are."""

    def __init__(self, results: Collection[Read], *, as_of: datetime | None = None) -> None:
        """`as_of`: what was recorded by then, and not yet withdrawn."""
        self._logs = control_logs({row.lab for row in results}, as_of=as_of)
        self._disagreed = _disagreed([row.id for row in results], as_of)
        self._states = _states_at({row.lot_id for row in results if row.lot_id is not None}, as_of)

    def doubts(self, row: Read) -> tuple[Doubt, ...]:
        log = self._logs.get((row.lab, row.method))
        day = judged_on(row)
        doubts = log.doubts(day, row.lot_id) if log is not None and day is not None else ()
        return (*doubts, Doubt(SECOND_READER)) if row.id in self._disagreed else doubts

    def lot_is_sound(self, row: Read) -> bool:
        """False where the lot is suspect, or was past its date when it was used."""
        if row.lot_id is None:
            return True
        used_on = row.performed_on or row.recorded_at.date()
        is_suspect = self._states.get(row.lot_id, row.lot_state) == KitLot.State.SUSPECT
        return not is_suspect and (row.lot_expires_on is None or used_on <= row.lot_expires_on)

    def is_in_control(self, row: Read) -> bool:
        return self.lot_is_sound(row) and not self.doubts(row)


def judged_on(row: Read) -> date | None:
    """The day a result is judged by. None where history never said: no check then speaks against it."""
    day = row.performed_on or row.completed_on
    return day or (None if row.entry == "import" else row.recorded_at.date())


def control_logs(labs: Collection[str], *, as_of: datetime | None = None) -> dict[Place, ControlLog]:
    """The checks and plans of these labs, by lab and method."""
    checks: dict[Place, list[Check]] = defaultdict(list)
    plans: dict[Place, list[Plan]] = defaultdict(list)
    recorded = Q() if as_of is None else Q(recorded_at__lte=as_of)
    standing = (
        Q(withdrawn_at__isnull=True) if as_of is None else Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=as_of)
    )
    rows = QualityCheck.objects.filter(recorded, standing, lab__slug__in=labs).order_by("recorded_at", "pk")
    for lab, method, kind, has_passed, on, lot in rows.values_list(
        "lab__slug", "method__slug", "kind", "has_passed", "done_on", "lot_id"
    ):
        checks[lab, method].append(Check(kind, has_passed, on, lot))
    planned = QualityPlan.objects.filter(recorded, lab__slug__in=labs).order_by("recorded_at", "pk")
    for lab, method, kind, every_days, since in planned.values_list(
        "lab__slug", "method__slug", "kind", "every_days", "since"
    ):
        plans[lab, method].append(Plan(kind, every_days, since))
    return {place: ControlLog(checks[place], plans[place]) for place in {*checks, *plans}}


def _disagreed(results: Collection[UUID], as_of: datetime | None) -> frozenset[UUID]:
    second = SecondReading.objects.filter(agrees=False, result__in=results)
    if as_of is not None:
        second = second.filter(recorded_at__lte=as_of)
    return frozenset(second.values_list("result_id", flat=True))


def _states_at(lots: Collection[int], as_of: datetime | None) -> dict[int, str]:
    """What was said by then of lots that were ever marked; of the others the row itself says it."""
    states: dict[int, str] = {}
    if as_of is None:
        return states
    marks = LotMark.objects.filter(lot__in=lots).order_by("recorded_at", "pk")
    for lot, state, at in marks.values_list("lot_id", "state", "recorded_at"):
        states.setdefault(lot, KitLot.State.UNVERIFIED.value)
        if at <= as_of:
            states[lot] = state
    return states


def used(results: "QuerySet[Result]") -> list[Used]:
    """These results as far as lot and quality control go."""
    return [Used(*row) for row in results.values_list(*USED)]


def in_control(results: "QuerySet[Result]") -> set[UUID]:
    """Those of these results that neither their lot nor quality control speaks against."""
    rows = used(results)
    record = QualityRecord(rows)
    return {row.id for row in rows if record.is_in_control(row)}


def possibly_outside(results: "QuerySet[Result]") -> "QuerySet[Result]":
    """Those that a check, a plan or a second reader could speak against: a few to look at, instead of all."""
    here = {"lab": OuterRef("lab"), "method": OuterRef("method")}
    failed = QualityCheck.objects.filter(**here, has_passed=False, withdrawn_at__isnull=True)
    planned = QualityPlan.objects.filter(**here)
    disagreed = SecondReading.objects.filter(result=OuterRef("pk"), agrees=False)
    return results.filter(Exists(failed) | Exists(planned) | Exists(disagreed))
