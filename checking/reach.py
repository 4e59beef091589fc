"""How far an analyst sees: their sites' samples, but not those from a self-governing community that is not theirs."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from .models import Area, Membership, Sample, Site
from .staff_rights import ANALYSING
from .tree import ancestors


@dataclass(frozen=True)
class Reach:
    """What one person may analyse, as keys."""

    sites: frozenset[int] | None  # None: every site
    closed_areas: frozenset[int]  # of communities whose own analysts alone see them
    communities: tuple[str, ...]  # names of those closed, for saying what is left out


def reach_of(user: Any) -> Reach:
    """Read anew at every request: a role taken away is gone at once."""
    held = Membership.objects.of(user).filter(role__in=ANALYSING).values_list("site_id", "site__area__path")
    rows = list(held)
    homes = [path for site, path in rows if site is not None]
    sites = None if any(site is None for site, _ in rows) else frozenset(site for site, _ in rows)
    return Reach(sites, *_closed(homes))


def _closed(homes: list[str]) -> tuple[frozenset[int], tuple[str, ...]]:
    """Areas of communities none of these homes lies in. The nearest community above an area decides for it.

    It goes by the area of the sample, as it was stated: never by where a site stands (docs/rules.md D1).
    """
    governed = {
        row["path"]: row["governed_by"] for row in Area.objects.exclude(governed_by="").values("path", "governed_by")
    }
    if not governed:
        return frozenset(), ()
    closed: set[int] = set()
    names: set[str] = set()
    for pk, path in Area.objects.values_list("pk", "path"):
        nearest = next((step for step in reversed(ancestors(path)) if step in governed), None)
        if nearest is not None and not any(home.startswith(nearest) for home in homes):
            closed.add(pk)
            names.add(governed[nearest])
    return frozenset(closed), tuple(sorted(names))


def sites_within(reach: Reach) -> "QuerySet[Site]":
    """Sites that can be chosen, by name. Training sites count for nothing."""
    sites = Site.objects.filter(is_training=False).order_by("name", "slug")
    return sites if reach.sites is None else sites.filter(pk__in=reach.sites)


def samples_within(reach: Reach) -> "QuerySet[Sample]":
    """Samples that may stand in a figure or an export of this person's, whole ones only.

    Left out are those that are not to be counted, known to be contaminated or linked to an overdose: also from exact
    rows, so that nobody can tell the last kind from the rest by what is missing where.
    """
    # Sites by key, not by a join: samples are indexed by site and day.
    sites = list(sites_within(reach).values_list("pk", flat=True))
    samples = Sample.objects.filter(site__in=sites, split_of__isnull=True, share=True, is_contaminated=False)
    samples = samples.exclude(overdose_report__is_associated=True)
    return samples.exclude(area__in=reach.closed_areas) if reach.closed_areas else samples
