"""When a rule may publish by itself (docs/rules.md C1), and each single reason why it may not."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts import lifecycle, rule_words, rule_yes
from alerts.models import Alert, AlertEvent, RuleApproval, RuleSwitch, Signal
from alerts.screening import screen_waiting
from checking import submission
from checking.models import Area, KitLot, Method, Network, Result, Sample, Site
from tests.alerting import approve_rule, begin_to_hold, check, check_fentanyl_in_cocaine, later, make_ready
from tests.factories import make_scope, make_site, make_vocabulary, submit, today
from tests.sending import lab_body, sample_body, strip_body

pytestmark = pytest.mark.django_db
MOST_QUERIES = 64  # from a waiting result to its event, in one look


@pytest.fixture
def site() -> Site:
    return make_ready()


def said() -> list[dict[str, Any]]:
    lifecycle.publish_due_notices(later(minutes=2))
    return [event.payload["alert"] for event in AlertEvent.objects.order_by("seq")]


def held_back(rule: str = "mis_sold") -> list[str]:
    return Signal.objects.filter(rule=rule).latest("pk").held_back_by


def ftir(found: str = "fentanyl") -> dict[str, Any]:
    return lab_body((found,), method="ftir")


def test_fentanyl_named_by_gc_ms_in_powder_sold_as_cocaine_is_said(site: Site):
    check_fentanyl_in_cocaine(site)

    [alert] = said()
    assert alert["headline"] == "Sold as cocaine, a lab found fentanyl"
    assert (alert["level"], alert["reviewed"], alert["areas"]) == ("notice", False, ["us-pa-allegheny"])
    assert alert["substances"] == ["fentanyl"]
    assert alert["classes"] == ["opioid", "fentanyl_type_opioid"]
    assert alert["evidence"] == {"rung": "confirmed", "samples": 1, "techniques": 1}
    assert Signal.objects.get(rule="mis_sold").held_back_by == []


def test_a_strong_strip_mix_of_mdma_says_nothing(site: Site):
    check(strip_body("absent", sample_mg=10, diluent_ml=5), site=site, expected=("mdma",))

    assert said() == []
    assert "lab_or_two_techniques" in held_back()


def test_ftir_and_a_strip_together_are_said(site: Site):
    check(strip_body("absent"), ftir(), site=site)

    [alert] = said()
    assert alert["headline"] == "Sold as cocaine, two methods point to fentanyl"
    assert alert["evidence"] == {"rung": "presumptive", "samples": 1, "techniques": 2}


def test_ftir_and_a_strip_that_mdma_may_have_made_react_are_not_said(site: Site):
    check(strip_body("absent", sample_mg=10, diluent_ml=5), ftir(), site=site, expected=("mdma",))

    assert said() == []


def test_ftir_and_a_strip_are_not_said_of_a_tablet(site: Site):
    check(strip_body("absent"), ftir(), site=site, form="tablet")

    assert said() == []
    assert "fits_rule" in held_back()


def test_two_strips_never_corroborate_each_other(site: Site):
    check(strip_body("absent"), strip_body("absent"), site=site)

    assert said() == []


def test_a_lab_that_names_what_was_expected_says_nothing(site: Site):
    check(lab_body(("fentanyl",)), site=site, expected=("fentanyl",))

    assert said() == []


def test_an_unknown_expectation_never_counts_as_mis_sold(site: Site):
    check(lab_body(("fentanyl",)), site=site, expected=())

    assert said() == []
    assert not Signal.objects.filter(rule="mis_sold").exists()


def test_a_watch_listed_substance_speaks_once_thirty_were_tested(site: Site):
    make_scope(site, "gc-ms", "sedative")
    for _ in range(28):
        submit(sample_body(lab_body(("cocaine",))), site)
    check(lab_body(("xylazine",)), site=site, expected=("fentanyl",))
    assert said() == []
    assert "enough_tested" in held_back("watch_list")

    check(lab_body(("xylazine",)), site=site, expected=("fentanyl",))

    [alert] = said()
    assert alert["substances"] == ["xylazine"]


@pytest.mark.parametrize(
    ("amount", "is_said"),
    [
        ({"kind": "mg_per_unit", "value": 240, "basis": "salt:hydrochloride", "portion": "whole"}, True),
        ({"kind": "ug_per_unit", "value": 240_000, "basis": "salt:hydrochloride", "portion": "whole"}, True),
        ({"kind": "mg_per_unit", "value": 200, "basis": "salt:hydrochloride", "portion": "whole"}, False),
        ({"kind": "mg_per_unit", "value": 240, "basis": "salt:hydrochloride", "portion": "part"}, False),
        ({"kind": "mg_per_unit", "value": 240, "basis": "base", "portion": "whole"}, False),
        ({"kind": "mg_per_unit", "value": 240, "basis": "unknown", "portion": "whole"}, False),
        ({"kind": "relative", "value": "primary"}, False),
    ],
)
def test_an_amount_is_said_only_on_the_thresholds_own_basis(site: Site, amount: dict[str, Any], is_said: bool):
    finding = {"substance": "mdma", "amount": amount}

    check(lab_body(method="hplc-uv", findings=[finding]), site=site, expected=("mdma",), form="tablet")

    assert [alert["headline"] for alert in said()] == (
        ["Sold as MDMA, a lab measured 240 mg of MDMA in one unit"] if is_said and amount["kind"] == "mg_per_unit"
        else ["Sold as MDMA, a lab measured 240000 ug of MDMA in one unit"] if is_said else []
    )  # fmt: skip


# Each condition, taken away alone.


def test_it_takes_a_community_reviewer_and_another_person(site: Site):
    RuleApproval.objects.filter(role="community_reviewer").delete()

    check_fentanyl_in_cocaine(site)

    assert (said(), held_back()) == ([], ["approved_by_two"])


def test_approvals_run_out_after_six_months(site: Site):
    RuleApproval.objects.update(at=timezone.now() - timedelta(days=184))

    check_fentanyl_in_cocaine(site)

    assert (said(), held_back()) == ([], ["approved_by_two"])


def test_changed_words_take_new_approvals(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rule_words, "sha256_of", lambda rule, own: "another")

    check_fentanyl_in_cocaine(site)

    assert (said(), held_back()) == ([], ["approved_by_two"])


def test_a_rule_is_off_until_switched_on(site: Site):
    RuleSwitch.objects.all().delete()

    check_fentanyl_in_cocaine(site)

    assert (said(), held_back()) == ([], ["switched_on", "past_first_hundred"])


def test_the_switch_of_a_site_and_method_outweighs_the_one_for_all(site: Site):
    method = Method.objects.get(slug="gc-ms")
    RuleSwitch.objects.create(rule="lab_named_opioid", site=site, method=method, is_on=False, waives_first_hundred=True)

    check_fentanyl_in_cocaine(site)

    assert (said(), held_back()) == ([], ["switched_on"])


def test_a_site_learns_with_its_first_hundred_samples(site: Site):
    RuleSwitch.objects.update(waives_first_hundred=False)

    check_fentanyl_in_cocaine(site)

    assert (said(), held_back()) == ([], ["past_first_hundred"])


def test_a_real_network_cannot_waive_the_first_hundred(site: Site):
    Network.objects.update(simulated=False)

    check_fentanyl_in_cocaine(site)

    assert (said(), held_back()) == ([], ["past_first_hundred"])


@pytest.mark.parametrize("entry", ["bulk", "late", "import"])
def test_only_what_was_entered_singly_and_promptly_speaks(site: Site, entry: str):
    check_fentanyl_in_cocaine(site, source={"entry": entry})

    assert said() == []
    assert "entered_promptly" in held_back()


@pytest.mark.parametrize(("days", "is_said"), [(0, True), (3, True), (4, False), (None, False)])
def test_a_result_speaks_within_three_days_of_being_made(site: Site, days: int | None, is_said: bool):
    day = None if days is None else (today() - timedelta(days=days)).isoformat()
    collected = (today() - timedelta(days=9)).isoformat()

    check(lab_body(("fentanyl",), performed_on=day), site=site, collected_on=collected)

    assert bool(said()) is is_said


def test_a_suspect_lot_among_the_evidence_keeps_it_quiet(site: Site):
    method = Method.objects.get(slug="fentanyl-strip")
    KitLot.objects.create(method=method, brand="BTNX", lot="D1", state="suspect")

    check(strip_body("absent", lot={"brand": "BTNX", "lot": "D1"}), ftir(), site=site)

    assert said() == []


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"overdose_associated": "yes"}, "not_overdose_linked"),
        ({"carrier": "cooker"}, "not_residue"),
        ({"share": False}, "shared"),
    ],
)
def test_some_samples_never_speak_by_themselves(site: Site, other: dict[str, Any], code: str):
    check_fentanyl_in_cocaine(site, **other)

    assert (said(), held_back()) == ([], [code])


def test_a_result_added_singly_to_imported_history_never_speaks(site: Site):
    receipt = submit(sample_body(lab_body(("fentanyl",))), site)
    Sample.objects.filter(pk=receipt.sample_id).update(entry="import")

    screen_waiting()

    assert (said(), held_back()) == ([], ["not_imported"])


def test_a_training_lab_never_speaks(site: Site):
    Site.objects.filter(pk=make_site("lab", kind="lab").pk).update(is_training=True)

    check(lab_body(("fentanyl",), lab="lab"), site=site)

    assert (said(), held_back()) == ([], ["not_training"])


def test_a_trace_never_speaks_alone(site: Site):
    trace = {"substance": "fentanyl", "amount": {"kind": "relative", "value": "trace"}}

    check(lab_body(findings=[trace]), site=site)

    assert (said(), held_back()) == ([], ["not_trace"])
    assert "trace" in Signal.objects.get(rule="mis_sold").summary


def test_by_products_of_fentanyl_never_speak_alone(site: Site):
    check(lab_body(("4-anpp",)), site=site)

    assert said() == []
    assert not Signal.objects.exists()


def test_the_hold_passes_before_anything_is_said(site: Site):
    Network.objects.update(hold_minutes=15)
    check_fentanyl_in_cocaine(site)

    assert lifecycle.publish_due_notices(later(minutes=14)) == 0
    assert lifecycle.publish_due_notices(later(minutes=16)) == 1


def test_a_result_withdrawn_in_the_hold_is_not_said(site: Site):
    begin_to_hold()
    receipt = check_fentanyl_in_cocaine(site)
    submission.withdraw_result(Result.objects.get(pk=receipt.result_ids[0]), reason="mix-up")

    assert said() == []
    assert Alert.objects.get().state == "stopped"
    assert held_back() == ["evidence_stands"]


def test_a_rule_switched_off_in_the_hold_does_not_speak(site: Site):
    begin_to_hold()
    check_fentanyl_in_cocaine(site)
    RuleSwitch.objects.update(is_on=False)

    assert said() == []
    assert held_back() == ["switched_on"]


def test_the_same_is_not_said_again_in_14_days_and_adds_to_what_was_said(site: Site):
    check_fentanyl_in_cocaine(site)
    assert len(said()) == 1

    again = check_fentanyl_in_cocaine(site)

    assert len(said()) == 1
    assert held_back() == ["not_again_in_14_days"]
    assert Alert.objects.get().evidence.filter(result_id=again.result_ids[0]).exists()


def test_another_expected_class_is_another_thing(site: Site):
    check_fentanyl_in_cocaine(site)

    check(lab_body(("fentanyl",)), site=site, expected=("alprazolam",))

    assert len(said()) == 2


def test_an_area_hears_at_most_two_automatic_notices_in_seven_days(site: Site):
    for expected in ("cocaine", "alprazolam", "ketamine"):
        check(lab_body(("fentanyl",)), site=site, expected=(expected,))

    assert len(said()) == 2
    assert held_back() == ["under_two_in_7_days"]


def test_without_caps_each_result_speaks():
    site = make_ready(caps=False)
    for _ in range(3):
        check_fentanyl_in_cocaine(site)

    assert len(said()) == 3


def test_one_result_is_said_once_even_without_caps():
    site = make_ready(caps=False)
    make_scope(site, "gc-ms", "opioid")
    for _ in range(30):
        submit(sample_body(lab_body(("cocaine",))), site)

    check_fentanyl_in_cocaine(site)  # mis-sold and on the watch list

    assert len(said()) == 1
    assert held_back("watch_list") == ["not_said_of_this_sample"]


def test_what_was_named_together_is_said_together(site: Site):
    trace = {"substance": "carfentanil", "amount": {"kind": "relative", "value": "trace"}}
    findings = [{"substance": name} for name in ("fentanyl", "p-fluorofentanyl", "4-anpp")]

    check(lab_body(findings=[*findings, trace]), site=site)

    [alert] = said()
    assert alert["headline"] == "Sold as cocaine, a lab found fentanyl and p-fluorofentanyl"
    assert alert["substances"] == ["fentanyl", "p-fluorofentanyl"]


# The place it names.


def test_an_area_with_one_site_is_not_named(site: Site):
    alone = make_site("beaver", area="us-pa-beaver")
    make_site("lab", area="us-pa-beaver", kind="lab")

    check_fentanyl_in_cocaine(alone)

    assert (said(), held_back()) == ([], ["place_to_speak_for"])


def test_it_speaks_for_the_region_chosen_beforehand(site: Site):
    alone = make_site("beaver", area="us-pa-beaver")
    Area.objects.filter(slug="us-pa-beaver").update(speaks_for=Area.objects.get(slug="us-pa"))

    check_fentanyl_in_cocaine(alone)

    assert said()[0]["areas"] == ["us-pa"]


@pytest.mark.parametrize("what", ["event", "governed"])
def test_events_and_governed_areas_are_not_named_either(site: Site, what: str):
    Area.objects.filter(slug="us-pa-allegheny").update(
        speaks_for=Area.objects.get(slug="us-pa"), governed_by="A community" if what == "governed" else ""
    )
    Site.objects.filter(pk=site.pk).update(kind="event" if what == "event" else "fixed")
    site.refresh_from_db()

    check_fentanyl_in_cocaine(site)

    assert said()[0]["areas"] == ["us-pa"]


def test_no_form_colour_or_site_is_said(site: Site):
    check_fentanyl_in_cocaine(site, colours=["white"], imprint="heart")

    [alert] = said()
    everything = str(alert).lower()
    assert not any(word in everything for word in ("powder", "white", "heart", "harbour", "riverside", "polvo"))
    assert "sites" not in alert["evidence"]


# The command.


def test_a_simulated_network_can_let_every_rule_speak():
    make_vocabulary()
    Network.current()
    Network.objects.update(simulated=True)
    make_site("riverside")

    call_command("rules", "--approve-all", "--hold", "0", "--no-caps", verbosity=0)
    check_fentanyl_in_cocaine(make_site())

    assert len(said()) == 1


def test_a_real_network_refuses_it():
    make_vocabulary()
    Network.current()

    with pytest.raises(CommandError):
        call_command("rules", "--approve-all")
    assert not RuleApproval.objects.exists()


def test_an_approval_of_tomorrow_does_not_count_today():
    make_vocabulary()
    approve_rule("lab_named_opioid", at=later(days=1))

    assert not rule_yes.is_approved("lab_named_opioid", timezone.now())


def test_two_approvals_by_one_person_are_one():
    make_vocabulary()
    approve_rule("lab_named_opioid")
    RuleApproval.objects.filter(role="reviewer").delete()
    given = RuleApproval.objects.get()
    RuleApproval.objects.create(
        rule="other", words_sha256=given.words_sha256, by=given.by, role="reviewer", at=given.at
    )

    assert not rule_yes.is_approved("lab_named_opioid", timezone.now())


def test_nothing_speaks_that_was_not_looked_at(site: Site):
    submit(sample_body(lab_body(("fentanyl",))), site)

    assert said() == []
    screen_waiting()
    assert len(said()) == 1


# Without a hold


def test_without_a_hold_a_notice_is_out_in_the_look_that_made_it():
    site = make_ready(caps=False)
    check_fentanyl_in_cocaine(site)
    submit(sample_body(lab_body(("fentanyl",))), site)

    with CaptureQueriesContext(connection) as asked:
        screen_waiting()

    assert AlertEvent.objects.count() == 2
    # Each one is a millisecond between a result and the people who follow the area.
    assert len(asked) <= MOST_QUERIES


def test_of_two_alike_in_one_look_one_is_said_and_the_other_adds_to_it(site: Site):
    for _ in range(2):
        submit(sample_body(lab_body(("fentanyl",))), site)

    screen_waiting()

    assert len(said()) == 1
    assert AlertEvent.objects.get().alert.evidence.count() == 2


def test_what_cannot_be_said_at_once_is_said_when_it_can(site: Site, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as failing:
        failing.setattr(lifecycle, "record_step", lambda *_, **__: 1 / 0)
        check_fentanyl_in_cocaine(site)
    assert not AlertEvent.objects.exists()
    assert Signal.objects.filter(rule="mis_sold").exists()

    assert len(said()) == 1
