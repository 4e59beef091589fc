"""The wall screen: the gravest first, readable from the door, and honest about how old it is."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from alerts import lifecycle
from checking import area_tree
from checking.models import Network
from tests.alerting import make_reviewers, publish
from tests.browser import DESK, PHONE, barriers, complaints, needs_browser, open_browser, resize, sideways
from tests.factories import make_vocabulary
from tests.living import living
from tests.living import publish as publish_there
from tests.said import say
from tests.servers import LiveHeadsup
from tests.test_live_page import until

TELEVISION = (1920, 1080)
IN_A_BROWSER = [pytest.mark.browser, pytest.mark.servers, pytest.mark.timeout(300), needs_browser]
# A clock that a test can put forward.
CLOCK = "const real = Date.now.bind(Date); window.ahead = AHEAD; Date.now = () => real() + window.ahead;"
OUT_OF_SIGHT = """
const cut = [...document.querySelectorAll('.card')].filter(card => card.scrollHeight > card.clientHeight + 1);
return [document.documentElement.scrollHeight - innerHeight, cut.length];
"""
AT_THE_RIGHT = """
const mark = getComputedStyle(document.querySelector('.now'));
const [brand, languages] = ['.brand', '.languages'].map(css => document.querySelector(css).getBoundingClientRect());
return [parseFloat(mark.borderRightWidth) > parseFloat(mark.borderLeftWidth), brand.left > languages.right];
"""
WALL_ALERTS = """
from tests.alerting import publish
from tests.test_poster import fullest, publish_body
publish_body("warning", fullest())
for level in ("warning", "caution", "caution", "notice", "notice", "notice"):
    publish(level)
"""


@pytest.fixture(autouse=True)
def _fresh_tree():
    area_tree.forget()


def seen(client: Any, path: str = "/wall/", **asked: str) -> str:
    answer = client.get(path, asked)
    assert answer.status_code == 200
    assert not answer.cookies
    return re.sub(r"\s+", " ", answer.content.decode())


def headlines(page: str) -> list[str]:
    return re.findall(r"<article.*?<h2>(.*?)</h2>", page)


@pytest.mark.django_db
def test_the_gravest_come_first_then_the_newest(client):
    make_vocabulary()
    now = timezone.now()
    for hours, level in ((1, "notice"), (2, "warning"), (3, "caution"), (4, "warning")):
        say(f"{level} {hours} hours ago", level=level, at=now - timedelta(hours=hours))

    assert headlines(seen(client)) == [
        "warning 2 hours ago", "warning 4 hours ago", "caution 3 hours ago", "notice 1 hours ago",
    ]  # fmt: skip


@pytest.mark.django_db
def test_level_is_a_word_and_a_shape_beside_its_colour(client):
    publish("warning")

    page = seen(client)

    assert re.search(r'class="level level-warning"><svg .*?</svg>Warning</span>', page)


@pytest.mark.django_db
def test_what_nobody_could_read_from_the_door_is_a_number(client):
    make_vocabulary()
    for at in range(8):
        say(f"Alert {at}")

    page = seen(client)

    assert len(headlines(page)) == 6
    assert "And 2 more alerts." in page


@pytest.mark.django_db
def test_a_wall_can_be_of_one_area(client):
    make_vocabulary()
    say("In Allegheny", area="us-pa-allegheny")
    say("In Virginia", area="us-va")

    page = seen(client, "/wall/us-pa/")

    assert headlines(page) == ["In Allegheny"]
    assert "Pennsylvania" in page
    assert "/ws/alerts/?after=2&amp;area=us-pa" in page
    assert client.get("/wall/atlantis/").status_code == 404
    assert client.get("/wall/us-pa/qr.svg").content != client.get("/wall/qr.svg").content


@pytest.mark.django_db
def test_silence_is_not_an_all_clear(client):
    page = seen(client)

    assert "No notice now.</h2><p>That does not mean nothing is there.</p>" in page
    assert 'class="card quiet" hidden' not in page
    publish()
    assert 'class="card quiet" hidden' in seen(client)


@pytest.mark.django_db
def test_drills_and_what_is_over_are_on_no_wall(client):
    publish(is_drill=True)
    alert = publish()
    lifecycle.end_alert(alert, by=make_reviewers()[0])

    assert headlines(seen(client)) == []


@pytest.mark.django_db
def test_it_stays_fresh_and_says_its_age_without_scripts(client):
    page = seen(client)

    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in page
    assert re.search(r'<p id="as-of"[^>]*>As of .* UTC</p>', page)
    assert not re.search(r"<style|<script>| style=|\son\w+=", page)


@pytest.mark.django_db
def test_what_is_not_reviewed_or_not_real_says_so(client):
    make_vocabulary()
    say(reviewed=False)
    Network.objects.update_or_create(pk=Network.ROW, defaults={"simulated": True})

    page = seen(client)

    assert "not yet reviewed" in page
    assert "Simulated data:" in page


@pytest.mark.django_db
def test_it_speaks_spanish(client):
    publish()

    assert "Vendido como cocaína, un laboratorio encontró fentanilo" in seen(client, lang="es")


# In Arabic


@pytest.mark.django_db
def test_the_page_in_arabic_is_arabic_from_right_to_left(client):
    answer = client.get("/ar/")

    page = answer.content.decode()
    assert '<html lang="ar" dir="rtl">' in page
    assert answer["Content-Language"] == "ar"
    assert not answer.cookies
    for words in ("الخيار لكم", "النالوكسون", "نفَسًا كل 6 ثوانٍ", "مددوه على جنبه"):
        assert words in page
    latin = re.sub(r"<[^>]+>", " ", page.partition("</header>")[2])
    assert re.findall(r"[A-Za-z]{2,}", latin) == [], "no English is left in the text"


@pytest.fixture(scope="module")
def server(databases: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHeadsup]:
    server = living(databases, tmp_path_factory.mktemp("wall")).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def full(databases: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHeadsup]:
    """A server with more alerts than a wall holds, the longest among them."""
    server = living(databases, tmp_path_factory.mktemp("full"), script=WALL_ALERTS).start()
    yield server
    server.stop()


class TestInABrowser:
    pytestmark = IN_A_BROWSER

    def test_a_new_alert_appears_by_itself(self, server):
        with open_browser(TELEVISION) as driver:
            driver.get(f"{server.url}/wall/us-pa/")
            until(lambda: "Live." in driver.page_source)
            before = cards(driver)

            publish_there(server)

            until(lambda: cards(driver) == before + 1)
            assert complaints(driver) == []

    def test_it_says_in_large_letters_how_long_it_has_been_out_of_touch(self, server):
        with open_browser(TELEVISION) as driver:
            open_at(driver, f"{server.url}/wall/", ahead=0)
            until(lambda: "Live." in driver.page_source)
            server.kill()
            try:
                until(lambda: "Not live." in driver.page_source)
                assert not lost(driver), "a minute is no reason to alarm the room"

                driver.execute_script("window.ahead = 7.5 * 60e3")
                until(lambda: lost(driver) == "Out of touch for 7 minutes. There may be news that is not here.")
                size = driver.execute_script(
                    "return parseFloat(getComputedStyle(document.querySelector('#lost')).fontSize)"
                )
                assert size >= 40
                driver.execute_script("window.ahead = 3.5 * 3600e3")
                until(lambda: lost(driver).startswith("Out of touch for 3 hours."))
            finally:
                server.start()
            until(lambda: not lost(driver), seconds=60)

    def test_what_runs_out_is_taken_down_by_the_clock_of_the_server(self, server):
        publish_there(server)
        with open_browser(TELEVISION) as driver:
            open_at(driver, f"{server.url}/wall/", ahead=100 * 86400e3)  # a screen whose clock is months ahead
            time.sleep(1.5)
            assert cards(driver) > 0

            driver.execute_script("window.ahead += 20 * 86400e3")  # three weeks later; a notice stands for two

            until(lambda: cards(driver) == 0)
            assert "No notice now." in driver.find_element("css selector", "#alerts").text

    @pytest.mark.parametrize("size", [TELEVISION, (1280, 720), (3840, 2160)], ids=str)
    def test_everything_is_in_sight_on_a_television(self, full, size):
        with open_browser(size) as driver:
            driver.get(f"{full.url}/wall/")
            until(lambda: "Live." in driver.page_source)

            assert driver.execute_script(OUT_OF_SIGHT) == [0, 0]
            assert cards(driver) == 6

    def test_nobody_is_kept_out(self, full):
        with open_browser(DESK) as driver:
            for path in ("/wall/", "/wall/us-va/", "/ar/"):
                for size in (DESK, PHONE):
                    resize(driver, size)
                    driver.get(full.url + path)
                    assert barriers(driver) == [], path
                    assert sideways(driver) <= 0, path
            assert complaints(driver) == []

    def test_without_scripts_it_comes_back_by_itself(self, full):
        with open_browser(DESK, scripts=False) as driver:
            driver.get(f"{full.url}/wall/")

            assert "As of" in driver.find_element("css selector", "#as-of").text
            assert len(driver.find_elements("css selector", "#alerts article")) == 6

    def test_arabic_begins_at_the_right(self, full):
        with open_browser(DESK) as driver:
            driver.get(f"{full.url}/ar/")

            assert driver.execute_script(AT_THE_RIGHT) == [True, True]


def cards(driver: Any) -> int:
    return driver.execute_script("return document.querySelectorAll('#alerts article:not([hidden])').length")


def lost(driver: Any) -> str:
    return driver.execute_script("const e = document.querySelector('#lost'); return e.hidden ? '' : e.textContent")


def open_at(driver: Any, address: str, *, ahead: float) -> None:
    source = CLOCK.replace("AHEAD", str(ahead))
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})
    driver.get(address)
