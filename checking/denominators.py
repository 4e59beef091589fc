"""Who was tested for what: which samples make a denominator, and which of them a detection.

A sample counts as tested for X only if a valid result used a method whose scope, in that lab and on
that day, covers X fully. Detected is counted inside that set; what was found outside of it stands
beside the figure ("also seen"). No Django here; `checking/scope_rows.py` makes `Scopes` of rows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from .readings import FindingRead, ResultRead, SampleRead, Subject

PREVALENCE = frozenset({"all", "random"})  # why a result was run, where that says nothing of what is in it
READ = frozenset({"detected", "not_detected"})  # outcomes that say something


class ScopeState(Enum):
    """How it is known that a lab looked for something."""

    OWN = "own"  # the lab said so
    ASSUMED = "assumed"  # the reference scope stands in for a lab that said nothing
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Scope:
    """What one lab looks for with one method."""

    lab: str | None  # site slug; None: reference, stands in for labs without rows of their own
    method: str
    subject: Subject
    since: date | None = None  # None: always
    until: date | None = None  # last day; None: still
    is_full: bool = True
    runs_all: bool = False

    def is_open(self, day: date | None) -> bool:
        """True when in force on the day. An unknown day is within a scope without dates only."""
        if day is None:
            return self.since is None and self.until is None
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def covers(self, subject: Subject) -> bool:
        """A class covers its members; a compound does not cover its class."""
        return self.is_full and subject.is_within(self.subject)

    def is_told_by(self, result: ResultRead, subject: Subject) -> bool:
        """True when this result could have said the subject was there, and could have said it was not.

        A method that tells a class only can clear a member, and never find it: counting its members
        would show what nobody could have seen as "0 of n". The same holds for a result that names
        the class of the subject and stops there, and for one that names it only tentatively.
        """
        if not self.covers(subject):
            return False
        if result.method.tells == "class" and subject.slug != self.subject.slug:
            return False
        if any(names(finding, subject) for finding in result.detected):
            return True
        return not any(
            subject.is_within(finding.subject) or finding.subject.is_within(subject) for finding in result.detected
        )


class Scopes:
    """All scopes, found by lab and method."""

    def __init__(self, rows: Iterable[Scope], *, requires_own: bool = False) -> None:
        """With `requires_own`, reference scopes stand in for nobody."""
        self._requires_own = requires_own
        self._rows: dict[tuple[str | None, str], list[Scope]] = {}
        for row in rows:
            self._rows.setdefault((row.lab, row.method), []).append(row)
        self._labs = {lab for lab, _ in self._rows if lab is not None}
        self._open: dict[tuple[str, str, date | None], tuple[Scope, ...]] = {}

    def _rows_for(self, lab: str, method: str) -> list[Scope]:
        if lab in self._labs:
            return self._rows.get((lab, method), [])
        return [] if self._requires_own else self._rows.get((None, method), [])

    def open_for(self, result: ResultRead) -> tuple[Scope, ...]:
        """The scopes in force where and when the result was made; the same object for the same place and day."""
        key = (result.lab, result.method.slug, read_on(result))
        if key not in self._open:
            self._open[key] = tuple(row for row in self._rows_for(key[0], key[1]) if row.is_open(key[2]))
        return self._open[key]

    def covering(self, result: ResultRead, subject: Subject) -> Scope | None:
        """The scope by which this result told of the subject, there or not; None where it could not."""
        fitting = [row for row in self.open_for(result) if row.is_told_by(result, subject)]
        return next((row for row in fitting if row.runs_all), fitting[0] if fitting else None)

    def state(self, lab: str, method: str) -> ScopeState:
        """Where this lab's scope for this method comes from."""
        if not self._rows_for(lab, method):
            return ScopeState.NONE
        return ScopeState.OWN if lab in self._labs else ScopeState.ASSUMED

    def opened_on(self, subject: Subject, family_methods: Iterable[str], labs: Iterable[str]) -> tuple[date, ...]:
        """Days on which looking for the subject began or ended at one of the labs, for charts and baselines."""
        days = {
            day
            for lab in labs
            for method in family_methods
            for row in self._rows_for(lab, method)
            if row.covers(subject)
            for day in (row.since, row.until)
            if day is not None
        }
        return tuple(sorted(days))


def read_on(result: ResultRead) -> date | None:
    """The day the scope is asked about."""
    return result.performed_on or result.completed_on


def is_sound(result: ResultRead) -> bool:
    """Valid, in quality control, by a lot in order, and by a method that may make a denominator (reagents never do)."""
    return result.outcome in READ and result.is_in_control and result.method.family != "reagent"


def tells(result: ResultRead, subject: Subject, scopes: Scopes) -> bool:
    """True when this result puts its sample into the denominator for the subject."""
    scope = scopes.covering(result, subject) if is_sound(result) else None
    return scope is not None and (
        result.chosen_because in PREVALENCE or (result.chosen_because == "unknown" and scope.runs_all)
    )


def looking(sample: SampleRead, subject: Subject, family: str | None, scopes: Scopes) -> Iterator[ResultRead]:
    """The sample's results that make it "tested for the subject". `family` None: any family."""
    for result in sample.results:
        if (family is None or result.method.family == family) and tells(result, subject, scopes):
            yield result


def is_countable(sample: SampleRead) -> bool:
    """May stand in a figure at all: the person said yes, and the sample is not known to be contaminated.

    Samples linked to an overdose came for a reason that says what is in them. Training sites
    and later parts of a split sample are known by their rows only; whoever reads rows leaves them out.
    """
    return sample.is_shared and not sample.is_contaminated and sample.is_overdose_associated is not True


def is_tested(sample: SampleRead, subject: Subject, family: str | None, scopes: Scopes) -> bool:
    """True when the sample is in the denominator for the subject."""
    return is_countable(sample) and next(looking(sample, subject, family, scopes), None) is not None


def is_detected(sample: SampleRead, subject: Subject, family: str | None, scopes: Scopes | None = None) -> bool:
    """True when the subject, or for a class any of its members, was found. Traces count.

    With `scopes`, only results that make the denominator are asked, so that detected is inside
    tested. Without, every sound result is.
    """
    if scopes is None:
        results: Iterable[ResultRead] = _sound(sample, family)
    elif not is_countable(sample):
        return False
    else:
        results = looking(sample, subject, family, scopes)
    return any(names(finding, subject) for result in results for finding in result.detected)


def also_seen(sample: SampleRead, subject: Subject, family: str | None, scopes: Scopes) -> bool:
    """Found in a countable sample, but outside the figure's denominator."""
    return (
        is_countable(sample) and not is_tested(sample, subject, family, scopes) and is_detected(sample, subject, family)
    )


def names(finding: FindingRead, subject: Subject) -> bool:
    """True when the finding counts as a detection of the subject.

    A finding of a class says nothing of which member; a tentative one is not a detection.
    """
    return finding.is_detected and finding.identity != "tentative" and finding.subject.is_within(subject)


def _sound(sample: SampleRead, family: str | None) -> Iterator[ResultRead]:
    return (
        result for result in sample.results if is_sound(result) and (family is None or result.method.family == family)
    )
