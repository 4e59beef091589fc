"""What to check again: samples whose readings disagree, strips nobody followed up, results in doubt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from checking.models import Site
from checking.staff_rights import may_review, samples_for
from checking.worklist import Item, Place, page_of, set_aside

from .quality_forms import BecauseForm
from .staff_door import for_staff
from .staff_entry import person, sites_of
from .staff_words import FORMS, doubt_words, listed_names, method_name, short_line

WHY: Mapping[str, str | Promise] = {
    "disagree": gettext_lazy("Its readings disagree"),
    "strip_reacted": gettext_lazy("A strip reacted, and nothing followed"),
    "lot": gettext_lazy("Its strip lot is in doubt"),
    "quality": gettext_lazy("It was read outside quality control"),
}
NEXT: Mapping[str, str | Promise] = {
    "disagree": gettext_lazy("Send it to a lab that names single compounds, or run it again there."),
    "strip_reacted": gettext_lazy("Send it to a lab, or test it by another method."),
    "lot": gettext_lazy("Test it again with another lot or another method."),
    "quality": gettext_lazy("Run it again once the method has passed its checks."),
}


@dataclass(frozen=True)
class Row:
    """One sample to check again."""

    id: UUID
    result: str  # the one to open where the sample is somebody else's; empty: the sample itself
    at: datetime
    site: str
    expected: str
    form: str
    chips: list[tuple[str, str, str]]  # method, what it says, why it is in doubt
    waiting: list[dict[str, Any]]


@for_staff()
@require_safe
def worklist(request: HttpRequest) -> HttpResponse:
    """The newest first. Opened by those who enter results."""
    sites = sites_of(request)
    if not sites:
        if may_review(request.user):
            return redirect("desk")
        raise PermissionDenied
    asked = next((site for site in sites if site.slug == request.GET.get("site")), None)
    shown = page_of([asked] if asked else sites, after=_place(request.GET.get("after", "")))
    names = {site.slug: site.name for site in sites}
    context = {
        "site": asked,
        "sites": sites,
        "rows": [_row(item, names) for item in shown.items],
        "older": "~".join([shown.older[0].isoformat(), str(shown.older[1])]) if shown.older else "",
    }
    return render(request, "quality/worklist.html", context)


@for_staff()
@require_POST
def aside(request: HttpRequest, id: UUID) -> HttpResponse:
    """Set one item aside, with a reason. What comes in later for the sample is asked about anew."""
    sample = get_object_or_404(samples_for(request.user), pk=id)
    form = BecauseForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why, so that others can follow."))
    elif set_aside(sample, request.POST.get("item", "")[:64], by=person(request), because=form.cleaned_data["because"]):
        messages.success(request, _("It is set aside."))
    else:
        messages.warning(request, _("This no longer waits."))
    return redirect(_here(request))


def _here(request: HttpRequest) -> str:
    asked: Site | None = next((each for each in sites_of(request) if each.slug == request.POST.get("site")), None)
    return reverse("worklist") + (f"?site={asked.slug}" if asked else "")


def _place(written: str) -> Place | None:
    """Where the page begins. Nothing, or nonsense, begins with the newest."""
    instant, _, sample = written[:80].replace(" ", "+").partition("~")
    try:
        found, pk = parse_datetime(instant), UUID(sample)
    except ValueError:
        return None
    return (found, pk) if found is not None and found.tzinfo is not None else None


def _row(item: Item, names: Mapping[str, str]) -> Row:
    language = get_language() or "en"
    read = item.sample
    about = {result for each in item.waiting for result in each.results}
    is_own = read.site in names
    shown = [each for each in read.results if each.id in about and (is_own or each.lab in names)]
    return Row(
        id=UUID(read.id),
        result="" if is_own else shown[0].id,
        at=item.recorded_at,
        site=names.get(read.site, ""),
        expected=listed_names(read.expected, language),
        form=str(FORMS[read.form]),
        chips=[
            (method_name(each.method, language), short_line(each, language), doubt_words(each, language))
            for each in shown
        ],
        waiting=[{"why": WHY[each.why], "next": NEXT[each.why], "key": each.key} for each in item.waiting],
    )
