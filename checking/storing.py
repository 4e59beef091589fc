"""Accepted rows into the database, each id once: what is new, what is a replay, and what is a conflict."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q

from .inserting import among, insert
from .models import KitLot, Result, Sample
from .rows import LotRow, ResultRow, ResultRows, SampleRow, SampleRows
from .writing import Refusal


class Conflict(Refusal):
    """This id was used before, with another body. `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Stored:
    """Where a submission ended up."""

    sample_id: UUID
    result_ids: tuple[UUID, ...]
    is_replay: bool


def store_samples(many: Sequence[SampleRows]) -> list[Stored | Conflict]:
    """Store samples with all that belongs to them, in order. For use inside a writer's job."""
    answers, fresh = compare_samples(many)
    insert_samples(fresh)
    return answers


def compare_samples(many: Sequence[SampleRows]) -> tuple[list[Stored | Conflict], list[SampleRows]]:
    """What storing these would answer, and which of them are new. Writes nothing."""
    known = _known_samples(many)
    taken = _taken(ResultRow, (_key(row.result) for rows in many for row in rows.results))
    answers: list[Stored | Conflict] = []
    fresh: list[SampleRows] = []
    for rows in many:
        key = _key(rows.sample)
        before = known.get(key)
        if before is None:
            if conflict := _conflict_of(rows.results, taken):
                answers.append(conflict)
                continue
            known[key] = (rows.sample.id, rows.sample.body_hash, tuple(row.result.id for row in rows.results))
            taken.update(_key(row.result) for row in rows.results)  # the next in this batch may not have them
            fresh.append(rows)
            answers.append(Stored(rows.sample.id, known[key][2], is_replay=False))
        elif before[1] == rows.sample.body_hash:
            answers.append(Stored(before[0], before[2], is_replay=True))
        else:
            answers.append(Conflict("client_id", "This client_id was used before, with another body."))
    return answers, fresh


Key = tuple[int, bytes]  # a site and the hash of an id it made


def _key(row: SampleRow | ResultRow) -> Key:
    return row.site_id, row.client_hash


def _key_of(row: Sample) -> Key:
    return row.site_id, bytes(row.client_hash)


def _by_site(keys: Iterable[Key]) -> dict[int, list[bytes]]:
    by_site: dict[int, list[bytes]] = {}
    for site, sent in keys:
        by_site.setdefault(site, []).append(sent)
    return by_site


def _known_samples(many: Sequence[SampleRows]) -> dict[Key, tuple[UUID, bytes, tuple[UUID, ...]]]:
    """Samples stored before under the same ids: their id, body and results, in the order sent."""
    taken = _by_site(_taken(SampleRow, (_key(rows.sample) for rows in many)))
    wanted = [Q(site_id=site, client_hash__in=sent) for site, sent in taken.items()]
    if not wanted:
        return {}
    found = {_key_of(sample): sample for sample in Sample.objects.filter(reduce(or_, wanted))}
    ids: dict[UUID, dict[bytes, UUID]] = {sample.id: {} for sample in found.values()}
    results = Result.objects.filter(sample__in=list(ids)).values_list("sample_id", "client_hash", "id")
    for sample_id, sent, result_id in results:
        ids[sample_id][bytes(sent)] = result_id
    known = {}
    for rows in many:
        if sample := found.get(_key(rows.sample)):
            sent_before = ids[sample.id]
            in_order = (sent_before.get(row.result.client_hash) for row in rows.results)
            known[_key(rows.sample)] = (sample.id, bytes(sample.body_hash), tuple(each for each in in_order if each))
    return known


def _taken(kind: type[SampleRow] | type[ResultRow], keys: Iterable[Key]) -> set[Key]:
    """Which of these keys are in use already."""
    return {
        (site, sent)
        for site, of_site in _by_site(keys).items()
        for sent in among(kind, "client_hash", of_site, site_id=site)
    }


def _conflict_of(results: Sequence[ResultRows], taken: set[Key]) -> Conflict | None:
    """A result's id that another sample already has."""
    for place, row in enumerate(results):
        if _key(row.result) in taken:
            return Conflict(f"results.{place}.client_id", "This client_id belongs to another result.")
    return None


def insert_samples(many: Sequence[SampleRows]) -> None:
    """New samples with all that belongs to them."""
    # One order for everyone: two batches that insert the same ids must not wait for each other.
    ordered = sorted(many, key=lambda rows: rows.sample.client_hash)
    insert([rows.sample for rows in ordered])
    insert([row for rows in ordered for row in rows.expected])
    insert([rows.overdose for rows in ordered if rows.overdose])
    insert_results([row for rows in ordered for row in rows.results])


def insert_results(many: Sequence[ResultRows]) -> None:
    """Results with their findings; a lot nobody registered is made, unverified."""
    keys: dict[LotRow, int] = {}  # a batch has thousands of strips of a few lots
    for row in many:
        if row.lot is not None:
            if row.lot not in keys:
                keys[row.lot] = _key_of_lot(row.lot)
            row.result.lot_id = keys[row.lot]
    insert([row.result for row in many])
    insert([finding for row in many for finding in row.findings])


def _key_of_lot(lot: LotRow) -> int:
    found, _ = KitLot.objects.get_or_create(
        method_id=lot.method_id, brand=lot.brand, lot=lot.lot, defaults={"expires_on": lot.expires_on}
    )
    return int(found.pk)
