"""Who was told of what is kept only as long as there may be something to add to it."""

from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Max, Q, QuerySet

from .models import Alert, AlertEvent, Delivery, Told

KEPT_FOR = timedelta(days=7)  # after the last step an alert can take
_CLOSING = (AlertEvent.Kind.ENDED, AlertEvent.Kind.LAPSED, AlertEvent.Kind.WITHDRAWN)


def forget_who_was_told(today: date) -> int:
    """Drop deliveries, and whom they link an alert to, of alerts that are long over. Gives how many deliveries.

    The last step is the one that closed it; where it was left to run out, the moment it did. What still
    waits by then is dropped too: an alert past its time is not delivered late as new.
    """
    before = datetime.combine(today, time.min, tzinfo=UTC) - KEPT_FOR
    over = _over_since(before).values("pk")
    Told.objects.filter(alert__in=over).delete()
    return Delivery.objects.filter(event__alert__in=over).delete()[0]


def _over_since(before: datetime) -> "QuerySet[Alert]":
    closed_at = Max("events__at", filter=Q(events__kind__in=_CLOSING))
    told_of = Alert.objects.filter(Q(told__isnull=False) | Q(events__deliveries__isnull=False))
    alerts = Alert.objects.filter(pk__in=told_of.values("pk")).annotate(closed_at=closed_at)
    return alerts.filter(Q(closed_at__lt=before) | Q(closed_at__isnull=True, expires_at__lt=before))
