"""What is held of one site and day: how much, and in which fields, without saying what stands in them.

For whoever runs a network and is asked what there is, by the people it serves or by a court. Every
table that points at a sample or a result is looked through, whichever part of the program it belongs
to and without this list being kept by hand, and every table that says of a site what was on a day.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import DateField, DateTimeField, Model, Q, QuerySet

from .exporting import exported
from .models import Result, Sample, Site

_NAMES = {"expecteds": "expected", "alert_evidences": "alert_evidence"}
NOTHING: tuple[Any, ...] = (None, "", [], {}, b"")


def held(site: Site, day: date) -> dict[str, Any]:
    """Counts of rows, and per field how many of them hold something.

    Samples collected or entered here on that day, and results of them, or read, finished or entered here on
    that day. After a year only the week of a day is kept: ask for its Monday, or the first of the month.
    `exported`: who took rows out that may hold some of these, and what for.
    """
    return {
        "site": site.slug,
        "day": day.isoformat(),
        "exported": exported(site, day),
        "held": {name: {"rows": rows.count(), "fields": _fields(rows)} for name, rows in tables(site, day).items()},
    }


def tables(site: Site, day: date) -> dict[str, "QuerySet[Any]"]:
    """By table, the rows that belong to this site and day."""
    samples = Sample.objects.filter(Q(collected_on=day) | Q(recorded_at__date=day), site=site)
    results = Result.objects.filter(
        Q(sample__in=samples) | Q(performed_on=day) | Q(completed_on=day) | Q(recorded_at__date=day),
        Q(site=site) | Q(lab=site) | Q(sample__site=site),
    )
    found: dict[str, QuerySet[Any]] = {"samples": samples, "results": results}
    for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
        if model in (Sample, Result):
            continue
        belongs = _of(model, Sample, samples) | _of(model, Result, results) | _on(model, site, day)
        if belongs:
            # By key: a row that points at several of them is one row.
            keys = model._default_manager.filter(belongs).values("pk")
            found[_name(model)] = model._default_manager.filter(pk__in=keys)
    return found


def _name(model: type[Model]) -> str:
    """As the table is called here: `findings`, and `alerts.signals` for those of other parts."""
    plural = str(model._meta.verbose_name_plural).replace(" ", "_")
    plural = _NAMES.get(plural, plural)
    return plural if model._meta.app_label == Sample._meta.app_label else f"{model._meta.app_label}.{plural}"


def _of(model: type[Model], whole: type[Model], rows: "QuerySet[Any]") -> Q:
    """Rows that point at one of these."""
    found = Q()
    for field in _keys(model, whole):
        found |= Q(**{f"{field}__in": rows})
    return found


def _on(model: type[Model], site: Site, day: date) -> Q:
    """Rows of a site that have this day in one of their dates."""
    of_site, that_day = Q(), Q()
    for name in _keys(model, Site):
        of_site |= Q(**{name: site})
    for field in model._meta.concrete_fields:
        if isinstance(field, DateField):
            that_day |= Q(**{f"{field.name}__date" if isinstance(field, DateTimeField) else field.name: day})
    return of_site & that_day if of_site and that_day else Q()


def _keys(model: type[Model], whole: type[Model]) -> Iterator[str]:
    fields = (*model._meta.concrete_fields, *model._meta.many_to_many)
    return (field.name for field in fields if field.is_relation and field.related_model is whole)


def _fields(rows: "QuerySet[Any]") -> dict[str, int]:
    """How many rows hold something in each field; fields that hold nothing are left out."""
    model: type[Model] = rows.model
    fields = [field.attname for field in model._meta.concrete_fields]
    filled: Counter[str] = Counter()
    for values in rows.values_list(*fields).iterator():
        filled.update(name for name, value in zip(fields, values, strict=True) if value not in NOTHING)
    return {name: filled[name] for name in fields if filled[name]}
