"""The API's doors: status, shape, and who may."""

import gzip
import io
import json
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, OperationalError
from django.test import Client
from django.utils import timezone

from api import bulk
from api.authentication import make_key
from api.bulk import answer_lines
from api.models import SiteKey
from checking import submission
from checking.models import Result, Sample
from checking.submission import Source
from tests.factories import make_site, make_vocabulary
from tests.sending import lab_body, sample_body, strip_body


@pytest.fixture
def harbour(db):
    make_vocabulary()
    return make_site("harbour")


class Sender:
    """A site's own program, with its key."""

    def __init__(self, key: str) -> None:
        self.client = Client(raise_request_exception=False)
        self.key = key

    def post(self, path, body, **other):
        raw = body if isinstance(body, bytes | str) else json.dumps(body)
        headers = {"Authorization": f"Api-Key {self.key}"} if self.key else {}
        return self.client.post(
            f"/api/v1/{path}", raw, content_type=other.pop("content_type", "application/json"), headers=headers, **other
        )

    def get(self, path):
        return self.client.get(f"/api/v1/{path}", headers={"Authorization": f"Api-Key {self.key}"})


@pytest.fixture
def sender(harbour):
    return Sender(make_key(harbour, name="harbour's program"))


def test_a_submission_is_answered_with_ids_a_code_and_what_it_says(sender):
    answer = sender.post("samples/", sample_body(strip_body("clear"), lab_body()))

    said = answer.json()
    assert answer.status_code == 201
    assert set(said) == {"id", "code", "results", "advisories"}
    assert uuid.UUID(said["id"]).version == 4
    assert all({"code", "text", "severity", "source"} == set(s) for r in said["results"] for s in r["interpretation"])
    assert all(result["interpretation"] for result in said["results"])


def test_a_replay_is_200_and_says_so(sender):
    body = sample_body(lab_body())
    first = sender.post("samples/", body)

    second = sender.post("samples/", body)

    assert second.status_code == 200
    assert second["Idempotent-Replayed"] == "true"
    assert second.json() == first.json()


def test_another_body_under_a_used_id_is_409(sender):
    body = sample_body()
    sender.post("samples/", body)

    answer = sender.post("samples/", {**body, "share": False})

    assert answer.status_code == 409
    assert "client_id" in answer.json()["error"]["fields"]


def test_an_unknown_substance_is_422_with_the_nearest_names(sender):
    answer = sender.post("samples/", sample_body(lab_body(("fentanyll",))))

    error = answer.json()["error"]
    assert answer.status_code == 422
    assert "fentanyl" in error["suggestions"]["results.0.findings.0.substance"]
    assert not Sample.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"collected_on": "2999-01-01"}, "collected_on"),
        ({"mass_mg": -1}, "mass_mg"),
        ({"form": "sugar lump"}, "form"),
        ({"date_of_birth": "1990-01-01"}, "date_of_birth"),
        ({"client_id": "2f6c8a1e-8a9b-1a53-9d7e-0d4a0a7a1c11"}, "client_id"),
    ],
)
def test_bad_fields_are_400_and_named(sender, change, field):
    answer = sender.post("samples/", {**sample_body(), **change})

    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]


def test_no_key_and_a_wrong_key_are_401_and_say_how(harbour):
    for key in ("", "wrong", "abcdefgh.wrongwrongwrong"):
        answer = Sender(key).post("samples/", sample_body())
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "not_authenticated"
        assert answer["WWW-Authenticate"] == "Api-Key"


def test_a_revoked_key_is_401(harbour, sender):
    SiteKey.objects.update(revoked=True)

    assert sender.post("samples/", sample_body()).status_code == 401


def test_an_expired_key_is_401(harbour):
    late = Sender(make_key(harbour, name="for a day", good_for=timedelta(days=1)))
    assert late.get("samples/").status_code == 200

    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        assert late.get("samples/").status_code == 401


def test_a_key_may_do_only_what_it_was_made_for(harbour):
    reader = Sender(make_key(harbour, name="reads only", scopes=["read"]))

    assert reader.post("samples/", sample_body()).status_code == 403
    assert reader.get("samples/").status_code == 200


def test_the_key_itself_is_not_stored(harbour, sender):
    stored = json.dumps(list(SiteKey.objects.values()), default=str)

    assert sender.key.split(".")[1] not in stored


def test_another_sites_sample_is_404(sender):
    mine = sender.post("samples/", sample_body(lab_body())).json()
    other = Sender(make_key(make_site("riverside"), name="riverside"))

    assert other.get(f"samples/{mine['id']}/").status_code == 404
    assert other.post(f"samples/{mine['id']}/results/", {"results": [lab_body()]}).status_code == 404
    result = mine["results"][0]["id"]
    assert other.post(f"results/{result}/withdraw/", {"reason": "not mine"}).status_code == 404
    assert other.post(f"results/{result}/correct/", {**lab_body(), "reason": "not mine"}).status_code == 404


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"{}", "application/x-www-form-urlencoded", 415),
        (b"[" * 5000 + b"]" * 5000, "application/json", 400),
        (b" " * (256 * 1024 + 1), "application/json", 413),
        (b'{"client_id": NaN}', "application/json", 400),
        (b'{"a": 1, "a": 2}', "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"", "application/json", 400),
    ],
)
def test_hostile_bodies_are_a_clear_4xx(sender, body, content_type, status):
    answer = sender.post("samples/", body, content_type=content_type)

    assert answer.status_code == status
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("path", ["samples/", "samples/bulk/"])
@pytest.mark.parametrize("coding", ["gzip", "br", "x"])
def test_a_compressed_body_is_415(sender, path, coding):
    content_type = "application/x-ndjson" if "bulk" in path else "application/json"

    answer = sender.post(
        path, gzip.compress(json.dumps(sample_body()).encode()), content_type=content_type, HTTP_CONTENT_ENCODING=coding
    )

    assert answer.status_code == 415
    assert not Sample.objects.exists()


def test_a_store_that_is_busy_is_503_and_the_same_may_be_sent_again(sender, monkeypatch):
    def busy(body, source):
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(submission, "submit_sample", busy)
        answer = sender.post("samples/", sample_body())

    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "try_again"


def test_the_owner_reads_a_sample_back_by_id_and_by_the_id_it_made(sender):
    body = sample_body(lab_body())
    sent = sender.post("samples/", body).json()

    by_id = sender.get(f"samples/{sent['id']}/").json()
    by_client_id = sender.get(f"samples/?client_id={body['client_id']}").json()

    assert by_id["results"][0]["findings"][0]["substance"] == "fentanyl"
    assert [sample["id"] for sample in by_client_id["results"]] == [sent["id"]]
    assert sender.get(f"samples/?client_id={uuid.uuid4()}").json()["results"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("samples/?client_id=", "client_id"),
        ("samples/?client_id=nonsense", "client_id"),
        ("samples/?client_id=%00", "client_id"),
        ("samples/?cursor=nonsense", "cursor"),
        ("substances/?cursor=nonsense", "cursor"),
        ("substances/?limit=0", "limit"),
        ("substances/?limit=many", "limit"),
    ],
)
def test_what_cannot_be_asked_of_a_list_is_400_and_named(sender, query, field):
    answer = sender.get(query)

    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]


def test_a_long_list_takes_no_more_queries_than_a_short_one(sender, django_assert_max_num_queries):
    for _ in range(10):
        sender.post("samples/", sample_body(strip_body(), lab_body()))

    with django_assert_max_num_queries(20):
        listed = sender.get("samples/").json()["results"]

    assert len(listed) == 10
    assert all(len(sample["results"]) == 2 and sample["code"] and sample["expected"] for sample in listed)


def test_what_only_the_sender_may_see_is_kept_by_nobody_on_the_way(sender):
    sent = sender.post("samples/", sample_body())

    for answer in (
        sent,
        sender.get("samples/"),
        sender.get(f"samples/{sent.json()['id']}/"),
        Sender("").get("samples/"),
    ):
        assert answer["Cache-Control"] == "no-store"
        assert "Authorization" in answer["Vary"]


def test_correcting_and_withdrawing(sender):
    sent = sender.post("samples/", sample_body(lab_body())).json()
    old = sent["results"][0]["id"]

    corrected = sender.post(f"results/{old}/correct/", {**lab_body(("xylazine",)), "reason": "wrong vial"})
    again = sender.post(f"results/{old}/correct/", {**lab_body(("xylazine",)), "reason": "wrong vial"})
    new = corrected.json()["id"]
    withdrawn = [sender.post(f"results/{new}/withdraw/", {"reason": "wrong vial too"}) for _ in range(2)]

    assert (corrected.status_code, again.status_code) == (201, 409)
    assert corrected.json()["corrects"] == old
    assert [answer.status_code for answer in withdrawn] == [200, 200]
    assert not Result.objects.current().exists()


def test_a_reason_is_needed_to_withdraw(sender):
    sent = sender.post("samples/", sample_body(lab_body())).json()

    answer = sender.post(f"results/{sent['results'][0]['id']}/withdraw/", {})

    assert answer.status_code == 400
    assert "reason" in answer.json()["error"]["fields"]


def lines(*bodies) -> bytes:
    return b"\n".join(body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies)


async def read(answer) -> list[dict]:
    raw = b"".join([part async for part in answer.streaming_content])
    return [json.loads(line) for line in raw.splitlines()]


@pytest.mark.django_db(transaction=True)
async def test_bulk_answers_line_by_line_and_a_bad_line_harms_no_other(async_client):
    from asgiref.sync import sync_to_async

    def prepare() -> str:
        make_vocabulary()
        return make_key(make_site("harbour"), name="bulk")

    key = await sync_to_async(prepare)()
    good, twice = sample_body(lab_body()), sample_body()
    changed = {**twice, "form": "crystal"}
    file = lines(good, b"", twice, b"{nonsense", twice, changed, sample_body(expected=("nonsense",)), b"x" * 70_000)
    send = {
        "data": file, "content_type": "application/x-ndjson", "headers": {"Authorization": f"Api-Key {key}"}
    }  # fmt: skip

    dry = await read(await async_client.post("/api/v1/samples/bulk/?dry_run=true", **send))
    first = await read(await async_client.post("/api/v1/samples/bulk/", **send))
    second = await read(await async_client.post("/api/v1/samples/bulk/", **send))

    assert [line["line"] for line in first] == [1, 3, 4, 5, 6, 7, 8]
    assert [line["status"] for line in dry] == [
        "valid", "valid", "rejected", "valid", "rejected", "rejected", "rejected",
    ]  # fmt: skip
    assert [line["status"] for line in first] == [
        "created", "created", "rejected", "replayed", "rejected", "rejected", "rejected",
    ]  # fmt: skip
    assert [line["status"] for line in second][:2] == ["replayed", "replayed"]
    codes = [line["error"]["code"] for line in first if line["status"] == "rejected"]
    assert codes == ["invalid", "conflict", "unknown_name", "too_large"]
    assert await Sample.objects.acount() == 2
    assert first[0]["id"] == second[0]["id"]


def stored(many) -> list[dict]:
    """The answers to lines that are settled together."""
    site = make_site("harbour")
    file = io.BytesIO(lines(*many))
    return [
        json.loads(line)
        for batch in answer_lines(file, Source(site=site, entry="bulk"), dry_run=False)
        for line in batch.splitlines()
    ]


@pytest.mark.django_db(transaction=True)
def test_batches_that_are_stored_at_once_store_each_id_once(monkeypatch):
    make_vocabulary()
    monkeypatch.setattr(bulk, "LINES_AT_ONCE", 5)
    some = [sample_body(lab_body()) for _ in range(5)]
    changed = {**some[0], "form": "crystal"}

    answers = stored([*some, *some[1:], changed, *reversed(some), *some])

    assert [line["status"] for line in answers] == [
        *["created"] * 5, *["replayed"] * 4, "rejected", *["replayed"] * 10,
    ]  # fmt: skip
    assert len({line["id"] for line in answers if "id" in line}) == Sample.objects.count() == 5


def test_in_bulk_too_a_result_belongs_to_one_sample(harbour):
    result = lab_body()

    answers = stored([sample_body(result), sample_body(result), sample_body(lab_body())])

    assert [line["status"] for line in answers] == ["created", "rejected", "created"]
    assert answers[1]["error"]["code"] == "conflict"
    assert "results.0.client_id" in answers[1]["error"]["fields"]


def test_a_line_that_breaks_the_store_harms_no_other(harbour, monkeypatch):
    sent = [sample_body(), sample_body(imprint="breaks"), sample_body()]
    store = submission.store_samples

    def breaks(many):
        if any(rows.sample.imprint for rows in many):
            raise DatabaseError("not this one")
        return store(many)

    monkeypatch.setattr(submission, "store_samples", breaks)

    answers = stored(sent)

    assert [line["status"] for line in answers] == ["created", "rejected", "created"]
    assert answers[1]["error"]["code"] == "server_error"


@pytest.mark.parametrize("error", [TimeoutError, OperationalError("database is locked")])
def test_lines_that_could_not_be_stored_in_time_are_to_be_sent_again(harbour, monkeypatch, error):
    def never(many):
        raise error

    monkeypatch.setattr(submission, "store_samples", never)

    answers = stored([sample_body(), sample_body()])

    assert [line["error"]["code"] for line in answers] == ["try_again", "try_again"]


def test_bulk_wants_ndjson(sender):
    assert sender.post("samples/bulk/", b"{}", content_type="application/json").status_code == 415


@pytest.mark.parametrize("kind", ["substances", "methods", "areas", "sites", "services"])
def test_public_facts_need_no_key_and_have_slug_and_name(harbour, kind):
    answer = Client().get(f"/api/v1/{kind}/?limit=500")

    rows = answer.json()["results"]
    assert answer.status_code == 200
    assert all(row["slug"] and row["name"] for row in rows)


def test_training_and_unlisted_sites_are_not_listed(harbour):
    make_site("hidden", is_listed=False)
    make_site("school", is_training=True)

    slugs = {row["slug"] for row in Client().get("/api/v1/sites/").json()["results"]}

    assert slugs == {"harbour"}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_an_address_that_is_none_is_404_for_whoever_asks_how(db, method):
    client = Client(enforce_csrf_checks=True)

    answer = client.generic(method, "/api/v1/samples/nonsense/", b"{}", content_type="application/json")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_an_address_that_is_none_is_json_too(db):
    answer = Client().get("/api/v1/nothing/")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
