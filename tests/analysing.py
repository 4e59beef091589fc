"""Analysts, signed in, and samples whose results were known on a day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
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
    """As by a password and a code a moment ago."""
    with_second_factor(user)
    client = signed_in(user)
    session = client.session
    session["proved_at"] = session["second_proved_at"] = datetime.now(UTC).timestamp()
    session.save()
    return client


SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # for tests only


def with_second_factor(user: User) -> User:
    if not Authenticator.objects.filter(user=user).exists():
        TOTP.activate(user, SECRET)
        RecoveryCodes.activate(user)
    return user


def code_now(secret: str = SECRET) -> str:
    """What the app would show (RFC 6238)."""
    return format_hotp_value(hotp_value(secret, int(datetime.now(UTC).timestamp()) // 30))


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
