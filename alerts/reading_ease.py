"""How plain a text is: school grade in English, ease in Spanish. Plain values.

Words are runs of letters; a figure is no word. What a colon or semicolon parts are two sentences, as in Flesch's
rules of counting (How to Test Readability, 1951); a line without a full stop is one. Names of drugs and
places are left out before counting: nobody can choose a shorter one.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

MOST_GRADE = 5.0  # English: most that may be asked of a reader
LEAST_EASE = 80.0  # Spanish: "fácil", fifth school year, in the author's own scale

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?…;:]+(?=\s|$)|[\n¡¿]")


@dataclass(frozen=True, slots=True)
class Counts:
    """What the formulas are made of."""

    words: int
    sentences: int
    syllables: int


@dataclass(frozen=True, slots=True)
class Ease:
    """A reading figure with the bound it is held to."""

    figure: float
    bound: float
    is_plain: bool


def ease(text: str, language: str, names: Iterable[str] = ()) -> Ease | None:
    """How plain a text is. None: too little to tell, or a language nobody made a formula for here."""
    if language not in _SYLLABLES:
        return None
    counts = count(text, language, names)
    if counts.words == 0:
        return None
    if language == "en":
        grade = flesch_kincaid_grade(counts)
        return Ease(grade, MOST_GRADE, grade <= MOST_GRADE)
    score = fernandez_huerta(counts)
    return Ease(score, LEAST_EASE, score >= LEAST_EASE)


def flesch_kincaid_grade(counts: Counts) -> float:
    """The US school grade that can follow the text.

    Source: J. P. Kincaid and others, Derivation of new readability formulas for Navy enlisted
    personnel, Research Branch Report 8-75 (1975).
    """
    return 0.39 * counts.words / counts.sentences + 11.8 * counts.syllables / counts.words - 15.59


def fernandez_huerta(counts: Counts) -> float:
    """Spanish reading ease, about 0 (hard) to 100 and more (easy).

    206.84 - 60 P - 1.02 F, with P the syllables per word and F the words per sentence. Source: J. Fernández
    Huerta, Medidas sencillas de lecturabilidad, Consigna 214 (1959), 29-32. Printed there with sentences
    per hundred words for F; that slip is mended as G. Law showed (LINGUIST List 22.2332, 2011).
    """
    return 206.84 - 60 * counts.syllables / counts.words - 1.02 * counts.words / counts.sentences


def count(text: str, language: str, names: Iterable[str] = ()) -> Counts:
    """Words, sentences and syllables, without the names. At least one sentence where there is a word."""
    spoken = without(text, names)
    syllables = _SYLLABLES[language]
    words = _WORD.findall(spoken)
    sentences = sum(1 for part in _SENTENCE_END.split(spoken) if _WORD.search(part))
    return Counts(len(words), max(sentences, 1), sum(syllables(word) for word in words))


def without(text: str, names: Iterable[str], instead: str | Callable[[re.Match[str]], str] = " ") -> str:
    """The text with something instead of these names, whole words in any case and with any plural ending."""
    pattern = _named(tuple(names))
    return pattern.sub(instead, text) if pattern else text


@lru_cache(maxsize=64)
def _named(names: tuple[str, ...]) -> re.Pattern[str] | None:
    longest_first = sorted({name for name in names if name.strip()}, key=len, reverse=True)
    if not longest_first:
        return None
    listed = "|".join(re.escape(name) for name in longest_first)
    return re.compile(rf"(?<!\w)(?:{listed})(?:e?s)?(?!\w)", re.IGNORECASE)


# English

_VOWELS = re.compile(r"[aeiouy]+")
# Vowels that are two syllables though they stand together, and endings that are none of their own.
_APART = re.compile(
    r"i(?:a|o(?!u)|um|en(?:t|ce)|er$|est$|ety)|eo(?!u)|ua(?!r(?!y))|ue(?:n|l)|uou|[^aeiou]ying|[aeou]ing|ism$|creat(?!ur)|react|quie"
)
_TOGETHER = re.compile(
    r"(?:[ctsg]|x)i(?:on|a|ous|en)|[ct]eous|gue$|que|qua(?!r(?!y))|people|gua|geon|piec|lian|lieu|tie[sd]?$|frien"
)
_SILENT_END = re.compile(r"(?:[^aeiouyl]|[aeiouy]l|[rl]l)e$|(?:[^aeioudt])ed$|[^aeiouscxzgh]es$|[^aeioust]hes$")
_SILENT_MIDDLE = re.compile(
    r"[aeiouy][^aeiouyl]e(?:ly|less|ful|ment|ness|where|thing|times?|one|body|holders?)(?=$|s$)"
)
_SOUNDED_END = re.compile(r"[^aeiouyrlw]les?$|[^aeiou]led$")
_EXCEPTIONS = {
    "being": 2, "breathe": 1, "breathes": 1, "breathed": 1, "beforehand": 3, "something": 2, "someone": 2,
    "sometimes": 2, "somewhere": 2, "every": 2, "everyone": 3, "naked": 2, "wicked": 2, "area": 3, "areas": 3,
    "idea": 3, "ideas": 3, "does": 1, "doesn": 2, "didn": 2, "isn": 2, "wasn": 2, "couldn": 2, "hour": 1, "hours": 1,
    "our": 1, "hospital": 3, "reviewed": 2, "evening": 2, "business": 2, "different": 3, "science": 2, "quiet": 2,
    "diet": 2, "real": 2, "real-time": 3, "really": 2, "once": 1, "clothes": 1, "mouthpiece": 2, "quarter": 2,
    "quarters": 2,
}  # fmt: skip


def english_syllables(word: str) -> int:
    """How many syllables an English word has, by its spelling. Right for 9 of 10 words (tests say how far)."""
    bare = re.sub(r"[^a-z]", "", word.lower().replace("’", "'").split("'")[0])
    if not bare:
        return 1
    if bare in _EXCEPTIONS:
        return _EXCEPTIONS[bare]
    found = len(_VOWELS.findall(bare))
    found += len(_APART.findall(bare)) - len(_TOGETHER.findall(bare))
    if _SILENT_END.search(bare) and not _SOUNDED_END.search(bare):
        found -= 1
    if _SILENT_MIDDLE.search(bare):
        found -= 1
    return max(found, 1)


# Spanish: the spelling tells. Strong vowels, and an accented weak one, are syllables; a weak one joins its neighbour.

_STRONG = frozenset("aeoáéóíú")


def spanish_syllables(word: str) -> int:
    """How many syllables a Spanish word has.

    Source: Real Academia Española, Ortografía de la lengua española (2010), ch. II, 2.1 and 2.2: diphthongs,
    triphthongs, hiatus, and two equal or weak vowels.
    """
    bare = unicodedata.normalize("NFC", word.lower())
    bare = re.sub(r"([gq])u([eéií])", r"\1\2", bare).replace("ü", "u")
    bare = re.sub(r"y(?![aeiouáéíóú])", "i", re.sub(r"(?<!c)h", "", bare))  # a silent h parts no diphthong: ahu-mar
    found, before = 0, ""
    for letter in bare:
        if letter not in "aeiouáéíóú":
            before = ""
            continue
        joins = bool(before) and not (letter in _STRONG and before in _STRONG) and letter != before
        found += 0 if joins else 1
        before = letter
    return max(found, 1)


_SYLLABLES: dict[str, Callable[[str], int]] = {"en": english_syllables, "es": spanish_syllables}
