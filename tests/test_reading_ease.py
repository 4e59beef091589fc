"""How plain a text is, held to published figures and to dictionaries that count syllables."""

import csv
from pathlib import Path

import pytest

from alerts.reading_ease import (
    Counts,
    count,
    ease,
    english_syllables,
    fernandez_huerta,
    flesch_kincaid_grade,
    spanish_syllables,
    without,
)

SYLLABLES = Path(__file__).parent / "data" / "syllables.csv"


def test_the_platypus_sentence_has_its_published_grade():
    # The worked example of the Wikipedia article "Flesch-Kincaid readability tests": 13 words, 24 syllables, 11.3.
    sentence = "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."

    counts = count(sentence, "en")

    assert counts == Counts(words=13, sentences=1, syllables=24)
    assert round(flesch_kincaid_grade(counts), 1) == 11.3


def test_green_eggs_and_ham_has_its_published_grade():
    # The same article: 5.7 words a sentence, 1.02 syllables a word, grade -1.3.
    assert round(flesch_kincaid_grade(Counts(words=5700, sentences=1000, syllables=5814)), 1) == -1.3


def test_the_lowest_grade_there_is_is_that_of_sentences_of_one_short_word():
    # The same article: -3.40.
    assert round(flesch_kincaid_grade(Counts(1, 1, 1)), 2) == -3.4


def test_spanish_ease_is_the_mended_formula():
    # 206.84 - 60 P - 1.02 F by hand: 2 syllables a word, 10 words a sentence.
    assert fernandez_huerta(Counts(words=100, sentences=10, syllables=200)) == pytest.approx(206.84 - 120 - 10.2)


def test_more_short_sentences_are_easier_in_spanish_too():
    # As first printed it was the other way round; G. Law, LINGUIST List 22.2332 (2011).
    few, many = Counts(100, 5, 200), Counts(100, 20, 200)

    assert fernandez_huerta(many) > fernandez_huerta(few)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_word_of_our_texts_has_the_syllables_of_a_dictionary(language: str):
    """English: CMU Pronouncing Dictionary; Spanish: the rules of pylabeador 0.9. Words of our own texts."""
    counted = {"en": english_syllables, "es": spanish_syllables}[language]
    with SYLLABLES.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["language"] == language and row["whose"] == "ours"]

    wrong = [row["word"] for row in rows if str(counted(row["word"])) not in row["syllables"].split("|")]

    assert len(rows) > 200
    assert wrong == []


def test_nine_of_ten_english_words_at_random_are_counted_right():
    """2,000 words drawn from the CMU Pronouncing Dictionary, names of people included."""
    with SYLLABLES.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["whose"] == "random"]

    right = sum(str(english_syllables(row["word"])) in row["syllables"].split("|") for row in rows)

    assert len(rows) == 2000
    assert right / len(rows) > 0.9


@pytest.mark.parametrize(
    ("word", "syllables"),
    [("aéreo", 4), ("país", 2), ("causa", 2), ("averigüéis", 4), ("ahumar", 2), ("muy", 1), ("leer", 2), ("guerra", 2),
     ("pingüino", 3), ("chiita", 3), ("raíz", 2), ("yo", 1)],
)  # fmt: skip
def test_spanish_diphthongs_join_and_hiatus_parts(word: str, syllables: int):
    assert spanish_syllables(word) == syllables


def test_names_are_left_out_before_counting():
    assert without("Keep Naloxone near, isotonitazenes too", ["naloxone", "isotonitazene"]).split() == [
        "Keep", "near,", "too"
    ]  # fmt: skip
    plain = ease("Fentanyl was there.", "en", ["fentanyl"])
    assert plain is not None
    assert count("Fentanyl was there.", "en", ["fentanyl"]) == Counts(2, 1, 2)


def test_a_text_of_a_professor_is_not_plain():
    hard = "Pharmacological antagonism necessitates immediate administration of appropriate reversal medication."
    duro = (
        "La administración inmediata de medicamentos antagonistas constituye una intervención farmacológica esencial."
    )

    assert not ease(hard, "en").is_plain
    assert not ease(duro, "es").is_plain


def test_what_holds_no_word_has_no_grade():
    assert ease("10 / 50", "en") is None
    assert ease("كلمة", "ar") is None
