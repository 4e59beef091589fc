"""What went wrong at those who listen, from plain lists of what was said and what each heard."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

SOON = 2.0  # seconds from the acknowledgement of an event until the last sink has it
WITHIN = 15.0  # seconds after the last fault by which delivery must be that quick again
ENOUGH = 3  # events acknowledged since then, or their quickness shows nothing


class Step(NamedTuple):
    """One event, known by its place and by the alert it tells of: no other may take its place."""

    seq: int
    alert: str


@dataclass
class Ear:
    """What one sink heard, in the order in which it came, each with its instant (monotonic seconds)."""

    name: str
    steps: list[Step] = field(default_factory=list)
    at: list[float] = field(default_factory=list)

    def hear(self, step: Step, at: float) -> None:
        self.steps.append(step)
        self.at.append(at)


class Count(NamedTuple):
    """How often, over all sinks. `unknown`: heard, but in no row."""

    missing: int = 0
    doubled: int = 0
    out_of_order: int = 0
    unknown: int = 0


def compare(said: Sequence[Step], heard: Sequence[Step]) -> Count:
    """One sink. An event that comes again is doubled and not out of order as well."""
    wanted, seen = set(said), set[Step]()
    doubled = out_of_order = highest = 0
    for step in heard:
        if step in seen:
            doubled += 1
            continue
        seen.add(step)
        out_of_order += step.seq <= highest
        highest = max(highest, step.seq)
    return Count(len(wanted - seen), doubled, out_of_order, len(seen - wanted))


def compare_all(said: Sequence[Step], ears: Iterable[Ear]) -> Count:
    counts = [compare(said, ear.steps) for ear in ears]
    return Count(*(sum(column) for column in zip(*counts, strict=True)))


def waits(acknowledged: Mapping[Step, float], ears: Sequence[Ear]) -> dict[Step, float]:
    """Seconds from each acknowledgement until the last sink had the event; infinite where one never had it."""
    came: dict[Step, list[float]] = {step: [] for step in acknowledged}
    for ear in ears:
        for step, at in dict(zip(reversed(ear.steps), reversed(ear.at), strict=True)).items():  # the first of doubles
            if step in came:
                came[step].append(at)
    return {
        step: max(at) - acknowledged[step] if len(at) == len(ears) and at else float("inf") for step, at in came.items()
    }


def recovery(acknowledged: Mapping[Step, float], wait: Mapping[Step, float], last_fault: float) -> float | None:
    """Seconds from the last fault until the first event from which on every one was everywhere soon.

    None where that did not happen, or where too few were acknowledged since to tell.
    """
    since = sorted((at, wait[step]) for step, at in acknowledged.items() if at >= last_fault)
    quick: list[float] = []
    for at, seconds in reversed(since):
        if seconds >= SOON:
            break
        quick.append(at)
    return quick[-1] - last_fault if len(quick) >= ENOUGH else None


class Row(NamedTuple):
    """What the database has of one publishing that was tried."""

    state: str
    steps: int


def resolve(rows: Mapping[str, Row | None], unknown: Iterable[str]) -> dict[str, int]:
    """What became of those whose publisher was not answered: said or not said, and `half` is a fault."""
    found = {"said": 0, "not_said": 0, "half": 0}
    for alert in unknown:
        row = rows.get(alert)
        if row == Row("published", 1):
            found["said"] += 1
        elif row == Row("proposed", 0):
            found["not_said"] += 1
        else:
            found["half"] += 1
    return found
