"""Where one substance or class was found lately, by area, for a few lines on its page. Reads released rows only."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from .models import ReleasedShare
from .periods import monday
from .readings import Subject
from .trends import FAMILIES, Point, last_release

WEEKS = 13  # a quarter: single weeks hold a handful of samples each
MOST_AREAS = 8


@dataclass(frozen=True)
class Found:
    """How many samples it was found in, of those tested for it, in one area."""

    area: str
    point: Point


@dataclass(frozen=True)
class Summary:
    family: str  # of methods; families are never put together
    since: date
    until: date
    areas: tuple[Found, ...]  # most tested first
    left_out: int  # areas beyond those listed


def lately(subject: Subject) -> Summary | None:
    """The last weeks of release, by the first family of methods that has figures. None: there are none."""
    release = last_release()
    if release is None:
        return None
    since = date.fromordinal(monday(release.made_on).toordinal() - 7 * (WEEKS - 1))
    rows = ReleasedShare.objects.using("public").filter(
        subject=subject.slug,
        series="latest",
        material="product",
        period_start__gte=since,
        superseded_in__isnull=True,
    )
    sums = list(rows.values_list("family", "area").annotate(Sum("tested"), Sum("detected")))
    for family in FAMILIES:
        found = [Found(area, Point(since, *of)) for of_family, area, *of in sums if of_family == family and of[0]]
        if found:
            found.sort(key=lambda each: (-each.point.tested, each.area))
            left_out = max(0, len(found) - MOST_AREAS)
            return Summary(family, since, release.made_on, tuple(found[:MOST_AREAS]), left_out)
    return None
