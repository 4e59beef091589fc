"""The registry of strip lots: what is said of one holds for every result read with it, past and coming."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from . import bell
from .follow_up import followed_up
from .models import KitLot, LotMark, Method, Result, User
from .reading_rows import read_samples

State = KitLot.State
MOST_FOLLOWED = 1000  # reacted strips whose follow-up is counted, newest first
_AT_ONCE = 200  # samples read at a time


@dataclass(frozen=True)
class Use:
    """How much was read with a lot, and what labs said of its reactions."""

    results: int = 0
    reacted: int = 0
    followed_up: Mapping[str, int] = field(default_factory=dict)  # confirmed, not_confirmed, untested


@transaction.atomic
def register_lot(*, method: Method, brand: str, lot: str, expires_on: date | None) -> tuple[KitLot, bool]:
    """A lot, and whether it is new. One that came with results gets the date its box has, where none was known."""
    found = KitLot.objects.filter(method=method, brand__iexact=brand, lot__iexact=lot).first()
    if found is None:
        return KitLot.objects.create(method=method, brand=brand, lot=lot, expires_on=expires_on), True
    if found.expires_on is None and expires_on is not None:
        found.expires_on = expires_on
        found.save(update_fields=["expires_on"])
    return found, False


@transaction.atomic
def mark_lot(lot: KitLot, state: str, *, by: User | None, because: str) -> LotMark:
    """Say what is thought of a lot. It holds at once for all its results; another mark undoes it.

    Alerts that rest on them are looked at by the watcher (`alerts/evidence_changes.py`): the mark is a
    row, so nothing is lost where it is down.
    """
    KitLot.objects.filter(pk=lot.pk).update(state=State(state))  # the row lock keeps marks in their order
    lot.state = state
    mark = LotMark.objects.create(lot=lot, state=state, reason=because[:300], recorded_at=timezone.now(), by=by)
    transaction.on_commit(lambda: bell.ring("results"))
    return mark


def uses_of(lots: Iterable[KitLot]) -> dict[int, Use]:
    """How each lot was used, results that stand only."""
    ids = [lot.pk for lot in lots]
    standing = Result.objects.current().filter(lot__in=ids)
    counted = standing.values("lot_id").annotate(n=Count("pk"), reacted=Count("pk", filter=Q(outcome="detected")))
    followed = _followed_up(standing)
    return {row["lot_id"]: Use(row["n"], row["reacted"], followed.get(row["lot_id"], Counter())) for row in counted}


def _followed_up(standing: "QuerySet[Result]") -> dict[int, Counter[str]]:
    """Of reacted strips, what a lab said of them. Only samples that any lab has read are opened."""
    counted: dict[int, Counter[str]] = {}
    by_lab = Result.objects.current().filter(sample=OuterRef("sample"), method__family="lab")
    reacted = standing.filter(outcome="detected").annotate(has_lab=Exists(by_lab)).order_by("-recorded_at", "pk")
    rows = list(reacted.values_list("pk", "lot_id", "sample_id", "has_lab")[:MOST_FOLLOWED])
    for _, lot, _, has_lab in rows:
        counted.setdefault(lot, Counter())["untested"] += not has_lab
    opened = [row for row in rows if row[3]]
    for start in range(0, len(opened), _AT_ONCE):
        some = opened[start : start + _AT_ONCE]
        samples = {each.id: each for each in read_samples(dict.fromkeys(sample for _, _, sample, _ in some))}
        for pk, lot, sample_id, _ in some:
            sample = samples[str(sample_id)]
            strip = next((each for each in sample.results if each.id == str(pk)), None)
            if strip is not None:
                counted[lot][followed_up(sample, strip)] += 1
    return counted
