"""Which methods see a substance or class and which do not, from what is known of the methods. Plain values."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from .guidance import rows_of
from .method_rules import Said
from .readings import Confusion, MethodFacts, Miss, Subject, Target

# Groups, in the order in which they are shown.
NAMES = "names"  # would show it, and which one it is
KIND = "kind"  # would show that something of its kind is there
PARTLY = "partly"  # sees some of it, or may miss it
BLIND = "blind"  # would not show it, or cannot be counted on
UNKNOWN = "unknown"  # looks broadly, and nothing known says whether it sees this
GROUPS = (NAMES, KIND, PARTLY, BLIND, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Sight:
    """How one method sees one subject."""

    method: MethodFacts
    group: str
    target: Target | None = None  # the nearest one that holds the subject
    misses: tuple[Miss, ...] = ()  # why it may go unseen
    only: tuple[Subject, ...] = ()  # of a class, what alone it looks for
    but_not: tuple[Subject, ...] = ()  # of a class, what it is known not to see
    confused_by: tuple[Subject, ...] = ()  # what makes it react without it; strips only


def sights(subject: Subject, methods: Iterable[MethodFacts]) -> tuple[Sight, ...]:
    """Every method, those that see it first."""
    seen = (sight(subject, method) for method in methods)
    return tuple(sorted(seen, key=lambda each: GROUPS.index(each.group)))


def sight(subject: Subject, method: MethodFacts) -> Sight:
    holding = sorted((each for each in method.targets if subject.is_within(each.subject)), key=_how_near)
    misses = _misses(subject, method, holding)
    inside = [each.subject for each in method.targets if each.subject.is_within(subject)] if not holding else []
    group = _group(method, holding, bool(misses), bool(inside))
    if group in {BLIND, UNKNOWN}:
        return Sight(method, group, misses=misses)
    return Sight(
        method=method,
        group=group,
        target=holding[0] if holding else None,
        misses=misses,
        only=tuple(inside),
        but_not=tuple(each.subject for each in method.misses if _is_inside(each.subject, subject)),
        confused_by=_confusing(subject, method) if method.family == "strip" else (),
    )


def fooled(subject: Subject, methods: Iterable[MethodFacts]) -> tuple[tuple[MethodFacts, Confusion], ...]:
    """The methods that this, or something within it, makes react or name something that is not there."""
    return tuple(
        (method, each)
        for method in methods
        for each in method.confusions
        if subject.is_within(each.subject) or each.subject.is_within(subject)
    )


def why(method: str, miss: Miss) -> Said:
    """Why something is missed, in both languages where the reference has it so."""
    return _reasons("method_misses.csv", "misses").get((method, miss.subject.slug, miss.why), Said(miss.why, miss.why))


def why_confused(method: str, confusion: Confusion) -> Said:
    known = _reasons("method_confusers.csv", "confuser")
    return known.get((method, confusion.subject.slug, confusion.why), Said(confusion.why, confusion.why))


def _group(method: MethodFacts, holding: list[Target], is_missed: bool, sees_some: bool) -> str:
    points_only = method.tells == "class"
    if is_missed and (points_only or not holding):
        return BLIND
    if not holding and not sees_some:
        return UNKNOWN if method.looks_broadly or not method.targets else BLIND
    if is_missed or not any(each.is_full for each in holding):
        return PARTLY
    return KIND if points_only else NAMES


def _misses(subject: Subject, method: MethodFacts, holding: list[Target]) -> tuple[Miss, ...]:
    """What is known to be missed here. What is looked for by name is not missed for the sake of its class."""
    named = [each.subject for each in holding if each.is_full]
    return tuple(
        miss
        for miss in method.misses
        if subject.is_within(miss.subject) and not any(_is_inside(target, miss.subject) for target in named)
    )


def _confusing(subject: Subject, method: MethodFacts) -> tuple[Subject, ...]:
    found = (each.subject for each in method.confusions if not each.subject.is_within(subject))
    return tuple(dict.fromkeys(each for each in found if not subject.is_within(each)))


def _is_inside(one: Subject, other: Subject) -> bool:
    return one.slug != other.slug and one.is_within(other)


def _how_near(target: Target) -> tuple[int, bool]:
    """The nearest target first, and of two as near the one that is looked for in full."""
    return -len(target.subject.classes) - (not target.subject.is_class), not target.is_full


@cache
def _reasons(file: str, of: str) -> dict[tuple[str, str, str], Said]:
    return {(row["method"], row[of], row["why"]): Said(row["why"], row["why_es"]) for row in rows_of(file)}
