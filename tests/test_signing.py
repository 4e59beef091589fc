"""What is said in our name can be told from what others say: signed once, verified by anyone, changed by nobody."""

import base64
import copy
import json
import re
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from alerts import lifecycle, signing
from alerts.models import AlertEvent, SigningKey
from alerts.verify import NotGenuine, canonical, read, verify
from config import env
from tests.alerting import make_reviewers, publish
from tests.browser import needs_browser, open_browser
from tests.servers import PROJECT

DOCS = (PROJECT / "docs" / "signatures.md").read_text()
OTHER_SEED = env.Seed(b"another seed of thirty-two bytes")


@pytest.fixture
def event(db) -> dict[str, Any]:
    """A withdrawal, which has something to refer to, as a reader gets it."""
    alert = publish("caution")
    lifecycle.withdraw_alert(alert, by=make_reviewers()[0], because='Mixed up: «señal» 😐 \u2028 "A" \\ B')
    return AlertEvent.objects.get(kind="withdrawn").payload


@pytest.fixture
def keys(event) -> list[dict[str, Any]]:
    return signing.published_keys()


def refused(payload: Any, keys: Any, because: str, **other: Any) -> bool:
    with pytest.raises(NotGenuine, match=because):
        verify(payload, keys, **other)
    return True


def changed(payload: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A copy in which `a__b=value` has been put in place."""
    copied = copy.deepcopy(payload)
    for path, value in members.items():
        *above, last = path.split("__")
        place = copied
        for name in above:
            place = place[name]
        place[last] = value
    return copied


def test_what_was_said_verifies_as_it_is_read_back_from_the_database(event, keys):
    for each in AlertEvent.objects.all():
        verify(each.payload, keys)
        assert verify(read(json.dumps(each.payload)), keys) is None


def test_it_verifies_wherever_it_is_read(client, event, keys):
    page = client.get("/api/v1/events/").content

    for each in read(page)["results"]:
        verify(each, keys)
    assert read(page)["results"][-1]["signature"] == event["signature"]


def test_floats_come_back_from_the_database_as_they_were_signed(db):
    """Nothing in a payload is a float today; whoever adds one learns here whether it survives."""
    event = publish().events.get()
    alert = {"id": str(event.alert_id), "level": event.content.level, "drill": False}
    awkward = [0.1, 1e15, 1e-7, 5e-324, 1.0, 333333333.3333333, -0.0, 2**53 - 1]
    said = signing.signed({"kind": "ended", "seq": 99, "alert": alert, "values": awkward})
    fields = {field.name: getattr(event, field.name) for field in AlertEvent._meta.fields if field.name != "id"}

    made = AlertEvent.objects.create(**{**fields, "seq": 99, "kind": "ended", "payload": said})

    verify(AlertEvent.objects.get(pk=made.pk).payload, signing.published_keys())


def test_the_order_of_members_is_the_same_json(event, keys):
    verify(dict(reversed(event.items())), keys)


@pytest.mark.parametrize(
    ("members", "because"),
    [
        ({"seq": 7}, "changed"),
        ({"alert__level": "notice"}, "changed"),
        ({"alert__references": []}, "changed"),
        ({"alert__reviewed": 1}, "changed"),
        ({"alert__expires": "2099-01-01T00:00:00+00:00"}, "changed"),
        ({"more": None}, "changed"),
        ({"signature": None}, "not signed"),
        ({"signature": {}}, "not signed"),
        ({"signature__more": 1}, "not signed"),
        ({"signature__alg": "none"}, "another way"),
        ({"signature__alg": "ed25519"}, "another way"),
        ({"signature__alg": None}, "another way"),
        ({"signature__kid": "AAAAAAAAAAAAAAAA"}, "not ours"),
        ({"signature__kid": None}, "not ours"),
        ({"signature__value": ""}, "not written as it should"),
        ({"signature__value": 7}, "cannot be read"),
        ({"signature__value": "é" * 86}, "cannot be read"),
        ({"alert__drill": True}, "another use"),
        ({"alert__drill": "no"}, "whether it is a drill"),
        ({"alert": None}, "no event"),
        ({"because": float("nan")}, "no canonical form"),
        ({"because": 2**60}, "no canonical form"),
        ({"because": "\ud800"}, "no canonical form"),
    ],
    ids=str,
)
def test_any_change_is_refused_and_says_why(event, keys, members, because):
    assert refused(changed(event, **members), keys, because)


def test_a_signature_can_be_written_in_one_way_only(event, keys):
    """The last letter of 64 bytes has four bits to spare: sixteen ways that many readers take for one."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    value = event["signature"]["value"]
    other = value[:-1] + letters[letters.index(value[-1]) ^ 1]
    assert base64.urlsafe_b64decode(other + "==") == base64.urlsafe_b64decode(value + "==")

    for written in (other, value + "==", value + "\n"):
        assert refused(changed(event, signature__value=written), keys, "written as it should|cannot be read")


def test_a_name_that_is_there_twice_is_refused(event):
    text = json.dumps(event)
    twice = text.replace('"kind": "withdrawn"', '"kind": "ended", "kind": "withdrawn"')
    assert json.loads(twice) == event, "an ordinary reader takes the last and sees nothing"

    with pytest.raises(NotGenuine, match="twice"):
        read(twice)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"a": NaN}', b"\xff", "x" * 1_000_001])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(NotGenuine):
        read(text)


# A drill is a drill, and live is live


def test_a_drill_verifies_as_a_drill_and_as_nothing_else(event, keys):
    drill = publish(is_drill=True).events.get().payload

    verify(drill, keys, is_drill=True)
    assert drill["signature"]["kid"] != event["signature"]["kid"]
    assert refused(changed(drill, alert__drill=False), keys, "another use")
    assert refused(drill, keys, "It is a drill", is_drill=False)
    assert refused(event, keys, "It is not a drill", is_drill=True)


@pytest.mark.parametrize("is_drill", [False, True])
def test_the_key_of_one_signs_nothing_of_the_other(event, keys, is_drill):
    said = {name: value for name, value in changed(event, alert__drill=is_drill).items() if name != "signature"}
    wrongly = {**said, "signature": signing.sign(canonical(said), is_drill=not is_drill)}

    assert refused(wrongly, keys, "another use")


# Said again


def test_what_was_heard_before_is_refused(event, keys):
    verify(event, keys, heard_up_to=event["seq"] - 1)

    assert refused(event, keys, "said before", heard_up_to=event["seq"])


def test_what_has_run_out_is_refused_and_what_closed_an_alert_stays_true(event, keys):
    published = AlertEvent.objects.get(kind="published").payload
    later = timezone.now() + timedelta(days=30)

    verify(published, keys, now=timezone.now())
    verify(event, keys, now=later)
    assert refused(published, keys, "time is over", now=later)
    assert refused(published, keys, "future", now=datetime.fromisoformat(published["at"]) - timedelta(minutes=6))


# Keys


def test_live_and_drill_keys_follow_from_the_seed_and_are_apart(db, settings):
    first = {key["use"]: key["x"] for key in signing.published_keys()}
    settings.SIGNING_SEED = OTHER_SEED
    second = {key["use"]: key["x"] for key in signing.published_keys()[2:]}

    assert set(first) == set(second) == {"live", "drill"}
    assert len({*first.values(), *second.values()}) == 4


def test_a_new_seed_retires_the_former_key_and_what_it_signed_still_verifies(event, settings):
    settings.SIGNING_SEED = OTHER_SEED
    later = publish().events.get().payload

    listed = {key["kid"]: key for key in signing.published_keys()}

    assert listed[event["signature"]["kid"]]["retired_at"]
    assert listed[later["signature"]["kid"]]["retired_at"] is None
    for payload in (event, later):
        verify(payload, listed.values())


def test_the_former_seed_put_back_is_in_use_again(event, settings):
    own = settings.SIGNING_SEED
    settings.SIGNING_SEED = OTHER_SEED
    signing.published_keys()
    settings.SIGNING_SEED = own

    retired = {key["kid"]: bool(key["retired_at"]) for key in signing.published_keys()}

    assert retired[event["signature"]["kid"]] is False
    assert sum(retired.values()) == 2


def test_what_a_revoked_key_signed_is_refused_and_says_why(event):
    signing.revoke(event["signature"]["kid"], because="The server was broken into")

    assert refused(event, signing.published_keys(), "broken into")


def test_a_key_cannot_take_the_name_of_another(event, keys, settings):
    settings.SIGNING_SEED = OTHER_SEED
    stranger = signing.signed({name: value for name, value in event.items() if name != "signature"})
    theirs = next(key for key in signing.published_keys() if key["kid"] == stranger["signature"]["kid"])
    forged = [{**theirs, "kid": event["signature"]["kid"]}]

    assert refused(changed(stranger, signature__kid=forged[0]["kid"]), forged, "not what its name says")


def test_an_alert_goes_out_though_its_key_was_revoked_and_the_log_complains(event, caplog):
    signing.revoke(event["signature"]["kid"], because="Lost")

    assert publish().events.get().payload["signature"]["kid"] == event["signature"]["kid"]
    assert "set a new SIGNING_SEED" in caplog.text


def test_the_keys_are_for_everyone_and_told_in_a_few_bytes_when_unchanged(client, event):
    answer = client.get("/.well-known/headsup-keys.json")
    again = client.get("/.well-known/headsup-keys.json", headers={"If-None-Match": answer["ETag"]})

    assert {key["use"] for key in answer.json()["keys"]} == {"live", "drill"}
    assert all(len(base64.urlsafe_b64decode(key["x"] + "=")) == 32 for key in answer.json()["keys"])
    assert answer["Cache-Control"] == "public, max-age=60"
    assert not answer.cookies
    assert (again.status_code, again.content) == (304, b"")


def test_the_private_keys_are_nowhere_in_the_database_or_on_the_page(client, event, settings):
    private = signing._pair(bytes(settings.SIGNING_SEED), False).private.private_bytes_raw()
    page = client.get("/.well-known/headsup-keys.json").content
    rows = str(list(SigningKey.objects.values()))

    for secret in (private, bytes(settings.SIGNING_SEED)):
        written = base64.urlsafe_b64encode(secret).rstrip(b"=")
        assert written not in page
        assert written.decode() not in rows
    assert repr(settings.SIGNING_SEED) == "<hidden>"


@pytest.mark.django_db(transaction=True)
def test_two_that_make_the_key_at_once_make_one():
    SigningKey.objects.all().delete()
    faults: list[Exception] = []
    ready = threading.Barrier(4)

    def ask() -> None:
        try:
            ready.wait(10)
            signing.published_keys()
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    assert sorted(SigningKey.objects.values_list("is_drill", "retired_at")) == [(False, None), (True, None)]


# Settings and the command


def test_a_seed_that_is_none_is_refused_by_name(monkeypatch):
    for written in ("short", "!" * 43, "A" * 42, "A" * 44):
        monkeypatch.setenv("SIGNING_SEED", written)
        with pytest.raises(Exception, match=r"^SIGNING_SEED is not as expected: 32 bytes"):
            env.seed("SIGNING_SEED", derived_from="x" * 16)


def test_a_seed_is_read_or_follows_from_the_secret_key(monkeypatch):
    monkeypatch.setenv("SIGNING_SEED", base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("="))
    given = env.seed("SIGNING_SEED", derived_from="x" * 16)
    monkeypatch.setenv("SIGNING_SEED", "")
    one, same, other = (env.seed("SIGNING_SEED", derived_from=key * 16) for key in "xxy")

    assert bytes(given) == bytes(range(32))
    assert one == same != other
    assert b"x" * 16 not in one


def test_the_command_lists_and_revokes(event, capsys):
    kid = event["signature"]["kid"]

    call_command("signing_keys", revoke=kid, because="Lost with a laptop")

    said = capsys.readouterr()
    assert re.search(rf"{kid} live, since .*REVOKED .*: Lost with a laptop", said.out)
    assert "Set a new SIGNING_SEED" in said.err


def test_the_command_asks_why_and_knows_its_keys(event):
    with pytest.raises(CommandError, match="--because"):
        call_command("signing_keys", revoke=event["signature"]["kid"])
    with pytest.raises(CommandError, match="There is no key nobody"):
        call_command("signing_keys", revoke="nobody", because="Lost")


# The examples in the documentation


def example(language: str) -> str:
    return re.search(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)[1]


def forgeries(event: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        changed(event, seq=7), changed(event, alert__drill=True), changed(event, signature__alg="none"),
        changed(event, signature__kid="AAAAAAAAAAAAAAAA"), changed(event, signature=None),
        changed(event, signature__value=event["signature"]["value"][:-1] + "_"), changed(event, more=1),
    ]  # fmt: skip


def test_the_example_in_python_accepts_the_true_and_refuses_the_forged(event, keys):
    names: dict[str, Any] = {}
    exec(example("python"), names)

    assert names["is_genuine"](event, keys)
    assert not any(names["is_genuine"](forged, keys) for forged in forgeries(event))
    assert not names["is_genuine"](event, [{**key, "revoked_at": "2026-01-01"} for key in keys])


@pytest.mark.browser
@needs_browser
@pytest.mark.timeout(300)
def test_the_example_in_javascript_accepts_the_true_and_refuses_the_forged(event, keys, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><title>x</title>")
    ask = example("javascript") + "\nconst [events, keys, done] = arguments;"
    ask += "Promise.all(events.map((each) => isGenuine(each, keys))).then(done, (fault) => done(String(fault)));"
    with open_browser() as driver:
        driver.get(page.as_uri())
        assert driver.execute_script("return isSecureContext")

        said = driver.execute_async_script(ask, [event, *forgeries(event)], keys)

    assert said == [True] + [False] * len(forgeries(event))


def test_the_database_holds_what_was_signed(event):
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(payload AS TEXT) FROM alerts_alertevent WHERE kind = 'withdrawn'")
        text = cursor.fetchone()[0]

    verify(read(text), signing.published_keys())
