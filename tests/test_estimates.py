"""Intervals against published figures and Wilson's own formula."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checking.estimates import share, share_interval, share_words

PUBLISHED = re.compile(r"95% Wilson ([\d.]+)[–-]([\d.]+)%; (\d+)/(\d+)\)")


def published(shared: Path) -> list[tuple[float, float, int, int]]:
    text = (shared / "data/real/expected_figures.md").read_text()
    return [(float(low), float(high), int(k), int(n)) for low, high, k, n in PUBLISHED.findall(text)]


def test_intervals_are_those_published_for_real_programmes(shared):
    rows = published(shared)

    assert len(rows) >= 13
    for low, high, detected, tested in rows:
        found = share_interval(detected, tested)
        assert (round(100 * found.low, 1), round(100 * found.high, 1)) == (low, high)


def test_a_third_of_twelve_is_known_only_between_14_and_61_per_cent():
    """New York City, December 2025, medetomidine, published as 4 of 12."""
    found = share_interval(4, 12)

    assert (round(100 * found.low, 1), round(100 * found.high, 1)) == (13.8, 60.9)


def test_wilsons_formula_by_hand():
    """p = 1/2 of n = 4 with z = 2: (0.5 + 4/8 +- 2 sqrt(0.25/4 + 4/64)) / (1 + 4/4)."""
    confidence_of_z_two = 0.9544997361036416

    found = share_interval(2, 4, confidence_of_z_two)

    assert found.low == pytest.approx((1.0 - 2 * 0.125**0.5) / 2)
    assert found.high == pytest.approx((1.0 + 2 * 0.125**0.5) / 2)


def test_nothing_tested_tells_nothing():
    assert share_interval(0, 0) == (0, 1)


def test_none_of_a_few_is_not_none_at_all():
    assert share_interval(0, 5).low == 0
    assert share_interval(0, 5).high == pytest.approx(1.959964**2 / (5 + 1.959964**2), abs=1e-6)


@pytest.mark.parametrize(("detected", "tested", "confidence"), [(3, 2, 0.95), (-1, 2, 0.95), (1, 2, 1.0), (1, 2, 0.0)])
def test_what_cannot_be_counted_is_refused(detected, tested, confidence):
    with pytest.raises(ValueError, match=str(detected if confidence == 0.95 else confidence)):
        share_interval(detected, tested, confidence)


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_interval_holds_the_share_and_stays_within_0_and_1(one, other):
    detected, tested = sorted((one, other))

    low, high = share_interval(detected, tested)

    assert 0 <= low <= (detected / tested if tested else 0.5) <= high <= 1


@given(st.integers(0, 200), st.integers(1, 200))
def test_what_was_not_detected_has_the_mirrored_interval(one, other):
    detected, tested = sorted((one, other))

    found, mirrored = share_interval(detected, tested), share_interval(tested - detected, tested)

    assert found.low == pytest.approx(1 - mirrored.high, abs=1e-12)


def test_there_is_no_per_cent_under_twenty_tested():
    assert share_words(3, 12) == "3 of 12"
    assert share_words(19, 19) == "19 of 19"
    assert share_words(5, 20) == "25\u00a0%"
    assert share(3, 19) is None
    assert share(5, 20) == 0.25
