"""How much may be sent as a table, counted by the server while it arrives."""

import contextlib
import http.client

import pytest

pytestmark = [pytest.mark.servers]


def post(server, size: int, **headers: str) -> int:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        body = b"x" * size
        connection.request("POST", "/staff/import/", body, {"Content-Type": "application/octet-stream", **headers})
        with connection.getresponse() as answer:
            return answer.status


def test_a_table_may_be_as_large_as_the_setting_says(live_headsup):
    server = live_headsup(env={"IMPORT_MAX_MB": "1"})
    somebody = {"Cookie": "sessionid=anything"}

    assert post(server, 1_000_000, **somebody) == 403  # it came through; only who sent it is not known
    assert post(server, 1_200_000, **somebody) == 413
    assert post(server, 300_000) == 413  # without any sign of a session, no more than a form
    assert list((server.folder / "spool").rglob("*")) == []
