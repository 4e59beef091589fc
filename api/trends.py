"""Figures of what was released."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from checking import trends
from checking.trend_files import as_csv, as_json, etag

from .errors import Refused

NOT_ASKED = frozenset({"lang", "format"})  # of how it is shown, not of what


class CsvRenderer(BaseRenderer):
    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return as_csv(data["results"]).encode()


POINT = {
    "type": "object",
    "properties": {
        "period": {"type": "string"},
        "detected": {"type": "integer"},
        "tested": {"type": "integer"},
        "share": {"type": ["number", "null"]},
        "low": {"type": "number"},
        "high": {"type": "number"},
    },
    "required": ["period", "detected", "tested", "share", "low", "high"],
}
FIGURE = {
    "type": "object",
    "properties": {
        "release": {"type": "integer"},
        "note": {"type": "string"},
        "results": {"type": "array", "items": POINT},
    },
    "required": ["release", "note", "results"],
}


@extend_schema(
    summary="How often a substance was found, by period, with the interval",
    parameters=[
        OpenApiParameter("area", str, required=True),
        OpenApiParameter("substance", str, required=True, description="A slug or any accepted name; a class counts"),
        OpenApiParameter("family", str, enum=trends.FAMILIES, default="lab"),
        OpenApiParameter("material", str, enum=trends.MATERIALS, default="product"),
        OpenApiParameter("series", str, enum=trends.SERIES, default="latest"),
        OpenApiParameter("interval", str, enum=trends.INTERVALS),
        OpenApiParameter("from", str, description="2026-W45, 2026-11, 2026Q4 or a day, inclusive"),
        OpenApiParameter("to", str, description="As `from`"),
        OpenApiParameter("expected", str, description="A class; with interval=quarter only"),
    ],
    responses={(200, "application/json"): FIGURE, (200, "text/csv"): {"type": "string"}},
)
class TrendsView(APIView):
    permission_classes = (AllowAny,)
    authentication_classes = ()
    renderer_classes = (JSONRenderer, CsvRenderer)

    def get(self, request: Request) -> Response:
        parameters = _once({name: values for name, values in request.query_params.lists() if name not in NOT_ASKED})
        try:
            question = trends.ask(parameters)
        except trends.BadQuestion as error:
            raise _refused(error) from error
        release = trends.last_release()
        tag = etag(release.number if release else 0, request.accepted_renderer.format, *_sorted(parameters))
        headers = {"ETag": tag, "Cache-Control": "public, max-age=60", "Vary": "Accept-Language"}
        if request.headers.get("If-None-Match") == tag:
            return Response(status=304, headers=headers)
        return Response(as_json(trends.answer(question)), headers=headers)

    def handle_exception(self, exc: Exception) -> Response:
        # An error has one shape, whatever was asked for.
        self.request.accepted_renderer = JSONRenderer()
        return super().handle_exception(exc)


def _once(parameters: Mapping[str, list[str]]) -> dict[str, str]:
    for name, values in parameters.items():
        if len(values) > 1:
            raise Refused(400, "invalid", "A parameter came twice.", {name: ["Say this once."]})
    return {name: values[0] for name, values in parameters.items()}


def _sorted(parameters: Mapping[str, str]) -> list[str]:
    return [f"{name}={parameters[name]}" for name in sorted(parameters)]


def _refused(error: trends.BadQuestion) -> Refused:
    suggestions = {error.name: list(error.suggestions)} if error.suggestions else None
    if error.is_unknown:
        return Refused(422, "unknown_name", str(error), {error.name: [str(error)]}, suggestions)
    return Refused(400, "invalid", str(error), {error.name: [str(error)]}, suggestions)
