"""What one result may be worth noticing for. No database: values in, values out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from alerts.detectors import at_once
from alerts.detectors.at_once import BurnIn, Denominator, Facts, Limit, look
from checking.evidence import weigh
from checking.readings import Amount, FindingRead, MethodFacts, ResultRead, SampleRead, Subject, Target

DAY = date(2026, 11, 20)


def subject(slug: str, *classes: str, is_class: bool = False, grave: bool = False, watched: bool = False) -> Subject:
    return Subject(slug, slug, slug, is_class, classes, grave, watched)


FENTANYL = subject("fentanyl", "fentanyl_type_opioid", "opioid", grave=True, watched=True)
FENTANYLS = subject("fentanyl_type_opioid", "fentanyl_type_opioid", "opioid", is_class=True, grave=True, watched=True)
OPIOIDS = subject("opioid", "opioid", is_class=True, grave=True)
ANPP = subject("4-anpp", "fentanyl_related", grave=True, watched=True)
OXYCODONE = subject("oxycodone", "opioid_other", "opioid", grave=True)
XYLAZINE = subject("xylazine", "alpha2_agonist", "sedative", watched=True)
COCAINE = subject("cocaine", "stimulant")
MDMA = subject("mdma", "entactogen")
GCMS = MethodFacts("gc-ms", "GC-MS", "GC-MS", "lab", "compound", names_exactly=True)
HPLC = replace(GCMS, slug="hplc-uv", measures_amount=True)
FTIR = MethodFacts("ftir", "FTIR", "FTIR", "spectroscopy", "compound", measures_amount=True)
REAGENT = MethodFacts("reagent", "Reagent", "Reactivo", "reagent", "class")
STRIP = MethodFacts(
    "fentanyl-strip", "Fentanyl strip", "Tira", "strip", "class",
    targets=(Target(FENTANYLS, field_specificity=0.892, source="a study"),),
)  # fmt: skip
MG200 = Limit("mdma", "mg_per_unit", Decimal(200), "salt:hydrochloride", "warning")
MG120 = Limit("mdma", "mg_per_unit", Decimal(120), "salt:hydrochloride", "caution")


def found(*subjects: Subject, method: MethodFacts = GCMS, **other: Any) -> ResultRead:
    findings = tuple(FindingRead(each) for each in subjects)
    return ResultRead("r1", method, "lab", "detected", **{"findings": findings, **other})


def amount(
    value: object, kind: str = "mg_per_unit", basis: str = "salt:hydrochloride", portion: str = "whole"
) -> Amount:
    return Amount(kind, value=Decimal(str(value)), basis=basis, portion=portion)


def facts(result: ResultRead, *, expected: Sequence[Subject] = (COCAINE,), **other: Any) -> Facts:
    sample = SampleRead("s1", "harbour", "allegheny", expected=tuple(expected), results=(result,))
    sample = replace(sample, **other.pop("sample", {}))
    usual: dict[str, Any] = {
        "on": DAY,
        "is_allowed": lambda expected, found: any(found.is_within(each) for each in expected),
        "is_watched": lambda each: each.is_watched,
        "weigh": weigh,
        "was_found": lambda each: True,
        "tested": lambda each: Denominator(0, None),
        "burn_in": BurnIn(30, 90),
        "limits": (MG120, MG200),
    }
    return Facts(sample=sample, result=result, **{**usual, **other})


def rules_in(these: Facts) -> list[str]:
    return [each.rule for each in look(these)]


def test_fentanyl_in_cocaine_is_mis_sold_and_confirmed():
    [noticed, _] = look(facts(found(FENTANYL)))

    assert (noticed.rule, noticed.subject, noticed.rung) == ("mis_sold", FENTANYL, "confirmed")
    assert noticed.false_alarms


def test_an_unknown_expectation_is_never_mis_sold():
    assert "mis_sold" not in rules_in(facts(found(FENTANYL), expected=()))


def test_what_may_be_there_is_not_mis_sold():
    assert "mis_sold" not in rules_in(facts(found(FENTANYL), expected=(FENTANYLS,)))


def test_a_class_that_holds_what_was_expected_does_not_contradict_it():
    assert "mis_sold" not in rules_in(facts(found(OPIOIDS), expected=(OXYCODONE,)))
    assert "mis_sold" in rules_in(facts(found(FENTANYL), expected=(OXYCODONE,)))


def test_what_threatens_no_life_is_not_mis_sold():
    assert "mis_sold" not in rules_in(facts(found(MDMA)))


def test_by_products_trigger_nothing_whatever_the_vocabulary_says_of_them():
    assert rules_in(facts(found(ANPP), was_found=lambda each: False, burn_in=BurnIn(0, None))) == []


def test_a_tentative_finding_triggers_nothing():
    tentative = (FindingRead(FENTANYL, identity="tentative"),)

    assert rules_in(facts(found(findings=tentative))) == []


@pytest.mark.parametrize(
    "other",
    [{"outcome": "invalid"}, {"outcome": "not_detected"}, {"outcome": "inconclusive"}, {"lot_is_sound": False},
     {"method": REAGENT}, {"method": REAGENT, "outcome": "consistent_with"}],
)  # fmt: skip
def test_readings_that_say_nothing_trigger_nothing(other: dict[str, Any]):
    result = replace(found(FENTANYL), **other)

    assert rules_in(facts(result, sample={"is_overdose_associated": True})) == []


def test_a_strip_says_so_and_how_often_it_is_wrong():
    [noticed, *_] = look(facts(found(method=STRIP)))

    assert (noticed.rule, noticed.subject, noticed.rung) == ("mis_sold", FENTANYLS, "presumptive")
    assert "strip reacted" in noticed.summary
    assert "11%" in noticed.false_alarms  # 1 - 0.892


def test_a_trace_and_a_residue_say_so():
    trace = (FindingRead(FENTANYL, amount=Amount("relative", rank="trace")),)

    [noticed, *_] = look(facts(found(findings=trace), sample={"material": "residue"}))

    assert noticed.summary == "Expected cocaine, found a trace of fentanyl in residue"


@pytest.mark.parametrize(
    ("tested", "is_first"),
    [
        (Denominator(29, date(2026, 11, 1)), False),
        (Denominator(30, date(2026, 11, 1)), True),
        (Denominator(1, date(2026, 8, 23)), False),  # 89 days
        (Denominator(1, date(2026, 8, 22)), True),  # 90 days
        (Denominator(0, None), False),
    ],
)
def test_first_means_something_after_30_tested_or_90_days(tested: Denominator, is_first: bool):
    these = facts(found(XYLAZINE), was_found=lambda each: False, tested=lambda each: tested)

    assert ("first_detection" in rules_in(these)) is is_first


def test_a_burn_in_of_a_number_replaces_both_limits():
    long_ago = Denominator(4, date(2020, 1, 1))

    def is_first(burn_in: BurnIn) -> bool:
        these = facts(found(XYLAZINE), was_found=lambda e: False, tested=lambda e: long_ago, burn_in=burn_in)
        return "first_detection" in rules_in(these)

    assert [is_first(BurnIn(number, None)) for number in (0, 4, 5)] == [True, True, False]


def test_what_was_found_before_is_not_first():
    assert "first_detection" not in rules_in(facts(found(XYLAZINE), burn_in=BurnIn(0, None)))


def test_what_nobody_watches_is_not_a_first_detection():
    these = facts(found(MDMA), was_found=lambda each: False, burn_in=BurnIn(0, None))

    assert "first_detection" not in rules_in(these)


def test_the_watch_list_is_silent_on_what_was_expected():
    assert "watch_list" in rules_in(facts(found(XYLAZINE)))
    assert "watch_list" not in rules_in(facts(found(XYLAZINE), expected=(XYLAZINE,)))
    assert "watch_list" not in rules_in(facts(found(FENTANYL), expected=(FENTANYLS,)))


def test_before_the_burn_in_a_find_is_first_in_our_data_only():
    [noticed] = [each for each in look(facts(found(XYLAZINE), was_found=lambda e: False)) if each.rule == "watch_list"]

    assert noticed.summary.endswith("first in our data")


@pytest.mark.parametrize(
    ("measured", "level"),
    [
        (amount(201), "warning"),
        (amount(200), "caution"),  # above means above
        (amount(121), "caution"),
        (amount(120), None),
        (amount(121_000, kind="ug_per_unit"), "caution"),
        (amount(500, basis="base"), None),  # base and salt are never turned into each other
        (amount(500, basis="unknown"), None),
        (amount(500, portion="part"), None),
        (amount(500, portion=""), None),
        (amount(95, kind="percent_w_w"), None),
        (Amount("relative", rank="primary"), None),
        (None, None),
    ],
)
def test_an_amount_counts_whole_and_on_its_own_basis(measured: Amount | None, level: str | None):
    result = found(findings=(FindingRead(MDMA, amount=measured),), method=HPLC)

    noticed = [each for each in look(facts(result, expected=(MDMA,))) if each.rule == "amount_over_threshold"]

    assert [each.level for each in noticed] == ([level] if level else [])


@pytest.mark.parametrize("method", [FTIR, GCMS])
def test_methods_that_measure_no_amount_in_a_lab_trigger_no_amount(method: MethodFacts):
    result = found(findings=(FindingRead(MDMA, amount=amount(500)),), method=method)

    assert "amount_over_threshold" not in rules_in(facts(result, expected=(MDMA,)))


def test_only_a_stated_overdose_is_one():
    for stated, is_noticed in ((True, True), (False, False), (None, False)):
        these = facts(found(COCAINE), sample={"is_overdose_associated": stated})
        assert ("overdose_linked" in rules_in(these)) is is_noticed


def test_an_overdose_names_the_gravest_first():
    [noticed] = [each for each in look(facts(found(COCAINE, FENTANYL), expected=(FENTANYL,),
                 sample={"is_overdose_associated": True})) if each.rule == "overdose_linked"]  # fmt: skip

    assert noticed.subject == FENTANYL


def test_one_broken_rule_silences_no_other(monkeypatch: pytest.MonkeyPatch):
    def broken(these: Facts) -> Any:
        raise RuntimeError("no")

    monkeypatch.setattr(at_once, "RULES", (broken, *at_once.RULES))

    assert "mis_sold" in rules_in(facts(found(FENTANYL)))
