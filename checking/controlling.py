"""Quality control as staff enter it: checks, plans, second readings. Nothing is edited: what was wrong is withdrawn."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from . import bell
from .models import KitLot, Method, QualityCheck, QualityPlan, Result, SecondReading, Site, User


class NotPossible(Exception):
    """This cannot be recorded; the message says why."""


@transaction.atomic
def record_check(
    *, lab: Site, method: Method, kind: str, has_passed: bool, done_on: date, lot: KitLot | None = None, by: User | None
) -> QualityCheck:
    """One check of a method at a lab. A lot is of that method, or none."""
    if lot is not None and lot.method_id != method.pk:
        raise NotPossible(_("This lot is of another strip."))
    check = QualityCheck.objects.create(
        lab=lab,
        method=method,
        lot=lot,
        kind=kind,
        has_passed=has_passed,
        done_on=done_on,
        recorded_at=timezone.now(),
        entered_by=by,
    )
    _ring()
    return check


@transaction.atomic
def withdraw_check(check: QualityCheck, *, by: User | None, because: str) -> bool:
    """Take back a check that was entered wrongly. It stays on record; False where that was done before."""
    changed = QualityCheck.objects.filter(pk=check.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=timezone.now(), withdrawn_because=because[:300], withdrawn_by=by
    )
    _ring()
    return bool(changed)


@transaction.atomic
def plan_checks(
    *, lab: Site, method: Method, kind: str, every_days: int | None, since: date, by: User | None
) -> QualityPlan:
    """From a day on a passed check is asked for so often; None ends the plan. Earlier days keep theirs."""
    plan = QualityPlan.objects.create(
        lab=lab,
        method=method,
        kind=kind,
        every_days=every_days,
        since=since,
        recorded_at=timezone.now(),
        entered_by=by,
    )
    _ring()
    return plan


@transaction.atomic
def read_again(result: Result, *, agrees: bool, by: User | None) -> SecondReading:
    """What a second person read. Whoever entered the result cannot be the second."""
    if by is not None and result.entered_by_id == by.pk:
        raise NotPossible(_("A second reading takes a second person."))
    if not Result.objects.current().filter(pk=result.pk).exists():
        raise NotPossible(_("This result had been corrected or taken back already."))
    reading, is_new = SecondReading.objects.get_or_create(
        result=result, defaults={"agrees": agrees, "recorded_at": timezone.now(), "read_by": by}
    )
    if not is_new:
        raise NotPossible(_("There is a second reading already. Correct the result if it was wrong."))
    _ring()
    return reading


def _ring() -> None:
    transaction.on_commit(lambda: bell.ring("results"))
