"""Samples and results made by hand from the real method facts: no database, nothing left out.

The facts are read from the reference files themselves, so a test that leans on a limit or a confuser
leans on what the program ships.
"""

from dataclasses import replace
from datetime import date
from functools import cache

from checking.guidance import rows_of
from checking.readings import Amount, Confusion, FindingRead, MethodFacts, Miss, ResultRead, SampleRead, Subject, Target

DAY = date(2026, 11, 18)


def _is_yes(own: str, inherited: bool) -> bool:
    return inherited if not own else own == "yes"


def _number(text: str) -> float | None:
    return float(text) if text else None


@cache
def subjects() -> dict[str, Subject]:
    """Every substance and class of the vocabulary."""
    rows = {row["slug"]: row for row in rows_of("classes.csv")}
    spanish = {row["slug"]: row["name_es"] for row in rows_of("names_es.csv")}
    made: dict[str, Subject] = {}
    for slug, row in rows.items():
        above, at = [], slug
        while at:
            above.append(at)
            at = rows[at]["parent"]
        made[slug] = Subject(
            slug,
            row["name_en"],
            row["name_es"],
            True,
            tuple(above),
            row["life_threatening"] == "yes",
            row["watched"] == "yes",
        )
    for row in rows_of("substances.csv"):
        kind = made[row["class"]]
        made[row["slug"]] = Subject(
            row["slug"],
            row["preferred_name"],
            spanish.get(row["slug"], row["preferred_name"]),
            False,
            kind.classes,
            _is_yes(row["life_threatening"], kind.is_life_threatening),
            _is_yes(row["watched"], kind.is_watched),
            row["typical_role"],
        )
    return made


def subject(slug: str) -> Subject:
    return subjects()[slug]


@cache
def methods() -> dict[str, MethodFacts]:
    """Every method with its targets, misses and confusions."""
    return {row["slug"]: _facts(row) for row in rows_of("methods.csv")}


def _facts(row) -> MethodFacts:
    slug = row["slug"]
    return MethodFacts(
        slug=slug,
        name=row["name"],
        name_es=row["name_es"],
        family=row["family"],
        tells=row["tells"],
        names_exactly=row["names_exactly"] == "yes",
        measures_amount=row["measures_amount"] == "yes",
        looks_broadly=row["looks_broadly"] == "yes",
        typical_limit=row["typical_limit"],
        targets=tuple(
            Target(
                subject(target["target"]),
                target["full"] == "yes",
                *(_number(target[name]) for name in ("cutoff_ng_per_ml", "limit_ng_per_ml", "limit_w_w")),
                *(_number(target[name]) for name in ("field_sensitivity", "field_specificity")),
                target["source"],
            )
            for target in rows_of("method_targets.csv")
            if target["method"] == slug
        ),
        misses=tuple(
            Miss(subject(miss["misses"]), miss["why"], miss["source"])
            for miss in rows_of("method_misses.csv")
            if miss["method"] == slug
        ),
        confusions=tuple(
            Confusion(
                subject(found["confuser"]),
                _number(found["from_mg_per_ml"]),
                found["brand"],
                found["why"],
                found["source"],
            )
            for found in rows_of("method_confusers.csv")
            if found["method"] == slug
        ),
        source=row["source"],
    )


def method(slug: str) -> MethodFacts:
    return methods()[slug]


def make_finding(slug: str, amount: Amount | None = None, **said) -> FindingRead:
    return FindingRead(subject(slug), amount=amount, **said)


def make_strip(slug: str, line: str = "absent", mg: float | None = None, ml: float | None = None, **said) -> ResultRead:
    """A strip that worked: `absent` test line means detected. With `mg` and `ml` it was weighed."""
    outcome = "detected" if line == "absent" else "not_detected"
    facts = method(slug)
    findings = tuple(FindingRead(target.subject, identity="class_only") for target in facts.targets)
    made = ResultRead(
        id=f"{slug}-{line}-{mg}-{ml}",
        method=facts,
        lab="harbour",
        outcome=outcome,
        findings=findings if outcome == "detected" else (),
        performed_on=DAY,
        chosen_because="all",
        control=True,
        test_line=line,
        sample_mg=mg,
        is_weighed=mg is not None,
        diluent_ml=ml,
    )
    return replace(made, **said)


def make_result(slug: str, *found: FindingRead | str, **said) -> ResultRead:
    """A result of a method; findings as slugs or made by `make_finding`."""
    findings = tuple(make_finding(each) if isinstance(each, str) else each for each in found)
    is_found = any(finding.is_detected for finding in findings)
    made = ResultRead(
        id=f"{slug}-{'-'.join(finding.subject.slug for finding in findings)}",
        method=method(slug),
        lab="harbour",
        outcome="detected" if is_found else "not_detected",
        findings=findings,
        performed_on=DAY,
        chosen_because="all",
    )
    return replace(made, **said)


def make_sample(*results: ResultRead, expected: tuple[str, ...] = (), **said) -> SampleRead:
    return SampleRead(
        id="s",
        site="harbour",
        area="us-pa-allegheny",
        expected=tuple(subject(slug) for slug in expected),
        results=results,
        **said,
    )
