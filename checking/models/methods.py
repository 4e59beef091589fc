"""How samples are read: methods, what each can see, what confuses it, what a lab looks for with it."""

from typing import Any

from django.db import models
from django.db.models import Q

from .vocabulary import Reviewed, SubstanceOrClass


class Method(Reviewed):
    """One way of reading a sample."""

    class Family(models.TextChoices):
        STRIP = "strip"
        REAGENT = "reagent"
        SPECTROSCOPY = "spectroscopy"
        LAB = "lab"

    class Tells(models.TextChoices):
        CLASS = "class"
        COMPOUND = "compound"

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    name_es = models.CharField(max_length=80, blank=True)
    family = models.CharField(max_length=12, choices=Family.choices)
    tells = models.CharField(max_length=8, choices=Tells.choices)
    measures_amount = models.BooleanField(default=False)
    # Names one compound exactly, so that it can make a finding `confirmed`.
    names_exactly = models.BooleanField(default=False)
    looks_broadly = models.BooleanField(default=False)  # reports whatever it recognises
    typical_limit = models.CharField(max_length=200, blank=True)  # in words, where no figure is sound

    class Meta:
        ordering = ["family", "name"]

    def __str__(self) -> str:
        return self.name


class MethodTarget(Reviewed, SubstanceOrClass):
    """What a method looks for, and down to what.

    The limit of detection (smallest amount reliably seen) and the cut-off (the strip's decision
    point, as the maker states it) are two things and kept apart. Blank means not known.
    """

    method = models.ForeignKey(Method, models.CASCADE, related_name="targets")
    is_full = models.BooleanField(default=True)  # False: never makes a denominator
    cutoff_ng_per_ml = models.FloatField(null=True, blank=True)
    # The largest credible published limit: what "could have missed" is computed from.
    limit_ng_per_ml = models.FloatField(null=True, blank=True)
    limit_w_w = models.FloatField(null=True, blank=True)  # share of the sample by mass, 0 to 1
    field_sensitivity = models.FloatField(null=True, blank=True)  # 0 to 1, published, in real use
    field_specificity = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [SubstanceOrClass.one_of("method_target")]


class MethodMiss(Reviewed, SubstanceOrClass):
    """Something a method is known not to see, though its name may suggest it."""

    method = models.ForeignKey(Method, models.CASCADE, related_name="misses")
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [SubstanceOrClass.one_of("method_miss")]


class Confuser(Reviewed, SubstanceOrClass):
    """Something that can make a method react though its target is not there."""

    method = models.ForeignKey(Method, models.CASCADE, related_name="confusers")
    from_mg_per_ml = models.FloatField(null=True, blank=True)  # None: at any strength
    brand = models.CharField(max_length=60, blank=True)  # blank: any brand
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [SubstanceOrClass.one_of("confuser")]


class MethodScopeQuerySet(models.QuerySet["MethodScope"]):
    def on(self, day: Any) -> "MethodScopeQuerySet":
        """Scopes in force on a day."""
        return self.filter(Q(since__isnull=True) | Q(since__lte=day)).filter(Q(until__isnull=True) | Q(until__gte=day))


class MethodScope(SubstanceOrClass):
    """What a lab looks for with a method, since and until when, down to what.

    A row without a lab is the reference scope: it stands in, marked as assumed, for a lab that
    has none of its own. A substance a lab did not look for yet was not "not detected".
    """

    lab = models.ForeignKey("Site", models.CASCADE, null=True, blank=True, related_name="scopes")
    method = models.ForeignKey(Method, models.CASCADE, related_name="scopes")
    since = models.DateField(null=True, blank=True)  # None: always
    until = models.DateField(null=True, blank=True)  # None: still; else the last day
    limit_w_w = models.FloatField(null=True, blank=True)
    is_full = models.BooleanField(default=True)  # partly covered: never a denominator
    runs_all = models.BooleanField(default=False)  # the lab runs this on every sample it gets

    objects: Any = MethodScopeQuerySet.as_manager()

    class Meta:
        constraints = [SubstanceOrClass.one_of("method_scope")]


class KitLot(models.Model):
    """One manufactured lot of strips. Never called a batch: that word is the drug's."""

    class State(models.TextChoices):
        UNVERIFIED = "unverified"  # counts as sound
        SOUND = "sound"
        SUSPECT = "suspect"

    method = models.ForeignKey(Method, models.PROTECT, related_name="lots")
    brand = models.CharField(max_length=60)
    lot = models.CharField(max_length=60)
    expires_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UNVERIFIED)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["method", "brand", "lot"], name="lot_once")]

    def __str__(self) -> str:
        return f"{self.brand} {self.lot}"
