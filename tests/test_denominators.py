"""Who was tested for what, on samples made by hand."""

from dataclasses import replace
from datetime import date

from checking.denominators import Scope, Scopes, ScopeState, also_seen, is_detected, is_tested
from checking.readings import Amount, FindingRead, MethodFacts, ResultRead, SampleRead, Subject


def make_subject(slug: str, *classes: str, is_class: bool = False) -> Subject:
    return Subject(slug, slug, slug, is_class, (slug, *classes) if is_class else classes)


OPIOID = make_subject("opioid", is_class=True)
FENTANYLS = make_subject("fentanyl_type_opioid", "opioid", is_class=True)
FENTANYL = make_subject("fentanyl", "fentanyl_type_opioid", "opioid")
CARFENTANIL = make_subject("carfentanil", "fentanyl_type_opioid", "opioid")
XYLAZINE = make_subject("xylazine", "alpha2_agonist")
MEDETOMIDINE = make_subject("medetomidine", "alpha2_agonist")
STRIP = MethodFacts("fentanyl-strip", "Fentanyl strip", "", "strip", "class")
FTIR = MethodFacts("ftir", "FTIR", "", "spectroscopy", "compound")
GC_MS = MethodFacts("gc-ms", "GC-MS", "", "lab", "compound", names_exactly=True)
REAGENT = MethodFacts("reagent", "Reagent", "", "reagent", "class")
DAY = date(2026, 11, 18)

SCOPES = Scopes(
    [
        Scope(None, "fentanyl-strip", FENTANYLS),
        Scope(None, "gc-ms", OPIOID),
        Scope(None, "gc-ms", XYLAZINE),
        Scope(None, "ftir", FENTANYL, is_full=False),
        Scope(None, "reagent", OPIOID),
        Scope("lab", "gc-ms", OPIOID, runs_all=True),
        Scope("lab", "gc-ms", MEDETOMIDINE, since=date(2023, 1, 1)),
    ]
)


def make_result(method: MethodFacts = GC_MS, *found: Subject, **said: object) -> ResultRead:
    findings = tuple(FindingRead(subject) for subject in found)
    said = {"outcome": "detected" if found else "not_detected", "chosen_because": "all", "lab": "harbour", **said}
    return ResultRead(id="r", method=method, findings=findings, performed_on=said.pop("performed_on", DAY), **said)


def make_sample(*results: ResultRead, **said: object) -> SampleRead:
    return SampleRead(id="s", site="harbour", area="us-pa-allegheny", results=results, **said)


def test_a_fentanyl_strip_says_nothing_of_xylazine():
    sample = make_sample(make_result(STRIP))

    assert is_tested(sample, FENTANYLS, "strip", SCOPES)
    assert not is_tested(sample, XYLAZINE, "strip", SCOPES)


def test_a_strip_that_tells_a_class_makes_no_denominator_for_one_compound_of_it():
    """Else every strip that reacts would be one more fentanyl "not detected"."""
    assert not is_tested(make_sample(make_result(STRIP, FENTANYLS)), FENTANYL, "strip", SCOPES)
    assert not is_tested(make_sample(make_result(STRIP)), FENTANYL, "strip", SCOPES)


def test_ftir_alone_does_not_clear_fentanyl():
    assert not is_tested(make_sample(make_result(FTIR)), FENTANYL, None, SCOPES)


def test_a_partial_scope_never_makes_a_denominator_even_when_it_sees_it():
    sample = make_sample(make_result(FTIR, FENTANYL))

    assert not is_tested(sample, FENTANYL, "spectroscopy", SCOPES)
    assert not is_detected(sample, FENTANYL, "spectroscopy", SCOPES)
    assert also_seen(sample, FENTANYL, "spectroscopy", SCOPES)


def test_a_scope_on_a_class_covers_its_members():
    sample = make_sample(make_result(GC_MS))

    assert is_tested(sample, CARFENTANIL, "lab", SCOPES)
    assert is_tested(sample, FENTANYLS, "lab", SCOPES)


def test_a_scope_on_a_compound_does_not_cover_its_class():
    scopes = Scopes([Scope(None, "gc-ms", FENTANYL)])

    assert not is_tested(make_sample(make_result(GC_MS)), FENTANYLS, "lab", scopes)


def test_a_class_is_detected_when_a_member_is():
    sample = make_sample(make_result(GC_MS, CARFENTANIL))

    assert is_detected(sample, OPIOID, "lab", SCOPES)
    assert is_detected(sample, FENTANYLS, "lab", SCOPES)
    assert not is_detected(sample, FENTANYL, "lab", SCOPES)


def test_a_result_that_stops_at_the_class_says_nothing_of_a_member():
    vague = replace(make_result(GC_MS), outcome="detected", findings=(FindingRead(FENTANYLS, identity="class_only"),))

    assert is_detected(make_sample(vague), FENTANYLS, "lab", SCOPES)
    assert not is_tested(make_sample(vague), CARFENTANIL, "lab", SCOPES)
    assert is_tested(make_sample(vague, make_result(GC_MS, CARFENTANIL)), CARFENTANIL, "lab", SCOPES)


def test_a_lab_that_began_to_look_in_2023_did_not_miss_it_in_2022():
    before = make_result(lab="lab", performed_on=date(2022, 12, 31))
    after = make_result(lab="lab", performed_on=date(2023, 1, 1))

    assert not is_tested(make_sample(before), MEDETOMIDINE, "lab", SCOPES)
    assert is_tested(make_sample(after), MEDETOMIDINE, "lab", SCOPES)


def test_a_scope_holds_through_its_last_day():
    scopes = Scopes([Scope(None, "gc-ms", XYLAZINE, until=DAY)])

    assert is_tested(make_sample(make_result()), XYLAZINE, "lab", scopes)
    assert not is_tested(make_sample(make_result(performed_on=date(2026, 11, 19))), XYLAZINE, "lab", scopes)


def test_the_day_of_completion_stands_in_for_an_unknown_day_of_reading():
    undated = make_result(lab="lab", performed_on=None, completed_on=date(2022, 5, 1))

    assert not is_tested(make_sample(undated), MEDETOMIDINE, "lab", SCOPES)
    assert is_tested(make_sample(undated), FENTANYL, "lab", SCOPES)


def test_an_unknown_day_is_within_a_scope_without_dates_only():
    undated = make_result(lab="lab", performed_on=None)

    assert not is_tested(make_sample(undated), MEDETOMIDINE, "lab", SCOPES)
    assert is_tested(make_sample(undated), FENTANYL, "lab", SCOPES)


def test_a_lab_with_scopes_of_its_own_takes_none_from_the_reference():
    assert is_tested(make_sample(make_result()), XYLAZINE, "lab", SCOPES)
    assert not is_tested(make_sample(make_result(lab="lab")), XYLAZINE, "lab", SCOPES)


def test_whether_a_scope_is_assumed_is_known():
    assert SCOPES.state("lab", "gc-ms") is ScopeState.OWN
    assert SCOPES.state("harbour", "gc-ms") is ScopeState.ASSUMED
    assert SCOPES.state("lab", "ftir") is ScopeState.NONE


def test_where_scopes_are_required_the_reference_stands_in_for_nobody():
    scopes = Scopes([Scope(None, "gc-ms", OPIOID)], requires_own=True)

    assert not is_tested(make_sample(make_result()), FENTANYL, "lab", scopes)
    assert scopes.state("harbour", "gc-ms") is ScopeState.NONE


def test_a_result_run_because_a_strip_reacted_stays_out():
    chosen = make_sample(make_result(GC_MS, FENTANYL, chosen_because="strip_positive"))

    assert not is_tested(chosen, FENTANYL, "lab", SCOPES)
    assert not is_detected(chosen, FENTANYL, "lab", SCOPES)
    assert also_seen(chosen, FENTANYL, "lab", SCOPES)


def test_harm_and_surprise_stay_out():
    for reason in ("harm", "surprise"):
        assert not is_tested(make_sample(make_result(chosen_because=reason)), FENTANYL, "lab", SCOPES)


def test_an_unknown_reason_counts_only_where_the_lab_runs_it_on_everything():
    assert not is_tested(make_sample(make_result(chosen_because="unknown")), FENTANYL, "lab", SCOPES)
    assert is_tested(make_sample(make_result(chosen_because="unknown", lab="lab")), FENTANYL, "lab", SCOPES)
    assert not is_tested(make_sample(make_result(chosen_because="harm", lab="lab")), FENTANYL, "lab", SCOPES)


def test_readings_that_say_nothing_make_no_denominator():
    for outcome in ("invalid", "inconclusive", "consistent_with", "not_consistent"):
        assert not is_tested(make_sample(make_result(outcome=outcome)), FENTANYL, "lab", SCOPES)


def test_reagents_make_no_denominator():
    assert not is_tested(make_sample(make_result(REAGENT)), OPIOID, None, SCOPES)


def test_a_suspect_lot_makes_no_denominator():
    assert not is_tested(make_sample(make_result(STRIP, lot_is_sound=False)), FENTANYLS, "strip", SCOPES)


def test_families_are_counted_apart():
    sample = make_sample(make_result(STRIP, FENTANYLS), make_result(GC_MS))

    assert is_detected(sample, FENTANYLS, "strip", SCOPES)
    assert not is_detected(sample, FENTANYLS, "lab", SCOPES)
    assert is_detected(sample, FENTANYLS, None, SCOPES)


def test_samples_that_may_not_be_counted_are_not():
    for reason in ({"is_shared": False}, {"is_contaminated": True}, {"is_overdose_associated": True}):
        sample = make_sample(make_result(GC_MS, FENTANYL), **reason)
        assert not is_tested(sample, FENTANYL, "lab", SCOPES)
        assert not is_detected(sample, FENTANYL, "lab", SCOPES)
        assert not also_seen(sample, FENTANYL, "lab", SCOPES)


def test_that_nobody_asked_of_an_overdose_keeps_nothing_out():
    assert is_tested(make_sample(make_result(), is_overdose_associated=None), FENTANYL, "lab", SCOPES)
    assert is_tested(make_sample(make_result(), is_overdose_associated=False), FENTANYL, "lab", SCOPES)


def test_a_trace_is_a_detection():
    trace = replace(make_result(), findings=(FindingRead(FENTANYL, amount=Amount("relative", rank="trace")),))

    assert is_detected(make_sample(trace), FENTANYL, "lab", SCOPES)


def test_a_tentative_name_neither_finds_nor_clears():
    tentative = make_sample(replace(make_result(), findings=(FindingRead(FENTANYL, identity="tentative"),)))

    assert not is_detected(tentative, FENTANYL, "lab", SCOPES)
    assert not is_detected(tentative, FENTANYL, "lab")
    assert not is_tested(tentative, FENTANYL, "lab", SCOPES)
    assert not is_tested(tentative, FENTANYLS, "lab", SCOPES)
    assert is_tested(tentative, XYLAZINE, "lab", SCOPES)


def test_looked_for_and_not_found_is_no_detection():
    absent = replace(make_result(), findings=(FindingRead(FENTANYL, is_detected=False),))

    assert is_tested(make_sample(absent), FENTANYL, "lab", SCOPES)
    assert not is_detected(make_sample(absent), FENTANYL, "lab", SCOPES)
    assert not is_detected(make_sample(absent), FENTANYL, "lab")


def test_detected_never_exceeds_tested():
    both = make_sample(make_result(GC_MS, FENTANYL, chosen_because="strip_positive"), make_result(GC_MS))

    assert is_tested(both, FENTANYL, "lab", SCOPES)
    assert not is_detected(both, FENTANYL, "lab", SCOPES)
    assert is_detected(both, FENTANYL, "lab")


def test_the_days_a_scope_opened_are_known():
    assert SCOPES.opened_on(MEDETOMIDINE, ["gc-ms"], ["lab"]) == (date(2023, 1, 1),)
