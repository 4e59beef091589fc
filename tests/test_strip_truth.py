"""How often strips were right here, from the rows: what is counted, what never is, and how often."""

import pytest

from checking import strip_truth, submission
from checking.follow_up import FollowedUp
from checking.models import KitLot, Result, Sample, Site
from tests.factories import make_scope, make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body, strip_body

pytestmark = pytest.mark.django_db
QUIET = ("fentanyl-strip", "not_detected")


@pytest.fixture(autouse=True)
def _fresh():
    make_vocabulary()
    strip_truth.forget()
    yield
    strip_truth.forget()


def bring(n: int, found: tuple[str, ...] = ("cocaine",), site: Site | None = None, **strip) -> list:
    return [submit(sample_body(strip_body("clear", **strip), lab_body(found)), site or make_site()) for _ in range(n)]


def test_twenty_four_strips_of_which_a_lab_bore_out_twenty_one():
    bring(21)
    bring(3, ("fentanyl",))

    assert strip_truth.read() == {QUIET: FollowedUp(24, 21)}


def test_nineteen_are_too_few_and_the_twentieth_is_enough():
    bring(19)
    assert strip_truth.read() == {}

    bring(1)
    assert strip_truth.read() == {QUIET: FollowedUp(20, 20)}


def test_training_sites_and_withdrawn_results_are_not_counted():
    receipts = bring(20)
    bring(5, site=make_site("school", is_training=True))
    assert strip_truth.read() == {QUIET: FollowedUp(20, 20)}

    lab = Result.objects.get(sample_id=receipts[0].sample_id, method__slug="gc-ms")
    submission.withdraw_result(lab, reason="The sample was mixed up")

    assert strip_truth.read() == {}


def test_what_a_training_lab_read_is_not_counted():
    make_site("school", is_training=True)
    bring(20, lab="school")

    assert strip_truth.read() == {}


def test_what_was_brought_to_a_training_site_is_not_counted_whoever_read_it():
    make_site()
    school = make_site("school", is_training=True)
    for _ in range(20):
        submit(sample_body(strip_body("clear", lab="harbour"), lab_body(("cocaine",), lab="harbour")), school)

    assert strip_truth.read() == {}


def test_a_person_who_said_no_is_not_counted():
    bring(20)
    Sample.objects.filter(pk=Sample.objects.values("pk")[:1]).update(share=False)

    assert strip_truth.read() == {}


def test_a_suspect_lot_is_not_counted():
    bring(20, lot={"brand": "Strips", "lot": "1"})
    assert strip_truth.read() == {QUIET: FollowedUp(20, 20)}

    KitLot.objects.update(state=KitLot.State.SUSPECT)

    assert strip_truth.read() == {}


def test_a_lab_whose_own_scope_lacks_it_has_not_answered():
    bring(20)
    make_scope(make_site(), "gc-ms", "sedative")

    assert strip_truth.read() == {}


def test_it_is_counted_once_a_day_and_costs_nothing_in_between(django_assert_num_queries):
    bring(20)
    first = strip_truth.current()
    bring(1)

    with django_assert_num_queries(0):
        assert strip_truth.current() is first
    strip_truth.forget()
    assert strip_truth.current() == {QUIET: FollowedUp(21, 21)}


def test_who_opens_a_later_result_reads_it(client):
    bring(20)
    [later] = bring(1)
    strip_truth.forget()  # it is counted once a day

    page = client.post("/results/", {"code": later.code}).content.decode()

    assert "of 21 such strips that did not react and that a lab followed up, 21 were right" in page
