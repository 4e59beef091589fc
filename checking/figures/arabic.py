"""Shares over time in Arabic, from right to left. Names of places and substances stay as they are written here.

The axis of time runs from left to right as its numbers do; every word is set from right to left.
"""

from collections.abc import Mapping
from dataclasses import replace

from .. import trends
from ..drawing.values import Drawing, Turn
from ..estimates import PERCENT_FROM, share, share_interval
from ..trend_words import lettered, marks, per_cent, slots_of
from ..trends import Answer, Point
from ..turns import Change, What
from .shares import question_of
from .sheet import SHARE_COLUMNS, Sheet, area_name, capital, share_cells

NOTE = (
    "هذه عيّنات اختار أصحابها أن تُفحص هنا. ليست عيّنة عشوائية من المعروض ولا من الجرعات ولا من الناس. "
    "يُظهر الشريط أثر المصادفة وحدها: لا من حضر، ولا دفعة أُحضرت مرتين، ولا أخطاء الطريقة."
)
_FAMILIES = {"lab": "في مختبر", "spectroscopy": "بالأشعة تحت الحمراء أو ما يشبهها", "strip": "بشريط فحص"}
_MATERIALS = {"product": "المادة نفسها", "residue": "بقايا على أدوات مستعملة"}
_TURNS = {
    What.COUNTED: "بدأ العدّ في {}",
    What.OPENED: "بدأ مختبر يبحث عنها في {}",
    What.CLOSED: "توقّف مختبر عن البحث عنها في {}",
    What.RESET: "تغيّرت طريقة بحث مختبر عنها في {}",
    What.BRAND: "شرائط من صنف آخر منذ {}",
    What.LOT: "شرائط من دفعة تصنيع أخرى منذ {}",
}
_LEFT_OUT = (
    "عيّنات لم يُرِد أصحابها أن تُعدّ، وعيّنات معروف أنها تلوّثت",
    "عيّنات مرتبطة بجرعة زائدة، ونتائج أُجريت لأن شيئًا كان قد ظهر",
    "عيّنات لم تُفحص بحثًا عنها: طريقة لا تراها لا تقول شيئًا عنها",
    "أحدث العيّنات: لا يُنشر لمكان أقل من خمس عيّنات معًا",
)


def sheet(area: str, asked: Mapping[str, str], substance: str) -> Sheet:
    """Raises BadQuestion, Http404."""
    answer = trends.answer(question_of(area, substance, asked))
    question = answer.question
    title = (
        f"{capital(question.subject.name)}، {area_name(area)}: "
        f"{_FAMILIES[question.family]}، {_MATERIALS[question.material]}"
    )
    made = Sheet(
        title=title,
        file=f"{area}-{question.subject.slug}",
        left_out=_LEFT_OUT,
        released=f"الإصدار {answer.release} بتاريخ {answer.made_on:%d/%m/%Y}."
        if answer.made_on
        else "لم يُنشر شيء بعد.",
        file_columns=("period", *SHARE_COLUMNS),
        empty="لا يحوي أي إصدار عيّنات من هنا فُحصت بحثًا عن هذا بهذه الطريقة. هذا لا يعني أنها غير موجودة.",
    )
    if not answer.points:
        return made
    is_strip = question.family == "strip"
    return replace(
        made,
        shows=_said(answer, answer.points[-1]),
        picture=_picture(answer, title, made.released),
        caption="الأرقام، الأحدث أولًا",
        columns=(
            "المدة", "تفاعل الشريط" if is_strip else "وُجدت", "فُحصت بحثًا عنها",
            "تفاعل في" if is_strip else "النسبة", "فترة 95 %",
        ),
        rows=tuple(
            (answer.period(point), point.detected, point.tested, _share(point, answer), _interval(point))
            for point in reversed(answer.points)
        ),
        file_rows=tuple(
            (answer.period(point), *share_cells(point.detected, point.tested)) for point in answer.points
        ),
        beside=tuple(f"{letter}: {_turn(answer, turn)}." for letter, turn in lettered(answer)),
    )  # fmt: skip


def _released(answer: Answer) -> str:
    if answer.made_on is None:
        return "لم يُنشر شيء بعد."
    return f"الإصدار {answer.release} بتاريخ {answer.made_on:%d/%m/%Y}."


def _picture(answer: Answer, title: str, released: str) -> Drawing:
    is_strip = answer.question.family == "strip"
    slots = slots_of([point.start for point in answer.points], answer.question.interval)
    below = [
        released,
        "الأعمدة والشريط: فترة 95 %، المصادفة وحدها.",
        f"دائرة فارغة: فُحص أقل من {PERCENT_FROM}.",
        *(f"{letter}: {_turn(answer, turn)}." for letter, turn in lettered(answer)),
        *(["قد يخطئ شريط يتفاعل."] if is_strip else []),
    ]
    return Drawing(
        title=title,
        below=" ".join(below),
        is_right_to_left=True,
        share_label="تفاعل الشريط، من بين ما فُحص" if is_strip else "وُجدت، من بين ما فُحص بحثًا عنها",
        count_label="ن",
        marks=marks(answer, slots),
        turns=tuple(Turn(slots[turn.period], letter) for letter, turn in lettered(answer) if turn.period in slots),
    )


def _turn(answer: Answer, turn: Change) -> str:
    return _TURNS[turn.what].format(answer.written(turn.period))


def _share(point: Point, answer: Answer) -> str:
    found = share(point.detected, point.tested)
    is_told = found is not None and answer.question.family != "strip"
    return _left_to_right(per_cent(found)) if is_told and found is not None else f"{point.detected} من {point.tested}"


def _left_to_right(number: str) -> str:
    """A number that keeps its sign at its right, whatever stands around it."""
    return f"\u2066{number}\u2069"


def _interval(point: Point) -> str:
    low, high = share_interval(point.detected, point.tested)
    return f"{_left_to_right(per_cent(low))} إلى {_left_to_right(per_cent(high))}"


def _said(answer: Answer, point: Point) -> str:
    counts = f"{point.detected} من {point.tested}"
    if answer.question.family == "strip":
        return f"{answer.period(point)}: تفاعل شريط في {counts}."
    return f"{answer.period(point)}: وُجدت في {counts} عيّنة فُحصت بحثًا عنها. الفترة {_interval(point)}."
