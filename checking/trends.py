"""The questions everyone may ask of what was released, and the answers. Reads released rows only."""

import difflib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from . import area_tree, catalogue, published
from .estimates import Counted
from .models import Release, ReleasedExpected, ReleasedShare
from .periods import BadPeriod, Interval, Span, belongs_to, monday, month_of, quarter_of, read, written
from .readings import Subject
from .replaced import Replaced, replaced
from .turns import Change, What, changes_of

FAMILIES = ("lab", "spectroscopy", "strip")  # reagents make no denominator
MATERIALS = ("product", "residue")
SERIES = ("latest", "final")
INTERVALS = tuple(interval.value for interval in Interval)
PARAMETERS = ("area", "substance", "family", "material", "series", "from", "to", "interval", "expected")


class BadQuestion(ValueError):
    """A question that cannot be answered as asked: what is wrong with which field."""

    def __init__(self, name: str, message: str, suggestions: Sequence[str] = (), *, is_unknown: bool = False) -> None:
        super().__init__(message)
        self.name = name
        self.suggestions = tuple(suggestions)
        self.is_unknown = is_unknown  # a name we do not know, or that can mean several things


@dataclass(frozen=True)
class Question:
    """One figure. What it is asked of never mixes families, materials or series: they do not compare."""

    area: str
    subject: Subject
    family: str = "lab"
    material: str = "product"
    series: str = "latest"
    interval: Interval = Interval.WEEK
    first: Span | None = None  # None: from the first release on
    last: Span | None = None  # None: up to the last
    expected: Subject | None = None  # a class; None: whatever was expected

    def holds(self, start: date) -> bool:
        """True when a period, given by its first day, is asked for."""
        if self.interval is Interval.WEEK:
            after = self.first is None or start >= self.first.first_week()
            return after and (self.last is None or start <= self.last.last_week())
        of = month_of if self.interval is Interval.MONTH else quarter_of
        after = self.first is None or start >= self.first.bound(of)
        return after and (self.last is None or start <= self.last.bound(of, is_last=True))


@dataclass(frozen=True)
class Point(Counted):
    """One period."""

    start: date
    tested: int
    detected: int


@dataclass(frozen=True)
class Answer:
    """A figure with all that has to stand beside it."""

    question: Question
    release: int  # 0: nothing was released yet
    made_on: date | None
    points: tuple[Point, ...]
    counted_since: date | None = None  # the period counting of it began in, where others were counted before
    corrected: tuple[Replaced, ...] = ()  # periods with a newer version of an older release, of those shown
    changes: tuple[Change, ...] = ()  # of what was looked for and of the strips, between the periods shown

    def period(self, point: Point) -> str:
        return self.written(point.start)

    def written(self, start: date) -> str:
        return written(start, self.question.interval)


def turns(answer: Answer) -> list[Change]:
    """Where before and after do not compare, in time: when counting began, and what changed since."""
    if answer.counted_since is None:
        return list(answer.changes)
    began = Change(answer.counted_since, What.COUNTED)
    others = [each for each in answer.changes if each.period > began.period or not each.what.is_of_scope]
    return sorted([began, *others], key=lambda change: change.period)


def note() -> str:
    """What stands beside every figure (docs/rules.md E)."""
    return _(
        "These are samples people chose to have checked here. They are not a random draw of the supply, of doses, "
        "or of people. The band shows chance only: not who came, not batches brought twice, not errors of the method."
    )


def promise() -> str:
    """What the figures are for (docs/rules.md D)."""
    return _(
        "For health only. Not evidence, not for enforcement. We do not give police, or health staff embedded with "
        "police, anything that is not on this page."
    )


# Asking


def ask(parameters: Mapping[str, str]) -> Question:
    """The question that written parameters ask. Raises BadQuestion naming the first that is wrong."""
    for name in parameters:
        if name not in PARAMETERS:
            raise BadQuestion(
                name, _("There is no such parameter; there are %(names)s.") % {"names": ", ".join(PARAMETERS)}
            )
    area, subject = find_area(parameters), find_subject("substance", parameters)
    series = _one_of("series", SERIES, parameters)
    usual = "month" if series == "final" else "week"
    interval = Interval(_one_of("interval", INTERVALS, {"interval": usual, **_given(parameters)}))
    if series == "final" and interval is Interval.WEEK:
        raise BadQuestion("interval", _("The final series is by month of collection: month or quarter."))
    question = Question(
        area=area,
        subject=subject,
        family=_one_of("family", FAMILIES, parameters),
        material=_one_of("material", MATERIALS, parameters),
        series=series,
        interval=interval,
        first=_span("from", parameters),
        last=_span("to", parameters),
        expected=find_subject("expected", parameters) if parameters.get("expected") else None,
    )
    _check(question)
    return question


def _check(question: Question) -> None:
    if question.first and question.last and question.first.first > question.last.last:
        raise BadQuestion("to", _("This ends before it begins."))
    if question.expected is None:
        return
    if not question.expected.is_class:
        raise BadQuestion("expected", _("What was expected is published by class only."), question.expected.classes[:1])
    if question.interval is not Interval.QUARTER:
        raise BadQuestion("interval", _("What was expected is published by quarter only: interval=quarter."))
    if question.series != "latest":
        raise BadQuestion("series", _("What was expected is published by quarter of release: series=latest."))
    if question.material != "product":
        raise BadQuestion("material", _("What was expected is published for products only."))


def find_area(parameters: Mapping[str, str]) -> str:
    slug = parameters.get("area", "")
    if not slug:
        raise BadQuestion("area", _("Say which area."))
    tree = area_tree.current(holding=[slug])
    if slug not in tree:
        raise BadQuestion("area", _("No area is called this."), _near_areas(slug, tree.names), is_unknown=True)
    return slug


def _near_areas(written: str, names: Mapping[str, str]) -> list[str]:
    by_name = {name.casefold(): slug for slug, name in names.items()}
    close = difflib.get_close_matches(written.casefold(), [*names, *by_name], n=5)
    return list(dict.fromkeys(by_name.get(each, each) for each in close))


def find_subject(name: str, parameters: Mapping[str, str]) -> Subject:
    """A substance or class by its slug or any accepted name."""
    asked = parameters.get(name, "")
    if not asked:
        raise BadQuestion(name, _("Say which substance or class."))
    known = catalogue.current()
    match = known.find(asked)
    if match.kind in {"one", "class"}:
        return match.subjects[0]
    if match.subjects:
        slugs = [subject.slug for subject in match.subjects]
        raise BadQuestion(name, _("This can mean several things."), slugs, is_unknown=True)
    raise BadQuestion(name, _("No substance is called this."), known.nearest(asked), is_unknown=True)


def _given(parameters: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if value}


def _one_of(name: str, choices: Sequence[str], parameters: Mapping[str, str]) -> str:
    value = parameters.get(name) or choices[0]
    if value not in choices:
        raise BadQuestion(name, _("One of %(names)s.") % {"names": ", ".join(choices)})
    return value


def _span(name: str, parameters: Mapping[str, str]) -> Span | None:
    if not parameters.get(name):
        return None
    try:
        return read(parameters[name])
    except BadPeriod as error:
        raise BadQuestion(name, f"{error}.") from error


# Answering


def last_release() -> Release | None:
    return Release.objects.using("public").order_by("-number").first()


def answer(question: Question) -> Answer:
    """What was released, as it holds now. Costs by the cells it reads, however many samples are behind them.

    Kept until the next release, which alone can change it.
    """
    release = last_release()
    if release is None:
        return Answer(question, 0, None, ())
    return _answer(question, release.number, release.made_on, tuple(_within(question.area, release.number)))


@lru_cache(maxsize=256)  # of up to 50 kB each
def _answer(question: Question, release: int, made_on: date, areas: tuple[str, ...]) -> Answer:
    cells = cells_of(question, areas)
    sums: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    for start, tested, detected in cells.values_list("period_start").annotate(Sum("tested"), Sum("detected")):
        period = period_of(start, question)
        if question.holds(period):
            sums[period][0] += tested
            sums[period][1] += detected
    points = tuple(Point(start, *sums[start]) for start in sorted(sums) if sums[start][0])
    series = "expected" if question.expected is not None else question.series
    newer = replaced(cells, series, lambda start: period_of(start, question))
    return Answer(
        question=question,
        release=release,
        made_on=made_on,
        points=points,
        counted_since=_counted_since(question, areas, release),
        corrected=tuple(each for each in newer if question.holds(each.period)),
        changes=_changes(question, areas, points),
    )


def all_changes(question: Question) -> list[Change]:
    """What changed around a figure, whether its periods show it or not; also when counting of it began."""
    release = last_release()
    areas = published_within(question.area)
    found = changes_of(question.subject, question.family, areas, lambda week: belongs_to(week, question.interval))
    began = _counted_since(question, areas, release.number) if release else None
    return found if began is None else [Change(began, What.COUNTED), *found]


def _changes(question: Question, areas: Sequence[str], points: Sequence[Point]) -> tuple[Change, ...]:
    if not points:
        return ()
    found = changes_of(question.subject, question.family, areas, lambda week: belongs_to(week, question.interval))
    return tuple(each for each in found if points[0].start < each.period <= points[-1].start)


def published_within(area: str) -> list[str]:
    """Areas within this one that have figures. They never overlap, so their sum counts nothing twice."""
    release = last_release()
    return _within(area, release.number) if release else []


def _within(area: str, release: int) -> list[str]:
    there = published.published(release).areas
    return [slug for slug in area_tree.current().within(area) if slug in there]


def cells_of(question: Question, areas: Sequence[str]) -> QuerySet[Any]:
    where: dict[str, Any] = {
        "area__in": areas,
        "subject": question.subject.slug,
        "family": question.family,
        "superseded_in__isnull": True,
    }
    if question.expected is not None:
        return ReleasedExpected.objects.using("public").filter(expected=question.expected.slug, **where)
    return ReleasedShare.objects.using("public").filter(series=question.series, material=question.material, **where)


def period_of(start: date, question: Question) -> date:
    if question.expected is not None:
        return start
    if question.series == "latest":
        return belongs_to(start, question.interval)
    return start if question.interval is Interval.MONTH else quarter_of(start)


def _counted_since(question: Question, areas: Sequence[str], release: int) -> date | None:
    """The period in which counting of this subject began, where other subjects were counted before it.

    A line for it is drawn: before, it was not "not detected" but not looked for (docs/rules.md A4).
    """
    if question.expected is not None:
        return None
    kind = (question.series, question.family, question.material)
    shares = ReleasedShare.objects.filter(
        series=question.series, subject=question.subject.slug, family=question.family, material=question.material
    )
    began = published.began(shares, areas)
    first = published.published(release).first
    others = min((first[area, *kind] for area in areas if (area, *kind) in first), default=None)
    if began is None or began == others:
        return None
    return period_of(began, question)


def forget() -> None:
    """Look through the figures anew next time."""
    published.forget()
    _answer.cache_clear()
    _found_lately.cache_clear()


# What was seen lately


@dataclass(frozen=True)
class Seen:
    """A substance or class found lately."""

    subject: Subject
    tested: int
    detected: int


def seen_lately(area: str, *, weeks: int = 4) -> list[Seen]:
    """What labs found in products in the last weeks of release, watched ones first, then by how often."""
    release = last_release()
    if release is None:
        return []
    since = date.fromordinal(monday(release.made_on).toordinal() - 7 * (weeks - 1))
    known = catalogue.current()
    areas = tuple(_within(area, release.number))
    found = [
        Seen(known.subjects[slug], tested, detected)
        for slug, tested, detected in _found_lately(areas, since, release.number)
        if slug in known.subjects
    ]
    return sorted(found, key=lambda seen: (not known.is_watch_listed(seen.subject), -seen.detected, seen.subject.name))


@lru_cache(maxsize=256)
def _found_lately(areas: tuple[str, ...], since: date, release: int) -> tuple[tuple[str, int, int], ...]:
    """Slug, tested and detected of what was found. `release`: what it holds until."""
    rows = ReleasedShare.objects.using("public").filter(
        area__in=areas,
        series="latest",
        family="lab",
        material="product",
        period_start__gte=since,
        superseded_in__isnull=True,
    )
    sums = rows.values_list("subject").annotate(Sum("tested"), Sum("detected"))
    return tuple((slug, tested, detected) for slug, tested, detected in sums if detected)


def areas_with_figures() -> list[str]:
    """Slugs of areas that can be asked for, in tree order: those published and all above them."""
    tree, release = area_tree.current(), last_release()
    there = published.published(release.number).areas if release else frozenset()
    wanted = {above for slug in there for above in tree.above(slug)}
    return [slug for slug in tree.paths if slug in wanted]
