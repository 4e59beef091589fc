"""What a detector noticed, for a person to judge."""

from django.db import models
from django.db.models import Q

from checking.models.vocabulary import SubstanceOrClass


class Signal(SubstanceOrClass):
    """One thing noticed by one rule, with everything a person needs to judge it."""

    class State(models.TextChoices):
        OPEN = "open"
        DISMISSED = "dismissed"
        USED = "used"  # an alert was made of it
        MERGED = "merged"  # judged together with another, which stands for both

    rule = models.CharField(max_length=40)
    area = models.ForeignKey("checking.Area", models.PROTECT, related_name="signals")
    # None only for what people told of an alert: no site has to do with it.
    site = models.ForeignKey("checking.Site", models.PROTECT, null=True, blank=True, related_name="signals")
    expected = models.CharField(max_length=200, blank=True)  # slugs of what was expected, comma separated
    on = models.DateField()  # the day the result became visible here
    rung = models.CharField(max_length=12)  # reported, presumptive, confirmed
    summary = models.CharField(max_length=300)
    counts = models.JSONField(default=dict)  # what the rule counted, its baseline
    false_alarms = models.CharField(max_length=300, blank=True)  # how often this rule is wrong, in words
    may_speak = models.BooleanField(default=False)  # docs/rules.md C1: a rule could publish it
    held_back_by = models.JSONField(default=list)  # codes of the conditions that did not hold
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    # The alert made of it, or (for changed evidence, and what people told) the one it is about.
    alert = models.ForeignKey("Alert", models.SET_NULL, null=True, blank=True, related_name="signals")
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="merged")
    # Who is looking at it, so that two do not judge one thing.
    taken_by = models.ForeignKey("checking.User", models.SET_NULL, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    dismissed_because = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey("checking.User", models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    # Screening twice makes one signal: rule, subject and result in one unique text.
    fingerprint = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    results = models.ManyToManyField("checking.Result", related_name="signals")

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            SubstanceOrClass.one_of("signal", or_none=True),
            models.CheckConstraint(
                condition=Q(site__isnull=False) | Q(rule="reported"), name="signal_site_unless_told"
            ),
            # docs/rules.md C7: what people told never speaks, and is no surer than told.
            models.CheckConstraint(
                condition=~Q(rule="reported") | Q(rung="reported", may_speak=False), name="signal_told_is_silent"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "created_at"], name="signal_waiting"),
            models.Index(fields=["rule", "area", "on"], name="signal_rule_area"),
        ]

    def __str__(self) -> str:
        return self.summary
