"""The shape of what comes in: one struct per body, the same for the API, bulk, and the staff screen.

Every optional field is None when absent, so that absent and null are the same body.
"""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

END = r"$(?!\n)"  # Python's `$` alone would let a line break stand behind it
UUID_4 = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}" + END
NOT_BLANK = r"\S"
BASIS = "^(base|unknown|salt:[A-Za-z][A-Za-z -]{1,40})" + END
COLOUR = (
    "^((light|dark|pale|bright|off|mottled|speckled)[ _-])?(white|beige|cream|ivory|yellow|orange|red|pink|"
    "purple|violet|blue|turquoise|teal|green|brown|tan|grey|gray|black|clear|transparent|silver|gold|"
    "multicoloured|multicolored|mixed|other|unknown)" + END
)

# What a person who sent something else is told instead of the pattern.
SAID_PLAINLY = {
    UUID_4: "Expected a version-4 UUID, such as 2f6c8a1e-8a9b-4a53-9d7e-0d4a0a7a1c11",
    NOT_BLANK: "Expected some text, not only spaces",
    BASIS: "Expected base, unknown, or salt: and its name, such as salt:hydrochloride",
    COLOUR: "Expected a plain colour, such as white, light blue or mixed",
}

Uuid = Annotated[str, Meta(pattern=UUID_4)]
ClientId = Annotated[
    Uuid, Meta(description="A version-4 UUID made by the client before it sends; it makes a replay safe.")
]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Slug = Annotated[str, Meta(min_length=1, max_length=80)]
Short = Annotated[str, Meta(min_length=1, max_length=60, pattern=NOT_BLANK)]
Reason = Annotated[str, Meta(min_length=3, max_length=300, pattern=NOT_BLANK, description="Why, in a few words.")]
Colour = Annotated[str, Meta(pattern=COLOUR)]
Positive = Annotated[float, Meta(gt=0, le=1_000_000)]
NotNegative = Annotated[float, Meta(ge=0, le=1_000_000)]


class Body(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What all bodies have in common: a key nobody asked for is an error, not a loss."""


def says(text: str) -> Meta:
    """What the published schema tells of a field."""
    return Meta(description=text)


class NewLot(Body):
    """The batch a strip is from. One that nobody registered is kept as unverified."""

    brand: Annotated[Short, says("Who made the strip, as printed on it.")]
    lot: Annotated[Short, says("The number printed on the wrapper.")]
    expires_on: Annotated[date | None, says("Last day of use, as printed.")] = None


class NewAmount(Body):
    """How much. `relative` takes primary, major, minor or trace as its value; the rest take a number."""

    kind: Annotated[
        Literal["relative", "percent_ftir", "percent_w_w", "mg_per_unit", "ug_per_unit", "mg_per_g"],
        says("What is counted, and in which unit. percent_ftir is a rough share as FTIR gives it."),
    ]
    value: Annotated[
        NotNegative | Literal["primary", "major", "minor", "trace"], says("The amount, within low and high.")
    ]
    low: Annotated[NotNegative | None, says("Lower end of its uncertainty, in the same unit.")] = None
    high: Annotated[NotNegative | None, says("Upper end of its uncertainty, in the same unit.")] = None
    basis: Annotated[
        Annotated[str, Meta(pattern=BASIS)] | None,
        says("What was weighed: base, salt:<name> or unknown. Absent means unknown, which triggers nothing."),
    ] = None
    unit_mass_mg: Annotated[Positive | None, says("Mass of one tablet, capsule or blotter, in mg.")] = None
    portion: Annotated[Literal["whole", "part"] | None, says("Whether a whole unit was measured.")] = None


class NewLimit(Body):
    """Down to which amount it would have been seen."""

    value: Annotated[Positive, says("The limit of detection.")]
    unit: Annotated[
        Literal["ng_per_ml", "ug_per_ml", "mg_per_ml", "percent_w_w", "mg_per_g", "ug_per_g", "ng_per_g"],
        says("Per mL: of the mix that was tested. Per g and w/w: of the sample."),
    ]


class NewFinding(Body):
    """What a result says of one substance: found, or looked for and not found down to a limit."""

    substance: Annotated[Name, says("Slug or any accepted name, of a substance or a class.")]
    detected: Annotated[bool | None, says("False: looked for, and not found. Absent means true.")] = None
    identity: Annotated[
        Literal["exact", "class_only", "tentative", "isomer_not_determined"] | None,
        says("How closely it was named. Absent means exact, class_only for a class, tentative for a reagent."),
    ] = None
    amount: Annotated[NewAmount | None, says("How much of it, where that was measured.")] = None
    limit: Annotated[NewLimit | None, says("The limit of detection, where it is known.")] = None


class NewResult(Body):
    """One method on one sample. A strip takes `control` and `test_line`; all else takes `outcome`."""

    client_id: ClientId
    method: Annotated[Slug, says("Slug of a method, from /api/v1/methods/.")]
    performed_on: Annotated[date | None, says("Day it was read, at most today.")] = None
    completed_on: Annotated[date | None, says("Day it was reported. Absent means performed_on.")] = None
    outcome: Annotated[
        Literal["detected", "not_detected", "inconclusive", "invalid", "consistent_with", "not_consistent"] | None,
        says("The last two are for reagents, and the only ones they take beside inconclusive and invalid."),
    ] = None
    control: Annotated[bool | None, says("Strips: whether the control line showed.")] = None
    test_line: Annotated[
        Literal["clear", "faint", "absent"] | None, says("Strips: the test line. Absent means detected.")
    ] = None
    lot: Annotated[NewLot | None, says("Strips: the batch it is from.")] = None
    sample_mg: Annotated[Positive | None, says("How much of the sample was mixed, in mg.")] = None
    weighed: Annotated[bool | None, says("Whether sample_mg was weighed; a scoop is not a weight.")] = None
    diluent_ml: Annotated[Positive | None, says("How much water it was mixed into, in mL.")] = None
    lab: Annotated[Slug | None, says("Slug of the site that read it. Absent means yours.")] = None
    chosen_because: Annotated[
        Literal["all", "random", "strip_positive", "harm", "surprise"] | None,
        says("Why this sample got this method. Only all and random count in figures. Absent means all for a strip."),
    ] = None
    findings: Annotated[
        Annotated[list[NewFinding], Meta(max_length=100)] | None, says("What it says of each substance.")
    ] = None

    def __post_init__(self) -> None:
        self.client_id = self.client_id.lower()  # the same UUID, however it was written


class Correction(NewResult, kw_only=True):
    """A whole result that takes the place of another, and why."""

    reason: Reason


class NewResults(Body):
    """Results added to a sample later."""

    results: Annotated[list[NewResult], Meta(min_length=1, max_length=50, description="From 1 to 50 results.")]


class Takeback(Body):
    """Why a result is withdrawn."""

    reason: Reason


class NewSample(Body):
    """One sample with the results known so far."""

    client_id: ClientId
    collected_on: Annotated[date, says("Day it was brought or sent in, at most today.")]
    area: Annotated[Slug | None, says("Slug of the area it is from. Absent means the site's own.")] = None
    expected: Annotated[
        Annotated[list[Name], Meta(max_length=20)] | None,
        says("What the person took it for: slugs or any accepted names. Absent or empty means unknown."),
    ] = None
    form: Annotated[
        Literal[
            "powder", "crystal", "rock", "tablet", "capsule", "blotter", "liquid",
            "tar", "plant", "edible", "vape", "other", "unknown",
        ]
        | None,
        says("What it looked like. Absent means unknown."),
    ] = None  # fmt: skip
    carrier: Annotated[
        Literal[
            "product", "bag", "cooker", "cotton", "pipe", "syringe", "swab",
            "spatula", "container", "strip_solution", "other", "unknown",
        ]
        | None,
        says("What it came in or on. Absent means unknown."),
    ] = None  # fmt: skip
    material: Annotated[
        Literal["product", "residue"] | None,
        says("Absent means residue for a cooker, cotton, pipe, syringe, swab or strip_solution, else product."),
    ] = None
    colours: Annotated[Annotated[list[Colour], Meta(max_length=10)] | None, says("Plain colours.")] = None
    imprint: Annotated[Short | None, says("What is pressed or printed on it.")] = None
    size_mm: Annotated[Positive | None, says("Its longest side, in mm.")] = None
    mass_mg: Annotated[Positive | None, says("Mass of what was brought, in mg.")] = None
    overdose_associated: Annotated[
        Literal["yes", "no", "not_asked"] | None, says("Never published. Absent means not_asked.")
    ] = None
    share: Annotated[bool | None, says("May it be counted in public figures? Absent means yes.")] = None
    known_contamination: Annotated[
        bool | None, says("Known to hold something that was not in it when sold; stays out of figures.")
    ] = None
    split_of: Annotated[Uuid | None, says("Id of your sample that this is another part of; it counts once.")] = None
    entered_at: Annotated[
        datetime | None,
        says("When it was entered, to the hour and with its zone, if that was offline. Dropped after use."),
    ] = None
    results: Annotated[Annotated[list[NewResult], Meta(max_length=50)] | None, says("Up to 50 results.")] = None

    def __post_init__(self) -> None:
        self.client_id = self.client_id.lower()  # the same UUID, however it was written


def canonical(body: Struct) -> bytes:
    """A body as bytes that are equal exactly where the bodies are: keys sorted, null and absent alike."""
    return msgspec.json.encode(body, order="sorted")  # what is as by default, None, is left out
