"""Exercises: begun, worded, confirmed and heard apart from what is live.

What is asked before something goes out has nothing in common with what is asked before a drill: the words
differ, the button differs, and a drill wants the name of its area typed (Hawaii, 13 January 2018).
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from checking.folding import fold
from checking.models import Area, Network, User
from checking.readings import Subject

from . import lifecycle, messages
from .approving import NotAllowed
from .grading import usual
from .judging import may_judge
from .models import Alert


class NotConfirmed(Exception):
    """What was typed does not name the area of the drill."""


@transaction.atomic
def begin(*, by: User, area: Area, level: str, subject: Subject) -> Alert:
    """A drill about a made-up finding, to be approved and sent like any alert, to those who asked for drills."""
    if not may_judge(by, area):
        raise NotAllowed(_("Only a reviewer or a community reviewer for this area can do this."))
    body = messages.compose(
        messages.Facts(
            kind="lab",
            expected=(),
            found=(subject,),
            area=area.slug,
            area_name=area.name,
            week=messages.week_of(timezone.now().date()),
            rung="confirmed",
            network=Network.current().name,
            level=level,
            is_reviewed=True,
        )
    )
    return lifecycle.draft(by=by, area=area, level=level, body=body, cap=usual(level), is_drill=True)


def require_named(alert: Alert, typed: str) -> None:
    """A drill goes out only to someone who can say for where. Raises NotConfirmed."""
    if fold(typed) != fold(alert.area.name):
        raise NotConfirmed(_("That is not the name of the area. Nothing was sent."))


def asked_before_live(level_word: str, area_name: str) -> str:
    """What a person reads before an alert goes out to everyone."""
    return _(
        "Send this %(level)s to the public now? All people who follow %(area)s hear it at once, on every page, feed "
        "and phone. It can be withdrawn, never unsent."
    ) % {"level": level_word, "area": area_name}


def asked_before_drill(area_name: str) -> str:
    """What a person reads before a drill. Under a fifth of these words may be among those above; a test counts."""
    return _(
        "Practice only: type “%(area)s” below, then press Start exercise. Volunteers signed up for drills receive a "
        "marked message; nobody else does."
    ) % {"area": area_name}
