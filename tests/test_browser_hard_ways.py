"""Whole journeys the hard way: enlarged four times, by keyboard, without scripts, cookies, pictures, on a slow line."""

from collections.abc import Iterator

import pytest

from tests.browser import needs_browser, open_browser, sideways, until
from tests.servers import LiveHeadsup

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.timeout(240), needs_browser]

ENLARGED = (320, 256)  # what 400 % leaves of a window of 1280 by 1024 (WCAG 2.2, 1.4.10)
FIGURE = "/trends/us-pa-allegheny/xylazine/"
JOURNEYS = {
    # where it begins, the field written into and what, and what must stand there at the end
    "alerts": ("/", "", "", "main h1"),
    "trends": ("/trends/", "#substance", "xylazine", "main table"),
    "help": ("/help/?area=us-pa-allegheny", "", "", "main h1"),
    "results": ("/results/", "#code", "AAAA-AAAA-AAAA", "main [role=alert]"),
}
SLOW = {
    "offline": False,
    "latency": 600,  # ms there and back
    "downloadThroughput": 0.26e6 / 8,  # bytes a second: 0.26 Mbit/s
    "uploadThroughput": 0.26e6 / 8,
}
TEXT_WITHIN = 3.0  # seconds
# When the first text was painted, in ms after the address was asked for.
PAINTED = "return (performance.getEntriesByName('first-contentful-paint')[0] || {}).startTime || 0"


@pytest.fixture(scope="module")
def server(databases, tmp_path_factory) -> Iterator[LiveHeadsup]:
    server = LiveHeadsup(tmp_path_factory.mktemp("hard"), databases.fresh())
    server.manage("shell", "-v", "0", "-c", "from tests.everything_shown import fill; fill()")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bare(server) -> Iterator[object]:
    """No scripts of the page, no cookies, no pictures."""
    with open_browser(ENLARGED, scripts=False) as driver:
        driver.execute_cdp_cmd("Network.enable", {})
        pictures = ["*.svg*", "*.png*", "*.jpg*", "*.ico*"]
        driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": pictures})
        driver.execute_cdp_cmd("Emulation.setDocumentCookieDisabled", {"disabled": True})
        yield driver


def walk_to(driver, css: str, *, most: int = 60) -> None:
    """By the tab key alone, until what is meant has the focus."""
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    for _ in range(most):
        ActionChains(driver).send_keys(Keys.TAB).perform()
        if driver.switch_to.active_element.get_attribute("id") == css.removeprefix("#"):
            return
    raise AssertionError(f"{css} is not reached by keyboard")


@pytest.mark.parametrize("name", JOURNEYS)
def test_the_journey_works_enlarged_by_keyboard_without_script_cookie_or_picture(bare, server, name):
    start, field, text, end = JOURNEYS[name]
    bare.get(server.url + start)
    assert sideways(bare) <= 0

    if field:
        from selenium.webdriver.common.keys import Keys

        walk_to(bare, field)
        bare.execute_script("document.documentElement.dataset.left = '1'")
        bare.switch_to.active_element.send_keys(text + Keys.ENTER)
        until(bare, lambda: bare.execute_script("return !document.documentElement.dataset.left"))

    assert bare.find_element("css selector", end).is_displayed()
    assert sideways(bare) <= 0
    assert bare.get_cookies() == []


def test_a_figure_says_everything_without_its_picture(bare, server):
    bare.get(server.url + FIGURE)

    words = bare.find_element("css selector", "main").text
    assert "These are samples people chose to have checked here." in words
    assert "samples tested for it" in words
    assert "95 %" in words


def test_a_figure_keeps_its_ground_in_forced_colours(server):
    with open_browser(ENLARGED) as driver:
        driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "forced-colors", "value": "active"}]}
        )
        driver.get(server.url + FIGURE)

        style = "const s = getComputedStyle(document.querySelector('.trend img'))"
        assert driver.execute_script(f"{style}; return [s.backgroundColor, s.borderTopStyle]") == [
            "rgb(255, 255, 255)", "solid"
        ]  # fmt: skip


@pytest.mark.parametrize("path", ["/", FIGURE, "/help/", "/results/"])
def test_text_is_there_in_three_seconds_on_a_slow_line(server, path):
    """0.26 Mbit/s and 600 ms there and back, as Chromium emulates it, with nothing kept from before."""
    with open_browser(ENLARGED) as driver:
        driver.execute_cdp_cmd("Network.enable", {})
        driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
        driver.get(server.url + path)  # the server has drawn and read what it keeps
        driver.execute_cdp_cmd("Network.emulateNetworkConditions", SLOW)

        driver.get(server.url + path)

        painted = until(driver, lambda: driver.execute_script(PAINTED)) / 1000
        assert 0.6 < painted <= TEXT_WITHIN
