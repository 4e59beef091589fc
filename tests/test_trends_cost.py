"""What reading figures costs: steps down an index, however many cells there are; and that the benchmark's
history is what the real release makes of the same rows."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from bench.trending import asking, building, history, network, rows
from checking import catalogue, charts, trends
from checking.drawer import Drawer
from checking.models import Release, ReleasedExpected, ReleasedResult, ReleasedSample, ReleasedShare
from checking.periods import quarter_of
from checking.release import make_release
from tests import release_rows

pytestmark = pytest.mark.django_db

FIGURES = re.compile(r'(FROM|JOIN) "checking_released')
# Going through a whole table or index, as PostgreSQL and SQLite call it.
WHOLE = re.compile(r"Seq Scan on checking_released(share|expected|pair|amount)|SCAN (checking_released|U\d)")
AREAS = ("us-pa-allegheny", "us-pa-beaver", "us-va-roanoke")
SUBJECTS = ("xylazine", "opioid", "fentanyl", "cocaine", "caffeine", "stimulant", "sedative", "heroin")
WEEK = date(2026, 11, 2)


@pytest.fixture(autouse=True)
def _no_pictures(monkeypatch) -> None:
    monkeypatch.setattr(charts, "pictures", Drawer(lambda *asked: b"picture"))


def month(number: int) -> date:
    """So many months before the last."""
    return date(2026 - number // 12, 12 - number % 12, 1)


def fill(*, weeks: int, since: date = WEEK) -> None:
    """A cell of each area, subject and family in each week; a final month and a quarter of each."""
    release = Release.objects.get_or_create(number=1, defaults={"made_on": date(2026, 11, 18)})[0]
    of = {"release": release, "batch": 1, "tested": 30, "detected": 7}
    shares, expected = [], []
    for number in range(weeks):
        week = since - timedelta(weeks=number)
        for area in AREAS:
            for subject in SUBJECTS:
                cell = {**of, "area": area, "subject": subject}
                shares += [
                    ReleasedShare(**cell, family=family, material="product", series=series, period_start=start)
                    for family in ("lab", "spectroscopy", "strip")
                    for series, start in (("latest", week), ("final", month(number + (WEEK - since).days // 7)))
                ]
                if number % 13 == 0:
                    quarter = quarter_of(week)
                    expected.append(ReleasedExpected(**cell, family="lab", expected="opioid", period_start=quarter))
    ReleasedShare.objects.bulk_create(shares)
    ReleasedExpected.objects.bulk_create(expected)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    trends.forget()


@contextmanager
def asked_of_figures() -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the tables of figures meanwhile."""
    found: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if FIGURES.search(sql):
            found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def plan_of(sql: str, params: Any) -> str:
    is_postgres = connection.vendor == "postgresql"
    explain = "explain" if is_postgres else "explain query plan"
    with connection.cursor() as cursor:
        if is_postgres:  # a table of a few rows it reads whole, and rightly, though an index would serve
            cursor.execute("set local enable_seqscan = off")
        cursor.execute(f"{explain} {sql}", params)
        return "\n".join(" ".join(map(str, row)) for row in cursor.fetchall())


def read_everything() -> dict[str, int]:
    """Each address of the benchmark, and one without figures; how often each asked the tables of figures."""
    client, counts = Client(), {}
    places = dict(zip(asking.AREAS, ("us", "us-pa", "us-pa-allegheny"), strict=True))
    known = [each.path for each in asking.addresses()]
    for path in [*known, "/trends/zz/alprazolam/", "/api/v1/trends/?area=zz&substance=alprazolam"]:
        here = re.sub(r"zz(-\d)*", lambda found: places[found[0]], path)
        with asked_of_figures() as questions:
            answer = client.get(here)
        assert answer.status_code == 200, here
        counts[path] = len(questions)
        for sql, params in questions:
            plan = plan_of(sql, params)
            assert not WHOLE.search(plan), f"{here} goes through everything:\n{sql}\n{plan}"
    return counts


def test_no_page_or_answer_goes_through_all_figures_and_more_of_them_ask_no_more():
    release_rows.make_network()
    fill(weeks=40)
    few = read_everything()

    fill(weeks=20, since=WEEK - timedelta(weeks=52))
    many = read_everything()

    assert many == few
    assert max(count for path, count in few.items() if "/beside/" not in path) <= 5
    assert max(few.values()) <= 13  # two figures, what changed between them, and why they may not compare


def test_what_was_answered_is_kept_until_the_next_release():
    release_rows.make_network()
    fill(weeks=8)
    address = "/api/v1/trends/?area=us&substance=xylazine"
    first = Client().get(address).json()

    with asked_of_figures() as questions:
        assert Client().get(address).json() == first
    assert questions == []

    later = Release.objects.create(number=2, made_on=date(2026, 11, 19))
    ReleasedShare.objects.create(
        release=later, batch=2, area=AREAS[0], subject="xylazine", family="lab", material="product", series="latest",
        period_start=WEEK + timedelta(weeks=1), tested=9, detected=1,
    )  # fmt: skip
    assert len(Client().get(address).json()["results"]) == len(first["results"]) + 1


def released() -> list[list[Any]]:
    cell = ("area", "subject", "family", "period_start", "tested", "detected", "release", "batch", "version")
    return [
        sorted(ReleasedShare.objects.values_list("series", "material", *cell)),
        sorted(ReleasedExpected.objects.values_list("expected", *cell)),
        sorted(
            ReleasedSample.objects.values_list(
                "sample_id", "family", "material", "site", "area", "period_start", "coverage__digest",
                "final_release__number", "expected_release__number",
            ),
            key=str,
        ),
        sorted(ReleasedResult.objects.values_list("result_id", "entry__sample_id", "entry__family")),
    ]  # fmt: skip


def test_the_benchmarks_history_is_what_the_real_release_makes_of_the_same_rows(monkeypatch):
    """So the figures it times stand as real ones would. Some weeks here are too thin, and some months wait."""
    monkeypatch.setattr(network, "REGIONS", 1)
    monkeypatch.setattr(network, "AREAS_IN_EACH", 2)
    monkeypatch.setattr(network, "DAYS", 300)
    monkeypatch.setattr(rows, "DAYS", 300)
    made, kept = network.make_network(), history.Kept()
    for chunk in rows.chunks(made, 500, recorded_on=network.RELEASED_ON):
        for table, columns in chunk.tables.items():
            rows.write(table, columns)
        kept.add(chunk)
    catalogue.forget()

    before = transaction.savepoint()
    history.release_history(made, kept, network.RELEASED_ON, asks_differences=True)
    bulk = released()
    transaction.savepoint_rollback(before)
    make_release(network.RELEASED_ON)

    assert all(bulk)
    assert [len(table) for table in bulk] == [len(table) for table in released()]
    assert bulk == released()
    day = building.release_one_day(60)
    assert day["units"]
    assert day["cells"]


@pytest.mark.only_postgres
def test_indexes_taken_away_for_loading_are_put_back():
    def there() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute("select indexname, indexdef from pg_indexes where tablename like 'checking_%'")
            indexes = cursor.fetchall()
            cursor.execute("select conname, contype::text from pg_constraint where contype in ('p', 'u', 'f', 'c')")
            return sorted(indexes) + sorted(cursor.fetchall())

    before = there()
    with building.without_indexes(building.RELEASED):
        assert len(there()) < len(before) - 20

    assert there() == before
