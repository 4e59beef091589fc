"""From what was tapped and typed on a form to the body every result enters by.

No second door: what is made here is the same body a program would send, and goes through
`checking.submission` like it. Every place in the body remembers the field it came from, so that a
problem is shown where it was typed.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from . import bodies
from .decoding import decode
from .readings import FindingRead, ResultRead

Shape = TypeVar("Shape", bodies.NewSample, bodies.NewResults, bodies.Correction)

# What the lines showed -> (control, test line). One line means detected; without a control line nothing counts.
READINGS: Mapping[str, tuple[bool, str]] = {
    "clear": (True, "clear"),
    "faint": (True, "faint"),
    "absent": (True, "absent"),
    "no_control": (False, "clear"),  # a test line alone
    "no_lines": (False, "absent"),
}


@dataclass(frozen=True)
class Dilution:
    """How much in how much water. `mg` and `ml` None: not known."""

    mg: float | None = None
    ml: float | None = None
    weighed: bool = False

    @property
    def mg_per_ml(self) -> float | None:
        return None if self.mg is None or self.ml is None else self.mg / self.ml


# What sites do most. 0.2 mg/mL is the retest of docs/rules.md A1; 1 mg/mL is Los Angeles' way
# (doi 10.1186/s12954-026-01396-z) and 2 mg/mL DanceSafe's; the last is a scoop into a bottle cap, no weight.
DILUTIONS: Mapping[str, Dilution] = {
    "not_weighed": Dilution(),
    "10_in_50": Dilution(10, 50, weighed=True),
    "10_in_10": Dilution(10, 10, weighed=True),
    "10_in_5": Dilution(10, 5, weighed=True),
}


def reading_of(control: bool | None, test_line: str) -> str:
    """The choice that stands for a stored reading; none where only the outcome was told, as in imports."""
    if control is None:
        return ""
    for choice, stored in READINGS.items():
        if stored == (control, test_line):
            return choice
    return "no_control"  # a faint test line alone: as little a reading as a clear one


@dataclass(frozen=True)
class StripEntry:
    """One strip as it was entered. `place` is the prefix of its fields."""

    place: str
    method: str
    reading: str
    dilution: Dilution
    brand: str = ""
    lot: str = ""
    expires_on: date | None = None
    performed_on: date | None = None


@dataclass(frozen=True)
class FindingEntry:
    """One row of findings as it was entered."""

    place: str
    name: str
    is_detected: bool = True
    amount: str = ""  # a rank or a kind
    value: float | None = None
    basis: str = ""


@dataclass(frozen=True)
class LabEntry:
    """One result by any other method as it was entered."""

    place: str
    method: str
    outcome: str
    findings: tuple[FindingEntry, ...] = ()
    lab: str = ""
    chosen_because: str = ""
    performed_on: date | None = None
    completed_on: date | None = None


@dataclass(frozen=True)
class SampleEntry:
    """A sample as it was entered."""

    client_id: str
    collected_on: date
    expected: tuple[tuple[str, str], ...]  # (field, name as tapped or written)
    results: tuple[StripEntry | LabEntry, ...]
    more: Mapping[str, Any] = field(default_factory=dict)  # other fields of the body, by their names there


RANKS = frozenset({"primary", "major", "minor", "trace"})


def as_sample(entry: SampleEntry) -> bodies.NewSample:
    """The body. Raises NotABody with the field at fault."""
    fields = {
        **entry.more,
        "client_id": entry.client_id,
        "collected_on": entry.collected_on,
        "expected": [name for _, name in entry.expected],
        "results": _results(entry.client_id, entry.results),
    }
    return _decoded(fields, bodies.NewSample)


def as_results(client_id: str, entries: Sequence[StripEntry | LabEntry]) -> bodies.NewResults:
    """The body of results added later. Raises NotABody."""
    return _decoded({"results": _results(client_id, entries)}, bodies.NewResults)


def as_correction(
    client_id: str, entry: StripEntry | LabEntry, reason: str, *, before: ResultRead
) -> bodies.Correction:
    """The body of a correction. What the form does not show is kept as it was. Raises NotABody."""
    fields = {**_result(client_id, entry), "reason": reason}
    if isinstance(entry, LabEntry) and "findings" in fields:
        fields["findings"] = [
            _kept(row, typed, before.findings) for row, typed in zip(fields["findings"], entry.findings, strict=True)
        ]
    if isinstance(entry, StripEntry):
        fields["chosen_because"] = None if before.chosen_because == "unknown" else before.chosen_because
        fields["lab"] = before.lab
    return _decoded(fields, bodies.Correction)


def sources_of(entries: Sequence[StripEntry | LabEntry]) -> dict[str, str]:
    """Which field of the form a path of the body came from."""
    return {path: field for place, entry in enumerate(entries) for path, field in _sources(entry, f"results.{place}")}


def sources_of_one(entry: StripEntry | LabEntry) -> dict[str, str]:
    """The same for a body that is one result, as a correction is."""
    return {path.removeprefix("."): field for path, field in _sources(entry, "")}


def field_at(path: str, sources: Mapping[str, str]) -> str:
    """The form's field for a path of the body; empty where it belongs to none."""
    steps = path.split(".")
    for length in range(len(steps), 0, -1):
        if found := sources.get(".".join(steps[:length])):
            return found
    return ""


def child_id(client_id: str, place: str) -> str:
    """The id of a result, the same each time the same form is sent, so that a second tap is a replay."""
    digest = hashlib.sha256(f"{client_id} {place}".encode()).digest()
    return str(UUID(bytes=digest[:16], version=4))


# Paths within a result -> fields of the form.
_NAMES = {
    "control": "reading",
    "test_line": "reading",
    "sample_mg": "mg",
    "diluent_ml": "ml",
    "lot": "lot",
    "lot.brand": "brand",
    "lot.lot": "lot",
    "lot.expires_on": "expires_on",
    "outcome": "outcome",
    "lab": "lab",
    "performed_on": "performed_on",
    "completed_on": "completed_on",
    "chosen_because": "chosen_because",
    "findings": "finding-0-name",
}


def _sources(entry: StripEntry | LabEntry, path: str) -> Iterator[tuple[str, str]]:
    yield path, f"{entry.place}-method"
    for theirs, ours in _NAMES.items():
        yield f"{path}.{theirs}", f"{entry.place}-{ours}"
    for row, finding in enumerate(entry.findings if isinstance(entry, LabEntry) else ()):
        at = f"{path}.findings.{row}"
        yield at, f"{finding.place}-name"
        yield f"{at}.amount", f"{finding.place}-amount"
        yield f"{at}.amount.value", f"{finding.place}-value"
        yield f"{at}.amount.basis", f"{finding.place}-basis"


def _results(client_id: str, entries: Sequence[StripEntry | LabEntry]) -> list[dict[str, Any]]:
    return [_result(child_id(client_id, entry.place), entry) for entry in entries]


def _result(client_id: str, entry: StripEntry | LabEntry) -> dict[str, Any]:
    said = _strip(entry) if isinstance(entry, StripEntry) else _lab(entry)
    return {"client_id": client_id, "method": entry.method, "performed_on": entry.performed_on, **said}


def _strip(entry: StripEntry) -> dict[str, Any]:
    control, test_line = READINGS[entry.reading]
    has_lot = entry.brand or entry.lot
    return {
        "control": control,
        "test_line": test_line,
        "sample_mg": entry.dilution.mg,
        "diluent_ml": entry.dilution.ml,
        "weighed": entry.dilution.weighed,
        "lot": {"brand": entry.brand, "lot": entry.lot, "expires_on": entry.expires_on} if has_lot else None,
    }


def _lab(entry: LabEntry) -> dict[str, Any]:
    return {
        "outcome": entry.outcome,
        "completed_on": entry.completed_on,
        "lab": entry.lab or None,
        "chosen_because": entry.chosen_because or None,
        "findings": [_finding(row) for row in entry.findings],
    }


def _finding(row: FindingEntry) -> dict[str, Any]:
    said: dict[str, Any] = {"substance": row.name, "detected": row.is_detected}
    if row.amount in RANKS:
        said["amount"] = {"kind": "relative", "value": row.amount}
    elif row.amount:
        said["amount"] = {"kind": row.amount, "value": row.value, "basis": row.basis or None}
    return said


def _kept(row: dict[str, Any], typed: FindingEntry, before: Sequence[FindingRead]) -> dict[str, Any]:
    """A corrected finding with what its form has no field for: identity, range, limit, unit."""
    same = next((each for each in before if typed.name in {each.subject.slug, each.subject.name}), None)
    if same is None:
        return row
    kept = {**row, "identity": same.identity}
    if same.limit_value is not None and not typed.is_detected:
        kept["limit"] = {"value": same.limit_value, "unit": same.limit_unit}
    was, amount = same.amount, row.get("amount")
    if was is None or amount is None or was.kind != amount["kind"] or amount["value"] != _number(was.value, was.rank):
        return kept
    extra = {
        "low": _number(was.low),
        "high": _number(was.high),
        "unit_mass_mg": was.unit_mass_mg,
        "portion": was.portion or None,
    }
    basis = amount.get("basis") or (was.basis if was.kind != "relative" else None)
    kept["amount"] = {**amount, **extra, "basis": basis}
    return kept


def _number(value: Any, otherwise: Any = None) -> Any:
    return otherwise if value is None else float(value)


def _decoded(fields: Mapping[str, Any], shape: type[Shape]) -> Shape:
    """Through the same reading as a program's body, so that both are held to the same."""
    return decode(json.dumps(_sayable(fields)).encode(), shape)


def _sayable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _sayable(item) for key, item in value.items() if item not in (None, "")}
    if isinstance(value, list | tuple):
        return [_sayable(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
