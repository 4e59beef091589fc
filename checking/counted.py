"""How many samples the public figures hold for a while and a place: for "that is too few to say much"."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Sum

from . import area_tree
from .models import ReleasedShare


def samples_counted(areas: Iterable[str], *, since: date) -> int:
    """At least this many samples were released for these areas since that day; no areas means everywhere.

    Figures count samples per subject and family of methods, so the total is not in them. The largest
    number tested for any one subject in one family is a floor: those were that many different samples.
    Of a corrected cell only the version that holds counts.
    """
    asked = list(areas)
    cells = ReleasedShare.objects.using("public").filter(
        series=ReleasedShare.Series.LATEST, period_start__gte=since, superseded_in__isnull=True
    )
    if asked:
        tree = area_tree.current(holding=asked)
        within = {inner for slug in asked for inner in tree.within(slug)}
        cells = cells.filter(area__in=within)
    most = cells.values("family", "subject").annotate(samples=Sum("tested")).order_by("-samples").first()
    return most["samples"] if most else 0
