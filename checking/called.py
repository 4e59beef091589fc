"""What people call a substance or class, and what else they may mean by it. Names kept for matching are not shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from .catalogue import Catalogue
from .folding import fold
from .guidance import rows_of
from .models import SubstanceName
from .readings import Subject

Kind = SubstanceName.Kind


@dataclass(frozen=True, slots=True)
class Called:
    """One name, with what else it may stand for."""

    written: str
    others: tuple[Subject, ...] = ()
    is_mixture: bool = False  # it stands for this and the others together


@dataclass(frozen=True, slots=True)
class Names:
    synonyms: tuple[Called, ...]  # by chemistry, brand or another language
    street: tuple[Called, ...]


def names_of(subject: Subject, known: Catalogue, language: str) -> Names:
    """In one query."""
    shown = subject.name_es if language == "es" else subject.name
    seen = {fold(shown)}
    synonyms: list[Called] = []
    street: list[Called] = []
    rows = SubstanceName.objects.using("public").filter(
        **known.key_of(subject), kind__in=(Kind.PREFERRED, Kind.SYNONYM, Kind.STREET)
    )
    for written, folded, kind in rows.order_by("pk").values_list("written", "folded", "kind"):
        if folded not in seen:
            seen.add(folded)
            (street if kind == Kind.STREET else synonyms).append(_called(written, folded, subject, known))
    for written in _ambiguous_names():
        folded = fold(written)
        match = known.ambiguous.get(folded)
        if folded not in seen and match is not None and subject in match.subjects:
            seen.add(folded)
            street.append(_called(written, folded, subject, known))
    return Names(tuple(synonyms), tuple(street))


def _called(written: str, folded: str, subject: Subject, known: Catalogue) -> Called:
    match = known.ambiguous.get(folded)
    means = match.subjects if match else (known.subjects[slug] for slug in sorted(known.names.get(folded, ())))
    return Called(written, _others(means, subject), match is not None and match.kind == "mixture")


def _others(means: Iterable[Subject], subject: Subject) -> tuple[Subject, ...]:
    return tuple(each for each in means if each.slug != subject.slug)


@cache
def _ambiguous_names() -> tuple[str, ...]:
    return tuple(row["written"] for row in rows_of("ambiguous_street_names.csv"))
