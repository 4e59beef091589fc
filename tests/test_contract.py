"""The API keeps to its own description, whatever it is sent; at full size in .ci/long."""

import json
import os

import pytest

from bench.contract import ALL_PHASES, fuzz
from tests.living import NETWORK, key_of

pytestmark = [pytest.mark.servers, pytest.mark.timeout(3000)]

IS_FULL = os.environ.get("HEADSUP_FULL") == "1"
FULL = {"examples": 150, "phases": ALL_PHASES}  # more than 5,000 cases
SMALL = {"examples": 3, "phases": "examples,fuzzing,stateful"}


def test_nothing_sent_breaks_it_or_what_it_says_of_itself(live_headsup, tmp_path):
    server = live_headsup(script=NETWORK)

    found = fuzz(server, key_of(server), tmp_path, seed=1, **(FULL if IS_FULL else SMALL))

    assert found["faults"] == []
    assert found["cases"] >= (5000 if IS_FULL else 80), "too little was sent to show anything"
    assert "Traceback" not in server.output


def test_a_promise_that_is_not_kept_is_found(live_headsup, tmp_path):
    """Held against a description that promises what no answer has, the same run must complain."""
    server = live_headsup(script=NETWORK)
    promised = json.loads(json.dumps(described(server)))
    page = promised["paths"]["/api/v1/sites/"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    page["required"].append("weather")

    found = fuzz(server, key_of(server), tmp_path, seed=1, schema=promised, **SMALL)

    assert any("/api/v1/sites/" in fault and "weather" in fault for fault in found["faults"])


def described(server):
    from tests.living import ask

    _, schema = ask(server, "/api/schema/?format=json")
    return schema
