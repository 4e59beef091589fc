"""The worklist of a site: samples to check again, newest first. Asked of the rows each time, never stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from .follow_up import LOT, QUALITY, Waiting, waiting
from .models import KitLot, Result, Sample, Site, User, WorklistDismissal
from .quality_rows import possibly_outside
from .reading_rows import read_samples
from .readings import SampleRead

A_PAGE = 30  # samples shown at once
_AT_ONCE = 100  # samples read at a time
MOST_READ = 1000  # samples looked at for one page


Place = tuple[datetime, UUID]  # of a sample in the list: when it was recorded, and its id


@dataclass(frozen=True)
class Item:
    """One sample with what waits to be checked again."""

    sample: SampleRead
    recorded_at: datetime
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True)
class Page:
    items: list[Item]
    older: Place | None  # where the next page begins; None: this was all


def page_of(sites: Sequence[Site], *, after: Place | None = None) -> Page:
    """The newest samples of these sites, or read in them, that have something to check again."""
    samples = _candidates(sites)
    items: list[Item] = []
    last: Place | None = None
    for item, place in _looked_at(_beyond(samples, after), frozenset(site.slug for site in sites)):
        last = place
        if item is not None:
            items.append(item)
        if len(items) == A_PAGE:
            break
    has_more = last is not None and _beyond(samples, last).exists()
    return Page(items, last if has_more else None)


def _beyond(samples: "QuerySet[Sample]", place: Place | None) -> "QuerySet[Sample]":
    if place is None:
        return samples
    recorded_at, pk = place
    return samples.filter(Q(recorded_at__lt=recorded_at) | Q(recorded_at=recorded_at, pk__gt=pk))


def _looked_at(samples: "QuerySet[Sample]", sites: frozenset[str]) -> Iterator[tuple[Item | None, Place]]:
    rows = list(samples.values_list("pk", "recorded_at", "entry")[:MOST_READ])
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        ids = [pk for pk, _, _ in some]
        dismissed = set(WorklistDismissal.objects.filter(sample__in=ids).values_list("sample_id", "item"))
        for (pk, recorded_at, entry), read in zip(some, read_samples(ids), strict=True):
            open_ones = tuple(
                each
                for each in waiting(read)
                if _is_theirs(read, each, sites)
                # Of imported history nothing is left to test; what is in doubt there is still said.
                and (pk, each.key) not in dismissed
                and (entry != "import" or each.why in {LOT, QUALITY})
            )
            yield (Item(read, recorded_at, open_ones) if open_ones else None), (recorded_at, pk)


def _is_theirs(sample: SampleRead, item: Waiting, sites: frozenset[str]) -> bool:
    """All of one's own samples; of others' samples what one's own lab read."""
    return sample.site in sites or any(each.lab in sites for each in sample.results if each.id in item.results)


def _candidates(sites: Sequence[Site]) -> "QuerySet[Sample]":
    """Samples that may have something: a few of all, so that only these are read closely."""
    current = Result.objects.current().filter(sample=OuterRef("pk"))
    past_its_date = Q(lot__expires_on__lt=F("performed_on")) | Q(
        performed_on__isnull=True, lot__expires_on__isnull=False
    )
    found: QuerySet[Sample] = Sample.objects.filter(
        Exists(current.filter(outcome="detected", method__family="strip"))
        | (Exists(current.filter(outcome="detected")) & Exists(current.filter(outcome="not_detected")))
        | Exists(current.filter(Q(lot__state=KitLot.State.SUSPECT) | past_its_date))
        | Exists(possibly_outside(current)),
        Q(site__in=sites) | Exists(current.filter(lab__in=sites)),
    )
    return found.order_by("-recorded_at", "pk")


@transaction.atomic
def set_aside(sample: Sample, item: str, *, by: User, because: str) -> bool:
    """Set one item aside with a reason. False where it no longer waits."""
    [read] = read_samples([sample.pk])
    if item not in {each.key for each in waiting(read)}:
        return False
    WorklistDismissal.objects.get_or_create(
        sample=sample, item=item, defaults={"because": because[:300], "recorded_at": timezone.now(), "by": by}
    )
    return True
