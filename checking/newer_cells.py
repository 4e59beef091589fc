"""What the cells of earlier releases are once what is behind them has changed: their next version.

A version replaces cells that are there and never adds one, and says why by a code; words could point at
a person (docs/rules.md D2).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from .guidance_rows import current_guidance
from .ledger import Book, Entry, by_sample, expected_classes
from .measured_amounts import measured_in
from .models import (
    Release,
    ReleaseCorrection,
    ReleasedAmount,
    ReleasedExpected,
    ReleasedPair,
    ReleasedSample,
    ReleasedShare,
)
from .models.released import Versioned
from .periods import Interval, belongs_to, month_of
from .release_corrections import Change, Reason
from .retelling import is_of_few
from .spreads import spreads_of
from .tallies import count

Counts = Mapping[str, tuple[int, int]]
_Quarter = tuple[int, str, str, date]  # the release that told of it, area, family, first day
_SAYS = ("measured", "lower", "median", "upper", "over")
_AT_ONCE = 500


@dataclass(frozen=True)
class Newer:
    """The next version of a cell."""

    cell: Versioned  # the version that held until now
    values: Mapping[str, Any] | None  # None: it holds no longer, and nothing takes its place
    series: str
    reason: ReleaseCorrection.Reason


def newer_cells(changes: Sequence[Change], book: Book) -> list[Newer]:
    """The cells that count otherwise now. Reads only."""
    changed = [change for change in changes if change.tally != change.entry.tally]
    # Of several reasons for one group of cells the last is told, whatever order they were read in.
    changed.sort(key=lambda change: change.reason == Reason.WITHDRAWN)
    return [
        *_latest(changed, book),
        *_final(changed, book),
        *_expected(changed, book),
        *_pairs(changed),
        *_amounts(changes, book),
    ]


def _latest(changed: Iterable[Change], book: Book) -> Iterable[Newer]:
    groups = {(c.entry.release, c.entry.area, c.entry.week, c.entry.family, c.entry.material): c for c in changed}
    for (batch, area, week, family, material), change in groups.items():
        where = {"area": area, "period_start": week, "family": family, "material": material}
        members = _members(book, release=batch, **where)
        rows = ReleasedShare.objects.filter(batch=batch, series=ReleasedShare.Series.LATEST, **where)
        yield from _newer(rows, count(by_sample(members).values()), change, "latest")


def _final(changed: Iterable[Change], book: Book) -> Iterable[Newer]:
    groups = {
        (e.final_release, e.area, month_of(e.collected_on), e.family, e.material): change
        for change in changed
        if (e := change.entry).final_release and e.collected_on
    }
    for (batch, area, month, family, material), change in groups.items():
        where = {"area": area, "family": family, "material": material}
        members = [
            entry
            for entry in _members(book, final_release=batch, **where)
            if entry.collected_on and month_of(entry.collected_on) == month
        ]
        rows = ReleasedShare.objects.filter(batch=batch, series=ReleasedShare.Series.FINAL, period_start=month, **where)
        yield from _newer(rows, count(by_sample(members).values()), change, "final")


def _expected(changed: Iterable[Change], book: Book) -> Iterable[Newer]:
    groups = {
        (e.expected_release, e.area, belongs_to(e.week, Interval.QUARTER), e.family): change
        for change in changed
        if (e := change.entry).expected_release
    }
    for (batch, area, quarter, family), change in groups.items():
        members = [
            entry
            for entry in _members(book, expected_release=batch, area=area, family=family)
            if belongs_to(entry.week, Interval.QUARTER) == quarter
        ]
        classes = expected_classes({entry.sample for entry in members})
        tallies = by_sample(members)
        rows = ReleasedExpected.objects.filter(batch=batch, area=area, family=family, period_start=quarter)
        for slug in sorted(set(rows.values_list("expected", flat=True))):
            counts = count(tally for sample, tally in tallies.items() if slug in classes.get(sample, ()))
            yield from _newer(rows.filter(expected=slug), counts, change, "expected")


def _pairs(changed: Iterable[Change]) -> Iterable[Newer]:
    """Pairs that rest on samples which changed, five or more of them, are taken back and not told anew.

    What two versions of them differed by would be how the few samples between were put together.
    """
    groups: dict[_Quarter, list[Change]] = defaultdict(list)
    for change in changed:
        if change.entry.paired_release:
            groups[_quarter_of(change.entry, change.entry.paired_release)].append(change)
    for (batch, area, family, quarter), some in groups.items():
        if not is_of_few(some):
            rows = ReleasedPair.objects.filter(batch=batch, area=area, family=family, period_start=quarter)
            yield from (Newer(row, None, "pairs", some[-1].reason) for row in rows.filter(superseded_in__isnull=True))


def _amounts(changes: Iterable[Change], book: Book) -> Iterable[Newer]:
    """Amounts are told anew where five samples changed or more, in what was found or in how much of it."""
    groups: dict[_Quarter, list[Change]] = defaultdict(list)
    for change in changes:
        if change.entry.expected_release and set(change.results) != set(change.listed):
            groups[_quarter_of(change.entry, change.entry.expected_release)].append(change)
    for (batch, area, family, quarter), some in groups.items():
        rows = ReleasedAmount.objects.filter(batch=batch, area=area, family=family, period_start=quarter)
        if is_of_few(some) or not rows.exists():
            continue
        members = [
            entry
            for entry in _members(book, expected_release=batch, area=area, family=family)
            if belongs_to(entry.week, Interval.QUARTER) == quarter
        ]
        results = book.with_results({change.entry.id: change.results for change in some})
        told = {each[:4]: each for each in spreads_of(measured_in(members, results), current_guidance().limits)}
        for row in rows.filter(superseded_in__isnull=True):
            now = told.get((row.subject, row.kind, row.basis, row.portion))
            values = None if now is None else {name: getattr(now, name) for name in _SAYS}
            if values != {name: getattr(row, name) for name in _SAYS}:
                yield Newer(row, values, "amounts", some[-1].reason)


def _quarter_of(entry: Entry, batch: int) -> _Quarter:
    return batch, entry.area, entry.family, belongs_to(entry.week, Interval.QUARTER)


def _members(book: Book, **where: object) -> list[Entry]:
    return book.read(ReleasedSample.objects.filter(**where), lambda new: False)  # what is new stands in no older sum


def _newer(rows: "QuerySet[Any]", counts: Counts, change: Change, series: str) -> Iterable[Newer]:
    for row in rows.filter(superseded_in__isnull=True):
        tested, detected = counts.get(row.subject, (0, 0))
        if (tested, detected) != (row.tested, row.detected):
            yield Newer(row, {"tested": tested, "detected": detected}, series, change.reason)


def write_newer(cells: Sequence[Newer], release: Release) -> None:
    """Write the new versions beside the old, which stay, and why."""
    for model in (ReleasedShare, ReleasedExpected, ReleasedPair, ReleasedAmount):
        rows = [newer for newer in cells if isinstance(newer.cell, model)]
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            model.objects.filter(pk__in=[newer.cell.pk for newer in some]).update(superseded_in=release)
            model.objects.bulk_create(
                [_next_version(newer.cell, newer.values, release) for newer in some if newer.values]
            )
    reasons = dict.fromkeys(
        (n.cell.batch, n.series, n.cell.area, n.cell.period_start, n.cell.family, n.reason) for n in cells
    )
    ReleaseCorrection.objects.bulk_create(
        ReleaseCorrection(
            release=release, batch=batch, series=series, area=area, period_start=start, family=family, reason=reason
        )
        for batch, series, area, start, family, reason in reasons
    )


def _next_version(cell: Versioned, values: Mapping[str, Any], release: Release) -> Any:
    row = copy(cell)
    row.pk, row.version, row.release = None, row.version + 1, release
    for name, value in values.items():
        setattr(row, name, value)
    return row
