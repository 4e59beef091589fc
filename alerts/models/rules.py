"""Rules that may speak by themselves: who approved the exact words, and where they are switched on."""

from django.db import models
from django.db.models import Q


class RuleWording(models.Model):
    """What a rule says in its reviewers' own words, from here on. The newest of a rule holds; none is changed."""

    rule = models.CharField(max_length=40)
    words = models.JSONField(blank=True)  # by language, as `alerts.rule_words` keeps them; {}: the library's again
    by = models.ForeignKey("checking.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    because = models.CharField(max_length=300)


class RuleApproval(models.Model):
    """One person's yes to one rule with exactly these words. Good for six months."""

    rule = models.CharField(max_length=40)
    words_sha256 = models.CharField(max_length=64)
    by = models.ForeignKey("checking.User", models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)  # the role it was given in
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "words_sha256", "by"], name="rule_approval_once")]


class RuleSwitch(models.Model):
    """A rule is on for a site and method. No site or no method: for all of them."""

    rule = models.CharField(max_length=40)
    site = models.ForeignKey("checking.Site", models.CASCADE, null=True, blank=True, related_name="+")
    method = models.ForeignKey("checking.Method", models.CASCADE, null=True, blank=True, related_name="+")
    is_on = models.BooleanField(default=True)
    waives_first_hundred = models.BooleanField(default=False)  # simulated networks only

    class Meta:
        verbose_name_plural = "rule switches"
        constraints = [
            models.UniqueConstraint(fields=["rule", "site", "method"], name="rule_switch_once"),
            models.UniqueConstraint(
                fields=["rule", "site"], condition=Q(method__isnull=True), name="rule_switch_site_once"
            ),
            models.UniqueConstraint(
                fields=["rule", "method"], condition=Q(site__isnull=True), name="rule_switch_method_once"
            ),
            models.UniqueConstraint(
                fields=["rule"],
                condition=Q(site__isnull=True, method__isnull=True),
                name="rule_switch_everywhere_once",
            ),
        ]
