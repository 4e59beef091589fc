"""The one door: who may say what, when, and that nobody gets past it."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from alerts import lifecycle, released_only
from alerts.approving import NotAllowed, NotReleased, content_sha256, is_released_by_enough
from alerts.grading import level_of
from alerts.levels import LIFETIMES, USUAL, Cap
from alerts.models import Alert, AlertContent, AlertEvent, AlertEvidence, Approval, Grade
from checking.models import Area, Membership, Result, User
from tests.alerting import approve, approve_rule, body_of, draft, later, make_member, make_reviewers, publish
from tests.factories import make_areas, make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body

pytestmark = pytest.mark.django_db


class Yes:
    """An approval by hand."""

    def __init__(self, by: int, role: str = "reviewer", session: str = "", sha256: str = "x") -> None:
        self.by_id, self.role, self.session_hash, self.sha256 = by, role, session or str(by), sha256


@pytest.mark.parametrize(
    ("level", "approvals", "is_enough"),
    [
        ("notice", [], False),
        ("notice", [Yes(1)], True),
        ("notice", [Yes(1, "coordinator")], False),
        ("caution", [Yes(1)], False),
        ("caution", [Yes(1), Yes(1)], False),
        ("caution", [Yes(1), Yes(2)], True),
        ("caution", [Yes(1), Yes(2, session="1")], False),
        ("caution", [Yes(1), Yes(2, sha256="y")], False),
        ("warning", [Yes(1), Yes(2)], False),
        ("warning", [Yes(1), Yes(2, "community_reviewer")], True),
        ("warning", [Yes(1, "community_reviewer")], False),
        ("unheard of", [Yes(1), Yes(2, "community_reviewer")], False),
    ],
)
def test_each_level_takes_its_people(level: str, approvals: list[Yes], is_enough: bool):
    assert is_released_by_enough(level, "x", approvals) is is_enough


def test_a_caution_goes_out_when_two_people_approved_exactly_it():
    alert = publish("caution")

    assert alert.state == "published"
    assert alert.events.get().payload["alert"]["reviewed"] is True


def test_the_author_may_be_one_of_the_two():
    ben, ada = make_reviewers()
    alert = draft("caution", by=ben)
    approve(alert, ben)

    approve(alert, ada)

    assert lifecycle.publish(alert, by=ada).seq == 1


def test_one_person_cannot_let_out_a_caution():
    ben, _ = make_reviewers()
    alert = draft("caution", by=ben)
    approve(alert, ben)

    with pytest.raises(NotReleased):
        lifecycle.publish(alert, by=ben)


def test_two_people_in_one_session_are_one():
    ben, ada = make_reviewers()
    alert = draft("caution")
    approve(alert, ben, session="the same browser")

    with pytest.raises(NotAllowed):
        approve(alert, ada, session="the same browser")


def test_a_changed_word_takes_new_approvals():
    ben, ada = make_reviewers()
    alert = draft("caution")
    approve(alert, ben)
    approve(alert, ada)
    changed = body_of(level="caution")
    changed["blocks"]["en"]["headline"] += "."

    lifecycle.edit(alert, by=ben, level="caution", body=changed)

    with pytest.raises(NotReleased):
        lifecycle.publish(alert, by=ben)


def test_an_approval_of_what_was_shown_before_is_refused():
    ben, ada = make_reviewers()
    alert = draft("caution")
    shown = lifecycle.latest(alert)
    changed = body_of()
    changed["blocks"]["en"]["headline"] += "."
    lifecycle.edit(alert, by=ben, level="caution", body=changed)

    with pytest.raises(NotReleased):
        lifecycle.approve(shown, sha256=shown.sha256, by=ada, session_key="s")


def test_only_reviewers_approve():
    alert = draft("caution")
    collector = make_member("dee", "collector")

    with pytest.raises(NotAllowed):
        approve(alert, collector)


def test_a_reviewer_of_another_area_does_not_approve_here():
    alert = draft("caution", area="us-pa-allegheny")
    elsewhere = make_member("cy", "reviewer", make_site("roanoke", area="us-va-roanoke"))

    with pytest.raises(NotAllowed):
        approve(alert, elsewhere)


def test_a_governed_area_has_its_own_approvers():
    alert = draft("notice")
    Area.objects.filter(slug="us-pa-allegheny").update(governed_by="A community")
    ben, _ = make_reviewers()
    own = make_member("eli", "reviewer", make_site("harbour"))

    with pytest.raises(NotAllowed):
        approve(alert, ben)
    assert approve(alert, own).role == "reviewer"


@pytest.mark.parametrize("what", ["role", "account", "area"])
def test_the_yes_of_someone_who_may_approve_no_more_counts_no_more(what: str):
    ben, ada = make_reviewers()
    alert = draft("caution")
    approve(alert, ben)
    approve(alert, ada)
    if what == "role":
        Membership.objects.filter(user=ada).delete()
    elif what == "account":
        User.objects.filter(pk=ada.pk).update(is_active=False)
    else:
        Area.objects.filter(slug="us-pa-allegheny").update(governed_by="A community")

    with pytest.raises(NotReleased):
        lifecycle.publish(alert, by=ben)
    assert not AlertEvent.objects.exists()


def test_what_was_said_stays_reviewed_when_a_reviewer_leaves():
    ben, ada = make_reviewers()
    alert = publish("caution")
    Membership.objects.filter(user=ada).delete()

    event = lifecycle.end_alert(alert, by=ben)

    assert event.payload["alert"]["reviewed"] is True


def test_a_warning_between_its_two_clocks_lapses_and_does_not_end():
    ben, _ = make_reviewers()
    alert = draft("warning")
    approve(alert, ben)
    lifecycle.publish_by_fast_lane(alert, by=ben)
    alert.refresh_from_db()
    assert alert.expires_at is not None
    Alert.objects.filter(pk=alert.pk).update(second_review_by=alert.expires_at + timedelta(seconds=1))

    assert lifecycle.expire_due(alert.expires_at + timedelta(milliseconds=500)) == 0
    assert lifecycle.lapse_due(alert.expires_at + timedelta(seconds=2)) == 1


def test_a_rules_words_do_not_go_out_by_hand():
    make_vocabulary()
    ben, _ = make_reviewers()
    alert = _propose_by_rule(hold=timedelta(minutes=15))

    with pytest.raises(NotReleased):
        lifecycle.publish(alert, by=ben)


def test_edited_words_of_a_rule_are_nobodys_until_approved():
    make_vocabulary()
    ben, _ = make_reviewers()
    alert = _propose_by_rule(hold=timedelta(0))
    changed = body_of()
    changed["blocks"]["en"]["headline"] += "."

    lifecycle.edit(alert, by=ben, level="notice", body=changed)

    assert lifecycle.publish_due_notices(later(hours=1)) == 0
    assert not AlertEvent.objects.exists()


def test_any_member_of_staff_can_stop_a_notice_in_its_hold():
    make_vocabulary()
    dee = make_member("dee", "collector")
    alert = _propose_by_rule(hold=timedelta(minutes=15))

    lifecycle.stop_notice(alert, by=dee, because="wrong lot")

    alert.refresh_from_db()
    assert (alert.state, alert.stopped_by) == ("stopped", dee)
    assert lifecycle.publish_due_notices(later(hours=1)) == 0


def test_someone_without_a_role_can_do_nothing():
    alert = draft("notice")
    stranger = User.objects.create(username="stranger")

    with pytest.raises(NotAllowed):
        lifecycle.stop_notice(alert, by=stranger)


# Past the door.


def test_the_database_refuses_what_the_door_was_not_asked():
    ben, _ = make_reviewers()
    alert = draft("caution", by=ben)
    approve(alert, ben)

    with pytest.raises(IntegrityError), transaction.atomic():
        _event_by_hand(alert)


def test_without_its_trigger_the_database_would_let_it_through():
    alert = draft("caution")
    released_only.remove(connection)

    try:
        assert _event_by_hand(alert).pk
    finally:
        released_only.install(connection)


def test_a_level_lowered_behind_our_back_does_not_pass():
    ben, _ = make_reviewers()
    alert = draft("caution", by=ben)
    approve(alert, ben)

    with pytest.raises(DatabaseError), transaction.atomic():
        AlertContent.objects.filter(alert=alert).update(level="notice")


def test_an_approval_moved_to_another_content_does_not_pass():
    ben, ada = make_reviewers()
    small, big = draft("notice"), draft("caution")
    approve(small, ada)
    approve(big, ben)

    with pytest.raises(DatabaseError), transaction.atomic():
        Approval.objects.filter(by=ada).update(content=lifecycle.latest(big))


def test_a_hash_that_does_not_fit_its_words_is_not_said():
    ben, ada = make_reviewers()
    alert = draft("notice")
    forged = AlertContent.objects.create(
        alert=alert, version=2, sha256=lifecycle.latest(alert).sha256, level="notice", body=body_of("xylazine"),
        **USUAL["notice"]._asdict(), written_by=ben,
    )  # fmt: skip
    Approval.objects.create(content=forged, sha256=forged.sha256, by=ada, role="community_reviewer", session_hash="s")

    with pytest.raises(NotReleased):
        lifecycle.publish(alert, by=ben)


def test_the_hash_is_of_words_and_level_and_not_of_times():
    make_vocabulary()
    make_areas()
    body = body_of()
    cap = USUAL["notice"]

    same = content_sha256(level="notice", cap=cap, body=dict(reversed(body.items())))

    assert same == content_sha256(level="notice", cap=cap, body=body)
    assert same != content_sha256(level="caution", cap=cap, body=body)
    assert not {"sent", "expires", "id", "signature", "services"} & set(body)


# How long it lives, and how it ends.


@pytest.mark.parametrize("level", ["notice", "caution", "warning"])
def test_each_level_has_its_lifetime(level: str):
    alert = publish(level)

    assert alert.expires_at - alert.published_at == LIFETIMES[level]


def test_a_notice_runs_out_without_an_event():
    alert = publish("notice")

    assert lifecycle.expire_due(later(days=15)) == 1
    alert.refresh_from_db()
    assert alert.state == "ended"
    assert alert.events.count() == 1


def test_a_caution_ends_aloud():
    alert = publish("caution")

    lifecycle.expire_due(later(days=8))

    assert [event.kind for event in alert.events.all()] == ["published", "ended"]


def test_a_fast_lane_warning_lapses_without_a_second_person():
    alert = _fast_warning()

    assert lifecycle.lapse_due(later(hours=71)) == 0
    assert lifecycle.lapse_due(later(hours=73)) == 1
    alert.refresh_from_db()
    last = alert.events.last()
    assert (alert.state, last.kind) == ("lapsed", "lapsed")
    assert "before a second person could review it" in last.payload["alert"]["texts"]["en"]["body"]


@pytest.mark.parametrize("became", ["out", "lapsed", "ended", "withdrawn"])
def test_one_person_does_not_let_out_the_same_again(became: str):
    """Else one word could keep a warning out for ever, 72 hours at a time."""
    alert, ben = _fast_warning(), make_reviewers()[0]
    if became == "lapsed":
        lifecycle.lapse_due(later(hours=73))
    elif became != "out":
        {"ended": lifecycle.end_alert, "withdrawn": lifecycle.withdraw_alert}[became](alert, by=ben, because="Enough.")

    with pytest.raises(NotReleased, match="one person's word already"):
        _fast_warning()

    assert AlertEvent.objects.filter(kind="published").count() == 1


def test_what_a_second_person_agreed_to_may_go_by_the_fast_lane_again():
    approve(_fast_warning(), make_reviewers()[1])

    _fast_warning()

    assert AlertEvent.objects.filter(kind="published").count() == 2


def test_a_yes_in_a_role_that_may_not_approve_is_none():
    """A row of it would make the same warning look agreed to by two, and let one person say it again."""
    alert, dee = _fast_warning(), make_member("dee", "collector")
    content = lifecycle.latest(alert)
    yes = {"content": content, "sha256": content.sha256, "by": dee, "role": "collector", "session_hash": "s"}

    with pytest.raises(DatabaseError, match="someone who may approve"), transaction.atomic():
        Approval.objects.create(**yes)

    released_only.remove(connection)
    try:
        Approval.objects.create(**yes)
        with pytest.raises(NotReleased, match="one person's word already"):
            _fast_warning()
    finally:
        released_only.install(connection)


def test_the_database_keeps_the_fast_lane_to_once_as_well(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lifecycle, "was_out_on_one_word", lambda *_: False)
    _fast_warning()

    with pytest.raises(IntegrityError), transaction.atomic():
        _fast_warning()


def test_the_clock_ends_an_unreviewed_warning_as_lapsed_and_not_as_ended():
    alert = _fast_warning()
    moment = later(hours=73)

    lifecycle.expire_due(moment)
    lifecycle.lapse_due(moment)

    assert alert.events.last().kind == "lapsed"


def test_a_second_person_lifts_the_deadline_and_everyone_hears_it():
    alert = _fast_warning()
    _, ada = make_reviewers()

    approve(alert, ada)

    alert.refresh_from_db()
    assert alert.second_review_by is None
    assert [event.payload["alert"]["reviewed"] for event in alert.events.all()] == [False, True]
    assert lifecycle.lapse_due(later(hours=73)) == 0


def test_approving_other_words_does_not_lift_the_deadline_of_what_was_said():
    alert = _fast_warning()
    ben, ada = make_reviewers()
    body = body_of(level="warning")
    body["blocks"]["en"]["headline"] += "."
    lifecycle.edit(alert, by=ben, level="warning", body=body)
    approve(alert, ben)
    approve(alert, ada)

    assert lifecycle.lapse_due(later(hours=73)) == 1


def test_a_notice_that_cannot_be_said_keeps_back_no_other(monkeypatch: pytest.MonkeyPatch):
    make_vocabulary()
    approve_rule("lab_named_opioid")
    broken, sound = _propose_by_rule(timedelta(0)), _propose_by_rule(timedelta(0))

    def what_holds_back(alert: Alert, **other: Any) -> list[str]:
        if alert.pk == broken.pk:
            raise RuntimeError("no")
        return []

    monkeypatch.setattr(lifecycle, "what_holds_back", what_holds_back)

    assert lifecycle.publish_due_notices(later(seconds=1)) == 1
    assert AlertEvent.objects.get().alert == sound
    assert Alert.objects.get(pk=broken.pk).hold_until > later(seconds=50)


def test_what_people_wrote_has_a_topic_too():
    assert draft("caution").topic == "us-pa-allegheny|fentanyl_type_opioid|stimulant"


def test_the_fast_lane_is_for_warnings_only():
    ben, _ = make_reviewers()
    alert = draft("caution", by=ben)
    approve(alert, ben)

    with pytest.raises(NotReleased):
        lifecycle.publish_by_fast_lane(alert, by=ben)


def test_an_update_lives_longer_only_with_new_evidence():
    ben, ada = make_reviewers()
    alert = publish("caution")
    Alert.objects.filter(pk=alert.pk).update(expires_at=later(days=1))
    _say_more(alert, "a", ben, ada)
    alert.refresh_from_db()
    assert alert.expires_at < later(days=2)
    AlertEvidence.objects.create(alert=alert, result=_a_result())
    AlertEvidence.objects.update(added_at=later(seconds=1))

    _say_more(alert, "b", ben, ada)

    alert.refresh_from_db()
    assert alert.expires_at > later(days=6)


def test_a_withdrawal_takes_one_person_and_no_new_words():
    alert = publish("caution")
    ben, _ = make_reviewers()

    event = lifecycle.withdraw_alert(alert, by=ben, because="the vial was mixed up")

    assert event.kind == "withdrawn"
    assert event.payload["alert"]["headline"].startswith("Withdrawn: ")
    assert [each["seq"] for each in event.payload["alert"]["references"]] == [1]


def test_what_is_withdrawn_is_not_withdrawn_again():
    alert = publish("caution")
    ben, _ = make_reviewers()
    lifecycle.withdraw_alert(alert, by=ben, because="a mix-up")

    with pytest.raises(lifecycle.WrongState):
        lifecycle.withdraw_alert(alert, by=ben, because="a mix-up")


# Who is told.


def test_the_level_follows_from_what_cap_asks():
    assert level_of(Cap("Severe", "Observed", "Immediate")) == "warning"
    assert level_of(Cap("Severe", "Possible", "Immediate")) == "caution"
    assert level_of(Cap("Severe", "Observed", "Unknown")) == "notice"
    assert all(level_of(cap) == level for level, cap in USUAL.items())


def test_a_network_sets_its_own_table_of_levels():
    Grade.objects.create(severity="Extreme", level="warning")
    Grade.objects.create(urgency="Immediate", level="caution")

    assert level_of(Cap("Extreme", "Possible", "Future")) == "warning"
    assert level_of(Cap("Extreme", "Possible", "Immediate")) == "warning"
    assert level_of(Cap("Minor", "Unknown", "Immediate")) == "caution"
    assert level_of(Cap("Severe", "Observed", "Expected")) == "notice"


@pytest.mark.django_db(transaction=True)
def test_sequence_has_no_gap_and_no_repeat_when_sixteen_publish_at_once():
    ben, ada = make_reviewers()
    alerts = [draft("caution", by=ben) for _ in range(16)]
    for alert in alerts:
        approve(alert, ben)
        approve(alert, ada)
    failures: list[BaseException] = []

    def say(alert: Alert) -> None:
        try:
            lifecycle.publish(alert, by=ben)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=say, args=[alert]) for alert in alerts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
    assert list(AlertEvent.objects.values_list("seq", flat=True)) == list(range(1, 17))


@pytest.mark.django_db(transaction=True)
def test_a_person_and_the_clock_do_not_both_have_their_way():
    ben, _ = make_reviewers()
    alert = publish("caution")
    moment = later(days=8)
    outcomes: list[str] = []

    def withdraw() -> None:
        lifecycle.withdraw_alert(alert, by=ben, because="a mix-up")
        outcomes.append("withdrawn")
        connection.close()

    def expire() -> None:
        if lifecycle.expire_due(moment):
            outcomes.append("ended")
        connection.close()

    threads = [threading.Thread(target=each) for each in (withdraw, expire)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    alert.refresh_from_db()
    assert alert.state == "withdrawn"
    assert alert.events.last().kind == "withdrawn"
    assert alert.events.count() == 1 + len(outcomes)


def _fast_warning() -> Alert:
    ben, _ = make_reviewers()
    alert = draft("warning", by=ben)
    approve(alert, ben)
    lifecycle.publish_by_fast_lane(alert, by=ben)
    return alert


def _say_more(alert: Alert, addition: str, ben: User, ada: User) -> None:
    body = body_of(level="caution")
    body["blocks"]["en"]["headline"] += addition
    lifecycle.edit(alert, by=ben, level="caution", body=body)
    approve(alert, ben)
    approve(alert, ada)
    lifecycle.update_alert(alert, by=ben)


def _propose_by_rule(hold: timedelta) -> Alert:
    areas = make_areas()
    return lifecycle.propose_notice(
        rule="lab_named_opioid", area=areas["us-pa-allegheny"], topic="t", body=body_of(is_reviewed=False),
        cap=Cap("Severe", "Observed", "Unknown"), hold_until=timezone.now() + hold, evidence=[],
    )  # fmt: skip


def _a_result() -> Result:
    receipt = submit(sample_body(lab_body()), make_site())
    return Result.objects.get(pk=receipt.result_ids[0])


def _event_by_hand(alert: Alert) -> AlertEvent:
    content = lifecycle.latest(alert)
    return AlertEvent.objects.create(
        alert=alert, content=content, kind="published", at=timezone.now(), expires_at=later(hours=1),
        seq=AlertEvent.objects.count() + 1, sha256=content.sha256, payload={},
        heard_areas=[], heard_substances=[], heard_classes=[], heard_level=content.level,
    )  # fmt: skip


@pytest.mark.parametrize(
    "because",
    [
        "All of it is safe now.",
        "This is not  a drill.",
        "Esto no se trata de un simulacro.",
        "Nobody should worry, it is pure!",
    ],
)
@pytest.mark.parametrize("step", ["end_alert", "withdraw_alert"])
def test_a_reason_one_person_gives_says_nothing_that_no_alert_may_say(step: str, because: str):
    alert = publish()

    with pytest.raises(ValueError, match=r"safe|drill|pure"):
        getattr(lifecycle, step)(alert, by=make_reviewers()[0], because=because)

    assert alert.events.count() == 1
