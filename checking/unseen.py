"""What an instrument did not find: down to which share it would have seen it, and what it can miss by name."""

from collections.abc import Iterator

from .evidence import found_by, says, supports
from .limits import percent
from .readings import ResultRead, SampleRead, Target
from .statements import Speaker, Statement

# `does_not_clear` names these, each with the reason that it matters in small amounts.
NEVER_CLEARED = frozenset({"fentanyl_type_opioid", "carfentanil", "nitazene", "benzodiazepine", "alpha2_agonist"})
FTIR_LIMITS = "https://drugcheckingbc.ca/technologies ; https://doi.org/10.1016/j.drugalcdep.2020.108006"
MANY = 3  # targets named one by one; beyond it, "what it looks for"


def not_found(sample: SampleRead, result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    """All that a negative of this instrument, or what it did not name, has to be read with."""
    yield from _looked_for(result, speaker)
    yield from _limits(sample, result, speaker)
    if result.method.family == "spectroscopy":
        yield speaker.say("ftir_does_not_clear", "caution", FTIR_LIMITS, method=speaker.method(result.method))
        for target in result.method.targets:
            if target.field_sensitivity is not None and says(result, target.subject) is False:
                yield field_sensitivity(result, target, speaker)
        yield from misses(result, speaker, but_for=NEVER_CLEARED)
    else:
        yield from misses(result, speaker)


def misses(result: ResultRead, speaker: Speaker, but_for: frozenset[str] = frozenset()) -> Iterator[Statement]:
    """What the method is known not to see, but for what this very result found."""
    unseen = [
        miss
        for miss in result.method.misses
        if miss.subject.slug not in but_for and not any(supports(found, miss.subject) for found in found_by(result))
    ]
    if unseen:
        names = "; ".join(speaker.name(miss.subject) for miss in unseen)
        source = " ; ".join(dict.fromkeys(part for miss in unseen for part in miss.source.split(" ; ") if part))
        method = speaker.the(result.method)
        yield speaker.say("method_misses", "caution", source, method=method, names=names)


def field_sensitivity(result: ResultRead, target: Target, speaker: Speaker) -> Statement:
    assert target.field_sensitivity is not None  # asked by the caller
    return speaker.say(
        "field_sensitivity",
        "info",
        target.source,
        method=speaker.the(result.method),
        target=speaker.kind_of(target.subject),
        percent=f"{100 * target.field_sensitivity:.3g}",
    )


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


def _limits(sample: SampleRead, result: ResultRead, speaker: Speaker) -> Iterator[Statement]:
    """Down to which share by mass an instrument sees what it did not find, at best; or that nobody knows.

    The limit is a share of the sample itself, so it needs no weight of the portion; of residue nobody knows what
    the whole was, so it gets no figure.
    """
    unseen: dict[float | None, list[Target]] = {}
    for target in result.method.targets:
        if not any(supports(finding, target.subject) for finding in found_by(result)):
            known = None if sample.material == "residue" else target.limit_w_w
            unseen.setdefault(known, []).append(target)
    method = speaker.method(result.method)
    for limit_w_w, targets in unseen.items():
        source, names = targets[0].source, _names(result, targets, speaker)
        if limit_w_w is None:
            yield speaker.say("limit_depends", "info", source, method=method, names=names)
        else:
            share = percent(limit_w_w)
            yield speaker.say("limit_by_mass", "info", source, method=method, names=names, percent=share)


def _names(result: ResultRead, targets: list[Target], speaker: Speaker) -> str:
    if len(targets) > MANY:
        return speaker.word("anything_else" if found_by(result) else "what_it_looks_for")
    return speaker.listed(speaker.kind_of(target.subject) for target in targets)
