"""Scopes from their rows."""

from django.conf import settings

from . import catalogue
from .denominators import Scope, Scopes
from .models import MethodScope


def load_scopes() -> Scopes:
    """All scopes there are. `REQUIRE_SCOPE=1` lets no reference scope stand in for a lab without its own."""
    subjects = catalogue.current()
    rows = MethodScope.objects.values_list(
        "lab__slug", "method__slug", "substance__slug", "substance_class__slug", "since", "until", "is_full", "runs_all"
    )
    return Scopes(
        (
            Scope(lab, method, subjects.subject(substance or class_), since, until, is_full, runs_all)
            for lab, method, substance, class_, since, until, is_full, runs_all in rows
        ),
        requires_own=settings.REQUIRE_SCOPE,
    )
