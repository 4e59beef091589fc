"""The strongest attacker: knows of every sample in which published sums it stands, and not what was in it.

Any difference of sums is then a row of numbers, one for each kind of sample: those that stand in the
same sums. Where some difference is about four samples or fewer, what they were can be read. For each
kind HiGHS finds the difference that isolates it from as many others as it can.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import linprog

from checking import catalogue
from checking.floors import FEWEST
from checking.ledger import Entry, entries, expected_classes
from checking.models import ReleasedExpected, ReleasedPair, ReleasedSample, ReleasedShare
from checking.periods import Interval, belongs_to, month_of

Sums = frozenset[tuple[Any, ...]]


def samples_in_small_differences() -> list[dict[str, Any]]:
    """Every difference of what is published that is about fewer than five samples."""
    everything = entries(ReleasedSample.objects.all())
    classes = expected_classes({entry.sample for entry in everything})
    groups: dict[tuple[str, str, str], list[Entry]] = defaultdict(list)
    for entry in everything:
        groups[entry.area, entry.family, entry.material].append(entry)
    cells = _cells_by_subject()
    known = catalogue.current()
    found, done = [], set()
    for (area, family, material), members in groups.items():
        for subject, published in cells[area, family].items():
            kinds = Counter(
                frozenset(s for s in _sums_of(entry, classes) if s in published)
                for entry in members
                if subject in entry.tally.tested
            )
            is_watched = known.is_watch_listed(known.subject(subject))
            alone = _told_alone(members, kinds) if is_watched else frozenset()
            asked = (area, family, material, frozenset(kinds.items()), alone)
            if asked not in done:
                done.add(asked)
                found += [{"area": area, "family": family, "subject": subject, **one} for one in smallest(kinds, alone)]
    return found


def _told_alone(members: Iterable[Entry], kinds: Counter[Sums]) -> Sums:
    """Weekly sums of fewer than five, in a batch of five or more."""
    batches = Counter(("latest", entry.material, *entry.batch) for entry in members)
    sizes: Counter[tuple[Any, ...]] = Counter()
    for kind, samples in kinds.items():
        for each in kind:
            sizes[each] += samples
    return frozenset(each for each, size in sizes.items() if size < FEWEST <= batches[each])


def _sums_of(entry: Entry, classes: Any) -> Iterable[tuple[Any, ...]]:
    yield ("latest", entry.material, entry.release, entry.week)
    if entry.final_release and entry.collected_on:
        yield ("final", entry.material, entry.final_release, month_of(entry.collected_on))
    if entry.paired_release:
        yield ("pairs", entry.paired_release, belongs_to(entry.week, Interval.QUARTER))
    if entry.expected_release:
        quarter = belongs_to(entry.week, Interval.QUARTER)
        for slug in classes.get(entry.sample, ()):
            yield ("expected", entry.expected_release, quarter, slug)


def _cells_by_subject() -> dict[tuple[str, str], dict[str, set[tuple[Any, ...]]]]:
    cells: dict[tuple[str, str], dict[str, set[tuple[Any, ...]]]] = defaultdict(lambda: defaultdict(set))
    shares = ReleasedShare.objects.values_list(
        "area", "family", "subject", "series", "material", "batch", "period_start"
    )
    for area, family, subject, *published in shares:
        cells[area, family][subject].add(tuple(published))
    pairs = ReleasedPair.objects.values_list("area", "family", "one", "other", "batch", "period_start")
    for area, family, one, other, *published in pairs:
        for subject in (one, other):
            cells[area, family][subject].add(("pairs", *published))
    rows = ReleasedExpected.objects.values_list("area", "family", "subject", "batch", "period_start", "expected")
    for area, family, subject, *published in rows:
        cells[area, family][subject].add(("expected", *published))
    return cells


def smallest(kinds: Counter[Sums], told_alone: Sums = frozenset()) -> list[dict[str, Any]]:
    """Of each kind that is in some sum and has four samples or fewer: the difference about the fewest, if under five.

    `kinds`: the sums a kind of sample stands in, and how many samples are of it. `told_alone`: sums of so few
    that were told on purpose, of a watched substance (docs/rules.md D2): they are no difference.
    """
    columns = [kind for kind in kinds if kind]
    weights = np.array([kinds[kind] for kind in columns], dtype=float)
    sums = sorted({each for kind in columns for each in kind}, key=repr)
    table = np.array([[float(each in kind) for kind in columns] for each in sums])
    sizes = {each: int(table[row] @ weights) for row, each in enumerate(sums)}
    found = []
    for place, kind in enumerate(columns):
        fewest = min((sizes[each] for each in kind & told_alone), default=FEWEST)
        if weights[place] < fewest and (about := _isolated(table, weights, place, fewest)):
            found.append({"sums": sorted(map(repr, kind)), "samples": about})
    return found


def _isolated(table: Any, weights: Any, place: int, fewest: int) -> int | None:
    """How many samples the cheapest difference that holds this kind once is about; None from `fewest` up.

    It is v = u A with v[place] = 1; the weighted sum of |v| is least, which for sums that part samples in
    two ways is the least cut, and finds the sparse ones here.
    """
    sums, kinds = table.shape
    # Unknowns: u (free), then |v|.
    within = np.block([[table.T, -np.eye(kinds)], [-table.T, -np.eye(kinds)]])
    solved = linprog(
        np.concatenate([np.zeros(sums), weights]),
        A_ub=within,
        b_ub=np.zeros(2 * kinds),
        A_eq=np.concatenate([table[:, place], np.zeros(kinds)])[None, :],
        b_eq=[1.0],
        bounds=[(None, None)] * sums + [(0, None)] * kinds,
        method="highs",
    )
    if solved.status != 0:
        raise RuntimeError(solved.message)
    about = int(weights[np.abs(_difference(table, solved.x[:sums])) > 1e-7].sum())
    return about if about < fewest else None


def _difference(table: Any, of: Sequence[float]) -> Any:
    return np.asarray(of) @ table
