"""What results say, held to published figures, in both languages."""

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checking.amounts import limit_passed, on_basis
from checking.follow_up import FollowedUp
from checking.guidance import AmountLimit, Guidance, published
from checking.interpretation import advise, interpret, weigh
from checking.limits import percent, smallest_share_seen
from checking.mis_selling import is_allowed, is_mis_sold
from checking.readings import Amount, FindingRead, ResultRead, SampleRead
from tests.readings_by_hand import (
    make_finding,
    make_result,
    make_sample,
    make_strip,
    method,
    methods,
    subject,
    subjects,
)

VERDICTS = {
    "en": re.compile(r"\b(safe|safely|safer|clean|cleaner|pure)\b", re.IGNORECASE),
    "es": re.compile(r"\b(segur[oa]s?|limpi[oa]s?|pur[oa]s?)\b", re.IGNORECASE),
}
TRACE = Amount("relative", rank="trace")


def said(sample: SampleRead, result: ResultRead, language: str = "en") -> dict[str, str]:
    return {statement.code: statement.text for statement in interpret(sample, result, language)}


def advised(sample: SampleRead, language: str = "en") -> dict[str, str]:
    return {statement.code: statement.text for statement in advise(sample, language)}


# How little could have been missed


@pytest.mark.parametrize(
    ("strip", "mg", "ml", "expected"),
    [
        ("nitazene-strip", 10, 5, "0.15 %"),  # 3,000 ng/mL at 2 mg/mL
        ("xylazine-strip", 10, 10, "0.25 %"),  # 2.5 ug/mL at 1 mg/mL
        ("fentanyl-strip", 10, 10, "0.02 %"),  # 200 ng/mL at 1 mg/mL
        ("fentanyl-strip", 10, 50, "0.1 %"),  # the retest: 200 ng/mL at 0.2 mg/mL
        ("medetomidine-strip", 10, 5, "0.1 %"),  # 2,000 ng/mL at 2 mg/mL
    ],
)
def test_a_negative_strip_says_what_it_could_have_missed_at_best(strip, mg, ml, expected):
    result = make_strip(strip, "clear", mg=mg, ml=ml)

    statement = said(make_sample(result), result)["could_miss_under"]

    assert "At best" in statement
    assert f"from {expected} " in statement


def test_the_limit_used_is_the_largest_credible_one_and_not_the_nominal_cut_off():
    [target] = method("fentanyl-strip").targets

    assert (target.cutoff_ng_per_ml, target.limit_ng_per_ml) == (20, 200)


def test_shares_are_rounded_up_so_that_no_more_is_promised_than_is_so():
    assert percent(smallest_share_seen(200, 3)) == "0.0067"
    assert percent(0.0015) == "0.15"
    assert percent(0.12345) == "13"


@pytest.mark.parametrize("told", [{}, {"sample_mg": 10.0, "diluent_ml": 5.0}, {"sample_mg": 10.0, "is_weighed": True}])
def test_no_figure_is_given_where_the_mass_was_not_weighed_or_the_water_is_unknown(told):
    result = make_strip("fentanyl-strip", "clear", **told)

    statements = said(make_sample(result, material="residue"), result)

    assert "could_miss_under" not in statements
    assert not re.search(r"\d", statements["could_miss_unweighed"])


@pytest.mark.parametrize("strip", ["benzodiazepine-strip", "lsd-strip"])
def test_no_figure_is_given_where_no_limit_is_known(strip):
    result = make_strip(strip, "clear", mg=10, ml=5)

    statements = said(make_sample(result), result)

    assert "could_miss_unknown" in statements
    assert "could_miss_under" not in statements


def test_a_mix_too_thin_to_see_anything_says_so():
    result = make_strip("nitazene-strip", "clear", mg=1, ml=1000)

    assert "mix_too_thin" in said(make_sample(result), result)


@pytest.mark.parametrize(
    ("strip", "share"), [("xylazine-strip", "54 %"), ("fentanyl-strip", "87.5 %"), ("benzodiazepine-strip", "67 %")]
)
def test_the_published_field_sensitivity_stands_beside_the_figure(strip, share):
    result = make_strip(strip, "clear", mg=10, ml=10)

    assert share in said(make_sample(result), result)["field_sensitivity"]


def test_a_negative_fentanyl_strip_names_what_it_never_sees():
    result = make_strip("fentanyl-strip", "clear")

    misses = said(make_sample(result), result)["method_misses"]

    assert "carfentanil" in misses
    assert "nitazenes" in misses


# Strips


def test_a_faint_line_is_not_detected_and_said_so():
    result = make_strip("xylazine-strip", "faint", mg=10, ml=10)

    statements = said(make_sample(result), result)

    assert {"strip_not_detected", "strip_faint_line"} <= statements.keys()
    assert "strip_reacted" not in statements


def test_a_strip_without_control_line_says_nothing_either_way():
    result = make_strip("fentanyl-strip", control=False, test_line="absent", outcome="invalid", findings=())

    statements = said(make_sample(result), result)

    assert list(statements) == ["strip_no_control_line"]
    assert "nothing either way" in statements["strip_no_control_line"]


def test_an_inconclusive_reading_is_not_a_negative():
    result = make_result("gc-ms", outcome="inconclusive")

    assert "not a negative" in said(make_sample(result), result)["reading_inconclusive"]


def test_a_strip_names_a_class_whatever_was_written_as_its_finding():
    result = make_strip("fentanyl-strip", findings=(make_finding("carfentanil"),))
    sample = make_sample(result)

    text = " ".join(said(sample, result).values())

    assert "a fentanyl-type opioid" in text
    assert "carfentanil" not in text
    assert weigh(sample, subject("carfentanil")).is_class_only


def test_a_strip_of_a_suspect_lot_says_that_it_counts_for_nothing_by_itself():
    result = make_strip("fentanyl-strip", lot_is_sound=False)
    sample = make_sample(result)

    assert "lot_not_sound" in said(sample, result)
    assert weigh(sample, subject("fentanyl_type_opioid")).rung == "reported"


@pytest.mark.parametrize(
    ("strip", "confuser", "mg", "ml", "is_said"),
    [
        ("fentanyl-strip", "methamphetamine", 10, 5, True),
        ("fentanyl-strip", "methamphetamine", 10, 10, True),  # at 1 mg/mL just so
        ("fentanyl-strip", "methamphetamine", 10, 50, False),
        ("fentanyl-strip", "methamphetamine", None, None, True),
        ("fentanyl-strip", "cocaine", 10, 5, False),  # not seen to confuse at 20 to 0.2 mg/mL
        ("xylazine-strip", "lidocaine", 10, 10, True),
        ("nitazene-strip", "caffeine", 10, 5, True),
        ("nitazene-strip", "caffeine", 1, 5, False),  # 0.2 mg/mL is under 300 ug/mL
        ("medetomidine-strip", "detomidine", 10, 5, True),
    ],
)
def test_what_may_have_confused_a_strip_is_said_when_the_mix_was_strong_enough(strip, confuser, mg, ml, is_said):
    result = make_strip(strip, mg=mg, ml=ml)
    sample = make_sample(result, make_result("gc-ms", confuser))

    assert ("may_be_confused" in said(sample, result)) is is_said


# Instruments


def test_ftir_never_clears_what_matters_in_small_amounts():
    result = make_result("ftir", "cocaine")

    text = said(make_sample(result), result)["ftir_does_not_clear"]

    for name in ("fentanyl", "carfentanil", "nitazenes", "benzodiazepines", "xylazine", "medetomidine"):
        assert name in text


@pytest.mark.parametrize(
    ("value", "band"), [("22.5", "quarter"), ("51.3", "half"), ("3.2", "small"), ("96", "nearly all")]
)
def test_ftir_per_cents_are_words_and_never_figures(value, band):
    result = make_result("ftir", make_finding("cocaine", Amount("percent_ftir", value=Decimal(value))))

    text = said(make_sample(result), result)["found_band"]

    assert band in text
    assert not re.search(r"\d", text)


def test_ftir_and_a_benzodiazepine_strip_still_leave_a_quarter_unseen():
    strip = make_strip("benzodiazepine-strip", "clear")

    statements = said(make_sample(strip, make_result("ftir", "caffeine")), strip)

    assert "25 of 100" in statements["ftir_and_strip_miss_benzodiazepines"]


def test_amounts_are_said_with_what_they_are_counted_as():
    amount = Amount("percent_w_w", Decimal("4.1"), *map(Decimal, ("4.1", "3.7", "4.5")), basis="base")
    result = make_result("lc-ms", make_finding("fentanyl", amount))
    unknown = make_result("lc-ms", make_finding("mdma", Amount("mg_per_unit", value=Decimal("120.000000"))))

    assert "4.1 % by mass (3.7 to 4.5), counted as base" in said(make_sample(result), result)["found_amount"]
    assert "120 mg in one unit, not known whether the salt" in said(make_sample(unknown), unknown)["found_amount"]


def test_trace_tentative_class_only_and_isomers_are_each_said():
    result = make_result(
        "gc-ms",
        make_finding("xylazine", TRACE),
        make_finding("caffeine", identity="tentative"),
        make_finding("nitazene", identity="class_only"),
        make_finding("p-fluorofentanyl", identity="isomer_not_determined"),
    )

    statements = said(make_sample(result), result)

    assert "a trace of xylazine" in statements["found_trace"]
    assert "signs of caffeine" in statements["found_tentative"]
    assert "a nitazene" in statements["found_class_only"]
    assert "fentanyl-type opioids" in statements["found_isomer"]
    assert "p-fluorofentanyl or ortho-fluorofentanyl" in statements["found_isomer"]


def test_gc_ms_says_that_it_misses_sugars_and_its_derivatised_twin_does_not():
    plain, derivatised = make_result("gc-ms", "cocaine"), make_result("gc-ms-derivatised", "cocaine")

    assert "sugars" in said(make_sample(plain), plain)["method_misses"]
    assert "sugars" not in " ".join(said(make_sample(derivatised), derivatised).values())


def test_looked_for_and_not_detected_says_down_to_what():
    result = make_result("lc-ms", FindingRead(subject("xylazine"), is_detected=False, limit_value=0.1, limit_unit="%"))

    assert "xylazine (down to 0.1 %)" in said(make_sample(result), result)["looked_for_not_detected"]


def test_reagents_are_consistent_or_not_and_no_more():
    result = make_result("reagent", "mdma", outcome="consistent_with")
    sample = make_sample(result)

    assert "consistent with MDMA" in said(sample, result)["reagent_consistent"]
    assert weigh(sample, subject("mdma")).rung == "reported"


def test_residue_says_that_it_may_include_earlier_use():
    result = make_result("gc-ms", "fentanyl")

    assert "residue_earlier_use" in said(make_sample(result, material="residue"), result)
    assert "residue_earlier_use" not in said(make_sample(result), result)


# Readings that differ


def test_methods_that_differ_are_shown_side_by_side_as_unresolved():
    strip, ftir = make_strip("fentanyl-strip"), make_result("ftir", "cocaine")
    sample = make_sample(strip, ftir)

    for result in (strip, ftir):
        assert "unresolved" in said(sample, result)["methods_differ"]


def test_the_labs_answer_goes_first_and_the_other_reading_stays():
    strip, lab = make_strip("fentanyl-strip"), make_result("gc-ms", "mdma")
    quiet, found = make_strip("fentanyl-strip", "clear"), make_result("gc-ms", "fentanyl")

    assert "stays on record" in said(make_sample(strip, lab), strip)["lab_did_not_find_it"]
    assert "goes first" in said(make_sample(quiet, found), quiet)["lab_found_it"]


def test_a_nitazene_strip_does_not_differ_from_a_lab_that_found_fentanyl():
    strip, lab = make_strip("nitazene-strip", "clear"), make_result("gc-ms", "fentanyl")

    assert "lab_found_it" not in said(make_sample(strip, lab), strip)


@pytest.mark.parametrize(
    ("lab", "code", "words"),
    [
        (make_result("gc-ms", "fentanyl"), "lab_settled_found", "GC-MS found it"),
        (make_result("gc-ms", "cocaine"), "lab_settled_not_found", "GC-MS looked for it and did not detect it"),
    ],
    ids=["found", "not found"],
)
def test_methods_that_differed_are_not_unresolved_once_a_lab_has_answered(lab, code, words):
    strip, ftir = make_strip("fentanyl-strip"), make_result("ftir", "cocaine")
    sample = make_sample(strip, ftir, lab)

    for result in (strip, ftir):
        text = said(sample, result)[code]
        assert words in text
        assert "both readings stay on record" in text
        assert "unresolved" not in " ".join(said(sample, result).values())


def test_a_lab_that_looks_only_in_part_or_is_in_doubt_settles_nothing():
    strip, ftir = make_strip("fentanyl-strip"), make_result("ftir", "cocaine")
    for lab in (make_result("qnmr", "cocaine"), make_result("gc-ms", "cocaine", lot_is_sound=False)):
        assert "unresolved" in said(make_sample(strip, ftir, lab), strip)["methods_differ"]


def test_labs_that_contradict_each_other_leave_it_unresolved():
    strip, found, not_found = (
        make_strip("fentanyl-strip"),
        make_result("lc-ms", "fentanyl"),
        make_result("gc-ms", "cocaine"),
    )
    sample = make_sample(strip, found, not_found)

    assert "unresolved" in said(sample, found)["labs_differ"]
    assert "unresolved" in said(sample, strip)["methods_differ"]
    assert not {"lab_found_it", "lab_did_not_find_it"} & said(sample, strip).keys()


def test_how_often_ftir_sees_no_fentanyl_beside_a_strip_is_said_as_it_was_measured():
    strip, ftir = make_strip("fentanyl-strip"), make_result("ftir", "cocaine")
    sample = make_sample(strip, ftir)

    for result in (strip, ftir):
        assert said(sample, result)["ftir_beside_strips"] == (
            "FTIR saw no fentanyl in 38 of 100 samples where a strip reacted; some of those strips may have been wrong."
        )
    agreeing = make_sample(strip, make_result("ftir", "fentanyl"))
    assert "ftir_beside_strips" not in said(agreeing, strip)


# How little an instrument could have missed


@pytest.mark.parametrize(
    ("method_slug", "found", "share"),
    [("ftir", "caffeine", "about 10 %"), ("ps-ms", "cocaine", "about 0.08 %"), ("raman", "caffeine", "about 40 %")],
)
def test_an_instrument_says_down_to_which_share_by_mass_it_sees_at_best(method_slug, found, share):
    result = make_result(method_slug, found)

    text = said(make_sample(result), result)["limit_by_mass"]

    assert text.startswith("At best")
    assert share in text


def test_residue_gets_no_share_by_mass():
    result = make_result("ftir", "caffeine")

    statements = said(make_sample(result, material="residue"), result)

    assert "limit_by_mass" not in statements
    assert "limit_depends" in statements


@pytest.mark.parametrize("method_slug", ["gc-ms", "gc-ms-derivatised", "lc-ms", "dart-ms", "hplc-uv", "qnmr", "raman"])
def test_where_no_limit_is_known_that_is_said_without_a_figure(method_slug):
    result = make_result(method_slug, "caffeine")

    text = said(make_sample(result), result)["limit_depends"]

    assert not re.search(r"\d", text)


@pytest.mark.parametrize(
    ("method_slug", "name"),
    [
        ("dart-ms", "ortho-fluorofentanyl"),
        ("ps-ms", "nitazenes"),
        ("lc-ms", "butyryl fentanyl"),
        ("gc-ms", "carfentanil"),
        ("ftir", "synthetic cannabinoids"),
        ("raman", "lysergamides"),
        ("reagent", "25I-NBOMe"),
    ],
)
def test_what_a_method_misses_is_said_by_name(method_slug, name):
    outcome = "consistent_with" if method_slug == "reagent" else "detected"
    result = make_result(method_slug, "caffeine", outcome=outcome)

    assert name in said(make_sample(result), result)["method_misses"]


def test_direct_mass_spectrometry_names_what_weighs_the_same():
    result = make_result("dart-ms", "p-fluorofentanyl")
    exact = make_result("gc-ms", "p-fluorofentanyl")

    assert "p-fluorofentanyl or ortho-fluorofentanyl" in said(make_sample(result), result)["may_be_isomer"]
    assert "may_be_isomer" not in said(make_sample(exact), exact)


def test_ftir_says_that_close_relatives_look_alike():
    alike, other = make_result("ftir", "2c-b"), make_result("ftir", "caffeine")

    assert "may_look_alike" in said(make_sample(alike), alike)
    assert "may_look_alike" not in said(make_sample(other), other)


def test_a_form_that_a_method_reads_badly_is_said():
    raman = make_result("raman", "heroin")

    assert "form_reads_badly" in said(make_sample(raman, form="tar"), raman)
    assert "form_reads_badly" not in said(make_sample(raman, form="powder"), raman)


def test_a_rank_by_a_method_that_measures_nothing_is_no_amount():
    ranked = make_finding("cocaine", Amount("relative", rank="primary"))
    gc_ms, lc_ms = make_result("gc-ms", ranked), make_result("lc-ms", ranked)

    assert "not an amount" in said(make_sample(gc_ms), gc_ms)["rank_is_no_weight"]
    assert "rank_is_no_weight" not in said(make_sample(lc_ms), lc_ms)


# This network's own truth

TRUTHS = {
    ("fentanyl-strip", "not_detected"): FollowedUp(24, 21),
    ("fentanyl-strip", "detected"): FollowedUp(19, 19),
}


def test_a_later_strip_says_how_many_such_strips_were_right_here():
    result = make_strip("fentanyl-strip", "clear")

    codes = {each.code: each.text for each in interpret(make_sample(result), result, "en", TRUTHS)}

    assert "of 24 such strips that did not react" in codes["network_truth_did_not"]
    assert "21 were right" in codes["network_truth_did_not"]


@pytest.mark.parametrize(
    "result", [make_strip("fentanyl-strip"), make_strip("xylazine-strip", "clear"), make_result("gc-ms", "fentanyl")]
)
def test_fewer_than_twenty_or_another_kind_of_strip_say_nothing_of_this_network(result):
    codes = {each.code for each in interpret(make_sample(result), result, "en", TRUTHS)}

    assert not any(code.startswith("network_truth") for code in codes)


# How sure


def test_what_a_lab_confirmed_is_not_called_presumptive_on_another_card():
    strip, ftir, lab = (
        make_strip("fentanyl-strip"),
        make_result("ftir", "fentanyl", "caffeine"),
        make_result("gc-ms", "fentanyl"),
    )
    sample = make_sample(strip, ftir, lab)

    on_ftir, on_strip = said(sample, ftir), said(sample, strip)

    assert "How sure of fentanyl: confirmed by GC-MS" in on_ftir["how_sure_confirmed_elsewhere"]
    assert "How sure of caffeine: presumptive." in on_ftir["how_sure_presumptive"]
    assert "confirmed by GC-MS" in on_strip["how_sure_confirmed_elsewhere"]
    assert "how_sure_strip" not in on_strip


def test_how_sure_stands_beside_samples_sites_and_techniques():
    strip, lab = make_strip("fentanyl-strip"), make_result("gc-ms", "fentanyl")

    assert (
        "one sample, one site, 2 independent techniques: GC-MS and a strip."
        in (said(make_sample(strip, lab), lab)["how_sure_confirmed"])
    )
    assert "one sample, one site, one technique: a strip." in said(make_sample(strip), strip)["how_sure_strip"]


@pytest.mark.parametrize(
    "result",
    [
        make_strip("fentanyl-strip", lot_is_sound=False),
        make_result("gc-ms", make_finding("caffeine", identity="tentative")),
        make_result("reagent", "mdma", outcome="consistent_with"),
    ],
    ids=["a suspect lot", "a tentative name", "a reagent"],
)
def test_what_counts_for_nothing_by_itself_is_reported_only(result):
    statements = said(make_sample(result), result)

    assert "reported only" in statements["how_sure_reported"]
    assert not {"how_sure_strip", "how_sure_presumptive", "how_sure_confirmed"} & statements.keys()


def test_only_a_lab_that_named_one_compound_exactly_confirms():
    fentanyl = subject("fentanyl")

    assert weigh(make_sample(make_result("gc-ms", "fentanyl")), fentanyl).rung == "confirmed"
    assert weigh(make_sample(make_result("ftir", "fentanyl")), fentanyl).rung == "presumptive"
    assert weigh(make_sample(make_result("dart-ms", "fentanyl")), fentanyl).rung == "presumptive"
    tentative = make_result("gc-ms", make_finding("fentanyl", identity="tentative"))
    assert weigh(make_sample(tentative), fentanyl).rung == "reported"
    isomer = make_result("gc-ms", make_finding("p-fluorofentanyl", identity="isomer_not_determined"))
    assert weigh(make_sample(isomer), subject("p-fluorofentanyl")).rung == "presumptive"
    assert weigh(make_sample(), fentanyl).rung == "reported"


def test_strips_never_back_each_other_up():
    sample = make_sample(
        make_strip("fentanyl-strip", mg=10, ml=5),
        make_strip("fentanyl-strip", mg=10, ml=50, lab="riverside", lot_brand="other"),
    )

    evidence = weigh(sample, subject("fentanyl_type_opioid"))

    assert (evidence.rung, evidence.techniques) == ("presumptive", ("immunoassay",))


def test_ftir_and_a_strip_are_presumptive_by_two_techniques():
    evidence = weigh(make_sample(make_strip("fentanyl-strip"), make_result("ftir", "fentanyl")), subject("fentanyl"))

    assert (evidence.rung, len(evidence.techniques)) == ("presumptive", 2)


def test_a_hyphenated_run_and_its_derivatised_twin_are_one_technique():
    sample = make_sample(make_result("gc-ms", "xylazine"), make_result("gc-ms-derivatised", "xylazine"))

    assert len(weigh(sample, subject("xylazine")).techniques) == 1


def test_a_trace_is_known_as_a_trace_only():
    sample = make_sample(make_result("gc-ms", make_finding("fentanyl", TRACE)))

    assert weigh(sample, subject("fentanyl")).is_traced_only
    more = make_sample(*sample.results, make_result("lc-ms", "fentanyl"))
    assert not weigh(more, subject("fentanyl")).is_traced_only


def test_a_negative_ftir_disputes_no_fentanyl_and_a_negative_lab_does():
    strip, target = make_strip("fentanyl-strip"), subject("fentanyl_type_opioid")

    assert not weigh(make_sample(strip, make_result("ftir", "cocaine")), target).is_disputed
    assert weigh(make_sample(strip, make_result("gc-ms", "cocaine")), target).is_disputed


# Advice


def test_a_strong_mdma_sample_that_turned_a_fentanyl_strip_is_to_be_tested_again_in_more_water():
    sample = make_sample(make_strip("fentanyl-strip", mg=10, ml=5), expected=("mdma",))

    text = advised(sample)["retest_fentanyl_strip"]

    assert text.startswith(
        "The strip reacted. In a strong mix, MDMA itself often does this. Please let us test again in more water. "
        "Until then, act as if fentanyl may be there: start small, not alone, naloxone near."
    )
    assert "10 mg in 50 mL" in text
    assert "0.1 %" in text
    assert "lone_strip" not in advised(sample)


@pytest.mark.parametrize(("mg", "ml", "asks"), [(10, 10, True), (None, None, True), (10, 50, False)])
def test_testing_again_is_asked_for_at_one_mg_per_ml_or_unknown_strength(mg, ml, asks):
    sample = make_sample(make_strip("fentanyl-strip", mg=mg, ml=ml), expected=("methamphetamine",))

    assert ("retest_fentanyl_strip" in advised(sample)) is asks


def test_a_found_antihistamine_asks_for_the_retest_too():
    sample = make_sample(make_strip("fentanyl-strip"), make_result("ftir", "diphenhydramine"), expected=("heroin",))

    assert "diphenhydramine" in advised(sample)["retest_fentanyl_strip"]


@pytest.mark.parametrize(("line", "code"), [("absent", "retest_reacted"), ("clear", "retest_did_not_react")])
def test_the_retest_is_answered_by_what_it_read(line, code):
    first, again = make_strip("fentanyl-strip", mg=10, ml=5), make_strip("fentanyl-strip", line, mg=10, ml=50)

    codes = advised(make_sample(first, again, expected=("mdma",)))

    assert code in codes
    assert "retest_fentanyl_strip" not in codes


def test_a_lone_strip_asks_for_another_kind_of_method_until_one_agrees():
    strip = make_strip("nitazene-strip")

    assert "lone_strip" in advised(make_sample(strip, expected=("oxycodone",)))
    assert "lone_strip" not in advised(
        make_sample(strip, make_result("lc-ms", "metonitazene"), expected=("oxycodone",))
    )
    assert "lone_strip" not in advised(make_sample(make_strip("fentanyl-strip"), expected=("fentanyl",)))


@pytest.mark.parametrize(
    ("strip", "expected", "name"),
    [
        ("xylazine-strip", "cocaine", "lidocaine"),
        ("nitazene-strip", "heroin", "caffeine"),
        ("medetomidine-strip", "cocaine", "levamisole"),
    ],
)
def test_strips_with_known_confusers_say_so_where_the_confuser_is_likely(strip, expected, name):
    assert name in advised(make_sample(make_strip(strip), expected=(expected,)))["strip_known_confuser"]


def test_a_benzodiazepine_strip_says_how_often_it_is_mistaken():
    assert "18 of 100" in advised(make_sample(make_strip("benzodiazepine-strip")))["strip_often_mistaken"]


def test_mis_sold_is_said_when_a_lab_named_it_and_never_without_an_expectation():
    lab = make_result("gc-ms", "metonitazene")

    assert "metonitazene" in advised(make_sample(lab, expected=("oxycodone",)))["mis_sold"]
    assert "mis_sold" not in advised(make_sample(lab))
    assert "mis_sold_presumptive" in advised(make_sample(make_result("ftir", "fentanyl"), expected=("cocaine",)))
    trace = make_result("gc-ms", make_finding("fentanyl", TRACE))
    assert "mis_sold_trace" in advised(make_sample(trace, expected=("cocaine",)))


@pytest.mark.parametrize(
    ("expected", "found", "is_so"),
    [
        ("oxycodone", "metonitazene", True),
        ("oxycodone", "fentanyl", True),
        ("alprazolam", "bromazolam", True),
        ("clonazepam", "bromazolam", True),  # no row of its own: itself only
        ("hydromorphone", "fentanyl", True),  # who expected a compound did not expect its class
        ("benzodiazepine", "bromazolam", False),
        ("opioid", "fentanyl", False),
        ("opioid", "metonitazene", True),
        ("fentanyl", "p-fluorofentanyl", False),
        ("cocaine", "4-anpp", False),
        ("cocaine", "levamisole", False),
    ],
)
def test_what_counts_as_mis_sold(expected, found, is_so):
    assert is_mis_sold(published().allowed, [subject(expected)], subject(found)) is is_so


def test_any_one_of_several_expected_allows():
    assert is_allowed(published().allowed, [subject("ketamine"), subject("fentanyl")], subject("carfentanil"))


def test_200_mg_of_base_is_238_mg_of_hydrochloride():
    as_salt = on_basis(Amount("mg_per_unit", value=Decimal(200), basis="base"), "mdma", "salt:hydrochloride")

    assert as_salt is not None
    assert round(as_salt) == 238


@pytest.mark.parametrize(
    ("value", "basis", "level"),
    [
        ("121", "salt:hydrochloride", "caution"),
        ("201", "salt:hydrochloride", "warning"),
        ("120", "salt:hydrochloride", None),
        ("105", "base", "caution"),  # 125 mg as hydrochloride
        ("300", "unknown", None),
    ],
)
def test_amounts_over_a_limit_on_a_known_basis_are_said(value, basis, level):
    finding = make_finding("mdma", Amount("mg_per_unit", value=Decimal(value), basis=basis, portion="whole"))

    passed = limit_passed(finding, published().limits)

    assert (passed and passed.level) == level
    assert ("high_amount" in advised(make_sample(make_result("hplc-uv", finding)))) is (level is not None)


def test_an_unknown_basis_passes_no_limit_not_even_one_of_unknown_basis():
    finding = make_finding("mdma", Amount("mg_per_unit", value=Decimal(300), basis="unknown"))

    assert limit_passed(finding, (AmountLimit("mdma", "mg_per_unit", Decimal(120), "unknown", "caution"),)) is None


def test_a_networks_own_thresholds_replace_the_published_ones():
    finding = make_finding("mdma", Amount("mg_per_unit", value=Decimal(130), basis="salt:hydrochloride"))
    sample = make_sample(make_result("hplc-uv", finding))
    own = Guidance(limits=(AmountLimit("mdma", "mg_per_unit", Decimal(160), "salt:hydrochloride", "caution"),))

    assert advise(sample)
    assert not advise(sample, guidance=own)


def test_a_sedative_with_an_opioid_brings_rescue_words_for_breathing():
    lab = make_result("gc-ms", "fentanyl", "medetomidine")

    codes = advised(make_sample(lab, expected=("fentanyl",)))

    assert "at least one breath every 6 seconds" in codes["sedative_with_opioid"]
    assert "hospital" in codes["medetomidine_withdrawal"]
    assert "sedative_with_opioid" not in advised(make_sample(make_result("gc-ms", "fentanyl")))


# Words

COMPOUNDS_OF_STRIPS = [
    slug for slug, each in subjects().items() if "fentanyl_type_opioid" in each.classes and not each.is_class
]
AMOUNTS = st.sampled_from(
    [
        None,
        TRACE,
        Amount("relative", rank="primary"),
        Amount("percent_ftir", value=Decimal("33.3")),
        Amount("percent_w_w", value=Decimal("4.1"), basis="base"),
        Amount("mg_per_unit", low=Decimal(100), high=Decimal(300), basis="salt:hydrochloride", portion="part"),
    ]
)
IDENTITIES = st.sampled_from(["exact", "class_only", "tentative", "isomer_not_determined"])
FINDINGS = st.builds(
    FindingRead,
    st.sampled_from(sorted(subjects().values(), key=lambda each: each.slug)),
    st.booleans(),
    IDENTITIES,
    AMOUNTS,
)
OUTCOMES = ["detected", "not_detected", "inconclusive", "invalid", "consistent_with", "not_consistent"]
RESULTS = st.builds(
    ResultRead,
    id=st.uuids().map(str),
    method=st.sampled_from(list(methods().values())),
    lab=st.just("harbour"),
    outcome=st.sampled_from(OUTCOMES),
    findings=st.lists(FINDINGS, max_size=3).map(tuple),
    control=st.sampled_from([None, True, False]),
    test_line=st.sampled_from(["", "clear", "faint", "absent"]),
    lot_is_sound=st.booleans(),
    sample_mg=st.sampled_from([None, 0.001, 1.0, 10.0]),
    is_weighed=st.booleans(),
    diluent_ml=st.sampled_from([None, 0.5, 5.0, 50.0]),
)
SAMPLES = st.builds(
    SampleRead,
    id=st.just("s"),
    site=st.just("harbour"),
    area=st.just("us-pa-allegheny"),
    expected=st.lists(st.sampled_from(list(subjects().values())), max_size=2).map(tuple),
    material=st.sampled_from(["product", "residue"]),
    is_contaminated=st.booleans(),
    results=st.lists(RESULTS, min_size=1, max_size=3).map(tuple),
)


@settings(max_examples=150)
@given(SAMPLES, st.sampled_from(["en", "es"]))
def test_nothing_is_ever_called_safe_and_a_strip_is_never_confirmed(sample, language):
    for result in sample.results:
        statements = interpret(sample, result, language)

        assert statements
        for statement in (*statements, *advise(sample, language)):
            assert not VERDICTS[language].search(statement.text), statement
            assert statement.severity in {"info", "caution", "warning"}
            assert statement.source
            assert "{" not in statement.text
        if result.method.family == "strip":
            codes = {statement.code for statement in statements}
            assert "how_sure_confirmed" not in codes
            assert "found" not in codes


@given(st.sampled_from(COMPOUNDS_OF_STRIPS), st.sampled_from(["en", "es"]))
def test_a_reacting_fentanyl_strip_names_no_compound_as_found(slug, language):
    result = make_strip("fentanyl-strip", findings=(make_finding(slug),))
    statements = {each.code: each.text for each in interpret(make_sample(result), result, language)}

    text = statements["strip_reacted"].lower()
    for kind in ("fentanyl strip", "fentanyl-type", "tira de fentanilo", "tipo fentanilo"):
        text = text.replace(kind, "")

    assert "fentan" not in text
    assert not any("confirm" in each for each in statements.values())


def test_the_words_to_avoid_are_caught_by_the_test_itself():
    assert VERDICTS["en"].search("This is safe.")
    assert VERDICTS["es"].search("Es segura.")
    assert not VERDICTS["en"].search("impurity, purely")


def test_both_languages_say_the_same_things():
    sample = make_sample(make_strip("fentanyl-strip"), make_result("gc-ms", "mdma"), expected=("mdma",))

    for result in sample.results:
        assert said(sample, result, "en").keys() == said(sample, result, "es").keys()
    assert "cocaína" in " ".join(
        said(make_sample(make_result("gc-ms", "cocaine")), make_result("gc-ms", "cocaine"), "es").values()
    )
