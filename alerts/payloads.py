"""The one JSON shape of an alert's step, for sockets, streams, webhooks, feeds and the API alike.

It is made once, when the step is recorded, signed (`alerts.signing`), and frozen in `AlertEvent.payload`.
"""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from . import messages
from .approving import is_released_by_enough
from .models import Alert, AlertEvent


def payload(event: AlertEvent) -> dict[str, Any]:
    """What everyone hears of this step, but for its signature. The event need not be saved yet."""
    alert, content = event.alert, event.content
    body = content.body
    first_sent = alert.published_at or event.at
    said = messages.as_said(body, level=content.level, kind=event.kind, because=event.because, first_sent=first_sent)
    return {
        "seq": event.seq,
        "kind": str(event.kind),
        "at": instant(event.at),
        "because": event.because,
        "alert": {
            "id": str(alert.id),
            "level": str(content.level),
            "severity": content.severity,
            "certainty": content.certainty,
            "urgency": content.urgency,
            "drill": alert.is_drill,
            "reviewed": is_released_by_enough(content.level, content.sha256, content.approvals.all()),
            "headline": said["en"]["blocks"]["headline"],
            "areas": list(body["areas"]),
            "substances": list(body["substances"]),
            "classes": list(body["classes"]),
            "expected": list(body.get("expected", [])),
            "week": body.get("week", ""),
            "evidence": evidence(body.get("evidence", {})),
            "actions": said["en"]["blocks"]["actions"],
            "sent": instant(first_sent),
            "expires": instant(event.expires_at),
            "references": references(alert, event),
            "url": f"{settings.PUBLIC_URL}/{'drills' if alert.is_drill else 'alerts'}/{alert.id}/",
            "texts": {
                language: {**text, "sms": messages.numbered(text["sms"], event.seq)} for language, text in said.items()
            },
        },
    }


def instant(at: datetime) -> str:
    """UTC to the second, written `+00:00`."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat()


def evidence(counted: dict[str, Any]) -> dict[str, Any]:
    """How sure, and of how many. One site alone is not told: it would point at it."""
    told: dict[str, Any] = {key: counted[key] for key in ("rung", "samples", "techniques") if key in counted}
    if counted.get("sites", 0) >= 2:
        told["sites"] = counted["sites"]
    return told


def references(alert: Alert, event: AlertEvent) -> list[dict[str, Any]]:
    """The earlier steps of the same alert, oldest first."""
    if event.kind == AlertEvent.Kind.PUBLISHED:
        return []  # the first there is
    earlier = AlertEvent.objects.filter(alert=alert, is_drill=event.is_drill, seq__lt=event.seq).order_by("seq")
    return [{"seq": seq, "kind": kind, "at": instant(at)} for seq, kind, at in earlier.values_list("seq", "kind", "at")]
