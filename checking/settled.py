"""What is published once it no longer grows: the *final* series and the *expected* table.

Both hold the samples of the weekly releases again, put together otherwise. A sum goes out only
where no difference between it and the sums that are out already would be about fewer than five
samples (`disclosure`); else the month waits, and a class stays out.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, OuterRef

from . import catalogue
from .batches import FEWEST, may_stand
from .disclosure import hides_enough
from .ledger import Entry, by_sample, entries, expected_classes
from .models import Release, ReleasedExpected, ReleasedSample, ReleasedShare, Sample
from .periods import Interval, belongs_to, monday, month_of
from .tallies import count

SETTLES = timedelta(weeks=6)  # after a month's end (docs/rules.md E2)
_NEAR = timedelta(days=200)  # sums further apart share no sample in practice; leaving them out errs to caution
_NEW, _REST = "new", "rest"

T = TypeVar("T")


def publish_final(release: Release, today: date, kept: Collection[str]) -> int:
    """Publish every month of collection that has settled. Gives how many samples went in."""
    settled = month_of(today - SETTLES + timedelta(days=1))  # months before this one ended six weeks ago or more
    in_final = ReleasedSample.objects.filter(
        sample=OuterRef("sample"), family=OuterRef("family"), final_release__isnull=False
    )
    waiting = ReleasedSample.objects.filter(final_release__isnull=True, sample__collected_on__lt=settled)
    ids = list(waiting.filter(~Exists(in_final)).values_list("pk", flat=True))
    groups: dict[tuple[str, str, str, date], list[Entry]] = defaultdict(list)
    for entry in _read(ids):
        if entry.collected_on:
            groups[entry.area, entry.family, entry.material, month_of(entry.collected_on)].append(entry)
    written = 0
    months = [month for *_, month in groups]
    around: dict[tuple[str, str, str], list[Entry]] = {}
    for (area, family, material, month), members in sorted(groups.items(), key=lambda item: item[0]):
        if not may_stand(list({entry.sample: entry.site for entry in members}.values())):
            continue
        cell = (area, family, material)
        if cell not in around:  # read once, however many months of history are due
            span = (min(months) - _NEAR, max(months) + 2 * _NEAR)
            around[cell] = entries(area=area, family=family, material=material, period_start__range=span)
        near = [entry for entry in around[cell] if month - _NEAR <= entry.week <= month + 2 * _NEAR]
        if went_in := _publish_month(release, month, members, near, kept):
            written += went_in
            published = {entry.id for entry in members}
            around[cell] = [
                replace(entry, final_release=release.number) if entry.id in published else entry
                for entry in around[cell]
            ]
    return written


def _publish_month(
    release: Release,
    month: date,
    members: list[Entry],
    near: list[Entry],
    kept: Collection[str],
) -> int:
    new = {entry.sample for entry in members}
    sums = [(entry.tally.tested, (entry.batch, _NEW if entry.sample in new else _final_sum(entry))) for entry in near]

    def may_be_told(subject: str | None) -> bool:
        return hides_enough([both for tested, both in sums if subject is None or subject in tested], _NEW, _REST)

    if not may_be_told(None):
        return 0
    asked = _once_per_coverage(near, may_be_told)
    tallies = by_sample(members)
    first = members[0]
    ReleasedShare.objects.bulk_create(
        ReleasedShare(
            release=release,
            batch=release.number,
            series=ReleasedShare.Series.FINAL,
            area=first.area,
            period_start=month,
            subject=subject,
            family=first.family,
            material=first.material,
            tested=tested,
            detected=detected,
        )
        for subject, (tested, detected) in count(tallies.values()).items()
        if subject in kept and tested >= FEWEST and asked(subject)
    )
    ReleasedSample.objects.filter(pk__in=[entry.id for entry in members]).update(final_release=release)
    return len(tallies)


def publish_expected(release: Release, today: date, kept: Collection[str]) -> int:
    """Publish every quarter of release weeks that is over. Gives how many samples went in."""
    this_quarter = belongs_to(monday(today), Interval.QUARTER)
    waiting = ReleasedSample.objects.filter(
        expected_release__isnull=True, material=Sample.Material.PRODUCT, period_start__lt=this_quarter
    )
    groups: dict[tuple[str, str, date], list[Entry]] = defaultdict(list)
    for entry in _read(list(waiting.values_list("pk", flat=True))):
        quarter = belongs_to(entry.week, Interval.QUARTER)
        if quarter < this_quarter:
            groups[entry.area, entry.family, quarter].append(entry)
    written = 0
    for (_, _, quarter), members in sorted(groups.items(), key=lambda item: item[0]):
        if may_stand(list({entry.sample: entry.site for entry in members}.values())):
            written += _publish_quarter(release, quarter, members, kept)
    return written


def _publish_quarter(release: Release, quarter: date, members: list[Entry], kept: Collection[str]) -> int:
    classes = expected_classes({entry.sample for entry in members})
    tallies = by_sample(members)
    first = members[0]
    known = catalogue.current()
    found = {slug for tally in tallies.values() for slug in tally.found}
    # Hundreds of substances times dozens of classes: nothing is gained by "0 of n" for all of them.
    told_of = {slug for slug in kept if slug in found or known.is_watch_listed(known.subject(slug))}
    told = _once_per_coverage(members, lambda subject: _classes_told(subject, members, classes))
    of_class: dict[str, dict[str, tuple[int, int]]] = {}
    cells = []
    for subject in sorted({slug for tally in tallies.values() for slug in tally.tested} & told_of):
        for expected in told(subject):
            if expected not in of_class:
                of_class[expected] = count(
                    tally for sample, tally in tallies.items() if expected in classes.get(sample, ())
                )
            tested, detected = of_class[expected][subject]
            cells.append(
                ReleasedExpected(
                    release=release,
                    batch=release.number,
                    area=first.area,
                    period_start=quarter,
                    expected=expected,
                    subject=subject,
                    family=first.family,
                    tested=tested,
                    detected=detected,
                )
            )
    ReleasedExpected.objects.bulk_create(cells)
    ReleasedSample.objects.filter(pk__in=[entry.id for entry in members]).update(expected_release=release)
    return len(tallies)


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
        by_week = [(tested[sample].batch, part) for sample, part in finer.items()]
        by_month = [(_final_sum(tested[sample]), part) for sample, part in finer.items()]
        if not (hides_enough(by_week, within, without) and hides_enough(by_month, within, without)):
            return False
    return True


def _final_sum(entry: Entry) -> Hashable:
    if entry.final_release is None or entry.collected_on is None:
        return _REST
    return entry.final_release, month_of(entry.collected_on)


def _once_per_coverage(members: Iterable[Entry], ask: Callable[[str], T]) -> Callable[[str], T]:
    """The same question, asked once for all subjects that the same samples were tested for."""
    coverages = {entry.coverage: entry.tally.tested for entry in members}
    answers: dict[frozenset[int], T] = {}

    def answer(subject: str) -> T:
        tested = frozenset(pk for pk, subjects in coverages.items() if subject in subjects)
        if tested not in answers:
            answers[tested] = ask(subject)
        return answers[tested]

    return answer


def _read(ids: list[int]) -> Iterable[Entry]:
    for start in range(0, len(ids), 500):
        yield from entries(pk__in=ids[start : start + 500])
