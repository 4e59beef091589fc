"""What was written, as a reader sees it: one alphabet, no hidden signs, letters that stand for digits as digits.

Every character of a view knows the stretch of the original it came from, so that what is found can be shown
to the writer where it stands.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"
HIDDEN = "\x00"  # stands where something was covered; no rule matches it

_SIGNS = {
    **dict.fromkeys("‐‑‒–—―−﹘➖ー~", "-"),
    **dict.fromkeys("·•․‧∙⋅。。⁃", "."),
    **dict.fromkeys("’‘‛′`´", "'"),
    **dict.fromkeys("“”„«»″", '"'),
    **dict.fromkeys("→➔➜⇒►▶", "->"),
    **dict.fromkeys("\u115f\u1160\u3164\uffa0", ""),
    "\u2800": " ",
    **dict.fromkeys("📞📱☎📲🤙", " phone "),
    **dict.fromkeys("📧✉📨📩", " email "),
    **dict.fromkeys("🏠🏡🏘📍", " home "),
    **dict.fromkeys("🎂🍰🥳", " birthday "),
    **dict.fromkeys("🚗🚙🚘🚚🚐🏍🛵", " car plate "),
    **dict.fromkeys("📸📷", " insta "),
    "👻": " snap ",
    "✈": " telegram ",
    "🐦": " twitter ",
    "⁄": "/",
    "∕": "/",
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "\n": " ",
    "\r": " ",
    "\t": " ",
    HIDDEN: " ",
}


# Alphabets of signs, each from A to Z: circled, squared, and those flags are made of.
_LETTERS_IN_SIGNS = (0x1F150, 0x1F170, 0x1F1E6)


# Signs nobody sees: within a word they are nothing, between words a space.
_WIDTHLESS = re.compile("[\u200b-\u200d\u2060-\u2064\ufeff\u180e\u00ad\u115f\u1160\u3164\uffa0]")


@dataclass(frozen=True)
class View:
    """`text` in lower case, `cased` as written; character i came from `starts[i]` to `ends[i]` of the original."""

    text: str
    cased: str
    starts: list[int]
    ends: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original behind a stretch of this view."""
        return self.starts[start], self.ends[end - 1]

    def covered(self, spans: Iterable[tuple[int, int]]) -> "View":
        """The same with stretches hidden."""
        text, cased = list(self.text), list(self.cased)
        for start, end in spans:
            text[start:end] = cased[start:end] = HIDDEN * (end - start)
        return View("".join(text), "".join(cased), self.starts, self.ends)

    def hiding(self, stretches: Iterable[tuple[int, int]]) -> "View":
        """The same with what came from these stretches of the original hidden."""
        hidden = bytearray(self.ends[-1] if self.ends else 0)
        for start, end in stretches:
            hidden[start:end] = b"\x01" * (end - start)
        text = "".join(HIDDEN if hidden[at] else sign for at, sign in zip(self.starts, self.text, strict=True))
        cased = "".join(HIDDEN if hidden[at] else sign for at, sign in zip(self.starts, self.cased, strict=True))
        return View(text, cased, self.starts, self.ends)

    def replaced(self, changes: Iterable[tuple[int, int, str]]) -> "View":
        """The same with stretches (in order, apart) written otherwise."""
        text, cased, starts, ends = [], [], [], []
        at = 0
        for start, end, other in changes:
            text += [self.text[at:start], other]
            cased += [self.cased[at:start], other]
            from_, to = self.span(start, end)
            starts += self.starts[at:start] + [from_] * len(other)
            ends += self.ends[at:start] + [to] * len(other)
            at = end
        text.append(self.text[at:])
        cased.append(self.cased[at:])
        return View("".join(text), "".join(cased), starts + self.starts[at:], ends + self.ends[at:])


def readings(written: str) -> Iterator[View]:
    """The views of what was written: a second one where signs without width may stand for spaces."""
    yield read(written)
    if _WIDTHLESS.search(written):
        yield read(_WIDTHLESS.sub(" ", written))


def read(written: str) -> View:
    """The view of what was written."""
    cased: list[str] = []
    starts: list[int] = []
    for place, sign in enumerate(written):
        plain = sign if " " <= sign <= "~" and sign not in "~`" else _plain(sign)
        cased.append(plain)
        starts += [place] * len(plain)
    text = "".join(cased)
    view = View(text.lower(), text, starts, [start + 1 for start in starts])
    return _with_digits(_drawn_together(view))


@cache
def look_alikes() -> dict[str, str]:
    with (DATA / "look_alikes.csv").open(encoding="utf-8", newline="") as file:
        letters = {chr(int(row["code_point"][2:], 16)): row["letter"] for row in csv.DictReader(file)}
    # The list writes I and l alike; beside other capitals it is an I.
    return {sign: "I" if letter == "l" and sign.isupper() else letter for sign, letter in letters.items()}


@cache
def _plain(sign: str) -> str:
    """One sign as ASCII where it can be; empty where nobody would see it."""
    if sign in _SIGNS:
        return _SIGNS[sign]
    letters = unicodedata.normalize("NFKD", look_alikes().get(sign, unicodedata.normalize("NFKC", sign)))
    return "".join(_one(letter) for letter in letters)


def _one(letter: str) -> str:
    if letter in _SIGNS:
        return _SIGNS[letter]
    kind = unicodedata.category(letter)
    if kind in {"Mn", "Me", "Cf", "Cc"}:
        return ""
    if kind[0] == "Z":
        return " "
    if (digit := unicodedata.digit(letter, None)) is not None:
        return str(digit)
    for first in _LETTERS_IN_SIGNS:
        if 0 <= ord(letter) - first < 26:
            return chr(ord("A") + ord(letter) - first)
    letter = look_alikes().get(letter, letter)
    name = unicodedata.name(letter, "")
    if name.startswith("LATIN LETTER SMALL CAPITAL ") and len(name) == 28:
        return name[-1]
    return letter if len(letter.lower()) == 1 else letter.lower()[:1]  # both spellings stay equally long


_DASHED = re.compile(r"(?<![a-z\d@._*-])[a-z](?:[-._*][a-z\d](?![a-z\d])){3,40}(?![a-z\d_*-])")
_SINGLE = re.compile(r"(?<![^\s])[^\s\x00](?: {1,3}[^\s\x00](?![^\s])){2,}")


def _drawn_together(view: View) -> View:
    """`j a n e @ x . c o m` without the spaces: three or more signs in a row that each stand alone."""
    changes = [
        (gap.start(), gap.end(), "")
        for match in _DASHED.finditer(view.text)
        for gap in re.compile("[-._*]").finditer(view.text, *match.span())
    ]
    if changes:
        return _drawn_together(view.replaced(changes))
    for match in _SINGLE.finditer(view.text):
        gaps = list(re.compile(" +").finditer(view.text, *match.span()))
        narrow = min(len(gap[0]) for gap in gaps)  # wider ones stand between words
        changes += [(gap.start(), gap.end(), "" if len(gap[0]) == narrow else " ") for gap in gaps]
    return view.replaced(changes) if changes else view


_MIXED = re.compile(r"(?<![a-z\d])(?=[ol|iz]{0,8}\d)[\doli|z]{2,20}(?![a-z\d])")
_LITRES = re.compile(r"\d+l")
_DRAWN = str.maketrans("oli|z", "01112")


_ORDINAL = re.compile(r"(?<![a-z\d])(?=[oil|]{0,2}\d)[\doil|]{1,3}(?=(?:st|nd|rd|th)(?![a-z]))")
_BROKEN = re.compile(r"(?<=[a-z]{2})\|(?=[a-z]{2})")


def _with_digits(view: View) -> View:
    """`5O3-555-Ol42` with digits throughout: letters drawn like digits, where digits stand beside them."""
    changes = [
        (match.start(), match.end(), match[0].translate(_DRAWN))
        for pattern in (_MIXED, _ORDINAL)
        for match in pattern.finditer(view.text)
        if not match[0].isdigit() and not (pattern is _MIXED and _LITRES.fullmatch(match[0]))
    ]
    changes += [(*match.span(), "") for match in _BROKEN.finditer(view.text)]
    changes.sort()
    return view.replaced(changes) if changes else view
