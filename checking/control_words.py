"""Why quality control speaks against a result, in words."""

from collections.abc import Iterable

from .readings import Doubt
from .statements import Speaker


def reasons(doubts: Iterable[Doubt], speaker: Speaker) -> str:
    """ "the last blank before it failed; no passed positive control in 7 days"."""
    return "; ".join(_reason(doubt, speaker) for doubt in doubts)


def _reason(doubt: Doubt, speaker: Speaker) -> str:
    kind = speaker.word(f"check_{doubt.kind}") if doubt.kind else ""
    code = f"{doubt.code}_one" if doubt.days == 1 else doubt.code
    return speaker.word(f"quality_{code}").format(kind=kind, days=doubt.days)
