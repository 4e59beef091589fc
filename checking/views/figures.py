"""Pages of figures, each with its picture and its numbers as a file. They read what was released, and nothing else.

Every kind of figure is served alike: a page, `chart.svg`, `chart.png` and `data.csv`, whose addresses hold
all that was asked.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import often, published, trends
from ..charts import STYLE, pixels
from ..drawing.values import FORMATS, SIZES, Picture
from ..figures import amounts, arabic, areas, expected, shares, side_by_side, together
from ..figures.sheet import Sheet, area_name, place_of, subject_of
from ..trend_words import name_of
from ..trends import BadQuestion
from .drawn import drawn

# matplotlib styles its SVG inline. Shown by <img> that is no matter; opened by itself it needs this.
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Kind:
    """One kind of figure."""

    name: str  # of its page's address; `_chart` and `_data` are the others
    route: str
    filters: tuple[str, ...]
    sheet: Callable[..., Sheet]  # of the area, what is asked, and the substance if the route has one
    template: str = "trends/show.html"
    language: str = ""  # where it is in one only; the reader's else

    @property
    def patterns(self) -> list[URLPattern]:
        return [
            path(self.route, require_safe(self.page), name=self.name),
            path(f"{self.route}chart.<str:kind>", require_safe(self.chart), name=f"{self.name}_chart"),
            path(f"{self.route}data.csv", require_safe(self.data), name=f"{self.name}_data"),
        ]

    def page(self, request: HttpRequest, **place: str) -> HttpResponse:
        """Picture, table, and what has to stand beside them. A wrong filter is named, and the usual figure shown."""
        asked, fault = self._asked(request), None
        try:
            sheet = self.sheet(asked=asked, **place)
        except BadQuestion as error:
            fault, asked = error, {}
            sheet = self.sheet(asked=asked, **place)
        shown = {**asked, "lang": request.GET.get("lang", "")}
        subject = subject_of(place["substance"]) if "substance" in place else None
        context = {
            "subject": subject,
            "name": name_of(subject) if subject else "",
            "sheet": sheet,
            "kind": self.name,
            "place": place,
            "area_name": area_name(place["area"]),
            "pixels": pixels(sheet.picture) if sheet.picture else (),
            "addresses": {what: self._address(what, place, shown) for what in ("svg", "wide", "png", "csv")},
            "fault": fault,
            "note": arabic.NOTE if self.language == "ar" else trends.note(),
            "arabic": with_query(reverse("trend_arabic", kwargs=place), asked) if self.name == "trend" else "",
            "others": _others(place, request.GET.get("lang", ""), self.name),
            "classes": [] if sheet.picture else _classes_with_figures(place, asked),
            "family": asked.get("family", ""),
        }
        response = render(request, self.template, context, status=400 if fault else 200)
        if self.language:
            response["Content-Language"] = self.language
        if fault is None:
            note(request)
        return kept_by_readers(request, response)

    def chart(self, request: HttpRequest, kind: str, **place: str) -> HttpResponse:
        size = request.GET.get("size", "narrow")
        sheet = self._sheet_or_404(request, place)
        if kind not in FORMATS or size not in SIZES or sheet.picture is None:
            raise Http404(_("There is no such picture."))
        note(request)
        return chart_response(request, sheet.picture, kind, size)

    def data(self, request: HttpRequest, **place: str) -> HttpResponse:
        """The numbers, for a spreadsheet."""
        sheet = self._sheet_or_404(request, place)
        response = HttpResponse(sheet.csv(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{sheet.file}.csv"'
        return kept_by_readers(request, response)

    def _asked(self, request: HttpRequest) -> dict[str, str]:
        return {name: value for name in self.filters if (value := request.GET.get(name, "").strip())}

    def _sheet_or_404(self, request: HttpRequest, place: Mapping[str, str]) -> Sheet:
        try:
            return self.sheet(asked=self._asked(request), **place)
        except BadQuestion as error:
            raise Http404(str(error)) from error

    def _address(self, what: str, place: dict[str, str], asked: Mapping[str, str]) -> str:
        if what == "csv":
            return with_query(reverse(f"{self.name}_data", kwargs=place), asked)
        kind = "png" if what == "png" else "svg"
        size = {} if what == "svg" else {"size": "wide"}
        return with_query(reverse(f"{self.name}_chart", kwargs={**place, "kind": kind}), {**size, **asked})


KINDS = (
    Kind("expected_found", "trends/<slug:area>/expected/", expected.FILTERS, expected.sheet),
    Kind("found_together", "trends/<slug:area>/together/", together.FILTERS, together.sheet),
    Kind("amounts", "trends/<slug:area>/amounts/", amounts.FILTERS, amounts.sheet),
    Kind("by_area", "trends/<slug:area>/<slug:substance>/areas/", areas.FILTERS, areas.sheet),
    Kind("side_by_side", "trends/<slug:area>/<slug:substance>/beside/", side_by_side.FILTERS, side_by_side.sheet),
    Kind(
        "trend_arabic", "trends/<slug:area>/<slug:substance>/ar/", shares.FILTERS, arabic.sheet, "trends/ar.html", "ar"
    ),
    Kind("trend", "trends/<slug:area>/<slug:substance>/", shares.FILTERS, shares.sheet),
)


def chart_response(request: HttpRequest, picture: Picture, kind: str, size: str) -> HttpResponse:
    """A picture, or word that it did not change. Its tag is of all that is in it, words included: nothing is drawn
    to find out."""
    said = "\n".join([STYLE, kind, size, repr(picture)])
    tag = f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'
    unchanged = get_conditional_response(request, etag=tag)
    if unchanged is not None:
        return cacheable(unchanged, tag)
    response = drawn(picture, kind, size)
    if response.status_code != 200:
        return response
    if kind == "svg":
        response["Content-Security-Policy"] = SVG_POLICY
    return cacheable(response, tag)


def with_query(address: str, parameters: Mapping[str, str]) -> str:
    given = {name: value for name, value in parameters.items() if value}
    return f"{address}?{urlencode(given)}" if given else address


def _others(place: Mapping[str, str], language: str, name: str) -> list[tuple[str, str]]:
    """Other figures of the same place and substance."""
    texts = {
        "trend": _("Over time"),
        "by_area": _("Place by place"),
        "side_by_side": _("Put beside another place or time"),
        "expected_found": _("Expected against found"),
        "found_together": _("What was found together"),
        "amounts": _("How much was in it"),
    }
    found = []
    for kind in KINDS:
        needs_substance = "<slug:substance>" in kind.route
        if kind.language or kind.name == name or (needs_substance and "substance" not in place):
            continue
        given = dict(place) if needs_substance else {"area": place["area"]}
        found.append((with_query(reverse(kind.name, kwargs=given), {"lang": language}), texts[kind.name]))
    return found


def _classes_with_figures(place: Mapping[str, str], asked: Mapping[str, str]) -> list[dict[str, str]]:
    """Classes of the subject that have what it has not: a strip names a class, never a compound."""
    if "substance" not in place:
        return []
    subject = subject_of(place["substance"])
    found = published.classes_with_figures(
        [slug for slug in subject.classes if slug != subject.slug],
        asked.get("family") or trends.FAMILIES[0],
        asked.get("material") or trends.MATERIALS[0],
        trends.published_within(place_of(place["area"])),
    )
    return [{"slug": slug, "name": name_of(subject_of(slug))} for slug in found]


def note(request: HttpRequest) -> None:
    """What is asked for often is made ready with the next release. Nothing of who asks."""
    often.figures.note(request.get_full_path(), translation.get_language() or "")


# What need not be sent again


def cacheable(response: Any, tag: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = "public, max-age=60"
    patch_vary_headers(response, ["Accept-Language"])
    kept: HttpResponse = response
    return kept


def kept_by_readers(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A page, or word that it did not change. The tag is of the page itself: its words may change too."""
    if response.status_code != 200:
        return response
    said = (translation.get_language() or "").encode() + b"\n" + response.content
    cacheable(response, f'"{hashlib.sha256(said).hexdigest()[:32]}"')
    return get_conditional_response(request, etag=response["ETag"], response=response) or response
