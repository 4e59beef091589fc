"""What was published and is no longer so.

A result was corrected or withdrawn, a later one found what it had missed, its lot is suspect by now, or
its sample is not to be counted any more (or again). What of it may be told, and when, `retelling` says;
`newer_cells` what the cells are then.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from .denominators import is_countable
from .ledger import Entry, coverages_of, digest_of, entries
from .models import (
    KitLot,
    OverdoseReport,
    ReleaseCorrection,
    ReleasedResult,
    ReleasedSample,
    Result,
    Sample,
    Withdrawal,
)
from .reading_rows import read_samples
from .readings import SampleRead
from .tallies import Tallier, Tally

Reason = ReleaseCorrection.Reason
# The overdose flag goes after 24 months: what it kept out must not come in then. What is put right later than
# this after it was brought or said no longer changes what was published.
WAITS_AT_MOST = timedelta(days=700)
_AT_ONCE = 500  # entries read at a time
_DAY = timedelta(days=1)
_NO_TALLY = Tally()


@dataclass(frozen=True)
class Change:
    """A row of the ledger whose results are no longer what they were."""

    entry: Entry
    results: tuple[UUID, ...]  # that stand now
    tally: Tally
    reason: ReleaseCorrection.Reason
    listed: tuple[UUID, ...]  # as the ledger has them
    said: Tally  # what the results that stand say, whether or not the sample may be counted still


@dataclass(frozen=True)
class Later:
    """Results of a sample that stands in the ledger already, which were added after it did."""

    sample: UUID
    family: str
    found: frozenset[str]
    results: tuple[UUID, ...]  # that add nothing to be tested for; the others make an entry of their own


# What makes a published result one that no figure may rest on, each asked by itself: an inner join
# from the few rows there are, where all in one question would go through every result.
_KEPT_OUT = (("share", False), ("is_contaminated", True), ("overdose_report__is_associated", True))
_NOT_COUNTED = (
    *(Q(("result__sample__split_of__isnull", False), (f"result__sample__{name}", value)) for name, value in _KEPT_OUT),
    *(Q((f"entry__sample__{name}", value)) for name, value in _KEPT_OUT),
)


def recorded_since(today: date) -> datetime:
    """What was recorded then or later may still enter what is published, or change it."""
    return datetime.combine(today - WAITS_AT_MOST + _DAY, time.min, UTC)


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
    since = recorded_since(today)
    emptied = Q(entry__coverage__digest=digest_of(()))
    recent = Q(entry__sample__recorded_at__gte=since)
    is_correction = Q(result__corrected_by__corrects__isnull=False)  # of course; but so its index is gone through
    asked = [
        Q(result__withdrawal__recorded_at__gte=since),
        is_correction & Q(result__corrected_by__recorded_at__gte=since),
    ]
    asked += [each & ~emptied & recent for each in (*_NOT_COUNTED, Q(result__lot__state=KitLot.State.SUSPECT))]
    asked.append(emptied & recent)
    rows = ReleasedResult.objects.order_by()
    return {pk for each in asked for pk in rows.filter(each).values_list("entry_id", flat=True).distinct()}


def _changes(stale: Sequence[Entry], tallier: Tallier) -> Iterable[Change]:
    ledger = _Standing(stale)
    for entry in stale:
        now = [ledger.newest[result] for result in ledger.listed[entry.id]]
        results = tuple(row.pk for row in now if row is not None and row.method.family == entry.family)
        counted = ledger.tally(entry, tallier, only_counted=True)
        said = ledger.tally(entry, tallier, only_counted=False)
        listed = tuple(ledger.listed[entry.id])
        if counted != entry.tally or set(results) != set(listed):
            reason = Reason.WITHDRAWN if None in now or counted != said else Reason.CORRECTED
            yield Change(entry, results, counted, reason, listed, said)


class _Standing:
    """What stands now of samples in the ledger, whichever of their entries it came with."""

    def __init__(self, some: Sequence[Entry]) -> None:
        self._entries: dict[tuple[UUID, str], list[Entry]] = defaultdict(list)
        for entry in entries(ReleasedSample.objects.filter(sample__in={entry.sample for entry in some})):
            self._entries[entry.sample, entry.family].append(entry)
        self.listed = _listed(entry.id for many in self._entries.values() for entry in many)
        self.newest = _newest({result for results in self.listed.values() for result in results})
        samples = {entry.sample for entry in some} | {row.sample_id for row in self.newest.values() if row is not None}
        self._reads = {UUID(read.id): read for read in read_samples(samples)}

    def tally(self, entry: Entry, tallier: Tallier, *, only_counted: bool) -> Tally:
        """What this entry counts: tested for by its own results, and found in that by any of the sample and family."""
        family = self._entries[entry.sample, entry.family]
        own = self._tally([entry], tallier, only_counted=only_counted)
        everything = self._tally(family, tallier, only_counted=only_counted)
        others = {slug for each in family if each.id != entry.id for slug in each.tally.tested}
        tested = own.tested - others
        return Tally(tested, everything.found & tested)

    def _tally(self, many: Iterable[Entry], tallier: Tallier, *, only_counted: bool) -> Tally:
        rows = [
            row
            for entry in many
            for result in self.listed[entry.id]
            if (row := self.newest[result]) is not None and row.method.family == entry.family
            if not only_counted or self._is_counted(entry.sample, row.sample_id)
        ]
        wanted = {str(row.pk) for row in rows}
        reads: list[SampleRead] = [self._reads[sample] for sample in {row.sample_id for row in rows}]
        return tallier.tally(result for read in reads for result in read.results if result.id in wanted)

    def _is_counted(self, whole: UUID, sample: UUID) -> bool:
        return is_countable(self._reads[whole]) and is_countable(self._reads[sample])


def found_later(later: Iterable[Later], besides: Collection[int]) -> Iterable[Change]:
    """Entries whose sample was found to hold what an earlier result had missed, or that a result is to be listed with.

    `besides`: entries that change anyway; these wait until the next release.
    """
    many = {(each.sample, each.family): each for each in later}
    samples = [sample for sample, _ in many]
    for start in range(0, len(samples), _AT_ONCE):
        some = entries(ReleasedSample.objects.filter(sample__in=samples[start : start + _AT_ONCE]))
        stored = [entry for entry in some if (entry.sample, entry.family) in many]
        listed = _listed(entry.id for entry in stored)
        last = {(entry.sample, entry.family): entry.id for entry in stored}  # oldest first
        for entry in stored:
            later_one = many[entry.sample, entry.family]
            tally = Tally(entry.tally.tested, entry.tally.found | (later_one.found & entry.tally.tested))
            # Results are listed with the last entry, once they change nothing that waits to be told.
            added = later_one.results if entry.id == last[entry.sample, entry.family] else ()
            if entry.id not in besides and (tally != entry.tally or added):
                now = (*listed[entry.id], *added)
                yield Change(entry, now, tally, Reason.CORRECTED, tuple(listed[entry.id]), tally)


def _listed(ids: Iterable[int]) -> dict[int, list[UUID]]:
    """Results by the entry they stand in."""
    found: dict[int, list[UUID]] = defaultdict(list)
    rows = ReleasedResult.objects.filter(entry__in=list(ids)).order_by("pk")
    for result, entry_id in rows.values_list("result_id", "entry_id"):
        found[entry_id].append(result)
    return found


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


# Writing


def write_changes(changes: Sequence[Change]) -> None:
    """Bring the ledger up to date with what is told now."""
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
