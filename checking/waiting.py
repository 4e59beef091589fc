"""What waits to be published: results in no release yet, as units with what each adds."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q

from .batches import Collector, Place, Unit
from .denominators import PREVALENCE, READ, is_countable
from .floors import FEWEST_RESIDENTS, WAITS_DAYS
from .models import Area, Method, ReleasedSample, Result, Sample, Site
from .models.samples import Entry
from .periods import monday
from .reading_rows import read_samples
from .readings import SampleRead
from .release_corrections import Later, recorded_since
from .tallies import Tallier, Tally
from .tree import ancestors

_CHUNK = 500  # samples read at a time, so that history of any size fits into memory


@dataclass(frozen=True)
class Waiting:
    """A unit with what it adds and the results it adds it by."""

    unit: Unit
    tally: Tally
    site_id: int
    collected_on: date | None
    is_in_final: bool  # what was published of it before is in the final series already
    results: tuple[UUID, ...]
    parts: frozenset[UUID]  # samples split off it that some of the results are of


class Row(NamedTuple):
    """One waiting result."""

    result: UUID
    sample: UUID
    whole: UUID | None  # the sample it was split off
    family: str
    recorded_on: date
    entry: str
    day: date | None  # when it was complete


class Checker(NamedTuple):
    """A site, and for an event the path of the area it is counted under."""

    pk: int
    collector: Collector
    hosts: str


class Before(NamedTuple):
    """What was published of a sample in one family before."""

    tally: Tally
    is_in_final: bool


_NOTHING = Before(Tally(), is_in_final=False)


class Places:
    """Where samples from an area may be published."""

    def __init__(self) -> None:
        areas = Area.objects.values("slug", "path", "population", "is_release", "governed_by")
        self._areas: dict[str, Any] = {area["path"]: area for area in areas}
        self._holds_release = {
            path
            for area in self._areas.values()
            if area["is_release"]
            for path in ancestors(area["path"])
            if path != area["path"]
        }
        self.by_slug = self._places()

    def of(self, path: str) -> str | None:
        """Slug of the nearest place that may be published. None: a community's veto, or nothing large enough."""
        for step in reversed(ancestors(path)):
            area = self._areas[step]
            if area["governed_by"] and not area["is_release"]:
                return None  # a self-governing community that did not say yes (docs/rules.md D1)
            is_small = area["population"] is not None and area["population"] < FEWEST_RESIDENTS
            if (area["is_release"] or step in self._holds_release) and not is_small:
                return str(area["slug"])
        return None

    def _places(self) -> dict[str, Place]:
        sites = self._sites()
        places = {}
        for path, area in self._areas.items():
            if self.of(path) != area["slug"]:
                continue
            above = None if area["governed_by"] or len(ancestors(path)) == 1 else self.of(ancestors(path)[-2])
            places[area["slug"]] = Place(area["slug"], above, len(path), frozenset(sites[path]))
        return places

    def _sites(self) -> Mapping[str, set[str]]:
        """Slugs of the sites that collect within each area, by its path."""
        kinds = [Site.Kind.FIXED, Site.Kind.MOBILE, Site.Kind.MAIL_IN]
        found: dict[str, set[str]] = defaultdict(set)
        rows = Site.objects.filter(is_training=False, kind__in=kinds).values_list("slug", "area__path")
        for slug, path in rows:
            for step in ancestors(path):
                found[step].add(slug)
        return found


def waiting(
    today: date, tallier: Tallier, places: Places, *, besides: Collection[UUID] = ()
) -> Iterator[Waiting | Later]:
    """All units that wait, a chunk of samples in memory at a time, and what later results say of units before.

    `besides`: results that wait for nothing.
    """
    by_whole: dict[UUID, list[Row]] = defaultdict(list)
    for row in _rows(today):
        if row.result not in besides:
            by_whole[row.whole or row.sample].append(row)
    wholes = list(by_whole)
    sites = _checkers()
    for start in range(0, len(wholes), _CHUNK):
        chunk = {whole: by_whole[whole] for whole in wholes[start : start + _CHUNK]}
        yield from _units(chunk, today, tallier, places, sites)


def _rows(today: date) -> Iterable[Row]:
    """Results in no release that may enter one. The rest of the conditions are asked of the sample itself."""
    rows = (
        Result.objects.current()
        .filter(released__isnull=True, outcome__in=READ, chosen_because__in=[*PREVALENCE, "unknown"])
        .exclude(method__family=Method.Family.REAGENT)
        .filter(sample__share=True, sample__is_contaminated=False, sample__site__is_training=False)
        .filter(lab__is_training=False, recorded_at__gte=recorded_since(today))
        .exclude(sample__overdose_report__is_associated=True)
        # An event is counted afterwards; one without a last day has not ended.
        .filter(~Q(sample__site__kind=Site.Kind.EVENT) | Q(sample__site__ends_on__lt=today))
        .order_by("sample_id", "pk")
    )
    for row in rows.values_list(
        "pk",
        "sample_id",
        "sample__split_of_id",
        "method__family",
        "recorded_at",
        "entry",
        "completed_on",
        "performed_on",
        "sample__collected_on",
    ).iterator(chunk_size=2000):
        result, sample, whole, family, recorded_at, entry, *days = row
        yield Row(result, sample, whole, family, recorded_at.date(), entry, next((day for day in days if day), None))


def _units(
    chunk: Mapping[UUID, list[Row]], today: date, tallier: Tallier, places: Places, sites: Mapping[int, Checker]
) -> Iterator[Waiting | Later]:
    ids = {row.sample for rows in chunk.values() for row in rows} | set(chunk)
    reads = {UUID(read.id): read for read in read_samples(ids)}
    origins = _origins(chunk)
    earlier = _earlier(chunk)
    for whole, rows in chunk.items():
        sample = reads.get(whole)
        if sample is None or not is_countable(sample):
            continue
        site = sites[origins[whole][0]]
        area = places.of(site.hosts or origins[whole][1])
        if area is None:
            continue
        families: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if is_countable(reads[row.sample]):
                families[row.family].append(row)
        for family, of_family in families.items():
            before = earlier.get((whole, family), _NOTHING)
            everything = _tally(of_family, reads, tallier)
            tally = everything.without(before.tally)
            results = tuple(row.result for row in of_family)
            if before is not _NOTHING:
                yield Later(whole, family, everything.found, results if tally.is_empty else ())
            if tally.is_empty:
                continue
            unit = _unit(sample, family, of_family, site.collector, area, today)
            parts = frozenset(row.sample for row in of_family if row.sample != whole)
            yield Waiting(unit, tally, site.pk, sample.collected_on, before.is_in_final, results, parts)


def _tally(rows: Iterable[Row], reads: Mapping[UUID, SampleRead], tallier: Tallier) -> Tally:
    wanted = {str(row.result) for row in rows}
    samples = {row.sample for row in rows}
    return tallier.tally(result for sample in samples for result in reads[sample].results if result.id in wanted)


def _unit(sample: SampleRead, family: str, rows: list[Row], site: Collector, area: str, today: date) -> Unit:
    since = min(row.recorded_on for row in rows)
    unit = Unit(UUID(sample.id), family, sample.material, site, area, since, monday(today))
    days = [_completed_long_ago(row, today) for row in rows]
    past = [day for day in days if day is not None]
    if len(past) < len(days) or monday(max(past)) >= unit.week:
        return unit
    return replace(unit, week=monday(max(past)), is_history=True)


def _completed_long_ago(row: Row, today: date) -> date | None:
    """The day a result of history was complete. None for what belongs to the week it is released in."""
    is_old = row.day is not None and row.day < today - timedelta(days=WAITS_DAYS)
    if row.entry == Entry.IMPORT or (row.entry == Entry.BULK and is_old):
        return row.day
    return None


def _checkers() -> dict[int, Checker]:
    rows = Site.objects.values_list("pk", "slug", "is_listed", "publishes_alone", "kind", "area__path")
    return {
        pk: Checker(pk, Collector(slug, is_listed, alone), path if kind == Site.Kind.EVENT else "")
        for pk, slug, is_listed, alone, kind, path in rows
    }


def _origins(wholes: Iterable[UUID]) -> dict[UUID, tuple[int, str]]:
    """Of each sample the key of its site and the path of its area."""
    rows = Sample.objects.filter(pk__in=list(wholes)).values_list("pk", "site_id", "area__path")
    return {pk: (site, path) for pk, site, path in rows}


def _earlier(wholes: Iterable[UUID]) -> dict[tuple[UUID, str], Before]:
    found: dict[tuple[UUID, str], Before] = {}
    rows = ReleasedSample.objects.filter(sample_id__in=list(wholes)).select_related("coverage")
    for row in rows:
        key = (row.sample_id, row.family)
        tally = Tally(frozenset(row.coverage.subjects), frozenset(row.found))
        before = found.get(key, _NOTHING)
        found[key] = Before(before.tally.joined(tally), before.is_in_final or row.final_release_id is not None)
    return found
