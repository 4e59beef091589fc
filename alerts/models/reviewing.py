"""What reviewers were asked for, and what became of what rules said by themselves."""

from django.db import models

from .alerts import Alert


class ReviewerPage(models.Model):
    """Reviewers were called to a warning that is out on one person's word."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="pages")
    after_hours = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    mailed = models.PositiveIntegerField(default=0)  # how many were written to; the desk shows it to all

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "after_hours"], name="reviewer_page_once")]


class NoticeOutcome(models.Model):
    """Whether a lab bore out what a rule said by itself, as far as is known."""

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed"
        NOT_CONFIRMED = "not_confirmed"
        NEVER_TESTED = "never_tested"

    alert = models.OneToOneField(Alert, models.CASCADE, related_name="outcome")
    outcome = models.CharField(max_length=15, choices=Outcome.choices)
    counted_on = models.DateField()
