"""What is told of a quarter of release weeks once it is over: what was expected, what came together, and how much.

All three hold the samples of the weekly releases again. A class of expectation, and the samples of the table of
pairs, are parted from the others only where no difference to the sums that are out already would be about fewer
than five samples, or about one site's (`disclosure`). Each sample is told of once.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Container, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from uuid import UUID

from . import catalogue
from .batches import may_stand
from .disclosure import NOWHERE, Whose, hides_sites
from .floors import FEWEST, TOGETHER
from .guidance_rows import current_guidance
from .ledger import Book, Entry, by_sample, expected_classes, recent_releases
from .measured_amounts import measured_in
from .models import ReleasedSample, Sample
from .periods import Interval, belongs_to, monday
from .published_sums import PublishedSums, Sum, node
from .released_rows import AmountCell, ExpectedCell, PairCell, ShareCell
from .settled import SETTLES_WITHIN, final_sum, once_per_coverage
from .spreads import spreads_of
from .tallies import Tally, count
from .together import pairs_of

Part = tuple[str, ...]


@dataclass
class Quarters:
    """The cells of all quarters that a release tells."""

    expected: list[ExpectedCell] = field(default_factory=list)
    pairs: list[PairCell] = field(default_factory=list)
    amounts: list[AmountCell] = field(default_factory=list)


@dataclass(frozen=True)
class _Quarter:
    """The samples of one area and family that a quarter is told of."""

    area: str
    family: str
    start: date
    members: list[Entry]
    tallies: Mapping[UUID, Tally]
    published: PublishedSums
    classes: Mapping[UUID, frozenset[str]]  # of what each sample was taken for

    @cached_property
    def classes_told(self) -> Callable[[str], tuple[str, ...]]:
        """The classes of expectation that a subject is told of by."""
        coverages = {entry.tally.tested for entry in self.members}
        return once_per_coverage(coverages, lambda subject: _classes_told(subject, self), self.published)


def settle_quarters(
    book: Book, today: date, kept: Collection[str], shares: Collection[ShareCell], areas: Container[str]
) -> Quarters:
    """The cells of every quarter of release weeks that is over. Marks in the book whose samples went in.

    `shares`: the cells of the same release, by week and by month. `areas`: those that may be published today.
    """
    told = Quarters()
    for (area, family, start), members in sorted(_untold(book, today).items(), key=lambda item: item[0]):
        if area not in areas or not may_stand(list({entry.sample: entry.site for entry in members}.values())):
            continue
        published = PublishedSums(area, family, Sample.Material.PRODUCT, book.number, shares)
        classes = expected_classes({entry.sample for entry in members})
        quarter = _Quarter(area, family, start, members, by_sample(members), published, classes)
        told.expected += _expected(quarter, kept)
        told.pairs += _pairs(quarter, book)
        told.amounts += _amounts(quarter, book)
        book.told |= {entry.id for entry in members}
    return told


def _untold(book: Book, today: date) -> Mapping[tuple[str, str, date], list[Entry]]:
    this_quarter = belongs_to(monday(today), Interval.QUARTER)
    product = Sample.Material.PRODUCT
    waiting = ReleasedSample.objects.filter(
        expected_release__isnull=True,
        material=product,
        period_start__lt=this_quarter,
        release__in=recent_releases(today - SETTLES_WITHIN),
    )
    groups: dict[tuple[str, str, date], list[Entry]] = defaultdict(list)
    for entry in book.read(waiting, lambda new: new.material == product and new.week < this_quarter):
        quarter = belongs_to(entry.week, Interval.QUARTER)
        if quarter < this_quarter:
            groups[entry.area, entry.family, quarter].append(entry)
    return groups


# What was expected


def _expected(quarter: _Quarter, kept: Collection[str]) -> list[ExpectedCell]:
    known = catalogue.current()
    found = {slug for tally in quarter.tallies.values() for slug in tally.found}
    # Hundreds of substances times dozens of classes: nothing is gained by "0 of n" for all of them.
    told_of = {slug for slug in kept if slug in found or known.is_watch_listed(known.subject(slug))}
    of_class: dict[str, dict[str, tuple[int, int]]] = {}
    cells = []
    for subject in sorted({slug for tally in quarter.tallies.values() for slug in tally.tested} & told_of):
        for expected in quarter.classes_told(subject):
            if expected not in of_class:
                of_class[expected] = count(
                    tally for sample, tally in quarter.tallies.items() if expected in quarter.classes.get(sample, ())
                )
            tested, detected = of_class[expected][subject]
            cells.append(ExpectedCell(quarter.area, expected, subject, quarter.family, quarter.start, tested, detected))
    return cells


def _classes_told(subject: str, quarter: _Quarter) -> tuple[str, ...]:
    """Classes of expectation that can be told apart for this subject, largest first.

    Each new class parts the samples further. It is taken only where every part holds five, hides
    its sites, and cannot be cut off by way of the weekly or monthly sums.
    """
    tested = _tested_for(subject, quarter)
    stand, classes = quarter.published.of(subject), quarter.classes
    sizes: dict[str, int] = defaultdict(int)
    for sample in tested:
        for slug in classes.get(sample, ()):
            sizes[slug] += 1
    parts: dict[UUID, Part] = dict.fromkeys(tested, ())
    taken: list[str] = []
    for slug in sorted(sizes, key=lambda slug: (-sizes[slug], slug)):
        finer = {sample: (*part, slug) if slug in classes.get(sample, ()) else part for sample, part in parts.items()}
        if sizes[slug] >= FEWEST and _parts_hide(finer, set(parts.values()), slug, tested, stand):
            parts = finer
            taken.append(slug)
    return tuple(taken)


def _tested_for(subject: str, quarter: _Quarter) -> dict[UUID, Entry]:
    return {entry.sample: entry for entry in quarter.members if subject in entry.tally.tested}


def _parts_hide(
    finer: Mapping[UUID, Part],
    coarser: Iterable[Part],
    slug: str,
    tested: Mapping[UUID, Entry],
    published: frozenset[Sum] | None,
) -> bool:
    members: dict[Part, list[Entry]] = defaultdict(list)
    for sample, part in finer.items():
        members[part].append(tested[sample])
    by_week: Counter[Whose] = Counter()
    by_month: Counter[Whose] = Counter()
    for part, entries in members.items():
        for entry in entries:
            by_week[node("latest", entry.batch, published), part or NOWHERE, entry.site] += 1
            by_month[node("final", final_sum(entry), published), part or NOWHERE, entry.site] += 1
    for without in coarser:
        within = (*without, slug)
        if within not in members:
            continue
        if not may_stand([entry.site for entry in members[within]]):
            return False
        if 0 < len(members.get(without, ())) < FEWEST:
            return False
        apart: set[Hashable] = {NOWHERE, without or NOWHERE} if without in members else {NOWHERE}
        if not all(hides_sites(shared, within, other) for shared in (by_week, by_month) for other in apart):
            return False
    return True


# What came together


def _pairs(quarter: _Quarter, book: Book) -> list[PairCell]:
    """Pairs among the samples that were tested for the same things: one set of samples, so that no two pairs differ."""
    samples, often = _widest(quarter)
    if not samples:
        return []
    subjects = {slug for slug in often if _may_be_paired(slug, samples, quarter)}
    told = pairs_of([quarter.tallies[sample] for sample in sorted(samples)], subjects)
    if told:
        book.paired |= {entry.id for entry in quarter.members if entry.sample in samples}
    return [PairCell(quarter.area, quarter.family, quarter.start, *pair) for pair in told]


def _widest(quarter: _Quarter) -> tuple[frozenset[UUID], frozenset[str]]:
    """The samples tested for all of one set of subjects that tell most, and those of the subjects found often."""
    site_of = {entry.sample: entry.site for entry in quarter.members}
    best: tuple[int, frozenset[UUID], frozenset[str]] = (0, frozenset(), frozenset())
    for coverage in sorted({tally.tested for tally in quarter.tallies.values()}, key=sorted):
        samples = frozenset(sample for sample, tally in quarter.tallies.items() if coverage <= tally.tested)
        if len(samples) < TOGETHER or not may_stand([site_of[sample] for sample in samples]):
            continue
        found = Counter(slug for sample in samples for slug in quarter.tallies[sample].found & coverage)
        often = _alike({slug for slug, number in found.items() if number >= FEWEST}, quarter.family)
        best = max(best, (len(samples) * len(often), samples, often), key=lambda each: each[0])
    return best[1:]


def _alike(slugs: Collection[str], family: str) -> frozenset[str]:
    """Substances; of strips the narrowest classes too. A class beside its members would tell of what is left of it."""
    subjects = [catalogue.current().subject(slug) for slug in slugs]
    if family != "strip":
        return frozenset(subject.slug for subject in subjects if not subject.is_class)
    above = {slug for subject in subjects for slug in subject.classes if slug != subject.slug}
    return frozenset(subject.slug for subject in subjects if subject.slug not in above)


def _may_be_paired(subject: str, samples: Collection[UUID], quarter: _Quarter) -> bool:
    """True where how often it was found in these samples does not, with what is out already, tell of a few others."""
    tested = _tested_for(subject, quarter)
    parts: dict[UUID, Part] = {sample: ("paired",) if sample in samples else () for sample in tested}
    if not _parts_hide(parts, {()}, "paired", tested, quarter.published.of(subject)):
        return False
    told = frozenset(quarter.classes_told(subject))
    by_class: Counter[Whose] = Counter()
    for sample, part in parts.items():
        of = quarter.classes.get(sample, frozenset()) & told
        by_class[of or NOWHERE, part or NOWHERE, tested[sample].site] += 1
    return () not in parts.values() or hides_sites(by_class, ("paired",), NOWHERE)


# How much


def _amounts(quarter: _Quarter, book: Book) -> list[AmountCell]:
    if len(quarter.tallies) < TOGETHER:
        return []
    told = spreads_of(measured_in(quarter.members, book), current_guidance().limits)
    return [AmountCell(quarter.area, quarter.family, quarter.start, *spread) for spread in told]
