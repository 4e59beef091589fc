"""Analysts, signed in, and samples whose results were known on a day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.test import Client

from checking.models import Membership, Result, Sample, Screening, Site, User
from tests.factories import make_person
from tests.release_rows import TODAY, make_result, make_sample


def analyst(name: str = "nora", *sites: str, role: str = "analyst") -> User:
    """For the network, or for the sites named."""
    for slug in sites:
        make_person(name, role, Site.objects.get(slug=slug))
    return User.objects.get(username=name) if sites else make_person(name, role)


def also_at(user: User, site: str, role: str = "analyst") -> User:
    Membership.objects.create(user=user, site=Site.objects.get(slug=site), role=role)
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def signed_in_now(user: User) -> Client:
    """As by a password a moment ago."""
    client = signed_in(user)
    session = client.session
    session["proved_at"] = datetime.now(UTC).timestamp()
    session.save()
    return client


def checked(
    site: str = "harbour", *found: str, days_ago: int = 60, after: int = 3, result: dict[str, Any] | None = None,
    **sample: Any,
) -> Sample:  # fmt: skip
    """A sample of so many days ago with a lab's result, known so many days after."""
    day = TODAY - timedelta(days=days_ago)
    made = make_sample(site, **{"collected_on": day, "form": "powder", **sample})
    row = make_result(made, *found, performed_on=day + timedelta(days=after), **(result or {}))
    known(row, day + timedelta(days=after))
    return made


def known(result: Result, on: date) -> None:
    Screening.objects.create(result=result, visible_from=datetime(on.year, on.month, on.day, 12, tzinfo=UTC))
