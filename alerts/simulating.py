"""What stands in for people on a simulated network: two reviewers who say yes to everything."""

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from checking.models import Area, Membership, Network, User
from checking.readings import Subject

from . import lifecycle, messages, rule_words
from .levels import USUAL
from .models import AlertEvent, RuleApproval, RuleSwitch
from .rules import SPEAKING

_REVIEWERS = (
    ("simulated-reviewer", Membership.Role.REVIEWER),
    ("simulated-community-reviewer", Membership.Role.COMMUNITY_REVIEWER),
)


class NotSimulated(Exception):
    """A real network takes people's approvals and nothing else."""


@transaction.atomic
def approve_all_rules() -> None:
    """Every rule's words approved by both, switched on everywhere, first hundred samples waived."""
    reviewers = simulated_reviewers()
    for rule in SPEAKING:
        for person, role in reviewers:
            RuleApproval.objects.update_or_create(
                rule=rule,
                words_sha256=rule_words.words_sha256(rule),
                by=person,
                defaults={"role": role, "at": timezone.now()},
            )
        RuleSwitch.objects.update_or_create(
            rule=rule, site=None, method=None, defaults={"is_on": True, "waives_first_hundred": True}
        )


@transaction.atomic
def say(*, area: Area, subject: Subject, level: str, expected: tuple[Subject, ...] = ()) -> AlertEvent:
    """Draft, approve and publish one made-up alert."""
    (author, _), (second, _) = simulated_reviewers()
    body = messages.compose(
        messages.Facts(
            kind="lab",
            expected=expected,
            found=(subject,),
            area=area.slug,
            area_name=area.name,
            week=messages.week_of(timezone.now().date()),
            rung="confirmed",
            network=Network.current().name,
            level=level,
            is_reviewed=True,
        )
    )
    alert = lifecycle.draft(by=author, area=area, level=level, body=body, cap=USUAL[level])
    lifecycle.propose(alert, by=author)
    content = lifecycle.latest(alert)
    for person in (author, second):
        lifecycle.approve(content, sha256=content.sha256, by=person, session_key=f"simulated {person.username}")
    return lifecycle.publish(alert, by=second)


def simulated_reviewers() -> list[tuple[User, str]]:
    """Two accounts nobody can sign in to. Raises NotSimulated on a real network."""
    if not Network.current().simulated:
        raise NotSimulated("Only a simulated network has simulated reviewers.")
    people = []
    for name, role in _REVIEWERS:
        person, _ = User.objects.get_or_create(
            username=name, defaults={"shown_name": "Simulated reviewer", "password": make_password(None)}
        )
        Membership.objects.get_or_create(user=person, site=None, role=role)
        people.append((person, str(role)))
    return people
