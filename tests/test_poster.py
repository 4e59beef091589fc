"""The poster: one alert on one sheet, in the order in which it is needed, with its fate across the top."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from lxml import etree

from alerts import lifecycle, messages
from alerts.showing import show
from alerts.views.poster import SIZES, size_for
from checking import area_tree, catalogue
from checking.models import Network, User
from tests.alerting import approve, body_of, draft, make_reviewers, publish
from tests.browser import DESK, barriers, complaints, needs_browser, open_browser
from tests.factories import make_person, make_vocabulary
from tests.servers import LiveHeadsup

PAPERS = {"A4": (8.27, 11.69), "Letter": (8.5, 11.0)}  # inches


@pytest.fixture(autouse=True)
def _fresh_tree():
    area_tree.forget()


def sheet(client: Any, alert: Any, **asked: str) -> str:
    answer = client.get(f"/alerts/{alert.pk}/poster/", asked)
    assert answer.status_code == 200
    assert not answer.cookies
    return re.sub(r"\s+", " ", answer.content.decode())


def fullest() -> dict[str, Any]:
    """The longest that rules and people compose: six drugs of five kinds, traces of residue, a long name."""
    make_vocabulary()
    known = catalogue.current()
    found = ("fentanyl", "n-desethyl-isotonitazene", "medetomidine", "xylazine", "bromazolam", "methamphetamine")
    facts = messages.Facts(
        kind="lab",
        expected=tuple(known.subject(slug) for slug in ("alprazolam", "oxycodone")),
        found=tuple(known.subject(slug) for slug in found),
        area="us-pa-allegheny",
        area_name="Allegheny",
        week="2026-W47",
        rung="confirmed",
        network="Allegheny County Drug Checking Network",
        samples=12,
        sites=3,
        techniques=3,
        level="warning",
        is_reviewed=True,
        is_trace=True,
        is_residue=True,
    )
    return messages.compose(facts)


def publish_body(level: str, body: dict[str, Any], **other: Any) -> Any:
    ben, ada = make_reviewers()
    alert = draft(level, **other)
    lifecycle.edit(alert, by=ben, level=level, body=body)
    approve(alert, ben)
    approve(alert, ada)
    lifecycle.publish(alert, by=ben)
    return alert


# What stands on it


@pytest.mark.django_db
def test_it_says_what_helps_before_what_was_found_and_how_sure(client):
    page = sheet(client, publish("warning"))

    order = [
        "Warning",
        "Sold as cocaine, a lab found fentanyl",
        "Allegheny · week of Nov. 16, 2026",
        "Start with a small",
    ]
    order += ["Confirmed by a lab", "Signs of trouble", "What helps in trouble", "What a strip would not show"]
    order += ["Take down after", "Headsup, reviewed by people"]
    places = [page.index(words, page.index("<article")) for words in order]
    assert places == sorted(places)
    assert "not yet reviewed" not in page


@pytest.mark.django_db
def test_it_speaks_spanish(client):
    page = sheet(client, publish("warning"), lang="es")

    assert "Vendido como cocaína, un laboratorio encontró fentanilo" in page
    assert "Empiece con poca cantidad y espere." in page
    assert '<html lang="es"' in page


@pytest.mark.django_db
def test_what_one_person_let_out_says_so(client):
    ben, _ = make_reviewers()
    alert = draft("warning", by=ben)
    approve(alert, ben)
    lifecycle.publish_by_fast_lane(alert, by=ben)

    assert "not yet reviewed" in sheet(client, alert)


@pytest.mark.django_db
def test_what_was_taken_back_or_is_over_says_so_across_the_top(client, time_machine_at_end):
    ben, _ = make_reviewers()
    standing, withdrawn, ended = (publish() for _ in range(3))
    lifecycle.withdraw_alert(withdrawn, by=ben, because="A mix-up")
    lifecycle.end_alert(ended, by=ben)

    assert "across" not in sheet(client, standing)
    assert '<p class="across">WITHDRAWN. This was wrong. Take this sheet down.</p>' in sheet(client, withdrawn)
    assert "<del>Sold as cocaine" in sheet(client, withdrawn)
    assert '<p class="across">OVER. ' in sheet(client, ended)
    assert "Take down after" not in sheet(client, ended)
    time_machine_at_end(standing)
    assert '<p class="across">OVER. ' in sheet(client, standing)


@pytest.fixture
def time_machine_at_end():
    import time_machine

    made: list[Any] = []

    def travel(alert: Any) -> None:
        traveller = time_machine.travel(alert.expires_at + timedelta(seconds=1), tick=True)
        traveller.start()
        made.append(traveller)

    yield travel
    for each in made:
        each.stop()


@pytest.mark.django_db
def test_a_simulated_network_says_so_on_the_sheet(client):
    alert = publish()
    Network.objects.update_or_create(pk=Network.ROW, defaults={"simulated": True})

    assert '<p class="across">Simulated data:' in sheet(client, alert)


@pytest.mark.django_db
def test_a_drill_is_printed_by_staff_alone_and_says_it_is_one(client):
    drill, live = publish(is_drill=True), publish()
    make_person("ada")
    path = f"/staff/drills/{drill.pk}/poster/"

    assert client.get(path).status_code == 302
    assert client.get(f"/alerts/{drill.pk}/poster/").status_code == 404
    client.force_login(User.objects.get(username="ada"), "allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(path).content.decode()

    assert '<p class="across">DRILL. This is an exercise; nothing was found.</p>' in page
    assert "qr.svg" not in page, "its code would lead nowhere"
    assert client.get(f"/staff/drills/{live.pk}/poster/").status_code == 404


@pytest.mark.django_db
def test_the_code_is_a_picture_of_its_own_with_nothing_active_in_it(client):
    one, other = publish(), publish()

    answer = client.get(f"/alerts/{one.pk}/qr.svg")

    root = etree.fromstring(answer.content)
    assert answer["Content-Type"] == "image/svg+xml"
    assert {element.tag.rsplit("}")[1] for element in root.iter()} == {"svg", "path"}
    assert answer.content != client.get(f"/alerts/{other.pk}/qr.svg").content
    assert f"/alerts/{one.pk}/qr.svg" in sheet(client, one)


@pytest.mark.django_db
def test_the_page_asks_for_nothing_the_content_policy_refuses(client):
    page = sheet(client, publish())

    assert not re.search(r"<style|<script| style=|\son\w+=", page)


@pytest.mark.django_db
def test_the_more_there_is_to_say_the_smaller_the_letters():
    short, full = body_of_payload(body_short()), body_of_payload(fullest())

    assert SIZES[0] >= size_for(short) > size_for(full) >= 8
    assert size_for(short, across=3) < size_for(short)


def body_short() -> dict[str, Any]:
    draft()
    return body_of()


def body_of_payload(body: dict[str, Any]) -> Any:
    alert = {"id": "x", "level": "warning", "headline": "", "areas": [], "texts": {}}
    alert["texts"] = {language: {"blocks": block} for language, block in body["blocks"].items()}
    return show({"kind": "published", "at": timezone.now().isoformat(), "alert": alert})


# On paper


@dataclass
class Printed:
    server: LiveHeadsup
    alerts: dict[str, str]


FILL = """
import json
from alerts import lifecycle
from tests.alerting import approve, draft, make_reviewers, publish
from tests.test_poster import fullest, publish_body
from checking.models import Network, User
ben, ada = make_reviewers()
found = {"usual": publish("caution").pk}
found["fullest"] = publish_body("warning", fullest()).pk
withdrawn = publish_body("warning", fullest())
lifecycle.withdraw_alert(withdrawn, by=ben, because="Two samples were mixed up.")
found["fullest, withdrawn"] = withdrawn.pk
Network.objects.update_or_create(pk=Network.ROW, defaults={"simulated": True})
print("FOUND" + json.dumps({name: str(pk) for name, pk in found.items()}))
"""


@pytest.fixture(scope="module")
def printed(databases, tmp_path_factory) -> Iterator[Printed]:
    urls, said = databases.filled(FILL)
    server = LiveHeadsup(tmp_path_factory.mktemp("poster"), urls).start()
    yield Printed(server, json.loads(said.split("FOUND")[1]))
    server.stop()


IN_A_BROWSER = [pytest.mark.browser, pytest.mark.servers, pytest.mark.timeout(300), needs_browser]
COLOURS = """
return [...document.querySelectorAll('.poster, .poster *')].flatMap(e => {
  const s = getComputedStyle(e);
  return e.closest('figure') ? [] : [s.color, s.backgroundColor, s.borderTopColor, s.borderInlineStartColor];
});
"""


class TestOnPaper:
    pytestmark = IN_A_BROWSER

    @pytest.mark.parametrize("language", ["en", "es"])
    def test_it_fits_one_side_of_either_paper(self, printed, language):
        sides = {}
        with open_browser(DESK) as driver:
            for name, alert in printed.alerts.items():
                driver.get(f"{printed.server.url}/alerts/{alert}/poster/?lang={language}")
                for paper, size in PAPERS.items():
                    sides[name, paper] = sides_of(driver, *size)
            driver.execute_script("document.querySelector('.poster').classList.replace('pt-8', 'pt-14')")
            too_large = sides_of(driver, *PAPERS["A4"])

        assert sides == dict.fromkeys(sides, 1)
        assert too_large > 1, "the count of sides would not tell"

    def test_it_is_black_on_white_and_needs_no_colour(self, printed):
        with open_browser(DESK) as driver:
            driver.get(f"{printed.server.url}/alerts/{printed.alerts['usual']}/poster/")
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
            colours = {tuple(map(int, re.findall(r"\d+", each)[:3])) for each in driver.execute_script(COLOURS)}
            seen = driver.execute_script(
                "return [...document.querySelectorAll('.top, .bottom, .doors')].map(e => getComputedStyle(e).display)"
            )

        assert {(0, 0, 0), (255, 255, 255)} >= colours
        assert set(seen) == {"none"}

    def test_nobody_is_kept_out_on_the_screen(self, printed):
        with open_browser() as driver:
            driver.get(f"{printed.server.url}/alerts/{printed.alerts['fullest, withdrawn']}/poster/")

            assert barriers(driver) == []
            assert complaints(driver) == []
            assert driver.execute_script("return document.querySelector('figure img').naturalWidth") > 0


def sides_of(driver: Any, width: float, height: float) -> int:
    paper = {"paperWidth": width, "paperHeight": height, "printBackground": False}
    written = base64.b64decode(driver.execute_cdp_cmd("Page.printToPDF", paper)["data"])
    return len(re.findall(rb"/Type\s*/Page\b", written))
