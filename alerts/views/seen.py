"""What a person saw of an alert: a form of choices for everyone, without sign-in, script or cookie."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from checking.helping import services_near

from .. import answers, sightings
from ..form_tokens import TooOld, TooQuick, new_form, read_form, read_way_back, way_back
from ..reading import steps_of
from ..showing import Shown, show_steps
from ..tries import Tries, client_of
from .seen_words import questions

MOST_BYTES = 8 * 1024  # all answers at once take one
# Of one address, which a whole drop-in may share; and of one alert, so that no flood drowns what others tell.
tries = Tries(limit=10, seconds=3600.0)
told_of_one = Tries(limit=60, seconds=3600.0)
taken_back = Tries(limit=30, seconds=3600.0)  # whoever has told enough may still take it back


class Refused(Exception):
    """A form that is not taken; the message says why to a person."""

    def __init__(self, message: str, status: int = 400, *, is_fresh: bool = True) -> None:
        super().__init__(message)
        self.status = status
        self.is_fresh = is_fresh  # a new form is needed; otherwise the one at hand may be sent again


@csrf_exempt  # nobody is signed in here, so a forged form can do no more than its sender could; see `_not_from_here`
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("Accept-Language")
def seen(request: HttpRequest, id: UUID) -> HttpResponse:
    """The form, and by POST what it tells. What was told is never shown here, nor how often."""
    alert, is_taken = _alert(id)
    if not is_taken:
        return _answer(request, "alerts/seen_over.html", {"alert": alert}, 410 if request.method == "POST" else 200)
    if request.method != "POST":
        return _form(request, alert)
    if not tries.take(client_of(request)):
        return _too_often(request, alert)
    try:
        form, told = _read(request, alert)
        if not sightings.is_kept(form) and not told_of_one.take(alert.id.encode()):
            return _too_often(request, alert)
        sightings.tell(id, told, form=form)
    except Refused as refused:
        return _form(request, alert, refused)
    except sightings.TooMany:
        return _too_often(request, alert)
    return _thanks(request, alert, way_back(form, id))


@csrf_exempt  # it takes a sign that only the page of thanks holds
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("Accept-Language")
def take_back(request: HttpRequest, id: UUID) -> HttpResponse:
    """Drop what a form told, for whoever holds its way back."""
    if request.method != "POST":
        return redirect(f"{reverse('seen', args=[id])}?{request.GET.urlencode()}".rstrip("?"))
    alert, _is_taken = _alert(id)
    if not taken_back.take(client_of(request)):
        return _too_often(request, alert)
    try:
        sightings.take_back(id, form=read_way_back(_sent(request).get("back", [""])[0], id))
    except (TooOld, Refused):
        return _answer(request, "alerts/seen_back.html", {"alert": alert, "is_late": True}, 400)
    return _answer(request, "alerts/seen_back.html", {"alert": alert}, 200)


def _alert(id: UUID) -> tuple[Shown, bool]:
    """The alert, and whether people may still tell of it. A drill is as if it were not there."""
    steps = steps_of(id)
    if not steps:
        raise Http404
    return show_steps(steps), sightings.is_taken(steps, timezone.now())


def _read(request: HttpRequest, alert: Shown) -> tuple[UUID, answers.Answers]:
    """What was sent, in the order in which it can be told from a program's. Raises Refused."""
    if _not_from_here(request):
        raise Refused(_("This form was sent from another site. Please send it from here."), 403)
    sent = _sent(request)
    if any(sent.get("website", ())):
        raise Refused(_("A field that is to stay empty was filled in. Please leave it empty."))
    try:
        form = read_form(sent.get("sign", [""])[0], UUID(alert.id))
        return form, answers.read(sent, alert.areas)
    except TooQuick as error:
        raise Refused(_("That was very quick. Please send it once more."), is_fresh=False) from error
    except TooOld as error:
        raise Refused(_("This form was open for too long. Please send it once more.")) from error
    except answers.NoAnswer as error:
        raise Refused(_("Nothing was marked yet. One answer is enough."), is_fresh=False) from error
    except answers.BadAnswer as error:
        raise Refused(_("One of the answers is not one we offer. Please look again.")) from error


def _not_from_here(request: HttpRequest) -> bool:
    """Another site had a browser send this. Browsers say so by themselves; old ones say nothing."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}


def _sent(request: HttpRequest) -> dict[str, list[str]]:
    """The fields of a plain form that is no larger than ours. Raises Refused."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refused(_("We could not read that."), 415)
    if len(request.body) > MOST_BYTES:
        raise Refused(_("That was more than this form holds."), 413)
    return {name: [str(value) for value in values] for name, values in request.POST.lists()}


def _form(request: HttpRequest, alert: Shown, refused: Refused | None = None) -> HttpResponse:
    """The form; after a refusal with what was marked, so that nobody answers twice."""
    sent: dict[str, list[str]] = {}
    if refused is not None and refused.status == 400:
        sent = _sent(request)
    sign = sent.get("sign", [""])[0]
    context = {
        "alert": alert,
        "questions": questions(alert.areas, sent),
        "sign": new_form(UUID(alert.id)) if refused is None or refused.is_fresh else sign,
        "fault": "" if refused is None else str(refused),
    }
    return _answer(request, "alerts/seen.html", context, 200 if refused is None else refused.status)


def _thanks(request: HttpRequest, alert: Shown, back: str) -> HttpResponse:
    context = {"alert": alert, "back": back, "services": services_near(alert.areas)}
    return _answer(request, "alerts/seen_thanks.html", context, 200)


def _too_often(request: HttpRequest, alert: Shown) -> HttpResponse:
    """The same words whoever's the limit was: they would else tell how many others told."""
    response = _answer(request, "alerts/seen_later.html", {"alert": alert}, 429)
    response["Retry-After"] = str(int(tries.seconds))
    return response


def _answer(request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    return response
