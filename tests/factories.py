"""Builders that make one sound thing. A test says only what it is about.

The cast: Harbour and Riverside are sites. Ada coordinates, Ben volunteers at Harbour, Cy subscribes,
Dee has no access.
"""

import json
from datetime import date
from typing import Any

from django.utils import timezone

from checking import bodies, catalogue, submission, tree
from checking.decoding import decode
from checking.models import Area, Membership, MethodScope, Site, Substance, SubstanceClass, User
from checking.models import Method as MethodRow
from checking.reference import load_reference

AREAS = (
    # slug, name, parent, population, is_release
    ("us", "United States", "", 331_000_000, False),
    ("us-pa", "Pennsylvania", "us", 13_000_000, False),
    ("us-pa-allegheny", "Allegheny", "us-pa", 1_250_000, True),
    ("us-pa-beaver", "Beaver", "us-pa", 168_000, True),
    ("us-va", "Virginia", "us", 8_600_000, False),
    ("us-va-roanoke", "Roanoke", "us-va", 100_000, True),
)


def make_vocabulary() -> None:
    """The real reference data: there already, but for tests that emptied the tables before."""
    if not Substance.objects.exists():
        load_reference()
    catalogue.forget()


def make_areas() -> dict[str, Area]:
    paths = tree.paths({row[0]: row[2] for row in AREAS}, {row[0]: place for place, row in enumerate(AREAS, 1)})
    areas: dict[str, Area] = {}
    for slug, name, parent, population, is_release in AREAS:
        codes = {"abbr": slug[-2:].upper()} if len(slug) == 5 else {}
        areas[slug] = Area.objects.get_or_create(
            slug=slug,
            defaults={
                "name": name, "parent": areas.get(parent), "path": paths[slug], "population": population,
                "is_release": is_release, "codes": codes,
            },
        )[0]  # fmt: skip
    return areas


def make_site(slug: str = "harbour", *, area: str = "us-pa-allegheny", **other: Any) -> Site:
    areas = make_areas()
    defaults = {"name": slug.capitalize(), "area": areas[area], "time_zone": "UTC", **other}
    return Site.objects.get_or_create(slug=slug, defaults=defaults)[0]


def make_person(name: str = "ada", role: str = Membership.Role.COORDINATOR, site: Site | None = None) -> User:
    user, is_new = User.objects.get_or_create(username=name)
    if is_new:
        user.set_password(PASSWORD)
        user.save()
    Membership.objects.get_or_create(user=user, site=site, role=role)
    return user


PASSWORD = "harbour lights at night"  # for tests only


def make_scope(lab: Site, method: str, target: str, *, since: date | None = None, **other: Any) -> MethodScope:
    substance = Substance.objects.filter(slug=target).first()
    named = {"substance": substance} if substance else {"substance_class": SubstanceClass.objects.get(slug=target)}
    return MethodScope.objects.create(lab=lab, method=MethodRow.objects.get(slug=method), since=since, **named, **other)


def today() -> date:
    return timezone.now().date()


def submit(body: dict[str, Any], site: Site, **source: Any) -> Any:
    """Enter a sample by the one door, and give back its receipt."""
    decoded = decode(json.dumps(body).encode(), bodies.NewSample)
    return submission.submit_sample(decoded, submission.Source(site=site, **source))
