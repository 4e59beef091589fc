"""How little a strip could have missed, and what could have made it react."""

import math

from .readings import Confusion, ResultRead, SampleRead, Target

NG_PER_MG = 1_000_000


def strength_mg_per_ml(result: ResultRead) -> float | None:
    """How strong the tested mix was. None where nobody weighed: a scoop is not a weight."""
    return result.mg_per_ml if result.is_weighed else None


def smallest_share_seen(limit_ng_per_ml: float, mg_per_ml: float) -> float:
    """The smallest share of the powder by mass, 0 to 1, that a strip can see at best.

    Limit over strength of the mix. 3,000 ng/mL at 2 mg/mL is 0.0015 (0.15 %).
    """
    return limit_ng_per_ml / NG_PER_MG / mg_per_ml


def could_miss_under(target: Target, result: ResultRead) -> float | None:
    """Share by mass, 0 to 1, under which the strip could have missed the target; None where unknown."""
    strength = strength_mg_per_ml(result)
    if target.limit_ng_per_ml is None or strength is None:
        return None
    return smallest_share_seen(target.limit_ng_per_ml, strength)


def percent(share: float) -> str:
    """A share as a per cent with two figures that mean something, rounded up: we promise no more than is so."""
    value = share * 100
    if value <= 0:
        return "0"
    digits = 1 - math.floor(math.log10(value))
    # The tiny step back keeps 0.15 from becoming 0.16 by the last bit of a float.
    rounded = math.ceil(value * 10**digits * (1 - 1e-9)) / 10**digits
    return f"{rounded:.{max(digits, 0)}f}".rstrip("0").rstrip(".") if digits > 0 else f"{rounded:.0f}"


def confusers(sample: SampleRead, result: ResultRead) -> tuple[Confusion, ...]:
    """What is expected or was found in the sample and could make this method react without its target."""
    strength = strength_mg_per_ml(result)
    return tuple(
        confusion
        for confusion in result.method.confusions
        if _is_brand(confusion, result)
        and (confusion.from_mg_per_ml is None or strength is None or strength >= confusion.from_mg_per_ml)
        and (is_expected(sample, confusion) or is_found(sample, confusion))
    )


def _is_brand(confusion: Confusion, result: ResultRead) -> bool:
    """A confusion of one brand speaks for that brand, and for a strip whose brand nobody wrote down."""
    return not confusion.brand or not result.lot_brand or confusion.brand.casefold() == result.lot_brand.casefold()


def is_expected(sample: SampleRead, confusion: Confusion) -> bool:
    """True where it, one of its kind, or a class it belongs to is expected."""
    return any(
        subject.is_within(confusion.subject) or confusion.subject.is_within(subject) for subject in sample.expected
    )


def is_found(sample: SampleRead, confusion: Confusion) -> bool:
    """True where any reading of the sample, a reagent's too, points to it."""
    return any(finding.subject.is_within(confusion.subject) for result in sample.results for finding in result.detected)
