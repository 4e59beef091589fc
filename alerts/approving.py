"""Who may let an alert out, and whether enough people have: two pairs of eyes on exactly the same words."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Count, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from checking.models import Area, User

from .levels import FAST_LANE_ONCE_IN, Cap
from .models import Alert, AlertContent, AlertEvent, Approval
from .rights import APPROVING, Rights, Role


class NotAllowed(Exception):
    """This person may not take this step; the message says what is missing."""


class NotReleased(Exception):
    """Not enough people have approved exactly this content."""


class Given(Protocol):
    """An approval, as far as counting goes."""

    by_id: Any
    role: str
    session_hash: str
    sha256: str


def content_sha256(*, level: str, cap: Cap, body: Any, is_drill: bool = False) -> str:
    """The hash people approve: level, CAP values, words in every language, and whether it is a drill.

    Over canonical JSON. When it was sent, until when it holds, its id and services nearby are not part of it.
    """
    said = {"level": level, **cap._asdict(), "body": body, "drill": is_drill}
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def sha256_of(content: AlertContent) -> str:
    """The hash computed anew from what the row holds, so that a row changed behind our back shows."""
    cap = Cap(content.severity, content.certainty, content.urgency)
    return content_sha256(level=content.level, cap=cap, body=content.body, is_drill=content.alert.is_drill)


def is_released_by_enough(level: str, sha256: str, approvals: Iterable[Given]) -> bool:
    """True when enough people said yes to exactly this hash.

    A notice takes one reviewer; a caution two people; a warning two people, one of them a
    community reviewer. Two means two people in two sessions.
    """
    exact = [each for each in approvals if each.sha256 == sha256 and each.role in APPROVING]
    people = min(len({each.by_id for each in exact}), len({each.session_hash for each in exact}))
    if level == "notice":
        return people >= 1
    if level == "caution":
        return people >= 2
    return level == "warning" and people >= 2 and any(each.role == Role.COMMUNITY_REVIEWER for each in exact)


def is_released_for_now(level: str, sha256: str, approvals: Iterable[Given]) -> bool:
    """The fast lane: a warning that one person let out, until a second has looked or 72 h have passed."""
    return level == "warning" and any(each.sha256 == sha256 and each.role in APPROVING for each in approvals)


def was_out_on_one_word(alert: Alert, content: AlertContent, now: datetime) -> bool:
    """True where the same went out by the fast lane lately, and no second person said yes to it.

    One after the other they would keep a warning out for ever on one person's word.
    """
    alike = Q(sha256=content.sha256)
    if alert.topic:
        alike |= Q(alert__topic=alert.topic)
    lately = AlertEvent.objects.filter(
        alike, kind="published", content__level="warning", is_drill=alert.is_drill, at__gt=now - FAST_LANE_ONCE_IN
    )
    people = Count("content__approvals__by", distinct=True, filter=Q(content__approvals__role__in=APPROVING))
    return lately.exclude(alert=alert).annotate(people=people).filter(people__lt=2).exists()


def is_by_a_rule(alert: Alert, content: AlertContent) -> bool:
    """The words a rule began with: two people approved them beforehand. No later version is the rule's."""
    return bool(alert.rule) and content.level == "notice" and content.version == 1 and content.written_by is None


def approving_role(user: User, area: Area) -> str:
    """The role in which this person may approve an alert for this area. Raises NotAllowed."""
    roles = Rights([user.pk]).roles(user.pk, area)
    for role in APPROVING:
        if role in roles:
            return str(role)
    raise NotAllowed(_("Only a reviewer or a community reviewer for this area can do this."))


def standing(content: AlertContent) -> list[Approval]:
    """The approvals that count today: of an account that was closed, or a role that went, none does."""
    given = list(content.approvals.order_by("pk"))
    return still_counting(given, content.alert.area, Rights(each.by_id for each in given)) if given else []


def still_counting(given: Iterable[Approval], area: Area, rights: Rights) -> list[Approval]:
    return [each for each in given if each.role in rights.roles(each.by_id, area)]


def session_hash(session_key: str) -> str:
    """Tells two sessions apart without keeping either. Raises NotAllowed without a session."""
    if not session_key:
        raise NotAllowed(_("An approval needs a signed-in session."))
    return salted_hmac("headsup.approval.session", session_key, algorithm="sha256").hexdigest()


def needs_more_people(level: str) -> str:
    """What is missing, in words."""
    if level == "notice":
        return _("A notice needs one reviewer's approval of exactly this content.")
    if level == "caution":
        return _("A caution needs two people's approval of exactly this content, in two sessions.")
    return _("A warning needs two people's approval of exactly this content; one is a community reviewer.")
