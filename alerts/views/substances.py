"""Pages about each substance and class, for everyone: what it is, which tests see it, what helps, what is around."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from checking import area_tree, catalogue, trend_words, trends
from checking.called import Called, names_of
from checking.catalogue import Catalogue
from checking.limits import percent
from checking.method_rules import Reviewed
from checking.method_sheets import sources_of
from checking.readings import MethodFacts, Subject
from checking.seeing import GROUPS, Sight, fooled, sights, why, why_confused
from checking.statements import Speaker
from checking.substance_sheets import Source, SubstanceText, text_of
from checking.trend_summary import lately
from checking.views.figures import kept_by_readers

from ..blocks import Block
from ..matching import Filter
from ..page_blocks import blocks_for, by_route, general_blocks, steps_for
from ..reading import current_alerts
from ..showing import show
from .public import spoken

MOST_ALERTS = 5
OURS = ("docs/", "checking/")  # files of this program, which say nothing to who reads a page
AFTER = "editorial, after "  # how the library of blocks marks its own words for what a source says
LONGEST_NAME = 200  # the longest the vocabulary can hold
FOUND_IN_OTHERS = frozenset({"filler", "industrial_chemical", "fentanyl_related", "medicine", "opioid_antagonist"})
ROLES_FOUND_IN_OTHERS = frozenset({"adulterant", "cut", "impurity"})


@require_safe
@spoken
def substances(request: HttpRequest) -> HttpResponse:
    """All substances by class, and a search by any name people use."""
    known = catalogue.current()
    asked = request.GET.get("q", "").strip()[:LONGEST_NAME]
    match = known.find(asked) if asked.isprintable() else catalogue.Match("none")
    if asked and match.kind in {"one", "class"}:
        return redirect(_address(request, match.subjects[0]))
    speaker = _speaker()
    context = {
        "asked": asked,
        "is_mixture": match.kind == "mixture",
        "means": [_named(subject, speaker) for subject in match.subjects] if asked else [],
        "nearest": _nearest(asked, known, speaker) if asked and not match.subjects else [],
        "families": _families(known, speaker),
    }
    return kept_by_readers(request, render(request, "substances/substances.html", context))


@require_safe
@spoken
def substance(request: HttpRequest, slug: str) -> HttpResponse:
    """One substance or class. By another of its names: where its page is. By no name we know: the nearest ones."""
    known = catalogue.current()
    subject = known.subjects.get(slug)
    if subject is None:
        return _elsewhere(request, slug[:LONGEST_NAME], known)
    speaker = _speaker()
    context = {
        **_about(subject, known, speaker),
        **_in_trouble(subject, speaker),
        **_steps(subject, speaker),
        **_tests(subject, known, speaker),
        **_alerts(subject),
        "trend": _trend(subject),
    }
    return kept_by_readers(request, render(request, "substances/substance.html", context))


def _speaker() -> Speaker:
    return Speaker(get_language() or "en")


def _elsewhere(request: HttpRequest, written: str, known: Catalogue) -> HttpResponse:
    speaker = _speaker()
    tries = (written, written.replace("-", " ").replace("_", " "))
    matches = [known.find(each) for each in tries if each.isprintable()]
    for match in matches:
        if match.kind in {"one", "class"}:
            return HttpResponsePermanentRedirect(_address(request, match.subjects[0]))
    means = next((match.subjects for match in matches if match.subjects), ())
    context = {
        "means": [_named(subject, speaker) for subject in means],
        "nearest": [] if means else _nearest(written, known, speaker),
    }
    return render(request, "substances/unknown.html", context, status=404)


def _address(request: HttpRequest, subject: Subject) -> str:
    language = request.GET.get("lang", "")
    query = f"?{urlencode({'lang': language})}" if language in dict(settings.LANGUAGES) else ""
    return reverse("substance", args=[subject.slug]) + query


# Names


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _named(subject: Subject, speaker: Speaker) -> dict[str, str]:
    return {"slug": subject.slug, "name": _name(subject, speaker)}


def _name(subject: Subject, speaker: Speaker) -> str:
    return subject.name_es if speaker.language == "es" else subject.name


def _listed(subjects: Iterable[Subject], speaker: Speaker) -> str:
    return speaker.listed(_name(subject, speaker) for subject in subjects)


def _nearest(written: str, known: Catalogue, speaker: Speaker) -> list[dict[str, str]]:
    """What it may have been meant to be: the name nearest, and what that stands for."""
    found: dict[str, dict[str, str]] = {}
    for name in known.nearest(written) if written.isprintable() else ():
        for subject in known.find(name).subjects:
            found.setdefault(subject.slug, _named(subject, speaker))
    return list(found.values())


def _families(known: Catalogue, speaker: Speaker) -> list[dict[str, Any]]:
    """Every class of the widest kind, with all within it by their nearest class."""
    members: dict[str, list[Subject]] = {}
    for subject in known.subjects.values():
        if not subject.is_class:
            members.setdefault(subject.classes[0], []).append(subject)
    classes = [subject for subject in known.subjects.values() if subject.is_class]
    return [
        {
            **_named(root, speaker),
            "count": sum(len(members.get(each.slug, ())) for each in classes if each.is_within(root)),
            "groups": [
                {**_named(each, speaker), "members": _sorted(members.get(each.slug, ()), speaker)}
                for each in sorted(classes, key=lambda each: len(each.classes))
                if each.is_within(root)
            ],
        }
        for root in sorted((each for each in classes if len(each.classes) == 1), key=lambda each: _name(each, speaker))
    ]


def _sorted(subjects: Iterable[Subject], speaker: Speaker) -> list[dict[str, str]]:
    return sorted((_named(subject, speaker) for subject in subjects), key=lambda each: each["name"].casefold())


# What is written of it


def _about(subject: Subject, known: Catalogue, speaker: Speaker) -> dict[str, Any]:
    what, say = text_of(subject, "what"), text_of(subject, "say")
    names = names_of(subject, known, speaker.language)
    within = [each for each in known.subjects.values() if each.slug != subject.slug and _is_next(each, subject)]
    above = subject.classes[1:] if subject.is_class else subject.classes
    return {
        "subject": subject,
        "name": _name(subject, speaker),
        "classes": [_named(known.subjects[slug], speaker) for slug in above],
        "members": _sorted(within, speaker),
        "what": _said(what, speaker),
        "what_of": _name(known.subjects[what.slug], speaker) if what and what.slug != subject.slug else "",
        "what_sources": _credits([what], speaker),
        "say": subject.say_aloud or _said(say, speaker),
        "is_spelt": not subject.is_class and _is_spelt(_name(subject, speaker)),
        "synonyms": [each.written for each in names.synonyms],
        "street": [each.written for each in names.street if not each.others],
        "ambiguous": [_called(each, speaker) for each in names.street if each.others],
    }


def _is_next(one: Subject, subject: Subject) -> bool:
    """True for what stands right below a class."""
    nearest = one.classes[1:2] if one.is_class else one.classes[:1]
    return nearest == (subject.slug,)


def _is_spelt(name: str) -> bool:
    """True for what is said letter by letter: 3-MMC, U-47700."""
    return name.upper() == name and len(name) <= 8


def _called(called: Called, speaker: Speaker) -> dict[str, Any]:
    others = _listed(called.others, speaker)
    return {"written": called.written, "others": others, "is_mixture": called.is_mixture}


def _said(text: SubstanceText | None, speaker: Speaker) -> str:
    return text.said.in_language(speaker.language) if text else ""


def _in_trouble(subject: Subject, speaker: Speaker) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in ("signs", "helps"):
        own = text_of(subject, kind)
        blocks = blocks_for(kind, subject) or ([] if own else general_blocks(kind))
        lines = [block.texts[speaker.language] for block in blocks] + ([_said(own, speaker)] if own else [])
        found |= {kind: lines, f"{kind}_sources": _credits([*blocks, own], speaker)}
    return found


def _steps(subject: Subject, speaker: Speaker) -> dict[str, Any]:
    steps = steps_for(subject)
    own = text_of(subject, "steps")
    routes = by_route(steps)
    anyhow = [step.texts[speaker.language] for step in routes.pop("any")]
    is_found_in_others = subject.role in ROLES_FOUND_IN_OTHERS or not FOUND_IN_OTHERS.isdisjoint(subject.classes)
    return {
        "steps": ([_said(own, speaker)] if own else []) + anyhow,
        "routes": {
            route: [step.texts[speaker.language] for step in of_route] for route, of_route in routes.items() if of_route
        },
        "is_found_in_others": is_found_in_others,
        "steps_sources": _credits([own, *steps], speaker),
    }


# Where it comes from


@dataclass(frozen=True, slots=True)
class Credit:
    """One source as people read it."""

    name: str
    address: str
    is_ours: bool = False  # our own words, after what it says


@dataclass(frozen=True, slots=True)
class Credits:
    """The sources of a section, each once, and its oldest review; no day while one part of it had none."""

    sources: Sequence[Credit]
    by: str = ""
    on: date | None = None


def _credits(parts: Iterable[Block | SubstanceText | None], speaker: Speaker) -> Credits:
    sources: dict[tuple[str, str], Credit] = {}
    reviews: list[Reviewed] = []
    for part in parts:
        if part is None:
            continue
        credits, reviewed = _credit_of(part, speaker)
        reviews.append(reviewed)
        for each in credits:
            if each.is_ours or (each.name, each.address) not in sources:
                sources[each.name, each.address] = each
    if not reviews or not all(each.on for each in reviews):
        return Credits(tuple(sources.values()))
    by = ", ".join(dict.fromkeys(each.checked_by for each in reviews if each.checked_by))
    return Credits(tuple(sources.values()), by, date.fromisoformat(min(each.on for each in reviews)))


def _credit_of(part: Block | SubstanceText, speaker: Speaker) -> tuple[list[Credit], Reviewed]:
    if isinstance(part, Block):
        return _shown_of_block(part), Reviewed(on=part.reviewed_on)
    return [_shown(each, speaker) for each in part.sources], part.reviewed


def _shown(source: Source, speaker: Speaker) -> Credit:
    return Credit(source.name.in_language(speaker.language), source.address)


def _shown_of_block(block: Block) -> list[Credit]:
    """Addresses by what people read of them; `editorial, after ...` is in our own words, after what it names."""
    is_ours = block.source.startswith(AFTER)
    shown = []
    for text in sources_of(block.source.removeprefix(AFTER)):
        if text.startswith(OURS):
            shown.append(Credit(_("the rules of this network"), "", is_ours))
            continue
        _before, sign, address = text.partition("https://")
        name = address.removeprefix("www.").partition("?")[0].rstrip("/") or text
        shown.append(Credit(name, sign + address, is_ours))
    return shown


# Tests


def _tests(subject: Subject, known: Catalogue, speaker: Speaker) -> dict[str, Any]:
    methods = list(known.methods.values())
    seen = sights(subject, methods)
    return {
        "groups": {
            group: [_sight(each, speaker) for each in seen if each.group == group]
            for group in GROUPS
            if any(each.group == group for each in seen)
        },
        "fools": [
            {
                **_method(method, speaker),
                "by": "" if each.subject.slug == subject.slug else _name(each.subject, speaker),
                "from_mg_per_ml": "" if each.from_mg_per_ml is None else f"{each.from_mg_per_ml:g}",
                "why": why_confused(method.slug, each).in_language(speaker.language),
            }
            for method, each in fooled(subject, methods)
        ],
    }


def _method(method: MethodFacts, speaker: Speaker) -> dict[str, str]:
    return {"slug": method.slug, "method": method.name_es if speaker.language == "es" else method.name}


def _sight(sight: Sight, speaker: Speaker) -> dict[str, Any]:
    target = sight.target
    return {
        **_method(sight.method, speaker),
        "percent": percent(target.limit_w_w) if target and target.limit_w_w is not None else "",
        "ng_per_ml": f"{target.limit_ng_per_ml:g}" if target and target.limit_ng_per_ml is not None else "",
        "is_partial": target is not None and not target.is_full,
        "why": [_capital(why(sight.method.slug, miss).in_language(speaker.language)) for miss in sight.misses],
        "only": _listed(sight.only, speaker),
        "but_not": _listed(sight.but_not, speaker),
        "confused_by": _listed(sight.confused_by, speaker),
    }


# What is around


def _alerts(subject: Subject) -> dict[str, Any]:
    current = current_alerts(Filter(substances=frozenset({subject.slug})), limit=MOST_ALERTS + 1)
    return {
        "alerts": [show(payload) for payload in current[:MOST_ALERTS]],
        "has_more_alerts": len(current) > MOST_ALERTS,
        "follow": f"{reverse('home')}?{urlencode({'substance': subject.slug})}",
        "feed": f"{reverse('alerts_feed')}?{urlencode({'substance': subject.slug})}",
    }


def _trend(subject: Subject) -> dict[str, Any]:
    """Released figures only, of one family of methods, each area with how many were tested."""
    found = lately(subject)
    if found is None:
        return {}
    tree = area_tree.current()
    query = "" if found.family == trends.FAMILIES[0] else f"?{urlencode({'family': found.family})}"
    return {
        "is_strip": found.family == "strip",
        "family": trend_words.family_name(found.family),
        "since": found.since,
        "until": found.until,
        "left_out": found.left_out,
        "note": trends.note(),
        "areas": [
            {
                "page": reverse("trend", args=[each.area, subject.slug]) + query,
                "name": tree.name(each.area),
                "detected": each.point.detected,
                "tested": each.point.tested,
                "share": trend_words.share_of(each.point) if each.point.share is not None else "",
                "interval": trend_words.interval_of(each.point),
            }
            for each in found.areas
        ],
    }
