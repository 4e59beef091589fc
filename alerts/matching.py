"""Who hears of an alert: one rule for sockets, streams, feeds, pages, the API and subscriptions.

A filter is area AND substance AND level. Each is a list meaning OR; no list means all.

The work is done once per event and not once per filter: `heard_of` turns an event into the sets of
slugs by which a filter hears it, so that `hears` is two set intersections and a comparison. Thousands
of open sockets then hold only the few slugs they asked for, and none goes stale when areas are loaded.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext as _

from checking import area_tree, catalogue
from checking.catalogue import Catalogue

from .models.alerts import LEVELS

MOST_ENTRIES = 100  # in one list of a filter
LONGEST_ENTRY = 200  # characters; the longest name the vocabulary can hold
_RANKS = {level: rank for rank, level in enumerate(LEVELS)}


class BadFilter(ValueError):
    """A filter that cannot be heard by: which field is at fault, why, and what may have been meant."""

    def __init__(self, field: str, message: str, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.field = field
        self.message = message
        self.suggestions = suggestions


class UnknownName(BadFilter):
    """A substance we do not know by this name, or by more than one."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What someone wants to hear of. An empty set means all; `level` means at least."""

    areas: frozenset[str] = frozenset()
    substances: frozenset[str] = frozenset()  # slugs of substances or classes
    level: str = LEVELS[0]

    @classmethod
    def parse(cls, params: Mapping[str, Any]) -> "Filter":
        """A filter from `area`, `substance` and `level`, each a list of strings or one string.

        Blank entries count as not given, as an empty form field sends them. Substances may be slugs or
        any accepted name. Raises BadFilter for anything that is not known or not text.
        """
        return cls(
            areas=frozenset(_known_areas(_entries(params, "area"))),
            substances=frozenset(_known_subjects(_entries(params, "substance"))),
            level=_lowest_level(_entries(params, "level")),
        )

    @property
    def is_everything(self) -> bool:
        return self == Filter()


@dataclass(frozen=True, slots=True)
class Heard:
    """By which slugs an event is heard, and how much it matters."""

    areas: frozenset[str]
    substances: frozenset[str]
    rank: int


class HeardRow(Protocol):
    """An AlertEvent, or anything that holds the same four fields."""

    heard_areas: Any
    heard_substances: Any
    heard_classes: Any
    heard_level: str


def hears(filter: Filter, heard: Heard) -> bool:
    """True when whoever set this filter hears of that event."""
    return (
        heard.rank >= _RANKS[filter.level]
        and (not filter.areas or not filter.areas.isdisjoint(heard.areas))
        and (not filter.substances or not filter.substances.isdisjoint(heard.substances))
    )


def heard_of(event: HeardRow) -> Heard:
    """By which slugs an event is heard."""
    return heard_by(
        areas=event.heard_areas,
        substances=event.heard_substances,
        classes=event.heard_classes,
        level=event.heard_level,
    )


def heard_by(*, areas: Collection[str], substances: Iterable[str], classes: Iterable[str], level: str) -> Heard:
    """By which slugs something said of these areas, substances and classes is heard.

    An area is heard by those who follow it, any area above it and any area within it. A substance is
    heard by those who follow it or any class above it. A class is heard likewise, and by those who
    follow anything within it: `classes` holds only what is said of a whole class (`spoken_classes`).
    """
    tree = area_tree.current(holding=areas)
    known = catalogue.current()
    return Heard(
        areas=frozenset().union(*(tree.related(slug) for slug in areas)),
        substances=frozenset().union(
            *(_followers_of_substance(slug, known) for slug in substances),
            *(_followers_of_class(slug, known) for slug in classes),
        ),
        rank=_RANKS[level],
    )


def spoken_classes(substances: Iterable[str], classes: Iterable[str]) -> list[str]:
    """The classes one version of an alert speaks of as a whole, in the order given.

    An alert on fentanyl lists `opioid` among its classes for those who follow opioids; it says nothing
    of xylazine's or nitazenes' class. A class above something the same version names is therefore
    left out. To be applied to each version before versions are joined.
    """
    known = catalogue.current().subjects
    listed = list(dict.fromkeys(classes))
    above = {slug for name in (*substances, *listed) if name in known for slug in known[name].classes if slug != name}
    return [slug for slug in listed if slug not in above]


def highest(levels: Iterable[str]) -> str:
    """The highest of some levels; the lowest there is where none is given."""
    return max(levels, key=_RANKS.__getitem__, default=LEVELS[0])


def _followers_of_substance(slug: str, known: Catalogue) -> Iterable[str]:
    subject = known.subjects.get(slug)
    return (slug, *(subject.classes if subject else ()))


def _followers_of_class(slug: str, known: Catalogue) -> Iterable[str]:
    yield from _followers_of_substance(slug, known)
    yield from (subject.slug for subject in known.subjects.values() if slug in subject.classes)


def _entries(params: Mapping[str, Any], field: str) -> list[str]:
    given = params.get(field)
    entries = [given] if isinstance(given, str) else given or []
    if not isinstance(entries, (list, tuple)) or not all(isinstance(entry, str) for entry in entries):
        raise BadFilter(field, _("This has to be a list of words."))
    if len(entries) > MOST_ENTRIES or any(len(entry) > LONGEST_ENTRY for entry in entries):
        raise BadFilter(field, _("This is more than a filter can hold."))
    return [entry.strip() for entry in entries if entry.strip()]


def _known_areas(entries: list[str]) -> Iterable[str]:
    tree = area_tree.current(holding=entries)
    for entry in entries:
        if entry not in tree:
            raise BadFilter("area", _("We do not know the area “%(name)s”.") % {"name": entry})
        yield entry


def _known_subjects(entries: list[str]) -> Iterable[str]:
    known = catalogue.current()
    for entry in entries:
        match = known.find(entry)
        if not match.is_settled:
            raise _unsettled(entry, known)
        yield from (subject.slug for subject in match.subjects)


def _unsettled(entry: str, known: Catalogue) -> UnknownName:
    match = known.find(entry)
    if match.kind == "ask":
        message = _("“%(name)s” can mean several things. Please say which one.")
        return UnknownName("substance", message % {"name": entry}, tuple(subject.name for subject in match.subjects))
    message = _("We do not know the substance “%(name)s”.")
    return UnknownName("substance", message % {"name": entry}, known.nearest(entry))


def _lowest_level(entries: list[str]) -> str:
    """Several levels mean OR, and each means "at least", so the lowest one says it all."""
    for entry in entries:
        if entry not in _RANKS:
            raise BadFilter("level", _("A level is one of: %(levels)s.") % {"levels": ", ".join(LEVELS)})
    return min(entries, key=_RANKS.__getitem__, default=LEVELS[0])
