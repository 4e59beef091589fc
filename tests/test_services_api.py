"""`GET /api/v1/services/`: hours for programs, what is open, and what cannot be asked."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from api import services
from checking import area_tree
from checking.models import Service
from tests.factories import make_areas

MONDAY_NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)  # in New York


@pytest.fixture(autouse=True)
def _several(db, monkeypatch) -> None:
    monkeypatch.setattr(services.timezone, "now", lambda: MONDAY_NOON)
    area_tree.forget()
    make("open", "us-pa-allegheny", "naloxone", hours="Mo-Fr 10:00-16:00; Dec 24-Jan 02 off; 2026-11-27 10:00-12:00")
    make("closed", "us-pa-allegheny", "naloxone", "drop_in", hours="Tu 20:00-02:00; PH off")
    make("unknown", "us-pa-beaver", "naloxone", hours="Ring the bell")
    make("line", "us", "use_alone_line", hours="24/7", time_zone="")
    make("far", "us-va", "naloxone", hours="Mo-Fr 10:00-16:00")


def make(slug: str, area: str, *offers: str, **other: Any) -> None:
    values = {"time_zone": "America/New_York", **other}
    Service.objects.create(slug=slug, name=slug, area=make_areas()[area], offers=list(offers), **values)


def ask(**asked: str):
    return Client().get("/api/v1/services/", asked)


def slugs(**asked: str) -> list[str]:
    answer = ask(**asked)
    assert answer.status_code == 200, answer.content
    return [row["slug"] for row in answer.json()["results"]]


def test_all_stand_in_one_order_without_rank():
    assert slugs() == ["closed", "far", "line", "open", "unknown"]


def test_it_is_narrowed_by_place_offer_and_what_is_open():
    assert slugs(area="us-pa-allegheny") == ["closed", "line", "open"]
    assert slugs(offer="naloxone", area="us-pa") == ["closed", "open", "unknown"]
    assert slugs(open_now="true") == ["far", "line", "open"]
    assert slugs(open_now="false") == ["closed"]
    assert slugs(open_now="true", area="us-pa-beaver") == ["line"]


def test_what_is_known_of_hours_is_told_for_programs():
    row = next(row for row in ask().json()["results"] if row["slug"] == "open")

    assert row["open_now"] is True
    assert row["changes_at"] == "2026-11-23T21:00:00+00:00"
    hours = row["opening_hours"]
    assert hours["time_zone"] == "America/New_York"
    assert hours["week"]["mo"] == [{"opens": "10:00", "closes": "16:00"}]
    assert hours["week"]["su"] == []
    assert hours["public_holidays"] is None
    assert hours["yearly"] == [{"first": "12-24", "last": "01-02", "spans": []}]
    assert hours["dated"] == [
        {"first": "2026-11-27", "last": "2026-11-27", "spans": [{"opens": "10:00", "closes": "12:00"}]}
    ]


def test_what_nobody_can_tell_is_null_and_words_stay_words():
    rows = {row["slug"]: row for row in ask().json()["results"]}

    assert (rows["unknown"]["open_now"], rows["unknown"]["opening_hours"]) == (None, None)
    assert rows["unknown"]["hours"] == "Ring the bell"
    assert rows["closed"]["open_now"] is False  # whether or not this is a holiday
    assert rows["closed"]["opening_hours"]["public_holidays"] == []
    assert rows["line"]["opening_hours"]["time_zone"] is None
    assert (rows["line"]["open_now"], rows["line"]["changes_at"]) == (True, None)
    assert rows["line"]["confirmation"] == "never"


def test_no_cache_keeps_it_past_the_next_opening_or_closing(monkeypatch):
    assert ask()["Cache-Control"] == "public, max-age=60"
    monkeypatch.setattr(services.timezone, "now", lambda: datetime(2026, 11, 23, 20, 59, 48, tzinfo=UTC))
    assert ask()["Cache-Control"] == "public, max-age=12"


def test_pages_are_followed_with_the_filter_kept():
    first = ask(open_now="true", limit="2").json()

    second = Client().get(first["next"]).json()

    assert [row["slug"] for page in (first, second) for row in page["results"]] == ["far", "line", "open"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"area": "atlantis"}, "area"),
        ({"offer": "massage"}, "offer"),
        ({"open_now": "maybe"}, "open_now"),
        ({"offers": "naloxone"}, "offers"),
        ({"limit": "0"}, "limit"),
        ({"cursor": "x"}, "cursor"),
    ],
)
def test_what_cannot_be_asked_is_400_and_names_the_field(asked, field):
    answer = ask(**asked)

    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]


def test_a_place_by_its_name_leads_to_its_slug():
    assert ask(area="Beaver").json()["error"]["suggestions"] == {"area": ["us-pa-beaver"]}


def test_asking_twice_for_one_thing_is_refused():
    assert Client().get("/api/v1/services/?offer=naloxone&offer=drop_in").status_code == 400
