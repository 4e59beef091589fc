"""Each new result is looked at once: what the rules notice becomes a signal, and rarely a proposed notice.

A result without a `Screening` waits. Whoever writes that row has claimed the result, and writes in
the same transaction what was noticed in it, so nothing is lost and nothing is looked at twice.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property, partial
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from checking import catalogue
from checking.catalogue import Catalogue
from checking.evidence import weigh
from checking.models import Area, Network, Result, Screening
from checking.reading_rows import read_samples
from checking.readings import ResultRead, SampleRead

from . import evidence_changes, lifecycle, rules, signalling
from .cases import Case, Known, spoken_finding
from .detectors import at_once
from .detectors.at_once import BurnIn, Facts, Noticed
from .histories import Past, as_it_was
from .models import Alert
from .notices import propose
from .said_before import open_on_topic
from .turns import take_turn

logger = logging.getLogger(__name__)

BATCH = 50  # results in one transaction: short, so that those who submit are not kept waiting
MOST_TRIES = 60  # looks at one result while the database fails, about a second apart
_tries: Counter[UUID] = Counter()  # of this process, since the result was last looked at to the end


def screen_waiting(limit: int = 500, *, since: datetime | None = None) -> int:
    """Look at up to `limit` waiting results, oldest first. Gives how many were waiting and are done.

    `since`: only those recorded after. It spares a look through the whole table for each new result.
    """
    done = 0
    while done < limit:
        waiting = Result.objects.waiting().order_by("recorded_at", "pk")
        if since is not None:
            waiting = waiting.filter(recorded_at__gte=since)
        ids = list(waiting.values_list("pk", flat=True)[: min(BATCH, limit - done)])
        if not ids:
            break
        _screen(ids)
        done += len(ids)
    return done


@transaction.atomic
def _screen(ids: Sequence[UUID]) -> None:
    """Claim these results and judge those that no one else had claimed."""
    take_turn()
    now = timezone.now()
    claimed = claim(ids, now)
    rows = Result.objects.filter(pk__in=claimed).select_related(
        "sample__site", "sample__area", "sample__import_run", "method", "lab"
    )
    by_id = {row.pk: row for row in rows}
    mine = [by_id[pk] for pk in ids if pk in by_id]
    batch = _Batch(mine, now)
    for place, row in enumerate(mine):
        try:
            with transaction.atomic():
                batch.judge(row, later={each.pk for each in mine[place:]})
        except (OperationalError, InterfaceError):
            # The database failed (a full disk, a restart) and not the result: all is undone, and looked at again.
            _tries[row.pk] += 1
            if _tries[row.pk] < MOST_TRIES:
                raise
            logger.exception("The database failed at the result %s each time", row.pk)
            signalling.could_not_screen(row, on=now.date())
        except Exception:
            # A result that cannot be judged must not hold up the queue. Staff are shown that it was not.
            logger.exception("The result %s could not be screened", row.pk)
            signalling.could_not_screen(row, on=now.date())
    if batch.proposed and not batch.network.hold_minutes:
        # The others of a batch are asked every condition again: this one may be what they would repeat. Last of all,
        # because the sequence of events is the last thing a transaction takes.
        lifecycle.publish_undelayed(batch.proposed[0], at=now)
    for pk in claimed:
        _tries.pop(pk, None)


def claim(ids: Sequence[UUID], visible_from: datetime) -> set[UUID]:
    """Write a `Screening` for each result that has none, and give those it was written for."""
    field = Screening._meta.get_field("result").target_field
    at = connection.ops.adapt_datetimefield_value(visible_from)
    values = [value for pk in sorted(ids) for value in (field.get_db_prep_value(pk, connection), at)]
    places = ", ".join(["(%s, %s)"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO checking_screening (result_id, visible_from) VALUES {places} "  # noqa: S608  # placeholders only
            "ON CONFLICT DO NOTHING RETURNING result_id",
            values,
        )
        return {UUID(str(row[0])) for row in cursor.fetchall()}


class _Batch:
    """Results that became visible together, judged one after the other in the order they came in."""

    def __init__(self, rows: Sequence[Result], now: datetime) -> None:
        self.now = now
        self.proposed: list[Alert] = []  # notices that wait for nothing but their hold
        self._ids = list(dict.fromkeys(row.sample_id for row in rows))

    def judge(self, row: Result, *, later: set[UUID]) -> None:
        """Leave what the rules notice, and what follows for alerts that rest on the sample."""
        evidence_changes.follow(row, now=self.now)
        if not _is_looked_at(row) or str(row.sample_id) not in self._samples:
            return
        sample = as_it_was(self._samples[str(row.sample_id)], self.now)
        result = next((each for each in sample.results if each.id == str(row.pk)), None)
        if result is None or not at_once.may_trigger(result):
            return  # corrected or withdrawn already, or nothing was detected
        past = Past(row.sample.area, before=self.now, without=later)
        for noticed in at_once.look(self._facts(past, sample, result)):
            self._leave(noticed, row, sample, result, past.area)

    def _facts(self, past: Past, sample: SampleRead, result: ResultRead) -> Facts:
        burn_in = BurnIn(self.network.burn_in_tested, self.network.burn_in_days)
        return Facts(
            sample=sample,
            result=result,
            on=self.now.date(),
            is_allowed=self.catalogue.is_allowed,
            is_watched=self.catalogue.is_watch_listed,
            weigh=weigh,
            was_found=past.was_found,
            tested=partial(past.tested, enough=burn_in.tested),
            burn_in=burn_in,
            limits=rules.limits(self.network),
        )

    def _leave(self, noticed: Noticed, row: Result, sample: SampleRead, result: ResultRead, home: Area) -> None:
        leave = partial(signalling.leave, noticed, row, sample, on=self.now.date(), area=home)
        rule = rules.speaking_rule(noticed, result)
        if rule is None or noticed.finding is None:
            leave(held_back=["reviewer_first"])
            return
        finding = spoken_finding(rule, sample, noticed.finding)
        case = Case(rule, sample, result, finding, row, self.known)
        held_back = rules.held_back_by(case)
        signal = leave(held_back=held_back)
        if not held_back:
            self.proposed.append(propose(case))
            signalling.used(signal, self.proposed[-1])
        elif held_back == ["not_again_in_14_days"] and (same := open_on_topic(case.topic, now=self.now)):
            lifecycle.add_evidence(same, [row])

    @property
    def network(self) -> Network:
        return self.known.network

    @cached_property
    def known(self) -> Known:
        return Known(self.now)

    @cached_property
    def catalogue(self) -> Catalogue:
        return catalogue.current()

    @cached_property
    def _samples(self) -> dict[str, SampleRead]:
        try:
            return {each.id: each for each in read_samples(self._ids)}
        except Exception:
            logger.exception("A batch could not be read at once; reading its samples one by one")
        return _read_one_by_one(self._ids)


def _read_one_by_one(ids: Sequence[UUID]) -> dict[str, SampleRead]:
    samples: dict[str, SampleRead] = {}
    for pk in ids:
        try:
            samples |= {each.id: each for each in read_samples([pk])}
        except Exception:
            logger.exception("The sample %s could not be read", pk)
    return samples


def _is_looked_at(row: Result) -> bool:
    """Nothing from a training site is noticed; nor is history that was brought in as such."""
    is_history = row.entry == "import" and row.sample.import_run_id is not None
    return not row.sample.site.is_training and not is_history
