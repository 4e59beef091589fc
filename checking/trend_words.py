"""What is said of a figure, in the reader's language."""

from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from . import area_tree
from .charts import Drawing, Mark
from .estimates import PERCENT_FROM, share_interval
from .periods import Interval, following, written
from .readings import Subject
from .trends import Answer, Point, Question


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
    low, high = share_interval(point.detected, point.tested)
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


def released(answer: Answer) -> str:
    if answer.made_on is None:
        return _("Nothing was released yet.")
    day = date_format(answer.made_on, "DATE_FORMAT")
    return _("Release %(number)d of %(day)s.") % {"number": answer.release, "day": day}


def left_out(question: Question) -> list[str]:
    """What is not in the figure, for anyone who wants to use it."""
    said = [
        _("samples that the person who brought them did not want counted, samples known to be contaminated, training"),
        _("samples linked to an overdose, and results run because something had already shown up"),
        _("samples not tested for it: a method that cannot see it says nothing of it"),
        _("the newest samples: an area gets at least five at once, or none yet"),
    ]
    if question.series == "final":
        said.append(_("months with fewer than five samples, or that would give away a few when set beside the weeks"))
    if question.expected is not None:
        said.append(_("what too few samples were taken for"))
    if question.family == "strip":
        said.append(_("how many of the strips that reacted were right: strips also react to other things"))
    return said


def drawing(answer: Answer) -> Drawing:
    """The picture of a figure."""
    question = answer.question
    slots = _slots(answer)
    below = [
        released(answer),
        _("Bars and band: interval at 95 %, chance only."),
        _("Hollow: fewer than %(number)d tested.") % {"number": PERCENT_FROM},
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
        marks=tuple(
            Mark(slots[point.start], answer.period(point), point.tested, point.detected) for point in answer.points
        ),
        opened=slots.get(answer.counted_since) if answer.counted_since else None,
        opened_label=_("counted from here"),
    )


def _slots(answer: Answer) -> dict[object, int]:
    """How many periods after the first each one is, so that empty ones leave a gap."""
    if not answer.points:
        return {}
    slots: dict[object, int] = {}
    start = answer.points[0].start
    while start <= answer.points[-1].start:
        slots[start] = len(slots)
        start = following(start, answer.question.interval)
    return slots


def corrected(answer: Answer) -> str:
    """Which periods were corrected since they were released; empty for none."""
    if not answer.corrected:
        return ""
    return _("Corrected since first released: %(periods)s.") % {"periods": ", ".join(answer.corrected)}


def since(answer: Answer) -> str:
    """From when on it was counted, where other things were counted before; empty else."""
    if answer.counted_since is None:
        return ""
    period = written(answer.counted_since, answer.question.interval)
    return _("Counted here since %(period)s. Before, it was not looked for, or by too few to say.") % {"period": period}
