"""When a result that was published is corrected or withdrawn: its cells get a newer version.

Truth goes first, so a correction does not wait for five others. It replaces cells that are there,
never adds one, and says why by a code; words could point at a person (docs/rules.md D2).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from .ledger import Entry, by_sample, coverages_of, entries, expected_classes
from .models import (
    Release,
    ReleaseCorrection,
    ReleasedExpected,
    ReleasedResult,
    ReleasedSample,
    ReleasedShare,
    Result,
)
from .models.released import Cell
from .periods import Interval, belongs_to, month_of
from .reading_rows import read_samples
from .tallies import Tallier, Tally, count

Reason = ReleaseCorrection.Reason
Counts = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Change:
    """A row of the ledger whose results are no longer what they were."""

    entry: Entry
    results: tuple[UUID, ...]  # that stand now
    tally: Tally
    reason: ReleaseCorrection.Reason


def changes(tallier: Tallier) -> Iterator[Change]:
    """Everything published that was corrected or withdrawn since."""
    stale = ReleasedResult.objects.filter(
        Q(result__withdrawal__isnull=False) | Q(result__corrected_by__isnull=False)
    ).values_list("entry_id", flat=True)
    for entry in entries(pk__in=set(stale)):
        yield _change(entry, tallier)


def _change(entry: Entry, tallier: Tallier) -> Change:
    listed = list(ReleasedResult.objects.filter(entry=entry.id).values_list("result_id", flat=True))
    standing: list[UUID] = []
    reason = Reason.CORRECTED
    for pk in listed:
        newest = _newest(pk)
        if newest is None:
            reason = Reason.WITHDRAWN
        elif newest.method.family == entry.family:
            standing.append(newest.pk)
    samples = set(Result.objects.filter(pk__in=listed).values_list("sample_id", flat=True))
    wanted = {str(pk) for pk in standing}
    tally = tallier.tally(
        result for sample in read_samples(samples) for result in sample.results if result.id in wanted
    )
    before = [each for each in entries(sample=entry.sample, family=entry.family) if each.id < entry.id]
    tally = tally.without(by_sample(before).get(entry.sample, Tally()))
    return Change(entry, tuple(standing), tally, reason)


def _newest(pk: UUID) -> Result | None:
    """What stands instead of a result: itself, the last of its corrections, or nothing once withdrawn."""
    result: Result = Result.objects.select_related("method").get(pk=pk)
    while following := Result.objects.select_related("method").filter(corrects=result).first():
        result = following
    return None if hasattr(result, "withdrawal") else result


def correct(changes: Sequence[Change], release: Release) -> int:
    """Bring the ledger up to date and write the new versions. Gives how many cells were replaced."""
    coverages = coverages_of(change.tally.tested for change in changes)
    for change in changes:
        ReleasedSample.objects.filter(pk=change.entry.id).update(
            coverage=coverages[change.tally.tested], found=sorted(change.tally.found)
        )
        ReleasedResult.objects.filter(entry=change.entry.id).delete()
        ReleasedResult.objects.bulk_create(
            ReleasedResult(result_id=result, entry_id=change.entry.id) for result in change.results
        )
    changed = [change for change in changes if change.tally != change.entry.tally]
    return _latest(changed, release) + _final(changed, release) + _expected(changed, release)


def _latest(changed: Iterable[Change], release: Release) -> int:
    groups = {(c.entry.release, c.entry.area, c.entry.week, c.entry.family, c.entry.material): c for c in changed}
    replaced = 0
    for (batch, area, week, family, material), change in groups.items():
        where = {"area": area, "period_start": week, "family": family, "material": material}
        counts = count(by_sample(entries(release=batch, **where)).values())
        rows = ReleasedShare.objects.filter(batch=batch, series=ReleasedShare.Series.LATEST, **where)
        replaced += _replace(rows, counts, release, change, "latest")
    return replaced


def _final(changed: Iterable[Change], release: Release) -> int:
    groups = {
        (e.final_release, e.area, month_of(e.collected_on), e.family, e.material): change
        for change in changed
        if (e := change.entry).final_release and e.collected_on
    }
    replaced = 0
    for (batch, area, month, family, material), change in groups.items():
        where = {"area": area, "family": family, "material": material}
        members = [
            entry
            for entry in entries(final_release=batch, **where)
            if entry.collected_on and month_of(entry.collected_on) == month
        ]
        rows = ReleasedShare.objects.filter(batch=batch, series=ReleasedShare.Series.FINAL, period_start=month, **where)
        replaced += _replace(rows, count(by_sample(members).values()), release, change, "final")
    return replaced


def _expected(changed: Iterable[Change], release: Release) -> int:
    groups = {
        (e.expected_release, e.area, belongs_to(e.week, Interval.QUARTER), e.family): change
        for change in changed
        if (e := change.entry).expected_release
    }
    replaced = 0
    for (batch, area, quarter, family), change in groups.items():
        members = [
            entry
            for entry in entries(expected_release=batch, area=area, family=family)
            if belongs_to(entry.week, Interval.QUARTER) == quarter
        ]
        classes = expected_classes({entry.sample for entry in members})
        tallies = by_sample(members)
        rows = ReleasedExpected.objects.filter(batch=batch, area=area, family=family, period_start=quarter)
        for slug in sorted(set(rows.values_list("expected", flat=True))):
            counts = count(tally for sample, tally in tallies.items() if slug in classes.get(sample, ()))
            replaced += _replace(rows.filter(expected=slug), counts, release, change, "expected")
    return replaced


def _replace(rows: QuerySet[Any], counts: Counts, release: Release, change: Change, series: str) -> int:
    """Write the next version of each cell that counts otherwise now."""
    newer = []
    for row in rows.filter(superseded_in__isnull=True):
        tested, detected = counts.get(row.subject, (0, 0))
        if (tested, detected) == (row.tested, row.detected):
            continue
        type(row).objects.filter(pk=row.pk).update(superseded_in=release)
        row.pk, row.version = None, row.version + 1
        row.release, row.tested, row.detected = release, tested, detected
        newer.append(row)
    if newer:
        rows.model.objects.bulk_create(newer)
        _say_why(newer[0], release, change, series)
    return len(newer)


def _say_why(row: Cell, release: Release, change: Change, series: str) -> None:
    ReleaseCorrection.objects.get_or_create(
        release=release,
        batch=row.batch,
        series=series,
        area=row.area,
        period_start=row.period_start,
        family=row.family,
        reason=change.reason,
    )
