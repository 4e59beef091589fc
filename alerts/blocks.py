"""The library of blocks: steps, signs of trouble, what helps, what strips show, as rows of data.

A row of `words/blocks.csv` is one block in one language. `fits` names the classes and substances it is
offered for (`any`: all), `route` the way of use, `step` its place from small to large. `key` names the
composed text it is part of, and is empty where only a person chooses it. `reviewed_on` is empty until a
clinician has read it, and is shown so.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "words" / "blocks.csv"
KINDS = ("actions", "signs", "helps", "strips")
ROUTES = ("any", "smoke", "snort", "inject", "swallow")
ANY = "any"


@dataclass(frozen=True, slots=True)
class Block:
    """One thing that can be said, in every language."""

    id: str
    kind: str  # actions, signs, helps, strips
    key: str  # of the composed text that holds it; empty: only a person chooses it
    fits: tuple[str, ...]  # slugs of classes and substances, or `any`
    route: str  # any, smoke, snort, inject, swallow
    step: int  # from small to large
    texts: Mapping[str, str]
    source: str
    reviewed_on: str  # ISO day; empty: no clinician has read it yet

    def is_for(self, slugs: Iterable[str]) -> bool:
        """True where it is offered for something of these classes or substances."""
        return ANY in self.fits or not set(self.fits).isdisjoint(slugs)


@cache
def library() -> tuple[Block, ...]:
    """Every block there is, in the order of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        texts[row["id"]][row["language"]] = row["text"]
    first = {row["id"]: row for row in reversed(rows)}
    return tuple(_block(first[id], texts[id]) for id in texts)


@cache
def composed(language: str) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """What is said where nobody chooses: the texts of one language by kind and key, in their order."""
    said: dict[str, dict[str, list[str]]] = {kind: defaultdict(list) for kind in KINDS}
    for block in library():
        if block.key:
            said[block.kind][block.key].append(block.texts[language])
    return {kind: dict(texts) for kind, texts in said.items()}


def offered(kind: str, slugs: Iterable[str]) -> list[Block]:
    """What a person may choose of one kind for these classes and substances, from small to large."""
    wanted = frozenset(slugs)
    fitting = (block for block in library() if block.kind == kind and block.is_for(wanted))
    return sorted(_once(fitting), key=lambda block: (block.step, ROUTES.index(block.route)))


def is_said(block: Block, said: Mapping[str, Iterable[str]]) -> bool:
    """True where every language holds it in exactly these words."""
    return all(block.texts[language] in set(lines) for language, lines in said.items() if language in block.texts)


def put_in(block: Block, lines: Sequence[str], language: str) -> list[str]:
    """The lines with this block, before the first line the library knows as a larger step."""
    text = block.texts.get(language)
    if text is None or text in lines:
        return list(lines)
    steps = {other.texts[language]: other.step for other in library() if other.kind == block.kind}
    place = next((at for at, line in enumerate(lines) if steps.get(line, -1) > block.step), len(lines))
    return [*lines[:place], text, *lines[place:]]


def take_out(block: Block, lines: Sequence[str], language: str) -> list[str]:
    return [line for line in lines if line != block.texts.get(language)]


def _once(blocks: Iterable[Block]) -> list[Block]:
    """Of blocks in the same words only the first: two composed texts may share a sentence."""
    found: dict[tuple[str, ...], Block] = {}
    for block in blocks:
        found.setdefault(tuple(block.texts.values()), block)
    return list(found.values())


def _block(row: Mapping[str, str], texts: Mapping[str, str]) -> Block:
    return Block(
        id=row["id"],
        kind=row["kind"],
        key=row["key"],
        fits=tuple(row["fits"].split("|")),
        route=row["route"],
        step=int(row["step"]),
        texts=dict(texts),
        source=row["source"],
        reviewed_on=row["reviewed_on"],
    )
