"""The day at a site, and one sample with everything its results say."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from checking import strip_truth, submission
from checking.codes import KEPT_FOR
from checking.guidance_rows import current_guidance
from checking.interpretation import Statement, advise, interpret
from checking.models import Result, Sample, Site
from checking.models.samples import Entry
from checking.notes import standing
from checking.reading_rows import read_samples
from checking.readings import ResultRead, SampleRead
from checking.staff_rights import may_analyse, may_review, results_for, samples_for
from checking.submission import code_of

from .staff_door import for_staff, may_enter
from .staff_entry import chosen_site, person, sites_of, today_at
from .staff_forms import ReasonForm
from .staff_history import changes_of
from .staff_words import CARRIERS, FORMS, listed_names, method_name, short_line, tone

MOST_ROWS = 300  # a festival's busiest day is below this; what is beyond is said, not hidden


@dataclass(frozen=True)
class Chip:
    """One result in a few words."""

    method: str
    says: str
    tone: str  # found, plain, unsure


@dataclass(frozen=True)
class Row:
    """One sample in the day's list."""

    id: UUID
    at: datetime
    collected_on: date | None  # None where it is the day shown
    expected: str
    form: str
    chips: list[Chip]
    waits_for_lab: bool
    is_shared: bool


@dataclass(frozen=True)
class Reading:
    """One current result of a sample, with what it says."""

    id: str
    slug: str  # of the method
    method: str
    short: str
    tone: str
    on: date | None
    says: list[Statement]
    is_newest: bool


@for_staff()
@require_safe
def day(request: HttpRequest) -> HttpResponse:
    """Everything entered or collected on one day at one site, newest first."""
    sites = sites_of(request)
    if not sites:
        if may_review(request.user):
            return redirect("desk")
        if may_analyse(request.user):
            return redirect("figures")
        raise PermissionDenied
    site = chosen_site(request, sites)
    today = today_at(site)
    shown = _day_asked(request.GET.get("day"), today)
    samples = _of_day(site, shown)
    context = {
        "site": site,
        "sites": sites,
        "day": shown,
        "is_today": shown == today,
        "previous": shown - timedelta(days=1),
        "next": shown + timedelta(days=1) if shown < today else None,
        "rows": _rows(samples[:MOST_ROWS], shown),
        "count": samples.count(),
        "most": MOST_ROWS,
        "zone": ZoneInfo(site.time_zone),
    }
    return render(request, "staff/day.html", context)


def _day_asked(written: str | None, today: date) -> date:
    """The day in the address; today where there is none, or none that has come yet."""
    try:
        asked = date.fromisoformat(written or "")
    except ValueError:
        return today
    return min(max(asked, date(1970, 1, 2)), today)


def _of_day(site: Site, shown: date) -> "QuerySet[Sample]":
    """Collected that day, or entered by hand that day in the site's own time zone."""
    zone = ZoneInfo(site.time_zone)
    begin = datetime.combine(shown, time.min, tzinfo=zone)
    end = datetime.combine(shown + timedelta(days=1), time.min, tzinfo=zone)
    by_hand = Q(recorded_at__gte=begin, recorded_at__lt=end, entry__in=[Entry.SINGLE, Entry.LATE])
    samples = Sample.objects.filter(Q(collected_on=shown) | by_hand, site=site)
    return samples.order_by("-recorded_at", "pk")


def _rows(samples: "QuerySet[Sample]", shown: date) -> list[Row]:
    known = {str(sample.pk): sample for sample in samples}
    language = get_language() or "en"
    return [_row(read, known[read.id], shown, language) for read in read_samples(UUID(key) for key in known)]


def _row(read: SampleRead, sample: Sample, shown: date, language: str) -> Row:
    return Row(
        id=sample.pk,
        at=sample.recorded_at,
        collected_on=sample.collected_on if sample.collected_on != shown else None,
        expected=listed_names(read.expected, language),
        form=str(FORMS[read.form]),
        chips=[
            Chip(method_name(result.method, language), short_line(result, language), tone(result))
            for result in read.results
        ],
        waits_for_lab=_waits_for_lab(read),
        is_shared=read.is_shared,
    )


def _waits_for_lab(read: SampleRead) -> bool:
    return not any(result.method.family == "lab" for result in read.results)


@for_staff(may_enter)
@require_safe
def sample(request: HttpRequest, id: UUID) -> HttpResponse:
    """The code to hand over, what each result says and could have missed, and what can be done next."""
    found = get_object_or_404(samples_for(request.user), pk=id)
    return render(request, "staff/sample.html", shown(found))


def shown(found: Sample, refused: ReasonForm | None = None, refused_id: UUID | None = None) -> dict[str, Any]:
    (read,) = read_samples([found.pk])
    language = get_language() or "en"
    latest = found.results.aggregate(last=Max("recorded_at"))["last"]
    newest = {str(pk) for pk in found.results.filter(recorded_at=latest).values_list("pk", flat=True)}
    return {
        "sample": found,
        "read": read,
        "code": code_of(found),
        "open_until": (latest or found.recorded_at) + KEPT_FOR,
        "expected": listed_names(read.expected, language),
        "form": FORMS[read.form],
        "carrier": CARRIERS[read.carrier],
        "advice": advise(read, language, current_guidance()),
        "readings": [_reading(read, result, language, newest) for result in read.results],
        "changes": changes_of(found, language),
        "notes": standing(found),
        "waits_for_lab": _waits_for_lab(read),
        "reason": ReasonForm(),
        "refused": refused,
        "refused_id": str(refused_id) if refused_id else None,
    }


def _reading(read: SampleRead, result: ResultRead, language: str, newest: set[str]) -> Reading:
    return Reading(
        id=result.id,
        slug=result.method.slug,
        method=method_name(result.method, language),
        short=short_line(result, language),
        tone=tone(result),
        on=result.completed_on or result.performed_on,
        says=interpret(read, result, language, strip_truth.current()),
        is_newest=result.id in newest,
    )


@for_staff(may_enter)
@require_safe
def card(request: HttpRequest, id: UUID) -> HttpResponse:
    """What goes into the person's hand: the code, where to look, and that we do not keep who they are."""
    found = get_object_or_404(samples_for(request.user), pk=id)
    code = code_of(found)
    if code is None:
        raise Http404
    latest = found.results.aggregate(last=Max("recorded_at"))["last"] or found.recorded_at
    context = {
        "sample": found,
        "code": code,
        "address": settings.PUBLIC_URL.removeprefix("https://").removeprefix("http://") + reverse("results"),
        "open_until": latest + KEPT_FOR,
    }
    return render(request, "staff/card.html", context)


@for_staff(may_enter)
@require_POST
def withdraw(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take a result back. It stays on record, with the reason, and is no longer said."""
    result = get_object_or_404(results_for(request.user), pk=id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return render(request, "staff/sample.html", shown(result.sample, form, id), status=400)
    if not is_current(result):
        messages.warning(request, _("This result had been corrected or taken back already."))
    else:
        submission.withdraw_result(result, reason=form.cleaned_data["reason"], by=person(request))
        messages.success(request, _("The result is taken back. Whoever looks up the code sees that, and why."))
    return redirect("staff_sample", result.sample_id)


def is_current(result: Result) -> bool:
    return bool(Result.objects.current().filter(pk=result.pk).exists())
