"""The numbers that what is published rests on. Who runs a network may make them stricter, never looser.

Each is a setting whose loosest value is its default (docs/settings.md); a looser one is refused at
start. They hold from then on: what was published under other numbers stays.
"""

from datetime import timedelta
from math import ceil

from django.conf import settings

FEWEST: int = settings.RELEASE_AT_LEAST  # samples in anything published (docs/rules.md D2)
DOMINANT: float = settings.RELEASE_DOMINANT_PERCENT / 100  # share of one site from which a figure is its own (D1)
WAITS_DAYS: int = settings.RELEASE_WAITS_DAYS  # then the area above (D2)
FEWEST_RESIDENTS: int = settings.RELEASE_RESIDENTS  # in a place that is published by its name (D1)
SETTLES = timedelta(weeks=settings.RELEASE_SETTLES_WEEKS)  # after a month's end (E2)
# Samples behind what was found together, and behind amounts: five lie under the lower quartile and over the upper.
TOGETHER: int = max(settings.RELEASE_TOGETHER_AT_LEAST, 4 * FEWEST)
# Samples not of one site in a difference of `FEWEST`, so that it is not that site's own.
OTHERS: int = FEWEST - ceil(DOMINANT * FEWEST) + 1


def stated() -> dict[str, int]:
    """The numbers in force, as the API and each file of a release state them."""
    return {
        "at_least": FEWEST,
        "dominant_percent": round(100 * DOMINANT),
        "waits_days": WAITS_DAYS,
        "residents": FEWEST_RESIDENTS,
        "settles_weeks": SETTLES.days // 7,
        "together_at_least": TOGETHER,
    }


def loosest() -> dict[str, int]:
    """How loose each could be made at most, under the same names."""
    known: dict[str, int] = settings.RELEASE_LOOSEST
    return dict(known)
