"""The one door by which alerts are written, approved, said, changed and ended.

Each verb is one transaction: it takes the alert's row first and the sequence of events last, so that
two people, or a person and the clock, cannot both have their way.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from checking.models import Area, Membership, Result, User

from . import messages, reasons
from .approving import (
    NotAllowed,
    NotReleased,
    approving_role,
    content_sha256,
    is_released_by_enough,
    is_released_for_now,
    needs_more_people,
    session_hash,
    standing,
    was_out_on_one_word,
)
from .grading import level_of, usual
from .levels import LIFETIMES, SECOND_REVIEW_WITHIN, USUAL, Cap
from .models import Alert, AlertContent, AlertEvent, AlertEvidence, Approval
from .models.alerts import LEVELS
from .objecting import require_marked, require_mended, require_sayable_reason, require_within
from .resting import require_backed, with_what_stands
from .rules import what_holds_back
from .said_before import open_on_topic
from .steps import record_step
from .topics import topic_of_body
from .turns import take_turn

__all__ = ["NotAllowed", "NotReleased", "WrongState", "approve", "draft", "edit", "publish"]

logger = logging.getLogger(__name__)

State = Alert.State
Kind = AlertEvent.Kind
NOT_OVER = (State.DRAFT, State.PROPOSED, State.PUBLISHED)
TRY_AGAIN_AFTER = timedelta(minutes=1)


class WrongState(Exception):
    """This step does not follow from where the alert is."""


@transaction.atomic
def draft(
    *,
    by: User,
    area: Area,
    level: str,
    body: Mapping[str, Any],
    cap: Cap | None = None,
    evidence: Iterable[Result] = (),
    is_drill: bool = False,
    topic: str = "",
) -> Alert:
    """Begin an alert. Anyone with a role may write; letting it out is for others.

    `cap` decides the level where it is given; without it the usual values of the level stand.
    """
    _member(by)
    said = messages.as_drill(body) if is_drill else dict(body)
    alert = Alert.objects.create(area=area, created_by=by, is_drill=is_drill, topic=topic or topic_of_body(area, body))
    _write(alert, version=1, level=level, cap=cap, body=said, by=by)
    _rest_on(alert, evidence)
    return alert


@transaction.atomic
def edit(alert: Alert, *, by: User, level: str, body: Mapping[str, Any], cap: Cap | None = None) -> AlertContent:
    """A new version of the words. Approvals stay with the version they were given to."""
    _member(by)
    alert = _locked(alert, State.DRAFT, State.PROPOSED, State.PUBLISHED)
    if alert.rule and alert.state == State.PROPOSED:
        # A person's words are not the rule's: from here on it waits for approvals like any other.
        alert.hold_until = None
        alert.save(update_fields=["hold_until"])
    return _write(alert, version=latest(alert).version + 1, level=level, cap=cap, body=body, by=by)


@transaction.atomic
def propose(alert: Alert, *, by: User) -> None:
    """Ask for approvals."""
    _member(by)
    alert = _locked(alert, State.DRAFT)
    content = latest(alert)
    require_mended(content.body, level=content.level)
    alert.state = State.PROPOSED
    alert.save(update_fields=["state"])


@transaction.atomic
def approve(content: AlertContent, *, sha256: str, by: User, session_key: str) -> Approval:
    """One person's yes to exactly this content. Saying it twice is saying it once.

    `sha256` is what the person was shown. Where a warning is out by the fast lane, the second yes
    lifts its deadline and everyone who was told hears that it was reviewed.
    """
    alert = _locked(content.alert, State.DRAFT, State.PROPOSED, State.PUBLISHED)
    if content.pk != latest(alert).pk or content.sha256 != sha256:
        raise NotReleased(_("The content has changed since it was shown. Please read it again."))
    approval = _approval(content, by=by, role=approving_role(by, alert.area), session=session_hash(session_key))
    is_said = AlertEvent.objects.filter(alert=alert, content=content).exists()
    if alert.state == State.PUBLISHED and alert.second_review_by and is_said and _is_released(content):
        alert.second_review_by = None
        alert.save(update_fields=["second_review_by"])
        record_step(alert, Kind.UPDATED, content=content, by=by, because=reasons.REVIEWED)
    return approval


@transaction.atomic
def publish(alert: Alert, *, by: User) -> AlertEvent:
    """Say it for the first time. Raises NotReleased where too few people approved these words."""
    _member(by)
    alert = _locked(alert, State.DRAFT, State.PROPOSED)
    content = latest(alert)
    require_mended(content.body, level=content.level)
    if not _is_released(content):  # a rule's own words go out by `publish_due_notices` only
        raise NotReleased(needs_more_people(content.level))
    require_backed(alert, content.body)
    return _publish(alert, by=by)


@transaction.atomic
def publish_by_fast_lane(alert: Alert, *, by: User) -> AlertEvent:
    """Say a warning on one person's approval. It lapses unless a second follows within 72 hours."""
    _member(by)
    alert = _locked(alert, State.DRAFT, State.PROPOSED)
    content = latest(alert)
    require_mended(content.body, level=content.level)
    if not is_released_for_now(content.level, content.sha256, standing(content)):
        raise NotReleased(_("The fast lane takes a warning, and one reviewer's approval of exactly this content."))
    require_backed(alert, content.body)
    now = timezone.now().replace(microsecond=0)
    if not _is_released(content):
        if was_out_on_one_word(alert, content, now):
            raise NotReleased(_("This was out on one person's word already. It takes a second person now."))
        alert.second_review_by = now + SECOND_REVIEW_WITHIN
    return _publish(alert, by=by, at=now)


@transaction.atomic
def update_alert(alert: Alert, *, by: User, because: str = "") -> AlertEvent:
    """Say the latest version of an alert that is out. It takes the approvals its level takes."""
    _member(by)
    require_sayable_reason(because)
    alert = _locked(alert, State.PUBLISHED)
    content, now = latest(alert), timezone.now()
    last = alert.events.order_by("seq").last()
    assert last is not None  # it is published
    if last.content_id == content.pk:
        raise WrongState(_("There is no newer version to say."))
    require_mended(content.body, level=content.level)
    alert.expires_at = _new_end(alert, content, last, now)
    if not _is_released(content):
        raise NotReleased(needs_more_people(content.level))
    require_backed(alert, content.body)
    alert.second_review_by = None
    alert.save(update_fields=["expires_at", "second_review_by"])
    return record_step(alert, Kind.UPDATED, content=content, by=by, because=because, at=now)


@transaction.atomic
def end_alert(alert: Alert, *, by: User, because: str = "") -> AlertEvent:
    """It is over. Everyone who was told is told."""
    require_sayable_reason(because)
    alert = _locked(alert, State.PUBLISHED)
    approving_role(by, alert.area)
    return _close(alert, State.ENDED, Kind.ENDED, by=by, because=because)


@transaction.atomic
def withdraw_alert(alert: Alert, *, by: User, because: str) -> AlertEvent:
    """It was wrong. Everyone who was told is told again, by one person's word: taking back must be quick."""
    require_sayable_reason(because)
    alert = _locked(alert, State.PUBLISHED, State.ENDED, State.LAPSED)
    approving_role(by, alert.area)
    return _close(alert, State.WITHDRAWN, Kind.WITHDRAWN, by=by, because=because)


@transaction.atomic
def stop_notice(alert: Alert, *, by: User, because: str = "") -> None:
    """Keep a rule's notice from going out in its hold, or drop a draft. Any member of staff may."""
    _member(by)
    _stop(_locked(alert, State.DRAFT, State.PROPOSED), by=by, because=because)


@transaction.atomic
def propose_notice(
    *,
    rule: str,
    area: Area,
    topic: str,
    body: Mapping[str, Any],
    cap: Cap,
    hold_until: datetime,
    evidence: Iterable[Result],
) -> Alert:
    """A rule's notice, waiting out its hold. Only `alerts.screening` calls this, when every condition holds."""
    alert = Alert.objects.create(
        area=area, rule=rule, topic=topic, state=State.PROPOSED, hold_until=hold_until, created_by=None
    )
    _write(alert, version=1, level="notice", cap=cap, body=body, by=None)
    _rest_on(alert, evidence)
    return alert


def publish_due_notices(now: datetime | None = None) -> int:
    """Let out the rules' notices whose hold has passed and whose every condition still holds. Gives how many."""
    moment = now or timezone.now()
    due = Alert.objects.filter(state=State.PROPOSED, hold_until__lte=moment).exclude(rule="")
    said = 0
    for pk in due.order_by("hold_until", "created_at").values_list("pk", flat=True):
        try:
            said += _publish_if_due(pk, moment)
        except WrongState:
            continue  # a person was quicker
        except (OperationalError, InterfaceError):
            raise  # the database failed and not the notice: it is due as before
        except Exception:
            # One notice that cannot be said must not keep back the others.
            logger.exception("The notice %s could not be published", pk)
            Alert.objects.filter(pk=pk, state=State.PROPOSED).update(hold_until=moment + TRY_AGAIN_AFTER)
    return said


def publish_undelayed(alert: Alert, *, at: datetime) -> None:
    """Let out a rule's notice where the network has no hold: every condition was asked in this same transaction.

    Only `alerts.screening` calls this. What cannot be said now waits with those that are due.
    """
    try:
        with transaction.atomic():
            _publish(alert, by=None, at=at)
    except (OperationalError, InterfaceError):
        raise  # the database failed and not the notice: the whole look is repeated
    except Exception:
        logger.exception("The notice %s could not be published at once", alert.pk)


@transaction.atomic
def _publish_if_due(pk: Any, moment: datetime) -> bool:
    """Ask every condition again. Of two alike the second sees the first: watchers take turns."""
    take_turn()
    alert = _locked(Alert(pk=pk), State.PROPOSED)
    if alert.hold_until is None or alert.hold_until > moment:
        return False  # a person has begun to edit it
    held_back = what_holds_back(alert, now=moment)
    if not held_back:
        _publish(alert, by=None, at=moment)
        return True
    _stop(alert, by=None, because="Held back: " + ", ".join(held_back))
    alert.signals.update(held_back_by=held_back, may_speak=False, state="open")
    if held_back == ["not_again_in_14_days"] and (same := open_on_topic(alert.topic, now=moment)):
        add_evidence(same, [each.result for each in alert.evidence.select_related("result")])
    return False


def lapse_due(now: datetime | None = None) -> int:
    """End warnings that one person let out and no second reviewed in time."""
    moment = now or timezone.now()
    due = Alert.objects.filter(state=State.PUBLISHED, second_review_by__lte=moment)
    return sum(_close_due(pk, State.LAPSED, Kind.LAPSED, moment) for pk in due.values_list("pk", flat=True))


def expire_due(now: datetime | None = None) -> int:
    """End what has run out. A notice runs out without an event; more than a notice is ended aloud."""
    moment = now or timezone.now()
    due = Alert.objects.filter(state=State.PUBLISHED, expires_at__lte=moment)
    due = due.exclude(second_review_by__isnull=False)  # what waits for a second review lapses, and does not end
    return sum(_close_due(pk, State.ENDED, Kind.ENDED, moment) for pk in due.values_list("pk", flat=True))


def propose_change(alert: Alert, *, news: str) -> AlertContent | None:
    """The alert's own proposal when its evidence changed. It is said when people approve it.

    Of what nobody heard yet only the words are put right, and what was approved waits for approval anew. A
    rule's notice in its hold is asked every condition again, and a drill rests on nothing.
    """
    waits_for_its_hold = alert.rule and alert.hold_until is not None and alert.state != State.PUBLISHED
    if alert.is_drill or waits_for_its_hold or alert.state not in NOT_OVER:
        return None
    content, is_out = latest(alert), alert.state == State.PUBLISHED
    body = with_what_stands(alert, content.body, level=content.level, news=news if is_out else "")
    if body == content.body:
        return None
    cap = Cap(content.severity, content.certainty, content.urgency)
    return _write(alert, version=content.version + 1, level=content.level, cap=cap, body=body, by=None)


def latest(alert: Alert) -> AlertContent:
    content = alert.contents.order_by("version").last()
    assert content is not None  # written with the alert
    return content


def _publish(alert: Alert, *, by: User | None, at: datetime | None = None) -> AlertEvent:
    content, now = latest(alert), (at or timezone.now()).replace(microsecond=0)
    alert.state = State.PUBLISHED
    alert.published_at = now
    alert.expires_at = now + LIFETIMES[content.level]
    alert.save(update_fields=["state", "published_at", "expires_at", "second_review_by"])
    return record_step(alert, Kind.PUBLISHED, content=content, by=by, at=now)


def _new_end(alert: Alert, content: AlertContent, last: AlertEvent, now: datetime) -> datetime:
    """A changed alert lives on as long only with new evidence, or when it rises above all it was."""
    full = now + LIFETIMES[content.level]
    rises = LEVELS.index(content.level) > LEVELS.index(last.heard_level)  # above all it was: down and up is no news
    new = alert.evidence.filter(added_at__gt=last.at, shaken_at__isnull=True, result__corrects__isnull=True)
    if rises or new.exists():
        return full
    assert alert.expires_at is not None  # it is published
    return min(alert.expires_at, full)


def _close(
    alert: Alert, state: str, kind: str, *, by: User | None, because: str, at: datetime | None = None
) -> AlertEvent:
    alert.state = state
    alert.second_review_by = None
    alert.save(update_fields=["state", "second_review_by"])
    said = alert.events.order_by("seq").last()
    assert said is not None  # only what was said is closed
    return record_step(alert, kind, content=said.content, by=by, because=because, at=at)


def _close_due(pk: Any, state: str, kind: str, now: datetime) -> int:
    try:
        with transaction.atomic():
            alert = _locked(Alert(pk=pk), State.PUBLISHED)
            is_lapse = alert.second_review_by is not None and alert.second_review_by <= now
            is_over = alert.expires_at is not None and alert.expires_at <= now
            if not (is_lapse if state == State.LAPSED else is_over):
                return 0  # prolonged, or reviewed, a moment ago
            heard = set(alert.events.values_list("heard_level", flat=True))
            if state == State.ENDED and heard <= {"notice"}:
                alert.state = state
                alert.save(update_fields=["state"])
            else:
                _close(alert, state, kind, by=None, because="", at=now)
            return 1
    except WrongState:
        return 0  # a person was quicker
    except Exception:
        logger.exception("The alert %s could not be closed", pk)
        return 0


def _stop(alert: Alert, *, by: User | None, because: str) -> None:
    alert.state = State.STOPPED
    alert.stopped_by = by
    alert.stopped_because = because[:300]
    alert.save(update_fields=["state", "stopped_by", "stopped_because"])


def _write(
    alert: Alert, *, version: int, level: str, cap: Cap | None, body: Mapping[str, Any], by: User | None
) -> AlertContent:
    values = cap or usual(level)
    given = level_of(values)
    if level != given and not (alert.rule and by is None and level == "notice"):  # a rule says no more than a notice
        raise ValueError(f"{values} make a {given}, not a {level}")
    require_marked(body, is_drill=alert.is_drill)
    require_within(alert.area, body)
    return AlertContent.objects.create(
        alert=alert,
        version=version,
        level=level,
        **values._asdict(),
        body=dict(body),
        sha256=content_sha256(level=level, cap=values, body=body, is_drill=alert.is_drill),
        written_by=by,
    )


def _approval(content: AlertContent, *, by: User, role: str, session: str) -> Approval:
    mine = content.approvals.filter(by=by).first()
    if mine is not None:
        return mine
    if content.approvals.filter(session_hash=session).exists():
        raise NotAllowed(_("Another person approved in this session. The second yes needs a session of its own."))
    return Approval.objects.create(content=content, sha256=content.sha256, by=by, role=role, session_hash=session)


def _is_released(content: AlertContent) -> bool:
    return is_released_by_enough(content.level, content.sha256, standing(content))


def _rest_on(alert: Alert, results: Iterable[Result]) -> None:
    rows = [AlertEvidence(alert=alert, result=result) for result in results]
    AlertEvidence.objects.bulk_create(rows, ignore_conflicts=True)


def add_evidence(alert: Alert, results: Sequence[Result]) -> None:
    """Later results add to an open alert silently (docs/rules.md C1)."""
    _rest_on(alert, results)


def _member(user: User) -> None:
    if not Membership.objects.of(user).exists():
        raise NotAllowed(_("Only members of staff can do this."))


def _locked(alert: Alert, *states: str) -> Alert:
    """The alert as it is now, its row held until the end of the transaction."""
    row = Alert.objects.select_for_update(of=("self",)).select_related("area").get(pk=alert.pk)
    if row.state not in states:
        raise WrongState(_("This alert is past that step. Please look at it again.") + f" ({row.state})")
    return row


assert set(LIFETIMES) == set(LEVELS) == set(USUAL)
