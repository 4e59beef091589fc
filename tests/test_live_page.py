"""The page that keeps itself up to date, in a real browser against a real server."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser import complaints, needs_browser, open_browser
from tests.living import ask, living, publish
from tests.servers import LiveHeadsup

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.timeout(300), needs_browser]


@pytest.fixture(scope="module")
def server(databases: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHeadsup]:
    server = living(databases, tmp_path_factory.mktemp("page")).start()
    yield server
    server.stop()


def until(said: Callable[[], Any], *, seconds: float = 30) -> Any:
    from selenium.common.exceptions import WebDriverException

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(WebDriverException):  # asked half-way between two pages
            if found := said():
                return found
        time.sleep(0.1)
    pytest.fail("it did not come to pass")


def status(driver: Any) -> str:
    return driver.execute_script("return document.getElementById('live-status').textContent")


def headlines(driver: Any) -> int:
    return driver.execute_script(
        "return document.querySelectorAll('#alerts a[href^=\"/alerts/\"], #alerts article').length"
    )


def opened(driver: Any, address: str) -> None:
    driver.get(address)
    until(lambda: status(driver).startswith("Live."))


def test_an_alert_appears_without_reloading(server):
    with open_browser() as driver:
        opened(driver, f"{server.url}/")
        driver.execute_script("window.isTheSamePage = true")
        before = headlines(driver)

        publish(server)
        until(lambda: headlines(driver) > before)

        assert driver.execute_script("return window.isTheSamePage")
        assert "Updated at" in status(driver)
        assert complaints(driver) == []


def test_the_page_of_an_alert_follows_that_alert_alone(server):
    publish(server)
    _, page = ask(server, "/api/v1/alerts/")
    alert = page["results"][0]["alert"]["id"]
    with open_browser() as driver:
        opened(driver, f"{server.url}/alerts/{alert}/")
        publish(server)  # of another one
        time.sleep(2)
        assert "Updated" not in status(driver)

        end = (
            "from alerts import lifecycle; from alerts.models import Alert; from checking.models import User;"
            f"lifecycle.end_alert(Alert.objects.get(pk='{alert}'), by=User.objects.get(username='simulated-reviewer'))"
        )
        server.manage("shell", "-c", end)
        until(lambda: "This alert has ended." in driver.page_source)

        assert complaints(driver) == []


def test_a_cut_line_is_said_and_mended_and_nothing_is_missed(server):
    with open_browser() as driver:
        opened(driver, f"{server.url}/")
        before = headlines(driver)

        server.kill()
        until(lambda: status(driver).startswith("Not live."))
        publish(server)
        server.start()
        until(lambda: headlines(driver) > before, seconds=60)

        assert status(driver).startswith("Live.")


# As behind a proxy that lets neither through. What it waits between tries passes twenty times as fast.
BLOCKED = """window.%s = class {
  constructor() { setTimeout(() => this.onerror(), 10); }
  close() {}
  addEventListener() {}
};"""
HURRIED = "const wait = setTimeout; window.setTimeout = (work, ms) => wait(work, ms > {longest} ? ms : ms / 20);"


def test_where_sockets_are_blocked_a_stream_is_heard(server):
    with open_browser() as driver:
        source = HURRIED.format(longest=31_000) + BLOCKED % "WebSocket"
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})
        driver.get(f"{server.url}/")
        until(lambda: status(driver).startswith("Live."), seconds=60)
        before = headlines(driver)

        publish(server)

        until(lambda: headlines(driver) > before)


def test_where_nothing_can_be_held_open_the_page_is_looked_at_anew_each_minute(server):
    with open_browser() as driver:
        source = HURRIED.format(longest=61_000) + BLOCKED % "WebSocket" + BLOCKED % "EventSource"
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})
        driver.get(f"{server.url}/")
        before = headlines(driver)
        until(lambda: status(driver).startswith("Live."), seconds=60)

        publish(server)

        until(lambda: headlines(driver) > before)
        assert "Last checked" in status(driver)


def test_how_old_the_page_is_stands_there_but_is_not_read_out(server):
    with open_browser() as driver:
        opened(driver, f"{server.url}/")
        live_region = "return document.querySelector('#live-status [role=status]').textContent"

        assert "Last checked" in status(driver)
        assert "checked" not in driver.execute_script(live_region), "a count of seconds would be read out for ever"
