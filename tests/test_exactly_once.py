"""Whatever the line and the server do, what was meant is stored, and once; and the simulator would tell if not."""

import os

import pytest

from bench.exactly_once import simulate
from tests.living import NETWORK, key_of

pytestmark = [pytest.mark.servers, pytest.mark.timeout(1800)]

IS_FULL = os.environ.get("HEADSUP_FULL") == "1"


@pytest.fixture
def simulated(live_headsup):
    server = live_headsup(script=NETWORK)

    async def run(count: int, **how):
        return await simulate(server, key_of(server), count=count, seed=7, **how)

    return run


async def test_through_every_fault_each_submission_is_stored_once_and_whole(simulated):
    count = 500 if IS_FULL else 30

    found = await simulated(count)

    assert found == {
        "intended": count,
        "acknowledged": count,
        "stored": count,
        "lost": 0,
        "doubled": 0,
        "half_stored": 0,
        "answered_with_other_ids": 0,
        "not_refused": 0,
        "wrong_answers": {},
    }


async def test_a_new_id_for_each_try_would_store_twice(simulated):
    found = await simulated(12, has_idempotency=False)

    assert found["doubled"] > 0


async def test_without_another_try_some_would_be_lost(simulated):
    found = await simulated(12, has_retries=False)

    assert found["lost"] > 0
