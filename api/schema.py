"""What the API says of itself: OpenAPI 3.1, with bodies described by the very structs that read them."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema

from checking import bodies

REF = "#/components/schemas/{name}"
BODIES = (bodies.NewSample, bodies.NewResults, bodies.Correction, bodies.Takeback)

View = TypeVar("View", bound=Callable[..., Any])


def ref(name: str) -> dict[str, str]:
    return {"$ref": REF.format(name=name)}


STATEMENT = {
    "type": "object",
    "required": ["code", "text", "severity", "source"],
    "properties": {
        "code": {"type": "string"},
        "text": {"type": "string", "description": "A sentence for the person, in the language asked for."},
        "severity": {"type": "string", "enum": ["info", "caution", "warning"]},
        "source": {"type": "string"},
    },
}
STATEMENTS = {"type": "array", "items": ref("Statement")}
RESULT = {
    "type": "object",
    "required": ["id", "interpretation"],
    "properties": {"id": {"type": "string", "format": "uuid"}, "interpretation": STATEMENTS},
}
SAMPLE = {
    "type": "object",
    "required": ["id", "code", "results", "advisories"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "code": {"type": ["string", "null"], "description": "What the person looks the result up with."},
        "results": {"type": "array", "items": ref("ResultReceipt")},
        "advisories": STATEMENTS,
    },
}
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "fields": {
                    "type": "object",
                    "description": "Paths such as results.0.findings.1.substance, and what is wrong there.",
                    "additionalProperties": {"type": "array", "items": {"type": "string"}},
                },
                "suggestions": {
                    "type": "object",
                    "additionalProperties": {"type": "array", "items": {"type": "string"}},
                },
            },
        }
    },
}
COMPONENTS = {"Statement": STATEMENT, "ResultReceipt": RESULT, "SampleReceipt": SAMPLE, "Error": ERROR}

SampleJson = ref("SampleReceipt")
SampleList: dict[str, Any] = {
    "type": "object",
    "required": ["results", "next", "previous"],
    "properties": {
        "results": {"type": "array", "items": SampleJson},
        "next": {"type": ["string", "null"]},
        "previous": {"type": ["string", "null"]},
    },
}


def page_of(fields: dict[str, Any]) -> dict[str, Any]:
    """The schema of a list of facts."""
    row = {"type": "object", "required": sorted(fields), "properties": fields}
    return {
        "type": "object",
        "required": ["results", "next", "previous"],
        "properties": {
            "results": {"type": "array", "items": row},
            "next": {"type": ["string", "null"]},
            "previous": {"type": ["string", "null"]},
        },
    }


def described(
    *, request: type[msgspec.Struct], response: dict[str, Any] | None, summary: str
) -> Callable[[View], View]:
    """A view whose body is a struct, with the errors every such view can answer."""
    answers: dict[Any, Any] = {200: response or {"type": "object"}, 201: response or {"type": "object"}}
    if response is None:
        del answers[201]
    answers |= {status: ref("Error") for status in (400, 401, 403, 404, 409, 413, 415, 422, 429)}
    decorate: Callable[[View], View] = extend_schema(
        summary=summary, request={"application/json": ref(request.__name__)}, responses=answers
    )
    return decorate


class Described(AutoSchema):
    """Operations are named by their path, and every one may answer with our error shape."""

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").split("/")[0] or "api"]

    def _get_response_bodies(self, *args: Any, **kwargs: Any) -> Any:
        answers = super()._get_response_bodies(*args, **kwargs)
        error = {"content": {"application/json": {"schema": ref("Error")}}, "description": "What to mend"}
        for status in ("400", "404", "406", "429"):
            answers.setdefault(status, error)
        return answers


class SiteKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # typed in part
    target_class = "api.authentication.SiteKeyAuthentication"
    name = "SiteKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Api-Key followed by a space and the site's key.",
        }


class StaffSessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # typed in part
    target_class = "api.authentication.StaffSession"
    name = "StaffSession"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def add_components(result: dict[str, Any], **others: Any) -> dict[str, Any]:
    """Put the structs' own schemas beside what drf-spectacular found."""
    _, structs = msgspec.json.schema_components(BODIES, ref_template=REF)
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(structs)
    schemas.update(COMPONENTS)
    return result
