"""What is kept of a sample grows vague, and some of it goes, once nobody is helped by it any more.

Days and times become their week after a year; what stands of a code goes 90 days after the last result, and whether
an overdose was reported after two years. Once a day; done twice it is done once.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import DateTimeField, Exists, Model, OuterRef
from django.db.models.functions import TruncDate

from .codes import KEPT_FOR as CODES_KEPT_FOR
from .collection_days import EXACT_FOR, day_after_vague, vague_day
from .models import Attachment, OverdoseReport, Result, Sample, Screening, SecondReading, WorklistDismissal

# Two years. Longer than anything may enter a figure or change one: what was kept out for it stays out.
OVERDOSES_KEPT_FOR = timedelta(days=730)

# Every column that says, or nearly says, on which day somebody came.
GROWS_VAGUE: tuple[tuple[type[Model], str], ...] = (
    (Sample, "collected_on"), (Sample, "recorded_at"),
    (Result, "performed_on"), (Result, "completed_on"), (Result, "recorded_at"),
    (Screening, "visible_from"), (SecondReading, "recorded_at"), (Attachment, "recorded_at"),
    (WorklistDismissal, "recorded_at"),
)  # fmt: skip


def let_days_grow_vague(today: date) -> int:
    """Days that were a year ago become the first day of their week and month, times its beginning. Gives how many."""
    return sum(_let_grow_vague(model, name, today - EXACT_FOR) for model, name in GROWS_VAGUE)


def forget_codes(today: date) -> int:
    """What stands of codes that open nothing any more goes. Gives how many."""
    before = _begin(today) - CODES_KEPT_FOR
    newer = Result.objects.filter(sample=OuterRef("pk"), recorded_at__gte=before)
    over = Sample.objects.filter(code_hash__isnull=False, recorded_at__lt=before).exclude(Exists(newer))
    return over.update(code_hash=None)


def forget_overdoses(today: date) -> int:
    """Whether an overdose was reported with a sample goes. Gives of how many."""
    before = _begin(today) - OVERDOSES_KEPT_FOR
    return OverdoseReport.objects.filter(sample__recorded_at__lt=before).delete()[0]


def _let_grow_vague(model: type[Model], name: str, exact_from: date) -> int:
    is_time = isinstance(model._meta.get_field(name), DateTimeField)
    changed = 0
    for first, after in _exact_pieces(model, name, exact_from, is_time=is_time):
        start, end = (_begin(first), _begin(after)) if is_time else (first, after)
        rows = model._default_manager.filter(**{f"{name}__gt": start, f"{name}__lt": end})
        changed += rows.update(**{name: start})
    return changed


def _exact_pieces(model: type[Model], name: str, exact_from: date, *, is_time: bool) -> Iterator[tuple[date, date]]:
    """Parts of weeks, as first day and the day after the last, of which something exact is still stored."""
    rows = model._default_manager.filter(**{f"{name}__lt": _begin(exact_from) if is_time else exact_from}).order_by()
    day = TruncDate(name, tzinfo=UTC) if is_time else name
    days = set(rows.values_list(day, flat=True).distinct())
    exact = {each for each in days if each != vague_day(each)}
    if is_time:
        exact |= set(rows.filter(**{f"{name}__time__gt": time.min}).values_list(day, flat=True).distinct())
    for first in sorted({vague_day(each) for each in exact}):
        yield first, min(day_after_vague(first), exact_from)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
