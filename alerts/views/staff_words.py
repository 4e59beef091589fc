"""The words of the staff pages: what a choice is called, and a result in one short line."""

import re
from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, pgettext_lazy

from checking.amounts import ftir_band, plain
from checking.control_words import reasons
from checking.readings import FindingRead, MethodFacts, ResultRead, Subject
from checking.statements import Speaker

Words = Mapping[str, str | Promise]

FORMS: Words = {
    "powder": gettext_lazy("Powder"),
    "crystal": gettext_lazy("Crystal"),
    "rock": gettext_lazy("Rock"),
    "tablet": gettext_lazy("Tablet"),
    "capsule": gettext_lazy("Capsule"),
    "blotter": gettext_lazy("Blotter"),
    "liquid": gettext_lazy("Liquid"),
    "tar": gettext_lazy("Tar"),
    "plant": gettext_lazy("Plant"),
    "edible": gettext_lazy("Edible"),
    "vape": gettext_lazy("Vape"),
    "other": gettext_lazy("Other"),
    "unknown": gettext_lazy("Not known"),
}
CARRIERS: Words = {
    "bag": gettext_lazy("Bag or wrap"),
    "product": gettext_lazy("Loose, as it is"),
    "cooker": gettext_lazy("Cooker"),
    "cotton": gettext_lazy("Cotton"),
    "pipe": gettext_lazy("Pipe"),
    "syringe": gettext_lazy("Syringe"),
    "swab": gettext_lazy("Swab"),
    "spatula": gettext_lazy("Spatula"),
    "container": gettext_lazy("Container"),
    "strip_solution": gettext_lazy("Water from a strip test"),
    "other": gettext_lazy("Other"),
    "unknown": gettext_lazy("Not known"),
}
MATERIALS: Words = {
    "": gettext_lazy("As usual for where it was"),
    "product": gettext_lazy("The drug itself"),
    "residue": gettext_lazy("Residue from earlier use"),
}
COLOURS: Words = {
    "white": gettext_lazy("White"),
    "beige": gettext_lazy("Beige"),
    "yellow": gettext_lazy("Yellow"),
    "orange": gettext_lazy("Orange"),
    "pink": gettext_lazy("Pink"),
    "red": gettext_lazy("Red"),
    "purple": gettext_lazy("Purple"),
    "blue": gettext_lazy("Blue"),
    "green": gettext_lazy("Green"),
    "brown": gettext_lazy("Brown"),
    "grey": gettext_lazy("Grey"),
    "black": gettext_lazy("Black"),
    "clear": gettext_lazy("Colourless"),
    "mixed": gettext_lazy("Several"),
}
OVERDOSE: Words = {
    "not_asked": gettext_lazy("Not asked"),
    "no": pgettext_lazy("answer", "No"),
    "yes": pgettext_lazy("answer", "Yes"),
}
OUTCOMES: Words = {
    "detected": gettext_lazy("Something was found"),
    "not_detected": gettext_lazy("Nothing it looks for was found"),
    "inconclusive": gettext_lazy("It could not be told"),
    "invalid": gettext_lazy("The reading did not work"),
    "consistent_with": gettext_lazy("Reagent: looked like what was expected"),
    "not_consistent": gettext_lazy("Reagent: did not look like it"),
}
BECAUSE: Words = {
    "": gettext_lazy("Not said"),
    "all": gettext_lazy("Every sample is run"),
    "random": gettext_lazy("Chosen at random"),
    "strip_positive": gettext_lazy("A strip reacted"),
    "harm": gettext_lazy("Someone was harmed"),
    "surprise": gettext_lazy("It surprised someone"),
}
AMOUNTS: Words = {
    "": gettext_lazy("Amount not said"),
    "primary": gettext_lazy("Main part"),
    "major": gettext_lazy("Large part"),
    "minor": gettext_lazy("Small part"),
    "trace": gettext_lazy("Trace"),
    "percent_w_w": gettext_lazy("% by mass, measured"),
    "percent_ftir": gettext_lazy("% by FTIR, estimated"),
    "mg_per_unit": gettext_lazy("mg in one unit"),
    "ug_per_unit": gettext_lazy("µg in one unit"),
    "mg_per_g": gettext_lazy("mg in one gram"),
}
BASES: Words = {
    "": gettext_lazy("Base or salt not known"),
    "base": gettext_lazy("As base"),
    "salt:hydrochloride": gettext_lazy("As hydrochloride"),
}
_UNITS: Mapping[str, str] = {
    "percent_w_w": " %",
    "mg_per_unit": " mg",
    "ug_per_unit": " µg",
    "mg_per_g": " mg/g",
}


# What the door for results answers in English, because programs read it too. Here it is put into the page's
# language, whole or with the word it holds.
_ANSWERS = (
    gettext_noop("%(name)s is not a name we know."),
    gettext_noop("%(name)s can mean several things: say which."),
    gettext_noop("%(name)s is in the future."),
    gettext_noop("This is before the sample was collected."),
    gettext_noop("This is before the result was begun."),
    gettext_noop("Say what was detected."),
    gettext_noop("not_detected contradicts a finding that was detected."),
    gettext_noop("invalid contradicts a finding that was detected."),
    gettext_noop("A reagent is consistent_with or not_consistent."),
    gettext_noop("%(name)s is for reagents only."),
    gettext_noop("This is more than %(name)s."),
)
_PATTERNS = [
    (re.compile(re.escape(answer).replace(re.escape("%(name)s"), "(?P<name>.{1,80})")), answer)
    for answer in _ANSWERS
    if "%(name)s" in answer
]

# Reasons offered for a correction or a withdrawal. The person who holds the code may read another language.
REASONS = (
    gettext_noop("Entered by mistake"),
    gettext_noop("Read wrongly"),
    gettext_noop("The lab has looked again"),
    gettext_noop("The sample was mixed up"),
    gettext_noop("Typed wrongly"),
)


def reason_words(written: str) -> str:
    """A reason in the language of the page where it is one of those offered; else as it was written."""
    return next((_(offered) for offered in REASONS if written in _in_every_language(offered)), written)


def _in_every_language(text: str) -> set[str]:
    said = set()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            said.add(_(text))
    return said


def in_this_language(answer: str) -> str:
    """What the door answered, in the language of the page; as it is where we have no words for it."""
    for pattern, template in _PATTERNS:
        if found := pattern.fullmatch(answer):
            return _(template) % found.groupdict()
    return _(answer)


def subject_name(subject: Subject, language: str) -> str:
    return Speaker(language).name(subject)


def method_name(method: MethodFacts, language: str) -> str:
    return method.name_es if language.startswith("es") else method.name


def listed_names(subjects: Iterable[Subject], language: str) -> str:
    return ", ".join(subject_name(subject, language) for subject in subjects)


def short_line(result: ResultRead, language: str) -> str:
    """One result in a few words. Never a word that could be taken for "safe"."""
    if result.method.family == "strip":
        return _strip_line(result)
    found = [_finding(finding, language) for finding in result.detected]
    if found:
        return ", ".join(found)
    return _outcome(result.outcome)


def doubt_words(result: ResultRead, language: str) -> str:
    """Why a result counts for nothing by itself; empty where nothing speaks against it."""
    said = [] if result.lot_is_sound else [_("its strip lot is suspect, or was past its date")]
    if result.quality:
        said.append(_("outside quality control: %(reasons)s") % {"reasons": reasons(result.quality, Speaker(language))})
    return "; ".join(said)


def tone(result: ResultRead) -> str:
    """How a result is marked beside its words. There is no green: nothing here is an all-clear."""
    return {"detected": "found", "consistent_with": "found", "not_detected": "plain"}.get(result.outcome, "unsure")


def _strip_line(result: ResultRead) -> str:
    if result.outcome == "invalid":
        return _("did not work")
    if result.outcome == "detected":
        return _("reacted")
    return _("not detected, faint line") if result.test_line == "faint" else _("not detected")


def _outcome(outcome: str) -> str:
    return {
        "detected": _("something was found"),
        "not_detected": _("not detected"),
        "inconclusive": _("could not be told"),
        "invalid": _("did not work"),
        "consistent_with": _("looked like what was expected"),
        "not_consistent": _("did not look like what was expected"),
    }[outcome]


def _finding(finding: FindingRead, language: str) -> str:
    name = subject_name(finding.subject, language)
    amount = finding.amount
    if amount is None:
        return name
    if amount.kind == "relative":
        return _("%(name)s (trace)") % {"name": name} if amount.is_trace else name
    if amount.kind == "percent_ftir":  # an estimate: a figure would say more than FTIR can
        return f"{name} ({Speaker(language).word(ftir_band(amount))})"
    return f"{name} {plain(amount.value)}{_UNITS[amount.kind]}" if amount.value is not None else name


def choices(words: Words, *, only: Sequence[str] = ()) -> list[tuple[str, str | Promise]]:
    return [(code, word) for code, word in words.items() if not only or code in only]
