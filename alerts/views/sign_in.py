"""Signing in: by name and password, or once by a link; and setting a password."""

from allauth.account.views import LoginView
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from checking.models import User
from checking.people import use_link

from ..tries import Tries, client_of
from .staff_door import for_staff, prove

link_tries = Tries(limit=10, seconds=60.0)  # a token has 256 bits: this only keeps noise down
_BY_LINK = "came_by_link"  # in the session: the old password is not known, so it is not asked for

sign_in = LoginView.as_view()  # limits and messages are allauth's, the template ours
sign_out = LogoutView.as_view(http_method_names=["post", "options"])  # a link must not be able to sign one out


@never_cache
def inactive(request: HttpRequest) -> HttpResponse:
    return render(request, "account/account_inactive.html", status=403)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """A link that works once. Looking at it uses nothing up: messengers open links to preview them."""
    if request.method != "POST":
        return render(request, "account/link.html")
    if not link_tries.take(client_of(request)):
        return render(request, "account/link.html", {"is_too_often": True}, status=429)
    user = use_link(token)
    if user is None:
        return render(request, "account/link.html", {"is_over": True}, status=404)
    login(request, user)
    prove(request)
    request.session[_BY_LINK] = True
    return redirect("staff_password")


@sensitive_post_parameters()
@for_staff()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Set a password. The old one is asked for, unless one has just come in by a link."""
    assert isinstance(request.user, User)  # held by for_staff
    is_first = bool(request.session.get(_BY_LINK)) or not request.user.has_usable_password()
    shape = SetPasswordForm if is_first else PasswordChangeForm
    form = shape(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        update_session_auth_hash(request, user)  # this session stays, all others end
        request.session.pop(_BY_LINK, None)
        messages.success(request, _("Your password is set."))
        return redirect("staff_day")
    return render(request, "account/password.html", {"form": form}, status=400 if form.is_bound else 200)
