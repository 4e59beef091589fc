"""Reference data from CSV into the database: vocabulary, methods, reference scopes, thresholds.

Loading twice changes nothing. Rows that left the files stay, for results may rest on them.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.db.models import F

from . import tree
from .folding import fold
from .models import (
    AllowedWhenExpected,
    AmbiguousName,
    Confuser,
    Method,
    MethodMiss,
    MethodScope,
    MethodTarget,
    Network,
    NonSubstanceText,
    Substance,
    SubstanceClass,
    SubstanceName,
    Threshold,
)

DATA = Path(__file__).resolve().parent / "data"

Row = Mapping[str, str]

# What `load_reference` counts when it is done.
LOADED = (SubstanceClass, Substance, SubstanceName, AmbiguousName, AllowedWhenExpected, Method, MethodTarget)


class BadReference(ValueError):
    """A reference file contradicts itself; the message names file and row."""


def rows(name: str) -> Iterator[Row]:
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def parts(text: str) -> list[str]:
    return [part.strip() for part in text.split("|") if part.strip()]


def yes_no(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text.strip().lower())


def number(text: str) -> float | None:
    return float(text) if text.strip() else None


def review(row: Row) -> dict[str, Any]:
    """Where a row came from and who looked at it. An empty checker is shown as unreviewed."""
    on = row.get("reviewed_on", "").strip()
    return {
        "source": row.get("source", "").strip(),
        "checked_by": row.get("checked_by", "").strip(),
        "reviewed_on": date.fromisoformat(on) if on else None,
    }


def keep(model: type[models.Model], key: str, fields: list[str], wanted: list[models.Model]) -> None:
    """Insert or update by key."""
    model._default_manager.bulk_create(wanted, update_conflicts=True, update_fields=fields, unique_fields=[key])


@transaction.atomic
def load_reference() -> dict[str, int]:
    """Load every reference file. Gives how many rows each table now has."""
    load_classes()
    load_substances()
    load_names()
    load_words()
    load_methods()
    load_method_facts()
    load_thresholds()
    Network.current()
    Network.objects.update(reference_version=F("reference_version") + 1)
    return {
        str(model._meta.verbose_name_plural): model._default_manager.count()
        for model in (
            SubstanceClass,
            Substance,
            SubstanceName,
            AmbiguousName,
            AllowedWhenExpected,
            Method,
            MethodTarget,
        )
    }


def load_classes() -> None:
    table = list(rows("classes.csv"))
    numbers = _numbers(SubstanceClass, [row["slug"] for row in table])
    paths = tree.paths({row["slug"]: row["parent"] for row in table}, numbers)
    keep(
        SubstanceClass,
        "slug",
        ["name", "name_es", "path", "is_life_threatening", "is_watched", "source", "checked_by", "reviewed_on"],
        [
            SubstanceClass(
                slug=row["slug"],
                name=row["name_en"],
                name_es=row["name_es"],
                path=paths[row["slug"]],
                is_life_threatening=bool(yes_no(row["life_threatening"])),
                is_watched=bool(yes_no(row["watched"])),
                **review(row),
            )
            for row in table
        ],
    )
    stored = {node.slug: node for node in SubstanceClass.objects.all()}
    for row in table:
        stored[row["slug"]].parent = stored.get(row["parent"])
    SubstanceClass.objects.bulk_update(stored.values(), ["parent"])


def _numbers(model: type[models.Model], slugs: list[str]) -> dict[str, int]:
    """Each slug's own number in paths: the one it has, else the next free one."""
    known = {slug: int(path[-tree.WIDTH :]) for slug, path in model._default_manager.values_list("slug", "path")}
    free = max(known.values(), default=0)
    for slug in slugs:
        if slug not in known:
            free += 1
            known[slug] = free
    return known


def load_substances() -> None:
    classes = {node.slug: node for node in SubstanceClass.objects.all()}
    wanted: list[models.Model] = []
    for row in rows("substances.csv"):
        if row["slug"] in classes:
            raise BadReference(f"substances.csv: {row['slug']} is also the slug of a class")
        if row["class"] not in classes:
            raise BadReference(f"substances.csv: {row['slug']} has the unknown class {row['class']}")
        wanted.append(
            Substance(
                slug=row["slug"],
                name=row["preferred_name"],
                substance_class=classes[row["class"]],
                role=row["typical_role"],
                pubchem_cid=row["pubchem_cid"],
                cas=row["cas"],
                unii=row["unii"],
                inchikey=row["inchikey"],
                life_threatening=yes_no(row["life_threatening"]),
                watched=yes_no(row["watched"]),
                note=row["notes"][:300],
                source=row["identifier_sources"],
                checked_by=row["checked_by"],
            )
        )
    fields = [field.name for field in Substance._meta.fields if field.name not in {"id", "slug", "say_aloud"}]
    keep(Substance, "slug", fields, wanted)


def load_names() -> None:
    """Names are derived from the files and made anew; the rows hold nothing else."""
    substances = {row.slug: row for row in Substance.objects.all()}
    names: list[SubstanceName] = []
    Kind = SubstanceName.Kind
    for row in rows("substances.csv"):
        written = [
            (Kind.PREFERRED, row["preferred_name"]),
            (Kind.PREFERRED, row["slug"]),
            *((Kind.SYNONYM, name) for name in parts(row["synonyms"])),
            *((Kind.STREET, name) for name in parts(row["street_names"])),
            *((Kind.MATCH_ONLY, name) for name in parts(row["match_only"])),
            *((Kind.IDENTIFIER, row[column]) for column in ("cas", "unii", "inchikey") if row[column]),
            *((Kind.IDENTIFIER, f"CID {cid}") for cid in parts(row["pubchem_cid"])),
        ]
        names += [
            SubstanceName(substance=substances[row["slug"]], written=name, folded=fold(name), kind=kind)
            for kind, name in written
        ]
    names += [
        SubstanceName(
            substance=substances[row["slug"]],
            written=row["name_es"],
            folded=fold(row["name_es"]),
            kind=Kind.PREFERRED,
            language="es",
        )
        for row in rows("names_es.csv")
    ]
    for node in SubstanceClass.objects.all():
        names += [
            SubstanceName(substance_class=node, written=name, folded=fold(name), kind=Kind.PREFERRED, language=language)
            for name, language in ((node.name, "en"), (node.name_es, "es"), (node.slug, ""))
            if name
        ]
    SubstanceName.objects.all().delete()
    SubstanceName.objects.bulk_create(names)


def load_words() -> None:
    keep(
        AmbiguousName,
        "folded",
        ["written", "kind", "means"],
        [
            AmbiguousName(
                written=row["written"],
                folded=fold(row["written"]),
                kind=row["kind"],
                means=[slug.removeprefix("class:") for slug in parts(row["means"])],
                source="editorial",
            )
            for row in rows("ambiguous_street_names.csv")
        ],
    )
    keep(
        NonSubstanceText,
        "folded",
        ["written", "meaning", "source"],
        [
            NonSubstanceText(
                written=row["result_text"],
                folded=fold(row["result_text"]),
                meaning=row["meaning"],
                source=row["source"],
            )
            for row in rows("non_substance_results.csv")
        ],
    )
    AllowedWhenExpected.objects.all().delete()
    AllowedWhenExpected.objects.bulk_create(
        AllowedWhenExpected(
            expected=row["expected"].removeprefix("class:"), allowed=allowed.removeprefix("class:"), **review(row)
        )
        for row in rows("allowed_when_expected.csv")
        for allowed in parts(row["not_mis_sold"])
    )


def load_methods() -> None:
    wanted: list[models.Model] = [
        Method(
            slug=row["slug"],
            name=row["name"],
            name_es=row["name_es"],
            family=row["family"],
            tells=row["tells"],
            measures_amount=bool(yes_no(row["measures_amount"])),
            names_exactly=bool(yes_no(row["names_exactly"])),
            looks_broadly=bool(yes_no(row["looks_broadly"])),
            typical_limit=row["typical_limit"],
            **review(row),
        )
        for row in rows("methods.csv")
    ]
    fields = [field.name for field in Method._meta.fields if field.name not in {"id", "slug"}]
    keep(Method, "slug", fields, wanted)


def load_method_facts() -> None:
    """Targets, misses, confusers and reference scopes are made anew: nothing points at their rows."""
    methods = {method.slug: method for method in Method.objects.all()}
    names = SlugNames()
    MethodTarget.objects.all().delete()
    MethodTarget.objects.bulk_create(
        MethodTarget(
            method=methods[row["method"]],
            is_full=bool(yes_no(row["full"])),
            cutoff_ng_per_ml=number(row["cutoff_ng_per_ml"]),
            limit_ng_per_ml=number(row["limit_ng_per_ml"]),
            limit_w_w=number(row["limit_w_w"]),
            field_sensitivity=number(row["field_sensitivity"]),
            field_specificity=number(row["field_specificity"]),
            **names.of(row["target"]),
            **review(row),
        )
        for row in rows("method_targets.csv")
    )
    MethodMiss.objects.all().delete()
    MethodMiss.objects.bulk_create(
        MethodMiss(method=methods[row["method"]], why=row["why"], **names.of(row["misses"]), **review(row))
        for row in rows("method_misses.csv")
    )
    Confuser.objects.all().delete()
    Confuser.objects.bulk_create(
        Confuser(
            method=methods[row["method"]],
            from_mg_per_ml=number(row["from_mg_per_ml"]),
            brand=row["brand"],
            why=row["why"],
            **names.of(row["confuser"]),
            **review(row),
        )
        for row in rows("method_confusers.csv")
    )
    MethodScope.objects.filter(lab__isnull=True).delete()
    MethodScope.objects.bulk_create(
        MethodScope(
            method=methods[row["method"]],
            limit_w_w=number(row["limit_w_w"]),
            is_full=bool(yes_no(row["full"])),
            runs_all=False,
            **names.of(row["target"]),
        )
        for row in rows("reference_scopes.csv")
    )


class SlugNames:
    """Slugs of the one namespace, as the two columns that hold them."""

    def __init__(self) -> None:
        self.substances = {row.slug: row for row in Substance.objects.all()}
        self.classes = {row.slug: row for row in SubstanceClass.objects.all()}

    def of(self, slug: str) -> dict[str, Any]:
        slug = slug.removeprefix("class:")
        if slug in self.substances:
            return {"substance": self.substances[slug]}
        if slug in self.classes:
            return {"substance_class": self.classes[slug]}
        raise BadReference(f"{slug} is neither a substance nor a class")


def load_thresholds() -> None:
    """The published defaults, once: a network's own figures are never overwritten."""
    network = Network.current()
    substances = {row.slug: row for row in Substance.objects.all()}
    Threshold.objects.bulk_create(
        (
            Threshold(
                network=network,
                substance=substances[row["substance"]],
                kind=row["kind"],
                above=row["above"],
                basis=row["basis"],
                level=row["level"],
                source=row["source"],
            )
            for row in rows("thresholds.csv")
        ),
        ignore_conflicts=True,
    )
