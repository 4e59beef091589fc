"""Steps of alerts as rows, for tests of how they are heard rather than of how they come to be."""

import uuid
from datetime import timedelta
from typing import Any

from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.db import connections, transaction
from django.utils import timezone

from alerts import hub
from alerts.models import Alert, AlertContent, AlertEvent, Approval
from alerts.reading import head
from checking import area_tree, bell
from checking.models import Area
from tests.alerting import make_member
from tests.factories import make_areas


def publish(
    *,
    area: str = "us-pa-allegheny",
    substances: tuple[str, ...] = ("xylazine",),
    classes: tuple[str, ...] = (),
    level: str = "notice",
    alert: Alert | None = None,
    kind: str = "published",
    is_drill: bool = False,
    expires_in: timedelta = timedelta(days=7),
    padding: int = 0,
) -> AlertEvent:
    """One step, with the next `seq`, and the ring that goes with it."""
    with transaction.atomic():
        event = prepared(
            area=area, substances=substances, classes=classes, level=level, alert=alert, kind=kind,
            is_drill=is_drill, expires_in=expires_in, padding=padding,
        )  # fmt: skip
        number(event)
    bell.ring("events")
    return event


def prepared(
    *,
    area: str = "us-pa-allegheny",
    substances: tuple[str, ...] = ("xylazine",),
    classes: tuple[str, ...] = (),
    level: str = "notice",
    alert: Alert | None = None,
    kind: str = "published",
    is_drill: bool = False,
    expires_in: timedelta = timedelta(days=7),
    padding: int = 0,
) -> AlertEvent:
    """A step with all it rests on stored, itself not yet: it waits for its `seq`."""
    if not Area.objects.filter(slug=area).exists():
        make_areas()
        area_tree.forget()
    now = timezone.now()
    alert = alert or Alert.objects.create(
        state=Alert.State.PUBLISHED,
        is_drill=is_drill,
        area=Area.objects.get(slug=area),
        published_at=now,
        expires_at=now + expires_in,
    )
    said_before = alert.events.order_by("seq").last() if kind in {"ended", "lapsed", "withdrawn"} else None
    content = said_before.content if said_before else AlertContent.objects.create(
        alert=alert, version=alert.contents.count() + 1, sha256=uuid.uuid4().hex * 2, level=level,
        severity="Minor", certainty="Observed", urgency="Expected", body={},
    )  # fmt: skip
    for name, role in (("ben", "reviewer"), ("ada", "community_reviewer")):
        person = make_member(name, role)
        Approval.objects.get_or_create(
            content=content, by=person, defaults={"sha256": content.sha256, "role": role, "session_hash": name}
        )
    said: dict[str, Any] = {
        "id": str(alert.id), "level": content.level, "drill": is_drill, "areas": [area], "substances": list(substances),
        "classes": list(classes), "headline": "Sold as cocaine, a lab found xylazine", "padding": "x" * padding,
    }  # fmt: skip
    return AlertEvent(
        is_drill=is_drill, alert=alert, kind=kind, at=now, expires_at=now + expires_in,
        content=content, sha256=content.sha256,
        payload={"kind": kind, "at": now.isoformat(), "alert": said},
        heard_areas=[area], heard_substances=list(substances), heard_classes=list(classes), heard_level=level,
    )  # fmt: skip


def number(event: AlertEvent) -> None:
    """Stores a prepared step under the next `seq`."""
    event.seq = AlertEvent.objects.filter(is_drill=True).count() + 1 if event.is_drill else head() + 1
    event.payload = {"seq": event.seq, **event.payload}
    event.save(force_insert=True)


async def publish_soon(count: int = 1, **other: Any) -> list[AlertEvent]:
    """As above, from a coroutine."""
    return [await database_sync_to_async(publish)(**other) for _ in range(count)]


async def finish() -> None:
    """Let go of every listener, and of the connections that the test's own thread holds."""
    hub.stop()
    area_tree.forget()
    await sync_to_async(connections.close_all)()
