"""Reviewers are called to a warning that waits for a second person, and the rules' record is kept."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from alerts import lifecycle
from alerts.evidence_changes import shake
from alerts.models import Alert, NoticeOutcome, ReviewerPage
from alerts.paging import page_reviewers
from alerts.record import Record, count_outcomes, record
from checking.models import Result
from checking.submission import withdraw_result
from tests.alerting import approve, check_fentanyl_in_cocaine, draft, later, make_member, make_ready, make_reviewers
from tests.factories import make_vocabulary

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting() -> Alert:
    """A warning that Ben let out alone."""
    ben, ada = make_reviewers()
    ada.email = "ada@example.org"
    ada.save()
    ben.email = "ben@example.org"
    ben.save()
    alert = draft("warning")
    approve(alert, ben)
    lifecycle.publish_by_fast_lane(alert, by=ben)
    alert.refresh_from_db()
    return alert


@pytest.fixture
def can_mail(settings):
    settings.EMAIL_IS_ON = True


def test_reviewers_are_called_at_24_and_48_hours_once_each(waiting, can_mail):
    calls = [page_reviewers(later(hours=hours)) for hours in (1, 23, 24.1, 25, 47, 48.1, 60)]

    assert calls == [0, 0, 1, 0, 0, 1, 0]
    assert list(waiting.pages.values_list("after_hours", "mailed")) == [(24, 1), (48, 1)]


def test_who_said_yes_already_and_who_may_not_is_not_written_to(waiting, can_mail):
    other = make_member("dee", "collector")
    other.email = "dee@example.org"
    other.save()

    page_reviewers(later(hours=24.1))

    [sent] = mail.outbox
    assert sent.to == ["ada@example.org"]
    assert reverse("review_alert", args=[waiting.pk]) in sent.body
    assert "48 hours" in sent.body
    assert "fentanyl" not in (sent.subject + sent.body).lower()


def test_newer_words_that_nobody_approved_yet_call_the_same_people(waiting, can_mail):
    lifecycle.propose_change(waiting, news="withdrawn")

    page_reviewers(later(hours=24.1))

    assert [each.to for each in mail.outbox] == [["ada@example.org"]]


def test_without_mail_the_call_stands_on_the_page(waiting, client):
    page_reviewers(later(hours=24.1))

    client.force_login(make_reviewers()[1])
    said = client.get(reverse("review_alert", args=[waiting.pk])).content.decode()

    assert mail.outbox == []
    assert "Reviewers were called after 24 hours." in said


def test_what_was_reviewed_calls_nobody(waiting):
    approve(waiting, make_reviewers()[1])

    assert page_reviewers(later(hours=30)) == 0
    assert not ReviewerPage.objects.exists()


# What became of what rules said


def a_notice() -> Alert:
    check_fentanyl_in_cocaine(make_ready())
    lifecycle.publish_due_notices(later(seconds=1))
    return Alert.objects.get(state="published")


def test_a_notice_a_lab_stands_behind_is_confirmed(client):
    a_notice()

    assert count_outcomes(timezone.now().date()) == 1
    assert record(timezone.now().date())[""] == Record(notices=1, confirmed=1, not_confirmed=0, never_tested=0)
    said = client.get(reverse("about_record")).content.decode()
    assert "Of 1 notice in the last year 1 was confirmed, 0 was not, 0 never tested by a lab." in said


@pytest.mark.parametrize("how", ["result", "notice"])
def test_a_notice_taken_back_was_not_confirmed(how):
    alert = a_notice()
    count_outcomes(timezone.now().date())
    ben, _ = make_reviewers()
    if how == "result":
        withdraw_result(Result.objects.get(), reason="Mixed up.", by=ben)
        shake()
    else:
        lifecycle.withdraw_alert(alert, by=ben, because="It was wrong.")

    count_outcomes(timezone.now().date())

    assert NoticeOutcome.objects.get().outcome == "not_confirmed"


def test_after_a_year_it_no_longer_counts():
    a_notice()
    count_outcomes(timezone.now().date())

    assert record(timezone.now().date() + timedelta(days=400)) == {}


def test_where_no_rule_has_spoken_the_page_says_so(client):
    make_vocabulary()

    said = client.get(reverse("about_record"))

    assert said.status_code == 200
    assert "No rule has spoken by itself in the last year." in said.content.decode()
