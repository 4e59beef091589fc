"""What is kept of a sample grows vague or goes in time, as the page on what we keep says."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db.models import DateField, Q

from alerts import watcher
from checking import codes, collection_days, retention
from checking.disclosing import held
from checking.models import OverdoseReport, Result, Sample, Screening
from checking.release_corrections import WAITS_AT_MOST
from tests.factories import make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body, strip_body

pytestmark = pytest.mark.django_db

WEDNESDAY = datetime(2025, 11, 12, 14, 33, 21, tzinfo=UTC)
MONDAY = date(2025, 11, 10)
YEAR = timedelta(days=365)

# Days that point at a sample or result and yet stay, with the reason.
STAYS = {
    "checking.Withdrawal.recorded_at": "when it was taken back, which is frozen with it",
    "checking.ReleasedSample.period_start": "a week already",
    "checking.Note.recorded_at": "the note goes after 30 days",
    "alerts.AlertEvidence.added_at": "of an alert, which is public",
    "alerts.AlertEvidence.shaken_at": "of an alert, which is public",
    "alerts.Signal.on": "of what reviewers were shown",
    "alerts.Signal.taken_at": "of what reviewers did",
    "alerts.Signal.decided_at": "of what reviewers did",
    "alerts.Signal.created_at": "of what reviewers were shown",
}


@pytest.fixture(autouse=True)
def _vocabulary():
    make_vocabulary()


def brought(at: datetime = WEDNESDAY, **other: Any) -> Any:
    """A sample with two results, brought and read at that hour."""
    with time_machine.travel(at, tick=False):
        receipt = submit(sample_body(strip_body("absent"), lab_body(("fentanyl",)), **other), make_site("harbour"))
        Screening.objects.bulk_create(
            Screening(result=result, visible_from=at) for result in Result.objects.filter(sample_id=receipt.sample_id)
        )
    return receipt


def days_of(sample_id: Any) -> set[Any]:
    sample = Sample.objects.get(pk=sample_id)
    results = sample.results.values_list("performed_on", "completed_on", "recorded_at", "screening__visible_from")
    return {sample.collected_on, sample.recorded_at, *(each for row in results for each in row)}


def test_a_day_stays_exact_for_a_year_and_is_its_week_after_that():
    id = brought().sample_id

    assert retention.let_days_grow_vague(WEDNESDAY.date() + YEAR) == 0
    assert days_of(id) == {WEDNESDAY.date(), WEDNESDAY}

    assert retention.let_days_grow_vague(WEDNESDAY.date() + YEAR + timedelta(days=1)) == 2 + 2 * 4
    assert days_of(id) == {MONDAY, datetime(2025, 11, 10, tzinfo=UTC)}
    assert retention.let_days_grow_vague(WEDNESDAY.date() + YEAR + timedelta(days=1)) == 0  # twice is once


def test_nothing_is_held_of_the_day_itself_any_more():
    brought()
    site = make_site("harbour")
    assert held(site, WEDNESDAY.date())["held"]["samples"]["rows"] == 1

    retention.let_days_grow_vague(WEDNESDAY.date() + YEAR + timedelta(days=1))

    assert held(site, WEDNESDAY.date())["held"]["samples"]["rows"] == 0
    assert held(site, WEDNESDAY.date())["held"]["results"]["rows"] == 0
    assert held(site, MONDAY)["held"]["samples"]["rows"] == 1


@pytest.mark.parametrize(
    ("day", "kept"),
    [
        (date(2025, 1, 29), date(2025, 1, 27)),
        (date(2025, 1, 31), date(2025, 1, 27)),
        (date(2025, 2, 1), date(2025, 2, 1)),  # the same week, the next month
        (date(2025, 2, 2), date(2025, 2, 1)),
        (date(2025, 2, 3), date(2025, 2, 3)),
    ],
)
def test_no_day_leaves_its_week_or_its_month(day: date, kept: date):
    id = brought(datetime(day.year, day.month, day.day, 9, 1, tzinfo=UTC)).sample_id

    retention.let_days_grow_vague(date(2026, 11, 23))

    assert days_of(id) == {kept, datetime(kept.year, kept.month, kept.day, tzinfo=UTC)}


def test_within_one_week_only_the_days_past_a_year_grow_vague():
    older, younger = brought().sample_id, brought(WEDNESDAY + timedelta(days=1)).sample_id

    retention.let_days_grow_vague(WEDNESDAY.date() + YEAR + timedelta(days=1))

    assert MONDAY in days_of(older)
    assert days_of(younger) == {date(2025, 11, 13), WEDNESDAY + timedelta(days=1)}


def test_every_day_that_points_at_a_sample_grows_vague_or_has_a_reason():
    named = {f"{model._meta.label}.{name}" for model, name in retention.GROWS_VAGUE}
    there = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model in (Sample, Result) or any(_leads_to_a_sample(field) for field in model._meta.get_fields())
        for field in model._meta.fields
        if isinstance(field, DateField)
    }

    assert named | set(STAYS) == there
    assert not named & set(STAYS)


def _leads_to_a_sample(field: Any) -> bool:
    return not field.auto_created and field.related_model in (Sample, Result)


def test_a_code_opens_for_90_days_after_the_last_result_and_is_gone_then():
    receipt = brought()
    with time_machine.travel(WEDNESDAY + timedelta(days=90), tick=False):
        assert retention.forget_codes(WEDNESDAY.date() + timedelta(days=90)) == 0
        assert codes.find_sample(receipt.code) is not None

    assert retention.forget_codes(WEDNESDAY.date() + timedelta(days=91)) == 1
    assert not Sample.objects.filter(code_hash__isnull=False).exists()
    with time_machine.travel(WEDNESDAY, tick=False):
        assert codes.find_sample(receipt.code) is None


def test_a_later_result_keeps_the_code():
    brought()
    Result.objects.filter(method__slug="gc-ms").update(recorded_at=WEDNESDAY + timedelta(days=60))

    assert retention.forget_codes(WEDNESDAY.date() + timedelta(days=91)) == 0


def test_after_two_years_nothing_says_that_an_overdose_was_reported():
    brought(overdose_associated="yes")

    assert retention.forget_overdoses(WEDNESDAY.date() + timedelta(days=730)) == 0
    assert OverdoseReport.objects.filter(is_associated=True).count() == 1
    assert retention.forget_overdoses(WEDNESDAY.date() + timedelta(days=731)) == 1
    assert OverdoseReport.objects.count() == 0


def test_what_an_overdose_kept_out_of_figures_is_too_old_for_them_when_nothing_says_so_any_more():
    """A recording time may have moved back within its week by then."""
    assert retention.OVERDOSES_KEPT_FOR - timedelta(days=7) > WAITS_AT_MOST


def test_the_watcher_does_it_every_day():
    jobs = {retention.let_days_grow_vague, retention.forget_codes, retention.forget_overdoses}

    assert jobs <= set(watcher.DAILY_JOBS)


def test_the_page_names_the_times_that_are_kept(client):
    page = client.get("/about/data/").content.decode()

    assert (
        timedelta(days=365), timedelta(days=90), timedelta(days=730),
    ) == (collection_days.EXACT_FOR, codes.KEPT_FOR, retention.OVERDOSES_KEPT_FOR)  # fmt: skip
    assert "the day becomes a week after 12 months" in page
    assert "it goes 90 days after the last result" in page
    assert "this goes after 24 months" in page


def test_a_sample_that_nobody_looked_at_yet_is_left_as_it_is():
    id = brought(datetime.now(UTC)).sample_id
    before = days_of(id)

    for job in (retention.let_days_grow_vague, retention.forget_codes, retention.forget_overdoses):
        assert job(datetime.now(UTC).date()) == 0

    assert days_of(id) == before
    assert Sample.objects.filter(~Q(code_hash=None)).exists()
