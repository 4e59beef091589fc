"""Lots and quality control as rows: what holds at once for every result, and who is told."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from alerts import doubted_evidence, evidence_changes, lifecycle
from alerts.histories import Past
from alerts.lifecycle import latest
from alerts.models import Alert, AlertEvidence, Signal
from alerts.screening import screen_waiting
from checking import catalogue, controlling, lots
from checking.models import KitLot, LotMark, Method, QualityCheck, Result
from checking.reading_rows import read_samples
from checking.submission import withdraw_result
from tests.alerting import STRIP_WORDS, check, check_fentanyl_in_cocaine, make_ready, make_reviewers, publish
from tests.factories import make_person, make_site, submit, today
from tests.sending import lab_body, sample_body, strip_body

LOT = {"brand": "BTNX", "lot": "D1234"}


@pytest.fixture
def harbour(db):
    return make_ready()


def fail_a_blank(site, method="gc-ms", *, has_passed=False, days_ago=0, **other) -> QualityCheck:
    return controlling.record_check(
        lab=site,
        method=Method.objects.get(slug=method),
        kind="blank",
        has_passed=has_passed,
        done_on=today() - timedelta(days=days_ago),
        by=None,
        **other,
    )


def read(receipt, *, as_of=None):
    [sample] = read_samples([receipt.sample_id], as_of=as_of)
    return sample.results[0]


def told(news: str) -> list[Signal]:
    return [each for each in Signal.objects.filter(rule="evidence_changed") if f":{news}:" in each.fingerprint]


# A lot


def test_marking_a_lot_suspect_holds_at_once_for_results_past_and_coming(harbour):
    before = submit(sample_body(strip_body(lot=LOT)), harbour)
    lot = KitLot.objects.get()

    lots.mark_lot(lot, "suspect", by=None, because="Three of five controls did not react")
    after = submit(sample_body(strip_body(lot=LOT)), harbour)

    assert not read(before).is_in_control
    assert not read(after).is_in_control
    assert "lot_not_sound" in {each.code for each in after.interpretations[after.result_ids[0]]}


def test_another_mark_undoes_it_and_both_stay_on_record(harbour):
    receipt = submit(sample_body(strip_body(lot=LOT)), harbour)
    lot = KitLot.objects.get()

    lots.mark_lot(lot, "suspect", by=None, because="Did not react")
    lots.mark_lot(lot, "sound", by=None, because="The water was at fault")

    assert read(receipt).is_in_control
    assert list(LotMark.objects.order_by("pk").values_list("state", flat=True)) == ["suspect", "sound"]


def test_what_was_known_of_a_lot_at_an_instant_stays_so(harbour):
    receipt = check(strip_body(lot=LOT), site=harbour)
    then = timezone.now()

    lots.mark_lot(KitLot.objects.get(), "suspect", by=None, because="Did not react")

    assert read(receipt, as_of=then).is_in_control
    assert not read(receipt, as_of=timezone.now()).is_in_control


def test_what_was_known_of_a_check_at_an_instant_stays_so(harbour):
    receipt = check(lab_body(), site=harbour)
    unchecked = timezone.now()
    failed = fail_a_blank(harbour)
    outside = timezone.now()

    controlling.withdraw_check(failed, by=None, because="Wrong method")

    assert read(receipt, as_of=unchecked).is_in_control
    assert not read(receipt, as_of=outside).is_in_control
    assert read(receipt).is_in_control


# Rules


def test_no_rule_speaks_from_a_result_outside_quality_control(harbour):
    fail_a_blank(harbour)

    check_fentanyl_in_cocaine(harbour)

    assert not Alert.objects.exists()
    assert not Signal.objects.exists()


def test_a_check_elsewhere_or_of_another_method_says_nothing(harbour):
    fail_a_blank(make_site("riverside"))
    fail_a_blank(harbour, "ftir")

    check_fentanyl_in_cocaine(harbour)

    assert Alert.objects.exists()


def test_what_was_found_outside_quality_control_was_not_found_before(harbour):
    carfentanil = catalogue.current().subject("carfentanil")
    check(lab_body(("carfentanil",)), site=harbour)
    assert Past(harbour.area, before=timezone.now()).was_found(carfentanil)

    fail_a_blank(harbour)

    assert not Past(harbour.area, before=timezone.now()).was_found(carfentanil)


def test_a_notice_in_its_hold_is_held_back_when_a_check_fails(db):
    site = make_ready(hold=15)
    check_fentanyl_in_cocaine(site)
    fail_a_blank(site)

    lifecycle.publish_due_notices(timezone.now() + timedelta(minutes=16))

    alert = Alert.objects.get()
    assert alert.state == Alert.State.STOPPED
    assert "lot_sound" in alert.stopped_because


# Alerts that rest on it


def test_an_alert_resting_on_a_suspect_lot_is_marked_told_and_proposes_its_update(harbour):
    receipt = submit(sample_body(strip_body(lot=LOT)), harbour)
    screen_waiting()
    alert = publish(evidence=[Result.objects.get(pk=receipt.result_ids[0])], words=STRIP_WORDS)

    lots.mark_lot(KitLot.objects.get(), "suspect", by=None, because="Did not react")
    doubted_evidence.doubt()
    doubted_evidence.doubt()

    [signal] = told("in_doubt")
    assert signal.alert_id == alert.pk
    assert signal.rung == "reported"
    assert [str(each.pk) for each in signal.results.all()] == [str(receipt.result_ids[0])]
    assert AlertEvidence.objects.get().shaken_at is not None
    assert "came into doubt" in latest(alert).body["blocks"]["en"]["found"][0]
    assert "quedó en duda" in latest(alert).body["blocks"]["es"]["found"][0]


def test_an_alert_that_is_over_is_told_of_for_its_lot(harbour):
    receipt = submit(sample_body(strip_body(lot=LOT)), harbour)
    alert = publish(evidence=[Result.objects.get(pk=receipt.result_ids[0])], words=STRIP_WORDS)
    lifecycle.end_alert(alert, by=make_reviewers()[0], because="Over")

    lots.mark_lot(KitLot.objects.get(), "suspect", by=None, because="Did not react")
    doubted_evidence.doubt()

    assert len(told("in_doubt")) == 1


def test_a_failed_check_marks_live_alerts_and_a_passed_one_of_the_day_unmarks_them(harbour):
    receipt = submit(sample_body(lab_body()), harbour)
    publish(evidence=[Result.objects.get(pk=receipt.result_ids[0])], words=STRIP_WORDS)

    fail_a_blank(harbour)
    doubted_evidence.doubt()
    assert AlertEvidence.objects.get().shaken_at is not None

    fail_a_blank(harbour, has_passed=True)
    doubted_evidence.doubt()
    assert AlertEvidence.objects.get().shaken_at is None
    assert (len(told("in_doubt")), len(told("doubt_cleared"))) == (1, 1)


def test_a_lot_that_comes_under_doubt_twice_is_told_of_twice(harbour):
    receipt = submit(sample_body(strip_body(lot=LOT)), harbour)
    publish(evidence=[Result.objects.get(pk=receipt.result_ids[0])], words=STRIP_WORDS)
    lot = KitLot.objects.get()

    for state in ("suspect", "sound", "suspect"):
        lots.mark_lot(lot, state, by=None, because="Looked again")
        doubted_evidence.doubt()

    assert (len(told("in_doubt")), len(told("doubt_cleared"))) == (2, 1)


def test_a_doubted_result_that_is_taken_back_is_told_of_again(harbour):
    receipt = submit(sample_body(strip_body(lot=LOT)), harbour)
    result = Result.objects.get(pk=receipt.result_ids[0])
    publish(evidence=[result], words=STRIP_WORDS)
    lots.mark_lot(KitLot.objects.get(), "suspect", by=None, because="Did not react")
    doubted_evidence.doubt()

    withdraw_result(result, reason="Mixed up")
    evidence_changes.shake()
    evidence_changes.shake()
    doubted_evidence.doubt()

    assert (len(told("in_doubt")), len(told("withdrawn")), len(told("doubt_cleared"))) == (1, 1, 0)


# Second readings and records


def test_a_second_reader_who_disagrees_keeps_the_result_out_until_it_is_corrected(harbour):
    ben = make_person("ben", "chemist", harbour)
    receipt = submit(sample_body(lab_body()), harbour)

    controlling.read_again(Result.objects.get(pk=receipt.result_ids[0]), agrees=False, by=ben)

    assert [doubt.code for doubt in read(receipt).quality] == ["second_reader"]


def test_nobody_is_their_own_second_reader(harbour):
    ben = make_person("ben", "chemist", harbour)
    receipt = submit(sample_body(lab_body()), harbour, by=ben)

    with pytest.raises(controlling.NotPossible):
        controlling.read_again(Result.objects.get(pk=receipt.result_ids[0]), agrees=True, by=ben)


def test_a_lot_of_another_strip_cannot_be_checked(harbour):
    submit(sample_body(strip_body(lot=LOT)), harbour)

    with pytest.raises(controlling.NotPossible):
        fail_a_blank(harbour, "xylazine-strip", lot=KitLot.objects.get())


@pytest.mark.parametrize(
    ("table", "change"),
    [("checking_qualitycheck", "has_passed = NOT has_passed"), ("checking_lotmark", "reason = 'x'")],
)
def test_the_database_holds_what_was_checked_and_said(harbour, table, change):
    submit(sample_body(strip_body(lot=LOT)), harbour)
    lots.mark_lot(KitLot.objects.get(), "suspect", by=None, because="Did not react")
    fail_a_blank(harbour)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {change}")
