"""Rows go in as the ORM would put them."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from msgspec import structs

from checking.inserting import MODELS, insert
from checking.models import Finding, Result, Sample
from checking.rows import FindingRow, ResultRow, SampleRow
from tests.factories import make_site, make_vocabulary

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("row", "model"), MODELS.items())
def test_a_row_has_a_field_for_each_column(row, model):
    columns = {field.attname for field in model._meta.concrete_fields}

    assert columns - set(row.__struct_fields__) <= {"id"}
    assert set(row.__struct_fields__) <= columns
    for field in structs.fields(row):
        default = model._meta.get_field(field.name).get_default()
        if field.default not in (structs.NODEFAULT, None) and field.name != "code_hash":
            assert default in (field.default, None, "", [])


def a_sample(site, **other):
    return SampleRow(
        **{
            "id": uuid.uuid4(),
            "site_id": site.pk,
            "area_id": site.area_id,
            "geo_basis": "site",
            "collected_on": date(2026, 11, 22),
            "recorded_at": datetime(2026, 11, 22, 10, 0, 0, 123456, UTC),
            "client_hash": uuid.uuid4().bytes,
            "body_hash": b"\x00\xffbody",
            "code_hash": None,
            "colours": ["white", "löss\t\\n"],
            "imprint": 'a "b" \\ c',
            "mass_mg": 0.1,
            **other,
        }
    )


def test_what_goes_in_comes_out():
    make_vocabulary()
    site = make_site()
    sample = a_sample(site)
    result = ResultRow(
        id=uuid.uuid4(), sample_id=sample.id, site_id=site.pk, method_id=1, lab_id=site.pk, outcome="detected",
        performed_on=None, completed_on=date(1970, 1, 1), chosen_because="all", recorded_at=sample.recorded_at,
        client_hash=b"1" * 32, body_hash=b"2" * 32, control=None, is_weighed=True,
    )  # fmt: skip
    finding = FindingRow(
        result_id=result.id, substance_id=1, amount_kind="percent_w_w", value=Decimal("4.100001"),
        low=Decimal("0.000001"), high=Decimal("99999999.999999"), basis="base",
    )  # fmt: skip

    insert([sample])
    insert([result])
    insert([finding])

    assert_same(sample, Sample.objects.get())
    assert_same(result, Result.objects.get())
    assert_same(finding, Finding.objects.get())
    assert Sample.objects.filter(pk=sample.id, recorded_at=sample.recorded_at, collected_on="2026-11-22").exists()
    assert Finding.objects.filter(value__gt=Decimal("4.1"), low__lt=Decimal("0.000002")).exists()


def assert_same(row, stored):
    for name in row.__struct_fields__:
        kept = getattr(stored, name)
        kept = bytes(kept) if isinstance(kept, memoryview) else kept
        assert kept == getattr(row, name), name


def test_what_a_constraint_forbids_does_not_go_in():
    site = make_site()
    same = a_sample(site)
    for wrong in (
        [a_sample(site, mass_mg=-1.0)],
        [a_sample(site, form="soup")],
        [same, structs.replace(same, id=uuid.uuid4())],
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            insert(wrong)

    assert not Sample.objects.exists()


def test_nothing_is_nothing():
    insert([])
