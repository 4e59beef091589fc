"""Which tables a public address reads: what was released, what was said, and facts; no result and no person."""

import re
from collections.abc import Iterable, Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alerts import simulating
from bench.attacking.crawling import every_address
from checking import catalogue
from checking.models import Area, Network, Sample
from checking.release import make_release
from config.public_tables import PUBLIC_TABLES
from tests.release_rows import TODAY, make_many, make_network

SAID = {"alerts_alert", "alerts_alertevent", "alerts_signingkey"}  # alerts as they went out, and by which key
FACTS = {
    "checking_confuser",  # what confuses a method, and what it misses: reference data with its sources
    "checking_methodmiss",
    "checking_site",  # the list of sites that are listed
    "alerts_noticeoutcome",  # how many of a rule's notices were confirmed, counted once a day
}
TABLE = re.compile(r'(?:FROM|JOIN|INTO|UPDATE)\s+"(\w+)"', re.IGNORECASE)


@pytest.fixture
def alert(db) -> str:
    """A release, and an alert that is out."""
    make_network()
    Network.objects.update_or_create(pk=Network.ROW, defaults={"simulated": True})
    make_many(["harbour", "harbour", "harbour", "riverside", "riverside", "riverside"], "fentanyl")
    assert make_release(TODAY)
    area, subject = Area.objects.get(slug="us-pa-allegheny"), catalogue.current().subject("fentanyl")
    return str(simulating.say(area=area, subject=subject, level="caution").alert_id)


def beyond(addresses: Iterable[str]) -> dict[str, set[str]]:
    """By address, the tables it read that are nobody's business."""
    found = {}
    for address in addresses:
        with CaptureQueriesContext(connection) as asked:
            answer = Client().get(address)
        assert answer.status_code in (200, 301, 302), address
        read = {table for query in asked.captured_queries for table in TABLE.findall(query["sql"])}
        if private := read - PUBLIC_TABLES - SAID - FACTS:
            found[address] = private
    return found


def of_one_alert(id: str) -> Iterator[str]:
    yield from (
        f"/alerts/{id}/",
        f"/alerts/{id}/seen/",
        f"/alerts/{id}/poster/",
        f"/alerts/{id}/cap.xml",
        f"/api/v1/alerts/{id}/",
    )


def test_no_public_address_reads_a_result_or_a_person(alert):
    addresses = [*every_address(["us-pa", "us-pa-allegheny"], ["fentanyl"]), *of_one_alert(alert)]

    assert beyond(addresses) == {}
    assert len(addresses) > 150


def test_an_address_that_does_is_found(alert, monkeypatch):
    monkeypatch.setattr("alerts.views.public.samples_counted", lambda *_, **__: Sample.objects.count())

    assert beyond(["/?area=us-va"]) == {"/?area=us-va": {"checking_sample"}}
