"""What a result says, what it could have missed, what may have confused it, and how sure it is.

Plain values in and out. Rules and figures come with the method (`MethodFacts`), each with its source;
the words are in `interpretation_texts.py`. Nothing here calls anything safe: what was not detected was
below what this method reads.
"""

from collections.abc import Iterator

from .advising import advise
from .amounts import ftir_band
from .control_words import reasons
from .differing import differences
from .evidence import Evidence, counts, found_by, names_exactly, says, supports, technique_of, weigh
from .guidance import isomers_of
from .limits import confusers, could_miss_under, percent
from .putting import amount_text, finding_name, name_isomers
from .readings import FindingRead, ResultRead, SampleRead, Target
from .statements import Severity, Speaker, Statement

__all__ = ["Evidence", "Statement", "advise", "interpret", "weigh"]

# Where rules that are no method's own come from.
ONE_LINE = "https://dancesafe.org/rcblocks/xylazine-digital-testing-instructions/"
UNEVEN_MIXING = "https://drugcheckingbc.ca/technologies"
FTIR_AND_STRIP = "https://doi.org/10.1016/j.drugalcdep.2025.112631"
FTIR_LIMITS = "https://drugcheckingbc.ca/technologies ; https://doi.org/10.1016/j.drugalcdep.2020.108006"


def interpret(sample: SampleRead, result: ResultRead, language: str = "en") -> list[Statement]:
    """What one result of a sample says, most telling first."""
    speaker = Speaker(language)
    return [*_reading(sample, result, speaker), *_caveats(sample, result, speaker)]


def _reading(sample: SampleRead, result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    method = speaker.the(result.method)
    if result.outcome == "invalid":
        code = "strip_no_control_line" if result.control is False else "reading_invalid"
        yield speaker.say(code, "caution", ONE_LINE if result.control is False else "")
    elif result.outcome == "inconclusive":
        yield speaker.say("reading_inconclusive", "caution", method=method)
    elif result.method.family == "reagent":
        yield from _reagent(sample, result, speaker)
    elif result.method.family == "strip":
        yield from _strip(sample, result, speaker)
    else:
        yield from _instrument(sample, result, speaker)


def _reagent(sample: SampleRead, result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    named = [speaker.name(finding.subject) for finding in result.findings]
    named = named or [speaker.name(subject) for subject in sample.expected] or [speaker.word("what_was_expected")]
    is_consistent = result.outcome in {"consistent_with", "detected"}
    code = "reagent_consistent" if is_consistent else "reagent_not_consistent"
    severity: Severity = "info" if is_consistent else "caution"
    yield speaker.say(code, severity, result.method.source, names=speaker.listed(named))
    yield speaker.say("reagent_shows_little", "info", result.method.source)


def _strip(sample: SampleRead, result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    for target in result.method.targets:
        if result.outcome == "detected":
            yield from _strip_reacted(sample, result, target, speaker)
        else:
            yield from _strip_did_not(result, target, speaker)
    if result.outcome == "not_detected":
        yield from _misses(result, speaker)
        yield from _strip_beside_ftir(sample, result, speaker)
    yield from differences(sample, result, speaker)


def _strip_reacted(sample: SampleRead, result: ResultRead, target: Target, speaker: Speaker) -> Iterator[Statement]:
    severity: Severity = "warning" if target.subject.is_life_threatening else "caution"
    what = speaker.kind_of(target.subject)
    yield speaker.say("strip_reacted", severity, ONE_LINE, method=speaker.method(result.method), target=what)
    yield speaker.say("how_sure_strip", "info", target.source)
    others = _others_that_agree(sample, result, target, speaker)
    if others:
        yield speaker.say("others_agree", "info", methods=speaker.listed(others))
    confusing = confusers(sample, result)
    if confusing:
        names = speaker.listed(speaker.name(confusion.subject) for confusion in confusing)
        source = " ; ".join(dict.fromkeys(confusion.source for confusion in confusing))
        yield speaker.say("may_be_confused", "caution", source, names=names, target=what)
    if target.field_specificity is not None:
        yield speaker.say(
            "strip_false_positives", "info", target.source, percent=f"{100 * (1 - target.field_specificity):.3g}"
        )


def _others_that_agree(sample: SampleRead, result: ResultRead, target: Target, speaker: Speaker) -> list[str]:
    """Methods of another technique that saw the target too."""
    own = technique_of(result.method)
    return [
        speaker.method(other.method)
        for other in sample.results
        if technique_of(other.method) != own and says(other, target.subject)
    ]


def _strip_did_not(result: ResultRead, target: Target, speaker: Speaker) -> Iterator[Statement]:
    what, method = speaker.kind_of(target.subject), speaker.method(result.method)
    yield speaker.say("strip_not_detected", "caution", ONE_LINE, method=method, target=speaker.name(target.subject))
    if result.test_line == "faint":
        yield speaker.say("strip_faint_line", "caution", ONE_LINE)
    yield _could_miss(result, target, what, speaker)
    if target.field_sensitivity is not None:
        yield _field_sensitivity(result, target, speaker)
    if not target.is_full:
        yield speaker.say("covers_partly", "caution", target.source)


def _could_miss(result: ResultRead, target: Target, what: str, speaker: Speaker) -> Statement:
    """Down to which share the strip sees, at best; a figure only where the mass was weighed and the water known."""
    if target.limit_ng_per_ml is None:
        return speaker.say("could_miss_unknown", "caution", target.source, target=what)
    share = could_miss_under(target, result)
    if share is None:
        return speaker.say("could_miss_unweighed", "caution", target.source)
    if share >= 1:
        return speaker.say("mix_too_thin", "caution", target.source, target=what)
    return speaker.say("could_miss_under", "info", target.source, target=what, percent=percent(share))


def _field_sensitivity(result: ResultRead, target: Target, speaker: Speaker) -> Statement:
    assert target.field_sensitivity is not None  # asked by the caller
    return speaker.say(
        "field_sensitivity",
        "info",
        target.source,
        method=speaker.the(result.method),
        target=speaker.kind_of(target.subject),
        percent=f"{100 * target.field_sensitivity:.3g}",
    )


def _misses(result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    """What the method is known not to see, but for what this very result found."""
    unseen = [
        miss
        for miss in result.method.misses
        if not any(supports(finding, miss.subject) for finding in found_by(result))
    ]
    if unseen:
        names = "; ".join(speaker.name(miss.subject) for miss in unseen)
        source = " ; ".join(dict.fromkeys(part for miss in unseen for part in miss.source.split(" ; ") if part))
        method = speaker.the(result.method)
        yield speaker.say("method_misses", "caution", source, method=method, names=names)


def _strip_beside_ftir(sample: SampleRead, result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    """FTIR and a benzodiazepine strip, both without a find, still leave a quarter unseen."""
    target = next((t.subject for t in result.method.targets if t.subject.slug == "benzodiazepine"), None)
    if target and any(other.method.slug == "ftir" and says(other, target) is False for other in sample.results):
        yield speaker.say("ftir_and_strip_miss_benzodiazepines", "caution", FTIR_AND_STRIP)


def _instrument(sample: SampleRead, result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    found = found_by(result)
    for finding in found:
        yield _found(result, finding, speaker)
    if result.outcome == "not_detected":
        yield speaker.say("nothing_detected", "caution", result.method.source, method=speaker.method(result.method))
    yield from _how_sure(sample, result, speaker)
    yield from _looked_for(result, speaker)
    yield from _does_not_clear(result, speaker)
    yield from differences(sample, result, speaker)


def _found(result: ResultRead, finding: FindingRead, speaker: Speaker) -> Statement:
    method, amount = speaker.method(result.method), finding.amount
    name = speaker.kind_of(finding.subject)
    severity: Severity = "warning" if finding.subject.is_life_threatening else "info"
    if finding.identity == "tentative":
        return speaker.say("found_tentative", "caution", method=method, name=name)
    if finding.identity == "isomer_not_determined":
        group, members = name_isomers(finding.subject, isomers_of(finding.subject), speaker)
        return speaker.say("found_isomer", severity, method=method, group=group, members=members)
    if finding.identity == "class_only" and not finding.subject.is_class and finding.subject.classes:
        name = speaker.kind_of_slug(finding.subject.classes[0])
    if finding.identity == "class_only" or finding.subject.is_class:
        return speaker.say("found_class_only", severity, method=method, name=name)
    if amount is None:
        return speaker.say("found", severity, method=method, name=name)
    if amount.is_trace:
        return speaker.say("found_trace", severity, method=method, name=name)
    if amount.kind == "percent_ftir":
        return speaker.say("found_band", severity, FTIR_LIMITS, method=method, name=name, band=_band(finding, speaker))
    return speaker.say("found_amount", severity, method=method, name=name, amount=amount_text(amount, speaker))


def _band(finding: FindingRead, speaker: Speaker) -> str:
    assert finding.amount is not None  # asked by the caller
    return speaker.word(ftir_band(finding.amount))


def _how_sure(sample: SampleRead, result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    """The rung this result reaches by itself, with the independent techniques that point the same way."""
    if not counts(result):
        return
    findings = [finding for finding in found_by(result) if finding.identity != "tentative"]
    exact = [finding for finding in findings if names_exactly(result, finding)]
    if exact:
        names = speaker.listed(speaker.name(finding.subject) for finding in exact)
        yield speaker.say("how_sure_confirmed", "info", names=names, method=speaker.method(result.method))
    by_techniques: dict[tuple[str, ...], list[str]] = {}
    for finding in findings:
        if finding not in exact:
            techniques = weigh(sample, finding.subject).techniques
            by_techniques.setdefault(techniques, []).append(finding_name(finding, speaker))
    for techniques, named in by_techniques.items():
        n = len(techniques)
        count = speaker.word("one_technique") if n == 1 else speaker.word("several_techniques").format(n=n)
        known = speaker.listed(speaker.word(technique) for technique in techniques)
        yield speaker.say("how_sure_presumptive", "info", names=speaker.listed(named), count=count, techniques=known)


def _looked_for(result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    absent = [finding for finding in result.findings if not finding.is_detected]
    if not absent:
        return
    parts = []
    for finding in absent:
        name = speaker.name(finding.subject)
        if finding.limit_value is not None:
            limit = f"{finding.limit_value:g} {finding.limit_unit}".strip()
            name = f"{name} ({speaker.word('down_to').format(limit=limit)})"
        parts.append(name)
    method = speaker.method(result.method)
    yield speaker.say("looked_for_not_detected", "info", method=method, names=speaker.listed(parts))


def _does_not_clear(result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    if result.method.family == "spectroscopy":
        yield speaker.say("ftir_does_not_clear", "caution", FTIR_LIMITS, method=speaker.method(result.method))
        for target in result.method.targets:
            if target.field_sensitivity is not None and says(result, target.subject) is False:
                yield _field_sensitivity(result, target, speaker)
    else:
        yield from _misses(result, speaker)


def _caveats(sample: SampleRead, result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    """What holds for any reading."""
    if not result.lot_is_sound:
        yield speaker.say("lot_not_sound", "caution")
    if result.quality:
        yield speaker.say("outside_quality_control", "caution", reasons=reasons(result.quality, speaker))
    if result.outcome == "invalid":
        return
    if sample.material == "residue":
        yield speaker.say("residue_earlier_use", "caution", "https://drugpolicyfacts.org/node/4497")
    if sample.is_contaminated:
        yield speaker.say("sample_contaminated", "caution")
    yield speaker.say("small_portion", "info", UNEVEN_MIXING)
