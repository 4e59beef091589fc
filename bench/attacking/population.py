"""A made-up network, and what its sites are brought day by day.

Every site opens on days that anyone can read on its door, and all who attack the figures know them:
without that, a sum over two sites would say nothing of either, and the attack would fail too easily.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from checking import area_tree, tree
from checking.models import Area, Site
from tests.release_rows import make_result, make_sample

COUNTRY, REGION = "us", "us-pa"
# Weekdays, Monday is 0. One day in the week two sites of an area are open at once.
OPEN = (frozenset({0, 2, 4}), frozenset({1, 3, 4}))
# What is brought, how often, and how often each substance is in it.
BROUGHT = {
    "fentanyl": (5, {"fentanyl": 0.9, "xylazine": 0.3, "medetomidine": 0.35, "carfentanil": 0.01}),
    "cocaine": (3, {"cocaine": 0.9, "fentanyl": 0.04}),
    "alprazolam": (2, {"alprazolam": 0.6, "bromazolam": 0.3}),
}
# Products taken for cocaine go to a lab that looks for seven drugs, of what is brought here only for these: so not
# every week tells of every substance, and not every sample is among the pairs.
NARROW, NARROW_METHOD, NARROW_COVERS = "cocaine", "hplc-uv", frozenset({"cocaine", "fentanyl"})
SUBJECTS = ("fentanyl", "xylazine", "medetomidine", "carfentanil", "bromazolam")  # asked about, one by one


@dataclass(frozen=True)
class Brought:
    """One sample, as only its site should know it. It is checked and entered on the day it comes."""

    site: str
    day: date
    expected: str
    found: frozenset[str]
    percent: float = 0.0  # fentanyl by mass, where it was found


@dataclass(frozen=True)
class Doors:
    """What anyone can find out of the sites: where they are, and on which days they are open."""

    areas: dict[str, str]  # site -> release area
    weekdays: dict[str, frozenset[int]]

    def within(self, area: str) -> list[str]:
        """Sites in an area or in what lies within it."""
        is_above = area in {COUNTRY, REGION}
        return [site for site, place in self.areas.items() if is_above or place == area]

    def is_open(self, site: str, day: date) -> bool:
        return day.weekday() in self.weekdays[site]


def make_doors(areas: int) -> Doors:
    """So many areas in one region, two sites in each."""
    made = [_area(COUNTRY, 331_000_000)]
    made.append(_area(REGION, 13_000_000, made[0]))
    slugs = {"areas": {}, "weekdays": {}}
    parents = {COUNTRY: "", REGION: COUNTRY, **{f"county-{number}": REGION for number in range(areas)}}
    paths = tree.paths(parents, {slug: place for place, slug in enumerate(parents, 1)})
    for row in made:
        row.path = paths[row.slug]
        row.save()
    for number in range(areas):
        county = _area(f"county-{number}", 100_000, made[1], is_release=True)
        county.path = paths[county.slug]
        county.save()
        for place, weekdays in enumerate(OPEN):
            slug = f"site-{number}-{place}"
            Site.objects.create(slug=slug, name=slug, area=county)
            slugs["areas"][slug], slugs["weekdays"][slug] = county.slug, weekdays
    area_tree.forget()
    return Doors(**slugs)


def _area(slug: str, population: int, parent: Area | None = None, *, is_release: bool = False) -> Area:
    return Area(slug=slug, name=slug.capitalize(), parent=parent, population=population, is_release=is_release)


def days(first: date, number: int) -> Iterator[date]:
    return (first + timedelta(days=step) for step in range(number))


def bring(doors: Doors, day: date, per_week: float, chance: random.Random) -> list[Brought]:
    """What all open sites are brought on a day: `per_week` samples an area a week, on average."""
    per_opening = per_week / sum(len(weekdays) for weekdays in OPEN)
    brought = []
    for site in doors.areas:
        if doors.is_open(site, day):
            brought += [_one(site, day, chance) for _ in range(_poisson(per_opening, chance))]
    for each in brought:
        store(each)
    return brought


def store(brought: Brought) -> None:
    sample = make_sample(brought.site, expected=[brought.expected], collected_on=brought.day, recorded_on=brought.day)
    dates = {"performed_on": brought.day, "recorded_on": brought.day}
    method = NARROW_METHOD if brought.expected == NARROW else "lc-ms"
    measured = {"amount_kind": "percent_w_w", "basis": "base", "value": brought.percent}
    amounts = {"fentanyl": measured} if brought.percent else {}
    make_result(sample, *sorted(brought.found), method=method, amounts=amounts, **dates)


def _one(site: str, day: date, chance: random.Random) -> Brought:
    [expected] = chance.choices(list(BROUGHT), [weight for weight, _ in BROUGHT.values()])
    found = {slug for slug, share in BROUGHT[expected][1].items() if chance.random() < share}
    return Brought(site, day, expected, frozenset(found), round(chance.lognormvariate(2, 0.6), 2))


def _poisson(mean: float, chance: random.Random) -> int:
    """Arrivals in a unit of time with exponential gaps."""
    number, passed = 0, chance.expovariate(1.0)
    while passed < mean:
        number, passed = number + 1, passed + chance.expovariate(1.0)
    return number
