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

from checking.batches import FEWEST
from checking.ledger import Entry, entries, expected_classes
from checking.models import ReleasedExpected, ReleasedSample, ReleasedShare
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
    found, done = [], set()
    for (area, family, material), members in groups.items():
        for subject, published in cells[area, family].items():
            kinds = Counter(
                frozenset(s for s in _sums_of(entry, classes) if s in published)
                for entry in members
                if subject in entry.tally.tested
            )
            asked = (area, family, material, frozenset(kinds.items()))
            if asked not in done:
                done.add(asked)
                found += [{"area": area, "family": family, "subject": subject, **one} for one in smallest(kinds)]
    return found


def _sums_of(entry: Entry, classes: Any) -> Iterable[tuple[Any, ...]]:
    yield ("latest", entry.material, entry.release, entry.week)
    if entry.final_release and entry.collected_on:
        yield ("final", entry.material, entry.final_release, month_of(entry.collected_on))
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
    rows = ReleasedExpected.objects.values_list("area", "family", "subject", "batch", "period_start", "expected")
    for area, family, subject, *published in rows:
        cells[area, family][subject].add(("expected", *published))
    return cells


def smallest(kinds: Counter[Sums]) -> list[dict[str, Any]]:
    """Of each kind that is in some sum and has four samples or fewer: the difference about the fewest, if under five.

    `kinds`: the sums a kind of sample stands in, and how many samples are of it.
    """
    columns = [kind for kind in kinds if kind]
    weights = np.array([kinds[kind] for kind in columns], dtype=float)
    sums = sorted({each for kind in columns for each in kind}, key=repr)
    table = np.array([[float(each in kind) for kind in columns] for each in sums])
    found = []
    for place, kind in enumerate(columns):
        if weights[place] < FEWEST and (about := _isolated(table, weights, place)):
            found.append({"sums": sorted(map(repr, kind)), "samples": about})
    return found


def _isolated(table: Any, weights: Any, place: int) -> int | None:
    """How many samples the cheapest difference that holds this kind once is about; None from five up.

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
    return about if about < FEWEST else None


def _difference(table: Any, of: Sequence[float]) -> Any:
    return np.asarray(of) @ table
