"""Commands that set a network up: sites, people, keys; and the one that says what is held."""

import io
import json
from datetime import date, timedelta

import pytest
import time_machine
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone

from alerts.models import Signal
from api.models import SiteKey
from checking import people
from checking.disclosing import tables
from checking.models import Membership, Result, Sample, SignInLink, Site, User
from tests.factories import make_areas, make_vocabulary, submit
from tests.factories import make_site as have_site
from tests.sending import lab_body, sample_body, strip_body

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _vocabulary(django_db_setup, django_db_blocker) -> None:
    """Committed once, not once a test: it takes longer than they do."""
    with django_db_blocker.unblock():
        make_vocabulary()


def run(command: str, *arguments: str) -> str:
    said = io.StringIO()
    call_command(command, *arguments, stdout=said)
    return said.getvalue().strip()


# Sites


def test_a_site_is_made_with_what_was_said_of_it():
    make_areas()

    run(
        "make_site", "--slug=bus", "--name=The bus", "--area=us-pa-beaver", "--kind=mobile", "--unlisted",
        "--publish-alone", "--time-zone=America/New_York", "--training",
    )  # fmt: skip

    site = Site.objects.get()
    assert (site.slug, site.name, site.area.slug, site.kind) == ("bus", "The bus", "us-pa-beaver", "mobile")
    assert (site.is_listed, site.publishes_alone, site.is_training) == (False, True, True)
    assert site.time_zone == "America/New_York"


def test_a_site_is_fixed_and_listed_and_does_not_publish_alone_unless_said():
    make_areas()

    run("make_site", "--slug=harbour", "--name=Harbour", "--area=us-pa-allegheny")

    site = Site.objects.get()
    assert (site.kind, site.is_listed, site.publishes_alone, site.is_training) == ("fixed", True, False, False)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--area=nowhere"], "no area nowhere"),
        (["--area=us-pa", "--time-zone=Mars/Olympus"], "no time zone"),
        (["--area=us-pa", "--slug=not a slug"], "slug"),
        (["--area=us-pa", "--kind=tent"], "tent"),
        (["--area=us-pa", "--slug=harbour"], "already"),
    ],
)
def test_a_site_that_cannot_be_is_refused(arguments, why):
    have_site("harbour")

    with pytest.raises(CommandError, match=why):
        run("make_site", "--slug=new", "--name=New", *arguments)

    assert Site.objects.count() == 1


def test_commands_that_load_or_make_are_silent_when_told_to_be(tmp_path):
    make_areas()
    written = {
        "load_areas": "slug,name\nelsewhere,Elsewhere\n",
        "load_scopes": "lab,method,target\nbus,gc-ms,fentanyl\n",
        "load_services": "slug,name,area,offers\nhelp,Help,us-pa,naloxone\n",
    }

    said = run("make_site", "--slug=bus", "--name=The bus", "--area=us-pa-beaver", "-v0")
    for command, rows in written.items():
        file = tmp_path / f"{command}.csv"
        file.write_text(rows)
        said += run(command, str(file), "-v0")
        assert run(command, str(file))  # else it tells

    assert said == ""


# People


def token_of(link: str) -> str:
    return link.rstrip("/").rsplit("/", 1)[1]


def test_a_person_gets_a_role_and_a_link_to_sign_in(settings):
    settings.PUBLIC_URL = "https://headsup.example"
    site = have_site()

    link = run("make_person", "--name=ben", "--role=collector", "--site=harbour")

    ben = User.objects.get()
    assert link.startswith("https://headsup.example/staff/link/")
    assert Membership.objects.filter(user=ben, site=site, role="collector").exists()
    assert not ben.has_usable_password()
    assert people.use_link(token_of(link)) == ben


def test_without_a_site_the_role_is_for_the_network():
    run("make_person", "--name=ada", "--role=coordinator")

    assert Membership.objects.get().site is None


def test_a_link_works_once():
    token = token_of(run("make_person", "--name=ada", "--role=coordinator"))

    assert people.use_link(token) is not None
    assert people.use_link(token) is None


def test_a_link_works_for_a_day():
    token = token_of(run("make_person", "--name=ada", "--role=coordinator"))

    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        assert people.use_link(token) is None
    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        assert people.use_link(token) is not None


def test_only_the_hash_of_a_link_is_kept():
    token = token_of(run("make_person", "--name=ada", "--role=coordinator"))

    [kept] = SignInLink.objects.values()
    assert token not in str(kept)
    assert people.use_link(kept["token_hash"]) is None


def test_a_new_link_ends_the_one_before():
    first = token_of(run("make_person", "--name=ada", "--role=coordinator"))
    second = token_of(run("make_person", "--name=ada", "--role=analyst"))

    assert people.use_link(first) is None
    assert people.use_link(second) == User.objects.get()
    assert Membership.objects.count() == 2


def test_the_link_of_a_person_who_left_opens_nothing():
    token = token_of(run("make_person", "--name=ada", "--role=coordinator"))
    User.objects.update(is_active=False)

    assert people.use_link(token) is None
    with pytest.raises(CommandError, match="has left"):
        run("make_person", "--name=ada", "--role=coordinator")


@pytest.mark.parametrize("token", ["", "wrong", "x" * 5000])
def test_a_token_nobody_made_opens_nothing(token):
    assert people.use_link(token) is None


@pytest.mark.parametrize("arguments", [["--role=boss"], ["--role=collector", "--site=nowhere"]])
def test_a_role_or_site_nobody_knows_makes_nobody(arguments):
    with pytest.raises(CommandError):
        run("make_person", "--name=ada", *arguments)

    assert not User.objects.exists()


# Keys


def test_a_key_is_printed_alone_and_kept_as_a_hash():
    site = have_site()

    key = run("make_key", "--site=harbour")

    [kept] = SiteKey.objects.values()
    assert len(key.split()) == 1
    assert key not in str(kept)
    assert SiteKey.objects.get_from_key(key).site == site


def test_a_key_submits_corrects_and_reads():
    have_site()

    key = run("make_key", "--site=harbour")

    assert set(SiteKey.objects.get_from_key(key).scopes) == {"submit", "correct", "read"}


def test_a_key_lives_as_many_days_as_was_said():
    have_site()
    key = SiteKey.objects.get_from_key(run("make_key", "--site=harbour", "--days=3"))
    other = SiteKey.objects.get_from_key(run("make_key", "--site=harbour"))

    assert other.expiry_date is None
    with time_machine.travel(timezone.now() + timedelta(days=2, hours=23)):
        assert not key.has_expired
    with time_machine.travel(timezone.now() + timedelta(days=3, seconds=1)):
        assert key.has_expired


@pytest.mark.parametrize("days", ["0", "-1", "1.5", "soon", "999999999"])
def test_days_that_are_none_make_no_key(days):
    have_site()

    with pytest.raises(CommandError, match="whole number of days"):
        run("make_key", "--site=harbour", f"--days={days}")

    assert not SiteKey.objects.exists()


def test_a_key_may_be_for_less():
    have_site()

    key = run("make_key", "--site=harbour", "--scope=submit", "--scope=read", "--scope=read")

    assert SiteKey.objects.get_from_key(key).scopes == ["submit", "read"]


def test_a_site_nobody_knows_gets_no_key():
    with pytest.raises(CommandError, match="no site nowhere"):
        run("make_key", "--site=nowhere")


# What is held


def test_what_is_held_of_a_day_is_counted_by_field_and_never_shown():
    site = have_site()
    day = date.today() - timedelta(days=3)  # noqa: DTZ011  # some day before
    body = sample_body(lab_body(("xylazine",)), strip_body(), collected_on=day.isoformat(), imprint="ZEBRA")
    submit({**body, "overdose_associated": "yes"}, site)
    submit(sample_body(lab_body()), have_site("riverside"))

    said = run("disclose", "--site=harbour", f"--day={day}")

    held = json.loads(said)["held"]
    assert (held["samples"]["rows"], held["results"]["rows"], held["findings"]["rows"]) == (1, 2, 2)
    assert (held["expected"]["rows"], held["overdose_reports"]["rows"]) == (1, 1)
    assert held["samples"]["fields"]["imprint"] == 1
    assert "mass_mg" not in held["samples"]["fields"]
    assert not [word for word in ("ZEBRA", "xylazine", "cocaine") if word in said]


def test_what_alerts_and_releases_hold_of_a_day_is_counted_too():
    site = have_site()
    day = date.today() - timedelta(days=3)  # noqa: DTZ011  # some day before
    receipt = submit(sample_body(lab_body(("xylazine",)), collected_on=day.isoformat()), site)
    result = Result.objects.get(sample=receipt.sample_id)
    signal = Signal.objects.create(
        rule="first_in_area", area=site.area, site=site, on=day + timedelta(days=9), rung="confirmed"
    )
    signal.results.add(result)

    held = json.loads(run("disclose", "--site=harbour", f"--day={day}"))["held"]

    assert held["alerts.signals"]["rows"] == 1
    assert {"alerts.alert_evidence", "released_samples", "released_results"} <= set(held)


def test_every_table_that_points_at_a_sample_or_a_result_is_looked_through():
    pointing = {
        model
        for model in apps.get_models()
        for field in (*model._meta.concrete_fields, *model._meta.many_to_many)
        if field.related_model in {Sample, Result}
    }

    looked_through = {rows.model for rows in tables(have_site(), date(2026, 11, 18)).values()}

    assert pointing | {Sample, Result} <= looked_through


def test_of_another_day_nothing_is_held():
    submit(sample_body(lab_body()), have_site())

    held = json.loads(run("disclose", "--site=harbour", "--day=2020-01-01"))["held"]

    assert {table["rows"] for table in held.values()} == {0}
