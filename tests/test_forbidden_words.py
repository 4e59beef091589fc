"""No text a person reads says of a sample that it is safe, clean or pure, nor of a method that it makes it so."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings

from checking.advice_texts import ADVICE
from checking.guidance import DATA, rows_of
from checking.interpretation_texts import JOINTS, KIND_OF, STATEMENTS, WORDS
from tests.said_by_readings import everything_said

ROOT = Path(settings.BASE_DIR)

# Whole words, with all that is made of them.
VERDICTS = {
    "en": re.compile(
        r"\b(?:un)?(safe|safer|safest|safely|safety|clean|cleaner|cleanest|cleanly|pure|purer|purest|purely|purity)\b",
        re.IGNORECASE,
    ),
    "es": re.compile(
        r"\b(in)?(segur[oa]s?|seguramente|seguridad|limpi[oa]s?|limpieza|pur[oa]s?|puramente|pureza)\b", re.IGNORECASE
    ),
}

# Texts that hold such a word and speak of no sample, each with its reason.
EXCEPTIONS = {
    "This was cut off, by a restart perhaps. What went in stays, and it is safe to go on.": (
        "to staff, of bringing in a file a second time: it doubles nothing"
    ),
    "Something went wrong here. What went in before that stays, and it is safe to begin again.": (
        "to staff, of bringing in a file a second time: it doubles nothing"
    ),
}

# Columns nobody reads: keys, addresses, and what is only matched against what people write.
UNSHOWN_COLUMNS = {"source", "slug", "names", "match_only", "cas", "inchikey", "unii", "smiles"}
UNSHOWN_FILES = {
    "number_words.csv": "numbers in words, told apart from names in staff notes; never shown",
    "look_alikes.csv": "names that look like identifiers, for staff notes; never shown",
    "non_substance_results.csv": "what labs write in place of a substance, only matched against what comes in",
    "ambiguous_street_names.csv": "what people call drugs, matched and asked about in their own words",
}

SHOWN_ATTRIBUTES = re.compile(r"""\s(?:alt|title|aria-label|placeholder|content|label)=("[^"]*"|'[^']*')""")
TRANSLATED = re.compile(r"""\{%\s*(?:translate|trans)\s+("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def texts_of_template(source: str) -> Iterator[str]:
    """What a template shows: its words, but not its tags, variables, classes and comments."""
    source = re.sub(r"\{#.*?#\}|<!--.*?-->|\{% comment %\}.*?\{% endcomment %\}", " ", source, flags=re.DOTALL)
    for quoted in TRANSLATED.findall(source):
        yield quoted[1:-1]
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", source, flags=re.DOTALL)
    for quoted in SHOWN_ATTRIBUTES.findall(source):
        yield quoted[1:-1]
    source = re.sub(r"<(script|style)\b.*?</\1>", " ", source, flags=re.DOTALL)
    yield from (line.strip() for line in re.sub(r"<[^>]*>", "\n", source).splitlines() if line.strip())


def templates() -> Iterator[tuple[str, str, str]]:
    for file in sorted((ROOT / "templates").rglob("*.*")):
        for text in texts_of_template(file.read_text(encoding="utf-8")):
            yield str(file.relative_to(ROOT)), "en", text


def translations() -> Iterator[tuple[str, str, str]]:
    with (ROOT / "locale/es/LC_MESSAGES/django.po").open("rb") as file:
        for message in read_po(file):
            said, meant = (each if isinstance(each, tuple | list) else (each,) for each in (message.id, message.string))
            yield from (("django.po", "en", text) for text in said if text)
            yield from (("django.po", "es", text) for text in meant if text)


def data_texts() -> Iterator[tuple[str, str, str]]:
    """Each text twice where nothing says its language: both lists of words are held against it."""
    for file in sorted(DATA.glob("*.csv")):
        if file.name in UNSHOWN_FILES:
            continue
        for row in rows_of(file.name):
            for column, text in row.items():
                if text and column not in UNSHOWN_COLUMNS:
                    yield file.name, "es" if column.endswith("_es") else "en", text


def words_of_alerts() -> Iterator[tuple[str, str, str]]:
    for language in ("en", "es"):
        file = ROOT / "alerts" / "words" / f"{language}.json"
        yield from ((file.name, language, text) for text in _strings(json.loads(file.read_text(encoding="utf-8"))))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def words_of_readings() -> Iterator[tuple[str, str, str]]:
    for table in (STATEMENTS, ADVICE, WORDS, KIND_OF, JOINTS):
        for code, texts in table.items():
            yield from ((code, language, text) for language, text in texts.items())


def verdicts(texts: Iterable[tuple[str, str, str]]) -> list[str]:
    """Where a verdict is given that is no listed exception."""
    return [
        f"{where}: {text}"
        for where, language, text in texts
        if VERDICTS[language].search(text) and text not in EXCEPTIONS
    ]


@pytest.mark.parametrize(
    "texts", [templates, translations, data_texts, words_of_alerts, words_of_readings], ids=lambda each: each.__name__
)
def test_no_text_gives_a_verdict(texts):
    shown = list(texts())

    assert len(shown) > 50
    assert not verdicts(shown)


@pytest.mark.parametrize("language", ["en", "es"])
def test_nothing_said_of_any_reading_gives_a_verdict(language):
    said = [(statement.code, language, statement.text) for statement in everything_said(language)]

    assert len(said) > 500
    assert not verdicts(said)


def test_every_exception_is_still_needed_and_has_its_reason():
    every = {text for texts in (templates, translations, data_texts, words_of_alerts) for _, _, text in texts()}

    for text, reason in EXCEPTIONS.items():
        assert text in every, text
        assert len(reason.split()) > 3
        assert any(pattern.search(text) for pattern in VERDICTS.values())


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "This sample is clean."),
        ("en", "Safe to use"),
        ("en", "Purity: 90 %"),
        ("en", "Use it safely."),
        ("en", "This is unsafe."),
        ("es", "La muestra es segura."),
        ("es", "Están limpios"),
        ("es", "cocaína pura"),
        ("es", "Pureza"),
    ],
)
def test_a_verdict_is_caught(language, text):
    assert verdicts([("here", language, text)])


@pytest.mark.parametrize(("language", "text"), [("en", "impurity, safeguard, cleanse"), ("es", "asegurar, impureza")])
def test_words_that_only_look_alike_are_not(language, text):
    assert not verdicts([("here", language, text)])


def test_the_words_of_a_template_are_read_and_its_code_is_not():
    source = """{# clean #}<p class="clean">{% translate "It is safe" %}</p>
    <img alt="pure" src="/safe.png"><a href="/clean/">{{ safe }}</a>{% if pure %}{% endif %}Looks
    clean<script>safe()</script>"""

    found = list(texts_of_template(source))

    assert {"It is safe", "pure", "Looks", "clean"} <= set(found)
    assert len(verdicts(("here", "en", text) for text in found)) == 3
