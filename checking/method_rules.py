"""Rules of interpretation and what field studies found, as data: plain words, evidence, source, review date.

Rows of CSV, read once. `interpretation_rules.csv` says which statements carry each rule out, so that a test
can hold every rule to what people are really told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from .guidance import rows_of
from .statements import Speaker

ALL = "all"


@dataclass(frozen=True, slots=True)
class Said:
    """The same in both languages."""

    en: str
    es: str

    def in_language(self, language: str) -> str:
        return self.es if language.lower().startswith("es") else self.en


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Who looked at a row, and when. Both empty: not yet reviewed by a chemist."""

    checked_by: str = ""
    on: str = ""  # ISO date


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of interpretation."""

    slug: str
    section: str  # letter and number in docs/rules.md where it has one
    rule: Said
    evidence: Said
    source: str
    methods: frozenset[str]  # slugs; `all` for every method
    codes: tuple[str, ...]  # statements that carry it out
    held_by: str  # a test that holds it where no statement does
    counted: int | None  # how many in the evidence, out of `out_of`
    out_of: int | None
    reviewed: Reviewed

    def holds_for(self, method: str) -> bool:
        return ALL in self.methods or method in self.methods

    @property
    def per_hundred(self) -> int | None:
        """The evidence as so many of 100; None where it has no count."""
        return round(100 * self.counted / self.out_of) if self.counted is not None and self.out_of else None


@dataclass(frozen=True, slots=True)
class Study:
    """What one study found of a method in use."""

    method: str
    target: str  # slug; empty where it is about the method as a whole
    sensitivity: float | None  # 0 to 1
    specificity: float | None  # 0 to 1
    n: int | None  # samples; None where not published in what we read
    note: Said
    source: str
    reviewed: Reviewed


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by its slug, in the order in which it is shown."""
    return {row["slug"]: _rule(row) for row in rows_of("interpretation_rules.csv")}


def _rule(row: Mapping[str, str]) -> Rule:
    return Rule(
        slug=row["slug"],
        section=row["section"],
        rule=Said(row["rule"], row["rule_es"]),
        evidence=Said(row["evidence"], row["evidence_es"]),
        source=row["source"],
        methods=frozenset(_parts(row["methods"])),
        codes=tuple(_parts(row["codes"])),
        held_by=row["held_by"],
        counted=int(row["counted"]) if row["counted"] else None,
        out_of=int(row["out_of"]) if row["out_of"] else None,
        reviewed=_reviewed(row),
    )


@cache
def studies() -> tuple[Study, ...]:
    return tuple(
        Study(
            method=row["method"],
            target=row["target"],
            sensitivity=_share(row["sensitivity"]),
            specificity=_share(row["specificity"]),
            n=int(row["n"]) if row["n"] else None,
            note=Said(row["note"], row["note_es"]),
            source=row["source"],
            reviewed=_reviewed(row),
        )
        for row in rows_of("method_studies.csv")
    )


@cache
def hard_forms() -> Mapping[tuple[str, str], str]:
    """Forms that a method reads badly, as method and form, each with its source."""
    return {(row["method"], row["form"]): row["source"] for row in rows_of("method_forms.csv")}


def evidence_of(rule: Rule, speaker: Speaker) -> str:
    """The evidence of a rule in words, with its figure."""
    said = rule.evidence.in_language(speaker.language)
    if rule.counted is None or rule.out_of is None:
        return said
    return said.format(per_hundred=rule.per_hundred, counted=f"{rule.counted:,}", out_of=f"{rule.out_of:,}")


def _reviewed(row: Mapping[str, str]) -> Reviewed:
    return Reviewed(row["checked_by"], row["reviewed_on"])


def _parts(text: str) -> list[str]:
    return [part for part in text.split("|") if part]


def _share(text: str) -> float | None:
    return float(text) if text else None
