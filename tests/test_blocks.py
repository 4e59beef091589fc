"""The library of blocks: every row whole, sourced, from small to large, and what strips show held to the methods."""

import csv
from datetime import date

import pytest

from alerts import blocks, messages, word_check
from alerts.blocks import KINDS, ROUTES, library, offered, put_in, take_out
from alerts.strip_facts import NO, SOME, YES, sentences, shows, strip_facts, unseen_by
from alerts.word_check import Setting
from checking.guidance import rows_of
from tests.readings_by_hand import method, methods, subject, subjects
from tests.test_forbidden_words import verdicts


def block(id: str) -> blocks.Block:
    return next(each for each in library() if each.id == id)


def test_every_block_is_whole():
    for each in library():
        assert set(each.texts) == set(messages.LANGUAGES), each.id
        assert all(each.texts.values()), each.id
        assert each.kind in KINDS
        assert each.route in ROUTES
        assert each.source, each.id
        assert set(each.fits) - {"any"} <= set(subjects()), each.id
        if each.reviewed_on:
            assert date.fromisoformat(each.reviewed_on) <= date.today()  # noqa: DTZ011


def test_the_languages_of_a_block_say_the_same_about_it():
    with blocks.FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    told = {}
    for row in rows:
        about = {name: value for name, value in row.items() if name not in {"language", "text"}}
        assert told.setdefault(row["id"], about) == about

    assert len(rows) == len(told) * len(messages.LANGUAGES)


def test_no_block_gives_a_verdict_nor_has_to_be_mended():
    texts = [(each.id, language, text) for each in library() for language, text in each.texts.items()]

    assert verdicts(texts) == []
    names = tuple({name for each in subjects().values() for name in (each.name, each.name_es)})
    for id, language, text in texts:
        said = {language: {"headline": "x", "sms": "x", "actions": [text], "found": ["x"], "who": ["x"]}}
        found = word_check.objections(said, Setting(names=names))
        assert [each for each in found if each.block == "actions"] == [], id


@pytest.mark.parametrize("route", [each for each in ROUTES if each != "any"])
@pytest.mark.parametrize("slug", ["fentanyl", "mdma", "lsd", "medetomidine"])
def test_there_is_a_step_for_every_drug_and_way_of_use(slug: str, route: str):
    found = offered("actions", {slug, *subject(slug).classes})

    assert any(each.route == route for each in found)


def test_steps_come_from_small_to_large_and_only_what_fits():
    found = offered("actions", {"fentanyl", *subject("fentanyl").classes})

    assert [each.step for each in found] == sorted(each.step for each in found)
    assert block("step-opioid-carry") in found
    assert block("step-stimulant-cool") not in found


def test_the_same_sentence_is_offered_once():
    found = [tuple(each.texts.values()) for each in offered("actions", {"mdma", *subject("mdma").classes})]

    assert len(found) == len(set(found))


def test_a_chosen_step_goes_before_the_larger_ones_and_comes_out_whole():
    lines = list(messages.words("en")["actions"]["opioid"])
    small = block("step-smoke-small")

    chosen = put_in(small, lines, "en")

    assert chosen.index(small.texts["en"]) == 1  # after "Start with a small amount and wait."
    assert put_in(small, chosen, "en") == chosen
    assert take_out(small, chosen, "en") == lines


def test_a_persons_own_line_stays_where_it_is():
    mine = ["Ask at the van.", block("actions-opioid-4").texts["en"]]

    assert put_in(block("actions-opioid-1"), mine, "en")[0] == "Ask at the van."


# What strips show


@pytest.mark.parametrize(
    ("strip", "slug", "shown"),
    [
        ("fentanyl-strip", "fentanyl", YES),
        ("fentanyl-strip", "carfentanil", NO),  # PMC9588631: not seen at 1,000 ng/mL
        ("fentanyl-strip", "isotonitazene", NO),
        ("fentanyl-strip", "opioid", SOME),
        ("nitazene-strip", "isotonitazene", SOME),  # doi 10.1186/s12954-024-01078-8: 9 of 33 missed
        ("xylazine-strip", "medetomidine", NO),
        ("medetomidine-strip", "medetomidine", YES),
        ("lsd-strip", "fentanyl", NO),
    ],
)
def test_a_strip_shows_what_its_studies_say(strip: str, slug: str, shown: str):
    assert shows(method(strip), subject(slug)) == shown


def test_every_strip_there_is_is_told_of():
    strips = {row["slug"] for row in rows_of("methods.csv") if row["family"] == "strip"}
    facts = strip_facts([subject("isotonitazene")], methods().values())

    assert {each.strip for each in facts} == strips
    for language in messages.LANGUAGES:
        said = " ".join(sentences(facts, messages.words(language), {"isotonitazene": "isotonitazene"}))
        for slug in strips:
            name = messages.words(language)["strip_names"][slug].split(" ", 1)[1]
            assert name.lower() in said.lower()


def test_strips_that_show_nothing_are_named_without_their_article():
    facts = strip_facts([subject("medetomidine")], methods().values())

    assert "xylazine strip" in unseen_by(facts, messages.words("en"))
    assert "medetomidine strip" not in unseen_by(facts, messages.words("en"))
    assert "tira de xilacina" in unseen_by(facts, messages.words("es"))
