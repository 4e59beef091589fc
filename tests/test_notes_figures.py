"""The gate's figures: those promised, held on notes written before any rule, and those the page states."""

import hashlib
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from checking import identifiers
from checking.measuring_notes import labelled, measure

HERE = Path(__file__).parent
FROZEN = HERE / "data" / "notes_frozen.csv"
DEVELOPED = HERE / "data" / "notes.csv"
PAGE = HERE.parent / "docs" / "notes.md"
# As it was committed before the first rule was written.
FROZEN_SHA256 = "c84ddf814470448d107c72208b00246794d52d149f22f143d89d7b590cf863d4"


@pytest.fixture(scope="module")
def measured():
    return measure(labelled(FROZEN))


def test_the_frozen_notes_are_as_they_were_before_any_rule():
    assert hashlib.sha256(FROZEN.read_bytes()).hexdigest() == FROZEN_SHA256


def test_the_corpus_is_large_and_no_note_is_in_both_parts():
    """Counts only: what a failing test prints is read by whoever writes rules."""
    frozen, developed, in_both = sizes()

    assert frozen >= 300
    assert frozen + developed >= 600
    assert in_both == 0


def sizes() -> tuple[int, int, int]:
    frozen, developed = ({note.text for note in labelled(path)} for path in (FROZEN, DEVELOPED))
    return len(frozen), len(developed), len(frozen & developed)


def test_98_of_100_identifying_notes_are_refused(measured):
    assert measured.recall.share >= 0.98


@pytest.mark.parametrize("kind", identifiers.KINDS)
def test_95_of_100_notes_of_each_kind_are_refused_for_it(measured, kind):
    assert measured.named[kind].out_of >= 40
    assert measured.named[kind].share >= 0.95


def test_at_most_2_of_100_harmless_notes_are_refused(measured):
    assert measured.false_refusals.out_of >= 300
    assert measured.false_refusals.share <= 0.02


@pytest.mark.parametrize("path", [FROZEN, DEVELOPED], ids=lambda path: path.stem)
def test_the_page_states_what_the_command_prints(path):
    out = StringIO()
    call_command("measure_notes", str(path), stdout=out)

    stated = re.search(rf"```text\n({re.escape(path.name)}\n.*?)```", PAGE.read_text(encoding="utf-8"), re.S)

    assert stated is not None
    assert stated[1].splitlines() == [line.rstrip() for line in out.getvalue().splitlines()]


RULES = {
    "email": ["mails"],
    "phone": ["long_numbers"],
    "birth_date": ["births"],
    "plate": ["plates"],
    "handle": ["handles", "numbered_handles"],
    "address": ["addresses"],
    "digits": ["identity_numbers", "long_numbers"],
}


@pytest.mark.parametrize("kind", identifiers.KINDS)
def test_the_figures_show_when_the_rule_of_a_kind_is_off(monkeypatch, kind):
    for rule in RULES[kind]:
        monkeypatch.setattr(identifiers, rule, lambda *_: iter(()))

    assert measure(labelled(FROZEN)).named[kind].share < 0.95
