"""Sixty-four who publish at the same moment: every step numbered in the order of its commit, and none skipped.

Real connections, a thread each, on both shapes. Whoever polls `seq > last` must meet every step.
"""

import itertools
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from alerts import evidence_changes, lifecycle, screening, steps
from alerts.models import Alert, AlertEvent, AlertEvidence
from checking.models import Result, User
from checking.submission import withdraw_result
from tests.alerting import approve, draft, later, make_ready, make_reviewers
from tests.factories import submit
from tests.sending import lab_body, sample_body

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

PUBLISHERS = 64
FEW = 16
NOTICES = 16


class Poller:
    """Reads what is past the last `seq` it saw, over and over, as the hub does."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._poll)

    def __enter__(self) -> "Poller":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _poll(self) -> None:
        try:
            is_last = False
            while not is_last:
                # Without a breath it would hold the interpreter each time a publisher waits for its database.
                is_last = self._over.wait(0.001)
                last = self.seen[-1] if self.seen else 0
                rows = AlertEvent.objects.filter(is_drill=False, seq__gt=last).order_by("seq")
                self.seen += rows.values_list("seq", flat=True)
        finally:
            connection.close()


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """All of them from one moment on, each with a connection of its own. Whatever one raises comes out here."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            gate.wait()
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def approved(count: int) -> tuple[list[Alert], User]:
    ben, ada = make_reviewers()
    alerts = [draft("caution", by=ben) for _ in range(count)]
    for alert in alerts:
        approve(alert, ben)
        approve(alert, ada)
    return alerts, ben


def publishing(alerts: list[Alert], by: User) -> list[Callable[[], Any]]:
    return [lambda alert=alert: lifecycle.publish(alert, by=by) for alert in alerts]


def test_sixty_four_at_once_are_numbered_without_a_gap_and_a_poller_meets_each():
    alerts, ben = approved(PUBLISHERS)

    with Poller() as poller:
        events = at_once(publishing(alerts, ben))

    assert sorted(event.seq for event in events) == list(range(1, PUBLISHERS + 1))
    assert poller.seen == list(range(1, PUBLISHERS + 1))


@pytest.mark.only_postgres  # SQLite has one writer at a time
def test_a_number_given_out_before_its_turn_to_commit_is_skipped_by_a_poller(monkeypatch):
    """What a sequence of the database would do: this is what the lock is for."""
    numbers, chance = itertools.count(1), random.Random(1)

    def drawn(*, is_drill: bool) -> int:
        number = next(numbers)
        time.sleep(chance.uniform(0, 0.2))
        return number

    monkeypatch.setattr(steps, "_next_seq", drawn)
    alerts, ben = approved(FEW)

    with Poller() as poller:
        at_once(publishing(alerts, ben))

    assert len(poller.seen) < FEW


def test_of_two_who_publish_the_same_alert_one_does():
    alerts, ben = approved(FEW)

    def try_it(alert: Alert) -> bool:
        try:
            lifecycle.publish(alert, by=ben)
        except lifecycle.WrongState:
            return False
        return True

    done = at_once([lambda alert=alert: try_it(alert) for alert in alerts for _ in range(2)])

    assert sum(done) == FEW
    assert list(AlertEvent.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, FEW + 1))


def publish_due() -> int:
    return lifecycle.publish_due_notices(later(minutes=2))


def test_what_is_taken_back_while_it_is_published_is_never_left_standing_unmarked():
    """Each notice either was not said, or is marked as resting on a result that fell."""
    site = make_ready(caps=False, hold=1)
    for _ in range(NOTICES):
        submit(sample_body(lab_body(("fentanyl",))), site)
    screening.screen_waiting()
    assert Alert.objects.filter(state=Alert.State.PROPOSED).count() == NOTICES
    results = list(Result.objects.all())

    take_back = [lambda row=row: withdraw_result(row, reason="Another sample's vial.") for row in results]
    with Poller() as poller:
        at_once([publish_due, publish_due, *take_back])
        screening.screen_waiting()
        evidence_changes.shake()
        publish_due()

    said = Alert.objects.filter(state=Alert.State.PUBLISHED)
    assert not AlertEvidence.objects.filter(alert__in=said, shaken_at__isnull=True).exists()
    assert said.count() + Alert.objects.filter(state=Alert.State.STOPPED).count() == NOTICES
    numbers = list(AlertEvent.objects.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, len(numbers) + 1)) == poller.seen
