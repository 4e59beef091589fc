"""What was published and is no longer so: told where no single sample can be read from it, and only there."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from checking.models import (
    KitLot,
    Method,
    OverdoseReport,
    Release,
    ReleaseCorrection,
    ReleasedResult,
    ReleasedShare,
    Sample,
    Withdrawal,
)
from checking.release import make_release
from tests.release_rows import TODAY, make_many, make_network, make_result, make_sample
from tests.test_release import MONDAY, SIX, cell, expected_cells

pytestmark = pytest.mark.django_db

TWELVE = SIX * 2
FIVE = slice(1, 6)  # of SIX: of both sites
NEXT = TODAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def _network(db) -> None:
    make_network()


def withdraw(*samples: Sample) -> None:
    for sample in samples:
        Withdrawal.objects.create(result=sample.results.get(), reason="mixed up", recorded_at=timezone.now())


def numbers() -> dict[str, tuple[int, int]]:
    """Every cell of the latest series, as it holds now."""
    rows = ReleasedShare.objects.filter(series="latest", superseded_in__isnull=True)
    return {row.subject: (row.tested, row.detected) for row in rows}


# What a few samples were


def test_one_sample_that_leaves_changes_no_figure():
    """Twelve less eleven would be all that the one was tested for, and what was in it."""
    samples = make_many(SIX, "caffeine") + make_many(SIX, "levamisole")
    make_release(TODAY)
    before = numbers()
    withdraw(samples[0])

    assert make_release(NEXT) is None
    assert numbers() == before


def test_five_samples_that_leave_together_are_told_of():
    samples = make_many(TWELVE, "caffeine")
    make_release(TODAY)
    withdraw(*samples[FIVE])

    release = make_release(NEXT)

    assert cell("caffeine") == (7, 7)
    old, new = ReleasedShare.objects.filter(subject="caffeine").order_by("version")
    assert (old.tested, old.superseded_in_id, old.batch) == (12, 2, 1)
    assert (new.tested, new.release_id, new.batch, new.version) == (7, 2, 1, 2)
    reason = ReleaseCorrection.objects.get(release=release)
    assert (reason.batch, reason.area, reason.reason) == (1, "us-pa-allegheny", "withdrawn")


def test_a_change_waits_until_four_others_have_changed_alike():
    samples = make_many(TWELVE, "caffeine")
    make_release(TODAY)
    withdraw(*samples[1:5])
    assert make_release(NEXT) is None

    withdraw(samples[5])
    make_release(NEXT + timedelta(days=30))

    assert cell("caffeine") == (7, 7)


def test_five_samples_of_one_site_are_not_told_of():
    samples = make_many(TWELVE, "caffeine")
    make_release(TODAY)
    withdraw(*[sample for sample in samples if sample.site.slug == "harbour"][:5])

    assert make_release(NEXT) is None


def test_five_samples_that_do_not_stand_in_the_same_sums_are_not_told_of():
    """Three of one week's and two of another's: each week by itself would tell of a few."""
    first = make_many(TWELVE, "caffeine")
    make_release(TODAY)
    second = make_many(TWELVE, "caffeine")
    make_release(TODAY + timedelta(days=7))
    withdraw(*first[1:4], *second[4:6])

    assert make_release(TODAY + timedelta(days=8)) is None


def test_four_that_were_read_anew_do_not_hide_the_one_that_leaves():
    samples = make_many(TWELVE, "caffeine")
    make_release(TODAY)
    before = numbers()
    withdraw(samples[1])
    for sample in samples[2:6]:
        make_result(sample, "levamisole", corrects=sample.results.get(), correction_reason="read wrongly")

    assert make_release(NEXT) is None
    assert numbers() == before


# What cannot wait


def test_a_watched_substance_that_was_missed_is_told_at_once_and_by_itself():
    samples = make_many(SIX, "caffeine")
    make_release(TODAY)
    make_result(samples[0], "carfentanil", corrects=samples[0].results.get(), correction_reason="read wrongly")

    make_release(NEXT)

    assert cell("carfentanil") == (6, 1)
    assert cell("caffeine") == (6, 6), "what else the sample held is not told beside it"
    assert make_release(NEXT + timedelta(days=1)) is None


def test_two_watched_substances_of_one_sample_are_told_in_two_releases():
    samples = make_many(SIX, "caffeine")
    make_release(TODAY)
    make_result(samples[0], "carfentanil", "bromazolam", corrects=samples[0].results.get(), correction_reason="typo")

    make_release(NEXT)
    assert sorted([cell("carfentanil"), cell("bromazolam")]) == [(6, 0), (6, 1)]

    make_release(NEXT + timedelta(days=1))
    assert [cell("carfentanil"), cell("bromazolam")] == [(6, 1), (6, 1)]


def test_a_watched_substance_said_wrongly_is_taken_back_at_once():
    samples = make_many([*SIX, "harbour"], "caffeine")
    wrong = make_result(samples[0], "carfentanil")
    make_release(TODAY)
    Withdrawal.objects.create(result=wrong, reason="mixed up", recorded_at=timezone.now())

    make_release(NEXT)

    assert cell("carfentanil") == (7, 0)
    assert cell("caffeine") == (7, 7)


def test_what_is_not_to_be_counted_any_more_was_found_all_the_same():
    """Its carfentanil was no mistake: nothing is gained by saying that it was."""
    samples = make_many(SIX, "carfentanil")
    make_release(TODAY)
    Sample.objects.filter(pk=samples[0].pk).update(share=False)

    assert make_release(NEXT) is None
    assert cell("carfentanil") == (6, 6)


# Later results


def test_a_watched_substance_found_later_is_put_into_the_week_it_was_missed_in():
    """Not into another week as well: a sample stands once in a figure."""
    samples = make_many(SIX, "caffeine")
    make_release(TODAY)
    make_result(samples[0], "carfentanil")

    make_release(TODAY + timedelta(days=7))

    assert cell("carfentanil", period_start=MONDAY) == (6, 1)
    assert cell("carfentanil", period_start=MONDAY + timedelta(days=7)) is None


def test_two_watched_substances_found_later_are_told_in_two_releases():
    samples = make_many(SIX, "caffeine")
    make_release(TODAY)
    again = make_result(samples[0], "carfentanil", "bromazolam")

    make_release(NEXT)
    assert sorted([cell("carfentanil"), cell("bromazolam")]) == [(6, 0), (6, 1)]
    make_release(NEXT + timedelta(days=1))
    assert [cell("carfentanil"), cell("bromazolam")] == [(6, 1), (6, 1)]

    assert make_release(NEXT + timedelta(days=2)) is None
    assert ReleasedResult.objects.filter(result=again).exists()


def test_what_five_samples_were_found_to_hold_later_is_told():
    samples = make_many(SIX, "caffeine")
    make_many(SIX, "levamisole")
    make_release(TODAY)
    for sample in samples[1:5]:
        make_result(sample, "levamisole")
    assert make_release(NEXT) is None
    assert cell("levamisole") == (12, 6)

    make_result(samples[5], "levamisole")
    make_release(NEXT + timedelta(days=1))

    assert cell("levamisole") == (12, 11)
    assert make_release(NEXT + timedelta(days=2)) is None


def test_a_later_result_that_adds_nothing_is_read_once():
    samples = make_many(SIX, "caffeine")
    make_release(TODAY)
    again = make_result(samples[0], "caffeine")
    assert make_release(NEXT) is None

    assert ReleasedResult.objects.filter(result=again).exists()


def test_a_later_result_that_adds_nothing_and_is_withdrawn_changes_nothing():
    samples = make_many(SIX, "caffeine")
    make_release(TODAY)
    again = make_result(samples[0], "caffeine")
    make_release(NEXT)
    Withdrawal.objects.create(result=again, reason="mixed up", recorded_at=timezone.now())

    assert make_release(NEXT + timedelta(days=1)) is None
    assert cell("caffeine") == (6, 6)


# What the cells are then


def test_a_corrected_result_changes_the_cell_and_is_not_counted_again():
    samples = make_many(SIX, "fentanyl")
    make_release(TODAY)
    wrong = samples[0].results.get()
    make_result(samples[0], "carfentanil", corrects=wrong, correction_reason="read wrongly")

    make_release(NEXT)
    assert (cell("carfentanil"), cell("fentanyl")) == ((6, 1), (6, 6))
    make_release(TODAY + timedelta(days=2))
    assert (cell("carfentanil"), cell("fentanyl")) == ((6, 1), (6, 5))

    assert make_release(TODAY + timedelta(days=8)) is None


def test_a_correction_that_changes_no_figure_makes_no_release():
    samples = make_many(SIX, "fentanyl")
    make_release(TODAY)
    make_result(samples[0], "fentanyl", corrects=samples[0].results.get(), correction_reason="added a weight")

    assert make_release(TODAY + timedelta(days=1)) is None
    assert make_release(TODAY + timedelta(days=2)) is None
    assert Release.objects.count() == 1


def test_a_correction_reaches_the_final_series_and_the_expected_table():
    samples = make_many(TWELVE, "fentanyl", collected_on=date(2026, 8, 3))
    make_release(TODAY)
    make_release(date(2027, 1, 4))
    assert expected_cells("fentanyl")["stimulant"] == (12, 12)
    withdraw(*samples[FIVE])

    make_release(date(2027, 1, 5))

    assert cell("fentanyl", series="final") == (7, 7)
    assert expected_cells("fentanyl")["stimulant"] == (7, 7)


@pytest.mark.parametrize("no_longer", [{"share": False}, {"is_contaminated": True}], ids=["not shared", "contaminated"])
def test_samples_that_may_not_be_counted_any_more_leave_their_cells(no_longer):
    samples = make_many(TWELVE, "fentanyl", collected_on=date(2026, 8, 3))
    make_release(TODAY)
    make_release(date(2027, 1, 4))
    Sample.objects.filter(pk__in=[sample.pk for sample in samples[FIVE]]).update(**no_longer)

    release = make_release(date(2027, 1, 5))

    assert cell("fentanyl") == (7, 7)
    assert cell("fentanyl", series="final") == (7, 7)
    assert expected_cells("fentanyl")["stimulant"] == (7, 7)
    assert set(ReleaseCorrection.objects.filter(release=release).values_list("reason", flat=True)) == {"withdrawn"}
    assert make_release(date(2027, 1, 6)) is None


def test_samples_found_to_be_of_overdoses_leave_their_cells_for_good():
    samples = make_many(TWELVE, "fentanyl", recorded_on=TODAY - timedelta(days=690))
    make_release(TODAY)
    for sample in samples[FIVE]:
        OverdoseReport.objects.create(sample=sample, is_associated=True)
    make_release(NEXT)
    assert cell("fentanyl") == (7, 7)

    OverdoseReport.objects.all().delete()  # as retention does after 24 months
    make_release(TODAY + timedelta(days=45))

    assert cell("fentanyl") == (7, 7)


def test_samples_that_may_be_counted_again_are_back_in_their_cells_and_in_no_others():
    samples = make_many(TWELVE, "fentanyl")
    make_release(TODAY)
    some = Sample.objects.filter(pk__in=[sample.pk for sample in samples[FIVE]])
    some.update(share=False)
    make_release(NEXT)
    assert cell("fentanyl") == (7, 7)

    some.update(share=True)
    make_release(TODAY + timedelta(days=2))

    assert cell("fentanyl") == (12, 12)
    assert cell("fentanyl", period_start=MONDAY) == (12, 12)


def test_when_parts_of_samples_may_not_be_counted_the_rest_still_is():
    wholes = make_many(SIX)
    parts = [make_sample(whole.site, split_of=whole) for whole in wholes]
    for part in parts:
        make_result(part, "caffeine")
    make_release(TODAY)
    assert cell("caffeine") == (6, 6)

    Sample.objects.filter(pk__in=[part.pk for part in parts[FIVE]]).update(is_contaminated=True)
    make_release(NEXT)

    assert cell("caffeine") == (6, 1)


def test_strips_of_a_lot_found_to_be_suspect_leave_their_cells():
    lot = KitLot.objects.create(method=Method.objects.get(slug="fentanyl-strip"), brand="Made up", lot="A1")
    samples = make_many(TWELVE)
    for place, sample in enumerate(samples):
        strip = {"method": "fentanyl-strip", "lot": lot if 1 <= place < 6 else None}
        make_result(sample, "fentanyl_type_opioid", **strip)
    make_release(TODAY)
    assert cell("fentanyl_type_opioid", family="strip") == (12, 12)

    lot.state = KitLot.State.SUSPECT
    lot.save()
    make_release(NEXT)

    assert cell("fentanyl_type_opioid", family="strip") == (7, 7)
    assert make_release(TODAY + timedelta(days=2)) is None
