"""Amounts as sites write them: decimal commas, per cents, ranges, "trace", "<LOD"."""

import re
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from .meanings import RANKS, YES_NO, said

_NUMBER = r"\d[\d., '\u00a0\u202f]*(?:[eE][+-]?\d{1,2})?"
_PLAIN = re.compile(rf"({_NUMBER})\s*(.*)")
_RANGE = re.compile(rf"({_NUMBER})\s*(?:-|–|—|to|a|hasta)\s*({_NUMBER})\s*(.*)")
_BELOW = re.compile(rf"(?:<|<=|≤)\s*({_NUMBER})\s*(.*)")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3})+")

# Below the limit of detection nothing was seen; below that of quantification something was, too little to measure.
NOT_SEEN = frozenset({"<lod", "< lod", "lod", "nd", "n.d.", "n.d", "not detected", "none detected", "no detectado"})
SEEN_UNMEASURED = frozenset({"<loq", "< loq", "detected", "present", "detectado", "presente", "x", "✓", "✔"})

UNITS: dict[str, frozenset[str]] = {
    "percent_ftir": frozenset({"", "%"}),
    "percent_w_w": frozenset({"", "%", "% w/w", "%w/w", "wt%", "% wt"}),
    "mg_per_unit": frozenset({"", "mg", "mg/unit", "mg/tablet", "mg/pill", "mg/capsule", "mg/tab", "mg/blotter"}),
    "ug_per_unit": frozenset({"", "µg", "μg", "ug", "mcg", "µg/blotter", "ug/blotter", "µg/unit", "ug/unit"}),
    "mg_per_g": frozenset({"", "mg/g"}),
}
LIMIT_UNITS = {"percent_w_w": "percent_w_w", "mg_per_g": "mg_per_g"}  # those a limit may be said in


@dataclass(frozen=True)
class Quantity:
    """What a cell says of how much. Without rank and figures: it was there (or not), and no more."""

    is_detected: bool = True
    rank: str = ""  # primary, major, minor, trace
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    limit: Decimal | None = None  # not detected, down to this


def read_quantity(text: str, kind: str, *, decimal: str | None, below: str | None) -> Quantity:
    """One cell, of a kind of amount (`Finding.AmountKind`). Raises ValueError with a reason for people.

    `decimal` is the sign before decimals where somebody said; `below` says whether "<0.5" means
    `not_detected` or `detected`.
    """
    word = said(text)
    if word in NOT_SEEN:
        return Quantity(is_detected=False)
    if word in SEEN_UNMEASURED:
        return Quantity()
    if word in RANKS:
        return Quantity(rank=RANKS[word])
    if word in YES_NO and not word.isdigit():
        return Quantity(is_detected=YES_NO[word] == "yes")
    if kind == "relative":
        raise ValueError(_("“%(text)s” is none of primary, major, minor, trace") % {"text": text[:40]})
    if found := _BELOW.fullmatch(text):
        return _below(found, kind, decimal, below)
    if found := _RANGE.fullmatch(text):
        _same_unit(found[3], kind, text)
        low, high = read_number(found[1], decimal), read_number(found[2], decimal)
        if low > high:
            raise ValueError(_("the low end of “%(text)s” is above its high end") % {"text": text[:40]})
        return Quantity(low=low, high=high)
    if found := _PLAIN.fullmatch(text):
        _same_unit(found[2], kind, text)
        value = read_number(found[1], decimal)
        if value == 0:
            raise ValueError(_("is 0: say what that means here, not detected (nd) or nothing"))
        return Quantity(value=value)
    raise ValueError(_("“%(text)s” is no amount") % {"text": text[:40]})


def _below(found: re.Match[str], kind: str, decimal: str | None, below: str | None) -> Quantity:
    _same_unit(found[2], kind, found[0])
    limit = read_number(found[1], decimal)
    if below is None:
        raise ValueError(
            _("“%(text)s” may mean not detected, or too little to measure: the mapping has to say which")
            % {"text": found[0][:40]}
        )
    return Quantity(is_detected=False, limit=limit) if below == "not_detected" else Quantity()


def _same_unit(unit: str, kind: str, text: str) -> None:
    if said(unit) not in {said(known) for known in UNITS[kind]}:
        raise ValueError(
            _("“%(text)s” has another unit than %(kind)s, which is expected") % {"text": text[:40], "kind": kind}
        )


def read_number(text: str, decimal: str | None) -> Decimal:
    """A number with a decimal point or comma. One that could be two numbers is refused, not guessed."""
    written = re.sub(r"[ '\u00a0\u202f]", "", text.strip())
    if decimal is None and "," in written and "." in written:
        decimal = max(",.", key=written.rfind)
    if decimal is None and "," in written:
        if written.count(",") > 1:
            decimal = "."
        elif _THOUSANDS.fullmatch(written) and not written.startswith("0"):
            raise ValueError(
                _("“%(text)s” can be read as two numbers: the mapping has to say the decimal sign") % {"text": text}
            )
        else:
            decimal = ","
    decimal = decimal or "."
    group = "," if decimal == "." else "."
    whole = written.partition(decimal)[0]
    if group in written and not (_THOUSANDS.fullmatch(whole) and group in whole):
        raise ValueError(_("“%(text)s” is no number") % {"text": text[:40]})
    plain = written.replace(group, "").replace(decimal, ".")
    if plain.count(".") > 1 or not re.fullmatch(r"\d+\.?\d*(?:[eE][+-]?\d{1,2})?", plain):
        raise ValueError(_("“%(text)s” is no number") % {"text": text[:40]})
    return Decimal(plain)
