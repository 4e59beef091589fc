"""The desk by keyboard alone, and live, in a real browser."""

import time

import pytest

from tests.browser import DESK, needs_browser, open_browser, until
from tests.test_browser_staff import sign_in
from tests.test_desk_socket import NOTICE

pytestmark = [pytest.mark.browser, pytest.mark.servers, needs_browser]

SEED = """
from alerts.screening import screen_waiting
from tests.factories import make_person, make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body
make_vocabulary()
make_site("riverside")
harbour = make_site("harbour")
make_person("ben", "reviewer")
for found, expected in (("fentanyl", "cocaine"), ("bromazolam", "alprazolam"), ("xylazine", "cocaine")):
    submit(sample_body(lab_body((found,)), expected=[expected]), harbour)
screen_waiting()
"""


@pytest.fixture
def server(live_headsup):
    return live_headsup(script=SEED)


def press(driver, *keys: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    for key in keys:
        ActionChains(driver).send_keys(key).perform()
        time.sleep(0.1)


def items(driver) -> list[str]:
    return driver.execute_script("return [...document.querySelectorAll('[data-item]')].map((it) => it.dataset.item)")


def at(driver) -> str:
    return driver.execute_script("return document.activeElement.closest('[data-item]')?.dataset.item")


def text(driver) -> str:
    return driver.execute_script("return document.querySelector('main').innerText")


def test_everything_is_done_by_keyboard_and_what_is_new_comes_by_itself(server):
    from selenium.webdriver.common.keys import Keys

    with open_browser(DESK) as driver:
        sign_in(driver, server.url)
        driver.get(f"{server.url}/desk/")
        until(driver, lambda: "Live:" in text(driver))
        before = items(driver)

        press(driver, "j", "j", "k", "t")
        until(driver, lambda: "ben has it" in text(driver))
        assert at(driver) == before[0]  # one is where one was
        press(driver, Keys.ARROW_DOWN, "d")
        press(driver, *"known already", Keys.ENTER)
        until(driver, lambda: "Set aside. It can be brought back for a day." in text(driver))
        assert len(items(driver)) == len(before) - 1
        driver.execute_script("document.querySelector('[data-key=u]').closest('details').open = true")
        press(driver, "u")
        until(driver, lambda: "It is back." in text(driver))
        assert len(items(driver)) == len(before)

        until(driver, lambda: "Live:" in text(driver))
        server.manage("shell", "-c", NOTICE)
        until(driver, lambda: "signals about this" in text(driver))

        press(driver, "j", "a")
        press(driver, Keys.TAB, Keys.TAB, Keys.ENTER)
        until(driver, lambda: "/staff/review/alerts/" in driver.current_url)


def test_what_is_half_typed_is_not_taken_away(server):
    with open_browser(DESK) as driver:
        sign_in(driver, server.url)
        driver.get(f"{server.url}/desk/")
        until(driver, lambda: "Live:" in text(driver))
        press(driver, "j", "d")
        press(driver, *"half a rea")

        server.manage("shell", "-c", NOTICE)
        time.sleep(8)  # longer than a lost ring takes

        value = driver.execute_script("return document.activeElement.value")
        assert value == "half a rea"
