"""Figures of the live data by day of collection, and how much of the newest days is in."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Count, QuerySet

from .collection_days import said, start_of
from .denominators import Scopes, is_detected, is_tested, looking, names
from .estimates import Counted
from .live_questions import LiveQuestion
from .live_rows import chosen, read
from .models.samples import Entry, Sample
from .reach import Reach
from .readings import ResultRead, SampleRead
from .reporting_delay import (
    COMPLETE,
    HISTORY,
    LONGEST_DAYS,
    InByAge,
    Nowcast,
    Report,
    completeness,
    in_by_age,
    nowcast,
)
from .scope_rows import load_scopes

MOST_SAMPLES = 20_000  # read for one figure: about five seconds
_RECENTLY = timedelta(days=14)  # what is said of the newest days


class TooMany(Exception):
    """More samples than one figure may read."""


@dataclass(frozen=True)
class Period(Counted):
    """One period of collection."""

    start: date
    label: str
    tested: int
    detected: int
    is_in: float | None  # share of its results that are in by now; None: not known
    nowcast: Nowcast | None = None  # None: complete, or too little in to say

    @property
    def is_complete(self) -> bool:
        return self.is_in is not None and self.is_in >= COMPLETE


@dataclass(frozen=True)
class Recently:
    """Of the samples collected in the last days, how many have a result of this kind so far."""

    days: int
    collected: int
    tested: int
    usual_share: float | None  # of those collected before, 0 to 1; None: there were none


@dataclass(frozen=True)
class LiveFigure:
    """A figure with all that has to stand beside it. Periods in which nothing was tested are left out."""

    question: LiveQuestion
    periods: tuple[Period, ...]
    also_seen: int  # detections outside the denominators: results run because something had shown up
    without_day: int  # samples that would belong here, with no day of collection
    recently: Recently | None  # None: the last days are not part of it
    delays_known: bool  # False: too few results to say how long they take, or too many to read them all


@dataclass
class _Counted:
    tested: int = 0
    detected: int = 0


@dataclass
class _Tally:
    """What one pass over the samples finds."""

    periods: dict[date, _Counted]
    reports: list[Report]
    tested_on: dict[date, int]
    also_seen: int = 0


def figure(question: LiveQuestion, reach: Reach, today: date) -> LiveFigure:
    """Counted now, from the rows. Raises TooMany. The numbers are those of `denominators`, as in every figure."""
    is_recent = question.last >= today - timedelta(days=LONGEST_DAYS)
    since = min(question.first, today - HISTORY) if is_recent else question.first
    has_history = is_recent and not _are_too_many(question, reach, since)
    if not has_history:
        since = question.first
    tally = _counted(question, _samples(question, reach, since), today)
    collected = _collected(question, reach, since)
    delays = _delays(tally.reports, today) if has_history else None
    return LiveFigure(
        question=question,
        periods=tuple(_periods(question, tally, collected, delays, today)),
        also_seen=tally.also_seen,
        without_day=_rows(question, reach, None, family=question.family).count(),
        recently=_recently(question, tally.tested_on, collected, today),
        delays_known=delays is not None or not is_recent,
    )


def _rows(question: LiveQuestion, reach: Reach, first: date | None, *, family: str = "") -> "QuerySet[Sample]":
    """Samples from a day on, up to the last asked for. No day: those without a day of collection."""
    return chosen(
        reach,
        first=first,
        last=question.last,
        area=question.area,
        site=question.site,
        expected=question.expected,
        family=family,
        material=question.material,
        form=question.form,
    )


def _samples(question: LiveQuestion, reach: Reach, since: date) -> Iterator[SampleRead]:
    """With a result of the family. Raises TooMany before the first is read."""
    if _are_too_many(question, reach, since):
        raise TooMany
    for sample in read(_rows(question, reach, since, family=question.family)):
        yield by_method(sample, question)


def _are_too_many(question: LiveQuestion, reach: Reach, since: date) -> bool:
    return _rows(question, reach, since, family=question.family)[: MOST_SAMPLES + 1].count() > MOST_SAMPLES


def by_method(sample: SampleRead, question: LiveQuestion) -> SampleRead:
    """The sample with the results of the method asked for alone, where one is."""
    if question.method is None:
        return sample
    kept = tuple(result for result in sample.results if result.method.slug == question.method.slug)
    return replace(sample, results=kept)


def _counted(question: LiveQuestion, samples: Iterable[SampleRead], today: date) -> _Tally:
    scopes = load_scopes()
    tally = _Tally(defaultdict(_Counted), [], defaultdict(int))
    for sample in samples:
        day = sample.collected_on
        assert day is not None  # chosen by it
        is_asked_for = question.first <= day <= question.last
        if not is_tested(sample, question.subject, question.family, scopes):
            tally.also_seen += is_asked_for and _is_seen(sample, question)
            continue
        results, is_found = told(sample, question, scopes)
        tally.tested_on[day] += 1
        if (known := min((on for each in results if (on := known_on(each, today))), default=None)) is not None:
            tally.reports.append(Report(day, known, is_found))
        if is_asked_for:
            period = tally.periods[start_of(day, question.grain)]
            period.tested += 1
            period.detected += is_found
    return tally


def told(sample: SampleRead, question: LiveQuestion, scopes: Scopes) -> tuple[list[ResultRead], bool]:
    """The results that put a sample into the denominator, and whether one of them detected the subject."""
    results = list(looking(sample, question.subject, question.family, scopes))
    return results, any(names(finding, question.subject) for each in results for finding in each.detected)


def _is_seen(sample: SampleRead, question: LiveQuestion) -> bool:
    """Found, in a sample that is not in the denominator."""
    return is_detected(sample, question.subject, question.family)


def known_on(result: ResultRead, today: date) -> date | None:
    """The day a result was known here. None where history does not say when it was complete.

    What was imported, or sent in bulk long after, came when it was complete and not when it was entered.
    """
    complete = result.completed_on or result.performed_on
    seen = result.visible_from.date() if result.visible_from else today
    if result.entry == Entry.IMPORT:
        return complete
    is_old = complete is not None and complete < seen - timedelta(days=28)
    return complete if result.entry == Entry.BULK and is_old else seen


def _collected(question: LiveQuestion, reach: Reach, since: date) -> Mapping[date, int]:
    """Samples by day of collection, whether they have a result or not."""
    rows = _rows(question, reach, since)
    return dict(rows.order_by().values_list("collected_on").annotate(Count("pk")))


@dataclass(frozen=True)
class _Delays:
    all: InByAge
    of_detected: InByAge
    of_others: InByAge


def _delays(reports: list[Report], today: date) -> _Delays | None:
    """How long results took. Where too few found something or nothing to tell them apart, both took as long."""
    every = in_by_age(reports, today)
    if every is None:
        return None
    detected = in_by_age((each for each in reports if each.is_detected), today)
    others = in_by_age((each for each in reports if not each.is_detected), today)
    if detected is None or others is None:
        return _Delays(every, every, every)
    return _Delays(every, detected, others)


def _periods(
    question: LiveQuestion, tally: _Tally, collected: Mapping[date, int], delays: _Delays | None, today: date
) -> Iterator[Period]:
    by_period: dict[date, dict[date, int]] = defaultdict(dict)
    for day, many in collected.items():
        if question.first <= day <= question.last:
            by_period[start_of(day, question.grain)][day] = many
    for start in sorted(tally.periods):
        counted, days = tally.periods[start], by_period[start]
        if max(days, default=start) < today - timedelta(days=LONGEST_DAYS):
            is_in: float | None = 1.0
        else:
            is_in = completeness(days, delays.all, today) if delays else None
        found = Period(start, said(start, question.grain), counted.tested, counted.detected, is_in)
        if delays is not None and _may_be_expected(found, question):
            in_detected = completeness(days, delays.of_detected, today)
            in_others = completeness(days, delays.of_others, today)
            found = replace(found, nowcast=nowcast(counted.detected, counted.tested, in_detected, in_others))
        yield found


def _may_be_expected(period: Period, question: LiveQuestion) -> bool:
    """A share is expected only where one may be said: never of strips, and of twenty or more (docs/rules.md E1)."""
    return not period.is_complete and question.family != "strip" and period.share is not None


def _recently(
    question: LiveQuestion, tested_on: Mapping[date, int], collected: Mapping[date, int], today: date
) -> Recently | None:
    since = today - _RECENTLY
    if question.last < since:
        return None
    recent = [day for day in collected if since < day]
    settled = [day for day in collected if today - HISTORY <= day < today - timedelta(days=LONGEST_DAYS)]
    before = sum(collected[day] for day in settled)
    tested_before = sum(tested_on.get(day, 0) for day in settled)
    return Recently(
        days=_RECENTLY.days,
        collected=sum(collected[day] for day in recent),
        tested=sum(tested_on.get(day, 0) for day in recent),
        usual_share=tested_before / before if before else None,
    )
