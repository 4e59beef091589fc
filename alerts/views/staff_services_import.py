"""A file of services: looked through first, then brought in, and what stayed out given back to be mended."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from checking.helping import OFFERS
from checking.service_rows import (
    HEADER,
    NEEDED,
    NotAFileOfServices,
    Read,
    differences,
    load_lines,
    read_services,
    rejects,
)
from checking.staff_rights import may_keep_services, may_keep_services_of

from .staff_door import for_staff
from .staff_entry import faults_of, person
from .staff_service_forms import MOST_BYTES, FileForm
from .staff_services import FIELD_WORDS

MOST_SHOWN = 200  # lines told one by one


@for_staff(may_keep_services)
@require_http_methods(["GET", "HEAD", "POST"])
def table(request: HttpRequest) -> HttpResponse:
    """The form; by POST the file is looked through, and its good lines go in only when that is said.

    Between the two the page carries the text of the file: nothing of it is stored here before.
    """
    if request.method != "POST":
        return _show(request, FileForm())
    step = request.POST.get("step", "check")
    form = FileForm(request.POST, request.FILES)
    if step == "check":
        if not form.is_valid():
            return _show(request, form)
        text = form.cleaned_data["file"]
    else:
        text = request.POST.get("text", "")
    try:
        if len(text.encode()) > 2 * MOST_BYTES:
            raise NotAFileOfServices(_("This file is too large. Send it in parts."))
        found = read_services(text, lambda area: may_keep_services_of(request.user, area))
    except NotAFileOfServices as error:
        refused = FileForm(request.POST, request.FILES)
        refused.errors.clear()
        refused.add_error(None, ValidationError(str(error)))
        return _show(request, refused)
    if step == "rejects":
        return _given_back(found)
    if step == "load":
        changed = load_lines(found.lines, by=person(request))
        return _show(request, FileForm(), **_told(found), text=text, changed=len(changed), is_in=True)
    return _show(request, FileForm(), **_told(found), text=text)


def _told(found: Read) -> dict[str, Any]:
    would = [(line, differences(line)) for line in found.lines]
    return {
        "found": found,
        "new": sum(each is None for _, each in would),
        "same": sum(each == () for _, each in would),
        "lines": [
            {"line": line, "is_new": each is None, "columns": [FIELD_WORDS.get(name, name) for name in each or ()]}
            for line, each in would
            if each != () or line.remark
        ][:MOST_SHOWN],
        "different": sum(bool(each) for _, each in would),
        "most_shown": MOST_SHOWN,
    }


def _given_back(found: Read) -> HttpResponse:
    headers = {"Content-Disposition": 'attachment; filename="services-to-mend.csv"'}
    return HttpResponse(rejects(found.faults), content_type="text/csv; charset=utf-8", headers=headers)


def _show(request: HttpRequest, form: FileForm, **told: Any) -> HttpResponse:
    context = {
        **told,
        "form": form,
        "faults": faults_of([form]),
        "header": HEADER,
        "needed": NEEDED,
        "offers": OFFERS,
        "most": MOST_BYTES // 1024,
    }
    return render(request, "staff/services_import.html", context, status=400 if form.is_bound and form.errors else 200)
