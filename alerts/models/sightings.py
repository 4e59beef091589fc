"""What people say they saw of an alert."""

import uuid

from django.db import models


class Sighting(models.Model):
    """What one form told us of an alert. Nobody has checked it, nobody's name is on it, and it goes after 90 days.

    Of the moment only the week is kept, and nothing at all of who sent it or from where.
    """

    # The form's own number, by chance: a form that is sent twice is kept once.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alert = models.ForeignKey("Alert", models.CASCADE, related_name="sightings")
    # The one it is counted in. None: it came after reviewers had judged this week's, and waits for more of the same.
    signal = models.ForeignKey("Signal", models.SET_NULL, null=True, blank=True, related_name="sightings")
    week = models.DateField()  # its Monday
    # Answers as `alerts.answers` names them; empty where a question was left out.
    saw = models.JSONField(default=list)
    when = models.CharField(max_length=12, blank=True)
    where = models.CharField(max_length=80, blank=True)  # slug of an area the alert names, or elsewhere
    form = models.CharField(max_length=10, blank=True)
    colour = models.CharField(max_length=10, blank=True)
    strip = models.CharField(max_length=12, blank=True)

    class Meta:
        indexes = [models.Index(fields=["alert", "week"], name="sighting_of_alert")]
