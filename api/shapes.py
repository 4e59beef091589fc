"""What we answer, as JSON schemas. What is sent to us is described by the structs of `checking/bodies.py`."""

from typing import Any

REF = "#/components/schemas/{name}"

Schema = dict[str, Any]


def ref(name: str) -> Schema:
    return {"$ref": REF.format(name=name)}


def text(description: str, **other: Any) -> Schema:
    return {"type": "string", "description": description, **other}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    nullable = {**schema, "type": [schema["type"], "null"]}
    return {**nullable, "enum": [*schema["enum"], None]} if "enum" in schema else nullable


def listed(items: Schema, description: str) -> Schema:
    return {"type": "array", "items": items, "description": description}


def record(description: str, fields: dict[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    """An object whose fields are all there, but for the optional ones."""
    required = [name for name in fields if name not in optional]
    return {"type": "object", "description": description, "required": required, "properties": fields}


def page_of(row: Schema) -> Schema:
    """A list, a page at a time."""
    return record(
        "One page of a list.",
        {
            "results": listed(row, "The rows of this page."),
            "next": maybe(text("Address of the next page; null on the last.", format="uri")),
            "previous": maybe(text("Address of the page before; null on the first.", format="uri")),
        },
    )


def yes_or_no(description: str) -> Schema:
    return {"type": "boolean", "description": description}


def number(description: str) -> Schema:
    return {"type": "number", "description": description}


FROM_ONE: Schema = {"type": "integer", "minimum": 1}
FROM_NOUGHT: Schema = {"type": "integer", "minimum": 0}
SLUGS: Schema = {"type": "string"}
UUID = text("A version-4 UUID.", format="uuid")
DAY = text("A day.", format="date")
INSTANT = text("In UTC, written +00:00.", format="date-time")

MESSAGES: Schema = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
ERROR = record(
    "Every 4xx and 5xx has this shape.",
    {
        "error": record(
            "What went wrong.",
            {
                "code": text("A word for programs, such as invalid, unknown_name or conflict."),
                "message": text("A sentence for people."),
                "fields": {
                    **MESSAGES, "description": "Paths such as results.0.findings.1.substance, and what is wrong there."
                },
                "suggestions": {**MESSAGES, "description": "The same paths, with the nearest names we know."},
            },
            optional=("fields", "suggestions"),
        )
    },
)  # fmt: skip
STATEMENT = record(
    "One thing a result says, or something to do about it.",
    {
        "code": text("The same for the same statement in every language."),
        "text": text("A sentence for the person, in the language asked for."),
        "severity": text("How much it matters.", enum=["info", "caution", "warning"]),
        "source": text("Where this is known from."),
    },
)
CODE = maybe(text("What the person looks the result up with; null once its time is over."))
INTERPRETATION = listed(ref("Statement"), "What it says as of now; empty once corrected or withdrawn.")
ADVISORIES = listed(ref("Statement"), "What the person should hear of the sample as a whole.")

RESULT_RECEIPT = record("A stored result.", {"id": UUID, "interpretation": INTERPRETATION})
RECEIPT_FIELDS = {
    "id": UUID,
    "code": CODE,
    "results": listed(ref("ResultReceipt"), "In the order in which they were sent."),
    "advisories": ADVISORIES,
}
SAMPLE_RECEIPT = record("A stored sample.", RECEIPT_FIELDS)
CORRECTION_RECEIPT = record(
    "A stored correction. `id` is that of the new result.",
    {
        **RECEIPT_FIELDS,
        "sample": text("The sample it belongs to.", format="uuid"),
        "corrects": text("The result it takes the place of.", format="uuid"),
        "interpretation": INTERPRETATION,
    },
)
WITHDRAWN = record(
    "A result that was taken back.",
    {"id": UUID, "withdrawn": yes_or_no("Always true."), "reason": text("As it was given the first time.")},
)

AMOUNT = record(
    "How much.",
    {
        "kind": text("What is counted, and in which unit."),
        "value": {"type": ["number", "string"], "description": "A number; for relative a word."},
        "low": maybe(number("Lower end, in the same unit.")),
        "high": maybe(number("Upper end, in the same unit.")),
        "basis": maybe(text("base, salt:<name> or unknown.")),
        "unit_mass_mg": maybe(number("Mass of one unit, in mg.")),
        "portion": maybe(text("Whether a whole unit was measured.", enum=["whole", "part"])),
    },
)
FINDING = record(
    "What a result says of one substance.",
    {
        "substance": text("Slug of the substance or class."),
        "name": text("Its preferred name."),
        "detected": yes_or_no("False: looked for, and not found."),
        "identity": text("How closely it was named."),
        "amount": {"anyOf": [ref("Amount"), {"type": "null"}], "description": "How much, where that was measured."},
        "limit": {
            **record("Down to what it is seen.", {"value": number("The limit."), "unit": text("Its unit.")}),
            "type": ["object", "null"],
        },
    },
)  # fmt: skip
LOT = {
    **record("The strip's batch.", {
        "brand": text("Who made it."), "lot": text("Its number."),
        "state": text("What is known of it; unverified where nobody registered it."),
    }),
    "type": ["object", "null"],
}  # fmt: skip
RESULT = record(
    "One method on one sample.",
    {
        "id": UUID,
        "method": text("Slug of the method."),
        "lab": text("Slug of the site that read it."),
        "outcome": text(
            "What it says on the whole.",
            enum=["detected", "not_detected", "inconclusive", "invalid", "consistent_with", "not_consistent"],
        ),
        "performed_on": maybe(DAY),
        "completed_on": maybe(DAY),
        "chosen_because": text("Why this sample got this method; unknown where nobody said."),
        "control": maybe(yes_or_no("Strips: whether the control line showed.")),
        "test_line": maybe(text("Strips: the test line.", enum=["clear", "faint", "absent"])),
        "lot": LOT,
        "findings": listed(ref("Finding"), "What it says of each substance."),
        "is_current": yes_or_no("False once corrected or withdrawn."),
        "corrects": maybe(text("The result it takes the place of.", format="uuid")),
        "corrected_by": maybe(text("The result that took its place.", format="uuid")),
        "correction_reason": maybe(text("Why it takes the place of another.")),
        "withdrawn": maybe(text("Why it was withdrawn; null where it was not.")),
        "interpretation": INTERPRETATION,
    },
)
SAMPLE = record(
    "One of your samples, with what its results say now.",
    {
        "id": UUID,
        "code": CODE,
        "collected_on": maybe(DAY),
        "area": text("Slug of its area."),
        "geo_basis": text("Whether the area was stated or is the site's.", enum=["stated", "site"]),
        "expected": listed(SLUGS, "Slugs; unknown for a word that names no substance."),
        "form": text("What it looked like."),
        "carrier": text("What it came in or on."),
        "material": text("What was tested.", enum=["product", "residue"]),
        "colours": listed({"type": "string"}, "Plain colours."),
        "share": yes_or_no("May it be counted in public figures?"),
        "results": listed(ref("Result"), "Current ones and those that were corrected or withdrawn."),
        "advisories": ADVISORIES,
    },
)
BULK_LINE = record(
    "One answer a line, as NDJSON.",
    {
        "line": {"type": "integer", "description": "Which line this answers; blank ones are counted too."},
        "status": text("What became of it.", enum=["created", "replayed", "rejected", "valid"]),
        "id": text("The sample, where it is stored.", format="uuid"),
        "error": {**ERROR["properties"]["error"], "description": "Why it was rejected, as in every other error."},
    },
    optional=("id", "error"),
)

COMPONENTS = {
    "Statement": STATEMENT,
    "ResultReceipt": RESULT_RECEIPT,
    "SampleReceipt": SAMPLE_RECEIPT,
    "CorrectionReceipt": CORRECTION_RECEIPT,
    "Withdrawn": WITHDRAWN,
    "Amount": AMOUNT,
    "Finding": FINDING,
    "Result": RESULT,
    "Sample": SAMPLE,
    "BulkLine": BULK_LINE,
    "Error": ERROR,
}
