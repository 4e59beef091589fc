"""How much work a pattern is: its longest match, and how often a backtracking matcher looks at a letter.

Python's own matcher does not tell; this one walks the same parsed pattern in the same order, and counts.
"""

import re
from collections.abc import Iterator
from re import _constants as op  # type: ignore[attr-defined]  # the parser's own names
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any


def longest(pattern: re.Pattern[str]) -> int:
    """Letters of the longest match; very large where nothing bounds it."""
    return int(parser.parse(pattern.pattern, pattern.flags).getwidth()[1])


def steps(pattern: re.Pattern[str], text: str) -> int:
    """Looks at a letter while the pattern is tried at every place of the text."""
    matcher = _Matcher(text.lower())
    parsed = list(parser.parse(pattern.pattern.lower()))  # no pattern of ours has a class in capitals
    for place in range(len(text) + 1):
        next(matcher.ends(parsed, place), None)
    return matcher.looked


class _Matcher:
    def __init__(self, text: str) -> None:
        self.text = text
        self.looked = 0

    def ends(self, nodes: list[Any], place: int) -> Iterator[int]:
        """Where the nodes can end when they begin here, in the order in which they are tried."""
        if not nodes:
            yield place
            return
        (kind, of), rest = nodes[0], nodes[1:]
        for end in self._node(kind, of, place):
            yield from self.ends(rest, end)

    def _node(self, kind: Any, of: Any, place: int) -> Iterator[int]:
        if kind in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN):
            self.looked += 1
            if place < len(self.text) and self._fits(kind, of, ord(self.text[place])):
                yield place + 1
        elif kind is op.BRANCH:
            for branch in of[1]:
                yield from self.ends(list(branch), place)
        elif kind is op.SUBPATTERN:
            yield from self.ends(list(of[3]), place)
        elif kind is op.MAX_REPEAT:
            yield from self._repeated(*of[:2], list(of[2]), place)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from self._around(kind is op.ASSERT, *of, place)
        elif kind is op.AT:
            if place == {op.AT_BEGINNING: 0, op.AT_END: len(self.text)}[of]:
                yield place
        else:
            raise NotImplementedError(kind)

    def _repeated(self, least: int, most: int, nodes: list[Any], place: int) -> Iterator[int]:
        if most > 0:
            for end in self.ends(nodes, place):
                if end > place:
                    yield from self._repeated(max(least - 1, 0), most - 1, nodes, end)
        if least == 0:
            yield place

    def _around(self, wanted: bool, direction: int, nodes: Any, place: int) -> Iterator[int]:
        start = place if direction > 0 else place - nodes.getwidth()[0]
        found = start >= 0 and any(direction > 0 or end == place for end in self.ends(list(nodes), start))
        if found is wanted:
            yield place

    def _fits(self, kind: Any, of: Any, letter: int) -> bool:
        if kind is op.ANY:
            return True
        if kind is op.LITERAL:
            return bool(letter == of)
        if kind is op.NOT_LITERAL:
            return bool(letter != of)
        negated = bool(of) and of[0][0] is op.NEGATE
        return negated is not any(self._in(*each, letter) for each in of if each[0] is not op.NEGATE)

    def _in(self, kind: Any, of: Any, letter: int) -> bool:
        if kind is op.LITERAL:
            return bool(letter == of)
        if kind is op.RANGE:
            return bool(of[0] <= letter <= of[1])
        classes = {op.CATEGORY_WORD: r"\w", op.CATEGORY_DIGIT: r"\d", op.CATEGORY_SPACE: r"\s"}
        return re.match(classes[of], chr(letter)) is not None
