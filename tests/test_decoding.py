"""Bytes to bodies: what JSON would let slip by is refused, with the field's name."""

import contextlib
import json
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checking import bodies
from checking.decoding import NotABody, decode
from tests.sending import lab_body, sample_body, strip_body


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


@pytest.mark.parametrize(
    ("found", "put", "path"),
    [
        (b'"powder"', b'"a\\u0000b"', "form"),
        (b'"fentanyl"', b'"\\ud800"', "results.0.findings.0.substance"),
        (b'"fentanyl"', b'"a", "substance": "b"', "results.0.findings.0.substance"),
        (b'"powder"', b'"powder", "mass_mg": NaN', "mass_mg"),
    ],
    ids=["NUL", "half a sign", "a key twice", "NaN"],
)
def test_what_json_would_let_slip_by_is_named_by_its_path(found, put, path):
    raw = json.dumps(sample_body(lab_body())).encode()

    assert path in fields_of(raw.replace(found, put))


def test_a_written_backslash_u0000_is_only_text():
    body = sample_body(imprint="\\u0000")

    assert decode(json.dumps(body).encode(), bodies.NewSample).imprint == "\\u0000"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"client_id": f"{uuid.uuid4()}\n"}, "client_id"),
        ({"colours": ["white\n"]}, "colours.0"),
        ({"imprint": " "}, "imprint"),
        ({"results": [strip_body(lot={"brand": " \t", "lot": "D1"})]}, "results.0.lot.brand"),
    ],
)
def test_a_line_break_behind_a_text_or_spaces_alone_are_refused_in_plain_words(change, path):
    [said] = fields_of(json.dumps({**sample_body(), **change}).encode())[path]

    assert said.startswith("Expected")
    assert "regex" not in said


def test_a_uuid_in_capitals_is_the_same_uuid_and_the_same_body():
    body = sample_body(lab_body())
    loud = {**body, "client_id": body["client_id"].upper()}
    loud["results"] = [{**result, "client_id": result["client_id"].upper()} for result in body["results"]]

    one, other = (bodies.canonical(decode(json.dumps(each).encode(), bodies.NewSample)) for each in (body, loud))

    assert one == other


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


@settings(suppress_health_check=[HealthCheck.too_slow])  # of a busy machine, not of these inputs
@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_whatever_comes_is_read_or_refused(raw):
    with contextlib.suppress(NotABody):
        decode(raw, bodies.NewSample)
