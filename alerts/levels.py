"""How much an alert matters: the three levels, what they follow from, and how long each lives.

Severity, certainty and urgency are those of CAP 1.2 (OASIS, section 3.2.2). There is no green.
"""

from datetime import timedelta
from typing import NamedTuple

SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")

# docs/rules.md C5. A warning is reviewed, or ends, after its 72 hours.
LIFETIMES = {"notice": timedelta(days=14), "caution": timedelta(days=7), "warning": timedelta(hours=72)}
SECOND_REVIEW_WITHIN = timedelta(hours=72)  # fast lane, docs/rules.md C4


class Cap(NamedTuple):
    """What CAP asks of an alert. The level follows from it."""

    severity: str
    certainty: str
    urgency: str

    @property
    def level(self) -> str:
        """The highest level these three give.

        A warning needs all three: grave, seen or likely, and something to act on now. While nobody
        has judged how soon to act (`Unknown`, as in a rule's own notice) it stays a notice.
        """
        is_grave = self.severity in {"Extreme", "Severe"}
        is_likely = self.certainty in {"Observed", "Likely"}
        if is_grave and is_likely and self.urgency == "Immediate":
            return "warning"
        if (is_grave or self.severity == "Moderate") and self.urgency in {"Immediate", "Expected"}:
            return "caution"
        return "notice"


USUAL = {
    "notice": Cap("Moderate", "Possible", "Unknown"),
    "caution": Cap("Severe", "Likely", "Expected"),
    "warning": Cap("Severe", "Observed", "Immediate"),
}
CERTAINTY_OF_RUNG = {"confirmed": "Observed", "presumptive": "Likely", "reported": "Possible"}
