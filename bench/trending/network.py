"""The made-up network of the trends benchmark: four regions of six release areas, three sites in each."""

from dataclasses import dataclass
from datetime import date, timedelta

HISTORY_ENDS = date(2026, 11, 15)  # a Sunday
RELEASED_ON = date(2026, 11, 18)  # history, all of it
NEXT_DAY = date(2026, 11, 19)  # the day whose samples the real release takes
DAYS = 3650
REGIONS, AREAS_IN_EACH, SITES_IN_EACH = 4, 6, 3


@dataclass(frozen=True)
class Made:
    """Slugs of release areas with their keys, and the keys of each area's sites."""

    areas: dict[str, int]
    sites: dict[str, list[int]]

    @property
    def slugs(self) -> list[str]:
        return list(self.areas)


def first_day() -> date:
    return HISTORY_ENDS - timedelta(days=DAYS - 1)


def make_network() -> Made:
    """Reference data, areas and sites. Needs an empty migrated database."""
    from checking import area_tree, catalogue, tree, trends
    from checking.models import Area, Network, Site
    from checking.reference import load_reference

    load_reference()
    catalogue.forget()
    rows = [("zz", "Made-up country", "", False)]
    for region in range(1, REGIONS + 1):
        rows.append((f"zz-{region}", f"Region {region}", "zz", False))
        for area in range(1, AREAS_IN_EACH + 1):
            rows.append((f"zz-{region}-{area}", f"County {region}.{area}", f"zz-{region}", True))  # noqa: PERF401
    paths = tree.paths({row[0]: row[2] for row in rows}, {row[0]: place for place, row in enumerate(rows, 1)})
    areas: dict[str, Area] = {}
    for slug, name, parent, is_release in rows:
        areas[slug] = Area.objects.create(
            slug=slug, name=name, parent=areas.get(parent), path=paths[slug], population=200_000, is_release=is_release
        )
    made = Made({row[0]: areas[row[0]].pk for row in rows if row[3]}, {})
    for slug in made.slugs:
        made.sites[slug] = [
            Site.objects.create(slug=f"{slug}-{letter}", name=f"{slug} {letter}", area=areas[slug]).pk
            for letter in "abcdefgh"[:SITES_IN_EACH]
        ]
    Network.objects.update_or_create(pk=Network.ROW, defaults={"simulated": True})
    area_tree.forget()
    trends.forget()
    return made
