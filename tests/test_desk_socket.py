"""The desk's socket: for reviewers, from our own pages, and says that something changed."""

import asyncio
import json

import pytest
import websockets

from tests.servers import LiveHeadsup

pytestmark = [pytest.mark.servers]

SEED = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from tests.factories import make_person, make_site, make_vocabulary
make_vocabulary()
make_site("harbour")
store = import_module(settings.SESSION_ENGINE).SessionStore
for name, role in (("rosa", "reviewer"), ("dee", "collector")):
    person = make_person(name, role)
    session = store()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    print(name, session.session_key)
"""
NOTICE = """
from checking.models import Site
from alerts.screening import screen_waiting
from tests.factories import submit
from tests.sending import lab_body, sample_body
submit(sample_body(lab_body(("fentanyl",))), Site.objects.get(slug="harbour"))
screen_waiting()
"""


@pytest.fixture
def served(live_headsup) -> LiveHeadsup:
    server = live_headsup(script=SEED)
    server.sessions = dict(line.split() for line in server.said.splitlines() if line.startswith(("rosa ", "dee ")))
    return server


def come_in(server, name: str | None = "rosa", *, origin: str | None = "own"):
    headers = {"Cookie": f"sessionid={server.sessions[name]}"} if name else {}
    own = server.url.replace("localhost", "127.0.0.1")
    address = own.replace("http", "ws", 1) + "/ws/desk/"
    return websockets.connect(address, additional_headers=headers, origin=own if origin == "own" else origin)


async def until_closed(socket) -> int:
    """The code it is closed with, whatever is said before."""
    try:
        while True:
            await heard(socket, 20)
    except websockets.ConnectionClosed as closed:
        return closed.rcvd.code


async def heard(socket, seconds: float = 10) -> dict:
    return json.loads(await asyncio.wait_for(socket.recv(), seconds))


async def test_a_reviewer_hears_that_something_changed_and_nothing_of_what(served):
    async with come_in(served) as socket:
        assert await heard(socket) == {"type": "hello"}
        await asyncio.to_thread(served.manage, "shell", "-c", NOTICE)
        assert await heard(socket) == {"type": "changed"}


@pytest.mark.parametrize(
    ("name", "origin"), [("dee", "own"), (None, "own"), ("rosa", "https://elsewhere.example"), ("rosa", None)]
)
async def test_others_are_refused_before_they_are_in(served, name, origin):
    with pytest.raises(websockets.InvalidStatus) as refusal:
        async with come_in(served, name, origin=origin):
            pass

    assert refusal.value.response.status_code == 403


async def test_whoever_loses_the_role_is_let_go(served):
    async with come_in(served) as socket:
        await heard(socket)
        gone = "from checking.models import Membership; Membership.objects.all().delete()"
        await asyncio.to_thread(served.manage, "shell", "-c", gone)
        code = await until_closed(socket)

    assert code == 4403


async def test_a_fifth_socket_of_one_person_and_what_is_too_long_are_closed(served):
    sockets = [await come_in(served) for _ in range(5)]
    fifth = await until_closed(sockets[4])
    await heard(sockets[0])
    await sockets[0].send("x" * 5000)
    long = await until_closed(sockets[0])
    for socket in sockets:
        await socket.close()

    assert (fifth, long) == (4429, 4413)
