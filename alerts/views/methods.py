"""How results are read, for everyone: what each method can say, what it misses, and the rules with their evidence."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from checking.limits import percent, smallest_share_seen
from checking.method_rules import ALL, Reviewed, Rule, evidence_of, rules
from checking.method_sheets import Confusing, MethodSheet, Missed, Seen, StudyShown, sheets, sources_of
from checking.statements import Speaker

from .public import spoken

FAMILIES = (
    ("strip", _("Strips")),
    ("reagent", _("Reagents")),
    ("spectroscopy", _("Instruments on site")),
    ("lab", _("In a laboratory")),
)

# Milligrams in millilitres: strong, weaker, and as fentanyl strips are repeated (docs/rules.md A1).
MIXES = ((10, 5), (10, 10), (10, 50))


@require_safe
@spoken
def methods(request: HttpRequest) -> HttpResponse:
    """All methods, and all rules by which a result is read."""
    speaker = _speaker()
    families = [
        {"name": name, "methods": [_named(sheet, speaker) for sheet in sheets().values() if sheet.family == family]}
        for family, name in FAMILIES
    ]
    context = {"families": families, "rules": [_rule(rule, speaker) for rule in rules().values()]}
    return _kept(request, render(request, "methods/methods.html", context))


@require_safe
@spoken
def method(request: HttpRequest, slug: str) -> HttpResponse:
    """One method: what it sees and from when on, what it misses by name, what confuses it, how it did in use."""
    sheet = sheets().get(slug)
    if sheet is None:
        raise Http404
    speaker = _speaker()
    context = {
        "sheet": sheet,
        "method": _named(sheet, speaker),
        "cannot_say": sheet.cannot_say.in_language(speaker.language),
        "limit": sheet.typical_limit.in_language(speaker.language),
        "targets": [_seen(each, speaker) for each in sheet.looks_for if each.has_figures],
        "without_figure": speaker.listed(
            each.name.in_language(speaker.language) for each in sheet.looks_for if not each.has_figures
        ),
        "misses": [_missed(each, speaker) for each in sheet.misses],
        "confusers": [_confusing(each, speaker) for each in sheet.confusers],
        "studies": [_study(each, speaker) for each in sheet.studies],
        "rules": [_rule(rule, speaker) for rule in sheet.rules if ALL not in rule.methods],
        "general": [_rule(rule, speaker) for rule in sheet.rules if ALL in rule.methods],
        "sources": _sources(sheet.sources),
        "reviewed": _reviewed(sheet.reviewed),
    }
    return _kept(request, render(request, "methods/method.html", context))


def _speaker() -> Speaker:
    return Speaker(get_language() or "en")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _named(sheet: MethodSheet, speaker: Speaker) -> dict[str, str]:
    name, can_say = (said.in_language(speaker.language) for said in (sheet.name, sheet.can_say))
    return {"slug": sheet.slug, "name": name, "can_say": can_say}


def _seen(seen: Seen, speaker: Speaker) -> dict[str, Any]:
    """Limit of detection and cut-off apart, and the limit as a share of the powder for usual mixes."""
    limit = seen.limit_ng_per_ml
    mixes = MIXES if limit is not None else ()
    return {
        "slug": seen.slug,
        "name": _capital(seen.name.in_language(speaker.language)),
        "is_full": seen.is_full,
        "limit_ng_per_ml": _figure(limit),
        "cutoff_ng_per_ml": _figure(seen.cutoff_ng_per_ml),
        "limit_percent": "" if seen.limit_share is None else percent(seen.limit_share),
        "mixes": [
            {"mg": mg, "ml": ml, "percent": percent(smallest_share_seen(limit or 0.0, mg / ml))} for mg, ml in mixes
        ],
        "sources": _sources(seen.sources),
    }


def _missed(missed: Missed, speaker: Speaker) -> dict[str, Any]:
    return {
        "slug": missed.slug,
        "name": _capital(missed.name.in_language(speaker.language)),
        "why": missed.why.in_language(speaker.language),
        "sources": _sources(missed.sources),
    }


def _confusing(confusing: Confusing, speaker: Speaker) -> dict[str, Any]:
    return {
        "name": _capital(confusing.name.in_language(speaker.language)),
        "from_mg_per_ml": _figure(confusing.from_mg_per_ml),
        "brand": confusing.brand,
        "why": confusing.why.in_language(speaker.language),
        "sources": _sources(confusing.sources),
    }


def _study(shown: StudyShown, speaker: Speaker) -> dict[str, Any]:
    return {
        "target": _capital(shown.name.in_language(speaker.language)),
        "seen": _per_hundred(shown.study.sensitivity),
        "left": _per_hundred(shown.study.specificity),
        "n": shown.study.n,
        "note": _capital(shown.study.note.in_language(speaker.language)),
        "sources": _sources(shown.sources),
    }


def _rule(rule: Rule, speaker: Speaker) -> dict[str, Any]:
    return {
        "slug": rule.slug,
        "says": rule.rule.in_language(speaker.language),
        "evidence": evidence_of(rule, speaker),
        "sources": _sources(sources_of(rule.source)),
        "reviewed": _reviewed(rule.reviewed),
    }


def _sources(written: Sequence[str]) -> list[dict[str, str]]:
    """Addresses with what people read of them; what was never published has none."""
    shown = []
    for text in written:
        address, _sign, note = text.partition(" ") if text.startswith("https://") else ("", "", text)
        name = address.removeprefix("https://").removeprefix("www.").partition("?")[0].rstrip("/")
        shown.append({"address": address, "name": name, "note": note})
    return shown


def _reviewed(reviewed: Reviewed) -> dict[str, Any]:
    """Empty where no chemist looked at it, which the page then says."""
    return {"by": reviewed.checked_by, "on": date.fromisoformat(reviewed.on)} if reviewed.on else {}


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _per_hundred(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.3g}"


def _kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The page, or word that it did not change. The tag is of the page itself, as its words may change too."""
    tag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = tag
    response["Cache-Control"] = "public, max-age=300"
    answer: HttpResponse | None = get_conditional_response(request, etag=tag, response=response)
    return answer or response
