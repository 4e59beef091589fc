"""How much an alert matters: the three levels, what they follow from, and how long each lives.

Severity, certainty and urgency are those of CAP 1.2 (OASIS, section 3.2.2). There is no green.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")

# docs/rules.md C5. A warning is reviewed, or ends, after its 72 hours.
LIFETIMES = {"notice": timedelta(days=14), "caution": timedelta(days=7), "warning": timedelta(hours=72)}
SECOND_REVIEW_WITHIN = timedelta(hours=72)  # fast lane, docs/rules.md C4

FAST_LANE_ONCE_IN = timedelta(days=14)  # of the same; as long as a rule keeps quiet about it (docs/rules.md C1)


class Cap(NamedTuple):
    """What CAP asks of an alert. The level follows from it, by the network's table (`alerts.grading`)."""

    severity: str
    certainty: str
    urgency: str


class Line(NamedTuple):
    """One line of a table of levels. An empty value fits any."""

    severity: str
    certainty: str
    urgency: str
    level: str

    def fits(self, cap: Cap) -> bool:
        return all(mine in ("", theirs) for mine, theirs in zip(self[:3], cap, strict=True))


# A warning needs all three: grave, seen or likely, and something to act on now. While nobody has judged how
# soon to act (`Unknown`, as in a rule's own notice) it stays a notice.
_GRAVE = ("Extreme", "Severe")
DEFAULT_TABLE = (
    *(Line(grave, sure, "Immediate", "warning") for grave in _GRAVE for sure in ("Observed", "Likely")),
    *(Line(bad, "", soon, "caution") for bad in (*_GRAVE, "Moderate") for soon in ("Immediate", "Expected")),
)


def level_in(table: Iterable[Line], cap: Cap) -> str:
    """The highest level that a line of the table gives; a notice where none fits."""
    fitting = {line.level for line in table if line.fits(cap)}
    return next((level for level in ("warning", "caution") if level in fitting), "notice")


USUAL = {
    "notice": Cap("Moderate", "Possible", "Unknown"),
    "caution": Cap("Severe", "Likely", "Expected"),
    "warning": Cap("Severe", "Observed", "Immediate"),
}
CERTAINTY_OF_RUNG = {"confirmed": "Observed", "presumptive": "Likely", "reported": "Possible"}
