"""Figures of what was released."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from checking import trends
from checking.figures import side_by_side
from checking.models import ReleaseCorrection
from checking.trend_files import as_csv, as_json, etag
from checking.turns import What

from .errors import ErrorsAreJson, Refused
from .schema import errors
from .shapes import listed, maybe, number, record, text

NOT_ASKED = frozenset({"lang", "format"})  # of how it is shown, not of what


class CsvRenderer(BaseRenderer):
    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return as_csv(data["results"]).encode()


POINT = record(
    "One period. Empty ones are left out.",
    {
        "period": text("2026-W45, 2026-11 or 2026Q4; a week belongs to its Thursday's month."),
        "detected": {"type": "integer", "description": "In how many of those tested it was found."},
        "tested": {"type": "integer", "description": "How many were tested for it."},
        "share": maybe(number("Detected of tested, 0 to 1; null under 20 tested.")),
        "low": number("Lower end of the 95 % interval (Wilson), 0 to 1."),
        "high": number("Upper end of the 95 % interval (Wilson), 0 to 1."),
    },
)
FLOORS = record(
    "What everything published rests on, as this network has it: never looser than 5, 80, 28, 20000, 6 and 20.",
    {
        "at_least": {"type": "integer", "description": "Samples behind any figure, and any difference of figures."},
        "dominant_percent": {"type": "integer", "description": "Share of one site from which a figure is its own."},
        "waits_days": {"type": "integer", "description": "Then what is too few counts for the larger area."},
        "residents": {"type": "integer", "description": "Smaller places count for the area around them."},
        "settles_weeks": {"type": "integer", "description": "After a month's end until it is final."},
        "together_at_least": {"type": "integer", "description": "Products behind pairs and amounts."},
    },
)
FIGURE = record(
    "A figure of what was released.",
    {
        "release": {"type": "integer", "description": "Number of the last release; 0 before the first."},
        "note": text("What stands beside every figure: these are not a random draw."),
        "promise": text("What the figures are for, and for whom they are not."),
        "floors": FLOORS,
        "results": listed(POINT, "Ascending."),
        "corrections": listed(
            record(
                "A period that counts otherwise than when it was released.",
                {
                    "period": text("As in `results`; one with nothing left is not there any more."),
                    "release": {"type": "integer", "description": "The release that brought what holds."},
                    "reasons": listed(text("Why.", enum=ReleaseCorrection.Reason.values), "Codes."),
                },
            ),
            "Ascending.",
        ),
        "changes": listed(
            record(
                "Before this period and from it on the figures do not compare.",
                {
                    "period": text("As in `results`."),
                    "what": text(
                        "counted: nobody here looked for it before. opened, closed, reset: what a lab looks for. "
                        "brand, lot: of most strips.",
                        enum=[what.value for what in What],
                    ),
                    "to": text("brand, lot: the strips from then on; empty where there are several, and for the rest."),
                },
            ),
            "Ascending.",
        ),
    },
)
BESIDE = maybe(
    record(
        "The other figure, where `with_` parameters ask for one and the two compare; null else.",
        {
            "area": text("Its slug."),
            "results": listed(POINT, "Ascending."),
            "difference": maybe(
                record(
                    "Share in all `results` less that of this figure; null under 20 tested, and of strips.",
                    {
                        "low": number("Lower end of the 95 % interval (Newcombe's method 10), -1 to 1."),
                        "high": number("Upper end, -1 to 1."),
                    },
                )
            ),
        },
    )
)
FIGURE["properties"]["beside"] = BESIDE
FIGURE["required"].append("beside")
_OTHER = {
    "with_area": "Put beside it: the same of another area",
    "with_family": "Put beside it: refused where it is another family",
    "with_material": "Put beside it: refused where it is the other material",
    "with_from": "Put beside it: the same from then on",
    "with_to": "Put beside it: the same up to then",
}


class TrendsView(ErrorsAreJson, APIView):
    permission_classes = (AllowAny,)
    authentication_classes = ()
    renderer_classes = (JSONRenderer, CsvRenderer)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        # What it tells of itself has no rows: it is no table, whatever was asked for.
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
        answer: Response = super().options(request, *args, **kwargs)
        return answer

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        try:
            return super().perform_content_negotiation(request, force)
        except Http404:
            raise Refused(400, "invalid", "format is json or csv.", {"format": ["Say json or csv."]}) from None

    @extend_schema(
        summary="How often a substance was found, by period, with the interval",
        parameters=[
            OpenApiParameter("area", str, required=True, description="Slug of an area: the release areas within"),
            OpenApiParameter("substance", str, required=True, description="Slug or any accepted name; a class too"),
            OpenApiParameter("family", str, enum=trends.FAMILIES, default="lab", description="Which methods"),
            OpenApiParameter("material", str, enum=trends.MATERIALS, default="product", description="What was tested"),
            OpenApiParameter(
                "series", str, enum=trends.SERIES, default="latest",
                description="latest: by week of release. final: by month of collection, six weeks after its end",
            ),
            OpenApiParameter("interval", str, enum=trends.INTERVALS, description="How long a period is"),
            OpenApiParameter("format", str, enum=["json", "csv"], description="Or say it by Accept"),
            OpenApiParameter("from", str, description="2026-W45, 2026-11, 2026Q4 or a day, inclusive"),
            OpenApiParameter("to", str, description="As `from`"),
            OpenApiParameter("expected", str, description="A class; with interval=quarter only"),
            *(OpenApiParameter(name, str, description=says) for name, says in _OTHER.items()),
            OpenApiParameter(
                "with_setting", str, enum=side_by_side.SETTINGS, description="Put beside it: refused unless checking"
            ),
        ],
        responses={(200, "application/json"): FIGURE, (200, "text/csv"): {"type": "string"}, **errors(422)},
        operation_id="read_trend",
        auth=[],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        parameters = _once({name: values for name, values in request.query_params.lists() if name not in NOT_ASKED})
        try:
            body = _figure(parameters)
        except trends.BadQuestion as error:
            raise _refused(error) from error
        if body["beside"] is not None and request.accepted_renderer.format == CsvRenderer.format:
            raise Refused(400, "invalid", "A table holds one figure.", {"format": ["Say json for two side by side."]})
        tag = etag(request.accepted_renderer.format, json.dumps(body, sort_keys=True))
        headers = {"ETag": tag, "Cache-Control": "public, max-age=60", "Vary": "Accept-Language"}
        if _has_already(request, tag):
            return Response(status=304, headers=headers)
        return Response(body, headers=headers)


def _figure(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Raises BadQuestion."""
    asked, of_other = side_by_side.split(parameters)
    question = trends.ask(asked)
    if not side_by_side.is_asked(parameters):
        return as_json(trends.answer(question))
    try:
        other = trends.ask(of_other)
    except trends.BadQuestion as error:
        name = f"with_{error.name}" if parameters.get(f"with_{error.name}") else error.name
        raise trends.BadQuestion(name, str(error), error.suggestions, is_unknown=error.is_unknown) from error
    one, second = side_by_side.put_beside(question, parameters, other)
    ends = side_by_side.told_difference(one, second)
    told = {"low": round(ends.low, 4), "high": round(ends.high, 4)} if ends else None
    beside = as_json(second.answer)
    return {
        **as_json(one.answer),
        "beside": {"area": other.area, "results": beside["results"], "difference": told},
    }


def _has_already(request: Request, tag: str) -> bool:
    """True when the reader has this answer. A proxy that compresses marks the tag as weak (RFC 9110, 8.8.3)."""
    tags = parse_etags(request.headers.get("If-None-Match", ""))
    return tags == ["*"] or tag in {each.removeprefix("W/") for each in tags}


def _once(parameters: Mapping[str, list[str]]) -> dict[str, str]:
    for name, values in parameters.items():
        if len(values) > 1:
            raise Refused(400, "invalid", "A parameter came twice.", {name: ["Say this once."]})
    return {name: values[0] for name, values in parameters.items()}


def _refused(error: trends.BadQuestion) -> Refused:
    if isinstance(error, side_by_side.Refused):
        return Refused(400, error.code, str(error), {error.name: [str(error)]})
    suggestions = {error.name: list(error.suggestions)} if error.suggestions else None
    if error.is_unknown:
        return Refused(422, "unknown_name", str(error), {error.name: [str(error)]}, suggestions)
    return Refused(400, "invalid", str(error), {error.name: [str(error)]}, suggestions)
