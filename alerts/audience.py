"""Who is listening live, found by what they asked for.

Equal filters share one group, and groups are indexed by area and by substance or class, so that an event
costs as much as there are groups that may hear it, and a socket that did not ask costs nothing at all.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Generic, TypeVar

from .matching import Filter, Heard, hears

Member = TypeVar("Member")
Group = dict[Member, None]  # in the order they came


class Audience(Generic[Member]):
    def __init__(self) -> None:
        self._groups: dict[Filter, Group[Member]] = {}
        # A filter that names areas stands under each of them; one that names only substances under those.
        self._by_area: defaultdict[str, dict[Filter, None]] = defaultdict(dict)
        self._by_substance: defaultdict[str, dict[Filter, None]] = defaultdict(dict)
        self._anywhere: dict[Filter, None] = {}  # names neither

    def add(self, filter: Filter, member: Member) -> None:
        group = self._groups.get(filter)
        if group is None:
            group = self._groups[filter] = {}
            for filters in self._places(filter):
                filters[filter] = None
        group[member] = None

    def remove(self, filter: Filter, member: Member) -> None:
        """Nothing happens to one who is not there."""
        group = self._groups.get(filter, {})
        group.pop(member, None)
        if not group and self._groups.pop(filter, None) is not None:
            for filters in self._places(filter):
                del filters[filter]
            self._forget_empty_places(filter)

    def hearing(self, heard: Heard) -> list[Filter]:
        """The filters that someone holds and that hear an event, each once."""
        return [filter for filter in self._candidates(heard) if hears(filter, heard)]

    def members(self, filter: Filter) -> list[Member]:
        return list(self._groups.get(filter, ()))

    def __len__(self) -> int:
        return sum(map(len, self._groups.values()))

    def _candidates(self, heard: Heard) -> dict[Filter, None]:
        found = dict(self._anywhere)
        for slugs, places in ((heard.areas, self._by_area), (heard.substances, self._by_substance)):
            for slug in slugs:
                if slug in places:  # looking alone must not make a place
                    found.update(places[slug])
        return found

    def _places(self, filter: Filter) -> Iterator[dict[Filter, None]]:
        if filter.areas:
            yield from (self._by_area[slug] for slug in filter.areas)
        elif filter.substances:
            yield from (self._by_substance[slug] for slug in filter.substances)
        else:
            yield self._anywhere

    def _forget_empty_places(self, filter: Filter) -> None:
        for slugs, places in ((filter.areas, self._by_area), (filter.substances, self._by_substance)):
            for slug in slugs:
                if slug in places and not places[slug]:
                    del places[slug]
