"""Fill an empty database with the simulated network, through the same doors as real data."""

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from django.core.management import call_command
from django.utils import timezone

from checking import bodies, catalogue, demo_network, submission
from checking.accepting import Source, accept_sample
from checking.demo_network import LAB, MEDETOMIDINE_SCOPE_FROM, WEEKS
from checking.keeping_services import confirm_service
from checking.models import Area, Holiday, Network, Sample, Screening, Site
from checking.models.samples import Entry
from checking.networks import forget
from checking.places import load_areas, load_scopes
from checking.reference import DATA, load_reference
from checking.release import make_release
from checking.rows import SampleRows

from . import lifecycle
from .screening import screen_waiting
from .simulating import say, simulated_reviewers

AT_ONCE = 200
DAYS_LEFT_TO_SCREEN = 10  # what came in lately is screened in the usual way, so that staff find signals
COMPLETED_AT = time(16, tzinfo=UTC)
LOOKED_FOR = (
    "opioid", "opioid_antagonist", "fentanyl_related", "benzodiazepine", "barbiturate", "xylazine", "sedative_other",
    "gabapentinoid", "stimulant", "entactogen", "psychedelic", "dissociative", "cannabinoid", "other_psychoactive",
    "medicine", "industrial_chemical",
)  # fmt: skip


SAID = (
    # area, found, expected, level, has run its course
    ("lakeland-harbour", "medetomidine", "fentanyl", "caution", True),
    ("lakeland-hills", "bromazolam", "alprazolam", "notice", False),
    ("lakeland-river", "n-desethyl-isotonitazene", "oxycodone", "caution", False),
)


class NotEmptyError(Exception):
    """The simulated network is made in an empty database only."""


def fill(*, today: date, progress: Callable[[int], None]) -> int:
    """Make the whole network. Gives the number of samples. Raises NotEmptyError."""
    if Sample.objects.exists() or Site.objects.exists():
        raise NotEmptyError("There are sites or samples here already.")
    load_reference()
    Network.current()
    Network.objects.update(simulated=True, name="Headsup demo network")
    forget()
    _places(today)
    number = _samples(today, progress)
    while screen_waiting():
        pass
    _alerts()
    make_release(today)
    return number


def _alerts() -> None:
    """What such a network would have said lately, through the same steps as any alert."""
    known = catalogue.current()
    for area, found, expected, level, is_over in SAID:
        event = say(
            area=Area.objects.get(slug=area),
            subject=known.subject(found),
            expected=(known.subject(expected),),
            level=level,
        )
        if is_over:
            (reviewer, _), *_ = simulated_reviewers()
            lifecycle.end_alert(event.alert, by=reviewer, because="Nothing new was reported.")


def _places(today: date) -> None:
    with tempfile.TemporaryDirectory() as folder:
        areas = Path(folder) / "areas.csv"
        header = ("slug", "name", "kind", "parent", "population", "release", "speaks_for")
        rows = ((*row[:5], "yes" if row[5] else "no", row[6]) for row in demo_network.AREAS)
        _write(areas, header, rows)
        load_areas(areas)
        for site in demo_network.SITES:
            call_command(
                "make_site", slug=site.slug, name=site.name, area=site.area, kind=site.kind, publish_alone=True,
                time_zone="America/New_York", verbosity=0,
            )  # fmt: skip
        scopes = Path(folder) / "scopes.csv"
        opened = _monday(today) - timedelta(weeks=WEEKS - 1 - MEDETOMIDINE_SCOPE_FROM)
        looked_for: list[tuple[str, ...]] = [(LAB, "gc-ms", target, "", "yes", "yes") for target in LOOKED_FOR]
        looked_for.append((LAB, "gc-ms", "medetomidine", opened.isoformat(), "yes", "yes"))
        _write(scopes, ("lab", "method", "target", "since", "full", "runs_all"), looked_for)
        load_scopes(scopes)
    _services(today)


def _services(today: date) -> None:
    """Help nearby, confirmed so many days ago that every age is in sight."""
    call_command("load_services", str(DATA / "demo" / "services.csv"), verbosity=0)
    for slug, days in demo_network.CONFIRMED_DAYS_AGO.items():
        confirm_service(slug, on=today - timedelta(days=days), by=None)
    everywhere = Area.objects.get(parent__isnull=True)
    Holiday.objects.bulk_create(
        Holiday(area=everywhere, day=date(year, month, day))
        for year in (today.year, today.year + 1)
        for month, day in demo_network.HOLIDAYS
    )


def _write(file: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with file.open("w", newline="") as out:
        csv.writer(out).writerows([header, *rows])


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _samples(today: date, progress: Callable[[int], None]) -> int:
    sources = {site.slug: Source(site=site, entry=Entry.IMPORT) for site in Site.objects.select_related("area")}
    known = frozenset(catalogue.current().substance_ids)
    made = demo_network.samples(today, known)
    accepted = (_accepted(body, sources[site]) for site, body in made)
    number = 0
    while batch := list(islice(accepted, AT_ONCE)):
        submission.submit_many(batch)
        Screening.objects.bulk_create(_screenings(batch, today))
        number += len(batch)
        progress(number)
    return number


def _accepted(body: dict[str, Any], source: Source) -> SampleRows:
    """Accepted as any sample, then dated as if it had come in on its day."""
    rows = accept_sample(msgspec.convert(body, bodies.NewSample), source)
    now = timezone.now()
    collected = rows.sample.collected_on
    assert collected is not None
    rows.sample.recorded_at = min(now, datetime.combine(collected, COMPLETED_AT))
    for row in rows.results:
        row.result.recorded_at = min(now, datetime.combine(row.result.completed_on or collected, COMPLETED_AT))
    return rows


def _screenings(batch: Sequence[SampleRows], today: date) -> Iterator[Screening]:
    recent = today - timedelta(days=DAYS_LEFT_TO_SCREEN)
    for rows in batch:
        for row in rows.results:
            if (row.result.completed_on or today) < recent:
                yield Screening(result_id=row.result.id, visible_from=row.result.recorded_at)
