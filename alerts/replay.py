"""History judged as if it had come in by day: what would have been noticed, and when.

A result counts as visible at the end of the day it was completed on, and "before" means visible
before that. Nothing here proposes or says anything.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from checking import catalogue
from checking.denominators import Scopes, is_tested
from checking.evidence import weigh
from checking.models import ImportRun, Network, Result, Screening
from checking.reading_rows import read_samples
from checking.readings import ResultRead, SampleRead, Subject
from checking.scope_rows import load_scopes

from . import rules, signalling
from .detectors import at_once
from .detectors.at_once import BurnIn, Denominator, Facts, Noticed
from .histories import Past, as_it_was
from .places import history_area

logger = logging.getLogger(__name__)

_CHUNK = 500  # samples read, or rows written, at a time


def screen_waiting_replays() -> int:
    """Judge every replay whose rows are all in. Gives how many."""
    waiting = ImportRun.objects.filter(is_replay=True, ready_at__isnull=False, screened_at__isnull=True)
    return sum(screen_replay(run) for run in waiting.order_by("ready_at"))


def screen_replay(run: ImportRun) -> bool:
    """Judge one replay. False where it was judged already, or not all of its rows are in."""
    if not run.is_replay or run.ready_at is None or run.screened_at is not None:
        return False
    replayed = _Replay(run)
    return _keep(run, replayed, list(replayed.judge()))


_Kept = tuple[Result, SampleRead, date, Noticed]


@transaction.atomic
def _keep(run: ImportRun, replayed: "_Replay", noticed: list[_Kept]) -> bool:
    now = timezone.now()
    if not ImportRun.objects.filter(pk=run.pk, screened_at__isnull=True).update(screened_at=now):
        return False  # another watcher was quicker
    Screening.objects.bulk_create(
        [Screening(result=row, visible_from=min(now, visible)) for row, visible in replayed.visible],
        ignore_conflicts=True,
        batch_size=_CHUNK,
    )
    for row, sample, day, each in noticed:
        signalling.leave(each, row, sample, on=day, held_back=["not_imported"])
    run.screened_at = now
    return True


@dataclass
class _Seen:
    """What one area knew so far, in memory."""

    found: set[str] = field(default_factory=set)  # slugs of substances, and of the classes they belong to
    samples: dict[str, datetime] = field(default_factory=dict)  # id -> visible since


class _Replay:
    """The results of one run, in the order in which they became visible."""

    def __init__(self, run: ImportRun) -> None:
        self._run = run
        self._network = Network.current()
        self._known = catalogue.current()
        self._scopes: Scopes = load_scopes()
        self._seen: dict[int, _Seen] = defaultdict(_Seen)
        self._limits = rules.limits(self._network)
        self._burn_in = (
            BurnIn(self._network.burn_in_tested, self._network.burn_in_days)
            if run.burn_in is None
            else BurnIn(run.burn_in, None)
        )
        rows = Result.objects.filter(sample__import_run=run, screening__isnull=True).select_related(
            "sample__site", "sample__area", "method", "lab"
        )
        timed = [(_visible_from(row), row) for row in rows.iterator(_CHUNK)]
        timed.sort(key=lambda pair: (pair[0], pair[1].sample.recorded_at, bytes(pair[1].client_hash)))
        self.visible = [(row, at) for at, row in timed]
        self._samples = _read({row.sample_id for row, _ in self.visible}, dict(self._by_id()))
        self._places = {row.sample.area_id: history_area(row.sample.area) for row, _ in self.visible}

    def _by_id(self) -> Iterator[tuple[str, datetime]]:
        return ((str(row.pk), at) for row, at in self.visible)

    def judge(self) -> Iterator[_Kept]:
        """Everything noticed, with the day it would have been noticed on."""
        for row, at in self.visible:
            sample = as_it_was(self._samples[str(row.sample_id)], at)
            result = next((each for each in sample.results if each.id == str(row.pk)), None)
            if result is None or row.sample.site.is_training:
                continue  # corrected or withdrawn since
            place = self._places[row.sample.area_id]
            seen = self._seen[place.pk]
            if at_once.may_trigger(result):
                for noticed in at_once.look(self._facts(row, sample, result, at)):
                    yield row, sample, at.date(), noticed
            _remember(seen, sample, result, at)

    def _facts(self, row: Result, sample: SampleRead, result: ResultRead, at: datetime) -> Facts:
        seen = self._seen[self._places[row.sample.area_id].pk]
        past = Past(row.sample.area, before=at, without_run=self._run.pk)

        def was_found(subject: Subject) -> bool:
            return subject.slug in seen.found or past.was_found(subject)

        def tested(subject: Subject) -> Denominator:
            return self._tested(subject, seen, past)

        return Facts(
            sample=sample,
            result=result,
            on=at.date(),
            is_allowed=self._known.is_allowed,
            is_watched=self._known.is_watch_listed,
            weigh=weigh,
            was_found=was_found,
            tested=tested,
            burn_in=self._burn_in,
            limits=self._limits,
        )

    def _tested(self, subject: Subject, seen: _Seen, past: Past) -> Denominator:
        if self._burn_in.tested == 0:
            return Denominator(0, None)  # nothing has to be known, so nothing is counted
        before = past.tested(subject, enough=self._burn_in.tested)
        days = [before.first_on] if before.first_on else []
        count = before.samples
        for pk, at in seen.samples.items():
            if is_tested(as_it_was(self._samples[pk], at), subject, None, self._scopes):
                count += 1
                days.append(at.date())
        return Denominator(count, min(days, default=None))


def _remember(seen: _Seen, sample: SampleRead, result: ResultRead, at: datetime) -> None:
    seen.samples.setdefault(sample.id, at)
    if at_once.may_trigger(result):
        for finding in at_once.detected(result):
            seen.found |= {finding.subject.slug, *finding.subject.classes}


def _read(ids: set[UUID], visible: dict[str, datetime]) -> dict[str, SampleRead]:
    """The samples, with each result stamped as visible on its day."""
    samples: dict[str, SampleRead] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        for sample in read_samples(ordered[start : start + _CHUNK]):
            results = tuple(
                replace(each, visible_from=visible.get(each.id, each.visible_from)) for each in sample.results
            )
            samples[sample.id] = replace(sample, results=results)
    return samples


def _visible_from(row: Result) -> datetime:
    """The end of the day on which the result was complete, else made, else its sample collected."""
    day = row.completed_on or row.performed_on or row.sample.collected_on
    if day is None:
        return row.recorded_at
    return datetime.combine(day, time.max, tzinfo=UTC)
