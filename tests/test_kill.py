"""The server is killed, again and again, at any moment. Nothing acknowledged is lost, nobody misses or hears twice."""

import asyncio
import random
from collections.abc import Callable

import pytest

from tests.living import NETWORK, Follower, Submitter, ask, at_work, head_of, key_of, publish, publish_meanwhile
from tests.servers import LiveHeadsup

pytestmark = [pytest.mark.servers, pytest.mark.timeout(400)]

KILLS = 4


@pytest.mark.parametrize("seed", [1])
async def test_whatever_is_killed_when_nothing_is_lost_and_nothing_heard_twice(
    live_headsup: Callable[..., LiveHeadsup], seed: int
):
    chance = random.Random(seed)
    server = await asyncio.to_thread(live_headsup, script=NETWORK)
    follower, submitter = Follower(server), Submitter(server, key_of(server))
    async with at_work(follower.follow()):
        async with at_work(submitter.submit()):
            publishing = publish_meanwhile(server, count=60)
            for _ in range(KILLS):
                await asyncio.sleep(chance.uniform(0.5, 4))
                await asyncio.to_thread(server.kill)
                await asyncio.to_thread(server.start)
            await asyncio.sleep(3)
        await asyncio.to_thread(publishing.wait)
        await asyncio.to_thread(publish, server)
        await asyncio.sleep(2)  # the watcher may still speak of the last samples
        head = await asyncio.to_thread(head_of, server)
        await follower.until(head)

    assert follower.breaks >= KILLS, "the follower was never cut off: this test shows nothing"
    assert head >= 61
    assert follower.heard == list(range(1, len(follower.heard) + 1))
    assert len(follower.heard) >= head
    assert submitter.acknowledged, "nothing was submitted: this test shows nothing"
    for ours, theirs in submitter.acknowledged.items():
        status, answer = await asyncio.to_thread(ask, server, f"/api/v1/samples/{theirs}/", key=submitter.key)
        assert (status, answer["id"]) == (200, theirs)
        _, found = await asyncio.to_thread(ask, server, f"/api/v1/samples/?client_id={ours}", key=submitter.key)
        assert [sample["id"] for sample in found["results"]] == [theirs], "stored twice, or not at all"
