"""Pictures by a running server: a flood of them is refused in part, and alerts are read meanwhile."""

import os
import signal
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.trending.asking import drawing_pid
from tests.living import NETWORK
from tests.servers import LiveHeadsup

pytestmark = [pytest.mark.servers]

MANY = 60
FIGURES = (
    NETWORK
    + f"""
from datetime import date
from checking.models import Release, ReleasedShare, Substance
release = Release.objects.create(number=1, made_on=date(2026, 11, 18))
ReleasedShare.objects.bulk_create(
    ReleasedShare(
        release=release, batch=1, series="latest", area="us-pa-allegheny", subject=slug, family="lab",
        material="product", period_start=date(2026, 11, 2), tested=30, detected=7,
    )
    for slug in Substance.objects.order_by("slug").values_list("slug", flat=True)[:{MANY}]
)
print("\\n".join(Substance.objects.order_by("slug").values_list("slug", flat=True)[:{MANY}]))
"""
)


def ask(server: LiveHeadsup, path: str) -> tuple[int, str | None, float, bytes]:
    """Status, Retry-After, seconds, body."""
    begun = time.monotonic()
    try:
        with urllib.request.urlopen(server.url + path, timeout=60) as answer:
            return answer.status, None, time.monotonic() - begun, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers["Retry-After"], time.monotonic() - begun, b""


def test_a_flood_of_pictures_is_refused_in_part_and_alerts_are_read_meanwhile(live_headsup):
    server = live_headsup(script=FIGURES)
    slugs = server.said.split()[-MANY:]
    paths = [f"/trends/us-pa-allegheny/{slug}/chart.png?size=wide" for slug in slugs]

    with ThreadPoolExecutor(MANY + 4) as readers:
        pictures = [readers.submit(ask, server, path) for path in paths]
        alerts = [readers.submit(ask, server, "/alerts.txt") for _ in range(4)]

    answers = [each.result() for each in pictures]
    assert {status for status, *_ in answers} == {200, 503}
    assert {after for status, after, *_ in answers if status == 503} == {"2"}
    assert [status for status, *_ in (each.result() for each in alerts)] == [200] * 4
    # Whatever the machine does meanwhile: nobody who reads alerts waits for the last picture.
    assert max(each.result()[2] for each in alerts) < max(seconds for status, _, seconds, _ in answers if status == 200)

    process = drawing_pid(server.process.pid)
    drawn = next(path for path, answer in zip(paths, answers, strict=True) if answer[0] == 200)
    before = ask(server, drawn)[3]
    os.kill(process, signal.SIGKILL)
    refused = next(path for path, answer in zip(paths, answers, strict=True) if answer[0] == 503)
    assert ask(server, refused)[3].startswith(b"\x89PNG")
    assert drawing_pid(server.process.pid) != process
    assert ask(server, drawn)[3] == before
