"""Pages for everyone: what stands now, one alert, help nearby, who we are."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from checking import area_tree, catalogue, floors, trends
from checking.counted import samples_counted
from checking.helping import services_near
from checking.networks import is_simulated

from .. import reasons
from ..matching import BadFilter, Filter
from ..models.alerts import LEVELS
from ..reading import current_alerts, head, steps_of
from ..showing import KIND_WORDS, LEVEL_WORDS, RAN_OUT, Shown, show, show_steps, spoken_of, subjects_of
from ..sightings import is_taken

QUIET_DAYS = 28  # docs/rules.md C6: what "nothing to say" looks back on
ENOUGH_TO_SAY = 100  # samples; below, a quiet month says little (a 3 % share is then missed 1 time in 20)
MOST_CHOICES = 60  # areas in one list; beyond it people write the name, which keeps the page small
PLAIN_TEXT_BYTES = 2000  # docs/rules.md C5: the plain page fits a feature phone

View = Callable[..., HttpResponse]


def spoken(view: View) -> View:
    """The answer depends on the language the browser prefers, and caches must know."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["Accept-Language"])
        return response

    return inner


@require_safe
@spoken
def home(request: HttpRequest) -> HttpResponse:
    """What stands now, for everywhere or for what was asked."""
    newest = head()  # before the list is read: an event in between is then shown twice rather than not at all
    fault: BadFilter | None = None
    try:
        wanted = Filter.parse(_with_area_names(dict(request.GET.lists())))
    except BadFilter as error:
        fault, wanted = error, Filter()
    alerts = [show(payload) for payload in current_alerts(wanted)]
    context = {
        "alerts": alerts,
        "head": newest,
        "live_query": _query_of(wanted),
        "now": timezone.now(),
        "fault": fault,
        "wanted": wanted,
        "area_names": ", ".join(sorted(area_tree.current().name(slug) for slug in wanted.areas)),
        "subject_names": _subject_names(wanted),
        "quiet": "" if alerts else _quiet_words(wanted),
        "asked": {name: request.GET.get(name, "") for name in ("area", "substance", "level")},
        "choices": area_choices(),
        "levels": LEVEL_WORDS,
    }
    return render(request, "alerts/home.html", context, status=400 if fault else 200)


@require_safe
@spoken
def alert(request: HttpRequest, id: UUID) -> HttpResponse:
    """One alert, in the order in which it is needed; it stays here when it is over."""
    newest = head()
    steps = steps_of(id)
    if not steps:
        raise Http404
    shown = show_steps(steps)
    url = settings.PUBLIC_URL + reverse("alert", args=[id])
    context = {
        "alert": shown,
        "head": newest,
        "history": [
            {
                "word": KIND_WORDS[step.kind],
                "at": step.at,
                "because": reasons.said_in(get_language() or "en", step.because),
                "level": step.payload["alert"]["level"],
            }
            for step in steps
        ],
        "last": steps[-1],
        "first_at": steps[0].at,
        "ran_out": shown.state == RAN_OUT,
        "services": services_near(shown.areas),
        "subjects": subjects_of(spoken_of(steps)),
        "url": url,
        "share_text": f"{shown.headline} {url}",
        "may_tell": is_taken(steps, timezone.now()),
    }
    return render(request, "alerts/alert.html", context)


@require_safe
@spoken
def drill(request: HttpRequest, id: UUID) -> HttpResponse:
    """What the link in a drill opens, for the volunteers who were sent it. No page leads here."""
    steps = steps_of(id, is_drill=True)
    if not steps:
        raise Http404
    history = [{"word": KIND_WORDS[step.kind], "at": step.at} for step in steps]
    response = render(request, "alerts/drill.html", {"drill": show(steps[-1].payload), "history": history})
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@spoken
def plain(request: HttpRequest) -> HttpResponse:
    """Everything that stands now as plain text for the smallest telephone, in at most 2,000 bytes."""
    texts = [_plain_alert(show(payload)) for payload in current_alerts()]
    opening = _("Headsup, as of %(when)s UTC.") % {"when": timezone.now().strftime("%Y-%m-%d %H:%M")}
    if is_simulated():  # the smallest telephone shows no header
        opening = " ".join([_("Simulated data:"), _("made up to show how this works. Not real results."), opening])
    closing = _("Help nearby and more: %(url)s") % {"url": settings.PUBLIC_URL + "/"}
    body = _fitting(opening, texts or [_("No notice now. That does not mean nothing is there.")], closing)
    return HttpResponse(body, content_type="text/plain; charset=utf-8")


@require_safe
@spoken
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "help/about.html")


@require_safe
@spoken
def about_data(request: HttpRequest) -> HttpResponse:
    numbers, loosest = floors.stated(), floors.loosest()
    context = {
        "fewest": numbers["at_least"],
        "dominant": numbers["dominant_percent"],
        "waits_days": numbers["waits_days"],
        "residents": _spaced(numbers["residents"]),
        "settles_weeks": numbers["settles_weeks"],
        "together": numbers["together_at_least"],
        "numbers": [
            (words, _spaced(numbers[name]), _spaced(loosest[name]), is_most)
            for name, words, is_most in _numbers_in_words()
        ],
        "note": trends.note(),
    }
    return render(request, "help/about_data.html", context)


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")


def _numbers_in_words() -> list[tuple[str, str, bool]]:
    """What is published rests on these; True: it may be less than the loosest, never more."""
    return [
        ("at_least", _("Samples behind any figure, and any difference of two"), False),
        ("dominant_percent", _("Per cent of one site, from which a figure is its own"), True),
        ("waits_days", _("Days that too few samples wait before they count for the larger area"), False),
        ("residents", _("Residents of a place that is named"), False),
        ("settles_weeks", _("Weeks after a month’s end until its figures are final"), False),
        ("together_at_least", _("Products behind what was found together, and behind amounts"), False),
    ]


def _with_area_names(params: dict[str, list[str]]) -> dict[str, list[str]]:
    """People write the name of a place; where that is one area, its slug stands for it."""
    entries = [entry.strip() for entry in params.get("area", [])]
    tree = area_tree.current(holding=[entry for entry in entries if entry])
    slugs: list[str] = []
    for entry in entries:
        named = tree.named(entry)
        if entry in tree or not entry:
            slugs.append(entry)
        elif len(named) == 1:
            slugs.append(named[0])
        elif named:
            raise BadFilter("area", _("Several places are called “%(name)s”.") % {"name": entry}, tuple(named))
        else:
            raise BadFilter("area", _("We do not know a place called “%(name)s”.") % {"name": entry})
    return {**params, "area": slugs}


def _subject_names(wanted: Filter) -> str:
    known = catalogue.current().subjects
    subjects = [known[slug] for slug in wanted.substances if slug in known]
    is_spanish = (get_language() or "").startswith("es")
    return ", ".join(sorted(subject.name_es if is_spanish else subject.name for subject in subjects))


def _query_of(wanted: Filter) -> str:
    """The filter as a query string, for whatever listens live."""
    level = [] if wanted.level == LEVELS[0] else [wanted.level]
    return urlencode({"area": sorted(wanted.areas), "substance": sorted(wanted.substances), "level": level}, doseq=True)


def area_choices() -> list[tuple[str, str]]:
    """Release areas and what holds them, as `(slug, name)`; none where they are too many for a list."""
    tree = area_tree.current()
    slugs = dict.fromkeys(above for slug in tree.release_areas for above in tree.above(slug))
    return [(slug, tree.name(slug)) for slug in slugs] if len(slugs) <= MOST_CHOICES else []


def _quiet_words(wanted: Filter) -> str:
    """What silence means: how few samples it rests on. Counted from public figures only."""
    since = timezone.now().date() - timedelta(days=QUIET_DAYS)
    counted = samples_counted(sorted(wanted.areas), since=since)
    if counted == 0:
        return _("The public figures hold no samples from here for the last 28 days, so this says nothing either way.")
    checked = ngettext(
        "At least %(n)s sample is in the public figures of the last 28 days",
        "At least %(n)s samples are in the public figures of the last 28 days",
        counted,
    ) % {"n": counted}
    if counted < ENOUGH_TO_SAY:
        return _("%(checked)s; that is too few to say much.") % {"checked": checked}
    return _("%(checked)s. That does not mean nothing is there.") % {"checked": checked}


def _plain_alert(alert: Shown) -> str:
    review = "" if alert.is_reviewed else _(" (not yet reviewed)")
    lines = [f"{alert.level_word.upper()}{review}, {alert.area_names}: {alert.headline}"]
    lines += [f"- {action}" for action in alert.actions]
    return "\n".join(lines)


def _fitting(opening: str, texts: list[str], closing: str) -> str:
    """All texts where they fit; else their first lines, as many as fit, and how many are left out."""
    whole = "\n\n".join([opening, *texts, closing]) + "\n"
    if len(whole.encode()) <= PLAIN_TEXT_BYTES:
        return whole
    lines = [text.split("\n")[0] for text in texts[:MOST_CHOICES]]
    for kept in range(len(lines), -1, -1):
        left_out = len(texts) - kept
        more = [_("And %(n)s more.") % {"n": left_out}] if left_out else []
        body = "\n\n".join([opening, *lines[:kept], *more, closing]) + "\n"
        if len(body.encode()) <= PLAIN_TEXT_BYTES:
            break
    return body
