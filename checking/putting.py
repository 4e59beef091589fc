"""Amounts and possible isomers in words."""

from collections.abc import Iterable

from .amounts import plain
from .guidance import isomers_of
from .readings import Amount, FindingRead, Subject
from .statements import Speaker


def amount_text(amount: Amount, speaker: Speaker) -> str:
    """The amount as the lab said it, with what it is counted as. Never for per cents by FTIR: those are bands."""
    if amount.kind == "relative":
        return speaker.word(amount.rank)
    unit = speaker.word(amount.kind)
    ends = [plain(end) for end in (amount.low, amount.high) if end is not None]
    between = f" {speaker.word('to')} ".join(ends)
    if amount.value is None:
        figure = f"{between} {unit}"
    elif ends:
        figure = f"{plain(amount.value)} {unit} ({between})"
    else:
        figure = f"{plain(amount.value)} {unit}"
    parts = [figure, basis_text(amount.basis, speaker)]
    if amount.portion == "part":
        parts.append(speaker.word("part_of_unit"))
    return ", ".join(parts)


def basis_text(basis: str, speaker: Speaker) -> str:
    """What an amount is counted as."""
    kind, _, salt = basis.partition(":")
    if kind != "salt":
        return speaker.word("basis_base" if kind == "base" else "basis_unknown")
    named = speaker.word(salt) if speaker.has_word(salt) else salt
    return speaker.word("basis_salt").format(salt=named)


def finding_name(finding: FindingRead, speaker: Speaker) -> str:
    """What a finding names: a compound, one of a class, or the isomers it may be."""
    if finding.identity == "isomer_not_determined":
        return name_isomers(finding.subject, isomers_of(finding.subject), speaker)[1]
    return speaker.kind_of(finding.subject)


def name_isomers(subject: Subject, members: Iterable[str], speaker: Speaker) -> tuple[str, str]:
    """The class and the members a finding may be, where isomers were not told apart."""
    group = speaker.name_of(subject.classes[0]) if subject.classes else speaker.name(subject)
    named = speaker.listed((speaker.name_of(slug) for slug in members), joint="or")
    return group, named or speaker.name(subject)
