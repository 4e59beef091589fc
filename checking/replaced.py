"""Which figures were replaced since they were released, and why. Reads released rows only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from .models import ReleaseCorrection


@dataclass(frozen=True)
class Replaced:
    """One period of a figure that counts otherwise than it first did."""

    period: date  # first day
    release: int  # that brought the figure that holds
    reasons: tuple[str, ...]  # ReleaseCorrection.Reason


def replaced(cells: "QuerySet[Any]", series: str, period_of: Callable[[date], date]) -> list[Replaced]:
    """Of the cells of one figure those with a newer version, by period.

    A correction names its area, week and family, and may be of another substance or of residue: so it is
    the cells that say whether it is of this figure, and the correction says only why.
    """
    newer: dict[tuple[int, int, str, date], date] = {
        (release, batch, area, start): period_of(start)
        for release, batch, area, start in cells.filter(version__gt=1).values_list(
            "release_id", "batch", "area", "period_start"
        )
    }
    if not newer:
        return []
    rows = ReleaseCorrection.objects.using("public").filter(series=series, release__in={key[0] for key in newer})
    families = set(cells.values_list("family", flat=True).distinct())
    found: dict[date, tuple[int, set[str]]] = {}
    for release, batch, area, start, reason in rows.filter(family__in=families).values_list(
        "release_id", "batch", "area", "period_start", "reason"
    ):
        period = newer.get((release, batch, area, start))
        if period is not None:
            last, reasons = found.get(period, (0, set()))
            found[period] = max(last, release), reasons | {reason}
    return [Replaced(period, last, tuple(sorted(reasons))) for period, (last, reasons) in sorted(found.items())]
