"""What is said of a figure, in the reader's language."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from . import area_tree
from .drawing.values import Drawing, Mark, Turn
from .estimates import PERCENT_FROM, share_interval
from .periods import Interval, following
from .readings import Subject
from .trends import Answer, Point, Question, turns
from .turns import Change, What


def name_of(subject: Subject) -> str:
    return subject.name_es if get_language() == "es" else subject.name


def family_name(family: str) -> str:
    return {
        "lab": _("by a laboratory"),
        "spectroscopy": _("by infrared or other spectroscopy"),
        "strip": _("by test strip"),
    }[family]


def material_name(material: str) -> str:
    return {"product": _("the product itself"), "residue": _("residue on used things")}[material]


def series_name(series: str) -> str:
    return {"latest": _("latest, by week of release"), "final": _("final, by month of collection")}[series]


def interval_name(interval: Interval) -> str:
    names = {Interval.WEEK: _("by week"), Interval.MONTH: _("by month"), Interval.QUARTER: _("by quarter")}
    return names[interval]


def title(question: Question) -> str:
    """Short, and whole without the page around it: pictures are passed on alone."""
    said = {
        "subject": name_of(question.subject),
        "area": area_tree.current().name(question.area),
        "family": family_name(question.family),
        "material": material_name(question.material),
    }
    said = {**said, "subject": said["subject"][:1].upper() + said["subject"][1:]}
    if question.expected is not None:
        said["expected"] = name_of(question.expected)
        return _("%(subject)s in what was taken for %(expected)s, %(area)s: %(family)s, %(material)s") % said
    return _("%(subject)s, %(area)s: %(family)s, %(material)s") % said


def per_cent(share: float) -> str:
    """23 %, and never 0 or 100 for what is only nearly so: one decimal below one and above 99."""
    is_near_an_end = 0 < share < 0.01 or 0.99 < share < 1
    return f"{100 * share:.1f}\u00a0%" if is_near_an_end else f"{100 * share:.0f}\u00a0%"


def share_of(point: Point) -> str:
    """A per cent, or where too few were tested for one, how many of how many."""
    if point.share is not None:
        return per_cent(point.share)
    return _("%(detected)d of %(tested)d") % {"detected": point.detected, "tested": point.tested}


def interval_of(point: Point) -> str:
    return interval_words(point.detected, point.tested)


def interval_words(detected: int, tested: int) -> str:
    low, high = share_interval(detected, tested)
    return _("%(low)s to %(high)s") % {"low": per_cent(low), "high": per_cent(high)}


def said_of(answer: Answer, point: Point) -> str:
    """One period in a sentence. A strip reacts; it does not find."""
    said = {
        "period": answer.period(point),
        "detected": point.detected,
        "tested": point.tested,
        "interval": interval_of(point),
        "share": share_of(point),
    }
    if answer.question.family == "strip":
        return _("%(period)s: a strip reacted in %(detected)d of %(tested)d.") % said
    if point.share is None:
        return _("%(period)s: found in %(detected)d of %(tested)d samples tested for it. Interval %(interval)s.") % said
    return (
        _("%(period)s: found in %(detected)d of %(tested)d samples tested for it, %(share)s. Interval %(interval)s.")
        % said
    )


def shows(answer: Answer) -> str:
    """What the whole figure shows: its last period, and whether chance alone could be all that moved since the first.

    Across a change of what was looked for, or of the strips, nothing is compared.
    """
    points = answer.points
    if not points:
        return ""
    last = said_of(answer, points[-1])
    since = max((turn.period for turn in turns(answer)), default=points[0].start)
    before = [point for point in points[:-1] if point.start >= since and point.share is not None]
    if answer.question.family == "strip" or not before or points[-1].share is None:
        return last
    first = before[0]
    said = {"share": share_of(first), "period": answer.period(first)}
    if points[-1].low > first.high:
        return f"{last} " + _("That is more than the %(share)s of %(period)s: the intervals do not meet.") % said
    if points[-1].high < first.low:
        return f"{last} " + _("That is less than the %(share)s of %(period)s: the intervals do not meet.") % said
    return f"{last} " + _("Against the %(share)s of %(period)s that may be chance: the intervals meet.") % said


def released(answer: Answer) -> str:
    if answer.made_on is None:
        return _("Nothing was released yet.")
    day = date_format(answer.made_on, "DATE_FORMAT")
    return _("Release %(number)d of %(day)s.") % {"number": answer.release, "day": day}


def left_out(question: Question) -> list[str]:
    """What is not in the figure, for anyone who wants to use it."""
    said = left_out_always()
    if question.series == "final":
        said.append(_("months with fewer than five samples, or that would give away a few when set beside the weeks"))
    if question.expected is not None:
        said.append(_("what too few samples were taken for"))
    if question.family == "strip":
        said.append(_("how many of the strips that reacted were right: strips also react to other things"))
    return said


def left_out_always() -> list[str]:
    return [
        _("samples that the person who brought them did not want counted, samples known to be contaminated, training"),
        _("samples linked to an overdose, and results run because something had already shown up"),
        _("samples not tested for it: a method that cannot see it says nothing of it"),
        _("the newest samples: an area gets at least five at once, or none yet"),
    ]


# The picture


def drawing(answer: Answer) -> Drawing:
    """The picture of a figure."""
    question = answer.question
    slots = slots_of([point.start for point in answer.points], question.interval)
    below = [
        released(answer),
        _("Bars and band: interval at 95 %, chance only."),
        _("Hollow: fewer than %(number)d tested.") % {"number": PERCENT_FROM},
        *(f"{turn_letter}: {turn_in_short(answer, turn)}." for turn_letter, turn in lettered(answer)),
    ]
    if question.family == "strip":
        below.append(_("A strip that reacts may be wrong."))
    return Drawing(
        title=title(question),
        below=" ".join(below),
        share_label=_("Strip reacted, of those tested")
        if question.family == "strip"
        else _("Found, of those tested for it"),
        count_label=pgettext("how many were tested", "n"),
        marks=marks(answer, slots),
        turns=tuple(Turn(slots[turn.period], letter) for letter, turn in lettered(answer) if turn.period in slots),
    )


def marks(answer: Answer, slots: Mapping[date, int]) -> tuple[Mark, ...]:
    return tuple(
        Mark(slots[point.start], answer.period(point), point.tested, point.detected) for point in answer.points
    )


def slots_of(starts: Iterable[date], interval: Interval) -> dict[date, int]:
    """How many periods after the first each one is, so that empty ones leave a gap."""
    sorted_starts = sorted(starts)
    if not sorted_starts:
        return {}
    slots: dict[date, int] = {}
    start = sorted_starts[0]
    while start <= sorted_starts[-1]:
        slots[start] = len(slots)
        start = following(start, interval)
    return slots


# What changed around it


def lettered(answer: Answer) -> list[tuple[str, Change]]:
    """Each change by the letter it has in the picture and below it."""
    return [(chr(ord("A") + place % 26) * (1 + place // 26), turn) for place, turn in enumerate(turns(answer))]


def turn_in_short(answer: Answer, turn: Change) -> str:
    """As it stands in the picture."""
    said = {"period": answer.written(turn.period)}
    return {
        What.COUNTED: _("counted from %(period)s on"),
        What.OPENED: _("a lab began to look for it, %(period)s"),
        What.CLOSED: _("a lab stopped looking for it, %(period)s"),
        What.RESET: _("a lab looks for it otherwise, %(period)s"),
        What.BRAND: _("strips of another brand, %(period)s"),
        What.LOT: _("strips of another lot, %(period)s"),
    }[turn.what] % said


def turn_in_full(answer: Answer, turn: Change) -> str:
    """As it stands on the page."""
    said = {"period": answer.written(turn.period), "strips": turn.to or _("several kinds")}
    return {
        What.COUNTED: _("Counted here since %(period)s. Before, it was not looked for, or by too few to say."),
        What.OPENED: _("A lab of samples from here began to look for it in %(period)s."),
        What.CLOSED: _("A lab of samples from here stopped looking for it in %(period)s."),
        What.RESET: _("A lab of samples from here looks for it otherwise since %(period)s."),
        What.BRAND: _("Most strips are of another brand since %(period)s: %(strips)s."),
        What.LOT: _("Most strips are of another lot since %(period)s: %(strips)s."),
    }[turn.what] % said


def beside(answer: Answer) -> list[str]:
    """What stands under the picture: changes by their letters, then what was corrected and why."""
    said = [f"{letter}: {turn_in_full(answer, turn)}" for letter, turn in lettered(answer)]
    if said:
        said.append(_("Before and after a letter do not compare."))
    return said + corrections(answer)


def corrections(answer: Answer) -> list[str]:
    """Which periods count otherwise than when they were released, and the public reason."""
    return [
        _("%(period)s was corrected in release %(release)d: %(reason)s.")
        % {
            "period": answer.written(each.period),
            "release": each.release,
            "reason": "; ".join(reason_name(reason) for reason in each.reasons) or _("no reason was kept"),
        }
        for each in answer.corrected
    ]


def reason_name(reason: str) -> str:
    """A code, for words could point at a person."""
    return {
        "corrected": _("a result had been read or entered wrongly"),
        "withdrawn": _("a result should not have been counted"),
    }.get(reason, reason)
