"""Shares over time: the figure of one place and one substance or class."""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from .. import area_tree, published, trend_words, trends
from ..periods import Interval
from ..trends import Answer, Question
from .sheet import SHARE_COLUMNS, Choice, Sheet, choice, number_cells, number_heads, place_of, share_cells, subject_of

FILTERS = ("family", "material", "series", "interval", "expected", "from", "to")


def question_of(area: str, substance: str, asked: Mapping[str, str]) -> Question:
    """What a page asks. What can only be meant one way is put right here, unlike in the API. Raises BadQuestion."""
    place_of(area), subject_of(substance)
    mended = {"interval": "month", **asked}  # weeks hold a handful of samples each: months are read sooner
    if mended.get("expected"):
        mended |= {"interval": "quarter", "series": "latest", "material": "product"}
    if mended.get("series") == "final" and mended.get("interval") == "week":
        mended["interval"] = "month"
    return trends.ask({"area": area, "substance": substance, **mended})


def sheet(area: str, asked: Mapping[str, str], substance: str) -> Sheet:
    """Raises BadQuestion, Http404."""
    answer = trends.answer(question_of(area, substance, asked))
    question = answer.question
    made = Sheet(
        title=trend_words.title(question),
        file=f"{area}-{question.subject.slug}",
        left_out=tuple(trend_words.left_out(question)),
        released=trend_words.released(answer),
        filters=tuple(_filters(question, asked)),
        file_columns=("period", *SHARE_COLUMNS, "corrected", "changed"),
        empty=_(
            "No release holds samples from here that were tested for this in this way. That does not mean it is not "
            "around."
        ),
    )
    if not answer.points:
        return made
    return replace(
        made,
        shows=trend_words.shows(answer),
        picture=trend_words.drawing(answer),
        caption=_("The numbers, newest first"),
        columns=(_("Period"), *number_heads(question.family)),
        rows=tuple(
            (answer.period(point), *number_cells(point.detected, point.tested, question.family))
            for point in reversed(answer.points)
        ),
        file_rows=tuple(_file_rows(answer)),
        beside=tuple(trend_words.beside(answer)),
    )


def _file_rows(answer: Answer) -> list[tuple[object, ...]]:
    """Each period with why it was corrected, and what changed with it: codes, empty for nothing."""
    corrected = {each.period: " ".join(each.reasons) for each in answer.corrected}
    changed: dict[object, str] = {}
    for turn in trends.turns(answer):
        changed[turn.period] = " ".join(filter(None, (changed.get(turn.period, ""), turn.what.value)))
    return [
        (
            answer.period(point), *share_cells(point.detected, point.tested),
            corrected.get(point.start, ""), changed.get(point.start, ""),
        )
        for point in answer.points
    ]  # fmt: skip


def _filters(question: Question, asked: Mapping[str, str]) -> list[Choice]:
    intervals = list(Interval) if question.series == "latest" else [Interval.MONTH, Interval.QUARTER]
    return [
        choice("family", _("How it was checked"), trends.FAMILIES, trend_words.family_name, question.family),
        choice("material", _("What was checked"), trends.MATERIALS, trend_words.material_name, question.material),
        choice("series", _("Counted by"), trends.SERIES, trend_words.series_name, question.series),
        choice(
            "interval",
            _("Put together"),
            [each.value for each in intervals],
            lambda value: trend_words.interval_name(Interval(value)),
            question.interval.value,
        ),
        choice(
            "expected",
            _("Taken for"),
            ["", *classes_expected(question)],
            class_name,
            question.expected.slug if question.expected else "",
        ),
        Choice("from", _("From"), asked.get("from", "")),
        Choice("to", _("Up to"), asked.get("to", "")),
    ]


def class_name(slug: str) -> str:
    return trend_words.name_of(trends.find_subject("expected", {"expected": slug})) if slug else _("anything")


def classes_expected(question: Question) -> list[str]:
    """Slugs of the classes of expectation with figures for this subject here."""
    within = area_tree.current().within(question.area)
    return published.classes_expected(question.subject.slug, question.family, within)
