"""Pages of figures, as a browser without scripts gets them."""

import gzip
import re
from datetime import date, timedelta

import pytest
from django.conf import settings

from checking import trend_files, trend_words, trends
from checking.models import (
    Release,
    ReleaseCorrection,
    ReleasedExpected,
    ReleasedScope,
    ReleasedShare,
    ReleasedStrip,
)
from tests.release_rows import make_many, make_network
from tests.test_trends import WEEK_45, make_cell

pytestmark = pytest.mark.django_db

PAGE = "/trends/us-pa-allegheny/xylazine/"
SENTENCE = "These are samples people chose to have checked here."


@pytest.fixture(autouse=True)
def _network(db) -> None:
    make_network()


def page(client, address: str = PAGE, *, status: int = 200, **parameters: str) -> str:
    response = client.get(address, parameters)
    assert response.status_code == status
    return response.content.decode()


def words(html: str) -> str:
    """The text of a page, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("&nbsp;", " ").replace("\u00a0", " ")


def test_before_the_first_release_the_page_says_so_kindly(client):
    html = page(client, "/trends/")

    assert "No figures yet." in html
    assert "at least five samples" in html


def test_what_was_seen_lately_is_listed_with_how_many(client):
    make_cell(31, 7, period_start=date(2026, 11, 16))
    make_cell(31, 0, subject="carfentanil", period_start=date(2026, 11, 16))
    make_cell(40, 40, subject="cocaine", period_start=date(2025, 11, 16))

    text = words(page(client, "/trends/", area="us-pa-allegheny"))

    assert "xylazine 7 of 31" in text
    assert "carfentanil" not in text
    assert "cocaine" not in text
    assert "Release 118" in text


def test_choosing_leads_to_the_figure_by_any_accepted_name(client):
    response = client.get("/trends/", {"area": "us-pa-allegheny", "substance": "fentanil", "lang": "es"})

    assert response.status_code == 302
    assert response["Location"] == "/trends/us-pa-allegheny/fentanyl/?lang=es"


def test_a_name_we_do_not_know_offers_the_nearest(client):
    make_cell(31, 7)

    html = page(client, "/trends/", status=400, area="us-pa-allegheny", substance="xylazin")

    assert "No substance is called this." in html
    assert "substance=xylazine" in html


def test_the_table_has_every_number_of_the_picture(client):
    make_cell(31, 7)
    make_cell(12, 4, period_start=WEEK_45 + timedelta(weeks=1))

    text = words(page(client, interval="week"))

    assert "2026-W45 7 31 23 % 11 % to 40 %" in text
    assert "2026-W46 4 12 4 of 12 14 % to 61 %" in text
    assert "2026-W46: found in 4 of 12 samples tested for it." in text


def test_beside_every_figure_stands_what_it_is_not(client):
    make_cell(31, 7)

    assert SENTENCE in page(client)
    assert SENTENCE in page(client, "/trends/")


def test_a_figure_says_when_it_was_released_and_what_it_leaves_out(client):
    make_cell(31, 7)

    text = words(page(client))

    assert "Release 118 of Nov. 22, 2026." in text
    assert "samples not tested for it" in text


def test_strips_react_and_never_show_a_per_cent(client):
    make_cell(100, 40, family="strip", subject="fentanyl_type_opioid")

    text = words(page(client, "/trends/us-pa-allegheny/fentanyl_type_opioid/", family="strip"))

    assert "a strip reacted in 40 of 100" in text
    assert "40 %" not in text
    assert "found in" not in text
    picture = client.get("/trends/us-pa-allegheny/fentanyl_type_opioid/chart.svg?family=strip").content.decode()
    assert "Strip reacted, of those tested" in picture
    assert "Found, of" not in picture


def test_a_compound_no_strip_names_points_to_its_class(client):
    make_cell(100, 40, family="strip", subject="fentanyl_type_opioid")

    html = page(client, "/trends/us-pa-allegheny/fentanyl/", family="strip")

    assert "Too few to show." in html
    assert "/trends/us-pa-allegheny/fentanyl_type_opioid/?family=strip" in html


def test_where_there_is_nothing_to_show_it_does_not_say_it_is_not_around(client):
    make_cell(31, 7)

    text = words(page(client, "/trends/us-va-roanoke/xylazine/"))

    assert "That does not mean it is not around." in text


def test_every_filter_is_in_the_address_of_picture_and_numbers(client):
    make_cell(31, 7, family="spectroscopy")

    html = page(client, family="spectroscopy", interval="month")

    for address in ("chart.svg?", "chart.png?size=wide&amp;", "data.csv?"):
        assert f"{address}family=spectroscopy&amp;interval=month" in html


def test_a_wrong_filter_is_named_and_the_usual_figure_shown(client):
    make_cell(31, 7)

    text = words(page(client, status=400, interval="day"))

    assert "One of week, month, quarter." in text
    assert "2026-11" in text


def test_months_are_shown_where_nothing_is_asked(client):
    make_cell(31, 7)
    make_cell(12, 4, period_start=WEEK_45 + timedelta(weeks=1))

    assert "2026-11 11 43 26 %" in words(page(client))


def test_expected_is_shown_by_quarter_without_being_asked_to(client):
    make_cell(31, 7)
    ReleasedExpected.objects.create(
        release=Release.objects.get(), batch=118, area="us-pa-allegheny", period_start=date(2026, 10, 1),
        expected="stimulant", subject="xylazine", family="lab", tested=25, detected=2,
    )  # fmt: skip

    text = words(page(client, expected="stimulant", interval="week"))

    assert "Xylazine in what was taken for stimulants, Allegheny" in text
    assert "2026Q4 2 25 8 %" in text


def correct(cell: ReleasedShare, detected: int, *, reason: str = "withdrawn", release: int = 119) -> ReleasedShare:
    """The next version of a cell, as a release writes it."""
    said = {name: getattr(cell, name) for name in ("series", "subject", "family", "material", "period_start", "area")}
    newer = make_cell(cell.tested, detected, release=release, **{**said, "batch": cell.batch, "version": 2})
    ReleasedShare.objects.filter(pk=cell.pk).update(superseded_in=newer.release)
    ReleaseCorrection.objects.create(
        release=newer.release, batch=cell.batch, series=cell.series, area=cell.area, period_start=cell.period_start,
        family=cell.family, reason=reason,
    )  # fmt: skip
    return newer


def test_a_correction_is_said_with_its_reason_on_the_page_in_the_answer_and_in_the_file(client):
    correct(make_cell(31, 7), 6)

    assert "2026-W45 was corrected in release 119: a result should not have been counted." in words(
        page(client, interval="week")
    )
    answer = client.get("/api/v1/trends/?area=us-pa-allegheny&substance=xylazine").json()
    assert answer["corrections"] == [{"period": "2026-W45", "release": 119, "reasons": ["withdrawn"]}]
    assert client.get(f"{PAGE}data.csv?interval=week").content.decode().splitlines()[1].endswith(",withdrawn,")


@pytest.mark.parametrize("other", [{"material": "residue"}, {"subject": "fentanyl"}], ids=["material", "substance"])
def test_a_correction_of_something_else_is_not_said(client, other):
    make_cell(31, 7)
    correct(make_cell(31, 7, **other), 6)

    assert "corrected" not in words(page(client, interval="week"))
    assert client.get("/api/v1/trends/?area=us-pa-allegheny&substance=xylazine").json()["corrections"] == []


def test_that_counting_began_later_is_said_and_drawn(client):
    make_cell(31, 7, subject="fentanyl", period_start=WEEK_45 - timedelta(weeks=5))
    make_cell(31, 7)

    assert "A: Counted here since 2026-W45." in words(page(client, interval="week"))
    assert "A: counted from 2026-W45 on." in client.get(f"{PAGE}chart.svg?interval=week").content.decode()


def test_that_a_lab_among_several_began_to_look_is_said_drawn_and_answered(client):
    for weeks in range(3):
        cell = make_cell(31, 7, period_start=WEEK_45 + timedelta(weeks=weeks))
    said = {"release": cell.release, "area": cell.area, "family": "lab", "week": WEEK_45 + timedelta(weeks=1)}
    ReleasedScope.objects.create(subject="xylazine", is_opened=True, **said)
    ReleasedScope.objects.create(subject="fentanyl", is_opened=True, **said)

    text = words(page(client, interval="week"))

    assert "A: A lab of samples from here began to look for it in 2026-W46." in text
    assert "B:" not in text
    picture = words(client.get(f"{PAGE}chart.svg?interval=week&size=wide").content.decode())
    assert "A: a lab began to look for it, 2026-W46." in picture
    answer = client.get("/api/v1/trends/?area=us-pa-allegheny&substance=xylazine").json()
    assert answer["changes"] == [{"period": "2026-W46", "what": "opened", "to": ""}]
    assert client.get(f"{PAGE}data.csv?interval=week").content.decode().splitlines()[2].endswith(",,opened")


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [((2, 40), (20, 40), "That is more than the 5 % of 2026-W44"), ((20, 40), (2, 40), "That is less than the 50 %"),
     ((9, 40), (12, 40), "may be chance: the intervals meet"), ((2, 12), (20, 40), "")],
)  # fmt: skip
def test_the_sentence_says_of_a_move_whether_it_may_be_chance(client, before, now, said):
    make_cell(before[1], before[0], period_start=WEEK_45 - timedelta(weeks=1))
    cell = make_cell(now[1], now[0])

    text = words(page(client, interval="week"))
    assert said in text
    assert said or "intervals" not in text

    ReleasedScope.objects.create(
        release=cell.release, area=cell.area, family="lab", subject="xylazine", week=WEEK_45, is_opened=True
    )
    trends.forget()  # a release is never added to, so its answers are kept
    assert "intervals" not in words(page(client, interval="week"))


def test_other_strips_are_said_of_strips_and_of_nothing_else(client):
    usual = {"subject": "fentanyl_type_opioid"}
    for family in ("strip", "lab"):
        cell = make_cell(40, 9, family=family, period_start=date(2026, 8, 3), **usual)
        make_cell(40, 9, family=family, **usual)
    for quarter, brand, lot in ((date(2026, 7, 1), "Early", "E1"), (date(2026, 10, 1), "Late", "")):
        ReleasedStrip.objects.create(
            release=cell.release, area=cell.area, quarter=quarter, brand=brand, lot=lot, **usual
        )
    address = "/trends/us-pa-allegheny/fentanyl_type_opioid/"

    of_strips = words(page(client, address, family="strip", interval="quarter"))

    assert "A: Most strips are of another brand since 2026Q4: Late." in of_strips
    assert (
        "strips"
        not in words(page(client, address, family="lab", interval="quarter"))
        .split("What this leaves out")[0]
        .split("Show it otherwise")[0]
    )


@pytest.mark.parametrize("address", ["/trends/nowhere/xylazine/", "/trends/us-pa-allegheny/nothing/"])
def test_a_place_or_substance_there_is_not_is_404(client, address):
    assert client.get(address).status_code == 404
    assert client.get(f"{address}chart.svg").status_code == 404
    assert client.get(f"{address}data.csv").status_code == 404


def test_pictures_come_as_svg_and_png_and_nothing_else(client):
    make_cell(31, 7)

    svg, png = client.get(f"{PAGE}chart.svg"), client.get(f"{PAGE}chart.png")

    assert (svg["Content-Type"], png["Content-Type"]) == ("image/svg+xml", "image/png")
    assert "style-src 'unsafe-inline'" in svg["Content-Security-Policy"]
    assert "script-src" not in svg["Content-Security-Policy"]
    assert client.get(f"{PAGE}chart.pdf").status_code == 404
    assert client.get(f"{PAGE}chart.svg?size=huge").status_code == 404
    assert client.get(f"{PAGE}chart.svg?interval=day").status_code == 404


def test_the_picture_speaks_the_readers_language(client):
    make_cell(31, 7, subject="opioid")

    address = "/trends/us-pa-allegheny/opioid/chart.svg"
    assert "Opioides" in client.get(f"{address}?lang=es").content.decode()
    assert "Opioids" in client.get(address).content.decode()


def test_numbers_come_as_csv(client):
    make_cell(31, 7)

    response = client.get(f"{PAGE}data.csv?interval=week")

    assert response["Content-Disposition"] == 'attachment; filename="us-pa-allegheny-xylazine.csv"'
    assert response.content.decode().splitlines()[1] == "2026-W45,7,31,0.2258,0.114,0.3981,,"


ADDRESSES = (
    PAGE, f"{PAGE}chart.svg", f"{PAGE}data.csv", "/trends/", f"{PAGE}areas/", f"{PAGE}areas/chart.svg",
    f"{PAGE}areas/data.csv", "/trends/us-pa-allegheny/expected/", f"{PAGE}beside/",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_did_not_change_is_not_sent_again(client, address):
    make_cell(31, 7)
    tag = client.get(address)["ETag"]

    unchanged = client.get(address, headers={"If-None-Match": tag})

    assert (unchanged.status_code, unchanged["ETag"]) == (304, tag)
    make_cell(9, 1, release=119)
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200


API = "/api/v1/trends/?area=us-pa-allegheny&substance=xylazine"


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}chart.svg", "/trends/", API])
def test_other_words_are_sent_anew_though_no_number_changed(client, address, monkeypatch):
    make_cell(31, 7)
    tag = client.get(address)["ETag"]

    monkeypatch.setattr(trends, "note", lambda: "Other words.")
    monkeypatch.setattr(trend_words, "released", lambda _: "Other words.")
    monkeypatch.setattr(trend_files, "note", lambda: "Other words.")

    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_page_and_picture_are_small_and_few_requests_come_before_the_text(client):
    """Two years of weeks, as sent: 60 kB in all, and 3 requests before text, the style among them."""
    for weeks in range(104):
        make_cell(31, 7, period_start=WEEK_45 - timedelta(weeks=weeks))
    html = page(client, interval="week")
    blocking = re.findall(r'<link rel="stylesheet" href="/static/([^"]+)"', html)
    styles = [settings.BASE_DIR / "static" / re.sub(r"\.[0-9a-f]{12}(?=\.css)", "", each) for each in blocking]
    picture = client.get(f"{PAGE}chart.svg?interval=week&size=wide").content

    assert len(blocking) + 1 <= 3
    assert (
        sum(len(gzip.compress(each)) for each in (html.encode(), picture, *(style.read_bytes() for style in styles)))
        <= 60_000
    )


def test_what_is_not_released_changes_not_one_byte(client):
    make_cell(31, 7)
    addresses = [PAGE, f"{PAGE}chart.svg", f"{PAGE}data.csv", "/trends/",
                 "/api/v1/trends/?area=us-pa&substance=xylazine"]  # fmt: skip
    before = [(client.get(address).content, dict(client.get(address).headers)) for address in addresses]

    make_many(["harbour", "riverside"] * 20, "xylazine", "carfentanil")

    assert [(client.get(address).content, dict(client.get(address).headers)) for address in addresses] == before


def test_pages_set_no_cookie_and_need_no_script(client):
    make_cell(31, 7)
    for address in (PAGE, "/trends/"):
        response = client.get(address)
        assert not response.cookies
        assert b"<script" not in response.content
        assert b" style=" not in response.content


def test_nothing_is_called_safe(client):
    make_cell(31, 0)

    assert not re.search(r"\b(safe|clean|pure|absent)\b", words(page(client)), re.IGNORECASE)


def test_only_the_released_tables_are_read(client, django_assert_num_queries):
    make_cell(31, 7)
    assert ReleasedShare.objects.count() == 1

    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connections["default"]) as asked:
        page(client)
    private = re.compile(r'"checking_(sample|result|finding|expected|overdosereport|releasedsample|releasedresult)"')
    assert not [query["sql"] for query in asked if private.search(query["sql"])]
