"""Live figures for analysts: by day of collection and by site, and sites beside each other. Never public."""

import base64
import csv
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from checking import live_words, trend_words, trends
from checking.comparing import Comparison, compare
from checking.live_charts import draw_funnel, draw_series
from checking.live_figures import MOST_SAMPLES, LiveFigure, Period, TooMany, figure
from checking.live_questions import PARAMETERS, LiveQuestion, ask
from checking.looked_at import record_if_by_day
from checking.reach import Reach, reach_of
from checking.staff_rights import may_analyse
from checking.trend_files import harmless
from checking.trends import BadQuestion

from .figure_forms import ChoosingForm, offered
from .staff_door import for_staff
from .staff_entry import person

_OF_A_FIGURE = (
    "substance",
    "expected",
    "area",
    "site",
    "family",
    "material",
    "form",
    "method",
    "interval",
    "from",
    "to",
)
_OF_SITES = ("substance", "expected", "form", "family", "method", "material", "area", "from", "to")
_USUAL = {"family": "lab", "material": "product", "interval": "week"}
COLUMNS = (
    "period", "detected", "tested", "share", "low", "high", "share_of_results_in", "expected_share", "expected_low",
    "expected_high",
)  # fmt: skip


@dataclass
class _Asked:
    """What came in, and what it asks. No question: nothing was asked yet, or it cannot be answered."""

    form: ChoosingForm
    reach: Reach
    question: LiveQuestion | None = None


@for_staff(may_analyse)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """One figure: picture, table, and what has to stand beside it."""
    asked = _asked(request, _OF_A_FIGURE)
    found: LiveFigure | None = None
    if asked.question is not None:
        try:
            found = figure(asked.question, asked.reach, timezone.now().date())
        except TooMany:
            asked.form.blame(_too_many())
    context = {**_around(asked), "figure": found}
    if found is not None:
        context |= _of_figure(found, request)
    return render(request, "figures/show.html", context, status=400 if asked.form.faults else 200)


@for_staff(may_analyse)
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """The numbers of one figure, for a spreadsheet."""
    asked = _asked(request, _OF_A_FIGURE)
    try:
        if asked.question is None:
            raise BadQuestion("", "")
        found = figure(asked.question, asked.reach, timezone.now().date())
    except (BadQuestion, TooMany):
        return render(request, "figures/show.html", _around(asked), status=400)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="staff-{found.question.subject.slug}.csv"'
    lines = csv.writer(response)
    lines.writerow(COLUMNS)
    lines.writerows([harmless(cell) for cell in _row(period)] for period in found.periods)
    return response


@for_staff(may_analyse)
@require_safe
def compare_sites(request: HttpRequest) -> HttpResponse:
    """Sites in a funnel, by name; or why they cannot be compared."""
    asked = _asked(request, _OF_SITES)
    found: Comparison | None = None
    if asked.question is not None:
        try:
            found = compare(asked.question, asked.reach)
        except TooMany:
            asked.form.blame(_too_many())
    context = {**_around(asked), "comparison": found}
    if found is not None and found.sites:
        dots, words = live_words.funnel(found)
        context |= {
            "title": live_words.title(found.question),
            "rows": live_words.site_rows(found),
            "pooled": trend_words.per_cent(found.pooled),
            "picture": _as_address(draw_funnel(dots, found.pooled, words)),
        }
    return render(request, "figures/sites.html", context, status=400 if asked.form.faults else 200)


def _asked(request: HttpRequest, fields: tuple[str, ...]) -> _Asked:
    """Read and, where it tells days, put on record before anything is answered."""
    reach, today = reach_of(request.user), timezone.now().date()
    written = {name: request.GET.get(name, "") for name in PARAMETERS if name in fields}
    given = {name: value for name, value in written.items() if value.strip()}
    form = ChoosingForm({**_USUAL, **given}, reach, fields)
    if not given:
        return _Asked(form, reach)
    try:
        question = ask(given, reach, today)
    except BadQuestion as error:
        form.blame(error)
        return _Asked(form, reach)
    form.show(question.as_json())
    record_if_by_day(question, by=person(request), today=today)
    return _Asked(form, reach, question)


def _too_many() -> BadQuestion:
    words = _("That is more than %(number)d samples: choose fewer days, one place or one site.")
    return BadQuestion("from", words % {"number": MOST_SAMPLES})


def _around(asked: _Asked) -> dict[str, Any]:
    return {
        "form": asked.form,
        "offered": offered(asked.reach),
        "left_out": live_words.left_out(asked.reach.communities),
        "note": trends.note(),
    }


def _of_figure(found: LiveFigure, request: HttpRequest) -> dict[str, Any]:
    question = found.question
    context: dict[str, Any] = {
        "title": live_words.title(question),
        "rows": live_words.rows_of(found),
        "recently": live_words.recently(found.recently, question.family) if found.recently else [],
        "query": urlencode(question.as_json()),
        "has_nowcast": any(period.nowcast for period in found.periods),
        "classes": [] if found.periods else _classes(question),
        "spoken": request.GET.get("lang", ""),
    }
    if found.periods:
        context["picture"] = _as_address(draw_series(*live_words.series(found)))
    return context


def _classes(question: LiveQuestion) -> list[dict[str, str]]:
    """The classes a subject is of, to ask instead: a strip names a class, never a compound."""
    return [
        {
            "name": trend_words.name_of(trends.find_subject("substance", {"substance": slug})),
            "query": urlencode({**question.as_json(), "substance": slug}),
        }
        for slug in question.subject.classes[:3]
        if slug != question.subject.slug
    ]


def _as_address(picture: bytes) -> str:
    """Inside the page itself: it is kept nowhere, and nobody else can ask for it."""
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def _row(period: Period) -> list[Any]:
    """Shares from 0 to 1, four decimals; empty where nothing can be said."""
    expected = period.nowcast or (None, None, None)
    shares = (period.share, period.low, period.high, period.is_in, *expected)
    said = ["" if share is None else round(share, 4) for share in shares]
    return [period.label, period.detected, period.tested, *said]
