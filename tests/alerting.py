"""Builders for alerts that go through the real door, and for results that rules may speak of."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.utils import timezone

from alerts import lifecycle, messages, rule_words
from alerts.models import Alert, RuleApproval, RuleSwitch, Subscription
from alerts.rules import SPEAKING
from alerts.screening import screen_waiting
from checking import catalogue
from checking.models import Area, Membership, Network, Site, User
from tests.factories import make_areas, make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body


def make_reviewers() -> tuple[User, User]:
    """Ben reviews, Ada reviews as a community reviewer."""
    return make_member("ben", "reviewer"), make_member("ada", "community_reviewer")


def make_member(name: str, role: str, site: Site | None = None) -> User:
    """Someone with a role who need not sign in: hashing a password takes longer than most tests."""
    user, _ = User.objects.get_or_create(username=name)
    Membership.objects.get_or_create(user=user, site=site, role=role)
    return user


def body_of(
    found: str = "fentanyl", *, area: str = "us-pa-allegheny", level: str = "notice", **other: Any
) -> dict[str, Any]:
    known = catalogue.current()
    facts: dict[str, Any] = {
        "kind": "lab",
        "expected": (known.subject("cocaine"),),
        "found": (known.subject(found),),
        "area": area,
        "area_name": Area.objects.get(slug=area).name,
        "week": "2026-W47",
        "rung": "confirmed",
        "network": "Headsup",
        "level": level,
        "is_reviewed": True,
        **other,
    }
    return messages.compose(messages.Facts(**facts))


STRIP_WORDS = {"found": "fentanyl_type_opioid", "kind": "strip", "strip": "fentanyl-strip", "rung": "presumptive"}


def draft(
    level: str = "caution",
    *,
    by: User | None = None,
    area: str = "us-pa-allegheny",
    words: Mapping[str, Any] = MappingProxyType({}),
    **other: Any,
) -> Alert:
    make_vocabulary()
    areas = make_areas()
    body = body_of(area=area, level=level, **words)
    return lifecycle.draft(by=by or make_reviewers()[0], area=areas[area], level=level, body=body, **other)


def approve(alert: Alert, person: User, session: str = "") -> Any:
    content = lifecycle.latest(alert)
    return lifecycle.approve(content, sha256=content.sha256, by=person, session_key=session or f"session {person.pk}")


def publish(level: str = "caution", **other: Any) -> Alert:
    """An alert that is out, approved by both."""
    ben, ada = make_reviewers()
    alert = draft(level, **other)
    approve(alert, ben)
    approve(alert, ada)
    lifecycle.publish(alert, by=ben)
    alert.refresh_from_db()
    return alert


def subscribe(*, areas: tuple[str, ...] = (), level: str = "caution", **other: Any) -> Subscription:
    asked = {"transport": "email", "level": level, **other}
    return Subscription.objects.create(sealed_address=b"sealed", areas=list(areas), is_confirmed=True, **asked)


def make_ready(*, hold: int = 0, caps: bool = True, rules: tuple[str, ...] = SPEAKING) -> Site:
    """A simulated network where rules are approved and on, and an area with two sites. Gives one of them."""
    make_vocabulary()
    network = Network.current()
    network.simulated, network.hold_minutes, network.caps = True, hold, caps
    network.save()
    for rule in rules:
        approve_rule(rule)
        RuleSwitch.objects.get_or_create(rule=rule, defaults={"waives_first_hundred": True})
    make_site("riverside")
    return make_site("harbour")


def begin_to_hold() -> None:
    """From here on a notice waits a minute: without a hold it is out before anybody can do anything."""
    network = Network.current()
    network.hold_minutes = 1
    network.save()


def approve_rule(rule: str, at: datetime | None = None) -> None:
    for person, role in zip(make_reviewers(), ("reviewer", "community_reviewer"), strict=True):
        RuleApproval.objects.create(
            rule=rule, words_sha256=rule_words.words_sha256(rule), by=person, role=role, at=at or timezone.now()
        )


def check(
    *results: dict[str, Any], site: Site, expected: tuple[str, ...] = ("cocaine",), source: Any = None, **other: Any
) -> Any:
    """Submit one sample and let the watcher look at it."""
    receipt = submit(sample_body(*results, expected=expected, **other), site, **(source or {}))
    screen_waiting()
    return receipt


def check_fentanyl_in_cocaine(site: Site, **other: Any) -> Any:
    return check(lab_body(("fentanyl",)), site=site, **other)


def later(**delta: float) -> datetime:
    return timezone.now() + timedelta(**delta)
