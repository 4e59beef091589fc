"""People's yes to a rule and its exact words, without which it says nothing by itself (docs/rules.md C1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from checking import catalogue
from checking.models import Membership, Network, User

from . import messages, rule_words
from .approving import NotAllowed, NotReleased
from .models import RuleApproval
from .rights import APPROVING
from .rule_words import OwnWords
from .rule_yes import APPROVAL_LASTS, is_approved
from .rules import KINDS, SPEAKING

# What an example of each rule is about. Only the names change from notice to notice.
_EXAMPLES = {
    "lab_named_opioid": (("cocaine",), ("fentanyl",)),
    "ftir_and_strip_fentanyl": (("cocaine",), ("fentanyl",)),
    "watch_listed_by_lab": (("fentanyl",), ("medetomidine",)),
    "amount_over_threshold": (("mdma",), ("mdma",)),
}
_EXAMPLE_AMOUNT = "240 mg"


@dataclass(frozen=True)
class RuleState:
    """One rule, as those who approve it see it."""

    rule: str
    sha256: str  # of its exact words
    blocks: dict[str, dict[str, object]]  # an example in every language
    given: list[RuleApproval]  # for these words, the oldest first
    may_speak: bool
    until: datetime | None  # when the first of the approvals it has runs out

    def days_left(self, given: RuleApproval, now: datetime) -> int:
        """Whole days until this approval runs out; 0 or less: it has."""
        return (given.at + APPROVAL_LASTS - now).days


@transaction.atomic
def approve_rule(rule: str, *, sha256: str, by: User) -> RuleApproval:
    """One person's yes for six months to this rule in exactly these words. Saying it again renews it.

    A rule speaks wherever it is switched on, so the role has to be held for the whole network.
    """
    if rule not in SPEAKING or sha256 != rule_words.words_sha256(rule):
        raise NotReleased(_("The words have changed since they were shown. Please read them again."))
    approval, _is_new = RuleApproval.objects.update_or_create(
        rule=rule, words_sha256=sha256, by=by, defaults={"role": _role_of(by), "at": timezone.now()}
    )
    return approval


@transaction.atomic
def take_back_approval(rule: str, *, by: User) -> None:
    """The rule is quiet from here on, what waits in its hold included, unless two others stand behind it."""
    RuleApproval.objects.filter(rule=rule, by=by).delete()


def may_approve_rules(user: User) -> bool:
    return Membership.objects.of(user).filter(site__isnull=True, role__in=APPROVING).exists()


def states(now: datetime) -> list[RuleState]:
    return [_state(rule, now) for rule in SPEAKING]


def _state(rule: str, now: datetime) -> RuleState:
    sha256 = rule_words.words_sha256(rule)
    given = list(RuleApproval.objects.filter(rule=rule, words_sha256=sha256).select_related("by").order_by("at"))
    may_speak = is_approved(rule, now)
    blocks = example_of(rule, rule_words.own_words(rule), now)["blocks"]
    return RuleState(rule, sha256, blocks, given, may_speak, _first_end(given) if may_speak else None)


def _first_end(given: Iterable[RuleApproval]) -> datetime | None:
    return min((each.at + APPROVAL_LASTS for each in given), default=None)


def example_of(rule: str, own: OwnWords, now: datetime) -> dict[str, Any]:
    """The content of a notice this rule could make, in these words."""
    return messages.compose(example_facts(rule, now), own)


def example_facts(rule: str, now: datetime) -> messages.Facts:
    known = catalogue.current()
    expected, found = _EXAMPLES[rule]
    return messages.Facts(
        kind=KINDS[rule],
        expected=tuple(known.subject(slug) for slug in expected),
        found=tuple(known.subject(slug) for slug in found),
        area="",
        area_name="…",
        week=messages.week_of(now.date()),
        rung="presumptive" if rule == "ftir_and_strip_fentanyl" else "confirmed",
        network=Network.current().name,
        amount=_EXAMPLE_AMOUNT,
    )


def _role_of(user: User) -> str:
    held = set(Membership.objects.of(user).filter(site__isnull=True).values_list("role", flat=True))
    for role in APPROVING:
        if role in held:
            return str(role)
    raise NotAllowed(_("Only a reviewer or a community reviewer of the whole network can do this."))
