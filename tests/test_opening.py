"""When a service is open: the notation people write, and what the clock on the wall says."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checking.opening import ALL_DAY, DAY, Dated, Holidays, Hours, Standing, Yearly, standing
from checking.opening_notation import NotHours, parse, understood, write

NEW_YORK = ZoneInfo("America/New_York")
MADRID = ZoneInfo("Europe/Madrid")
THANKSGIVING = Holidays(frozenset({date(2026, 11, 26)}), frozenset({2026}))


def at(written: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    """An instant by the clock on the wall. 2026-11-23 is a Monday."""
    return datetime.fromisoformat(written).replace(tzinfo=zone).astimezone(UTC)


def stands(written: str, when: str, zone: ZoneInfo = NEW_YORK, holidays: Holidays | None = None) -> Standing:
    return standing(parse(written), zone, at(when, zone), holidays or Holidays())


def told(now: Standing) -> tuple[bool | None, str]:
    """Open or closed, and the next change as the wall shows it."""
    return now.open_now, now.changes_at.strftime("%a %d %H:%M") if now.changes_at else ""


# The notation


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Mo-Fr 10:00-16:00; Sa 12:00-15:00; PH off", "Mo-Fr 10:00-16:00; Sa 12:00-15:00; PH off"),
        ("Monday to Friday 10am - 4pm", "Mo-Fr 10:00-16:00"),
        ("lunes a viernes 10:00-14:00 y 16:00-20:00; sáb cerrado", "Mo-Fr 10:00-14:00,16:00-20:00"),
        ("Mo-Fr 10:00-16:00, Sa 12:00-15:00", "Mo-Fr 10:00-16:00; Sa 12:00-15:00"),
        ("Mo-Fr 10:00-16:00; We 12:00-20:00", "Mo-Tu,Th-Fr 10:00-16:00; We 12:00-20:00"),
        ("Fri-Mon 20-02", "Mo,Fr-Su 20:00-02:00"),
        ("10:00-16:00", "Mo-Su 10:00-16:00"),
        ("every day 12am-6am", "Mo-Su 00:00-06:00"),
        ("24/7; Dec 25 off", "24/7; Dec 25 off"),
        ("24 / 7", "24/7"),
        ("Mo-Fr 9:00-17:00; Dec 24-Jan 2 off", "Mo-Fr 09:00-17:00; Dec 24-Jan 02 off"),
        ("Mo 10:00-12:00; 2026-12-24 - 2026-12-31 off; PH 11:00-12:00", None),
        ("closed", "off"),
    ],
)
def test_hours_are_kept_in_one_way_of_writing_that_reads_the_same(written, kept):
    hours = parse(written)

    assert write(hours) == kept or kept is None
    assert parse(write(hours)) == hours


@pytest.mark.parametrize(
    ("written", "why", "at"),
    [
        ("Mon-Fri 9-5", "half_a_day", "9-5"),
        ("Mo 1:00-5:00", "half_a_day", "1:00-5:00"),
        ("Mo 10-4pm", "half_a_day", "10-4pm"),
        ("Mo 10am-2", "half_a_day", "10am-2"),
        ("Mo 9:00-5:00", "too_long", "9:00-5:00"),
        ("Kits sent free; call or write", "unknown", "Kits"),
        ("Mo-Fr 10:00-16:00 ask for Ana", "unknown", "ask"),
        ("Mo-Fr", "no_times", "Mo-Fr"),
        ("Mo 10:00", "no_end", "10:00"),
        ("Mo 25:00-26:00", "no_time_of_day", "25:00"),
        ("Mo 13pm-2pm", "no_time_of_day", "13pm"),
        ("Mo 10:61-12:00", "no_time_of_day", "10:61"),
        ("Mo 10:00-14:00,13:00-15:00", "overlap", "13:00-15:00"),
        ("2026-02-30 off", "no_date", "2026-02-30"),
        ("Feb 30 off", "no_date", "feb 30"),
        ("2026-12-31 - 2026-12-24 off", "backwards", "2026-12-31 - 2026-12-24"),
        (" ; ", "nothing", ""),
        ("", "nothing", ""),
    ],
)
def test_what_cannot_be_read_or_in_two_ways_is_refused_with_the_place(written, why, at):
    with pytest.raises(NotHours) as refused:
        parse(written)

    assert (refused.value.why, refused.value.at) == (why, at)
    assert understood(written) is None


# Open or closed


def test_open_until_the_end_of_this_span_and_closed_until_the_next():
    hours = "Mo-Fr 10:00-13:00,14:00-16:00"

    assert told(stands(hours, "2026-11-23T09:59")) == (False, "Mon 23 10:00")
    assert told(stands(hours, "2026-11-23T10:00")) == (True, "Mon 23 13:00")
    assert told(stands(hours, "2026-11-23T13:00")) == (False, "Mon 23 14:00")
    assert told(stands(hours, "2026-11-27T16:00")) == (False, "Mon 30 10:00")


def test_it_is_the_clock_of_the_service_that_counts():
    noon_in_madrid = at("2026-11-23T12:00", MADRID)

    assert standing(parse("Mo 11:00-13:00"), MADRID, noon_in_madrid).open_now is True
    assert standing(parse("Mo 11:00-13:00"), NEW_YORK, noon_in_madrid).open_now is False


def test_a_span_past_midnight_belongs_to_the_day_on_which_it_opens():
    hours = "Th-Sa 20:00-02:00"

    assert told(stands(hours, "2026-11-27T01:59")) == (True, "Fri 27 02:00")
    assert told(stands(hours, "2026-11-26T01:59")) == (False, "Thu 26 20:00")
    assert told(stands(hours, "2026-11-29T01:00")) == (True, "Sun 29 02:00")
    assert told(stands(hours, "2026-11-29T02:00")) == (False, "Thu 03 20:00")


def test_what_begins_as_the_other_ends_is_one_opening():
    assert told(stands("Fr 20:00-24:00; Sa 00:00-06:00", "2026-11-27T23:00")) == (True, "Sat 28 06:00")
    assert told(stands("Mo-Su 00:00-24:00; Dec 25 off", "2026-12-20T12:00")) == (True, "Fri 25 00:00")


def test_day_and_night_needs_no_time_zone_and_nothing_else_goes_without():
    now = at("2026-11-23T03:00")

    assert standing(parse("24/7"), None, now) == Standing(is_open=True)
    assert standing(parse("24/7; Dec 25 off"), None, now).open_now is None
    assert standing(parse("Mo-Fr 10:00-16:00"), None, now).open_now is None
    assert standing(None, NEW_YORK, now).open_now is None


def test_the_night_the_clocks_go_back_is_an_hour_longer():
    hours = "Sa 20:00-03:00"  # 2026-11-01, New York: from 1:59 summer time to 1:00

    opened, closes = datetime(2026, 11, 1, 0, tzinfo=UTC), datetime(2026, 11, 1, 8, tzinfo=UTC)

    assert standing(parse(hours), NEW_YORK, opened).changes_at == closes
    assert standing(parse(hours), NEW_YORK, closes - timedelta(minutes=1)).open_now is True
    assert standing(parse(hours), NEW_YORK, closes).open_now is False


def test_the_night_the_clocks_go_forward_is_an_hour_shorter_and_skipped_hours_open_nothing():
    opened = datetime(2026, 3, 8, 1, tzinfo=UTC)  # 2026-03-08, New York: from 1:59 to 3:00

    assert standing(parse("Sa 20:00-04:00"), NEW_YORK, opened).changes_at == datetime(2026, 3, 8, 8, tzinfo=UTC)
    assert told(stands("Su 02:00-03:00", "2026-03-08T01:59")) == (False, "Sun 15 02:00")


def test_a_date_of_its_own_outranks_each_year_that_holidays_and_those_the_week():
    hours = "Mo-Fr 10:00-16:00; PH 12:00-13:00; Nov 26 14:00-15:00; 2026-11-26 08:00-09:00"
    year_later = Holidays(frozenset({date(2027, 11, 25), date(2027, 11, 26)}), frozenset({2027}))

    assert told(stands(hours, "2026-11-26T07:00", holidays=THANKSGIVING)) == (False, "Thu 26 08:00")
    assert told(stands(hours, "2027-11-26T07:00", holidays=year_later)) == (False, "Fri 26 14:00")
    assert told(stands(hours, "2027-11-25T07:00", holidays=year_later)) == (False, "Thu 25 12:00")
    assert told(stands(hours, "2027-11-24T07:00", holidays=year_later)) == (False, "Wed 24 10:00")


def test_a_holiday_closes_what_opens_on_it_and_not_the_night_before():
    hours = "Mo-Su 20:00-02:00; PH off"

    assert told(stands(hours, "2026-11-26T01:00", holidays=THANKSGIVING)) == (True, "Thu 26 02:00")
    assert told(stands(hours, "2026-11-26T21:00", holidays=THANKSGIVING)) == (False, "Fri 27 20:00")


def test_where_nobody_told_us_the_holidays_nothing_is_claimed_that_rests_on_them():
    hours = "Mo-Fr 10:00-16:00; PH off"

    now = stands(hours, "2026-11-26T11:00")

    assert now.open_now is None
    assert now == Standing(is_open=True, changes_at=now.changes_at, unless_holiday=True)
    assert stands(hours, "2026-11-26T09:00").open_now is False  # closed at this hour either way
    assert stands(f"{hours}; Nov 26 10:00-12:00", "2026-11-26T11:00").open_now is True  # this day has hours of its own


def test_days_off_over_the_new_year_are_closed_to_the_last():
    hours = "Mo-Su 10:00-12:00; Dec 24-Jan 02 off"

    assert told(stands(hours, "2026-12-23T12:00")) == (False, "Sun 03 10:00")
    assert told(stands(hours, "2027-01-01T11:00")) == (False, "Sun 03 10:00")


def test_what_is_closed_until_further_notice_opens_at_no_time():
    assert stands("off", "2026-11-23T11:00") == Standing(is_open=False)


@st.composite
def _hours(draw) -> Hours:
    def spans():
        edges = draw(st.lists(st.integers(0, 95).map(lambda quarter: 15 * quarter), max_size=4, unique=True))
        edges = sorted(edges)[: len(edges) // 2 * 2]
        found = tuple(zip(edges[::2], edges[1::2], strict=True))
        if found and draw(st.booleans()):  # the last runs into the night
            return (*found[:-1], (found[-1][0], DAY + draw(st.integers(0, found[0][0] // 15).map(lambda q: 15 * q))))
        return found

    def short(found):
        return all(end - start <= 16 * 60 or end <= DAY for start, end in found)

    week = tuple(spans() for _ in range(7))
    yearly = tuple(Yearly((12, 24), (1, 2), spans()) for _ in range(draw(st.integers(0, 1))))
    dated = tuple(Dated(date(2026, 11, 25), date(2026, 11, 26), spans()) for _ in range(draw(st.integers(0, 1))))
    hours = Hours(week, draw(st.sampled_from([None, (), ALL_DAY])), yearly, dated)
    every = [*week, *(each.spans for each in (*yearly, *dated))]
    return hours if all(map(short, every)) else Hours(((),) * 7)


INSTANTS = st.integers(0, 60 * 24 * 60).map(
    lambda minutes: datetime(2026, 11, 5, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(hours=_hours(), now=INSTANTS)
@settings(max_examples=300, deadline=None)
def test_it_agrees_with_looking_at_the_wall_and_turns_exactly_when_it_says(hours, now):
    """The plain way: is this minute of the local day in a span of today, or of yesterday past midnight?"""
    wall = now.astimezone(NEW_YORK)
    minute = 60 * wall.hour + wall.minute
    days = [(wall.date(), 0), (wall.date() - timedelta(days=1), DAY)]
    looked = any(
        start <= minute + past < end
        for day, past in days
        for start, end in hours.on(day, is_holiday=THANKSGIVING.has(day) or False)
    )
    holidays = Holidays(THANKSGIVING.days, frozenset({2026, 2027, 2028}))

    found = standing(hours, NEW_YORK, now, holidays)

    assert found.open_now is looked
    if found.changes_at is not None:
        assert found.changes_at > now
        assert standing(hours, NEW_YORK, found.changes_at, holidays).open_now is not looked
        assert standing(hours, NEW_YORK, found.changes_at - timedelta(minutes=1), holidays).open_now is looked


@given(hours=_hours())
@settings(max_examples=200, deadline=None)
def test_whatever_is_written_is_read_back_the_same(hours):
    assert parse(write(hours)) == hours
