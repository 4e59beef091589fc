"""What was in one to four samples, worked out from what was found together in many.

An attacker lays out every mixture that four substances can make, sixteen of them, and asks HiGHS for each how many
samples of it there are at least and at most, given all pairs that were told. A mixture that a whole number from one to
four is left for is read.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations, product
from math import ceil, floor
from typing import Any

import numpy as np
from scipy.optimize import linprog

from checking.floors import FEWEST
from checking.together import Together

_SLACK = 1e-6
_AT_ONCE = 4  # substances in a mixture


def pinned(pairs: Sequence[Together]) -> list[tuple[tuple[str, ...], tuple[int, ...], int]]:
    """Mixtures of which there are one to four samples and as many for certain: substances, which of them, how many.

    Not those that follow from how often each was found, which the shares say: "40 of 40" beside "39 of 40".
    """
    near: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        near[pair.one].add(pair.other)
        near[pair.other].add(pair.one)
    found = []
    size = min(_AT_ONCE, len(near))
    for some in combinations(sorted(near), size):
        found += _pinned_among(some, [pair for pair in pairs if {pair.one, pair.other} <= set(some)])
    return found


def exactly(founds: Sequence[frozenset[str]], subjects: Iterable[str]) -> list[Together]:
    """The view we do not have: how often each two came together, to the sample."""
    told = []
    for one, other in combinations(sorted(subjects), 2):
        with_one, with_other = (sum(slug in found for found in founds) for slug in (one, other))
        both = sum({one, other} <= found for found in founds)
        told.append(Together(one, other, len(founds), with_one, with_other, both, both))
    return told


def _pinned_among(some: tuple[str, ...], pairs: Sequence[Together]) -> Iterable[tuple[Any, ...]]:
    mixtures = list(product((0, 1), repeat=len(some)))
    if not pairs:
        return
    told = _rows(some, mixtures, pairs)
    shares = {"A_eq": told["A_eq"], "b_eq": told["b_eq"]}
    for place, mixture in enumerate(mixtures):
        if not any(mixture):
            continue  # none of them: nothing is said of what was in it
        least, most = _range(place, len(mixtures), told)
        if least == most and 0 < least < FEWEST and _range(place, len(mixtures), shares) != (least, most):
            yield some, mixture, least


def _rows(some: Sequence[str], mixtures: Sequence[tuple[int, ...]], pairs: Sequence[Together]) -> dict[str, Any]:
    exact: dict[tuple[str, ...], int] = {(): pairs[0].tested}
    over, most = [], []
    for pair in pairs:
        exact[(pair.one,)], exact[(pair.other,)] = pair.with_one, pair.with_other
        row = _holding((pair.one, pair.other), some, mixtures)
        over += [row, -row]
        most += [pair.both_high, -pair.both_low]
    return {
        "A_eq": np.array([_holding(slugs, some, mixtures) for slugs in exact]),
        "b_eq": np.array(list(exact.values())),
        "A_ub": np.array(over),
        "b_ub": np.array(most),
    }


def _holding(slugs: tuple[str, ...], some: Sequence[str], mixtures: Sequence[tuple[int, ...]]) -> Any:
    places = [some.index(slug) for slug in slugs]
    return np.array([float(all(mixture[place] for place in places)) for mixture in mixtures])


def _range(place: int, number: int, told: dict[str, Any]) -> tuple[int, int]:
    ends = []
    for sign in (1.0, -1.0):
        objective = np.zeros(number)
        objective[place] = sign
        solved = linprog(objective, **told, bounds=(0, None), method="highs")
        if solved.status != 0:
            raise RuntimeError(solved.message)
        ends.append(sign * float(solved.fun))
    return ceil(ends[0] - _SLACK), floor(ends[1] + _SLACK)
