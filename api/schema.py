"""What the API says of itself: OpenAPI 3.1, with bodies described by the very structs that read them."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from checking import bodies

from .shapes import COMPONENTS, REF, ref

BODIES = (bodies.NewSample, bodies.NewResults, bodies.Correction, bodies.Takeback)
WHY = {
    400: "Malformed or invalid: `fields` says where",
    401: "No key, or one that is not good",
    403: "Not within what this key may do",
    404: "Not there, or another site's",
    406: "We answer in JSON",
    409: "This client_id, or this result, is taken: nothing was changed",
    413: "Larger than what may be sent here",
    415: "Send it as the content type above, not compressed",
    422: "A name nobody knows, or that can mean several things: see `suggestions`",
    429: "Too many at once: see Retry-After",
}

View = TypeVar("View", bound=Callable[..., Any])


def errors(*statuses: int) -> dict[int, OpenApiResponse]:
    return {status: OpenApiResponse(ref("Error"), description=WHY[status]) for status in statuses}


def described(
    *,
    request: type[msgspec.Struct],
    response: str,
    summary: str,
    operation_id: str,
    by: str = "",
    creates: bool = True,
) -> Callable[[View], View]:
    """A view whose body is a struct, with the errors every such view can answer. `by`: the id in its path."""
    answers: dict[Any, Any] = {200: ref(response)}
    if creates:
        answers = {
            201: OpenApiResponse(ref(response), description="Stored for good"),
            200: OpenApiResponse(ref(response), description="A replay: stored before. Idempotent-Replayed: true"),
        }
    answers |= errors(400, 401, 403, 409, 413, 415, 422, 429)
    decorate: Callable[[View], View] = extend_schema(
        summary=summary,
        operation_id=operation_id,
        parameters=id_in_path(by),
        request={"application/json": ref(request.__name__)},
        responses=answers,
    )
    return decorate


def id_in_path(name: str) -> list[OpenApiParameter]:
    """What the id in a path is. Empty: there is none."""
    if not name:
        return []
    what = name.removesuffix("_id")
    return [OpenApiParameter(name, UUID, OpenApiParameter.PATH, description=f"The {what}'s `id`.")]


class Described(AutoSchema):
    """Operations are named by their path, and every one may answer with our error shape."""

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").split("/")[0] or "api"]

    def _get_response_bodies(self, *args: Any, **kwargs: Any) -> Any:
        answers = super()._get_response_bodies(*args, **kwargs)
        for status in (400, 404, 406, 429) if "{" in self.path else (400, 406, 429):
            error = {"content": {"application/json": {"schema": ref("Error")}}, "description": WHY[status]}
            answers.setdefault(str(status), error)
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
