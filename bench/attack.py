"""Can anybody work out from what is public what one to four people brought? `python -m bench.attack`

A made-up network is brought samples day by day and makes a release every evening. A scraper keeps every
answer of every release. From them, the doors of all sites and the rule of releases the rows of a linear
program are built, and HiGHS is asked for each group of one to four samples of one site and day: the
least and the most it can be. None may be pinned. The same attacker is set on a view we do not have,
counts of the year to date told anew each day with "<5" in place of the small: there 30 % must be pinned,
or the attacker is too weak to show anything. A second attacker knows in which sums each sample stands.

Prints one JSON line; exits 1 where a group is pinned, a sample can be read, or the attacker is too weak.
"""

import argparse
import json
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.attacking.crawling import Scraper
    from bench.attacking.equations import Equations, Told
    from bench.attacking.population import Brought, Doors

FIRST = date(2026, 8, 10)  # so that 70 days hold a settled month and the end of a quarter, and 96 two months
NAIVE_AT_LEAST = 0.3  # of all protected groups the attacker must pin where figures are told naively
WITHIN_DAYS = (7, 14)


def _scraper() -> "Scraper":
    from bench.attacking.crawling import Scraper

    return Scraper()


@dataclass
class History:
    """What was brought, and all that a scraper was told of it."""

    doors: "Doors"
    brought: "list[Brought]" = field(default_factory=list)
    told: "dict[str, list[Told]]" = field(default_factory=dict)  # by substance
    scraper: "Scraper" = field(default_factory=_scraper)
    naive: list[tuple[date, str, dict[str, tuple[int, int]]]] = field(default_factory=list)  # day, area, by substance


def live(areas: int, number_of_days: int, per_week: float, chance: random.Random) -> History:
    """The network's days, each with a release and a look at everything told of each substance."""
    from bench.attacking import population
    from checking.release import make_release

    history = History(population.make_doors(areas))
    scraper = history.scraper
    for day in population.days(FIRST, number_of_days):
        history.brought += population.bring(history.doors, day, per_week, chance)
        if make_release(day) is not None:
            for subject, told in scraper.look(day).items():
                history.told.setdefault(subject, []).extend(told)
        history.naive += _naively(history, day)
    return history


def kinds() -> dict[str, frozenset[str]]:
    """What is brought, each with the classes it can be expected as."""
    from bench.attacking.population import BROUGHT
    from checking import catalogue

    known = catalogue.current()
    return {slug: frozenset(known.subject(slug).classes) for slug in BROUGHT}


def _naively(history: History, day: date) -> Iterable[tuple[date, str, dict[str, tuple[int, int]]]]:
    from bench.attacking.population import SUBJECTS

    for area in sorted(set(history.doors.areas.values())):
        here = [each for each in history.brought if history.doors.areas[each.site] == area]
        yield day, area, {slug: (len(here), sum(slug in each.found for each in here)) for slug in SUBJECTS}


def areas_of(history: History) -> list[str]:
    from bench.attacking.population import COUNTRY, REGION

    return [COUNTRY, REGION, *sorted(set(history.doors.areas.values()))]


# The attacks


def attack_releases(history: History, chance: random.Random) -> dict[str, Any]:
    from bench.attacking.equations import from_releases
    from bench.attacking.population import SUBJECTS

    found: Counter[str] = Counter()
    for subject in SUBJECTS:
        told = history.told.get(subject, [])
        rows = from_releases(history.told[SUBJECTS[0]], told, history.doors, FIRST, kinds())
        found.update(attack(rows, history, subject, chance))
    return dict(found)


def attack_naive(history: History, chance: random.Random) -> dict[str, Any]:
    from bench.attacking.equations import from_naive
    from bench.attacking.population import SUBJECTS

    found: Counter[str] = Counter()
    for subject in SUBJECTS:
        daily = [(day, area, *counts[subject]) for day, area, counts in history.naive]
        found.update(attack(from_naive(daily, history.doors), history, subject, chance))
    return dict(found)


def attack(rows: "Equations", history: History, subject: str, chance: random.Random) -> Counter[str]:
    """How many groups there are to protect, and how many of them are pinned; the same of whole sites."""
    from bench.attacking.solving import Program

    program = Program(rows)
    seen = {(unknown.site, unknown.day) for unknown in program.places}
    groups: dict[Any, Sequence[int]] = {}
    counts: Counter[str] = Counter()
    for is_detected in (False, True):
        meant = [each for each in history.brought if subject in each.found] if is_detected else history.brought
        for (site, day), number in Counter((each.site, each.day) for each in meant).items():
            if number <= 4:
                counts["groups"] += 1
                if (site, day) in seen:  # the others were told of by nobody
                    groups[site, day, is_detected] = program.of(site, day, detected=is_detected)
    ranges = program.ranges(groups, chance)
    counts["pinned"] += sum(each.is_pinned for each in ranges.values())
    for site, total in Counter(each.site for each in history.brought).items():
        range_ = program.range_of(program.of(site, None, detected=False))
        counts["sites"] += 1
        counts["sites_pinned"] += range_.low >= 0.8 * total and range_.high <= 1.2 * total
    return counts


def attack_pairs(history: History) -> dict[str, int]:
    """Mixtures of one to four samples that follow from what was found together: as told, and from exact numbers."""
    from bench.attacking.compositions import exactly, pinned
    from bench.attacking.population import SUBJECTS

    told = history.scraper.pairs.values()
    naive = [
        [each.found for each in history.brought if history.doors.areas[each.site] == area]
        for area in sorted(set(history.doors.areas.values()))
    ]
    return {
        "tables": len(told),
        "pairs": sum(len(pairs) for pairs in told),
        "pinned": sum(len(pinned(pairs)) for pairs in told),
        "naive_pinned": sum(len(pinned(exactly(found, SUBJECTS))) for found in naive),
    }


# What it costs


def shares_public_within(history: History) -> dict[str, float]:
    """Of all samples that had the time, the share that was public so many days after it was brought."""
    from checking.models import ReleasedSample

    rows = ReleasedSample.objects.order_by("release_id").values_list("sample__collected_on", "release__made_on")
    waits = [(made - collected).days for collected, made in rows]
    last = max(each.day for each in history.brought)
    found = {}
    for days in WITHIN_DAYS:
        had_time = sum(each.day <= last - timedelta(days=days) for each in history.brought)
        public = sum(
            wait <= days and collected <= last - timedelta(days=days)
            for wait, (collected, _) in zip(waits, rows, strict=True)
        )
        found[f"public_within_{days}_days"] = round(public / had_time, 4)
    return found


def run(areas: int, number_of_days: int, per_week: float, seed: int) -> dict[str, Any]:
    """All of it on the database that is there, which should hold reference data and nothing else."""
    from bench.attacking.population import SUBJECTS
    from bench.attacking.readable import samples_in_small_differences

    chance = random.Random(seed)
    history = live(areas, number_of_days, per_week, chance)
    return {
        "samples": len(history.brought),
        "released": attack_releases(history, chance),
        "naive": attack_naive(history, chance),
        "untold_by_files": history.scraper.untold_by_files(areas_of(history), SUBJECTS),
        "readable": samples_in_small_differences(),
        "mixtures": attack_pairs(history),
        **shares_public_within(history),
    }


def faults(found: dict[str, Any]) -> list[str]:
    released, naive = found["released"], found["naive"]
    said = []
    if released["pinned"]:
        said.append(f"{released['pinned']} of {released['groups']} groups are pinned")
    if released["sites_pinned"]:
        said.append(f"{released['sites_pinned']} totals of sites are pinned within 20 %")
    if found["readable"]:
        said.append(f"{len(found['readable'])} differences are about fewer than five samples")
    mixtures = found["mixtures"]
    if mixtures["pinned"]:
        said.append(f"{mixtures['pinned']} mixtures of one to four samples follow from the pairs")
    if mixtures["tables"] and not mixtures["naive_pinned"]:
        said.append("the attacker is too weak: reads no mixture from exact numbers of pairs")
    if found["untold_by_files"]:
        said.append(f"{len(found['untold_by_files'])} answers do not follow from the files")
    if naive["pinned"] < NAIVE_AT_LEAST * naive["groups"]:
        said.append(f"the attacker is too weak: pins {naive['pinned']} of {naive['groups']} of a naive view")
    return said


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--areas", type=int, default=12)
    parser.add_argument("--days", type=int, default=182)
    parser.add_argument(
        "--per-week", type=float, default=6.4, help="samples an area a week; 6.4 in 12 areas are 4,000 a year"
    )
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="headsup-attack-") as folder:
        os.environ.update(DATA_DIR=folder, DJANGO_SETTINGS_MODULE="tests.settings")
        import django

        django.setup()
        from django.core.management import call_command
        from django.test.utils import setup_test_environment

        setup_test_environment()
        call_command("migrate", verbosity=0)
        call_command("load_reference", verbosity=0)
        found = run(asked.areas, asked.days, asked.per_week, asked.seed)
    said = faults(found)
    print(json.dumps({**found, "faults": said}, default=str))
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
