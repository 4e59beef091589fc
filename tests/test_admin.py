"""The admin: keeps sites and people, and is no way round the two doors for results and alerts."""

import json
import re

import pytest
from django.contrib import admin
from django.core import serializers
from django.test import Client
from django.urls import reverse

from alerts import judging
from alerts.models import Alert, AlertEvent, Approval, RuleSwitch, Signal
from alerts.screening import screen_waiting
from api.authentication import make_key
from api.models import SiteKey
from checking.admin import ReadOnlyAdmin
from checking.models import (
    AllowedWhenExpected,
    Area,
    Membership,
    Network,
    Result,
    Sample,
    Screening,
    Site,
    User,
    Withdrawal,
)
from checking.submission import withdraw_result
from tests.factories import make_person, make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body, strip_body

PROTECTED = [model for model, kept in admin.site._registry.items() if isinstance(kept, ReadOnlyAdmin)]
MUST_BE_PROTECTED = {Sample, Result, Screening, Withdrawal, Alert, AlertEvent, Approval, Signal, SiteKey}


@pytest.fixture
def harbour(db):
    make_vocabulary()
    return make_site("harbour")


@pytest.fixture
def root(db, django_user_model) -> Client:
    """Whoever runs the installation: nobody may do more."""
    client = Client()
    client.force_login(django_user_model.objects.create_superuser("root"))
    return client


@pytest.fixture
def ada(db) -> Client:
    client = Client()
    client.force_login(make_person("ada"))
    return client


def fill(site: Site) -> None:
    """One row at least of what must not be touched."""
    submit(sample_body(strip_body("absent"), lab_body(("fentanyl", "caffeine"))), site)
    gone = submit(sample_body(strip_body("clear")), site)
    withdraw_result(Result.objects.get(pk=gone.result_ids[0]), reason="Entered by mistake")
    screen_waiting()
    rosa = make_person("rosa", Membership.Role.REVIEWER)
    noticed = Signal.objects.filter(rule="mis_sold").first()
    judging.draft_from(noticed, by=rosa, level="caution", area=noticed.area)
    make_key(site, name="counter")


def everything() -> str:
    rows = [row for model in PROTECTED for row in model._default_manager.order_by("pk")]
    return serializers.serialize("json", rows)


def address(model, page: str, *arguments) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def test_what_no_chemist_reviewed_is_shown_as_that(ada):
    make_vocabulary()

    page = ada.get(address(AllowedWhenExpected, "changelist")).content.decode()

    assert "icon-no" in page
    assert "icon-yes" not in page


def test_results_and_alerts_are_among_what_is_protected():
    assert set(PROTECTED) >= MUST_BE_PROTECTED


@pytest.mark.parametrize("model", PROTECTED, ids=lambda model: model.__name__)
def test_nobody_can_add_change_or_delete_what_is_protected(root, harbour, model):
    fill(harbour)
    before = everything()
    row = model._default_manager.first()

    answers = [root.post(address(model, "add"), {"name": "x"}).status_code]
    if row is not None:
        answers.append(root.post(address(model, "change", row.pk), {"outcome": "not_detected"}).status_code)
        answers.append(root.post(address(model, "delete", row.pk), {"post": "yes"}).status_code)
        for action in ("delete_selected", "publish", "delete"):
            chosen = {"action": action, "_selected_action": [str(row.pk)], "post": "yes"}
            answers.append(root.post(address(model, "changelist"), chosen).status_code)

    assert set(answers[:3]) == {403}
    assert all(code in {200, 302, 403} for code in answers)
    assert everything() == before


def test_every_list_and_every_row_of_it_opens(root, harbour):
    fill(harbour)

    for model in admin.site._registry:
        assert root.get(address(model, "changelist")).status_code == 200, model
        row = model._default_manager.first()
        if row is not None and model is not SiteKey:
            assert root.get(address(model, "change", row.pk)).status_code == 200, model


def test_every_registered_table_is_kept_or_read_by_our_rules():
    ours = {"checking", "alerts", "api"}

    assert {model._meta.app_label for model in admin.site._registry} <= ours


def test_signing_in_is_the_staffs_own(db):
    answer = Client().get("/admin/", follow=True)

    assert answer.redirect_chain[-1][0].startswith("/staff/sign-in/")


@pytest.mark.parametrize("role", [Membership.Role.COLLECTOR, Membership.Role.REVIEWER, Membership.Role.COORDINATOR])
def test_a_role_at_one_site_opens_nothing_here(harbour, role):
    client = Client()
    client.force_login(make_person("ben", role, harbour))

    assert client.get("/admin/", follow=True).status_code == 403
    assert client.get("/admin/checking/result/", follow=True).status_code == 403


def test_a_coordinator_of_the_network_keeps_sites(ada, harbour):
    path = address(Site, "change", harbour.pk)
    fields = {"name": "Harbour House", "kind": "fixed", "area": harbour.area_id, "time_zone": "UTC", "is_listed": "on"}

    assert ada.post(path, fields).status_code == 302

    harbour.refresh_from_db()
    assert (harbour.name, harbour.slug) == ("Harbour House", "harbour")


def test_a_coordinator_who_no_longer_is_one_is_out_at_once(ada, harbour):
    Membership.objects.all().delete()

    assert ada.get("/admin/checking/site/", follow=True).status_code == 403


def test_whether_a_network_is_simulated_is_not_for_hands(ada):
    Network.current()

    ada.post(address(Network, "change", 1), {
        "name": "Ours", "hold_minutes": 20, "burn_in_tested": 30, "burn_in_days": 90, "simulated": "on",
    })  # fmt: skip

    network = Network.objects.get()
    assert (network.name, network.simulated) == ("Ours", False)


def test_where_an_area_stands_in_the_tree_is_not_for_hands(ada, harbour):
    area = Area.objects.get(slug="us-pa-allegheny")

    ada.post(address(Area, "change", area.pk), {"name": "Allegheny County", "codes": "{}", "path": "x", "parent": ""})

    after = Area.objects.get(pk=area.pk)
    assert (after.name, after.path, after.parent_id) == ("Allegheny County", area.path, area.parent_id)


def test_the_waiver_for_simulated_networks_is_not_for_hands(ada):
    ada.post(address(RuleSwitch, "add"), {"rule": "lab_named_opioid", "is_on": "on", "waives_first_hundred": "on"})

    assert RuleSwitch.objects.get().waives_first_hundred is False


def test_a_person_is_made_without_a_password_and_none_is_shown(ada, root):
    roles = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}

    ada.post(
        address(User, "add"), {"username": "cy", "shown_name": "Cy", "is_active": "on", "is_superuser": "on", **roles}
    )

    cy = User.objects.get(username="cy")
    assert (cy.has_usable_password(), cy.is_superuser, cy.is_staff) == (False, False, False)
    page = root.get(address(User, "change", make_person("ben").pk)).content.decode()
    assert not any(hashed in page for hashed in ("pbkdf2", "md5"))
    assert "is_superuser" not in page


def test_a_key_is_taken_back_and_never_shown(ada, harbour):
    key = make_key(harbour, name="counter")
    row = SiteKey.objects.get()
    page = ada.get(address(SiteKey, "changelist")).content.decode()

    ada.post(address(SiteKey, "changelist"), {"action": "take_back", "_selected_action": [row.prefix]})

    assert key not in page
    assert row.prefix in page
    assert row.hashed_key not in page
    assert not re.search(r'href="[^"]*sitekey/[^"?]+/change', page)
    assert SiteKey.objects.get().revoked
    body = json.dumps(sample_body(strip_body()))
    sent = Client().post(
        "/api/v1/samples/", body, content_type="application/json", headers={"Authorization": f"Api-Key {key}"}
    )
    assert sent.status_code == 401
