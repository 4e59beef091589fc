"""The pages on which everyone can read how results are read."""

import re
from dataclasses import replace
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from alerts.views.methods import MIXES
from checking.guidance import rows_of
from checking.method_rules import Reviewed, rules
from checking.method_sheets import sheets
from config.public_tables import PUBLIC_TABLES
from tests.factories import make_site, make_vocabulary, submit
from tests.readings_by_hand import methods
from tests.sending import sample_body, strip_body

SLUGS = sorted(methods())


@pytest.fixture(autouse=True)
def _world(db) -> None:
    make_vocabulary()


def text_of(response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def test_every_method_is_listed_and_has_its_page(client):
    page = client.get("/methods/").content.decode()

    for slug in SLUGS:
        assert f'href="/methods/{slug}/"' in page
        assert client.get(f"/methods/{slug}/").status_code == 200


def test_an_unknown_method_is_kindly_not_there(client):
    assert client.get("/methods/crystal-ball/").status_code == 404


def test_every_rule_is_shown_with_its_evidence(client):
    page = client.get("/methods/").content.decode()

    for slug in rules():
        assert f'id="{slug}"' in page
    assert (
        "FTIR saw no fentanyl in 38 of 100 samples where a strip reacted; some of those strips may have been wrong"
        in (text_of(client.get("/methods/")))
    )


def test_what_nobody_reviewed_says_so_and_what_was_reviewed_says_by_whom(client, monkeypatch):
    assert "Not yet reviewed by a chemist." in text_of(client.get("/methods/raman/"))
    reviewed = replace(sheets()["raman"], reviewed=Reviewed("A. Chemist", "2026-11-02"))
    monkeypatch.setattr("alerts.views.methods.sheets", lambda: {"raman": reviewed})

    assert "Reviewed by A. Chemist on" in text_of(client.get("/methods/raman/"))


def test_the_limit_and_the_cut_off_of_a_strip_stand_apart(client):
    page = text_of(client.get("/methods/fentanyl-strip/"))

    assert "Limit of detection, measured: 200 ng/mL" in page
    assert "Cut-off, as the maker states it: 20 ng/mL" in page
    assert "10 mg in 50 mL: from 0.1 %" in page  # FIELD's worked example: 200 ng/mL at 0.2 mg/mL


def test_the_mix_of_the_retest_is_among_those_shown():
    from checking.advising import RETEST_MG, RETEST_ML

    assert (RETEST_MG, RETEST_ML) in MIXES


def test_field_figures_confusers_and_misses_stand_with_their_sources(client):
    xylazine, page = text_of(client.get("/methods/xylazine-strip/")), client.get("/methods/fentanyl-strip/")

    assert "It saw 54 of 100 samples that held it." in xylazine
    assert "In 87 of 100 samples without it, it rightly saw none." in xylazine
    assert "Carfentanil : not seen at 1,000 ng/mL or less" in text_of(page)
    assert "Methamphetamine (from 1 mg/mL)" in text_of(page)
    assert 'href="https://doi.org/10.1186/s12954-021-00478-4"' in page.content.decode()


def test_what_has_no_figure_is_named_and_says_so(client):
    page = text_of(client.get("/methods/gc-ms/"))

    assert "Looked for too, with no figure that holds everywhere: opioids, opioid antagonists" in page


@pytest.mark.parametrize("slug", SLUGS)
def test_a_page_names_all_that_its_method_misses_and_is_confused_by(client, slug):
    facts = methods()[slug]

    page = text_of(client.get(f"/methods/{slug}/")).lower()

    for fact in (*facts.misses, *facts.confusions):
        assert fact.subject.name.lower() in page
    if not facts.misses:
        assert "that does not mean it misses nothing." in page


@pytest.mark.parametrize("slug", SLUGS)
def test_spanish_is_spoken_throughout(client, slug):
    english, spanish = (text_of(client.get(f"/methods/{slug}/?lang={code}")) for code in ("en", "es"))

    assert sheets()[slug].can_say.es in spanish
    assert sheets()[slug].cannot_say.es in spanish
    for heading in ("What it misses, by name", "What may confuse it", "Rules that apply", "Not yet reviewed"):
        assert heading in english
        assert heading not in spanish


def test_every_reason_has_its_spanish():
    for name in ("method_misses.csv", "method_confusers.csv"):
        for row in rows_of(name):
            assert row["why"], row
            assert row["why_es"], row


@pytest.mark.parametrize("address", ["/methods/", "/methods/ftir/"])
def test_pages_are_kept_by_tag_and_ask_for_no_cookie_or_script(client, address):
    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first["ETag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert first["Cache-Control"] == "public, max-age=300"
    assert "Accept-Language" in first["Vary"]
    assert not first.cookies
    assert "<script" not in first.content.decode()
    assert client.get(f"{address}?lang=es")["ETag"] != first["ETag"]


def test_pages_read_reference_data_and_no_sample(client):
    with CaptureQueriesContext(connection) as queries:
        client.get("/methods/fentanyl-strip/")
        client.get("/methods/")

    tables = set(re.findall(r'(?:from|join) "(\w+)"', " ".join(each["sql"] for each in queries), re.IGNORECASE))
    assert tables <= PUBLIC_TABLES


def test_the_footer_leads_there_from_every_page(client):
    assert 'href="/methods/"' in client.get("/about/").content.decode()
    with override("es"):
        assert 'href="/methods/?lang=es"' in client.get("/about/?lang=es").content.decode()


def test_a_result_links_to_what_its_method_can_and_cannot_tell(client):
    receipt = submit(sample_body(strip_body("clear")), make_site())

    page = client.post("/results/?lang=es", {"code": receipt.code}).content.decode()

    assert 'href="/methods/fentanyl-strip/?lang=es"' in page
