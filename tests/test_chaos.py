"""Whatever breaks, everyone who listens hears of every alert once and in order; and the checker would tell if not."""

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from bench.chaotic import faults
from bench.chaotic.checker import Count, Ear, Row, Step, compare, compare_all, recovery, resolve, waits
from bench.chaotic.faults import Nemesis
from bench.chaotic.figures import Found, Published, faults_in
from bench.chaotic.installation import Installation, small_disk
from bench.chaotic.kept import Kept
from bench.chaotic.line import Line, line_to
from bench.chaotic.sinks import SocketSink, StreamSink
from bench.chaotic.submitting import Submitting, told_of
from tests.servers import PROJECT

SHAPE = "spread-out" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "embedded"
FIVE = [Step(seq, f"alert {seq}") for seq in range(1, 6)]


# The checker


def test_all_of_it_once_and_in_order_is_nothing_wrong():
    assert compare(FIVE, FIVE) == Count()


def test_a_lost_event_is_missing():
    assert compare(FIVE, FIVE[:2] + FIVE[3:]) == Count(missing=1)


def test_an_event_that_comes_again_is_doubled_and_not_out_of_order_as_well():
    assert compare(FIVE, [*FIVE, FIVE[1]]) == Count(doubled=1)


def test_an_event_after_a_later_one_is_out_of_order():
    assert compare(FIVE, [FIVE[0], FIVE[2], FIVE[1], *FIVE[3:]]) == Count(out_of_order=1)


def test_an_event_in_the_place_of_another_is_both_missing_and_unknown():
    assert compare(FIVE, [*FIVE[:4], Step(5, "another")]) == Count(missing=1, unknown=1)


def test_every_sink_counts_and_a_silent_one_misses_all():
    assert compare_all(FIVE, [heard(FIVE), heard([])]) == Count(missing=5)


def test_an_event_waits_for_the_last_sink_that_hears_it():
    quick, slow = heard(FIVE[:2], [10.1, 11.1]), heard(FIVE[:1], [13.0])

    found = waits({FIVE[0]: 10.0, FIVE[1]: 11.0}, [quick, slow])

    assert found[FIVE[0]] == pytest.approx(3.0)
    assert found[FIVE[1]] == float("inf"), "one never had it"


def test_what_comes_again_has_waited_only_until_it_first_came():
    found = waits({FIVE[0]: 10.0}, [heard([FIVE[0], FIVE[0]], [10.5, 60.0])])

    assert found[FIVE[0]] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("seconds", "back_after"),
    [
        ([0.1, 0.1, 0.1, 0.1, 0.1], 1.0),
        ([9.0, 3.0, 0.1, 0.1, 0.1], 3.0),
        ([0.1, 9.0, 0.1, 0.1, 0.1], 3.0),
        ([0.1, 0.1, 0.1, 2.0, 0.1], None),
        ([0.1, 0.1, 0.1, 0.1, float("inf")], None),
    ],
)
def test_delivery_is_back_with_the_first_event_after_the_last_slow_one(seconds: list[float], back_after: float | None):
    acknowledged = {step: 100.0 + step.seq for step in FIVE}

    assert recovery(acknowledged, dict(zip(FIVE, seconds, strict=True)), 100.0) == back_after


def test_too_few_events_after_the_last_fault_show_nothing():
    acknowledged = {step: 100.0 + step.seq for step in FIVE}

    assert recovery(acknowledged, dict.fromkeys(FIVE, 0.1), 104.5) is None


def test_a_publishing_without_an_answer_has_happened_wholly_or_not_at_all():
    rows = {"a": Row("published", 1), "b": Row("proposed", 0), "c": Row("published", 0), "d": Row("published", 2)}

    assert resolve(rows, ["a", "b", "c", "d", "gone"]) == {"said": 1, "not_said": 1, "half": 3}


def test_a_sample_is_told_of_by_one_alert_and_no_more():
    told = {"a": ["one"], "b": ["one", "two"], "another": ["one"]}

    assert told_of({"a", "b", "c"}, told) == {"told of once": 1, "never told of": 1, "told of twice": 1}


# The verdict


@pytest.mark.parametrize(
    ("steps", "wrong"),
    [
        (FIVE, []),
        (FIVE[:4], ["missing", "not back within 15 s"]),
        ([*FIVE, FIVE[2]], ["doubled"]),
        ([FIVE[1], FIVE[0], *FIVE[2:]], ["out of order"]),
    ],
)
def test_the_verdict_names_what_was_wrong(steps: list[Step], wrong: list[str]):
    assert verdict(steps) == wrong


def test_an_acknowledged_event_that_no_row_has_is_wrong():
    assert "acknowledged without a row" in verdict(FIVE, rows=FIVE[:4])


def test_alerts_that_were_never_published_are_wrong():
    assert verdict(FIVE, alerts=6) == ["not every alert was published"]


@pytest.mark.parametrize("alerts", [[], ["one", "two"]])
def test_a_sample_that_nobody_was_told_of_or_twice_is_wrong(alerts: list[str]):
    assert verdict(FIVE, told={"sample": alerts}) == ["not every sample was taken and told of once"]


def test_a_run_in_which_nothing_broke_shows_nothing():
    assert verdict(FIVE, struck={}) == ["nothing was broken: this shows nothing"]


def test_being_quick_again_only_later_is_wrong():
    assert verdict(FIVE, last_fault=80.0) == ["not back within 15 s"]


# Those who listen


def test_a_socket_comes_back_with_the_heartbeat_that_promised_most():
    sink = SocketSink(Ear("one"), 1, None)
    sink.take(frame("event", seq=3))
    sink.take(json.dumps({"type": "heartbeat", "head": 7}))

    assert sink.asked(after=True) == "after=7"


def test_without_replay_nobody_says_what_they_had():
    sink = StreamSink(Ear("one"), 1, None, replay=False)
    sink.take(frame("event", seq=3))

    assert "3" not in sink.asked(after=True) + sink.request().decode().split("Host")[0]


def test_being_told_to_read_anew_is_counted():
    sink = SocketSink(Ear("one"), 1, None)
    sink.take(json.dumps({"type": "hello", "head": 2, "stream": "s", "reset": True}))

    assert sink.resets == 1


# What breaks, and what is kept alive


def test_where_no_small_disk_can_be_made_that_fault_is_left_out_with_its_reason(tmp_path, monkeypatch):
    def refused(*_: Any, **__: Any) -> None:
        raise subprocess.CalledProcessError(32, "mount", stderr="mount: permission denied\n")

    monkeypatch.setattr(subprocess, "run", refused)
    with small_disk(tmp_path, 8) as (disk, why):
        nemesis = Nemesis(Installation("embedded", None, 1, {}, disk, why), Line(1), random.Random(1))

    assert nemesis.left_out == {"disk full": "mount: permission denied"}
    assert "disk full" not in nemesis.strikes


async def test_each_kind_of_fault_comes_once_before_any_comes_again(monkeypatch):
    monkeypatch.setattr(faults, "BETWEEN", (0.001, 0.001))
    nemesis = Nemesis(Installation("embedded", None, 1, {}, None), Line(1), random.Random(1))
    nemesis.strikes = dict.fromkeys("abc", strikes)
    struck: list[dict[str, int]] = []
    monkeypatch.setattr(nemesis, "struck", Watched(struck))

    await nemesis.rage(0.1)

    assert len(struck) >= 6
    assert set(struck[2].values()) == {1}
    assert set(struck[5].values()) == {2}


async def test_what_is_killed_is_started_again(tmp_path):
    kept = Kept("sleeper", ["sleep", "60"], os.environ, tmp_path / "log")
    await kept.start()
    try:
        assert kept.kill()
        async with asyncio.timeout(20):
            while kept.starts < 2:
                await asyncio.sleep(0.02)
    finally:
        await kept.stop()

    assert not kept.kill(), "it was to be over"


async def test_a_cut_breaks_every_connection_at_once():
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        await reader.read()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, line_to(server.sockets[0].getsockname()[1]) as line:
        pairs = [await asyncio.open_connection("127.0.0.1", line.port) for _ in range(3)]
        for reader, writer in pairs:
            writer.write(b"here\n")
            assert await reader.readline() == b"here\n"

        line.cut()

        for reader, writer in pairs:
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
            writer.close()


# The command itself, in its short form


@pytest.mark.servers
@pytest.mark.timeout(200)
def test_whatever_breaks_everyone_hears_everything_once_and_in_order():
    short = (
        "--sockets",
        "40",
        "--streams",
        "10",
        "--alerts",
        "60",
        "--samples",
        "12",
        "--seconds",
        "24",
        "--afterwards",
        "17",
    )

    code, figures = chaos("--seed", "1", *short)

    assert code == 0, figures
    assert figures["sinks"]["value"] == 50
    assert figures["faults"]["value"] >= 6
    assert figures["sinks"]["came back"] >= 50, "hardly anyone was cut off: this shows nothing"


@pytest.mark.servers
@pytest.mark.timeout(200)
def test_without_replay_losses_are_reported():
    short = (
        "--sockets",
        "10",
        "--streams",
        "4",
        "--alerts",
        "40",
        "--samples",
        "4",
        "--seconds",
        "12",
        "--afterwards",
        "3",
        "--patience",
        "5",
    )

    code, figures = chaos("--seed", "1", "--without-replay", *short)

    assert code == 1
    assert figures["missing"]["value"] > 0


def chaos(*arguments: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "bench.chaos", "--shape", SHAPE, *arguments]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=190)
    assert done.returncode in (0, 1), done.stderr
    figures = [json.loads(line) for line in done.stdout.splitlines()]
    assert figures, done.stderr
    return done.returncode, {figure["figure"]: figure for figure in figures}


async def strikes() -> bool:
    return True


class Watched(Counter[str]):
    """Counts, and notes what it held after each."""

    def __init__(self, notes: list[dict[str, int]]) -> None:
        super().__init__()
        self.notes = notes

    def __setitem__(self, key: str, value: int) -> None:
        super().__setitem__(key, value)
        self.notes.append(dict(self))


def heard(steps: list[Step], at: list[float] | None = None) -> Ear:
    return Ear("one", list(steps), at or [100.0 + step.seq + 0.1 for step in steps])


def frame(kind: str, *, seq: int) -> str:
    return json.dumps({"type": kind, "seq": seq, "event": {"alert": {"id": f"alert {seq}"}}})


def verdict(
    steps: list[Step],
    *,
    rows: list[Step] = FIVE,
    alerts: int = 5,
    told: dict[str, list[str]] | None = None,
    struck: dict[str, int] | None = None,
    last_fault: float = 100.0,
) -> list[str]:
    """Of a run whose one sink heard `steps`, and whose site had one sample acknowledged."""
    found = Found(
        published=Published({step: 100.0 + step.seq for step in FIVE}),
        steps=rows,
        rows={},
        told={"sample": ["alert"]} if told is None else told,
        site=Submitting(None, "", {"sample"}),
        sinks=[SocketSink(heard(steps), 1, None)],
        struck={"serve killed": 1} if struck is None else struck,
        left_out={},
        last_fault=last_fault,
        starts={},
    )
    return faults_in(list(found.figures()), alerts=alerts, samples=1)
