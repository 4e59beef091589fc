"""Quality control of a lab: enter a check, say how often one is due, and see how each method stands."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from checking import catalogue, controlling
from checking.control_words import reasons
from checking.models import KitLot, Method, QualityCheck, Result, Site
from checking.quality import ControlLog, Standing
from checking.quality_rows import control_logs
from checking.staff_rights import labs_kept_by, may_keep_quality
from checking.statements import Speaker

from .quality_forms import KINDS, BecauseForm, CheckForm, Choice, PlanForm
from .staff_door import for_staff
from .staff_entry import chosen_site, faults_of, offered, person, today_at
from .staff_words import method_name

LATELY = timedelta(days=180)  # methods and lots used since then are offered first
MOST_CHECKS = 40  # shown


@dataclass(frozen=True)
class MethodStanding:
    """How one method stands at the lab, in words."""

    method: str
    lot: str  # empty: any
    is_in_control: bool
    since: date
    why: str
    plans: list[str]


@for_staff(may_keep_quality)
@require_safe
def quality(request: HttpRequest) -> HttpResponse:
    """How each method stands, and the form for a check."""
    return _page(request, chosen_site(request, list(labs_kept_by(request.user))))


@for_staff(may_keep_quality)
@require_POST
def record(request: HttpRequest) -> HttpResponse:
    """One check, as entered."""
    lab = _posted_lab(request)
    form = _check_form(lab, request.POST)
    if not form.is_valid():
        return _page(request, lab, check=form)
    clean = form.cleaned_data
    controlling.record_check(
        lab=lab,
        method=clean["method_row"],
        kind=clean["kind"],
        has_passed=clean["passed"] == "yes",
        done_on=clean["done_on"],
        lot=clean["lot"],
        by=person(request),
    )
    messages.success(request, _("The check is recorded."))
    return _back(lab)


@for_staff(may_keep_quality)
@require_POST
def plan(request: HttpRequest) -> HttpResponse:
    """From today on a check is due so often, or no longer."""
    lab = _posted_lab(request)
    form = PlanForm(request.POST, methods=_all_methods())
    if not form.is_valid():
        return _page(request, lab, plan=form)
    clean = form.cleaned_data
    controlling.plan_checks(
        lab=lab,
        method=Method.objects.get(slug=clean["method"]),
        kind=clean["kind"],
        every_days=clean["every_days"],
        since=today_at(lab),
        by=person(request),
    )
    messages.success(request, _("The plan holds from today."))
    return _back(lab)


@for_staff(may_keep_quality)
@require_POST
def withdraw(request: HttpRequest, id: int) -> HttpResponse:
    """Take back a check entered wrongly, with the reason."""
    check = get_object_or_404(QualityCheck.objects.select_related("lab"), pk=id, lab__in=labs_kept_by(request.user))
    form = BecauseForm(request.POST)
    if not form.is_valid():
        return _page(request, check.lab, refused=(form, id))
    if controlling.withdraw_check(check, by=person(request), because=form.cleaned_data["because"]):
        messages.success(request, _("The check is taken back."))
    else:
        messages.warning(request, _("This check had been taken back already."))
    return _back(check.lab)


def _page(
    request: HttpRequest,
    lab: Site,
    *,
    check: CheckForm | None = None,
    plan: PlanForm | None = None,
    refused: tuple[BecauseForm, int] | None = None,
) -> HttpResponse:
    faulty: list[Form] = [each for each in (check, plan, refused and refused[0]) if each]
    checks = QualityCheck.objects.filter(lab=lab).select_related("method", "lot", "entered_by", "withdrawn_by")
    language = get_language() or "en"
    context = {
        "site": lab,
        "sites": list(labs_kept_by(request.user)),
        "standings": _standings(lab, language),
        "check": check or _check_form(lab),
        "plan": plan or PlanForm(methods=_all_methods()),
        "checks": [
            (each, str(KINDS[each.kind]), _method_name(each.method.slug, language))
            for each in checks.order_by("-done_on", "-recorded_at", "-pk")[:MOST_CHECKS]
        ],
        "faults": faults_of(faulty),
        "refused_id": refused[1] if refused else None,
    }
    return render(request, "quality/quality.html", context, status=400 if faulty else 200)


def _back(lab: Site) -> HttpResponse:
    return redirect(f"{reverse('quality')}?site={lab.slug}")


def _posted_lab(request: HttpRequest) -> Site:
    """The lab the form was made for: never one of somebody else."""
    lab = labs_kept_by(request.user).filter(slug=request.POST.get("site", "")[:60]).first()
    if lab is None:
        raise Http404
    return lab


def _check_form(lab: Site, data: Any = None) -> CheckForm:
    used = Result.objects.filter(lab=lab, recorded_at__gte=timezone.now() - LATELY)
    slugs = set(used.values_list("method__slug", flat=True).distinct())
    slugs |= set(QualityCheck.objects.filter(lab=lab).values_list("method__slug", flat=True).distinct())
    known = _all_methods()
    first = [each for each in known if each[0] in slugs]
    methods = first + [each for each in known if each[0] not in slugs]
    lots = KitLot.objects.filter(results__in=used).values_list("pk", flat=True)
    registered = KitLot.objects.filter(results__isnull=True).values_list("pk", flat=True)
    return CheckForm(data, methods=methods, lots={*lots, *registered}, today=today_at(lab))


def _all_methods() -> list[Choice]:
    choices = offered()
    return [*choices.strips, *choices.others]


def _method_name(slug: str, language: str) -> str:
    return method_name(catalogue.current().method(slug), language)


def _standings(lab: Site, language: str) -> list[MethodStanding]:
    today = today_at(lab)
    found = []
    for (_lab, method), log in control_logs([lab.slug]).items():
        lots = KitLot.objects.in_bulk(log.lots)
        for lot in (None, *sorted(lots)):
            standing = log.standing(today, lot)
            if standing is not None:
                found.append(_in_words(method, str(lots[lot]) if lot else "", log, standing, today, language))
    return sorted(found, key=lambda each: (each.is_in_control, each.method, each.lot))


def _in_words(method: str, lot: str, log: ControlLog, standing: Standing, today: date, language: str) -> MethodStanding:
    plans = [
        ngettext("%(kind)s: holds for %(days)s day", "%(kind)s: holds for %(days)s days", days)
        % {"kind": KINDS[kind], "days": days}
        for kind, days in log.plans_on(today).items()
    ]
    return MethodStanding(
        method=_method_name(method, language),
        lot=lot,
        is_in_control=standing.is_in_control,
        since=standing.since,
        why=reasons(standing.doubts, Speaker(language)),
        plans=plans,
    )
