"""How the rules have done that may speak by themselves."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ..record import record
from .public import spoken
from .review_words import SPEAKING_RULES


@require_safe
@spoken
def about_record(request: HttpRequest) -> HttpResponse:
    by_rule = record(timezone.now().date())
    context = {
        "whole": by_rule.get(""),
        "rules": [(name, by_rule[rule]) for rule, name in SPEAKING_RULES.items() if rule in by_rule],
    }
    return render(request, "help/record.html", context)
