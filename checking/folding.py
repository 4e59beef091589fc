"""Names as they are compared: case, accents, dashes and spaces do not matter."""

import re
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


# Said of a substance without making it another one: salts collapse to the parent. Not among them are
# base (cocaine base is a thing of its own) and words that esters have too (vitamin E acetate, amyl nitrate).
_SALTS = (
    "hydrochloride|dihydrochloride|hcl|hydrobromide|hbr|sulfate|sulphate|citrate|fumarate|hemifumarate|maleate|mesylate|"
    "tartrate|bitartrate|phosphate|oxalate|clorhidrato|hidrocloruro|sulfato|citrato|fosfato"
)
_SALT_AFTER = re.compile(rf"[\s,(-]+(?:{_SALTS})\)?$", re.IGNORECASE)
_SALT_BEFORE = re.compile(rf"^(?:{_SALTS})\s+(?:of|de)\s+", re.IGNORECASE)
_REGISTER = re.compile(r"^(?:cas(?:\s*(?:no|number|rn|#))?|unii|inchikey|pubchem)[\s.:#=]+", re.IGNORECASE)


def said_in_other_words(written: str) -> list[str]:
    """The same substance, said more plainly: without its salt, without the name of a register."""
    text = unicodedata.normalize("NFKC", written).strip()
    plainer = [_REGISTER.sub("", text), _SALT_AFTER.sub("", text), _SALT_BEFORE.sub("", text)]
    return [other for other in dict.fromkeys(plainer) if other and other != text]
