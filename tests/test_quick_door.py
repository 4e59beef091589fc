"""Both doors for a sample with a key say the same: the quick one where all is well, the other one to the rest."""

import asyncio
import http.client
import json
import uuid

import pytest

from tests.living import NETWORK, living
from tests.sending import lab_body, sample_body, strip_body

pytestmark = [pytest.mark.servers]

OTHER_KEYS = """
from datetime import timedelta
from checking.models import Site
from api.authentication import make_key, revoke
from api.models import SiteKey
harbour = Site.objects.get(slug="harbour")
print("Other keys follow.")
print(make_key(harbour, name="reads", scopes=["read"]))
gone = make_key(harbour, name="gone")
revoke(SiteKey.objects.get(name="gone"))
print(gone)
print(make_key(harbour, name="expired", good_for=timedelta(seconds=-1)))
"""
LONG_WAY = {"X-Long-Way": "1"}  # a header out of the common
OF_THE_REQUEST = {"date", "content-length", "connection", "transfer-encoding", "server"}


@pytest.fixture(scope="module")
def served(databases, tmp_path_factory):
    folder = tmp_path_factory.mktemp("doors")
    server = living(databases, folder, script=NETWORK + OTHER_KEYS).start()
    yield server
    server.stop()


@pytest.fixture
def keys(served):
    first, _, rest = served.said.split("The key follows.")[1].partition("Other keys follow.")
    return [first.strip(), *rest.split()]


def send(server, key, body, **headers):
    """Status, headers and body of an answer."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    authorization = {"Authorization": f"Api-Key {key}"} if key else {}
    connection.request("POST", "/api/v1/samples/", raw, {"Content-Type": "application/json", **authorization, **named})
    with connection.getresponse() as answer:
        found = {name.lower(): value for name, value in answer.getheaders() if name.lower() not in OF_THE_REQUEST}
        said = answer.read()
    connection.close()
    return answer.status, found, json.loads(said)


def went_quick(headers):
    """A policy for pages has sources in it; that of the quick door, which sends no page, has none."""
    return "script-src" not in headers["content-security-policy"]


def plain(value):
    """Without what is new each time."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in {"id", "code"} or "severity" in value}
    return [plain(item) for item in value] if isinstance(value, list) else value


def bodies():
    return [
        sample_body(),
        sample_body(lab_body(("fentanyl",)), strip_body("clear")),
        sample_body(strip_body("absent"), expected=("mdma",)),
    ]


@pytest.mark.parametrize("language", ["en", "es", "qq", "es-MX,es;q=0.8"])
@pytest.mark.parametrize("which", [0, 1, 2])
def test_what_is_sound_is_answered_alike(served, keys, which, language):
    quick = send(served, keys[0], bodies()[which], Accept_Language=language)
    long = send(served, keys[0], bodies()[which], Accept_Language=language, **LONG_WAY)

    assert (went_quick(quick[1]), went_quick(long[1])) == (True, False)
    for _, headers, _ in (quick, long):
        del headers["content-security-policy"]
    assert quick[0] == long[0] == 201
    assert quick[1] == long[1]
    assert plain(quick[2]) == plain(long[2])
    assert quick[2]["code"] != long[2]["code"]


@pytest.mark.parametrize("first", [{}, LONG_WAY], ids=["quick", "long"])
@pytest.mark.parametrize("again", [{}, LONG_WAY], ids=["quick again", "long again"])
def test_a_replay_is_one_whichever_way_it_came(served, keys, first, again):
    body = sample_body(lab_body(("fentanyl",)))

    stored = send(served, keys[0], body, **first)
    replayed = send(served, keys[0], body, **again)
    other = send(served, keys[0], {**body, "form": "crystal"}, **again)

    assert (stored[0], replayed[0], other[0]) == (201, 200, 409)
    assert stored[2] == replayed[2]
    assert replayed[1]["idempotent-replayed"] == "true"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[" * 100, 400),
        (b'{"client_id": 1}', 400),
        (json.dumps(sample_body(area="atlantis")).encode(), 422),
        (json.dumps(sample_body(colour="white")).encode(), 400),
        (json.dumps(sample_body(split_of=str(uuid.uuid4()))).encode(), 400),
        (b" " * 300_000, 413),
    ],
)
def test_what_is_wrong_is_told_by_the_other_door(served, keys, sent, status):
    quick = send(served, keys[0], sent)
    long = send(served, keys[0], sent, **LONG_WAY)

    assert quick[0] == long[0] == status
    assert quick[2] == long[2]


def test_keys_that_may_not_are_refused(served, keys):
    good, reads, gone, expired = keys
    nearly = good[:-1] + ("x" if good[-1] != "x" else "y")

    answers = [send(served, key, sample_body()) for key in (reads, gone, expired, nearly, "no key", "")]

    assert [status for status, _, _ in answers] == [403, 401, 401, 401, 401, 401]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Encoding": "gzip"}, 415),
        ({"Accept": "text/html"}, 406),
        ({"Host": "elsewhere.example"}, 400),
        ({"Cookie": "sessionid=x"}, 201),
    ],
)
def test_headers_out_of_the_common_go_the_long_way(served, keys, headers, status):
    answer = send(served, keys[0], sample_body(), **headers)

    assert answer[0] == status
    assert not went_quick(answer[1])


def test_behind_a_proxy_it_is_as_quick(served, keys):
    added = {"X_Forwarded_For": "192.0.2.7", "X_Forwarded_Proto": "https", "X_Real_IP": "192.0.2.7"}

    answer = send(served, keys[0], sample_body(), **added)

    assert answer[0] == 201
    assert went_quick(answer[1])


async def test_many_at_once_are_each_answered_for_themselves(served, keys):
    same = sample_body(lab_body(("xylazine",)))
    sent = [sample_body() for _ in range(20)] + [same] * 5 + [sample_body(area="atlantis") for _ in range(5)]

    answers = await asyncio.gather(*(asyncio.to_thread(send, served, keys[0], body) for body in sent))

    statuses = [status for status, _, _ in answers]
    assert statuses[:20] == [201] * 20
    assert sorted(statuses[20:25]) == [200] * 4 + [201]
    assert statuses[25:] == [422] * 5
    assert len({answer["id"] for _, _, answer in answers[:20]}) == 20
    assert len({answer["id"] for _, _, answer in answers[20:25]}) == 1
