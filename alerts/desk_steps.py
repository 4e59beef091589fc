"""What a reviewer does with signals: takes them, sets them aside, joins them, or begins an alert of them.

Each step is one update of what is still open, so of two people at once one has their way and the other is told.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from checking import bell
from checking.models import Area, User

from . import judging
from .approving import NotAllowed
from .desk import TAKEN_FOR
from .lifecycle import WrongState
from .models import Alert, Signal

State = Signal.State
UNDONE_WITHIN = timedelta(hours=24)  # a slip is noticed sooner


def take(ids: Sequence[int], *, by: User, over: bool = False) -> None:
    """Have these in hand for half an hour. `over`: also what another has, knowingly."""
    now = timezone.now()
    rows = _open(ids, by)
    if not over:
        others = rows.exclude(taken_by=by).filter(taken_by__isnull=False, taken_at__gt=now - TAKEN_FOR)
        if other := others.select_related("taken_by").first():
            raise WrongState(_("%(name)s is looking at it.") % {"name": other.taken_by})
    _require_all(rows.update(taken_by=by, taken_at=now), ids)
    bell.ring("desk")


def let_go(ids: Sequence[int], *, by: User) -> None:
    _open(ids, by).filter(taken_by=by).update(taken_by=None, taken_at=None)
    bell.ring("desk")


@transaction.atomic
def dismiss(ids: Sequence[int], *, by: User, because: str) -> None:
    """Set these aside. They stay on record with the reason, and can be brought back for a day."""
    if Signal.objects.filter(pk__in=ids, state=State.DISMISSED, decided_by=by).count() == len(set(ids)):
        return  # a second tap
    _require_all(
        _open(ids, by).update(
            state=State.DISMISSED, dismissed_because=because, decided_by=by, decided_at=timezone.now()
        ),
        ids,
    )
    transaction.on_commit(_ring)


@transaction.atomic
def undo(ids: Sequence[int], *, by: User) -> None:
    """Bring back what this person set aside, or joined, within the last day."""
    lately = timezone.now() - UNDONE_WITHIN
    rows = Signal.objects.filter(pk__in=ids, state__in=[State.DISMISSED, State.MERGED], decided_by=by)
    _require_all(
        rows.filter(decided_at__gt=lately).update(
            state=State.OPEN, dismissed_because="", decided_by=None, decided_at=None, merged_into=None
        ),
        ids,
    )
    transaction.on_commit(_ring)


@transaction.atomic
def merge(ids: Sequence[int], *, by: User) -> Signal:
    """Judge these as one from here on: the first stands for all."""
    if len(set(ids)) < 2:
        raise WrongState(_("Choose two or more to join."))
    rows = _open(ids, by)
    main = rows.filter(pk=ids[0]).first()
    if main is None:
        raise WrongState(_("Someone has judged this signal already."))
    others = [pk for pk in ids if pk != main.pk]
    _require_all(
        rows.filter(pk__in=others).update(
            state=State.MERGED, merged_into=main, decided_by=by, decided_at=timezone.now()
        ),
        others,
    )
    Signal.objects.filter(merged_into__in=others).update(merged_into=main)
    transaction.on_commit(_ring)
    return main


@transaction.atomic
def draft(ids: Sequence[int], *, by: User, level: str, area: Area) -> Alert:
    """One draft resting on all of them, in words composed of what still stands."""
    signals = list(_open(ids, by).select_for_update(of=("self",)).select_related("area", "site"))
    _require_all(len(signals), ids)
    signals.sort(key=lambda each: list(ids).index(each.pk))
    joined = list(Signal.objects.filter(merged_into__in=ids).select_related("area", "site"))
    if not all(each.area.path.startswith(area.path) for each in (*signals, *joined)):
        raise WrongState(_("%(place)s does not hold all of it: choose a larger place.") % {"place": area.name})
    alert = judging.draft_from(*signals, *joined, by=by, level=level, area=area)
    transaction.on_commit(_ring)
    return alert


def _open(ids: Sequence[int], by: User) -> "QuerySet[Signal]":
    """Those of them that are open. Raises NotAllowed where one is for others to judge."""
    areas = list(Area.objects.filter(signals__in=list(ids)).distinct())
    if len(judging.judged_by(by, areas)) < len(areas):
        raise NotAllowed(_("Only a reviewer or a community reviewer for this area can do this."))
    rows: QuerySet[Signal] = Signal.objects.filter(pk__in=list(ids), state=State.OPEN)
    return rows


def _require_all(done: int, ids: Sequence[int]) -> None:
    if done != len(set(ids)):
        raise WrongState(_("Someone has judged this signal already."))


def _ring() -> None:
    bell.ring("desk")
