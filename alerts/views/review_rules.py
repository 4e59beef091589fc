"""The rules that may speak by themselves: their exact words, who approved them, and one's own yes."""

from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from checking.staff_rights import may_review

from .. import rule_approvals
from ..approving import NotAllowed, NotReleased
from ..rules import SPEAKING
from .review_reading import wording
from .review_words import SPEAKING_RULES
from .staff_door import for_staff
from .staff_entry import person


@for_staff(may_review)
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    who = person(request)
    context = {
        "rules": [
            {
                "state": state,
                "name": SPEAKING_RULES[state.rule],
                "wordings": [wording(language, block) for language, block in state.blocks.items()],
                "mine": any(each.by_id == who.pk for each in state.given),
            }
            for state in rule_approvals.states(timezone.now())
        ],
        "may_approve": rule_approvals.may_approve_rules(who),
    }
    return render(request, "review/rules.html", context)


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
    except (NotAllowed, NotReleased) as refused:
        notes.error(request, str(refused))
    return redirect("review_rules")
