"""The counter as a person meets it: a phone of 375 px, a thumb, and Headsup as its own process."""

import json
import time

import pytest

from tests.browser import DESK, PHONE, complaints, needs_browser, open_browser, sideways, until
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.servers, needs_browser]

MOST_TAPS = 12
SMALLEST_TARGET = 44  # CSS pixels, WCAG 2.2 (2.5.5)
SEED = """
from tests.factories import make_person, make_site, make_vocabulary, submit
from tests.sending import sample_body, strip_body, lab_body
make_vocabulary()
harbour = make_site("harbour")
make_site("riverside")
make_person("ben", "collector", harbour)
make_person("rosa", "reviewer")
receipt = submit(sample_body(lab_body(("isotonitazene",)), expected=("oxycodone",)), harbour)
print(receipt.sample_id)
"""


@pytest.fixture
def harbour(live_headsup):
    server = live_headsup(script=SEED)
    server.sample = server.said.split()[-1]
    return server


class Thumb:
    """Taps, and counts them. Scrolling is not a tap; typing into a field is one, and its letters more."""

    def __init__(self, driver) -> None:
        self.driver = driver
        self.taps = 0

    def find(self, css: str):
        from selenium.webdriver.common.by import By

        return self.driver.find_element(By.CSS_SELECTOR, css)

    def tap(self, css: str) -> None:
        from selenium.common.exceptions import ElementNotInteractableException, StaleElementReferenceException

        deadline = time.monotonic() + 10
        while True:  # a page that is just being laid out cannot be tapped yet
            try:
                target = self.find(css)
                self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", target)
                target.click()
                break
            except (ElementNotInteractableException, StaleElementReferenceException):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        self.taps += 1

    def choose(self, name: str, value: str) -> None:
        """A large button: the radio button or checkbox lies over all of it, where a thumb lands."""
        self.tap(f'input[name="{name}"][value="{value}"]')

    def text(self) -> str:
        return self.find("main").text


def sign_in(driver, url: str, name: str = "ben") -> Thumb:
    thumb = Thumb(driver)
    driver.get(f"{url}/staff/sign-in/")
    thumb.find("#id_login").send_keys(name)
    thumb.find("#id_password").send_keys(PASSWORD)
    thumb.tap("form.narrow button")
    until(driver, lambda: "sign-in" not in driver.current_url)
    thumb.taps = 0
    return thumb


def on_the_way(thumb: Thumb, part: str) -> None:
    until(thumb.driver, lambda: part in thumb.driver.current_url)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_strip_takes_at_most_twelve_taps(harbour, scripts):
    with open_browser(PHONE, scripts=scripts) as driver:
        thumb = sign_in(driver, harbour.url)

        thumb.tap("main a.main")
        on_the_way(thumb, "/staff/new/")
        thumb.choose("expected", "cocaine")
        thumb.choose("form", "powder")
        thumb.choose("carrier", "product")
        thumb.choose("strip-0-method", "fentanyl-strip")
        thumb.choose("strip-0-reading", "absent")
        thumb.choose("strip-0-dilution", "10_in_50")
        thumb.choose("overdose", "no")
        thumb.choose("share", "yes")
        thumb.tap(".send button")
        on_the_way(thumb, "/staff/samples/")

        assert "Code to hand over" in thumb.text()
        assert "reacted" in thumb.text()
        assert thumb.taps <= MOST_TAPS
        assert complaints(driver) == []


def test_two_taps_on_save_in_a_row_are_one_sample(harbour):
    with open_browser(PHONE) as driver:
        thumb = sign_in(driver, harbour.url)
        driver.get(f"{harbour.url}/staff/new/")
        thumb.choose("expected", "cocaine")
        thumb.choose("strip-0-reading", "clear")
        thumb.choose("share", "yes")
        driver.execute_script("const b = document.querySelector('.send button'); b.form.submit(); b.form.submit()")
        on_the_way(thumb, "/staff/samples/")
        driver.back()
        on_the_way(thumb, "/staff/new/")
        thumb.tap(".send button")  # the form that one comes back to is a new one, and empty
        is_chosen = thumb.find('input[name="share"][value="yes"]').is_selected()

    assert not is_chosen

    counted = harbour.manage(
        "shell", "-v", "0", "-c", "from checking.models import Sample; print(Sample.objects.count())"
    )
    assert counted.stdout.split()[-1] == "2"  # this one, and the one that was there


def test_what_does_not_matter_is_folded_away_and_rows_grow(harbour):
    with open_browser(PHONE) as driver:
        thumb = sign_in(driver, harbour.url)
        driver.get(f"{harbour.url}/staff/samples/{harbour.sample}/add/")
        rows = "return document.querySelectorAll('[data-row]').length"
        before = driver.execute_script(rows)

        thumb.tap("[data-add-row]")

        assert driver.execute_script(rows) == before + 1
        names = driver.execute_script(
            "return [...document.querySelectorAll('[data-row] [name$=\"-name\"]')].map(i => i.name)"
        )
        assert len(set(names)) == before + 1
        assert not thumb.find('[name="lab-0-finding-0-value"]').is_displayed()


PAGES = ("/staff/", "/staff/new/", "/staff/samples/{}/", "/staff/samples/{}/card/", "/staff/samples/{}/add/")


@pytest.mark.parametrize("size", [PHONE, (320, 640), DESK], ids=["375", "320", "1280"])
def test_no_page_scrolls_sideways_and_every_target_is_large_enough(harbour, size):
    small = """return [...document.querySelectorAll(`main a.button, main button, main .option label, main summary,
        main input:not([type=hidden]):not([type=radio]):not([type=checkbox]), main select, .staff a, .staff button`)]
        .filter(it => it.getClientRects().length)
        .map(it => [it.textContent.trim() || it.name, it.getBoundingClientRect()])
        .map(([name, box]) => [name, box.width, box.height])
        .filter(it => it[1] < arguments[0] || it[2] < arguments[0])"""
    with open_browser(size) as driver:
        sign_in(driver, harbour.url)
        for page in PAGES:
            driver.get(harbour.url + page.format(harbour.sample))
            driver.execute_script("document.querySelectorAll('details').forEach(it => it.open = true)")

            assert sideways(driver) <= 0, page
            assert driver.execute_script(small, SMALLEST_TARGET) == [], page
            assert complaints(driver) == [], page


def test_a_form_with_a_mistake_says_so_and_stays_as_it_was(harbour):
    with open_browser(PHONE) as driver:
        thumb = sign_in(driver, harbour.url)
        driver.get(f"{harbour.url}/staff/new/")
        thumb.find("#id_expected_other").send_keys("qwxzzy")
        thumb.choose("form", "rock")
        thumb.choose("share", "no")
        thumb.tap(".send button")
        thumb.driver.implicitly_wait(10)
        thumb.find("#faults")

        assert driver.switch_to.active_element.get_attribute("id") == "faults"
        assert "qwxzzy is not a name we know" in thumb.text()
        assert thumb.find('input[name="form"][value="rock"]').is_selected()
        assert thumb.find("#id_expected_other").get_attribute("value") == "qwxzzy"


def fill_in(thumb: Thumb, url: str) -> None:
    thumb.driver.get(f"{url}/staff/new/")
    thumb.choose("expected", "cocaine")
    thumb.choose("strip-0-reading", "absent")
    thumb.choose("share", "yes")


def until_said(thumb: Thumb, words: str) -> None:
    until(thumb.driver, lambda: words in thumb.text())


def test_a_dead_line_takes_nothing_with_it(harbour):
    with open_browser(PHONE) as driver:
        thumb = sign_in(driver, harbour.url)
        fill_in(thumb, harbour.url)

        harbour.kill()
        thumb.tap(".send button")
        until_said(thumb, "No connection. Nothing is lost")
        was_kept = thumb.find('input[name="expected"][value="cocaine"]').is_selected()
        harbour.start()
        thumb.tap(".send button")
        on_the_way(thumb, "/staff/samples/")

    assert was_kept


def test_a_session_that_ended_takes_nothing_with_it(harbour):
    with open_browser(PHONE) as driver:
        thumb = sign_in(driver, harbour.url)
        fill_in(thumb, harbour.url)

        driver.delete_all_cookies()
        thumb.tap(".send button")
        until_said(thumb, "You were signed out. Nothing is lost")
        driver.switch_to.new_window("tab")
        sign_in(driver, harbour.url)
        driver.close()
        driver.switch_to.window(driver.window_handles[0])
        thumb.tap(".send button")
        on_the_way(thumb, "/staff/samples/")

        assert "Code to hand over" in thumb.text()


def test_signing_out_and_in_by_link_works_in_a_browser(harbour):
    code = "from checking.models import User; from checking.people import make_link; "
    code += "print(make_link(User.objects.get(username='ben')))"
    made = harbour.manage("shell", "-v", "0", "-c", code).stdout.split()[-1]
    path = made[made.index("/staff/") :]
    with open_browser(PHONE) as driver:
        thumb = sign_in(driver, harbour.url)
        thumb.tap(".staff .last button")
        until(driver, lambda: "/staff/" not in driver.current_url)
        driver.get(harbour.url + path)
        thumb.tap("main form button")
        on_the_way(thumb, "/staff/password/")

        assert "New password" in thumb.text()
        assert json.dumps(complaints(driver)) == "[]"
