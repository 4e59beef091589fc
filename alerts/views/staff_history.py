"""What was said of a sample before: results corrected or taken back, each with what came after, and why."""

from dataclasses import dataclass
from datetime import datetime

from checking.models import Result, Sample
from checking.reading_rows import read_result

from .staff_words import method_name, reason_words, short_line


@dataclass(frozen=True)
class Change:
    """A result that no longer stands."""

    method: str
    before: str
    after: str  # empty: taken back, nothing stands in its place
    because: str
    at: datetime
    by: str  # empty: a program, or nobody we know any more


def changes_of(sample: Sample, language: str) -> list[Change]:
    """Corrections and withdrawals of this sample's results, the newest first."""
    rows = (
        Result.objects.filter(sample=sample)
        .select_related(
            "method", "lab", "lot", "withdrawal__entered_by", "corrected_by__entered_by", "corrected_by__lab"
        )
        .select_related("corrected_by__method", "corrected_by__lot")
        .select_related("screening", "corrected_by__screening")
        .prefetch_related("findings", "corrected_by__findings")
    )
    found = [change for row in rows if (change := _change(row, language))]
    return sorted(found, key=lambda change: change.at, reverse=True)


def _change(row: Result, language: str) -> Change | None:
    read = read_result(row)
    method, before = method_name(read.method, language), short_line(read, language)
    if newer := getattr(row, "corrected_by", None):
        after = short_line(read_result(newer), language)
        if newer.method_id != row.method_id:
            after = f"{method_name(read_result(newer).method, language)}: {after}"
        by = str(newer.entered_by or "")
        return Change(method, before, after, reason_words(newer.correction_reason), newer.recorded_at, by)
    if taken_back := getattr(row, "withdrawal", None):
        by = str(taken_back.entered_by or "")
        return Change(method, before, "", reason_words(taken_back.reason), taken_back.recorded_at, by)
    return None
