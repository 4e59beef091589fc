"""Text messages: what fits into how many segments, and letters that would halve that.

GSM 03.38 packs 160 letters of its own alphabet into one segment, 153 into each of several. One letter
outside it (á, í, ó, ú among them) turns the whole message to UCS-2: 70, or 67 each. So those
are written without their accent. A letter of the extension table is an escape and a letter, and the two
are never parted: where only one place is left in a part, both go to the next. Sources: 3GPP TS 23.038, sections
6.2.1 and 6.2.1.1; 3GPP TS 23.040, section 9.2.3.24.1 (140 octets less 6 of header are 153 septets).
"""

import unicodedata

_ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€")  # two places each
_SIGNS = {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "µ": "u", "μ": "u", "\xa0": " "}

ONE_SEGMENT = 160  # places in a message of its own
JOINED_SEGMENT = 153  # places in each of several
TWO_SEGMENTS = 2 * JOINED_SEGMENT  # one less for each pair that would have to be parted


def plain(text: str) -> str:
    """The text in letters a text message can hold; what has no likeness becomes a question mark."""
    return "".join(_likeness(letter) for letter in unicodedata.normalize("NFC", text))


def places(text: str) -> int:
    """How many places a text takes, once it is `plain`."""
    return sum(2 if letter in _EXTENDED else 1 for letter in plain(text))


def segments(text: str) -> int:
    """How many messages it is sent in, once it is `plain`."""
    if places(text) <= ONE_SEGMENT:
        return 1
    parts, used = 1, 0
    for letter in plain(text):
        width = 2 if letter in _EXTENDED else 1
        if used + width > JOINED_SEGMENT:
            parts, used = parts + 1, 0
        used += width
    return parts


def _likeness(letter: str) -> str:
    if letter in _ALPHABET or letter in _EXTENDED:
        return letter
    bare = _SIGNS.get(letter) or unicodedata.normalize("NFD", letter)[0]
    return "".join(each if each in _ALPHABET or each in _EXTENDED else "?" for each in bare)
