"""Getting in: by name and password within limits, or once by a link; and out again."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from alerts.tries import client_of
from alerts.views import sign_in
from checking.models import Membership, SignInLink, User
from checking.people import add_person, make_link
from config.accounts import ClosedAccounts
from tests.factories import PASSWORD, make_person, make_site

NEW = "four quiet boats at dusk"


@pytest.fixture(autouse=True)
def _no_tries_yet():
    cache.clear()
    sign_in.link_tries.forget()


@pytest.fixture
def ben(db):
    return make_person("ben", Membership.Role.COLLECTOR, make_site("harbour"))


def try_in(client: Client, name: str = "ben", password: str = PASSWORD, **other):
    return client.post("/staff/sign-in/", {"login": name, "password": password}, **other)


def is_in(client: Client) -> bool:
    return SESSION_KEY in client.session


def link_of(user: User) -> str:
    return re.search(r"/staff/link/[^/]+/", make_link(user))[0]


# By password


def test_name_and_password_lead_to_the_day(ben):
    client = Client()

    answer = try_in(client)

    assert answer.status_code == 302
    assert answer["Location"] == "/staff/"
    assert client.get("/staff/").status_code == 200


def test_one_comes_back_to_where_one_was_going_but_only_here(ben):
    assert try_in(Client(), QUERY_STRING="next=/staff/new/")["Location"] == "/staff/new/"
    assert try_in(Client(), QUERY_STRING="next=https://elsewhere.example/")["Location"] == "/staff/"


@pytest.mark.parametrize(("name", "password"), [("ben", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(ben, name, password):
    client = Client()

    answer = try_in(client, name, password)

    assert answer.status_code == 200
    assert not is_in(client)
    if name:
        assert "The username and/or password you specified are not correct" in answer.content.decode()
    assert PASSWORD not in answer.content.decode()


def test_guessing_is_stopped_even_with_the_right_password_at_last(ben):
    client = Client()
    for _ in range(5):
        try_in(client, password="wrong")

    answer = try_in(client)

    assert not is_in(client)
    assert "Too many failed login attempts" in answer.content.decode()


def test_someone_who_left_does_not_get_in(ben):
    User.objects.update(is_active=False)
    client = Client()

    try_in(client)

    assert not is_in(client)


def test_leaving_ends_a_session_that_is_open(ben):
    client = Client()
    try_in(client)

    User.objects.update(is_active=False)

    assert client.get("/staff/").status_code == 302


def test_nobody_can_sign_up_or_have_a_mail_sent(ben):
    page = Client().get("/staff/sign-in/").content.decode().lower()

    assert "sign up" not in page
    assert "forgot" not in page
    for name in ("account_signup", "account_reset_password", "account_email"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    for path in ("signup/", "password/reset/", "email/"):
        assert Client().get(f"/staff/{path}").status_code == 404


def test_half_an_hour_without_a_tap_signs_out(ben):
    client = Client()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        try_in(client)
        clock.shift(timedelta(minutes=29))
        assert client.get("/staff/").status_code == 200
        clock.shift(timedelta(minutes=29))  # since the last tap, not since signing in
        assert client.get("/staff/").status_code == 200

        clock.shift(timedelta(minutes=31))

        assert client.get("/staff/").status_code == 302


def test_a_working_day_is_the_longest(ben):
    client = Client()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        try_in(client)
        client.get("/staff/")
        for _ in range(27):  # 27 times 26 minutes: 11 h 42 min
            clock.shift(timedelta(minutes=26))
            assert client.get("/staff/").status_code == 200

        clock.shift(timedelta(minutes=26))

        assert client.get("/staff/").status_code == 302
        assert not is_in(client)


def test_signing_out_takes_a_form_not_a_link(ben):
    client = Client()
    try_in(client)

    assert client.get("/staff/sign-out/").status_code == 405
    assert is_in(client)
    assert client.post("/staff/sign-out/").status_code == 302
    assert not is_in(client)


def test_a_form_from_elsewhere_is_refused(ben):
    client = Client(enforce_csrf_checks=True)

    assert try_in(client).status_code == 403
    assert not is_in(client)


def test_no_address_is_kept_only_something_that_tells_them_apart(ben, rf):
    def kept(address):
        return ClosedAccounts().get_client_ip(rf.get("/", REMOTE_ADDR=address))

    assert kept("203.0.113.7") == kept("203.0.113.7") != kept("203.0.113.8")
    assert "203" not in kept("203.0.113.7")[:3]
    assert len(kept("2001:db8::1")) == 64


@pytest.mark.parametrize(
    ("one", "other", "is_one_line"),
    [
        ("2001:db8:0:101::1", "2001:db8:0:1ff::2", True),  # a household may have a whole /56 to try from
        ("2001:db8:0:100::1", "2001:db8:0:200::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("::1", "::2", True),
    ],
)
def test_a_line_counts_as_one_however_many_addresses_it_has(rf, one, other, is_one_line):
    at_door = [ClosedAccounts().get_client_ip(rf.get("/", REMOTE_ADDR=address)) for address in (one, other)]
    elsewhere = [client_of(rf.get("/", REMOTE_ADDR=address)) for address in (one, other)]

    assert (at_door[0] == at_door[1]) is (elsewhere[0] == elsewhere[1]) is is_one_line


# By link


def test_a_link_lets_one_in_once_to_choose_a_password(db):
    ben = add_person(name="ben", role=Membership.Role.COLLECTOR, site=make_site("harbour"))
    client, path = Client(), link_of(ben)

    answer = client.post(path)
    assert answer["Location"] == "/staff/password/"
    chosen = client.post("/staff/password/", {"new_password1": NEW, "new_password2": NEW})

    assert chosen["Location"] == "/staff/"
    assert client.get("/staff/").status_code == 200
    assert is_in_with(NEW)
    second = Client()
    assert second.post(path).status_code == 404
    assert not is_in(second)


def is_in_with(password: str) -> bool:
    client = Client()
    try_in(client, password=password)
    return is_in(client)


def test_a_preview_of_the_link_does_not_use_it_up(ben):
    path = link_of(ben)

    for client in (Client(), Client()):
        assert client.get(path).status_code == 200
        assert not is_in(client)

    assert SignInLink.objects.get().used_at is None
    assert Client().post(path).status_code == 302


def test_looking_tells_nothing_of_whether_a_link_is_good(ben):
    def shown(path):
        return re.sub(r"csrfmiddlewaretoken.*?>|/staff/link/[^/]*/|lang=\w+", "", Client().get(path).content.decode())

    assert shown(link_of(ben)) == shown("/staff/link/nothing-of-ours/")


def test_a_link_runs_out_in_a_day(ben):
    path = link_of(ben)

    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert Client().post(path).status_code == 404


def test_tokens_cannot_be_tried_all_day(ben):
    path = link_of(ben)
    client = Client()
    for _ in range(10):
        client.post("/staff/link/guess/")

    assert client.post(path).status_code == 429


# The password


@pytest.mark.parametrize(
    ("password", "why"),
    [("fourteen signs", "at least 15 characters"), ("1qaz2wsx3edc4rfv", "too common")],
)
def test_a_password_that_is_easy_to_guess_is_refused(db, password, why):
    ben = add_person(name="ben", role=Membership.Role.COLLECTOR, site=make_site("harbour"))
    client = Client()
    client.post(link_of(ben))

    answer = client.post("/staff/password/", {"new_password1": password, "new_password2": password})

    assert answer.status_code == 400
    assert why in answer.content.decode()
    assert not User.objects.get().has_usable_password()


def test_changing_it_asks_for_the_one_until_now(ben):
    client = Client()
    try_in(client)
    new = {"new_password1": NEW, "new_password2": NEW}

    assert client.post("/staff/password/", new).status_code == 400
    assert client.post("/staff/password/", {**new, "old_password": "wrong"}).status_code == 400
    assert client.post("/staff/password/", {**new, "old_password": PASSWORD}).status_code == 302

    assert is_in_with(NEW)


def test_a_new_password_ends_every_other_session(ben):
    here, elsewhere = Client(), Client()
    try_in(here)
    try_in(elsewhere)

    here.post("/staff/password/", {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})

    assert here.get("/staff/").status_code == 200
    assert elsewhere.get("/staff/").status_code == 302
