"""What of a sample should be looked at again, and how a strip's reaction was followed up (docs/rules.md B2).

Plain values in and out. Nothing here is stored: an item is gone as soon as a result answers it.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from .evidence import IMMUNOASSAY, counts, found_by, rules_out, says, technique_of
from .readings import ResultRead, SampleRead, Subject

DISAGREE, STRIP_REACTED, LOT, QUALITY = "disagree", "strip_reacted", "lot", "quality"
CONFIRMED, NOT_CONFIRMED, UNTESTED = "confirmed", "not_confirmed", "untested"
_READ = frozenset({"detected", "not_detected"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """One reason to look at a sample again."""

    why: str  # disagree, strip_reacted, lot, quality
    results: tuple[str, ...]  # ids of the results it is about
    key: str  # the same only while the same results stand


def waiting(sample: SampleRead) -> list[Waiting]:
    """What waits to be checked again, what is most telling first."""
    found: list[tuple[str, list[str]]] = [
        (DISAGREE, _disagreeing(sample)),
        (STRIP_REACTED, [each.id for each in sample.results if _reacted_alone(sample, each)]),
        (LOT, [each.id for each in _in_doubt(sample) if not each.lot_is_sound]),
        (QUALITY, [each.id for each in _in_doubt(sample) if each.lot_is_sound]),
    ]
    return [Waiting(why, tuple(results), _key(why, sample)) for why, results in found if results]


def _key(why: str, sample: SampleRead) -> str:
    return hashlib.sha256(f"{why}:{sorted(each.id for each in sample.results)}".encode()).hexdigest()


def _disagreeing(sample: SampleRead) -> list[str]:
    """Results of which one saw what another looks for and did not, and no lab has settled it."""
    pairs = dict.fromkeys(
        result
        for positive in sample.results
        for negative in sample.results
        if _differ(sample, positive, negative)
        for result in (positive.id, negative.id)
    )
    return list(pairs)


def _differ(sample: SampleRead, positive: ResultRead, negative: ResultRead) -> bool:
    if positive.id == negative.id or positive.method.names_exactly != negative.method.names_exactly:
        return False  # a lab's answer goes first, and settles it
    return any(
        says(negative, subject) is False and not _is_settled(sample, subject, without=(positive, negative))
        for subject in _seen(positive)
    )


def _seen(result: ResultRead) -> Iterator[Subject]:
    if counts(result):
        yield from (finding.subject for finding in found_by(result) if finding.identity != "tentative")


def _is_settled(sample: SampleRead, subject: Subject, *, without: tuple[ResultRead, ...]) -> bool:
    """True where a method that names one compound exactly saw it, or looked for it in full and did not."""
    ids = {each.id for each in without}
    labs = [each for each in sample.results if each.method.names_exactly and each.id not in ids]
    return any(_answers(each, subject) for each in labs)


def _answers(result: ResultRead, subject: Subject) -> bool:
    return says(result, subject) is True or rules_out(result, subject)


def _reacted_alone(sample: SampleRead, result: ResultRead) -> bool:
    """A strip that reacted to what nobody expected, with no other technique for or against it."""
    if result.method.family != "strip" or result.outcome != "detected" or not counts(result):
        return False
    return any(
        not any(expected.is_within(target.subject) for expected in sample.expected)
        and not any(
            technique_of(other.method) != IMMUNOASSAY and says(other, target.subject) is not None
            for other in sample.results
        )
        for target in result.method.targets
    )


def _in_doubt(sample: SampleRead) -> list[ResultRead]:
    """Results that their lot or quality control speaks against, and that no sound one has answered."""
    doubted = [
        each
        for each in sample.results
        if not each.is_in_control and each.outcome in _READ and each.method.family != "reagent"
    ]
    return [each for each in doubted if not _is_answered(sample, each)]


def _is_answered(sample: SampleRead, result: ResultRead) -> bool:
    others = [each for each in sample.results if each.id != result.id and counts(each) and each.outcome in _READ]
    if result.method.family != "strip":
        return any(each.method.family == "lab" or each.method.slug == result.method.slug for each in others)
    targets = result.method.targets
    return bool(targets) and all(any(_answers(each, target.subject) for each in others) for target in targets)


def followed_up(sample: SampleRead, strip: ResultRead) -> str:
    """What a lab said of a strip's reaction: confirmed, not confirmed, or not tested by one."""
    labs = [each for each in sample.results if each.method.names_exactly]
    if any(says(each, target.subject) is True for each in labs for target in strip.method.targets):
        return CONFIRMED
    if any(rules_out(each, target.subject) for each in labs for target in strip.method.targets):
        return NOT_CONFIRMED
    return UNTESTED
