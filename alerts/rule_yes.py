"""Whether two people's yes stands to the words a rule speaks in (docs/rules.md C1)."""

from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import F

from checking.models import Membership

from . import rule_words
from .models import RuleApproval, RuleWording

Role = Membership.Role
APPROVAL_LASTS = timedelta(days=183)  # six months (docs/rules.md C1)


class RuleApprovals:
    """Every rule's words and approvals as they are at one moment: two queries, however many rules are asked about."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._spoken: dict[str, str] = {}

    def is_approved(self, rule: str) -> bool:
        """Two people, one of them a community reviewer, said yes to these exact words within six months."""
        roles = {by: role for of, words, by, role in self._given if of == rule and words == self.spoken(rule)}
        return len(roles) >= 2 and Role.COMMUNITY_REVIEWER in roles.values()

    def spoken(self, rule: str) -> str:
        """The hash of the words the rule speaks in."""
        if rule not in self._spoken:
            self._spoken[rule] = rule_words.sha256_of(rule, self.own_words(rule))
        return self._spoken[rule]

    def own_words(self, rule: str) -> rule_words.OwnWords:
        """What its reviewers wrote last; empty: it speaks in the library's words."""
        return self._own.get(rule) or {}

    @cached_property
    def _own(self) -> dict[str, rule_words.OwnWords]:
        return dict(RuleWording.objects.order_by("pk").values_list("rule", "words"))  # the last of each rule holds

    @cached_property
    def _given(self) -> list[tuple[str, str, int, str]]:
        given = RuleApproval.objects.filter(
            at__gt=self._now - APPROVAL_LASTS,
            at__lte=self._now,
            by__is_active=True,
            by__memberships__role=F("role"),  # of a role that went, the yes went too
            role__in=[Role.REVIEWER, Role.COMMUNITY_REVIEWER],
        )
        return list(given.values_list("rule", "words_sha256", "by_id", "role"))


def is_approved(rule: str, now: datetime) -> bool:
    """The same of one rule alone."""
    return RuleApprovals(now).is_approved(rule)
