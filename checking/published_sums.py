"""Which sums of one area, family and material were published of each subject: what a difference can be made of.

Not every week of samples has a cell for every subject: too few were tested for it, or nobody had found it yet.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from datetime import date

from django.db import connection

from .disclosure import NOWHERE
from .models import ReleasedShare
from .released_rows import ShareCell

Sum = tuple[str, int, date]  # series, batch, first day of the period


class PublishedSums:
    """What stands in the *share* table, and what is about to."""

    def __init__(self, area: str, family: str, material: str, number: int, cells: Iterable[ShareCell]) -> None:
        """`cells`: of the release that is made, whose number it is."""
        self._cell, self._number = (area, family, material), number
        self._found: dict[str, set[Sum]] = defaultdict(set)
        self._frozen: dict[str, frozenset[Sum]] = {}
        rows = ReleasedShare.objects.filter(
            series__in=ReleasedShare.Series.values,  # both there are: with them an index leads to the rows
            version=1, area=area, family=family, material=material,
        )  # fmt: skip
        for subject, series, batch, start in rows.values_list("subject", "series", "batch", "period_start").iterator():
            self._found[subject].add((series, batch, start))
        self.add(cells)

    def add(self, cells: Iterable[ShareCell]) -> None:
        for cell in cells:
            if (cell.area, cell.family, cell.material) == self._cell:
                self._found[cell.subject].add((cell.series, self._number, cell.period_start))
                self._frozen.pop(cell.subject, None)

    def of(self, subject: str | None) -> frozenset[Sum] | None:
        """None for no subject in particular: samples alone, of which every sum stands."""
        if subject is None:
            return None
        if subject not in self._frozen:
            self._frozen[subject] = frozenset(self._found.get(subject, ()))
        return self._frozen[subject]


def ever_found() -> set[str]:
    """Every subject found in any published sum. A step down an index for each, however many sums there are."""
    table = ReleasedShare._meta.db_table
    least = f"SELECT min(subject) FROM {table} WHERE detected > 0"  # noqa: S608  # a name of ours
    with connection.cursor() as cursor:
        cursor.execute(  # names of ours
            f"WITH RECURSIVE found(subject) AS ({least} UNION ALL SELECT ({least} AND subject > found.subject) "  # noqa: S608
            "FROM found WHERE found.subject IS NOT NULL) SELECT subject FROM found WHERE subject IS NOT NULL"
        )
        return {subject for (subject,) in cursor.fetchall()}


def node(series: str, sum_: tuple[int, date] | None, published: frozenset[Sum] | None) -> Hashable:
    """A sum as `disclosure` asks for it, or that there is none."""
    if sum_ is None or (published is not None and (series, *sum_) not in published):
        return NOWHERE
    return sum_
