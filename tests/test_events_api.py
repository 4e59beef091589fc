"""GET /api/v1/alerts/ and /api/v1/events/: what programs read when they were not listening."""

import uuid
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from alerts.models import Alert
from checking import area_tree
from tests.event_rows import publish
from tests.factories import make_vocabulary

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _areas_of_this_test():
    area_tree.forget()
    yield
    area_tree.forget()


def seqs(answer) -> list[int]:
    assert answer.status_code == 200, answer.json()
    return [event["seq"] for event in answer.json()["results"]]


def test_nothing_published_is_an_empty_list(client):
    for address in ("/api/v1/alerts/", "/api/v1/events/", "/api/v1/events/?after=7"):
        assert client.get(address).json() == {"results": [], "next": None, "previous": None}


def test_events_come_in_order_as_frozen_payloads(client):
    events = [publish() for _ in range(3)]

    answer = client.get("/api/v1/events/")

    assert answer.json()["results"] == [event.payload for event in events]
    assert answer.json()["next"] is None


def test_pages_of_events_are_followed_without_gap_or_repeat(client):
    for _ in range(5):
        publish()

    found, url = [], "/api/v1/events/?after=0&limit=2"
    while url:
        answer = client.get(url)
        found += seqs(answer)
        url = answer.json()["next"]

    assert found == [1, 2, 3, 4, 5]


def test_next_carries_after_and_keeps_the_filter(client):
    for _ in range(3):
        publish()

    following = client.get("/api/v1/events/?area=us-pa&area=us-va&limit=2").json()["next"]

    address, _, query = following.partition("?")
    assert address == "http://testserver/api/v1/events/"
    assert parse_qs(query) == {"area": ["us-pa", "us-va"], "limit": ["2"], "after": ["2"]}


def test_a_narrow_filter_pages_past_what_it_does_not_hear(client):
    for level in ("warning", "notice", "notice", "warning"):
        publish(level=level)

    first = client.get("/api/v1/events/?level=warning&limit=1")
    second = client.get(first.json()["next"])

    assert seqs(first) == [1]
    assert seqs(second) == [4]
    assert second.json()["next"] is None


def test_an_after_beyond_the_head_is_empty(client):
    publish()

    assert seqs(client.get("/api/v1/events/?after=99")) == []


def test_current_alerts_are_newest_first_and_shown_as_last_said(client):
    first = publish()
    publish()
    publish(alert=first.alert, kind="updated")

    assert seqs(client.get("/api/v1/alerts/")) == [3, 2]


def test_what_has_run_out_is_shown_with_state_all_only(client):
    publish(expires_in=timedelta(hours=-1))
    ended = publish()
    Alert.objects.filter(pk=ended.alert_id).update(state="ended")
    publish()

    assert seqs(client.get("/api/v1/alerts/")) == [3]
    assert seqs(client.get("/api/v1/alerts/?state=all")) == [3, 2, 1]


def test_pages_of_alerts_are_followed_to_the_end(client):
    for _ in range(5):
        publish()

    found, url = [], "/api/v1/alerts/?limit=2"
    while url:
        answer = client.get(url)
        found += seqs(answer)
        url = answer.json()["next"]

    assert found == [5, 4, 3, 2, 1]


def test_more_than_a_page_is_a_page(client):
    for _ in range(3):
        publish()

    assert seqs(client.get("/api/v1/events/?limit=100000")) == [1, 2, 3]


def test_an_area_finds_what_is_above_and_within(client):
    publish(area="us-pa-allegheny")
    publish(area="us-pa")
    publish(area="us-va")

    assert seqs(client.get("/api/v1/events/?area=us-pa-allegheny")) == [1, 2]
    assert seqs(client.get("/api/v1/alerts/?area=us-pa-beaver&area=us-va-roanoke")) == [3, 2]


def test_a_substance_is_found_by_any_accepted_name_and_by_its_class(client):
    make_vocabulary()
    publish(substances=("fentanyl",))
    publish(substances=("xylazine",))

    assert seqs(client.get("/api/v1/events/?substance=Fentanyl")) == [1]
    assert seqs(client.get("/api/v1/events/?substance=opioid")) == [1]


def test_an_unknown_substance_is_422_with_the_nearest_names(client):
    make_vocabulary()

    for address in ("/api/v1/events/", "/api/v1/alerts/"):
        answer = client.get(address, {"substance": "xylazin"})

        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "unknown_name"
        assert answer.json()["error"]["fields"]["substance"]
        assert "xylazine" in answer.json()["error"]["suggestions"]["substance"]


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/api/v1/events/?after=-1", "after"),
        ("/api/v1/events/?after=soon", "after"),
        ("/api/v1/events/?after=99999999999999999999", "after"),
        ("/api/v1/events/?limit=0", "limit"),
        ("/api/v1/events/?limit=x", "limit"),
        ("/api/v1/events/?level=green", "level"),
        ("/api/v1/events/?area=atlantis", "area"),
        ("/api/v1/alerts/?area=%00", "area"),
        ("/api/v1/alerts/?state=some", "state"),
        ("/api/v1/alerts/?before=x", "before"),
    ],
)
def test_a_bad_parameter_is_400_and_named(client, address, field):
    answer = client.get(address)

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]


def test_one_alert_is_found_by_its_id(client):
    event = publish()
    publish(alert=event.alert, kind="ended")

    answer = client.get(f"/api/v1/alerts/{event.alert_id}/")

    assert answer.json()["kind"] == "ended"
    assert answer.json()["alert"]["id"] == str(event.alert_id)


def test_an_alert_that_is_not_there_is_404(client):
    answer = client.get(f"/api/v1/alerts/{uuid.uuid4()}/")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_drills_are_in_no_public_read(client):
    drill = publish(is_drill=True)

    assert seqs(client.get("/api/v1/events/")) == []
    assert seqs(client.get("/api/v1/alerts/?state=all")) == []
    assert client.get(f"/api/v1/alerts/{drill.alert_id}/").status_code == 404


def test_anyone_may_read_and_nothing_may_be_written(client):
    assert client.get("/api/v1/events/", headers={"authorization": "Api-Key wrong"}).status_code == 200
    assert client.post("/api/v1/events/").status_code == 405
    assert client.delete("/api/v1/alerts/").status_code == 405
