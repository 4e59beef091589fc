"""Differences of published sums, against the same question asked of linear algebra."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from checking.batches import Collector
from checking.disclosure import NOWHERE, hides_enough, hides_sites, smallest_difference


def test_weeks_less_months_may_be_one_sample():
    """Five in October and one in November of a first week; four more in November of a second."""
    shared = [("week 1", "october")] * 5 + [("week 1", "november")] + [("week 2", "november")] * 4

    assert smallest_difference(shared, "october", "november") == 1
    assert not hides_enough(shared, "october", "november")


def test_sums_that_share_enough_hide_their_samples():
    shared = [("week 1", "october")] * 5 + [("week 1", "november")] * 5 + [("week 2", "november")] * 4

    assert hides_enough(shared, "october", "november")


def test_sums_that_share_nothing_give_nothing_away():
    shared = [("week 1", "october")] * 5 + [("week 2", "november")] * 5

    assert smallest_difference(shared, "october", "november") == 0
    assert hides_enough(shared, "october", "november")


def test_ways_around_count_as_well():
    straight = [("week 1", "october")] * 5 + [("week 1", "november")] * 2
    around = [("week 2", "october")] * 3 + [("week 2", "november")] * 3

    assert smallest_difference([*straight, *around], "october", "november") == 5


HARBOUR, RIVERSIDE = Collector("harbour"), Collector("riverside")


def crossing(of_october: dict[Collector, int]) -> dict[tuple[str, str, Collector], int]:
    """A week on the border of two months: its part in October as given, eight of both sites in November."""
    october = {("week 1", "october", site): number for site, number in of_october.items()}
    whole = {("week 0", "october", site): 4 for site in (HARBOUR, RIVERSIDE)}
    return whole | october | {("week 1", "november", site): 4 for site in (HARBOUR, RIVERSIDE)}


def test_a_difference_of_one_site_alone_gives_that_site_away_however_many_samples_it_is_about():
    assert not hides_sites(crossing({HARBOUR: 6}), "october", "november")


def test_a_difference_that_is_nearly_one_sites_gives_it_away_too():
    assert not hides_sites(crossing({HARBOUR: 5, RIVERSIDE: 1}), "october", "november")


def test_a_difference_of_two_sites_hides_both():
    assert hides_sites(crossing({HARBOUR: 3, RIVERSIDE: 3}), "october", "november")


def test_a_site_that_said_yes_to_standing_alone_need_not_be_hidden():
    alone = Collector("harbour", publishes_alone=True)

    assert hides_sites(crossing({alone: 6}), "october", "november")


def test_four_samples_of_two_sites_are_too_few_whoever_brought_them():
    assert not hides_sites(crossing({HARBOUR: 2, RIVERSIDE: 2}), "october", "november")


def test_an_unlisted_site_in_a_difference_is_one_of_three():
    hidden, third = Collector("hidden", is_listed=False), Collector("mill")

    assert not hides_sites(crossing({hidden: 3, RIVERSIDE: 3}), "october", "november")
    assert hides_sites(crossing({hidden: 3, RIVERSIDE: 2, third: 2}), "october", "november")


def test_what_no_week_tells_of_hangs_on_nothing_and_is_what_is_left():
    """Six of a week that was told and two of one that was not: October less that week is the two."""
    shared = [("week 1", "october")] * 6 + [(NOWHERE, "october")] * 2

    assert smallest_difference(shared, "october", NOWHERE) == 2
    assert smallest_difference([*shared, *[("week 1", NOWHERE)] * 3], "october", NOWHERE) == 5


def fewest_pinned(shared: list[tuple[int, str]]) -> int:
    """Fewest samples in any set whose sum follows from the published sums, by trying all sets of cells."""
    cells = sorted(set(shared))
    sums = [[float(cell[0] == week) for cell in cells] for week in sorted({week for week, _ in cells})]
    sums += [[float(cell[1] == month) for cell in cells] for month in ("new", "rest")]
    matrix = np.array(sums)
    rank = np.linalg.matrix_rank(matrix)
    best = len(shared) + 1
    for size in range(1, len(cells) + 1):
        for chosen in combinations(range(len(cells)), size):
            rest = [column for column in range(len(cells)) if column not in chosen]
            # A sum over the chosen cells alone follows exactly when the others do not span all of it.
            if not rest or np.linalg.matrix_rank(matrix[:, rest]) < rank:
                best = min(best, sum(shared.count(cells[column]) for column in chosen))
    return best


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.sampled_from(["new", "rest"]), st.integers(1, 6)),
        min_size=2,
        max_size=6,
        unique_by=lambda cell: cell[:2],
    )
)
def test_the_cut_is_what_linear_algebra_finds(cells):
    """The smallest set that the sums give away is the cut, unless it is a whole published sum."""
    shared = [(week, month) for week, month, many in cells for _ in range(many)]
    if {month for _, month in shared} != {"new", "rest"}:
        return
    weeks = [sum(1 for week, _ in shared if week == number) for number in {week for week, _ in shared}]
    months = [sum(1 for _, month in shared if month == name) for name in ("new", "rest")]

    cut = smallest_difference(shared, "new", "rest")

    assert min([*weeks, *months, *([cut] if cut else [])]) == fewest_pinned(shared)
