"""The word check as an alert's content goes through it: with the names, strips and evidence it is about."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from checking import area_tree, catalogue
from checking.catalogue import Catalogue
from checking.models import Area
from checking.readings import Subject

from . import drill_words, messages, strip_facts, word_check
from .word_check import Objection, Setting


class NotPlain(ValueError):
    """Words that the check does not let out. The message says which and why."""


def objections_to(body: Mapping[str, Any], *, level: str) -> list[Objection]:
    """All that speaks against the words of a content, what must be mended first."""
    return word_check.objections(body["blocks"], setting_of(body, level=level))


def require_mended(body: Mapping[str, Any], *, level: str) -> None:
    """Words that must be mended go no further. Raises NotPlain, which names the first of them and why.

    The same words are asked about at each step of an alert, the last time while others wait for their turn to
    write; what has passed, against the same catalogue, is not looked through again.
    """
    known = catalogue.current()
    words = hashlib.sha256(json.dumps([level, body], sort_keys=True).encode()).digest()
    if _passed.get(words) is known:
        return
    faults = word_check.must_mend(objections_to(body, level=level))
    if faults:
        first = faults[0]
        why = first.why(get_language() or "en")
        raise NotPlain(f"“{first.found}”: {why}" if first.found else why)
    if len(_passed) >= _MOST_PASSED:
        _passed.clear()
    _passed[words] = known


_MOST_PASSED = 500
_passed: dict[bytes, Catalogue] = {}  # by the hash of words and level: the catalogue whose names they passed with


def require_plain_reason(because: str) -> None:
    """Why an alert is over goes out on one person's word: what no alert may say is kept out. Raises NotPlain."""
    known = catalogue.current()
    blocks = {language: {"dates": [because]} for language in messages.LANGUAGES}
    found = word_check.must_mend(word_check.objections(blocks, Setting(names=drug_names(known))))
    for each in found:
        if each.block == "dates" and each.found and each.found in because:
            raise NotPlain(f"“{each.found}”: {each.why(get_language() or 'en')}")


def require_sayable_reason(because: str) -> None:
    """One person's words that go out with a step. Raises NotPlain, or ValueError for what reads as no drill."""
    _refuse_not_a_drill(because)
    require_plain_reason(because)


def require_marked(body: Mapping[str, Any], *, is_drill: bool) -> None:
    """A drill begins each text by saying so; nothing live does, and neither says it is no drill. Raises ValueError."""
    _refuse_not_a_drill(body["blocks"])
    said = " ".join(drill_words.texts_of(body["blocks"])).lower()
    marks = {language: messages.words(language)["drill"].split(".")[0].lower() for language in messages.LANGUAGES}
    if not is_drill:
        if any(mark + ":" in said for mark in marks.values()):
            raise ValueError(_("A live alert does not begin like a drill."))
        return
    if any(map(drill_words.says_real, drill_words.texts_of(body["blocks"]))):
        raise ValueError(_("A drill does not say that it is real."))
    for language, block in body["blocks"].items():
        mark = marks.get(language, marks["en"])
        if not all(block[name].lower().startswith(mark) for name in ("headline", "sms", "body")):
            raise ValueError(_("Every text of a drill begins by saying that it is one."))


def require_within(area: Area, body: Mapping[str, Any]) -> None:
    """An alert says nothing of places beyond the one it was approved for. Raises ValueError."""
    others = [slug for slug in body["areas"] if slug != area.slug]
    tree = area_tree.current(holding=[area.slug, *others])
    if any(slug not in tree or area.slug not in tree.above(slug) for slug in others):
        raise ValueError(_("The alert is for %(area)s, and names a place beyond it.") % {"area": area.name})


def _refuse_not_a_drill(said: Any) -> None:
    """Words that neither a live alert nor a drill may hold (Hawaii, 13 January 2018)."""
    if any(map(drill_words.says_not_a_drill, drill_words.texts_of(said))):
        raise ValueError(_("Say nowhere that it is not a drill: in a hurry the “not” is missed."))


def setting_of(body: Mapping[str, Any], *, level: str) -> Setting:
    known = catalogue.current()
    facts = strip_facts.strip_facts(found_of(body, known), known.methods.values())
    return Setting(
        rung=str(body.get("evidence", {}).get("rung", "reported")),
        level=level,
        classes=frozenset(body.get("classes", ())),
        names=(*drug_names(known), *_place_names(body), str(body.get("network", ""))),
        unseen_by={
            language: strip_facts.unseen_by(facts, messages.words(language)) if facts else ()
            for language in messages.LANGUAGES
        },
        area=str(body.get("area_name", "")),
        network=str(body.get("network", "")),
        overrides=dict(body.get("overrides", {})),
    )


def found_of(body: Mapping[str, Any], known: Catalogue) -> list[Subject]:
    """What the alert is about: the substances it names; where it names none, its nearest class."""
    slugs: Iterable[str] = body.get("substances") or list(body.get("classes", ()))[-1:]
    return [known.subjects[slug] for slug in slugs if slug in known.subjects]


def strip_sentences(body: Mapping[str, Any], language: str) -> list[str]:
    """What strips show of it, computed from the methods' own data."""
    known = catalogue.current()
    found = found_of(body, known)
    names = {each.slug: messages.name_of(each, language) for each in found}
    facts = strip_facts.strip_facts(found, known.methods.values())
    return strip_facts.sentences(facts, messages.words(language), names)


def _place_names(body: Mapping[str, Any]) -> list[str]:
    slugs = list(body.get("areas", ()))
    tree = area_tree.current(holding=slugs)
    return [str(body.get("area_name", "")), *(tree.name(slug) for slug in slugs if slug in tree)]


_names_of: tuple[Catalogue, tuple[str, ...]] | None = None  # of the catalogue in force, made once


def drug_names(known: Catalogue) -> tuple[str, ...]:
    """Every name a substance or class is shown by, in both languages."""
    global _names_of
    if _names_of is None or _names_of[0] is not known:
        spoken = [messages.words(language)["names"].values() for language in messages.LANGUAGES]
        shown = {name for each in known.subjects.values() for name in (each.name, each.name_es) if name}
        _names_of = known, tuple(sorted(shown | {str(name) for names in spoken for name in names}))
    return _names_of[1]
