"""The tables of a release as everyone may take them away, and what each column means. Reads released rows only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from .models import (
    ReleaseCorrection,
    ReleasedAmount,
    ReleasedExpected,
    ReleasedPair,
    ReleasedScope,
    ReleasedShare,
    ReleasedStrip,
)

_AT_ONCE = 2000
_FOR_GOOD = (ReleaseCorrection, ReleasedScope, ReleasedStrip)  # have no versions: once said they stay


@dataclass(frozen=True)
class Column:
    name: str
    type: str  # string, integer, number, boolean or date, as Frictionless Table Schema has them
    says: str


_AREA = Column("area", "string", "Slug of the area the samples were published in, as in /api/v1/areas/")
_FAMILY = Column("family", "string", "How they were checked: lab, spectroscopy or strip. Families do not compare")
_TESTED = Column("tested", "integer", "Samples tested for it by a method that can see it")
_DETECTED = Column("detected", "integer", "Those of them it was found in; under strip: in which a strip reacted")
_BATCH = Column("batch", "integer", "The release that first published these samples")
_VERSION = Column("version", "integer", "1, and one more with each correction; only the version that holds is here")
_RELEASE = Column("release", "integer", "The release that told it")
_SUBJECT = Column("substance", "string", "Slug of a substance or class, as in /api/v1/substances/")


@dataclass(frozen=True)
class Table:
    """One file of a release, in both formats."""

    name: str
    says: str
    columns: tuple[Column, ...]
    fields: tuple[str, ...]  # of the model, in the order of the columns
    model: type[Any]

    def rows(self, number: int) -> Iterator[Sequence[Any]]:
        """What held when this release was made. That never changes again, whatever is released later."""
        rows: QuerySet[Any] = self.model.objects.using("public").filter(release__lte=number)
        if self.model not in _FOR_GOOD:
            rows = rows.filter(Q(superseded_in__isnull=True) | Q(superseded_in__gt=number))
        found = rows.order_by(*self.fields).values_list(*self.fields).iterator(chunk_size=_AT_ONCE)
        numbers = {place for place, column in enumerate(self.columns) if column.type == "number"}
        if not numbers:
            yield from found
            return
        for row in found:
            yield [float(value) if place in numbers else value for place, value in enumerate(row)]


SHARES = Table(
    "shares",
    "How many samples were tested for each substance, and in how many it was found",
    (
        Column("series", "string", "latest: by week of release. final: by month of collection. The same samples twice"),
        _AREA,
        Column("period_start", "date", "latest: Monday of the week of release. final: 1st of the month of collection"),
        _SUBJECT,
        _FAMILY,
        Column("material", "string", "product, or residue on used things. They do not compare"),
        _TESTED,
        _DETECTED,
        _BATCH,
        _VERSION,
    ),
    ("series", "area", "period_start", "subject", "family", "material", "tested", "detected", "batch", "version"),
    ReleasedShare,
)
EXPECTED = Table(
    "expected",
    "The same for products that were taken for a member of one class, by quarter",
    (
        _AREA,
        Column("period_start", "date", "1st day of the quarter of release"),
        Column("expected", "string", "Slug of the class the product was taken for"),
        _SUBJECT,
        _FAMILY,
        _TESTED,
        _DETECTED,
        _BATCH,
        _VERSION,
    ),
    ("area", "period_start", "expected", "subject", "family", "tested", "detected", "batch", "version"),
    ReleasedExpected,
)
PAIRS = Table(
    "pairs",
    "What was found together, among products that were all tested for the same substances, by quarter",
    (
        _AREA,
        Column("period_start", "date", "1st day of the quarter of release"),
        _FAMILY,
        Column("one", "string", "Slug of a substance or class, as in /api/v1/substances/"),
        Column("other", "string", "Slug of another"),
        Column("tested", "integer", "Products tested for both"),
        Column("with_one", "integer", "Those of them the one was found in"),
        Column("with_other", "integer", "Those of them the other was found in"),
        Column("both_low", "integer", "Both were found in at least so many"),
        Column("both_high", "integer", "And at most in so many: a range where a number would point at a few samples"),
        _BATCH,
        _VERSION,
    ),
    (
        "area", "period_start", "family", "one", "other", "tested", "with_one", "with_other", "both_low", "both_high",
        "batch", "version",
    ),
    ReleasedPair,
)  # fmt: skip
AMOUNTS = Table(
    "amounts",
    "How much there was in products, by quarter: never put together across units or bases, and neither least nor most",
    (
        _AREA,
        Column("period_start", "date", "1st day of the quarter of release"),
        _FAMILY,
        Column("substance", "string", "Slug of a substance, as in /api/v1/substances/"),
        Column("kind", "string", "The unit: percent_w_w, mg_per_g, mg_per_unit or ug_per_unit"),
        Column("basis", "string", "base, salt: and its name, or unknown. Amounts on different bases do not compare"),
        Column("portion", "string", "Of amounts per unit: whole or part of one; empty where it was not said"),
        Column("measured", "integer", "Products it was measured in"),
        Column("lower", "number", "Lower quartile, in the unit, to two significant figures"),
        Column("median", "number", "Median"),
        Column("upper", "number", "Upper quartile"),
        Column("over", "string", "200:0-4 says that more than 200 were in 0 to 4 of them; of several limits each"),
        _BATCH,
        _VERSION,
    ),
    (
        "area", "period_start", "family", "subject", "kind", "basis", "portion", "measured", "lower", "median", "upper",
        "over", "batch", "version",
    ),
    ReleasedAmount,
)  # fmt: skip
CORRECTIONS = Table(
    "corrections",
    "Which figures of earlier releases were replaced, when, and why",
    (
        Column("release", "integer", "The release that replaced them"),
        _BATCH,
        Column("series", "string", "latest, final, expected, pairs or amounts"),
        _AREA,
        Column("period_start", "date", "First day of the period"),
        _FAMILY,
        Column("reason", "string", "corrected: read or entered wrongly. withdrawn: should not have been said"),
    ),
    ("release", "batch", "series", "area", "period_start", "family", "reason"),
    ReleaseCorrection,
)
SCOPES = Table(
    "scopes",
    "When a lab began or ended to look for something. Figures before and after do not compare",
    (
        _RELEASE,
        _AREA,
        Column("week_start", "date", "Monday of the week it holds from"),
        _FAMILY,
        _SUBJECT,
        Column("is_opened", "boolean", "True: it is looked for from then on. False: no longer"),
    ),
    ("release", "area", "week", "family", "subject", "is_opened"),
    ReleasedScope,
)
STRIPS = Table(
    "strips",
    "Which strips most samples were checked with, by quarter. Across a change of brand or lot figures do not compare",
    (
        _RELEASE,
        _AREA,
        Column("period_start", "date", "1st day of the quarter of release"),
        Column("substance", "string", "Slug of what the strip reacts to, as in /api/v1/substances/"),
        Column("brand", "string", "Empty: none that may be told was used for most samples"),
        Column("lot", "string", "Empty: the same, of the lots of that brand"),
    ),
    ("release", "area", "quarter", "subject", "brand", "lot"),
    ReleasedStrip,
)
TABLES = (SHARES, EXPECTED, PAIRS, AMOUNTS, CORRECTIONS, SCOPES, STRIPS)
