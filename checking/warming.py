"""Figures are made ready before anyone waits for them: after a start, and after each release.

The first page after a start reads the catalogue and compiles templates; the first after a release adds up what
is new; a picture is drawn once for each release. So a thread of the serving process asks first, one thing after
the other, for where figures are chosen, for the first figure listed there, and for what readers asked for most.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connections
from django.http import Http404, HttpRequest, QueryDict
from django.urls import resolve, reverse
from django.utils import translation

from . import trends
from .charts import draw_first
from .often import Asked, figures

logger = logging.getLogger(__name__)

LOOKS_EVERY = 10.0  # seconds; one row is read
MANY = 40  # addresses after a release: pages and pictures, five seconds or so of drawing
PAUSE = 0.1  # seconds between two of them, for readers and alerts


class Warmer:
    """Looks for a new release now and then, in a thread of its own."""

    def __init__(self, after: float) -> None:
        """`after`: in so many seconds, when those who came back to a server that has just started were served."""
        self._after = after
        self._end = threading.Event()
        self._release: int | None = None
        self._thread = threading.Thread(target=self._run, name="warming", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """It ends once what is under way is done. Nobody need wait for that."""
        self._end.set()

    def look(self) -> None:
        """Make ready what a start or a release made cold; nothing where neither came since the last look."""
        try:
            release = trends.last_release()
            number = release.number if release else 0
            if number == self._release:
                return
            self._release = number
            for asked in wanted():
                if self._end.wait(PAUSE):
                    return
                _ask(asked)
            figures.fade()
        except Exception:
            # Whoever asks will be told what is wrong; without this they only wait longer.
            logger.exception("figures could not be made ready")

    def _run(self) -> None:
        if self._end.wait(self._after):
            return
        draw_first()
        while not self._end.is_set():
            self.look()
            connections.close_all()  # there are ten to the database, and this thread needs none for a while
            self._end.wait(LOOKS_EVERY)


def wanted() -> list[Asked]:
    """What to make ready, each once."""
    return list(dict.fromkeys([*_first(), *figures.most(MANY)]))


def _first() -> Iterator[Asked]:
    """Where figures are chosen, in every language; and what everyone sees there first."""
    for language, _ in settings.LANGUAGES:
        yield reverse("trends"), language
    area = next(iter(trends.areas_with_figures()), "")
    seen = trends.seen_lately(area)
    if seen:
        place = {"area": area, "substance": seen[0].subject.slug}
        yield reverse("trend", kwargs=place), settings.LANGUAGE_CODE
        chart = reverse("trend_chart", kwargs={**place, "kind": "svg"})
        yield chart, settings.LANGUAGE_CODE
        yield f"{chart}?size=wide", settings.LANGUAGE_CODE


def _ask(asked: Asked) -> None:
    """As a reader would, but for the way through the server; what it answers is thrown away."""
    address, language = asked
    parts = urlsplit(address)
    view, arguments, named = resolve(parts.path)
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", parts.path, parts.path
    request.META |= {"QUERY_STRING": parts.query, "SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    request.GET = QueryDict(parts.query)
    with translation.override(language):
        request.LANGUAGE_CODE = language
        with suppress(Http404):  # a correction left nothing of it to draw
            view(request, *arguments, **named)
