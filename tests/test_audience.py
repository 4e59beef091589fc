"""Those who hear an event are found without a look at those who do not."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.audience import Audience
from alerts.matching import Filter, Heard, hears

slugs = st.frozensets(st.sampled_from("abcdef"), max_size=3)
filters = st.builds(Filter, areas=slugs, substances=slugs, level=st.sampled_from(["notice", "caution", "warning"]))
events = st.builds(Heard, areas=slugs, substances=slugs, rank=st.integers(0, 2))


@settings(max_examples=300, deadline=None)
@given(st.lists(filters, max_size=30), events, st.randoms(use_true_random=False))
def test_exactly_those_are_found_who_hear_it(held, event, chance: random.Random):
    audience: Audience[int] = Audience()
    for member, each in enumerate(held):
        audience.add(each, member)
    gone = {member for member in range(len(held)) if chance.random() < 0.3}
    for member in gone:
        audience.remove(held[member], member)

    found = [member for each in audience.hearing(event) for member in audience.members(each)]

    stayed = [member for member in range(len(held)) if member not in gone]
    assert sorted(found) == [member for member in stayed if hears(held[member], event)]
    assert len(audience) == len(stayed)


def test_a_crowd_elsewhere_is_not_looked_at(monkeypatch):
    audience: Audience[int] = Audience()
    for member in range(1000):
        audience.add(Filter(areas=frozenset({f"elsewhere-{member}"})), member)
    audience.add(Filter(areas=frozenset({"here"})), -1)
    audience.add(Filter(substances=frozenset({"opioid"})), -2)
    looked_at = []
    monkeypatch.setattr("alerts.audience.hears", lambda filter, heard: looked_at.append(filter) or True)

    audience.hearing(Heard(frozenset({"here", "above"}), frozenset({"fentanyl", "opioid"}), 0))

    assert len(looked_at) == 2


def test_nothing_is_kept_of_those_who_left():
    audience: Audience[int] = Audience()
    everywhere, here = Filter(), Filter(areas=frozenset({"here"}), substances=frozenset({"opioid"}))
    opioids = Filter(substances=frozenset({"opioid"}))
    for member, each in enumerate((everywhere, here, opioids)):
        audience.add(each, member)
        audience.remove(each, member)
        audience.remove(each, member)

    assert not audience._groups
    assert not audience._by_area
    assert not audience._by_substance
    assert not audience._anywhere
