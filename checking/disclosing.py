"""What is held of one site and day: how much, and in which fields, without saying what stands in them.

For whoever runs a network and is asked what there is, by the people it serves or by a court.
"""

from collections import Counter
from datetime import date
from typing import Any

from django.db.models import Model, Q, QuerySet

from .models import Expected, Finding, OverdoseReport, Result, Sample, Screening, Site, Withdrawal

NOTHING: tuple[Any, ...] = (None, "", [], {})


def held(site: Site, day: date) -> dict[str, Any]:
    """Counts of rows, and per field how many of them hold something.

    Samples collected or entered here on that day, and results of them, or read, finished or entered here on
    that day. After a year only the week of a day is kept: ask for its Monday, or the first of the month.
    """
    samples = Sample.objects.filter(Q(collected_on=day) | Q(recorded_at__date=day), site=site)
    results = Result.objects.filter(
        Q(sample__in=samples) | Q(performed_on=day) | Q(completed_on=day) | Q(recorded_at__date=day),
        Q(site=site) | Q(lab=site) | Q(sample__site=site),
    )
    tables: dict[str, QuerySet[Any]] = {
        "samples": samples,
        "expected": Expected.objects.filter(sample__in=samples),
        "overdose_reports": OverdoseReport.objects.filter(sample__in=samples),
        "results": results,
        "findings": Finding.objects.filter(result__in=results),
        "screenings": Screening.objects.filter(result__in=results),
        "withdrawals": Withdrawal.objects.filter(result__in=results),
    }
    return {
        "site": site.slug,
        "day": day.isoformat(),
        "held": {name: {"rows": rows.count(), "fields": _fields(rows)} for name, rows in tables.items()},
    }


def _fields(rows: QuerySet[Any]) -> dict[str, int]:
    """How many rows hold something in each field; fields that hold nothing are left out."""
    model: type[Model] = rows.model
    fields = [field.attname for field in model._meta.concrete_fields]
    filled: Counter[str] = Counter()
    for values in rows.values_list(*fields).iterator():
        filled.update(name for name, value in zip(fields, values, strict=True) if value not in NOTHING)
    return {name: filled[name] for name in fields if filled[name]}
