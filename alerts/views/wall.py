"""A screen on a wall, at a drop-in or a festival: what stands now, in letters that are read from the door."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from checking import area_tree

from ..matching import Filter
from ..models.alerts import LEVELS
from ..reading import current_alerts, head
from ..showing import Shown, show
from .poster import picture_of
from .public import spoken

MOST = 6  # alerts in full; nobody scrolls a wall, so the rest is a number and an address
STEPS = {1: 5, 2: 4, 3: 3, 4: 3, 5: 2, 6: 2}  # how many steps fit beside each other


@require_safe
@spoken
def wall(request: HttpRequest, area: str = "") -> HttpResponse:
    """The gravest first, then the newest. For everywhere, or for an area with all above and within it."""
    _refuse_unknown(area)
    newest = head()  # before the list is read, so that nothing said in between is missed
    alerts = gravest_first([show(payload) for payload in current_alerts(_wanted(area))])
    shown = alerts[:MOST]
    context: dict[str, Any] = {
        "alerts": shown,
        "more": len(alerts) - len(shown),
        "steps": STEPS.get(len(shown), 0),
        "head": newest,
        "now": timezone.now(),
        "area": area,
        "area_name": area_tree.current().name(area) if area else "",
        "address": _address(area).partition("://")[2],
    }
    return render(request, "wall/wall.html", context)


@require_safe
def qr(request: HttpRequest, area: str = "") -> HttpResponse:
    """The code beside the alerts: opens them on a phone."""
    _refuse_unknown(area)
    return picture_of(_address(area))


def gravest_first(alerts: list[Shown]) -> list[Shown]:
    """By level from high to low; within a level the newest first."""
    return sorted(alerts, key=lambda alert: (LEVELS.index(alert.level), alert.at), reverse=True)


def _wanted(area: str) -> Filter:
    return Filter(areas=frozenset({area} if area else ()))


def _refuse_unknown(area: str) -> None:
    if area and area not in area_tree.current(holding=[area]):
        raise Http404


def _address(area: str) -> str:
    return settings.PUBLIC_URL + reverse("home") + (f"?area={area}" if area else "")
