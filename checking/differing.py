"""Where readings of one sample do not agree: both are shown, and a lab's answer goes first."""

from collections.abc import Iterator

from .evidence import answer_of_labs, answers, findings_of, says
from .putting import finding_name
from .readings import FindingRead, ResultRead, SampleRead, Subject
from .statements import Severity, Speaker, Statement


def differences(sample: SampleRead, result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    """How this result differs from the sample's others, one statement for each other result and outcome."""
    for other in sample.results:
        if other.id == result.id:
            continue
        for positive, negative in ((result, other), (other, result)):
            by_code: dict[str, list[FindingRead]] = {}
            for finding in _unseen(sample, positive, negative):
                by_code.setdefault(_code(sample, positive, negative, finding.subject), []).append(finding)
            for code, unseen in by_code.items():
                yield _difference(code, sample, positive, negative, unseen, speaker)


def _unseen(sample: SampleRead, positive: ResultRead, negative: ResultRead) -> list[FindingRead]:
    """What one result found and the other, which looks for it, did not."""
    return [
        finding
        for result, finding in findings_of(sample)
        if result is positive and says(negative, finding.subject) is False
    ]


def _difference(
    code: str,
    sample: SampleRead,
    positive: ResultRead,
    negative: ResultRead,
    unseen: list[FindingRead],
    speaker: Speaker,
) -> Statement:
    severity: Severity = "warning" if any(finding.subject.is_life_threatening for finding in unseen) else "caution"
    labs = (
        speaker.method(each.method)
        for each in sample.results
        if each.method.names_exactly and any(answers(each, finding.subject) for finding in unseen)
    )
    return speaker.say(
        code,
        severity,
        positive=speaker.the(positive.method),
        negative=speaker.the(negative.method),
        names=speaker.listed(finding_name(finding, speaker) for finding in unseen),
        labs=speaker.listed(labs),
    )


def _code(sample: SampleRead, positive: ResultRead, negative: ResultRead, subject: Subject) -> str:
    """Unresolved, unless methods that name one compound exactly have answered with one voice."""
    answer = answer_of_labs(sample, subject)
    if answer is None:
        return _unresolved(positive, negative)
    if answer:
        return "lab_found_it" if positive.method.names_exactly else "lab_settled_found"
    is_by_this_one = negative.method.names_exactly and answers(negative, subject)
    return "lab_did_not_find_it" if is_by_this_one else "lab_settled_not_found"


def _unresolved(positive: ResultRead, negative: ResultRead) -> str:
    if positive.method.slug == negative.method.slug:
        return "readings_differ"
    if positive.method.names_exactly and negative.method.names_exactly:
        return "labs_differ"
    return "methods_differ"
