"""The rules by which results are read: each is carried out by a statement or held by a test, and none is left out."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from checking.advice_texts import ADVICE
from checking.amounts import on_basis
from checking.interpretation_texts import STATEMENTS
from checking.limits import smallest_share_seen
from checking.method_rules import evidence_of, hard_forms, rules, studies
from checking.readings import Amount
from checking.statements import Speaker
from tests.readings_by_hand import methods, subjects
from tests.said_by_readings import everything_said

ROOT = Path(settings.BASE_DIR)
RULES = sorted(rules())

# Parts of other statements, said inside them and never by themselves.
PARTS = {
    "anything_else",
    "what_was_expected",
    "down_to",
    "one_sample",
    "one_technique",
    "several_techniques",
    "what_it_looks_for",
}
CODES = (STATEMENTS.keys() | ADVICE.keys()) - PARTS

# What docs/rules.md A asks for, and one rule for each of the ten that the field encodes.
SECTIONS = {f"A{number}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)}
OF_THE_FIELD = {
    "could_miss_under": "a negative strip says what it can miss",
    "may_be_confused": "a positive beside what confuses it",
    "ftir_does_not_clear": "FTIR clears nothing",
    "residue_earlier_use": "residue may include earlier use",
    "found_band": "FTIR per cents are bands",
    "strip_reacted": "a strip names a class",
    "methods_differ": "methods that differ stand side by side",
    "small_portion": "a small portion was tested",
    "lot_not_sound": "a flagged lot is said on every result",
    "found_isomer": "isomers print the class and its members",
}


@pytest.fixture(scope="module")
def said() -> dict[str, set[str]]:
    return {language: {each.code for each in everything_said(language)} for language in ("en", "es")}


def test_every_statement_there_is_can_be_reached_and_belongs_to_a_rule(said):
    carried = {code for rule in rules().values() for code in rule.codes}

    assert said["en"] == said["es"] == CODES
    assert carried == CODES


@pytest.mark.parametrize("slug", RULES)
def test_a_rule_is_carried_out_by_statements_or_held_by_a_test(slug):
    rule = rules()[slug]

    assert bool(rule.codes) != bool(rule.held_by)
    if rule.held_by:
        file, _, test = rule.held_by.partition("::")
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("slug", RULES)
def test_a_rule_says_two_different_things_in_two_languages_with_every_figure_filled_in(slug):
    rule = rules()[slug]

    assert rule.rule.en != rule.rule.es
    assert rule.evidence.en != rule.evidence.es
    for language in ("en", "es"):
        assert "{" not in evidence_of(rule, Speaker(language))
    assert all(part.startswith("https://") or part == "editorial" for part in rule.source.split(" ; "))


def test_all_of_the_chemistry_and_all_ten_rules_of_the_field_are_there():
    sections = {part for rule in rules().values() for part in rule.section.split()}
    carried = {code for rule in rules().values() for code in rule.codes}

    assert sections >= SECTIONS
    assert carried >= OF_THE_FIELD.keys()


def test_studies_and_forms_name_what_there_is():
    for study in studies():
        assert study.method in methods()
        assert not study.target or study.target in subjects()
        assert all(share is None or 0 < share <= 1 for share in (study.sensitivity, study.specificity))
    assert {method for method, _ in hard_forms()} <= set(methods())


# Figures, computed again


def right_when_it_reacts(sensitivity: float, specificity: float, prevalence: float) -> float:
    """Share of reactions that are true, 0 to 1 (Bayes)."""
    true, false = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    return true / (true + false)


def test_a_lone_fentanyl_strip_in_mdma_is_right_in_4_to_8_of_100_cases():
    shares = [
        right_when_it_reacts(study.sensitivity, study.specificity, 23 / 4719)
        for study in studies()
        if study.method == "fentanyl-strip" and study.n in {343, 331} and study.sensitivity and study.specificity
    ]

    assert sorted(round(100 * share) for share in shares) == [4, 8]


def test_a_xylazine_strip_is_right_in_8_of_100_cases_where_2_of_100_hold_it():
    [study] = [each for each in studies() if each.method == "xylazine-strip" and each.sensitivity]
    assert study.sensitivity is not None
    assert study.specificity is not None

    assert round(100 * right_when_it_reacts(study.sensitivity, study.specificity, 0.02)) == 8


def test_the_worked_examples_of_the_field_come_out():
    assert smallest_share_seen(3000, 2) == pytest.approx(0.0015)
    assert smallest_share_seen(2500, 1) == pytest.approx(0.0025)
    assert smallest_share_seen(200, 1) == pytest.approx(0.0002)


def test_200_mg_of_base_are_238_mg_of_salt_wherever_a_rule_says_so():
    amount = on_basis(Amount("mg_per_unit", value=Decimal(200), basis="base"), "mdma", "salt:hydrochloride")
    for rule in rules().values():
        for figure in re.findall(r"200 mg [^.]*?(\d{3}) mg", rule.evidence.en):
            assert amount is not None
            assert round(amount) == int(figure)
