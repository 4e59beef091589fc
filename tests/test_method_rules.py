"""Rules and studies as data: each says where it comes from, and a figure is what its source gives."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from checking.guidance import rows_of
from checking.method_rules import evidence_of, rules, studies
from checking.method_sheets import sheets
from checking.statements import Speaker
from tests.readings_by_hand import methods

READINGS = Path(__file__).parent / "data" / "strip_vs_ftir" / "readings.csv"
SHARED = Path(__file__).parents[2] / "shared" / "data" / "real" / "bc_strip_ftir_mit" / "strip_vs_ftir.csv"
STRIP, FTIR = "FENTANYL_STRIP_POS", "FENTANYL_FTIR_POS"


def readings(file: Path) -> list[tuple[str, str]]:
    with file.open(newline="", encoding="utf-8") as opened:
        return [(row[STRIP], row[FTIR]) for row in csv.DictReader(opened)]


def test_how_often_ftir_saw_none_beside_a_strip_is_what_the_readings_give():
    counted = Counter(readings(READINGS))
    reacted = sum(n for (strip, _), n in counted.items() if strip == "1.0")
    unseen = counted["1.0", "0.0"]

    rule = rules()["say-what-was-measured"]

    assert (rule.counted, rule.out_of) == (unseen, reacted) == (1744, 4610)
    assert rule.per_hundred == round(100 * unseen / reacted) == 38
    assert evidence_of(rule, Speaker("en")).startswith(
        "FTIR saw no fentanyl in 38 of 100 samples where a strip reacted; some of those strips may have been wrong"
    )
    assert "1,744 of 4,610" in evidence_of(rule, Speaker("en"))
    assert "38 de cada 100" in evidence_of(rule, Speaker("es"))


def test_the_readings_that_ship_are_those_that_were_published():
    if not SHARED.exists():
        pytest.skip("the published file is not on this machine")

    assert readings(READINGS) == readings(SHARED)


def test_the_figure_a_result_gives_is_the_lowest_a_study_of_the_method_alone_found():
    """The sensitivity and specificity of a target are those of one study in use, of the method by itself."""
    for row in rows_of("method_targets.csv"):
        if not row["field_sensitivity"]:
            continue
        about = [
            (each.sensitivity, each.specificity)
            for each in studies()
            if (each.method, each.target) == (row["method"], row["target"]) and each.sensitivity is not None
        ]

        assert min(about) == (float(row["field_sensitivity"]), float(row["field_specificity"])), row["method"]


@pytest.mark.parametrize("slug", sorted(methods()))
def test_every_method_says_what_it_can_and_cannot_tell_in_both_languages(slug):
    sheet = sheets()[slug]

    for said in (sheet.name, sheet.can_say, sheet.cannot_say, sheet.typical_limit):
        assert said.en
        assert said.es
    for fact in (*sheet.misses, *sheet.confusers):
        assert fact.name.en
        assert fact.why.en
        assert fact.why.es
        assert fact.sources
    assert sheet.rules
    assert sheet.sources


def test_every_rule_and_study_is_in_both_languages_with_a_source():
    for rule in rules().values():
        for said in (rule.rule, rule.evidence):
            assert said.en
            assert said.es
        assert rule.source == "editorial" or rule.source.startswith("https://")
    for study in studies():
        assert study.sensitivity is not None or study.note.en
        assert bool(study.note.en) == bool(study.note.es)
        assert study.source.startswith("https://")


def test_no_rule_study_or_form_claims_a_review_that_nobody_made():
    for name in ("interpretation_rules.csv", "method_studies.csv", "method_forms.csv"):
        assert all(bool(row["checked_by"]) == bool(row["reviewed_on"]) for row in rows_of(name))
    assert not sheets()["fentanyl-strip"].reviewed.on
    assert sheets()["fentanyl-strip"].reviewed.checked_by == ""


def test_a_rule_names_only_methods_there_are():
    for rule in rules().values():
        assert rule.methods <= {*methods(), "all"}, rule.slug
