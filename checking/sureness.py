"""How sure a result makes what it found: reported, presumptive or confirmed, and by how many techniques."""

from collections.abc import Iterator

from .evidence import Evidence, counts, found_by, names_exactly, weigh
from .putting import finding_name
from .readings import FindingRead, ResultRead, SampleRead, Subject
from .statements import Speaker, Statement


def how_sure(sample: SampleRead, result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    """One statement for each way in which what was found is sure."""
    grouped: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for finding in found_by(result):
        evidence = weigh(sample, finding.subject)
        code = _code(result, finding, evidence)
        by = _confirmed_by(sample, finding.subject, speaker) if code == "how_sure_confirmed_elsewhere" else ()
        # What does not count stands by itself, whatever others found.
        techniques = () if code == "how_sure_reported" else evidence.techniques
        grouped.setdefault((code, techniques, by), []).append(finding_name(finding, speaker))
    for (code, techniques, by), named in grouped.items():
        source = result.method.targets[0].source if code == "how_sure_strip" else ""
        yield speaker.say(
            code,
            "info",
            source,
            names=speaker.listed(named),
            method=speaker.method(result.method),
            methods=speaker.listed(by),
            count=_counted(techniques, speaker),
        )


def _code(result: ResultRead, finding: FindingRead, evidence: Evidence) -> str:
    if not counts(result) or finding.identity == "tentative":
        return "how_sure_reported"
    if names_exactly(result, finding):
        return "how_sure_confirmed"
    if evidence.rung == "confirmed":
        return "how_sure_confirmed_elsewhere"
    alone = result.method.family == "strip" and len(evidence.techniques) == 1
    return "how_sure_strip" if alone else "how_sure_presumptive"


def _confirmed_by(sample: SampleRead, subject: Subject, speaker: Speaker) -> tuple[str, ...]:
    """The methods of this sample that named the subject, or one of its class, exactly."""
    named = (
        speaker.method(other.method)
        for other in sample.results
        if counts(other)
        and any(names_exactly(other, found) and found.subject.is_within(subject) for found in found_by(other))
    )
    return tuple(dict.fromkeys(named))


def _counted(techniques: tuple[str, ...], speaker: Speaker) -> str:
    """Samples, sites and techniques: one result speaks for one sample of one site."""
    if not techniques:
        return ""
    n = len(techniques)
    known = speaker.listed(speaker.word(technique) for technique in techniques)
    count = speaker.word("one_technique") if n == 1 else speaker.word("several_techniques").format(n=n)
    return f"{speaker.word('one_sample')} {count}: {known}."
