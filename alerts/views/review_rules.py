"""The rules that may speak by themselves: their exact words, who approved them, where they are on, after which hold."""

from typing import Any

from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from checking import catalogue
from checking.models import Method, Network, Site
from checking.staff_rights import may_coordinate_network, may_review

from .. import rule_approvals, rule_settings
from ..approving import NotAllowed, NotReleased
from ..models import RuleSwitch
from ..objecting import drug_names
from ..rules import SPEAKING
from ..word_check import Setting, objections
from .review_reading import wording
from .review_words import SPEAKING_RULES
from .staff_door import for_staff
from .staff_entry import person

RENEW_WITHIN_DAYS = 30  # from here on the page says that an approval runs out soon
REFUSALS = (NotAllowed, NotReleased, rule_settings.NotSaid)


def may_see_rules(user: Any) -> bool:
    return may_review(user) or may_coordinate_network(user)


@for_staff(may_see_rules)
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    who, now = person(request), timezone.now()
    context = {
        "rules": [_shown(state, who.pk, now) for state in rule_approvals.states(now)],
        "may_approve": rule_approvals.may_approve_rules(who),
        "may_switch_on": may_coordinate_network(who),
        "network": Network.current(),
        "sites": Site.objects.order_by("name"),
        "methods": Method.objects.order_by("name"),
        "changes": rule_settings.changes(),
        "longest_hold": rule_settings.LONGEST_HOLD,
    }
    return render(request, "review/rules.html", context)


def _shown(state: rule_approvals.RuleState, mine: Any, now: Any) -> dict[str, Any]:
    switches = RuleSwitch.objects.filter(rule=state.rule).select_related("site", "method").order_by("site", "method")
    given = [(each, state.days_left(each, now)) for each in state.given]
    language = get_language() or "en"
    about = Setting(names=drug_names(catalogue.current()))
    return {
        "state": state,
        "name": SPEAKING_RULES[state.rule],
        "wordings": [wording(language, block) for language, block in state.blocks.items()],
        "mine": any(each.by_id == mine for each in state.given),
        "given": given,
        "ends_soon": any(0 < days <= RENEW_WITHIN_DAYS for _, days in given),
        "switches": [(row, rule_settings.place_of(row)) for row in switches],
        "objections": [(each, each.why(language)) for each in objections(state.blocks, about)],
    }


@for_staff(may_review)
@require_POST
def take_step(request: HttpRequest, rule: str, step: str) -> HttpResponse:
    """Approve the words that were shown, known by their hash; or take one's yes back."""
    if rule not in SPEAKING or step not in {"approve", "take-back"}:
        raise Http404
    try:
        if step == "approve":
            rule_approvals.approve_rule(rule, sha256=request.POST.get("sha256", ""), by=person(request))
            notes.success(request, _("You approved this rule in exactly these words, for six months."))
        else:
            rule_approvals.take_back_approval(rule, by=person(request))
            notes.success(request, _("Your approval is taken back."))
    except REFUSALS as refused:
        notes.error(request, str(refused))
    return redirect("review_rules")


@for_staff(may_see_rules)
@require_POST
def switch(request: HttpRequest, rule: str) -> HttpResponse:
    """On or off for a site and method, with a reason."""
    if rule not in SPEAKING:
        raise Http404
    site, method = request.POST.get("site", ""), request.POST.get("method", "")
    try:
        rule_settings.switch_rule(
            rule,
            site=get_object_or_404(Site, slug=site) if site else None,
            method=get_object_or_404(Method, slug=method) if method else None,
            is_on=request.POST.get("to") == "on",
            by=person(request),
            because=request.POST.get("because", ""),
        )
        notes.success(request, _("It is changed, and on record with your reason."))
    except REFUSALS as refused:
        notes.error(request, str(refused))
    return redirect("review_rules")


@for_staff(may_see_rules)
@require_POST
def hold(request: HttpRequest) -> HttpResponse:
    """How long a notice waits before a rule sends it, and whether the caps hold."""
    minutes = request.POST.get("minutes", "")
    try:
        rule_settings.set_hold(
            minutes=int(minutes) if minutes.isdecimal() else -1,
            caps=request.POST.get("caps") == "on",
            by=person(request),
            because=request.POST.get("because", ""),
        )
        notes.success(request, _("It is changed, and on record with your reason."))
    except REFUSALS as refused:
        notes.error(request, str(refused))
    return redirect("review_rules")
