"""One step of publication: what may be published is counted, numbered and never changed again.

Public pages read nothing else. A release adds to an area either nothing or at least five samples;
what was found of a watched substance is in it however small its number.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from . import catalogue
from .batches import FEWEST, Batch, plan
from .ledger import coverages_of
from .models import Network, Release, ReleasedResult, ReleasedSample, ReleasedShare
from .release_corrections import Change, changes, correct
from .scope_rows import load_scopes
from .settled import publish_expected, publish_final
from .tallies import Tallier, count
from .waiting import Places, Waiting, waiting

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prepared:
    """What a release would hold, read before anything is locked."""

    after: int  # number of the last release when this was read
    changes: tuple[Change, ...]
    batches: tuple[Batch, ...]
    waiting: Mapping[tuple[UUID, str], Waiting]  # by sample and family


def make_release(today: date) -> Release | None:
    """Publish what may be published today. None where there is nothing, or another release came first.

    Safe to run again at any time: what stands in a release is in the ledger and is not taken again.
    Reading goes first and locks nothing; writing is one transaction.
    """
    prepared = _prepare(today)
    with transaction.atomic():
        Network.current()  # the row must be there to be locked
        Network.objects.select_for_update().get(pk=Network.ROW)
        if _last_number() != prepared.after:
            logger.info("another release came first; what waits goes into the next")
            return None
        release = Release.objects.create(number=prepared.after + 1, made_on=today)
        kept = kept_subjects(prepared)
        written = sum(_write(batch, prepared, release, kept) for batch in prepared.batches)
        written += correct(prepared.changes, release)
        written += publish_final(release, today, kept)
        written += publish_expected(release, today, kept)
        if not written:
            release.delete()
            return None
    return release


def kept_subjects(prepared: Prepared) -> frozenset[str]:
    """Subjects that get cells: classes, what is watched, and whatever was ever found.

    Tables of hundreds of substances nobody ever found would tell nothing. A cell of a substance
    not watched needs five tested; a watched one is shown from the first (docs/rules.md D2).
    """
    known = catalogue.current()
    standing = {slug for slug, subject in known.subjects.items() if subject.is_class or known.is_watch_listed(subject)}
    before = set(ReleasedShare.objects.filter(detected__gt=0).values_list("subject", flat=True).distinct())
    now = {slug for each in prepared.waiting.values() for slug in each.tally.found}
    return frozenset(standing | before | now)


def _prepare(today: date) -> Prepared:
    after = _last_number()
    tallier = Tallier(catalogue.current().subjects, load_scopes())
    found = tuple(changes(tallier))
    successors = {result for change in found for result in change.results}
    places = Places()
    units = {(each.unit.sample, each.unit.family): each for each in waiting(today, tallier, places, besides=successors)}
    batches = plan((each.unit for each in units.values()), places.by_slug, today)
    return Prepared(after, found, tuple(batches), units)


def _last_number() -> int:
    return Release.objects.order_by("-number").values_list("number", flat=True).first() or 0


def _write(batch: Batch, prepared: Prepared, release: Release, kept: frozenset[str]) -> int:
    """Write one batch: the ledger, then its cells. Gives how many samples went in."""
    known = catalogue.current()
    members = [prepared.waiting[unit.sample, unit.family] for unit in batch.units]
    coverages = coverages_of(member.tally.tested for member in members)
    entries = ReleasedSample.objects.bulk_create(
        [
            ReleasedSample(
                sample_id=member.unit.sample,
                family=batch.family,
                material=batch.material,
                site_id=member.site_id,
                release=release,
                area=batch.area,
                period_start=batch.week,
                coverage=coverages[member.tally.tested],
                found=sorted(member.tally.found),
            )
            for member in members
        ]
    )
    ReleasedResult.objects.bulk_create(
        ReleasedResult(result_id=result, entry=entry)
        for entry, member in zip(entries, members, strict=True)
        for result in member.results
    )
    ReleasedShare.objects.bulk_create(
        ReleasedShare(
            release=release,
            batch=release.number,
            series=ReleasedShare.Series.LATEST,
            area=batch.area,
            period_start=batch.week,
            subject=subject,
            family=batch.family,
            material=batch.material,
            tested=tested,
            detected=detected,
        )
        for subject, (tested, detected) in count(member.tally for member in members).items()
        if subject in kept and (tested >= FEWEST or known.is_watch_listed(known.subject(subject)))
    )
    return len(members)
