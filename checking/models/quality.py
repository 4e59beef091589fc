"""Whether a method read right: checks of quality, second readings, what was said of a lot, raw files."""

from django.db import models
from django.db.models import Q

from .methods import KitLot, Method
from .places import Site
from .samples import Result, Sample, holds_choices


@holds_choices("kind")
class QualityCheck(models.Model):
    """One check that a method reads right at a lab. Never edited: a check entered wrongly is withdrawn."""

    class Kind(models.TextChoices):
        BLANK = "blank"  # nothing in it, and nothing may be seen
        POSITIVE_CONTROL = "positive_control"  # something known in it, which must be seen
        BACKGROUND = "background"  # FTIR: the empty crystal

    lab = models.ForeignKey(Site, models.PROTECT, related_name="quality_checks")
    method = models.ForeignKey(Method, models.PROTECT, related_name="+")
    lot = models.ForeignKey(KitLot, models.PROTECT, null=True, blank=True, related_name="quality_checks")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    has_passed = models.BooleanField()
    done_on = models.DateField()
    recorded_at = models.DateTimeField()
    entered_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.CharField(max_length=300, blank=True)
    withdrawn_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["lab", "method", "done_on"], name="quality_lab_method_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawn_because=""), name="quality_withdrawn_has_reason"
            )
        ]


@holds_choices("kind")
class QualityPlan(models.Model):
    """How often a lab means to check a method, from a day on. The latest of these holds.

    Without a plan only a failed check speaks against a result.
    """

    lab = models.ForeignKey(Site, models.CASCADE, related_name="quality_plans")
    method = models.ForeignKey(Method, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=QualityCheck.Kind.choices)
    # A passed check holds for its own day and so many after. None: there is no plan any more.
    every_days = models.PositiveSmallIntegerField(null=True, blank=True)
    since = models.DateField()  # results of earlier days are judged by the plan of their day
    recorded_at = models.DateTimeField()
    entered_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["lab", "method"], name="quality_plan_lab_method")]
        constraints = [
            models.CheckConstraint(
                condition=Q(every_days__isnull=True) | Q(every_days__gte=1), name="quality_plan_days"
            ),
        ]


class SecondReading(models.Model):
    """What a second person read, without knowing what the first had."""

    result = models.OneToOneField(Result, models.CASCADE, related_name="second_reading")
    agrees = models.BooleanField()
    recorded_at = models.DateTimeField()
    read_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")


@holds_choices("state")
class LotMark(models.Model):
    """What was said of a lot, by whom and why. The lot's own state is the latest of these."""

    lot = models.ForeignKey(KitLot, models.CASCADE, related_name="marks")
    state = models.CharField(max_length=10, choices=KitLot.State.choices)
    reason = models.CharField(max_length=300)
    recorded_at = models.DateTimeField()
    by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="lot_mark_has_reason")]


@holds_choices("kind")
class Attachment(models.Model):
    """A spectrum or chromatogram: for staff only, and never the bytes that were uploaded."""

    class Kind(models.TextChoices):
        SPECTRUM = "spectrum"  # written anew as JCAMP-DX from the numbers that were read
        IMAGE = "image"  # a PNG drawn anew from its pixels

    result = models.ForeignKey(Result, models.CASCADE, related_name="attachments")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    instrument = models.CharField(max_length=80, blank=True)
    library_version = models.CharField(max_length=80, blank=True)
    recorded_at = models.DateTimeField()
    entered_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["result", "sha256"], name="attachment_once")]


class WorklistDismissal(models.Model):
    """Something to check again that a person set aside. What comes in later for the sample is asked about anew."""

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="dismissals")
    item = models.CharField(max_length=64)  # `follow_up.Waiting.key`: why, and which results
    because = models.CharField(max_length=300)
    recorded_at = models.DateTimeField()
    by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sample", "item"], name="dismissal_once"),
            models.CheckConstraint(condition=~Q(because=""), name="dismissal_has_reason"),
        ]
