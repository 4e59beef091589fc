"""Pages of figures, as a browser without scripts gets them."""

import re
from datetime import date, timedelta

import pytest

from checking.models import Release, ReleaseCorrection, ReleasedExpected, ReleasedShare
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


def test_a_correction_is_said(client):
    cell = make_cell(31, 7)
    ReleaseCorrection.objects.create(
        release=cell.release, batch=118, series="latest", area=cell.area, period_start=WEEK_45, family="lab",
        reason="withdrawn",
    )  # fmt: skip

    assert "Corrected since first released: 2026-W45." in words(page(client, interval="week"))


def test_that_counting_began_later_is_said_and_drawn(client):
    make_cell(31, 7, subject="fentanyl", period_start=WEEK_45 - timedelta(weeks=5))
    make_cell(31, 7)

    assert "Counted here since 2026-W45." in words(page(client, interval="week"))
    assert "counted from here" in client.get(f"{PAGE}chart.svg?interval=week").content.decode()


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
    assert response.content.decode().splitlines()[1] == "2026-W45,7,31,0.2258,0.114,0.3981"


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}chart.svg", f"{PAGE}data.csv", "/trends/"])
def test_what_did_not_change_is_not_sent_again(client, address):
    make_cell(31, 7)
    tag = client.get(address)["ETag"]

    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304

    make_cell(9, 1, release=119)
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200


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
