"""Strip lots: the registry, and what is said of a lot."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from checking import catalogue
from checking.lots import MOST_FOLLOWED, Use, mark_lot, register_lot, uses_of
from checking.models import KitLot, Method
from checking.staff_rights import may_keep_quality

from .quality_forms import STATES, LotForm, MarkForm
from .staff_door import for_staff
from .staff_entry import faults_of, offered, person
from .staff_words import method_name

MOST = 300  # lots shown, the newest first


@for_staff()
@require_safe
def lots(request: HttpRequest) -> HttpResponse:
    """Every lot, how it was used, and what labs said of its reactions."""
    return _registry(request, None)


@for_staff(may_keep_quality)
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """A lot as its box says."""
    form = LotForm(request.POST, methods=offered().strips)
    if not form.is_valid():
        return _registry(request, form)
    clean = form.cleaned_data
    lot, is_new = register_lot(
        method=Method.objects.get(slug=clean["method"]),
        brand=clean["brand"],
        lot=clean["lot"],
        expires_on=clean["expires_on"],
    )
    messages.success(request, _("The lot is registered.") if is_new else _("This lot was there already."))
    return redirect("lot", lot.pk)


@for_staff()
@require_safe
def lot(request: HttpRequest, id: int) -> HttpResponse:
    """One lot with everything that was said of it."""
    return _one(request, get_object_or_404(KitLot.objects.select_related("method"), pk=id), None)


@for_staff(may_keep_quality)
@require_POST
def mark(request: HttpRequest, id: int) -> HttpResponse:
    """Say what is thought of a lot. Another mark undoes it."""
    found = get_object_or_404(KitLot.objects.select_related("method"), pk=id)
    form = MarkForm(request.POST)
    if not form.is_valid():
        return _one(request, found, form)
    clean = form.cleaned_data
    mark_lot(found, clean["state"], by=person(request), because=clean["because"])
    messages.success(request, _("It holds at once for every result read with this lot."))
    return redirect("lot", found.pk)


def _registry(request: HttpRequest, refused: LotForm | None) -> HttpResponse:
    rows = list(KitLot.objects.select_related("method").order_by("-pk")[:MOST])
    uses = uses_of(rows)
    context = {
        "rows": [_row(row, uses) for row in rows],
        "form": refused or LotForm(methods=offered().strips),
        "faults": faults_of([refused] if refused else []),
        "keeps": may_keep_quality(request.user),
        "most_followed": MOST_FOLLOWED,
    }
    return render(request, "quality/lots.html", context, status=400 if refused else 200)


def _one(request: HttpRequest, found: KitLot, refused: MarkForm | None) -> HttpResponse:
    context = {
        **_row(found, uses_of([found])),
        "marks": [
            (each, STATES[each.state]) for each in found.marks.select_related("by").order_by("-recorded_at", "-pk")
        ],
        "form": refused or MarkForm(),
        "faults": faults_of([refused] if refused else []),
        "keeps": may_keep_quality(request.user),
    }
    return render(request, "quality/lot.html", context, status=400 if refused else 200)


def _row(row: KitLot, uses: dict[int, Use]) -> dict[str, Any]:
    use = uses.get(row.pk, Use())
    return {
        "lot": row,
        "method": method_name(catalogue.current().method(row.method.slug), get_language() or "en"),
        "state": STATES[row.state],
        "use": use,
        "confirmed": use.followed_up.get("confirmed", 0),
        "not_confirmed": use.followed_up.get("not_confirmed", 0),
        "untested": use.followed_up.get("untested", 0),
    }
