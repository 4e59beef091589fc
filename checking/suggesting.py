"""What a name that nobody knows was probably meant to be.

Compared as folded (`checking/folding.py`). One slip of the pen is a letter put in, left out, changed,
or swapped with its neighbour: the optimal string alignment distance. Slips rarely fall on the first
letter, so that breaks ties. What has no near neighbour is looked for inside longer names:
"fluorofent" is on its way to fluorofentanyl.
"""

from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, JaroWinkler

SHORTEST_PART = 4  # letters that must match inside a longer name
PART_LIKENESS = 85.0  # of 100
SLIPS_PER_LETTER = 1 / 3  # more than that, and it is another word


def nearest(folded: str, shown: Mapping[str, str], means: Mapping[str, frozenset[str]], n: int = 5) -> tuple[str, ...]:
    """Up to `n` names as they are written, best first, each standing for something else.

    `shown` maps folded names to how they are written; `means` maps them to what they stand for.
    """
    if not folded:
        return ()
    names = list(shown)
    found: list[str] = []
    said: set[frozenset[str]] = set()
    for name in [*_misspelt(folded, names), *_begun(folded, names)]:
        if means[name] not in said:
            said.add(means[name])
            found.append(shown[name])
    return tuple(found[:n])


def _misspelt(folded: str, names: Sequence[str]) -> list[str]:
    most = max(1, round(len(folded) * SLIPS_PER_LETTER))
    close = process.extract(folded, names, scorer=OSA.distance, score_cutoff=most, limit=None)

    def by_likelihood(match: tuple[str, float, int]) -> tuple[float, bool, float, int]:
        name, slips, index = match
        return slips, name[0] != folded[0], -JaroWinkler.similarity(name, folded), index

    return [name for name, _, _ in sorted(close, key=by_likelihood)]


def _begun(folded: str, names: Sequence[str]) -> list[str]:
    """Names that hold most of what was written in one piece, the shortest first."""
    if len(folded) < SHORTEST_PART:
        return []
    longer = [name for name in names if len(name) > len(folded)]
    close = process.extract(folded, longer, scorer=fuzz.partial_ratio, score_cutoff=PART_LIKENESS, limit=None)
    return [name for name, _, _ in sorted(close, key=lambda match: (-match[1], len(match[0]), match[0]))]
