"""Alerts that were said, as rows: for what reads them. How they come to be said is tested elsewhere."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from alerts.models import Alert, AlertContent, AlertEvent, Approval
from checking.models import Area
from tests.alerting import make_member
from tests.factories import make_areas

HASH = "0" * 64
CLOSED = {"ended": "ended", "lapsed": "lapsed", "withdrawn": "withdrawn"}


def say(
    headline: str = "Sold as cocaine, a lab found fentanyl",
    *,
    area: str = "us-pa-allegheny",
    level: str = "notice",
    substances: tuple[str, ...] = ("fentanyl",),
    classes: tuple[str, ...] = (),
    reviewed: bool = True,
    drill: bool = False,
    at: datetime | None = None,
    lives: timedelta = timedelta(days=14),
    blocks: dict[str, Any] | None = None,
) -> AlertEvent:
    """A published alert with its first step."""
    make_areas()
    at = at or timezone.now()
    alert = Alert.objects.create(
        state="published", is_drill=drill, area=Area.objects.get(slug=area), published_at=at, expires_at=at + lives
    )
    content = AlertContent.objects.create(
        alert=alert, version=1, sha256=HASH, level=level, severity="Severe", certainty="Observed",
        urgency="Immediate", body={},
    )  # fmt: skip
    for name, role in (("eva", "reviewer"), ("kim", "community_reviewer")):
        person = make_member(name, role)
        Approval.objects.create(content=content, sha256=HASH, by=person, role=role, session_hash=name)
    facts = {"headline": headline, "areas": [area], "substances": list(substances), "classes": list(classes)}
    facts |= {"level": level, "reviewed": reviewed, "blocks": blocks or {}}
    return _step(alert, "published", at, "", facts)


def say_more(event: AlertEvent, kind: str, *, because: str = "", at: datetime | None = None) -> AlertEvent:
    """The next step of an alert."""
    alert = event.alert
    if kind in CLOSED:
        alert.state = CLOSED[kind]
        alert.save(update_fields=["state"])
    said = event.payload["alert"]
    headline = f"{kind.capitalize()}: {said['headline']}"
    facts = {name: said[name] for name in ("areas", "substances", "classes", "level", "reviewed")}
    facts |= {"headline": headline, "blocks": {}}
    return _step(alert, kind, at or timezone.now(), because, facts)


def _step(alert: Alert, kind: str, at: datetime, because: str, facts: dict[str, Any]) -> AlertEvent:
    same = AlertEvent.objects.filter(is_drill=alert.is_drill)
    seq = (same.order_by("-seq").values_list("seq", flat=True).first() or 0) + 1
    return AlertEvent.objects.create(
        is_drill=alert.is_drill, seq=seq, alert=alert, kind=kind, at=at, expires_at=alert.expires_at or at,
        content=alert.contents.get(), sha256=HASH, because=because,
        payload=_payload(alert, seq, kind, at, because, facts), heard_areas=facts["areas"],
        heard_substances=facts["substances"], heard_classes=facts["classes"], heard_level=facts["level"],
    )  # fmt: skip


def _payload(alert: Alert, seq: int, kind: str, at: datetime, because: str, facts: dict[str, Any]) -> dict[str, Any]:
    english = {"headline": facts["headline"], "actions": ["Start small and wait.", "Keep naloxone near."]}
    spanish = {"headline": "Vendido como cocaína, un laboratorio encontró fentanilo", "actions": ["Empiece con poco."]}
    return {
        "seq": seq,
        "kind": kind,
        "at": at.replace(microsecond=0).isoformat(),
        "because": because,
        "alert": {
            "id": str(alert.id),
            "drill": alert.is_drill,
            **{name: facts[name] for name in ("level", "reviewed", "headline", "areas", "substances", "classes")},
            "evidence": {"rung": "confirmed", "samples": 1, "techniques": 2},
            "actions": english["actions"],
            "expires": alert.expires_at.isoformat() if alert.expires_at else None,
            "texts": {
                "en": {"sms": "NOTICE", "body": "", "blocks": {**english, **facts["blocks"]}},
                "es": {"sms": "AVISO", "body": "", "blocks": spanish},
            },
        },
    }
