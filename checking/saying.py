"""What one result may say: lines and outcome, findings that do not contradict it, and amounts.

Plain values in; every problem goes under its field's path. `at` is the path of the result with a
dot behind it, or nothing where the result is the whole body.
"""

from collections.abc import Sequence
from decimal import Decimal

from . import bodies
from .problems import Problems
from .readings import MethodFacts

REAGENT_OUTCOMES = frozenset({"consistent_with", "not_consistent"})
DECIMALS = 6  # of a stored amount
SMALLEST = 10**-DECIMALS

# The most that can be: per cents of a whole, and mg in a gram. Per unit, what a body may say at all.
HIGHEST = {"percent_ftir": 100, "percent_w_w": 100, "mg_per_g": 1000}
HIGHEST_PER_UNIT = 1_000_000


def strip_outcome(body: bodies.NewResult, at: str, problems: Problems) -> str | None:
    """One line means detected; a faint second line is still not detected; no control line is invalid."""
    if body.outcome is not None:
        problems.add(f"{at}outcome", "A strip takes `control` and `test_line`; its outcome follows from them.")
    if body.control is None:
        problems.add(f"{at}control", "Say whether the control line showed.")
    if body.test_line is None:
        problems.add(f"{at}test_line", "Say whether the test line was clear, faint or absent.")
    if body.control is None or body.test_line is None:
        return None
    if not body.control:
        return "invalid"
    return "detected" if body.test_line == "absent" else "not_detected"


def other_outcome(body: bodies.NewResult, method: MethodFacts, at: str, problems: Problems) -> str | None:
    """The outcome of anything but a strip."""
    for name, value in (("control", body.control), ("test_line", body.test_line)):
        if value is not None:
            problems.add(f"{at}{name}", "Only strips have lines.")
    if body.outcome is None:
        problems.add(f"{at}outcome", "Say what the outcome was.")
        return None
    if method.family == "reagent" and body.outcome in {"detected", "not_detected"}:
        problems.add(f"{at}outcome", "A reagent is consistent_with or not_consistent.")
    if method.family != "reagent" and body.outcome in REAGENT_OUTCOMES:
        problems.add(f"{at}outcome", f"{body.outcome} is for reagents only.")
    return body.outcome


def agree(
    outcome: str | None, findings: Sequence[bodies.NewFinding], method: MethodFacts, at: str, problems: Problems
) -> None:
    """What a result says on the whole and of each substance must not contradict each other."""
    detected = any(finding.detected is not False for finding in findings)
    if outcome == "detected" and not detected and method.family != "strip":
        problems.add(f"{at}findings", "Say what was detected.")
    if outcome in {"not_detected", "invalid"} and detected:
        problems.add(f"{at}outcome", f"{outcome} contradicts a finding that was detected.")


def check_amount(body: bodies.NewAmount, path: str, problems: Problems) -> None:
    """An amount that can be, and that can be stored as it was sent."""
    if body.kind == "relative":
        if not isinstance(body.value, str):
            problems.add(f"{path}.value", "Say primary, major, minor or trace.")
        for name, end in (("low", body.low), ("high", body.high)):
            if end is not None:
                problems.add(f"{path}.{name}", "Only a number has a range.")
        return
    if isinstance(body.value, str):
        problems.add(f"{path}.value", "Say a number.")
        return
    highest = HIGHEST.get(body.kind, HIGHEST_PER_UNIT)
    for name, value in (("value", body.value), ("low", body.low), ("high", body.high)):
        if value is not None and value > highest:
            problems.add(f"{path}.{name}", f"This is more than {highest}.")
        if value and value < SMALLEST:
            problems.add(f"{path}.{name}", f"This is less than can be stored: {stored(SMALLEST)}, or 0.")
    if body.low is not None and body.low > body.value:
        problems.add(f"{path}.low", "The low end is above the value.")
    if body.high is not None and body.high < body.value:
        problems.add(f"{path}.high", "The high end is below the value.")


def stored(value: float | None) -> Decimal | None:
    """A number as it is stored."""
    return None if value is None else round(Decimal(repr(value)), DECIMALS)
