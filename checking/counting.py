"""Exact counts of one site's own samples, for its staff. Never shown to the public.

A sample counts once, whatever the number of its rows; later parts of a split sample are the same sample.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .denominators import Scopes, is_sound, looking, names
from .models import Sample, Site, Substance
from .reading_rows import read_samples
from .readings import SampleRead, Subject
from .scope_rows import load_scopes

READ_AT_ONCE = 500  # samples, so that memory stays flat
INTERVALS = ("quarter", "month", "year")


def period(day: date | None, by: str) -> str | None:
    """`2023Q2`, `2023-05` or `2023`; None where the day of collection is not known."""
    if day is None:
        return None
    if by == "year":
        return f"{day.year}"
    return f"{day.year}-{day.month:02}" if by == "month" else f"{day.year}Q{(day.month + 2) // 3}"


@dataclass
class PeriodCount:
    """Samples collected in one period. Without a substance the last three are None."""

    period: str | None
    samples: int = 0
    tested: int | None = None
    detected: int | None = None
    primary: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "period": self.period,
            "samples": self.samples,
            "tested": self.tested,
            "detected": self.detected,
            "primary": self.primary,
        }


def count_periods(site: Site, by: str, subject: Subject | None = None) -> list[PeriodCount]:
    """Per period of collection, ascending, samples without a day last."""
    counts: dict[str | None, PeriodCount] = {}
    if subject is None:
        for day in _samples(site).values_list("collected_on", flat=True).iterator():
            key = period(day, by)
            counts.setdefault(key, PeriodCount(key)).samples += 1
    else:
        scopes = load_scopes()
        for sample in _read(site):
            key = period(sample.collected_on, by)
            _add(counts.setdefault(key, PeriodCount(key, 0, 0, 0, 0)), sample, subject, scopes)
    return sorted(counts.values(), key=lambda count: (count.period is None, count.period or ""))


def _add(count: PeriodCount, sample: SampleRead, subject: Subject, scopes: Scopes) -> None:
    """Count one sample.

    Unlike a public figure this leaves nobody out: a sample linked to an overdose, or not to be
    shared, was tested all the same, and its own site may know.
    """
    assert count.tested is not None
    assert count.detected is not None
    assert count.primary is not None
    found = _findings(sample)
    count.samples += 1
    count.tested += next(looking(sample, subject, None, scopes), None) is not None
    count.detected += any(each.is_within(subject) for each, _ in found)
    count.primary += any(each.is_within(subject) and not is_trace for each, is_trace in found)


def _findings(sample: SampleRead) -> list[tuple[Subject, bool]]:
    """What sound results found, and whether as a trace; tentative findings are none."""
    return [
        (finding.subject, finding.amount is not None and finding.amount.is_trace)
        for result in sample.results
        if is_sound(result)
        for finding in result.detected
        if names(finding, finding.subject)
    ]


def _samples(site: Site) -> Any:
    return Sample.objects.filter(site=site, split_of__isnull=True)


def _read(site: Site) -> Iterator[SampleRead]:
    keys = _samples(site).order_by("collected_on", "pk").values_list("pk", flat=True).iterator()
    for some in _in_parts(keys):
        yield from read_samples(some)


def _in_parts(keys: Iterable[Any]) -> Iterator[list[Any]]:
    part: list[Any] = []
    for key in keys:
        part.append(key)
        if len(part) == READ_AT_ONCE:
            yield part
            part = []
    if part:
        yield part


@dataclass
class Summary:
    """All samples of one site at a glance."""

    samples: int = 0
    lab_rows: int = 0
    null_results: int = 0
    days: set[date] = field(default_factory=set)
    expected: Counter[str] = field(default_factory=Counter)
    expected_found: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    primary: Counter[str] = field(default_factory=Counter)
    first_collected: dict[str, date] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "samples": self.samples,
            "lab_rows": self.lab_rows,
            "first_collected": _iso(min(self.days, default=None)),
            "last_collected": _iso(max(self.days, default=None)),
            "null_results": self.null_results,
            "expected_found": [
                {"substance": slug, "samples": samples, "found": self.expected_found[slug]}
                for slug, samples in _most_first(self.expected)
            ],
            "substances": [
                {
                    "substance": slug,
                    "samples": samples,
                    "primary": self.primary[slug],
                    "first_collected": _iso(self.first_collected.get(slug)),
                }
                for slug, samples in _most_first(self.found)
            ],
        }


def summarise(site: Site) -> Summary:
    summary = Summary()
    same = _same_compounds()
    for sample in _read(site):
        _add_to_summary(summary, sample, same)
    return summary


def _add_to_summary(summary: Summary, sample: SampleRead, same: dict[str, frozenset[str]]) -> None:
    found = _findings(sample)
    slugs = {subject.slug for subject, _ in found}
    summary.samples += 1
    summary.found.update(slugs)
    summary.primary.update({subject.slug for subject, is_trace in found if not is_trace})
    _count_lab_rows(summary, sample)
    if sample.collected_on:
        summary.days.add(sample.collected_on)
        for slug in slugs:
            summary.first_collected.setdefault(slug, sample.collected_on)  # samples come by day
    for expected in set(sample.expected):
        summary.expected[expected.slug] += 1
        wanted = same.get(expected.slug, frozenset())
        summary.expected_found[expected.slug] += any(
            subject.is_within(expected) or subject.slug in wanted for subject, _ in found
        )


def _count_lab_rows(summary: Summary, sample: SampleRead) -> None:
    """As a lab writes its list: a row for each finding, and one where there was nothing to find."""
    lab = [result for result in sample.results if result.method.family == "lab"]
    rows = sum(len(result.detected) for result in lab)
    nothing = sum(result.outcome == "not_detected" and not result.detected for result in lab)
    summary.lab_rows += rows + nothing
    summary.null_results += bool(nothing and not rows)


def _same_compounds() -> dict[str, frozenset[str]]:
    """Slugs that share one compound: GC-MS cannot tell cocaine base from its salt, so both are "found"."""
    slugs: dict[str, set[str]] = {}
    for cid, slug in Substance.objects.exclude(pubchem_cid="").values_list("pubchem_cid", "slug"):
        slugs.setdefault(cid, set()).add(slug)
    return {slug: frozenset(many) for many in slugs.values() if len(many) > 1 for slug in many}


def _most_first(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
