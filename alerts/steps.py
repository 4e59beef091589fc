"""One step of an alert into the log that everyone reads: numbered, frozen, and addressed."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from checking import bell
from checking.models import User

from . import cap, matching, signing
from .approving import (
    NotReleased,
    is_by_a_rule,
    is_released_by_enough,
    is_released_for_now,
    needs_more_people,
    sha256_of,
    standing,
)
from .matching import Filter
from .models import Alert, AlertContent, AlertEvent, Delivery, Subscription, Told
from .payloads import payload
from .rule_yes import is_approved

Kind = AlertEvent.Kind
_SEQUENCE_LOCKS = {False: 0x48454144_53455131, True: 0x48454144_53455132}  # any two numbers of our own
_BATCH = 500  # rows in one insert; SQLite holds a limited number of variables


def record_step(
    alert: Alert, kind: str, *, content: AlertContent, by: User | None, because: str = "", at: datetime | None = None
) -> AlertEvent:
    """Write one step, and a delivery for everyone who shall hear of it. The caller holds the alert's row.

    `seq` is gap-free and in commit order: it is given out under one lock, the last one taken, and
    held until the commit. A database's own sequence would leave gaps and overtake itself.
    """
    assert connection.in_atomic_block, "a step is written in the transaction that takes it"
    if kind in {Kind.PUBLISHED, Kind.UPDATED}:
        require_released(alert, content, kind, max(at or timezone.now(), timezone.now()))
    event = AlertEvent(
        alert=alert,
        content=content,
        kind=kind,
        by=by,
        because=because[:300],
        sha256=content.sha256,
        is_drill=alert.is_drill,
        at=(at or timezone.now()).replace(microsecond=0),
    )
    event.expires_at = alert.expires_at or event.at
    _set_heard(event)
    hearers = _who_hears(event)
    event.seq = _next_seq(is_drill=alert.is_drill)
    event.payload = signing.signed(payload(event))
    event.cap = cap.message_of(event)
    event.cap_signature = signing.sign(event.cap.encode(), is_drill=event.is_drill)
    event.save(force_insert=True)
    _address(event, hearers)
    transaction.on_commit(partial(bell.ring, "events"))
    return event


def require_released(alert: Alert, content: AlertContent, kind: str, at: datetime) -> None:
    """The last look, in the transaction that says it. Raises NotReleased."""
    is_first = kind == Kind.PUBLISHED
    approvals = standing(content)
    if sha256_of(content) != content.sha256:
        raise NotReleased("The content is not what its hash says it is.")
    if is_released_by_enough(content.level, content.sha256, approvals):
        return
    if is_first and is_by_a_rule(alert, content) and is_approved(alert.rule, at):
        return
    if is_first and alert.second_review_by and is_released_for_now(content.level, content.sha256, approvals):
        return
    raise NotReleased(needs_more_people(content.level))


def _set_heard(event: AlertEvent) -> None:
    """By what it is heard: the union over all versions said so far, so who heard the first hears the rest."""
    said = AlertContent.objects.filter(events__alert=event.alert).distinct().order_by("version")
    earlier = [] if event.kind == Kind.PUBLISHED else [each for each in said if each.pk != event.content.pk]
    versions = [*earlier, event.content]
    bodies = [version.body for version in versions]
    event.heard_areas = _union(body["areas"] for body in bodies)
    event.heard_substances = _union(body["substances"] for body in bodies)
    event.heard_classes = _union(matching.spoken_classes(body["substances"], body["classes"]) for body in bodies)
    event.heard_level = matching.highest(version.level for version in versions)


def _union(lists: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(slug for each in lists for slug in each))


def _who_hears(event: AlertEvent) -> list[Subscription]:
    """Those who were told before; and, while it is being said, those whose filter hears it.

    Later steps reach everyone who got the original, even where their filter has changed since. An
    ended subscription hears nothing more.
    """
    active = Subscription.objects.filter(is_confirmed=True, ended_on__isnull=True)
    before = active.none() if event.kind == Kind.PUBLISHED else active.filter(told__alert=event.alert)
    told = {row.pk: row for row in before}
    if event.kind in {Kind.PUBLISHED, Kind.UPDATED}:
        heard = matching.heard_of(event)
        asked = active.filter(wants_drills=True) if event.is_drill else active
        for row in asked.iterator():
            wanted = Filter(frozenset(row.areas), frozenset(row.substances), row.level)
            if matching.hears(wanted, heard):
                told.setdefault(row.pk, row)
    return list(told.values())


def _next_seq(*, is_drill: bool) -> int:
    """The lock in a statement of its own, so that the next one sees all that was committed before it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEQUENCE_LOCKS[is_drill]])
    # On SQLite the transaction is IMMEDIATE: whoever is here is the only writer.
    highest: int = AlertEvent.objects.filter(is_drill=is_drill).aggregate(highest=Max("seq"))["highest"] or 0
    return highest + 1


def _address(event: AlertEvent, hearers: list[Subscription]) -> None:
    Told.objects.bulk_create(
        [Told(alert=event.alert, subscription=each) for each in hearers], ignore_conflicts=True, batch_size=_BATCH
    )
    Delivery.objects.bulk_create([Delivery(event=event, subscription=each) for each in hearers], batch_size=_BATCH)
