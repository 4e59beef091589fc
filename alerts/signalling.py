"""Signals as rows: what was noticed, kept once, for people to judge."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction

from checking import bell, catalogue
from checking.models import Area, Result
from checking.readings import SampleRead, Subject

from .detectors.at_once import Noticed
from .models import Alert, Signal
from .places import history_area

RULES = ("first_detection", "mis_sold", "amount_over_threshold", "overdose_linked", "watch_list")
GROUPED = frozenset({"watch_list"})  # what is seen daily stands in one open signal, not in fifty
GROUPED_DAYS = 14


def leave(
    noticed: Noticed, row: Result, sample: SampleRead, *, on: date, held_back: Sequence[str], area: Area | None = None
) -> Signal:
    """Keep what a rule noticed. Noticing it twice keeps it once."""
    place = area or history_area(row.sample.area)
    expected = ",".join(each.slug for each in sample.expected)[:200]
    if noticed.rule in GROUPED and held_back and (same := _open_one(noticed, place, expected, on)):
        _rest_on(same, row)
        return same
    signal, _ = Signal.objects.get_or_create(
        fingerprint=fingerprint(noticed.rule, noticed.subject, row),
        defaults={
            **subject_ids(noticed.subject),
            "rule": noticed.rule,
            "area": place,
            "site": row.sample.site,
            "expected": expected,
            "on": on,
            "rung": noticed.rung,
            "summary": noticed.summary[:300],
            "counts": {**noticed.counts, "level_hint": noticed.level},
            "false_alarms": noticed.false_alarms[:300],
            "may_speak": not held_back,
            "held_back_by": list(held_back),
        },
    )
    _rest_on(signal, row)
    transaction.on_commit(_ring)
    return signal


def _rest_on(signal: Signal, row: Result) -> None:
    """In one statement; `add` would look first."""
    pair = Signal.results.through(signal=signal, result=row)
    Signal.results.through.objects.bulk_create([pair], ignore_conflicts=True)


def _ring() -> None:
    bell.ring("desk")


def used(signal: Signal, alert: Alert) -> None:
    """An alert was made of it. It stays open until that is out, so that staff see it in its hold."""
    signal.alert = alert
    signal.save(update_fields=["alert"])


def could_not_screen(row: Result, *, on: date) -> Signal:
    """Nobody and nothing has judged this result; a person has to."""
    signal, _ = Signal.objects.get_or_create(
        fingerprint=fingerprint("could_not_screen", None, row),
        defaults={
            "rule": "could_not_screen",
            "area": row.sample.area,
            "site": row.sample.site,
            "on": on,
            "rung": "reported",
            "summary": "The rules could not look at a result. Please read it yourself.",
            "held_back_by": ["could_not_screen"],
        },
    )
    signal.results.add(row)
    return signal


def fingerprint(rule: str, subject: Subject | None, row: Result) -> str:
    return f"{rule}:{subject.slug if subject else '-'}:{row.pk}"[:200]


def subject_ids(subject: Subject | None) -> dict[str, int]:
    if subject is None:
        return {}
    known = catalogue.current()
    if subject.is_class:
        return {"substance_class_id": known.class_ids[subject.slug]}
    return {"substance_id": known.substance_ids[subject.slug]}


def _open_one(noticed: Noticed, area: Area, expected: str, on: date) -> Signal | None:
    return Signal.objects.filter(
        rule=noticed.rule,
        area=area,
        expected=expected,
        rung=noticed.rung,
        on__gt=on - timedelta(days=GROUPED_DAYS),
        state=Signal.State.OPEN,
        **subject_ids(noticed.subject),
    ).first()
