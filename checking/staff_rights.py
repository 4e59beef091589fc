"""Who of the staff may do what, and where. Read anew at every request: a role taken away is gone at once."""

from typing import Any

from django.db.models import Q, QuerySet

from . import area_tree
from .models import Membership, Result, Sample, Service, Site
from .tree import successor

Role = Membership.Role
ENTERING = (Role.COLLECTOR, Role.CHEMIST, Role.COORDINATOR)
IMPORTING = (Role.CHEMIST, Role.COORDINATOR)
KEEPING = (Role.CHEMIST, Role.COORDINATOR)  # quality control and strip lots
ANALYSING = (Role.ANALYST, Role.COORDINATOR)
REVIEWING = (Role.REVIEWER, Role.COMMUNITY_REVIEWER)


def is_staff_here(user: Any) -> bool:
    """True for whoever has any role at all."""
    return bool(Membership.objects.of(user).exists())


def sites_for_entering(user: Any) -> "QuerySet[Site]":
    """Where this person enters results; with such a role for the network, everywhere."""
    held = Membership.objects.of(user).filter(role__in=ENTERING)
    if held.filter(site__isnull=True).exists():
        return Site.objects.order_by("name")
    return Site.objects.filter(pk__in=held.values("site")).order_by("name")


def samples_for(user: Any) -> "QuerySet[Sample]":
    """Samples this person may see and add to: those of their own sites."""
    return Sample.objects.filter(site__in=sites_for_entering(user)).select_related("site", "area")


def results_for(user: Any) -> "QuerySet[Result]":
    """Results this person may correct or take back: those their own sites sent."""
    results: QuerySet[Result] = Result.objects.filter(site__in=sites_for_entering(user))
    return results.select_related("sample__site", "sample__area", "site", "method", "lot", "lab")


def results_seen_by(user: Any) -> "QuerySet[Result]":
    """Results whose files this person may see: those their own sites sent, or read in their lab."""
    sites = sites_for_entering(user)
    results: QuerySet[Result] = Result.objects.filter(Q(site__in=sites) | Q(lab__in=sites))
    return results.select_related("sample__site", "sample__area", "site", "method", "lot", "lab")


def labs_kept_by(user: Any) -> "QuerySet[Site]":
    """Where this person enters checks of quality and says how often they are due."""
    held = Membership.objects.of(user).filter(role__in=KEEPING)
    if held.filter(site__isnull=True).exists():
        return Site.objects.order_by("name")
    return Site.objects.filter(pk__in=held.values("site")).order_by("name")


def may_keep_quality(user: Any) -> bool:
    """True for a chemist or coordinator, anywhere: a lot's fault found at one site is everyone's."""
    return bool(Membership.objects.of(user).filter(role__in=KEEPING).exists())


def sites_for_importing(user: Any) -> "QuerySet[Site]":
    """Where this person brings tables in; with such a role for the network, everywhere."""
    held = Membership.objects.of(user).filter(role__in=IMPORTING)
    if held.filter(site__isnull=True).exists():
        return Site.objects.order_by("name")
    return Site.objects.filter(pk__in=held.values("site")).order_by("name")


def may_review(user: Any) -> bool:
    return bool(Membership.objects.of(user).filter(role__in=REVIEWING).exists())


def may_coordinate_network(user: Any) -> bool:
    """True for a coordinator of the whole network, who keeps sites, people and services."""
    return bool(Membership.objects.of(user).filter(role=Role.COORDINATOR, site__isnull=True).exists())


def may_analyse(user: Any) -> bool:
    """True for an analyst or coordinator, anywhere: how far they see is `reach.reach_of`."""
    return bool(Membership.objects.of(user).filter(role__in=ANALYSING).exists())


def sites_coordinated_by(user: Any) -> "QuerySet[Site]":
    """Where this person coordinates; with that role for the network, everywhere."""
    held = Membership.objects.of(user).filter(role=Role.COORDINATOR)
    if held.filter(site__isnull=True).exists():
        return Site.objects.order_by("name")
    return Site.objects.filter(pk__in=held.values("site")).order_by("name")


def may_keep_services(user: Any) -> bool:
    """True for a coordinator, of the network or of a site."""
    return bool(Membership.objects.of(user).filter(role=Role.COORDINATOR).exists())


def services_kept_by(user: Any) -> "QuerySet[Service]":
    """Services this person edits: with the role for the network all, else those in the areas of their sites."""
    rows: QuerySet[Service] = Service.objects.select_related("area")
    roots = _areas_coordinated(user)
    if roots is None:
        return rows
    within = Q(pk__in=())
    for path in roots:
        within |= Q(area__path__gte=path, area__path__lt=successor(path))
    return rows.filter(within)


def may_keep_services_of(user: Any, area: str) -> bool:
    """Whether this person edits services of this area."""
    roots = _areas_coordinated(user)
    path = area_tree.current(holding=[area]).paths.get(area)
    return path is not None and (roots is None or any(root <= path < successor(root) for root in roots))


def _areas_coordinated(user: Any) -> list[str] | None:
    """The paths of the areas of this coordinator's sites; None for the whole network."""
    held = Membership.objects.of(user).filter(role=Role.COORDINATOR)
    if held.filter(site__isnull=True).exists():
        return None
    return list(held.values_list("site__area__path", flat=True))
