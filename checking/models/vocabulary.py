"""The words: substances, classes, the names people write, and what counts as mis-sold."""

from typing import Any

from django.db import models

from ..tree import TreeQuerySet


class Reviewed(models.Model):
    """A row of reference data: where it came from and who looked at it."""

    source = models.CharField(max_length=300, blank=True)
    checked_by = models.CharField(max_length=120, blank=True)  # blank: shown as unreviewed
    reviewed_on = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_reviewed(self) -> bool:
        return bool(self.checked_by)


class SubstanceClass(Reviewed):
    """A node of the class tree. Shares one namespace of slugs with Substance."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    name_es = models.CharField(max_length=120, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=120, unique=True)
    is_life_threatening = models.BooleanField(default=False)
    is_watched = models.BooleanField(default=False)

    objects: Any = TreeQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        verbose_name_plural = "substance classes"

    def __str__(self) -> str:
        return self.name


class Substance(Reviewed):
    """One compound, told apart by its InChIKey where it has one."""

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=160)
    say_aloud = models.CharField(max_length=160, blank=True)
    substance_class = models.ForeignKey(SubstanceClass, models.PROTECT, related_name="substances")
    role = models.CharField(max_length=20, blank=True)  # a hint only: role depends on the sample
    pubchem_cid = models.CharField(max_length=20, blank=True)
    cas = models.CharField(max_length=20, blank=True)
    unii = models.CharField(max_length=20, blank=True)
    inchikey = models.CharField(max_length=27, blank=True)
    # None: as the class says.
    life_threatening = models.BooleanField(null=True, blank=True)
    watched = models.BooleanField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SubstanceOrClass(models.Model):
    """A row that speaks of exactly one substance or one class."""

    substance = models.ForeignKey(Substance, models.PROTECT, null=True, blank=True, related_name="+")
    substance_class = models.ForeignKey(SubstanceClass, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True

    @staticmethod
    def one_of(table: str, *, or_none: bool = False) -> models.CheckConstraint:
        one = models.Q(substance__isnull=False, substance_class__isnull=True) | models.Q(
            substance__isnull=True, substance_class__isnull=False
        )
        neither = models.Q(substance__isnull=True, substance_class__isnull=True)
        return models.CheckConstraint(condition=one | neither if or_none else one, name=f"{table}_names_one")

    @property
    def named(self) -> "Substance | SubstanceClass | None":
        return self.substance or self.substance_class


class SubstanceName(SubstanceOrClass):
    """A name people write. `folded` is what is compared."""

    substance = models.ForeignKey(Substance, models.PROTECT, null=True, blank=True, related_name="names")

    class Kind(models.TextChoices):
        PREFERRED = "preferred"
        SYNONYM = "synonym"
        STREET = "street"
        MATCH_ONLY = "match_only"  # accepted when written, never shown
        IDENTIFIER = "identifier"  # CAS, UNII, PubChem CID, InChIKey

    written = models.CharField(max_length=200)
    folded = models.CharField(max_length=200, db_index=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    language = models.CharField(max_length=5, blank=True)  # blank: any

    class Meta:
        constraints = [SubstanceOrClass.one_of("name")]


class AmbiguousName(Reviewed):
    """A word that means several things (`ask`), a class, or several at once (`mixture`)."""

    class Kind(models.TextChoices):
        ASK = "ask"
        CLASS = "class"
        MIXTURE = "mixture"

    written = models.CharField(max_length=120)
    folded = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    means = models.JSONField()  # slugs of substances or classes


class NonSubstanceText(Reviewed):
    """A result text that names no substance, such as a null result."""

    written = models.CharField(max_length=120)
    folded = models.CharField(max_length=120, unique=True)
    meaning = models.CharField(max_length=200)


class AllowedWhenExpected(Reviewed):
    """What may be found in a sample expected to be X without being mis-sold."""

    expected = models.CharField(max_length=120)  # slug of a substance or class
    allowed = models.CharField(max_length=120)  # slug of a substance or class

    class Meta:
        verbose_name_plural = "allowed when expected"
        constraints = [models.UniqueConstraint(fields=["expected", "allowed"], name="allowed_once")]
