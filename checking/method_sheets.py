"""What is known of each method, for people to read: what it tells, its limits, what it misses, what confuses it.

Plain values from the reference files that come with the program, read once; no database.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from .guidance import Word, rows_of, words
from .method_rules import Reviewed, Rule, Said, Study, rules, studies


@dataclass(frozen=True, slots=True)
class Seen:
    """What a method looks for. A limit is what it was measured to see, a cut-off what its maker states: two things."""

    slug: str  # of the substance or class
    name: Said
    is_full: bool  # False: it sees only some of these
    cutoff_ng_per_ml: float | None
    limit_ng_per_ml: float | None  # the largest credible one
    limit_share: float | None  # of the sample by mass, 0 to 1
    sources: tuple[str, ...]

    @property
    def has_figures(self) -> bool:
        return any(each is not None for each in (self.cutoff_ng_per_ml, self.limit_ng_per_ml, self.limit_share))


@dataclass(frozen=True, slots=True)
class Missed:
    """What a method is known not to see, or not to tell from something else."""

    slug: str
    name: Said
    why: Said
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Confusing:
    """What makes a method react, or name something, that is not there."""

    name: Said
    from_mg_per_ml: float | None  # None: at any strength
    brand: str  # empty: any
    why: Said
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StudyShown:
    name: Said  # of what was looked for; empty where the study is about the method as a whole
    study: Study
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MethodSheet:
    slug: str
    name: Said
    family: str  # strip, reagent, spectroscopy, lab
    tells: str  # class, compound
    names_exactly: bool
    measures_amount: bool
    can_say: Said
    cannot_say: Said
    typical_limit: Said
    looks_for: tuple[Seen, ...]
    misses: tuple[Missed, ...]
    confusers: tuple[Confusing, ...]
    studies: tuple[StudyShown, ...]
    rules: tuple[Rule, ...]
    sources: tuple[str, ...]  # of everything above, each once
    reviewed: Reviewed  # of every row above; empty while one of them was not looked at


@cache
def sheets() -> Mapping[str, MethodSheet]:
    """Every method by its slug, in the order in which they are shown."""
    return {row["slug"]: _sheet(row) for row in rows_of("methods.csv")}


def sources_of(written: str) -> tuple[str, ...]:
    """Sources stand in one column, apart by " ; "."""
    return tuple(part.strip() for part in written.split(" ; ") if part.strip())


def _sheet(row: Mapping[str, str]) -> MethodSheet:
    slug = row["slug"]
    targets, missed, confusing = (
        [each for each in rows_of(name) if each["method"] == slug]
        for name in ("method_targets.csv", "method_misses.csv", "method_confusers.csv")
    )
    about = [study for study in studies() if study.method == slug]
    written = [each["source"] for each in (row, *targets, *missed, *confusing)] + [study.source for study in about]
    return MethodSheet(
        slug=slug,
        name=Said(row["name"], row["name_es"]),
        family=row["family"],
        tells=row["tells"],
        names_exactly=row["names_exactly"] == "yes",
        measures_amount=row["measures_amount"] == "yes",
        can_say=Said(row["can_say"], row["can_say_es"]),
        cannot_say=Said(row["cannot_say"], row["cannot_say_es"]),
        typical_limit=Said(row["typical_limit"], row["typical_limit_es"]),
        looks_for=tuple(_seen(each) for each in targets),
        misses=tuple(_missed(each) for each in missed),
        confusers=tuple(_confusing(each) for each in confusing),
        studies=tuple(StudyShown(_name(each.target), each, sources_of(each.source)) for each in about),
        rules=tuple(rule for rule in rules().values() if rule.holds_for(slug)),
        sources=tuple(dict.fromkeys(source for text in written for source in sources_of(text))),
        reviewed=_reviewed((row, *targets, *missed, *confusing)),
    )


def _seen(row: Mapping[str, str]) -> Seen:
    return Seen(
        slug=row["target"],
        name=_name(row["target"]),
        is_full=row["full"] == "yes",
        cutoff_ng_per_ml=_number(row["cutoff_ng_per_ml"]),
        limit_ng_per_ml=_number(row["limit_ng_per_ml"]),
        limit_share=_number(row["limit_w_w"]),
        sources=sources_of(row["source"]),
    )


def _missed(row: Mapping[str, str]) -> Missed:
    return Missed(row["misses"], _name(row["misses"]), _why(row), sources_of(row["source"]))


def _confusing(row: Mapping[str, str]) -> Confusing:
    return Confusing(
        name=_name(row["confuser"]),
        from_mg_per_ml=_number(row["from_mg_per_ml"]),
        brand=row["brand"],
        why=_why(row),
        sources=sources_of(row["source"]),
    )


def _reviewed(rows: Iterable[Mapping[str, str]]) -> Reviewed:
    """The oldest review of these rows, by all who looked; none while one row has none."""
    all_rows = list(rows)
    if not all(row["reviewed_on"] and row["checked_by"] for row in all_rows):
        return Reviewed()
    by = ", ".join(dict.fromkeys(row["checked_by"] for row in all_rows))
    return Reviewed(by, min(row["reviewed_on"] for row in all_rows))


def _name(slug: str) -> Said:
    word = words().get(slug, Word("", ""))
    return Said(word.en, word.es)


def _why(row: Mapping[str, str]) -> Said:
    return Said(row["why"], row["why_es"])


def _number(text: str) -> float | None:
    return float(text) if text else None
