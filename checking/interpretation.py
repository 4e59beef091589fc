"""What a result says, what it could have missed, what may have confused it, and how sure it is.

Plain values in and out. Rules and figures come with the method (`MethodFacts`), each with its source;
the words are in `interpretation_texts.py`. Nothing here calls anything safe: what was not detected was
below what this method reads.
"""

from collections.abc import Iterator, Mapping

from .advising import advise
from .amounts import ftir_band
from .control_words import reasons
from .differing import differences
from .evidence import Evidence, found_by, says, technique_of, weigh
from .follow_up import FEWEST_FOLLOWED, FollowedUp
from .guidance import isomers_of
from .limits import confusers, could_miss_under, percent
from .method_rules import hard_forms, rules
from .putting import amount_text, name_isomers
from .readings import FindingRead, ResultRead, SampleRead, Target
from .statements import Severity, Speaker, Statement
from .sureness import how_sure
from .unseen import FTIR_LIMITS, field_sensitivity, misses, not_found

__all__ = ["Evidence", "Statement", "Truths", "advise", "interpret", "weigh"]

# Where rules that are no method's own come from.
ONE_LINE = "https://dancesafe.org/rcblocks/xylazine-digital-testing-instructions/"
UNEVEN_MIXING = "https://drugcheckingbc.ca/technologies"
FTIR_AND_STRIP = "https://doi.org/10.1016/j.drugalcdep.2025.112631"
ONE_MASS = "https://pmc.ncbi.nlm.nih.gov/articles/PMC5793031"
SIGNAL_NOT_AMOUNT = "https://federallabs.org/flc-highlights/awards/radar-program"

# What labs said of strips that this network followed up, by method and outcome of the strip.
Truths = Mapping[tuple[str, str], FollowedUp]
NOT_KNOWN: Truths = {}


def interpret(
    sample: SampleRead, result: ResultRead, language: str = "en", truths: Truths = NOT_KNOWN
) -> list[Statement]:
    """What one result of a sample says, most telling first. `truths`: how often such strips were right here."""
    speaker = Speaker(language)
    return [
        *_reading(sample, result, speaker),
        *_network_truth(result, truths, speaker),
        *_caveats(sample, result, speaker),
    ]


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
    names = speaker.listed(named)
    is_consistent = result.outcome in {"consistent_with", "detected"}
    code = "reagent_consistent" if is_consistent else "reagent_not_consistent"
    severity: Severity = "info" if is_consistent else "caution"
    yield speaker.say(code, severity, result.method.source, names=names)
    if is_consistent:
        yield speaker.say("how_sure_reported", "info", names=names)
    yield speaker.say("reagent_shows_little", "info", result.method.source)
    yield from misses(result, speaker)


def _strip(sample: SampleRead, result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    for target in result.method.targets:
        if result.outcome == "detected":
            yield from _strip_reacted(sample, result, target, speaker)
        else:
            yield from _strip_did_not(result, target, speaker)
    if result.outcome == "not_detected":
        yield from misses(result, speaker)
        yield from _strip_beside_ftir(sample, result, speaker)
    else:
        yield from how_sure(sample, result, speaker)
        yield from _ftir_blind(sample, result, result, speaker)
    yield from differences(sample, result, speaker)


def _strip_reacted(sample: SampleRead, result: ResultRead, target: Target, speaker: Speaker) -> Iterator[Statement]:
    severity: Severity = "warning" if target.subject.is_life_threatening else "caution"
    what = speaker.kind_of(target.subject)
    yield speaker.say("strip_reacted", severity, ONE_LINE, method=speaker.method(result.method), target=what)
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
        yield field_sensitivity(result, target, speaker)
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


def _strip_beside_ftir(sample: SampleRead, result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    """FTIR and a benzodiazepine strip, both without a find, still leave a quarter unseen."""
    target = next((t.subject for t in result.method.targets if t.subject.slug == "benzodiazepine"), None)
    if target and any(other.method.slug == "ftir" and says(other, target) is False for other in sample.results):
        yield speaker.say("ftir_and_strip_miss_benzodiazepines", "caution", FTIR_AND_STRIP)


def _ftir_blind(sample: SampleRead, strip: ResultRead, result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    """How often FTIR saw no fentanyl where a strip reacted, where this is such a pair. `result`: whose card it is."""
    targets = [target.subject for target in strip.method.targets if target.subject.slug == "fentanyl_type_opioid"]
    readings = [result] if result.method.slug == "ftir" else sample.results
    if any(each.method.slug == "ftir" and says(each, target) is False for each in readings for target in targets):
        rule = rules()["say-what-was-measured"]
        yield speaker.say("ftir_beside_strips", "info", rule.source, per_hundred=str(rule.per_hundred))


def _network_truth(result: ResultRead, truths: Truths, speaker: Speaker) -> Iterator[Statement]:
    """What labs said of such strips in this network; never from fewer than were needed to say anything."""
    known = truths.get((result.method.slug, result.outcome))
    if known is not None and known.followed >= FEWEST_FOLLOWED:
        code = "network_truth_reacted" if result.outcome == "detected" else "network_truth_did_not"
        yield speaker.say(code, "info", n=str(known.followed), right=str(known.right))


def _instrument(sample: SampleRead, result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    for finding in found_by(result):
        yield _found(result, finding, speaker)
    if result.outcome == "not_detected":
        yield speaker.say("nothing_detected", "caution", result.method.source, method=speaker.method(result.method))
    yield from how_sure(sample, result, speaker)
    yield from _read_with_care(sample, result, speaker)
    yield from not_found(sample, result, speaker)
    yield from differences(sample, result, speaker)
    if result.method.slug == "ftir":
        for strip in sample.results:
            if strip.method.family == "strip" and strip.outcome == "detected":
                yield from _ftir_blind(sample, strip, result, speaker)


def _read_with_care(sample: SampleRead, result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    """What may have made an instrument name the wrong thing, or say more than it measured."""
    found, method = found_by(result), speaker.method(result.method)
    for finding in found:
        if finding.identity == "exact" and technique_of(result.method) == "ambient_ms" and isomers_of(finding.subject):
            members = name_isomers(finding.subject, isomers_of(finding.subject), speaker)[1]
            yield speaker.say("may_be_isomer", "caution", ONE_MASS, method=method, members=members)
    alike = [
        confusion
        for confusion in result.method.confusions
        if any(
            finding.subject.is_within(confusion.subject) and weigh(sample, finding.subject).rung != "confirmed"
            for finding in found
        )
    ]
    if alike:
        kinds = speaker.listed(speaker.name(confusion.subject) for confusion in alike)
        yield speaker.say("may_look_alike", "caution", alike[0].source, method=method, names=kinds)
    if source := hard_forms().get((result.method.slug, sample.form), ""):
        yield speaker.say("form_reads_badly", "caution", source, method=method)
    is_ranked = any(finding.amount is not None and finding.amount.kind == "relative" for finding in found)
    if is_ranked and not result.method.measures_amount:
        yield speaker.say("rank_is_no_weight", "info", SIGNAL_NOT_AMOUNT)


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
