"""One alert on one sheet of paper, for a wall or a counter, and the code on it that leads to the newest."""

import io
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from checking.networks import is_simulated

from ..messages import monday
from ..models import AlertEvent
from ..reading import Step, steps_of
from ..showing import BLOCKS, CLOSING, Shown, show, state_of
from .public import spoken
from .staff_door import for_staff

QR_SECONDS = 86_400  # the code of an alert never changes
SIZES = (14, 13, 12, 11, 10, 9, 8, 7)  # points; each is a class of poster.css
# Letters times the square of their size in points that fit one side of Letter, the shorter of the two sheets:
# measured on 48 posters in two languages, of which the fullest took 461,000. tests/test_poster.py prints them.
ROOM = 440_000


@require_safe
@spoken
def poster(request: HttpRequest, id: UUID) -> HttpResponse:
    """The sheet of a public alert, in the words it had, with what became of it across the top."""
    steps = steps_of(id)
    if not steps:
        raise Http404
    return render(request, "alerts/poster.html", context_of(steps))


@require_safe
@for_staff()
@spoken
def drill_poster(request: HttpRequest, id: UUID) -> HttpResponse:
    """The sheet of a drill, for staff alone: drills are in no public read."""
    rows = AlertEvent.objects.filter(alert_id=id, is_drill=True).order_by("seq")
    steps = [Step(*row) for row in rows.values_list("payload", "at", "kind", "because")]
    if not steps:
        raise Http404
    return render(request, "alerts/poster.html", context_of(steps))


@require_safe
def qr(request: HttpRequest, id: UUID) -> HttpResponse:
    """The alert's address as a picture that telephones read."""
    if not steps_of(id):
        raise Http404
    return picture_of(settings.PUBLIC_URL + reverse("alert", args=[id]))


def picture_of(address: str) -> HttpResponse:
    """A QR code as SVG, with the margin of four that readers need."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    response = HttpResponse(drawn.getvalue(), content_type="image/svg+xml")
    response["Cache-Control"] = f"public, max-age={QR_SECONDS}"
    return response


def context_of(steps: list[Step]) -> dict[str, Any]:
    """What the sheet is made of, from every step of an alert."""
    said = [step for step in steps if step.kind not in CLOSING] or steps
    shown = replace(show(said[-1].payload), state=state_of(steps[-1].payload))
    alert = said[-1].payload["alert"]
    across = sum([alert["drill"], is_simulated(), shown.is_past])
    return {
        "alert": shown,
        "is_drill": alert["drill"],
        "week_from": _week_from(alert.get("week", "")),
        "first_at": steps[0].at,
        "said_at": said[-1].at,
        "last": steps[-1],
        "ran_out": shown.state == "ran_out",
        "size": size_for(shown, across=across),
        "url": settings.PUBLIC_URL + reverse("alert", args=[shown.id]),
    }


def size_for(shown: Shown, *, across: int = 0) -> int:
    """How large the letters may be, in points, for everything to stay on one side under `across` bars at its top."""
    area = _area(shown) + across * 330
    return next((size for size in SIZES if area * size**2 <= ROOM), SIZES[-1])


def _area(shown: Shown) -> float:
    """What the words take up, in letters of the size of plain text: larger letters count as the square of it."""
    lines = [line for name in BLOCKS for line in shown.blocks[name]]
    small = sum(len(line) for name in ("dates", "who") for line in shown.blocks[name])
    headings = sum(1 for name in BLOCKS if shown.blocks[name])
    return (
        len(shown.headline) * 4.0
        + sum(len(action) + 20 for action in shown.actions) * 1.8
        + sum(len(line) + 25 for line in lines)
        - small * 0.3
        + headings * 90
        + 900
    )


def _week_from(week: str) -> date | None:
    return monday(week) if week else None
