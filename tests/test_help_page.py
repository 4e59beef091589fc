"""Help nearby as everyone sees it: filters without a script, what is open, as of when, and for how long kept."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from checking import area_tree
from checking.helping import OFFERS
from checking.models import Service
from tests.factories import make_areas

MONDAY_NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)  # in New York


@pytest.fixture(autouse=True)
def _several(db, monkeypatch) -> None:
    at(monkeypatch, MONDAY_NOON)
    area_tree.forget()
    make("Open van", "us-pa-allegheny", "naloxone", hours="Mo-Fr 10:00-16:00", hours_remark="ask for Ana")
    make("Closed room", "us-pa-allegheny", "drop_in", hours="Tu-Fr 10:00-16:00")
    make("Somebody", "us-pa-allegheny", "peer_support", hours="")
    make("The line", "us", "use_alone_line", hours="24/7")
    make("Far away", "us-va", "naloxone", hours="24/7")


def at(monkeypatch, now: datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now)


def make(name: str, area: str, *offers: str, **other: Any) -> None:
    values = {"time_zone": "America/New_York", "phone": "555-0100", **other}
    Service.objects.create(
        slug=name.split()[0].lower(), name=name, area=make_areas()[area], offers=list(offers), **values
    )


def shown(client, path: str = "/help/us-pa-allegheny/", **asked: str) -> str:
    answer = client.get(path, asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_says_whether_it_is_open_when_it_was_judged_and_its_remark(client):
    page = shown(client)

    assert "Open now, until 16:00" in page
    assert "Closed now, opens tomorrow 10:00" in page
    assert "Hours not known: call first." in page
    assert "Open now, day and night" in page
    assert "Open or closed as of 12:00, New York time." in page
    assert "Monday to Friday 10:00\N{EN DASH}16:00" in page
    assert "ask for Ana" in page
    assert "Far away" not in page


def test_every_offer_can_be_chosen(client):
    page = shown(client)

    assert all(f'<option value="{code}">' in page for code in OFFERS)
    assert "Open van" not in shown(client, offer="drop_in")


def test_open_now_shows_what_is_open_and_apart_what_may_be(client):
    page = shown(client, "/help/", area="us-pa-allegheny", open_now="true")

    assert "Closed room" not in page
    assert page.index("Open van") < page.index("The line") < page.index("These may be open") < page.index("Somebody")


def test_where_nothing_is_open_the_way_to_when_they_open_is_beside_it(client):
    page = shown(client, "/help/", area="us-pa-allegheny", offer="drop_in", open_now="true")

    assert "None that we know to be open now." in page
    assert 'href="?area=us-pa-allegheny&amp;offer=drop_in"' in page


def test_caches_keep_it_for_a_minute_and_never_past_a_change(client, monkeypatch):
    first = client.get("/help/us-pa-allegheny/")
    assert first["Cache-Control"] == "public, max-age=60"
    assert client.get("/help/us-pa-allegheny/", headers={"If-None-Match": first["ETag"]}).status_code == 304

    at(monkeypatch, datetime(2026, 11, 23, 20, 59, 30, tzinfo=UTC))
    assert client.get("/help/us-pa-allegheny/")["Cache-Control"] == "public, max-age=30"

    at(monkeypatch, datetime(2026, 11, 23, 21, tzinfo=UTC))
    later = client.get("/help/us-pa-allegheny/", headers={"If-None-Match": first["ETag"]})
    assert later.status_code == 200
    assert "Closed now, opens tomorrow 10:00" in later.content.decode()


def test_a_change_by_a_coordinator_changes_the_tag(client):
    tag = client.get("/help/us-pa-allegheny/")["ETag"]
    Service.objects.filter(slug="open").update(phone="555-0199")

    assert client.get("/help/us-pa-allegheny/")["ETag"] != tag


def test_it_speaks_the_language_and_caches_know(client):
    answer = client.get("/help/us-pa-allegheny/", {"lang": "es"})

    assert "Accept-Language" in answer["Vary"]
    assert 'name="lang" value="es"' in answer.content.decode()


def test_an_unknown_offer_is_no_filter_and_an_unknown_place_is_said(client):
    assert "Open van" in shown(client, offer="massage")
    assert "We do not know a place called" in shown(client, "/help/", area="Atlantis", open_now="true")
    assert client.get("/help/atlantis/").status_code == 404
