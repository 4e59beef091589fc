"""When what was published is no longer so: its cells get a newer version.

A result was corrected or withdrawn, its lot is suspect by now, or its sample is not to be counted
any more (or again). Truth goes first, so a correction does not wait for five others. It replaces
cells that are there, never adds one, and says why by a code; words could point at a person
(docs/rules.md D2).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from .denominators import is_countable
from .ledger import Book, Entry, by_sample, coverages_of, digest_of, entries, expected_classes
from .models import (
    KitLot,
    OverdoseReport,
    Release,
    ReleaseCorrection,
    ReleasedExpected,
    ReleasedResult,
    ReleasedSample,
    ReleasedShare,
    Result,
    Sample,
    Withdrawal,
)
from .models.released import Cell
from .periods import Interval, belongs_to, month_of
from .reading_rows import read_samples
from .tallies import Tallier, Tally, count

Reason = ReleaseCorrection.Reason
Counts = Mapping[str, tuple[int, int]]
# The overdose flag goes after 24 months: what it kept out must not come in then.
WAITS_AT_MOST = timedelta(days=700)
_AT_ONCE = 500  # entries read at a time


@dataclass(frozen=True)
class Change:
    """A row of the ledger whose results are no longer what they were."""

    entry: Entry
    results: tuple[UUID, ...]  # that stand now
    tally: Tally
    reason: ReleaseCorrection.Reason


@dataclass(frozen=True)
class Newer:
    """The next version of a cell."""

    cell: Cell  # the version that held until now
    tested: int
    detected: int
    series: str
    reason: ReleaseCorrection.Reason


# What makes a published result one that no figure may rest on, each asked by itself: an inner join
# from the few rows there are, where all in one question would go through every result.
_TAKEN_BACK = (("result__withdrawal__isnull", False), ("result__corrected_by__isnull", False))
_NOT_COUNTED = tuple(
    (f"{sample}__{name}", value)
    for sample in ("result__sample", "entry__sample")  # a part of a sample, and the whole
    for name, value in (("share", False), ("is_contaminated", True), ("overdose_report__is_associated", True))
)


def is_taken_back(number: int, parts: Collection[UUID]) -> bool:
    """True when something of this release was taken back since it was read. Asked while others wait to submit.

    `parts`: those of its samples that were split off others.
    """
    kept_out = Q(share=False) | Q(is_contaminated=True) | Q(overdose_report__is_associated=True)
    asked: tuple[QuerySet[Any], ...] = (
        Withdrawal.objects.filter(result__released__entry__release=number),
        Result.objects.filter(corrects__released__entry__release=number),
        Sample.objects.filter(Q(share=False) | Q(is_contaminated=True), released__release=number),
        OverdoseReport.objects.filter(is_associated=True, sample__released__release=number),
        Sample.objects.filter(kept_out, pk__in=parts),
    )
    return any(rows.exists() for rows in asked)


def changes(tallier: Tallier, today: date) -> list[Change]:
    """Everything published that is not what it was, or is again what it was."""
    ids = sorted(_stale(today))
    found: list[Change] = []
    for start in range(0, len(ids), _AT_ONCE):
        found += _changes(entries(ReleasedSample.objects.filter(pk__in=ids[start : start + _AT_ONCE])), tallier)
    return found


def _stale(today: date) -> set[int]:
    """Entries to look at again. One that was emptied may be filled again, once its sample may be counted."""
    emptied = Q(entry__coverage__digest=digest_of(()))
    asked = [Q(each) for each in _TAKEN_BACK]
    asked += [Q(each) & ~emptied for each in (*_NOT_COUNTED, ("result__lot__state", KitLot.State.SUSPECT))]
    asked.append(emptied & Q(entry__sample__recorded_at__date__gt=today - WAITS_AT_MOST))
    rows = ReleasedResult.objects.order_by()
    return {pk for each in asked for pk in rows.filter(each).values_list("entry_id", flat=True).distinct()}


def _changes(stale: Sequence[Entry], tallier: Tallier) -> Iterable[Change]:
    listed: dict[int, list[UUID]] = defaultdict(list)
    for result, entry_id in ReleasedResult.objects.filter(entry__in=[entry.id for entry in stale]).values_list(
        "result_id", "entry_id"
    ):
        listed[entry_id].append(result)
    newest = _newest({result for results in listed.values() for result in results})
    rows = [row for row in newest.values() if row is not None]
    wholes = {entry.sample for entry in stale}
    reads = {UUID(read.id): read for read in read_samples(wholes | {row.sample_id for row in rows})}
    for entry in stale:
        now = [newest[result] for result in listed[entry.id]]
        standing = {str(row.pk): row for row in now if row is not None and row.method.family == entry.family}
        samples = {row.sample_id for row in standing.values()}
        counted = {pk for pk in samples if is_countable(reads[entry.sample]) and is_countable(reads[pk])}
        tally = tallier.tally(
            result for sample in counted for result in reads[sample].results if result.id in standing
        ).without(_before(entry))
        results = tuple(row.pk for row in standing.values())
        if tally != entry.tally or set(results) != set(listed[entry.id]):
            reason = Reason.WITHDRAWN if None in now or counted != samples else Reason.CORRECTED
            yield Change(entry, results, tally, reason)


def _before(entry: Entry) -> Tally:
    """What was published of the same sample and family before."""
    earlier = ReleasedSample.objects.filter(sample=entry.sample, family=entry.family, pk__lt=entry.id)
    return by_sample(entries(earlier)).get(entry.sample, Tally())


def _newest(results: Collection[UUID]) -> dict[UUID, Result | None]:
    """What stands instead of each result: itself, the last of its corrections, or nothing once withdrawn."""
    newest: dict[UUID, Result] = {row.pk: row for row in Result.objects.filter(pk__in=results).select_related("method")}
    while following := {
        row.corrects_id: row
        for row in Result.objects.filter(corrects__in=[row.pk for row in newest.values()]).select_related("method")
    }:
        newest = {pk: following.get(row.pk, row) for pk, row in newest.items()}
    withdrawn = set(
        Withdrawal.objects.filter(result__in=[row.pk for row in newest.values()]).values_list("result_id", flat=True)
    )
    return {pk: None if row.pk in withdrawn else row for pk, row in newest.items()}


# What follows for the cells


def newer_cells(changes: Sequence[Change], book: Book) -> list[Newer]:
    """The cells that count otherwise now. Reads only."""
    changed = [change for change in changes if change.tally != change.entry.tally]
    # Of several reasons for one group of cells the last is told, whatever order they were read in.
    changed.sort(key=lambda change: change.reason == Reason.WITHDRAWN)
    return [*_latest(changed, book), *_final(changed, book), *_expected(changed, book)]


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


def _members(book: Book, **where: object) -> list[Entry]:
    return book.read(ReleasedSample.objects.filter(**where), lambda new: False)  # what is new stands in no older sum


def _newer(rows: "QuerySet[Any]", counts: Counts, change: Change, series: str) -> Iterable[Newer]:
    for row in rows.filter(superseded_in__isnull=True):
        tested, detected = counts.get(row.subject, (0, 0))
        if (tested, detected) != (row.tested, row.detected):
            yield Newer(row, tested, detected, series, change.reason)


# Writing


def write_changes(changes: Sequence[Change]) -> None:
    """Bring the ledger up to date."""
    coverages = coverages_of(change.tally.tested for change in changes)
    for start in range(0, len(changes), _AT_ONCE):
        some = changes[start : start + _AT_ONCE]
        ReleasedSample.objects.bulk_update(
            [
                ReleasedSample(
                    pk=change.entry.id, coverage=coverages[change.tally.tested], found=sorted(change.tally.found)
                )
                for change in some
            ],
            ["coverage", "found"],
        )
        ReleasedResult.objects.filter(entry__in=[change.entry.id for change in some]).delete()
        ReleasedResult.objects.bulk_create(
            ReleasedResult(result_id=result, entry_id=change.entry.id) for change in some for result in change.results
        )


def write_newer(cells: Sequence[Newer], release: Release) -> None:
    """Write the new versions beside the old, which stay, and why."""
    for model in (ReleasedShare, ReleasedExpected):
        rows = [newer for newer in cells if isinstance(newer.cell, model)]
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            model.objects.filter(pk__in=[newer.cell.pk for newer in some]).update(superseded_in=release)
            model.objects.bulk_create([_next_version(newer, release) for newer in some])
    reasons = dict.fromkeys(
        (n.cell.batch, n.series, n.cell.area, n.cell.period_start, n.cell.family, n.reason) for n in cells
    )
    ReleaseCorrection.objects.bulk_create(
        ReleaseCorrection(
            release=release, batch=batch, series=series, area=area, period_start=start, family=family, reason=reason
        )
        for batch, series, area, start, family, reason in reasons
    )


def _next_version(newer: Newer, release: Release) -> Any:
    row = copy(newer.cell)
    row.pk, row.version = None, row.version + 1
    row.release, row.tested, row.detected = release, newer.tested, newer.detected
    return row
