"""How much of the newest days is in: held to figures worked out elsewhere and by hand."""

from collections import Counter
from datetime import date, timedelta

import pytest

from checking.reporting_delay import LONGEST_DAYS, Report, completeness, in_by_age, nowcast

TODAY = date(2026, 11, 18)


def report(age: int, delay: int, *, detected: bool = False) -> Report:
    collected = TODAY - timedelta(days=age)
    return Report(collected, collected + timedelta(days=delay), detected)


# Results that find something come later. Of 1,000 samples a week 120 hold it; the shares of them that are in after
# 0, 1, 2 ... weeks, and those of the rest. With these, detection studies read a share of .032, .059, .083 and .106
# in the newest four weeks where .12 is true (400 areas of about 40 a week, simulated).
SLOW, QUICK = (0.15, 0.25, 0.25, 0.20, 0.10, 0.05), (0.60, 0.25, 0.10, 0.05, 0.0, 0.0)
READ_TOO_LOW = (0.032, 0.059, 0.083, 0.106)


@pytest.fixture(scope="module")
def half_a_year() -> list[Report]:
    found = []
    for week in range(32):
        for delay, (slow, quick) in enumerate(zip(SLOW, QUICK, strict=True)):
            if delay <= week:
                found += [report(7 * week, 7 * delay, detected=True)] * round(120 * slow)
                found += [report(7 * week, 7 * delay)] * round(880 * quick)
    return found


def test_the_newest_shares_read_too_low_and_are_mended_by_how_long_results_took(half_a_year):
    in_detected = in_by_age((each for each in half_a_year if each.is_detected), TODAY)
    in_others = in_by_age((each for each in half_a_year if not each.is_detected), TODAY)

    for week, too_low in enumerate(READ_TOO_LOW):
        day = TODAY - timedelta(days=7 * week)
        tested = [each for each in half_a_year if each.collected == day]
        detected = sum(each.is_detected for each in tested)
        assert detected / len(tested) == pytest.approx(too_low, abs=0.0025)
        if week:  # in the newest week only 15 of 100 detections are in: too few to say
            guess = nowcast(detected, len(tested), in_detected[7 * week], in_others[7 * week])
            assert guess.share == pytest.approx(0.12)
            assert guess.low < 0.12 < guess.high


def test_the_delays_are_found_again_from_days_that_were_cut_off(half_a_year):
    shares = in_by_age((each for each in half_a_year if each.is_detected), TODAY)

    assert [round(shares[7 * week], 2) for week in range(6)] == [0.15, 0.40, 0.65, 0.85, 0.95, 1.0]


def test_a_share_in_is_worked_out_by_hand():
    # 10 came the same day and 10 a day later, of days that are over. Of today 20 came: of those nobody knows how many
    # are still to come. So of what is known within a day, 10 of 20 were late: half is in on the day itself.
    reports = [report(5, 0)] * 10 + [report(5, 1)] * 10 + [report(0, 0)] * 20

    shares = in_by_age(reports, TODAY)

    assert (shares[0], shares[1], shares[LONGEST_DAYS]) == (0.5, 1.0, 1.0)


def test_too_few_results_say_nothing_of_how_long_they_take():
    assert in_by_age([report(5, 1)] * 19, TODAY) is None
    assert in_by_age([report(5, 1)] * 20, TODAY) is not None


def test_results_of_long_ago_and_later_than_six_weeks_are_not_asked():
    old, late = [report(300, 1)] * 30, [report(100, 60)] * 30

    assert in_by_age([*old, *late], TODAY) is None


def test_how_much_is_in_goes_by_how_many_were_collected_on_each_day():
    shares = [0.0, 0.5, *[1.0] * (LONGEST_DAYS - 1)]
    collected = Counter({TODAY: 1, TODAY - timedelta(days=1): 2, TODAY - timedelta(days=90): 1})

    assert completeness(collected, shares, TODAY) == pytest.approx((0 * 1 + 0.5 * 2 + 1 * 1) / 4)
    assert completeness({}, shares, TODAY) == 1.0


def test_where_all_take_as_long_the_share_stays_what_it_is():
    guess = nowcast(6, 24, 0.5, 0.5)

    assert guess.share == pytest.approx(0.25)


@pytest.mark.parametrize("counts", [(0, 0, 0.9, 0.9), (3, 12, 0.19, 0.9), (3, 12, 0.9, 0.19)])
def test_with_too_little_in_nothing_is_said_of_what_will_be(counts):
    assert nowcast(*counts) is None
