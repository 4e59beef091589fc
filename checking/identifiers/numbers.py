"""Numbers in words, as people say them over a phone: "double five oh", "treinta y dos", "nineteen eighty-seven"."""

import csv
import re
from functools import cache
from typing import NamedTuple

from .views import DATA, View

_WORD = re.compile(r"[a-z]+|\d+")
_TOKEN = re.compile(r"[a-z\d]{3,8}")
_GAP = re.compile(r"[ -]{1,2}")
_AND = re.compile(r"[ -](?:and|y|e|et|und|en)[ -]")
_LEET = str.maketrans("01345", "oieas")
MOST_WORDS = 4  # "quatre vingt dix sept"
LONGEST_RUN = 120  # letters; longer runs without a space are not taken apart


class Meaning(NamedTuple):
    kind: str  # number, ordinal, hundreds, hundred, thousand, repeat, zero_letter
    value: int


class Piece(NamedTuple):
    """A number found in words or digits: where it stands and how it is written in digits."""

    start: int
    end: int
    meaning: Meaning
    is_words: bool


@cache
def lexicon() -> dict[str, Meaning]:
    with (DATA / "number_words.csv").open(encoding="utf-8", newline="") as file:
        return {row["words"]: Meaning(row["kind"], int(row["value"])) for row in csv.DictReader(file)}


@cache
def _first_words() -> frozenset[str]:
    return frozenset(words.split()[0] for words in lexicon())


@cache
def _glueable() -> dict[str, Meaning]:
    """Single words that may stand in a run without spaces."""
    return {words: meaning for words, meaning in lexicon().items() if meaning.kind == "number" and len(words) > 2}


def spoken(view: View) -> View:
    """The view with numbers in words written as digits."""
    changes = []
    for start, end, digits in _composed(view.text, _pieces(view.text)):
        changes.append((start, end, digits))
    return view.replaced(changes) if changes else view


def _pieces(text: str) -> list[Piece]:
    """Number words, and digits beside which they may mean something, in order."""
    words = [(match.start(), match.end(), match[0]) for match in _WORD.finditer(text)]
    leet = _leet_words(text)
    found: list[Piece] = []
    at = 0
    while at < len(words):
        start, end, word = words[at]
        if start in leet:
            stop, meaning = leet[start]
            found.append(Piece(start, stop, meaning, True))
            while at < len(words) and words[at][0] < stop:
                at += 1
            continue
        if word.isdigit():
            found.append(Piece(start, end, Meaning("digits", 0), False))
        elif word in _first_words() and (said := _phrase(text, words, at)):
            taken, meaning = said
            found.append(Piece(start, words[at + taken - 1][1], meaning, True))
            at += taken - 1
        elif 6 <= len(word) <= LONGEST_RUN:
            found += _taken_apart(word, start)
        at += 1
    return found


def _leet_words(text: str) -> dict[int, tuple[int, Meaning]]:
    """`f1ve`, `0ne`: words with digits drawn in."""
    found = {}
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token.isalpha() or token.isdigit() or token[0].isdigit() == token[-1].isdigit() is True:
            continue
        meaning = lexicon().get(token.translate(_LEET))
        if meaning and meaning.kind == "number" and sum(map(str.isalpha, token)) >= len(token) / 2:
            found[match.start()] = (match.end(), meaning)
    return found


def _phrase(text: str, words: list[tuple[int, int, str]], at: int) -> tuple[int, Meaning] | None:
    """The longest number that begins with this word: how many words it takes and what it means."""
    phrase, best = words[at][2], None
    for taken in range(1, MOST_WORDS + 1):
        if meaning := lexicon().get(phrase):
            best = (taken, meaning)
        if taken == MOST_WORDS or at + taken >= len(words):
            break
        if not _GAP.fullmatch(text, words[at + taken - 1][1], words[at + taken][0]):
            break
        phrase = f"{phrase} {words[at + taken][2]}"
    return best


def _taken_apart(run: str, offset: int) -> list[Piece]:
    """`fivefivefiveohone` as its words; nothing where the run is not wholly of at least two number words."""
    reach: dict[int, list[Piece]] = {0: []}
    for start in range(len(run)):
        before = reach.get(start)
        if before is None:
            continue
        for end in range(start + 2, min(start + 14, len(run)) + 1):
            part = run[start:end]
            meaning = Meaning("number", 0) if part == "oh" else _glueable().get(part)
            if meaning and end not in reach:
                reach[end] = [*before, Piece(offset + start, offset + end, meaning, True)]
    pieces = reach.get(len(run), [])
    return pieces if len(pieces) >= 2 else []


def _composed(text: str, pieces: list[Piece]) -> list[tuple[int, int, str]]:
    """Pieces put together where they are one number, as digits."""
    numbers: list[tuple[int, int, str]] = []
    at = 0
    while at < len(pieces):
        taken, digits = _number_at(text, pieces, at)
        if digits:
            numbers.append((pieces[at].start, pieces[at + taken - 1].end, digits))
        at += taken
    return numbers


def _number_at(text: str, pieces: list[Piece], at: int) -> tuple[int, str]:
    """How many pieces make one number here, and its digits; empty digits where what stands may stay."""
    piece = pieces[at]
    kind, value = piece.meaning
    if kind == "digits":
        return 1, ""
    if kind == "repeat":
        if _follows(text, pieces, at) and (one := _one_digit(text, pieces[at + 1])):
            return 2, one * value
        return 1, ""
    if kind == "zero_letter":
        between = 0 < at < len(pieces) - 1 and _follows(text, pieces, at - 1) and _follows(text, pieces, at)
        return 1, "0" if between else ""
    if kind == "ordinal":
        return 1, str(value)
    return _cardinal(text, pieces, at)


def _cardinal(text: str, pieces: list[Piece], at: int) -> tuple[int, str]:
    """Hundreds and thousands with what follows them: "mil novecientos ochenta y siete" is 1987."""
    total, current, taken = 0, 0, 0
    while at + taken < len(pieces):
        kind, value = pieces[at + taken].meaning
        if taken and not _follows(text, pieces, at + taken - 1):
            break
        if kind == "thousand" and not total and current < 100:
            total, current = max(current, 1) * 1000, 0
        elif kind == "hundred" and current < 100 and (not total or current < 10):
            current = max(current, 1) * 100
        elif kind == "hundreds" and current == 0:
            current = value
        elif kind == "number" and (taken == 0 or (_is_open(total, current) and 0 < value < 100)):
            current += value
        else:
            break
        taken += 1
    return taken, str(total + current)


def _is_open(total: int, current: int) -> bool:
    return (current >= 100 and current % 100 == 0) or (total > 0 and current == 0)


def _follows(text: str, pieces: list[Piece], at: int) -> bool:
    """True where the next piece stands right behind this one."""
    if at + 1 >= len(pieces):
        return False
    gap = text[pieces[at].end : pieces[at + 1].start]
    return len(gap) <= 5 and bool(not gap or _GAP.fullmatch(gap) or _AND.fullmatch(gap))


def _one_digit(text: str, piece: Piece) -> str:
    if piece.meaning.kind == "digits":
        digits = text[piece.start : piece.end]
        return digits if len(digits) == 1 else ""
    kind, value = piece.meaning
    return str(value) if kind == "number" and value < 10 else ""
