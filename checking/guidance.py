"""What advice rests on beside the sample: the mis-sold table, amounts worth a word, isomers.

Plain values. `published()` reads the files that come with the program; `guidance_rows.py` gives what
a network made of them.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

from .mis_selling import Allowed
from .readings import Subject

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True, slots=True)
class AmountLimit:
    """An amount in one unit from which there is a word to say."""

    slug: str  # of the substance
    kind: str  # mg_per_unit, ug_per_unit
    above: Decimal  # in the unit of `kind`
    basis: str  # base, salt:<name>
    level: str  # caution, warning
    source: str = ""


@dataclass(frozen=True, slots=True)
class Guidance:
    allowed: Allowed = field(default_factory=dict)
    limits: tuple[AmountLimit, ...] = ()


@cache
def published() -> Guidance:
    """Guidance as it comes with the program."""
    allowed: dict[str, set[str]] = defaultdict(set)
    for row in rows_of("allowed_when_expected.csv"):
        allowed[_slug(row["expected"])] |= {_slug(part) for part in row["not_mis_sold"].split("|")}
    return Guidance(
        allowed={expected: frozenset(found) for expected, found in allowed.items()},
        limits=tuple(
            AmountLimit(row["substance"], row["kind"], Decimal(row["above"]), row["basis"], row["level"], row["source"])
            for row in rows_of("thresholds.csv")
        ),
    )


@dataclass(frozen=True, slots=True)
class Word:
    """A substance or class as it is shown."""

    en: str
    es: str


@cache
def words() -> Mapping[str, Word]:
    """Shown names by slug, for what is named without its row at hand: a class, a possible isomer."""
    spanish = {row["slug"]: row["name_es"] for row in rows_of("names_es.csv")}
    shown = {
        row["slug"]: Word(row["preferred_name"], spanish.get(row["slug"], row["preferred_name"]))
        for row in rows_of("substances.csv")
    }
    return shown | {row["slug"]: Word(row["name_en"], row["name_es"]) for row in rows_of("classes.csv")}


@cache
def _isomer_groups() -> Mapping[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for row in rows_of("isomers.csv"):
        groups[row["group"]].append(row["slug"])
    return {slug: tuple(group) for group in groups.values() for slug in group}


def isomers_of(subject: Subject) -> tuple[str, ...]:
    """Slugs of what the subject may be instead where isomers were not told apart, itself among them."""
    return _isomer_groups().get(subject.slug, ())


def rows_of(name: str) -> Iterator[Mapping[str, str]]:
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _slug(text: str) -> str:
    return text.strip().removeprefix("class:")
