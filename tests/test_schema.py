"""What the API says of itself is whole, valid, and true."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from drf_spectacular.validation import validate_schema

from api.authentication import make_key
from tests.factories import make_site, make_vocabulary
from tests.sending import lab_body, sample_body, strip_body

PATHS = {
    "/api/v1/samples/": {"get", "post"},
    "/api/v1/samples/bulk/": {"post"},
    "/api/v1/samples/{sample_id}/": {"get"},
    "/api/v1/samples/{sample_id}/results/": {"post"},
    "/api/v1/results/{result_id}/correct/": {"post"},
    "/api/v1/results/{result_id}/withdraw/": {"post"},
    **{f"/api/v1/{kind}/": {"get"} for kind in ("substances", "methods", "areas", "sites", "services")},
    **{f"/api/v1/{kind}/": {"get"} for kind in ("alerts", "alerts/{alert_id}", "events", "trends")},
}


@pytest.fixture
def described(db) -> dict[str, Any]:
    return Client().get("/api/schema/").json()


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def test_it_is_openapi_3_1_and_valid(described):
    assert described["openapi"].startswith("3.1")
    validate_schema(described)


def test_every_address_is_there(described):
    for path, methods in PATHS.items():
        assert methods <= set(described["paths"][path]), path


def test_answers_are_told_by_their_status_and_operations_by_a_name_of_their_own(described):
    names = [operation["operationId"] for _, operation in operations(described)]

    for where, operation in operations(described):
        assert all(status.isdigit() for status in operation["responses"]), where
        assert "200" in operation["responses"], where
    assert len(names) == len(set(names))


def test_every_field_and_parameter_is_described(described):
    silent = [
        f"{where} {parameter['name']}"
        for where, operation in operations(described)
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
    ]
    silent += [
        f"{name}.{field}"
        for name, schema in described["components"]["schemas"].items()
        for field, said in schema.get("properties", {}).items()
        if not said.get("description")
    ]

    assert silent == []


def test_yaml_is_there_for_who_asks(db):
    answer = Client().get("/api/schema/?format=yaml")

    assert answer.content.startswith(b"openapi: 3.1")


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
def test_a_method_that_is_none_is_refused_in_the_one_shape(db, path):
    client = Client(raise_request_exception=False)

    answers = [client.put(path), client.options(path)] if "docs" in path else [client.put(path)]

    for answer in answers:
        assert answer.status_code == 405
        assert answer.json()["error"]["code"] == "method_not_allowed"


# What is answered is what was described


class Asking:
    """A site's program that holds every answer against the schema."""

    def __init__(self, described: dict[str, Any], key: str) -> None:
        self.described = described
        self.client = Client(headers={"Authorization": f"Api-Key {key}"}, raise_request_exception=False)

    def ask(self, method: str, template: str, body: Any = None, **ids: str) -> Any:
        path = template.format(**ids)
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        answer = getattr(self.client, method)(path, **sent)
        told = self.described["paths"][template][method]["responses"][str(answer.status_code)]
        schema = {**told["content"]["application/json"]["schema"], "components": self.described["components"]}
        jsonschema.validate(answer.json(), schema, jsonschema.Draft202012Validator)
        assert extra_fields(answer.json(), schema, self.described) == []
        return answer.json()


def extra_fields(value: Any, schema: dict[str, Any], described: dict[str, Any], path: str = "") -> list[str]:
    """Fields of an answer that its schema does not tell of."""
    if "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema and value is not None:
        return extra_fields(value, schema["anyOf"][0], described, path)
    if isinstance(value, list):
        return [each for item in value for each in extra_fields(item, schema.get("items", {}), described, path)]
    if not isinstance(value, dict) or "additionalProperties" in schema:
        return []
    known = schema.get("properties", {})
    found = [f"{path}.{name}" for name in value if name not in known]
    return found + [
        each
        for name in value
        if name in known
        for each in extra_fields(value[name], known[name], described, f"{path}.{name}")
    ]


@pytest.fixture
def asking(described) -> Asking:
    make_vocabulary()
    return Asking(described, make_key(make_site("harbour"), name="asks"))


def test_what_is_answered_to_results_is_what_was_described(asking):
    looked_for = {"substance": "xylazine", "detected": False, "limit": {"value": 0.1, "unit": "percent_w_w"}}
    measured = {"substance": "fentanyl", "amount": {"kind": "percent_w_w", "value": 4, "basis": "base"}}
    trace = {"substance": "caffeine", "amount": {"kind": "relative", "value": "trace"}}
    body = sample_body(
        strip_body(lot={"brand": "BTNX", "lot": "D1"}),
        lab_body(findings=[looked_for, measured, trace]),
        colours=["white"],
    )

    sent = asking.ask("post", "/api/v1/samples/", body)
    asking.ask("post", "/api/v1/samples/", body)
    asking.ask("post", "/api/v1/samples/", {**body, "form": "rock"})
    asking.ask("post", "/api/v1/samples/", {**body, "form": "sugar"})
    asking.ask("post", "/api/v1/samples/", sample_body(expected=("nonsense",)))
    sample, (strip, lab) = sent["id"], [result["id"] for result in sent["results"]]
    asking.ask("post", "/api/v1/samples/{sample_id}/results/", {"results": [lab_body()]}, sample_id=sample)
    asking.ask("post", "/api/v1/results/{result_id}/correct/", {**lab_body(()), "reason": "wrong vial"}, result_id=lab)
    asking.ask("post", "/api/v1/results/{result_id}/withdraw/", {"reason": "wet strip"}, result_id=strip)
    read = asking.ask("get", "/api/v1/samples/{sample_id}/", sample_id=sample)
    asking.ask("get", "/api/v1/samples/")

    assert len(read["results"]) == 4


@pytest.mark.parametrize("kind", ["substances", "methods", "areas", "sites", "services", "alerts", "events"])
def test_what_is_answered_to_anyone_is_what_was_described(asking, kind):
    asking.ask("get", f"/api/v1/{kind}/")


def test_every_body_has_an_example_and_every_operation_leads_on(described):
    bare = [
        where
        for where, operation in operations(described)
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items()
        if "json" in media_type and not ("example" in content or "examples" in content)
    ]
    known = {operation["operationId"] for _, operation in operations(described)}
    led_to = {
        link["operationId"]
        for _, operation in operations(described)
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    }

    assert bare == []
    assert led_to <= known
    assert led_to == {operation["operationId"] for where, operation in operations(described) if "{" in where}


async def all_of(answer: Any) -> bytes:
    return b"".join([part async for part in answer.streaming_content])


def test_every_example_is_taken_as_it_stands(described):
    make_vocabulary()
    client = Client(headers={"Authorization": f"Api-Key {make_key(make_site(), name='k')}"})
    sent = {
        (operation["operationId"], name): example["value"]
        for _, operation in operations(described)
        for name, example in operation.get("requestBody", {})
        .get("content", {})
        .get("application/json", {})
        .get("examples", {})
        .items()
    }

    def post(path: str, operation: str, name: str) -> Any:
        answer = client.post(path, json.dumps(sent.pop((operation, name))), content_type="application/json")
        assert answer.status_code in {200, 201}, answer.content
        return answer.json()

    sample = post("/api/v1/samples/", "submit_sample", "strip")
    post("/api/v1/samples/", "submit_sample", "lab")
    result = sample["results"][0]["id"]
    post(f"/api/v1/samples/{sample['id']}/results/", "add_results", "lab")
    corrected = post(f"/api/v1/results/{result}/correct/", "correct_result", "strip")
    post(f"/api/v1/results/{corrected['id']}/withdraw/", "withdraw_result", "mix_up")

    assert sent == {}
    bulk = described["paths"]["/api/v1/samples/bulk/"]["post"]["requestBody"]["content"]
    line = json.dumps(bulk["application/x-ndjson"]["example"])
    answer = client.post("/api/v1/samples/bulk/", line, content_type="application/x-ndjson")
    assert b'"created"' in async_to_sync(all_of)(answer)
