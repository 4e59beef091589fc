"""What is found together, counted so that no few samples can be picked out. Plain values in and out.

Of two substances four numbers follow from three that are told: in how many samples both were found,
either alone, neither. Where one of the four is under five, it would say of a few samples what was in
them, and with further substances all that was in one. So at either end of what "both" can be, given
how often each was found, a range of five numbers is told instead, the same for each of them; between
the ends the number itself (docs/rules.md D2). "0 to 4 of 31" never says whether it was none or one.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from .floors import FEWEST
from .tallies import Tally

Range = tuple[int, int]


class Together(NamedTuple):
    """Two substances in samples that were all tested for both."""

    one: str
    other: str
    tested: int
    with_one: int
    with_other: int
    both_low: int
    both_high: int


def in_range(number: int, least: int, most: int) -> Range:
    """What is told of a number known to lie from `least` to `most`: itself, or the range at its end.

    Which it is follows from the number alone, so that the choice says no more than what is told.
    """
    if most - least + 1 < 2 * FEWEST:
        return least, most
    if number < least + FEWEST:
        return least, least + FEWEST - 1
    if number > most - FEWEST:
        return most - FEWEST + 1, most
    return number, number


def pairs_of(tallies: Sequence[Tally], subjects: Collection[str]) -> list[Together]:
    """All pairs of subjects that were each found in five samples or more. All samples were tested for all of them.

    A range is left out with its pair where what is told of two others narrows it: these and a third
    bound how often the two came together.
    """
    found = [tally.found & frozenset(subjects) for tally in tallies]
    with_ = Counter(slug for each in found for slug in each)
    often = sorted(slug for slug in subjects if with_[slug] >= FEWEST)
    both = Counter(pair for each in found for pair in combinations(sorted(each), 2))
    tested = len(tallies)
    told: dict[tuple[str, str], Range] = {}
    # Those most often found together first: they say most, and what they rule out may be left out.
    for one, other in sorted(combinations(often, 2), key=lambda pair: (-both[pair], pair)):
        least, most = _feasible(with_[one], with_[other], tested)
        range_ = in_range(both[one, other], least, most)
        if _stays_wide((one, other), range_, told, with_, tested):
            told[one, other] = range_
    return [Together(*pair, tested, with_[pair[0]], with_[pair[1]], *range_) for pair, range_ in sorted(told.items())]


def _feasible(with_one: int, with_other: int, tested: int) -> Range:
    return max(0, with_one + with_other - tested), min(with_one, with_other)


def _stays_wide(
    pair: tuple[str, str], range_: Range, told: Mapping[tuple[str, str], Range], with_: Mapping[str, int], tested: int
) -> bool:
    """True when, with this pair told, no range of a triangle it closes is narrowed to under five numbers."""
    one, other = pair
    for third in {slug for each in told for slug in each} - {one, other}:
        sides = {frozenset(pair): range_}
        for slug in pair:
            near = told.get((min(slug, third), max(slug, third)))
            if near is not None:
                sides[frozenset((slug, third))] = near
        if len(sides) < 3:
            continue
        for apart, (a, b) in ((third, pair), (one, (other, third)), (other, (one, third))):
            narrowed = _narrowed(sides[frozenset((a, b))], _third(a, b, apart, sides, with_), tested)
            if narrowed is not None and narrowed[1] - narrowed[0] + 1 < FEWEST:
                return False
    return True


class _Third(NamedTuple):
    """Two substances as a third parts them: how often each was found, how often with the third, how often that was."""

    one: int
    other: int
    third: int
    one_with: Range
    other_with: Range


def _third(a: str, b: str, apart: str, sides: Mapping[frozenset[str], Range], with_: Mapping[str, int]) -> _Third:
    return _Third(with_[a], with_[b], with_[apart], sides[frozenset((a, apart))], sides[frozenset((b, apart))])


def _narrowed(range_: Range, by: _Third, tested: int) -> Range | None:
    """What is left of a told range once the two other pairs of a triangle are known too; None where all of it is.

    Of c samples with the third, a with one and b with the other, at least a + b - c hold both (M. Fréchet,
    Ann. Univ. Lyon A 14 (1951), 53-77); the same holds of those without the third.
    """
    if range_[0] == range_[1]:
        return None
    bounds = [
        (_feasible(a, b, by.third), _feasible(by.one - a, by.other - b, tested - by.third))
        for a in range(by.one_with[0], by.one_with[1] + 1)
        for b in range(by.other_with[0], by.other_with[1] + 1)
    ]
    low = max(range_[0], min(within[0] + without[0] for within, without in bounds))
    high = min(range_[1], max(within[1] + without[1] for within, without in bounds))
    return None if (low, high) == range_ else (low, high)
