"""New results are looked at once, and what is noticed is kept."""

import contextlib
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from alerts import lifecycle, replay, screening, signalling
from alerts.models import Alert, AlertEvidence, Signal
from alerts.screening import screen_waiting
from checking import submission
from checking.models import ImportRun, KitLot, Method, Network, Result, Sample, Screening
from tests.alerting import check, check_fentanyl_in_cocaine, later, make_ready, publish
from tests.factories import make_areas, make_scope, make_site, make_vocabulary, submit, today
from tests.sending import lab_body, sample_body, strip_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Any:
    make_vocabulary()
    Network.current()
    return make_site()


def rules_of(receipt: Any) -> set[str]:
    found = Signal.objects.filter(results__in=receipt.result_ids)
    return {f"{each.rule} {each.named.slug if each.named else '-'}" for each in found}


def test_a_mis_sold_opioid_leaves_a_signal(site: Any):
    receipt = check_fentanyl_in_cocaine(site)

    assert "mis_sold fentanyl" in rules_of(receipt)
    signal = Signal.objects.get(rule="mis_sold")
    assert (signal.rung, signal.expected, signal.area.slug) == ("confirmed", "cocaine", "us-pa-allegheny")
    assert signal.on == today()


def test_a_lone_strip_leaves_a_presumptive_signal_and_no_notice():
    site = make_ready()

    receipt = check(strip_body("absent"), site=site)

    assert "mis_sold fentanyl_type_opioid" in rules_of(receipt)
    assert {each.rung for each in Signal.objects.all()} == {"presumptive"}
    assert not Alert.objects.exists()


def test_nothing_is_noticed_in_what_was_not_detected(site: Any):
    check(strip_body("clear"), lab_body((), outcome="not_detected"), site=site)

    assert not Signal.objects.exists()
    assert Screening.objects.count() == 2


def test_a_suspect_lot_says_nothing(site: Any):
    method = Method.objects.get(slug="fentanyl-strip")
    KitLot.objects.create(method=method, brand="BTNX", lot="D1", state="suspect")

    check(strip_body("absent", lot={"brand": "BTNX", "lot": "D1"}), site=site)

    assert not Signal.objects.exists()


def test_a_training_site_says_nothing(site: Any):
    site.is_training = True
    site.save()

    check_fentanyl_in_cocaine(site)

    assert not Signal.objects.exists()
    assert Screening.objects.exists()


def test_an_overdose_is_a_signal_for_people(site: Any):
    receipt = check(lab_body(("fentanyl",)), site=site, expected=("fentanyl",), overdose_associated="yes")

    assert "overdose_linked fentanyl" in rules_of(receipt)


def test_first_detection_waits_for_its_burn_in(site: Any):
    network = Network.current()
    network.burn_in_tested = 3
    network.save()
    make_scope(site, "gc-ms", "sedative")
    for _ in range(2):
        check(lab_body(("cocaine",)), site=site)

    too_early = check(lab_body(("xylazine",)), site=site)
    again = check(lab_body(("medetomidine",)), site=site)
    repeated = check(lab_body(("medetomidine",)), site=site)

    assert "first_detection xylazine" not in rules_of(too_early)
    assert "first_detection medetomidine" in rules_of(again)
    assert "first_detection medetomidine" not in rules_of(repeated)


def test_first_detection_comes_by_days_too(site: Any):
    make_scope(site, "gc-ms", "sedative")
    check(lab_body(("cocaine",)), site=site)
    Screening.objects.update(visible_from=timezone.now() - timedelta(days=91))

    assert "first_detection xylazine" in rules_of(check(lab_body(("xylazine",)), site=site))


def test_two_firsts_in_one_batch_make_one_first(site: Any):
    network = Network.current()
    network.burn_in_tested = 0
    network.save()
    for _ in range(2):
        submit(sample_body(lab_body(("xylazine",)), expected=("fentanyl",)), site)

    screen_waiting()

    assert Signal.objects.filter(rule="first_detection", substance__slug="xylazine").count() == 1


def test_first_is_asked_of_the_area(site: Any):
    network = Network.current()
    network.burn_in_tested = 0
    network.save()
    check(lab_body(("xylazine",)), site=site)

    there = check(lab_body(("xylazine",)), site=make_site("beaver", area="us-pa-beaver"))

    assert "first_detection xylazine" in rules_of(there)


def test_screening_again_makes_nothing_new(site: Any):
    check_fentanyl_in_cocaine(site)
    before = Signal.objects.count()
    Screening.objects.all().delete()

    screen_waiting()

    assert Signal.objects.count() == before > 0


def test_what_is_seen_daily_stands_in_one_open_signal(site: Any):
    for _ in range(3):
        check(lab_body(("xylazine",)), site=site, expected=("fentanyl",))

    signal = Signal.objects.get(rule="watch_list")
    assert signal.results.count() == 3


def test_a_result_that_cannot_be_judged_holds_up_nobody(site: Any, monkeypatch: pytest.MonkeyPatch):
    poison = submit(sample_body(lab_body(("fentanyl",))), site)
    sound = submit(sample_body(lab_body(("fentanyl",))), site)
    judge = screening._Batch.judge

    def broken(self: Any, row: Result, **other: Any) -> None:
        if row.pk in poison.result_ids:
            raise RuntimeError("no")
        judge(self, row, **other)

    monkeypatch.setattr(screening._Batch, "judge", broken)

    screen_waiting()

    assert rules_of(poison) == {"could_not_screen -"}
    assert "mis_sold fentanyl" in rules_of(sound)
    assert not Result.objects.waiting().exists()


def test_one_broken_rule_silences_no_other(site: Any, monkeypatch: pytest.MonkeyPatch):
    from alerts.detectors import at_once

    def broken(facts: Any) -> Any:
        raise RuntimeError("no")

    monkeypatch.setattr(at_once, "RULES", (broken, *at_once.RULES))

    assert "mis_sold fentanyl" in rules_of(check_fentanyl_in_cocaine(site))


@pytest.mark.django_db(transaction=True)
def test_two_watchers_side_by_side_lose_nothing_and_double_nothing(site: Any):
    for _ in range(40):
        submit(sample_body(lab_body(("fentanyl",))), site)
    failures: list[BaseException] = []

    def watch() -> None:
        try:
            while screen_waiting(10):
                pass
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    watchers = [threading.Thread(target=watch) for _ in range(3)]
    for each in watchers:
        each.start()
    for each in watchers:
        each.join()

    assert not failures
    assert Screening.objects.count() == 40
    assert Signal.objects.filter(rule="mis_sold").count() == 40


# When evidence changes.


def _alert_resting_on(receipt: Any) -> Alert:
    alert = publish("caution")
    AlertEvidence.objects.create(alert=alert, result_id=receipt.result_ids[0])
    return alert


def test_a_withdrawn_result_shakes_the_alert_that_rests_on_it(site: Any):
    from alerts import evidence_changes

    receipt = check_fentanyl_in_cocaine(site)
    alert = _alert_resting_on(receipt)
    submission.withdraw_result(Result.objects.get(pk=receipt.result_ids[0]), reason="mix-up")

    assert evidence_changes.shake() == 1
    assert evidence_changes.shake() == 0

    assert alert.evidence.get().shaken_at is not None
    assert Signal.objects.get(rule="evidence_changed").alert == alert
    proposal = alert.contents.get(version=2)
    assert "taken back" in proposal.body["blocks"]["en"]["found"][0]
    assert proposal.body["evidence"]["rung"] == "reported"
    assert alert.events.count() == 1  # people say it, not the rule


def test_a_corrected_result_shakes_it_too(site: Any):
    receipt = check_fentanyl_in_cocaine(site)
    alert = _alert_resting_on(receipt)
    old = Result.objects.get(pk=receipt.result_ids[0])
    Result.objects.create(
        sample=old.sample, site=old.site, lab=old.lab, method=old.method, outcome="not_detected", corrects=old,
        correction_reason="re-read", chosen_because="all", recorded_at=timezone.now(), client_hash=b"1" * 32,
        body_hash=b"2" * 32,
    )  # fmt: skip

    screen_waiting()

    assert alert.evidence.get().shaken_at is not None
    assert Signal.objects.filter(rule="evidence_changed").count() == 1


def test_a_lab_that_confirms_a_strip_is_told_to_people(site: Any):
    receipt = check(strip_body("absent"), site=site)
    alert = publish("notice")
    content = alert.contents.get()
    content.body["evidence"]["rung"] = "presumptive"
    AlertEvidence.objects.create(alert=alert, result_id=receipt.result_ids[0])
    _presume(alert)
    sample = Sample.objects.get(pk=receipt.sample_id)
    _add(sample, lab_body(("fentanyl",)), site)

    screen_waiting()

    assert Signal.objects.get(rule="evidence_changed").summary.startswith("A lab has confirmed")


def _presume(alert: Alert) -> None:
    """The alert as it would have been written of a strip alone."""
    from alerts import lifecycle
    from tests.alerting import body_of, make_reviewers

    lifecycle.edit(alert, by=make_reviewers()[0], level="notice", body=body_of(rung="presumptive"))


def _add(sample: Sample, body: dict[str, Any], site: Any) -> None:
    import json

    from checking import bodies
    from checking.decoding import decode

    result = decode(json.dumps(body).encode(), bodies.NewResult)
    submission.add_results(sample, [result], submission.Source(site=site))


# History.


def _replay_run(site: Any, rows: list[tuple[str, date]], *, burn_in: int | None = 0) -> ImportRun:
    run = ImportRun.objects.create(site=site, file_format="generic", is_replay=True, burn_in=burn_in)
    for name, day in rows:
        body = sample_body(lab_body((name,), completed_on=day.isoformat(), performed_on=day.isoformat()),
                           expected=("heroin",), collected_on=day.isoformat())  # fmt: skip
        receipt = submit(body, site)
        Sample.objects.filter(pk=receipt.sample_id).update(import_run=run, entry="import")
        Result.objects.filter(pk__in=receipt.result_ids).update(entry="import")
    run.ready_at = timezone.now()
    run.save()
    return run


def test_history_is_judged_by_the_day_it_was_complete(site: Any):
    days = [date(2024, 3, 1), date(2024, 3, 8), date(2024, 2, 1)]
    run = _replay_run(site, [("medetomidine", days[0]), ("medetomidine", days[1]), ("xylazine", days[2])])

    assert replay.screen_replay(run)

    firsts = {each.named.slug: each.on for each in Signal.objects.filter(rule="first_detection")}
    assert firsts["medetomidine"] == days[0]
    assert firsts["xylazine"] == days[2]
    assert Screening.objects.order_by("visible_from").first().visible_from.date() == days[2]


def test_history_waits_for_its_own_turn_and_has_one(site: Any):
    run = _replay_run(site, [("xylazine", date(2024, 2, 1))])

    assert screen_waiting() == 0
    assert replay.screen_waiting_replays() == 1
    assert replay.screen_waiting_replays() == 0
    assert not replay.screen_replay(run)


def test_history_with_a_burn_in_counts_what_was_tested_before(site: Any):
    make_scope(site, "gc-ms", "sedative")
    rows = [("cocaine", date(2024, 1, day)) for day in range(1, 6)] + [("xylazine", date(2024, 1, 6))]

    replay.screen_replay(_replay_run(site, rows, burn_in=5))
    replay.screen_replay(_replay_run(site, [("medetomidine", date(2024, 1, 3))], burn_in=5))

    firsts = [each.named.slug for each in Signal.objects.filter(rule="first_detection")]
    assert firsts == ["xylazine"]


def test_history_never_speaks():
    site = make_ready()

    replay.screen_replay(_replay_run(site, [("fentanyl", today())]))

    assert Signal.objects.filter(rule="mis_sold").exists()
    assert not Alert.objects.exists()
    assert not Signal.objects.filter(may_speak=True).exists()


def test_what_is_added_to_history_later_is_looked_at(site: Any):
    run = _replay_run(site, [("xylazine", date(2024, 2, 1))])
    replay.screen_replay(run)

    _add(Sample.objects.get(), lab_body(("fentanyl",), method="lc-ms"), site)

    assert screen_waiting() == 1


def test_virginia_saw_medetomidine_first_on_the_day_its_first_result_was_complete(shared: Path, site: Any):
    make_areas()
    virginia = make_site("roanoke", area="us-va-roanoke")
    folder = shared / "data" / "real" / "unc_mit"

    with contextlib.suppress(SystemExit):  # it ends with a number when some rows did not go in
        call_command(
            "import_results", str(folder / "rv_va_samples.csv"), str(folder / "rv_va_lab_detail.csv"),
            "--format", "unc", "--site", virginia.slug, "--replay", "--burn-in", "0",
        )  # fmt: skip

    first = Signal.objects.filter(rule="first_detection", substance__slug="medetomidine").get()
    assert first.on == _first_complete(folder / "rv_va_lab_detail.csv", "medetomidine")


def _first_complete(file: Path, substance: str) -> date:
    import csv
    from datetime import UTC, datetime

    with file.open() as rows:
        days = [row["date_complete"] for row in csv.DictReader(rows) if row["substance"] == substance]
    return min(datetime.strptime(day, "%d%b%Y").replace(tzinfo=UTC).date() for day in days)


def test_the_rules_have_the_names_the_contract_gives_them():
    from alerts.detectors import at_once

    assert set(signalling.RULES) == {rule.__name__ for rule in at_once.RULES}


def test_a_failing_database_is_no_reason_to_give_up_a_result(monkeypatch: pytest.MonkeyPatch):
    """A full disk, a restart: the result is looked at again, and told."""
    site = make_ready(hold=1)
    submit(sample_body(lab_body(("fentanyl",)), expected=("cocaine",)), site)
    with monkeypatch.context() as failing:
        failing.setattr(screening._Batch, "judge", raises(OperationalError("No space left on device")))
        with pytest.raises(OperationalError):
            screen_waiting()
    assert not Screening.objects.exists()
    assert not Signal.objects.exists()

    screen_waiting()

    assert Alert.objects.filter(state=Alert.State.PROPOSED).exists()


def test_a_result_the_database_fails_at_each_time_holds_up_no_other(monkeypatch: pytest.MonkeyPatch):
    site = make_ready()
    receipt = submit(sample_body(lab_body(("fentanyl",)), expected=("cocaine",)), site)
    monkeypatch.setattr(screening, "MOST_TRIES", 3)
    monkeypatch.setattr(screening._Batch, "judge", raises(OperationalError("too many variables")))

    for _ in range(2):
        with pytest.raises(OperationalError):
            screen_waiting()
    screen_waiting()

    assert Screening.objects.count() == 1
    assert set(Signal.objects.values_list("rule", flat=True)) == {"could_not_screen"}
    assert receipt is not None


def test_a_notice_is_not_put_off_because_the_database_failed(monkeypatch: pytest.MonkeyPatch):
    site = make_ready(hold=1)
    check_fentanyl_in_cocaine(site)
    due = Alert.objects.get(state=Alert.State.PROPOSED).hold_until
    with monkeypatch.context() as failing:
        failing.setattr(lifecycle, "what_holds_back", raises(OperationalError("No space left on device")))
        with pytest.raises(OperationalError):
            lifecycle.publish_due_notices(later(minutes=2))
    assert Alert.objects.get(state=Alert.State.PROPOSED).hold_until == due

    assert lifecycle.publish_due_notices(later(minutes=2)) == 1


def raises(error: Exception) -> Any:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail
