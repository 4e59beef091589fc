"""Pictures of figures as answers. Whoever waits for one holds nothing that others need."""

from django.db import connections
from django.http import HttpResponse

from .. import charts
from ..drawer import TooManyWait
from ..drawing.values import Picture

TYPES = {"svg": "image/svg+xml", "png": "image/png"}
AGAIN_SECONDS = 2


def drawn(picture: Picture, kind: str, size: str) -> HttpResponse:
    """The picture; 503 and when to come again where too many wait to be drawn. The table says the same meanwhile."""
    if not charts.is_kept(picture, kind=kind, size=size):
        _give_back_connections()
    try:
        return HttpResponse(charts.draw(picture, kind=kind, size=size), content_type=TYPES[kind])
    except TooManyWait:
        later = HttpResponse(status=503, content_type="text/plain; charset=utf-8")
        later["Retry-After"] = str(AGAIN_SECONDS)
        later["Cache-Control"] = "no-store"
        return later


def _give_back_connections() -> None:
    """There are ten to the database, and alerts need them more than someone who waits for a picture."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
