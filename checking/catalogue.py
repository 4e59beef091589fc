"""The reference data in memory, as plain values. Every name that comes in is looked up here."""

import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from . import mis_selling, suggesting
from .folding import fold, said_in_other_words
from .models import (
    AllowedWhenExpected,
    AmbiguousName,
    Confuser,
    Method,
    MethodMiss,
    MethodTarget,
    Network,
    NonSubstanceText,
    Substance,
    SubstanceClass,
    SubstanceName,
    Watched,
)
from .models.vocabulary import SubstanceOrClass
from .readings import Confusion, MethodFacts, Miss, Subject, Target
from .tree import ancestors

UNKNOWN_WORDS = frozenset(fold(word) for word in ("unknown", "not known", "desconocido", "desconocida"))


@dataclass(frozen=True, slots=True)
class Match:
    """What a written name stands for."""

    kind: str  # one, class, ask (one of several), mixture (all of them), not_a_substance, none
    subjects: tuple[Subject, ...] = ()

    @property
    def is_settled(self) -> bool:
        """True where the name says by itself what is meant."""
        return self.kind in {"one", "class", "mixture"}


class SubjectKey(TypedDict, total=False):
    """The column that names a subject in a row, and its key: one of the two."""

    substance_id: int
    substance_class_id: int


@dataclass(frozen=True)
class Catalogue:
    subjects: Mapping[str, Subject]
    methods: Mapping[str, MethodFacts]
    names: Mapping[str, frozenset[str]]  # folded name -> slugs
    shown_names: Mapping[str, str]  # folded name -> as written, for suggestions
    ambiguous: Mapping[str, Match]
    not_substances: frozenset[str]
    allowed: Mapping[str, frozenset[str]]  # expected slug -> slugs that are not mis-sold
    watch_list: frozenset[str]
    method_ids: Mapping[str, int] = field(default_factory=dict)
    substance_ids: Mapping[str, int] = field(default_factory=dict)
    class_ids: Mapping[str, int] = field(default_factory=dict)

    def subject(self, slug: str) -> Subject:
        return self.subjects[slug]

    def method(self, slug: str) -> MethodFacts:
        return self.methods[slug]

    def find(self, written: str) -> Match:
        """What a slug or any accepted name stands for; ambiguous names are never guessed."""
        match = self._find(written)
        for plainer in said_in_other_words(written) if match.kind == "none" else ():
            match = self._find(plainer)
            if match.kind != "none":
                break
        return match

    def _find(self, written: str) -> Match:
        if written in self.subjects:
            subject = self.subjects[written]
            return Match("class" if subject.is_class else "one", (subject,))
        folded = fold(written)
        if not folded:  # signs only
            return Match("not_a_substance" if written.strip() == "?" else "none")
        if folded in self.ambiguous:
            return self.ambiguous[folded]
        slugs = self.names.get(folded, frozenset())
        if len(slugs) == 1:
            subject = self.subjects[next(iter(slugs))]
            return Match("class" if subject.is_class else "one", (subject,))
        if slugs:
            return Match("ask", tuple(self.subjects[slug] for slug in sorted(slugs)))
        if folded in self.not_substances:
            return Match("not_a_substance")
        return Match("none")

    def key_of(self, subject: Subject) -> SubjectKey:
        if subject.is_class:
            return {"substance_class_id": self.class_ids[subject.slug]}
        return {"substance_id": self.substance_ids[subject.slug]}

    def nearest(self, written: str, n: int = 5) -> tuple[str, ...]:
        """The names most like what was written, best first."""
        return suggesting.nearest(fold(written), self.shown_names, self.names, n)

    def is_allowed(self, expected: Sequence[Subject], found: Subject) -> bool:
        """True where finding this in a sample expected to be that is not mis-sold."""
        return mis_selling.is_allowed(self.allowed, expected, found)

    def is_watch_listed(self, subject: Subject) -> bool:
        """True where the vocabulary or this network watches it."""
        return subject.is_watched or bool({subject.slug, *subject.classes} & self.watch_list)


_lock = threading.Lock()
_held: tuple[int, Catalogue] | None = None
_checked_at = float("-inf")
_SECONDS_BETWEEN_CHECKS = 1.0


def current() -> Catalogue:
    """The catalogue, read anew when reference data was loaded since."""
    global _held, _checked_at
    now = time.monotonic()
    if _held is not None and now - _checked_at < _SECONDS_BETWEEN_CHECKS:
        return _held[1]
    with _lock:
        version = Network.objects.filter(pk=Network.ROW).values_list("reference_version", flat=True).first() or 0
        if _held is None or _held[0] != version:
            _held = (version, read())
        _checked_at = now
        return _held[1]


def forget() -> None:
    """Read anew next time, whatever the version says."""
    global _held
    _held = None


def read() -> Catalogue:
    classes = {node.path: node for node in SubstanceClass.objects.all()}
    subjects = {node.slug: _class_subject(node, classes) for node in classes.values()}
    substances = list(Substance.objects.all())
    slugs = _Slugs(
        substances={row.pk: row.slug for row in substances}, classes={node.pk: node.slug for node in classes.values()}
    )
    class_of = {node.pk: node for node in classes.values()}
    names: dict[str, set[str]] = defaultdict(set)
    shown: dict[str, str] = {}
    spanish: dict[str, str] = {}
    columns = ("folded", "written", "kind", "language", "substance_id", "substance_class_id")
    for folded, written, kind, language, substance, class_ in SubstanceName.objects.order_by("pk").values_list(
        *columns
    ):
        slug = slugs.of(substance, class_)
        names[folded].add(slug)
        if kind not in {SubstanceName.Kind.MATCH_ONLY, SubstanceName.Kind.IDENTIFIER}:
            shown.setdefault(folded, written)
        if kind == SubstanceName.Kind.PREFERRED and language == "es":
            spanish[slug] = written
    subjects |= {
        row.slug: _substance_subject(row, class_of[row.substance_class_id], classes, spanish) for row in substances
    }
    allowed: dict[str, set[str]] = defaultdict(set)
    for expected, found in AllowedWhenExpected.objects.values_list("expected", "allowed"):
        allowed[expected].add(found)
    methods = list(Method.objects.all())
    return Catalogue(
        subjects=subjects,
        methods=_methods(methods, subjects, slugs),
        names={folded: frozenset(slugs) for folded, slugs in names.items()},
        shown_names=shown,
        ambiguous={
            row.folded: Match(row.kind, tuple(subjects[slug] for slug in row.means if slug in subjects))
            for row in AmbiguousName.objects.all()
        },
        not_substances=frozenset(NonSubstanceText.objects.values_list("folded", flat=True)) | UNKNOWN_WORDS,
        allowed={slug: frozenset(all_found) for slug, all_found in allowed.items()},
        watch_list=frozenset(slugs.of_row(row) for row in Watched.objects.all()),
        method_ids={method.slug: method.pk for method in methods},
        substance_ids={slug: key for key, slug in slugs.substances.items()},
        class_ids={slug: key for key, slug in slugs.classes.items()},
    )


@dataclass(frozen=True)
class _Slugs:
    """What the keys in a row stand for, without a query a row."""

    substances: Mapping[int, str]
    classes: Mapping[int, str]

    def of(self, substance: int | None, class_: int | None) -> str:
        if substance is not None:
            return self.substances[substance]
        assert class_ is not None  # held by a constraint
        return self.classes[class_]

    def of_row(self, row: SubstanceOrClass) -> str:
        return self.of(row.substance_id, row.substance_class_id)


def _class_subject(node: SubstanceClass, classes: Mapping[str, SubstanceClass]) -> Subject:
    above = [classes[path].slug for path in reversed(ancestors(node.path))]
    return Subject(
        slug=node.slug,
        name=node.name,
        name_es=node.name_es or node.name,
        is_class=True,
        classes=tuple(above),
        is_life_threatening=node.is_life_threatening,
        is_watched=node.is_watched,
    )


def _substance_subject(
    row: Substance, node: SubstanceClass, classes: Mapping[str, SubstanceClass], spanish: Mapping[str, str]
) -> Subject:
    above = [classes[path].slug for path in reversed(ancestors(node.path))]
    return Subject(
        slug=row.slug,
        name=row.name,
        name_es=spanish.get(row.slug, row.name),
        is_class=False,
        classes=tuple(above),
        is_life_threatening=node.is_life_threatening if row.life_threatening is None else row.life_threatening,
        is_watched=node.is_watched if row.watched is None else row.watched,
        role=row.role,
        say_aloud=row.say_aloud,
    )


def _methods(methods: Sequence[Method], subjects: Mapping[str, Subject], slugs: _Slugs) -> dict[str, MethodFacts]:
    targets: dict[int, list[Target]] = defaultdict(list)
    for target in MethodTarget.objects.order_by("pk"):
        targets[target.method_id].append(_target(target, subjects[slugs.of_row(target)]))
    misses: dict[int, list[Miss]] = defaultdict(list)
    for miss in MethodMiss.objects.order_by("pk"):
        misses[miss.method_id].append(Miss(subjects[slugs.of_row(miss)], miss.why, miss.source))
    confusions: dict[int, list[Confusion]] = defaultdict(list)
    for row in Confuser.objects.order_by("pk"):
        confusing = subjects[slugs.of_row(row)]
        confusions[row.method_id].append(Confusion(confusing, row.from_mg_per_ml, row.brand, row.why, row.source))
    return {
        method.slug: MethodFacts(
            slug=method.slug,
            name=method.name,
            name_es=method.name_es or method.name,
            family=method.family,
            tells=method.tells,
            names_exactly=method.names_exactly,
            measures_amount=method.measures_amount,
            looks_broadly=method.looks_broadly,
            typical_limit=method.typical_limit,
            source=method.source,
            targets=tuple(targets[method.pk]),
            misses=tuple(misses[method.pk]),
            confusions=tuple(confusions[method.pk]),
        )
        for method in methods
    }


def _target(row: MethodTarget, subject: Subject) -> Target:
    return Target(
        subject=subject,
        is_full=row.is_full,
        cutoff_ng_per_ml=row.cutoff_ng_per_ml,
        limit_ng_per_ml=row.limit_ng_per_ml,
        limit_w_w=row.limit_w_w,
        field_sensitivity=row.field_sensitivity,
        field_specificity=row.field_specificity,
        source=row.source,
    )
