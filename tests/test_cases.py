"""What a rule may lean on before it speaks: which readings agree, and which speak against it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from alerts import lifecycle
from alerts.histories import Past
from alerts.models import Alert, AlertEvent, RuleApproval, RuleSwitch, Signal
from alerts.screening import screen_waiting
from checking import bodies, catalogue, submission
from checking.decoding import decode
from checking.models import Area, KitLot, Membership, Method, Result, Sample, Site
from tests.alerting import begin_to_hold, check, check_fentanyl_in_cocaine, later, make_ready
from tests.factories import make_scope, make_site, submit
from tests.sending import lab_body, sample_body, strip_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return make_ready()


def said() -> list[dict[str, Any]]:
    lifecycle.publish_due_notices(later(minutes=2))
    return [event.payload["alert"] for event in AlertEvent.objects.order_by("seq")]


def held_back() -> list[str]:
    return Signal.objects.filter(rule="mis_sold").latest("pk").held_back_by


def add(receipt: Any, site: Site, body: dict[str, Any], **source: Any) -> None:
    """A later result of the same sample."""
    result = decode(json.dumps(body).encode(), bodies.NewResult)
    sample = Sample.objects.get(pk=receipt.sample_id)
    submission.add_results(sample, [result], submission.Source(site=site, **source))


# A lab names a compound only where its method tells compounds apart.


@pytest.mark.parametrize("method", ["dart-ms", "ps-ms"])
def test_an_instrument_that_cannot_tell_isomers_has_not_named_a_compound(site: Site, method: str):
    check(lab_body(("fentanyl",), method=method), site=site)

    assert said() == []
    assert {"lab_or_two_techniques", "fits_rule"} <= set(held_back())


def test_a_lab_that_named_a_group_only_is_not_said(site: Site):
    check(lab_body(findings=[{"substance": "fentanyl", "identity": "class_only"}]), site=site)

    assert said() == []


def test_an_amount_takes_a_lab_that_named_the_compound(site: Site):
    amount = {"kind": "mg_per_unit", "value": 240, "basis": "salt:hydrochloride", "portion": "whole"}
    finding = {"substance": "mdma", "amount": amount, "identity": "isomer_not_determined"}
    beside = lab_body(("mdma",), method="ftir")

    check(lab_body(method="hplc-uv", findings=[finding]), beside, site=site, expected=("mdma",), form="tablet")

    assert said() == []
    assert "fits_rule" in Signal.objects.get(rule="amount_over_threshold").held_back_by


# FTIR and a strip agree only where both can be leaned on.


def test_an_opioid_seen_by_ftir_does_not_agree_with_a_fentanyl_strip(site: Site):
    check(strip_body("absent"), lab_body(("opioid",), method="ftir"), site=site)

    assert said() == []
    assert "fits_rule" in held_back()


@pytest.mark.parametrize("entry", ["bulk", "late", "import"])
def test_a_strip_that_did_not_come_in_singly_is_not_leaned_on(site: Site, entry: str):
    receipt = submit(sample_body(), site)
    add(receipt, site, strip_body("absent"), entry=entry)

    add(receipt, site, lab_body(("fentanyl",), method="ftir"))
    screen_waiting()

    assert said() == []
    assert "lab_or_two_techniques" in held_back()


def test_a_training_labs_reading_is_not_leaned_on(site: Site):
    make_site("school", is_training=True)

    check(strip_body("absent", lab="school"), lab_body(("fentanyl",), method="ftir"), site=site)

    assert said() == []
    assert "lab_or_two_techniques" in held_back()


# What speaks against it.


def test_a_lab_that_looked_and_did_not_see_it_keeps_two_methods_quiet(site: Site):
    check(strip_body("absent"), lab_body(("fentanyl",), method="ftir"), lab_body(("cocaine",)), site=site)

    assert said() == []
    assert held_back() == ["not_contradicted"]


def test_a_repeated_strip_that_did_not_react_keeps_two_methods_quiet(site: Site):
    check(strip_body("absent"), strip_body("clear"), lab_body(("fentanyl",), method="ftir"), site=site)

    assert said() == []
    assert "not_contradicted" in held_back()


def test_two_labs_that_differ_are_for_people(site: Site):
    check(lab_body(("fentanyl",)), lab_body((), method="lc-ms"), site=site)

    assert said() == []
    assert held_back() == ["not_contradicted"]


def test_a_lab_that_does_not_look_for_it_speaks_against_nothing(site: Site):
    elsewhere = make_site("elsewhere", kind="lab")
    make_scope(elsewhere, "lc-ms", "stimulant")

    check(lab_body(("fentanyl",)), lab_body(("cocaine",), method="lc-ms", lab="elsewhere"), site=site)

    assert len(said()) == 1


def test_what_a_lab_says_it_did_not_find_counts_whatever_its_scope(site: Site):
    elsewhere = make_site("elsewhere", kind="lab")
    make_scope(elsewhere, "lc-ms", "stimulant")
    looked = [{"substance": "cocaine"}, {"substance": "fentanyl", "detected": False}]

    check(lab_body(("fentanyl",)), lab_body(method="lc-ms", lab="elsewhere", findings=looked), site=site)

    assert said() == []


def test_a_strip_that_stayed_negative_does_not_silence_a_lab(site: Site):
    check(lab_body(("fentanyl",)), strip_body("clear"), site=site)

    assert len(said()) == 1


def test_a_lab_that_speaks_against_it_within_the_hold_is_heard(site: Site):
    begin_to_hold()
    receipt = check(strip_body("absent"), lab_body(("fentanyl",), method="ftir"), site=site)
    add(receipt, site, lab_body(("cocaine",)))

    assert said() == []
    assert Alert.objects.get().stopped_because == "Held back: not_contradicted"


# The place and the week.


def test_an_event_beside_it_does_not_make_an_only_site_one_of_several(site: Site):
    alone = make_site("beaver", area="us-pa-beaver")
    make_site("festival", area="us-pa-beaver", kind="event")

    check_fentanyl_in_cocaine(alone)

    assert (said(), held_back()) == ([], ["place_to_speak_for"])


def test_a_self_governing_region_is_not_named_for_somebody_elses_area(site: Site):
    alone = make_site("beaver", area="us-pa-beaver")
    Area.objects.filter(slug="us-pa").update(governed_by="A community")
    Area.objects.filter(slug="us-pa-beaver").update(speaks_for=Area.objects.get(slug="us-va"))
    Area.objects.filter(slug="us-va").update(governed_by="Another community")

    check_fentanyl_in_cocaine(alone)

    assert (said(), held_back()) == ([], ["place_to_speak_for"])


def test_the_week_is_that_of_the_sites_own_calendar(site: Site, monkeypatch: pytest.MonkeyPatch):
    """Sunday evening in New York is Monday in UTC."""
    Site.objects.update(time_zone="America/New_York")
    site.refresh_from_db()
    sunday_evening = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: sunday_evening)
    RuleApproval.objects.update(at=sunday_evening)

    check(lab_body(("fentanyl",), performed_on="2026-11-22"), site=site, collected_on="2026-11-22")

    assert said()[0]["week"] == "2026-W47"


# Who approved, and what decides.


def test_a_yes_goes_with_the_role_it_was_given_in(site: Site):
    Membership.objects.filter(role="community_reviewer").delete()

    check_fentanyl_in_cocaine(site)

    assert (said(), held_back()) == ([], ["approved_by_two"])


def test_a_rule_has_one_switch_for_a_method_everywhere(site: Site):
    method = Method.objects.get(slug="gc-ms")
    RuleSwitch.objects.create(rule="lab_named_opioid", method=method)

    with pytest.raises(IntegrityError), transaction.atomic():
        RuleSwitch.objects.create(rule="lab_named_opioid", method=method, is_on=False)


# What an area knew before.


def test_what_a_reagent_or_a_strip_in_doubt_said_was_not_found_before(site: Site):
    KitLot.objects.create(method=Method.objects.get(slug="xylazine-strip"), brand="B", lot="1", state="suspect")
    old = {"brand": "B", "lot": "2", "expires_on": "2020-01-01"}
    reagent = lab_body(
        method="reagent", outcome="consistent_with", findings=[{"substance": "xylazine", "identity": "exact"}]
    )
    unsure = lab_body(("xylazine",), outcome="inconclusive")
    strips = [strip_body("absent", method="xylazine-strip", lot=lot) for lot in ({"brand": "B", "lot": "1"}, old)]
    check(reagent, unsure, *strips, site=site)

    past = Past(site.area, before=later(hours=1))

    assert not past.was_found(catalogue.current().subject("xylazine"))


def test_what_a_sound_strip_said_was_found_before(site: Site):
    fresh = {"brand": "B", "lot": "3", "expires_on": (timezone.now().date() + timedelta(days=300)).isoformat()}
    check(strip_body("absent", method="xylazine-strip", lot=fresh), site=site)

    past = Past(site.area, before=later(hours=1))

    assert past.was_found(catalogue.current().subject("xylazine"))
    assert Result.objects.count() == 1
