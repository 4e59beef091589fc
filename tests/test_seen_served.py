"""Telling what one saw, over a real connection: from an address that is on no disk, and by keyboard without scripts."""

import contextlib
import http.client
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.browser import PHONE, needs_browser, open_browser
from tests.servers import LiveHeadsup

pytestmark = [pytest.mark.servers]

SEED = """
from tests.alerting import publish
print(publish("caution").pk)
"""
COUNT = """
from alerts.models import Sighting, Signal
told = Signal.objects.filter(rule="reported").values_list("counts", flat=True)
print("told", Sighting.objects.count(), "in", [counts["reports"] for counts in told])
"""
FORWARDED = "198.51.100.77"
BROWSER = "A browser that only this test has"


@pytest.fixture
def served(live_headsup) -> LiveHeadsup:
    return live_headsup(script=SEED, env={"TRUSTED_PROXIES": "1"})


def ask(
    server: LiveHeadsup, method: str, path: str, body: str = "", *, at: str, seen_at: str = FORWARDED
) -> tuple[int, dict[str, str], str]:
    headers = {"X-Forwarded-For": seen_at, "User-Agent": BROWSER, "Content-Type": "application/x-www-form-urlencoded"}
    with contextlib.closing(
        http.client.HTTPConnection("127.0.0.1", server.port, timeout=60, source_address=(at, 0))
    ) as connection:
        connection.request(method, path, body, headers)
        with connection.getresponse() as answer:
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()


def told_by(server: LiveHeadsup) -> tuple[int, list[int]]:
    """How many forms are kept, and how many each signal counts."""
    said = re.search(r"told (\d+) in \[(.*)\]", server.manage("shell", "-v", "0", "-c", COUNT).stdout)
    return int(said[1]), [int(each) for each in said[2].split(",") if each]


def sign_in(form: str) -> str:
    return re.search(r'name="sign" value="([^"]+)"', form)[1]


def held_by(folder: Path, text: str) -> list[str]:
    """The files with these letters in them, in UTF-8 or UTF-16."""
    sought = (text.encode(), text.encode("utf-16-le"))
    files = [each for each in folder.rglob("*") if each.is_file()]
    return [each.name for each in files if any(words in each.read_bytes() for words in sought)]


@pytest.mark.only_sqlite
def test_no_address_browser_or_sign_of_who_told_is_on_the_disk(served, databases, tmp_path):
    id, at = served.said.split()[-1], "127.77.31.9"
    path = f"/alerts/{id}/seen/"
    status, headers, form = ask(served, "GET", path, at=at)
    sign = sign_in(form)
    time.sleep(3.1)  # a person reads first

    told = ask(served, "POST", path, urlencode({"sign": sign, "saw": "stronger"}), at=at)
    wrong = ask(served, "POST", path, urlencode({"sign": sign, "saw": "Elm Street 12"}), at=at)
    served.stop()

    assert (status, told[0], wrong[0]) == (200, 200, 400)
    assert "set-cookie" not in headers | told[1] | wrong[1]
    assert told_by(served) == (1, [1])
    back = re.search(r'name="back" value="([^"]+)"', told[2])[1]
    for place in (tmp_path, databases.folder):
        for text in (at, FORWARDED, BROWSER, sign, back, "Elm Street"):
            assert held_by(place, text) == []
    assert held_by(databases.folder, "stronger")  # what is kept would be found


def test_forms_sent_at_the_same_moment_and_each_tapped_twice_count_once_each(served):
    path = f"/alerts/{served.said.split()[-1]}/seen/"
    signs = [sign_in(ask(served, "GET", path, at="127.0.0.1")[2]) for _ in range(6)]
    time.sleep(3.1)

    def send(sign: str) -> int:
        body = urlencode({"sign": sign, "saw": "stronger"})
        return ask(served, "POST", path, body, at="127.0.0.1", seen_at=f"198.51.100.{signs.index(sign)}")[0]

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(send, [*signs, *signs]))

    assert set(answers) == {200}
    assert told_by(served) == (6, [6])


@pytest.mark.browser
@needs_browser
def test_it_is_told_and_taken_back_with_a_keyboard_alone_and_no_script(served):
    id = served.said.split()[-1]
    with open_browser(PHONE, scripts=False) as driver:
        driver.get(f"{served.url}/alerts/{id}/")
        press(driver, "section.tell-us a", "\ue007")
        on_page(driver, "What did you see?")
        press(driver, "#saw-3", " ")
        press(driver, "#strip-1", " ")
        time.sleep(2.1)
        press(driver, "button.main", "\ue007")
        on_page(driver, "Thank you. It came in.")
        assert told_by(served) == (1, [1])
        press(driver, "section.back button", "\ue007")
        on_page(driver, "It is taken back.")
        assert told_by(served) == (0, [])
        assert driver.get_cookies() == []


def press(driver, css: str, key: str) -> None:
    """Reach this with the tabulator, and press the key there."""
    from selenium.webdriver.common.action_chains import ActionChains

    wanted = driver.find_element("css selector", css)
    for _ in range(80):
        ActionChains(driver).send_keys("\ue004").perform()
        at = driver.switch_to.active_element
        if at == wanted:
            ActionChains(driver).send_keys(key).perform()
            return
        # The buttons of one question are one stop; arrows go on within it.
        if at.get_attribute("type") == "radio" and at.get_attribute("name") == wanted.get_attribute("name"):
            while driver.switch_to.active_element != wanted:
                ActionChains(driver).send_keys("\ue013").perform()
            return
    pytest.fail(f"the keyboard does not reach {css}")


def on_page(driver, heading: str) -> None:
    from tests.browser import until

    until(driver, lambda: driver.find_element("css selector", "h1").text == heading)
