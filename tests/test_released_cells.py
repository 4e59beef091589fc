"""Which cells a release makes: each subject's own samples have to hide each other, and what waits shows nowhere."""

from datetime import date

import pytest

from checking import catalogue
from checking.alone import alone
from checking.models import ReleasedShare, Site
from checking.release import make_release
from checking.tallies import Tally
from tests.release_rows import TODAY, make_many, make_network, make_result
from tests.test_release import SIX, cell

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _network(db) -> None:
    make_network()


def test_what_waits_elsewhere_shows_nowhere():
    """One sample that may not be published yet makes no "0 of 6" of what was found in it anywhere."""
    make_many(SIX, "fentanyl")
    make_many(["mill"], "caffeine")

    make_release(TODAY)

    assert cell("fentanyl") == (6, 6)
    assert cell("caffeine") is None


def test_where_one_site_alone_looked_for_it_nothing_is_said_of_what_is_not_watched():
    """Ten samples of two sites hide each other; the five that were tested for caffeine are all of one site."""
    make_many(["harbour"] * 5, "caffeine")
    make_many(["riverside"] * 5, result={"method": "hplc-uv"})

    make_release(TODAY)

    assert cell("fentanyl") == (10, 0)
    assert cell("caffeine") is None
    assert cell("carfentanil") is None, "five of one site, and none found"


def test_its_written_yes_lets_it_be_said():
    Site.objects.filter(slug="harbour").update(publishes_alone=True)
    make_many(["harbour"] * 5, "caffeine")
    make_many(["riverside"] * 5, result={"method": "hplc-uv"})

    make_release(TODAY)

    assert cell("caffeine") == (5, 5)


def test_what_one_sample_did_not_hold_is_not_told():
    """A hundred "0 of 1" beside one "1 of 1" would be all that this sample held of what is watched."""
    samples = make_many(SIX, result={"method": "hplc-uv"})
    make_result(samples[0], "isotonitazene")

    make_release(TODAY)

    assert cell("isotonitazene") == (1, 1)
    thin = ReleasedShare.objects.filter(tested__lt=5)
    assert thin.exists()
    assert not thin.filter(detected=0).exists()


def test_of_two_watched_substances_that_one_sample_alone_was_tested_for_one_is_told():
    """ "1 of 1" of both would be what that sample held."""
    samples = make_many(SIX, result={"method": "hplc-uv"})
    make_result(samples[0], "isotonitazene", "bromazolam")

    make_release(TODAY)

    thin = {row.subject for row in ReleasedShare.objects.filter(series="latest", tested__lt=5)}
    assert len(thin & {"isotonitazene", "bromazolam"}) == 1


def test_of_two_samples_each_with_a_watched_substance_nobody_looked_for_in_the_other_both_are_told():
    known = catalogue.current()
    tallies = [Tally(frozenset({slug}), frozenset({slug})) for slug in ("isotonitazene", "bromazolam")]

    assert alone(["isotonitazene", "bromazolam"], tallies, known) == {"isotonitazene", "bromazolam"}


def test_the_class_of_what_is_told_follows_from_it_and_is_told_too():
    both = frozenset({"isotonitazene", "nitazene"})

    assert alone(sorted(both), [Tally(both, both)], catalogue.current()) == both


def test_where_a_month_less_its_weeks_would_be_one_sample_nothing_is_said_of_the_month():
    """Seven were tested for caffeine, six of them in the week that says so: the seventh would be read."""
    month = {"collected_on": date(2026, 8, 3)}
    make_many(SIX, "caffeine", **month)
    make_release(date(2026, 8, 10))
    narrow = make_many(SIX, result={"method": "hplc-uv"}, **month)
    make_result(narrow[0], "caffeine")
    make_release(date(2026, 8, 17))
    assert cell("caffeine") == (6, 6)

    make_release(date(2026, 10, 13))

    assert cell("fentanyl", series="final") == (12, 0)
    assert cell("caffeine", series="final") is None
