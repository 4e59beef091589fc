"""When a result that an alert rests on is corrected, taken back or confirmed, the people responsible are told."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from checking import catalogue
from checking.evidence import says, weigh
from checking.models import Result
from checking.reading_rows import read_samples
from checking.readings import Subject

from . import lifecycle
from .models import Alert, AlertEvidence, Signal

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
    tell(piece.alert, piece.result, news, rung_now(piece.alert), now)
    return 1


def _lab_has_looked(alert: Alert, row: Result, now: datetime) -> None:
    """Later results of the same sample by a lab: they confirm what was said, or do not find it."""
    rung = lifecycle.latest(alert).body["evidence"]["rung"]
    [sample] = read_samples([row.sample_id])
    result = next((each for each in sample.results if each.id == str(row.pk)), None)
    subjects = subjects_of(alert)
    if result is None or not subjects:
        return
    if rung != "confirmed" and any(weigh(sample, each).rung == "confirmed" for each in subjects):
        tell(alert, row, "confirmed", "confirmed", now)
    elif any(says(result, each) is False for each in subjects):
        tell(alert, row, "not_confirmed", rung, now)  # two labs that differ are for people to resolve


def tell(alert: Alert, row: Result, news: str, rung: str, now: datetime, *, once: str = "") -> None:
    """A signal for staff, and for an alert that is out its own proposal of an update.

    The same news of the same result is told once; `once` tells apart what may come and go several times.
    """
    signal, is_new = Signal.objects.get_or_create(
        fingerprint=f"{RULE}:{news}:{alert.pk}:{row.pk}{once}",
        defaults={
            "rule": RULE,
            "area": alert.area,
            "site": row.sample.site,
            "on": now.date(),
            "rung": rung,
            "summary": _SUMMARIES[news],
            "held_back_by": ["reviewer_first"],
            "alert": alert,
        },
    )
    signal.results.add(row)
    if is_new and alert.state == Alert.State.PUBLISHED:
        lifecycle.propose_change(alert, news=news, rung=rung)


def rung_now(alert: Alert) -> str:
    """How sure what is left of the evidence makes it."""
    rungs = ("reported", "presumptive", "confirmed")
    left = AlertEvidence.objects.filter(alert=alert, shaken_at__isnull=True).values_list("result__sample_id", flat=True)
    found = [weigh(sample, subject).rung for sample in read_samples(set(left)) for subject in subjects_of(alert)]
    return max(found, key=rungs.index, default="reported")


def subjects_of(alert: Alert) -> list[Subject]:
    """What the alert speaks of: its substances, or where it names none, the nearest class."""
    known = catalogue.current().subjects
    body = lifecycle.latest(alert).body
    slugs = body["substances"] or body["classes"][-1:]
    return [known[slug] for slug in slugs if slug in known]
