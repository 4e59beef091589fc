"""What a person may answer about an alert: choices only, none finer than is needed to judge it.

Whether anyone was hurt, or naloxone was given, is not asked: what stands beside an area and a week could be
used against the person who tells it (docs/rules.md D5), and a reviewer does nothing else for knowing it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from checking.models import Sample

ELSEWHERE = "*"  # no area is called that
SEVERAL = "saw"  # the one question that takes more than one answer
COLOURS = ("white", "beige", "yellow", "orange", "pink", "red", "purple", "blue", "green", "brown", "grey", "black",
           "clear", "mixed")  # fmt: skip
CHOICES: Mapping[str, tuple[str, ...]] = {
    "saw": ("looked", "sold_as", "stronger", "sleepier", "different"),
    "when": ("today", "this_week", "earlier"),
    "where": (ELSEWHERE,),  # and the areas the alert names
    "form": tuple(form for form in Sample.Form.values if form not in {"other", "unknown"}),
    "colour": COLOURS,
    "strip": ("reacted", "not_reacted", "no_test"),
}


class BadAnswer(Exception):
    """An answer nobody was offered; the message names the question."""


class NoAnswer(Exception):
    """Everything was left out."""


@dataclass(frozen=True)
class Answers:
    """One form, read. Empty: that question was left out."""

    saw: tuple[str, ...] = ()
    when: str = ""
    where: str = ""
    form: str = ""
    colour: str = ""
    strip: str = ""


class Answered(Protocol):
    """A sighting, as far as counting goes."""

    saw: Sequence[str]
    when: str
    where: str
    form: str
    colour: str
    strip: str


def choices(areas: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """What may be answered about an alert that names these areas (slugs)."""
    return {**CHOICES, "where": (*areas, ELSEWHERE)}


def read(sent: Mapping[str, Sequence[str]], areas: Iterable[str]) -> Answers:
    """The answers of a form about an alert that names these areas. Raises BadAnswer, NoAnswer."""
    offered = choices(areas)
    given = {question: _given(sent.get(question, ()), question, offered[question]) for question in offered}
    if not any(given.values()):
        raise NoAnswer
    single = {question: values[0] if values else "" for question, values in given.items() if question != SEVERAL}
    return Answers(saw=given[SEVERAL], **single)


def _given(values: Sequence[str], question: str, offered: Sequence[str]) -> tuple[str, ...]:
    chosen = {value for value in values if value}
    if not chosen <= set(offered) or (len(chosen) > 1 and question != SEVERAL):
        raise BadAnswer(question)
    return tuple(value for value in offered if value in chosen)


def counted(told: Iterable[Answered]) -> dict[str, int]:
    """How often each answer was given, as `saw.stronger`, in the order of the questions."""
    often = Counter(key for each in told for key in _keys(each))
    questions = list(CHOICES)
    return dict(sorted(often.items(), key=lambda item: (questions.index(item[0].split(".")[0]), -item[1], item[0])))


def _keys(told: Answered) -> list[str]:
    single = {question: getattr(told, question) for question in CHOICES if question != SEVERAL}
    return [
        *(f"{SEVERAL}.{value}" for value in told.saw),
        *(f"{question}.{value}" for question, value in single.items() if value),
    ]


def columns(answers: Answers) -> dict[str, object]:
    """As a sighting keeps them."""
    return {**asdict(answers), SEVERAL: list(answers.saw)}
