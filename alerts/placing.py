"""Saving what a person made of an alert: other words, another level, another place, in one step."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from checking.models import Area, User
from checking.tree import ancestors

from . import judging, lifecycle
from .approving import NotAllowed
from .levels import Cap
from .models import Alert, AlertContent
from .objecting import require_mended
from .topics import topic_of_body

MOVABLE = (Alert.State.DRAFT, Alert.State.PROPOSED)


def places_for(alert: Alert, user: User) -> list[Area]:
    """Where this alert may speak: its own area and what holds it, and those its signals come from.

    Once it was said it stays where it was said: who heard the first must hear the rest.
    """
    if alert.state not in MOVABLE:
        return [alert.area]
    paths = set(ancestors(alert.area.path))
    for signal in alert.signals.select_related("area"):
        paths |= {place.path for place in judging.places_of(signal)}
    places = Area.objects.filter(path__in=paths).order_by("-path")
    judged = judging.judged_by(user, places)
    return [place for place in places if place == alert.area or place in judged]


@transaction.atomic
def save_words(
    alert: Alert, *, by: User, area: Area, level: str, cap: Cap, body: Mapping[str, Any], version: int
) -> AlertContent:
    """A new version, in the place it names. Raises NotPlain, NotAllowed, WrongState, or NotReleased.

    `version` is the one the person had before them: what another wrote meanwhile is not undone.
    """
    require_mended(body, level=level)
    locked = Alert.objects.select_for_update().select_related("area").get(pk=alert.pk)
    if lifecycle.latest(locked).version != version:
        raise lifecycle.NotReleased(_("The content has changed since it was shown. Please read it again."))
    if area != locked.area:
        _move(locked, area, by=by, body=body)
    return lifecycle.edit(locked, by=by, level=level, body=body, cap=cap)


def _move(alert: Alert, area: Area, *, by: User, body: Mapping[str, Any]) -> None:
    if alert.state not in MOVABLE:
        raise lifecycle.WrongState(_("It was said for its place already. Another place takes another alert."))
    if area not in places_for(alert, by):
        raise NotAllowed(_("Only a reviewer or a community reviewer for this area can do this."))
    alert.area = area
    alert.topic = topic_of_body(area, body) or alert.topic
    alert.save(update_fields=["area", "topic"])
