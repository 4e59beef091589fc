"""Rows for tests of what is published: many samples at once, straight into the tables."""

import itertools
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from checking import area_tree, catalogue, tree, trends
from checking.models import (
    Area,
    Expected,
    Finding,
    Method,
    OverdoseReport,
    Result,
    Sample,
    Site,
    Substance,
    SubstanceClass,
)
from checking.reference import load_reference

TODAY = date(2026, 11, 18)  # a Wednesday
AREAS = (
    # slug, name, parent, residents, is_release
    ("us", "United States", "", 331_000_000, False),
    ("us-pa", "Pennsylvania", "us", 13_000_000, False),
    ("us-pa-allegheny", "Allegheny", "us-pa", 1_250_000, True),
    ("us-pa-beaver", "Beaver", "us-pa", 168_000, True),
    ("us-va", "Virginia", "us", 8_600_000, False),
    ("us-va-roanoke", "Roanoke", "us-va", 100_000, True),
)
SITES = {
    "harbour": "us-pa-allegheny",
    "riverside": "us-pa-allegheny",
    "hill": "us-pa-beaver",
    "mill": "us-va-roanoke",
}
_bytes = itertools.count(1)


def make_network() -> dict[str, Site]:
    """Two sites in Allegheny, one each in Beaver and Roanoke."""
    if not Substance.objects.exists():
        load_reference()
    catalogue.forget()
    paths = tree.paths({row[0]: row[2] for row in AREAS}, {row[0]: place for place, row in enumerate(AREAS, 1)})
    areas: dict[str, Area] = {}
    for slug, name, parent, population, is_release in AREAS:
        areas[slug] = Area.objects.create(
            slug=slug,
            name=name,
            parent=areas.get(parent),
            path=paths[slug],
            population=population,
            is_release=is_release,
        )
    area_tree.forget()
    trends.forget()
    return {
        slug: Site.objects.create(slug=slug, name=slug.capitalize(), area=areas[area]) for slug, area in SITES.items()
    }


def make_sample(site: Site | str = "harbour", *, expected: Iterable[str] = ("cocaine",), **said: Any) -> Sample:
    site = site if isinstance(site, Site) else Site.objects.get(slug=site)
    area = said.pop("area", None)
    overdose = said.pop("overdose", None)
    defaults = {
        "collected_on": TODAY - timedelta(days=3),
        "recorded_at": _instant(said.pop("recorded_on", TODAY)),
        "geo_basis": "site",
        "client_hash": _hash(),
        "body_hash": b"\0" * 32,
    }
    sample = Sample.objects.create(
        site=site, area=Area.objects.get(slug=area) if area else site.area, **{**defaults, **said}
    )
    for slug in expected:
        Expected.objects.create(sample=sample, written=slug, **named(slug))
    if overdose is not None:
        OverdoseReport.objects.create(sample=sample, is_associated=overdose)
    return sample


def make_result(
    sample: Sample, *found: str, method: str = "gc-ms", amounts: dict[str, dict[str, Any]] | None = None, **said: Any
) -> Result:
    """`amounts`: columns of a finding, by what was found."""
    defaults = {
        "lab": sample.site,
        "site": sample.site,
        "outcome": "detected" if found else "not_detected",
        "performed_on": TODAY - timedelta(days=1),
        "chosen_because": "all",
        "recorded_at": _instant(said.pop("recorded_on", TODAY)),
        "client_hash": _hash(),
        "body_hash": b"\0" * 32,
        "id": uuid.uuid4(),
    }
    result = Result.objects.create(sample=sample, method=Method.objects.get(slug=method), **{**defaults, **said})
    for slug in found:
        of_class = SubstanceClass.objects.filter(slug=slug).exists()
        amount = (amounts or {}).get(slug, {})
        Finding.objects.create(result=result, identity="class_only" if of_class else "exact", **named(slug), **amount)
    return result


def make_many(sites: Iterable[str], *found: str, result: dict[str, Any] | None = None, **said: Any) -> list[Sample]:
    """One sample a site named, each with one lab result."""
    samples = [make_sample(site, **said) for site in sites]
    for sample in samples:
        make_result(sample, *found, **(result or {}))
    return samples


def named(slug: str) -> dict[str, Any]:
    substance = Substance.objects.filter(slug=slug).first()
    return {"substance": substance} if substance else {"substance_class": SubstanceClass.objects.get(slug=slug)}


def _hash() -> bytes:
    return next(_bytes).to_bytes(32, "big")


def _instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
