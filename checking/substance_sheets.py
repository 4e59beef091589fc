"""What is known of each substance and class, for people to read: what it is, how to say it, signs, what helps.

Plain values from the reference files that come with the program, read once; no database. A text of a class
stands for all within it, until something nearer has one of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from .guidance import rows_of
from .method_rules import Reviewed, Said
from .method_sheets import sources_of
from .readings import Subject

KINDS = ("what", "say", "signs", "helps", "steps")
INHERITED = frozenset(KINDS) - {"say"}  # a class is not said as its members are


@dataclass(frozen=True, slots=True)
class Source:
    """Where a text comes from. No address: it was published nowhere."""

    name: Said
    address: str


@dataclass(frozen=True, slots=True)
class SubstanceText:
    """One text about one substance or class."""

    slug: str  # of the substance or class it was written for
    kind: str
    said: Said
    sources: tuple[Source, ...]
    reviewed: Reviewed


@cache
def sources() -> Mapping[str, Source]:
    return {row["key"]: Source(Said(row["name"], row["name_es"]), row["address"]) for row in _rows("sources")}


@cache
def texts() -> Mapping[tuple[str, str], SubstanceText]:
    """Every text by the slug and kind it is of. Raises KeyError for a source that is in no list."""
    return {(row["slug"], row["kind"]): _text(row) for row in _rows("texts")}


def text_of(subject: Subject, kind: str) -> SubstanceText | None:
    """The nearest text: its own, or that of the nearest class above. None: nobody has written it."""
    lineage = (subject.slug, *subject.classes) if kind in INHERITED else (subject.slug,)
    return next((texts()[slug, kind] for slug in lineage if (slug, kind) in texts()), None)


def _text(row: Mapping[str, str]) -> SubstanceText:
    return SubstanceText(
        slug=row["slug"],
        kind=row["kind"],
        said=Said(row["text"], row["text_es"]),
        sources=tuple(sources()[key] for key in sources_of(row["source"])),
        reviewed=Reviewed(row["checked_by"], row["reviewed_on"]),
    )


def _rows(name: str) -> tuple[Mapping[str, str], ...]:
    return tuple(rows_of(f"substance_{name}.csv"))
