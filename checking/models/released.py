"""What everyone may see. Written by a release, never changed; read by the `public` connection.

The public tables hold slugs instead of keys: the public connection reads no other table to
understand a row. The ledger at the end is private: it says which sample stands in which cell, so
that nothing is counted twice and a correction finds its cell.
"""

from django.db import models

from .methods import Method
from .places import Site
from .samples import Finding, Result, Sample


class Release(models.Model):
    """One numbered, immutable step of publication."""

    number = models.PositiveIntegerField(primary_key=True)
    made_on = models.DateField()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"release {self.number}"


class Versioned(models.Model):
    """A row of the public figures.

    A row stands in the release that first published it (`batch`). A correction writes the next
    version in a later release and says so on the older row; the older row stays.
    """

    release = models.ForeignKey(Release, models.PROTECT, related_name="+")  # wrote this version
    batch = models.PositiveIntegerField(default=0)  # number of the release that published the first version
    version = models.PositiveSmallIntegerField(default=1)
    superseded_in = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="+")  # None: holds
    area = models.CharField(max_length=80)
    period_start = models.DateField()
    family = models.CharField(max_length=12, choices=Method.Family.choices)

    class Meta:
        abstract = True


def by_quarter(name: str) -> list[models.Index]:
    """Which quarters there are, and all of one, whatever they are of."""
    fields, holds = ["family", "period_start", "area"], models.Q(superseded_in__isnull=True)
    return [models.Index(fields=fields, condition=holds, name=name)]


class Cell(Versioned):
    """Samples tested for, and with, one substance or class: one cell of the public figures."""

    subject = models.CharField(max_length=120)  # slug of a substance or class
    tested = models.PositiveIntegerField()
    detected = models.PositiveIntegerField()

    class Meta:
        abstract = True


class ReleasedShare(Cell):
    """The *share* table and its *final* series."""

    class Series(models.TextChoices):
        LATEST = "latest"  # by week of release; `period_start` is its Monday
        FINAL = "final"  # by month of collection; `period_start` is its 1st

    series = models.CharField(max_length=6, choices=Series.choices)
    material = models.CharField(max_length=8, choices=Sample.Material.choices)

    class Meta:
        indexes = [
            # When there are figures of a kind in an area, and what the last weeks held.
            models.Index(fields=["series", "family", "material", "area", "period_start"], name="released_share_when"),
            models.Index(fields=["subject"], condition=models.Q(detected__gt=0), name="released_share_found"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "series",
                    "area",
                    "subject",
                    "family",
                    "material",
                    "period_start",
                    "batch",
                    "version",
                ],
                name="released_share_once",
            ),
            models.CheckConstraint(
                condition=models.Q(detected__lte=models.F("tested")), name="released_in_denominator"
            ),
        ]


class ReleasedExpected(Cell):
    """The *expected* table: what was found in products taken for a member of one class, by quarter of release."""

    expected = models.CharField(max_length=80)  # slug of a class

    class Meta:
        indexes = [
            # For which classes of expectation there are figures of a subject.
            models.Index(fields=["subject", "family", "expected", "area"], name="released_expected_classes"),
            *by_quarter("released_expected_when"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["area", "expected", "subject", "family", "period_start", "batch", "version"],
                name="released_expected_once",
            ),
            models.CheckConstraint(
                condition=models.Q(detected__lte=models.F("tested")), name="released_expected_in_denominator"
            ),
        ]


class ReleasedPair(Versioned):
    """The *pairs* table: what was found together in products tested for the same things, by quarter of release.

    `both` is a range where its number would point at a few samples (`checking/together.py`).
    """

    one = models.CharField(max_length=120)  # slugs; `one` comes first by its characters' numbers
    other = models.CharField(max_length=120)
    tested = models.PositiveIntegerField()
    with_one = models.PositiveIntegerField()
    with_other = models.PositiveIntegerField()
    both_low = models.PositiveIntegerField()
    both_high = models.PositiveIntegerField()

    class Meta:
        indexes = by_quarter("released_pair_when")
        constraints = [
            models.UniqueConstraint(
                fields=["area", "one", "other", "family", "period_start", "batch", "version"],
                name="released_pair_once",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    both_low__lte=models.F("both_high"),
                    both_high__lte=models.F("with_one"),
                    with_one__lte=models.F("tested"),
                    with_other__lte=models.F("tested"),
                )
                & models.Q(both_high__lte=models.F("with_other"))
                & ~models.Q(one=models.F("other")),
                name="released_pair_within",
            ),
        ]


class ReleasedAmount(Versioned):
    """The *amounts* table: how much was in products, in one unit, on one basis, by quarter of release.

    Neither the least nor the most: those are one sample's.
    """

    subject = models.CharField(max_length=120)  # slug of a substance
    kind = models.CharField(max_length=12, choices=Finding.AmountKind.choices)  # the unit
    basis = models.CharField(max_length=60)  # base, salt:<name>, unknown
    portion = models.CharField(max_length=5, choices=Finding.Portion.choices, blank=True)  # blank: not said
    measured = models.PositiveIntegerField()
    lower = models.DecimalField(max_digits=14, decimal_places=6)  # quartiles, in the unit
    median = models.DecimalField(max_digits=14, decimal_places=6)
    upper = models.DecimalField(max_digits=14, decimal_places=6)
    # "120:0-4 200:0-4": how many were above each published limit, from and to.
    over = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = by_quarter("released_amount_when")
        constraints = [
            models.UniqueConstraint(
                fields=["area", "subject", "kind", "basis", "portion", "family", "period_start", "batch", "version"],
                name="released_amount_once",
            ),
            models.CheckConstraint(
                condition=models.Q(lower__lte=models.F("median"), median__lte=models.F("upper")),
                name="released_amount_ascends",
            ),
        ]


class ReleaseCorrection(models.Model):
    """Why cells of an earlier release have a newer version. A code, for words could point at a person."""

    class Reason(models.TextChoices):
        CORRECTED = "corrected"  # a result was read or entered wrongly
        WITHDRAWN = "withdrawn"  # a result should not have been said

    release = models.ForeignKey(Release, models.PROTECT, related_name="corrections")
    batch = models.PositiveIntegerField()
    series = models.CharField(max_length=8)  # latest, final, expected, pairs, amounts
    area = models.CharField(max_length=80)
    period_start = models.DateField()
    family = models.CharField(max_length=12)
    reason = models.CharField(max_length=12, choices=Reason.choices)


class Coverage(models.Model):
    """A set of substances and classes some sample was tested for. Private; few sets recur endlessly."""

    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the sorted slugs
    subjects = models.JSONField()


class ReleasedSample(models.Model):
    """One sample in one method family, in one release. Private.

    A later result of the same family joins a later release with what it adds; the final series and
    the expected table then take both rows together, as one sample.
    """

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="released")
    family = models.CharField(max_length=12, choices=Method.Family.choices)
    material = models.CharField(max_length=8, choices=Sample.Material.choices)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    release = models.ForeignKey(Release, models.PROTECT, related_name="+")
    area = models.CharField(max_length=80)  # where it was published, which may be above where it was found
    period_start = models.DateField()
    coverage = models.ForeignKey(Coverage, models.PROTECT, related_name="+")  # tested for
    found = models.JSONField(default=list)  # detected among them
    final_release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="+")
    # When its quarter was told: what was expected, how much there was, and, of those all tested for it, what together.
    expected_release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="+")
    paired_release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["area", "family", "material", "period_start"], name="ledger_cell")]
        constraints = [
            models.UniqueConstraint(fields=["sample", "family", "release"], name="ledger_sample_once"),
        ]


class ReleasedResult(models.Model):
    """A result that stands in a release. Private."""

    result = models.OneToOneField(Result, models.CASCADE, related_name="released")
    entry = models.ForeignKey(ReleasedSample, models.CASCADE, related_name="results")
