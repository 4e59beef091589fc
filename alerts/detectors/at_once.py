"""What one result may be worth noticing for, as soon as it is visible. docs/rules.md A says what may trigger what.

Each rule is a function of what was read and what was known before; none asks a database. What a rule
notices is for a person to judge: whether anything is said by itself is decided in `alerts/rules.py`.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from checking.evidence import found_by
from checking.readings import Amount, FindingRead, ResultRead, SampleRead, Subject

logger = logging.getLogger(__name__)

STRIP, REAGENT, LAB = "strip", "reagent", "lab"
NEVER_ALONE = "fentanyl_related"  # 4-ANPP and its like say nothing by themselves (docs/rules.md A5)


class Weighed(Protocol):
    """How sure a subject is in a sample: `checking.interpretation.Evidence`."""

    @property
    def rung(self) -> str: ...
    @property
    def techniques(self) -> Sequence[str]: ...


class Denominator(NamedTuple):
    """How much was tested for a subject in this area before the result became visible."""

    samples: int  # counted up to what the burn-in asks for, at least
    first_on: date | None  # None: never


class Limit(NamedTuple):
    """An amount in one whole unit from which a network wants to hear."""

    substance: str
    kind: str  # mg_per_unit, ug_per_unit
    above: Decimal
    basis: str  # base, salt:<name>
    level: str  # caution, warning


class BurnIn(NamedTuple):
    """How much has to be known before "first" means something (docs/rules.md E). Either is enough."""

    tested: int
    days: int | None  # None: the count alone decides

    def is_over(self, tested: Denominator, on: date) -> bool:
        if tested.samples >= self.tested:
            return True
        if self.days is None or tested.first_on is None:
            return False
        return (on - tested.first_on).days >= self.days


@dataclass(frozen=True)
class Facts:
    """One result that just became visible, and what is known around it."""

    sample: SampleRead
    result: ResultRead
    on: date  # the day it became visible
    is_allowed: Callable[[Sequence[Subject], Subject], bool]
    is_watched: Callable[[Subject], bool]
    weigh: Callable[[SampleRead, Subject], Weighed]
    was_found: Callable[[Subject], bool]  # in this area, before
    tested: Callable[[Subject], Denominator]  # in this area, before
    burn_in: BurnIn
    limits: Sequence[Limit] = ()


@dataclass(frozen=True)
class Noticed:
    """What a rule saw."""

    rule: str
    subject: Subject | None
    rung: str
    summary: str
    counts: dict[str, Any] = field(default_factory=dict)
    false_alarms: str = ""  # how often this rule is wrong, in words
    level: str = "notice"  # a hint for the person who judges it
    finding: FindingRead | None = None


Rule = Callable[[Facts], Iterator[Noticed]]


def look(facts: Facts) -> list[Noticed]:
    """Everything the rules notice in one result."""
    noticed: list[Noticed] = []
    if not may_trigger(facts.result):
        return noticed
    for rule in RULES:
        try:
            noticed += rule(facts)
        except Exception:
            # One broken rule must not silence the others, nor hold up the queue.
            logger.exception("%s could not judge the result %s", rule.__name__, facts.result.id)
    return noticed


def may_trigger(result: ResultRead) -> bool:
    """Reagents feed no rule (A12); nor does an invalid reading, one outside quality control, or by a suspect lot."""
    return result.outcome == "detected" and result.method.family != REAGENT and result.is_in_control


def first_detection(facts: Facts) -> Iterator[Noticed]:
    """A watched substance or class never found in this area before, where enough was tested to say so."""
    for finding in _watched(facts):
        if facts.was_found(finding.subject):
            continue
        tested = facts.tested(finding.subject)
        if facts.burn_in.is_over(tested, facts.on):
            yield _noticed(
                facts,
                finding,
                "first_detection",
                f"First in this area: {_named(facts, finding)}",
                counts={
                    "tested_before_at_least": tested.samples,
                    "first_tested_on": tested.first_on.isoformat() if tested.first_on else None,
                },
                false_alarms="First here only means not found before by a method that looks for it.",
            )


def mis_sold(facts: Facts) -> Iterator[Noticed]:
    """Something life-threatening outside what may be in what was expected. An unknown expectation never counts."""
    if not facts.sample.expected:
        return
    expected = _list(facts.sample.expected)
    for finding in detected(facts.result):
        if is_mis_sold(facts, finding.subject):
            yield _noticed(
                facts,
                finding,
                "mis_sold",
                f"Expected {expected}, found {_named(facts, finding)}",
                counts={"expected": [each.slug for each in facts.sample.expected]},
                false_alarms=_strip_doubts(facts.result),
                level="caution",
            )


def amount_over_threshold(facts: Facts) -> Iterator[Noticed]:
    """More in one whole unit than the network's threshold, measured by a lab on the threshold's own basis."""
    if facts.result.method.family != LAB or not facts.result.method.measures_amount:
        return
    for finding in detected(facts.result):
        over = [limit for limit in facts.limits if limit.substance == finding.subject.slug and is_over(limit, finding)]
        if over:
            highest = max(over, key=lambda limit: (limit.level == "warning", limit.above))
            assert finding.amount is not None  # it is over a limit
            unit = highest.kind.partition("_")[0]
            yield _noticed(
                facts,
                finding,
                "amount_over_threshold",
                f"{in_words(finding.amount)} of {finding.subject.name} in one unit, "
                f"threshold {highest.above.normalize():f} {unit}",
                counts={"above": str(highest.above), "basis": highest.basis, "value": str(finding.amount.value)},
                false_alarms="One unit was measured; units of one kind differ.",
                level=highest.level,
            )


def overdose_linked(facts: Facts) -> Iterator[Noticed]:
    """Found in a sample that was reported with an overdose. Never said by a rule itself."""
    found = detected(facts.result)
    if facts.sample.is_overdose_associated is not True or not found:
        return
    gravest = max(found, key=lambda each: (each.subject.is_life_threatening, facts.is_watched(each.subject)))
    names = _list([each.subject for each in found])
    yield _noticed(
        facts,
        gravest,
        "overdose_linked",
        f"Reported with an overdose: {names}",
        counts={"found": [each.subject.slug for each in found]},
        false_alarms="That both came together does not say that one caused the other.",
        level="caution",
    )


def watch_list(facts: Facts) -> Iterator[Noticed]:
    """A watch-listed substance that is not what the sample was taken for."""
    for finding in _watched(facts):
        if is_expected(facts.sample, finding.subject):
            continue
        was_found = facts.was_found(finding.subject)
        first = "" if was_found else ", first in our data"
        yield _noticed(
            facts,
            finding,
            "watch_list",
            f"Watch list: {_named(facts, finding)}{first}",
            counts={"found_before": was_found},
            false_alarms=_strip_doubts(facts.result),
        )


RULES: tuple[Rule, ...] = (mis_sold, amount_over_threshold, first_detection, watch_list, overdose_linked)


def detected(result: ResultRead) -> list[FindingRead]:
    """What the result found and stands by: not what it names only tentatively, nor by-products alone."""
    return [
        finding
        for finding in found_by(result)
        if finding.identity != "tentative" and NEVER_ALONE not in finding.subject.classes
    ]


def is_expected(sample: SampleRead, subject: Subject) -> bool:
    """What the sample was taken for, or a class it belongs to, or a member of the class it was taken for."""
    return any(subject.is_within(each) or each.is_within(subject) for each in sample.expected)


def is_mis_sold(facts: Facts, subject: Subject) -> bool:
    """Life-threatening and outside the reviewed table. A class that holds what was expected does not contradict it."""
    expected = facts.sample.expected
    if not expected or not subject.is_life_threatening or NEVER_ALONE in subject.classes:
        return False
    if any(each.is_within(subject) for each in expected):
        return False
    return not facts.is_allowed(expected, subject)


def is_over(limit: Limit, finding: FindingRead) -> bool:
    """Above the limit, in a whole unit, on the same basis. Base and salt are never turned into each other (A6)."""
    amount = finding.amount
    if amount is None or amount.value is None or amount.portion != "whole":
        return False
    if amount.basis == "unknown" or amount.basis.casefold() != limit.basis.casefold():
        return False
    measured, threshold = _in_ug(amount.kind, amount.value), _in_ug(limit.kind, limit.above)
    return measured is not None and threshold is not None and measured > threshold


def in_words(amount: Amount) -> str:
    """Such as "240 mg"."""
    unit = {"mg_per_unit": "mg", "ug_per_unit": "ug"}.get(amount.kind, "")
    value = amount.value if amount.value is not None else Decimal(0)
    return f"{value.normalize():f} {unit}".strip()


def _in_ug(kind: str, value: Decimal) -> Decimal | None:
    if kind == "ug_per_unit":
        return value
    return value * 1000 if kind == "mg_per_unit" else None


def _watched(facts: Facts) -> list[FindingRead]:
    return [finding for finding in detected(facts.result) if facts.is_watched(finding.subject)]


def _noticed(facts: Facts, finding: FindingRead, rule: str, summary: str, **more: Any) -> Noticed:
    rung = facts.weigh(facts.sample, finding.subject).rung
    return Noticed(rule, finding.subject, rung, summary, finding=finding, **more)


def _named(facts: Facts, finding: FindingRead) -> str:
    """What was found, saying at once what weakens it."""
    name = finding.subject.name
    if facts.result.method.family == STRIP:
        name = f"{name} (a strip reacted)"
    if finding.amount is not None and finding.amount.is_trace:
        name = f"a trace of {name}"
    return f"{name} in residue" if facts.sample.material == "residue" else name


def _strip_doubts(result: ResultRead) -> str:
    """What is published of a strip's false alarms (A1: right in 4 to 8 % of cases where it is rare)."""
    if result.method.family != STRIP:
        return "A lab reading is rarely wrong about what is there; mix-ups of samples happen."
    known = [target for target in result.method.targets if target.field_specificity is not None]
    if not known:
        return "Strips react to other things too; how often this one does is not known."
    wrong = 1 - max(target.field_specificity or 0 for target in known)
    return f"About {wrong:.0%} of samples without it made this strip react in field use ({known[0].source})."


def _list(subjects: Sequence[Subject]) -> str:
    return ", ".join(each.name for each in subjects)
