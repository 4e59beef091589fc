"""The second factor of staff: set up by who just came in, asked for at each sign-in, and nobody locked out for good."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from checking.models import User
from checking.people import make_link
from tests.analysing import SECRET, code_now, signed_in, with_second_factor
from tests.factories import PASSWORD, make_person, make_site

pytestmark = pytest.mark.django_db
SECOND = "/staff/second/"


@pytest.fixture(autouse=True)
def _no_tries_yet():
    cache.clear()


@pytest.fixture
def ben() -> User:
    return make_person("ben", "collector", make_site("harbour"))


def by_password(name: str = "ben") -> Client:
    client = Client()
    client.post("/staff/sign-in/", {"login": name, "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return SESSION_KEY in client.session


def key_on(page: str) -> str:
    return re.search(r'<code class="wraps">([A-Z2-7 ]+)</code>', page)[1].replace(" ", "")


def set_up(client: Client, **other: str) -> tuple[str, list[str]]:
    """The key, and the spare codes."""
    key = key_on(client.get(SECOND).content.decode())
    page = client.post(SECOND, {"code": code_now(key), **other}).content.decode()
    return key, re.findall(r"<li><code>(\d{8})</code>", page)


# Setting it up


def test_it_is_set_up_by_a_code_and_gives_ten_spare_ones_once(ben):
    client = by_password()

    _key, spare = set_up(client)

    assert len(set(spare)) == 10
    page = client.get(SECOND).content.decode()
    assert "10 spare codes are left." in page
    assert not any(code in page for code in spare)


def test_the_picture_is_on_the_page_itself_and_asks_nobody(ben):
    page = by_password().get(SECOND).content.decode()

    assert 'src="data:image/svg+xml' in page
    assert not re.search(r'(src|href|action)="https?:', page.split("<main")[1].split("</main")[0])


def test_a_wrong_code_sets_nothing_up(ben):
    client = by_password()
    key = key_on(client.get(SECOND).content.decode())

    answer = client.post(SECOND, {"code": "000000"})

    assert answer.status_code == 400
    assert "Incorrect code." in answer.content.decode()
    assert key_on(answer.content.decode()) == key  # the app has it already
    assert not Authenticator.objects.exists()


def test_who_came_in_a_while_ago_comes_in_again_first(ben):
    client = by_password()
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        answer = client.get(SECOND)

    assert answer.status_code == 403
    assert "sign in again first" in answer.content.decode()


def test_one_goes_on_to_where_one_was_going_but_only_here(ben):
    client = by_password()
    key = key_on(client.get(f"{SECOND}?next=/staff/exports/new/").content.decode())
    page = client.post(SECOND, {"code": code_now(key), "next": "/staff/exports/new/"}).content.decode()
    assert 'href="/staff/exports/new/"' in page

    assert "elsewhere" not in by_password().get(f"{SECOND}?next=https://elsewhere.example/").content.decode()


def test_nobody_comes_in_here_without_signing_in():
    assert Client().get(SECOND)["Location"].startswith("/staff/sign-in/")
    assert Client().post(f"{SECOND}remove/")["Location"].startswith("/staff/sign-in/")


# Signing in


def test_the_password_alone_lets_nobody_in_any_more(ben):
    with_second_factor(ben)
    client = Client()

    answer = client.post("/staff/sign-in/", {"login": "ben", "password": PASSWORD})

    assert answer["Location"] == "/staff/sign-in/second/"
    assert not is_in(client)
    assert client.get("/staff/").status_code == 302
    assert client.post("/staff/sign-in/second/", {"code": "000000"}).status_code == 200
    assert not is_in(client)
    assert client.post("/staff/sign-in/second/", {"code": code_now()}).status_code == 302
    assert is_in(client)


def test_the_second_step_without_the_first_leads_back_to_it(ben):
    with_second_factor(ben)

    answer = Client().post("/staff/sign-in/second/", {"code": code_now()})

    assert answer.status_code == 302
    assert answer["Location"].startswith("/staff/sign-in/")


def test_a_spare_code_works_once(ben):
    _key, spare = set_up(by_password())

    for code, works in ((spare[0], True), (spare[0], False), (spare[1], True)):
        client = by_password()
        client.post("/staff/sign-in/second/", {"code": code})
        assert is_in(client) == works


def test_a_used_code_works_for_nobody_who_looked_over_a_shoulder(ben):
    with_second_factor(ben)
    first, other = by_password(), by_password()
    with time_machine.travel(timezone.now(), tick=False):
        first.post("/staff/sign-in/second/", {"code": code_now()})
        other.post("/staff/sign-in/second/", {"code": code_now()})

    assert (is_in(first), is_in(other)) == (True, False)


def test_guessing_is_soon_over(ben):
    with_second_factor(ben)
    client = by_password()
    for number in range(6):
        client.post("/staff/sign-in/second/", {"code": f"00000{number}"})

    assert (
        "Too many failed login attempts" in client.post("/staff/sign-in/second/", {"code": code_now()}).content.decode()
    )
    assert not is_in(client)


# Keeping it, and losing it


def test_what_opens_it_stands_nowhere_in_the_database(ben):
    key, spare = set_up(by_password())
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        kept = str(cursor.fetchall())

    assert key not in kept
    assert not any(code in kept for code in spare)


def test_an_older_key_of_the_installation_still_opens_it(ben, settings):
    with_second_factor(ben)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 8, [settings.SECRET_KEY]

    assert Authenticator.objects.get(user=ben, type="totp").wrap().validate_code(code_now())


def test_it_is_removed_by_one_of_its_codes_alone(ben):
    with_second_factor(ben)
    client = signed_in(ben)

    client.post(f"{SECOND}remove/", {"code": "000000"})
    assert Authenticator.objects.filter(user=ben).count() == 2
    client.post(f"{SECOND}remove/", {"code": code_now()})
    assert not Authenticator.objects.filter(user=ben).exists()


def test_a_link_lets_in_who_lost_everything(ben):
    with_second_factor(ben)
    client = Client()

    client.post(f"/staff/link/{make_link(ben).rstrip('/').rsplit('/', 1)[-1]}/")

    assert is_in(client)


def test_a_coordinator_removes_a_lost_one_and_never_their_own(ben):
    ada = with_second_factor(make_person("ada", "coordinator"))
    with_second_factor(ben)
    client = signed_in(ada)

    client.post("/admin/checking/user/", {"action": "forget_second_factor", "_selected_action": [ben.pk, ada.pk]})

    assert not Authenticator.objects.filter(user=ben).exists()
    assert Authenticator.objects.filter(user=ada).exists()
    assert "Removed the second factor" in client.get(f"/admin/checking/user/{ben.pk}/history/").content.decode()


def test_who_keeps_no_people_removes_none(ben):
    with_second_factor(ben)
    client = signed_in(make_person("rosa", "reviewer"))

    client.post("/admin/checking/user/", {"action": "forget_second_factor", "_selected_action": [ben.pk]})

    assert Authenticator.objects.filter(user=ben).exists()


def test_the_key_for_tests_is_one_that_an_app_would_take():
    assert re.fullmatch(r"[A-Z2-7]{32}", SECRET)
