"""Text messages: how many segments they take, and that what was approved stays whole in every later step."""

import pytest

from alerts import gsm7, messages, sms_room, word_check
from tests.readings_by_hand import subject
from tests.test_word_check import facts, setting_of

LANGUAGES = ("en", "es")


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        # By hand, from TS 23.038 (160 septets alone; two for a letter of the extension table) and TS 23.040
        # (153 in each of several; escape and letter stay together).
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 159 + "€", 2),  # 161 septets
        ("a" * 158 + "€", 1),  # 160
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 151 + "€" + "a" * 153, 2),  # the pair ends the first part: 153 + 153
        ("a" * 152 + "€" + "a" * 151, 2),  # one place stays empty: 152, then 2 + 151
        ("a" * 152 + "€" + "a" * 152, 3),  # 306 septets, and 152 + 153 + 1
        ("€" * 80, 1),  # 160
        ("€" * 81, 2),  # 162: 76 pairs in a part, for 153 is odd
        ("€" * 152, 2),
        ("€" * 153, 3),  # 306 septets, and 76 + 76 + 1
        ("a" * 305 + "€", 3),
        ("[" * 152 + "a" * 2, 3),  # both parts full but for one place, which takes one letter only of two
        ("á" * 306, 2),  # written without its accent
    ],
)
def test_segments_are_those_of_the_standard(text: str, segments: int):
    assert gsm7.segments(text) == segments


@pytest.mark.parametrize("pad", range(140, 156))
def test_what_fits_goes_into_two_segments_with_its_number_wherever_a_pair_falls(pad: int):
    text = sms_room.fitted("a" * pad + "€ " + "b " * 200)

    assert gsm7.segments(messages.numbered(text, 9_999_999)) == 2
    assert gsm7.segments(messages.numbered(text + " b" * 2, 9_999_999)) == 3, "and no room is wasted"


def test_the_words_in_the_middle_are_cut_and_not_the_end():
    said = sms_room.around(lambda words: f"NOTICE: {words}. Text STOP to end.", "cocaína " * 60)

    assert said.startswith("NOTICE: cocaina cocaina")
    assert said.endswith("cocaina. Text STOP to end.")
    assert sms_room.fits(said)


def test_ten_thousand_letters_are_looked_at_a_bounded_number_of_times(monkeypatch):
    asked: list[int] = []
    fits = sms_room.fits
    monkeypatch.setattr(sms_room, "fits", lambda text: asked.append(len(text)) or fits(text))

    sms_room.fitted("a " * 5_000)

    assert len(asked) < gsm7.TWO_SEGMENTS
    assert max(asked) <= gsm7.TWO_SEGMENTS + 1


def a_block(places: int) -> dict[str, str]:
    return {"headline": "Sold as cocaine, a lab found fentanyl", "sms": "a" * places}


@pytest.mark.parametrize(("language", "most"), [("en", 306 - 8 - len("Updated. ")), ("es", 306 - 8 - 13)])
def test_a_text_at_the_bound_of_its_update_is_told_from_one_beyond(language: str, most: int):
    spoken = messages.words(language)
    setting = {"level": "caution", "area": "Allegheny", "network": "Headsup"}

    assert sms_room.cut_later(a_block(most), spoken, **setting) == {}
    assert set(sms_room.cut_later(a_block(most + 1), spoken, **setting)) == {"updated"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mark", ["", "DRILL: ", "SIMULACRO: "])
def test_every_way_an_alert_can_be_over_is_looked_at_a_drill_with_its_mark(language: str, mark: str):
    spoken = messages.words(language)
    setting = {"level": "warning", "area": "Allegheny", "network": "Headsup"}
    block = {"headline": f"{mark}{'word ' * 45}", "sms": "short"}

    later = dict(sms_room.later_texts(block, spoken, **setting))

    assert set(later) == {"updated", "ended", "lapsed", "withdrawn"} == set(spoken["closing"])
    assert set(sms_room.cut_later(block, spoken, **setting)) == {"ended", "lapsed", "withdrawn"}
    assert all(mark in text for kind, text in later.items() if kind != "updated")
    assert "lapsed" not in dict(sms_room.later_texts(block, spoken, **{**setting, "level": "caution"}))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_looked_at_is_what_the_steps_say(language: str):
    """The same words as `messages.as_said`, for a day as long as any."""
    from datetime import UTC, datetime

    day = datetime(2026, 9, 30, tzinfo=UTC)
    block = {"headline": "Sold as cocaine, a lab found fentanyl", "sms": "NOTICE: x", "body": ""}
    body = {"blocks": {language: block}, "area_name": "Allegheny", "network": "Headsup"}
    later = sms_room.later_texts(block, messages.words(language), level="warning", area="Allegheny", network="Headsup")

    for kind, text in later:
        said = messages.as_said(body, level="warning", kind=kind, because="", first_sent=day)
        assert said[language]["sms"] == gsm7.plain(text)


# What people approve is asked for with room for what comes before it


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_composed_has_room_for_a_drills_mark_and_an_update(language: str):
    for found in ("fentanyl_related", "fentanyl_type_opioid", "1-2-chlorophenyl-methylimino-methyl-cyclopentanol"):
        composed = messages.compose(facts(found=(subject(found),), kind="reported", rung="reported", is_trace=True))
        for body in (composed, messages.as_drill(composed)):
            sms = body["blocks"][language]["sms"]
            word = messages.words(language)["closing"]["updated"]["word"]

            assert sms.endswith("Headsup"), "the end, which says how to stop, is not cut"
            assert sms_room.fits(f"{word}. {sms}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_check_refuses_what_an_update_would_cut(language: str):
    body = messages.compose(facts())
    for extra, codes in ((0, set()), (1, {"too_long_updated"}), (14, {"too_long_updated", "too_long"})):
        body["blocks"][language]["sms"] = "a" * ({"en": 289, "es": 285}[language] + extra)

        found = word_check.objections(body["blocks"], setting_of(body))

        assert codes <= {each.code for each in found if each.blocks_saving}
        assert bool(codes) == any(each.code.startswith("too_long") for each in found)


def test_a_headline_too_long_for_the_last_word_is_a_matter_to_consider():
    body = messages.compose(facts())
    body["blocks"]["es"]["headline"] = "Una palabra y otra " * 9

    [found] = [
        each
        for each in word_check.objections(body["blocks"], setting_of(body, network="Headsup", area="Allegheny"))
        if each.code.startswith("too_long")
    ]

    assert (found.code, found.block, found.level) == ("too_long_over", "headline", word_check.CONSIDER)
