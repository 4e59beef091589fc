"""What the rows leave open: HiGHS finds the least and the most that any group of unknowns can be.

For whole numbers: a group is pinned when just one whole number lies between the two.
"""

import random
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from .equations import Equations

_SLACK = 1e-6
_GUESSES = 6  # solutions tried at first: most groups differ between them, and need no program of their own


class NoSolution(Exception):
    """The rows contradict each other: the attacker believes something that is not so."""


@dataclass(frozen=True)
class Range:
    low: float
    high: float

    @property
    def is_pinned(self) -> bool:
        return floor(self.high + _SLACK) <= ceil(self.low - _SLACK)


class Program:
    """The unknowns twice: tested for the substance, and those in which it was found, never more."""

    def __init__(self, equations: Equations) -> None:
        unknowns = dict.fromkeys(u for rows in (equations.tested, equations.detected) for row in rows for u in row.over)
        self.places = {unknown: place for place, unknown in enumerate(unknowns)}
        self.size = len(self.places)
        exact, exact_is, most, most_is = [], [], [], []
        for offset, rows in ((0, equations.tested), (self.size, equations.detected)):
            for row in dict.fromkeys(rows):
                places = [self.places[unknown] + offset for unknown in row.over]
                if row.low == row.high:
                    exact.append([(place, 1.0) for place in places])
                    exact_is.append(row.low)
                else:
                    most += [[(place, 1.0) for place in places], [(place, -1.0) for place in places]]
                    most_is += [row.high, -row.low]
        for place in range(self.size):
            most.append([(place + self.size, 1.0), (place, -1.0)])
            most_is.append(0.0)
        self._given: dict[str, Any] = {
            "A_eq": self._matrix(exact), "b_eq": exact_is, "A_ub": self._matrix(most), "b_ub": most_is,
            "bounds": (0, None), "method": "highs",
        }  # fmt: skip

    def _matrix(self, rows: Sequence[Sequence[tuple[int, float]]]) -> Any:
        entries = [(row, place, value) for row, of_row in enumerate(rows) for place, value in of_row]
        if not entries:
            return None
        down, across, values = zip(*entries, strict=True)
        return csr_array((values, (down, across)), shape=(len(rows), 2 * self.size))

    def solve(self, objective: Any) -> Any:
        solved = linprog(objective, **self._given)
        if solved.status != 0:
            raise NoSolution(solved.message)
        return solved.x

    def ranges(self, groups: Mapping[Hashable, Sequence[int]], chance: random.Random) -> dict[Hashable, Range]:
        """Of each group, given by its places, the least and the most; narrower than that where it is open anyway."""
        generator = np.random.default_rng(chance.randrange(2**32))
        guesses = [self.solve(generator.normal(size=2 * self.size)) for _ in range(_GUESSES if groups else 0)]
        found = {}
        for name, places in groups.items():
            seen = [guess[list(places)].sum() for guess in guesses]
            range_ = Range(min(seen), max(seen))
            found[name] = range_ if not range_.is_pinned else self.range_of(places)
        return found

    def range_of(self, places: Sequence[int]) -> Range:
        objective = np.zeros(2 * self.size)
        objective[list(places)] = 1.0
        low = float(objective @ self.solve(objective))
        high = float(objective @ self.solve(-objective))
        return Range(low, high)

    def of(self, site: str, day: date | None, *, detected: bool) -> list[int]:
        """Places of the unknowns of a site, on one day or on all."""
        offset = self.size if detected else 0
        return [place + offset for u, place in self.places.items() if u.site == site and day in (None, u.day)]
