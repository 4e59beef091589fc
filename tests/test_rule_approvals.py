"""Two people, one of them a community reviewer, say yes to a rule's exact words; then it may speak."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts import lifecycle, rule_approvals, rule_words, rule_yes
from alerts.approving import NotAllowed, NotReleased
from alerts.models import AlertEvent, RuleApproval
from checking.models import Membership, User
from tests.alerting import check_fentanyl_in_cocaine, later, make_member, make_ready, make_reviewers
from tests.factories import make_site, make_vocabulary

pytestmark = pytest.mark.django_db

RULE = "lab_named_opioid"


@pytest.fixture(autouse=True)
def _vocabulary() -> None:
    make_vocabulary()


def approve(person: User, rule: str = RULE) -> RuleApproval:
    return rule_approvals.approve_rule(rule, sha256=rule_words.words_sha256(rule), by=person)


def may_speak() -> bool:
    return rule_yes.is_approved(RULE, timezone.now())


def page_of(person: User) -> tuple[Client, str]:
    client = Client()
    client.force_login(person)
    return client, client.get("/staff/review/rules/").content.decode()


def test_two_people_let_a_rule_speak_and_one_does_not():
    ben, ada = make_reviewers()

    approve(ben)
    assert not may_speak()
    approve(ada)
    assert may_speak()


def test_two_reviewers_without_a_community_reviewer_do_not():
    approve(make_member("ben", "reviewer"))
    approve(make_member("eli", "reviewer"))

    assert not may_speak()


def test_one_person_twice_is_one():
    _, ada = make_reviewers()
    approve(ada)
    approve(ada)

    assert RuleApproval.objects.count() == 1
    assert not may_speak()


@pytest.mark.parametrize("role", ["coordinator", "chemist", "collector", "analyst"])
def test_other_roles_approve_no_rule(role: str):
    with pytest.raises(NotAllowed):
        approve(make_member("dee", role))


def test_a_reviewer_of_one_site_approves_for_no_other():
    with pytest.raises(NotAllowed):
        approve(make_member("cy", "reviewer", make_site()))


def test_words_that_changed_since_they_were_shown_are_not_approved(monkeypatch: pytest.MonkeyPatch):
    ben, _ = make_reviewers()
    shown = rule_words.words_sha256(RULE)
    monkeypatch.setattr(rule_words, "words_sha256", lambda rule: "another")

    with pytest.raises(NotReleased):
        rule_approvals.approve_rule(RULE, sha256=shown, by=ben)
    with pytest.raises(NotReleased):
        rule_approvals.approve_rule("no_such_rule", sha256="another", by=ben)


def test_a_yes_that_is_taken_back_silences_what_waits_in_its_hold():
    site = make_ready(hold=1)
    check_fentanyl_in_cocaine(site)
    rule_approvals.take_back_approval(RULE, by=make_reviewers()[0])

    lifecycle.publish_due_notices(later(minutes=2))

    assert not AlertEvent.objects.exists()


def test_the_page_shows_the_exact_words_in_every_language_and_takes_the_yes():
    ben, ada = make_reviewers()
    approve(ada)
    client, page = page_of(ben)

    assert "Sold as cocaine, a lab found fentanyl" in page
    assert "Vendido como cocaína, un laboratorio encontró fentanilo" in page
    assert "not yet reviewed" in page
    assert rule_words.words_sha256(RULE) in page

    answer = client.post(f"/staff/review/rules/{RULE}/approve/", {"sha256": rule_words.words_sha256(RULE)}, follow=True)
    assert "for six months" in answer.content.decode()
    assert may_speak()

    client.post(f"/staff/review/rules/{RULE}/take-back/")
    assert not may_speak()


@pytest.mark.parametrize("address", [f"{RULE}/approve/", f"{RULE}/nothing/", "no_such_rule/approve/"])
def test_a_step_without_the_words_it_is_about_changes_nothing(address: str):
    ben, _ = make_reviewers()
    client, _page = page_of(ben)

    client.post(f"/staff/review/rules/{address}")

    assert not RuleApproval.objects.exists()


def test_who_reviews_nothing_sees_no_rules():
    dee = make_member("dee", Membership.Role.COLLECTOR)
    client, _page = page_of(dee)

    answer: Any = client.post(f"/staff/review/rules/{RULE}/approve/", {"sha256": rule_words.words_sha256(RULE)})

    assert answer.status_code == 403
