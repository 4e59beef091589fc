"""The page of the person who brought a sample: their code in, everything we can honestly say out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from checking import catalogue, strip_truth
from checking.codes import KEPT_FOR, find_sample
from checking.evidence import found_by
from checking.guidance_rows import current_guidance
from checking.helping import services_near
from checking.interpretation import advise, interpret
from checking.models import Result, Sample
from checking.reading_rows import read_samples
from checking.readings import ResultRead, SampleRead, Subject
from checking.statements import Speaker

from ..showing import subjects_of
from ..tries import Tries, client_of
from .staff_words import reason_words, short_line

tries = Tries(limit=5, seconds=60.0)  # a code has 60 bits: guessing is hopeless long before this


@dataclass(frozen=True, slots=True)
class Change:
    """A result that was corrected or taken back: what it said, what holds now, and why."""

    method: str
    before: str
    after: str  # empty: taken back, nothing stands in its place
    because: str
    at: datetime


@csrf_exempt  # nothing is changed, so there is nothing to forge; with no cookie needed, none is set
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("Accept-Language")
def results(request: HttpRequest) -> HttpResponse:
    """A form for the code, and by POST alone what it opens: a code is never part of an address.

    A wrong code and one past its time are answered alike, and the page never repeats the code.
    """
    if request.method != "POST":
        return _answer(request, {}, 200)
    if not tries.take(client_of(request)):
        response = _answer(request, {"is_too_often": True}, 429)
        response["Retry-After"] = str(int(tries.seconds))
        return response
    sample = find_sample(request.POST.get("code", "")[:100])
    if sample is None:
        return _answer(request, {"is_unknown": True}, 404)
    return _answer(request, _opened(sample), 200)


def _answer(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    response = render(request, "results/results.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _opened(sample: Sample) -> dict[str, Any]:
    language = get_language() or "en"
    (read,) = read_samples([sample.id])
    last = sample.results.aggregate(last=Max("recorded_at"))["last"] or sample.recorded_at
    return {
        "sample": read,
        "expected": ", ".join(_name(subject, language) for subject in read.expected),
        "readings": [
            {
                "slug": result.method.slug,
                "method": _method_name(result, language),
                "short": _shortly(result, language),
                "on": _day_of(result),
                "says": interpret(read, result, language, strip_truth.current()),
            }
            for result in read.results
        ],
        "subjects": subjects_of(_spoken_of(read)),
        "advice": advise(read, language, current_guidance()),
        "changes": _changes(sample, language),
        "next_step": _next_step(read),
        "open_until": last + KEPT_FOR,
        "services": services_near([read.area]),
    }


def _spoken_of(read: SampleRead) -> list[str]:
    """Slugs of what was found, and of what it was taken for."""
    found = [finding.subject.slug for result in read.results for finding in found_by(result)]
    return [*found, *(subject.slug for subject in read.expected)]


def _shortly(result: ResultRead, language: str) -> str:
    """For the list at the top. Nothing that was not found is left to stand as if it were not there."""
    if result.outcome == "not_detected":
        return _("did not see what it looks for, which may still be there")
    return short_line(result, language)


def _next_step(read: SampleRead) -> str:
    """What may still come, promised no further than we can keep."""
    if not read.results:
        return _("There is no result yet. It shows here, with the same code, as soon as it is entered.")
    if any(result.method.family == "lab" for result in read.results):
        return _("A lab has looked. If it adds or corrects anything, it shows here with the same code.")
    return _("No lab has reported on this yet. If one does, it shows here with the same code.")


def _changes(sample: Sample, language: str) -> list[Change]:
    """Corrections and withdrawals of this sample's results, the newest first."""
    rows = (
        Result.objects.filter(sample=sample)
        .select_related("method", "withdrawal", "corrected_by")
        .prefetch_related("findings__substance", "findings__substance_class")
        .prefetch_related("corrected_by__findings__substance", "corrected_by__findings__substance_class")
    )
    changes = [change for row in rows if (change := _change(row, language))]
    return sorted(changes, key=lambda change: change.at, reverse=True)


def _change(row: Result, language: str) -> Change | None:
    method = (language.startswith("es") and row.method.name_es) or row.method.name
    if newer := getattr(row, "corrected_by", None):
        before, after = _in_short(row, language), _in_short(newer, language)
        return Change(method, before, after, reason_words(newer.correction_reason), newer.recorded_at)
    if taken_back := getattr(row, "withdrawal", None):
        return Change(method, _in_short(row, language), "", reason_words(taken_back.reason), taken_back.recorded_at)
    return None


def _in_short(row: Result, language: str) -> str:
    """One result in a few words, for "before" and "after"."""
    known = catalogue.current().subjects
    found = [finding.named for finding in row.findings.all() if finding.is_detected]
    names = [_name(known[named.slug], language) for named in found if named is not None and named.slug in known]
    words = {
        Result.Outcome.DETECTED: _("It reacted") if row.test_line or row.method.family == "strip" else _("Found"),
        Result.Outcome.NOT_DETECTED: _("It did not see what it looks for, which may still be there"),
        Result.Outcome.INCONCLUSIVE: _("It could not be told"),
        Result.Outcome.INVALID: _("The reading did not work"),
        Result.Outcome.CONSISTENT_WITH: _("It looked like what was expected"),
        Result.Outcome.NOT_CONSISTENT: _("It did not look like what was expected"),
    }
    outcome = words[Result.Outcome(row.outcome)]
    return f"{outcome}: {', '.join(names)}" if names else outcome


def _name(subject: Subject, language: str) -> str:
    return Speaker(language).name(subject)


def _method_name(result: ResultRead, language: str) -> str:
    return result.method.name_es if language.startswith("es") else result.method.name


def _day_of(result: ResultRead) -> Any:
    return result.completed_on or result.performed_on
