"""Whole releases to take away. They hold what was released, and nothing else."""

from pathlib import Path
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import download_tables, downloads, trends
from ..models import Release
from .figures import kept_by_readers

_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".json": "application/json",
}
_EARLIER = 30  # releases before the last that the page has links to; all others have the same addresses
_CHUNK = 256 * 1024  # bytes


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """The files of the last release with their checksums, what the columns mean, and how to fetch them."""
    release = trends.last_release()
    files = downloads.package_of(release)["resources"] if release else []
    before = Release.objects.using("public").filter(number__lt=release.number) if release else Release.objects.none()
    area = next(iter(trends.areas_with_figures()), "")
    context = {
        "release": release,
        "files": [{**file, "sum": file["hash"].removeprefix("sha256:")} for file in files],
        "tables": download_tables.TABLES,
        "earlier": before.order_by("-number")[:_EARLIER],
        "package": downloads.PACKAGE,
        "area": area,
        "seen": next(iter(trends.seen_lately(area)), None) if area else None,
        "origin": request.build_absolute_uri("/").removesuffix("/"),
        "note": trends.note(),
    }
    return kept_by_readers(request, render(request, "data/choose.html", context))


@require_safe
def latest(request: HttpRequest, name: str) -> HttpResponse:
    """Where that file of the last release is."""
    release = trends.last_release()
    if release is None or name not in downloads.NAMES:
        raise Http404(_("There is no such file."))
    response = HttpResponseRedirect(reverse("data_file", args=[release.number, name]))
    response["Cache-Control"] = "public, max-age=60"
    return response


@require_safe
def file(request: HttpRequest, number: int, name: str) -> Any:
    """One file of one release. It never changes, so nobody needs to ask for it twice."""
    release = Release.objects.using("public").filter(number=number).first()
    if release is None or name not in downloads.NAMES:
        raise Http404(_("There is no such file."))
    path = downloads.folder_of(release) / name
    tag = f'"{path.parent.name}-{name}"'
    response = get_conditional_response(request, etag=tag) or _sent(request, path)
    response["ETag"] = tag
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _sent(request: HttpRequest, path: Path) -> Any:
    opened = path.open("rb")  # now: its folder may be tidied away while it is sent
    pieces = iter(lambda: opened.read(_CHUNK), b"")

    async def one_by_one() -> Any:
        for piece in pieces:
            yield piece

    # Django reads a plain iterator to its end first where it serves asynchronously, and the other way round.
    response = StreamingHttpResponse(
        one_by_one() if isinstance(request, ASGIRequest) else pieces, content_type=_TYPES[path.suffix]
    )
    response._resource_closers.append(opened.close)  # type: ignore[attr-defined]  # as Django's FileResponse does
    response["Content-Length"] = str(path.stat().st_size)
    number = path.parent.name.split("-")[0]
    response["Content-Disposition"] = f'attachment; filename="headsup-{number}-{path.name}"'
    return response
