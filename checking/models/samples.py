"""Samples, results, findings. Nothing here says who brought a sample.

A result is never edited. A correction is a new result that points at the old one; a withdrawal is
a row beside it. What is current, and what was current at an instant, are questions on the queryset.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from .methods import KitLot, Method
from .places import Area, Site
from .vocabulary import SubstanceOrClass

M = TypeVar("M", bound=models.Model)


def holds_choices(*fields: str) -> Callable[[type[M]], type[M]]:
    """Hold the choices of these fields in the database too."""

    def add(model: type[M]) -> type[M]:
        for name in fields:
            field: Any = model._meta.get_field(name)
            values = [value for value, _ in field.choices or ()]
            if field.blank:
                values.append("")
            known = models.CheckConstraint(
                condition=Q(**{f"{name}__in": values}), name=f"{model._meta.model_name}_{name}_known"
            )
            model._meta.constraints = [*model._meta.constraints, known]
        return model

    return add


class Entry(models.TextChoices):
    """How something came in. Only what was entered singly and promptly may speak by itself."""

    SINGLE = "single"
    LATE = "late"  # from a queue older than a day
    BULK = "bulk"
    IMPORT = "import"


class ImportRun(models.Model):
    """One import of history. With `is_replay`, the watcher judges it as if it had come in by day."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="imports")
    file_format = models.CharField(max_length=20)
    is_replay = models.BooleanField(default=False)
    burn_in = models.PositiveIntegerField(null=True, blank=True)  # None: as the network has it
    started_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True, blank=True)  # all rows in
    screened_at = models.DateTimeField(null=True, blank=True)  # all rows judged


@holds_choices("form", "carrier", "material", "geo_basis", "entry")
class Sample(models.Model):
    """The small portion handed over."""

    class Form(models.TextChoices):
        POWDER = "powder"
        CRYSTAL = "crystal"
        ROCK = "rock"
        TABLET = "tablet"
        CAPSULE = "capsule"
        BLOTTER = "blotter"
        LIQUID = "liquid"
        TAR = "tar"
        PLANT = "plant"
        EDIBLE = "edible"
        VAPE = "vape"
        OTHER = "other"
        UNKNOWN = "unknown"

    class Carrier(models.TextChoices):
        PRODUCT = "product"
        BAG = "bag"
        COOKER = "cooker"
        COTTON = "cotton"
        PIPE = "pipe"
        SYRINGE = "syringe"
        SWAB = "swab"
        SPATULA = "spatula"
        CONTAINER = "container"
        STRIP_SOLUTION = "strip_solution"
        OTHER = "other"
        UNKNOWN = "unknown"

    class Material(models.TextChoices):
        PRODUCT = "product"
        RESIDUE = "residue"

    class GeoBasis(models.TextChoices):
        STATED = "stated"
        SITE = "site"  # nobody said: the site's own area

    # Carriers that have held other things before: what is read there may be from earlier use.
    RESIDUE_CARRIERS = ("cooker", "cotton", "pipe", "syringe", "swab", "strip_solution")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="samples")
    area = models.ForeignKey(Area, models.PROTECT, related_name="samples")
    geo_basis = models.CharField(max_length=6, choices=GeoBasis.choices)
    collected_on = models.DateField(null=True, blank=True)  # None only where history never said
    form = models.CharField(max_length=10, choices=Form.choices, default=Form.UNKNOWN)
    carrier = models.CharField(max_length=16, choices=Carrier.choices, default=Carrier.UNKNOWN)
    material = models.CharField(max_length=8, choices=Material.choices, default=Material.PRODUCT)
    colours = models.JSONField(default=list, blank=True)
    imprint = models.CharField(max_length=60, blank=True)
    size_mm = models.FloatField(null=True, blank=True)
    mass_mg = models.FloatField(null=True, blank=True)
    share = models.BooleanField(default=True)  # may be counted in public figures
    is_contaminated = models.BooleanField(default=False)  # known; stays out of figures
    split_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="splits")
    entry = models.CharField(max_length=6, choices=Entry.choices, default=Entry.SINGLE)
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, blank=True, related_name="samples")
    recorded_at = models.DateTimeField()
    entered_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")
    # Hashes only: of the id the client made, of the body it sent, of the code the person holds.
    client_hash = models.BinaryField(max_length=32)
    body_hash = models.BinaryField(max_length=32)
    code_hash = models.BinaryField(max_length=32, null=True, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["site", "collected_on"], name="sample_site_day"),
            models.Index(fields=["area", "collected_on"], name="sample_area_day"),
            # The few that no figure rests on: each release asks whether it held any.
            models.Index(fields=["recorded_at"], condition=Q(share=False), name="sample_not_shared"),
            models.Index(fields=["recorded_at"], condition=Q(is_contaminated=True), name="sample_contaminated"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["site", "client_hash"], name="sample_client_once"),
            models.CheckConstraint(condition=Q(mass_mg__isnull=True) | Q(mass_mg__gt=0), name="sample_mass_positive"),
            models.CheckConstraint(condition=Q(size_mm__isnull=True) | Q(size_mm__gt=0), name="sample_size_positive"),
            models.CheckConstraint(condition=~Q(split_of=F("id")), name="sample_split_of_another"),
        ]


class Expected(SubstanceOrClass):
    """What the person took a sample for. Neither: a word that names no substance we know."""

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="expected")
    written = models.CharField(max_length=200, blank=True)  # private: as it was written

    class Meta:
        constraints = [SubstanceOrClass.one_of("expected", or_none=True)]


class OverdoseReport(models.Model):
    """Whether an overdose was reported with a sample. No row: nobody asked. Apart, so that it can go."""

    sample = models.OneToOneField(Sample, models.CASCADE, related_name="overdose_report")
    is_associated = models.BooleanField()


class ResultQuerySet(models.QuerySet["Result"]):
    def current(self) -> "ResultQuerySet":
        """Neither corrected by a newer result nor withdrawn."""
        return self.filter(
            ~Exists(Result.objects.filter(corrects=OuterRef("pk"))),
            ~Exists(Withdrawal.objects.filter(result=OuterRef("pk"))),
        )

    def as_of(self, instant: datetime) -> "ResultQuerySet":
        """What stood at an instant: visible by then, and not yet corrected or withdrawn."""
        return self.filter(
            Exists(Screening.objects.filter(result=OuterRef("pk"), visible_from__lte=instant)),
            ~Exists(Result.objects.filter(corrects=OuterRef("pk"), screening__visible_from__lte=instant)),
            ~Exists(Withdrawal.objects.filter(result=OuterRef("pk"), recorded_at__lte=instant)),
        )

    def waiting(self) -> "ResultQuerySet":
        """Not looked at yet. What a replay brings in waits for its own turn; what is added to it later does not."""
        replaying = ImportRun.objects.filter(
            pk=OuterRef("sample__import_run"), is_replay=True, screened_at__isnull=True
        )
        return self.filter(~Exists(replaying), screening__isnull=True)


@holds_choices("outcome", "chosen_because", "test_line", "entry")
class Result(models.Model):
    """One method on one sample."""

    class Outcome(models.TextChoices):
        DETECTED = "detected"
        NOT_DETECTED = "not_detected"
        INCONCLUSIVE = "inconclusive"
        INVALID = "invalid"
        CONSISTENT_WITH = "consistent_with"  # reagents only
        NOT_CONSISTENT = "not_consistent"  # reagents only

    class TestLine(models.TextChoices):
        CLEAR = "clear"
        FAINT = "faint"
        ABSENT = "absent"

    class Because(models.TextChoices):
        ALL = "all"
        RANDOM = "random"
        STRIP_POSITIVE = "strip_positive"
        HARM = "harm"
        SURPRISE = "surprise"
        UNKNOWN = "unknown"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sample = models.ForeignKey(Sample, models.CASCADE, related_name="results")
    method = models.ForeignKey(Method, models.PROTECT, related_name="results")
    lab = models.ForeignKey(Site, models.PROTECT, related_name="lab_results")
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    performed_on = models.DateField(null=True, blank=True)
    completed_on = models.DateField(null=True, blank=True)
    chosen_because = models.CharField(max_length=16, choices=Because.choices)
    control = models.BooleanField(null=True, blank=True)  # strips: did the control line show
    test_line = models.CharField(max_length=6, choices=TestLine.choices, blank=True)
    lot = models.ForeignKey(KitLot, models.PROTECT, null=True, blank=True, related_name="results")
    sample_mg = models.FloatField(null=True, blank=True)
    is_weighed = models.BooleanField(default=False)  # a scoop is not a weight
    diluent_ml = models.FloatField(null=True, blank=True)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="corrected_by")
    correction_reason = models.CharField(max_length=300, blank=True)
    entry = models.CharField(max_length=6, choices=Entry.choices, default=Entry.SINGLE)
    recorded_at = models.DateTimeField()
    entered_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")
    client_hash = models.BinaryField(max_length=32)
    body_hash = models.BinaryField(max_length=32)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")  # who sent it; scopes client_hash

    objects: Any = ResultQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["recorded_at"], name="result_recorded")]  # the watcher looks at the latest
        constraints = [
            models.UniqueConstraint(fields=["site", "client_hash"], name="result_client_once"),
            models.CheckConstraint(condition=~Q(corrects=F("id")), name="result_corrects_another"),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True) | ~Q(correction_reason=""), name="correction_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(sample_mg__isnull=True) | Q(sample_mg__gt=0), name="result_mass_positive"
            ),
            models.CheckConstraint(
                condition=Q(diluent_ml__isnull=True) | Q(diluent_ml__gt=0), name="result_diluent_positive"
            ),
            # A strip's outcome follows from its lines; nothing else may be stored beside them.
            models.CheckConstraint(
                condition=Q(test_line="")
                | Q(control=False, outcome="invalid")
                | Q(control=True, test_line="absent", outcome="detected")
                | Q(control=True, test_line__in=["clear", "faint"], outcome="not_detected"),
                name="strip_outcome_follows_lines",
            ),
        ]

    @property
    def concentration_mg_per_ml(self) -> float | None:
        """How strong the tested mix was; None where mass or water is not known."""
        if self.sample_mg is None or self.diluent_ml is None:
            return None
        return self.sample_mg / self.diluent_ml


class Withdrawal(models.Model):
    """A result taken back: it should not have been said."""

    result = models.OneToOneField(Result, models.CASCADE, related_name="withdrawal")
    reason = models.CharField(max_length=300)
    recorded_at = models.DateTimeField()
    entered_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")


class Screening(models.Model):
    """A result was looked at by the watcher. Results without one wait.

    `visible_from` is stamped when the row is written, after the result is committed: the
    database's own "now" is the start of a transaction, so late commits would backdate themselves.
    """

    result = models.OneToOneField(Result, models.CASCADE, primary_key=True, related_name="screening")
    visible_from = models.DateTimeField(db_index=True)


@holds_choices("identity", "amount_kind", "portion")
class Finding(SubstanceOrClass):
    """What one result says of one substance or class."""

    class Identity(models.TextChoices):
        EXACT = "exact"
        CLASS_ONLY = "class_only"
        TENTATIVE = "tentative"
        ISOMER_NOT_DETERMINED = "isomer_not_determined"

    class AmountKind(models.TextChoices):
        RELATIVE = "relative"
        PERCENT_FTIR = "percent_ftir"
        PERCENT_W_W = "percent_w_w"
        MG_PER_UNIT = "mg_per_unit"
        UG_PER_UNIT = "ug_per_unit"
        MG_PER_G = "mg_per_g"

    class Rank(models.TextChoices):
        PRIMARY = "primary"
        MAJOR = "major"
        MINOR = "minor"
        TRACE = "trace"

    class Portion(models.TextChoices):
        WHOLE = "whole"
        PART = "part"

    result = models.ForeignKey(Result, models.CASCADE, related_name="findings")
    is_detected = models.BooleanField(default=True)  # False: looked for and not found, down to `limit`
    identity = models.CharField(max_length=24, choices=Identity.choices, default=Identity.EXACT)
    amount_kind = models.CharField(max_length=12, choices=AmountKind.choices, blank=True)  # blank: none given
    rank = models.CharField(max_length=8, choices=Rank.choices, blank=True)  # for kind `relative`
    value = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)  # in the kind's unit
    low = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    high = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    basis = models.CharField(max_length=60, blank=True)  # base, salt:<name>, unknown
    unit_mass_mg = models.FloatField(null=True, blank=True)
    portion = models.CharField(max_length=5, choices=Portion.choices, blank=True)
    limit_value = models.FloatField(null=True, blank=True)
    limit_unit = models.CharField(max_length=20, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["substance", "result"], name="finding_substance"),
            models.Index(fields=["substance_class", "result"], name="finding_class"),
        ]
        constraints = [
            SubstanceOrClass.one_of("finding"),
            models.CheckConstraint(condition=Q(value__isnull=True) | Q(value__gte=0), name="finding_value_positive"),
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lte=F("high")), name="finding_low_high"
            ),
            models.CheckConstraint(
                condition=~Q(amount_kind="relative") | Q(rank__in=["primary", "major", "minor", "trace"]),
                name="finding_rank",
            ),
            models.CheckConstraint(
                condition=Q(is_detected=True) | Q(amount_kind=""), name="finding_absent_has_no_amount"
            ),
        ]
