"""What is published once it no longer grows: the *final* series and the *expected* table.

Both hold the samples of the weekly releases again, put together otherwise. A sum goes out only
where no difference between it and the sums that are out already would be about fewer than five
samples, or about one site's (`disclosure`); else the month waits, and a class stays out.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, OuterRef

from . import catalogue
from .batches import FEWEST, Collector, may_stand
from .disclosure import Whose, hides_sites
from .ledger import Book, Entry, by_sample, expected_classes
from .models import ReleasedSample, ReleasedShare, Sample
from .periods import Interval, belongs_to, monday, month_of
from .released_rows import ExpectedCell, ShareCell
from .tallies import count

SETTLES = timedelta(weeks=6)  # after a month's end (docs/rules.md E2)
_NEW, _REST = "new", "rest"

T = TypeVar("T")
Cell = tuple[str, str, str]  # area, family, material
# What was tested for, the week, the month (or none yet), whose: how many samples.
_Sums = Counter[tuple[frozenset[str], tuple[int, date], Hashable, Collector]]


def settle_months(book: Book, today: date, kept: Collection[str]) -> list[ShareCell]:
    """The cells of every month of collection that has settled. Marks in the book whose samples went in."""
    groups: dict[tuple[str, str, str, date], list[Entry]] = defaultdict(list)
    for entry in _not_final(book, today):
        if entry.collected_on:
            groups[entry.area, entry.family, entry.material, month_of(entry.collected_on)].append(entry)
    of_cell: dict[Cell, _Sums] = {}  # read once, however many months of history are due
    cells: list[ShareCell] = []
    for (*cell, month), members in sorted(groups.items(), key=lambda item: item[0]):
        if not may_stand(list({entry.sample: entry.site for entry in members}.values())):
            continue
        area, family, material = cell
        if (area, family, material) not in of_cell:
            of_cell[area, family, material] = _sums(book, area, family, material)
        if (found := _month(month, members, of_cell[area, family, material], kept)) is not None:
            cells += found
            book.final |= {entry.id for entry in members}
            of_cell[area, family, material] = _apart(members, of_cell[area, family, material], (book.number, month))
    return cells


def _not_final(book: Book, today: date) -> list[Entry]:
    """Entries of months that ended six weeks ago or more and are in no final month."""
    settled = month_of(today - SETTLES + timedelta(days=1))
    in_final = ReleasedSample.objects.filter(
        sample=OuterRef("sample"), family=OuterRef("family"), final_release__isnull=False
    )
    waiting = ReleasedSample.objects.filter(final_release__isnull=True, sample__collected_on__lt=settled)
    return book.read(
        waiting.filter(~Exists(in_final)),
        lambda new: (
            new.collected_on is not None
            and new.collected_on < settled
            and (new.sample, new.family) not in book.final_before
        ),
    )


def _sums(book: Book, area: str, family: str, material: str) -> _Sums:
    """How many samples stand in which published sums, of all that was ever published in one cell.

    All of it: a chain of weeks and months can be of any length, and left out links would make sums
    seem to share nothing that share a few.
    """
    everything = book.read(
        ReleasedSample.objects.filter(area=area, family=family, material=material),
        lambda new: (new.area, new.family, new.material) == (area, family, material),
    )
    return Counter((entry.tally.tested, entry.batch, _final_sum(entry), entry.site) for entry in everything)


def _apart(members: Iterable[Entry], sums: _Sums, name: Hashable) -> _Sums:
    """The same, with the samples of a month taken out of what is in no month yet."""
    parted = sums.copy()
    for entry in members:
        parted[entry.tally.tested, entry.batch, _REST, entry.site] -= 1
        parted[entry.tally.tested, entry.batch, name, entry.site] += 1
    return +parted


def _month(month: date, members: list[Entry], sums: _Sums, kept: Collection[str]) -> list[ShareCell] | None:
    """The cells of one month. None where it has to wait."""
    parted = _apart(members, sums, _NEW)

    def may_be_told(subject: str | None) -> bool:
        shared: Counter[Whose] = Counter()
        for (tested, batch, final, site), samples in parted.items():
            if subject is None or subject in tested:
                shared[batch, final, site] += samples
        return hides_sites(shared, _NEW, _REST)

    if not may_be_told(None):
        return None
    asked = once_per_coverage({tested for tested, *_ in parted}, may_be_told)
    brought = {entry.sample: (entry.tally.tested, entry.site) for entry in members}
    stands = stands_for(brought.values())
    first = members[0]
    return [
        ShareCell(
            ReleasedShare.Series.FINAL.value,
            first.area,
            subject,
            first.family,
            first.material,
            month,
            tested,
            detected,
        )
        for subject, (tested, detected) in count(by_sample(members).values()).items()
        if subject in kept and stands(subject) and asked(subject)
    ]


def stands_for(brought: Iterable[tuple[frozenset[str], Collector]]) -> Callable[[str], bool]:
    """Whether those of the samples that were tested for a subject hide every site and sample by themselves.

    Five samples of two sites do not, where only those of one were tested for it.
    """
    samples = list(brought)
    return once_per_coverage(
        {tested for tested, _ in samples},
        lambda subject: may_stand([site for tested, site in samples if subject in tested]),
    )


def settle_quarters(book: Book, today: date, kept: Collection[str]) -> list[ExpectedCell]:
    """The cells of every quarter of release weeks that is over. Marks in the book whose samples went in."""
    this_quarter = belongs_to(monday(today), Interval.QUARTER)
    product = Sample.Material.PRODUCT
    waiting = ReleasedSample.objects.filter(
        expected_release__isnull=True, material=product, period_start__lt=this_quarter
    )
    groups: dict[tuple[str, str, date], list[Entry]] = defaultdict(list)
    for entry in book.read(waiting, lambda new: new.material == product and new.week < this_quarter):
        quarter = belongs_to(entry.week, Interval.QUARTER)
        if quarter < this_quarter:
            groups[entry.area, entry.family, quarter].append(entry)
    cells: list[ExpectedCell] = []
    for (_, _, quarter), members in sorted(groups.items(), key=lambda item: item[0]):
        if may_stand(list({entry.sample: entry.site for entry in members}.values())):
            cells += _quarter(quarter, members, kept)
            book.told |= {entry.id for entry in members}
    return cells


def _quarter(quarter: date, members: list[Entry], kept: Collection[str]) -> list[ExpectedCell]:
    classes = expected_classes({entry.sample for entry in members})
    tallies = by_sample(members)
    first = members[0]
    known = catalogue.current()
    found = {slug for tally in tallies.values() for slug in tally.found}
    # Hundreds of substances times dozens of classes: nothing is gained by "0 of n" for all of them.
    told_of = {slug for slug in kept if slug in found or known.is_watch_listed(known.subject(slug))}
    told = once_per_coverage(
        {entry.tally.tested for entry in members}, lambda subject: _classes_told(subject, members, classes)
    )
    of_class: dict[str, dict[str, tuple[int, int]]] = {}
    cells = []
    for subject in sorted({slug for tally in tallies.values() for slug in tally.tested} & told_of):
        for expected in told(subject):
            if expected not in of_class:
                of_class[expected] = count(
                    tally for sample, tally in tallies.items() if expected in classes.get(sample, ())
                )
            tested, detected = of_class[expected][subject]
            cells.append(ExpectedCell(first.area, expected, subject, first.family, quarter, tested, detected))
    return cells


def _classes_told(subject: str | None, members: list[Entry], classes: dict[UUID, frozenset[str]]) -> tuple[str, ...]:
    """Classes of expectation that can be told apart for this subject, largest first.

    Each new class parts the samples further. It is taken only where every part holds five, hides
    its sites, and cannot be cut off by way of the weekly or monthly sums.
    """
    tested = {entry.sample: entry for entry in members if subject is None or subject in entry.tally.tested}
    sizes: dict[str, int] = defaultdict(int)
    for sample in tested:
        for slug in classes.get(sample, ()):
            sizes[slug] += 1
    parts: dict[UUID, tuple[str, ...]] = dict.fromkeys(tested, ())
    taken: list[str] = []
    for slug in sorted(sizes, key=lambda slug: (-sizes[slug], slug)):
        finer = {sample: (*part, slug) if slug in classes.get(sample, ()) else part for sample, part in parts.items()}
        if sizes[slug] >= FEWEST and _parts_hide(finer, set(parts.values()), slug, tested):
            parts = finer
            taken.append(slug)
    return tuple(taken)


def _parts_hide(
    finer: dict[UUID, tuple[str, ...]], coarser: Iterable[tuple[str, ...]], slug: str, tested: dict[UUID, Entry]
) -> bool:
    members: dict[tuple[str, ...], list[Entry]] = defaultdict(list)
    for sample, part in finer.items():
        members[part].append(tested[sample])
    for without in coarser:
        within = (*without, slug)
        if within not in members:
            continue
        if not may_stand([entry.site for entry in members[within]]):
            return False
        if without not in members:
            continue  # the class holds all of them: nothing is parted
        if len(members[without]) < FEWEST:
            return False
        by_week: Counter[Whose] = Counter((tested[each].batch, part, tested[each].site) for each, part in finer.items())
        by_month: Counter[Whose] = Counter(
            (_final_sum(tested[each]), part, tested[each].site) for each, part in finer.items()
        )
        if not (hides_sites(by_week, within, without) and hides_sites(by_month, within, without)):
            return False
    return True


def _final_sum(entry: Entry) -> Hashable:
    if entry.final_release is None or entry.collected_on is None:
        return _REST
    return entry.final_release, month_of(entry.collected_on)


def once_per_coverage(sets: Iterable[frozenset[str]], ask: Callable[[str], T]) -> Callable[[str], T]:
    """The same question, asked once for all subjects that the same samples were tested for."""
    coverages = list(sets)
    answers: dict[tuple[int, ...], T] = {}

    def answer(subject: str) -> T:
        tested = tuple(place for place, subjects in enumerate(coverages) if subject in subjects)
        if tested not in answers:
            answers[tested] = ask(subject)
        return answers[tested]

    return answer
