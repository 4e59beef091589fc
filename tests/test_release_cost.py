"""What a release costs: it looks at what is new and at what waits, and goes through no table that history fills."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from checking.models import ReleasedSample, ReleasedShare
from checking.published_sums import ever_found
from checking.release import make_release
from tests.release_rows import TODAY, make_many, make_network
from tests.test_trends_cost import plan_of

pytestmark = pytest.mark.django_db

# Going through a whole table or index of figures, as PostgreSQL and SQLite call it.
WHOLE = re.compile(
    r"Seq Scan on checking_released(share|expected|pair|amount)|SCAN checking_released(share|expected|pair|amount)"
)


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """Questions to the database meanwhile."""
    found: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("SELECT", "WITH")):
            found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def release_of(weeks: int) -> list[tuple[str, Any]]:
    """The release of twenty samples that came in so many weeks ago, of two sites; what it asked."""
    day = TODAY - timedelta(weeks=weeks)
    result = {"recorded_on": day, "performed_on": day}
    make_many(["harbour", "riverside"] * 10, "fentanyl", recorded_on=day, collected_on=day, result=result)
    with asked() as questions:
        assert make_release(day) is not None
    return questions


def releases() -> list[tuple[str, Any]]:
    """Half a year of weekly releases; what the last one asked."""
    make_network()
    for weeks in range(27, 0, -3):
        release_of(weeks)
    return release_of(0)


def test_a_release_goes_through_no_table_of_figures():
    questions = releases()

    assert len([sql for sql, _ in questions if "checking_releasedshare" in sql]) > 1
    for sql, params in questions:
        plan = plan_of(sql, params)
        assert not WHOLE.search(plan), f"{sql}\n{plan}"


@pytest.mark.only_sqlite
def test_results_are_looked_for_by_when_they_came_in():
    """Those that wait, and those that correct: not through all that were ever recorded."""
    plans = [plan_of(sql, params) for sql, params in releases()]

    assert len([plan for plan in plans if "USING INDEX result_recorded (recorded_at>?)" in plan]) == 2


def test_what_is_final_is_asked_only_of_samples_whose_month_is_due():
    """Most of the ledger is final. One week's samples here are of a month that has settled since."""
    last = releases()
    asked_of = [len(params) for sql, params in last if '"final_release_id" IS NOT NULL' in sql]

    assert ReleasedSample.objects.filter(final_release__isnull=False).count() > 60
    assert asked_of == [20]


def test_what_was_ever_found_is_every_subject_with_a_find():
    releases()
    found = set(ReleasedShare.objects.filter(detected__gt=0).values_list("subject", flat=True))

    assert "fentanyl" in found
    assert ever_found() == found
