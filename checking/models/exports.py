"""Who took exact rows out, and who looked at figures day by day. Written once, never changed."""

import uuid

from django.db import models

from .places import Site


class Export(models.Model):
    """One file of exact rows, recorded before the first byte of it was sent."""

    SHORTEST, LONGEST = 10, 300  # characters of a purpose

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)  # stands in the file, in every row
    made_at = models.DateTimeField(db_index=True)
    made_by = models.ForeignKey("User", models.PROTECT, related_name="exports")
    purpose = models.CharField(max_length=LONGEST)
    asked = models.JSONField()  # what was chosen, as `exporting.Wanted.as_json` has it
    first_on = models.DateField()  # days of collection, both included
    last_on = models.DateField()
    samples = models.PositiveIntegerField()
    rows = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)  # of the whole file
    sites = models.ManyToManyField(Site, related_name="+")  # whose samples are in it

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(purpose=""), name="export_has_purpose"),
            models.CheckConstraint(condition=models.Q(first_on__lte=models.F("last_on")), name="export_first_last"),
        ]


class DayView(models.Model):
    """One person looked at one figure whose parts are days or little more: that says who came when, nearly.

    Once for each person, figure and day, without the hour: it is to show what was looked at, not to watch people work.
    """

    on = models.DateField(db_index=True)
    by = models.ForeignKey("User", models.PROTECT, related_name="+")
    asked = models.JSONField()
    asked_hash = models.CharField(max_length=64)
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+")  # None: several

    class Meta:
        constraints = [models.UniqueConstraint(fields=["on", "by", "asked_hash"], name="day_view_once")]
