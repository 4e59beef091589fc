"""What the person who brought a sample is told beside its results, and what staff should do next.

Advice is for this person, at once and without review; it is never a public alert. Rules that are data
stand in the tables at the top, each with its source.
"""

from collections.abc import Iterator

from .amounts import limit_passed, plain
from .evidence import Evidence, counts, findings_of, names_exactly, rules_out, says, weigh
from .guidance import Guidance, published
from .limits import confusers, percent, smallest_share_seen, strength_mg_per_ml
from .mis_selling import is_mis_sold
from .putting import amount_text, basis_text, finding_name
from .readings import Confusion, FindingRead, ResultRead, SampleRead, Subject, Target
from .statements import Severity, Speaker, Statement

# The mix to test again in: 10 mg in 50 mL is 0.2 mg/mL, a fifth of what makes MDMA, methamphetamine and
# diphenhydramine turn a fentanyl strip (doi 10.1186/s12954-021-00478-4).
RETEST_MG = 10.0
RETEST_ML = 50.0
RETEST_BELOW_MG_PER_ML = 1.0
RETEST_FOR = frozenset({"mdma", "methamphetamine", "diphenhydramine"})
RETEST_SOURCE = "https://doi.org/10.1186/s12954-021-00478-4 ; https://drugpolicyfacts.org/node/4362"

# Expected drugs that commonly hold what confuses a strip: lidocaine and levamisole are cuts of cocaine,
# caffeine of heroin. Editorial, for a chemist to review.
LIKELY_CUT = {
    ("xylazine-strip", "lidocaine"): frozenset({"cocaine", "cocaine-base"}),
    ("medetomidine-strip", "levamisole"): frozenset({"cocaine", "cocaine-base"}),
    ("nitazene-strip", "caffeine"): frozenset({"heroin"}),
}

# A strip this often positive without its target is spoken of whatever else is in the sample. The
# benzodiazepine strip reacted in 18 % of negatives (doi 10.1016/j.drugalcdep.2025.112631).
OFTEN_MISTAKEN_FROM = 0.15

RESCUE_SOURCE = "editorial, for a clinician to review"


def advise(sample: SampleRead, language: str = "en", guidance: Guidance | None = None) -> list[Statement]:
    """Advice on a sample, the gravest first. Without `guidance`, as it comes with the program."""
    speaker, rules = Speaker(language), guidance or published()
    said = [
        *_mis_sold(sample, rules, speaker),
        *_strips(sample, speaker),
        *_sedative_with_opioid(sample, speaker),
        *_medetomidine(sample, speaker),
        *_amounts(sample, rules, speaker),
    ]
    order: dict[Severity, int] = {"warning": 0, "caution": 1, "info": 2}
    return sorted(dict.fromkeys(said), key=lambda statement: order[statement.severity])


def _mis_sold(sample: SampleRead, rules: Guidance, speaker: Speaker) -> Iterator[Statement]:
    """Life-threatening and outside of what was expected. A strip's reaction is spoken of elsewhere."""
    named: dict[str, list[str]] = {}
    for result, finding in findings_of(sample):
        if result.method.family != "strip" and is_mis_sold(rules.allowed, sample.expected, finding.subject):
            code = _mis_sold_code(weigh(sample, finding.subject))
            named.setdefault(code, []).append(finding_name(finding, speaker))
    expected = speaker.listed(speaker.name(subject) for subject in sample.expected)
    for code, names in named.items():
        yield speaker.say(code, "warning", expected=expected, names=speaker.listed(names))


def _mis_sold_code(evidence: Evidence) -> str:
    if evidence.rung != "confirmed":
        return "mis_sold_presumptive"
    return "mis_sold_trace" if evidence.is_traced_only else "mis_sold"


def _strips(sample: SampleRead, speaker: Speaker) -> Iterator[Statement]:
    for result in sample.results:
        if result.method.family != "strip" or result.outcome != "detected" or not counts(result):
            continue
        for target in result.method.targets:
            if not _is_settled(sample, target.subject):
                yield from _lone_strip(sample, result, target, speaker)


def _is_settled(sample: SampleRead, subject: Subject) -> bool:
    """True where it was expected, another technique agrees, or a lab that looked for it in full did not see it."""
    if any(expected.is_within(subject) for expected in sample.expected):
        return True
    if len(weigh(sample, subject).techniques) > 1:
        return True
    return any(result.method.names_exactly and rules_out(result, subject) for result in sample.results)


def _lone_strip(sample: SampleRead, result: ResultRead, target: Target, speaker: Speaker) -> Iterator[Statement]:
    severity: Severity = "warning" if target.subject.is_life_threatening else "caution"
    what, method = speaker.kind_of(target.subject), speaker.method(result.method)
    confusing = _confusing(sample, result)
    stimulants = [confusion for confusion in confusing if confusion.subject.slug in RETEST_FOR]
    if target.subject.slug == "fentanyl_type_opioid" and stimulants:
        yield _retest(sample, result, target, stimulants, speaker)
        return
    if target.subject.slug == "fentanyl_type_opioid" and _was_thin(result) and _reacted_strong(sample, target):
        yield speaker.say("retest_reacted", "warning", RETEST_SOURCE, target=what)
        return
    yield speaker.say("lone_strip", severity, target.source, target=what)
    if confusing:
        names = speaker.listed(speaker.name(confusion.subject) for confusion in confusing)
        yield speaker.say("strip_known_confuser", "caution", confusing[0].source, names=names, method=method)
    specificity = target.field_specificity
    if specificity is not None and 1 - specificity >= OFTEN_MISTAKEN_FROM:
        often = f"{100 * (1 - specificity):.0f}"
        yield speaker.say("strip_often_mistaken", "caution", target.source, method=method, percent=often, target=what)


def _retest(
    sample: SampleRead, result: ResultRead, target: Target, confusing: list[Confusion], speaker: Speaker
) -> Statement:
    """Test again in more water; or what testing again said, where that was done."""
    names = speaker.listed((speaker.name(confusion.subject) for confusion in confusing), joint="or")
    again = [other for other in sample.results if other.method.slug == result.method.slug and _was_thin(other)]
    if any(other.outcome == "detected" for other in again):
        return speaker.say("retest_reacted", "warning", RETEST_SOURCE, target=speaker.kind_of(target.subject))
    if any(other.outcome == "not_detected" for other in again):
        return speaker.say("retest_did_not_react", "caution", RETEST_SOURCE, names=names)
    share = smallest_share_seen(target.limit_ng_per_ml or 0, RETEST_MG / RETEST_ML)
    return speaker.say(
        "retest_fentanyl_strip",
        "caution",
        RETEST_SOURCE,
        names=names,
        mg=f"{RETEST_MG:g}",
        ml=f"{RETEST_ML:g}",
        percent=percent(share),
    )


def _was_thin(result: ResultRead) -> bool:
    """True where the mix was weighed and too thin for the drug itself to turn the strip."""
    strength = strength_mg_per_ml(result)
    return counts(result) and strength is not None and strength < RETEST_BELOW_MG_PER_ML


def _reacted_strong(sample: SampleRead, target: Target) -> bool:
    """True where an earlier strip for the same reacted in a strong mix, or one of unknown strength."""
    return any(
        other.method.family == "strip" and not _was_thin(other) and counts(other) and says(other, target.subject)
        for other in sample.results
    )


def _confusing(sample: SampleRead, result: ResultRead) -> tuple[Confusion, ...]:
    """What may have made a strip react: expected, found, or a usual cut of what was expected."""
    expected = {subject.slug for subject in sample.expected}
    likely = tuple(
        confusion
        for confusion in result.method.confusions
        if expected & LIKELY_CUT.get((result.method.slug, confusion.subject.slug), frozenset())
        and _is_strong_enough(confusion, result)
    )
    return tuple(dict.fromkeys((*confusers(sample, result), *likely)))


def _is_strong_enough(confusion: Confusion, result: ResultRead) -> bool:
    strength = strength_mg_per_ml(result)
    return confusion.from_mg_per_ml is None or strength is None or strength >= confusion.from_mg_per_ml


def _sedative_with_opioid(sample: SampleRead, speaker: Speaker) -> Iterator[Statement]:
    """Rescue words where an opioid, found or expected, may be with a sedative."""
    found = [finding.subject for _, finding in findings_of(sample)]
    is_opioid = any("opioid" in subject.classes for subject in (*found, *sample.expected))
    if is_opioid and any("sedative" in subject.classes for subject in found):
        yield speaker.say("sedative_with_opioid", "warning", RESCUE_SOURCE)


def _medetomidine(sample: SampleRead, speaker: Speaker) -> Iterator[Statement]:
    if any(finding.subject.slug in {"medetomidine", "dexmedetomidine"} for _, finding in findings_of(sample)):
        yield speaker.say("medetomidine_withdrawal", "warning", RESCUE_SOURCE)


def _amounts(sample: SampleRead, rules: Guidance, speaker: Speaker) -> Iterator[Statement]:
    """Amounts above a limit on a known basis, by a method that measures."""
    for result, finding in findings_of(sample):
        passed = limit_passed(finding, rules.limits) if _measures(result, finding) else None
        if passed is None or finding.amount is None:
            continue
        above = f"{plain(passed.above)} {speaker.word(passed.kind)}, {basis_text(passed.basis, speaker)}"
        yield speaker.say(
            "high_amount",
            "warning" if passed.level == "warning" else "caution",
            passed.source,
            name=speaker.name(finding.subject),
            amount=amount_text(finding.amount, speaker),
            above=above,
        )


def _measures(result: ResultRead, finding: FindingRead) -> bool:
    return result.method.measures_amount and (result.method.family != "lab" or names_exactly(result, finding))
