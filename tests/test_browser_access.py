"""No page keeps anyone out: every page goes through axe-core, on a phone and on a desk, light and dark."""

import itertools
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from alerts.form_tokens import QUICKEST_SECONDS
from tests.browser import (
    DESK,
    PHONE,
    barriers,
    colours,
    complaints,
    needs_browser,
    open_browser,
    resize,
    send_with,
    sideways,
    tap_to_next_page,
)
from tests.factories import PASSWORD
from tests.servers import LiveHeadsup

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.timeout(300), needs_browser]

LOOKS = ((PHONE, "light"), (DESK, "dark"))
IN_SPANISH = ("fentanyl in cocaine", "methods that differ", "corrected")
PUBLIC = (
    "/", "/?area=nowhere", "/?area=us-va", "/?lang=es", "/trends/", "/trends/?lang=es",
    "/trends/us-pa-allegheny/xylazine/", "/trends/us-pa-allegheny/xylazine/?family=strip",
    "/trends/us-pa-allegheny/fentanyl/?lang=es", "/trends/us-pa-allegheny/expected/",
    "/trends/us-pa-allegheny/together/", "/trends/us-pa-allegheny/amounts/", "/trends/us-pa/xylazine/areas/",
    "/trends/us-pa-allegheny/xylazine/beside/?with_setting=event", "/trends/us-pa-allegheny/xylazine/ar/",
    "/help/", "/help/?area=us-va", "/help/?open_now=true", "/results/", "/about/",
    "/about/data/", "/about/record/", "/wall/", "/ar/", "/nothing-here/", "/staff/sign-in/", "/staff/link/nothing/",
    "/substances/", "/substances/?q=dope&lang=es", "/substances/fentanyl/", "/substances/xylazine/?lang=es",
    "/substances/fentnyl/",
)  # fmt: skip
STAFF = (
    "/staff/", "/staff/?day=2026-01-01", "/staff/new/", "/staff/password/", "/desk/",
    "/staff/figures/?substance=fentanyl&interval=day", "/staff/figures/sites/?substance=fentanyl",
    "/staff/exports/new/", "/staff/exports/", "/staff/second/",
    "/staff/services/", "/staff/services/new/", "/staff/services/import/",
    "/staff/services/at/s0/",
)  # fmt: skip
SAMPLES = ("fentanyl in cocaine", "corrected", "nothing yet")


@dataclass
class Network:
    server: LiveHeadsup
    codes: dict[str, str]
    samples: dict[str, str]


@pytest.fixture(scope="module")
def network(databases, tmp_path_factory) -> Iterator[Network]:
    """Behind a proxy of its own, so that codes can be looked up as if from several places."""
    server = LiveHeadsup(tmp_path_factory.mktemp("access"), {**databases.fresh(), "TRUSTED_PROXIES": "1"})
    said = server.manage("shell", "-v", "0", "-c", "from tests.everything_shown import fill; fill()").stdout
    found = json.loads(said.strip().splitlines()[-1])
    server.start()
    yield Network(server, found["codes"], found["samples"])
    server.stop()


class Walk:
    """Goes from page to page and notes what is wrong with each."""

    def __init__(self, driver, url: str) -> None:
        self.driver = driver
        self.url = url
        self.wrong: dict[str, list[str]] = {}
        self.pages = 0
        self._places = itertools.count(1)

    def go(self, path: str) -> None:
        self.driver.get(self.url + path)

    def come_from_elsewhere(self, language: str = "en") -> None:
        send_with(self.driver, **{"X-Forwarded-For": f"192.0.2.{next(self._places)}", "Accept-Language": language})

    def type(self, css: str, text: str) -> None:
        self.driver.find_element("css selector", css).send_keys(text)

    def send(self, css: str) -> None:
        """Tap, and wait for the page that comes."""
        tap_to_next_page(self.driver, css)

    def look(self, name: str) -> None:
        """At the page that is open, in every look. A status of 400 and up is the page's own business."""
        for number, (size, scheme) in enumerate(LOOKS):
            resize(self.driver, size)
            colours(self.driver, scheme)
            found = [f"{scheme}, {size[0]} px: {each}" for each in barriers(self.driver, of_looks=number > 0)]
            found += (
                [f"{size[0]} px: wider than the screen by {over} px"] if (over := sideways(self.driver)) > 0 else []
            )
            if found:
                self.wrong.setdefault(name, []).extend(found)
        said = [each for each in complaints(self.driver) if "the server responded with a status" not in each]
        if said:
            self.wrong.setdefault(name, []).extend(said)
        self.pages += 1

    def at(self, *paths: str) -> None:
        for path in paths:
            self.go(path)
            self.look(path)


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with open_browser(PHONE) as driver:
        yield driver


@pytest.fixture
def walk(browser, network) -> Walk:
    walk = Walk(browser, network.server.url)
    walk.come_from_elsewhere()
    return walk


def test_pages_for_everyone_keep_nobody_out(walk):
    walk.go("/?state=all")
    alerts = set(re.findall(r'href="(/alerts/[0-9a-f-]{36}/)', walk.driver.page_source))

    walk.at(*PUBLIC, *alerts)

    assert walk.wrong == {}
    assert len(alerts) >= 1


def test_every_kind_of_result_keeps_nobody_out(walk, network):
    spoken = [(name, code, "en") for name, code in network.codes.items()]
    spoken += [(f"{name}, in Spanish", network.codes[name], "es") for name in IN_SPANISH]
    for name, code, language in [*spoken, ("a wrong code", "AAAA-AAAA-AAAA", "en")]:
        walk.come_from_elsewhere(language)
        walk.go("/results/")
        walk.type("#code", code)
        walk.send("main form button")
        walk.look(name)

    assert walk.wrong == {}
    assert walk.pages == len(spoken) + 1


def test_telling_what_one_saw_keeps_nobody_out(walk):
    walk.go("/")
    address = re.findall(r'href="(/alerts/[0-9a-f-]{36}/)', walk.driver.page_source)[0]
    for language in ("en", "es"):
        walk.come_from_elsewhere(language)
        walk.at(f"{address}seen/")
        walk.send("main form button")
        walk.look(f"nothing marked, {language}")
        walk.driver.find_element("css selector", "label[for=saw-3]").click()
        time.sleep(QUICKEST_SECONDS + 0.5)  # as long as a person takes at least
        walk.send("main form button")
        walk.look(f"thanks, {language}")
        walk.send("section.back button")
        walk.look(f"taken back, {language}")
    assert walk.wrong == {}
    assert walk.pages == 8


def sign_in(walk: Walk) -> None:
    walk.go("/staff/sign-in/")
    walk.type("#id_login", "ada")
    walk.type("#id_password", PASSWORD)
    walk.send("form.narrow button")


def links(walk: Walk, pattern: str) -> list[str]:
    return list(dict.fromkeys(re.findall(rf'href="({pattern})"', walk.driver.page_source)))


def test_staff_pages_keep_nobody_out(walk, network):
    sign_in(walk)

    walk.at(*STAFF)
    for name in SAMPLES:
        sample = f"/staff/samples/{network.samples[name]}/"
        walk.at(sample, f"{sample}add/", f"{sample}card/")
    walk.go(f"/staff/samples/{network.samples['fentanyl in cocaine']}/")
    walk.at(*links(walk, "/staff/results/[0-9a-f-]+/correct/"))
    walk.go("/desk/")
    signals, alerts = links(walk, "/staff/review/signals/[0-9]+/"), links(walk, "/staff/review/alerts/[0-9a-f-]+/")
    walk.at(signals[0], *alerts, f"{alerts[0]}edit/")
    walk.go("/staff/new/")
    walk.type("#id_expected_other", "qwxzzy")
    walk.driver.execute_script("document.querySelector('form[data-entry]').submit()")
    walk.look("a mistake in the form")

    assert walk.wrong == {}


def test_axe_finds_what_keeps_people_out(walk):
    """The check itself: a page with three faults of three kinds."""
    walk.go("/about/")
    faulty = '<img src="/x.png"><input><p>Too pale to read.</p>'
    walk.driver.execute_script("document.querySelector('main').insertAdjacentHTML('beforeend', arguments[0])", faulty)
    walk.driver.execute_script("document.querySelector('main > p:last-child').style = 'color: #999; background: #fff'")

    found = " ".join(barriers(walk.driver))

    assert all(rule in found for rule in ("image-alt", "label", "color-contrast"))
