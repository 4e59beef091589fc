"""What a release tells of scopes and strips: never anything that is one site's, nor what a few samples were."""

from datetime import date, timedelta

import pytest

from checking.models import KitLot, Method, MethodScope, ReleasedScope, ReleasedStrip, Site
from checking.release import make_release
from tests.release_rows import TODAY, make_many, make_network, make_result, make_sample, named

pytestmark = pytest.mark.django_db

SINCE = date(2026, 10, 14)  # a Wednesday
TWO_SITES = ["harbour", "harbour", "harbour", "riverside", "riverside"]
NEXT_QUARTER = date(2027, 1, 6)


@pytest.fixture(autouse=True)
def _network(db) -> None:
    make_network()


def make_lab(**said: object) -> Site:
    area = Site.objects.get(slug="harbour").area
    lab = Site.objects.create(slug="lab", name="Lab", area=area, kind=Site.Kind.LAB, **said)
    MethodScope.objects.create(lab=lab, method=Method.objects.get(slug="gc-ms"), since=SINCE, **named("xylazine"))
    return lab


def scopes() -> list[tuple[str, str, str, date, bool]]:
    return list(ReleasedScope.objects.values_list("area", "family", "subject", "week", "is_opened"))


def test_that_a_lab_began_to_look_is_told_by_its_week():
    make_many(TWO_SITES, "fentanyl", result={"lab": make_lab()})

    make_release(TODAY)

    assert scopes() == [("us-pa-allegheny", "lab", "xylazine", date(2026, 10, 12), True)]


def test_that_a_lab_stopped_is_told_from_the_day_after():
    lab = make_lab()
    MethodScope.objects.filter(lab=lab).update(since=None, until=date(2026, 11, 1))
    MethodScope.objects.create(lab=lab, method=Method.objects.get(slug="gc-ms"), **named("fentanyl"))
    make_many(TWO_SITES, "fentanyl", result={"lab": lab})

    make_release(TODAY)

    assert scopes() == [("us-pa-allegheny", "lab", "xylazine", date(2026, 11, 2), False)]


def test_a_day_to_come_is_not_told():
    lab = make_lab()
    MethodScope.objects.filter(lab=lab).update(since=TODAY + timedelta(days=1))
    make_many(TWO_SITES, "fentanyl", result={"lab": lab})

    make_release(TODAY)

    assert scopes() == []


def test_nothing_is_told_of_an_unlisted_lab_nor_of_one_that_read_fewer_than_five():
    make_many(TWO_SITES, "fentanyl", result={"lab": make_lab(is_listed=False)})
    few = Site.objects.create(slug="few", name="Few", area=Site.objects.get(slug="hill").area, kind=Site.Kind.LAB)
    MethodScope.objects.create(lab=few, method=Method.objects.get(slug="gc-ms"), since=SINCE, **named("xylazine"))
    make_many(TWO_SITES[1:], "fentanyl", result={"lab": few})

    assert make_release(TODAY)
    assert scopes() == []


def check_by_strips(sites: list[str], brand: str, lot: str) -> None:
    kit = KitLot.objects.get_or_create(method=Method.objects.get(slug="fentanyl-strip"), brand=brand, lot=lot)[0]
    for site in sites:
        make_result(make_sample(site), method="fentanyl-strip", lot=kit)


def strips() -> list[tuple[str, date, str, str]]:
    return list(ReleasedStrip.objects.values_list("area", "quarter", "brand", "lot").distinct())


def release_after_the_quarter() -> None:
    make_release(TODAY)
    make_many(TWO_SITES, "fentanyl", recorded_on=NEXT_QUARTER, result={"recorded_on": NEXT_QUARTER})
    assert make_release(NEXT_QUARTER)


def test_what_most_strips_were_is_told_once_the_quarter_is_over():
    check_by_strips(TWO_SITES, "Usual", "U1")

    make_release(TODAY)
    assert strips() == []

    release_after_the_quarter()
    assert strips() == [("us-pa-allegheny", date(2026, 10, 1), "Usual", "U1")]


def test_a_lot_that_one_site_used_is_not_told_though_it_is_most():
    check_by_strips(["harbour"] * 6, "Usual", "U1")
    check_by_strips(["riverside"] * 4, "Usual", "U2")

    release_after_the_quarter()

    assert strips() == [("us-pa-allegheny", date(2026, 10, 1), "Usual", "")]


def test_where_no_brand_is_in_most_samples_none_is_told():
    check_by_strips(TWO_SITES, "Usual", "U1")
    check_by_strips(TWO_SITES, "Other", "O1")

    release_after_the_quarter()

    assert strips() == [("us-pa-allegheny", date(2026, 10, 1), "", "")]
