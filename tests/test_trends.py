"""What everyone may ask of the released tables, by the API."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.test import Client

from checking import catalogue
from checking.estimates import share_interval
from checking.models import Release, ReleasedExpected, ReleasedShare
from checking.trend_files import harmless
from tests.release_rows import make_network

pytestmark = pytest.mark.django_db

WEEK_45 = date(2026, 11, 2)


@pytest.fixture(autouse=True)
def _network(db) -> None:
    make_network()


def make_cell(tested: int, detected: int, **said: object) -> ReleasedShare:
    number = said.pop("release", 118)
    release = Release.objects.get_or_create(number=number, defaults={"made_on": date(2026, 11, 22)})[0]
    usual = {
        "series": "latest",
        "area": "us-pa-allegheny",
        "period_start": WEEK_45,
        "subject": "xylazine",
        "family": "lab",
        "material": "product",
        "batch": number,
    }
    return ReleasedShare.objects.create(release=release, tested=tested, detected=detected, **{**usual, **said})


def ask(client: Client, **parameters: str) -> dict:
    response = client.get("/api/v1/trends/", {"area": "us-pa-allegheny", "substance": "xylazine", **parameters})
    return {"status": response.status_code, **response.json()}


def test_a_share_stands_with_its_interval_its_n_and_the_release(client):
    """7 of 31, by Wilson's formula."""
    make_cell(31, 7)

    answer = ask(client)

    assert answer["release"] == 118
    assert answer["results"] == [
        {"period": "2026-W45", "detected": 7, "tested": 31, "share": 0.2258, "low": 0.114, "high": 0.3981}
    ]
    assert "not a random draw" in answer["note"]


def test_under_twenty_tested_there_is_no_share_and_always_an_interval(client):
    make_cell(12, 4)

    (result,) = ask(client)["results"]

    assert result["share"] is None
    assert (result["low"], result["high"]) == (0.1381, 0.6094)


def test_where_nothing_was_released_the_answer_is_empty(client):
    answer = ask(client)

    assert (answer["status"], answer["release"], answer["results"]) == (200, 0, [])
    assert "not a random draw" in answer["note"]
    assert answer["promise"].startswith("For health only. Not evidence, not for enforcement.")
    assert answer["floors"] == {
        "at_least": 5, "dominant_percent": 80, "waits_days": 28, "residents": 20000, "settles_weeks": 6,
        "together_at_least": 20,
    }  # fmt: skip


def test_an_area_sums_the_areas_within(client):
    make_cell(10, 1)
    make_cell(20, 2, area="us-pa-beaver")
    make_cell(5, 1, area="us-pa")
    make_cell(40, 40, area="us-va-roanoke")

    (state,) = ask(client, area="us-pa")["results"]
    (county,) = ask(client)["results"]

    assert (state["tested"], state["detected"]) == (35, 4)
    assert (county["tested"], county["detected"]) == (10, 1)


def test_two_releases_of_one_week_are_added(client):
    make_cell(10, 1)
    make_cell(6, 2, release=119)

    (result,) = ask(client)["results"]

    assert (result["tested"], result["detected"]) == (16, 3)


def test_a_corrected_cell_counts_in_its_newest_version_only(client):
    old = make_cell(10, 5)
    newer = make_cell(9, 4, batch=118, version=2, release=119)
    ReleasedShare.objects.filter(pk=old.pk).update(superseded_in=newer.release)

    (result,) = ask(client)["results"]

    assert (result["tested"], result["detected"]) == (9, 4)


def test_families_materials_and_series_never_mix(client):
    make_cell(10, 1)
    make_cell(20, 20, family="strip")
    make_cell(30, 30, material="residue")
    make_cell(40, 40, series="final", period_start=date(2026, 9, 1))

    assert [each["tested"] for each in ask(client)["results"]] == [10]
    assert [each["tested"] for each in ask(client, family="strip")["results"]] == [20]
    assert [each["tested"] for each in ask(client, material="residue")["results"]] == [30]
    (final,) = ask(client, series="final")["results"]
    assert (final["period"], final["tested"]) == ("2026-09", 40)


def test_weeks_add_up_to_the_month_and_quarter_of_their_thursday(client):
    make_cell(10, 1, period_start=date(2026, 9, 28))  # Thursday is 1 October
    make_cell(20, 2, period_start=date(2026, 10, 26))
    make_cell(30, 3, period_start=date(2026, 11, 2))

    by_month = ask(client, interval="month")["results"]
    by_quarter = ask(client, interval="quarter")["results"]

    assert [(each["period"], each["tested"]) for each in by_month] == [("2026-10", 30), ("2026-11", 30)]
    assert [(each["period"], each["tested"]) for each in by_quarter] == [("2026Q4", 60)]


def test_from_and_to_are_inclusive_and_periods_ascend(client):
    for week in (3, 0, 2, 1):
        make_cell(10, week, period_start=WEEK_45 + timedelta(weeks=week))

    answer = ask(client, **{"from": "2026-W46", "to": "2026-W47"})

    assert [each["period"] for each in answer["results"]] == ["2026-W46", "2026-W47"]


def test_a_month_holds_the_weeks_that_belong_to_it(client):
    make_cell(10, 0, period_start=date(2026, 10, 26))  # ends on 1 November, and belongs to October
    make_cell(10, 1)

    answer = ask(client, **{"from": "2026-11", "to": "2026-11"})

    assert [each["period"] for each in answer["results"]] == ["2026-W45"]


def test_a_week_that_begins_in_november_and_belongs_to_december_asks_for_december(client):
    make_cell(10, 0, period_start=date(2026, 11, 23))
    make_cell(10, 1, period_start=date(2026, 11, 30))  # Thursday is 3 December

    since = ask(client, interval="month", **{"from": "2026-W49"})
    until = ask(client, interval="month", to="2026-W48")

    assert [each["period"] for each in since["results"]] == ["2026-12"]
    assert [each["period"] for each in until["results"]] == ["2026-11"]


def test_periods_with_nothing_tested_are_left_out(client):
    make_cell(0, 0)

    assert ask(client)["results"] == []


def test_a_substance_goes_by_any_accepted_name_and_a_class_by_its_slug(client):
    make_cell(10, 1, subject="fentanyl")
    make_cell(10, 2, subject="opioid")

    assert ask(client, substance="fentanil")["results"][0]["detected"] == 1
    assert ask(client, substance="opioid")["results"][0]["detected"] == 2


def test_an_unknown_substance_is_422_with_the_nearest_names(client):
    answer = ask(client, substance="xylazin")

    assert (answer["status"], answer["error"]["code"]) == (422, "unknown_name")
    assert "xylazine" in answer["error"]["suggestions"]["substance"]


def test_an_ambiguous_name_is_asked_about(client):
    answer = ask(client, substance="M30")

    assert answer["status"] == 422
    assert "fentanyl" in answer["error"]["suggestions"]["substance"]


def test_an_unknown_area_is_422_with_the_nearest(client):
    answer = ask(client, area="us-pa-alleghany")

    assert answer["status"] == 422
    assert "us-pa-allegheny" in answer["error"]["suggestions"]["area"]


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"area": ""}, "area"),
        ({"substance": ""}, "substance"),
        ({"family": "reagent"}, "family"),
        ({"material": "dust"}, "material"),
        ({"series": "best"}, "series"),
        ({"interval": "day"}, "interval"),
        ({"series": "final", "interval": "week"}, "interval"),
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-W60"}, "to"),
        ({"from": "2026-W10", "to": "2026-W09"}, "to"),
        ({"expected": "stimulant"}, "interval"),
        ({"expected": "stimulant", "interval": "month"}, "interval"),
        ({"expected": "cocaine", "interval": "quarter"}, "expected"),
        ({"expected": "stimulant", "interval": "quarter", "series": "final"}, "series"),
        ({"expected": "stimulant", "interval": "quarter", "material": "residue"}, "material"),
        ({"site": "harbour"}, "site"),
    ],
)
def test_a_wrong_parameter_is_400_and_named(client, parameters, field):
    answer = ask(client, **parameters)

    assert answer["status"] == 400
    assert field in answer["error"]["fields"]


def test_a_parameter_said_twice_is_400(client):
    response = client.get("/api/v1/trends/?area=us&area=us-pa&substance=xylazine")

    assert response.status_code == 400
    assert "area" in response.json()["error"]["fields"]


def test_expected_against_found_reads_the_expected_table(client):
    make_cell(10, 1)
    ReleasedExpected.objects.create(
        release=Release.objects.get(),
        batch=118,
        area="us-pa-allegheny",
        period_start=date(2026, 10, 1),
        expected="stimulant",
        subject="xylazine",
        family="lab",
        tested=25,
        detected=2,
    )

    answer = ask(client, expected="stimulant", interval="quarter")

    assert [(each["period"], each["tested"], each["share"]) for each in answer["results"]] == [("2026Q4", 25, 0.08)]


def test_the_same_numbers_come_as_csv(client):
    make_cell(31, 7)
    make_cell(12, 4, period_start=date(2026, 11, 9))

    response = client.get(
        "/api/v1/trends/", {"area": "us-pa-allegheny", "substance": "xylazine"}, headers={"Accept": "text/csv"}
    )

    assert response["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert rows[0] == {
        "period": "2026-W45", "detected": "7", "tested": "31", "share": "0.2258", "low": "0.114", "high": "0.3981",
    }  # fmt: skip
    assert rows[1]["share"] == ""


def test_an_error_has_one_shape_whatever_was_asked_for(client):
    response = client.get("/api/v1/trends/", headers={"Accept": "text/csv"})

    assert response.status_code == 400
    assert response["Content-Type"] == "application/json"
    assert "area" in response.json()["error"]["fields"]


def test_no_cell_is_a_formula():
    for text in ("=1+1", "+1", "-1", "@sum", "\t=1"):
        assert harmless(text) == f"'{text}"
    assert harmless("2026-W45") == "2026-W45"
    assert harmless(-1) == -1


def test_what_did_not_change_is_not_sent_again(client):
    make_cell(31, 7)
    question = {"area": "us-pa-allegheny", "substance": "xylazine"}
    tag = client.get("/api/v1/trends/", question)["ETag"]

    assert client.get("/api/v1/trends/", question, headers={"If-None-Match": tag}).status_code == 304

    for other in (f"W/{tag}", f'"another", {tag}', "*"):
        assert client.get("/api/v1/trends/", question, headers={"If-None-Match": other}).status_code == 304

    make_cell(9, 1, release=119)
    assert client.get("/api/v1/trends/", question, headers={"If-None-Match": tag}).status_code == 200


def test_the_cost_does_not_grow_with_the_samples(client, django_assert_max_num_queries):
    make_cell(31, 7)
    catalogue.current()
    ask(client)

    with django_assert_max_num_queries(10):
        ask(client)


def test_every_interval_is_wilsons(client):
    for week, (tested, detected) in enumerate([(5, 0), (20, 20), (438, 386)]):
        make_cell(tested, detected, period_start=WEEK_45 + timedelta(weeks=week))

    for result in ask(client)["results"]:
        found = share_interval(result["detected"], result["tested"])
        assert (result["low"], result["high"]) == (round(found.low, 4), round(found.high, 4))


@pytest.mark.parametrize("written", ["AAA", "api", "null"])
def test_a_format_that_is_none_is_said(client, written):
    answer = client.get(f"/api/v1/trends/?area=us&substance=fentanyl&format={written}")

    assert answer.status_code == 400
    assert answer.json()["error"]["fields"] == {"format": ["Say json or csv."]}


def test_what_can_be_asked_is_told_to_who_wants_a_table_too(client):
    answer = client.options("/api/v1/trends/?area=us&substance=fentanyl&format=csv")

    assert answer.status_code == 200
    assert answer.json()["renders"]
