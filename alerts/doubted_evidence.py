"""When a strip lot or quality control speaks against a result an alert rests on, or no longer does.

The result itself still stands: it is shown, with the caveat. So the mark on the evidence goes when the
doubt does, and staff hear of both.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from checking.models import KitLot, Result
from checking.quality_rows import in_control

from .evidence_changes import tell
from .models import Alert, AlertEvidence

STANDING = Q(result__withdrawal__isnull=True, result__corrected_by__isnull=True)
NOT_OVER = (Alert.State.DRAFT, Alert.State.PROPOSED, Alert.State.PUBLISHED)


def doubt(now: datetime | None = None) -> int:
    """Mark evidence that is in doubt by now, unmark what no longer is, and tell staff of each. Gives how many."""
    moment = now or timezone.now()
    evidence = AlertEvidence.objects.filter(STANDING)
    # A suspect lot is told of for every alert there ever was; a check that failed, for those not over.
    by_lot = Q(result__lot__state=KitLot.State.SUSPECT)
    unmarked = evidence.filter(by_lot | Q(alert__state__in=NOT_OVER), shaken_at__isnull=True)
    marked = evidence.filter(shaken_at__isnull=False)
    told = sum(_mark(each, moment) for each in _those(unmarked, in_order=False))
    return told + sum(_unmark(each, moment) for each in _those(marked, in_order=True))


def _those(evidence: "QuerySet[AlertEvidence]", *, in_order: bool) -> list[AlertEvidence]:
    """Pieces whose result is in valid control, or those whose is not."""
    pieces = list(evidence.select_related("alert__area", "result__sample__site").order_by("pk"))
    if not pieces:
        return []
    sound = in_control(Result.objects.filter(pk__in={piece.result_id for piece in pieces}))
    return [piece for piece in pieces if (piece.result_id in sound) == in_order]


@transaction.atomic
def _mark(piece: AlertEvidence, now: datetime) -> int:
    if not AlertEvidence.objects.filter(pk=piece.pk, shaken_at__isnull=True).update(shaken_at=now):
        return 0  # another watcher was quicker
    tell(piece.alert, piece.result, "in_doubt", now, once=now.isoformat())
    return 1


@transaction.atomic
def _unmark(piece: AlertEvidence, now: datetime) -> int:
    if not AlertEvidence.objects.filter(pk=piece.pk, shaken_at=piece.shaken_at).update(shaken_at=None):
        return 0
    tell(piece.alert, piece.result, "doubt_cleared", now, once=now.isoformat())
    return 1
