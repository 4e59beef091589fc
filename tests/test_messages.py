"""The words people read."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from alerts import gsm7, messages, rule_words
from alerts.messages import Facts, compose
from alerts.word_check import Setting, must_mend, objections
from tests.readings_by_hand import subject, subjects

# Never a person as the object, nothing called safe or clean, no boasts of strength.
NEVER = re.compile(
    r"\b(addicts?|abusers?|users?|junkies?|clean|dirty|safe|pure|laced|killer|lethal|deadly|potent|stronger|hot|fire|"
    r"adictos?|limpi[oa]s?|suci[oa]s?|segur[oa]s?|pur[oa]s?|letal|potente|mortal)\b",
    re.IGNORECASE,
)


def facts(**other: Any) -> Facts:
    usual: dict[str, Any] = {
        "kind": "lab", "expected": (subject("cocaine"),), "found": (subject("fentanyl"),), "area": "us-pa-allegheny",
        "area_name": "Allegheny", "week": "2026-W47", "rung": "confirmed", "network": "Headsup",
    }  # fmt: skip
    return Facts(**{**usual, **other})


def strip_facts(**other: Any) -> Facts:
    usual = {"kind": "strip", "strip": "fentanyl-strip", "found": (subject("fentanyl_type_opioid"),),
             "rung": "presumptive"}  # fmt: skip
    return facts(**{**usual, **other})


KINDS = [
    facts(),
    facts(expected=()),
    facts(expected=(subject("cocaine"), subject("ketamine"))),
    facts(found=(subject("medetomidine"),)),
    facts(found=(subject("isotonitazene"),), level="warning", is_reviewed=True),
    facts(found=(subject("bromazolam"),), rung="presumptive"),
    facts(found=(subject("lsd"),), kind="amount", amount="300 ug", expected=(subject("lsd"),)),
    facts(found=(subject("mdma"),), kind="amount", amount="240 mg", expected=(subject("mdma"),)),
    facts(kind="two_methods", rung="presumptive"),
    facts(kind="reported", rung="reported"),
    facts(is_trace=True, is_residue=True),
    strip_facts(),
]


def everything(body: dict[str, Any]) -> str:
    return str(body["blocks"])


def test_the_headline_says_sold_as_then_found():
    assert compose(facts())["blocks"]["en"]["headline"] == "Sold as cocaine, a lab found fentanyl"
    assert compose(facts())["blocks"]["es"]["headline"] == ("Vendido como cocaína, un laboratorio encontró fentanilo")


def test_a_strip_reacts_and_never_finds():
    body = compose(strip_facts(expected=(subject("mdma"),)))

    assert body["blocks"]["en"]["headline"] == "Sold as MDMA, a fentanyl strip reacted"
    assert body["substances"] == []
    assert body["classes"] == ["opioid", "fentanyl_type_opioid"]
    assert "strip found" not in everything(body)


@pytest.mark.parametrize("given", [each for each in KINDS if each.rung != "confirmed"])
def test_nothing_but_a_lab_confirms(given: Facts):
    english = compose(given)["blocks"]["en"]

    assert not any(line.startswith("How sure: confirmed") for line in english["found"])


@pytest.mark.parametrize("given", KINDS)
@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_the_words_are_plain_and_kind(given: Facts, language: str):
    block = compose(given)["blocks"][language]

    assert NEVER.findall(block["body"] + block["sms"]) == []
    assert "{" not in str(block["body"]) + block["sms"]
    assert all(block[name] for name in messages.BLOCKS)


@pytest.mark.parametrize("given", KINDS)
def test_actions_come_before_chemistry(given: Facts):
    assert list(compose(given)["blocks"]["en"])[1] == "actions"
    body = compose(given)["blocks"]["en"]["body"]

    assert body.index("What helps now") < body.index("What was found")


@pytest.mark.parametrize("given", KINDS)
@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_a_text_message_fits_two_segments_with_its_number(given: Facts, language: str):
    sms = messages.numbered(compose(given)["blocks"][language]["sms"], 9_999_999)

    assert gsm7.segments(sms) <= 2
    assert sms == gsm7.plain(sms)  # no letter that would halve the room
    assert "STOP" in sms


def test_a_long_place_name_is_cut_at_a_word_and_still_fits():
    sms = compose(facts(area_name="The Very Long County of Somewhere " * 8))["blocks"]["en"]["sms"]

    assert gsm7.places(sms) <= gsm7.TWO_SEGMENTS - messages.ROOM_FOR_NUMBER


def test_letters_outside_the_alphabet_lose_their_accent_and_count():
    assert gsm7.plain("cocaína “más” ñ") == 'cocaina "mas" ñ'
    assert gsm7.places("[x]") == 5
    assert gsm7.segments("a" * 160) == 1
    assert gsm7.segments("a" * 161) == 2
    assert gsm7.segments("a" * 307) == 3


def test_an_automatic_notice_says_that_nobody_reviewed_it():
    block = compose(facts())["blocks"]["en"]

    assert block["sms"].startswith("NOTICE not yet reviewed, Allegheny, this week:")
    assert "No person has reviewed" in block["who"][0]


def test_sedatives_with_opioids_aim_at_breathing_and_medetomidine_warns_of_stopping():
    helps = " ".join(compose(facts(found=(subject("medetomidine"),)))["blocks"]["en"]["helps"])

    assert "Naloxone" in helps
    assert "every 6 seconds" in helps
    assert "Stopping suddenly can make a person very ill" in helps


def test_what_a_fentanyl_strip_does_not_show_is_said():
    strips = compose(facts(found=(subject("isotonitazene"),)))["blocks"]["en"]["strips"]

    assert strips == ["A fentanyl strip does not show nitazenes. A nitazene strip misses some of them."]


def test_a_trace_says_so_in_its_headline():
    assert (
        compose(facts(is_trace=True))["blocks"]["en"]["headline"] == "Sold as cocaine, a lab found a trace of fentanyl"
    )


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("ended", "That does not mean the supply has changed."),
        ("lapsed", "Treat it as still possible."),
        ("withdrawn", "it was wrong"),
    ],
)
def test_each_end_has_its_own_words(kind: str, says: str):
    first_sent = datetime(2026, 11, 12, tzinfo=UTC)

    said = messages.as_said(compose(facts()), level="warning", kind=kind, because="", first_sent=first_sent)

    assert says in said["en"]["body"]
    assert gsm7.segments(messages.numbered(said["es"]["sms"], 42)) <= 2
    if kind == "lapsed":
        assert (
            "Our warning of 12 November 2026 has run out before a second person could review it." in said["en"]["body"]
        )


def test_both_languages_have_the_same_words():
    def shape(value: Any) -> Any:
        return {key: shape(each) for key, each in value.items()} if isinstance(value, dict) else type(value)

    english, spanish = (messages.words(language) for language in ("en", "es"))

    assert shape({**english, "names": {}}) == shape({**spanish, "names": {}})


def test_a_changed_word_changes_the_hash(monkeypatch: pytest.MonkeyPatch):
    before = rule_words.sha256_of("lab_named_opioid", {})
    changed = {**messages.words("es"), "looks": ["Otra cosa."]}
    real = messages.words

    monkeypatch.setattr(messages, "words", lambda language: changed if language == "es" else real(language))

    assert rule_words.sha256_of("lab_named_opioid", {}) != before


def test_weeks_are_iso_weeks():
    assert messages.week_of(datetime(2026, 11, 22, tzinfo=UTC).date()) == "2026-W47"
    assert messages.monday("2026-W47").isoformat() == "2026-11-16"
    assert messages.week_of(datetime(2027, 1, 1, tzinfo=UTC).date()) == "2026-W53"


# How sure, whatever was asked for

CONFIRMING = re.compile(
    r"\bconfirm(?:ed|s)\b|\ba lab (?:found|named|measured)|lab method named|\bconfirm(?:ado|ó|a)\b|"
    r"laboratorio (?:encontró|identificó|midió)|método de laboratorio identificó|nombre exacto de una droga",
    re.IGNORECASE,
)
DENIED = re.compile(
    r"A lab has not confirmed it|[Uu]n laboratorio (?:aún )?no lo ha confirmado|ningún laboratorio lo confirma",
    re.IGNORECASE,
)


def every_template() -> list[Facts]:
    """Every kind at every rung, with and without an expected drug, traced or residue, at each level."""
    made = []
    for kind in ("lab", "two_methods", "reading", "strip", "amount", "reported"):
        for rung in ("reported", "presumptive", "confirmed"):
            for expected in ((subject("cocaine"),), ()):
                for found in ("fentanyl", "medetomidine", "mdma", "fentanyl_type_opioid"):
                    made += [
                        facts(kind=kind, rung=rung, expected=expected, found=(subject(found),), level=level,
                              is_trace=traced, is_residue=traced, amount="240 mg", strip="fentanyl-strip")
                        for level in ("notice", "caution", "warning")
                        for traced in (False, True)
                    ]  # fmt: skip
    return made


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_nothing_below_a_lab_is_ever_rendered_as_confirmed(language: str):
    for given in every_template():
        body = compose(given)
        texts = messages.as_said(body, level=given.level, kind="published", because="", first_sent=datetime.now(UTC))
        everything_said = DENIED.sub("", str(texts[language]))
        may_confirm = given.kind in {"lab", "amount"} and given.rung == "confirmed"

        assert bool(CONFIRMING.search(everything_said)) is may_confirm, (given, CONFIRMING.search(everything_said))
        assert (body["evidence"]["rung"] == "confirmed") is may_confirm


NAMES = (*(name for each in subjects().values() for name in (each.name, each.name_es) if name), "MDMA", "Allegheny")
NOW = {
    "nothing": facts(kind="fallen", rung="reported", is_reviewed=True),
    "one instrument": facts(kind="reading", rung="presumptive", is_reviewed=True),
    "two methods": facts(kind="two_methods", rung="presumptive", is_reviewed=True),
    "a strip": strip_facts(is_reviewed=True),
    "a lab": facts(is_reviewed=True),
}


@pytest.mark.parametrize("left", NOW)
@pytest.mark.parametrize("said", [facts(), facts(kind="two_methods", rung="presumptive"), strip_facts()])
def test_after_any_news_the_words_claim_what_is_left_and_can_be_sent(said: Facts, left: str):
    """An update that the word check refuses would leave people with what is known to be wrong."""
    told = set(messages.words("en")["since"]) - ({"confirmed"} if left != "a lab" else set())
    for news in sorted(told):
        changed = messages.with_news(compose(said), NOW[left], news=news)

        setting = Setting(rung=NOW[left].rung, names=NAMES)
        assert must_mend(objections(changed["blocks"], setting)) == []
        assert changed["evidence"]["rung"] == NOW[left].rung
        for language, block in changed["blocks"].items():
            spoken = messages.words(language)
            assert block["found"][0] == spoken["since"][news]
            assert block["headline"] == compose(NOW[left])["blocks"][language]["headline"]
            assert (spoken["found"]["confirmed"] in block["found"]) == (left == "a lab")
            assert block["headline"] in block["body"]


def test_where_as_much_stands_as_was_said_a_persons_words_are_kept():
    body = compose(facts(is_reviewed=True))
    body["blocks"]["en"]["headline"] = "In the words of a person"

    changed = messages.with_news(body, facts(is_reviewed=True), news="corrected")["blocks"]["en"]

    assert changed["headline"] == "In the words of a person"
    assert changed["found"][0] == messages.words("en")["since"]["corrected"]


def test_news_after_news_is_told_once():
    once = messages.with_news(compose(facts()), facts(), news="in_doubt")

    found = messages.with_news(once, facts(), news="doubt_cleared")["blocks"]["en"]["found"]

    assert messages.words("en")["since"]["in_doubt"] not in found


def test_what_people_told_us_is_not_said_to_have_been_checked():
    block = compose(facts(kind="reported", rung="reported"))["blocks"]["en"]

    assert block["found"] == [
        "People told of it in Allegheny in the week of 16 November 2026.",
        "Nobody has checked a sample yet.",
        "How sure: reported only.",
    ]
    assert block["dates"][0].startswith("Told in")


def test_words_for_clinicians_stay_out_of_what_the_public_hears():
    body = compose(facts())
    for block in body["blocks"].values():
        block["clinicians"] = ["Fifty times morphine by weight."]

    said = messages.as_said(body, level="notice", kind="published", because="", first_sent=datetime.now(UTC))

    assert "Fifty times" not in str(said)
