"""Names that nobody knows, and what they were meant to be: measured over the whole vocabulary."""

import csv
import random
import string

import pytest

from checking import catalogue
from checking.folding import fold, said_in_other_words
from checking.suggesting import nearest

SUBSTANCE_COLUMNS = (
    "substance",
    "expectedsubstance",
    "drugtype_sold_combined",
    "substance_description",
    "base_description",
    "Drug.sample",
)


@pytest.fixture
def known(db):
    return catalogue.read()


def slips(name: str) -> set[str]:
    """Every way to slip once in a name: a letter left out, put in, changed, or swapped with the next."""
    cut = [(name[:at], name[at:]) for at in range(len(name) + 1)]
    letters = string.ascii_lowercase
    out = {a + b[1:] for a, b in cut if b}
    out |= {a + b[1] + b[0] + b[2:] for a, b in cut if len(b) > 1}
    out |= {a + letter + b[1:] for a, b in cut if b for letter in letters}
    out |= {a + letter + b for a, b in cut for letter in letters}
    return out - {name}


def suggested_first(known: catalogue.Catalogue, *, shortest: int) -> float:
    """Share of slips whose first suggestion is what was meant: three slips a name, drawn by lot."""
    chance = random.Random(20261122)
    right = tried = 0
    for name in known.shown_names:
        unknown = [slip for slip in sorted(slips(name)) if known.find(slip).kind == "none"]
        if len(name) < shortest or not unknown:
            continue
        for slip in chance.sample(unknown, min(3, len(unknown))):
            first = known.nearest(slip)[:1]
            right += any(known.names[fold(name_)] & known.names[name] for name_ in first)
            tried += 1
    assert tried > 2500
    return right / tried


def test_one_slip_of_the_pen_is_suggested_right_first_in_at_least_95_of_100(known):
    assert suggested_first(known, shortest=1) >= 0.95


def test_of_names_with_four_letters_or_more_in_at_least_98_of_100(known):
    assert suggested_first(known, shortest=4) >= 0.98


@pytest.mark.parametrize(
    ("written", "slug"),
    [
        ("tranq", "xylazine"),
        ("p-FF", "p-fluorofentanyl"),
        ("3,4-MDMA", "mdma"),
        ("bis(2,2,6,6-tetramethyl-4-piperidyl) sebacate", "btmps"),
        ("437-38-7", "fentanyl"),
        ("CAS 437-38-7", "fentanyl"),
        ("CAS No. 437-38-7", "fentanyl"),
        ("UF599785JZ", "fentanyl"),
        ("UNII: UF599785JZ", "fentanyl"),
        ("CID 3345", "fentanyl"),
        ("PubChem CID 3345", "fentanyl"),
        ("PJMPHNIQZUBGLI-UHFFFAOYSA-N", "fentanyl"),
        ("XYLAZINE HYDROCHLORIDE", "xylazine"),
        ("fentanyl (citrate)", "fentanyl"),
        ("clorhidrato de cocaína", "cocaine"),
        ("cocaine base", "cocaine-base"),
    ],
)
def test_what_people_and_laboratories_write_names_one_substance(known, written, slug):
    match = known.find(written)

    assert (match.kind, [subject.slug for subject in match.subjects]) == ("one", [slug])


@pytest.mark.parametrize("written", ["down", "blues", "M30", "dope", "speed"])
def test_a_word_of_several_meanings_is_always_asked_about(known, written):
    match = known.find(written)

    assert match.kind == "ask"
    assert not match.is_settled
    assert len(match.subjects) > 1


@pytest.mark.parametrize("written", ["vitamin E acetate", "amyl nitrate", "base"])
def test_an_ester_is_no_salt(written):
    assert said_in_other_words(written) == []


def test_the_beginning_of_a_long_name_brings_what_it_begins(known):
    meant = [known.names[fold(name)] for name in known.nearest("fluorofent")]

    assert {"p-fluorofentanyl"} in meant


def test_a_suggestion_stands_for_something_else_than_the_one_before(known):
    for written in ("fentanill", "metonitazine", "bromazolm"):
        meant = [known.names[fold(name)] for name in known.nearest(written)]

        assert len(meant) == len(set(meant))


def test_signs_alone_bring_nothing(known):
    assert nearest("", known.shown_names, known.names) == ()
    assert known.nearest("???") == ()


def test_every_substance_in_the_real_files_is_known_or_known_to_be_none(known, shared):
    unknown = set()
    for file in sorted((shared / "data" / "real").glob("*/*.csv")):
        with file.open(newline="", encoding="utf-8-sig") as rows:
            for row in csv.DictReader(rows):
                for column in SUBSTANCE_COLUMNS:
                    words = (row.get(column) or "").split(";") if column == "expectedsubstance" else [row.get(column)]
                    unknown |= {word for word in words if word and known.find(word).kind == "none"}

    assert unknown == set()
