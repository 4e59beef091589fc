"""Two figures side by side, where that is sound; where it is not, it is refused and said why (docs/rules.md E).

What differs in how it was counted differs in what it shows: a strip and a laboratory, a product and its
residue, before and after a lab began to look. Such pairs are not drawn with a warning, but not drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import sqrt
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from .. import area_tree, trend_words, trends
from ..drawing.values import Drawing, Mark
from ..estimates import PERCENT_FROM, Interval, share_interval
from ..models import ReleasedExpected, ReleasedShare
from ..periods import Interval as Every
from ..periods import belongs_to
from ..trends import Answer, BadQuestion, Question
from ..turns import Change, strips_of
from .shares import class_name, classes_expected, question_of
from .sheet import (
    SHARE_COLUMNS,
    Choice,
    Sheet,
    area_name,
    choice,
    few_words,
    number_cells,
    number_heads,
    share_cells,
    share_label,
)

OF_WITH = ("area", "family", "material", "from", "to")  # what the other figure may differ in
WITH = (*(f"with_{name}" for name in OF_WITH), "with_setting")
FILTERS = ("family", "material", "series", "expected", "from", "to", *WITH)
SETTINGS = ("checking", "event", "seizure")  # where samples come from; figures here are of checking

WHY: dict[str, Any] = {
    "strip_with_lab": gettext_lazy(
        "Strips and laboratories do not compare: a strip reacts to a class, and to other things too; a lab names what "
        "is there."
    ),
    "residue_with_product": gettext_lazy(
        "Residue and product do not compare: what is left on used things is of many uses, and less of it is enough to "
        "be seen."
    ),
    "across_scope": gettext_lazy(
        "What labs look for changed between the two, so that a difference could be theirs and not the supply's."
    ),
    "across_strips": gettext_lazy(
        "The strips are not known to be of the same brand and lot in both, and strips differ in what they react to."
    ),
    "event_with_fixed": gettext_lazy(
        "Events and other places do not compare: who comes, and with what, is another crowd. What events bring is "
        "counted with the area around them and is not told apart."
    ),
    "seizure_with_checking": gettext_lazy(
        "Seizures and drug checking do not compare: what is seized is chosen by police. There are no seizures here."
    ),
    "different_mix": gettext_lazy(
        "The two places bring different things, so that a difference could be in what was brought. Choose what it was "
        "taken for, the same for both."
    ),
    "unknown_mix": gettext_lazy(
        "What was brought is not told for both places, so that it is not known whether they bring the same. Choose "
        "what it was taken for, the same for both."
    ),
}


class Refused(BadQuestion):
    """Two figures that do not compare. `code` is one of WHY."""

    def __init__(self, name: str, code: str) -> None:
        super().__init__(name, str(WHY[code]))
        self.code = code


@dataclass(frozen=True)
class Side:
    """One of two: all its periods put together."""

    label: str
    answer: Answer

    @property
    def tested(self) -> int:
        return sum(point.tested for point in self.answer.points)

    @property
    def detected(self) -> int:
        return sum(point.detected for point in self.answer.points)


def is_asked(asked: Mapping[str, str]) -> bool:
    return any(asked.get(name) for name in WITH)


def split(asked: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What is asked of the one, and of the other: the same but for what `with_` says."""
    one = {name: value for name, value in asked.items() if name not in WITH and value}
    other = dict(one)
    for name in OF_WITH:
        if asked.get(f"with_{name}"):
            other[name] = asked[f"with_{name}"]
    return one, other


def put_beside(one: Question, asked: Mapping[str, str], other: Question) -> tuple[Side, Side]:
    """Both figures. Raises Refused where they do not compare, BadQuestion where they are the same."""
    _refuse_by_kind(one, other, asked)
    if (one.area, one.first, one.last) == (other.area, other.first, other.last):
        raise BadQuestion("with_area", _("Say another place, or another time."))
    is_other_place = one.area != other.area
    if is_other_place and other.area in area_tree.current().related(one.area):
        raise BadQuestion("with_area", _("One of these places holds the other."))
    answers = trends.answer(one), trends.answer(other)
    if not is_other_place and {p.start for p in answers[0].points} & {p.start for p in answers[1].points}:
        raise BadQuestion("with_from", _("These two hold some of the same samples."))
    _refuse_by_scope(answers)
    if one.family == "strip":
        _refuse_by_strips(answers)
    if is_other_place and one.expected is None:
        _refuse_by_mix(one, other)
    labels = [area_name(each.area) for each in (one, other)] if is_other_place else ["", ""]
    if (one.first, one.last) != (other.first, other.last) or not is_other_place:
        labels = [" ".join(filter(None, (label, _span(answer)))) for label, answer in zip(labels, answers, strict=True)]
    first, second = (Side(label, answer) for label, answer in zip(labels, answers, strict=True))
    return first, second


def _span(answer: Answer) -> str:
    if not answer.points:
        return _("nothing released")
    ends = dict.fromkeys((answer.period(answer.points[0]), answer.period(answer.points[-1])))
    return "–".join(ends)


# Refusing


def _refuse_by_kind(one: Question, other: Question, asked: Mapping[str, str]) -> None:
    setting = asked.get("with_setting") or SETTINGS[0]
    if setting not in SETTINGS:
        raise BadQuestion("with_setting", _("One of %(names)s.") % {"names": ", ".join(SETTINGS)})
    if setting == "event":
        raise Refused("with_setting", "event_with_fixed")
    if setting == "seizure":
        raise Refused("with_setting", "seizure_with_checking")
    if one.family != other.family:
        raise Refused("with_family", "strip_with_lab")
    if one.material != other.material:
        raise Refused("with_material", "residue_with_product")


def _refuse_by_scope(answers: Sequence[Answer]) -> None:
    """Both must have been looked for in the same way throughout, from the first of their periods to the last."""
    starts = [point.start for answer in answers for point in answer.points]
    if not starts:
        return
    for answer in answers:
        for change in _scopes(answer):
            if min(starts) < change.period <= max(starts):
                raise Refused("with_area" if len({a.question.area for a in answers}) > 1 else "with_from",
                              "across_scope")  # fmt: skip


def _scopes(answer: Answer) -> list[Change]:
    """Every change of what was looked for, within the periods shown and without."""
    return [change for change in trends.all_changes(answer.question) if change.what.is_of_scope]


def _refuse_by_strips(answers: Sequence[Answer]) -> None:
    """Every quarter of both must be known to be of one brand and lot."""
    used: set[tuple[str, str]] = set()
    for answer in answers:
        subject = answer.question.subject
        areas = trends.published_within(answer.question.area)
        told = strips_of(subject, areas)
        quarters = {_quarter(point.start, answer.question) for point in answer.points}
        for area in areas:
            used |= {told.get(area, {}).get(quarter, ("", "")) for quarter in quarters}
    if len(used) > 1 or any(not brand or not lot for brand, lot in used):
        raise Refused("with_area", "across_strips")


def _quarter(start: date, question: Question) -> date:
    week = start if question.interval is Every.WEEK and question.series == "latest" else start.replace(day=4)
    return belongs_to(week, Every.QUARTER)


def _refuse_by_mix(one: Question, other: Question) -> None:
    """What was brought must be the same as far as chance allows: for every class expected the intervals meet.

    The form, powder or rock, is in no released table; it goes with what was expected (docs/rules.md A13).
    """
    (mix, total), (other_mix, other_total) = _mix(one), _mix(other)
    if not mix or not other_mix:
        raise Refused("with_area", "unknown_mix")
    for expected in {*mix, *other_mix}:
        here = share_interval(min(mix.get(expected, 0), total), total)
        there = share_interval(min(other_mix.get(expected, 0), other_total), other_total)
        if here.high < there.low or there.high < here.low:
            raise Refused("with_area", "different_mix")


def _mix(question: Question) -> tuple[dict[str, int], int]:
    """How many products tested for the subject were taken for each class, and how many there were in all.

    Of the quarters asked for that are told.
    """
    quarterly = replace(question, interval=Every.QUARTER)
    of_cell = {
        "subject": question.subject.slug, "family": question.family, "superseded_in__isnull": True,
        "area__in": trends.published_within(question.area),
    }  # fmt: skip
    found: dict[str, int] = {}
    quarters = set()
    rows = ReleasedExpected.objects.using("public").filter(**of_cell)
    for expected, start, tested in rows.values_list("expected", "period_start").annotate(Sum("tested")):
        if tested and quarterly.holds(start):
            found[expected] = found.get(expected, 0) + tested
            quarters.add(start)
    weeks = ReleasedShare.objects.using("public").filter(series="latest", material="product", **of_cell)
    total = sum(
        tested
        for week, tested in weeks.values_list("period_start").annotate(Sum("tested"))
        if belongs_to(week, Every.QUARTER) in quarters
    )
    return found, max(total, *found.values(), 0) if found else 0


# The difference


def difference(one: tuple[int, int], other: tuple[int, int], confidence: float = 0.95) -> Interval:
    """Interval for the share of `one` less that of `other`, each as detected and tested; -1 to 1.

    From the Wilson intervals of both. Worked example of the source: 56 of 70 less 48 of 80 is 0.2, from
    0.0524 to 0.3339.

    Source: R. G. Newcombe, Stat. Med. 17 (1998), 873-890, method 10.
    """
    (first, of_first), (second, of_second) = one, other
    if not of_first or not of_second:
        return Interval(-1.0, 1.0)
    share_1, share_2 = first / of_first, second / of_second
    ends_1, ends_2 = share_interval(*one, confidence), share_interval(*other, confidence)
    apart = share_1 - share_2
    return Interval(
        apart - sqrt((share_1 - ends_1.low) ** 2 + (ends_2.high - share_2) ** 2),
        apart + sqrt((ends_1.high - share_1) ** 2 + (share_2 - ends_2.low) ** 2),
    )


def told_difference(one: Side, other: Side) -> Interval | None:
    """The interval of the difference. None where too few were tested for a per cent, and of strips."""
    if one.answer.question.family == "strip" or min(one.tested, other.tested) < PERCENT_FROM:
        return None
    return difference((one.detected, one.tested), (other.detected, other.tested))


# In words


def sheet(area: str, asked: Mapping[str, str], substance: str) -> Sheet:
    """Raises Refused, BadQuestion, Http404."""
    of_one, of_other = split(asked)
    usual = {"interval": "quarter" if asked.get("expected") else "month"}
    one = question_of(area, substance, {**usual, **of_one})
    made = Sheet(
        title=_("Put side by side: %(title)s") % {"title": trend_words.title(one)},
        file=f"{area}-{one.subject.slug}-side-by-side",
        filters=tuple(_filters(one, asked)),
        left_out=tuple(trend_words.left_out(one)),
        file_columns=("side", *SHARE_COLUMNS),
        released=trend_words.released(trends.answer(one)),
        empty=_("Choose another place or another time to put beside it. What does not compare is refused, with why."),
    )
    if not is_asked(asked):
        return made
    other_area = of_other.pop("area", area)
    other = question_of(_area(other_area), substance, {**usual, **of_other})
    sides = put_beside(one, asked, other)
    if not all(side.tested for side in sides):
        return replace(made, empty=_("One of the two has nothing released. That does not mean it is not around."))
    return _filled(made, sides, one)


def _area(slug: str) -> str:
    try:
        return trends.find_area({"area": slug})
    except BadQuestion as error:
        raise BadQuestion("with_area", str(error), error.suggestions, is_unknown=error.is_unknown) from error


def _filled(made: Sheet, sides: Sequence[Side], question: Question) -> Sheet:
    family = question.family
    below = [made.released, _("Bars: interval at 95 %, chance only."), few_words()]
    if family == "strip":
        below.append(_("A strip that reacts may be wrong."))
    title = f"{made.title}. {sides[0].label}, {sides[1].label}"
    return replace(
        made,
        shows=_shows(sides),
        picture=Drawing(
            title=title,
            below=" ".join(below),
            share_label=share_label(family),
            count_label=pgettext("how many were tested", "n"),
            marks=tuple(Mark(2 * slot, side.label, side.tested, side.detected) for slot, side in enumerate(sides)),
            is_joined=False,
        ),
        caption=_("The numbers, side by side"),
        columns=(_("Which"), *number_heads(family)),
        rows=tuple((side.label, *number_cells(side.detected, side.tested, family)) for side in sides),
        file_rows=tuple((side.label, *share_cells(side.detected, side.tested)) for side in sides),
        beside=(
            *(said for side in sides for said in trend_words.corrections(side.answer)),
            _("The form, powder or rock or tablet, is not in what is released: it may differ between the two."),
        ),
    )


def _shows(sides: Sequence[Side]) -> str:
    one, other = sides
    said = {
        "one": one.label, "other": other.label, "detected": one.detected, "tested": one.tested,
        "other_detected": other.detected, "other_tested": other.tested,
    }  # fmt: skip
    counts = _("%(one)s: %(detected)d of %(tested)d. %(other)s: %(other_detected)d of %(other_tested)d.") % said
    ends = told_difference(one, other)
    if ends is None:
        return f"{counts} " + _("Too few, or too unsure, to say more of the difference.")
    said = {"low": f"{100 * ends.low:.0f}", "high": f"{100 * ends.high:.0f}"}
    if ends.low > 0 or ends.high < 0:
        return f"{counts} " + _(
            "The difference is %(low)s to %(high)s points: more than chance alone makes likely."
        ) % said  # fmt: skip
    return f"{counts} " + _("The difference is %(low)s to %(high)s points: it may be chance.") % said


def _filters(one: Question, asked: Mapping[str, str]) -> list[Choice]:
    places = [each for each in trends.areas_with_figures() if each not in area_tree.current().related(one.area)]
    classes = classes_expected(one)
    return [
        choice("with_area", _("Another place"), ["", *places], lambda slug: area_name(slug) if slug else _("the same"),
               asked.get("with_area", "")),
        Choice("from", _("From"), asked.get("from", "")),
        Choice("to", _("Up to"), asked.get("to", "")),
        Choice("with_from", _("The other from"), asked.get("with_from", "")),
        Choice("with_to", _("The other up to"), asked.get("with_to", "")),
        choice("expected", _("Taken for"), ["", *classes], class_name, one.expected.slug if one.expected else ""),
        choice("family", _("How it was checked"), trends.FAMILIES, trend_words.family_name, one.family),
        choice("with_family", _("The other was checked"), ["", *trends.FAMILIES],
               lambda value: trend_words.family_name(value) if value else _("the same way"),
               asked.get("with_family", "")),
        choice("material", _("What was checked"), trends.MATERIALS, trend_words.material_name, one.material),
        choice("with_material", _("Of the other"), ["", *trends.MATERIALS],
               lambda value: trend_words.material_name(value) if value else _("the same"),
               asked.get("with_material", "")),
    ]  # fmt: skip
