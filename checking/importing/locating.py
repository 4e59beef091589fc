"""Areas found by what a card says: the county's name and the short name of the region that holds it."""

from collections import defaultdict
from collections.abc import Iterable

from ..models import Area

SUFFIX = " county"


class AreaNames:
    """Areas by (short name of their parent, own name). "Allegheny" and "Allegheny County" are one.

    The name as written is tried first: Virginia has a city and a county called Franklin.
    """

    def __init__(self, rows: Iterable[tuple[int, str, str]]) -> None:
        """`rows` are key, name, and the parent's `abbr`."""
        self._exact: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._short: dict[tuple[str, str], set[int]] = defaultdict(set)
        for key, name, abbr in rows:
            region, name = abbr.casefold(), name.casefold().strip()
            self._exact[region, name].add(key)
            self._short[region, name.removesuffix(SUFFIX)].add(key)

    @classmethod
    def stored(cls) -> "AreaNames":
        rows = Area.objects.filter(parent__isnull=False).values_list("pk", "name", "parent__codes")
        return cls((key, name, str(codes.get("abbr", ""))) for key, name, codes in rows if codes.get("abbr"))

    def find(self, *, county: str, state: str) -> int | None:
        """The key of the one area that is meant; None where none is, or several are."""
        region, name = state.casefold().strip(), county.casefold().strip()
        for names, asked in ((self._exact, name), (self._short, name.removesuffix(SUFFIX))):
            found = names.get((region, asked), set())
            if len(found) == 1:
                return next(iter(found))
        return None
