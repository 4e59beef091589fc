"""What each strip shows of what was found, computed from what is known of the methods. Plain values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checking.readings import MethodFacts, Subject

YES, SOME, NO = "yes", "some", "no"


@dataclass(frozen=True, slots=True)
class StripFact:
    """One strip and one subject."""

    strip: str  # slug of the method
    subject: Subject
    shows: str  # yes, some, no
    source: str


def strip_facts(found: Iterable[Subject], methods: Iterable[MethodFacts]) -> list[StripFact]:
    """Every strip there is, for everything that was found."""
    strips = [method for method in methods if method.family == "strip"]
    return [
        StripFact(strip.slug, subject, shows(strip, subject), strip.source) for subject in found for strip in strips
    ]


def shows(strip: MethodFacts, subject: Subject) -> str:
    """Whether a strip is known to show it: `some` where that is for a part of a class, or not for sure."""
    if any(subject.is_within(miss.subject) for miss in strip.misses):
        return NO
    covering = [target for target in strip.targets if subject.is_within(target.subject)]
    if any(target.is_full for target in covering):
        return YES
    if covering or any(target.subject.is_within(subject) for target in strip.targets):
        return SOME
    return NO


def sentences(facts: Sequence[StripFact], spoken: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """The same in one language. `names`: how each subject is called there, by slug."""
    said: list[str] = []
    forms = spoken["strips_computed"]
    for slug in dict.fromkeys(fact.subject.slug for fact in facts):
        mine = [fact for fact in facts if fact.subject.slug == slug]
        said += [
            forms[fact.shows].format(strip=_capital(_called(fact, spoken)), found=names[slug])
            for fact in mine
            if fact.shows != NO
        ]
        unseen = [_bare(_called(fact, spoken)) for fact in mine if fact.shows == NO]
        if unseen:
            said.append(forms[NO].format(found=names[slug], strips=", ".join(unseen)))
    return said


def unseen_by(facts: Sequence[StripFact], spoken: Mapping[str, Any]) -> tuple[str, ...]:
    """The strips that show nothing of all that was found, as the language calls them, without the article."""
    slugs = dict.fromkeys(fact.strip for fact in facts)
    blind = [slug for slug in slugs if all(fact.shows == NO for fact in facts if fact.strip == slug)]
    names = spoken["strip_names"]
    return tuple(_bare(names[slug]) for slug in blind if slug in names)


def _called(fact: StripFact, spoken: Mapping[str, Any]) -> str:
    return str(spoken["strip_names"].get(fact.strip, spoken["strip_names"]["other"]))


def _bare(name: str) -> str:
    """Without its article."""
    return name.split(" ", 1)[1] if " " in name else name


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
