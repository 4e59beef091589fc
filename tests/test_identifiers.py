"""The identifier gate: what it finds, what it lets pass, and that no text holds it up."""

import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from checking import identifiers
from checking.accepting import Problems
from checking.identifiers import KINDS, find_identifiers
from checking.identifiers.misspelt import mended
from checking.identifiers.numbers import spoken
from checking.identifiers.triggers import is_worth_a_look
from checking.identifiers.views import readings
from checking.identifying import passages, refuse_identifying

NOTES = Path(__file__).parent / "data" / "notes.csv"

HOLDING = {
    "email": [
        "send to tara.knox@example.com",
        "rob at example dot com",
        "su correo es pepe guion bajo 27 arroba hotmail punto com",
        "k a t e @ e x a m p l e . c o m",
        "jоhn@exаmple.com",  # Cyrillic letters
        "ｓａｍ＠ｅｘａｍｐｌｅ．ｃｏｍ",
    ],
    "phone": [
        "call 412-555-0148",
        "seven seven eight five five five oh one four two",
        "llamar al 612 34 56 78",
        "4 1 2 5 5 5 0 1 6 6",
        "5O3-555-Ol42",
    ],
    "birth_date": ["dob 4/7/91", "born on the ninth of may nineteen eighty four", "nacida el 14 de febrero de 1990"],
    "plate": ["plate 7KLM492", "reg LK19 ABV", "matrícula 4821 KBD", "plate kilo lima mike four eight two one"],
    "handle": [
        "insta: kev_the_plug99",
        "tg @quietfox22",
        "u/throwaway_pdx",
        "snap de el: nachin_19",
        "IG: ｍｏｎｄｏ＿ｋｉｄ",
    ],
    "address": [
        "lives at 14 Elm St",
        "vive en c/ Olivo 23, 2º B",
        "12 Oаk Strееt",
        "PO Box 331, Nelson BC",
        "mail it to twenty two Orchard Lane",
    ],
    "digits": ["ssn 078-05-1120", "dni 48392017K", "SIN one three zero, six nine two, five four four"],
}
CHEMISTRY = [
    "CAS 58-08-2 and 21409-26-7",
    "m/z 337 245 188 at RT 12.44",
    "fentanyl:caffeine about 1:12",
    "lot 20260914-03, strips FYL23080411 exp 2027-08",
    "wavenumbers 1733 1651 1598 1490 1234 cm-1",
    "took 0.5 at 9, another .5 at 11:30",
    "pressed M30 blue, 110 mg, 2 of 5 strips lit",
    "muestra tomada el 12 de octubre de 2026, se vendió en la esquina como tusi",
    "telegram vendor per the person, no name given",
]
NASTY = [
    "a@",
    "1",
    "1 ",
    "1-",
    " ",
    ". ",
    "a.",
    "a-",
    "a_",
    "(a",
    "at at at dot dot ",
    "one two three ",
    "sieteocho",
    "a\u200b",
    "a\u0301\u0301",
    "１",
    "\U0001d7d8",
    "Elm Oak ",
    "12 elm ",
    "calle ",
    "plate a",
    "insta ",
    "call ",
    "born 1/",
    "50-00-0 ",
    "100 200, ",
    "A",
    "m/z ",
]
SHORT, LONG = 2_500, 10_000  # characters


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in HOLDING.items() for text in texts])
def test_what_could_tell_who_a_person_is_is_found_and_named(kind, text):
    assert kind in {found.kind for found in find_identifiers(text)}


@pytest.mark.parametrize("text", CHEMISTRY)
def test_numbers_and_words_of_the_work_are_left_alone(text):
    assert find_identifiers(text) == ()


def test_every_kind_is_held_to_examples():
    assert set(HOLDING) == set(KINDS)


def test_a_passage_is_shown_as_it_was_written():
    (passage,) = passages("two bags, cаll 5O3-555-Ol42 when done")

    assert passage.words == "5O3-555-Ol42"


def test_a_program_is_told_the_kind_and_never_the_words():
    problems = Problems()

    refuse_identifying("she lives at 14 Elm St", "reason", problems)

    (said,) = problems.fields["reason"]
    assert "an address" in said
    assert "Elm" not in said


# Texts of which nothing is looked for


def test_ordinary_words_are_let_pass_without_a_rule_being_asked():
    assert not is_worth_a_look(spoken(next(readings("misread lane, see the repeat run"))))


def test_no_rule_would_have_found_what_is_let_pass_without_asking(monkeypatch):
    """Every developing note, with and without its digits: what is passed over holds nothing."""
    texts = [text for each in _texts() for text in (each, re.sub(r"\d", "", each))]
    passed_over = [text for text in texts if not any(is_worth_a_look(spoken(mended(v))) for v in readings(text))]
    monkeypatch.setattr(identifiers, "is_worth_a_look", lambda view: True)

    assert len(passed_over) > 200
    assert [text for text in passed_over if find_identifiers(text)] == []


def _texts() -> Iterator[str]:
    with NOTES.open(encoding="utf-8", newline="") as file:
        yield from (row["text"] for row in csv.DictReader(file))


# Hostile texts


def steps_of(text: str) -> int:
    """Lines of Python that the gate runs for a text."""
    steps = 0

    def count(frame, event, argument):
        nonlocal steps
        steps += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        find_identifiers(text)
    finally:
        sys.settrace(before)
    return steps


def seconds_of(text: str) -> float:
    """The least of three goes, in the time of this process: what the text itself costs."""
    import time

    def once() -> float:
        began = time.process_time()
        find_identifiers(text)
        return time.process_time() - began

    return min(once() for _ in range(3))


@pytest.mark.parametrize("unit", NASTY)
def test_four_times_the_text_takes_about_four_times_as_long(unit):
    """A rule that went back over the text for every place in it would take sixteen times as long."""
    short, long = (unit * (size // len(unit)) for size in (SHORT, LONG))
    find_identifiers(short)  # words and tables are read once

    assert seconds_of(long) < 9 * seconds_of(short)


@pytest.mark.parametrize("unit", ["1 ", "a@", "one two three ", "(a"])
def test_four_times_the_text_takes_about_four_times_the_steps(unit):
    find_identifiers(unit * 10)

    assert steps_of(unit * 800) < 5 * steps_of(unit * 200)


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "\U0010ffff" * 50, "\u202e12\u202d", "ﷺ" * 40, "İ" * 9])
def test_no_text_is_too_odd_to_read(text):
    assert all(0 <= found.start < found.end <= len(text) for found in find_identifiers(text))
