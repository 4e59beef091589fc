"""What a draft made of a signal says: as sure as the readings behind it, and no surer."""

from typing import Any

import pytest

from alerts import judging
from alerts.models import Signal
from checking.models import KitLot, Method, Site
from tests.alerting import check, make_ready, make_reviewers
from tests.sending import lab_body, strip_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return make_ready(rules=())


def drafted(subject: str, rule: str = "mis_sold") -> dict[str, Any]:
    found = Signal.objects.filter(rule=rule)
    signal = next(each for each in found if each.named is not None and each.named.slug == subject)
    alert = judging.draft_from(signal, by=make_reviewers()[0], level="notice", area=signal.area)
    body: dict[str, Any] = alert.contents.get().body
    return body


def headline(body: dict[str, Any]) -> str:
    return str(body["blocks"]["en"]["headline"])


def test_a_lab_found_it_where_its_method_names_one_compound(site: Site):
    check(lab_body(("fentanyl",)), site=site)

    body = drafted("fentanyl")

    assert headline(body) == "Sold as cocaine, a lab found fentanyl"
    assert body["evidence"]["rung"] == "confirmed"


def test_an_instrument_in_a_lab_that_tells_no_isomers_apart_is_a_first_reading(site: Site):
    check(lab_body(("fentanyl",), method="dart-ms"), site=site)

    body = drafted("fentanyl")

    assert headline(body) == "Sold as cocaine, a first reading points to fentanyl"
    assert body["evidence"]["rung"] == "presumptive"


def test_a_strip_names_no_compound(site: Site):
    check(strip_body("absent"), site=site)

    body = drafted("fentanyl_type_opioid")

    assert headline(body) == "Sold as cocaine, a fentanyl strip reacted"
    assert (body["substances"], body["classes"][-1]) == ([], "fentanyl_type_opioid")


def test_a_strip_that_a_lab_has_borne_out_is_said_as_the_labs(site: Site):
    check(strip_body("absent"), lab_body(("fentanyl",)), site=site)

    body = drafted("fentanyl_type_opioid")

    assert body["evidence"]["rung"] == "confirmed"
    assert "a lab found" in headline(body)


def test_two_methods_agree_on_one_sample_and_not_across_two(site: Site):
    check(strip_body("absent"), site=site)
    check(lab_body(("fentanyl",), method="ftir"), site=site)
    first, second = Signal.objects.filter(rule="mis_sold").order_by("pk")
    first.results.add(*second.results.all())

    assert (
        headline(drafted("fentanyl_type_opioid")) == "Sold as cocaine, a first reading points to fentanyl-type opioids"
    )


def test_nothing_is_drafted_of_a_strip_whose_lot_came_into_doubt(site: Site):
    check(strip_body("absent", lot={"brand": "B", "lot": "1"}), site=site)
    KitLot.objects.filter(method=Method.objects.get(slug="fentanyl-strip")).update(state="suspect")

    with pytest.raises(judging.NothingToSay):
        drafted("fentanyl_type_opioid")
