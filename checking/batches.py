"""Which samples are published together, where, and in which week. Plain values in and out.

A release adds to an area either nothing or at least five samples (docs/rules.md D2). What cannot be
published where it was found waits for more, and after 28 days goes to the area above.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from .floors import DOMINANT, FEWEST, WAITS_DAYS


@dataclass(frozen=True, slots=True)
class Collector:
    """A site, as far as it matters here."""

    slug: str
    is_listed: bool = True
    publishes_alone: bool = False  # its written yes to be an area's only site


@dataclass(frozen=True, slots=True)
class Place:
    """An area in which samples may be published."""

    slug: str
    above: str | None = None  # None: nothing above may be published, so what is left waits
    depth: int = 0
    sites: frozenset[str] = frozenset()  # that are there, whether they brought anything lately or not


@dataclass(frozen=True, slots=True)
class Unit:
    """One sample in one method family that is ready to be published."""

    sample: UUID
    family: str
    material: str
    site: Collector
    area: str  # slug of the Place where it belongs
    since: date  # came in
    week: date  # Monday: this week, or for history the week its results were complete
    is_history: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Units published together."""

    area: str
    week: date  # Monday
    family: str
    material: str
    units: tuple[Unit, ...]


def may_stand(sites: Sequence[Collector]) -> bool:
    """True when this many samples, each given by its site, hide every site and sample enough.

    At least five; not one site's alone nor nearly so, unless it said yes; an unlisted site only
    among three or more.
    """
    if len(sites) < FEWEST:
        return False
    counts = Counter(sites)
    largest, brought = max(counts.items(), key=lambda item: (item[1], item[0].slug))
    if brought >= DOMINANT * len(sites) and not largest.publishes_alone:
        return False
    unlisted = [site for site in counts if not site.is_listed and not site.publishes_alone]
    return not unlisted or len(counts) >= 3


def plan(units: Iterable[Unit], places: Mapping[str, Place], today: date) -> list[Batch]:
    """All batches that may be published now. What is in none of them waits."""
    waiting: dict[str, list[tuple[Unit, int]]] = defaultdict(list)
    for unit in units:
        waiting[unit.area].append((unit, 1))
    batches: list[Batch] = []
    for place in sorted(places.values(), key=lambda place: (-place.depth, place.slug)):
        here = waiting.pop(place.slug, [])
        found, rest = _publish(place, [unit for unit, _ in here])
        batches += found
        if place.above is None:
            continue
        is_lonely = _is_lonely(place, rest)
        left = set(rest)
        for unit, steps in here:
            if unit not in left:
                continue
            if is_lonely:
                waiting[place.above].append((unit, steps))
            elif (today - unit.since).days > WAITS_DAYS * steps:
                waiting[place.above].append((unit, steps + 1))
    return batches


def _is_lonely(place: Place, units: Iterable[Unit]) -> bool:
    """True where one site alone checks, without its yes: waiting for others would be in vain."""
    brought = {unit.site for unit in units}
    return len(place.sites | {site.slug for site in brought}) == 1 and not any(site.publishes_alone for site in brought)


def _publish(place: Place, units: Iterable[Unit]) -> tuple[list[Batch], list[Unit]]:
    """What may be published in this place, and what is left."""
    groups: dict[tuple[str, str], list[Unit]] = defaultdict(list)
    for unit in units:
        groups[unit.family, unit.material].append(unit)
    batches: list[Batch] = []
    left: list[Unit] = []
    for (family, material), group in sorted(groups.items()):
        runs, rest = _runs_of_weeks(group)
        left += rest
        batches += [Batch(place.slug, max(unit.week for unit in run), family, material, tuple(run)) for run in runs]
    return batches, left


def _runs_of_weeks(units: Iterable[Unit]) -> tuple[list[list[Unit]], list[Unit]]:
    """Adjoining weeks put together until they may stand. History too thin at its end joins the run before."""
    by_week: dict[date, list[Unit]] = defaultdict(list)
    for unit in units:
        by_week[unit.week].append(unit)
    runs: list[list[Unit]] = []
    run: list[Unit] = []
    for week in sorted(by_week):
        run += by_week[week]
        if may_stand([unit.site for unit in run]):
            runs.append(run)
            run = []
    if run and runs and all(unit.is_history for unit in (*run, *runs[-1])):
        joined = runs[-1] + run
        if may_stand([unit.site for unit in joined]):
            runs[-1], run = joined, []
    return runs, run
