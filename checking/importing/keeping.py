"""Stores what was read: each sample once, in batches, with everything that belongs to it.

Nothing kept here was heard of in time, so nothing of it raises a signal at once: its results count as
looked at. Those of a replay wait, and are looked at in the order in which they were completed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ..models import ImportRun, Result, Sample, Screening, Site
from ..rows import ResultRows, SampleRows
from ..storing import insert_results, insert_samples

BATCH = 500  # samples in one transaction


@dataclass
class Kept:
    """What became of one sample."""

    is_new: bool = False
    is_changed: bool = False  # in already, and not the same: nothing of it was touched
    new_results: list[int] = field(default_factory=list)  # places in the sample's results
    changed_results: list[int] = field(default_factory=list)


class Keeper:
    """One import on its way in. A dry run looks and writes nothing."""

    def __init__(
        self, site: Site, *, file_format: str, is_dry_run: bool, is_replay: bool = False, burn_in: int | None = None
    ) -> None:
        self.site = site
        self.file_format = file_format
        self.is_dry_run = is_dry_run
        self.is_replay = is_replay
        self.burn_in = burn_in
        self.run: ImportRun | None = None  # None until something goes in

    def keep(self, many: Sequence[SampleRows]) -> list[Kept]:
        """Store a batch in one transaction, or all of it stays out. Ids within a batch differ."""
        if self.is_dry_run:
            return self._compare(many)[0]
        with transaction.atomic():
            answers, fresh, added = self._compare(many)
            if fresh or added:
                self._write(fresh, added)
        return answers

    def finish(self) -> ImportRun | None:
        """All rows are in. None where there was nothing new, and no replay was left half done."""
        if self.is_replay and not self.is_dry_run:
            # One that is ready and was not judged needs no rows of ours, but somebody who judges it.
            self.run = self.run or self._unfinished() or self._replays().filter(screened_at__isnull=True).first()
        if self.run is not None and self.run.ready_at is None:
            self.run.ready_at = timezone.now()
            self.run.save(update_fields=["ready_at"])
        return self.run

    def _compare(self, many: Sequence[SampleRows]) -> tuple[list[Kept], list[SampleRows], list[ResultRows]]:
        """What is new, what is in already, and what is in and differs."""
        samples = self._known_samples(many)
        results = self._known_results(many)
        answers: list[Kept] = []
        fresh: list[SampleRows] = []
        added: list[ResultRows] = []
        for rows in many:
            before = samples.get(rows.sample.client_hash)
            if before is None:
                fresh.append(rows)
                answers.append(Kept(is_new=True, new_results=list(range(len(rows.results)))))
            elif bytes(before.body_hash) != rows.sample.body_hash:
                answers.append(Kept(is_changed=True))
            else:
                kept = Kept()
                for place, row in enumerate(rows.results):
                    body = results.get(row.result.client_hash)
                    if body is None:
                        row.result.sample_id = before.id  # the lab came back since
                        added.append(row)
                        kept.new_results.append(place)
                    elif body != row.result.body_hash:
                        kept.changed_results.append(place)
                answers.append(kept)
        return answers, fresh, added

    def _known_samples(self, many: Sequence[SampleRows]) -> dict[bytes, Sample]:
        hashes = [rows.sample.client_hash for rows in many]
        found = Sample.objects.filter(site=self.site, client_hash__in=hashes)
        return {bytes(sample.client_hash): sample for sample in found}

    def _known_results(self, many: Sequence[SampleRows]) -> dict[bytes, bytes]:
        hashes = [row.result.client_hash for rows in many for row in rows.results]
        found = Result.objects.filter(site=self.site, client_hash__in=hashes).values_list("client_hash", "body_hash")
        return {bytes(client): bytes(body) for client, body in found}

    def _write(self, fresh: Sequence[SampleRows], added: Sequence[ResultRows]) -> None:
        run = self._started_run()
        now = timezone.now()
        for rows in fresh:
            rows.sample.import_run_id = run.pk
            rows.sample.recorded_at = now
        results = [*(row for rows in fresh for row in rows.results), *added]
        for row in results:
            row.result.recorded_at = now
        insert_samples(fresh)
        insert_results(added)
        # A replay looks at its own samples only; a result added to an older one is history like the rest.
        seen = [row.result.id for row in (added if self.is_replay else results)]
        _mark_as_seen(seen, timezone.now())

    def _started_run(self) -> ImportRun:
        """The row of this import, made with the first sample. A replay that was cut off is gone on with."""
        if self.run is None:
            self.run = self._unfinished() or ImportRun.objects.create(
                site=self.site, file_format=self.file_format, is_replay=self.is_replay, burn_in=self.burn_in
            )
        return self.run

    def has_cut_off_replay(self) -> bool:
        """True where an earlier replay did not come to its end, and this is none that goes on with it."""
        return not self.is_replay and self._replays().filter(ready_at__isnull=True).exists()

    def _replays(self) -> QuerySet[ImportRun]:
        return ImportRun.objects.filter(site=self.site, file_format=self.file_format, is_replay=True).order_by("pk")

    def _unfinished(self) -> ImportRun | None:
        if not self.is_replay:
            return None
        run = self._replays().filter(ready_at__isnull=True).first()
        if run is not None and run.burn_in != self.burn_in:
            run.burn_in = self.burn_in
            run.save(update_fields=["burn_in"])
        return run


def _mark_as_seen(results: Sequence[UUID], now: datetime) -> None:
    Screening.objects.bulk_create([Screening(result_id=key, visible_from=now) for key in results], batch_size=BATCH)
