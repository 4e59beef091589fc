"""The same figure for every place within one: small charts with one scale, in the order of their names."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from .. import area_tree, trend_words, trends
from ..drawing.values import Mark, Panel, Panels
from ..estimates import PERCENT_FROM
from ..periods import Interval, written
from ..trends import Question
from .shares import question_of
from .sheet import (
    SHARE_COLUMNS,
    Choice,
    Sheet,
    area_name,
    capital,
    choice,
    few_words,
    number_cells,
    number_heads,
    released_words,
    share_cells,
    share_label,
)

FILTERS = ("family", "material", "interval", "from", "to")

Series = dict[date, tuple[int, int]]  # tested and detected by period


def sheet(area: str, asked: Mapping[str, str], substance: str) -> Sheet:
    """Raises BadQuestion, Http404."""
    question = question_of(area, substance, {"interval": "quarter", **asked})
    places = series_of(question)
    said = {
        "subject": capital(trend_words.name_of(question.subject)),
        "area": area_name(area),
        "family": trend_words.family_name(question.family),
        "material": trend_words.material_name(question.material),
    }
    made = Sheet(
        title=_("%(subject)s, place by place within %(area)s: %(family)s, %(material)s") % said,
        file=f"{area}-{question.subject.slug}-by-area",
        filters=tuple(_filters(question, asked)),
        left_out=tuple(trend_words.left_out(question)),
        released=released_words(trends.last_release()),
        file_columns=("area", "period", *SHARE_COLUMNS),
        empty=_(
            "No release holds samples from here that were tested for this in this way. That does not mean it is not "
            "around."
        ),
    )
    return _filled(made, question, places) if places else made


def series_of(question: Question) -> dict[str, Series]:
    """Tested and detected by period, of each published area within the one asked for."""
    cells = trends.cells_of(question, trends.published_within(question.area))
    sums: dict[str, dict[date, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for area, start, tested, detected in cells.values_list("area", "period_start").annotate(
        Sum("tested"), Sum("detected")
    ):
        period = trends.period_of(start, question)
        if tested and question.holds(period):
            sums[area][period][0] += tested
            sums[area][period][1] += detected
    return {area: {start: (two[0], two[1]) for start, two in series.items()} for area, series in sums.items()}


def _filled(made: Sheet, question: Question, places: Mapping[str, Series]) -> Sheet:
    def period(start: date) -> str:
        return written(start, question.interval)

    above = {held for slug in places for held in area_tree.current().above(slug)[:-1]}
    names = sorted(((_name(slug, above), slug) for slug in places), key=lambda each: each[0].casefold())
    slots = trend_words.slots_of({start for series in places.values() for start in series}, question.interval)
    panels = tuple(
        Panel(name, tuple(Mark(slots[start], period(start), *places[slug][start]) for start in sorted(places[slug])))
        for name, slug in names
    )
    below = [
        made.released, _("One scale for all."), _("Bars and band: interval at 95 %, chance only."), few_words(),
        _("What does not fit here is in the table."),
    ]  # fmt: skip
    return replace(
        made,
        shows=_shows(places),
        picture=Panels(
            title=made.title, below=" ".join(below), share_label=share_label(question.family),
            count_label=pgettext("how many were tested", "n"), panels=panels,
        ),
        caption=_("The numbers, place by place"),
        columns=(_("Place"), _("Period"), *number_heads(question.family)),
        wordy=frozenset({0, 1}),
        rows=tuple(
            (name, period(start), *number_cells(detected, tested, question.family))
            for name, slug in names
            for start, (tested, detected) in sorted(places[slug].items(), reverse=True)
        ),
        file_rows=tuple(
            (slug, period(start), *share_cells(detected, tested))
            for _name_, slug in names
            for start, (tested, detected) in sorted(places[slug].items())
        ),
        beside=(
            _(
                "Each place stands for itself. What is brought, and by whom, differs from place to place: this is no "
                "ranking, and places are put side by side only where that is sound."
            ),
        ),
    )  # fmt: skip


def _shows(places: Mapping[str, Series]) -> str:
    """How many places, and in how many of them one period has enough for a per cent."""
    enough = sum(any(tested >= PERCENT_FROM for tested, _found in series.values()) for series in places.values())
    said = ngettext(
        "%(places)d place has figures;", "%(places)d places have figures;", len(places)
    ) % {"places": len(places)}  # fmt: skip
    rest = ngettext(
        "in %(enough)d of them a period has %(number)d or more tested, enough for a per cent.",
        "in %(enough)d of them some periods have %(number)d or more tested, enough for a per cent.",
        enough,
    ) % {"enough": enough, "number": PERCENT_FROM}
    return f"{said} {rest}"


def _name(slug: str, above: Collection[str]) -> str:
    """What waited too long for five in its own place is released for the one above."""
    name = area_name(slug)
    return _("%(area)s, not told more closely") % {"area": name} if slug in above else name


def _filters(question: Question, asked: Mapping[str, str]) -> list[Choice]:
    return [
        choice("family", _("How it was checked"), trends.FAMILIES, trend_words.family_name, question.family),
        choice("material", _("What was checked"), trends.MATERIALS, trend_words.material_name, question.material),
        choice("interval", _("Put together"), [Interval.QUARTER.value, Interval.MONTH.value],
               lambda value: trend_words.interval_name(Interval(value)), question.interval.value),
        Choice("from", _("From"), asked.get("from", "")),
        Choice("to", _("Up to"), asked.get("to", "")),
    ]  # fmt: skip
