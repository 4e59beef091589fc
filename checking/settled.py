"""What is published once it no longer grows: the *final* series, by month of collection.

It holds the samples of the weekly releases again, put together otherwise. A month goes out only where
no difference between it and the sums that are out already would be about fewer than five samples, or
about one site's (`disclosure`); else it waits.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Container, Hashable, Iterable
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Count
from django.db.models.functions import TruncMonth

from .batches import Collector, may_stand
from .disclosure import NOWHERE, Whose, hides_sites
from .floors import FEWEST, SETTLES
from .ledger import Book, Entry, by_sample, collectors, entries, recent_releases, stored_coverages
from .models import ReleasedSample, ReleasedShare
from .periods import month_of
from .published_sums import PublishedSums, node
from .released_rows import ShareCell
from .tallies import count

# What was released longer ago and found no month or quarter by then stays out of it: reading it again each day
# would cost more with every year.
SETTLES_WITHIN = timedelta(days=700)
_AT_ONCE = 5000  # keys in one question: databases bound them
_NEW = (0, date.min)  # the month that is asked about

T = TypeVar("T")
Cell = tuple[str, str, str]  # area, family, material
Sum = tuple[int, date]  # the release it came with, and its period
# What was tested for, the week, the month (None: in none yet), whose: how many samples.
_Sums = Counter[tuple[frozenset[str], Sum, Sum | None, Collector]]


def settle_months(
    book: Book, today: date, kept: Collection[str], latest: Collection[ShareCell], areas: Container[str]
) -> list[ShareCell]:
    """The cells of every month of collection that has settled. Marks in the book whose samples went in.

    `latest`: the weekly cells of the same release. `areas`: those that may be published today; a community that
    said yes may say no to what comes after (docs/rules.md D1).
    """
    of_cell: dict[Cell, tuple[_Sums, PublishedSums]] = {}  # read once, however many months of history are due
    cells: list[ShareCell] = []
    for (*cell, month), members in sorted(_due(book, today, areas).items(), key=lambda item: item[0]):
        if not may_stand(list({entry.sample: entry.site for entry in members}.values())):
            continue
        area, family, material = cell
        if (area, family, material) not in of_cell:
            published = PublishedSums(area, family, material, book.number, latest)
            of_cell[area, family, material] = _sums(book, area, family, material), published
        sums, published = of_cell[area, family, material]
        if (found := _month(month, members, sums, kept, published)) is not None:
            cells += found
            published.add(found)
            book.final |= {entry.id for entry in members}
            of_cell[area, family, material] = _apart(members, sums, (book.number, month)), published
    return cells


def _due(book: Book, today: date, areas: Container[str]) -> dict[tuple[str, str, str, date], list[Entry]]:
    """By area, family, material and month: entries of months that ended six weeks ago or more and are in no final
    month. Of too few samples, in the final series or not, there is nothing to ask."""
    settled = month_of(today - SETTLES + timedelta(days=1))
    waiting = book.read(
        ReleasedSample.objects.filter(
            final_release__isnull=True,
            sample__collected_on__lt=settled,
            release__in=recent_releases(today - SETTLES_WITHIN),
        ),
        lambda new: (
            new.collected_on is not None
            and new.collected_on < settled
            and (new.sample, new.family) not in book.final_before
        ),
    )
    groups: dict[tuple[str, str, str, date], list[Entry]] = defaultdict(list)
    for entry in waiting:
        if entry.collected_on and entry.area in areas:
            groups[entry.area, entry.family, entry.material, month_of(entry.collected_on)].append(entry)
    enough = {key: some for key, some in groups.items() if len({entry.sample for entry in some}) >= FEWEST}
    in_final = _in_final({entry.sample for some in enough.values() for entry in some if entry.id > 0})
    return {
        key: [entry for entry in some if entry.id < 0 or (entry.sample, entry.family) not in in_final]
        for key, some in enough.items()
    }


def _in_final(samples: Collection[UUID]) -> set[tuple[UUID, str]]:
    """Those, by family, that the final series has. Asked of the few that wait: in it is most of the ledger."""
    found: set[tuple[UUID, str]] = set()
    wanted = list(samples)
    for start in range(0, len(wanted), _AT_ONCE):
        rows = ReleasedSample.objects.filter(sample__in=wanted[start : start + _AT_ONCE], final_release__isnull=False)
        found.update(rows.values_list("sample_id", "family"))
    return found


def _sums(book: Book, area: str, family: str, material: str) -> _Sums:
    """How many samples stand in which published sums, of all that was ever published in one cell.

    All of it: a chain of weeks and months can be of any length, and left out links would make sums
    seem to share nothing that share a few. The database counts; no row of a sample is read.
    """
    where = {"area": area, "family": family, "material": material}
    stored = ReleasedSample.objects.filter(**where)
    rows = stored.order_by().values_list(
        "coverage_id", "release_id", "period_start", "final_release_id", TruncMonth("sample__collected_on"), "site_id"
    )
    counted = list(rows.annotate(samples=Count("pk")))
    sites, coverages = collectors(), stored_coverages(row[0] for row in counted)
    sums: _Sums = Counter()
    for coverage, release, week, final, month, site, samples in counted:
        in_month = (final, month) if final is not None and month is not None else None
        sums[coverages[coverage], (release, week), in_month, sites[site]] += samples
    for entry in entries(stored.filter(pk__in=book.changed)):
        sums[_key(entry)] -= 1
        sums[_key(book.as_it_will_be(entry))] += 1
    sums.update(
        _key(entry)
        for entry in book.new.values()
        if (entry.area, entry.family, entry.material) == tuple(where.values())
    )
    return +sums


def _key(entry: Entry) -> tuple[frozenset[str], Sum, Sum | None, Collector]:
    return entry.tally.tested, entry.batch, final_sum(entry), entry.site


def _apart(members: Iterable[Entry], sums: _Sums, name: Sum) -> _Sums:
    """The same, with the samples of a month taken out of what is in no month yet."""
    parted = sums.copy()
    for entry in members:
        parted[entry.tally.tested, entry.batch, None, entry.site] -= 1
        parted[entry.tally.tested, entry.batch, name, entry.site] += 1
    return +parted


def _month(
    month: date, members: list[Entry], sums: _Sums, kept: Collection[str], published: PublishedSums
) -> list[ShareCell] | None:
    """The cells of one month. None where it has to wait."""
    parted = _apart(members, sums, _NEW)

    def may_be_told(subject: str | None) -> bool:
        stand = published.of(subject)
        shared: Counter[Whose] = Counter()
        for (tested, batch, final, site), samples in parted.items():
            if subject is None or subject in tested:
                right: Hashable = final if final == _NEW else node("final", final, stand)
                shared[node("latest", batch, stand), right, site] += samples
        return hides_sites(shared, _NEW, NOWHERE)

    if not may_be_told(None):
        return None
    asked = once_per_coverage({tested for tested, *_ in parted}, may_be_told, published)
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


def final_sum(entry: Entry) -> Sum | None:
    if entry.final_release is None or entry.collected_on is None:
        return None
    return entry.final_release, month_of(entry.collected_on)


def once_per_coverage(
    sets: Iterable[frozenset[str]], ask: Callable[[str], T], published: PublishedSums | None = None
) -> Callable[[str], T]:
    """The same question, asked once for all subjects that the same samples were tested for, and the same sums hold."""
    coverages = list(sets)
    answers: dict[Hashable, T] = {}

    def answer(subject: str) -> T:
        tested = tuple(place for place, subjects in enumerate(coverages) if subject in subjects)
        key = (tested, published.of(subject) if published else None)
        if key not in answers:
            answers[key] = ask(subject)
        return answers[key]

    return answer
