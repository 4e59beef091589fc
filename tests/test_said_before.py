"""A rule neither repeats itself nor speaks too often, and a corrected result is not lost with the notice it stopped."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from alerts import lifecycle
from alerts.models import Alert, AlertEvent, Signal
from alerts.screening import screen_waiting
from checking import bodies, submission
from checking.decoding import decode
from checking.models import Network, Result, Sample, Site
from tests.alerting import (
    approve,
    begin_to_hold,
    body_of,
    check,
    check_fentanyl_in_cocaine,
    later,
    make_ready,
    make_reviewers,
    publish,
)
from tests.factories import submit
from tests.sending import lab_body, sample_body, strip_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return make_ready()


def said(**after: float) -> list[AlertEvent]:
    lifecycle.publish_due_notices(later(**(after or {"minutes": 2})))
    return list(AlertEvent.objects.order_by("seq"))


def held_back() -> list[str]:
    return Signal.objects.filter(rule="mis_sold").latest("pk").held_back_by


def correct(receipt: Any, site: Site, place: int = 0, **body: Any) -> Any:
    old = Result.objects.get(pk=receipt.result_ids[place])
    sent = {**lab_body(("fentanyl",)), "reason": "a slip of the pen", **body}
    correction = decode(json.dumps(sent).encode(), bodies.Correction)
    receipt = submission.correct_result(old, correction, submission.Source(site=site))
    screen_waiting()
    return receipt


def add(receipt: Any, site: Site, body: dict[str, Any]) -> None:
    result = decode(json.dumps(body).encode(), bodies.NewResult)
    submission.add_results(Sample.objects.get(pk=receipt.sample_id), [result], submission.Source(site=site))
    screen_waiting()


# The hold.


def test_a_result_corrected_in_the_hold_is_said_as_corrected(site: Site):
    Network.objects.update(hold_minutes=15)
    first = check_fentanyl_in_cocaine(site)
    corrected = correct(first, site)

    (event,) = said(minutes=16)

    assert event.alert.evidence.get().result_id == corrected.result_ids[0]
    assert Alert.objects.exclude(pk=event.alert_id).get().state == "stopped"


def test_the_same_where_the_corrected_one_is_not_what_set_it_off(site: Site):
    begin_to_hold()
    ftir_first = check(lab_body(("fentanyl",), method="ftir"), strip_body("absent"), site=site)
    correct(ftir_first, site, method="ftir", findings=[{"substance": "carfentanil"}])

    (event,) = said()

    assert event.payload["alert"]["substances"] == ["carfentanil"]


def test_another_sample_speaks_when_the_one_before_it_falls_in_its_hold(site: Site):
    Network.objects.update(hold_minutes=15)
    first = check_fentanyl_in_cocaine(site)
    second = check_fentanyl_in_cocaine(site)
    submission.withdraw_result(Result.objects.get(pk=first.result_ids[0]), reason="mix-up")

    (event,) = said(minutes=16)

    assert event.alert.evidence.get().result_id == second.result_ids[0]


def test_of_two_alike_in_their_hold_the_first_is_said_and_the_second_added(site: Site):
    first, second = check_fentanyl_in_cocaine(site), check_fentanyl_in_cocaine(site)

    (event,) = said()

    rests_on = set(event.alert.evidence.values_list("result_id", flat=True))
    assert rests_on == {first.result_ids[0], second.result_ids[0]}
    assert held_back() == ["not_again_in_14_days"]


def test_a_later_sample_that_falls_does_not_take_the_first_with_it(site: Site):
    Network.objects.update(hold_minutes=15)
    check_fentanyl_in_cocaine(site)
    second = check_fentanyl_in_cocaine(site)
    lifecycle.add_evidence(Alert.objects.earliest("created_at"), list(Result.objects.filter(pk=second.result_ids[0])))
    submission.withdraw_result(Result.objects.get(pk=second.result_ids[0]), reason="mix-up")

    assert len(said(minutes=16)) == 1


# One sample, one thing.


def test_a_correction_is_not_said_twice_even_without_caps():
    site = make_ready(caps=False)
    first = check_fentanyl_in_cocaine(site)
    assert len(said()) == 1

    correct(first, site)

    assert len(said()) == 1
    assert held_back() == ["not_said_of_this_sample"]


def test_a_second_lab_on_the_same_sample_is_not_a_second_notice():
    site = make_ready(caps=False)
    first = check(strip_body("absent"), lab_body(("fentanyl",), method="ftir"), site=site)
    assert len(said()) == 1

    add(first, site, lab_body(("fentanyl",)))

    assert len(said()) == 1


@pytest.mark.parametrize("step", ["stopped", "withdrawn"])
def test_what_a_person_stopped_or_took_back_is_not_said_again_of_that_sample(step: str):
    site = make_ready(caps=False, hold=1)
    ben, _ = make_reviewers()
    first = check_fentanyl_in_cocaine(site)
    if step == "stopped":
        lifecycle.stop_notice(Alert.objects.get(), by=ben)
    else:
        said()
        lifecycle.withdraw_alert(Alert.objects.get(), by=ben, because="mix-up")
    events = AlertEvent.objects.count()

    correct(first, site)

    assert len(said()) == events
    assert held_back() == ["not_said_of_this_sample"]


@pytest.mark.django_db(transaction=True)
def test_watchers_side_by_side_say_one_of_many_alike(site: Site):
    begin_to_hold()
    for _ in range(12):
        submit(sample_body(lab_body(("fentanyl",))), site)
    screen_waiting()
    assert Alert.objects.filter(state="proposed").count() == 12
    failures: list[BaseException] = []
    begin = threading.Barrier(3)

    def watch() -> None:
        try:
            begin.wait(10)
            lifecycle.publish_due_notices(later(minutes=2))
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    watchers = [threading.Thread(target=watch) for _ in range(3)]
    for each in watchers:
        each.start()
    for each in watchers:
        each.join()

    assert not failures
    assert AlertEvent.objects.count() == 1
    assert AlertEvent.objects.get().alert.evidence.count() == 12


# Fourteen days, and seven.


def said_by_people(site: Site, *, created_days_ago: int, published_days_ago: int) -> Alert:
    alert = publish("caution", area=site.area.slug)
    now = timezone.now()
    Alert.objects.filter(pk=alert.pk).update(
        topic="us-pa-allegheny|fentanyl_type_opioid|stimulant",
        created_at=now - timedelta(days=created_days_ago),
        published_at=now - timedelta(days=published_days_ago),
    )
    return alert


def test_what_people_drafted_long_ago_and_said_lately_was_said_lately(site: Site):
    alert = said_by_people(site, created_days_ago=20, published_days_ago=3)
    lifecycle.end_alert(alert, by=make_reviewers()[0])
    events = AlertEvent.objects.count()

    check_fentanyl_in_cocaine(site)

    assert len(said()) == events
    assert held_back() == ["not_again_in_14_days"]


def test_what_still_stands_is_not_said_again_however_old(site: Site):
    said_by_people(site, created_days_ago=20, published_days_ago=20)

    check_fentanyl_in_cocaine(site)

    assert len(said()) == 1
    assert held_back() == ["not_again_in_14_days"]


def test_what_people_said_within_the_hold_is_not_said_again_by_a_rule(site: Site):
    Network.objects.update(hold_minutes=15)
    check_fentanyl_in_cocaine(site)
    said_by_people(site, created_days_ago=0, published_days_ago=0)

    assert len(said(minutes=16)) == 1
    assert held_back() == ["not_again_in_14_days"]


def test_what_people_only_proposed_holds_no_rule_back(site: Site):
    ben, _ = make_reviewers()
    check_fentanyl_in_cocaine(site)
    alert = Alert.objects.get()
    lifecycle.edit(alert, by=ben, level="notice", body={**lifecycle.latest(alert).body, "network": "Another"})

    check_fentanyl_in_cocaine(site)

    assert len(said()) == 1


def test_a_notice_that_was_withdrawn_leaves_the_next_one_to_people(site: Site):
    check_fentanyl_in_cocaine(site)
    said()
    lifecycle.withdraw_alert(Alert.objects.get(), by=make_reviewers()[0], because="mix-up")

    check_fentanyl_in_cocaine(site)

    assert [event.kind for event in said()] == ["published", "withdrawn"]
    assert held_back() == ["not_again_in_14_days"]
    assert Alert.objects.get().evidence.count() == 1


def test_withdrawn_notices_count_towards_two_in_seven_days(site: Site):
    for expected in ("cocaine", "alprazolam"):
        check(lab_body(("fentanyl",)), site=site, expected=(expected,))
    said()
    for alert in Alert.objects.all():
        lifecycle.withdraw_alert(alert, by=make_reviewers()[0], because="mix-up")

    check(lab_body(("fentanyl",)), site=site, expected=("ketamine",))

    assert len(said()) == 4
    assert held_back() == ["under_two_in_7_days"]


def test_a_notice_that_is_edited_while_the_watcher_looks_waits_for_its_editor(site: Site):
    begin_to_hold()
    check_fentanyl_in_cocaine(site)
    alert = Alert.objects.get()
    lifecycle.edit(alert, by=make_reviewers()[0], level="notice", body=lifecycle.latest(alert).body)

    assert lifecycle._publish_if_due(alert.pk, later(hours=1)) is False
    alert.refresh_from_db()
    assert alert.state == "proposed"


def test_edited_words_go_out_only_once_approved(site: Site):
    begin_to_hold()
    ben, ada = make_reviewers()
    check_fentanyl_in_cocaine(site)
    alert = Alert.objects.get()
    lifecycle.edit(alert, by=ben, level="caution", body=body_of(level="caution"))

    assert said() == []
    approve(alert, ben)
    approve(alert, ada)
    assert lifecycle.publish(alert, by=ben).payload["alert"]["level"] == "caution"
