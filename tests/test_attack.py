"""Who keeps all that is public cannot work out what one to four people brought."""

import random
from collections import Counter
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from bench import attack
from bench.attacking import crawling, equations, population
from bench.attacking.equations import Equations, Row, Unknown, from_naive
from bench.attacking.readable import smallest
from bench.attacking.solving import NoSolution, Program
from checking import area_tree, batches, networks, settled, settled_quarters, together, trends
from checking.download_tables import TABLES
from checking.models import ReleasedAmount, ReleasedPair
from checking.release import make_release

DAY = date(2026, 10, 5)
ONE, OTHER = (Unknown(site, DAY, "fentanyl", ("county-0", DAY)) for site in ("site-0-0", "site-0-1"))


def program(tested: list[Row], detected: list[Row]) -> Program:
    return Program(Equations(tested, detected))


def forget_all() -> None:
    area_tree.forget()
    networks.forget()
    trends.forget()


# The attacker


def test_two_sums_that_leave_one_site_pin_it():
    both, alone = Row((ONE, OTHER), 7, 7), Row((OTHER,), 5, 5)

    found = program([both, alone], [])

    assert found.range_of(found.of("site-0-0", DAY, detected=False)).is_pinned


def test_a_sum_over_two_sites_pins_neither():
    found = program([Row((ONE, OTHER), 7, 7)], [Row((ONE, OTHER), 3, 3)])

    for detected in (False, True):
        assert not found.range_of(found.of("site-0-0", DAY, detected=detected)).is_pinned


def test_where_one_whole_number_is_left_between_two_limits_it_is_pinned():
    found = program([Row((ONE, OTHER), 5, 5), Row((ONE,), 0.5, 1.9)], [])

    assert found.range_of(found.of("site-0-0", DAY, detected=False)).is_pinned


def test_rows_that_contradict_each_other_are_an_error_and_not_an_answer():
    with pytest.raises(NoSolution):
        program([Row((ONE,), 5, 5), Row((ONE,), 6, 6)], []).range_of([0])


def test_weeks_less_months_are_read_by_who_knows_the_members():
    """Five in October and one in November of a first week; four more in November of a second."""
    first, second, october, november = (("latest", 1), ("latest", 2), ("final", 10), ("final", 11))
    kinds = Counter({frozenset({first, october}): 5, frozenset({first, november}): 1, frozenset({second, november}): 4})

    assert 1 in {each["samples"] for each in smallest(kinds)}


def test_sums_of_five_that_share_nothing_are_read_by_nobody():
    assert smallest(Counter({frozenset({("latest", 1)}): 5, frozenset({("latest", 2)}): 6})) == []


def test_counts_of_the_year_told_daily_pin_each_day_a_site_is_open_alone():
    doors = population.Doors({"site-0-0": "county-0", "site-0-1": "county-0"},
                             dict(zip(("site-0-0", "site-0-1"), population.OPEN, strict=True)))  # fmt: skip
    told = [(date(2026, 10, 5), "county-0", 6, 5), (date(2026, 10, 6), "county-0", 8, 6)]

    found = Program(from_naive(told, doors))

    for detected in (False, True):
        assert found.range_of(found.of("site-0-1", date(2026, 10, 6), detected=detected)).is_pinned


# The attack


@pytest.mark.django_db
@pytest.mark.timeout(600)
def test_nothing_is_pinned_and_the_same_attacker_breaks_a_naive_view():
    # These days hold two settled months and the end of a quarter. With this seed two sites were pinned on the last
    # day of August while differences of sums were only asked for five samples, and not for two sites.
    forget_all()

    found = attack.run(areas=2, number_of_days=96, per_week=9, seed=1)

    assert attack.faults(found) == []
    assert found["released"]["groups"] > 100
    assert found["naive"]["pinned"] >= 0.3 * found["naive"]["groups"]


@pytest.mark.django_db
@pytest.mark.timeout(600)
def test_an_attack_on_releases_of_whatever_came_that_day_succeeds(monkeypatch):
    """Break the rule, and the attacker must notice: else nothing was shown."""
    for module in (batches, settled):
        monkeypatch.setattr(module, "may_stand", lambda sites: True)
    monkeypatch.setattr(equations, "_no_site_dominates", lambda over, tested: [])
    forget_all()

    found = attack.run(areas=1, number_of_days=30, per_week=9, seed=3)

    assert found["released"]["pinned"] > 0.3 * found["released"]["groups"]
    assert found["readable"]


@pytest.mark.django_db
@pytest.mark.timeout(600)
def test_an_attack_on_exact_numbers_of_what_came_together_succeeds(monkeypatch):
    monkeypatch.setattr(together, "in_range", lambda number, least, most: (number, number))
    monkeypatch.setattr(together, "_stays_wide", lambda *_: True)
    for module in (together, settled_quarters):
        monkeypatch.setattr(module, "FEWEST", 1)
    forget_all()

    history = attack.live(1, 63, 9, random.Random(2))

    assert attack.attack_pairs(history)["pinned"] > 0


# Twins


@pytest.mark.django_db
def test_two_networks_that_differ_in_what_is_unreleased_answer_alike_to_the_byte():
    forget_all()
    doors, chance = population.make_doors(1), random.Random(1)
    for day in population.days(date(2026, 9, 14), 25):  # over the end of a quarter
        population.bring(doors, day, 24, chance)
        make_release(day)
    assert ReleasedPair.objects.exists()
    assert ReleasedAmount.objects.exists()
    addresses = list(crawling.every_address(["us-pa", "county-0"], ["fentanyl", "carfentanil"]))
    now = datetime(2026, 10, 20, 12, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        before = crawling.answers(Client(), addresses)

    for number in range(3):
        found = frozenset({"carfentanil", "fentanyl"})
        population.store(population.Brought(f"site-0-{number % 2}", attack.FIRST, "cocaine", found))
    forget_all()
    with time_machine.travel(now, tick=False):
        after = crawling.answers(Client(), addresses)

    # All but pictures of nothing, and what is refused beside each other, is there.
    without = {address for address, (status, *_) in before.items() if status != 200}
    assert all("/chart." in address or "/beside/" in address for address in without), without
    assert not without & {f"/trends/county-0/{page}/chart.svg?family=lab" for page in crawling.OF_AREAS}
    assert [address for address in addresses if before[address] != after[address]] == []


def test_every_number_of_samples_in_a_file_is_read_into_the_equations_but_those_of_amounts():
    """A new file, or a number in one, has to be thought of here first."""
    unread = {table for table in TABLES if table.name not in crawling.COUNTED}
    numbers = {(table.name, column.name) for table in unread for column in table.columns if column.type == "integer"}

    assert {table.name for table in TABLES} > crawling.COUNTED
    # Others are numbers of releases. Of how many products quartiles are is in no equation of this attacker.
    assert {(table, name) for table, name in numbers if name not in {"release", "batch", "version"}} == {
        ("amounts", "measured")
    }
