"""Alerts: what was said, in which exact words, approved by whom, and every step of its life."""

import uuid

from django.db import models
from django.db.models import Q


class Level(models.TextChoices):
    """How much it matters. There is no green."""

    NOTICE = "notice"
    CAUTION = "caution"
    WARNING = "warning"


LEVELS = ("notice", "caution", "warning")  # from low to high


class Alert(models.Model):
    """One thing the public is told, from its draft to its end."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PROPOSED = "proposed"  # waiting for approvals, or for a rule's hold to pass
        PUBLISHED = "published"
        ENDED = "ended"
        LAPSED = "lapsed"  # a fast-lane warning no second person reviewed in time
        WITHDRAWN = "withdrawn"  # it was wrong
        STOPPED = "stopped"  # never said: a person stopped it in its hold, or dropped the draft

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    is_drill = models.BooleanField(default=False)
    rule = models.CharField(max_length=40, blank=True)  # set when a rule speaks by itself
    hold_until = models.DateTimeField(null=True, blank=True)  # a rule's notice goes out after this
    area = models.ForeignKey("checking.Area", models.PROTECT, related_name="alerts")  # the place it speaks for
    # What makes two automatic notices "the same thing" (docs/rules.md C1).
    topic = models.CharField(max_length=200, blank=True, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey("checking.User", models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    second_review_by = models.DateTimeField(null=True, blank=True)  # fast lane: lapses without one
    stopped_by = models.ForeignKey("checking.User", models.PROTECT, null=True, blank=True, related_name="+")
    stopped_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-published_at"]
        indexes = [
            models.Index(fields=["state", "hold_until"], name="alert_due"),
            models.Index(fields=["state", "expires_at"], name="alert_expiring"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["published", "ended", "lapsed", "withdrawn"])
                | Q(published_at__isnull=False, expires_at__isnull=False),
                name="alert_said_has_dates",
            ),
        ]


class AlertContent(models.Model):
    """One version of what an alert says: frozen, and known by the hash of its canonical JSON."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="contents")
    version = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    level = models.CharField(max_length=10, choices=Level.choices)
    severity = models.CharField(max_length=10)  # CAP: Extreme, Severe, Moderate, Minor, Unknown
    certainty = models.CharField(max_length=10)  # CAP: Observed, Likely, Possible, Unlikely, Unknown
    urgency = models.CharField(max_length=10)  # CAP: Immediate, Expected, Future, Past, Unknown
    # {"areas": [...], "substances": [...], "classes": [...], "evidence": {...}, "blocks": {"en": ..., "es": ...}}
    body = models.JSONField()
    written_by = models.ForeignKey("checking.User", models.PROTECT, null=True, blank=True, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert", "version"], name="content_version_once"),
            models.CheckConstraint(condition=Q(level__in=LEVELS), name="content_level_known"),
        ]


class Approval(models.Model):
    """One person's yes to exactly this content."""

    content = models.ForeignKey(AlertContent, models.PROTECT, related_name="approvals")
    sha256 = models.CharField(max_length=64)  # what was approved, in its own right
    by = models.ForeignKey("checking.User", models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    session_hash = models.CharField(max_length=64)  # two people, two sessions
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["content", "by"], name="approval_once"),
            models.UniqueConstraint(fields=["content", "session_hash"], name="approval_session_once"),
        ]


class AlertEvent(models.Model):
    """One step of an alert, as everyone hears it. Never changed after.

    `seq` is gap-free and in commit order within its stream, given out under one lock.
    """

    class Kind(models.TextChoices):
        PUBLISHED = "published"
        UPDATED = "updated"
        ENDED = "ended"
        LAPSED = "lapsed"
        WITHDRAWN = "withdrawn"

    is_drill = models.BooleanField(default=False)  # drills have their own sequence
    seq = models.PositiveBigIntegerField()
    alert = models.ForeignKey(Alert, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    expires_at = (
        models.DateTimeField()
    )  # what it promised: past this it is shown as over, whatever the alert's row says
    content = models.ForeignKey(AlertContent, models.PROTECT, related_name="events")
    sha256 = models.CharField(max_length=64)
    # None: a rule, or the clock.
    by = models.ForeignKey("checking.User", models.PROTECT, null=True, blank=True, related_name="+")
    because = models.CharField(max_length=300, blank=True)
    payload = models.JSONField()  # the one JSON shape, frozen and signed (alerts/payloads.py)
    cap = models.TextField(blank=True)  # its CAP 1.2 message, frozen as well (alerts/cap.py)
    cap_signature = models.JSONField(default=dict)  # {"kid", "alg", "value"} over the UTF-8 of `cap`
    # What a filter is matched with: the union over all versions, so who heard the first hears the rest.
    heard_areas = models.JSONField()  # slugs
    heard_substances = models.JSONField()  # slugs
    heard_classes = models.JSONField()  # slugs
    heard_level = models.CharField(max_length=10, choices=Level.choices)

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["is_drill", "seq"], name="event_seq_once"),
            models.UniqueConstraint(fields=["alert"], condition=Q(kind="published"), name="event_published_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["published", "updated", "ended", "lapsed", "withdrawn"]), name="event_kind_known"
            ),
        ]


class AlertEvidence(models.Model):
    """A result an alert rests on."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="evidence")
    result = models.ForeignKey("checking.Result", models.PROTECT, related_name="alert_evidence")
    added_at = models.DateTimeField(auto_now_add=True)
    # Set when the result was corrected or withdrawn since: the alert proposes its update.
    shaken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "result"], name="evidence_once")]
