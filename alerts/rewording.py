"""What stays right while people change the words: how sure it is, where it is, at which level.

Plain values in, plain values out. The words themselves are those of `alerts.messages`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from . import gsm7

RUNGS = ("reported", "presumptive", "confirmed")

# The most that each kind of reading can say: a strip, or one instrument, never confirms.
MOST = {
    "lab": "confirmed",
    "amount": "confirmed",
    "two_methods": "presumptive",
    "reading": "presumptive",
    "strip": "presumptive",
    "reported": "reported",
    "fallen": "reported",  # what was found once and no longer stands
}
# Which kind of reading says more than which, from little to much.
_WORTH = ("fallen", "reported", "strip", "reading", "two_methods", "lab")
_RUNG_KEYS = {"confirmed": "confirmed", "presumptive": "presumptive", "reported": "unknown"}


def rung_said(kind: str, rung: str) -> str:
    """The rung the words may name: what stands behind it, and no more than its kind can tell."""
    return min((rung if rung in RUNGS else "reported", MOST[kind]), key=RUNGS.index)


def kind_said(kind: str, rung: str) -> str:
    """Which sentences fit. "A lab found" is said of what is confirmed; below that it is a first reading."""
    said = rung_said(kind, rung)
    if said == "reported":
        return "fallen" if kind == "fallen" else "reported"
    return "reading" if kind in {"lab", "amount"} and said != "confirmed" else kind


def worth(kind: str) -> int:
    """How much a kind of reading says, to be compared. An amount is a lab's word."""
    return _WORTH.index("lab" if kind == "amount" else kind)


def rung_line(spoken: Mapping[str, Any], rung: str) -> str:
    """The sentence that says how sure it is."""
    return str(spoken["found"][_RUNG_KEYS.get(rung, "unknown")])


def without_rung(lines: Iterable[str], spoken: Mapping[str, Any]) -> list[str]:
    """What people may change of the lines: all but the sentence that says how sure it is."""
    locked = {rung_line(spoken, rung) for rung in RUNGS}
    return [line for line in lines if line not in locked]


def locked(lines: Iterable[str], spoken: Mapping[str, Any], rung: str) -> list[str]:
    """The lines with exactly one sentence that says how sure it is: the one of this rung, before the last caveat."""
    kept = without_rung(lines, spoken)
    caveat = spoken["found"]["uneven"]
    place = kept.index(caveat) if caveat in kept else len(kept)
    return [*kept[:place], rung_line(spoken, rung), *kept[place:]]


def placed(block: Mapping[str, Any], *, before: str, now: str) -> dict[str, Any]:
    """The texts of one language with another place in them, wherever the earlier one was named."""
    if not before or before == now:
        return dict(block)
    named = re.compile(rf"(?<!\w){re.escape(before)}(?!\w)")
    return _each_text(block, lambda text: named.sub(lambda _: now, text))


def levelled(block: Mapping[str, Any], spoken: Mapping[str, Any], *, before: str, now: str) -> dict[str, Any]:
    """The texts of one language with another level in what was composed of it: the dates and the text message."""
    if before == now:
        return dict(block)
    old, new = str(spoken["levels"][before]), str(spoken["levels"][now])
    for_dates = [
        (line.replace("{level}", old.lower()), line.replace("{level}", new.lower()))
        for line in spoken["dates"]
        if "{level}" in line
    ]
    dates = list(block.get("dates", ()))
    for earlier, later in for_dates:
        dates = [later if line == earlier else line for line in dates]
    # A text message has it in capitals without accents; a drill's has its mark before it.
    begins = re.compile(rf"^(\w+: )?(?:{re.escape(old)}|{re.escape(gsm7.plain(old))})(?!\w)", re.IGNORECASE)
    sms = begins.sub(lambda found: f"{found.group(1) or ''}{new.upper()}", str(block["sms"]))
    return {**block, "dates": dates, "sms": sms}


def _each_text(block: Mapping[str, Any], change: Any) -> dict[str, Any]:
    return {
        name: change(value) if isinstance(value, str) else [change(line) for line in value]
        for name, value in block.items()
    }
