"""Two figures side by side: what is put beside what, and all that is refused, each by its name."""

from datetime import date

import pytest

from checking.figures.side_by_side import WHY, difference
from checking.models import Release, ReleasedExpected, ReleasedScope, ReleasedStrip
from tests.release_rows import make_network
from tests.test_trends import WEEK_45, ask, make_cell
from tests.test_trends_pages import page, words

pytestmark = pytest.mark.django_db

PAGE = "/trends/us-pa-allegheny/xylazine/beside/"
THERE = "us-va-roanoke"
EARLY = date(2026, 4, 13)


@pytest.fixture(autouse=True)
def _network(db) -> None:
    make_network()


def make_mix(area: str, expected: str, tested: int, **said: object) -> None:
    usual = {"subject": "xylazine", "family": "lab", "period_start": date(2026, 10, 1)}
    ReleasedExpected.objects.create(
        release=Release.objects.get(), batch=118, area=area, expected=expected, tested=tested, detected=0,
        **{**usual, **said},
    )  # fmt: skip


def make_two_places(*, stimulants: int = 20) -> None:
    """Both bring forty; here half for stimulants, there as many as said."""
    for area, number in (("us-pa-allegheny", 20), (THERE, stimulants)):
        make_cell(40, 10 if area == THERE else 20, area=area)
        make_mix(area, "stimulant", number)
        make_mix(area, "opioid", 40 - number)


def test_newcombes_worked_example():
    """Table II of Newcombe 1998, method 10: 56/70 less 48/80."""
    low, high = difference((56, 70), (48, 80))

    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


def test_two_places_that_bring_the_same_stand_side_by_side(client):
    make_two_places()

    text = words(page(client, PAGE, with_area=THERE))
    answer = ask(client, with_area=THERE)

    assert "Allegheny: 20 of 40. Roanoke: 10 of 40." in text
    assert "The difference is 4 to 43 points: more than chance alone makes likely." in text
    assert "The form, powder or rock or tablet, is not in what is released" in text
    assert (answer["beside"]["area"], answer["beside"]["results"][0]["tested"]) == (THERE, 40)
    assert answer["beside"]["difference"] == {"low": 0.0379, "high": 0.4333}
    picture = client.get(f"{PAGE}chart.svg?with_area={THERE}&size=wide").content.decode()
    assert "Roanoke" in picture


def test_two_times_of_one_place_stand_side_by_side(client):
    make_cell(40, 10)
    make_cell(12, 6, period_start=EARLY)

    times = {"from": "2026-10", "with_from": "2026-04", "with_to": "2026-06"}
    text = words(page(client, PAGE, **times))

    assert "2026-11: 10 of 40. 2026-04: 6 of 12." in text
    assert "Too few, or too unsure" in text
    assert ask(client, **times)["beside"]["difference"] is None


def refused(client, **asked: str) -> tuple[int, str]:
    """The code by the API; the page refuses it too, says why, and draws nothing."""
    answer = ask(client, **asked)
    if answer["status"] == 400:
        said = words(page(client, PAGE, status=400, **asked))
        assert answer["error"]["message"] in said.replace("&#x27;", "'")
        assert client.get(f"{PAGE}chart.svg", asked).status_code == 404
    return answer["status"], answer.get("error", {}).get("code", "")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"with_family": "strip"}, "strip_with_lab"),
        ({"with_material": "residue"}, "residue_with_product"),
        ({"with_setting": "event"}, "event_with_fixed"),
        ({"with_setting": "seizure"}, "seizure_with_checking"),
    ],
)
def test_what_is_counted_otherwise_is_refused(client, asked, code):
    make_two_places()

    assert refused(client, with_area=THERE, **asked) == (400, code)


def test_places_that_bring_other_things_are_refused_unless_the_same_was_expected(client):
    make_two_places(stimulants=2)

    assert refused(client, with_area=THERE) == (400, "different_mix")
    same = {"expected": "opioid", "interval": "quarter"}
    assert refused(client, with_area=THERE, **same) == (200, "")


def test_places_of_which_it_is_not_told_what_they_bring_are_refused(client):
    make_cell(40, 20)
    make_cell(40, 10, area=THERE)

    assert refused(client, with_area=THERE) == (400, "unknown_mix")


TIMES = {"from": "2026-10", "with_from": "2026-04", "with_to": "2026-06"}


@pytest.mark.parametrize("subject", ["xylazine", "sedative"])
def test_across_a_change_of_what_is_looked_for_is_refused(client, subject):
    make_cell(40, 10)
    cell = make_cell(40, 10, period_start=EARLY)
    assert refused(client, **TIMES) == (200, "")

    from checking import catalogue

    slug = subject if subject == "xylazine" else catalogue.current().subject("xylazine").classes[-1]
    ReleasedScope.objects.create(
        release=cell.release, area=cell.area, family="lab", subject=slug, week=date(2026, 8, 3), is_opened=True
    )

    assert refused(client, **TIMES) == (400, "across_scope")


def test_before_a_change_of_what_is_looked_for_is_not_across_it(client):
    make_cell(40, 10, period_start=date(2026, 7, 13))
    cell = make_cell(40, 10, period_start=EARLY)
    ReleasedScope.objects.create(
        release=cell.release, area=cell.area, family="lab", subject="xylazine", week=WEEK_45, is_opened=True
    )

    assert refused(client, **{**TIMES, "from": "2026-07"}) == (200, "")


@pytest.mark.parametrize(
    ("lots", "expected"),
    [((("One", "1"), ("One", "1")), 200), ((("One", "1"), ("Two", "1")), 400), ((("One", "1"), ("One", "2")), 400),
     ((("One", "1"), None), 400), ((("One", ""), ("One", "")), 400)],
    ids=["same", "brand", "lot", "not told", "several lots"],
)  # fmt: skip
def test_strips_compare_only_where_brand_and_lot_are_known_and_the_same(client, lots, expected):
    for start, kit in zip((WEEK_45, EARLY), lots, strict=True):
        cell = make_cell(40, 10, family="strip", period_start=start)
        if kit:
            quarter = date(2026, 3 * ((start.month - 1) // 3) + 1, 1)
            ReleasedStrip.objects.create(
                release=cell.release, area=cell.area, subject="xylazine", quarter=quarter, brand=kit[0], lot=kit[1]
            )

    found = refused(client, family="strip", **TIMES)

    assert found == (expected, "" if expected == 200 else "across_strips")


@pytest.mark.parametrize(
    ("asked", "name"),
    [({"with_area": "nowhere"}, "with_area"), ({"with_area": "us-pa-allegheny"}, "with_area"),
     ({"with_area": "us-pa"}, "with_area"), ({"with_from": "2026-10"}, "with_from"), ({"with_to": "x"}, "with_to"),
     ({"with_setting": "x"}, "with_setting"), ({"with_family": "x"}, "with_family")],
)  # fmt: skip
def test_what_cannot_be_put_beside_it_is_named(client, asked, name):
    make_cell(40, 10)

    answer = ask(client, **asked)

    assert answer["status"] in (400, 422)
    assert list(answer["error"]["fields"]) == [name]
    assert page(client, PAGE, status=400, **asked)


def test_a_table_holds_one_figure(client):
    make_two_places()

    answer = client.get(f"/api/v1/trends/?area=us-pa-allegheny&substance=xylazine&with_area={THERE}&format=csv")

    assert answer.status_code == 400


def test_every_refusal_of_the_rules_has_a_reason_in_plain_words():
    assert len(WHY) == 8
    assert all(str(reason).endswith(".") and len(str(reason)) > 60 for reason in WHY.values())
