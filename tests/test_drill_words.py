"""No text says that it is not a drill, however it puts it; ordinary words of drills and alerts are left in peace."""

import pytest

from alerts import messages
from alerts.drill_words import says_not_a_drill, says_real, texts_of
from alerts.messages import as_drill, compose
from tests.test_word_check import facts


@pytest.mark.parametrize(
    "text",
    [
        "This is not a drill", "THIS IS NOT A DRILL.", "not  a drill", "isn't a drill", "isn’t a drill", "isnt a drill",
        "ain't no drill", "not an actual drill", "not a real drill", "no drill", "no exercise", "not an exercise",
        "Not-a-drill", "not_a_drill", "not\ta\u00a0drill", "n\u00adot a dr\u200bill", "nоt a drill", "not a “drill”",
        "This is not, repeat not, a drill.", "not … a drill", "not just a drill", "This is not only a drill",
        "more than a drill", "far from a drill", "anything but a drill", "This was never a drill.",
        "A drill it is not.", "A drill this isn’t.", "This is not a test.", "This is not a test alert.",
        "not a practice alert",
        "This should not be taken for a drill", "Do not treat this as a drill.", "No practice alert: act now.",
        "not a rehearsal", "rather than an exercise", "Headline. This is no drill", "ＮＯＴ Ａ ＤＲＩＬＬ",
        "no es un simulacro", "no es simulacro", "No  es — un simulacro.", "no se trata de un simulacro",
        "no se trata de ningún simulacro", "no es ningún simulacro", "ningun simulacro", "Esto no es un ejercicio",
        "no es una prueba", "Esto no es una alerta de prueba.", "no es un ensayo", "no estamos ante un simulacro",
        "más que un simulacro", "Un simulacro no es.", "no es solo un simulacro", "nunca fue un simulacro",
        "no lo tome como un simulacro", "Esto no es ninguna práctica",
    ],
)  # fmt: skip
def test_a_denied_drill_is_found(text: str):
    assert says_not_a_drill(text)


@pytest.mark.parametrize(
    "text",
    [
        "This is real", "This is real.", "It’s real", "This is a real alert.",
        "This is a real emergency for Allegheny.", "this is for real", "This  is — real!", "No joke: act.",
        "This is actually happening", "Real alert: Allegheny", "It is a drill and it is real",
        "This warning is genuine.", "This is the real thing.", "th\u00adis is r\u200beal", "Esto es real",
        "esto es real.", "Es una alerta real", "es una emergencia verdadera", "Esto va en serio", "Es de verdad",
        "Alerta real: Allegheny", "no es broma", "La alerta es real.",
    ],
)  # fmt: skip
def test_what_says_that_it_is_real_is_found(text: str):
    assert says_real(text)


@pytest.mark.parametrize(
    "text",
    [
        "This is a drill. Nothing was found.", "DRILL. This is an exercise; nothing was found.",
        "SIMULACRO. Es un ejercicio; no se encontró nada.", "Simulacro: no es una alerta real",
        "This is a drill, not a real alert.", "No action is needed: this is a drill.", "Do not act, this is a drill.",
        "This is not an alert but a drill.", "No es una alerta, sino un simulacro.", "No se asuste, es un simulacro.",
        "This is not real: it is a drill.", "Not real, a drill.", "In a real alert you would get a text.",
        "A real alert would look like this.", "Read it as if it were real.", "As if this is real, tell your team.",
        "En una alerta real le llegaría un mensaje.", "Como si fuera real.", "Cuando la alerta es real, avise.",
        "DRILL: NOTICE not yet reviewed, Allegheny", "Nothing was found. This is a drill.", "Drill over.",
        "There is no need to reply. This was an exercise.", "It is only a drill.", "Solo es un simulacro.",
        "This test alert is a drill.", "Esta es una alerta de prueba.",
        # and of live alerts
        "A strip is not a test of strength.", "A test cannot show that.", "No test shows it.", "Do not exercise hard.",
        "It does not work that way in practice.", "Una tira no es una prueba de laboratorio.", "No use a solas.",
        "There is no real way to see it.", "A lab has not confirmed it.", "Las pruebas no muestran nitacenos.",
        "Ask for its real name.",
    ],
)  # fmt: skip
def test_ordinary_words_of_drills_and_alerts_are_left_in_peace(text: str):
    assert not says_not_a_drill(text)
    assert not says_real(text)


def test_what_is_composed_says_neither():
    for kind in ("lab", "strip", "reported", "amount", "reading", "two_methods"):
        body = compose(facts(kind=kind, rung="confirmed" if kind == "lab" else "presumptive"))
        for text in (*texts_of(body["blocks"]), *texts_of(as_drill(body)["blocks"])):
            assert not says_not_a_drill(text), text
            assert not says_real(text), text
    for language in messages.LANGUAGES:
        assert not any(map(says_not_a_drill, texts_of(messages.words(language))))


def test_each_text_of_a_body_is_looked_at_by_itself():
    assert list(texts_of({"en": {"headline": "a", "actions": ["b", "c"]}, "es": {"sms": "d"}, "n": 1})) == list("abcd")
    ends_apart = ["Nobody near, if not", "a drill of the heart"]

    assert not any(map(says_not_a_drill, texts_of(ends_apart)))
    assert says_not_a_drill(" ".join(ends_apart))


def test_ten_thousand_letters_are_split_once_and_each_denial_looks_at_a_few_words(monkeypatch):
    looked: list[int] = []
    from alerts import drill_words

    is_drill = drill_words._is_drill
    monkeypatch.setattr(drill_words, "_is_drill", lambda words, place: looked.append(place) or is_drill(words, place))
    words = 2_500

    says_not_a_drill("not so " * (words // 2))

    assert words <= len(looked) <= words * (drill_words.BETWEEN + 1)
