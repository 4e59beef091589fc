"""Bringing a table in as a person does it: on a phone's width, with and without scripts, by a real server."""

import os
from pathlib import Path

import pytest

from tests.browser import PHONE, complaints, needs_browser, open_browser, sideways, until
from tests.table_files import HEADER, as_text, row
from tests.test_browser_staff import Thumb, on_the_way, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.servers, needs_browser]

SEED = """
from tests.factories import make_person, make_site, make_vocabulary
make_vocabulary()
make_person("eve", "chemist", make_site("harbour"))
"""
PICTURES = os.environ.get("HEADSUP_PICTURES", "")  # a folder for pictures of each page, to look at


@pytest.fixture
def harbour(live_headsup):
    return live_headsup(script=SEED)


def look(driver, name: str) -> None:
    assert sideways(driver) <= 0, f"{name} scrolls sideways"
    if PICTURES:
        from tests.render_pages import save

        save(driver, Path(PICTURES) / f"{name}.png")


def choose(thumb: Thumb, name: str, value: str) -> None:
    from selenium.webdriver.support.ui import Select

    Select(thumb.find(f'[name="{name}"]')).select_by_value(value)


def wait_for(thumb: Thumb, words: str) -> None:
    until(thumb.driver, lambda: words in thumb.text(), seconds=60)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_table_goes_in_on_a_phone(harbour, tmp_path, scripts):
    table = tmp_path / "table.csv"
    table.write_text(as_text([*(row(No=str(place)) for place in range(40)), row(No="odd", Form="goo")], HEADER))
    with open_browser(PHONE, scripts=scripts) as driver:
        thumb = sign_in(driver, harbour.url, "eve")
        thumb.tap('nav.staff a[href="/staff/import/"]')
        on_the_way(thumb, "/staff/import/")
        look(driver, "1-send")
        thumb.find("#id_table").send_keys(str(table))
        thumb.tap(".send button")
        on_the_way(thumb, "/staff/import/")
        wait_for(thumb, "What the columns hold")
        choose(thumb, "collected_on-format", "DD/MM/YYYY")
        choose(thumb, "r0-is", "gc-ms")
        look(driver, "2-columns")
        thumb.tap(".send button")
        wait_for(thumb, "What would go in")
        look(driver, "3-checked")
        assert "40 samples would go in" in thumb.text()
        assert "Form: “goo” is none of" in thumb.text()
        choose(thumb, "w0", "powder")
        thumb.tap('form[action$="/words/"] button')
        wait_for(thumb, "41 samples would go in")
        thumb.tap('form[action$="/begin/"] button')
        wait_for(thumb, "41 samples went in")
        look(driver, "4-done")

        assert complaints(driver) == []
    count = "from checking.models import Sample; print(Sample.objects.count())"
    counted = harbour.manage("shell", "-v", "0", "-c", count)
    assert counted.stdout.split()[-1] == "41"
    assert list((harbour.folder / "spool" / "imports").rglob("table")) == []
    assert "table.csv" not in harbour.output
