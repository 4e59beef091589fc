"""Correcting a result: the old one stays, a whole new one takes its place, and the reason is kept with it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from checking import submission
from checking.accepting import Problems, client_hash
from checking.decoding import NotABody
from checking.entering import as_correction, reading_of, sources_of_one
from checking.models import Result
from checking.reading_rows import read_samples
from checking.readings import FindingRead, ResultRead
from checking.staff_rights import results_for
from checking.storing import Conflict
from checking.submission import Source

from .staff_door import for_staff, may_enter
from .staff_entry import Choices, explain, faults_of, lab_choices, offered, person, posted_id
from .staff_forms import OTHER_DILUTION, LabForm, ReasonForm, StripForm, all_are_valid
from .staff_words import method_name, short_line, subject_name


@for_staff(may_enter)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, id: UUID) -> HttpResponse:
    """The result as it stands, ready to be changed, and a reason."""
    result = get_object_or_404(results_for(request.user), pk=id)
    before = _current(result)
    if before is None:
        return _no_longer(request, result)
    data = request.POST if request.method == "POST" else None
    form = _form(result, before, data, offered())
    reason = ReasonForm(data)
    forms: list[Form] = [form, *getattr(form, "findings", ()), reason]
    if data is not None and all_are_valid((form, reason)):
        saved = _save(request, result, before, form, reason, forms)
        if saved is not None:
            return saved
    language = get_language() or "en"
    context = {
        "result": result,
        "sample": result.sample,
        "site": result.site,
        "method": method_name(before.method, language),
        "before": short_line(before, language),
        "form": form,
        "is_strip": isinstance(form, StripForm),
        "reason": reason,
        "faults": faults_of(forms),
        "choices": offered(),
        "client_id": posted_id(request),
    }
    return render(request, "staff/correct.html", context, status=200 if data is None else 400)


def _save(
    request: HttpRequest,
    result: Result,
    before: ResultRead,
    form: StripForm | LabForm,
    reason: ReasonForm,
    forms: list[Form],
) -> HttpResponse | None:
    """Through the one door. None where it was not accepted; the fields then say why."""
    entry = form.entry({}) if isinstance(form, StripForm) else form.entry()
    because = reason.cleaned_data["reason"]
    try:
        body = as_correction(posted_id(request), entry, because, before=before)
        submission.correct_result(result, body, Source(site=result.site, by=person(request)))
    except (NotABody, Problems) as refused:
        explain(refused, sources_of_one(entry), forms)
        return None
    except Conflict:
        return _no_longer(request, result)
    messages.success(request, _("The result is corrected. Whoever looks up the code sees both, and why."))
    return redirect("staff_sample", result.sample_id)


def _current(result: Result) -> ResultRead | None:
    """The result in plain values; None once it is corrected or taken back."""
    (read,) = read_samples([result.sample_id])
    return next((each for each in read.results if each.id == str(result.pk)), None)


def _no_longer(request: HttpRequest, result: Result) -> HttpResponse:
    newer = Result.objects.filter(corrects=result).values_list("client_hash", flat=True).first()
    if newer is None or bytes(newer) != client_hash(request.POST.get("client_id", "")):  # else: one form sent twice
        messages.warning(request, _("This result had been corrected or taken back already."))
    return redirect("staff_sample", result.sample_id)


def _form(result: Result, before: ResultRead, data: Any, choices: Choices) -> StripForm | LabForm:
    if before.method.family == "strip":
        return StripForm(data, prefix="strip-0", methods=choices.strips, initial=_strip_initial(result, before))
    return LabForm(
        data,
        prefix="lab-0",
        methods=choices.others,
        labs=_labs(result),
        found=[_finding_initial(finding) for finding in before.findings],
        initial={
            "method": before.method.slug,
            "outcome": before.outcome,
            "lab": "" if before.lab == result.site.slug else before.lab,
            "chosen_because": "" if before.chosen_because == "unknown" else before.chosen_because,
            "performed_on": before.performed_on,
            "completed_on": before.completed_on,
        },
    )


def _labs(result: Result) -> list[tuple[str, str]]:
    """Where it may have been run; where it was run stands among them, whatever kind of site that is."""
    labs = lab_choices(result.site)
    if result.lab_id != result.site_id and result.lab.slug not in dict(labs):
        labs.append((result.lab.slug, result.lab.name))
    return labs


def _strip_initial(result: Result, before: ResultRead) -> dict[str, Any]:
    lot = result.lot
    amounts = (before.sample_mg, before.diluent_ml)
    return {
        "method": before.method.slug,
        "reading": reading_of(before.control, before.test_line),
        "dilution": OTHER_DILUTION if all(amounts) else "" if any(amounts) else "not_weighed",
        "mg": _plain(before.sample_mg),
        "ml": _plain(before.diluent_ml),
        "weighed": before.is_weighed,
        "brand": lot.brand if lot else "",
        "lot": lot.lot if lot else "",
        "expires_on": lot.expires_on if lot else None,
        "performed_on": before.performed_on,
    }


def _plain(value: float | None) -> str | None:
    """A number as a person would type it: 10, not 10.0."""
    return None if value is None else f"{value:.10g}"


def _finding_initial(finding: FindingRead) -> dict[str, Any]:
    amount = finding.amount
    shown: dict[str, Any] = {"name": subject_name(finding.subject, "en"), "absent": not finding.is_detected}
    if amount is not None:
        shown |= {
            "amount": amount.rank or amount.kind,
            "value": None if amount.value is None else _plain(float(amount.value)),
            "basis": "" if amount.basis == "unknown" else amount.basis,
        }
    return shown
