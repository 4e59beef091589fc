"""Each step of an alert goes to exactly those it concerns, whatever way they are told."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from alerts import lifecycle
from alerts.models import Alert, AlertEvent, Delivery, Subscription
from tests.alerting import approve, body_of, later, make_reviewers, publish, subscribe

pytestmark = pytest.mark.django_db

TRANSPORTS = ("email", "sms", "web_push", "webhook")


def told(event: AlertEvent) -> dict[str, set[Subscription]]:
    """Who is told of a step, by the way they are told."""
    found: dict[str, set[Subscription]] = {name: set() for name in TRANSPORTS}
    for delivery in event.deliveries.select_related("subscription"):
        found[delivery.subscription.transport].add(delivery.subscription)
    return found


def end(alert: Alert) -> None:
    lifecycle.end_alert(alert, by=make_reviewers()[0])


def withdraw(alert: Alert) -> None:
    lifecycle.withdraw_alert(alert, by=make_reviewers()[0], because="A mix-up.")


def run_out(alert: Alert) -> None:
    lifecycle.expire_due(later(days=8))


def lapse(alert: Alert) -> None:
    Alert.objects.filter(pk=alert.pk).update(second_review_by=timezone.now())
    lifecycle.lapse_due(later(hours=73))


@pytest.mark.parametrize(
    ("close", "kind"), [(end, "ended"), (withdraw, "withdrawn"), (run_out, "ended"), (lapse, "lapsed")]
)
def test_what_closes_an_alert_goes_to_exactly_those_who_were_told(close: Callable[[Alert], None], kind: str):
    here = {way: {subscribe(areas=("us-pa-allegheny",), transport=way) for _ in range(3)} for way in TRANSPORTS}
    for way in TRANSPORTS:
        subscribe(areas=("us-va",), transport=way)
    alert = publish("caution")
    for of_way in here.values():  # one moved away since, one asks for less, one stays
        moved, quieter, _ = sorted(of_way, key=lambda each: str(each.pk))
        Subscription.objects.filter(pk=moved.pk).update(areas=["us-va"])
        Subscription.objects.filter(pk=quieter.pk).update(level="warning")
    for way in TRANSPORTS:  # and someone asked since, who was never told
        subscribe(areas=("us-pa-allegheny",), transport=way)

    close(alert)

    first, last = alert.events.order_by("seq")
    assert (first.kind, last.kind) == ("published", kind)
    assert told(first) == here
    assert told(last) == here


def test_news_goes_to_those_who_were_told_and_to_those_it_concerns_by_now():
    before = subscribe(areas=("us-pa-allegheny",))
    alert = publish("caution")
    Subscription.objects.filter(pk=before.pk).update(areas=["us-va"])
    since, elsewhere = subscribe(areas=("us-pa-allegheny",)), subscribe(areas=("us-va",))
    ben, ada = make_reviewers()
    body = body_of(level="caution")
    body["blocks"]["en"]["headline"] += ", again"
    lifecycle.edit(alert, by=ben, level="caution", body=body)
    approve(alert, ben)
    approve(alert, ada)

    event = lifecycle.update_alert(alert, by=ben)

    assert told(event)["email"] == {before, since}
    assert elsewhere.told.count() == 0


def test_withdrawal_reaches_everyone_who_was_told():
    here, elsewhere = subscribe(areas=("us-pa-allegheny",)), subscribe(areas=("us-va",))
    alert = publish("caution")
    here.areas = ["us-va"]
    here.save()
    ben, _ = make_reviewers()

    event = lifecycle.withdraw_alert(alert, by=ben, because="a mix-up")

    assert [each.subscription for each in event.deliveries.all()] == [here]
    assert not Delivery.objects.filter(subscription=elsewhere).exists()


def test_an_ended_subscription_hears_nothing_more():
    gone = subscribe()
    alert = publish("caution")
    gone.ended_on = timezone.now().date()
    gone.save()
    ben, _ = make_reviewers()

    assert not lifecycle.withdraw_alert(alert, by=ben, because="a mix-up").deliveries.exists()


def test_a_notice_goes_to_those_who_asked_for_notices():
    usual, all_of_them = subscribe(), subscribe(level="notice")

    event = publish("notice").events.get()

    assert [each.subscription for each in event.deliveries.all()] == [all_of_them]
    assert usual.told.count() == 0


def test_an_unconfirmed_subscription_is_sent_nothing():
    subscribe()
    asked = subscribe()
    asked.is_confirmed = False
    asked.save()

    assert publish("caution").events.get().deliveries.count() == 1


def test_a_drill_reaches_only_those_who_asked_for_drills_and_says_so():
    subscribe()
    wants = subscribe(wants_drills=True)

    event = publish("caution", is_drill=True).events.get()

    assert [each.subscription for each in event.deliveries.all()] == [wants]
    assert event.seq == 1
    for text in event.payload["alert"]["texts"].values():
        for said in (text["sms"], text["body"], text["blocks"]["headline"]):
            assert said.upper().startswith(("DRILL", "SIMULACRO"))
    assert publish("caution").events.get().seq == 1  # drills have their own sequence


def test_who_heard_the_first_version_hears_the_next_one():
    ben, ada = make_reviewers()
    alert = publish("caution", area="us-pa")
    body = body_of("xylazine", area="us-pa-beaver", level="notice")
    lifecycle.edit(alert, by=ben, level="notice", body=body)
    approve(alert, ben)

    event = lifecycle.update_alert(alert, by=ada)

    assert event.heard_substances == ["fentanyl", "xylazine"]
    assert event.heard_areas == ["us-pa", "us-pa-beaver"]
    assert event.heard_level == "caution"
