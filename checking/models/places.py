"""Where samples come from: the network, its areas and its sites."""

import uuid
from typing import Any

from django.db import models

from ..tree import TreeQuerySet
from .vocabulary import SubstanceOrClass


class Network(models.Model):
    """The one row that says what this installation is and how it decides."""

    ROW = 1

    name = models.CharField(max_length=100, default="Headsup")
    simulated = models.BooleanField(default=False)  # banner on every page, header on every answer
    stream = models.UUIDField(default=uuid.uuid4)  # changes after a restore, so that readers resync
    hold_minutes = models.PositiveIntegerField(default=15)  # before a rule speaks by itself
    caps = models.BooleanField(default=True)  # how often rules may speak in one area
    burn_in_tested = models.PositiveIntegerField(default=30)  # before "first" means something
    burn_in_days = models.PositiveIntegerField(default=90)
    reference_version = models.PositiveIntegerField(default=0)  # goes up when reference data is loaded

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="network_one_row")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> "Network":
        return cls.objects.get_or_create(pk=cls.ROW)[0]


class Watched(SubstanceOrClass):
    """A substance or class this network watches beside those the vocabulary marks."""

    network = models.ForeignKey(Network, models.CASCADE, related_name="watch_list", default=Network.ROW)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "watched"
        constraints = [SubstanceOrClass.one_of("watched")]


class Threshold(models.Model):
    """An amount in one whole unit from which a network wants to hear."""

    class Level(models.TextChoices):
        CAUTION = "caution"
        WARNING = "warning"

    network = models.ForeignKey(Network, models.CASCADE, related_name="thresholds", default=Network.ROW)
    substance = models.ForeignKey("Substance", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)  # Finding.AmountKind: mg_per_unit, ug_per_unit
    above = models.DecimalField(max_digits=12, decimal_places=4)
    basis = models.CharField(max_length=60)  # `base` or `salt:<name>`, as findings have it
    level = models.CharField(max_length=10, choices=Level.choices)
    source = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "substance", "kind", "level"], name="threshold_once"),
        ]


class AreaQuerySet(TreeQuerySet):
    def release_areas(self) -> "AreaQuerySet":
        return self.filter(is_release=True)


class Area(models.Model):
    """A place in the tree: country, region, county. Public figures use release areas only."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=30, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=120, unique=True)
    population = models.PositiveIntegerField(null=True, blank=True)
    codes = models.JSONField(default=dict, blank=True)  # {"fips": "42003", "abbr": "PA"}
    is_release = models.BooleanField(default=False)
    # The region a notice from here names, where the area itself would point at a person.
    speaks_for = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    governed_by = models.CharField(max_length=120, blank=True)  # a self-governing community

    objects: Any = AreaQuerySet.as_manager()

    class Meta:
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A place or service that checks drugs, or a laboratory."""

    class Kind(models.TextChoices):
        FIXED = "fixed"
        MOBILE = "mobile"
        MAIL_IN = "mail_in"
        EVENT = "event"
        LAB = "lab"

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.FIXED)
    area = models.ForeignKey(Area, models.PROTECT, related_name="sites")
    is_listed = models.BooleanField(default=True)  # named in public lists
    publishes_alone = models.BooleanField(default=False)  # its written yes to be an area's only site
    is_training = models.BooleanField(default=False)  # nothing from here speaks or is counted
    time_zone = models.CharField(max_length=60, default="UTC")
    ends_on = models.DateField(null=True, blank=True)  # events only

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["fixed", "mobile", "mail_in", "event", "lab"]), name="site_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.name
