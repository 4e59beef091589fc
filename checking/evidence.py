"""How sure a sample's results make something: rung, and which independent techniques agree."""

from collections.abc import Iterator
from dataclasses import dataclass

from .readings import FindingRead, MethodFacts, ResultRead, SampleRead, Subject

# A run is one technique, hyphenated or not. Strips share cross-reactions, so all strips are one;
# so are the two ways of putting a sample straight into a mass spectrometer.
TECHNIQUES = {
    "ftir": "infrared",
    "raman": "raman",
    "dart-ms": "ambient_ms",
    "ps-ms": "ambient_ms",
    "gc-ms": "gas_chromatography_ms",
    "gc-ms-derivatised": "gas_chromatography_ms",
    "lc-ms": "liquid_chromatography_ms",
    "hplc-uv": "liquid_chromatography_uv",
    "qnmr": "nmr",
}
IMMUNOASSAY = "immunoassay"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands behind a substance or class in one sample."""

    rung: str  # reported, presumptive, confirmed
    techniques: tuple[str, ...] = ()  # independent ones, sorted
    methods: tuple[str, ...] = ()  # slugs, sorted
    is_traced_only: bool = False  # nothing saw more than a trace
    is_class_only: bool = False  # nothing named a compound: a class at most
    is_disputed: bool = False  # a sound reading that could see it did not


def technique_of(method: MethodFacts) -> str:
    """The technique a method is. A method we do not know stands for itself."""
    return IMMUNOASSAY if method.family == "strip" else TECHNIQUES.get(method.slug, method.slug)


def found_by(result: ResultRead) -> tuple[FindingRead, ...]:
    """What a result found. A strip finds what it targets, as a class, whatever was written."""
    if result.outcome != "detected":
        return ()
    if result.method.family == "strip":
        return tuple(FindingRead(target.subject, identity="class_only") for target in result.method.targets)
    return result.detected


def counts(result: ResultRead) -> bool:
    """True where a reading may stand behind anything: no reagent's, and none in doubt by its lot or quality control."""
    return result.method.family != "reagent" and result.is_in_control


def findings_of(sample: SampleRead) -> Iterator[tuple[ResultRead, FindingRead]]:
    """What the sample's results found, but for what was only tentative."""
    for result in sample.results:
        if counts(result):
            yield from ((result, finding) for finding in found_by(result) if finding.identity != "tentative")


def supports(finding: FindingRead, subject: Subject) -> bool:
    """True where the finding is the subject, a member of it, or a class that it belongs to."""
    return finding.subject.is_within(subject) or subject.is_within(finding.subject)


def names_exactly(result: ResultRead, finding: FindingRead) -> bool:
    """True where a lab method that names one compound exactly did so."""
    return (
        result.method.family == "lab"
        and result.method.names_exactly
        and finding.identity == "exact"
        and not finding.subject.is_class
    )


def weigh(sample: SampleRead, subject: Subject) -> Evidence:
    """How sure the sample's current results make the subject."""
    behind = [(result, finding) for result, finding in findings_of(sample) if supports(finding, subject)]
    if not behind:
        return Evidence("reported")
    named = [pair for pair in behind if _names_within(pair[1], subject)]
    is_confirmed = any(names_exactly(result, finding) for result, finding in named)
    return Evidence(
        rung="confirmed" if is_confirmed else "presumptive",
        techniques=tuple(sorted({technique_of(result.method) for result, _ in behind})),
        methods=tuple(sorted({result.method.slug for result, _ in behind})),
        is_traced_only=all(finding.amount is not None and finding.amount.is_trace for _, finding in behind),
        is_class_only=not named,
        is_disputed=any(rules_out(result, subject) for result in sample.results),
    )


def _names_within(finding: FindingRead, subject: Subject) -> bool:
    return finding.subject.is_within(subject) and not finding.subject.is_class and finding.identity != "class_only"


def says(result: ResultRead, subject: Subject) -> bool | None:
    """Whether a result saw the subject: True, False where it looked and did not, None where it does not tell."""
    if not counts(result) or result.outcome not in {"detected", "not_detected"}:
        return None
    seen = [finding for finding in found_by(result) if supports(finding, subject)]
    if seen:  # a tentative name neither finds nor clears
        return True if any(finding.identity != "tentative" for finding in seen) else None
    if any(not finding.is_detected and subject.is_within(finding.subject) for finding in result.findings):
        return False
    looked = any(subject.is_within(target.subject) for target in result.method.targets)
    return False if looked else None


def rules_out(result: ResultRead, subject: Subject) -> bool:
    """True where a result did not see the subject though it looks for it in full. FTIR never rules out fentanyl."""
    if says(result, subject) is not False:
        return False
    return any(not finding.is_detected and subject.is_within(finding.subject) for finding in result.findings) or any(
        target.is_full and subject.is_within(target.subject) for target in result.method.targets
    )


def answers(result: ResultRead, subject: Subject) -> bool:
    """True where a result saw the subject, or looked for it in full and did not."""
    return says(result, subject) is True or rules_out(result, subject)


def answer_of_labs(sample: SampleRead, subject: Subject) -> bool | None:
    """What the methods that name one compound exactly say of the subject.

    True: found; False: looked for in full and not found. None: none of them answered, or they contradict each other.
    """
    said = {
        says(result, subject) for result in sample.results if result.method.names_exactly and answers(result, subject)
    }
    return said.pop() if len(said) == 1 else None
