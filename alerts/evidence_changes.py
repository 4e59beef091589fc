"""When a result that an alert rests on is corrected, taken back or confirmed, the people responsible are told."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from checking.evidence import says, weigh
from checking.models import Result
from checking.reading_rows import read_samples

from . import lifecycle
from .models import Alert, AlertEvidence, Signal
from .resting import rung_now, subjects_of

logger = logging.getLogger(__name__)

RULE = "evidence_changed"
# Not marked yet; or marked because it was in doubt (`doubted_evidence.py`), and taken back since.
_NOT_TOLD = (
    Q(shaken_at__isnull=True)
    | Q(shaken_at__lt=F("result__withdrawal__recorded_at"))
    | Q(shaken_at__lt=F("result__corrected_by__recorded_at"))
)
_SUMMARIES = {
    "corrected": "A result this alert rests on was corrected.",
    "withdrawn": "A result this alert rests on was taken back.",
    "confirmed": "A lab has confirmed what this alert says.",
    "not_confirmed": "A lab looked at the same sample and did not find it.",
    "in_doubt": "A result this alert rests on is in doubt: its strip lot is suspect, or it is outside quality control.",
    "doubt_cleared": "The doubt about a result this alert rests on is cleared up: it counts again.",
}


def shake(now: datetime | None = None) -> int:
    """Mark evidence whose result no longer stands, and say so to staff. Gives how many."""
    moment = now or timezone.now()
    gone = Q(result__withdrawal__isnull=False) | Q(result__corrected_by__isnull=False)
    fallen = AlertEvidence.objects.filter(gone).filter(_NOT_TOLD).values_list("pk", flat=True)
    return sum(_shake_one(pk, moment) for pk in list(fallen))


def follow(row: Result, *, now: datetime) -> None:
    """What a result that just became visible means for alerts that rest on its sample."""
    if row.corrects_id is not None:
        resting_on_it = AlertEvidence.objects.filter(_NOT_TOLD, result_id=row.corrects_id)
        for pk in resting_on_it.values_list("pk", flat=True):
            _shake_one(pk, now)
    elif row.method.family == "lab":
        resting = Alert.objects.filter(evidence__result__sample_id=row.sample_id, state=Alert.State.PUBLISHED)
        for alert in resting.exclude(evidence__result=row).distinct():
            _lab_has_looked(alert, row, now)


@transaction.atomic
def _shake_one(pk: int, now: datetime) -> int:
    untold = AlertEvidence.objects.filter(_NOT_TOLD, pk=pk).values("pk")
    if not AlertEvidence.objects.filter(pk__in=untold).update(shaken_at=now):
        return 0  # another watcher was quicker
    piece = AlertEvidence.objects.select_related("alert", "result__sample__site").get(pk=pk)
    news = "withdrawn" if hasattr(piece.result, "withdrawal") else "corrected"
    _go_on_with_what_corrects(piece)
    tell(piece.alert, piece.result, news, now)
    return 1


def _go_on_with_what_corrects(piece: AlertEvidence) -> None:
    """A corrected result stands behind the alert in the place of the one it corrects, if it still says the same."""
    row = getattr(piece.result, "corrected_by", None)
    if row is None:
        return
    subjects = subjects_of(lifecycle.latest(piece.alert).body)
    found = [each for sample in read_samples([row.sample_id]) for each in sample.results if each.id == str(row.pk)]
    if any(says(result, subject) for result in found for subject in subjects):
        lifecycle.add_evidence(piece.alert, [row])


def _lab_has_looked(alert: Alert, row: Result, now: datetime) -> None:
    """Later results of the same sample by a lab: they confirm what was said, or do not find it."""
    body = lifecycle.latest(alert).body
    [sample] = read_samples([row.sample_id])
    result = next((each for each in sample.results if each.id == str(row.pk)), None)
    subjects = subjects_of(body)
    if result is None or not subjects:
        return
    is_sure = body["evidence"]["rung"] == "confirmed"
    if not is_sure and all(weigh(sample, each).rung == "confirmed" for each in subjects):
        tell(alert, row, "confirmed", now)
    elif any(says(result, each) is False for each in subjects):
        tell(alert, row, "not_confirmed", now)  # two labs that differ are for people to resolve


def tell(alert: Alert, row: Result, news: str, now: datetime, *, once: str = "") -> None:
    """A signal for staff, and the alert's own proposal of other words: for an alert that is out its update.

    The same news of the same result is told once; `once` tells apart what may come and go several times.
    """
    signal, is_new = Signal.objects.get_or_create(
        fingerprint=f"{RULE}:{news}:{alert.pk}:{row.pk}{once}",
        defaults={
            "rule": RULE,
            "area": alert.area,
            "site": row.sample.site,
            "on": now.date(),
            "rung": rung_now(alert, lifecycle.latest(alert).body),
            "summary": _SUMMARIES[news],
            "held_back_by": ["reviewer_first"],
            "alert": alert,
        },
    )
    signal.results.add(row)
    if is_new:
        lifecycle.propose_change(alert, news=news)
