"""The second factor of staff: codes of an app on one's phone, and ten spare ones on paper.

Whoever set it up gives a code at each sign-in by password; exact rows go out only on one. A link that works once
needs none, for a coordinator gives it to who has lost everything: what needs a code needs it all the same.
"""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.internal.flows import delete_and_cleanup
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.flows import activate_totp
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from .staff_door import for_staff, is_fresh, prove_second, return_path
from .staff_entry import person

TOTP = Authenticator.Type.TOTP


class SecondStep(AuthenticateView):
    """Between the password and coming in."""

    template_name = "account/second_step.html"

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        prove_second(self.request)
        return response


step = never_cache(sensitive_post_parameters("code")(SecondStep.as_view()))


def has_second_factor(user: Any) -> bool:
    return bool(get_adapter().is_mfa_enabled(user, [TOTP]))


@sensitive_post_parameters()
@for_staff()
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables()
def second(request: HttpRequest) -> HttpResponse:
    """Set it up, or see since when it is."""
    user = person(request)
    if (kept := Authenticator.objects.filter(user=user, type=TOTP).first()) is not None:
        left = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
        context = {"kept": kept, "left": len(_codes(left))}
        return render(request, "account/second_factor.html", context)
    if not is_fresh(request):
        return render(request, "account/second_factor.html", {"is_stale": True}, status=403)
    form = ActivateTOTPForm(request.POST or None, user=user)
    if form.is_valid():
        _totp, spare = activate_totp(request, form)
        prove_second(request)
        return render(request, "account/spare_codes.html", {"codes": _codes(spare), "next": return_path(request)})
    adapter = get_adapter()
    context = {
        "form": form,
        "secret": " ".join(form.secret[start : start + 4] for start in range(0, len(form.secret), 4)),
        "picture": adapter.build_totp_svg(adapter.build_totp_url(user, form.secret)),
        "next": return_path(request),
    }
    return render(request, "account/second_factor.html", context, status=400 if form.is_bound else 200)


def _codes(spare: Authenticator | None) -> list[str]:
    """Those that are left."""
    return RecoveryCodes(spare).get_unused_codes() if spare is not None else []


@sensitive_post_parameters()
@for_staff()
@require_POST
@sensitive_variables()
def remove(request: HttpRequest) -> HttpResponse:
    """Take it away, by one of its own codes: for a new phone."""
    user = person(request)
    form = AuthenticateForm(request.POST, user=user)
    if not has_second_factor(user):
        return redirect("second_factor")
    if not form.is_valid():
        messages.error(request, str(form.errors["code"][0]))
        return redirect("second_factor")
    delete_and_cleanup(request, Authenticator.objects.get(user=user, type=TOTP))
    messages.success(request, _("The second factor is removed. Set it up anew where you need it."))
    return redirect("second_factor")
