"""Expected against found: what was taken for what, and what was in it, in one quarter of release."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from .. import area_tree, catalogue, published, trends
from ..drawing.values import HeatMap, Square
from ..estimates import PERCENT_FROM, share_interval
from ..models import ReleasedExpected
from ..periods import BadPeriod, Interval, quarter_of, read, written
from ..readings import Subject
from ..trend_words import family_name, left_out_always, name_of
from ..trends import BadQuestion
from .sheet import (
    SHARE_COLUMNS,
    Choice,
    Sheet,
    area_name,
    choice,
    number_cells,
    number_heads,
    one_of,
    place_of,
    released_words,
    share_cells,
    share_words,
)

FILTERS = ("family", "quarter")
_MOST_ROWS = 60  # substances in the table; the file has all

Counts = tuple[int, int]  # tested, detected


@dataclass(frozen=True)
class Grid:
    """What was found, by what it was taken for."""

    area: str
    family: str
    quarter: date | None  # its first day; None: nothing was told yet
    expected: tuple[Subject, ...]  # classes, the most brought first
    found: tuple[Subject, ...]  # watched substances first, then by how often
    cells: Mapping[tuple[str, str], Counts]  # by slugs of both


def quarters_of(area: str, family: str) -> list[date]:
    """Quarters with figures, newest first."""
    return published.quarters(ReleasedExpected, family, area_tree.current().within(area))


def grid_of(area: str, family: str, quarter: date | None) -> Grid:
    known = catalogue.current()
    cells: dict[tuple[str, str], Counts] = {}
    told = _rows(area, family)
    rows = (told.filter(period_start=quarter) if quarter else told.none()).values_list("expected", "subject")
    for expected, subject, tested, detected in rows.annotate(Sum("tested"), Sum("detected")):
        if tested and expected in known.subjects and subject in known.subjects:
            cells[expected, subject] = tested, detected
    totals: dict[str, int] = defaultdict(int)
    for (_taken, subject), (_tested, detected) in cells.items():
        totals[subject] += detected
    names_classes = family == "strip"  # a strip tells a class; of labs the compounds are shown
    found = sorted(
        (known.subject(slug) for slug, number in totals.items() if number),
        key=lambda each: (not known.is_watch_listed(each), -totals[each.slug], each.name),
    )
    expected = _apart(sorted({taken for taken, _ in cells}), cells)
    return Grid(
        area, family, quarter, tuple(known.subject(slug) for slug in expected),
        tuple(each for each in found if each.is_class == names_classes or names_classes), cells,
    )  # fmt: skip


def _apart(expected: Iterable[str], cells: Mapping[tuple[str, str], Counts]) -> list[str]:
    """The classes with the most samples first; of those that hold the same samples only the nearest the root."""
    known = catalogue.current()
    by_numbers: dict[tuple[object, ...], str] = {}
    for slug in sorted(expected, key=lambda slug: len(known.subject(slug).classes)):
        numbers = tuple(sorted((found, counts) for (taken, found), counts in cells.items() if taken == slug))
        by_numbers.setdefault(numbers, slug)
    most = {slug: max(counts[0] for (taken, _), counts in cells.items() if taken == slug) for slug in expected}
    return sorted(by_numbers.values(), key=lambda slug: (-most[slug], slug))


def _rows(area: str, family: str) -> "QuerySet[ReleasedExpected]":
    return ReleasedExpected.objects.using("public").filter(
        area__in=area_tree.current().within(area), family=family, superseded_in__isnull=True
    )


# In words


def sheet(area: str, asked: Mapping[str, str]) -> Sheet:
    """Raises BadQuestion, Http404."""
    area = place_of(area)
    family = one_of("family", trends.FAMILIES, asked)
    quarters = quarters_of(area, family)
    quarter = quarter_asked(quarters, asked)
    grid = grid_of(area, family, quarter)
    when = written(quarter, Interval.QUARTER) if quarter else ""
    said = {"area": area_name(area), "family": family_name(family), "quarter": when}
    made = Sheet(
        title=_("What was found in what was taken for what, %(area)s, %(quarter)s: %(family)s") % said
        if quarter
        else _("What was found in what was taken for what, %(area)s: %(family)s") % said,
        file=f"{area}-expected-{when}".rstrip("-"),
        filters=(
            quarter_choice(quarters, when),
            choice("family", _("How it was checked"), trends.FAMILIES, family_name, family),
        ),
        left_out=(
            *left_out_always(),
            _("what too few samples were taken for, and samples nobody knew the expectation of"),
            _("residue on used things, and the quarter that is not over"),
        ),
        released=released_words(trends.last_release()),
        empty=_("What was found by what it was taken for is told once a quarter is over, and only where enough was "
                "brought."),
        file_columns=("quarter", "expected", "substance", *SHARE_COLUMNS),
    )  # fmt: skip
    return _filled(made, grid, when) if grid.found else made


def _filled(made: Sheet, grid: Grid, when: str) -> Sheet:
    cells = [
        (taken, found, counts[1], counts[0])
        for found in grid.found
        for taken in grid.expected
        if (counts := grid.cells.get((taken.slug, found.slug)))
    ]
    shown = {each.slug for each in grid.found[:_MOST_ROWS]}
    return replace(
        made,
        shows=_shows(grid),
        picture=_picture(made, grid),
        caption=_("The numbers, by what was found"),
        columns=(_("What was found"), _("Taken for"), *number_heads(grid.family)),
        wordy=frozenset({0, 1}),
        rows=tuple(
            (name_of(found), name_of(taken), *number_cells(detected, tested, grid.family))
            for taken, found, detected, tested in cells
            if found.slug in shown
        ),
        file_rows=tuple(
            (when, taken.slug, found.slug, *share_cells(detected, tested)) for taken, found, detected, tested in cells
        ),
        beside=(_("Classes hold one another, and a product may have been taken for several: columns do not add up."),),
    )


def _picture(made: Sheet, grid: Grid) -> HeatMap:
    is_share = grid.family != "strip"

    def square(taken: Subject, found: Subject) -> Square | None:
        tested, detected = grid.cells.get((taken.slug, found.slug), (0, 0))
        if not tested:
            return None
        return Square(tested, detected, share_words(detected, tested, grid.family), has_shade=is_share)

    below = [made.released]
    if is_share:
        below.append(_("Darker: a larger share."))
        below.append(_("Dashed, without shade: fewer than %(number)d tested.") % {"number": PERCENT_FROM})
    else:
        below.append(_("A strip that reacts may be wrong."))
    below.append(_("What does not fit here is in the table."))
    return HeatMap(
        title=made.title,
        below=" ".join(below),
        columns=tuple(name_of(each) for each in grid.expected),
        rows=tuple(name_of(each) for each in grid.found),
        squares=tuple(tuple(square(taken, found) for taken in grid.expected) for found in grid.found),
        columns_label=_("taken for"),
        rows_label=_("strip reacted") if grid.family == "strip" else _("found"),
    )


def _shows(grid: Grid) -> str:
    """The square in which something else than expected was found most surely, by the lower end of its interval."""
    others = [
        (share_interval(detected, tested).low, taken, found, detected, tested)
        for taken in grid.expected
        for found in grid.found
        if (counts := grid.cells.get((taken.slug, found.slug))) and not found.is_within(taken)
        for tested, detected in [counts]
        if detected
    ]
    if not others:
        return _("Nothing was found here besides what the products were taken for.")
    known = catalogue.current()
    # What is watched first: a by-product of making fentanyl says less than fentanyl where nobody expected it.
    _low, taken, found, detected, tested = max(
        others, key=lambda each: (known.is_watch_listed(each[2]), each[0], each[2].slug, each[1].slug)
    )
    said = {"expected": name_of(taken), "found": name_of(found), "detected": detected, "tested": tested}
    if grid.family == "strip":
        return _("Of %(tested)d products taken for %(expected)s, a strip for %(found)s reacted in %(detected)d.") % said
    return (
        _(
            "What most often came besides what was expected: of %(tested)d products taken for %(expected)s and tested "
            "for %(found)s, %(detected)d held it."
        )
        % said
    )


def quarter_choice(quarters: Iterable[date], chosen: str) -> Choice:
    return choice(
        "quarter", _("Quarter of release"), [written(each, Interval.QUARTER) for each in quarters], str, chosen
    )


def quarter_asked(quarters: Sequence[date], asked: Mapping[str, str]) -> date | None:
    """The quarter that was asked for, else the newest. Raises BadQuestion."""
    if not asked.get("quarter"):
        return quarters[0] if quarters else None
    try:
        quarter = quarter_of(read(asked["quarter"]).first)
    except BadPeriod as error:
        raise BadQuestion("quarter", f"{error}.") from error
    if quarter not in quarters:
        raise BadQuestion(
            "quarter",
            _("One of %(names)s.") % {"names": ", ".join(written(each, Interval.QUARTER) for each in quarters)},
        )
    return quarter
