"""The bell rings whoever listens, here and elsewhere, and never harms whoever rings."""

import logging
import sqlite3
import threading
import time

import pytest
from django.db import connection

from checking import bell
from tests.servers import free_port, running_redis

SOON = 5.0  # seconds; far more than it takes, for a busy machine


@pytest.fixture
def alone(settings):
    """No Redis, whatever shape the tests run in."""
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


def over(settings, url: str) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis…", "CONFIG": {"hosts": [url]}}}


def test_a_ring_reaches_those_who_listen_for_it_and_no_others(alone):
    heard: list[str] = []
    bell.listen("results", lambda: heard.append("results"))
    bell.listen("events", lambda: heard.append("events"))

    bell.ring("events")

    assert heard == ["events"]


def test_whoever_stopped_listening_hears_no_more(alone):
    heard: list[int] = []
    stop = bell.listen("results", lambda: heard.append(1))
    bell.listen("results", lambda: heard.append(2))

    stop()
    stop()
    bell.ring("results")

    assert heard == [2]


def test_a_broken_listener_neither_silences_others_nor_reaches_the_ringer(alone, caplog):
    heard: list[int] = []

    def broken() -> None:
        raise RuntimeError("a listener of ours")

    bell.listen("results", broken)
    bell.listen("results", lambda: heard.append(1))
    bell.ring("results")

    assert heard == [1]
    assert "a listener of ours" in caplog.text


@pytest.mark.only_sqlite  # other databases ring by Redis
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("topic", bell.TOPICS)
def test_a_commit_by_another_process_rings_on_sqlite(alone, topic):
    heard = threading.Event()
    bell.listen(topic, heard.set)
    time.sleep(4 * bell.POLL_SECONDS)  # it has looked once; what it sees from here on is news
    heard.clear()

    # To SQLite a connection that Django does not know of is as good as another process.
    with sqlite3.connect(connection.settings_dict["NAME"], timeout=10) as other:
        other.execute("create table rung (x)")
        other.execute("drop table rung")
    other.close()

    assert heard.wait(SOON)


@pytest.mark.only_sqlite  # other databases ring by Redis
@pytest.mark.django_db(transaction=True)
def test_nothing_rings_while_nothing_is_committed(alone):
    heard: list[int] = []
    bell.listen("results", lambda: heard.append(1))

    time.sleep(6 * bell.POLL_SECONDS)

    assert heard == []


@pytest.mark.servers
def test_a_ring_reaches_another_process_by_redis_and_comes_to_us_once(settings, tmp_path):
    with running_redis(tmp_path) as url:
        over(settings, url)
        here, there = bell.Bell(), bell.Bell()
        heard_here: list[int] = []
        heard_there = threading.Event()
        ready = threading.Event()
        there.listen("results", ready.set)  # rung once when it begins to hear
        here_ready = threading.Event()
        here.listen("results", here_ready.set)
        assert ready.wait(SOON)
        assert here_ready.wait(SOON)
        there.listen("results", heard_there.set)
        here.listen("results", lambda: heard_here.append(1))

        here.ring("results")

        assert heard_there.wait(SOON)
        time.sleep(0.3)  # time enough for our own ring to come back, if it did
        assert heard_here == [1]
        here.close()
        there.close()


@pytest.mark.servers
def test_a_ring_over_redis_carries_no_content(settings, tmp_path):
    import redis

    with running_redis(tmp_path) as url:
        over(settings, url)
        with redis.Redis.from_url(url) as client, client.pubsub(ignore_subscribe_messages=True) as subscription:
            subscription.psubscribe("*")
            subscription.get_message(timeout=1)
            ringer = bell.Bell()
            ringer.ring("results")
            message = None
            deadline = time.monotonic() + SOON
            while message is None and time.monotonic() < deadline:
                message = subscription.get_message(timeout=0.2)
            ringer.close()

        assert message is not None
        topic, who = message["data"].decode().split(" ")
        assert topic == "results"
        assert len(who) == 16


def test_ringing_without_redis_is_quick_and_said_once(settings, caplog):
    over(settings, f"redis://127.0.0.1:{free_port()}/0")
    ringer = bell.Bell()
    began = time.monotonic()

    for _ in range(20):
        ringer.ring("results")

    assert time.monotonic() - began < 3 * bell.REDIS_TIMEOUT
    assert caplog.text.count("did not take a ring") == 1
    ringer.close()


@pytest.mark.servers
def test_listeners_hear_again_when_redis_comes_back(settings, tmp_path, caplog):
    with running_redis(tmp_path) as url:
        pass  # it is gone now, and its port is free
    over(settings, url)
    listening = bell.Bell()
    heard = threading.Event()
    with caplog.at_level(logging.WARNING):
        listening.listen("events", heard.set)
        time.sleep(1)
        assert not heard.is_set()

        with running_redis(tmp_path, port=int(url.split(":")[2].split("/")[0])):
            # What was rung in between is lost, so coming back rings by itself.
            assert heard.wait(2 * SOON)
            listening.close()

    assert caplog.text.count("cannot be heard") == 1
