"""Bytes to bodies: what JSON would let slip by is refused, with the field's name."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checking import bodies
from checking.decoding import NotABody, decode
from tests.factories import lab_body, sample_body


def fields_of(raw: bytes) -> dict[str, list[str]]:
    with pytest.raises(NotABody) as refused:
        decode(raw, bodies.NewSample)
    return refused.value.fields


def test_a_sound_body_is_read():
    body = sample_body(lab_body())

    read = decode(json.dumps(body).encode(), bodies.NewSample)

    assert read.results is not None
    assert read.results[0].findings[0].substance == "fentanyl"


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b'{"client_id": 3}', "client_id"),
        (b'{"surname": "x"}', "surname"),
        (b'{"client_id": "a", "client_id": "a"}', "client_id"),
        (b'{"collected_on": "2026-11-18"}', "client_id"),
    ],
)
def test_the_first_bad_field_is_named(raw, field):
    assert field in fields_of(raw)


def test_a_bad_field_deep_inside_is_named_by_its_path():
    body = sample_body(lab_body())
    body["results"][0]["findings"].append({"substance": "xylazine", "amount": {"kind": "mg_per_g", "value": -1}})

    assert "results.0.findings.1.amount.value" in fields_of(json.dumps(body).encode())


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 5000 + b"]" * 5000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"size_mm": NaN}',
        b'{"size_mm": 1e999}',
        b'{"size_mm": ' + b"9" * 5000 + b"}",
        b'{"imprint": "a\\u0000b"}',
        b'{"imprint": "\\ud800"}',
        b"\xff\xfe",
        b"",
        b"null",
        b"[]",
    ],
    ids=["deep lists", "deep objects", "NaN", "infinity", "endless number", "NUL", "half a sign", "not UTF-8", "empty",
         "null", "list"],
)  # fmt: skip
def test_what_is_not_a_body_is_refused_and_never_a_crash(raw):
    fields_of(raw)


def test_absent_and_null_are_the_same_body_and_key_order_does_not_matter():
    body = sample_body()
    with_null = dict(reversed([*body.items(), ("imprint", None)]))

    one, other = (bodies.canonical(decode(json.dumps(each).encode(), bodies.NewSample)) for each in (body, with_null))

    assert one == other


def test_list_order_counts():
    body = sample_body(colours=["white", "pink"])
    turned = {**body, "colours": ["pink", "white"]}

    one, other = (bodies.canonical(decode(json.dumps(each).encode(), bodies.NewSample)) for each in (body, turned))

    assert one != other


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_whatever_comes_is_read_or_refused(raw):
    with contextlib.suppress(NotABody):
        decode(raw, bodies.NewSample)
