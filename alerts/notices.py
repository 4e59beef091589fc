"""A rule's notice, made of its case."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from checking.models import Result
from checking.readings import Subject

from . import lifecycle, messages, rule_words
from .cases import Case
from .detectors.at_once import detected, in_words
from .levels import CERTAINTY_OF_RUNG, Cap
from .models import Alert
from .rules import KINDS, fits_rule, not_trace
from .topics import nearest_class


def propose(case: Case) -> Alert:
    """Let the rule's notice wait out its hold. The caller has asked that every condition holds."""
    place = case.place
    assert place is not None  # `place_to_speak_for` held
    own = case.known.approvals.own_words(case.rule)
    supporting = [each.id for each in case.supporting]
    rows = {str(row.pk): row for row in Result.objects.filter(pk__in=supporting)}
    return lifecycle.propose_notice(
        rule=case.rule,
        area=place,
        topic=case.topic,
        body={**messages.compose(facts_of(case), own), "rule_words": rule_words.sha256_of(case.rule, own)},
        # Nobody has judged yet how soon to act, so it stays a notice however grave it is.
        cap=Cap("Severe", CERTAINTY_OF_RUNG[case.evidence.rung], "Unknown"),
        hold_until=case.now + timedelta(minutes=case.network.hold_minutes),
        evidence=[rows[pk] for pk in supporting],
    )


def facts_of(case: Case) -> messages.Facts:
    place, evidence, amount = case.place, case.evidence, case.finding.amount
    assert place is not None  # asked before
    return messages.Facts(
        kind=KINDS[case.rule],
        expected=case.sample.expected,
        found=found_together(case),
        area=place.slug,
        area_name=place.name,
        week=messages.week_of(case.now.astimezone(ZoneInfo(case.site.time_zone)).date()),  # as its people count days
        rung=evidence.rung,
        network=case.network.name,
        techniques=len(evidence.techniques),
        amount=in_words(amount) if amount is not None else "",
    )


def found_together(case: Case) -> tuple[Subject, ...]:
    """The subject, and what else of its class the same result named that the rule could speak of as well."""
    if KINDS[case.rule] != "lab":
        return (case.subject,)
    others = [
        replace(case, finding=each)
        for each in detected(case.result)
        if each.subject != case.subject and nearest_class(each.subject) == nearest_class(case.subject)
    ]
    return (case.subject, *(each.subject for each in others if fits_rule(each) and not_trace(each)))
