"""Pages of what was found over time. They read what was released, and nothing else."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import area_tree, trend_words, trends
from ..charts import FORMATS, SIZES, STYLE, draw
from ..models import ReleasedExpected, ReleasedShare
from ..periods import Interval
from ..trend_files import as_csv, etag, row
from ..trends import Answer, BadQuestion, Question

TYPES = {"svg": "image/svg+xml", "png": "image/png"}
# matplotlib styles its SVG inline. Shown by <img> that is no matter; opened by itself it needs this.
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
FILTERS = ("family", "material", "series", "interval", "expected", "from", "to")


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Choose a place and a substance; what was seen lately."""
    asked = {name: request.GET.get(name, "").strip() for name in ("area", "substance")}
    fault: BadQuestion | None = None
    if asked["substance"]:
        try:
            area, subject = trends.find_area(asked), trends.find_subject("substance", asked)
            return redirect(_with(reverse("trend", args=[area, subject.slug]), {"lang": request.GET.get("lang", "")}))
        except BadQuestion as error:
            fault = error
    tree = area_tree.current()
    areas = trends.areas_with_figures()
    chosen = asked["area"] if asked["area"] in tree else next(iter(areas), "")
    seen: list[dict[str, Any]] = [
        {"subject": each.subject, "name": trend_words.name_of(each.subject), "seen": each}
        for each in trends.seen_lately(chosen)
    ]
    context = {
        "areas": [(slug, tree.name(slug)) for slug in areas],
        "area": chosen,
        "area_name": tree.name(chosen),
        "substance": asked["substance"],
        "fault": fault,
        "seen": [each for each in seen if not each["subject"].is_class],
        "groups": [each for each in seen if each["subject"].is_class],
        "release": trends.last_release(),
        "note": trends.note(),
    }
    return kept_by_readers(request, render(request, "trends/choose.html", context, status=400 if fault else 200))


@require_safe
def show(request: HttpRequest, area: str, substance: str) -> HttpResponse:
    """One figure: picture, table, and what has to stand beside it."""
    asked = _asked(request)
    fault: BadQuestion | None = None
    try:
        question = _question(area, substance, asked)
    except BadQuestion as error:
        fault = error
        question = _question(area, substance, {})
        asked = {}
    answer = trends.answer(question)
    latest = answer.points[-1] if answer.points else None
    context = {
        "question": question,
        "answer": answer,
        "title": trend_words.title(question),
        "name": trend_words.name_of(question.subject),
        "area_name": area_tree.current().name(area),
        "latest": trend_words.said_of(answer, latest) if latest else "",
        "rows": _rows(answer),
        "released": trend_words.released(answer),
        "since": trend_words.since(answer),
        "corrected": trend_words.corrected(answer),
        "left_out": trend_words.left_out(question),
        "note": trends.note(),
        "query": urlencode({**asked, "lang": request.GET.get("lang", "")} if request.GET.get("lang") else asked),
        "filters": _filters(question, asked),
        "classes": _classes_with_figures(question) if latest is None else [],
        "fault": fault,
    }
    return kept_by_readers(request, render(request, "trends/show.html", context, status=400 if fault else 200))


@require_safe
def chart(request: HttpRequest, area: str, substance: str, kind: str) -> HttpResponse:
    """The picture of one figure."""
    size = request.GET.get("size", "narrow")
    if kind not in FORMATS or size not in SIZES:
        raise Http404(_("There is no such picture."))
    question = _question_or_404(area, substance, _asked(request))
    tag, unchanged = _tag(request, question, kind, size, STYLE)
    if unchanged is not None:
        return unchanged
    response = HttpResponse(
        draw(trend_words.drawing(trends.answer(question)), kind=kind, size=size), content_type=TYPES[kind]
    )
    if kind == "svg":
        response["Content-Security-Policy"] = SVG_POLICY
    return _cacheable(response, tag)


@require_safe
def data(request: HttpRequest, area: str, substance: str) -> HttpResponse:
    """The numbers of one figure, for a spreadsheet."""
    question = _question_or_404(area, substance, _asked(request))
    tag, unchanged = _tag(request, question, "csv")
    if unchanged is not None:
        return unchanged
    answer = trends.answer(question)
    text = as_csv(row(answer, point) for point in answer.points)
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{area}-{question.subject.slug}.csv"'
    return _cacheable(response, tag)


# What was asked


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: value for name in FILTERS if (value := request.GET.get(name, "").strip())}


def _question(area: str, substance: str, asked: Mapping[str, str]) -> Question:
    """The question of a page. What can only be meant one way is put right here, unlike in the API."""
    mended = {"interval": "month", **asked}  # weeks hold a handful of samples each: months are read sooner
    if mended.get("expected"):
        mended |= {"interval": "quarter", "series": "latest", "material": "product"}
    if mended.get("series") == "final" and mended.get("interval") == "week":
        mended["interval"] = "month"
    try:
        return trends.ask({"area": area, "substance": substance, **mended})
    except BadQuestion as error:
        if error.name in {"area", "substance"}:
            raise Http404(str(error)) from error
        raise


def _question_or_404(area: str, substance: str, asked: Mapping[str, str]) -> Question:
    try:
        return _question(area, substance, asked)
    except BadQuestion as error:
        raise Http404(str(error)) from error


def _with(path: str, parameters: Mapping[str, str]) -> str:
    given = {name: value for name, value in parameters.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


# What is shown


def _rows(answer: Answer) -> list[dict[str, Any]]:
    """The table, newest first."""
    return [
        {
            "period": answer.period(point),
            "detected": point.detected,
            "tested": point.tested,
            "share": trend_words.share_of(point),
            "interval": trend_words.interval_of(point),
        }
        for point in reversed(answer.points)
    ]


def _filters(question: Question, asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """The choices of the form, each with what is chosen."""
    intervals = list(Interval) if question.series == "latest" else [Interval.MONTH, Interval.QUARTER]
    expected = question.expected.slug if question.expected else ""
    return [
        _choice("family", _("How it was checked"), trends.FAMILIES, trend_words.family_name, question.family),
        _choice("material", _("What was checked"), trends.MATERIALS, trend_words.material_name, question.material),
        _choice("series", _("Counted by"), trends.SERIES, trend_words.series_name, question.series),
        _choice(
            "interval",
            _("Put together"),
            [each.value for each in intervals],
            lambda value: trend_words.interval_name(Interval(value)),
            question.interval.value,
        ),
        _choice("expected", _("Taken for"), ["", *_classes_expected(question)], _class_name, expected),
        {"name": "from", "label": _("From"), "value": asked.get("from", "")},
        {"name": "to", "label": _("Up to"), "value": asked.get("to", "")},
    ]


def _choice(name: str, label: str, values: Any, say: Any, chosen: str) -> dict[str, Any]:
    choices = [{"value": value, "text": say(value), "is_chosen": value == chosen} for value in values]
    return {"name": name, "label": label, "choices": choices}


def _class_name(slug: str) -> str:
    return trend_words.name_of(trends.find_subject("expected", {"expected": slug})) if slug else _("anything")


def _classes_expected(question: Question) -> list[str]:
    """Classes of expectation with figures for this subject here."""
    rows = ReleasedExpected.objects.using("public").filter(
        subject=question.subject.slug, family=question.family, area__in=area_tree.current().within(question.area)
    )
    return sorted(rows.values_list("expected", flat=True).distinct())


def _classes_with_figures(question: Question) -> list[dict[str, str]]:
    """Classes of the subject that have what it has not: a strip names a class, never a compound."""
    rows = ReleasedShare.objects.using("public").filter(
        subject__in=question.subject.classes,
        family=question.family,
        material=question.material,
        area__in=area_tree.current().within(question.area),
    )
    found = set(rows.values_list("subject", flat=True).distinct()) - {question.subject.slug}
    classes = [trends.find_subject("substance", {"substance": slug}) for slug in sorted(found)]
    return [{"slug": each.slug, "name": trend_words.name_of(each)} for each in classes]


# What need not be sent again


def _tag(request: HttpRequest, question: Question, *parts: str) -> tuple[str, HttpResponse | None]:
    """The tag of this release and question, and the short answer where the reader has it already."""
    release = trends.last_release()
    tag = etag(release.number if release else 0, repr(question), *parts)
    unchanged = get_conditional_response(request, etag=tag)
    return tag, None if unchanged is None else _cacheable(unchanged, tag)


def _cacheable(response: Any, tag: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = "public, max-age=60"
    patch_vary_headers(response, ["Accept-Language"])
    kept: HttpResponse = response
    return kept


def kept_by_readers(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A page, or word that it did not change. The tag is of the page itself: its words may change too."""
    if response.status_code != 200:
        return response
    tag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    _cacheable(response, tag)
    return get_conditional_response(request, etag=tag, response=response) or response
