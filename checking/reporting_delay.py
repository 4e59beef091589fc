"""How much of a recent while is in already, and what a share will be once the rest is. No Django here.

Results come days or weeks after a sample was collected, and those that find something often later than those that
find nothing: the newest shares then read too low, and seem to fall every week. How long results took in the past says
how much of them is in (reverse-time hazards: J. F. Lawless, Canad. J. Statist. 22 (1994), 15-31).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from .estimates import share_interval

LONGEST_DAYS = 42  # six weeks, after which a month counts as final (docs/rules.md E2); what is later is left out
HISTORY = timedelta(days=182 + LONGEST_DAYS)  # half a year of days that are over
FEWEST_REPORTS = 20  # of the past, to say anything
COMPLETE = 0.95  # from this share on a period counts as complete
ENOUGH = 0.2  # with less of it in, nothing is said of what it will be

InByAge = Sequence[float]  # share of results that are in so many days after collection, 0 to LONGEST_DAYS


class Report(NamedTuple):
    """One sample with a result: when it was collected, and when the result was known."""

    collected: date
    known: date
    is_detected: bool


class Nowcast(NamedTuple):
    """A share once all results are in, with the chance interval of those that are in carried along."""

    share: float
    low: float
    high: float


def in_by_age(reports: Iterable[Report], today: date) -> InByAge | None:
    """Share of results, 0 to 1, that are in after each number of days. None where too few are known.

    Of results known d days after collection, as a share of those known within d days, only samples collected d
    days ago or earlier tell: later ones had no time for it. The product of what is left over all longer delays is
    the share in by then. Assumes that results take as long now as they did in the last half year, and that none comes
    after six weeks.
    """
    at: list[int] = [0] * (LONGEST_DAYS + 2)
    by: list[int] = [0] * (LONGEST_DAYS + 2)  # differences first, sums below
    told = 0
    for report in reports:
        age = (today - report.collected).days
        delay = max(0, (report.known - report.collected).days)
        if not 0 <= age <= HISTORY.days or delay > min(age, LONGEST_DAYS):
            continue
        told += 1
        at[delay] += 1
        by[delay] += 1
        by[min(age, LONGEST_DAYS) + 1] -= 1
    if told < FEWEST_REPORTS:
        return None
    for day in range(1, LONGEST_DAYS + 1):
        by[day] += by[day - 1]
    shares = [1.0] * (LONGEST_DAYS + 1)
    for day in range(LONGEST_DAYS - 1, -1, -1):
        late = at[day + 1] / by[day + 1] if by[day + 1] else 0.0
        shares[day] = shares[day + 1] * (1 - late)
    return shares


def completeness(collected: Mapping[date, int], shares: InByAge, today: date) -> float:
    """Share of the results to come, 0 to 1, that are in by today for samples collected on these days."""
    total = sum(collected.values())
    if total == 0:
        return 1.0
    return sum(many * shares[min(max(0, (today - day).days), LONGEST_DAYS)] for day, many in collected.items()) / total


def nowcast(detected: int, tested: int, in_detected: float, in_others: float) -> Nowcast | None:
    """What a share will be when `in_detected` of the detections to come are in, and `in_others` of the rest.

    The odds are those seen, times `in_others` over `in_detected`; the ends of the Wilson interval move alike. What is
    not known of the delays themselves is not in it. None where too little is in to say.
    """
    if tested == 0 or min(in_detected, in_others) < ENOUGH:
        return None
    odds = in_others / in_detected
    low, high = share_interval(detected, tested)
    return Nowcast(*(_moved(share, odds) for share in (detected / tested, low, high)))


def _moved(share: float, odds: float) -> float:
    return share * odds / (share * odds + 1 - share)
