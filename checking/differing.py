"""Where readings of one sample do not agree: both are shown, and a lab's answer goes first."""

from collections.abc import Iterator

from .evidence import findings_of, says
from .putting import finding_name
from .readings import FindingRead, ResultRead, SampleRead
from .statements import Severity, Speaker, Statement


def differences(sample: SampleRead, result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    """How this result differs from the sample's others, one statement for each other result."""
    for other in sample.results:
        if other.id == result.id:
            continue
        for positive, negative in ((result, other), (other, result)):
            unseen = _unseen(sample, positive, negative)
            if unseen:
                yield _difference(positive, negative, unseen, speaker)


def _unseen(sample: SampleRead, positive: ResultRead, negative: ResultRead) -> list[FindingRead]:
    """What one result found and the other, which looks for it, did not."""
    return [
        finding
        for result, finding in findings_of(sample)
        if result is positive and says(negative, finding.subject) is False
    ]


def _difference(positive: ResultRead, negative: ResultRead, unseen: list[FindingRead], speaker: Speaker) -> Statement:
    severity: Severity = "warning" if any(finding.subject.is_life_threatening for finding in unseen) else "caution"
    return speaker.say(
        _code(positive, negative),
        severity,
        positive=speaker.the(positive.method),
        negative=speaker.the(negative.method),
        names=speaker.listed(finding_name(finding, speaker) for finding in unseen),
    )


def _code(positive: ResultRead, negative: ResultRead) -> str:
    if positive.method.slug == negative.method.slug:
        return "readings_differ"
    if positive.method.names_exactly and not negative.method.names_exactly:
        return "lab_found_it"
    if negative.method.names_exactly and not positive.method.names_exactly:
        return "lab_did_not_find_it"
    return "methods_differ"
