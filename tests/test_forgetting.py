"""Who was told of what goes seven days after there can be nothing to add to it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from alerts import lifecycle
from alerts.forgetting import forget_who_was_told
from alerts.models import Alert, AlertEvent, Delivery, Told
from tests.alerting import make_reviewers, publish, subscribe

pytestmark = pytest.mark.django_db


def in_days(days: int) -> date:
    return (timezone.now() + timedelta(days=days)).date()


def told(level: str = "caution") -> Alert:
    subscribe(level="notice")
    return publish(level)


def test_while_it_stands_nobody_who_was_told_is_forgotten():
    alert = told()
    assert alert.expires_at is not None

    assert forget_who_was_told(in_days(7 + 6)) == 0
    assert Told.objects.count() == 1


def test_seven_days_after_it_was_ended_who_was_told_is_forgotten():
    lifecycle.end_alert(told(), by=make_reviewers()[0])

    assert forget_who_was_told(in_days(6)) == 0
    assert forget_who_was_told(in_days(9)) == 2
    assert (Delivery.objects.count(), Told.objects.count()) == (0, 0)
    assert AlertEvent.objects.count() == 2  # what was said stays


def test_a_later_withdrawal_is_a_later_last_step(monkeypatch: pytest.MonkeyPatch):
    alert = told()
    lifecycle.end_alert(alert, by=make_reviewers()[0])
    in_six_days = timezone.now() + timedelta(days=6)
    monkeypatch.setattr(timezone, "now", lambda: in_six_days)
    lifecycle.withdraw_alert(alert, by=make_reviewers()[0], because="mix-up")

    assert forget_who_was_told(in_days(6)) == 0
    assert forget_who_was_told(in_days(9)) == 3


@pytest.mark.parametrize("is_marked", [True, False])
def test_a_notice_that_ran_out_is_over_at_its_time(is_marked: bool):
    alert = told("notice")
    assert alert.expires_at is not None
    if is_marked:
        lifecycle.expire_due(alert.expires_at)

    assert forget_who_was_told(in_days(14 + 6)) == 0
    assert forget_who_was_told(in_days(14 + 9)) == 1
