"""What people told of an alert, before reviewers: one signal a week, which speaks to nobody and proves nothing."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from alerts import desk_steps, evidence_changes, judging, lifecycle, rules, sightings, watcher
from alerts.answers import Answers
from alerts.desk import grouped
from alerts.desk_socket import what_is_shown
from alerts.models import Alert, AlertEvent, AlertEvidence, Sighting, Signal
from alerts.screening import screen_waiting
from checking import catalogue
from checking.models import Area, Result
from tests.alerting import approve, draft, make_member, make_reviewers, publish
from tests.factories import make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body

pytestmark = pytest.mark.django_db

HERE = "us-pa-allegheny"
STRONGER = Answers(saw=("stronger",))


@pytest.fixture(autouse=True)
def _on_a_thursday() -> Iterator[None]:
    """Early in a week, so that "three days later" is still the same one."""
    with time_machine.travel("2026-11-24 10:00:00+00:00"):
        yield


@pytest.fixture
def alert() -> Alert:
    make_vocabulary()
    return publish("caution")


def tell(alert: Alert, told: Answers = STRONGER, *, times: int = 1) -> Signal:
    for _ in range(times):
        sightings.tell(alert.pk, told, form=uuid4())
    return Signal.objects.filter(rule="reported", alert=alert).latest("pk")


def of_reviewer() -> Client:
    client = Client()
    client.force_login(make_reviewers()[0])
    return client


def page(response) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def in_days(days: int):
    return time_machine.travel(timezone.now() + timedelta(days=days))


# One signal


def test_all_that_is_told_of_one_alert_in_a_week_is_one_signal_whose_counts_grow(alert):
    tell(alert, Answers(saw=("stronger", "looked"), where=HERE, strip="reacted"))
    with in_days(3):
        signal = tell(alert, Answers(saw=("stronger",), where="*"))

    assert Signal.objects.filter(rule="reported").count() == 1
    assert signal.counts == {
        "level_hint": "notice", "reports": 2, "saw.stronger": 2, "saw.looked": 1, "where.*": 1, f"where.{HERE}": 1,
        "strip.reacted": 1,
    }  # fmt: skip


def test_it_is_told_and_no_more_and_never_speaks(alert):
    signal = tell(alert, times=40)

    assert (signal.rung, signal.may_speak, signal.site) == ("reported", False, None)
    assert signal.held_back_by == ["reviewer_first", "only_told"]
    assert signal.area == alert.area
    assert not signal.results.exists()
    assert "reported" not in rules.SPEAKING


def test_the_next_week_and_another_alert_are_signals_of_their_own(alert):
    first, other = tell(alert), tell(publish("caution"))
    with in_days(7):
        second = tell(alert)

    assert len({first.pk, other.pk, second.pk}) == 3


@pytest.mark.parametrize("change", [{"may_speak": True}, {"rung": "presumptive"}, {"rung": "confirmed"}])
def test_the_database_lets_nobody_make_more_of_it(alert, change):
    signal = tell(alert)

    with pytest.raises(IntegrityError), transaction.atomic():
        Signal.objects.filter(pk=signal.pk).update(**change)


def test_no_other_signal_is_without_a_site(alert):
    site = make_site()
    signal = Signal.objects.create(rule="mis_sold", area=site.area, site=site, on="2026-11-24", rung="reported")

    with pytest.raises(IntegrityError), transaction.atomic():
        Signal.objects.filter(pk=signal.pk).update(site=None)


# The desk


def test_it_stands_with_what_else_is_about_the_alert(alert):
    told, other = tell(alert), tell(publish("notice"))
    site = make_site()
    result = Result.objects.get(pk=submit(sample_body(lab_body()), site).result_ids[0])
    evidence_changes.tell(alert, result, "withdrawn", timezone.now())
    changed = Signal.objects.get(rule="evidence_changed")

    rows = Signal.objects.filter(pk__in=[told.pk, other.pk, changed.pk]).select_related("area")
    groups = [set(group.ids) for group in grouped(rows, catalogue.current())]

    assert {told.pk, changed.pk} in groups
    assert {other.pk} in groups


def test_the_desk_says_it_in_words_with_the_alert_it_is_about(alert):
    tell(alert, times=3)

    said = page(of_reviewer().get("/desk/"))
    headline = lifecycle.latest(alert).body["blocks"]["en"]["headline"]

    assert "People told what they saw" in said
    assert "on the page of an alert: 3 forms. Nobody has checked it." in said
    assert f'About: <a href="/staff/review/alerts/{alert.pk}/">{headline}</a>' in said
    assert "0 samples" not in said
    assert "Prepare the words" not in said


def test_a_reviewer_reads_how_often_each_answer_was_given_and_no_public_page_leads_there(alert):
    signal = tell(alert, Answers(saw=("sleepier",), when="today", where=HERE, form="powder", colour="blue"), times=2)
    address = f"/staff/review/signals/{signal.pk}/"

    said = page(of_reviewer().get(address))

    for line in ("sleepier than expected: 2", "Today: 2", "Allegheny: 2", "Powder: 2", "Blue: 2"):
        assert line in said
    assert "people told it, and nobody has checked it" in said
    assert "Reported; nobody has checked it yet" in said
    assert f'href="{address}"' in page(of_reviewer().get(f"/staff/review/alerts/{alert.pk}/"))
    assert Client().get(address).status_code == 302


def test_it_is_told_to_reviewers_in_spanish(alert):
    signal = tell(alert, Answers(saw=("stronger",), where="*"), times=2)

    assert "2 formularios. Nadie lo ha comprobado." in page(of_reviewer().get("/desk/?lang=es"))
    said = page(of_reviewer().get(f"/staff/review/signals/{signal.pk}/?lang=es"))
    assert "Se sintió más fuerte de lo esperado: 2" in said
    assert "En otro lugar: 2" in said


def test_who_does_not_review_there_does_not_read_it(alert):
    signal = tell(alert)
    roanoke = make_site("roanoke", area="us-va-roanoke")
    for name, role, site in (("dee", "collector", make_site()), ("rob", "reviewer", roanoke)):
        client = Client()
        client.force_login(make_member(name, role, site))
        assert client.get(f"/staff/review/signals/{signal.pk}/").status_code in (403, 404)


def test_an_open_desk_hears_that_the_count_grew(alert):
    client = of_reviewer()
    tell(alert)
    scope = {"session": client.session}
    before = what_is_shown(scope)

    tell(alert)

    assert what_is_shown(scope) != before


# Judged


def dismissed(signal: Signal) -> Signal:
    response = of_reviewer().post("/desk/dismiss/", {"signals": signal.pk, "because": "Known since Monday."})
    assert response.status_code == 302
    signal.refresh_from_db()
    assert (signal.state, signal.dismissed_because) == ("dismissed", "Known since Monday.")
    return signal


def test_once_set_aside_only_as_many_again_bring_it_back(alert):
    first = dismissed(tell(alert, times=3))

    assert tell(alert, times=2).pk == first.pk
    second = tell(alert)

    assert second.pk != first.pk
    assert second.counts["reports"] == 3
    first.refresh_from_db()
    assert (first.state, first.counts["reports"]) == ("dismissed", 3)  # as it was judged
    assert tell(alert).pk == second.pk


def test_set_aside_twice_it_takes_as_many_as_the_second_time(alert):
    dismissed(tell(alert, times=2))
    dismissed(tell(alert, times=2))

    assert Signal.objects.filter(rule="reported", state="open").count() == 0
    assert tell(alert, times=2).counts["reports"] == 2
    assert Signal.objects.filter(rule="reported").count() == 3


def test_brought_back_within_the_day_it_counts_on(alert):
    signal = dismissed(tell(alert))
    desk_steps.undo([signal.pk], by=make_reviewers()[0])

    assert tell(alert).pk == signal.pk


# No evidence


def test_no_alert_is_made_of_it_alone(alert):
    signal = tell(alert, times=30)

    with pytest.raises(judging.NothingToSay):
        desk_steps.draft([signal.pk], by=make_reviewers()[0], level="warning", area=alert.area)


def test_joined_with_a_labs_result_it_makes_nothing_surer(alert):
    make_site("riverside")
    submit(sample_body(lab_body(("fentanyl",), method="ftir")), make_site())
    screen_waiting()
    lab = Signal.objects.get(rule="mis_sold")
    ben, place = make_reviewers()[0], Area.objects.get(slug=HERE)
    alone = desk_steps.draft([lab.pk], by=ben, level="notice", area=place)
    judging.reopen_signals(alone)
    main = desk_steps.merge([lab.pk, tell(alert, times=30).pk], by=ben)

    joined = desk_steps.draft([main.pk], by=ben, level="notice", area=place)

    assert lifecycle.latest(joined).body["evidence"] == lifecycle.latest(alone).body["evidence"]
    assert lifecycle.latest(joined).body["evidence"]["rung"] == "presumptive"
    assert joined.evidence.count() == alone.evidence.count() == 1


def test_nothing_that_is_said_waits_for_it_is_let_out_by_it_or_lives_longer_for_it(alert):
    before = list(AlertEvent.objects.values_list("pk", "sha256", "expires_at"))
    expires, versions = alert.expires_at, alert.contents.count()
    waiting = draft("warning")
    approve(waiting, make_reviewers()[0])
    told = tell(alert, times=50)
    Signal.objects.filter(pk=told.pk).update(alert=waiting)  # even if it were about the draft

    for step in (lifecycle.publish_due_notices, evidence_changes.shake, screen_waiting, *watcher.SLOW_STEPS):
        step()
    with pytest.raises(lifecycle.NotReleased):
        lifecycle.publish(waiting, by=make_reviewers()[0])

    alert.refresh_from_db()
    assert list(AlertEvent.objects.values_list("pk", "sha256", "expires_at")) == before
    assert (alert.expires_at, alert.contents.count()) == (expires, versions)
    assert not AlertEvidence.objects.exists()


# Forgotten


def test_after_90_days_only_how_many_told_is_left(alert):
    signal = tell(alert, Answers(saw=("stronger",), where=HERE), times=2)
    monday = signal.on

    assert sightings.forget_old_sightings(monday + timedelta(days=89)) == 0
    assert sightings.forget_old_sightings(monday + timedelta(days=90)) == 2

    assert not Sighting.objects.exists()
    signal.refresh_from_db()
    assert signal.counts == {"level_hint": "notice", "reports": 2}
    assert "What was told has been deleted" in page(of_reviewer().get(f"/staff/review/signals/{signal.pk}/"))


def test_it_is_forgotten_every_day_by_itself():
    assert sightings.forget_old_sightings in watcher.DAILY_JOBS
