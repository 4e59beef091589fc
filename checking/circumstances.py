"""What changed around the figures: which scopes began or ended, and which strips were in use.

Written with a release, from what stands in it. A scope is told where its lab, a listed one, read five
samples or more of the area in that one release. Strips are told by quarter, once it is over, and only what
most samples were checked with, where those hide every site and sample (`batches.may_stand`): no number of
samples goes with it, so nothing can be taken from anything.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db.models import Count

from . import catalogue
from .batches import Collector, may_stand
from .floors import FEWEST
from .models import MethodScope, Release, ReleasedResult, ReleasedScope, ReleasedStrip, Site
from .periods import Interval, belongs_to, following, monday

_HALF = 0.5
_THURSDAY = timedelta(days=3)  # a week belongs to its Thursday's quarter

Lot = tuple[str, str]  # brand and lot; empty where nobody said
Used = dict[tuple[str, str, date], dict[Lot, Counter[Collector]]]  # by area, method and quarter


def write_circumstances(release: Release) -> None:
    """Tell with this release what there is to tell. Runs in the transaction that writes it."""
    ReleasedScope.objects.bulk_create(_scopes(release), ignore_conflicts=True)
    ReleasedStrip.objects.bulk_create(_strips(release), ignore_conflicts=True)


# Scopes


def _scopes(release: Release) -> list[ReleasedScope]:
    read = (
        ReleasedResult.objects.filter(
            entry__release=release, result__lab__is_listed=True, result__lab__is_training=False
        )
        .values_list("entry__area", "entry__family", "result__lab")
        .annotate(samples=Count("entry__sample", distinct=True))
    )
    areas_of: dict[tuple[int, str], list[str]] = defaultdict(list)
    for area, family, lab, samples in read:
        if samples >= FEWEST:
            areas_of[lab, family].append(area)
    rows = MethodScope.objects.filter(lab__in={lab for lab, _ in areas_of}, is_full=True)
    told = []
    for lab, family, substance, class_, since, until in rows.values_list(
        "lab", "method__family", "substance__slug", "substance_class__slug", "since", "until"
    ):
        ended = until + timedelta(days=1) if until else None
        for day, is_opened in ((since, True), (ended, False)):
            if day is None or day > release.made_on:
                continue
            told += [
                ReleasedScope(
                    release=release, area=area, family=family, subject=substance or class_, week=monday(day),
                    is_opened=is_opened,
                )
                for area in areas_of.get((lab, family), ())
            ]  # fmt: skip
    return told


# Strips


def _strips(release: Release) -> list[ReleasedStrip]:
    quarters = _quarters_over(release)
    if not quarters:
        return []
    methods = catalogue.current().methods
    told = []
    for (area, method, quarter), lots in sorted(_used(quarters).items()):
        if not may_stand(_each(lots.values())):
            continue
        brand, lot = _mostly(lots)
        told += [
            ReleasedStrip(
                release=release, area=area, subject=target.subject.slug, quarter=quarter, brand=brand, lot=lot
            )
            for target in methods[method].targets
        ]
    return told


def _quarters_over(release: Release) -> list[date]:
    """Quarters to tell of with this release: those that ended since the last, and those that history fell into."""
    this = belongs_to(monday(release.made_on), Interval.QUARTER)
    last = Release.objects.filter(number__lt=release.number).order_by("-number").first()
    weeks = ReleasedResult.objects.filter(entry__release=release, entry__family="strip")
    quarters = {
        belongs_to(week, Interval.QUARTER) for week in weeks.values_list("entry__period_start", flat=True).distinct()
    }
    quarter = belongs_to(monday(last.made_on), Interval.QUARTER) if last else this
    while quarter < this:
        quarters.add(quarter)
        quarter = following(quarter, Interval.QUARTER)
    return sorted(each for each in quarters if each < this)


def _used(quarters: Iterable[date]) -> Used:
    """How many samples of each site were checked with which strips."""
    sites = {
        row.pk: Collector(row.slug, row.is_listed, row.publishes_alone)
        for row in Site.objects.only("slug", "is_listed", "publishes_alone")
    }
    used: Used = defaultdict(lambda: defaultdict(Counter))
    for quarter in quarters:
        rows = ReleasedResult.objects.filter(
            entry__family="strip",
            entry__period_start__gte=quarter - _THURSDAY,
            entry__period_start__lt=following(quarter, Interval.QUARTER) - _THURSDAY,
        ).values_list("entry__area", "result__method__slug", "result__lot__brand", "result__lot__lot", "entry__site")
        for area, method, brand, lot, site, samples in rows.annotate(Count("entry__sample", distinct=True)):
            used[area, method, quarter][brand or "", lot or ""][sites[site]] += samples
    return used


def _each(counts: Iterable[Counter[Collector]]) -> list[Collector]:
    """Every sample by its site."""
    return [site for count in counts for site in count.elements()]


def _mostly(lots: Mapping[Lot, Counter[Collector]]) -> Lot:
    """The brand, and the lot of it, that most samples were checked with; empty where there is none or it may not be
    told."""
    everything = sum(count.total() for count in lots.values())
    brands: dict[str, list[Counter[Collector]]] = defaultdict(list)
    for (brand, _), count in lots.items():
        brands[brand].append(count)
    brand, counts = max(brands.items(), key=lambda item: (sum(each.total() for each in item[1]), item[0]))
    if not _is_most(counts, everything):
        return "", ""
    (_, lot), count = max(
        ((key, count) for key, count in lots.items() if key[0] == brand), key=lambda item: (item[1].total(), item[0])
    )
    return brand, lot if _is_most([count], everything) else ""


def _is_most(counts: list[Counter[Collector]], everything: int) -> bool:
    return sum(each.total() for each in counts) > _HALF * everything and may_stand(_each(counts))
