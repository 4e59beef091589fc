"""Which tables a public address reads, and by which connection: what was released, what was said, and facts."""

import copy
import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, resolve

import alerts.urls
import api.urls
import checking.urls
from alerts import simulating
from bench.attacking.crawling import every_address
from checking import catalogue
from checking.models import Area, Network, ReleasedShare, Sample
from checking.release import make_release
from config.public_tables import PUBLIC_TABLES
from tests.release_rows import TODAY, make_many, make_network

# Read by the connection that may read everything, and what each is. Figures are not among them.
SAID = {
    "alerts_alert",  # alerts as they went out
    "alerts_alertevent",
    "alerts_drill",  # that an alert is a drill, and of which drill
    "alerts_signingkey",  # public halves of the keys they are signed with
}
FACTS = {
    "checking_area",  # places, their names and what lies in them
    "checking_network",  # that it is simulated, and when reference data changed
    "checking_substance",  # the catalogue: public tables, held in memory for staff and everyone alike
    "checking_substanceclass",
    "checking_substancename",
    "checking_method",
    "checking_methodtarget",
    "checking_confuser",  # what confuses a method, and what it misses: reference data with its sources
    "checking_methodmiss",
    "checking_site",  # the list of sites that are listed
    "alerts_noticeoutcome",  # how many of a rule's notices were confirmed, counted once a day
}
# Not walked: they need a person or a token, take what is sent, or were put there by others.
NOT_PUBLIC = {
    "desk", "desk_step", "seen_back", "samples", "sample", "sample-results", "bulk", "correct", "withdraw",
    "attachments",
}  # fmt: skip
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


@pytest.fixture
def apart(alert, monkeypatch) -> str:
    """`public` by itself: over the same open transaction, so that it sees the rows, and with a log of its own."""
    public = copy.copy(connections["default"])
    public.alias, public.queries_log = "public", deque(maxlen=public.queries_limit)
    # Where Django kept a test from a database it leaves these as the other connection's own.
    for name in ("connect", "temporary_connection", "cursor", "chunked_cursor"):
        vars(public).pop(name, None)
    monkeypatch.setattr(connections._connections, "public", public)
    return alert


def is_of_nothing(address: str, status: int) -> bool:
    """No picture is drawn where there is no figure, what does not compare is refused, what is real is no drill."""
    if "/beside/" in address:
        return status in (400, 404)
    return status == 404 and ("/chart." in address or address.startswith("/drills/"))


def tables_read(addresses: Iterable[str]) -> dict[str, dict[str, set[str]]]:
    """By connection and table, the addresses that read it."""
    found: dict[str, dict[str, set[str]]] = {"default": defaultdict(set), "public": defaultdict(set)}
    for address in addresses:
        with ExitStack() as stack:
            logs = {alias: stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in found}
            answer = Client().get(address)
            answer.getvalue()
        assert answer.status_code in (200, 301, 302) or is_of_nothing(address, answer.status_code), address
        for alias, log in logs.items():
            for table in {table for query in log.captured_queries for table in TABLE.findall(query["sql"])}:
                found[alias][table].add(address)
    return found


def beyond(addresses: Iterable[str]) -> dict[str, dict[str, set[str]]]:
    """By connection, tables that are nobody's business, or figures that were not asked for as everyone may."""
    allowed = {"default": SAID | FACTS, "public": PUBLIC_TABLES}
    read = tables_read(addresses)
    found = {alias: {name: of for name, of in read[alias].items() if name not in allowed[alias]} for alias in read}
    return {alias: tables for alias, tables in found.items() if tables}


def of_one_alert(id: str) -> Iterator[str]:
    yield from (f"/alerts/{id}/{page}" for page in ("", "seen/", "poster/", "qr.svg", "cap.xml", "cap.sig"))
    yield from (f"/api/v1/alerts/{id}/", f"/drills/{id}/")


def every_name() -> set[str]:
    """Of the addresses outside the rooms of staff."""
    patterns = [*checking.urls.urlpatterns, *api.urls.urlpatterns, *alerts.urls.urlpatterns]
    return {str(pattern.name) for pattern in patterns if isinstance(pattern, URLPattern) and pattern.name}


def walked(alert: str) -> list[str]:
    return [*every_address(["us-pa", "us-pa-allegheny"], ["fentanyl"]), *of_one_alert(alert), "/data/1/shares.csv"]


def test_no_public_address_reads_a_result_or_a_person_and_figures_are_read_as_everyone_may(apart):
    assert beyond(walked(apart)) == {}


def test_no_public_address_is_left_out():
    walks = {resolve(urlsplit(address).path).url_name for address in walked(str(uuid4()))}

    assert every_name() - NOT_PUBLIC - walks == set()


def test_an_address_that_reads_results_is_found(apart, monkeypatch):
    monkeypatch.setattr("alerts.views.public.samples_counted", lambda *_, **__: Sample.objects.count())

    assert beyond(["/?area=us-va"]) == {"default": {"checking_sample": {"/?area=us-va"}}}


def test_an_address_that_reads_figures_as_staff_may_is_found(apart, monkeypatch):
    monkeypatch.setattr("alerts.views.public.samples_counted", lambda *_, **__: ReleasedShare.objects.count())

    assert beyond(["/?area=us-va"]) == {"default": {"checking_releasedshare": {"/?area=us-va"}}}
