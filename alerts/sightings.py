"""What people tell of an alert that is out, kept for reviewers: it speaks to nobody else, and never by itself.

All that is told of one alert within one week stands in one signal. Once that was judged, another one is made only
when as many tell of it again: nobody can call reviewers back by sending a form.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from checking import bell

from . import answers
from .answers import Answers
from .models import Alert, AlertEvent, Sighting, Signal
from .reading import Step

RULE = "reported"
TAKEN_AFTER_END = timedelta(days=14)
KEPT_FOR = timedelta(days=90)
MOST_A_WEEK = 1000  # of one alert: far more than anyone reads, and what a flood may at most leave here
_KEPT_OF_COUNTS = ("level_hint", "reports")  # once what was told has gone
_CLOSING = (AlertEvent.Kind.ENDED, AlertEvent.Kind.LAPSED, AlertEvent.Kind.WITHDRAWN)


class TooMany(Exception):
    """More was told of this alert this week than we keep."""


def is_taken(steps: Sequence[Step], now: datetime) -> bool:
    """True while people may tell of an alert with these steps: until 14 days after it was over."""
    last = steps[-1]
    expires = last.payload["alert"].get("expires")
    over = last.at if last.kind in _CLOSING or expires is None else datetime.fromisoformat(expires)
    return now < over + TAKEN_AFTER_END


@transaction.atomic
def tell(alert_id: UUID, told: Answers, *, form: UUID) -> None:
    """Keep what a form tells. The same form again changes it, and counts once. Raises TooMany."""
    alert = _held(alert_id)
    row = Sighting.objects.filter(pk=form, alert=alert).first()
    if row is None:
        week = _monday(timezone.now().date())
        if Sighting.objects.filter(alert=alert, week=week).count() >= MOST_A_WEEK:
            raise TooMany
        row = Sighting(pk=form, alert=alert, week=week)
    for name, value in answers.columns(told).items():
        setattr(row, name, value)
    row.save()
    _put_before_reviewers(alert, row.week)
    transaction.on_commit(_ring)


@transaction.atomic
def take_back(alert_id: UUID, *, form: UUID) -> None:
    """Drop what a form told, and the signal with it where nothing else is in it. Doing it twice is doing it once."""
    alert = _held(alert_id)
    row = Sighting.objects.filter(pk=form, alert=alert).select_related("signal").first()
    if row is None:
        return
    signal = row.signal
    row.delete()
    if signal is not None:
        is_empty = not signal.sightings.exists() and not signal.merged.exists()
        if is_empty and signal.state == Signal.State.OPEN:
            signal.delete()
        else:
            _count(signal)
    transaction.on_commit(_ring)


def is_kept(form: UUID) -> bool:
    return Sighting.objects.filter(pk=form).exists()


def forget_old_sightings(today: date) -> int:
    """Drop what was told 90 days ago, and of its signals all but how many told. Gives how many were dropped."""
    before = today - KEPT_FOR
    for signal in Signal.objects.filter(rule=RULE, on__lte=before).iterator():
        left = {name: signal.counts[name] for name in _KEPT_OF_COUNTS if name in signal.counts}
        if left != signal.counts:
            signal.counts = left
            signal.save(update_fields=["counts"])
    return Sighting.objects.filter(week__lte=before).delete()[0]


def _held(alert_id: UUID) -> Alert:
    """The alert, its row held, so that two forms at once are counted one after the other.

    Raises Alert.DoesNotExist for a drill, and for what was never said.
    """
    said = Alert.objects.filter(is_drill=False, published_at__isnull=False)
    return said.select_for_update(of=("self",)).get(pk=alert_id)


def _put_before_reviewers(alert: Alert, week: date) -> None:
    name = f"{RULE}:{alert.pk}:{week}:"
    signal = Signal.objects.filter(rule=RULE, fingerprint__startswith=name).order_by("pk").last()
    loose = Sighting.objects.filter(alert=alert, week=week, signal=None)
    if signal is None or signal.state != Signal.State.OPEN:
        judged, number = (0, 1) if signal is None else (signal.counts["reports"], _number(signal) + 1)
        if loose.count() < max(judged, 1):
            return
        signal = _new_signal(alert, week, fingerprint=f"{name}{number}")
    loose.update(signal=signal)
    _count(signal)


def _number(signal: Signal) -> int:
    return int(signal.fingerprint.rpartition(":")[2])


def _new_signal(alert: Alert, week: date, *, fingerprint: str) -> Signal:
    signal = Signal.objects.create(
        rule=RULE,
        area=alert.area,
        site=None,
        on=week,
        rung="reported",
        summary="People told what they saw, on the page of an alert.",
        held_back_by=["reviewer_first", "only_told"],
        alert=alert,
        fingerprint=fingerprint,
    )
    # The minute at which the first of them told it is nobody's business, and this row outlives what was told.
    day = datetime.combine(timezone.now().date(), datetime.min.time(), tzinfo=UTC)
    Signal.objects.filter(pk=signal.pk).update(created_at=day)
    return signal


def _count(signal: Signal) -> None:
    told = list(signal.sightings.all())
    signal.counts = {"level_hint": "notice", "reports": len(told), **answers.counted(told)}
    signal.save(update_fields=["counts"])


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _ring() -> None:
    bell.ring("desk")
