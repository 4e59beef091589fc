"""Bringing a site's own tables in: send one, say what its columns hold, look at what would go in, bring it in.

The work is done beside the request (`checking.importing.uploads`); these pages show how far it is.
"""

import contextlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from checking import catalogue
from checking.importing import mapping, uploads
from checking.importing.meanings import CHOICES
from checking.importing.opening import Layout, Table, open_table
from checking.importing.suggesting_columns import day_formats, first_lines, saved_for, suggest
from checking.models import ColumnMapping, Site, Upload
from checking.staff_rights import sites_for_importing
from checking.tables import Unusable

from .staff_door import for_staff
from .staff_entry import chosen_site, faults_of, offered, person
from .staff_import_forms import LayoutForm, MappingForm, Plain, Question, field_of
from .staff_words import method_name

LINES_SHOWN = 5
NAMED = ("substance", "expected")  # fields whose words are names, too many to choose from


def may_import(user: Any) -> bool:
    return sites_for_importing(user).exists()


def _own(request: HttpRequest, id: UUID) -> Upload:
    """An upload of one of this person's sites; of anybody else's, nothing is said."""
    mine = Upload.objects.filter(site__in=sites_for_importing(request.user)).select_related("site")
    return get_object_or_404(mine, pk=id)


@for_staff(may_import)
@require_http_methods(["GET", "HEAD", "POST"])
def tables(request: HttpRequest) -> HttpResponse:
    """Send a table; and those that wait."""
    sites = list(sites_for_importing(request.user))
    fault = ""
    if request.method == "POST":
        site = next((each for each in sites if each.slug == request.POST.get("site")), None)
        if site is None:
            raise Http404
        upload, fault = _take(request, site)
        if upload is not None:
            return redirect("staff_table", upload.pk)
    else:
        uploads.remove_old()
        site = chosen_site(request, sites)
    context = {
        "site": site,
        "sites": sites,
        "fault": fault,
        "most": settings.IMPORT_MAX_MB,
        "waiting": Upload.objects.filter(site__in=sites).select_related("site").order_by("-uploaded_at"),
    }
    return render(request, "staff/import.html", context, status=400 if fault else 200)


def _take(request: HttpRequest, site: Site) -> tuple[Upload | None, str]:
    """The upload, or why there is none. What the file is called is dropped here."""
    sent = request.FILES.get("table")
    if sent is None or not sent.size:
        return None, _("Choose a file first, one that is not empty.")
    if sent.size > settings.IMPORT_MAX_MB * 1024 * 1024:
        return None, _("This file is larger than %(most)s MB.") % {"most": settings.IMPORT_MAX_MB}
    try:
        upload = uploads.take(sent.chunks(), site=site, by=person(request))
    except uploads.TooMany:
        return None, _("Many tables of this site wait already. Bring one in, or delete one.")
    try:
        table = open_table(uploads.table_of(upload))
        saved = saved_for(site, table)
        upload.mapping = saved.columns if saved else suggest(table)
        upload.mapping_name = saved.name if saved else ""
    except Unusable as unusable:
        uploads.remove(upload)
        return None, str(unusable)
    upload.save(update_fields=["mapping", "mapping_name"])
    return upload, ""


@for_staff(may_import)
@require_http_methods(["GET", "HEAD", "POST"])
def table(request: HttpRequest, id: UUID) -> HttpResponse:
    """One table, wherever it is on its way."""
    upload = _own(request, id)
    if request.method == "POST":
        return _change(request, upload)
    if upload.state in uploads.WORKING:
        context = {"upload": upload, "site": upload.site, "is_stale": uploads.is_stale(upload)}
        return render(request, "staff/import_progress.html", context)
    if upload.state == Upload.State.DONE:
        return render(request, "staff/import_done.html", _told(upload))
    if upload.state == Upload.State.CHECKED and "mapping" not in request.GET:
        return render(request, "staff/import_checked.html", {**_told(upload), "questions": list(_questions(upload))})
    return _show_mapping(request, upload)


def _told(upload: Upload) -> dict[str, Any]:
    rejects = uploads.rejects_of(upload)
    return {
        "upload": upload,
        "site": upload.site,
        "report": uploads.report_of(upload),
        "has_rejects": rejects.exists(),
        "is_here": uploads.table_of(upload).exists(),
    }


def _layout(plain: Plain) -> Layout:
    known = {name: plain.get(name) or "" for name in ("sheet", "encoding", "delimiter", "decimal")}
    return Layout(header_row=plain.get("header_row") or 1, **known)


def _show_mapping(
    request: HttpRequest, upload: Upload, form: MappingForm | None = None, layout_form: LayoutForm | None = None
) -> HttpResponse:
    plain: Plain = upload.mapping or {}
    fault, opened, lines = uploads.report_of(upload).get("error", ""), None, []
    sheets: tuple[str, ...] = ()
    try:
        opened = open_table(uploads.table_of(upload), _layout(plain))
        lines, sheets = first_lines(opened, LINES_SHOWN), opened.sheets
    except Unusable as unusable:
        fault = str(unusable)
    if form is None:
        form = _form(None, plain, opened)
    context = {
        "upload": upload,
        "site": upload.site,
        "fault": fault,
        "table": opened,
        "lines": lines,
        "formats": day_formats(opened) if opened else [],
        "form": form,
        "faults": faults_of([form]),
        "layout_form": layout_form or LayoutForm(None, _layout(plain), sheets),
        "saved": ColumnMapping.objects.filter(site=upload.site).order_by("name"),
        "choices": offered(),
    }
    return render(request, "staff/import_mapping.html", context, status=400 if form.errors else 200)


def _form(data: Any, plain: Plain, opened: Table | None) -> MappingForm:
    language = get_language() or "en"
    known = catalogue.current()
    methods = [(slug, method_name(each, language)) for slug, each in known.methods.items()]
    return MappingForm(data, plain=plain, columns=opened.names if opened else (), methods=methods)


def _change(request: HttpRequest, upload: Upload) -> HttpResponse:
    """A step on the page of the columns. While somebody works on it nothing changes."""
    if upload.state in (*uploads.WORKING, Upload.State.DONE):
        messages.warning(request, _("This table is being worked on, or is in already."))
        return redirect("staff_table", upload.pk)
    step = request.POST.get("step")
    if step == "use":
        saved = get_object_or_404(ColumnMapping, site=upload.site, name=request.POST.get("saved", ""))
        _keep(upload, saved.columns, saved.name)
        return _to_columns(upload)
    if step == "layout":
        return _lay_out(request, upload)
    return _check(request, upload)


def _to_columns(upload: Upload) -> HttpResponse:
    response: HttpResponse = redirect("staff_table", upload.pk)
    response["Location"] += "?mapping"
    return response


def _keep(upload: Upload, plain: Plain, name: str) -> None:
    upload.mapping, upload.mapping_name = plain, name
    upload.save(update_fields=["mapping", "mapping_name"])


def _lay_out(request: HttpRequest, upload: Upload) -> HttpResponse:
    plain: Plain = upload.mapping or {}
    sheets: tuple[str, ...] = ()
    with contextlib.suppress(Unusable):  # the page says it
        sheets = open_table(uploads.table_of(upload), _layout(plain | {"sheet": "", "header_row": 1})).sheets
    form = LayoutForm(request.POST, _layout(plain), sheets)
    if not form.is_valid():
        return _show_mapping(request, upload, layout_form=form)
    laid = {name: value for name, value in form.plain().items() if value}
    kept = {name: value for name, value in plain.items() if name not in form.fields}
    _keep(upload, kept | laid, upload.mapping_name)
    return _to_columns(upload)


def _check(request: HttpRequest, upload: Upload) -> HttpResponse:
    plain: Plain = upload.mapping or {}
    try:
        opened = open_table(uploads.table_of(upload), _layout(plain))
    except Unusable:
        return _show_mapping(request, upload)
    form = _form(request.POST, plain, opened)
    if not form.is_valid():
        return _show_mapping(request, upload, form)
    try:
        chosen = mapping.from_plain(form.plain())
    except mapping.NotAMapping as refused:
        form.explain(refused.fields)
        return _show_mapping(request, upload, form)
    name = request.POST.get("name", "").strip()[:60]
    _keep(upload, mapping.as_plain(chosen), name)
    _save(request, upload)
    uploads.start(upload, Upload.State.CHECKING)
    return redirect("staff_table", upload.pk)


def _save(request: HttpRequest, upload: Upload) -> None:
    """Under its name, if it has one, for the next table of this kind."""
    if upload.mapping_name:
        chosen = mapping.from_plain(upload.mapping)
        mapping.save(chosen, site=upload.site, name=upload.mapping_name, by=person(request))


def _questions(upload: Upload) -> Iterator[Question]:
    """The words that the last check did not know, each with what it may mean."""
    known = catalogue.current()
    columns = {}
    try:
        columns = {path: source.column for path, source in mapping.sources(mapping.from_plain(upload.mapping))}
    except Unusable:
        return
    language = get_language() or "en"
    for number, (path, word, count) in enumerate(uploads.report_of(upload).get("unknown", [])):
        name = field_of(path)
        choices = [(each, each) for each in CHOICES.get(name, ())]
        if name == "method":
            choices = [(slug, method_name(each, language)) for slug, each in known.methods.items()]
        near = known.nearest(word) if name in NAMED else ()
        yield Question(number, path, word, columns.get(path) or name, count, choices, near)


@for_staff(may_import)
@require_POST
def words(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take what words of the table mean into the mapping, and look again."""
    upload = _own(request, id)
    if upload.state != Upload.State.CHECKED:
        return redirect("staff_table", upload.pk)
    chosen = mapping.from_plain(upload.mapping)
    sources = dict(mapping.sources(chosen))
    for question in _questions(upload):
        meaning = request.POST.get(f"w{question.number}", "").strip()[:200]
        source = sources.get(question.path)
        if source is not None and (meaning or request.POST.get(f"w{question.number}-nothing")):
            source.words = {**source.words, question.word: meaning}
    _keep(upload, mapping.as_plain(chosen), upload.mapping_name)
    _save(request, upload)
    uploads.start(upload, Upload.State.CHECKING)
    return redirect("staff_table", upload.pk)


@for_staff(may_import)
@require_POST
def begin(request: HttpRequest, id: UUID) -> HttpResponse:
    """Bring it in; or go on with what was cut off."""
    upload = _own(request, id)
    is_check = upload.state == Upload.State.CHECKING
    uploads.start(upload, Upload.State.CHECKING if is_check else Upload.State.IMPORTING)
    return redirect("staff_table", upload.pk)


@for_staff(may_import)
@require_safe
def progress(request: HttpRequest, id: UUID) -> JsonResponse:
    """How far it is, for the page's script."""
    upload = _own(request, id)
    is_working = upload.state in uploads.WORKING and not uploads.is_stale(upload)
    return JsonResponse({"working": is_working, "done": upload.done, "total": upload.total})


@for_staff(may_import)
@require_safe
def rejected(request: HttpRequest, id: UUID) -> HttpResponse:
    """The rows that did not go in, to mend and send again."""
    file = uploads.rejects_of(_own(request, id))
    try:
        rows = file.read_bytes()  # no larger than the table was
    except FileNotFoundError as gone:
        raise Http404 from gone
    headers = {"Content-Disposition": 'attachment; filename="rejected.csv"'}
    return HttpResponse(rows, content_type="text/csv; charset=utf-8", headers=headers)


@for_staff(may_import)
@require_POST
def delete(request: HttpRequest, id: UUID) -> HttpResponse:
    """Throw the table away. What went in stays."""
    upload = _own(request, id)
    if upload.state == Upload.State.IMPORTING and not uploads.is_stale(upload):
        messages.warning(request, _("This table is being worked on, or is in already."))
        return redirect("staff_table", upload.pk)
    uploads.remove(upload)
    messages.success(request, _("The table is deleted here. What went in stays."))
    return redirect("staff_import")
