"""Crowds that mean no good, or know no better: nobody else waits for them, and nothing of them is kept."""

import contextlib
import os
import re
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
import redis

from bench.fan.peers import Publish, forget_peak, memory_kb, publishing
from tests import flooding
from tests.flooding import CUT_OFF, FORM, STREAM, UPGRADE, Ear, Flood, an_ear, asked, crowd, try_a_code
from tests.living import living
from tests.servers import LiveHeadsup

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

IS_FULL = os.environ.get("HEADSUP_FULL") == "1"
CROWD = 500 if IS_FULL else 100
MOST_MB = 30 * CROWD / 500
LONG_ALERTS, LONG_ALERT = 40, 16_000  # bytes: together far more than the kernel and we hold for one reader
ALERTS = 200 if IS_FULL else 20  # during each flood
PAUSE = 0.1  # seconds between two of them
AT_ONCE_SECONDS = 2.0
LEAST = 5  # answers, on a machine that has much else to do: fewer were no flood
ADDRESSES = [f"127.0.1.{last}" for last in range(1, 201)]
NEVER_USED = [f"127.0.2.{last}" for last in range(1, 201)]
BY_CHANCE = 3
CODES_A_MINUTE = 5  # of one client
DOTTED = re.compile(rb"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}")
WRONG_KEY = {"Content-Type": "application/json", "Authorization": "Api-Key wrong.wrong"}
# Someone who may review, with a session, and an alert that people may tell of.
MORE = """
from django.test import Client
from tests.alerting import make_member, publish
print(publish("caution").pk)
browser = Client()
browser.force_login(make_member("rosa", "reviewer"))
print(browser.session.session_key)
"""


@pytest.fixture(scope="module")
def server(databases: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHeadsup]:
    """One for all: starting one takes longer than most of them. It has a place for the crowd, and one more."""
    folder = tmp_path_factory.mktemp("floods")
    (folder / "temporary").mkdir()
    server = living(databases, folder, MAX_SOCKETS=str(CROWD + 1), TMPDIR=str(folder / "temporary"))
    server.said = server.manage("shell", "-v", "0", "-c", MORE).stdout
    yield server.start()
    server.stop()


@pytest.fixture(scope="module")
def publish(server: LiveHeadsup) -> Iterator[Publish]:
    with publishing(server) as publish:
        yield publish


# Those who never read


def test_those_who_never_read_cost_little_more_than_as_many_that_do(server, publish):
    with an_ear(server) as ear:
        most_kb(server, publish, ear, reads=True)  # what the first crowd makes it take, later ones find there
        usual, _ = most_kb(server, publish, ear, reads=True)
        stuck, waits = most_kb(server, publish, ear, reads=False)

    assert (stuck - usual) / 1024 < MOST_MB
    assert len(waits) == LONG_ALERTS
    assert p99(waits) < AT_ONCE_SECONDS


def most_kb(server: LiveHeadsup, publish: Publish, ear: Ear, *, reads: bool) -> tuple[int, list[float]]:
    """The most that the server held while a crowd was told, and how long someone else waited for each alert."""
    assert server.process is not None
    with crowd(server, CROWD, reads=reads):
        forget_peak(server.process.pid)
        waits = ear.waits(publish, LONG_ALERTS, pause=0.02, padding=LONG_ALERT)
        return memory_kb(server.process.pid, "VmHWM"), waits


# Those who are refused


@pytest.mark.parametrize(
    ("flood", "answers"),
    [
        (flooding.connections_that_never_ask, {200}),
        (flooding.sockets_beyond_all_places, {1013}),
        (flooding.frames_that_are_too_long, {4400, CUT_OFF}),
        (flooding.codes_from_addresses_it_made_up, {404, 429}),
        (flooding.a_foreign_origin_at_the_desk, {403}),
    ],
)
def test_a_flood_is_refused_and_alerts_come_at_once_all_the_same(server, publish, flood: Flood, answers: set[object]):
    over = threading.Event()
    with an_ear(server) as ear, ThreadPoolExecutor(1) as beside:
        flooded = beside.submit(flood, server, CROWD, over)
        try:
            waits = ear.waits(publish, ALERTS, pause=PAUSE)
        finally:
            over.set()
        answered: Counter[object] = flooded.result()

    assert len(waits) == ALERTS
    assert p99(waits) < AT_ONCE_SECONDS
    assert set(answered) == answers
    assert answered.total() >= LEAST
    assert answered[404] <= CODES_A_MINUTE


# What is kept of them


def test_no_address_of_a_visitor_is_on_disk(server, publish):
    """Pages, sockets, streams, codes, wrong keys, failed sign-ins and forms from two hundred addresses."""
    statuses = {name: Counter(each) for name, each in visits(server).items()}
    publish(1)  # whoever still listens hears it

    for name in ("page", "socket", "stream", "seen"):
        assert set(statuses[name]) <= {101, 200, 302}, name
    assert set(statuses["code"]) == {404}
    assert set(statuses["key"]) == {401}
    assert set(statuses["sign-in"]) == {200}
    places = [server.folder, *database_places(server), *redis_places(server)]
    assert all(any(files_of(place)) for place in places)
    assert {place: written(place, ADDRESSES) for place in places} == {place: [] for place in places}
    # Four bytes turn up by chance: no more of those who came than of those who never did.
    of_visitors, of_nobody = (sum(packed(place, each) for place in places) for each in (ADDRESSES, NEVER_USED))
    assert of_visitors <= of_nobody + BY_CHANCE


def visits(server: LiveHeadsup) -> dict[str, list[int]]:
    statuses: dict[str, list[int]] = {}
    alert = server.said.split()[-2]
    for number, address in enumerate(ADDRESSES):
        said = {
            "code": try_a_code(server, at=address),
            "key": asked(server, "POST", "/api/v1/samples/", at=address, body="{}", **WRONG_KEY)[0],
            "socket": first_status(server, address, UPGRADE),
        }
        if number % 2:
            said["stream"] = first_status(server, address, STREAM)
        else:
            said["page"] = asked(server, "GET", "/", at=address)[0]
            said["seen"] = asked(server, "GET", f"/alerts/{alert}/seen/", at=address)[0]
        if number % 20 == 0:  # a wrong password takes as long as a right one, which is long
            said["sign-in"] = sign_in(server, address)
        for name, status in said.items():
            statuses.setdefault(name, []).append(status)
    return statuses


def sign_in(server: LiveHeadsup, address: str) -> int:
    """With a wrong password."""
    with contextlib.closing(HTTPConnection("127.0.0.1", server.port, 60, (address, 0))) as line:
        line.request("GET", "/staff/sign-in/")
        with line.getresponse() as form:
            cookie = form.headers["Set-Cookie"].split(";")[0]
        told = {"login": "nobody", "password": "wrong", "csrfmiddlewaretoken": cookie.partition("=")[2]}
        line.request("POST", "/staff/sign-in/", urlencode(told), {**FORM, "Cookie": cookie})
        return line.getresponse().status


def first_status(server: LiveHeadsup, address: str, request: str) -> int:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20, source_address=(address, 0)) as line:
        line.sendall(request.encode())
        return int(line.recv(64).split()[1])


def database_places(server: LiveHeadsup) -> list[Path]:
    """Where its database writes: the file of SQLite with its journal, or all that PostgreSQL keeps."""
    url = server.env["DATABASE_URL"]
    if url.startswith("sqlite:///"):
        file = Path(url.removeprefix("sqlite:///"))
        return [path for path in file.parent.iterdir() if path.name.startswith(file.name) and path.stat().st_size]
    with psycopg.connect(url, autocommit=True) as line:
        line.execute("CHECKPOINT")
        (place,) = line.execute("SHOW data_directory").fetchone() or ("",)
    return [Path(place)]


def redis_places(server: LiveHeadsup) -> list[Path]:
    """What Redis would keep if it were told to, uncompressed so that it can be read."""
    if "CHANNEL_URL" not in server.env:
        return []
    line = redis.Redis.from_url(server.env["CHANNEL_URL"])
    line.config_set("rdbcompression", "no")
    line.save()
    return [Path(line.config_get("dir")["dir"]) / line.config_get("dbfilename")["dbfilename"]]


def files_of(place: Path) -> Iterator[bytes]:
    for path in [place] if place.is_file() else place.rglob("*"):
        with contextlib.suppress(OSError):  # gone since it was listed
            if path.is_file():
                yield path.read_bytes()


def written(place: Path, addresses: list[str]) -> list[str]:
    found = {each.decode() for content in files_of(place) for each in DOTTED.findall(content)}
    return sorted(found & set(addresses))


def packed(place: Path, addresses: list[str]) -> int:
    """How often these stand there as four bytes."""
    beginning = socket.inet_aton(addresses[0])[:3]
    lasts = {socket.inet_aton(each)[3] for each in addresses}
    return sum(
        found[3] in lasts
        for content in files_of(place)
        for found in re.findall(re.escape(beginning) + b"[\\s\\S]", content)
    )


def test_an_address_that_is_written_down_is_found(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "access.log").write_text("GET / from 127.0.1.77:4321")
    (tmp_path / "rows").write_bytes(b"".join(socket.inet_aton(address) for address in ADDRESSES))

    assert written(tmp_path, ADDRESSES) == ["127.0.1.77"]
    assert packed(tmp_path, ADDRESSES) == len(ADDRESSES)
    assert packed(tmp_path, NEVER_USED) == 0


# Among these


def p99(waits: list[float]) -> float:
    return sorted(waits)[ceil(0.99 * len(waits)) - 1]
