"""Every name that people or labs write finds what it means, or is asked about."""

import csv

import pytest

from checking import catalogue, reference

pytestmark = pytest.mark.django_db


@pytest.fixture
def known() -> catalogue.Catalogue:
    reference.load_reference()
    return catalogue.read()


def test_every_name_in_the_vocabulary_finds_its_substance_or_is_asked_about(known):
    for row in reference.rows("substances.csv"):
        written = [row["slug"], row["preferred_name"], *_names(row)]
        for name in written:
            match = known.find(name)
            assert match.kind in {"one", "ask", "class", "mixture"}, name
            if match.kind == "one":
                assert match.subjects[0].slug == row["slug"], name


def _names(row) -> list[str]:
    columns = ("synonyms", "street_names", "match_only")
    return [name for column in columns for name in reference.parts(row[column])]


def test_every_preferred_name_finds_its_own_substance(known):
    for row in reference.rows("substances.csv"):
        match = known.find(row["preferred_name"])

        assert (match.kind, match.subjects[0].slug) == ("one", row["slug"])


def test_every_substance_in_the_real_lab_files_is_known(known, shared):
    for file in sorted((shared / "data/real/unc_mit").glob("*_lab_detail.csv")):
        with file.open(newline="", encoding="utf-8") as lines:
            for name in {row["substance"] for row in csv.DictReader(lines)}:
                assert known.find(name).kind in {"one", "not_a_substance"}, name


def test_a_null_result_is_not_a_substance(known):
    assert known.find("no compounds of interest detected").kind == "not_a_substance"
    assert known.find("Unknown").kind == "not_a_substance"


@pytest.mark.parametrize(
    ("written", "kind", "means"),
    [
        ("down", "ask", {"fentanyl", "heroin", "benzodiazepine", "nitazene"}),
        ("M30", "ask", {"oxycodone", "fentanyl", "nitazene"}),
        ("nitazene", "class", {"nitazene"}),
        ("benzos", "class", {"benzodiazepine"}),
        ("benzo dope", "mixture", {"fentanyl", "benzodiazepine"}),
        ("tusi", "mixture", {"ketamine", "mdma", "2c-b"}),
        ("Para-Fluoro  Fentanyl", "one", {"p-fluorofentanyl"}),
        ("fentanilo", "one", {"fentanyl"}),
        ("Cocaína", "one", {"cocaine"}),
        ("xilacina", "one", {"xylazine"}),
        ("opioides tipo fentanilo", "class", {"fentanyl_type_opioid"}),
        ("no such drug", "none", set()),
    ],
)
def test_words_are_settled_asked_about_or_unknown_but_never_guessed(known, written, kind, means):
    match = known.find(written)

    assert match.kind == kind
    assert {subject.slug for subject in match.subjects} == means


def test_names_in_spanish_never_point_elsewhere_than_the_english_ones(known):
    for row in reference.rows("names_es.csv"):
        match = known.find(row["name_es"])

        assert (match.kind, [subject.slug for subject in match.subjects]) == ("one", [row["slug"]]), row


def test_a_misspelt_name_brings_the_nearest_ones_and_no_stigmatising_one(known):
    hidden = {name for row in reference.rows("substances.csv") for name in reference.parts(row["match_only"])}

    assert "xylazine" in known.nearest("xylazene")
    assert hidden
    for name in hidden:
        assert name not in known.nearest(name)


def test_members_stand_within_their_classes(known):
    bromazolam = known.subject("bromazolam")

    assert bromazolam.is_within(known.subject("benzodiazepine"))
    assert bromazolam.is_within(known.subject("sedative"))
    assert not bromazolam.is_within(known.subject("opioid"))
    assert bromazolam.is_life_threatening


def test_mis_sold_is_judged_by_the_row_of_what_was_expected(known):
    def is_allowed(expected: str, found: str) -> bool:
        return known.is_allowed([known.subject(expected)], known.subject(found))

    assert not is_allowed("oxycodone", "metonitazene")
    assert not is_allowed("hydromorphone", "fentanyl")
    assert not is_allowed("clonazepam", "bromazolam")
    assert is_allowed("opioid", "fentanyl")
    assert is_allowed("fentanyl", "4-anpp")


def test_an_unknown_slug_is_an_error_that_names_it(known):
    with pytest.raises(KeyError, match="nothing-like-it"):
        known.subject("nothing-like-it")
