"""Figures besides shares over time, as a browser without scripts gets them."""

import re
from datetime import date
from decimal import Decimal

import pytest

from checking.drawing.values import HeatMap, Panels, Spreads
from checking.figures import amounts, areas, expected
from checking.models import ReleasedAmount, ReleasedExpected, ReleasedPair, ReleasedShare
from tests.release_rows import make_network
from tests.test_trends import WEEK_45, make_cell
from tests.test_trends_pages import SENTENCE, page, words

pytestmark = pytest.mark.django_db

Q3, Q4 = date(2026, 7, 1), date(2026, 10, 1)
GRID = "/trends/us-pa-allegheny/expected/"
BY_AREA = "/trends/us-pa/xylazine/areas/"


@pytest.fixture(autouse=True)
def _network(db) -> None:
    make_network()


def make_square(tested: int, detected: int, **said: object) -> ReleasedExpected:
    cell = make_cell(tested, detected, subject="caffeine", material="residue", series="final",
                     period_start=date(2020, 1, 1), release=118 + ReleasedExpected.objects.count())  # fmt: skip
    usual = {"area": "us-pa-allegheny", "period_start": Q3, "expected": "stimulant", "subject": "fentanyl"}
    return ReleasedExpected.objects.create(
        release=cell.release, batch=118, family=said.pop("family", "lab"), tested=tested, detected=detected,
        **{**usual, **said},
    )  # fmt: skip


# Expected against found


def test_every_square_stands_in_the_table_with_its_interval_and_in_the_file():
    make_square(40, 3)
    make_square(12, 4, expected="opioid")

    sheet = expected.sheet("us-pa-allegheny", {})

    assert [row[:5] for row in sheet.rows] == [
        ("fentanyl", "stimulants", 3, 40, "8\u00a0%"), ("fentanyl", "opioids", 4, 12, "4 of 12")
    ]  # fmt: skip
    assert sheet.csv().splitlines() == [
        "quarter,expected,substance,detected,tested,share,low,high",
        "2026Q3,stimulant,fentanyl,3,40,0.075,0.0258,0.1986",
        "2026Q3,opioid,fentanyl,4,12,,0.1381,0.6094",
    ]


def test_the_sentence_names_what_was_not_what_it_was_taken_for():
    make_square(40, 3)
    make_square(60, 60, expected="opioid")

    assert expected.sheet("us-pa-allegheny", {}).shows == (
        "What most often came besides what was expected: of 40 products taken for stimulants and tested for fentanyl, "
        "3 held it."
    )


def test_too_few_have_no_shade_and_strips_have_none_at_all():
    make_square(12, 4)
    make_square(40, 9, expected="opioid")
    make_square(40, 9, expected="opioid", family="strip", subject="fentanyl_type_opioid")

    (of_labs,) = picture(expected.sheet("us-pa-allegheny", {})).squares
    (of_strips,) = picture(expected.sheet("us-pa-allegheny", {"family": "strip"})).squares

    assert [(square.said, square.tested) for square in of_labs if square] == [("22\u00a0%", 40), ("4 of 12", 12)]
    assert [(square.said, square.has_shade) for square in of_strips if square] == [("9 of 40", False)]


def picture(sheet: "expected.Sheet") -> HeatMap:
    assert isinstance(sheet.picture, HeatMap)
    return sheet.picture


def test_the_newest_quarter_is_shown_and_any_other_has_its_address(client):
    make_square(40, 3)
    make_square(50, 5, period_start=Q4)

    assert "2026Q4" in words(page(client, GRID))
    text = words(page(client, GRID, quarter="2026Q3"))
    assert "Fentanyl stimulants 3 40 8 %".lower() in text.lower()
    assert "One of 2026Q4, 2026Q3." in words(page(client, GRID, quarter="2020Q1", status=400))


def test_classes_of_the_same_samples_are_one_column():
    for slug in ("opioid", "fentanyl_type_opioid"):
        make_square(30, 3, expected=slug, subject="xylazine")

    assert picture(expected.sheet("us-pa-allegheny", {})).columns == ("opioids",)


def test_a_square_that_was_replaced_is_not_added():
    old = make_square(40, 3)
    newer = make_square(39, 2, version=2)
    ReleasedExpected.objects.filter(pk=old.pk).update(superseded_in=newer.release)

    assert [row[2:4] for row in expected.sheet("us-pa-allegheny", {}).rows] == [(2, 39)]


# Place by place


def test_places_share_one_scale_and_stand_by_name():
    make_cell(31, 7, area="us-pa-beaver")
    make_cell(12, 4)
    make_cell(9, 1, area="us-pa")
    make_cell(40, 40, area="us-va-roanoke")

    sheet = areas.sheet("us-pa", {}, substance="xylazine")

    assert isinstance(sheet.picture, Panels)
    assert [panel.title for panel in sheet.picture.panels] == [
        "Allegheny", "Beaver", "Pennsylvania, not told more closely"
    ]  # fmt: skip
    assert sheet.shows == "3 places have figures; in 1 of them a period has 20 or more tested, enough for a per cent."
    assert ("us-pa-beaver", "2026Q4", 7, 31, 0.2258, 0.114, 0.3981) in sheet.file_rows
    assert any("no ranking" in said for said in sheet.beside)


@pytest.mark.parametrize("address", [GRID, BY_AREA])
def test_every_figure_has_its_sentence_its_table_its_pictures_and_its_file(client, address):
    make_square(40, 3)
    make_cell(31, 7)

    html = page(client, address)

    assert SENTENCE in html
    assert "Release 118" in html
    assert "<table>" in html
    assert not re.search(r"<script|style=|://(?!localhost|testserver)", html.split("<main")[1].split("</main")[0])
    for file, start in (("chart.svg", b"<?xml"), ("chart.png", b"\x89PNG"), ("data.csv", b"")):
        answer = client.get(address + file)
        assert answer.status_code == 200
        assert answer.content.startswith(start)
        assert not answer.cookies
    assert "Qué" in page(client, address, lang="es") or "lugar" in page(client, address, lang="es")


@pytest.mark.parametrize("address", [GRID, BY_AREA, "/trends/us-pa/xylazine/beside/"])
def test_where_nothing_is_released_nothing_is_drawn_and_nothing_said_of_it(client, address):
    text = words(page(client, address))

    assert "not around" in text or "once a quarter is over" in text or "Choose another" in text
    assert client.get(f"{address}chart.svg").status_code == 404


@pytest.mark.parametrize("address", ["/trends/nowhere/expected/", "/trends/us-pa/nothing/areas/",
                                     "/trends/nowhere/xylazine/beside/"])  # fmt: skip
def test_a_place_or_substance_there_is_not_is_404(client, address):
    assert client.get(address).status_code == 404


def test_months_that_are_long_past_are_left_out_by_the_filter():
    make_cell(31, 7)
    make_cell(31, 7, period_start=WEEK_45.replace(year=2024))

    sheet = areas.sheet("us-pa", {"from": "2026-01"}, substance="xylazine")

    assert [row[1] for row in sheet.rows] == ["2026Q4"]


# Found together, and how much


def make_any_cell() -> ReleasedShare:
    return ReleasedShare.objects.first() or make_cell(31, 7)


def make_pair(**said: object) -> ReleasedPair:
    cell = make_any_cell()
    usual = {"area": "us-pa-allegheny", "period_start": Q3, "family": "lab", "one": "fentanyl", "other": "xylazine",
             "tested": 90, "with_one": 70, "with_other": 60, "both_low": 56, "both_high": 60}  # fmt: skip
    return ReleasedPair.objects.create(release=cell.release, batch=118, **{**usual, **said})


def make_amount(**said: object) -> ReleasedAmount:
    cell = make_any_cell()
    usual = {"area": "us-pa-allegheny", "period_start": Q3, "family": "lab", "subject": "mdma", "kind": "mg_per_unit",
             "basis": "salt:hydrochloride", "portion": "whole", "measured": 25, "lower": Decimal(110),
             "median": Decimal("150"), "upper": Decimal(190), "over": "120:18-18 200:0-4"}  # fmt: skip
    return ReleasedAmount.objects.create(release=cell.release, batch=118, **{**usual, **said})


def test_a_pair_is_told_of_the_rarer_with_its_range(client):
    make_pair()

    html = page(client, "/trends/us-pa-allegheny/together/")

    assert "Of 60 products with xylazine, 56 to 60 also held fentanyl." in html
    assert SENTENCE in html
    assert "Fentanyl xylazine 90 70 60 56 to 60" in words(html)
    file = client.get("/trends/us-pa-allegheny/together/data.csv").content.decode()
    assert file.splitlines()[1] == "2026Q3,fentanyl,xylazine,90,70,60,56,60"


def test_pairs_of_one_substance_have_an_address(client):
    make_pair()
    make_pair(one="cocaine", other="levamisole")

    address = "/trends/us-pa-allegheny/together/"
    assert "levamisole" not in words(page(client, address, substance="xylazine")).split("Show it otherwise")[0]
    assert "No substance is called this." in words(page(client, address, substance="qwxzzy", status=400))


def test_amounts_stand_with_basis_unit_and_limits(client):
    make_amount()

    html = page(client, "/trends/us-pa-allegheny/amounts/")

    assert (
        "MDMA, as hydrochloride, whole units: of 25 samples measured, half held between 110 and 190 mg per unit; the "
        "median is 150." in html
    )
    assert "18 above 120; 0 to 4 above 200" in html
    assert SENTENCE in html
    file = client.get("/trends/us-pa-allegheny/amounts/data.csv").content.decode()
    assert file.splitlines()[1] == (
        "2026Q3,mdma,mg_per_unit,salt:hydrochloride,whole,25,110,150,190,120:18-18 200:0-4"
    )  # fmt: skip


def test_units_never_share_an_axis_and_a_small_amount_is_written_out():
    make_amount()
    make_amount(kind="percent_w_w", portion="", subject="fentanyl", basis="base", lower=Decimal("0.012"), over="")

    drawn = amounts.sheet("us-pa-allegheny", {}).picture

    assert isinstance(drawn, Spreads)
    assert [(scale.unit, len(scale.reaches)) for scale in drawn.scales] == [("mg per unit", 1), ("% by mass", 1)]
    assert "0.012" in drawn.scales[1].reaches[0].said


@pytest.mark.parametrize("figure", ["together", "amounts"])
def test_strips_tell_neither_pairs_nor_amounts(client, figure):
    assert "One of lab, spectroscopy." in words(
        page(client, f"/trends/us-pa-allegheny/{figure}/", family="strip", status=400)
    )


@pytest.mark.parametrize("figure", ["together", "amounts"])
@pytest.mark.parametrize("file", ["chart.svg", "chart.png?size=wide"])
def test_both_are_drawn(client, figure, file):
    make_pair()
    make_amount()

    assert client.get(f"/trends/us-pa-allegheny/{figure}/{file}").status_code == 200


# In Arabic

ARABIC = "/trends/us-pa-allegheny/xylazine/ar/"


def test_the_figure_in_arabic_is_set_from_right_to_left(client):
    make_cell(31, 7)

    answer = client.get(ARABIC)
    html = answer.content.decode()
    picture = client.get(f"{ARABIC}chart.svg").content.decode()

    assert answer["Content-Language"] == "ar"
    assert '<html lang="ar" dir="rtl">' in html
    assert "وُجدت في 7 من 31 عيّنة" in html
    assert "ليست عيّنة عشوائية" in html
    assert "\u2067" in picture
    assert 'hreflang="ar"' in page(client, "/trends/us-pa-allegheny/xylazine/")


def test_arabic_letters_are_joined_in_pictures():
    """A word takes less room than its letters standing alone, which is how it would look unshaped."""
    from matplotlib import font_manager, ft2font

    font = ft2font.FT2Font(font_manager.findfont("DejaVu Sans"))
    font.set_size(40, 72)

    def width(text: str) -> int:
        font.set_text(text)
        return font.get_width_height()[0]

    word = "مختبر"
    assert width(word) < 0.85 * sum(width(letter) for letter in word)
