"""What one run found, as figures, and what of it is wrong."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.chaotic import checker
from bench.chaotic.checker import Row, Step
from bench.chaotic.sinks import Sink
from bench.chaotic.submitting import Submitting, told_of

MOST_REASONS = 5  # shown of why the publisher failed, the most frequent first


@dataclass
class Published:
    """What the publisher was answered."""

    acknowledged: dict[Step, float] = field(default_factory=dict)  # with the instant, in monotonic seconds
    unknown: list[str] = field(default_factory=list)  # alert ids
    not_prepared: int = 0
    why: Counter[str] = field(default_factory=Counter)

    def take(self, line: dict[str, Any]) -> None:
        if line["kind"] == "acknowledged":
            self.acknowledged[Step(line["seq"], line["alert"])] = line["at"]
            return
        self.why[line["why"].splitlines()[0] if line["why"] else ""] += 1
        if line["kind"] == "unknown":
            self.unknown.append(line["alert"])
        else:
            self.not_prepared += 1


@dataclass
class Found:
    """What one run showed."""

    published: Published
    steps: list[Step]  # all the database has in the end
    rows: dict[str, Row | None]  # of alerts whose publishing was not answered
    told: Mapping[str, Sequence[str]]  # by sample: the alerts published because of it
    site: Submitting
    sinks: list[Sink]
    struck: dict[str, int]
    left_out: dict[str, str]
    last_fault: float  # monotonic seconds
    starts: dict[str, int]

    def figures(self) -> Iterator[dict[str, Any]]:
        ears = [sink.ear for sink in self.sinks]
        acknowledged = self.published.acknowledged
        wait = checker.waits(acknowledged, ears)
        back = checker.recovery(acknowledged, wait, self.last_fault)
        rows = set(self.steps)
        yield {"figure": "acknowledged", "value": len(acknowledged)}
        yield {"figure": "acknowledged without a row", "value": len(set(acknowledged) - rows)}
        yield {"figure": "gaps in the rows", "value": self._gaps()}
        resolved = checker.resolve(self.rows, self.published.unknown)
        yield {"figure": "not answered", "value": len(self.published.unknown), **resolved}
        why = dict(self.published.why.most_common(MOST_REASONS))
        yield {"figure": "not even prepared", "value": self.published.not_prepared, "why": why}
        samples = self.site.acknowledged
        answers = dict(sorted(self.site.answers.items()))
        yield {"figure": "samples acknowledged", "value": len(samples), **told_of(samples, self.told)}
        yield {"figure": "answers to the site", "value": sum(answers.values()), **answers}
        yield {"figure": "sinks", "value": len(ears), "came back": sum(sink.breaks for sink in self.sinks)}
        for name, value in checker.compare_all(sorted(rows | set(acknowledged)), ears)._asdict().items():
            yield {"figure": name.replace("_", " "), "value": value}
        yield {"figure": "told to read anew", "value": sum(sink.resets for sink in self.sinks)}
        shown = sorted(seconds for seconds in wait.values() if seconds != float("inf"))
        yield {"figure": "longest wait in s, faults and all", "value": round(shown[-1], 2) if shown else None}
        yield {"figure": "seconds from the last fault to under 2 s", "value": None if back is None else round(back, 2)}
        yield {"figure": "faults", "value": sum(self.struck.values()), **self.struck}
        yield {"figure": "faults left out", "value": len(self.left_out), **self.left_out}
        yield {"figure": "starts", "value": sum(self.starts.values()), **self.starts}

    def _gaps(self) -> int:
        return sum(step.seq != place for place, step in enumerate(self.steps, start=1))


WANTED_NONE = (
    "acknowledged without a row", "gaps in the rows", "missing", "doubled", "out of order", "unknown",
    "told to read anew",
)  # fmt: skip


def faults_in(figures: list[dict[str, Any]], *, alerts: int, samples: int) -> list[str]:
    """Why this run is not as it should be; empty where it is."""
    by_name = {figure["figure"]: figure for figure in figures}
    wrong = [name for name in WANTED_NONE if by_name[name]["value"]]
    if by_name["acknowledged"]["value"] < alerts:
        wrong.append("not every alert was published")
    if by_name["not answered"]["half"]:
        wrong.append("an alert is half published")
    if by_name["samples acknowledged"]["told of once"] != samples:
        wrong.append("not every sample was taken and told of once")
    if not by_name["faults"]["value"]:
        wrong.append("nothing was broken: this shows nothing")
    back = by_name["seconds from the last fault to under 2 s"]["value"]
    if back is None or back > checker.WITHIN:
        wrong.append("not back within 15 s")
    return wrong
