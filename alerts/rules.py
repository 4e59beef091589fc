"""Rules that may speak by themselves: only a notice, only in words people approved, only when every condition holds.

docs/rules.md C1 has the conditions and the table of what may speak, what a reviewer sees first, and what
never speaks. Each condition here has the code that `Signal.held_back_by` shows to staff.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from checking import catalogue
from checking.evidence import technique_of
from checking.models import Network, Result, Sample, Threshold
from checking.reading_rows import read_samples
from checking.readings import ResultRead

from . import histories
from .cases import FENTANYLS, Case, Known, ftir_saw_a_fentanyl, is_contradicted, spoken_finding, stands_on
from .detectors import at_once
from .detectors.at_once import LAB, Limit, Noticed
from .models import Alert
from .said_before import not_again_in_14_days, not_said_of_this_sample, under_two_in_7_days

SPEAKING = ("lab_named_opioid", "ftir_and_strip_fentanyl", "watch_listed_by_lab", "amount_over_threshold")
KINDS = {
    "lab_named_opioid": "lab",
    "ftir_and_strip_fentanyl": "two_methods",
    "watch_listed_by_lab": "lab",
    "amount_over_threshold": "amount",
}  # which words a rule speaks in

# Every figure here is that of docs/rules.md C1.
PROMPT_DAYS = 3  # 72 hours; days are all that is stored of when a result was made
FIRST_SAMPLES = 100
WATCHED_TESTED, WATCHED_DAYS = 30, 90


def speaking_rule(noticed: Noticed, result: ResultRead) -> str | None:
    """The rule that could speak of what was noticed. None: a reviewer first, whatever else holds."""
    subject = noticed.subject
    if subject is None:
        return None
    if noticed.rule == "mis_sold" and "opioid" in subject.classes:
        return "lab_named_opioid" if result.method.family == LAB else "ftir_and_strip_fentanyl"
    return {"watch_list": "watch_listed_by_lab", "amount_over_threshold": "amount_over_threshold"}.get(noticed.rule)


def held_back_by(case: Case) -> list[str]:
    """The codes of the conditions that do not hold; empty where the rule may speak.

    What takes counting through samples is asked last, and only where nothing else holds it back.
    """
    codes = [code for code, holds in CONDITIONS if not holds(case)]
    if not codes:
        codes = [code for code, holds in COUNTED if not holds(case)]
    return codes


def what_holds_back(alert: Alert, *, now: datetime) -> list[str]:
    """The same, asked again of a waiting notice when its hold has passed: much can change meanwhile."""
    case = _case_of(alert, now)
    return ["evidence_stands"] if case is None else held_back_by(case)


def _case_of(alert: Alert, now: datetime) -> Case | None:
    """The case a notice was made of, read anew. None: the result behind it no longer says so."""
    first = alert.evidence.order_by("pk").first()
    if first is None:
        return None
    standing = Result.objects.current().select_related("sample__site", "sample__area", "method", "lab")
    row = standing.filter(pk=first.result_id).first()
    spoken = alert.contents.get(version=1).body
    if row is None or not stands_on(alert, row.sample_id):
        return None
    [sample] = read_samples([row.sample_id])
    result = next(each for each in sample.results if each.id == str(row.pk))
    found = {each.subject.slug: each for each in at_once.detected(result)}
    named = [*spoken["substances"], *reversed(spoken["classes"])]
    finding = next((found[slug] for slug in named if slug in found), None)
    if finding is None:
        return None
    spoken_of = spoken_finding(alert.rule, sample, finding)
    return Case(alert.rule, sample, result, spoken_of, row, Known(now), itself=alert)


# The conditions, one by one.


def approved_by_two(case: Case) -> bool:
    """Two people, one of them a community reviewer, approved this rule's exact words within six months."""
    approvals = case.known.approvals
    return _is_in_these_words(case, approvals.spoken(case.rule)) and approvals.is_approved(case.rule)


def _is_in_these_words(case: Case, spoken: str) -> bool:
    """A notice that waits keeps the words it was made of; approved since may be others."""
    if case.itself is None:
        return True
    composed: str = case.itself.contents.get(version=1).body.get("rule_words", "")
    return composed == spoken


def switched_on(case: Case) -> bool:
    return case.switch is not None and case.switch.is_on


def past_first_hundred(case: Case) -> bool:
    """A site's first hundred samples are for learning; only a simulated network may waive that."""
    if case.switch is not None and case.switch.waives_first_hundred and case.network.simulated:
        return True
    several: int = Sample.objects.filter(site=case.site)[: FIRST_SAMPLES + 1].count()
    return several > FIRST_SAMPLES


def entered_promptly(case: Case) -> bool:
    """Singly, and within 72 h of being made. A result that does not say when it was made is not prompt."""
    made_on = case.row.performed_on
    if case.row.entry != "single" or made_on is None:
        return False
    days = (case.row.recorded_at.date() - made_on).days
    return -1 <= days <= PROMPT_DAYS  # a day before: made where it was already tomorrow


def lab_or_two_techniques(case: Case) -> bool:
    """A lab method named the compound, or two different techniques agree. Strips never corroborate each other."""
    return case.is_lab_named or len({technique_of(each.method) for each in case.agreeing}) >= 2


def not_contradicted(case: Case) -> bool:
    """No reading that would have seen it says that it is not there: that is for people to resolve."""
    return not is_contradicted(case)


def lot_sound(case: Case) -> bool:
    """Lots and quality control: nothing it rests on is in doubt, and the sample is not known to be contaminated."""
    return not case.sample.is_contaminated and all(each.is_in_control for each in case.supporting)


def not_trace(case: Case) -> bool:
    return case.finding.amount is None or not case.finding.amount.is_trace


def not_residue(case: Case) -> bool:
    return case.sample.material != "residue"


def not_overdose_linked(case: Case) -> bool:
    return case.sample.is_overdose_associated is not True


def not_imported(case: Case) -> bool:
    return case.row.sample.entry != "import" and case.row.entry != "import"


def not_training(case: Case) -> bool:
    return not case.site.is_training and not case.row.lab.is_training


def shared(case: Case) -> bool:
    """The person who brought it said that it may be counted. Else people decide what may be said."""
    return case.sample.is_shared


def place_to_speak_for(case: Case) -> bool:
    """There is a place it may name (docs/rules.md C3); a notice keeps the place it was made for."""
    place = case.place
    return place is not None and (case.itself is None or case.itself.area_id == place.pk)


def fits_rule(case: Case) -> bool:
    """What the table of docs/rules.md C1 lets this rule speak of."""
    return _FITS[case.rule](case)


def enough_tested(case: Case) -> bool:
    """A watch-listed substance speaks only where at least 30 were tested for it in 90 days."""
    if case.rule != "watch_listed_by_lab":
        return True
    past = histories.Past(case.row.sample.area, before=case.now, since_days=WATCHED_DAYS)
    return past.tested(case.subject, enough=WATCHED_TESTED).samples >= WATCHED_TESTED


def _is_outside_expected(case: Case) -> bool:
    expected = case.sample.expected
    return bool(expected) and not catalogue.current().is_allowed(expected, case.subject)


def _lab_named_opioid(case: Case) -> bool:
    return (
        case.is_lab_named
        and "opioid" in case.subject.classes
        and case.subject.is_life_threatening
        and _is_outside_expected(case)
    )


def _ftir_and_strip(case: Case) -> bool:
    """FTIR and a fentanyl strip agree, in a powder taken for something that is no opioid."""
    return (
        {"ftir", "fentanyl-strip"} <= {each.method.slug for each in case.agreeing}
        and ftir_saw_a_fentanyl(case.sample)
        and FENTANYLS in case.subject.classes
        and case.sample.form == "powder"
        and bool(case.sample.expected)
        and not any("opioid" in each.classes for each in case.sample.expected)
    )


def _watch_listed(case: Case) -> bool:
    return (
        case.is_lab_named
        and catalogue.current().is_watch_listed(case.subject)
        and not at_once.is_expected(case.sample, case.subject)
    )


def _over_warning(case: Case) -> bool:
    """Over the threshold at which a warning would be due, in one whole unit, by a lab that measures amounts."""
    return (case.is_lab_named and case.result.method.measures_amount) and any(
        limit.level == "warning" and limit.substance == case.subject.slug and at_once.is_over(limit, case.finding)
        for limit in limits(case.network)
    )


def limits(network: Network) -> Sequence[Limit]:
    """The amounts this network wants to hear of."""
    rows = Threshold.objects.filter(network=network)
    return [Limit(*row) for row in rows.values_list("substance__slug", "kind", "above", "basis", "level")]


Condition = Callable[[Case], bool]
_FITS: dict[str, Condition] = {
    "lab_named_opioid": _lab_named_opioid,
    "ftir_and_strip_fentanyl": _ftir_and_strip,
    "watch_listed_by_lab": _watch_listed,
    "amount_over_threshold": _over_warning,
}
CONDITIONS: tuple[tuple[str, Condition], ...] = tuple(
    (condition.__name__, condition)
    for condition in (
        approved_by_two,
        switched_on,
        past_first_hundred,
        entered_promptly,
        lab_or_two_techniques,
        lot_sound,
        fits_rule,
        not_trace,
        not_residue,
        not_overdose_linked,
        not_imported,
        not_training,
        shared,
        place_to_speak_for,
        not_contradicted,
        not_said_of_this_sample,
        not_again_in_14_days,
        under_two_in_7_days,
    )
)
COUNTED: tuple[tuple[str, Condition], ...] = ((enough_tested.__name__, enough_tested),)
