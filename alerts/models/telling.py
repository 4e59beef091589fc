"""Who asked to hear, what was sent to them, and who was told of what."""

import uuid

from django.db import models


class Subscription(models.Model):
    """Someone who asked to hear. The address is sealed: this process cannot read it back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    transport = models.CharField(max_length=20)
    sealed_address = models.BinaryField()
    areas = models.JSONField(default=list)  # slugs; empty: everywhere
    substances = models.JSONField(default=list)  # slugs of substances or classes; empty: all
    level = models.CharField(max_length=10, default="caution")
    wants_drills = models.BooleanField(default=False)
    is_confirmed = models.BooleanField(default=False)
    ended_on = models.DateField(null=True, blank=True)  # hears nothing more


class Told(models.Model):
    """This subscription was told of this alert, so it hears every later step of it."""

    alert = models.ForeignKey("Alert", models.CASCADE, related_name="told")
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="told")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "subscription"], name="told_once")]


class Delivery(models.Model):
    """One event to one subscription: waiting until it was sent, or given up in plain sight."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        GIVEN_UP = "given_up"

    event = models.ForeignKey("AlertEvent", models.CASCADE, related_name="deliveries")
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)  # None: at once
    lease_until = models.DateTimeField(null=True, blank=True)  # claimed by a sender until then
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "subscription"], name="delivery_once")]
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="delivery_waiting")]
