"""What is said of live figures, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import area_tree, catalogue
from .collection_days import Grain, next_start
from .comparing import Comparison, SiteCount, method_name, site_labels
from .estimates import PERCENT_FROM
from .live_charts import Dot, LiveMark, Words
from .live_figures import LiveFigure, Period, Recently
from .live_questions import LiveQuestion
from .models import Site
from .reporting_delay import Nowcast
from .trend_words import family_name, material_name, name_of, per_cent

GRAINS = {
    Grain.DAY.value: gettext_lazy("by day"),
    Grain.WEEK.value: gettext_lazy("by week"),
    Grain.MONTH.value: gettext_lazy("by month"),
    Grain.QUARTER.value: gettext_lazy("by quarter"),
}


def title(question: LiveQuestion) -> str:
    """Short, and whole without the page around it."""
    name = name_of(question.subject)
    said = {
        "subject": name[:1].upper() + name[1:],
        "place": place(question),
        "family": family_name(question.family) if question.method is None else method_name(question.method.slug),
        "material": material_name(question.material),
    }
    if question.expected is None:
        return _("%(subject)s, %(place)s: %(family)s, %(material)s") % said
    said["expected"] = name_of(question.expected)
    return _("%(subject)s in what was taken for %(expected)s, %(place)s: %(family)s, %(material)s") % said


def place(question: LiveQuestion) -> str:
    if question.site:
        return str(Site.objects.values_list("name", flat=True).get(slug=question.site))
    return area_tree.current().name(question.area) if question.area else _("all sites")


def share_of(counted: Period | SiteCount) -> str:
    """A per cent, or where too few were tested for one, how many of how many."""
    if counted.share is not None:
        return per_cent(counted.share)
    return _("%(detected)d of %(tested)d") % {"detected": counted.detected, "tested": counted.tested}


def between(low: float, high: float) -> str:
    return _("%(low)s to %(high)s") % {"low": per_cent(low), "high": per_cent(high)}


def is_in(period: Period) -> str:
    """How much of a period is in."""
    if period.is_in is None:
        return _("not known")
    return _("all") if period.is_complete else per_cent(period.is_in)


def expected(nowcast: Nowcast | None) -> str:
    if nowcast is None:
        return ""
    said = {"share": per_cent(nowcast.share), "interval": between(nowcast.low, nowcast.high)}
    return _("%(share)s (%(interval)s)") % said


def rows_of(figure: LiveFigure) -> list[dict[str, Any]]:
    """The table, newest first."""
    is_strip = figure.question.family == "strip"
    return [
        {
            "period": period.label,
            "detected": period.detected,
            "tested": period.tested,
            "share": _k_of_n(period) if is_strip else share_of(period),
            "interval": between(period.low, period.high),
            "is_in": is_in(period),
            "nowcast": expected(period.nowcast),
            "is_complete": period.is_complete,
        }
        for period in reversed(figure.periods)
    ]


def _k_of_n(period: Period | SiteCount) -> str:
    """Of strips it is said how many reacted, never a share: some of them are wrong."""
    return _("%(detected)d of %(tested)d") % {"detected": period.detected, "tested": period.tested}


def recently(said: Recently, family: str) -> list[str]:
    """What is honest to say of the newest days."""
    numbers = {"days": said.days, "collected": said.collected, "tested": said.tested}
    kind = family_name(family)
    if said.collected == 0:
        return [_("No sample like these was collected in the last %(days)d days.") % numbers]
    share = per_cent(said.tested / said.collected)
    words = [
        _(
            "Collected in the last %(days)d days: %(collected)d. With such a result so far, %(kind)s: %(tested)d "
            "(%(share)s)."
        )
        % {**numbers, "share": share, "kind": kind}
    ]
    if said.usual_share is not None and said.tested / said.collected < said.usual_share:
        words.append(
            _("Of those collected earlier, %(share)s had one in the end: these figures will grow.")
            % {"share": per_cent(said.usual_share)}
        )
    return words


def left_out(communities: tuple[str, ...]) -> list[str]:
    said = [
        _("samples that the person who brought them did not want counted, samples known to be contaminated, training"),
        _("samples linked to an overdose, and results run because something had already shown up"),
        _("samples not tested for it: a method that cannot see it says nothing of it"),
    ]
    if communities:
        said.append(
            _("samples from self-governing communities, whose own analysts see them: %(names)s")
            % {"names": ", ".join(communities)}
        )
    return said


def series(figure: LiveFigure) -> tuple[list[LiveMark], Words]:
    """The picture of a figure."""
    slots = _slots(figure)
    marks = [
        LiveMark(
            slots[period.start],
            period.label,
            period.tested,
            period.detected,
            period.is_complete,
            period.nowcast.share if period.nowcast else None,
        )
        for period in figure.periods
    ]
    below = [_("By day of collection. Bars: interval at 95 %, chance only."), _few()]
    if not all(mark.is_complete for mark in marks):
        below.append(_("Grey: results still to come."))
    if any(mark.nowcast is not None for mark in marks):
        below.append(_("Diamond: expected once they are in."))
    return marks, Words(title(figure.question), " ".join(below), upright(figure.question))


def upright(question: LiveQuestion) -> str:
    is_strip = question.family == "strip"
    return _("Strip reacted, of those tested") if is_strip else _("Found, of those tested for it")


def _few() -> str:
    return _("Hollow: fewer than %(number)d tested.") % {"number": PERCENT_FROM}


def _slots(figure: LiveFigure) -> Mapping[Any, int]:
    """How many periods after the first each one is, so that empty ones leave a gap."""
    slots: dict[Any, int] = {}
    start, last = figure.periods[0].start, figure.periods[-1].start
    while start <= last:
        slots[start] = len(slots)
        start = next_start(start, figure.question.grain)
    return slots


def site_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """The table, by name."""
    is_strip = comparison.question.family == "strip"
    return [
        {
            "label": label,
            "name": site.name,
            "detected": site.detected,
            "tested": site.tested,
            "share": _k_of_n(site) if is_strip else share_of(site),
            "interval": between(*site.interval),
            "inner": between(*comparison.inner(site)),
            "outer": between(*comparison.outer(site)),
            "stands": stands(comparison, site),
        }
        for label, site in zip(site_labels(comparison.sites), comparison.sites, strict=True)
    ]


def stands(comparison: Comparison, site: SiteCount) -> str:
    """Where a site lies in the funnel; never whether that is good."""
    share = site.detected / site.tested
    inner, outer = comparison.inner(site), comparison.outer(site)
    if inner.low <= share <= inner.high:
        return _("as chance allows")
    return _("outside 95 %") if outer.low <= share <= outer.high else _("outside 99.8 %")


def funnel(comparison: Comparison) -> tuple[list[Dot], Words]:
    dots = [
        Dot(label, site.tested, site.detected)
        for label, site in zip(site_labels(comparison.sites), comparison.sites, strict=True)
    ]
    below = _("Lines: limits of chance about all sites together, 95 % (whole) and 99.8 % (dashed).") + " " + _few()
    words = Words(title(comparison.question), below, upright(comparison.question), _("How many each site tested"))
    return dots, words


def asked(parameters: Mapping[str, str]) -> str:
    """The filters of a record, as people read them."""
    known = catalogue.current().subjects
    said = []
    for name, value in parameters.items():
        shown = name_of(known[value]) if name in {"substance", "expected"} and value in known else value
        said.append(f"{NAMES.get(name, name)}: {shown}")
    return "; ".join(said)


NAMES = {
    "area": gettext_lazy("place"),
    "site": gettext_lazy("site"),
    "substance": gettext_lazy("found"),
    "expected": gettext_lazy("taken for"),
    "family": gettext_lazy("checked"),
    "material": gettext_lazy("material"),
    "form": gettext_lazy("form"),
    "method": gettext_lazy("method"),
    "interval": gettext_lazy("put together"),
    "from": gettext_lazy("from"),
    "to": gettext_lazy("to"),
    "rows": gettext_lazy("a row for each of"),
}
