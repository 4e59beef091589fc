"""The one JSON shape."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from alerts import lifecycle
from alerts.payloads import evidence
from tests.alerting import approve, body_of, draft, make_reviewers, publish

pytestmark = pytest.mark.django_db

INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$")


def payload(level: str = "caution", **other: Any) -> dict[str, Any]:
    return publish(level, **other).events.get().payload


def test_it_has_the_shape_others_rely_on(settings: Any):
    settings.PUBLIC_URL = "https://example.org"

    event = payload()

    alert = event["alert"]
    assert (event["seq"], event["kind"]) == (1, "published")
    assert alert["url"] == f"https://example.org/alerts/{alert['id']}/"
    assert alert["headline"] == "Sold as cocaine, a lab found fentanyl"
    assert alert["areas"] == ["us-pa-allegheny"]
    assert alert["substances"] == ["fentanyl"]
    assert alert["classes"] == ["opioid", "fentanyl_type_opioid"]
    assert (alert["level"], alert["drill"], alert["reviewed"], alert["references"]) == ("caution", False, True, [])
    assert set(alert["texts"]) == {"en", "es"}
    assert set(alert["texts"]["en"]) == {"sms", "body", "blocks"}
    assert alert["actions"] == alert["texts"]["en"]["blocks"]["actions"]
    assert alert["texts"]["en"]["sms"].endswith("Headsup 1")


def test_times_are_utc_to_the_second():
    event = payload()

    for written in (event["at"], event["alert"]["sent"], event["alert"]["expires"]):
        assert INSTANT.match(written)


def test_what_was_sent_first_keeps_its_time_in_every_later_step():
    alert = publish("caution")
    first = alert.events.get().payload
    ben, _ = make_reviewers()

    later = lifecycle.withdraw_alert(alert, by=ben, because="a mix-up").payload

    assert later["alert"]["sent"] == first["alert"]["sent"]
    assert later["alert"]["id"] == first["alert"]["id"]
    assert later["alert"]["references"] == [{"seq": 1, "kind": "published", "at": first["at"]}]
    assert later["because"] == "a mix-up"


def test_one_site_alone_is_not_counted_aloud():
    assert "sites" not in evidence({"rung": "confirmed", "samples": 3, "sites": 1, "techniques": 1})
    assert evidence({"rung": "confirmed", "samples": 3, "sites": 2, "techniques": 1})["sites"] == 2


def test_what_one_person_let_out_is_not_reviewed_yet():
    ben, _ = make_reviewers()
    alert = draft("warning", by=ben)
    approve(alert, ben)

    assert lifecycle.publish_by_fast_lane(alert, by=ben).payload["alert"]["reviewed"] is False


def test_it_says_nothing_of_who_wrote_or_approved_it():
    everything = str(payload())

    assert not re.search(r"\b(ben|ada|session)\b", everything)


def test_what_was_frozen_stays_when_the_words_change():
    alert = publish("caution")
    before = alert.events.get().payload
    ben, ada = make_reviewers()
    lifecycle.edit(alert, by=ben, level="caution", body=body_of("xylazine", level="caution"))
    approve(alert, ben)
    approve(alert, ada)
    lifecycle.update_alert(alert, by=ada)

    assert alert.events.first().payload == before
    assert alert.events.last().payload["alert"]["substances"] == ["xylazine"]


def test_it_runs_out_when_its_level_says():
    expires = datetime.fromisoformat(payload("notice")["alert"]["expires"])

    assert abs(expires - timezone.now() - timedelta(days=14)) < timedelta(minutes=1)
