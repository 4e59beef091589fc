"""The ledger of releases: which sample stands in which cell, and with what."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from . import catalogue
from .batches import Collector
from .models import Coverage, Expected, ReleasedSample, Site
from .tallies import Tally


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger, as counting needs it."""

    id: int
    sample: UUID
    area: str
    family: str
    material: str
    release: int
    week: date
    collected_on: date | None
    site: Collector
    coverage: int
    tally: Tally
    final_release: int | None
    expected_release: int | None

    @property
    def batch(self) -> tuple[int, date]:
        """What it was published in, within its area, family and material."""
        return self.release, self.week


def entries(**where: object) -> list[Entry]:
    """Rows of the ledger, oldest first. `where`: as a queryset filters."""
    rows = ReleasedSample.objects.filter(**where).order_by("pk").values_list(*_COLUMNS)
    coverages: dict[int, frozenset[str]] = {}
    sites: dict[int, Collector] = {}
    founds: dict[tuple[str, ...], frozenset[str]] = {}
    found = []
    # Plain tuples, and one set for all that are equal: history can be tens of thousands of rows.
    for *before, site, coverage, slugs, final_release, expected_release in rows.iterator(chunk_size=2000):
        if coverage not in coverages:
            coverages[coverage] = frozenset(Coverage.objects.values_list("subjects", flat=True).get(pk=coverage))
        if site not in sites:
            row = Site.objects.get(pk=site)
            sites[site] = Collector(row.slug, row.is_listed, row.publishes_alone)
        key = tuple(slugs)
        tally = Tally(coverages[coverage], founds.setdefault(key, frozenset(key)))
        found.append(Entry(*before, sites[site], coverage, tally, final_release, expected_release))  # type: ignore[call-arg]  # unpacked
    return found


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
    digests = {subjects: hashlib.sha256(json.dumps(sorted(subjects)).encode()).hexdigest() for subjects in set(sets)}
    Coverage.objects.bulk_create(
        [Coverage(digest=digest, subjects=sorted(subjects)) for subjects, digest in digests.items()],
        ignore_conflicts=True,
    )
    rows = {row.digest: row for row in Coverage.objects.filter(digest__in=digests.values())}
    return {subjects: rows[digest] for subjects, digest in digests.items()}


def expected_classes(samples: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """Of each sample the classes of what it was taken for. Nothing for what nobody knew."""
    known = catalogue.current()
    found: dict[UUID, set[str]] = defaultdict(set)
    rows = Expected.objects.filter(sample_id__in=list(samples))
    for sample, substance, class_ in rows.values_list("sample_id", "substance__slug", "substance_class__slug"):
        if substance or class_:
            found[sample].update(known.subject(substance or class_).classes)
    return {sample: frozenset(classes) for sample, classes in found.items()}
