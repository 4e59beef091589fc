"""Counting all subjects at once says the same as asking for each."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from checking.denominators import is_detected, is_tested
from checking.readings import FindingRead, ResultRead, SampleRead
from checking.tallies import Tallier, Tally, count
from tests import test_denominators as made

SUBJECTS = {
    subject.slug: subject
    for subject in (
        made.OPIOID,
        made.FENTANYLS,
        made.FENTANYL,
        made.CARFENTANIL,
        made.XYLAZINE,
        made.MEDETOMIDINE,
    )
}
FINDINGS = st.builds(
    FindingRead,
    subject=st.sampled_from(sorted(SUBJECTS)).map(SUBJECTS.get),
    is_detected=st.booleans(),
    identity=st.sampled_from(["exact", "tentative", "class_only"]),
)
RESULTS = st.builds(
    ResultRead,
    id=st.uuids().map(str),
    method=st.sampled_from([made.STRIP, made.FTIR, made.GC_MS, made.REAGENT]),
    lab=st.sampled_from(["lab", "harbour"]),
    outcome=st.sampled_from(["detected", "not_detected", "invalid"]),
    findings=st.lists(FINDINGS, max_size=3).map(tuple),
    performed_on=st.sampled_from([None, date(2022, 5, 1), date(2026, 11, 18)]),
    chosen_because=st.sampled_from(["all", "random", "unknown", "strip_positive"]),
    lot_is_sound=st.booleans(),
)


@given(st.lists(RESULTS, max_size=4))
def test_a_tally_is_what_the_questions_answer(results):
    sample = SampleRead(id="s", site="harbour", area="us", results=tuple(results))

    tally = Tallier(SUBJECTS, made.SCOPES).tally(results)

    assert tally.tested == {slug for slug, each in SUBJECTS.items() if is_tested(sample, each, None, made.SCOPES)}
    assert tally.found == {slug for slug, each in SUBJECTS.items() if is_detected(sample, each, None, made.SCOPES)}
    assert tally.found <= tally.tested


def test_a_later_result_adds_only_what_is_new():
    earlier = Tally(frozenset("ab"), frozenset("a"))
    later = Tally(frozenset("abc"), frozenset("abc"))

    assert later.without(earlier) == Tally(frozenset("c"), frozenset("c"))
    assert earlier.without(later).is_empty


def test_counts_are_of_samples():
    tallies = [Tally(frozenset("ab"), frozenset("a")), Tally(frozenset("a"), frozenset())]

    assert count(tallies) == {"a": (2, 1), "b": (1, 0)}
