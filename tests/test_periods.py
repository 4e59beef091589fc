"""Weeks, months and quarters as they are written."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checking.periods import BadPeriod, Interval, belongs_to, following, monday, read, written

DAYS = st.dates(date(1990, 1, 1), date(2080, 1, 1))


@pytest.mark.parametrize(
    ("monday_on", "month"),
    [(date(2026, 9, 28), "2026-10"), (date(2026, 11, 30), "2026-12"), (date(2026, 10, 26), "2026-10")],
)
def test_a_week_belongs_to_the_month_of_its_thursday(monday_on, month):
    assert written(belongs_to(monday_on, Interval.MONTH), Interval.MONTH) == month


def test_the_last_days_of_a_year_may_be_in_the_first_week_of_the_next():
    """ISO 8601: 29 December 2025 is in 2026-W01, and that week in the first quarter of 2026."""
    assert written(monday(date(2025, 12, 29)), Interval.WEEK) == "2026-W01"
    assert written(belongs_to(date(2025, 12, 29), Interval.QUARTER), Interval.QUARTER) == "2026Q1"


@given(DAYS, st.sampled_from(Interval))
def test_what_is_written_can_be_read_back(day, interval):
    start = belongs_to(monday(day), interval)

    span = read(written(start, interval))

    assert span.first == start
    assert span.last == following(start, interval) - timedelta(days=1)


def test_a_month_holds_the_weeks_that_belong_to_it():
    november = read("2026-11")

    assert november.first_week() == date(2026, 11, 2)
    assert november.last_week() == date(2026, 11, 23)


def test_a_day_holds_its_week():
    assert read("2026-11-22").first_week() == read("2026-11-22").last_week() == date(2026, 11, 16)


@pytest.mark.parametrize("text", ["2026", "2026-W54", "2026-13", "2026Q5", "2026-02-30", "november", "2026-1", ""])
def test_what_is_no_period_is_refused_by_name(text):
    with pytest.raises(BadPeriod, match=repr(text)):
        read(text)
