"""One result for staff: who read it a second time, and the spectra and pictures that belong to it.

Files are for staff of the site and the lab, and for those who review there. None is served as it came.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from checking import controlling
from checking.attaching import CONTENT_TYPES, MOST_BYTES, NotTaken, attach
from checking.models import Attachment, Result, Sample
from checking.reading_rows import read_result
from checking.spectra import read_spectrum
from checking.spectrum_pictures import draw_spectrum
from checking.staff_rights import may_review, results_for, results_seen_by, samples_for

from .. import judging
from .quality_forms import FileForm, SecondForm
from .staff import is_current
from .staff_door import for_staff
from .staff_entry import faults_of, person
from .staff_words import doubt_words, method_name, short_line

SUFFIXES = {Attachment.Kind.SPECTRUM: "jdx", Attachment.Kind.IMAGE: "png"}


@dataclass(frozen=True)
class Rights:
    """What this person may do with a result."""

    adds: bool  # files, and a second reading
    corrects: bool
    opens_sample: bool


@for_staff()
@require_safe
def result(request: HttpRequest, id: UUID) -> HttpResponse:
    """The result, its second reading and its files."""
    return _page(request, _seen(request, id))


@for_staff()
@require_POST
def second(request: HttpRequest, id: UUID) -> HttpResponse:
    """What a second person read. Where they differ, the result counts for nothing until it is corrected."""
    found = _own(request, id)
    form = SecondForm(request.POST)
    if not form.is_valid():
        return _page(request, found, second=form)
    try:
        controlling.read_again(found, agrees=form.cleaned_data["agrees"] == "yes", by=person(request))
    except controlling.NotPossible as refused:
        form.add_error(None, str(refused))
        return _page(request, found, second=form)
    messages.success(request, _("The second reading is recorded."))
    return redirect("staff_result", found.pk)


@for_staff()
@require_POST
def upload(request: HttpRequest, id: UUID) -> HttpResponse:
    """A spectrum or a picture, written anew before it is kept."""
    found = _own(request, id)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, file=form)
    clean = form.cleaned_data
    try:
        if clean["file"].size > MOST_BYTES:
            raise NotTaken(_("A file may have %(n)s MB at most.") % {"n": MOST_BYTES // 1024 // 1024})
        _kept, is_new = attach(
            found,
            clean["file"].read(),
            instrument=clean["instrument"],
            library_version=clean["library_version"],
            by=person(request),
        )
    except NotTaken as refused:
        form.add_error(refused.field, str(refused))
        return _page(request, found, file=form)
    messages.success(request, _("The file is kept.") if is_new else _("This file was here already."))
    return redirect("staff_result", found.pk)


@for_staff()
@require_POST
def remove(request: HttpRequest, id: int) -> HttpResponse:
    """Take a file away altogether: it may show what should never have been kept."""
    attachment = get_object_or_404(Attachment.objects.defer("content"), pk=id)
    found = _own(request, attachment.result_id)
    attachment.delete()
    messages.success(request, _("The file is gone."))
    return redirect("staff_result", found.pk)


@for_staff()
@require_safe
def file(request: HttpRequest, id: int) -> HttpResponse:
    """The file as we wrote it."""
    attachment = _attachment(request, id)
    kind = Attachment.Kind(attachment.kind)
    response = HttpResponse(bytes(attachment.content), content_type=CONTENT_TYPES[kind])
    shown = "inline" if kind == Attachment.Kind.IMAGE else "attachment"
    response["Content-Disposition"] = f'{shown}; filename="result-{attachment.pk}.{SUFFIXES[kind]}"'
    return _sealed(response)


@for_staff()
@require_safe
def picture(request: HttpRequest, id: int) -> HttpResponse:
    """A spectrum, drawn from its numbers."""
    attachment = _attachment(request, id)
    if attachment.kind != Attachment.Kind.SPECTRUM:
        raise Http404
    drawn = draw_spectrum(read_spectrum(bytes(attachment.content)))
    return _sealed(HttpResponse(drawn, content_type="image/png"))


def _sealed(response: HttpResponse) -> HttpResponse:
    """Taken for nothing but what we say it is, even if opened by itself."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _attachment(request: HttpRequest, id: int) -> Attachment:
    attachment = get_object_or_404(Attachment, pk=id)
    _seen(request, attachment.result_id)
    return attachment


def _own(request: HttpRequest, id: UUID) -> Result:
    """A result of one's own site, or read in one's own lab."""
    return get_object_or_404(results_seen_by(request.user), pk=id)


def _seen(request: HttpRequest, id: UUID) -> Result:
    """The same; and for reviewers what is from an area they judge."""
    found = results_seen_by(request.user).filter(pk=id).first()
    if found is None and may_review(request.user):
        other = Result.objects.select_related("sample__site", "sample__area", "site", "method", "lot", "lab")
        found = other.filter(pk=id).first()
        if found is not None and not judging.may_judge(person(request), found.sample.area):
            found = None
    if found is None:
        raise Http404
    return found


def _rights(request: HttpRequest, found: Result) -> Rights:
    return Rights(
        adds=results_seen_by(request.user).filter(pk=found.pk).exists(),
        corrects=results_for(request.user).filter(pk=found.pk).exists(),
        opens_sample=_may_open(request, found.sample),
    )


def _may_open(request: HttpRequest, sample: Sample) -> bool:
    return samples_for(request.user).filter(pk=sample.pk).exists()


def _page(
    request: HttpRequest, found: Result, *, second: SecondForm | None = None, file: FileForm | None = None
) -> HttpResponse:
    language = get_language() or "en"
    read = read_result(found)
    faulty = [each for each in (second, file) if each]
    files: Any = Attachment.objects.filter(result=found).defer("content").select_related("entered_by")
    context = {
        "result": found,
        "sample": found.sample,
        "method": method_name(read.method, language),
        "short": short_line(read, language),
        "doubt": doubt_words(read, language),
        "is_current": is_current(found),
        "is_own": found.entered_by_id == person(request).pk,
        "reading": getattr(found, "second_reading", None),
        "files": files.order_by("-recorded_at", "-pk"),
        "second": second or SecondForm(),
        "file": file or FileForm(),
        "rights": _rights(request, found),
        "faults": faults_of(faulty),
    }
    return render(request, "quality/result.html", context, status=400 if faulty else 200)
