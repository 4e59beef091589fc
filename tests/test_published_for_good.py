"""What was published is not changed by any road: the database refuses it, on both."""

from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from checking import append_only
from checking.models import Release, ReleaseCorrection, ReleasedAmount, ReleasedExpected, ReleasedPair, ReleasedShare

pytestmark = pytest.mark.django_db

WHERE = {"area": "us-pa-allegheny", "period_start": date(2026, 10, 1), "family": "lab"}
ROWS: dict[type[models.Model], dict[str, object]] = {
    ReleasedShare: {"series": "latest", "subject": "fentanyl", "material": "product", "tested": 9, "detected": 3},
    ReleasedExpected: {"expected": "opioid", "subject": "fentanyl", "tested": 9, "detected": 3},
    ReleasedPair: {
        "one": "fentanyl", "other": "xylazine", "tested": 40, "with_one": 20, "with_other": 20, "both_low": 16,
        "both_high": 20,
    },
    ReleasedAmount: {
        "subject": "mdma", "kind": "mg_per_unit", "basis": "base", "portion": "whole", "measured": 20,
        "lower": Decimal(100), "median": Decimal(120), "upper": Decimal(150), "over": "120:7-7",
    },
}  # fmt: skip
VERSIONED = [*ROWS]


@pytest.fixture(autouse=True)
def _releases(db) -> None:
    for number in (1, 2, 3):
        Release.objects.create(number=number, made_on=date(2026, 11, number))


def refused(rows: "models.QuerySet[models.Model]", **change: object) -> bool:
    try:
        with transaction.atomic():
            rows.update(**change)
    except IntegrityError as error:
        return "append-only" in str(error)
    return False


@pytest.mark.parametrize("model", VERSIONED)
def test_no_column_of_what_was_published_can_be_changed(model):
    row = model.objects.create(release_id=1, batch=1, **WHERE, **ROWS[model])
    for field in model._meta.concrete_fields:
        if field.name not in {"id", "superseded_in"}:
            value = getattr(row, field.attname)
            assert refused(model.objects.filter(pk=row.pk), **{field.attname: value}), field.name


@pytest.mark.parametrize("model", VERSIONED)
def test_a_row_is_superseded_once(model):
    row = model.objects.create(release_id=1, batch=1, **WHERE, **ROWS[model])
    one = model.objects.filter(pk=row.pk)

    assert not refused(one, superseded_in=2)
    assert refused(one, superseded_in=3)
    assert refused(one, superseded_in=None)


def test_neither_a_release_nor_a_reason_can_be_changed():
    ReleaseCorrection.objects.create(release_id=2, batch=1, series="latest", reason="corrected", **WHERE)

    assert refused(Release.objects.filter(number=1), made_on=date(2026, 12, 1))
    assert refused(ReleaseCorrection.objects.all(), reason="withdrawn")


def test_every_column_that_is_published_is_held():
    """A new one would be left out without a word."""
    for model in (*VERSIONED, Release, ReleaseCorrection):
        columns = {field.column for field in apps.get_model(model._meta.label)._meta.concrete_fields}
        held = {*append_only.FROZEN[model._meta.db_table], *append_only.ONCE.get(model._meta.db_table, ())}
        assert columns - held <= {"id"}, model
