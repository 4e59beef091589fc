"""What is written of substances, and which tests are said to see them: whole, sourced, plain, as the methods are."""

from dataclasses import replace
from datetime import date

import pytest

from alerts.page_blocks import blocks_for, by_route, steps_for
from alerts.reading_ease import LEAST_EASE, ease
from alerts.strip_facts import NO, SOME, YES, shows
from checking import seeing
from checking.guidance import rows_of
from checking.seeing import BLIND, KIND, NAMES, PARTLY, UNKNOWN, fooled, sight, sights
from checking.substance_sheets import KINDS, sources, text_of, texts
from tests.readings_by_hand import method, methods, subject, subjects
from tests.test_forbidden_words import verdicts

MOST_GRADE = 6.0  # of the prose of these pages; alerts are held to 5
OWN = [
    "fentanyl",
    "carfentanil",
    "heroin",
    "nitazene",
    "xylazine",
    "medetomidine",
    "benzodiazepine",
    "bromazolam",
    "cocaine",
    "cocaine-base",
    "methamphetamine",
    "amphetamine",
    "mdma",
    "mda",
    "ketamine",
    "lsd",
    "2c-b",
    "ghb",
    "gbl",
    "cathinone",
    "synthetic_cannabinoid",
    "tramadol",
    "oxycodone",
    "methadone",
    "buprenorphine",
    "lidocaine",
    "levamisole",
    "phenacetin",
    "caffeine",
    "acetaminophen",
    "diphenhydramine",
    "mannitol",
    "btmps",
    "naloxone",
]
NAMED = {name for each in subjects().values() for name in (each.name, each.name_es)} | {"naloxone", "naloxona"}


def test_every_text_is_whole_and_its_sources_are_listed():
    rows = list(rows_of("substance_texts.csv"))

    assert len(texts()) == len(rows)  # no slug has two of a kind; an unlisted source would have raised
    for row in rows:
        assert row["slug"] in subjects()
        assert row["kind"] in KINDS
        assert row["text"], row
        assert row["text_es"], row
        assert row["source"], row
        assert not row["reviewed_on"] or (row["checked_by"] and date.fromisoformat(row["reviewed_on"]))
    cited = {key for row in rows for key in row["source"].split(" ; ")}
    assert cited == set(sources())
    assert all(each.name.en and each.name.es for each in sources().values())


def test_an_unlisted_source_is_refused(monkeypatch):
    row = {"slug": "mdma", "kind": "what", "text": "A", "text_es": "A", "source": "hearsay"}
    monkeypatch.setattr("checking.substance_sheets._rows", lambda name: [row] if name == "texts" else [])
    texts.cache_clear(), sources.cache_clear()
    try:
        with pytest.raises(KeyError, match="hearsay"):
            texts()
    finally:
        monkeypatch.undo()
        texts.cache_clear(), sources.cache_clear()


def test_every_class_says_what_it_is_and_so_does_everything_within():
    for each in subjects().values():
        own = texts().get((each.slug, "what"))
        assert own or not each.is_class, each.slug
        assert text_of(each, "what"), each.slug


@pytest.mark.parametrize("slug", OWN)
def test_what_people_ask_about_most_has_its_own_text(slug: str):
    assert texts()[slug, "what"].said.en


def test_a_text_of_a_class_stands_until_something_nearer_has_one():
    assert text_of(subject("isotonitazene"), "what") == texts()["nitazene", "what"]
    assert text_of(subject("fentanyl"), "what") == texts()["fentanyl", "what"]
    assert text_of(subject("acryl-fentanyl"), "say") is None  # it is not said as its class is


@pytest.mark.parametrize("kind", [each for each in KINDS if each != "say"])
def test_every_text_is_plain_and_gives_no_verdict(kind: str):
    for (slug, of), text in texts().items():
        if of != kind:
            continue
        english, spanish = ease(text.said.en, "en", NAMED), ease(text.said.es, "es", NAMED)
        assert english is None or english.figure <= MOST_GRADE, (slug, english)
        assert spanish is None or spanish.figure >= LEAST_EASE, (slug, spanish)
        assert verdicts([(slug, "en", text.said.en), (slug, "es", text.said.es)]) == []


# Which tests see it


@pytest.mark.parametrize(
    ("slug", "by", "group"),
    [
        ("fentanyl", "gc-ms", NAMES),
        ("fentanyl", "ps-ms", NAMES),  # on its list by name, though its class is not wholly
        ("fentanyl", "fentanyl-strip", KIND),
        ("fentanyl", "ftir", PARTLY),
        ("fentanyl", "reagent", BLIND),
        ("carfentanil", "fentanyl-strip", BLIND),
        ("carfentanil", "gc-ms", PARTLY),
        ("isotonitazene", "nitazene-strip", PARTLY),
        ("isotonitazene", "fentanyl-strip", BLIND),
        ("metodesnitazene", "nitazene-strip", BLIND),
        ("lsd", "ftir", BLIND),
        ("lactose", "gc-ms", BLIND),
        ("lactose", "gc-ms-derivatised", NAMES),
        ("btmps", "ftir", UNKNOWN),
        ("mdma", "reagent", UNKNOWN),
        ("opioid", "fentanyl-strip", PARTLY),
    ],
)
def test_a_method_sees_what_is_known_of_it(slug: str, by: str, group: str):
    assert sight(subject(slug), method(by)).group == group


def test_strips_show_here_what_alerts_say_they_show():
    same = {YES: {KIND}, SOME: {PARTLY}, NO: {BLIND}}
    for strip in (each for each in methods().values() if each.family == "strip"):
        for each in subjects().values():
            assert sight(each, strip).group in same[shows(strip, each)], (strip.slug, each.slug)


def test_every_method_is_told_of_once_and_those_that_see_it_come_first():
    found = sights(subject("xylazine"), methods().values())

    assert sorted(each.method.slug for each in found) == sorted(methods())
    order = [seeing.GROUPS.index(each.group) for each in found]
    assert order == sorted(order)


def test_of_a_class_it_says_what_alone_is_looked_for_and_what_is_missed():
    strip = sight(subject("opioid"), method("fentanyl-strip"))

    assert [each.slug for each in strip.only] == ["fentanyl_type_opioid"]
    assert "carfentanil" in {each.slug for each in strip.but_not}
    assert {each.slug for each in strip.confused_by} >= {"methamphetamine", "mdma", "diphenhydramine"}


def test_what_fools_a_test_says_so_on_its_own_page():
    assert {by.slug for by, _ in fooled(subject("lidocaine"), methods().values())} == {
        "fentanyl-strip",
        "xylazine-strip",
    }
    assert "xylazine-strip" in {by.slug for by, _ in fooled(subject("local_anaesthetic"), methods().values())}
    assert not fooled(subject("lactose"), methods().values())


def test_reasons_are_given_in_both_languages():
    for each in methods().values():
        for miss in each.misses:
            assert seeing.why(each.slug, miss).en != seeing.why(each.slug, miss).es
        for confusion in each.confusions:
            assert seeing.why_confused(each.slug, confusion).en != seeing.why_confused(each.slug, confusion).es
    changed = replace(method("ftir").misses[0], why="a reason of this network")
    assert seeing.why("ftir", changed).es == "a reason of this network"


# Steps, signs, helps


def test_steps_go_from_small_to_large_and_none_twice():
    for slug in subjects():
        steps = steps_for(subject(slug))

        assert [each.step for each in steps] == sorted(each.step for each in steps)
        assert len({each.texts["en"] for each in steps}) == len(steps)
        assert len(steps) > 8, slug
        assert all(by_route(steps)[route] for route in ("any", "smoke", "snort", "inject", "swallow"))


def test_the_nearest_class_speaks_of_trouble_and_the_substance_after_it():
    ids = [each.id for each in blocks_for("helps", subject("medetomidine"))]

    assert ids == ["helps-alpha2-1", "helps-alpha2-2", "helps-medetomidine-1"]
    assert [each.id for each in blocks_for("signs", subject("alpha2_agonist"))] == ["signs-alpha2-1", "signs-alpha2-2"]
    assert blocks_for("signs", subject("lactose")) == []
