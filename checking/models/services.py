"""Help nearby: services a person may want, none of them pushed."""

from django.db import models
from django.db.models import Q

from .places import Area
from .samples import holds_choices


class Service(models.Model):
    """One service with what it offers, when it is open, and when that was last confirmed."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    area = models.ForeignKey(Area, models.CASCADE, related_name="services")
    offers = models.JSONField(default=list)  # codes, see checking/helping.py
    phone = models.CharField(max_length=40, blank=True)
    text_line = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    # As `opening_notation` reads it; words that it cannot read are shown as they are, and claim nothing.
    hours = models.CharField(max_length=400, blank=True)
    hours_remark = models.CharField(max_length=200, blank=True)  # "ask for Ana", "last entry at half past three"
    time_zone = models.CharField(max_length=60, blank=True)  # of its clock; empty: open or closed cannot be told
    url = models.URLField(blank=True)
    languages = models.JSONField(default=list)
    last_confirmed_on = models.DateField(null=True, blank=True)  # None: nobody said when

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@holds_choices("kind")
class ServiceChange(models.Model):
    """One step in the life of a service: who changed what. It outlives the service, so that each step can be undone."""

    class Kind(models.TextChoices):
        ADDED = "added"
        EDITED = "edited"
        CONFIRMED = "confirmed"
        REMOVED = "removed"
        LOADED = "loaded"  # from a file
        UNDONE = "undone"

    slug = models.SlugField(max_length=80)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    before = models.JSONField(null=True)  # None: it was not there
    after = models.JSONField(null=True)  # None: it is not there any more
    recorded_at = models.DateTimeField()
    by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")  # None: a command
    undoes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="undone_by")

    class Meta:
        indexes = [models.Index(fields=["slug", "-id"], name="service_change_slug")]
        constraints = [
            models.CheckConstraint(
                condition=Q(before__isnull=False) | Q(after__isnull=False), name="service_change_of_something"
            )
        ]


class Holiday(models.Model):
    """A public holiday of an area and everything in it: "PH" in opening hours."""

    area = models.ForeignKey(Area, models.CASCADE, related_name="holidays")
    day = models.DateField()
    name = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["area", "day"], name="holiday_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}".strip()
