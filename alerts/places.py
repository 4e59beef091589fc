"""Which place a result belongs to, and which place a notice about it may name (docs/rules.md C3)."""

from checking.models import Area, Site
from checking.tree import ancestors


def release_area(area: Area) -> Area | None:
    """The area itself or the nearest one above it that public figures use. None: there is none."""
    found: Area | None = Area.objects.filter(path__in=ancestors(area.path), is_release=True).order_by("path").last()
    return found


def history_area(area: Area) -> Area:
    """Where "first" is asked: the release area, else the area itself."""
    return release_area(area) or area


def place_for(area: Area, site: Site) -> Area | None:
    """The place a notice speaks for without a person. None: nobody chose one, so a person must.

    It is the release area; but where that has one site, is an event's or is community-governed, naming
    it would point at people, so it is the region chosen for it beforehand.
    """
    above = list(Area.objects.filter(path__in=ancestors(area.path)).select_related("speaks_for").order_by("-path"))
    home: Area | None = next((each for each in above if each.is_release), None)
    is_governed = any(each.governed_by for each in above)
    if home is not None and site.kind != Site.Kind.EVENT and not is_governed and _has_several_sites(home):
        return home
    chosen: Area | None = next((each.speaks_for for each in above if each.speaks_for is not None), None)
    return None if chosen is None or _is_anothers(chosen, above) else chosen


def _is_anothers(chosen: Area, above: list[Area]) -> bool:
    """A self-governing community that did not choose it itself: only its own people let it be named."""
    governing = {each.governed_by for each in Area.objects.filter(path__in=ancestors(chosen.path)) if each.governed_by}
    return bool(governing - {each.governed_by for each in above})


def _has_several_sites(area: Area) -> bool:
    """Sites people come to, week after week. A laboratory serves many areas; an event is soon over."""
    here = Site.objects.filter(area__in=Area.objects.within(area), is_training=False)
    here = here.exclude(kind__in=[Site.Kind.LAB, Site.Kind.EVENT])
    several: int = here[:2].count()
    return several > 1
