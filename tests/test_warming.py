"""What was made cold by a start or a release is ready before a reader asks."""

from datetime import date

import pytest
from django.test import Client

from checking import charts, often, trends, warming
from checking.drawer import Drawer
from checking.models import Release
from checking.often import Often
from checking.warming import Warmer
from tests.release_rows import make_network
from tests.test_trends import make_cell
from tests.test_trends_cost import asked_of_figures

pytestmark = pytest.mark.django_db

PAGE = "/trends/us-pa-allegheny/xylazine/?interval=week"
CHART = "/trends/us-pa-allegheny/xylazine/chart.svg?size=wide&interval=week"
MONDAY = date(2026, 11, 16)


@pytest.fixture(autouse=True)
def drawn(monkeypatch) -> list[tuple[str, str, str]]:
    """Title, kind and size of what is drawn. Nobody asked for anything before."""
    found: list[tuple[str, str, str]] = []

    def draw(picture, kind: str, size: str) -> bytes:
        found.append((picture.title, kind, size))
        return b"picture"

    monkeypatch.setattr(charts, "pictures", Drawer(draw))
    monkeypatch.setattr(often, "figures", Often())
    monkeypatch.setattr(warming, "figures", often.figures)
    monkeypatch.setattr(warming, "PAUSE", 0)
    make_network()
    return found


def test_what_was_asked_for_often_is_ready_after_a_release(drawn):
    make_cell(31, 7, period_start=MONDAY)
    warmer = Warmer(0)
    warmer.look()
    for address in (PAGE, CHART) * 2:
        Client().get(address, headers={"Accept-Language": "es"})
    Release.objects.create(number=119, made_on=date(2026, 11, 23))
    drawn.clear()

    warmer.look()

    assert len(drawn) == 3  # the first listed in English, and what was asked for in Spanish
    drawn.clear()
    with asked_of_figures() as questions:
        for address in ("/trends/", PAGE, CHART):
            assert Client().get(address, headers={"Accept-Language": "es"}).status_code == 200
    assert drawn == []
    assert not [sql for sql, _ in questions if "releasedshare" in sql and "SUM(" in sql]


def test_after_a_start_the_figure_listed_first_is_ready(drawn):
    make_cell(31, 7, period_start=MONDAY)
    trends.forget()

    Warmer(0).look()

    assert [(kind, size) for _, kind, size in drawn] == [("svg", "narrow"), ("svg", "wide")]


def test_without_a_release_nothing_is_made_ready_twice(drawn, django_assert_num_queries):
    make_cell(31, 7, period_start=MONDAY)
    warmer = Warmer(0)
    warmer.look()
    drawn.clear()

    with django_assert_num_queries(1, using="public"):
        warmer.look()

    assert drawn == []


def test_before_the_first_release_there_is_only_where_to_choose(drawn):
    assert [address for address, _ in warming.wanted()] == ["/trends/", "/trends/"]
    Warmer(0).look()
    assert drawn == []


def test_what_breaks_is_logged_and_the_next_release_is_looked_at_all_the_same(monkeypatch, caplog):
    make_cell(31, 7, period_start=MONDAY)
    warmer = Warmer(0)
    monkeypatch.setattr(warming, "wanted", lambda: [("/trends/nowhere-of-all/xylazine/", "en"), ("/no/such/", "en")])

    warmer.look()

    assert "could not be made ready" in caplog.text


def test_what_one_reader_asked_for_once_is_not_often():
    asked = Often()
    asked.note(PAGE, "en")
    asked.note(CHART, "en")
    asked.note(CHART, "en")

    assert asked.most(9) == [(CHART, "en")]


def test_what_was_asked_for_long_ago_fades():
    asked = Often()
    for _ in range(4):
        asked.note(PAGE, "en")

    asked.fade()
    assert asked.most(9) == [(PAGE, "en")]
    asked.fade()
    assert asked.most(9) == []


def test_a_thousand_addresses_push_out_no_favourite_and_take_no_more_room():
    asked = Often(kept=10)
    for _ in range(200):
        asked.note(PAGE, "en")
    for number in range(40):
        asked.note(f"{PAGE}&x={number}", "en")
    asked.note(PAGE + "x" * 400, "en")

    assert asked.most(9) == [(PAGE, "en")]
    assert len(asked._counts) <= 10
