"""Taking exact rows out: what for, asked anew who one is, on record; and who took what before."""

import csv
from collections.abc import AsyncIterator, Collection
from typing import IO, Any

from allauth.mfa.base.forms import AuthenticateForm
from django.core.handlers.asgi import ASGIRequest
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from checking import exporting, live_words
from checking.export_rows import COLUMNS, KINDS
from checking.identifying import says_who
from checking.models import DayView, Export, User
from checking.reach import reach_of
from checking.staff_rights import may_analyse, may_coordinate_network, sites_coordinated_by
from checking.trends import BadQuestion

from ..tries import Tries
from .figure_forms import ChoosingForm, offered, usual_days
from .second_factor import has_second_factor
from .staff_door import for_staff, is_fresh, is_second_fresh, prove, prove_second
from .staff_entry import person

password_tries = Tries(limit=5, seconds=300.0)
MOST_SHOWN = 100
_FIELDS = ("rows", "from", "to", "area", "site", "expected", "family", "material")
_CHUNK = 64 * 1024


@sensitive_post_parameters("purpose", "password", "code")
@for_staff(may_analyse)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables()
def new(request: HttpRequest) -> HttpResponse:
    """Choose, see which columns go out, say what for; then the file comes."""
    asked = _asked_of_person(request)
    written = request.POST if request.method == "POST" else _offered_at_first(request)
    form = _ExportForm(written, reach_of(request.user), (*_FIELDS, "purpose", *asked))
    if request.method != "POST":
        return _page(request, form, 200)
    if refused := _refused(request, form, asked):
        return _page(request, form, refused)
    for name in asked:  # it was right: not asked for again where something else is wrong
        form.fields.pop(name, None)
    try:
        wanted = exporting.ask(form.given(), form.reach, timezone.now().date())
        purpose = form.given()["purpose"]
        export, file = exporting.make_export(wanted, by=person(request), purpose=purpose, reach=form.reach)
    except BadQuestion as error:
        form.blame(error)
    except exporting.TooManyExports:
        form.blame(BadQuestion("", _too_often()))
        return _page(request, form, 429)
    except (exporting.BadPurpose, exporting.IdentifyingPurpose) as error:
        form.blame(BadQuestion("purpose", _wrong_purpose(error)))
    except exporting.TooManySamples:
        words = _("That is more than %(number)d samples: choose fewer days, one place or one site.")
        form.blame(BadQuestion("from", words % {"number": exporting.MOST_SAMPLES}))
    except exporting.NothingToExport:
        form.blame(BadQuestion("from", _("No sample is like this: nothing was taken out.")))
    else:
        sent: HttpResponse = _sent(request, export, file)
        return sent
    return _page(request, form, 400)


def _offered_at_first(request: HttpRequest) -> dict[str, str]:
    """The last ninety days, or what the address says. Never a purpose: that is for the person to write."""
    asked = {name: request.GET[name] for name in _FIELDS if name in request.GET}
    return {**usual_days(90, timezone.now().date()), **asked}


class _ExportForm(ChoosingForm):
    made_as = {"family": "any_family", "material": "any_material"}  # a file holds all of them, each row saying which

    def __init__(self, data: Any, reach: Any, fields: tuple[str, ...]) -> None:
        self.reach = reach
        super().__init__(data, reach, fields)


def _asked_of_person(request: HttpRequest) -> list[str]:
    """By what this person has to show anew who they are."""
    asks = {"password": not is_fresh(request), "code": not is_second_fresh(request)}
    return [name for name, is_asked in asks.items() if is_asked]


def _refused(request: HttpRequest, form: ChoosingForm, asked: Collection[str]) -> int:
    """The status to refuse with, said in the form; 0 where all is right."""
    user = person(request)
    if not has_second_factor(user):
        form.blame(BadQuestion("", _("Set up a second factor first: exact rows need one.")))
        return 403
    if "password" in asked and (refused := _refused_password(request, form, user)):
        return refused
    return _refused_code(request, form, user) if "code" in asked else 0


def _refused_code(request: HttpRequest, form: ChoosingForm, user: User) -> int:
    if not form.data.get("code", "").strip():
        form.blame(BadQuestion("code", _("Write the code that your app shows.")))
        return 400
    given = AuthenticateForm({"code": form.data["code"]}, user=user)
    if not given.is_valid():
        form.blame(BadQuestion("code", str(given.errors["code"][0])))
        return 400
    given.save()
    prove_second(request)
    return 0


def _refused_password(request: HttpRequest, form: ChoosingForm, user: User) -> int:
    if not user.has_usable_password():
        form.blame(BadQuestion("password", _("Set a password first: this needs more than a link.")))
        return 400
    if not password_tries.take(str(user.pk).encode()):
        form.blame(BadQuestion("password", _("That was many tries. Please wait five minutes.")))
        return 429
    if not user.check_password(form.data.get("password", "")):
        form.blame(BadQuestion("password", _("That is not your password.")))
        return 400
    prove(request)
    return 0


def _wrong_purpose(error: Exception) -> str:
    if isinstance(error, exporting.IdentifyingPurpose):
        return says_who(error.found)
    bounds = {"shortest": Export.SHORTEST, "longest": Export.LONGEST}
    return _("Say it in %(shortest)d to %(longest)d characters.") % bounds


def _too_often() -> str:
    return _("You made %(number)d exports in a day. Please wait until tomorrow.") % {"number": exporting.A_DAY}


def _page(request: HttpRequest, form: "_ExportForm", status: int) -> HttpResponse:
    context = {
        "form": form,
        "has_second_factor": has_second_factor(request.user),
        "offered": offered(form.reach),
        "left_out": exporting.left_out(),
        "communities": ", ".join(form.reach.communities),
        "codebook": [(kind, COLUMNS[kind]) for kind in KINDS],
        "shortest": Export.SHORTEST,
        "longest": Export.LONGEST,
    }
    return render(request, "figures/export.html", context, status=status)


def _sent(request: HttpRequest, export: Export, file: IO[bytes]) -> Any:
    pieces = iter(lambda: file.read(_CHUNK), b"")

    async def one_by_one() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    # Django reads a plain iterator to its end first where it serves asynchronously, and the other way round.
    response = StreamingHttpResponse(
        one_by_one() if isinstance(request, ASGIRequest) else pieces, content_type="text/csv; charset=utf-8"
    )
    response._resource_closers.append(file.close)  # type: ignore[attr-defined]  # as Django's FileResponse does
    response["Content-Disposition"] = f'attachment; filename="headsup-export-{export.pk}.csv"'
    response["Export-Id"] = str(export.pk)
    return response


@for_staff(may_analyse)
@require_safe
def codebook(request: HttpRequest, kind: str) -> HttpResponse:
    """What each column holds, beside the file."""
    if kind not in KINDS:
        raise Http404
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="headsup-codebook-{kind}.csv"'
    lines = csv.writer(response, quoting=csv.QUOTE_ALL)
    lines.writerow(["column", "what it holds"])
    lines.writerows([column.name, str(column.says)] for column in COLUMNS[kind])
    return response


@for_staff(may_analyse)
@require_safe
def made(request: HttpRequest) -> HttpResponse:
    """Exports made, one's own and, for coordinators, everyone's of their sites; and what was looked at by day."""
    exports = _exports_seen_by(request.user).select_related("made_by").order_by("-made_at", "pk")
    views = _views_seen_by(request.user).select_related("by").order_by("-on", "pk")
    context = {
        "exports": [(each, live_words.asked(each.asked)) for each in exports[:MOST_SHOWN]],
        "views": [(each, live_words.asked(each.asked)) for each in views[:MOST_SHOWN]],
        "most": MOST_SHOWN,
        "are_more": exports[MOST_SHOWN:].exists() or views[MOST_SHOWN:].exists(),
    }
    return render(request, "figures/exports.html", context)


def _exports_seen_by(user: Any) -> "QuerySet[Export]":
    if may_coordinate_network(user):
        return Export.objects.all()
    theirs = Export.objects.filter(sites__in=sites_coordinated_by(user)).values("pk")
    return Export.objects.filter(Q(made_by=user) | Q(pk__in=theirs))


def _views_seen_by(user: Any) -> "QuerySet[DayView]":
    if may_coordinate_network(user):
        return DayView.objects.all()
    return DayView.objects.filter(Q(by=user) | Q(site__in=sites_coordinated_by(user)))
