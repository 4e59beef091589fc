"""Everything that interpretation and advice can say: each method, outcome and kind of finding, alone and beside others.

A systematic set, made by hand from the real method facts, for tests that hold the words themselves.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache

from checking.follow_up import FEWEST_FOLLOWED, FollowedUp
from checking.interpretation import Statement, advise, interpret
from checking.readings import Amount, Doubt, FindingRead, ResultRead, SampleRead
from tests.readings_by_hand import make_finding, make_result, make_sample, make_strip, methods, subject

OUTCOMES = ("detected", "not_detected", "inconclusive", "invalid", "consistent_with", "not_consistent")
IDENTITIES = ("exact", "class_only", "tentative", "isomer_not_determined")
FOUND = ("fentanyl", "p-fluorofentanyl", "metonitazene", "medetomidine", "mdma", "cocaine", "bromazolam", "nitazene")
AMOUNTS = (
    None,
    *(Amount("relative", rank=rank) for rank in ("primary", "major", "minor", "trace")),
    *(Amount("percent_ftir", value=Decimal(value)) for value in ("2", "10", "25", "50", "75", "97")),
    Amount("percent_w_w", "", Decimal("4.1"), Decimal("3.7"), Decimal("4.5"), "base"),
    Amount("mg_per_unit", value=Decimal(240), basis="salt:hydrochloride", portion="whole"),
    Amount("mg_per_unit", low=Decimal(100), high=Decimal(300), portion="part"),
    Amount("ug_per_unit", value=Decimal(120)),
    Amount("mg_per_g", value=Decimal(41), basis="base"),
)
EXPECTED = ((), ("mdma",), ("cocaine",), ("heroin",), ("fentanyl",), ("oxycodone",), ("alprazolam",))
DOUBTS = (
    Doubt("failed_before", "blank"),
    Doubt("failed_after", "positive_control"),
    Doubt("overdue", "background", 1),
    Doubt("overdue", "blank", 7),
    Doubt("second_reader"),
)
TRUTHS = {
    (slug, outcome): FollowedUp(FEWEST_FOLLOWED, FEWEST_FOLLOWED - 3)
    for slug, facts in methods().items()
    if facts.family == "strip"
    for outcome in ("detected", "not_detected")
}


def _findings() -> Iterator[tuple[FindingRead, ...]]:
    """Nothing, one of each kind, looked for and not found, and several at once."""
    yield ()
    for slug in FOUND:
        for identity in IDENTITIES:
            yield (make_finding(slug, identity=identity),)
        yield (FindingRead(subject(slug), is_detected=False, limit_value=0.1, limit_unit="%"),)
    for amount in AMOUNTS:
        yield (make_finding("mdma", amount),)
        yield (make_finding("fentanyl", amount), make_finding("cocaine"))


@cache
def results() -> tuple[ResultRead, ...]:
    """Each method, outcome and kind of finding; strips weighed, thin, unweighed, faint and without control."""
    made = [
        ResultRead(f"{slug}-{outcome}-{number}", facts, "harbour", outcome, findings, control=True)
        for slug, facts in methods().items()
        for outcome in OUTCOMES
        for number, findings in enumerate(_findings())
        if facts.family not in {"strip", "reagent"} or number < 2
    ]
    strips = [slug for slug, facts in methods().items() if facts.family == "strip"]
    for slug in strips:
        made += [make_strip(slug, line) for line in ("absent", "faint", "clear")]
        made += [
            make_strip(slug, line, mg, ml) for line in ("absent", "clear") for mg, ml in ((10, 5), (10, 50), (1, 9e5))
        ]
        made.append(make_strip(slug, outcome="invalid", control=False, findings=()))
    return tuple(made)


def beside() -> tuple[tuple[ResultRead, ...], ...]:
    """What else may have been read of a sample."""
    strip, quiet = make_strip("fentanyl-strip", mg=10, ml=5), make_strip("fentanyl-strip", "clear")
    lab, other_lab = make_result("gc-ms", "fentanyl", "medetomidine"), make_result("lc-ms", "cocaine")
    return (
        (),
        (strip,),
        (quiet,),
        (make_strip("fentanyl-strip", mg=10, ml=50),),
        (make_strip("fentanyl-strip", "clear", mg=10, ml=50),),
        (make_result("ftir", "cocaine", "diphenhydramine", "lidocaine"),),
        (lab,),
        (other_lab,),
        (lab, other_lab),
        (strip, lab),
        (strip, other_lab),
        (quiet, lab, make_result("ftir", "fentanyl")),
        (make_strip("benzodiazepine-strip", "clear"), make_result("ftir", "caffeine")),
    )


def samples() -> Iterator[tuple[SampleRead, ResultRead]]:
    """Each result in a sample of its own, and a choice of them in every kind of company."""
    for result in results():
        yield make_sample(result, expected=("cocaine",)), result
    chosen = [result for number, result in enumerate(results()) if number % 29 == 0 or result.method.family == "strip"]
    for others in beside():
        for result in (*chosen, *others):
            for expected in EXPECTED:
                company = tuple(other for other in others if other.id != result.id)
                yield make_sample(result, *company, expected=expected), result
    for result in chosen:
        for doubt in DOUBTS:
            yield make_sample(doubted := replace(result, quality=(doubt,))), doubted
        yield make_sample(unsound := replace(result, lot_is_sound=False)), unsound
        yield make_sample(result, material="residue", is_contaminated=True), result
        yield make_sample(result, form="plant"), result
        yield make_sample(result, form="tar"), result


@cache
def everything_said(language: str) -> frozenset[Statement]:
    """All there is to say, each statement once."""
    said: set[Statement] = set()
    for sample, result in samples():
        said.update(interpret(sample, result, language, TRUTHS))
        said.update(advise(sample, language))
    return frozenset(said)
