"""What speaks against the words of an alert: why, and what would say it better. Plain values.

The patterns and reasons are rows of `words/check_words.csv` and `words/check_reasons.csv`; what may stand before words
so that they are left in peace, of `words/check_denials.csv`. They are held against plain letters. An objection
`must_mend` keeps words from being asked approval for; one to `consider` is a person's to weigh.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from . import gsm7, plain_letters, reading_ease, sms_room
from .messages import BLOCKS, LANGUAGES, words
from .plain_letters import Plain

MUST_MEND, CONSIDER = "must_mend", "consider"
CLINICIANS = "clinicians"  # words apart from the public text: staff see them, nobody else
NEEDED = ("actions", "found", "who")
LONG_SENTENCE = 22  # words; UK plain-language guidance has 15 to 20 as the most on average, and 25 as the bound
OVERRIDABLE = ("brand_stamp",)

_FOLDER = Path(__file__).parent / "words"
_NAME, _REST_OF_NAME = "\ue000", plain_letters.UNSEEN  # how a name stands in what is looked through: one sign
_HELPS = frozenset({"naloxone", "naloxona"})
_BEFORE = 70  # letters before words that may deny them
_DENIES_THAT = {
    "en": re.compile(r"\b(?:no|not|never|nobody|nothing|none|cannot|without|\w{2,6}n't)\b", re.IGNORECASE),
    "es": re.compile(r"\b(?:no|nunca|jamás|nadie|nada|ningun[oa]?|sin|tampoco)\b", re.IGNORECASE),
}
_NEW_CLAUSE = re.compile(r"[.;:,!?]| (?:and|but|y|pero|sino|e) ", re.IGNORECASE)
_ABBREVIATIONS = frozenset({"FTIR", "HPLC", "LATEST", "STOP", "HELP", "QUIET", "JOIN", "NOTICE", "AVISO"})
_IN_CAPITALS = re.compile(r"\b[A-ZÁÉÍÓÚÑ]{4,}\b")
_SHOUTED = re.compile(r"\b[A-ZÁÉÍÓÚÑ]{2,}(?:\s+[A-ZÁÉÍÓÚÑ]{2,})+\b|\b[A-ZÁÉÍÓÚÑ]{9,}\b")
_CAN_SHOW = {
    "en": re.compile(r"\b(?:can show|shows?|sees?|can see|can find|will show|picks? up|reacts? to|works? for)\b", re.I),
    "es": re.compile(r"\b(?:puede mostrar|muestra|ve|puede ver|mostrará|reacciona a|sirve para)", re.I),
}
_CANNOT = {
    "en": re.compile(r"\b(?:not|cannot|never|nothing|misses|by mistake)\b|n[’']t\b", re.I),
    "es": re.compile(r"\b(?:no|nunca|nada|por error)\b", re.I),
}


@dataclass(frozen=True, slots=True)
class Objection:
    """One thing that speaks against the words, where it stands, and what would say it better."""

    level: str  # must_mend, consider
    code: str
    language: str
    block: str  # headline, sms, one of the blocks, clinicians; empty: the whole text
    found: str  # the words it is about
    better: str
    whys: Mapping[str, str] = field(default_factory=dict)  # by language of the reader
    source: str = ""

    def why(self, language: str) -> str:
        return self.whys.get(language.split("-")[0]) or self.whys.get("en", self.code)

    @property
    def blocks_saving(self) -> bool:
        return self.level == MUST_MEND


@dataclass(frozen=True, slots=True)
class Setting:
    """What the words are about, as far as the check needs it."""

    rung: str = "confirmed"  # reported, presumptive, confirmed
    level: str = "notice"
    classes: frozenset[str] = frozenset()  # slugs of what was found
    names: tuple[str, ...] = ()  # drugs, places and the network: neither counted nor objected to
    unseen_by: Mapping[str, Sequence[str]] = field(default_factory=dict)  # language: names of strips that show nothing
    area: str = ""  # its name, as the text message of a later step has it
    network: str = ""
    overrides: Mapping[str, str] = field(default_factory=dict)  # code: the reason a person wrote down


@dataclass(frozen=True, slots=True)
class _Word:
    code: str
    where: str  # public, all
    pattern: re.Pattern[str]
    better: str
    unless: str  # names in check_denials.csv of what takes it back when it stands directly before; empty: nothing


def objections(blocks: Mapping[str, Mapping[str, Any]], setting: Setting) -> list[Objection]:
    """All that speaks against these words, what must be mended first. Names of drugs and places are left in peace."""
    narrowed = replace(setting, names=_occurring(setting.names, blocks))
    found = [each for language, block in blocks.items() for each in _of_language(block, language, narrowed)]
    found += _of_languages_together(blocks)
    kept = [each for each in _once(found) if not _is_overridden(each, setting)]
    return sorted(kept, key=lambda each: each.level != MUST_MEND)


def must_mend(found: Iterable[Objection]) -> list[Objection]:
    return [each for each in found if each.blocks_saving]


def _occurring(names: Iterable[str], blocks: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Of thousands of names those that are there: each line is then looked through for a few only."""
    whole = str(blocks).casefold()
    return tuple(name for name in names if name.casefold() in whole)


def _is_overridden(objection: Objection, setting: Setting) -> bool:
    reason = setting.overrides.get(objection.code, "").strip() if objection.code in OVERRIDABLE else ""
    return len(reason) >= 3


def _of_language(block: Mapping[str, Any], language: str, setting: Setting) -> Iterator[Objection]:
    public = list(_public_texts(block))
    yield from _missing(block, language)
    for where, text in public:
        yield from _of_words(where, text, language, setting, "public")
        yield from _of_signs(where, text, language, setting)
    for line in block.get(CLINICIANS, ()):
        yield from _of_words(CLINICIANS, line, language, setting, "all")
    yield from _of_looks(block, language)
    yield from _of_strips(block, language, setting)
    yield from _of_sms(block, language, setting)
    yield from _of_ease(block, language, setting)


def _public_texts(block: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "headline", str(block.get("headline", ""))
    yield "sms", str(block.get("sms", ""))
    for name in BLOCKS:
        for line in block.get(name, ()):
            yield name, str(line)


def _missing(block: Mapping[str, Any], language: str) -> Iterator[Objection]:
    for name in ("headline", "sms", *NEEDED):
        if not block.get(name):
            yield _object("missing", language, name, "")


def _of_words(where: str, text: str, language: str, setting: Setting, reach: str) -> Iterator[Objection]:
    seen = plain_letters.plain(_without_names(text, setting.names), as_written=text)
    for mixed in plain_letters.mixed_words(reading_ease.without(text, setting.names)):
        yield _object("mixed_letters", language, where, mixed)
    for word in _words_for(language):
        if not _applies(word, where, setting) or (reach == "all" and word.where != "all"):
            continue
        for match in word.pattern.finditer(seen.text):
            if word.unless and _is_denied(seen, match.start(), word.unless, language):
                continue  # "not confirmed" is what it should say
            yield _object(word.code, language, where, seen.as_written(*match.span()), word.better)


def _without_names(text: str, names: Iterable[str]) -> str:
    """As long as it was, with one sign and nothing that is seen for each name: patterns call it {name}."""
    return reading_ease.without(text, names, _hidden)


def _hidden(name: re.Match[str]) -> str:
    if name.group(0).casefold() in _HELPS:
        return name.group(0)  # no naloxone in it is nothing to object to
    return _NAME + _REST_OF_NAME * (len(name.group(0)) - 1)


def _is_denied(seen: Plain, start: int, unless: str, language: str) -> bool:
    """True where what stands directly before takes it back. "No question", "not only" and a denial denied do not."""
    opens = max(start - _BEFORE, 0)
    before = seen.text[opens:start]
    for name, denial in _denials(unless, language):
        found = denial.search(before)
        if found is None or seen.has_break(opens + found.start(), start):
            continue
        clause = _NEW_CLAUSE.split(f"{before[: found.start()]} ")[-1]
        if name != "denied" or not _DENIES_THAT[language].search(clause):
            return True
    return False


def _applies(word: _Word, where: str, setting: Setting) -> bool:
    if word.code == "rung":
        return setting.rung != "confirmed"
    if word.code == "brand_stamp":
        return "opioid" in setting.classes
    if word.code == "appearance":
        return where in {"headline", "sms"}
    return True


def _of_signs(where: str, text: str, language: str, setting: Setting) -> Iterator[Objection]:
    if found := re.search(r"[!¡]+", text):
        yield _object("exclamation", language, where, found.group(0), ".")
    bare = reading_ease.without(text, (*setting.names, *_words_in_capitals(language)))
    if found := _SHOUTED.search(bare):
        yield _object("capitals", language, where, found.group(0), found.group(0).lower())
    elif found := _IN_CAPITALS.search(bare):
        yield _object("some_capitals", language, where, found.group(0), found.group(0).lower())


def _of_looks(block: Mapping[str, Any], language: str) -> Iterator[Objection]:
    if language not in LANGUAGES:
        return
    caveat = words(language)["looks"][0]
    lines = list(block.get("looks", ()))
    if any(line != caveat for line in lines) and caveat not in lines:
        yield _object("looks_without_caveat", language, "looks", lines[0], caveat)


def _of_strips(block: Mapping[str, Any], language: str, setting: Setting) -> Iterator[Objection]:
    """A strip that is said to show what, by what is known of it, it does not."""
    for name in setting.unseen_by.get(language, ()):
        for line in block.get("strips", ()):
            for sentence in re.split(r"(?<=[.!?;])\s+", line):
                says_so = _CAN_SHOW[language].search(sentence) and not _CANNOT[language].search(sentence)
                if says_so and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sentence, re.IGNORECASE):
                    yield _object("strip_claims", language, "strips", sentence)


def _of_sms(block: Mapping[str, Any], language: str, setting: Setting) -> Iterator[Objection]:
    text = str(block.get("sms", ""))
    if not sms_room.fits(text):
        yield _object("too_long", language, "sms", text[-20:])
    if language not in LANGUAGES:
        return
    yield from _of_later_sms(block, language, setting)
    levels = words(language)["levels"]
    others = {word.upper() for level, word in levels.items() if level != setting.level}
    first = re.match(r"\w+", gsm7.plain(text).upper())
    if first and first.group(0) in {gsm7.plain(word) for word in others}:
        yield _object("level_word", language, "sms", first.group(0), levels[setting.level].upper())


def _of_later_sms(block: Mapping[str, Any], language: str, setting: Setting) -> Iterator[Objection]:
    """What people approve stays whole in every later step, or they learn here that it does not."""
    if not block.get("sms") or not block.get("headline"):
        return
    cut = sms_room.cut_later(
        block, words(language), level=setting.level, area=setting.area, network=setting.network
    )  # fmt: skip
    if "updated" in cut:
        yield _object("too_long_updated", language, "sms", str(block["sms"])[-20:])
    if set(cut) - {"updated"}:
        yield _object("too_long_over", language, "headline", str(block["headline"])[-20:])


def _of_ease(block: Mapping[str, Any], language: str, setting: Setting) -> Iterator[Objection]:
    lines = [text for where, text in _public_texts(block) if where != "sms" and text]
    ease = reading_ease.ease("\n".join(lines), language, setting.names)
    if ease is not None and not ease.is_plain:
        hardest = max(lines, key=lambda line: _hardness(line, language, setting))
        yield _object("hard_to_read", language, "", hardest)
    for where, text in _public_texts(block):
        if where == "sms":
            continue
        for sentence in re.split(r"(?<=[.!?;:])\s+", text):
            if len(sentence.split()) > LONG_SENTENCE:
                yield _object("long_sentence", language, where, sentence)


def _hardness(line: str, language: str, setting: Setting) -> float:
    ease = reading_ease.ease(line, language, setting.names)
    if ease is None:
        return float("-inf")
    return ease.figure if language == "en" else -ease.figure


def _of_languages_together(blocks: Mapping[str, Mapping[str, Any]]) -> Iterator[Objection]:
    for name in (*BLOCKS, CLINICIANS):
        counted = {language: len(block.get(name, ())) for language, block in blocks.items()}
        if len(set(counted.values())) > 1:
            fewest = min(counted, key=lambda language: counted[language])
            yield _object("lines_differ", fewest, name, ", ".join(f"{each}: {n}" for each, n in counted.items()))


def _object(code: str, language: str, block: str, found: str, better: str = "") -> Objection:
    reason = _reasons()[code]
    whys = {"en": reason["why_en"], "es": reason["why_es"]}
    return Objection(reason["level"], code, language, block, found.strip(), better, whys, reason["source"])


def _once(found: Iterable[Objection]) -> list[Objection]:
    """Each objection once: the same words in one block are one fault."""
    once: dict[tuple[str, ...], Objection] = {}
    for each in found:
        once.setdefault((each.code, each.language, each.block, each.found.lower()), each)
    return list(once.values())


@cache
def _words_in_capitals(language: str) -> tuple[str, ...]:
    """Words that stand in capitals because people send them, or because a message begins with them."""
    spoken = words(language) if language in LANGUAGES else words("en")
    levels = [word.upper() for word in spoken["levels"].values()]
    closing = [each["word"].upper() for each in spoken["closing"].values()]
    drill = spoken["drill"].split(".")[0].upper()
    return (*_ABBREVIATIONS, *levels, *(gsm7.plain(word) for word in levels), *closing, drill)


@cache
def _words_for(language: str) -> tuple[_Word, ...]:
    rows = (row for row in _rows("check_words.csv") if row["language"] == language)
    return tuple(
        _Word(row["code"], row["where"], _compiled(row["pattern"], "(?!\\w)"), row["better"], row["unless"])
        for row in rows
    )


@cache
def _denials(names: str, language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    rows = (row for row in _rows("check_denials.csv") if row["language"] == language)
    return tuple((row["name"], _compiled(row["pattern"], "$")) for row in rows if row["name"] in names.split())


def _compiled(pattern: str, end: str) -> re.Pattern[str]:
    """Whole words, without accents as the text is. No repetition in them is without bound: tests see to it."""
    bare = unicodedata.normalize("NFD", pattern.replace("{name}", _NAME))
    bare = "".join(letter for letter in bare if unicodedata.category(letter) != "Mn")
    return re.compile(rf"(?<!\w)(?:{bare}){end}", re.IGNORECASE)


@cache
def _reasons() -> Mapping[str, Mapping[str, str]]:
    return {row["code"]: row for row in _rows("check_reasons.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
