"""Reading what was said."""

import pytest

from alerts.matching import Filter
from alerts.reading import current_alerts, events_after, find_alert, head
from checking import area_tree, catalogue
from tests.factories import make_areas, make_vocabulary
from tests.said import say, say_more


@pytest.fixture(autouse=True)
def _world(db) -> None:
    make_vocabulary()
    area_tree.forget()
    make_areas()


def test_events_come_ascending_and_say_how_far_was_looked():
    for area in ("us-pa-allegheny", "us-va", "us-pa-allegheny"):
        say(area=area)
    say(area="us-va", drill=True)
    wanted = Filter(areas=frozenset({"us-pa"}))

    assert [event["seq"] for event in events_after(0)[0]] == [1, 2, 3]
    assert ([e["seq"] for e in events_after(0, wanted, 1)[0]], events_after(0, wanted, 1)[1]) == ([1], 1)
    assert ([e["seq"] for e in events_after(1, wanted, 5)[0]], events_after(1, wanted, 5)[1]) == ([3], 3)
    assert events_after(3, wanted, 5) == ([], 3)
    assert head() == 3


def test_all_alerts_are_the_latest_step_of_each():
    first = say()
    say_more(first, "withdrawn")
    second = say()

    assert [payload["kind"] for payload in current_alerts(state="all")] == ["published", "withdrawn"]
    assert [payload["alert"]["id"] for payload in current_alerts()] == [str(second.alert_id)]
    assert len(current_alerts(state="all", limit=1)) == 1
    found = find_alert(first.alert_id)
    assert found is not None
    assert found["kind"] == "withdrawn"


def test_reading_takes_as_many_queries_for_many_as_for_one(django_assert_num_queries):
    for _ in range(7):
        say_more(say(), "updated")
    area_tree.current()
    catalogue.current()
    wanted = Filter(areas=frozenset({"us-pa"}))

    with django_assert_num_queries(2):
        assert len(current_alerts(wanted)) == 7
    with django_assert_num_queries(2):
        assert len(events_after(0, wanted)[0]) == 14
