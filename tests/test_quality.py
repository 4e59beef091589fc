"""In control or not: what checks, plans and their days say of a result. No database."""

from datetime import date, timedelta

import pytest

from checking.denominators import is_sound
from checking.evidence import counts, weigh
from checking.interpretation import interpret
from checking.quality import Check, ControlLog, Plan
from checking.readings import Doubt
from tests.readings_by_hand import make_result, make_sample, make_strip, subject

DAY = date(2026, 11, 18)
LOT, OTHER_LOT = 1, 2


def on(days: int) -> date:
    return DAY + timedelta(days=days)


def passed(days: int, kind: str = "blank", lot: int | None = None) -> Check:
    return Check(kind, True, on(days), lot)


def failed(days: int, kind: str = "blank", lot: int | None = None) -> Check:
    return Check(kind, False, on(days), lot)


def codes(log: ControlLog, days: int = 0, lot: int | None = None) -> list[str]:
    return [doubt.code for doubt in log.doubts(on(days), lot)]


# Checks


def test_without_checks_and_without_a_plan_nothing_is_said_against_a_result():
    assert ControlLog().doubts(DAY) == ()
    assert ControlLog().standing(DAY) is None


def test_a_passed_check_keeps_what_follows_in_control():
    assert codes(ControlLog([passed(-3)])) == []


def test_after_a_failed_check_results_are_outside():
    log = ControlLog([passed(-5), failed(-2)])

    assert log.doubts(DAY) == (Doubt("failed_before", "blank"),)
    assert codes(log, -2) == ["failed_before"]


def test_a_passed_check_ends_it():
    assert codes(ControlLog([failed(-2), passed(-1)])) == []


def test_when_the_next_check_fails_everything_since_the_last_passed_one_is_outside():
    log = ControlLog([passed(-9), passed(-3), failed(2)])

    assert codes(log) == ["failed_after"]
    assert codes(log, -3) == ["failed_after"]  # a day is all we know: before or after that morning's check
    assert codes(log, -4) == []


def test_without_an_earlier_check_a_failed_next_one_is_enough():
    assert codes(ControlLog([failed(2)])) == ["failed_after"]


def test_of_several_checks_on_one_day_the_last_recorded_counts():
    assert codes(ControlLog([failed(0), passed(0)])) == []
    assert codes(ControlLog([passed(0), failed(0)])) == ["failed_before"]


def test_kinds_are_judged_apart():
    log = ControlLog([failed(-2, "blank"), passed(-1, "positive_control")])

    assert log.doubts(DAY) == (Doubt("failed_before", "blank"),)


# Lots


def test_a_check_that_names_a_lot_speaks_of_that_lot():
    log = ControlLog([failed(-1, lot=LOT)])

    assert codes(log, lot=LOT) == ["failed_before"]
    assert codes(log, lot=OTHER_LOT) == []
    assert codes(log) == []


def test_a_check_that_names_no_lot_speaks_of_every_lot():
    assert codes(ControlLog([failed(-1)]), lot=LOT) == ["failed_before"]


def test_what_failed_with_one_lot_is_not_lifted_by_a_strip_nobody_named():
    log = ControlLog([failed(-2, lot=LOT), passed(-1)])

    assert codes(log, lot=LOT) == ["failed_before"]
    assert codes(log, lot=OTHER_LOT) == []


def test_a_lot_that_passed_later_is_in_control_whatever_failed_before_without_a_name():
    assert codes(ControlLog([failed(-2), passed(-1, lot=LOT)]), lot=LOT) == []


# Plans


def test_a_plan_without_a_passed_check_within_its_days_is_outside():
    plan = Plan("positive_control", 7, on(-100))

    assert ControlLog([], [plan]).doubts(DAY) == (Doubt("overdue", "positive_control", 7),)
    assert codes(ControlLog([passed(-7, "positive_control")], [plan])) == []
    assert codes(ControlLog([passed(-8, "positive_control")], [plan])) == ["overdue"]


def test_a_plan_does_not_reach_back():
    log = ControlLog([], [Plan("blank", 7, on(0))])

    assert codes(log, -1) == []
    assert codes(log, 0) == ["overdue"]


def test_the_plan_of_the_day_counts_and_an_ended_one_asks_for_nothing():
    log = ControlLog([], [Plan("blank", 7, on(-20)), Plan("blank", None, on(-10))])

    assert codes(log, -11) == ["overdue"]
    assert codes(log, -10) == []


def test_of_two_plans_begun_on_one_day_the_last_recorded_holds():
    log = ControlLog([passed(-3)], [Plan("blank", 1, on(-20)), Plan("blank", 7, on(-20))])

    assert codes(log) == []


def test_a_failed_check_is_not_called_overdue_as_well():
    assert codes(ControlLog([failed(-2)], [Plan("blank", 1, on(-20))])) == ["failed_before"]


# Standing


def test_in_control_since_the_check_that_passed_again():
    standing = ControlLog([passed(-30), failed(-10), passed(-4), passed(-1)]).standing(DAY)

    assert standing is not None
    assert (standing.is_in_control, standing.since) == (True, on(-4))


def test_outside_since_the_last_that_passed():
    standing = ControlLog([passed(-30), passed(-9), failed(-2)]).standing(DAY)

    assert standing is not None
    assert (standing.is_in_control, standing.since) == (False, on(-9))


def test_outside_since_the_plan_ran_out():
    standing = ControlLog([passed(-30)], [Plan("blank", 7, on(-60))]).standing(DAY)

    assert standing is not None
    assert (standing.is_in_control, standing.since) == (False, on(-22))


# What follows


OUTSIDE = (Doubt("failed_before", "blank"), Doubt("overdue", "positive_control", 7), Doubt("second_reader"))


def test_a_result_outside_quality_control_stands_behind_nothing():
    outside = make_result("gc-ms", "fentanyl", quality=OUTSIDE[:1])

    assert not counts(outside)
    assert not is_sound(outside)
    assert weigh(make_sample(outside), subject("fentanyl")).rung == "reported"


def test_it_does_not_corroborate_another():
    strip = make_strip("fentanyl-strip")
    outside = make_result("ftir", "fentanyl", quality=OUTSIDE[:1])

    assert weigh(make_sample(strip, outside), subject("fentanyl_type_opioid")).techniques == ("immunoassay",)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("the last blank before it failed", "no passed positive control in 7 days", "a second reader")),
        (
            "es",
            ("el último blanco anterior falló", "ningún control positivo superado en 7 días", "una segunda persona"),
        ),
    ],
)
def test_it_stays_visible_and_says_why_it_counts_for_nothing(language, words):
    outside = make_result("gc-ms", "fentanyl", quality=OUTSIDE)

    said = {each.code: each for each in interpret(make_sample(outside), outside, language)}

    assert "found" in said
    assert "how_sure_confirmed" not in said
    assert said["outside_quality_control"].severity == "caution"
    for word in words:
        assert word in said["outside_quality_control"].text


def test_one_day_is_said_as_one():
    outside = make_result("ftir", "cocaine", quality=(Doubt("overdue", "background", 1),))

    said = {each.code: each.text for each in interpret(make_sample(outside), outside)}

    assert "no passed background in one day" in said["outside_quality_control"]
