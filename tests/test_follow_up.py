"""What waits to be checked again, and what ends that. No database."""

import pytest

from checking.denominators import Scope, Scopes
from checking.follow_up import FollowedUp, followed_up, followed_up_right, waiting
from checking.readings import Doubt
from tests.readings_by_hand import make_finding, make_result, make_sample, make_strip, subject

OUTSIDE = (Doubt("failed_before", "blank"),)


def why(*results, expected=("cocaine",)) -> list[str]:
    return [each.why for each in waiting(make_sample(*results, expected=expected))]


def test_a_strip_that_reacted_waits_until_something_followed():
    assert why(make_strip("fentanyl-strip")) == ["strip_reacted"]


@pytest.mark.parametrize(
    "lab",
    [make_result("gc-ms", "fentanyl"), make_result("gc-ms", make_finding("fentanyl", is_detected=False), "cocaine")],
    ids=["found", "looked for and not found"],
)
def test_a_lab_that_looked_ends_it(lab):
    assert why(make_strip("fentanyl-strip"), lab) == []


def test_a_second_strip_is_no_follow_up():
    assert why(make_strip("fentanyl-strip"), make_strip("fentanyl-strip", mg=10, ml=50)) == ["strip_reacted"]


def test_a_strip_that_reacted_to_what_was_expected_does_not_wait():
    assert why(make_strip("fentanyl-strip"), expected=("fentanyl",)) == []


def test_a_strip_that_did_not_react_does_not_wait():
    assert why(make_strip("fentanyl-strip", "clear")) == []


def test_readings_that_disagree_wait_and_both_are_named():
    strip, ftir = make_strip("fentanyl-strip"), make_result("ftir", "cocaine")

    [item] = waiting(make_sample(strip, ftir, expected=("cocaine",)))

    assert item.why == "disagree"
    assert set(item.results) == {strip.id, ftir.id}


def test_a_lab_settles_readings_that_disagree():
    assert why(make_strip("fentanyl-strip"), make_result("ftir", "cocaine"), make_result("gc-ms", "fentanyl")) == []


def test_a_lab_outside_quality_control_settles_nothing():
    lab = make_result("gc-ms", "fentanyl", quality=OUTSIDE)

    assert why(make_strip("fentanyl-strip"), make_result("ftir", "cocaine"), lab) == ["disagree", "quality"]


@pytest.mark.parametrize(("doubt", "said"), [({"lot_is_sound": False}, "lot"), ({"quality": OUTSIDE}, "quality")])
def test_a_strip_in_doubt_waits_whether_it_reacted_or_not(doubt, said):
    assert why(make_strip("fentanyl-strip", **doubt)) == [said]
    assert why(make_strip("fentanyl-strip", "clear", **doubt)) == [said]


@pytest.mark.parametrize(
    "answer",
    [make_strip("fentanyl-strip", "clear", mg=10, ml=50), make_result("gc-ms", "fentanyl")],
    ids=["a strip of another lot", "a lab"],
)
def test_a_sound_result_answers_one_in_doubt(answer):
    assert why(make_strip("fentanyl-strip", lot_is_sound=False), answer, expected=("fentanyl",)) == []


def test_ftir_that_saw_no_fentanyl_answers_no_strip():
    assert "lot" in why(make_strip("fentanyl-strip", "clear", lot_is_sound=False), make_result("ftir", "cocaine"))


def test_an_instrument_in_doubt_is_answered_by_a_lab_or_its_own_next_run():
    outside = make_result("ftir", "cocaine", quality=OUTSIDE)

    assert why(outside) == ["quality"]
    assert why(outside, make_result("gc-ms", "cocaine")) == []
    assert why(outside, make_result("ftir", "cocaine", "caffeine")) == []
    assert why(outside, make_result("raman", "cocaine")) == ["quality"]


def test_what_was_set_aside_is_asked_anew_when_a_result_comes_in():
    strip = make_strip("fentanyl-strip")

    [before] = waiting(make_sample(strip))
    [after] = waiting(make_sample(strip, make_strip("xylazine-strip", "clear")))

    assert before.why == after.why
    assert before.key != after.key
    assert len(before.key) == 64


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ([], "untested"),
        ([make_result("ftir", "fentanyl")], "untested"),
        ([make_result("gc-ms", "fentanyl")], "confirmed"),
        ([make_result("gc-ms", make_finding("fentanyl_type_opioid", is_detected=False), "cocaine")], "not_confirmed"),
        ([make_result("gc-ms", "fentanyl", quality=OUTSIDE)], "untested"),
    ],
)
def test_only_a_lab_confirms_a_strip_or_does_not(others, said):
    strip = make_strip("fentanyl-strip", lot_is_sound=False)

    assert followed_up(make_sample(strip, *others), strip) == said


# What labs said of strips, over a network

SCOPES = Scopes([Scope(None, "gc-ms", subject("opioid"))])
FOUND, NOT_FOUND = make_result("gc-ms", "fentanyl"), make_result("gc-ms", "cocaine")


def samples_of(strip, *labs, n=20, **said):
    return [make_sample(strip, *labs, **said)] * n


def test_strips_are_right_where_a_lab_said_the_same():
    quiet, reacted = make_strip("fentanyl-strip", "clear"), make_strip("fentanyl-strip")
    samples = [
        *samples_of(quiet, NOT_FOUND, n=21),
        *samples_of(quiet, FOUND, n=3),
        *samples_of(reacted, FOUND, n=19),
        *samples_of(reacted, NOT_FOUND, n=1),
    ]

    assert followed_up_right(samples, SCOPES) == {
        ("fentanyl-strip", "not_detected"): FollowedUp(24, 21),
        ("fentanyl-strip", "detected"): FollowedUp(20, 19),
    }


def test_nineteen_strips_tell_nothing():
    assert followed_up_right(samples_of(make_strip("fentanyl-strip"), FOUND, n=19), SCOPES) == {}


STRIP = make_strip("fentanyl-strip")


@pytest.mark.parametrize(
    "samples",
    [
        samples_of(STRIP, make_result("ftir", "fentanyl")),
        samples_of(STRIP, make_result("dart-ms", "fentanyl")),
        samples_of(STRIP, make_result("gc-ms", make_finding("fentanyl", identity="tentative"))),
        samples_of(STRIP, make_result("lc-ms", "cocaine")),
        samples_of(STRIP, FOUND, make_result("gc-ms", "cocaine", id="again")),
        samples_of(make_strip("fentanyl-strip", lot_is_sound=False), FOUND),
        samples_of(STRIP, make_result("gc-ms", "fentanyl", quality=OUTSIDE)),
        samples_of(STRIP, FOUND, is_shared=False),
        samples_of(STRIP, FOUND, is_contaminated=True),
    ],
    ids=[
        "FTIR is no lab",
        "DART-MS does not name exactly",
        "tentative",
        "outside the lab's scope",
        "labs that contradict each other",
        "suspect lot",
        "lab outside quality control",
        "not counted in figures",
        "contaminated",
    ],
)
def test_what_no_lab_answered_soundly_is_not_counted(samples):
    assert followed_up_right(samples, SCOPES) == {}


def test_several_strips_of_one_sample_count_once():
    again = make_strip("fentanyl-strip", mg=10, ml=50)

    assert followed_up_right(samples_of(STRIP, again, FOUND), SCOPES) == {
        ("fentanyl-strip", "detected"): FollowedUp(20, 20)
    }


def test_a_lab_that_looks_only_in_part_does_not_end_a_disagreement():
    assert why(make_strip("fentanyl-strip"), make_result("qnmr", "cocaine")) == ["disagree"]
