"""What travels together: of the products of a quarter that were tested for both, in how many both were found."""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from .. import pairs, trends
from ..drawing.values import Bar, Bars
from ..pairs import Pair, Together
from ..periods import Interval, written
from ..trend_words import family_name, left_out_always, name_of
from .expected import quarter_asked, quarter_choice
from .sheet import Choice, Sheet, area_name, capital, choice, corrected_words, one_of, place_of, released_words

FAMILIES = ("lab", "spectroscopy")  # a strip tells of one class
FILTERS = ("family", "quarter", "substance")
_MOST_ROWS = 100  # in the table; the file has all


def sheet(area: str, asked: Mapping[str, str]) -> Sheet:
    """Raises BadQuestion, Http404."""
    area = place_of(area)
    family = one_of("family", FAMILIES, asked)
    quarters = pairs.quarters(area, family=family)
    subject = trends.find_subject("substance", asked) if asked.get("substance") else None
    found = pairs.together(
        area, family=family, quarter=quarter_asked(quarters, asked), subject=subject.slug if subject else ""
    )
    when = written(found.quarter, Interval.QUARTER) if found.quarter else ""
    said = {"area": area_name(area), "family": family_name(family), "quarter": when,
            "subject": capital(name_of(subject)) if subject else ""}  # fmt: skip
    title = _("%(subject)s and what else was in it, %(area)s %(quarter)s: %(family)s") if subject else _(
        "What was found together, %(area)s %(quarter)s: %(family)s"
    )  # fmt: skip
    made = Sheet(
        title=(title % said).replace("  ", " ").replace(" :", ":"),
        file="-".join(filter(None, (area, "together", when))),
        filters=(
            quarter_choice(quarters, when),
            choice("family", _("How it was checked"), FAMILIES, family_name, family),
            Choice("substance", _("Only pairs with"), asked.get("substance", "")),
        ),
        left_out=(
            *left_out_always(),
            _("products not tested for everything the pairs are of, and quarters with fewer than twenty of them"),
            _("residue on used things, and the quarter that is not over"),
        ),
        released=released_words(trends.last_release()),
        empty=_("What was found together is told once a quarter is over, and only of twenty products or more."),
        file_columns=("quarter", "one", "other", "tested", "with_one", "with_other", "both_low", "both_high"),
    )  # fmt: skip
    return _filled(made, found, when) if found.pairs else made


def _filled(made: Sheet, found: Together, when: str) -> Sheet:
    beside = [
        _("Found in the same product. That says nothing of whether they were mixed on purpose, nor of what people took "
          "together."),
        _("A range stands where the number itself would point at a few samples."),
    ]  # fmt: skip
    if found.is_corrected:
        beside.append(corrected_words())
    below = [
        made.released, _("Hatched: between these two numbers."), _("Line: interval at 95 %, chance only."),
        _("What does not fit here is in the table."),
    ]  # fmt: skip
    return replace(
        made,
        shows=pair_in_words(found.pairs[0]),
        picture=Bars(
            title=made.title,
            below=" ".join(below),
            share_label=_("Both found, of those tested for both"),
            bars=tuple(
                Bar(_label(pair), pair.both_low, pair.both_high, pair.tested, _of(pair, pair.tested))
                for pair in found.pairs
                if pair.tested
            ),
        ),
        caption=_("The numbers, those found together most often first"),
        columns=(_("One"), _("Other"), _("Tested for both"), _("With the one"), _("With the other"), _("With both")),
        wordy=frozenset({0, 1}),
        rows=tuple(
            (capital(name_of(pair.one)), name_of(pair.other), pair.tested, pair.with_one, pair.with_other,
             both_of(pair))
            for pair in found.pairs[:_MOST_ROWS]
        ),
        file_rows=tuple(
            (when, pair.one.slug, pair.other.slug, pair.tested, pair.with_one, pair.with_other, pair.both_low,
             pair.both_high)
            for pair in found.pairs
        ),
        beside=tuple(beside),
    )  # fmt: skip


def _label(pair: Pair) -> str:
    return f"{name_of(pair.one)} + {name_of(pair.other)}"


def both_of(pair: Pair) -> str:
    if pair.both_low == pair.both_high:
        return str(pair.both_low)
    return _("%(low)d to %(high)d") % {"low": pair.both_low, "high": pair.both_high}


def _of(pair: Pair, number: int) -> str:
    return _("%(both)s of %(number)d") % {"both": both_of(pair), "number": number}


def pair_in_words(pair: Pair) -> str:
    """Told of the rarer of the two: "of 60 products with xylazine, 56 to 60 also held fentanyl"."""
    is_one = pair.with_one <= pair.with_other
    rarer, other = (pair.one, pair.other) if is_one else (pair.other, pair.one)
    return _("Of %(number)d products with %(one)s, %(both)s also held %(other)s.") % {
        "number": min(pair.with_one, pair.with_other),
        "one": name_of(rarer),
        "both": both_of(pair),
        "other": name_of(other),
    }
