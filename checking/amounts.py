"""Amounts: which basis they are on, and what per cents by FTIR are in words."""

from decimal import Decimal

from .guidance import AmountLimit
from .readings import Amount, FindingRead

# How much heavier a salt is than the base in it: ratio of molar masses.
# MDMA C11H15NO2 193.25 g/mol, with HCl 229.71 g/mol: 200 mg of base is 238 mg of hydrochloride.
SALT_PER_BASE = {("mdma", "salt:hydrochloride"): Decimal("229.71") / Decimal("193.25")}

# Upper end of each band, per cent of what was read. FTIR estimates are rough: words, never decimals.
FTIR_BANDS = ((7.5, "small"), (17.5, "tenth"), (37.5, "quarter"), (62.5, "half"), (87.5, "three_quarters"))


def ftir_band(amount: Amount) -> str:
    """The band a per cent by FTIR falls in; `all` above the last."""
    percent = middle(amount)
    if percent is None:
        return "some"
    return next((band for end, band in FTIR_BANDS if percent <= end), "all")


def middle(amount: Amount) -> Decimal | None:
    """The value, else the middle of its range, else the end that is known."""
    if amount.value is not None:
        return amount.value
    ends = [end for end in (amount.low, amount.high) if end is not None]
    return sum(ends, Decimal(0)) / len(ends) if ends else None


def on_basis(amount: Amount, slug: str, basis: str) -> Decimal | None:
    """The amount counted as `basis`. None where its own basis is unknown or the two cannot be compared."""
    value = middle(amount)
    if value is None or amount.basis == "unknown":
        return None
    if amount.basis == basis:
        return value
    if amount.basis == "base" and (slug, basis) in SALT_PER_BASE:
        return value * SALT_PER_BASE[slug, basis]
    if basis == "base" and (slug, amount.basis) in SALT_PER_BASE:
        return value / SALT_PER_BASE[slug, amount.basis]
    return None


def limit_passed(finding: FindingRead, limits: tuple[AmountLimit, ...]) -> AmountLimit | None:
    """The highest limit this finding is above; None where it is under all, or where its basis is unknown."""
    amount = finding.amount
    if amount is None or not finding.is_detected:
        return None
    passed = [
        limit
        for limit in limits
        if (limit.slug, limit.kind) == (finding.subject.slug, amount.kind)
        and (value := on_basis(amount, limit.slug, limit.basis)) is not None
        and value > limit.above
    ]
    return max(passed, key=lambda limit: limit.above, default=None)


def plain(number: Decimal) -> str:
    """A number without the zeros a database pads it with."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
