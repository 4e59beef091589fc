"""Nothing goes out that says more than what it rests on says today."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from alerts import evidence_changes, judging, lifecycle, objecting, resting
from alerts.approving import NotReleased
from alerts.levels import Cap
from alerts.models import Alert, AlertEvent, AlertEvidence, Grade, Signal
from checking import submission
from checking.models import Result
from tests.alerting import approve, body_of, check, check_fentanyl_in_cocaine, draft, later, make_ready, make_reviewers
from tests.sending import lab_body, strip_body


@pytest.fixture
def harbour(db: Any) -> Any:
    return make_ready(rules=())


def resting_on(receipt: Any, level: str = "caution", **other: Any) -> Alert:
    return draft(level, evidence=Result.objects.filter(pk__in=receipt.result_ids), **other)


def approved_by_both(alert: Alert) -> Alert:
    for person in make_reviewers():
        approve(alert, person)
    return alert


def take_back(receipt: Any) -> None:
    submission.withdraw_result(Result.objects.get(pk=receipt.result_ids[0]), reason="mixed up")


def publish(alert: Alert) -> AlertEvent:
    return lifecycle.publish(approved_by_both(alert), by=make_reviewers()[0])


# Before it is out


def test_a_draft_whose_result_was_taken_back_does_not_go_out(harbour: Any):
    receipt = check_fentanyl_in_cocaine(harbour)
    alert = approved_by_both(resting_on(receipt))
    take_back(receipt)  # and no watcher has looked yet

    with pytest.raises(NotReleased, match="behind these words"):
        lifecycle.publish(alert, by=make_reviewers()[0])


def test_the_fast_lane_looks_at_the_evidence_too(harbour: Any):
    receipt = check_fentanyl_in_cocaine(harbour)
    alert = resting_on(receipt, "warning")
    ben, _ = make_reviewers()
    approve(alert, ben)
    take_back(receipt)

    with pytest.raises(NotReleased, match="behind these words"):
        lifecycle.publish_by_fast_lane(alert, by=ben)


def test_so_does_an_update(harbour: Any):
    receipt = check_fentanyl_in_cocaine(harbour)
    alert = resting_on(receipt)
    publish(alert)
    ben, ada = make_reviewers()
    lifecycle.edit(alert, by=ben, level="caution", body={**body_of(level="caution"), "week": "2026-W48"})
    approved_by_both(alert)
    take_back(receipt)

    with pytest.raises(NotReleased, match="behind these words"):
        lifecycle.update_alert(alert, by=ada)


def test_without_that_look_it_would_go_out(harbour: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lifecycle, "require_backed", lambda *_: None)
    receipt = check_fentanyl_in_cocaine(harbour)
    alert = resting_on(receipt)
    take_back(receipt)

    assert publish(alert).payload["alert"]["evidence"]["rung"] == "confirmed"


def test_a_draft_puts_its_own_words_right_and_waits_for_approval_anew(harbour: Any):
    receipt = check_fentanyl_in_cocaine(harbour)
    alert = approved_by_both(resting_on(receipt))
    take_back(receipt)

    evidence_changes.shake()

    content = lifecycle.latest(alert)
    english = content.body["blocks"]["en"]
    assert (content.version, content.body["evidence"]["rung"]) == (2, "reported")
    assert (
        english["headline"] == "Sold as cocaine, first thought to hold fentanyl: the reading behind it no longer stands"
    )
    assert "Since then" not in " ".join(english["found"])  # nobody heard the first words
    assert judging.missing(content).people == 2


def test_two_methods_of_which_one_fell_are_no_longer_two(harbour: Any):
    receipt = check(lab_body(method="ftir"), strip_body("absent"), site=harbour)
    words = {"kind": "two_methods", "rung": "presumptive", "techniques": 2}
    alert = resting_on(receipt, words=words)
    strip = Result.objects.get(pk__in=receipt.result_ids, method__family="strip")
    submission.withdraw_result(strip, reason="mixed up")

    with pytest.raises(NotReleased):
        publish(alert)
    evidence_changes.shake()

    assert "a first reading points to" in lifecycle.latest(alert).body["blocks"]["en"]["headline"]
    assert publish(alert).payload["alert"]["evidence"]["techniques"] == 1


# Once it is out


@pytest.mark.parametrize("level", ["caution", "warning"])
def test_an_alert_whose_result_was_taken_back_proposes_words_that_can_be_sent_as_they_are(harbour: Any, level: str):
    receipt = check_fentanyl_in_cocaine(harbour)
    alert = resting_on(receipt, level)
    publish(alert)
    take_back(receipt)
    evidence_changes.shake()

    proposed = lifecycle.latest(alert)
    assert not [each for each in objecting.objections_to(proposed.body, level=level) if each.blocks_saving]
    event = lifecycle.update_alert(approved_by_both(alert), by=make_reviewers()[0])

    said = str(event.payload["alert"]["texts"]["en"])
    assert "no longer stands" in said
    assert "a lab found" not in said
    assert event.payload["alert"]["substances"] == ["fentanyl"]  # it is still about the same


def test_a_correction_that_finds_the_same_goes_on_behind_the_alert(harbour: Any):
    receipt = check_fentanyl_in_cocaine(harbour)
    alert = resting_on(receipt)
    publish(alert)
    old = Result.objects.get(pk=receipt.result_ids[0])
    _correct(old, "detected")

    evidence_changes.shake()

    proposed = lifecycle.latest(alert).body
    assert proposed["evidence"]["rung"] == "confirmed"
    assert proposed["blocks"]["en"]["headline"] == "Sold as cocaine, a lab found fentanyl"
    assert proposed["blocks"]["en"]["found"][0] == "Since then a result behind this was corrected."
    assert AlertEvidence.objects.filter(alert=alert, shaken_at=None).get().result.corrects == old


def test_a_correction_is_no_new_evidence(harbour: Any):
    """Else putting right a figure would keep an alert out for longer."""
    receipt = check_fentanyl_in_cocaine(harbour)
    alert = resting_on(receipt)
    publish(alert)
    Alert.objects.filter(pk=alert.pk).update(expires_at=later(days=1))
    _correct(Result.objects.get(pk=receipt.result_ids[0]), "detected")
    evidence_changes.shake()

    lifecycle.update_alert(approved_by_both(alert), by=make_reviewers()[0])

    alert.refresh_from_db()
    assert alert.expires_at < later(days=2)


def test_a_correction_that_finds_nothing_takes_the_ground_away(harbour: Any):
    receipt = check_fentanyl_in_cocaine(harbour)
    alert = resting_on(receipt)
    publish(alert)
    _correct(Result.objects.get(pk=receipt.result_ids[0]), "not_detected")

    evidence_changes.shake()

    assert resting.stands_now(alert, lifecycle.latest(alert).body) == resting.Standing()
    assert Signal.objects.get(rule="evidence_changed").rung == "reported"


def test_of_two_substances_the_one_that_fell_is_no_longer_named(harbour: Any):
    both = check(lab_body(("fentanyl", "xylazine")), site=harbour)
    one = check(lab_body(("xylazine",)), site=harbour)
    alert = resting_on(both, words={"found": "fentanyl"})
    body = lifecycle.latest(alert).body | {"substances": ["fentanyl", "xylazine"]}
    lifecycle.edit(alert, by=make_reviewers()[0], level="caution", body=body)
    lifecycle.add_evidence(alert, list(Result.objects.filter(pk__in=one.result_ids)))
    publish(alert)
    take_back(both)

    evidence_changes.shake()

    proposed = lifecycle.latest(alert).body
    assert proposed["substances"] == ["xylazine"]
    assert proposed["blocks"]["en"]["headline"] == "Sold as cocaine, a lab found xylazine"


# What else cannot be said


def test_a_step_down_and_up_again_is_no_reason_to_stay_out_longer(db: Any):
    ben, _ = make_reviewers()
    alert = draft("warning")
    publish(alert)
    Alert.objects.filter(pk=alert.pk).update(expires_at=later(days=1))
    for number, level in enumerate(("caution", "warning")):
        lifecycle.edit(alert, by=ben, level=level, body={**body_of(level=level), "week": f"2026-W4{number}"})
        lifecycle.update_alert(approved_by_both(alert), by=ben)

    alert.refresh_from_db()
    assert alert.expires_at < later(days=2)


def test_nobody_lowers_a_grave_alert_to_one_persons_notice(db: Any):
    alert, ben = draft("warning"), make_reviewers()[0]
    grave = Cap("Extreme", "Observed", "Immediate")

    with pytest.raises(ValueError, match="not a notice"):
        lifecycle.edit(alert, by=ben, level="notice", body=body_of(), cap=grave)


def test_a_networks_own_table_makes_no_warning_one_persons_matter(db: Any):
    alert, ben = draft("warning"), make_reviewers()[0]
    Grade.objects.create(severity="Extreme", certainty="Observed", urgency="Immediate", level="notice")

    with pytest.raises(ValueError, match="make a caution, not a notice"):
        lifecycle.edit(alert, by=ben, level="notice", body=body_of(), cap=Cap("Extreme", "Observed", "Immediate"))


def test_an_alert_names_no_place_beyond_the_one_it_was_approved_for(db: Any):
    alert, ben = draft("caution"), make_reviewers()[0]

    with pytest.raises(ValueError, match="names a place beyond it"):
        lifecycle.edit(alert, by=ben, level="caution", body={**body_of(level="caution"), "areas": ["us"]})


# By whatever road


def test_an_approved_drill_does_not_become_a_live_alert_and_the_other_way_round(db: Any):
    alert = draft("caution")

    with pytest.raises(DatabaseError), transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(is_drill=True)


@pytest.mark.parametrize("kind", ["ended", "lapsed", "withdrawn"])
def test_nothing_is_ended_by_hand_that_was_never_said(db: Any, kind: str):
    """A row of a kind that takes no approvals would otherwise carry any words to everyone."""
    said = draft("caution")
    event = publish(said)
    other = draft("caution", area="us-pa")

    with pytest.raises(DatabaseError), transaction.atomic():
        _by_hand(event, alert=other, content=lifecycle.latest(other), kind=kind)


@pytest.mark.parametrize("untrue", [{"kind": "published"}, {"seq": 7}, {"drill": True}, {"level": "warning"}])
def test_an_event_says_of_itself_what_its_row_says(db: Any, untrue: dict[str, Any]):
    event = publish(draft("caution"))
    payload = {**event.payload, "kind": "ended", "seq": 2}
    alert = {**payload["alert"], **{name: untrue[name] for name in untrue if name in {"drill", "level"}}}
    said = {**payload, **{name: untrue[name] for name in untrue if name in {"kind", "seq"}}, "alert": alert}

    _by_hand(event, kind="ended", payload=payload)
    with pytest.raises(DatabaseError), transaction.atomic():
        _by_hand(event, kind="ended", seq=3, payload={**said, "seq": said["seq"] if "seq" in untrue else 3})


def _by_hand(event: AlertEvent, **other: Any) -> None:
    fields = {field.name: getattr(event, field.name) for field in AlertEvent._meta.fields if field.name != "id"}
    AlertEvent.objects.create(**{**fields, "seq": 2, **other})


def _correct(old: Result, outcome: str) -> None:
    row = Result.objects.create(
        sample=old.sample, site=old.site, lab=old.lab, method=old.method, outcome=outcome, corrects=old,
        correction_reason="read again", chosen_because="all", recorded_at=timezone.now(), client_hash=b"1" * 32,
        body_hash=b"2" * 32,
    )  # fmt: skip
    if outcome == "detected":
        found = old.findings.get()
        found.pk, found.result = None, row
        found.save(force_insert=True)
