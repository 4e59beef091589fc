"""What of a sample should be looked at again, and how a strip's reaction was followed up (docs/rules.md B2).

Plain values in and out. Nothing here is stored: an item is gone as soon as a result answers it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .denominators import Scopes, is_countable
from .evidence import IMMUNOASSAY, answer_of_labs, answers, counts, found_by, rules_out, says, technique_of
from .readings import ResultRead, SampleRead, Subject

DISAGREE, STRIP_REACTED, LOT, QUALITY = "disagree", "strip_reacted", "lot", "quality"
CONFIRMED, NOT_CONFIRMED, UNTESTED = "confirmed", "not_confirmed", "untested"
_READ = frozenset({"detected", "not_detected"})
FEWEST_FOLLOWED = 20  # strips; fewer tell nothing, and could point at a sample


@dataclass(frozen=True, slots=True)
class Waiting:
    """One reason to look at a sample again."""

    why: str  # disagree, strip_reacted, lot, quality
    results: tuple[str, ...]  # ids of the results it is about
    key: str  # the same only while the same results stand


@dataclass(frozen=True, slots=True)
class FollowedUp:
    """What labs said of strips of one kind that read alike."""

    followed: int  # samples in which a lab answered for what the strip looks for
    right: int  # of them, those in which the lab said as the strip did


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
    """True where one saw what the other looks for and did not, and no lab's answer goes first."""
    return positive.id != negative.id and any(
        says(negative, subject) is False and answer_of_labs(sample, subject) is None for subject in _seen(positive)
    )


def _seen(result: ResultRead) -> Iterator[Subject]:
    if counts(result):
        yield from (finding.subject for finding in found_by(result) if finding.identity != "tentative")


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
    return bool(targets) and all(any(answers(each, target.subject) for each in others) for target in targets)


def followed_up(sample: SampleRead, strip: ResultRead) -> str:
    """What a lab said of a strip's reaction: confirmed, not confirmed, or not tested by one."""
    labs = [each for each in sample.results if each.method.names_exactly]
    if any(says(each, target.subject) is True for each in labs for target in strip.method.targets):
        return CONFIRMED
    if any(rules_out(each, target.subject) for each in labs for target in strip.method.targets):
        return NOT_CONFIRMED
    return UNTESTED


def was_right(sample: SampleRead, strip: ResultRead, scopes: Scopes) -> bool | None:
    """Whether a lab said as the strip did. None where no lab answered, or labs contradict each other.

    A lab that did not find it has answered only where its scope on that day covered the strip's target in full.
    """
    if not counts(strip) or strip.outcome not in _READ or len(strip.method.targets) != 1:
        return None
    target = strip.method.targets[0].subject
    labs = [each for each in sample.results if each.method.names_exactly]
    said = {
        seen
        for each in labs
        if (seen := says(each, target)) is True or (seen is False and scopes.covering(each, target) is not None)
    }
    return None if len(said) != 1 else said == {strip.outcome == "detected"}


def followed_up_right(samples: Iterable[SampleRead], scopes: Scopes) -> dict[tuple[str, str], FollowedUp]:
    """By method and outcome of strips, how many samples a lab answered for, and in how many the strip was right.

    A sample counts once for each, by its first such strip. Kinds with fewer than were needed are left out.
    """
    followed: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    for sample in samples:
        seen: set[tuple[str, str]] = set()
        for strip in sample.results if is_countable(sample) else ():
            kind = (strip.method.slug, strip.outcome)
            answer = was_right(sample, strip, scopes) if strip.method.family == "strip" and kind not in seen else None
            if answer is not None:
                seen.add(kind)
                followed[kind] += 1
                right[kind] += answer
    return {kind: FollowedUp(n, right[kind]) for kind, n in followed.items() if n >= FEWEST_FOLLOWED}
