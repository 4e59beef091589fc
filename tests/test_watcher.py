"""The watcher looks at once, and no failure ends it."""

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from alerts import lifecycle, screening, watcher
from alerts.models import Alert, AlertEvent, AlertEvidence, Signal
from checking import bell, bodies, submission
from checking.decoding import decode
from checking.models import Network, Result, Screening, Site
from tests.alerting import approve, body_of, make_ready, make_reviewers, publish
from tests.factories import make_areas, make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body, strip_body

pytestmark = pytest.mark.django_db(transaction=True)


def wait_for(holds: Callable[[], Any], seconds: float = 5.0) -> float:
    """Seconds until it holds."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "it did not come"
        time.sleep(0.005)
    return time.monotonic() - began


@pytest.fixture
def watching() -> Any:
    make_vocabulary()
    Network.current()
    stop = watcher.start_in_thread()
    yield
    stop()
    bell.close()


def test_a_submitted_result_becomes_an_event_at_once():
    site = make_ready()
    stop = watcher.start_in_thread()
    try:
        wait_for(lambda: any(thread.name == "watcher" for thread in threading.enumerate()))
        time.sleep(0.3)  # its first look

        submit(sample_body(lab_body(("fentanyl",))), site)
        waited = wait_for(AlertEvent.objects.exists)
    finally:
        stop()
        bell.close()

    assert waited < 0.9  # a poll alone would take up to a second; quiet machines take 0.05
    print(f"waited {waited:.3f}")
    assert Alert.objects.get().state == "published"


@pytest.mark.parametrize("what", ["corrected", "withdrawn", "confirmed"])
def test_an_alert_is_marked_within_a_second_of_what_became_of_its_evidence(what: str):
    site = make_ready()
    receipt = submit(sample_body(strip_body("absent")), site)
    alert = publish_presumptive("caution")
    AlertEvidence.objects.create(alert=alert, result_id=receipt.result_ids[0])
    result = Result.objects.get(pk=receipt.result_ids[0])
    stop = watcher.start_in_thread()
    try:
        wait_for(lambda: not Result.objects.filter(screening__isnull=True).exists())
        time.sleep(0.3)  # what was there before is looked at

        _change(what, result, site)
        waited = wait_for(lambda: Signal.objects.filter(rule="evidence_changed", alert=alert).exists())
    finally:
        stop()
        bell.close()

    assert waited < 1.0
    assert alert.contents.filter(version=2, written_by=None).exists()  # its own proposal, for people to approve


def publish_presumptive(level: str) -> Alert:
    """What was said of a strip alone."""
    ben, ada = make_reviewers()
    make_vocabulary()
    area = make_areas()["us-pa-allegheny"]
    body = body_of(level=level, rung="presumptive", kind="strip")
    alert = lifecycle.draft(by=ben, area=area, level=level, body=body)
    for person in (ben, ada):
        approve(alert, person)
    lifecycle.publish(alert, by=ben)
    return alert


def _change(what: str, result: Result, site: Site) -> None:
    source = submission.Source(site=site)
    if what == "withdrawn":
        submission.withdraw_result(result, reason="Mixed up.")
    elif what == "corrected":
        body = json.dumps({**strip_body("clear"), "reason": "Read wrong."}).encode()
        submission.correct_result(result, decode(body, bodies.Correction), source)
    else:
        body = json.dumps({"results": [lab_body(("fentanyl",))]}).encode()
        submission.add_results(result.sample, decode(body, bodies.NewResults).results, source)


def test_without_a_ring_it_looks_by_itself(watching: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bell, "ring", lambda topic: None)
    submit(sample_body(lab_body(("cocaine",))), make_site())

    wait_for(Screening.objects.exists)


def test_a_failing_step_does_not_end_it(monkeypatch: pytest.MonkeyPatch):
    make_vocabulary()
    Network.current()
    calls: list[int] = []
    screen = screening.screen_waiting

    def sometimes(**other: Any) -> int:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("the database went away")
        return screen(**other)

    monkeypatch.setattr(screening, "screen_waiting", sometimes)
    submit(sample_body(lab_body(("cocaine",))), make_site())
    stop = watcher.start_in_thread()
    try:
        wait_for(Screening.objects.exists)
    finally:
        stop()
        bell.close()


def test_old_results_are_looked_at_too(watching: Any):
    receipt = submit(sample_body(lab_body(("cocaine",))), make_site())
    Screening.objects.all().delete()
    Result.objects.filter(pk__in=receipt.result_ids).update(recorded_at=timezone.now() - timedelta(days=40))
    watch = watcher._Watch(threading.Event())

    watch.look()

    assert Screening.objects.exists()


def test_what_is_over_is_ended(watching: Any):
    alert = publish("caution")
    Alert.objects.filter(pk=alert.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

    watcher._Watch(threading.Event()).look()

    alert.refresh_from_db()
    assert alert.state == "ended"


def test_a_daily_job_that_fails_does_not_keep_the_next_from_its_turn(monkeypatch: pytest.MonkeyPatch):
    done: list[Any] = []

    def broken(today: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(watcher, "DAILY_JOBS", (broken, done.append))
    monkeypatch.setattr(watcher, "DAILY_LOOK_SECONDS", 0.01)
    stop = threading.Event()
    thread = threading.Thread(target=watcher._run_daily, args=[stop])
    thread.start()
    wait_for(lambda: done)
    time.sleep(0.05)
    stop.set()
    thread.join()

    assert len(done) == 1  # once a day


def test_watch_alone_needs_a_layer_between_processes(settings: Any):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

    with pytest.raises(CommandError, match="CHANNEL_URL"):
        call_command("watch")


def test_made_up_alerts_go_through_the_door_and_on_simulated_networks_only(capsys: pytest.CaptureFixture[str]):
    make_vocabulary()
    make_areas()
    Network.current()
    asked = {"area": "us-pa-allegheny", "substance": "xylazine", "level": "warning"}
    with pytest.raises(CommandError):
        call_command("demo_alert", **asked)
    Network.objects.update(simulated=True)

    call_command("demo_alert", **asked, count=3)

    assert [event.seq for event in AlertEvent.objects.all()] == [1, 2, 3]
    assert len(capsys.readouterr().out.split()) == 3
    assert AlertEvent.objects.first().payload["alert"]["level"] == "warning"


def test_expire_ends_what_is_over(capsys: pytest.CaptureFixture[str]):
    alert = publish("caution")
    Alert.objects.filter(pk=alert.pk).update(expires_at=timezone.now())

    call_command("expire")

    assert capsys.readouterr().out.strip() == "1 ended, 0 lapsed"


def test_signals_are_listed_for_staff(capsys: pytest.CaptureFixture[str]):
    import json

    make_vocabulary()
    Network.current()
    receipt = submit(sample_body(lab_body(("fentanyl",))), make_site())
    screening.screen_waiting()

    call_command("signals", "--site", "harbour", "--json")

    rows = {row["rule"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["mis_sold"] == {
        "rule": "mis_sold", "substance": "fentanyl", "area": "us-pa-allegheny",
        "on": timezone.now().date().isoformat(), "rung": "confirmed", "results": [str(receipt.result_ids[0])],
    }  # fmt: skip
    call_command("signals", "--area", "us")
    assert "mis_sold" in capsys.readouterr().out


def test_nothing_is_said_twice_by_two_watchers():
    site = make_ready(caps=False)
    for _ in range(10):
        submit(sample_body(lab_body(("fentanyl",))), site)
    screening.screen_waiting()

    def let_out() -> None:
        lifecycle.publish_due_notices()
        connection.close()

    threads = [threading.Thread(target=let_out) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert list(AlertEvent.objects.values_list("seq", flat=True)) == list(range(1, 11))


def test_a_database_that_is_away_is_told_once_and_so_is_its_return(caplog):
    is_away = [True]

    def step() -> None:
        if is_away[0]:
            raise OperationalError("connection refused")

    for _ in range(50):
        watcher._try(step)
        watcher._try(lambda: None)  # on a full disk what only reads still succeeds
    is_away[0] = False
    watcher._try(step)
    watcher._try(step)

    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
    assert caplog.records[0].exc_info is None


def test_a_step_that_fails_for_another_reason_is_told_each_time(caplog):
    for _ in range(2):
        watcher._try(lambda: 1 / 0)

    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
