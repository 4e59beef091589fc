"""Names as they are compared: case, accents, dashes and spaces do not matter."""

import unicodedata

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta"}


def fold(written: str) -> str:
    """A name folded for comparison: "Para-Fluoro  Fentanyl" and "para-fluorofentanyl" are one."""
    text = unicodedata.normalize("NFKC", written).casefold()
    for letter, name in _GREEK.items():
        text = text.replace(letter, name)
    text = unicodedata.normalize("NFKD", text.translate(_DASHES))
    kept = (sign for sign in text if not unicodedata.combining(sign))
    return "".join(sign for sign in kept if sign.isalnum() or sign in ",'()+")
