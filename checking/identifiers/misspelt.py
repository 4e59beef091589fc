"""Words that announce an identifier, recognised when they are misspelt or drawn with digits: `pl4te`, `adress`, `instgram`."""

import re
from functools import cache, lru_cache

from .views import View

_WORDS = (
    "plate plates numberplate license licence registration matricula placas kennzeichen kenteken street avenue boulevard crescent road address apartment postcode zipcode "
    "calle avenida direccion domicilio strasse birthday birthdate born geburtstag geburtsdatum geboren nacido nacida nacimiento cumpleanos naissance instagram insta snapchat telegram discord "
    "facebook twitter tiktok whatsapp reddit messenger username usuario phone telephone telefono mobile gmail hotmail outlook yahoo passport lives living vive wohnt habite woont "
    "three seven eight cuatro cinco siete nueve sieben quatre"
).split()
# A slip away from one of them, and a word of its own.
_OTHERS = frozenset(
    "place places placed plane planes plated platen platter plats slate elate late plat palate street streets treat venue venues called caller calles calls halle talle valle phones phoned phoney handled "
    "email emails mail instant instal install installed install inst discard discards record twitters mobiles address addresses addressed license licensed licenses licenced road roads load broad read lives "
    "liver lived live olives livings giving loving wove vivo viven vine wide wives birth births torn worn horn corn bore bone bon barn both burn boron borne usuarios three tree threes there theme seven sever "
    "severn sevens eight eights height weight sight night light right might fight tight eighth seventh sieten nieve nuevo nueva nuevos cincos cuatros quarte quatre sieve plater plateau placa placas abode roar rod rode rad toad "
    "nacidos nacidas nacida nacido strassen direction directions domicile plaza crescents passports calle call plated relate alive dives hives fives lies lines likes loves mives olive vives vide vise born".split()
)
_TOKEN = re.compile(r"(?<![a-z\d@._])[a-z\d!$@|]{4,15}(?![a-z\d@])")
_DRAWN = str.maketrans("013456789!$@|", "oieasgtbgisal")
SHORTEST = 5  # letters of a word that may have a slip in it


def mended(view: View) -> View:
    """The view with such words spelled right."""
    changes = [
        (match.start(), match.end(), word)
        for match in _TOKEN.finditer(view.text)
        if (word := _meant(match[0])) and word != match[0]
    ]
    return view.replaced(changes) if changes else view


@lru_cache(maxsize=4096)
def _meant(token: str) -> str:
    """The word a token stands for; empty where it is none of ours, or is right as it is."""
    if token in _known() or token in _OTHERS:
        return ""
    if not token.isalpha():
        if sum(map(str.isdigit, token)) > len(token) // 2:
            return ""
        spelled = (token.replace("1", one).translate(_DRAWN) for one in "il")
        return next((word for word in spelled if word in _known()), "")
    if (drawn := token.replace("i", "l")) in _known():
        return drawn
    if len(token) < SHORTEST:
        return ""
    for shorter in (token, *_without_one(token)):
        for word in _slips().get(shorter, ()):
            if len(word) >= SHORTEST and _is_one_slip(token, word):
                return word
    return ""


@cache
def _known() -> frozenset[str]:
    return frozenset(_WORDS)


@cache
def _slips() -> dict[str, tuple[str, ...]]:
    """Every word, and every word less one letter, with what they come from."""
    found: dict[str, tuple[str, ...]] = {}
    for word in _WORDS:
        for shorter in (word, *_without_one(word)):
            found[shorter] = (*found.get(shorter, ()), word)
    return found


def _without_one(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def _is_one_slip(token: str, word: str) -> bool:
    """A letter too many, too few, another, or two that changed places. The first letter is right."""
    if token[0] != word[0]:
        return False
    if len(token) != len(word):
        longer, shorter = (token, word) if len(token) > len(word) else (word, token)
        return len(longer) - len(shorter) == 1 and shorter in _without_one(longer)
    apart = [at for at in range(len(word)) if token[at] != word[at]]
    if len(apart) == 1:
        return len(word) >= SHORTEST + 1
    return len(apart) == 2 and token[apart[0]] == word[apart[1]] and token[apart[1]] == word[apart[0]]
