"""The words of what people may tell of an alert: the questions, the answers, and how often each was given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from checking import area_tree

from ..answers import ELSEWHERE, SEVERAL, choices
from ..models import Signal
from .staff_words import COLOURS, FORMS

Word = str | Promise
QUESTIONS: Mapping[str, Word] = {
    "saw": _("What did you see or notice?"),
    "when": _("When was that?"),
    "where": _("Where was that?"),
    "form": _("What form did it have?"),
    "colour": _("What colour was it?"),
    "strip": _("Did anyone try a strip?"),
}
ANSWERS: Mapping[str, Mapping[str, Word]] = {
    "saw": {
        "looked": _("It looked like what this alert says"),
        "sold_as": _("It was sold as what this alert says"),
        "stronger": _("It felt stronger than expected"),
        "sleepier": _("It made people sleepier than expected"),
        "different": _("It felt different in another way"),
    },
    "when": {
        "today": _("Today"),
        "this_week": _("In the last seven days"),
        "earlier": _("Longer ago"),
    },
    "where": {ELSEWHERE: _("Somewhere else")},
    "form": FORMS,
    "colour": COLOURS,
    "strip": {
        "reacted": _("A strip reacted"),
        "not_reacted": _("A strip did not react"),
        "no_test": _("No strip was used"),
    },
}
IN_A_LIST = frozenset({"form", "colour"})  # too many for buttons on a phone


@dataclass(frozen=True)
class Option:
    value: str
    word: str
    is_marked: bool


@dataclass(frozen=True)
class Question:
    name: str
    word: str
    options: tuple[Option, ...]
    kind: str  # several, one, list

    @property
    def is_open(self) -> bool:
        """True where nothing is marked yet."""
        return not any(option.is_marked for option in self.options)


def questions(areas: Iterable[str], marked: Mapping[str, Iterable[str]]) -> list[Question]:
    """The questions about an alert that names these areas. What was `marked` and is not offered is left out."""
    return [
        Question(
            name,
            str(QUESTIONS[name]),
            tuple(Option(value, answer_word(name, value), value in marked.get(name, ())) for value in values),
            "several" if name == SEVERAL else "list" if name in IN_A_LIST else "one",
        )
        for name, values in choices(areas).items()
    ]


def answer_word(question: str, value: str) -> str:
    """An answer in words; a place by its name."""
    known = ANSWERS[question]
    if question == "where" and value not in known:
        return area_tree.current(holding=[value]).name(value)
    return str(known.get(value, value))


def how_many(counts: Mapping[str, Any]) -> str:
    """One line for reviewers. A form is not a person: one may send several, and several one."""
    told = int(counts.get("reports", 0))
    return ngettext(
        "People told what they saw, on the page of an alert: %(n)s form. Nobody has checked it.",
        "People told what they saw, on the page of an alert: %(n)s forms. Nobody has checked it.",
        told,
    ) % {"n": told}


def told(signal: Signal) -> list[tuple[str, list[tuple[str, int]]]]:
    """How often each answer was given, by question, in words. For reviewers alone."""
    lines: dict[str, list[tuple[str, int]]] = {}
    for key, often in signal.counts.items():
        question, _dot, value = key.partition(".")
        if question in QUESTIONS and value:
            lines.setdefault(str(QUESTIONS[question]), []).append((answer_word(question, value), often))
    return list(lines.items())
