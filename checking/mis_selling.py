"""When what was found is not what was expected."""

from collections.abc import Iterable, Mapping

from .readings import Subject

Allowed = Mapping[str, frozenset[str]]  # slug expected -> slugs found that are not mis-sold


def is_allowed(allowed: Allowed, expected: Iterable[Subject], found: Subject) -> bool:
    """True where finding this in a sample expected to be any of those is not mis-sold.

    What has a row of its own in the reviewed table is judged by that row. Everything else allows itself
    and, where it is a class, its members. A row for a class speaks for those who expected the class,
    not for each member: who expected "an opioid" may get fentanyl, who expected hydromorphone may not.
    """
    return any(_allows(allowed, subject, found) for subject in expected)


def _allows(allowed: Allowed, subject: Subject, found: Subject) -> bool:
    row = allowed.get(subject.slug)
    if row is None:
        return found.is_within(subject)
    return not row.isdisjoint((found.slug, *found.classes))


def is_mis_sold(allowed: Allowed, expected: Iterable[Subject], found: Subject) -> bool:
    """True for a life-threatening find outside what was expected. An unknown expectation is never mis-sold."""
    named = tuple(expected)
    return bool(named) and found.is_life_threatening and not is_allowed(allowed, named, found)
