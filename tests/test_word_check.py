"""What the word check objects to, why, and what it offers instead; and that our own words pass it."""

import itertools
from typing import Any

import pytest

from alerts import messages, word_check
from alerts.messages import Facts, compose
from alerts.reading_ease import ease
from alerts.strip_facts import strip_facts, unseen_by
from alerts.word_check import Setting, objections
from tests.readings_by_hand import methods, subject, subjects

KINDS = ("lab", "two_methods", "reading", "strip", "amount", "reported")
RUNGS = ("reported", "presumptive", "confirmed")
FOUND = ("fentanyl", "carfentanil", "isotonitazene", "xylazine", "medetomidine", "bromazolam", "mdma", "lsd",
         "fentanyl_type_opioid", "cocaine")  # fmt: skip
NAMES = (*tuple({name for each in subjects().values() for name in (each.name, each.name_es)}), "Headsup")


def facts(**other: Any) -> Facts:
    usual: dict[str, Any] = {
        "kind": "lab", "expected": (subject("cocaine"),), "found": (subject("fentanyl"),), "area": "us-pa-allegheny",
        "area_name": "Allegheny", "week": "2026-W47", "rung": "confirmed", "network": "Headsup", "amount": "240 mg",
        "strip": "fentanyl-strip",
    }  # fmt: skip
    return Facts(**{**usual, **other})


def setting_of(body: dict[str, Any], level: str = "notice", **other: Any) -> Setting:
    found = [subject(slug) for slug in body["substances"] or body["classes"][-1:]]
    known = strip_facts(found, methods().values())
    usual: dict[str, Any] = {
        "rung": body["evidence"]["rung"], "level": level, "classes": frozenset(body["classes"]),
        "names": (*NAMES, body["area_name"]),
        "unseen_by": {each: unseen_by(known, messages.words(each)) for each in messages.LANGUAGES},
    }  # fmt: skip
    return Setting(**{**usual, **other})


def said(
    *, language: str = "en", block: str = "actions", rung: str = "confirmed", text: str = "", **other: Any
) -> list:
    """What is objected to when a composed alert says this as well."""
    body = compose(facts(kind="lab" if rung == "confirmed" else "two_methods", rung=rung, is_reviewed=True))
    held = body["blocks"][language]
    if block in {"headline", "sms"}:
        held[block] = text
    else:
        held[block] = [*held.get(block, []), text]
    found = objections(body["blocks"], setting_of(body, **other))
    return [each for each in found if each.code != "lines_differ"]


def codes(found: list) -> set[str]:
    return {each.code for each in found}


@pytest.mark.parametrize("rung", RUNGS)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_we_compose_has_to_be_mended(kind: str, rung: str):
    looks = [("notice", False, True), ("notice", True, False), ("caution", True, True), ("warning", True, False)]
    for slug, (level, reviewed, trace) in itertools.product(FOUND, looks):
        given = facts(kind=kind, rung=rung, found=(subject(slug),), level=level, is_reviewed=reviewed, is_trace=trace)
        for expected in ((subject("cocaine"),), ()):
            body = compose(Facts(**{**vars(given), "expected": expected}))

            assert objections(body["blocks"], setting_of(body, level)) == []


@pytest.mark.parametrize("slug", sorted(each.slug for each in subjects().values() if not each.is_class))
def test_nothing_we_say_of_any_substance_has_to_be_mended(slug: str):
    body = compose(facts(found=(subject(slug),)))

    assert word_check.must_mend(objections(body["blocks"], setting_of(body))) == []


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("en", "Addicts should know.", "person_first"),
        ("en", "Drug users should know.", "person_first"),
        ("en", "A junkie told us.", "person_first"),
        ("es", "Los adictos deben saberlo.", "person_first"),
        ("es", "Aviso a los usuarios de drogas.", "person_first"),
        ("en", "It is 50 times stronger than heroin.", "boast"),
        ("en", "A lethal dose fits on a pin.", "boast"),
        ("en", "This killer dope is around.", "boast"),
        ("en", "This batch is fire.", "boast"),
        ("en", "A hot batch.", "boast"),
        ("en", "The strongest we saw.", "boast"),
        ("es", "Es cien veces más potente.", "boast"),
        ("es", "Una dosis letal.", "boast"),
        ("en", "The rest is clean.", "verdict"),
        ("en", "Use it safely.", "verdict"),
        ("en", "Very pure.", "verdict"),
        ("es", "El resto está limpio.", "verdict"),
        ("es", "Así es más seguro.", "verdict"),
        ("en", "It was laced.", "laced"),
        ("es", "Estaba adulterada con algo.", "laced"),
        ("en", "A bad batch is around.", "bad_batch"),
        ("es", "Hay un lote malo.", "bad_batch"),
        ("en", "No use is best use.", "abstinence"),
        ("en", "Do not use it.", "abstinence"),
        ("es", "No consuma drogas.", "abstinence"),
        ("es", "Evite el consumo.", "abstinence"),
        ("en", "It came from a dealer.", "seller"),
        ("en", "It was sold at the fair.", "seller"),
        ("es", "Lo dio un traficante.", "seller"),
        ("en", "A 23-year-old fell ill.", "case"),
        ("es", "Un hombre murió.", "case"),
        ("en", "Take care!", "exclamation"),
        ("es", "¡Cuidado!", "exclamation"),
        ("en", "THIS IS BAD NEWS.", "capitals"),
        ("en", "The bag had a red stamp.", "brand_stamp"),
        ("es", "La bolsa tenía un sello.", "brand_stamp"),
    ],
)
def test_words_that_harm_have_to_be_mended_and_better_ones_are_offered(language: str, text: str, code: str):
    found = [each for each in said(language=language, text=text) if each.code == code]

    assert found
    assert all(each.level == word_check.MUST_MEND and each.block == "actions" for each in found)
    assert all(each.why("en") and each.why("es") and each.why("en") != each.why("es") for each in found)
    assert all(each.better for each in found)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Painkillers may hold it."),
        ("en", "They feel hot and sweaty."),
        ("en", "Call the fire service."),
        ("en", "Do not use alone, if you can."),
        ("en", "Use new gear."),
        ("es", "No use a solas, si puede."),
        ("es", "Use material nuevo."),
        ("en", "FTIR saw it."),
        ("en", "Text STOP to end."),
    ],
)
def test_words_that_only_look_alike_are_left_in_peace(language: str, text: str):
    assert word_check.must_mend(said(language=language, text=text)) == []


def test_a_place_is_not_objected_to_for_its_name():
    body = compose(facts(area_name="Hot Springs"))

    assert objections(body["blocks"], setting_of(body)) == []
    assert "boast" in codes(said(text="It is in hot springs.", names=()))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "A lab confirmed it."),
        ("en", "This is confirmed."),
        ("en", "It is proven."),
        ("en", "A lab found fentanyl."),
        ("es", "Está confirmado."),
        ("es", "Un laboratorio lo confirmó."),
        ("es", "Un laboratorio encontró fentanilo."),
    ],
)
@pytest.mark.parametrize("rung", ["presumptive", "reported"])
def test_nobody_types_a_first_reading_into_a_confirmed_one(language: str, text: str, rung: str):
    assert "rung" in codes(word_check.must_mend(said(language=language, text=text, rung=rung)))
    assert "rung" not in codes(said(language=language, text=text, rung="confirmed"))


@pytest.mark.parametrize(
    ("language", "text"), [("en", "A lab has not confirmed it."), ("es", "Un laboratorio aún no lo ha confirmado.")]
)
def test_saying_that_it_is_not_confirmed_is_what_should_be_said(language: str, text: str):
    assert said(language=language, text=text, rung="presumptive") == []


@pytest.mark.parametrize("text", ["A strip found fentanyl.", "The strip identified it."])
def test_a_strip_finds_nothing(text: str):
    assert "strip_names" in codes(said(block="found", text=text))


def test_a_strip_is_not_said_to_show_what_it_is_not_made_for():
    false = said(block="strips", text="A xylazine strip can show this.")
    true = said(block="strips", text="A xylazine strip does not show this.")

    assert codes(false) == {"strip_claims"}
    assert true == []


def test_a_stamp_on_opioids_takes_a_written_reason():
    text = "The bag had a red stamp."

    assert "brand_stamp" in codes(said(block="looks", text=text))
    assert said(block="looks", text=text, overrides={"brand_stamp": "Five bags with it were checked."}) == []
    assert said(block="looks", text=text, classes=frozenset({"stimulant"})) == []


def test_no_other_objection_is_overridden_by_a_reason():
    assert "verdict" in codes(said(text="It is safe.", overrides={"verdict": "Because I say so."}))


def test_what_it_looks_like_goes_with_its_caveat():
    body = compose(facts())
    body["blocks"]["en"]["looks"] = ["White powder."]

    [found] = [each for each in objections(body["blocks"], setting_of(body)) if each.code == "looks_without_caveat"]

    assert found.better == messages.words("en")["looks"][0]


def test_words_for_clinicians_may_hold_a_figure_and_stay_person_first():
    assert said(block="clinicians", text="It is 50 times stronger than heroin.") == []
    assert codes(said(block="clinicians", text="Most users need two doses.")) == {"person_first"}


@pytest.mark.parametrize("language", ["en", "es"])
def test_hard_words_have_to_be_mended(language: str):
    hard = {
        "en": "Immediate pharmacological administration necessitates considerable interdisciplinary coordination. ",
        "es": "La administración farmacológica inmediata necesita considerable coordinación interdisciplinaria. ",
    }
    found = said(language=language, block="helps", text=hard[language] * 20)

    assert "hard_to_read" in codes(word_check.must_mend(found))


def test_a_long_text_message_is_refused_and_accents_count_as_their_plain_letters():
    assert "too_long" in codes(said(block="sms", text="a" * 299))
    assert "too_long" not in codes(said(block="sms", text="á" * 298))


def test_a_text_message_does_not_begin_with_another_level():
    found = [each for each in said(block="sms", text="WARNING, Allegheny: look out.") if each.code == "level_word"]

    assert [each.better for each in found] == ["NOTICE"]
    assert said(block="sms", text="NOTICE, Allegheny: look out.") == []


def test_an_empty_block_is_named():
    body = compose(facts())
    body["blocks"]["es"]["actions"] = []

    assert ("missing", "es", "actions") in {
        (each.code, each.language, each.block) for each in objections(body["blocks"], setting_of(body))
    }


def test_languages_that_drift_apart_are_a_matter_to_consider():
    body = compose(facts())
    body["blocks"]["en"]["actions"].append("One more step.")

    [found] = objections(body["blocks"], setting_of(body))

    assert (found.code, found.level, found.language) == ("lines_differ", word_check.CONSIDER, "es")


@pytest.mark.parametrize(("language", "bound"), [("en", 5.0), ("es", 80.0)])
def test_our_own_words_keep_within_the_bound_of_ease(language: str, bound: float):
    body = compose(facts(found=(subject("medetomidine"),)))
    block = body["blocks"][language]
    lines = [block["headline"], *(line for name in messages.BLOCKS for line in block[name])]

    read = ease("\n".join(lines), language, setting_of(body).names)

    assert read is not None
    assert read.bound == bound
    assert read.is_plain
