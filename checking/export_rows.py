"""Exact rows as they leave: which columns, and what each holds.

Never among them: who, notes, codes, ids of ours or of a client, the overdose flag, when something was entered or by
whom, and how a sample looked, by which somebody could know their own or another's. A sample goes by a name made for
one file, so that two files cannot be laid beside each other by it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .collection_days import is_exact, kept_day
from .denominators import Scopes, is_sound, names, tells
from .readings import FindingRead, ResultRead, SampleRead

SAMPLES, FINDINGS = "samples", "findings"
KINDS = (FINDINGS, SAMPLES)
_TOGETHER = " | "  # between several values in one cell


class Column(NamedTuple):
    name: str
    says: Promise  # for the codebook, in the reader's language


_OF_SAMPLE = (
    Column("export", _("The number of this export. Each row has it, so that no row is without its record.")),
    Column("sample", _("A name for the sample in this file only. It links to nothing else.")),
    Column("collected_on", _("Day of collection; of samples older than a year, the first day of its week.")),
    Column("collected_as", _("day, or week where only that is kept")),
    Column("site", _("Slug of the site that took the sample in.")),
    Column("area", _("Slug of the area the sample is from.")),
    Column("expected", _("Slugs of what it was taken for; empty where nobody knew.")),
    Column("form", _("powder, crystal, rock, tablet ...")),
    Column("carrier", _("What it came in or on.")),
    Column("material", _("product, or residue on used things")),
)
_OF_RESULT = (
    Column("result", _("Number of the result within the sample, from 1.")),
    Column("lab", _("Slug of the site or laboratory that read it.")),
    Column("method", _("Slug of the method.")),
    Column("family", _("lab, spectroscopy, strip or reagent. Never put two into one figure.")),
    Column("performed_on", _("Day it was read; after a year, the first day of its week.")),
    Column("outcome", _("detected, not_detected, inconclusive, invalid, consistent_with, not_consistent")),
    Column("in_control", _("yes, or no where its strip lot or quality control speaks against it")),
)
_OF_FINDING = (
    Column("finding", _("Slug of a substance or class; empty where the result names none.")),
    Column("detected", _("yes, or no: it was looked for and not found, down to the limit")),
    Column("identity", _("exact, class_only, isomer_not_determined or tentative")),
    Column("counts", _("yes where this result puts the sample into the denominator of this substance")),
    Column("amount_kind", _("relative, percent_ftir, percent_w_w, mg_per_unit, ug_per_unit, mg_per_g")),
    Column("rank", _("primary, major, minor or trace")),
    Column("value", _("In the unit of its kind.")),
    Column("low", _("Lower end of the amount, as the lab said it.")),
    Column("high", _("Upper end of the amount, as the lab said it.")),
    Column("basis", _("base, or which salt the amount is of")),
    Column("limit", _("Down to how much it was looked for.")),
    Column("limit_unit", _("Unit of that limit.")),
)
_OF_WHOLE = (
    Column("methods", _("Slugs of the methods it was read by.")),
    Column("found", _("Slugs of what sound results found. Not named does not mean not there.")),
    Column("found_only_as_trace", _("Those of them found as a trace and no more.")),
)
COLUMNS = {FINDINGS: (*_OF_SAMPLE, *_OF_RESULT, *_OF_FINDING), SAMPLES: (*_OF_SAMPLE, *_OF_WHOLE)}


class Sheet:
    """Turns samples into the rows of one file."""

    def __init__(self, kind: str, export: str, key: bytes, scopes: Scopes, today: date) -> None:
        """`key`: 32 random bytes, made for this file and forgotten with it."""
        self.kind = kind
        self._export = export
        self._key = key
        self._scopes = scopes
        self._today = today

    def pseudonym(self, sample: SampleRead) -> str:
        return hashlib.blake2b(sample.id.encode(), key=self._key, digest_size=10).hexdigest()

    def in_order(self, samples: Iterable[SampleRead]) -> list[SampleRead]:
        """By day, and within it by their names in this file: their place in another file tells nothing."""
        return sorted(samples, key=lambda sample: (self._day(sample.collected_on), self.pseudonym(sample)))

    def rows(self, sample: SampleRead) -> Iterator[Sequence[str]]:
        first = self._of_sample(sample)
        if self.kind == SAMPLES:
            yield [*first, *_whole(sample)]
            return
        for number, result in enumerate(sample.results, 1):
            middle = [*first, *self._of_result(number, result)]
            for finding in result.findings or (None,):
                yield [*middle, *self._of_finding(result, finding)]
        if not sample.results:
            yield [*first, *[""] * (len(_OF_RESULT) + len(_OF_FINDING))]

    def _of_sample(self, sample: SampleRead) -> list[str]:
        day = sample.collected_on
        assert day is not None  # chosen by it
        return [
            self._export,
            self.pseudonym(sample),
            self._day(day),
            "day" if is_exact(day, self._today) else "week",
            sample.site,
            sample.area,
            _TOGETHER.join(subject.slug for subject in sample.expected),
            sample.form,
            sample.carrier,
            sample.material,
        ]

    def _day(self, day: date | None) -> str:
        return kept_day(day, self._today).isoformat() if day else ""

    def _of_result(self, number: int, result: ResultRead) -> list[str]:
        return [
            str(number),
            result.lab,
            result.method.slug,
            result.method.family,
            self._day(result.performed_on),
            result.outcome,
            _yes_or_no(result.is_in_control),
        ]

    def _of_finding(self, result: ResultRead, finding: FindingRead | None) -> list[str]:
        if finding is None:
            return [""] * len(_OF_FINDING)
        amount = finding.amount
        return [
            finding.subject.slug,
            _yes_or_no(finding.is_detected),
            finding.identity,
            _yes_or_no(tells(result, finding.subject, self._scopes)),
            *(
                ["", "", "", "", "", ""]
                if amount is None
                else [amount.kind, amount.rank, *map(_number, (amount.value, amount.low, amount.high)), amount.basis]
            ),
            _number(finding.limit_value),
            finding.limit_unit,
        ]


def _whole(sample: SampleRead) -> list[str]:
    amounts: dict[str, list[bool]] = {}
    for result in sample.results:
        for finding in result.detected if is_sound(result) else ():
            if names(finding, finding.subject):
                is_trace = finding.amount is not None and finding.amount.is_trace
                amounts.setdefault(finding.subject.slug, []).append(is_trace)
    return [
        _TOGETHER.join(sorted({result.method.slug for result in sample.results})),
        _TOGETHER.join(sorted(amounts)),
        _TOGETHER.join(sorted(slug for slug, traces in amounts.items() if all(traces))),
    ]


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _number(value: object) -> str:
    return "" if value is None else f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
