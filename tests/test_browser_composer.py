"""The composer as a person meets it: every format follows what is typed, with a keyboard, without a script."""

import os
import time
from pathlib import Path

import pytest

from tests.browser import DESK, PHONE, barriers, complaints, needs_browser, open_browser, sideways, until
from tests.test_browser_staff import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.servers, needs_browser]

SEED = """
from tests.factories import make_person, make_site, make_vocabulary, submit
from tests.sending import sample_body, lab_body
from alerts import judging
from alerts.models import Signal
from alerts.screening import screen_waiting
make_vocabulary()
harbour = make_site("harbour")
make_site("riverside")
rosa = make_person("rosa", "reviewer")
submit(sample_body(lab_body(("fentanyl",))), harbour)
screen_waiting()
signal = Signal.objects.filter(state="open").first()
print(judging.draft_from(signal, by=rosa, level="caution", area=signal.area).pk)
"""
EDIT = "/staff/review/alerts/{}/edit/"


@pytest.fixture
def harbour(live_headsup):
    server = live_headsup(script=SEED)
    server.alert = server.said.split()[-1]
    return server


def keep_picture(driver, name: str) -> None:
    """For a person to look at, where a folder is given."""
    if folder := os.environ.get("PICTURES"):
        driver.save_screenshot(str(Path(folder) / f"composer-{name}.png"))


def in_preview(thumb) -> str:
    return thumb.find("[data-preview]").get_attribute("textContent")


def test_every_format_follows_what_is_typed(harbour):
    with open_browser(DESK) as driver:
        thumb = sign_in(driver, harbour.url, "rosa")
        driver.get(harbour.url + EDIT.format(harbour.alert))
        headline = thumb.find("#id_en-headline")
        headline.clear()
        headline.send_keys("Sold as cocaine, a lab found fentanyl in it")

        until(driver, lambda: in_preview(thumb).count("a lab found fentanyl in it") >= 4)

        box = thumb.find("#id_en-actions")
        box.send_keys("\nThis is deadly!")
        until(driver, lambda: "Must mend" in in_preview(thumb))
        assert "can slow or stop breathing" in in_preview(thumb)
        keep_picture(driver, "desk")
        assert sideways(driver) <= 0
        assert complaints(driver) == []


def test_a_tick_writes_into_both_languages_and_taking_it_away_takes_it_out(harbour):
    with open_browser(PHONE) as driver:
        thumb = sign_in(driver, harbour.url, "rosa")
        driver.get(harbour.url + EDIT.format(harbour.alert))
        tick = "#pick-step-smoke-small"

        thumb.tap(tick)
        written = [thumb.find(f"#id_{language}-actions").get_property("value") for language in ("en", "es")]
        thumb.tap(tick)
        taken = [thumb.find(f"#id_{language}-actions").get_property("value") for language in ("en", "es")]

        assert "If you smoke: take one small puff" in written[0]
        assert "Si fuma: dé una calada corta" in written[1]
        assert not any("If you smoke" in text or "Si fuma" in text for text in taken)
        assert sideways(driver) <= 0


def test_it_works_without_a_script(harbour):
    with open_browser(PHONE, scripts=False) as driver:
        thumb = sign_in(driver, harbour.url, "rosa")
        driver.get(harbour.url + EDIT.format(harbour.alert))
        thumb.tap("#pick-step-smoke-small")
        thumb.tap("[data-ask-preview]")
        until(driver, lambda: driver.current_url.endswith("/preview/"))

        assert "If you smoke: take one small puff" in thumb.find("#id_en-actions").get_property("value")
        assert "If you smoke: take one small puff" in in_preview(thumb)

        thumb.tap(".send button:not([formaction])")
        until(driver, lambda: driver.current_url.endswith(f"{harbour.alert}/"))
        assert "If you smoke: take one small puff" in thumb.text()


def test_a_keyboard_alone_saves_new_words(harbour):
    from selenium.webdriver.common.keys import Keys

    with open_browser(DESK) as driver:
        thumb = sign_in(driver, harbour.url, "rosa")
        driver.get(harbour.url + EDIT.format(harbour.alert))
        thumb.find("#id_en-headline").send_keys(Keys.END, " here")
        deadline = time.monotonic() + 30
        while driver.switch_to.active_element.text != "Save the words" and time.monotonic() < deadline:
            driver.switch_to.active_element.send_keys(Keys.TAB)
        driver.switch_to.active_element.send_keys(Keys.ENTER)

        until(driver, lambda: driver.current_url.endswith(f"{harbour.alert}/"))
        assert "a lab found fentanyl here" in thumb.text()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_keeps_people_out(harbour, size):
    with open_browser(size) as driver:
        thumb = sign_in(driver, harbour.url, "rosa")
        for path in (EDIT.format(harbour.alert), "/staff/review/rules/"):
            driver.get(harbour.url + path)
            assert thumb.text()
            assert barriers(driver) == []
            assert sideways(driver) <= 0
            keep_picture(driver, f"{size[0]}-{path.strip('/').rsplit('/')[-1]}")
