"""Text messages: what fits into how many segments, and letters that would halve that.

GSM 03.38 packs 160 letters of its own alphabet into one segment, 153 into each of several. One letter
outside it (á, í, ó, ú among them) turns the whole message to UCS-2: 70, or 67 each. So those
are written without their accent. Source: 3GPP TS 23.038, section 6.2.1.
"""

import unicodedata

_ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€")  # two places each
_SIGNS = {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "µ": "u", "μ": "u", "\xa0": " "}

TWO_SEGMENTS = 306  # places in two joined segments


def plain(text: str) -> str:
    """The text in letters a text message can hold; what has no likeness becomes a question mark."""
    return "".join(_likeness(letter) for letter in unicodedata.normalize("NFC", text))


def places(text: str) -> int:
    """How many places a text takes, once it is `plain`."""
    return sum(2 if letter in _EXTENDED else 1 for letter in plain(text))


def segments(text: str) -> int:
    taken = places(text)
    return 1 if taken <= 160 else -(-taken // 153)


def _likeness(letter: str) -> str:
    if letter in _ALPHABET or letter in _EXTENDED:
        return letter
    bare = _SIGNS.get(letter) or unicodedata.normalize("NFD", letter)[0]
    return "".join(each if each in _ALPHABET or each in _EXTENDED else "?" for each in bare)
