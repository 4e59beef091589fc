"""What changed around the figures everyone may see: figures before and after do not compare (docs/rules.md E).

Written by a release, never changed; read by the `public` connection. They hold no number of samples.
"""

from django.db import models

from .methods import Method
from .released import Release


class ReleasedScope(models.Model):
    """From that week on a lab of this area's samples looked for something it had not looked for, or no longer did."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="+")
    area = models.CharField(max_length=80)
    family = models.CharField(max_length=12, choices=Method.Family.choices)
    subject = models.CharField(max_length=120)  # slug of the substance or class
    week = models.DateField()  # its Monday
    is_opened = models.BooleanField()  # False: it ended

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["area", "family", "subject", "week", "is_opened"], name="released_scope_once"
            ),
        ]


class ReleasedStrip(models.Model):
    """The strips most samples of an area were checked with in a quarter of release, for one subject."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="+")
    area = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)  # slug of what the strip reacts to
    quarter = models.DateField()  # its first day
    brand = models.CharField(max_length=60, blank=True)  # blank: several, none of them in most samples
    lot = models.CharField(max_length=60, blank=True)  # the same

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area", "subject", "quarter"], name="released_strip_once"),
        ]
