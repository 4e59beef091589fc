"""The pages on which everyone can read what a substance is, which tests see it, and what helps."""

import gzip
import re
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from checking import catalogue
from checking.method_rules import Reviewed
from checking.models import Substance, SubstanceName
from checking.substance_sheets import text_of, texts
from checking.trend_summary import MOST_AREAS
from tests.factories import make_areas, make_site, make_vocabulary, submit
from tests.readings_by_hand import subjects
from tests.said import say, say_more
from tests.sending import lab_body, sample_body, strip_body
from tests.test_forbidden_words import texts_of_template, verdicts
from tests.test_trends import make_cell

SECTIONS = ("what", "say", "called", "alerts", "signs", "helps", "steps", "tests", "trend")
MOST_BYTES = 20_000  # compressed, of a whole page


@pytest.fixture(autouse=True)
def _world(db) -> None:
    make_vocabulary()
    make_areas()


def text_of_page(content: bytes) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", content.decode())))


def page(client, slug: str, query: str = "") -> str:
    response = client.get(f"/substances/{slug}/{query}")
    assert response.status_code == 200
    return text_of_page(response.content)


def section(client, slug: str, name: str, query: str = "") -> str:
    content = client.get(f"/substances/{slug}/{query}").content.decode()
    return text_of_page(content.partition(f'<section aria-labelledby="{name}">')[2].partition("</section>")[0].encode())


# Every page


@pytest.mark.parametrize("language", ["en", "es"])
def test_everything_in_the_vocabulary_has_a_whole_page(client, language):
    unwanted = []
    for each in subjects().values():
        response = client.get(f"/substances/{each.slug}/?lang={language}")
        content = response.content.decode()

        assert response.status_code == 200, each.slug
        assert re.findall(r'<section aria-labelledby="(\w+)">', content) == list(SECTIONS), each.slug
        shown = text_of_page(response.content)
        for kind in ("what", "signs", "helps"):
            if text := text_of(each, kind):
                assert text.said.in_language(language) in shown, (each.slug, kind)
        assert not re.search(r"<(ul|dl|p)[^>]*>\s*</\1>", content), each.slug  # nothing stands empty
        assert len(gzip.compress(response.content)) < MOST_BYTES
        unwanted += verdicts((each.slug, language, text) for text in texts_of_template(content))
    assert unwanted == []


def test_all_are_listed_by_class(client):
    response = client.get("/substances/")

    for slug in subjects():
        assert f'href="/substances/{slug}/"' in response.content.decode()
    assert len(gzip.compress(response.content)) < MOST_BYTES


def test_what_nobody_reviewed_says_so_and_what_was_reviewed_says_by_whom(client, monkeypatch):
    assert "Not yet reviewed by a clinician." in section(client, "mdma", "what")
    reviewed = replace(texts()["mdma", "what"], reviewed=Reviewed("A. Nurse", "2026-11-02"))
    monkeypatch.setattr("alerts.views.substances.text_of", lambda _, kind: reviewed if kind == "what" else None)

    said = section(client, "mdma", "what")
    assert "Reviewed by A. Nurse on Nov. 2, 2026." in said
    assert "Not yet" not in said


def test_sources_stand_with_what_rests_on_them(client):
    content = client.get("/substances/xylazine/").content.decode()

    assert 'href="https://pmc.ncbi.nlm.nih.gov/articles/PMC10544173"' in content
    steps = section(client, "xylazine", "steps")
    assert "partly our own words, after towardstheheart.com/active-alerts-bulletins" in steps
    assert "https://" not in steps


@pytest.mark.parametrize("slug", ["opioid", "fentanyl", "xylazine", "benzodiazepine", "cocaine", "naloxone"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_file_of_this_program_is_told_as_a_source(client, slug, language):
    content = client.get(f"/substances/{slug}/?lang={language}").content.decode()

    assert ("the rules of this network" if language == "en" else "las reglas de esta red") in content
    assert not re.search(r"(docs|checking)/|\.(md|csv)\b", content)


# Names


def test_a_name_that_can_mean_something_else_says_so(client):
    said = section(client, "fentanyl", "called")

    assert "M30 : may mean something else here: oxycodone and nitazenes" in said
    assert "benzo dope : a mix, also of benzodiazepines" in said
    assert "K2 : may mean something else here:" in section(client, "mdmb-4en-pinaca", "called")
    assert "fent, fetty" in said


def test_names_kept_for_matching_are_never_shown(client):
    kept = SubstanceName.objects.filter(kind="match_only")

    # A name that boasts, frightens or says it is another drug is found when somebody writes it, and not spread.
    assert {"gray death", "dr death", "gas station heroin"} <= {name.written for name in kept}
    for name in kept:
        of = name.substance or name.substance_class
        assert not re.search(rf"\b{re.escape(name.written)}\b", page(client, of.slug), re.IGNORECASE)
        found = client.get("/substances/", {"q": name.written})
        assert found["Location"] == f"/substances/{of.slug}/"  # found by it all the same


def test_how_to_say_it_is_told_where_somebody_wrote_it_down(client):
    assert "ZY-luh-zeen" in section(client, "xylazine", "say")
    assert "xi-la-CI-na" in section(client, "xylazine", "say", "?lang=es")
    assert "Letter by letter" in section(client, "1p-lsd", "say")
    assert "Nobody has written this down yet." in section(client, "acryl-fentanyl", "say")
    Substance.objects.filter(slug="xylazine").update(say_aloud="ZAI-la-zin")
    catalogue.forget()
    assert "ZAI-la-zin" in section(client, "xylazine", "say")


# Finding a page


@pytest.mark.parametrize(
    ("asked", "slug"),
    [("special k", "ketamine"), ("Fentanilo", "fentanyl"), ("nitazene", "nitazene"), ("crack", "cocaine-base")],
)
def test_a_name_people_use_leads_to_the_page(client, asked, slug):
    assert client.get("/substances/", {"q": asked, "lang": "es"})["Location"] == f"/substances/{slug}/?lang=es"


def test_a_synonym_in_the_address_moves_to_the_page(client):
    moved = client.get("/substances/special-k/?lang=es")

    assert (moved.status_code, moved["Location"]) == (301, "/substances/ketamine/?lang=es")
    assert client.get("/substances/3,4-MDMA/")["Location"] == "/substances/mdma/"


def test_a_name_of_several_asks_which_and_never_guesses(client):
    asked, addressed = client.get("/substances/?q=dope"), client.get("/substances/dope/")

    assert (asked.status_code, addressed.status_code) == (200, 404)
    for response in (asked, addressed):
        assert "This name can mean several things." in text_of_page(response.content)
        for slug in ("heroin", "fentanyl", "methamphetamine"):
            assert f'href="/substances/{slug}/"' in response.content.decode()
    assert "a mix of several" in text_of_page(client.get("/substances/?q=tusi").content)


def test_an_unknown_name_is_answered_with_the_nearest(client):
    for response in (client.get("/substances/fentnyl/"), client.get("/substances/?q=fentnyl")):
        assert "We do not know this name." in text_of_page(response.content)
        assert 'href="/substances/fentanyl/"' in response.content.decode()
    assert client.get("/substances/fentnyl/").status_code == 404
    assert client.get("/substances/%00/").status_code == 404
    assert client.get("/substances/?q=%00").status_code == 200


# What is around


def test_alerts_about_it_its_class_and_what_is_within_are_shown(client):
    say("Sold as cocaine, a lab found fentanyl", substances=("fentanyl",))
    say("A strip reacted to a nitazene", substances=(), classes=("nitazene",), reviewed=False)

    assert "a lab found fentanyl" in section(client, "fentanyl", "alerts")
    assert "a lab found fentanyl" in section(client, "opioid", "alerts")
    assert "a lab found fentanyl" not in section(client, "carfentanil", "alerts")
    assert "A strip reacted to a nitazene" in section(client, "isotonitazene", "alerts")
    assert "not yet reviewed" in section(client, "isotonitazene", "alerts")
    assert "That does not mean it is not around." in section(client, "xylazine", "alerts")
    assert "un laboratorio encontró fentanilo" in section(client, "fentanyl", "alerts", "?lang=es")


def test_what_is_over_and_drills_are_not_shown(client):
    say("This was a drill", drill=True)
    say_more(say("This was wrong"), "withdrawn")

    assert "No alert about this now." in section(client, "fentanyl", "alerts")


def test_one_can_follow_it(client):
    content = client.get("/substances/fentanyl/?lang=es").content.decode()

    for address in (
        "/?substance=fentanyl&amp;lang=es",
        "/alerts/feed.atom?substance=fentanyl&amp;lang=es",
        "/help/?lang=es",
    ):
        assert f'href="{address}"' in content
        assert client.get(unescape(address)).status_code == 200


def test_released_figures_stand_with_how_many_were_tested(client):
    make_cell(31, 7)
    make_cell(9, 2, area="us-va")
    make_cell(500, 400, period_start=date(2025, 1, 6))  # too long ago

    said = section(client, "xylazine", "trend")

    assert "found in 7 of 31 tested for it, 23" in said
    assert re.search(r"23\s%\. Interval 11\s% to 40\s%\.", said)  # by Wilson's formula
    assert "found in 2 of 9 tested for it. Interval" in said  # too few for a per cent
    assert "400" not in said
    assert "not a random draw" in said
    assert 'href="/trends/us-pa-allegheny/xylazine/"' in client.get("/substances/xylazine/").content.decode()


def test_families_of_methods_are_never_put_together(client):
    make_cell(31, 7, subject="fentanyl_type_opioid", family="strip")
    assert "a strip reacted in 7 of 31" in section(client, "fentanyl_type_opioid", "trend")
    content = client.get("/substances/fentanyl_type_opioid/").content.decode()
    assert 'href="/trends/us-pa-allegheny/fentanyl_type_opioid/?family=strip"' in content

    make_cell(20, 1, subject="fentanyl_type_opioid")
    said = section(client, "fentanyl_type_opioid", "trend")
    assert "found in 1 of 20" in said
    assert "7 of 31" not in said


def test_nothing_released_is_said_in_so_many_words(client):
    assert "That says nothing of what is around." in section(client, "xylazine", "trend")


# How the page is served


def test_the_number_of_queries_stays_the_same(client):
    def asked(slug: str) -> int:
        client.get(f"/substances/{slug}/")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/substances/{slug}/")
        return len(queries)

    make_cell(31, 7)
    say(substances=("xylazine",))
    few = asked("xylazine")
    for number in range(MOST_AREAS + 2):
        make_cell(40, 7, area="us-va" if number % 2 else "us-pa", batch=number, period_start=date(2026, 11, 2))
        say(f"Alert {number}", substances=("xylazine",))

    assert asked("xylazine") == few <= 8
    assert "There are more." in section(client, "xylazine", "alerts")


@pytest.mark.parametrize("address", ["/substances/", "/substances/fentanyl/", "/substances/opioid/"])
def test_pages_are_kept_by_tag_and_ask_for_no_cookie_script_or_third_party(client, address):
    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first["ETag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert first["Cache-Control"] == "public, max-age=60"
    assert "Accept-Language" in first["Vary"]
    assert not first.cookies
    content = first.content.decode()
    assert "<script" not in content
    assert not re.search(r'(?:src|srcset)="https?:|<link[^>]+href="https?:', content)
    say()
    assert client.get("/substances/fentanyl/")["ETag"] != first["ETag"]


def test_other_pages_lead_there(client):
    make_cell(31, 7)
    alert = say(substances=("fentanyl",), classes=("fentanyl_type_opioid", "opioid")).alert_id
    code = submit(sample_body(strip_body("absent"), lab_body(("fentanyl",))), make_site()).code

    for slug, content in (
        ("", client.get("/about/").content),
        ("fentanyl/", client.get(f"/alerts/{alert}/").content),
        ("fentanyl/", client.post("/results/", {"code": code}).content),
        ("fentanyl_type_opioid/", client.get("/methods/fentanyl-strip/").content),
        ("carfentanil/", client.get("/methods/fentanyl-strip/").content),
        ("xylazine/", client.get("/trends/us-pa-allegheny/xylazine/").content),
    ):
        assert f'href="/substances/{slug}"' in content.decode(), slug
    only_a_class = say(substances=(), classes=("nitazene",)).alert_id
    assert 'href="/substances/nitazene/"' in client.get(f"/alerts/{only_a_class}/").content.decode()
