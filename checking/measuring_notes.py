"""How well the identifier gate tells notes that could identify a person from those that could not.

Plain counting over labelled notes. What stands in a note is never part of an answer.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .estimates import Interval, share_interval
from .identifiers import KINDS, Kind, find_identifiers


@dataclass(frozen=True)
class Labelled:
    """A note and what a person says it holds; no kinds where nothing in it could identify anybody."""

    text: str
    kinds: frozenset[str]


@dataclass(frozen=True)
class Share:
    """`right` of `out_of`, with the Wilson interval at 95 %."""

    right: int
    out_of: int

    @property
    def interval(self) -> Interval:
        return share_interval(self.right, self.out_of)

    @property
    def share(self) -> float:
        """In [0, 1]; 0 where there is nothing to count."""
        return self.right / self.out_of if self.out_of else 0.0

    def __str__(self) -> str:
        low, high = (100 * end for end in (self.interval.low, self.interval.high))
        return f"{self.right} of {self.out_of} = {100 * self.share:.1f} % ({low:.1f} to {high:.1f})"


@dataclass(frozen=True)
class Measured:
    """The gate's figures on one set of notes.

    `named`, per kind: notes holding that kind where the gate found that very kind. `recall`: notes holding
    any kind that were refused, for whatever kind. `false_refusals`: of the notes that hold none.
    """

    recall: Share
    named: dict[Kind, Share]
    false_refusals: Share
    taken_for: dict[Kind, int]  # notes that hold none, refused for this kind

    def lines(self) -> Iterator[str]:
        yield f"notes         {self.recall.out_of + self.false_refusals.out_of}"
        yield f"recall        {self.recall}"
        for kind, share in self.named.items():
            yield f"{kind:<13} {share}"
        yield f"false refusal {self.false_refusals}"
        if self.false_refusals.right:
            yield "taken for     " + ", ".join(f"{kind} {times}" for kind, times in self.taken_for.items() if times)


def labelled(path: Path) -> Iterator[Labelled]:
    """Notes of a CSV file with the columns text, kinds (joined by `|`) and language."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Labelled(row["text"], frozenset(filter(None, row["kinds"].split("|"))))


def measure(notes: Iterable[Labelled]) -> Measured:
    """What the gate finds in each note, held against what was said of it."""
    found = [(note.kinds, {each.kind for each in find_identifiers(note.text)}) for note in notes]
    identifying = [(kinds, seen) for kinds, seen in found if kinds]
    clean = [seen for kinds, seen in found if not kinds]
    return Measured(
        recall=_share(bool(seen) for _, seen in identifying),
        named={kind: _share(kind in seen for kinds, seen in identifying if kind in kinds) for kind in KINDS},
        false_refusals=_share(bool(seen) for seen in clean),
        taken_for={kind: sum(kind in seen for seen in clean) for kind in KINDS},
    )


def _share(verdicts: Iterable[bool]) -> Share:
    told = list(verdicts)
    return Share(sum(told), len(told))
