"""History released in one go: what `checking.release` would make of it, area by area.

The real code plans, counts and settles here too (`plan`, `_entries`, `_cells`, `settle_months`,
`settle_quarters`). What is left out is reading ten million samples one by one: equal results are tallied once,
and the made-up columns say the rest. A test shows that it comes to the same rows.

Nor is it asked at full size what the differences of sums would tell (`disclosure`): that is a maximum flow for
every month of every area, and only ever keeps figures back. So there are at least as many as there would be.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID

import numpy as np

from checking import catalogue, ledger, settled, settled_quarters
from checking.batches import Collector, plan
from checking.ledger import Book, coverages_of
from checking.models import Network, Release, Site, Substance
from checking.periods import monday
from checking.reading_rows import read_samples
from checking.release import _cells, _entries, kept_subjects
from checking.released_rows import AmountCell, ExpectedCell, PairCell, ShareCell
from checking.scope_rows import load_scopes
from checking.tallies import Tallier, Tally
from checking.waiting import Places, Waiting

from .network import Made, first_day
from .rows import FAMILIES, Chunk, write

LEDGER, LISTED = "checking_releasedsample", "checking_releasedresult"


@dataclass
class Kept:
    """Of every chunk what a release needs to know."""

    chunks: list[Chunk] = field(default_factory=list)

    def add(self, chunk: Chunk) -> None:
        chunk.tables = {}  # written by now; they are most of its size
        self.chunks.append(chunk)


class Tallies:
    """What each kind of result adds, asked of the real code once for each."""

    def __init__(self, kept: Kept) -> None:
        tallier = Tallier(catalogue.current().subjects, load_scopes())
        examples: dict[tuple[int, int], tuple[UUID, str]] = {}  # by method and composition: a sample and its result
        for chunk in kept.chunks:
            kinds = chunk.method * 1000 + chunk.composition
            for kind, place in zip(*np.unique(kinds, return_index=True), strict=True):
                sample = UUID(bytes=chunk.samples[chunk.of_sample[place]].tobytes())
                result = UUID(bytes=chunk.results[place].tobytes())
                examples.setdefault(divmod(int(kind), 1000), (sample, str(result)))
        results = {
            result.id: result
            for sample in read_samples({sample for sample, _ in examples.values()})
            for result in sample.results
        }
        self.by_kind = {kind: tallier.tally([results[result]]) for kind, (_, result) in examples.items()}

    @property
    def found(self) -> frozenset[str]:
        return frozenset().union(*(tally.found for tally in self.by_kind.values()))


def release_history(
    made: Made, kept: Kept, on: date, *, asks_differences: bool, say: Callable[[str], None] = lambda text: None
) -> Release:
    """Release 1, with everything that may stand, settled as far as it has by then."""
    Network.current()
    release = Release.objects.create(number=1, made_on=on)
    tallies = Tallies(kept)
    # What it asks of the units is only what was found.
    subjects = kept_subjects([SimpleNamespace(tally=Tally(tallies.found, tallies.found))])  # type: ignore[list-item]
    sites = {
        row.pk: Collector(row.slug, row.is_listed, row.publishes_alone)
        for row in Site.objects.only("slug", "is_listed", "publishes_alone")
    }
    classes = {
        pk: frozenset(catalogue.current().subject(slug).classes)
        for pk, slug in Substance.objects.values_list("pk", "slug")
    }
    places, number = Places().by_slug, 1
    for place, area in enumerate(made.slugs):
        units, expected = _units(made, kept, tallies, sites, place, area, on)
        batches = plan((each.unit for each in units.values()), {area: places[area]}, on)
        new = list(_entries(batches, units, 1))
        results = {entry.id: member.results for entry, member in new}
        book = Book(1, new=(entry for entry, _ in new), results=results)
        with ExitStack() as stack:
            # The ledger holds nothing of this area yet, and what samples were taken for is at hand.
            for module in (ledger, settled):
                stack.enter_context(patch.object(module, "entries", lambda stored: []))
            of_sample = lambda samples, expected=expected: {each: classes[expected[each]] for each in samples}  # noqa: E731
            stack.enter_context(patch.object(settled_quarters, "expected_classes", of_sample))
            if not asks_differences:
                for module in (settled, settled_quarters):
                    stack.enter_context(patch.object(module, "hides_sites", lambda *asked: True))
            latest = [cell for batch in batches for cell in _cells(batch, units, subjects)]
            here = {area: places[area]}
            final = settled.settle_months(book, on, subjects, latest, here)
            quarters = settled_quarters.settle_quarters(book, on, subjects, [*latest, *final], here)
        shares = [*latest, *final]
        number = _write(release, new, book, shares, quarters, number)
        say(f"{area}: {len(new):,} of {len(units):,} samples by family, {len(shares) + len(quarters.expected):,} cells")
    return release


def _units(
    made: Made, kept: Kept, tallies: Tallies, sites: Mapping[int, Collector], place: int, area: str, on: date
) -> tuple[dict[tuple[UUID, str], Waiting], dict[UUID, int]]:
    units: dict[tuple[UUID, str], Waiting] = {}
    expected: dict[UUID, int] = {}
    days = [first_day() + timedelta(days=day) for day in range(4000)]
    weeks = [monday(day + timedelta(days=2)) for day in days]
    for chunk in kept.chunks:
        here = np.flatnonzero(chunk.area[chunk.of_sample] == place)
        of = chunk.of_sample[here]
        columns = (chunk.method[here], chunk.composition[here], chunk.site[of], chunk.day[of], chunk.residue[of],
                   chunk.expected[of])  # fmt: skip
        samples, results = _uuids(chunk.samples[of]), _uuids(chunk.results[here])
        for sample, result, method, composition, site, day, residue, taken_for in zip(
            samples, results, *(column.tolist() for column in columns), strict=True
        ):
            tally = tallies.by_kind[method, composition]
            if tally.is_empty:
                continue
            pk, family = made.sites[area][site], FAMILIES[method]
            unit = _unit(sample, family, "residue" if residue else "product", sites[pk], area, on, weeks[day])
            units[sample, family] = Waiting(unit, tally, pk, days[day], False, (result,), frozenset())
            expected[sample] = taken_for
    return units, expected


def _unit(sample: UUID, family: str, material: str, site: Collector, area: str, on: date, week: date) -> Any:
    from checking.batches import Unit

    return Unit(sample, family, material, site, area, on, week, is_history=True)


def _uuids(ids: np.ndarray) -> Iterator[UUID]:
    raw = ids.tobytes()
    return (UUID(bytes=raw[start : start + 16]) for start in range(0, len(raw), 16))


# Writing


def _write(
    release: Release, new: list[Any], book: Book, shares: Iterable[ShareCell], quarters: Any, number: int
) -> int:
    """The rows of one area, in the order of the indexes; the next number of the ledger."""
    coverages = {tested: row.pk for tested, row in coverages_of(entry.tally.tested for entry, _ in new).items()}
    founds: dict[frozenset[str], str] = {}
    new.sort(key=lambda pair: pair[0].sample.hex)
    entries = [entry for entry, _ in new]
    for found in {entry.tally.found for entry in entries}:
        founds[found] = json.dumps(sorted(found))
    if entries:
        write(LEDGER, {
            "id": list(range(number, number + len(entries))), "sample_id": [entry.sample.hex for entry in entries],
            "family": [entry.family for entry in entries], "material": [entry.material for entry in entries],
            "site_id": [member.site_id for _, member in new], "release_id": release.number,
            "area": [entry.area for entry in entries], "period_start": [entry.week for entry in entries],
            "coverage_id": [coverages[entry.tally.tested] for entry in entries],
            "found": [founds[entry.tally.found] for entry in entries],
            "final_release_id": [1 if entry.id in book.final else None for entry in entries],
            "expected_release_id": [1 if entry.id in book.told else None for entry in entries],
        })  # fmt: skip
        write(LISTED, {
            "result_id": [member.results[0].hex for _, member in new],
            "entry_id": list(range(number, number + len(entries))),
        })  # fmt: skip
    for table, cells, names in (
        ("checking_releasedshare", sorted(shares), ShareCell._fields),
        ("checking_releasedexpected", sorted(quarters.expected), ExpectedCell._fields),
        ("checking_releasedpair", sorted(quarters.pairs), PairCell._fields),
        ("checking_releasedamount", sorted(quarters.amounts), AmountCell._fields),
    ):
        if cells:
            columns = dict(zip(names, map(list, zip(*cells, strict=True)), strict=True))
            write(table, {**columns, "release_id": release.number, "batch": release.number, "version": 1})
    return number + len(entries)
