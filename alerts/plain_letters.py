"""Letters as a reader sees them: for whatever looks for words in a text, so that none hides behind its spelling.

What is compared is in small steps: compatibility forms (NFKC), nothing that is not seen, no accents, look-alikes of
other scripts as the letter they look like, one kind of dash, apostrophe and space. Each letter remembers
where it came from, so that what was found is shown as it was written.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Not seen, though no format character (category Cf): fillers, joiners and selectors, by Unicode's DerivedCoreProperties
# (Default_Ignorable_Code_Point). Marks on letters go with their category, Mn.
UNSEEN = "\ue001"  # for private use: whoever puts it into a text says that nothing stands there
_UNSEEN = frozenset("\ue001\u115f\u1160\u3164\uffa0\u17b4\u17b5")
_DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\u30fc\u00b7\u2043")
_APOSTROPHES = frozenset("\u2018\u2019\u201a\u201b\u02bc\u02b9\u00b4\u0060\u2032\u055a\ua78c")
_DROPPED = frozenset('\u201c\u201d\u201e\u00ab\u00bb"*~\u200b')  # quoting and emphasis
# Letters that a reader takes for Latin ones. After Unicode Technical Standard 39, confusables.txt, version 15.
_LOOK_ALIKES = {
    **dict(zip("асԁеһіјӏорԛѕѵѡхуүкмтвнпгиԍ", "acdehijlopqsvwxyykmtbhnrug", strict=True)),
    **dict(zip("АВСԌЕНІЈКМОРԚЅТѴԜХҮУ", "ABCGEHIJKMOPQSTVWXYY", strict=True)),
    **dict(zip("αεικνορτυχωγηβ", "aeiknoptuxwynb", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
    **dict(zip("ցհոսօզյ", "ghnuoqj", strict=True)),
    **dict(zip("ıȷɑɡɩʟɴʀꜱʏᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢøłđħŧƒ", "ijagilnrsyacdejkmoptuvwzoldhtf", strict=True)),
}
_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC")  # those with letters like one another
_OF_ONE_WORD = re.compile(r"[^\W\d_]+")
_UNITS = re.compile(r"μ(?:g|l|m|M|L|mol|s)")


@dataclass(frozen=True, slots=True)
class Plain:
    """A text in plain letters; `at` has for each of them its place in the text it came from."""

    text: str
    at: tuple[int, ...]
    written: str
    masked: str  # as long, with what was hidden from view

    def as_written(self, start: int, end: int) -> str:
        """What stands in the original where this stretch of the plain text is."""
        if start >= end:
            return ""
        last = self.at[end - 1] + 1
        while last < len(self.masked) and self.masked[last] == UNSEEN:
            last += 1
        return self.written[self.at[start] : last]

    def has_break(self, start: int, end: int) -> bool:
        """True where a line ends within this stretch: a reader takes that for the end of what was said."""
        return "\n" in self.as_written(start, end)


@lru_cache(maxsize=512)
def plain(text: str, as_written: str = "") -> Plain:
    """The text in plain letters. `as_written`: what it was, letter for letter, before something was hidden."""
    letters: list[str] = []
    at: list[int] = []
    for place, written in enumerate(text):
        for letter in _seen(written):
            if letter == " " and letters and letters[-1] == " ":
                continue
            letters.append(letter)
            at.append(place)
    return Plain("".join(letters), tuple(at), as_written or text, text)


def mixed_words(text: str) -> list[str]:
    """Words whose letters are of more than one script that look alike: `sаfe` with a Cyrillic а. Units aside."""
    seen = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    words = _OF_ONE_WORD.findall(seen)
    return [word for word in words if len(_scripts(word)) > 1 and not _UNITS.fullmatch(word)]


@lru_cache(maxsize=4096)
def _seen(written: str) -> str:
    """What is seen of one letter; nothing, where nothing is."""
    if written in _DROPPED:
        return ""
    found = []
    for letter in unicodedata.normalize("NFKD", written):
        category = unicodedata.category(letter)
        if letter.isspace() or letter == "_":
            found.append(" ")
        elif letter in _DASHES:
            found.append("-")
        elif letter in _APOSTROPHES:
            found.append("'")
        elif letter not in _DROPPED and letter not in _UNSEEN and category not in ("Cf", "Mn", "Me", "Cc"):
            found.append(_LOOK_ALIKES.get(letter, letter))
    return "".join(found)


def _scripts(word: str) -> set[str]:
    names = (unicodedata.name(letter, "").partition(" ")[0] for letter in word)
    return {name for name in names if name in _SCRIPTS}
