"""The reference files agree with themselves, and loading them is safe to repeat."""

import csv
from pathlib import Path

import pytest

from checking import catalogue, reference
from checking.guidance import published
from checking.guidance_rows import current_guidance
from checking.models import (
    Confuser,
    Method,
    MethodMiss,
    MethodScope,
    MethodTarget,
    Network,
    Substance,
    SubstanceClass,
    SubstanceName,
    Threshold,
)

METHODS = {
    "fentanyl-strip",
    "xylazine-strip",
    "nitazene-strip",
    "benzodiazepine-strip",
    "medetomidine-strip",
    "lsd-strip",
    "ftir",
    "raman",
    "dart-ms",
    "ps-ms",
    "gc-ms",
    "gc-ms-derivatised",
    "lc-ms",
    "hplc-uv",
    "qnmr",
    "reagent",
}
TABLES = (
    SubstanceClass,
    Substance,
    SubstanceName,
    Method,
    MethodTarget,
    MethodMiss,
    Confuser,
    MethodScope,
    Threshold,
)


def read(name: str) -> list[dict[str, str]]:
    return list(reference.rows(name))


def slugs() -> set[str]:
    return {row["slug"] for name in ("substances.csv", "classes.csv") for row in read(name)}


def test_every_method_of_the_contract_is_there_and_no_other():
    assert {row["slug"] for row in read("methods.csv")} == METHODS


@pytest.mark.parametrize(
    ("file", "column"),
    [
        ("method_targets.csv", "target"),
        ("method_misses.csv", "misses"),
        ("method_confusers.csv", "confuser"),
        ("reference_scopes.csv", "target"),
        ("isomers.csv", "slug"),
        ("names_es.csv", "slug"),
        ("thresholds.csv", "substance"),
    ],
)
def test_every_slug_in_a_reference_file_names_something(file, column):
    assert {row[column] for row in read(file)} <= slugs()
    assert {row["method"] for row in read(file) if "method" in row} <= METHODS


@pytest.mark.parametrize("file", ["methods.csv", "method_targets.csv", "method_misses.csv", "method_confusers.csv"])
def test_every_fact_about_a_method_says_where_it_comes_from(file):
    for row in read(file):
        assert row["source"].startswith("https://"), row
        assert len(row["source"]) <= 300, row


def test_no_row_claims_a_review_that_nobody_made():
    for file in ("methods.csv", "method_targets.csv", "method_misses.csv", "method_confusers.csv"):
        assert all(bool(row["checked_by"]) == bool(row["reviewed_on"]) for row in read(file))


def test_shares_and_limits_are_in_their_units():
    for row in read("method_targets.csv"):
        for name in ("limit_w_w", "field_sensitivity", "field_specificity"):
            assert row[name] == "" or 0 < float(row[name]) <= 1, row
        if row["cutoff_ng_per_ml"] and row["limit_ng_per_ml"]:
            assert float(row["limit_ng_per_ml"]) >= float(row["cutoff_ng_per_ml"]), row


def test_a_reference_scope_is_never_full_where_the_method_sees_the_target_in_part_only():
    partial = {(row["method"], row["target"]) for row in read("method_targets.csv") if row["full"] == "no"}

    full = {(row["method"], row["target"]) for row in read("reference_scopes.csv") if row["full"] == "yes"}

    assert not partial & full
    assert ("nitazene-strip", "nitazene") in partial
    assert ("ftir", "fentanyl_type_opioid") in partial


def test_ftir_is_never_a_full_scope_for_anything_within_what_it_cannot_clear():
    parents = {row["slug"]: row["parent"] for row in read("classes.csv")}
    for row in read("reference_scopes.csv"):
        if row["method"] != "ftir" or row["full"] != "yes":
            continue
        within = [slug for slug in parents if row["target"] in _with_parents(slug, parents)]
        assert not {"fentanyl_type_opioid", "nitazene", "benzodiazepine", "alpha2_agonist"} & {row["target"], *within}


def _with_parents(slug: str, parents: dict[str, str]) -> list[str]:
    above = []
    while slug:
        above.append(slug)
        slug = parents[slug]
    return above


def test_gc_ms_looks_for_sugars_only_when_derivatised():
    full = {
        row["method"]
        for row in read("reference_scopes.csv")
        if row["target"] == "sugar_polyol" and row["full"] == "yes"
    }

    assert "gc-ms" not in full
    assert "gc-ms-derivatised" in full


def test_the_check_digits_of_all_cas_numbers_are_right():
    numbers = [row["cas"] for row in read("substances.csv") if row["cas"]]

    assert len(numbers) > 200
    for number in numbers:
        digits = number.replace("-", "")
        assert sum(place * int(digit) for place, digit in enumerate(reversed(digits))) % 10 == int(digits[-1]), number


@pytest.mark.django_db
def test_loading_twice_changes_nothing():
    reference.load_reference()
    before = {model: _without_ids(model) for model in TABLES}
    version = Network.current().reference_version

    reference.load_reference()

    for model, rows in before.items():
        assert _without_ids(model) == rows, model
    assert Network.current().reference_version == version + 1


def _without_ids(model) -> list[tuple[object, ...]]:
    keeps = [field.attname for field in model._meta.fields if not field.primary_key]
    return sorted(model.objects.values_list(*keeps), key=repr)


@pytest.mark.django_db
def test_a_slug_that_names_nothing_is_refused_by_name(monkeypatch, tmp_path):
    for file in reference.DATA.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    _append(tmp_path / "method_misses.csv", ["ftir", "no-such-thing", "", "", "", ""])
    monkeypatch.setattr(reference, "DATA", tmp_path)

    with pytest.raises(reference.BadReference, match="no-such-thing"):
        reference.load_reference()


def _append(path: Path, row: list[str]) -> None:
    with path.open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerow(row)


@pytest.mark.django_db
def test_the_facts_made_by_hand_in_tests_are_those_that_are_loaded():
    from tests.readings_by_hand import methods, subjects

    reference.load_reference()
    loaded = catalogue.read()

    assert dict(loaded.methods) == methods()
    assert {slug: _core(each) for slug, each in loaded.subjects.items()} == {
        slug: _core(each) for slug, each in subjects().items()
    }


def _core(subject) -> tuple[object, ...]:
    return (subject.name, subject.name_es, subject.classes, subject.is_life_threatening, subject.is_watched)


@pytest.mark.django_db
def test_guidance_from_the_rows_is_what_was_published_until_a_network_changes_it():
    reference.load_reference()
    catalogue.forget()

    assert current_guidance().allowed == published().allowed
    assert {(each.slug, each.above) for each in current_guidance().limits} == {
        (each.slug, each.above) for each in published().limits
    }

    Threshold.objects.filter(substance__slug="lsd").delete()
    assert {each.slug for each in current_guidance().limits} == {"mdma"}
