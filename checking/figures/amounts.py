"""How much was there: quartiles of what one family of methods measured in the products of a quarter.

Each unit, each basis, and whole units and parts of them stand for themselves: none of these compare.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from .. import amount_figures, trends
from ..amount_figures import Amounts, Over, Spread
from ..drawing.values import Reach, Scale, Spreads
from ..periods import Interval, written
from ..trend_words import family_name, left_out_always, name_of
from .expected import quarter_asked, quarter_choice
from .sheet import Choice, Sheet, area_name, capital, choice, corrected_words, one_of, place_of, released_words

FAMILIES = ("lab", "spectroscopy")  # strips measure nothing
FILTERS = ("family", "quarter", "substance")


def sheet(area: str, asked: Mapping[str, str]) -> Sheet:
    """Raises BadQuestion, Http404."""
    area = place_of(area)
    family = one_of("family", FAMILIES, asked)
    quarters = amount_figures.quarters(area, family=family)
    subject = trends.find_subject("substance", asked) if asked.get("substance") else None
    found = amount_figures.amounts(
        area, family=family, quarter=quarter_asked(quarters, asked), subject=subject.slug if subject else ""
    )
    when = written(found.quarter, Interval.QUARTER) if found.quarter else ""
    said = {"area": area_name(area), "family": family_name(family), "quarter": when}
    made = Sheet(
        title=(_("How much was in it, %(area)s %(quarter)s: %(family)s") % said).replace(" :", ":"),
        file="-".join(filter(None, (area, "amounts", when))),
        filters=(
            quarter_choice(quarters, when),
            choice("family", _("How it was checked"), FAMILIES, family_name, family),
            Choice("substance", _("Only amounts of"), asked.get("substance", "")),
        ),
        left_out=(
            *left_out_always(),
            _("amounts a method only guesses: shares read by infrared, ranks and traces"),
            _("the least and the most, which are one sample's, and whatever fewer than twenty were measured of"),
        ),
        released=released_words(trends.last_release()),
        empty=_(
            "How much there was is told once a quarter is over, of this place itself, and only of twenty samples or "
            "more."
        ),
        file_columns=("quarter", "substance", "kind", "basis", "portion", "measured", "lower", "median", "upper",
                      "over"),
    )  # fmt: skip
    return _filled(made, found, when) if found.spreads else made


def _filled(made: Sheet, found: Amounts, when: str) -> Sheet:
    beside = [
        _("Half of the samples lie between the quartiles, a quarter below and a quarter above them. One sample can "
          "hold far more: a figure is no dose."),
        _("Amounts as base and as a salt, of whole units and of parts of them, do not compare."),
    ]  # fmt: skip
    if found.is_corrected:
        beside.append(corrected_words())
    below = [
        made.released, _("Band: the middle half. Thick line: the median. Dashes: a published limit."),
        _("What does not fit here is in the table."),
    ]  # fmt: skip
    most = max(found.spreads, key=lambda spread: spread.measured)
    return replace(
        made,
        shows=spread_in_words(most),
        picture=Spreads(title=made.title, below=" ".join(below), scales=tuple(_scales(found.spreads))),
        caption=_("The numbers, by substance"),
        columns=(_("Substance"), _("Measured as"), _("Samples"), _("Lower quartile"), _("Median"), _("Upper quartile"),
                 _("Above a published limit")),
        wordy=frozenset({0, 1}),
        rows=tuple(
            (capital(name_of(each.subject)), ", ".join(filter(None, (each.unit, *_kind(each)))), each.measured,
             plain(each.lower), plain(each.median), plain(each.upper), "; ".join(_over(over) for over in each.over))
            for each in found.spreads
        ),
        file_rows=tuple(
            (when, each.subject.slug, each.kind, each.basis, each.portion, each.measured, plain(each.lower),
             plain(each.median), plain(each.upper),
             " ".join(f"{plain(over.above)}:{over.low}-{over.high}" for over in each.over))
            for each in found.spreads
        ),
        beside=tuple(beside),
    )  # fmt: skip


def _scales(spreads: Iterable[Spread]) -> Iterable[Scale]:
    by_unit: dict[str, list[Reach]] = {}
    for each in sorted(spreads, key=lambda spread: -spread.measured):
        said = f"{plain(each.median)} ({plain(each.lower)}–{plain(each.upper)}), " + pgettext(
            "how many were measured", "n %(number)d"
        ) % {"number": each.measured}  # fmt: skip
        reach = Reach(
            ", ".join((name_of(each.subject), *_kind(each))), float(each.lower), float(each.median),
            float(each.upper), said, tuple(float(over.above) for over in each.over),
        )  # fmt: skip
        by_unit.setdefault(each.unit, []).append(reach)
    return (Scale(unit, tuple(reaches)) for unit, reaches in by_unit.items())


def _kind(spread: Spread) -> tuple[str, ...]:
    """The basis, and whether whole units were measured."""
    basis, _colon, salt = spread.basis.partition(":")
    said = {"base": _("as base"), "salt": _("as %(salt)s") % {"salt": salt}, "unknown": _("basis not known")}
    portion = {"whole": _("whole units"), "part": _("parts of units")}.get(spread.portion, "")
    return tuple(filter(None, (said.get(basis, basis), portion)))


def plain(number: Decimal) -> str:
    """Two significant figures as people write them: 150, 4.1, 0.012."""
    return f"{number.normalize():f}"


def _over(over: Over) -> str:
    number = str(over.low) if over.low == over.high else _("%(low)d to %(high)d") % {"low": over.low, "high": over.high}
    return _("%(number)s above %(limit)s") % {"number": number, "limit": plain(over.above)}


def spread_in_words(spread: Spread) -> str:
    said = {
        "substance": capital(", ".join((name_of(spread.subject), *_kind(spread)))),
        "number": spread.measured,
        "lower": plain(spread.lower),
        "median": plain(spread.median),
        "upper": plain(spread.upper),
        "unit": spread.unit,
    }
    return (
        _(
            "%(substance)s: of %(number)d samples measured, half held between %(lower)s and %(upper)s %(unit)s; the "
            "median is %(median)s."
        )
        % said
    )
