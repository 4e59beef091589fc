"""The Atom feed."""

from datetime import timedelta
from uuid import UUID

import pytest
from defusedxml import ElementTree
from django.utils import timezone

from checking import area_tree
from checking.models import Network
from tests.factories import make_areas, make_vocabulary
from tests.said import say, say_more

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def _world(db) -> None:
    make_vocabulary()
    area_tree.forget()
    make_areas()


def entries_of(client, **asked):
    response = client.get("/alerts/feed.atom", asked)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(response.content).findall(f"{ATOM}entry")


def said_by(entry, name: str) -> str:
    return entry.findtext(f"{ATOM}{name}") or ""


def test_an_alert_is_an_entry_under_its_own_id(client):
    event = say(reviewed=False)

    (entry,) = entries_of(client)

    assert said_by(entry, "id") == event.alert_id.urn
    assert said_by(entry, "title") == "Notice, Allegheny: Sold as cocaine, a lab found fentanyl"
    assert "not yet reviewed" in said_by(entry, "summary")
    assert "Start small and wait." in said_by(entry, "summary")
    assert entry.find(f"{ATOM}link").attrib["href"].endswith(f"/alerts/{event.alert_id}/")


def test_what_ran_out_says_so(client):
    made = timezone.now() - timedelta(days=15)
    say(at=made)
    say(at=timezone.now() - timedelta(days=13))

    standing, over = entries_of(client)

    assert "[over]" not in said_by(standing, "title")
    assert "It is over." not in said_by(standing, "summary")
    assert "[over]" in said_by(over, "title")
    assert "It is over." in said_by(over, "summary")
    assert said_by(over, "updated") == (made + timedelta(days=14)).isoformat()


def test_a_withdrawal_is_an_entry_of_its_own_and_marks_the_first(client):
    published_at = timezone.now() - timedelta(days=1)
    event = say(at=published_at)
    withdrawn = say_more(event, "withdrawn", because="The sample was mixed up.")

    newest, first = entries_of(client)

    assert "Withdrawn" in said_by(newest, "title")
    assert "The sample was mixed up." in said_by(newest, "summary")
    assert "Withdrawn: it was wrong" in said_by(first, "title")
    assert said_by(first, "updated") == said_by(newest, "updated") == withdrawn.payload["at"]
    assert said_by(first, "published") == event.payload["at"]


def test_ids_are_stable_and_never_shared(client):
    event = say()
    say_more(event, "updated")
    say()

    ids = [said_by(entry, "id") for entry in entries_of(client)]

    assert ids == [said_by(entry, "id") for entry in entries_of(client)]
    assert len(set(ids)) == 3
    assert all(UUID(id.removeprefix("urn:uuid:")) for id in ids)


def test_the_feed_takes_the_filters_of_the_api(client):
    say("In Pennsylvania", area="us-pa-allegheny", level="caution")
    say("In Virginia", area="us-va")
    say("Xylazine", substances=("xylazine",))

    assert len(entries_of(client, area="us-pa")) == 2
    assert len(entries_of(client, substance="opioid")) == 2
    assert len(entries_of(client, level="caution")) == 1


def test_a_filter_that_cannot_be_read_is_said_in_words(client):
    response = client.get("/alerts/feed.atom", {"area": "atlantis"})

    assert response.status_code == 400
    assert response.content.decode().startswith("area: We do not know")


def test_drills_are_in_no_feed(client):
    say(drill=True)

    assert entries_of(client) == []


def test_a_simulated_network_says_so_in_the_title(client):
    Network.objects.update_or_create(pk=1, defaults={"simulated": True})

    feed = ElementTree.fromstring(client.get("/alerts/feed.atom").content)

    assert feed.findtext(f"{ATOM}title") == "Headsup (simulated data)"


def test_the_feed_takes_as_many_queries_for_many_as_for_one(client, django_assert_max_num_queries):
    for _ in range(9):
        say()
    client.get("/alerts/feed.atom")

    with django_assert_max_num_queries(8):
        entries_of(client)


def test_a_reader_that_has_it_is_told_that_nothing_changed(client):
    say()
    known = client.get("/alerts/feed.atom")["ETag"]

    again = client.get("/alerts/feed.atom", headers={"if-none-match": known})

    assert (again.status_code, again.content) == (304, b"")


def test_the_same_feed_is_another_in_another_language_by_another_filter_and_after_another_step(client):
    event = say()
    first = client.get("/alerts/feed.atom")["ETag"]
    others = [
        client.get("/alerts/feed.atom", headers={"accept-language": "es"})["ETag"],
        client.get("/alerts/feed.atom", {"level": "warning"})["ETag"],
    ]
    say_more(event, "withdrawn")
    others.append(client.get("/alerts/feed.atom")["ETag"])

    assert first not in others
    assert client.get("/alerts/feed.atom", headers={"if-none-match": first}).status_code == 200
