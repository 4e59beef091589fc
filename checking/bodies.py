"""The shape of what comes in: one struct per body, the same for the API, bulk, and the staff screen.

Every optional field is None when absent, so that absent and null are the same body.
"""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

ClientId = Annotated[
    str,
    Meta(
        pattern="^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$",
        description="A version-4 UUID made by the client before it sends; it makes a replay safe.",
    ),
]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Slug = Annotated[str, Meta(min_length=1, max_length=80)]
Short = Annotated[str, Meta(min_length=1, max_length=60)]
Reason = Annotated[str, Meta(min_length=3, max_length=300)]
Positive = Annotated[float, Meta(gt=0, le=1_000_000)]
NotNegative = Annotated[float, Meta(ge=0, le=1_000_000)]


class Body(Struct, forbid_unknown_fields=True):
    """What all bodies have in common: a key nobody asked for is an error, not a loss."""


class NewLot(Body):
    brand: Short
    lot: Short
    expires_on: date | None = None


class NewAmount(Body):
    """How much. `relative` takes primary, major, minor or trace as its value; the rest take a number."""

    kind: Literal["relative", "percent_ftir", "percent_w_w", "mg_per_unit", "ug_per_unit", "mg_per_g"]
    value: NotNegative | Literal["primary", "major", "minor", "trace"]
    low: NotNegative | None = None
    high: NotNegative | None = None
    basis: Annotated[str, Meta(pattern="^(base|unknown|salt:[A-Za-z][A-Za-z -]{1,40})$")] | None = None
    unit_mass_mg: Positive | None = None
    portion: Literal["whole", "part"] | None = None


class NewLimit(Body):
    value: Positive
    unit: Literal["ng_per_ml", "ug_per_ml", "mg_per_ml", "percent_w_w", "mg_per_g", "ug_per_g", "ng_per_g"]


class NewFinding(Body):
    substance: Name
    detected: bool | None = None
    identity: Literal["exact", "class_only", "tentative", "isomer_not_determined"] | None = None
    amount: NewAmount | None = None
    limit: NewLimit | None = None


class NewResult(Body):
    """One method on one sample. A strip takes `control` and `test_line`; all else takes `outcome`."""

    client_id: ClientId
    method: Slug
    performed_on: date | None = None
    completed_on: date | None = None
    outcome: (
        Literal["detected", "not_detected", "inconclusive", "invalid", "consistent_with", "not_consistent"] | None
    ) = None
    control: bool | None = None
    test_line: Literal["clear", "faint", "absent"] | None = None
    lot: NewLot | None = None
    sample_mg: Positive | None = None
    weighed: bool | None = None
    diluent_ml: Positive | None = None
    lab: Slug | None = None
    chosen_because: Literal["all", "random", "strip_positive", "harm", "surprise"] | None = None
    findings: Annotated[list[NewFinding], Meta(max_length=100)] | None = None


class Correction(NewResult, kw_only=True):
    """A whole result that takes the place of another, and why."""

    reason: Reason


class NewResults(Body):
    """Results added to a sample later."""

    results: Annotated[list[NewResult], Meta(min_length=1, max_length=50)]


class Takeback(Body):
    """Why a result is withdrawn."""

    reason: Reason


Colour = Annotated[
    str,
    Meta(
        pattern=(
            "^((light|dark|pale|bright|off|mottled|speckled)[ _-])?(white|beige|cream|ivory|yellow|orange|red|pink|"
            "purple|violet|blue|turquoise|teal|green|brown|tan|grey|gray|black|clear|transparent|silver|gold|"
            "multicoloured|multicolored|mixed|other|unknown)$"
        )
    ),
]


class NewSample(Body):
    """One sample with the results known so far."""

    client_id: ClientId
    collected_on: date
    area: Slug | None = None
    expected: Annotated[list[Name], Meta(max_length=20)] | None = None
    form: (
        Literal[
            "powder", "crystal", "rock", "tablet", "capsule", "blotter", "liquid",
            "tar", "plant", "edible", "vape", "other", "unknown",
        ]
        | None
    ) = None  # fmt: skip
    carrier: (
        Literal[
            "product", "bag", "cooker", "cotton", "pipe", "syringe", "swab",
            "spatula", "container", "strip_solution", "other", "unknown",
        ]
        | None
    ) = None  # fmt: skip
    material: Literal["product", "residue"] | None = None
    colours: Annotated[list[Colour], Meta(max_length=10)] | None = None
    imprint: Short | None = None
    size_mm: Positive | None = None
    mass_mg: Positive | None = None
    overdose_associated: Literal["yes", "no", "not_asked"] | None = None
    share: bool | None = None
    known_contamination: bool | None = None
    split_of: ClientId | None = None
    entered_at: datetime | None = None
    results: Annotated[list[NewResult], Meta(max_length=50)] | None = None


def canonical(body: Struct) -> bytes:
    """A body as bytes that are equal exactly where the bodies are: keys sorted, null and absent alike."""
    return msgspec.json.encode(_without_none(msgspec.to_builtins(body)), order="sorted")


def _without_none(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_none(item) for item in value]
    return value
