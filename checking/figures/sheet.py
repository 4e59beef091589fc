"""All that stands on the page of one figure, in the reader's language: the page, the picture and the file show it."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .. import area_tree, trends
from ..drawing.values import Picture
from ..estimates import PERCENT_FROM, share, share_interval
from ..models import Release
from ..readings import Subject
from ..trend_files import harmless
from ..trend_words import interval_words, name_of, per_cent

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Choice:
    """One field of the form; without choices it is written into."""

    name: str
    label: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()  # value and text


@dataclass(frozen=True)
class Sheet:
    """One figure. Without a picture there is too little to show, and `empty` says what that means."""

    title: str
    file: str  # how its file is named, without the ending
    shows: str = ""  # what it shows, in a sentence
    picture: Picture | None = None
    columns: tuple[str, ...] = ()  # of the table; the first is of words, the others of numbers unless in `wordy`
    wordy: frozenset[int] = frozenset({0})
    caption: str = ""
    rows: tuple[Row, ...] = ()
    file_columns: tuple[str, ...] = ()
    file_rows: tuple[Row, ...] = ()
    beside: tuple[str, ...] = ()  # changes, corrections: said under the picture
    left_out: tuple[str, ...] = ()
    released: str = ""
    filters: tuple[Choice, ...] = ()
    empty: str = ""

    @property
    def cells(self) -> list[list[tuple[Any, str, bool]]]:
        """The table, each cell with its column's name and whether it is a number."""
        return [[(cell, *head) for cell, head in zip(row, self.heads, strict=True)] for row in self.rows]

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """Each column's name, and whether it is of numbers."""
        return [(column, place not in self.wordy) for place, column in enumerate(self.columns)]

    def csv(self) -> str:
        """Shares from 0 to 1; empty where too few were tested for one. Codes and slugs, in no language."""
        out = io.StringIO(newline="")
        lines = csv.writer(out)
        lines.writerow(self.file_columns)
        lines.writerows([harmless(cell) for cell in row] for row in self.file_rows)
        return out.getvalue()


SHARE_COLUMNS = ("detected", "tested", "share", "low", "high")


def share_cells(detected: int, tested: int) -> Row:
    """Numbers of a file: `SHARE_COLUMNS`."""
    found, ends = share(detected, tested), share_interval(detected, tested)
    return detected, tested, "" if found is None else round(found, 4), round(ends.low, 4), round(ends.high, 4)


def share_words(detected: int, tested: int, family: str) -> str:
    """A per cent; how many of how many under twenty tested, and always of strips: they react, they do not find."""
    found = share(detected, tested)
    if found is None or family == "strip":
        return _("%(detected)d of %(tested)d") % {"detected": detected, "tested": tested}
    return per_cent(found)


def number_cells(detected: int, tested: int, family: str) -> Row:
    """Numbers of a table: found, tested, share, interval."""
    return detected, tested, share_words(detected, tested, family), interval_words(detected, tested)


def number_heads(family: str) -> tuple[str, ...]:
    found = _("Strip reacted") if family == "strip" else _("Found")
    return (
        found,
        _("Tested for it"),
        _("Strip reacted in") if family == "strip" else _("Share"),
        _("95 %% interval") % (),
    )


def share_label(family: str) -> str:
    return _("Strip reacted, of those tested") if family == "strip" else _("Found, of those tested for it")


def few_words() -> str:
    return _("Hollow: fewer than %(number)d tested.") % {"number": PERCENT_FROM}


def corrected_words() -> str:
    return _("Some of it was corrected since it was released: a result had been read or entered wrongly, or "
             "should not have been counted.")  # fmt: skip


def released_words(release: Release | None) -> str:
    if release is None:
        return _("Nothing was released yet.")
    return _("Release %(number)d of %(day)s.") % {
        "number": release.number,
        "day": date_format(release.made_on, "DATE_FORMAT"),
    }


def place_of(slug: str) -> str:
    """The area of an address. Raises Http404."""
    try:
        return trends.find_area({"area": slug})
    except trends.BadQuestion as error:
        raise Http404(str(error)) from error


def subject_of(slug: str) -> Subject:
    """The substance or class of an address. Raises Http404."""
    try:
        return trends.find_subject("substance", {"substance": slug})
    except trends.BadQuestion as error:
        raise Http404(str(error)) from error


def area_name(slug: str) -> str:
    return area_tree.current().name(slug)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def subject_name(slug: str) -> str:
    return name_of(trends.find_subject("substance", {"substance": slug}))


def one_of(name: str, choices: Sequence[str], asked: Mapping[str, str]) -> str:
    """What was asked for, or else the first choice. Raises BadQuestion."""
    value = asked.get(name) or (choices[0] if choices else "")
    if choices and value not in choices:
        raise trends.BadQuestion(name, _("One of %(names)s.") % {"names": ", ".join(choices)})
    return value


def choice(name: str, label: str, values: Iterable[str], say: Callable[[str], str], chosen: str) -> Choice:
    return Choice(name, label, chosen, tuple((value, say(value)) for value in values))
