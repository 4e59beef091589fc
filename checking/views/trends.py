"""Where figures are chosen."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import area_tree, trend_words, trends
from ..trends import BadQuestion
from .figures import kept_by_readers, note, with_query


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Choose a place and a substance; what was seen lately."""
    asked = {name: request.GET.get(name, "").strip() for name in ("area", "substance")}
    fault: BadQuestion | None = None
    if asked["substance"]:
        try:
            area, subject = trends.find_area(asked), trends.find_subject("substance", asked)
            address = reverse("trend", kwargs={"area": area, "substance": subject.slug})
            return redirect(with_query(address, {"lang": request.GET.get("lang", "")}))
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
    if fault is None:
        note(request)
    return kept_by_readers(request, render(request, "trends/choose.html", context, status=400 if fault else 200))
