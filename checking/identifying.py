"""Free text that people write, held against the identifier gate.

What was refused is told to its writer and to nobody else: it is not stored, not logged, and no exception's
message holds it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from .identifiers import Found, Kind, find_identifiers
from .problems import Problems

KIND_WORDS: Mapping[Kind, object] = {
    "email": gettext_lazy("an e-mail address"),
    "phone": gettext_lazy("a phone number"),
    "birth_date": gettext_lazy("a date of birth"),
    "plate": gettext_lazy("a number plate"),
    "handle": gettext_lazy("a name on a network"),
    "address": gettext_lazy("an address or post code"),
    "digits": gettext_lazy("a long number"),
}


@dataclass(frozen=True)
class Passage:
    """Words that could tell who a person is, and what they look like."""

    words: str
    looks_like: str


def passages(text: str) -> list[Passage]:
    """What the gate found, in order, each stretch once: what overlaps is one, named by the widest."""
    return [Passage(text[start:end], _looks_like(kinds)) for start, end, kinds in _apart(find_identifiers(text))]


def says_who(found: Sequence[Passage]) -> str:
    """For the writer: which words are in the way."""
    named = "; ".join(f"“{each.words}” ({each.looks_like})" for each in found)
    return _("This could tell who a person is: %(named)s. Please say it without.") % {"named": named}


def refuse_identifying(text: str, path: str, problems: Problems) -> None:
    """Add a problem where a text could tell who a person is. It names the kind and repeats no word of it."""
    kinds = {each.kind for each in find_identifiers(text)}
    if kinds:
        with override("en"):
            named = ", ".join(str(words) for kind, words in KIND_WORDS.items() if kind in kinds)
        problems.add(path, f"This may hold {named}. The person who holds the code reads it: say it without.")


def _apart(found: Sequence[Found]) -> list[tuple[int, int, list[Kind]]]:
    apart: list[tuple[int, int, list[Kind]]] = []
    for kind, start, end in found:
        if apart and start < apart[-1][1]:
            first, last, kinds = apart[-1]
            apart[-1] = (first, max(last, end), kinds if kind in kinds else [*kinds, kind])
        else:
            apart.append((start, end, [kind]))
    return apart


def _looks_like(kinds: Sequence[Kind]) -> str:
    """A long number that may be a phone is said to be a phone: the more telling of the two."""
    telling: Sequence[Kind] = [kind for kind in kinds if kind != "digits"] or kinds
    return _(" or ").join(str(KIND_WORDS[kind]) for kind in telling)
