"""Sentences that say more than a first reading can, or that something is safe, and sentences that only look alike.

Half of them, `word_check_frozen.csv`, was written before the rules and is not read while rules are written;
`word_check_known.csv` is what the rules were made with. See tests/data/word_check.README.md.
"""

import csv
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from alerts.word_check import Objection, Setting, _denials, _words_for, must_mend, objections
from tests.pattern_steps import longest, steps
from tests.test_word_check import NAMES, said

DATA = Path(__file__).parent / "data"
JUDGING = {"rung", "strip_names", "verdict", "mixed_letters"}


class Sentence(NamedTuple):
    language: str
    about: str  # sure: how sure it is; safe: that it is safe
    verdict: str  # refused, passes
    text: str


class Measured(NamedTuple):
    refused: int
    passes: int
    missed: list[Sentence]
    falsely_refused: list[Sentence]

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / self.refused


def sentences(half: str) -> list[Sentence]:
    with (DATA / f"word_check_{half}.csv").open(encoding="utf-8", newline="") as file:
        return [Sentence(**row) for row in csv.DictReader(file)]


def objected(each: Sentence) -> list[Objection]:
    """What has to be mended of this sentence, as a line of an alert that rests on a first reading."""
    found = objections({each.language: {"helps": [each.text]}}, Setting(rung="presumptive", names=NAMES))
    return [one for one in must_mend(found) if one.block == "helps" and one.code != "hard_to_read"]


def measure(half: str) -> Measured:
    known = sentences(half)
    codes = {each: {one.code for one in objected(each)} for each in known}
    counted = Counter(each.verdict for each in known)
    missed = [each for each in known if each.verdict == "refused" and not codes[each] & JUDGING]
    falsely = [each for each in known if each.verdict == "passes" and codes[each]]
    return Measured(counted["refused"], counted["passes"], missed, falsely)


@pytest.mark.parametrize(("half", "recall", "most_false"), [("known", 1.0, 0), ("frozen", 0.95, 2)])
def test_what_has_to_be_mended_is_found_and_the_rest_left_in_peace(half: str, recall: float, most_false: int, capsys):
    measured = measure(half)

    with capsys.disabled():
        print(
            f"\n{half}: {measured.refused - len(measured.missed)} of {measured.refused} refused "
            f"(recall {measured.recall:.3f}), {len(measured.falsely_refused)} of {measured.passes} refused falsely"
        )
    assert measured.recall >= recall, measured.missed
    assert len(measured.falsely_refused) <= most_false, measured.falsely_refused


def test_the_halves_are_large_enough_to_tell():
    for half in ("known", "frozen"):
        kinds = Counter((each.language, each.about, each.verdict) for each in sentences(half))
        assert len(kinds) == 8
        assert min(kinds.values()) >= 12
        assert min(Counter(each.verdict for each in sentences(half)).values()) >= 50


# However it is spelled


@pytest.mark.parametrize(
    "written",
    ["Con\xadfirmed", "Con\u200bfirmed", "\u202econfirmed\u202c", "Ｃｏｎｆｉｒｍｅｄ", "𝐜𝐨𝐧𝐟𝐢𝐫𝐦𝐞𝐝",
     "Соnfirmеd", "Cоnfirmed", "cönfirmed", "con\u0301firmed", "c\u3164onfirmed", "con\ufe0ffirmed", "“confirmed”",
     "**confirmed**", "_confirmed_", "CONFIRMED", "lab\u2011confirmed"],
)  # fmt: skip
def test_a_word_is_known_in_whatever_letters_it_is_written(written: str):
    found = said(block="helps", rung="presumptive", text=f"It is {written} fentanyl.")

    assert "rung" in {each.code for each in found}
    assert all(each.found in f"It is {written} fentanyl." for each in found if each.block == "helps")


@pytest.mark.parametrize(
    ("text", "shown"),
    [("It is “fentanyl-free” now.", "fentanyl-free"), ("A Con\xadfirmed one.", "Con\xadfirmed"),
     ("All\u2003 clear.", "All\u2003 clear")],
)  # fmt: skip
def test_what_is_objected_to_is_shown_as_it_was_written(text: str, shown: str):
    found = said(block="helps", rung="presumptive", text=text)

    assert shown in {each.found for each in found}


@pytest.mark.parametrize("text", ["The sаfer one.", "Α batсh.", "Se vendió como сocaína."])
def test_letters_of_two_alphabets_in_one_word_have_to_be_mended(text: str):
    assert "mixed_letters" in {each.code for each in must_mend(said(block="helps", text=text))}


@pytest.mark.parametrize("text", ["It held 5 μg, or 5 µg.", "Δ9-THC and α-PVP.", "Привет.", "Mañana, ª y º."])
def test_units_greek_prefixes_and_whole_words_of_another_alphabet_are_left_in_peace(text: str):
    assert "mixed_letters" not in {each.code for each in said(block="helps", text=text)}


def test_a_line_break_ends_what_a_denial_takes_back():
    one_line, two_lines = (
        said(block="helps", rung="presumptive", text=f"A rumour? No{gap}confirmation.") for gap in " \n"
    )

    assert "rung" not in {each.code for each in one_line}
    assert "rung" in {each.code for each in two_lines}


# However long it is: a text takes as many steps for each letter, be it of ten letters or of ten thousand


@pytest.mark.parametrize("name", ["denied", "denied_verdict", "supposed"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_what_may_stand_before_is_bounded_in_length(name: str, language: str):
    found = [pattern for _, pattern in _denials(name, language)]

    assert found
    assert all(longest(pattern) < 400 for pattern in found)


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_pattern_repeats_without_bound(language: str):
    """So at each place it looks at no more letters than its longest match has, however long the text is."""
    for word in _words_for(language):
        assert longest(word.pattern) < 400, word.pattern.pattern


def test_a_pattern_without_bound_would_be_noticed():
    for wild in (r"(?:a+)+b", r"\d[\d,.]*", r"x{3,}"):
        assert longest(re.compile(wild)) >= 400


NASTY = {
    "en": "no lab has now also since just already not be been yet it is 100 % a good good batch you can can trust ",
    "es": "no lo ha sido el laboratorio de la ciudad ya lo ha también sin ninguna duda todo está muy buena sin riesgo ",
}


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_steps_grow_with_the_letters_and_no_faster(language: str):
    once, twice = (sum(steps(word.pattern, NASTY[language] * n) for word in _words_for(language)) for n in (1, 2))

    assert twice < 2.2 * once
    assert once < 400 * len(_words_for(language)) * len(NASTY[language])


def test_ten_thousand_letters_are_judged_to_their_end():
    text = NASTY["en"] * 100 + "It is risk-free."

    assert len(text) > 10_000
    assert "risk-free" in {each.found for each in said(block="helps", text=text)}
