"""One step of publication: what may be published is counted, numbered and never changed again.

Public pages read nothing else. A release adds to an area either nothing or at least five samples;
what was found of a watched substance is in it however small its number.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction

from . import catalogue
from .alone import alone
from .batches import Batch, plan
from .circumstances import write_circumstances
from .ledger import Book, Entry, coverages_of, expected_classes
from .models import (
    Network,
    Release,
    ReleasedAmount,
    ReleasedExpected,
    ReleasedPair,
    ReleasedSample,
    ReleasedShare,
)
from .newer_cells import Newer, newer_cells, write_newer
from .published_sums import ever_found
from .release_corrections import Change, Later, changes, found_later, is_taken_back, write_changes
from .released_rows import AmountCell, ExpectedCell, PairCell, Rows, ShareCell, listed_rows, rows_of
from .retelling import told_now
from .scope_rows import load_scopes
from .settled import settle_months, stands_for
from .settled_quarters import settle_quarters
from .tallies import Tallier, count
from .waiting import Places, Waiting, waiting

logger = logging.getLogger(__name__)

_AT_ONCE = 5000  # keys in one question: databases bound them

Units = Mapping[tuple[UUID, str], Waiting]  # by sample and family


@dataclass(frozen=True)
class Prepared:
    """All that a release holds, ready to be written: whoever submits waits while it is."""

    number: int
    changes: tuple[Change, ...]
    newer: tuple[Newer, ...]
    book: Book
    rows: tuple[Rows, ...]
    parts: frozenset[UUID]  # samples of it that were split off others

    @property
    def holds_nothing(self) -> bool:
        return not (self.book.new or self.newer or self.book.final or self.book.told)


class Overtaken(Exception):
    """Something changed between reading and writing."""


def make_release(today: date) -> Release | None:
    """Publish what may be published today. None where there is nothing to publish.

    Safe to run again at any time: what stands in a release is in the ledger and is not taken again.
    Reading and counting go first and lock nothing; writing is one short transaction, which gives up
    and lets it all be read again where another release or a withdrawal came in between.
    """
    for last in (False, False, True):
        prepared = _prepare(today)
        try:
            return _publish(prepared, today)
        except (Overtaken, IntegrityError) as error:  # the latter: a row that was read is gone
            if last:
                raise
            logger.info("what a release holds changed while it was read, so it is read again: %s", error)
    raise AssertionError("unreachable")


def _publish(prepared: Prepared, today: date) -> Release | None:
    with transaction.atomic():
        Network.current()  # the row must be there to be locked
        Network.objects.select_for_update().get(pk=Network.ROW)
        if _last_number() != prepared.number - 1:
            raise Overtaken("another release came first")
        write_changes(prepared.changes)
        if prepared.holds_nothing:
            return None
        release = Release.objects.create(number=prepared.number, made_on=today)
        write_newer(prepared.newer, release)
        _mark(prepared.book, release)
        for rows in prepared.rows:
            rows.write()
        write_circumstances(release)
        if is_taken_back(release.number, prepared.parts):
            raise Overtaken("a result was taken back")
    return release


def kept_subjects(units: Iterable[Waiting]) -> frozenset[str]:
    """Subjects that get cells: classes, what is watched, and whatever was ever found.

    Tables of hundreds of substances nobody ever found would tell nothing. `units` are those this
    release holds: what waits may not show, not even as "0 of 6" elsewhere (docs/rules.md D2).
    """
    known = catalogue.current()
    standing = {slug for slug, subject in known.subjects.items() if subject.is_class or known.is_watch_listed(subject)}
    now = {slug for each in units for slug in each.tally.found}
    return frozenset(standing | ever_found() | now)


def _prepare(today: date) -> Prepared:
    number = _last_number() + 1
    tallier = Tallier(catalogue.current().subjects, load_scopes())
    changed = changes(tallier, today)
    places = Places()
    units, later = _read_waiting(today, tallier, places, changed)
    changed += found_later(later, {change.entry.id for change in changed})
    classes = expected_classes({change.entry.sample for change in changed})
    told = tuple(told_now(changed, classes, catalogue.current()))
    batches = plan((each.unit for each in units.values()), places.by_slug, today)
    new = tuple(_entries(batches, units, number))
    kept = kept_subjects(member for _, member in new)
    book = Book(
        number,
        new=(entry for entry, _ in new),
        changed={change.entry.id: change.tally for change in told},
        final_before={key for key, each in units.items() if each.is_in_final},
        results={entry.id: member.results for entry, member in new},
    )
    newer = tuple(newer_cells(told, book))
    latest = [cell for batch in batches for cell in _cells(batch, units, kept)]
    final = settle_months(book, today, kept, latest, places.by_slug)
    quarters = settle_quarters(book, today, kept, [*latest, *final], places.by_slug)
    rows = (
        *_ledger_rows(new, book),
        _cell_rows(ReleasedShare, number, ShareCell._fields, [*latest, *final]),
        _cell_rows(ReleasedExpected, number, ExpectedCell._fields, quarters.expected),
        _cell_rows(ReleasedPair, number, PairCell._fields, quarters.pairs),
        _cell_rows(ReleasedAmount, number, AmountCell._fields, quarters.amounts),
    )
    parts = frozenset(part for _, member in new for part in member.parts)
    return Prepared(number, told, newer, book, rows, parts)


def _read_waiting(
    today: date, tallier: Tallier, places: Places, changed: Sequence[Change]
) -> tuple[Units, Sequence[Later]]:
    successors = {result for change in changed for result in change.results}
    units: dict[tuple[UUID, str], Waiting] = {}
    later = []
    for each in waiting(today, tallier, places, besides=successors):
        if isinstance(each, Later):
            later.append(each)
        else:
            units[each.unit.sample, each.unit.family] = each
    return units, later


def _last_number() -> int:
    return Release.objects.order_by("-number").values_list("number", flat=True).first() or 0


def _entries(batches: Sequence[Batch], units: Units, number: int) -> Iterable[tuple[Entry, Waiting]]:
    """The new rows of the ledger, numbered below zero until they are written."""
    members = ((batch, units[unit.sample, unit.family]) for batch in batches for unit in batch.units)
    for place, (batch, member) in enumerate(members, 1):
        entry = Entry(
            id=-place,
            sample=member.unit.sample,
            area=batch.area,
            family=batch.family,
            material=batch.material,
            release=number,
            week=batch.week,
            collected_on=member.collected_on,
            site=member.unit.site,
            tally=member.tally,
            final_release=None,
            expected_release=None,
        )
        yield entry, member


def _cells(batch: Batch, units: Units, kept: frozenset[str]) -> Iterable[ShareCell]:
    """What a batch says of each subject: at least five samples that hide each other; of a watched substance
    that it was found, however few were tested for it (`alone`).
    """
    members = [(units[unit.sample, unit.family].tally, unit.site) for unit in batch.units]
    stands = stands_for((tally.tested, site) for tally, site in members)
    counts = {subject: counted for subject, counted in count(tally for tally, _ in members).items() if subject in kept}
    few = [subject for subject in counts if not stands(subject)]
    told_alone = alone(few, [tally for tally, _ in members], catalogue.current())
    for subject, (tested, detected) in counts.items():
        if stands(subject) or subject in told_alone:
            yield ShareCell(
                ReleasedShare.Series.LATEST.value,
                batch.area, subject, batch.family, batch.material, batch.week, tested, detected,
            )  # fmt: skip


# Writing


def _cell_rows(model: type[models.Model], number: int, fields: Sequence[str], cells: Sequence[tuple[Any, ...]]) -> Rows:
    """First versions of cells, in the order of the index that keeps each once: it is written faster so."""
    first = (number, number, 1, None)
    rows = ((*cell, *first) for cell in sorted(cells))
    return rows_of(model, (*fields, "release", "batch", "version", "superseded_in"), rows)


def _ledger_rows(new: Sequence[tuple[Entry, Waiting]], book: Book) -> tuple[Rows, Rows]:
    """The ledger of what is new, and the results in it. What their samples were tested for is written at once."""
    number = book.number
    coverages = coverages_of(entry.tally.tested for entry, _ in new)
    fields = (
        "sample", "family", "material", "site", "release", "area", "period_start", "coverage", "found",
        "final_release", "expected_release", "paired_release",
    )  # fmt: skip
    samples = (
        (
            entry.sample, entry.family, entry.material, member.site_id, number, entry.area, entry.week,
            coverages[entry.tally.tested].pk, sorted(entry.tally.found),
            number if entry.id in book.final else None, number if entry.id in book.told else None,
            number if entry.id in book.paired else None,
        )
        for entry, member in sorted(new, key=lambda pair: pair[0].sample.hex)
    )  # fmt: skip
    results = (
        (result, entry.sample, entry.family, number)
        for entry, member in sorted(new, key=lambda pair: pair[1].results[0].hex)
        for result in member.results
    )
    return rows_of(ReleasedSample, fields, samples), listed_rows(results)


def _mark(book: Book, release: Release) -> None:
    """Say of entries of earlier releases in which release they became final, or were told by what was expected."""
    told = {"final_release": book.final, "expected_release": book.told, "paired_release": book.paired}
    for field, marked in told.items():
        stored = sorted(pk for pk in marked if pk > 0)
        for start in range(0, len(stored), _AT_ONCE):
            ReleasedSample.objects.filter(pk__in=stored[start : start + _AT_ONCE]).update(**{field: release})
