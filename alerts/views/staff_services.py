"""Help nearby as coordinators keep it: the list, the longest unconfirmed first, and each service with its history."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import F, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from checking import helping
from checking import keeping_services as keeping
from checking.models import Service, ServiceChange
from checking.staff_rights import may_keep_services, may_keep_services_of, services_kept_by

from .public import area_choices
from .staff_door import for_staff
from .staff_entry import faults_of, person
from .staff_service_forms import ServiceForm, initial_of
from .staff_words import Words

MOST = 100  # services on one page, the longest unconfirmed first
MOST_CHANGES = 50
MOST_GONE = 10
KIND_WORDS: Words = {
    "added": pgettext_lazy("service", "Added"),
    "edited": pgettext_lazy("service", "Edited"),
    "confirmed": pgettext_lazy("service", "Confirmed"),
    "removed": pgettext_lazy("service", "Taken away"),
    "loaded": pgettext_lazy("service", "Loaded from a file"),
    "undone": pgettext_lazy("service", "Undone"),
}
FIELD_WORDS: Words = {
    **{name: field.label for name, field in ServiceForm.base_fields.items() if field.label},
    "last_confirmed_on": pgettext_lazy("service", "Confirmed"),
}


@for_staff(may_keep_services)
@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """Every service this person keeps, those first that need a call most."""
    kept = services_kept_by(request.user)
    asked = request.GET.get("q", "").strip()[:80]
    rows = kept.filter(Q(name__icontains=asked) | Q(area__name__icontains=asked)) if asked else kept
    rows = rows.order_by(F("last_confirmed_on").asc(nulls_first=True), "name", "slug")
    count = rows.count()
    context = {
        "services": helping.as_seen(rows[:MOST], timezone.now()),
        "count": count,
        "most": MOST,
        "asked": asked,
        "change": _just_made(request),
        "gone": _gone(request),
    }
    return render(request, "staff/services.html", context)


@for_staff(may_keep_services)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = _form(request, initial={"is_confirmed": True})
    if not form.is_bound or not form.is_valid():
        return _show(request, form, None)
    change = keeping.add_service(
        _free_slug(form.cleaned_data["name"]), form.values(timezone.now().date()), by=person(request)
    )
    _say_of_hours(request, form)
    return _to_list(change)


@for_staff(may_keep_services)
@require_http_methods(["GET", "HEAD", "POST"])
def service(request: HttpRequest, slug: str) -> HttpResponse:
    """One service: what is said of it, to change, and who changed what."""
    row = _own(request, slug)
    form = _form(request, initial=initial_of(row))
    if not form.is_bound or not form.is_valid():
        return _show(request, form, row)
    change = keeping.edit_service(slug, form.values(_today(row)), by=person(request))
    if change is None:
        messages.info(request, _("Nothing was different, so nothing changed."))
    _say_of_hours(request, form)
    return _to_list(change)


@for_staff(may_keep_services)
@require_POST
def confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """All of it still holds, as of today."""
    row = _own(request, slug)
    change = keeping.confirm_service(slug, on=_today(row), by=person(request))
    if change is None:
        messages.info(request, _("This was confirmed today already."))
    return _to_list(change)


@for_staff(may_keep_services)
@require_POST
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    _own(request, slug)
    return _to_list(keeping.remove_service(slug, by=person(request)))


@for_staff(may_keep_services)
@require_POST
def undo(request: HttpRequest, id: int) -> HttpResponse:
    """As it was before one step."""
    change = get_object_or_404(ServiceChange, pk=id)
    if not _may(request, change):
        return HttpResponse(status=404)
    try:
        undone = keeping.undo_change(change, by=person(request))
    except keeping.ChangedSinceError:
        messages.warning(request, _("Something else was changed after that, so it cannot be undone from here."))
        return redirect("staff_services")
    return _to_list(undone)


def _own(request: HttpRequest, slug: str) -> Service:
    return get_object_or_404(services_kept_by(request.user), slug=slug)


def _today(row: Service) -> date:
    """The day it is where the service is."""
    zone = helping.zone_of(row.time_zone)
    now = timezone.now()
    return (now.astimezone(zone) if zone else now).date()


def _form(request: HttpRequest, *, initial: dict[str, Any]) -> ServiceForm:
    def user_may(area: str) -> bool:
        return may_keep_services_of(request.user, area)

    areas = [(slug, name) for slug, name in area_choices() if user_may(slug)]
    written = initial.get("area")
    if written and areas and written not in dict(areas):  # below what the list has
        areas.append((written, written))
    data = request.POST if request.method == "POST" else None
    return ServiceForm(data, areas=areas, user_may=user_may, initial=initial)


def _show(request: HttpRequest, form: ServiceForm, row: Service | None) -> HttpResponse:
    context = {
        "form": form,
        "faults": faults_of([form]),
        "service": helping.as_seen([row], timezone.now())[0] if row else None,
        "history": list(_history(row.slug)) if row else [],
    }
    return render(request, "staff/service.html", context, status=400 if form.errors else 200)


def _say_of_hours(request: HttpRequest, form: ServiceForm) -> None:
    if form.why_words:
        said = {"why": form.why_words}
        messages.warning(request, _("The hours are kept as words, and nothing will say open or closed. %(why)s") % said)


def _free_slug(name: str) -> str:
    """Made of the name, and of a number where another service has it or had it."""
    plain = slugify(name)[:70] or "service"
    taken = {*Service.objects.filter(slug__startswith=plain).values_list("slug", flat=True)}
    taken |= {*ServiceChange.objects.filter(slug__startswith=plain).values_list("slug", flat=True)}
    numbered = (f"{plain}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (plain, *numbered) if slug not in taken)


def _to_list(change: ServiceChange | None) -> HttpResponse:
    address = reverse("staff_services")
    return redirect(f"{address}?changed={change.pk}" if change else address)


def _just_made(request: HttpRequest) -> dict[str, Any] | None:
    """The step that led here, to be undone at once."""
    asked = request.GET.get("changed", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        return None
    change = ServiceChange.objects.filter(pk=int(asked)).select_related("by").first()
    return _told(change) if change is not None and _may(request, change) else None


def _gone(request: HttpRequest) -> list[dict[str, Any]]:
    """Services that were taken away, the latest first, each with a way back."""
    newest = ServiceChange.objects.values("slug").annotate(newest=Max("pk")).values("newest")
    rows = ServiceChange.objects.filter(pk__in=newest, after__isnull=True).select_related("by").order_by("-pk")
    own = (_told(change) for change in rows[: MOST_GONE * 5] if _may(request, change))
    return list(own)[:MOST_GONE]


def _may(request: HttpRequest, change: ServiceChange) -> bool:
    areas = {values["area"] for values in (change.before, change.after) if values}
    return all(may_keep_services_of(request.user, area) for area in areas)


def _history(slug: str) -> Iterator[dict[str, Any]]:
    rows = ServiceChange.objects.filter(slug=slug).select_related("by").order_by("-pk")[:MOST_CHANGES]
    for number, change in enumerate(rows):
        yield {**_told(change), "may_undo": number == 0}


def _told(change: ServiceChange) -> dict[str, Any]:
    values = change.after or change.before or {}
    return {
        "id": change.pk,
        "slug": change.slug,
        "name": values.get("name", change.slug),
        "kind": KIND_WORDS[change.kind],
        "is_there": change.after is not None,
        "at": change.recorded_at,
        "by": change.by,
        "lines": list(_differences(change)) if change.before and change.after else [],
        "is_undoable": change.kind != ServiceChange.Kind.UNDONE,
    }


def _differences(change: ServiceChange) -> Iterator[tuple[str, str, str]]:
    """(field, before, after) of what a step changed."""
    was, now = change.before or {}, change.after or {}
    for name in keeping.FIELDS:
        before, after = was.get(name), now.get(name)
        if before != after:
            yield str(FIELD_WORDS.get(name, name)), _plain(name, before), _plain(name, after)


def _plain(name: str, value: Any) -> str:
    if name == "offers":
        return ", ".join(str(helping.OFFERS.get(code, code)) for code in value or ())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return str(value or "")
