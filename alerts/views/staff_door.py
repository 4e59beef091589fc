"""Who may come in to the staff pages, and what every one of them carries."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from checking import staff_rights

View = Callable[..., HttpResponse]
May = Callable[[Any], bool]

# However busy: after a working day one signs in again (docs/rules.md D3). Idle sessions end after 30 minutes.
LONGEST_SESSION = timedelta(hours=12)
_SINCE = "signed_in_at"
# For what points at people, whoever holds the phone shows anew that it is theirs (docs/analysts.md).
FRESH_FOR = timedelta(minutes=15)
_PROVED = "proved_at"
_PROVED_SECOND = "second_proved_at"


def for_staff(may: May = staff_rights.is_staff_here) -> Callable[[View], View]:
    """Only for people signed in of whom `may` is true. Nothing of these pages stays on a shared phone."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
            if not request.user.is_authenticated or _is_over(request):
                return _not_kept(redirect_to_login(request.get_full_path()))
            if not may(request.user):
                raise PermissionDenied
            return _not_kept(view(request, *arguments, **named))

        return guarded

    return decorate


def may_enter(user: Any) -> bool:
    return staff_rights.sites_for_entering(user).exists()


def _is_over(request: HttpRequest) -> bool:
    """True, and signed out, where the session has lasted a working day."""
    now = timezone.now().timestamp()
    since = request.session.setdefault(_SINCE, now)
    if now - since < LONGEST_SESSION.total_seconds():
        return False
    logout(request)
    return True


def _not_kept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


def prove(request: HttpRequest) -> None:
    """Note that this person showed just now who they are: by password, or by a link that works once."""
    request.session[_PROVED] = timezone.now().timestamp()


def is_fresh(request: HttpRequest) -> bool:
    """True where that was a few minutes ago. What the session does not say is not taken for granted."""
    return _was_just_now(request, _PROVED)


def prove_second(request: HttpRequest) -> None:
    """Note that this person gave just now a code of their second factor."""
    request.session[_PROVED_SECOND] = timezone.now().timestamp()


def is_second_fresh(request: HttpRequest) -> bool:
    return _was_just_now(request, _PROVED_SECOND)


def _was_just_now(request: HttpRequest, what: str) -> bool:
    at = request.session.get(what)
    return at is not None and 0 <= timezone.now().timestamp() - at < FRESH_FOR.total_seconds()


def return_path(request: HttpRequest) -> str:
    """Where somebody was going, if that is a page of ours."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else ""
