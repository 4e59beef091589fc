"""What became of what rules said by themselves: borne out by a lab, not, or never looked at by one."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count

from checking.evidence import says, weigh
from checking.reading_rows import read_samples

from .lifecycle import latest
from .models import Alert, NoticeOutcome
from .resting import subjects_of

LOOKS_BACK = timedelta(days=365)
Outcome = NoticeOutcome.Outcome


@dataclass(frozen=True)
class Record:
    """Counts of notices. `notices` is the sum of the other three."""

    notices: int
    confirmed: int
    not_confirmed: int
    never_tested: int


def count_outcomes(today: date) -> int:
    """Look again at each rule's notice of the last year. Gives how many there were."""
    spoken = Alert.objects.filter(published_at__gte=_since(today), is_drill=False).exclude(rule="")
    for alert in spoken.iterator():
        NoticeOutcome.objects.update_or_create(
            alert=alert, defaults={"outcome": outcome_of(alert), "counted_on": today}
        )
    return spoken.count()


def outcome_of(alert: Alert) -> str:
    """Confirmed where a method that names one compound exactly stands behind it today."""
    standing = alert.evidence.filter(shaken_at__isnull=True).values_list("result__sample_id", flat=True)
    samples = read_samples(set(standing))
    if alert.state == Alert.State.WITHDRAWN or not samples:
        return Outcome.NOT_CONFIRMED
    subjects = subjects_of(latest(alert).body)
    if any(weigh(sample, subject).rung == "confirmed" for sample in samples for subject in subjects):
        return Outcome.CONFIRMED
    labs = [result for sample in samples for result in sample.results if result.method.family == "lab"]
    if any(says(result, subject) is False for result in labs for subject in subjects):
        return Outcome.NOT_CONFIRMED
    return Outcome.NEVER_TESTED


def record(today: date) -> dict[str, Record]:
    """By rule, of the last year; under the empty name that of all of them together. Empty where none has spoken."""
    counted = (
        NoticeOutcome.objects.filter(alert__published_at__gte=_since(today))
        .order_by("alert__rule")
        .values_list("alert__rule", "outcome")
        .annotate(number=Count("pk"))
    )
    by_rule: dict[str, Counter[str]] = {}
    for rule, outcome, number in counted:
        for name in ("", rule):
            by_rule.setdefault(name, Counter())[outcome] += number
    return {rule: _record(counts) for rule, counts in by_rule.items()}


def _record(counts: "Counter[str]") -> Record:
    return Record(
        counts.total(), counts[Outcome.CONFIRMED], counts[Outcome.NOT_CONFIRMED], counts[Outcome.NEVER_TESTED]
    )


def _since(today: date) -> datetime:
    return datetime.combine(today - LOOKS_BACK, time.min, tzinfo=UTC)
