"""The ledger of releases: which sample stands in which cell, and with what."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from . import catalogue
from .batches import Collector
from .models import Coverage, Expected, Release, ReleasedSample, Site
from .tallies import Tally

_AT_ONCE = 5000  # keys in one question: databases bound them


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger, as counting needs it."""

    id: int  # below zero: not written yet
    sample: UUID
    area: str
    family: str
    material: str
    release: int
    week: date
    collected_on: date | None
    site: Collector
    tally: Tally
    final_release: int | None
    expected_release: int | None
    paired_release: int | None = None

    @property
    def batch(self) -> tuple[int, date]:
        """What it was published in, within its area, family and material."""
        return self.release, self.week


def entries(stored: "QuerySet[ReleasedSample]") -> list[Entry]:
    """Rows of the ledger, oldest first. Asked for once: whose coverages they are is known by then."""
    founds: dict[tuple[str, ...], frozenset[str]] = {}
    read = []
    # Plain tuples, and one set for all that are equal: history can be tens of thousands of rows.
    for *before, slugs, final, expected, paired in stored.order_by("pk").values_list(*_COLUMNS).iterator(2000):
        key = tuple(slugs)
        read.append((before, founds.setdefault(key, frozenset(key)), (final, expected, paired)))
    coverages = stored_coverages(coverage for (*_, coverage), _, _ in read)
    sites = collectors() if read else {}
    return [
        Entry(*before, sites[site], Tally(coverages[coverage], found), *told)  # type: ignore[call-arg]  # unpacked
        for (*before, site, coverage), found, told in read
    ]


def recent_releases(since: date) -> list[int]:
    """Numbers of the releases made after this day. As numbers: joined, the ledger is gone through for each of them."""
    return list(Release.objects.filter(made_on__gt=since).values_list("number", flat=True))


def stored_coverages(wanted: Iterable[int]) -> dict[int, frozenset[str]]:
    if not (keys := set(wanted)):
        return {}
    rows = Coverage.objects.filter(pk__in=keys).values_list("pk", "subjects")
    return {pk: frozenset(subjects) for pk, subjects in rows}


def collectors() -> dict[int, Collector]:
    """Every site by its key."""
    rows = Site.objects.values_list("pk", "slug", "is_listed", "publishes_alone")
    return {pk: Collector(slug, is_listed, alone) for pk, slug, is_listed, alone in rows}


class Book:
    """The ledger as it will be once a release is written: what is stored, what changes of it, what is new."""

    def __init__(
        self,
        number: int,
        *,
        new: Iterable[Entry] = (),
        changed: Mapping[int, Tally] | None = None,
        final_before: Collection[tuple[UUID, str]] = (),
        results: Mapping[int, Collection[UUID]] | None = None,
    ) -> None:
        """`changed`: tallies of stored entries. `final_before`: samples, by family, that the final series has.

        `results`: of new entries.
        """
        self.number = number
        self.new = {entry.id: entry for entry in new}
        self.final: set[int] = set()  # entries that go into the final series with this release
        self.told: set[int] = set()  # entries whose quarter is told with it
        self.paired: set[int] = set()  # those of them that go into the table of pairs
        self.results = results or {}
        self.final_before = frozenset(final_before)
        self.changed = changed or {}

    def read(self, stored: "QuerySet[ReleasedSample]", is_meant: Callable[[Entry], bool]) -> list[Entry]:
        """Entries asked for twice, once for those that are stored and once for the new ones; oldest first."""
        read = [self.as_it_will_be(entry) for entry in entries(stored)]
        return read + [self.as_it_will_be(entry) for entry in self.new.values() if is_meant(entry)]

    def with_results(self, results: Mapping[int, Collection[UUID]]) -> "Book":
        """The same, where these entries have these results and no others."""
        other = copy(self)
        other.results = {**self.results, **results}
        return other

    def as_it_will_be(self, entry: Entry) -> Entry:
        if entry.id in self.changed:
            entry = replace(entry, tally=self.changed[entry.id])
        return replace(entry, final_release=self.number) if entry.id in self.final else entry


_COLUMNS = (
    "pk",
    "sample_id",
    "area",
    "family",
    "material",
    "release_id",
    "period_start",
    "sample__collected_on",
    "site_id",
    "coverage_id",
    "found",
    "final_release_id",
    "expected_release_id",
    "paired_release_id",
)


def by_sample(members: Iterable[Entry]) -> dict[UUID, Tally]:
    """Each sample once, with all that was counted of it."""
    found: dict[UUID, Tally] = {}
    for entry in members:
        earlier = found.get(entry.sample)
        found[entry.sample] = entry.tally if earlier is None else earlier.joined(entry.tally)
    return found


def coverages_of(sets: Iterable[frozenset[str]]) -> dict[frozenset[str], Coverage]:
    """The row of each set of subjects, made where it is new."""
    digests = {subjects: digest_of(subjects) for subjects in set(sets)}
    Coverage.objects.bulk_create(
        [Coverage(digest=digest, subjects=sorted(subjects)) for subjects, digest in digests.items()],
        ignore_conflicts=True,
    )
    rows = {row.digest: row for row in Coverage.objects.filter(digest__in=digests.values())}
    return {subjects: rows[digest] for subjects, digest in digests.items()}


def digest_of(subjects: Iterable[str]) -> str:
    return hashlib.sha256(json.dumps(sorted(subjects)).encode()).hexdigest()


def expected_classes(samples: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """Of each sample the classes of what it was taken for. Nothing for what nobody knew."""
    known = catalogue.current()
    found: dict[UUID, set[str]] = defaultdict(set)
    wanted = list(samples)
    for start in range(0, len(wanted), _AT_ONCE):
        rows = Expected.objects.filter(sample_id__in=wanted[start : start + _AT_ONCE])
        for sample, substance, class_ in rows.values_list("sample_id", "substance__slug", "substance_class__slug"):
            if substance or class_:
                found[sample].update(known.subject(substance or class_).classes)
    return {sample: frozenset(classes) for sample, classes in found.items()}
