"""Alerts and their steps, for programs: the same JSON that sockets, streams and webhooks carry."""

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from alerts import reading
from alerts.hearing import asked_in_query, error_of, read_after
from alerts.matching import BadFilter, Filter, UnknownName

from .errors import Refused
from .schema import errors, id_in_path
from .shapes import FROM_NOUGHT, FROM_ONE, INSTANT, SLUGS, UUID, listed, page_of, record, text, yes_or_no

PAGE = 100  # most rows in one answer, and how many come unasked
STATES = ("current", "all")

SEQ = {"type": "integer", "description": "Gap-free, in the order of publication."}
KIND = text("What happened.", enum=["published", "updated", "ended", "lapsed", "withdrawn"])
LANGUAGES = ("en", "es")
BLOCKS = record(
    "The content, block by block, in the order in which it is read.",
    {
        "headline": text("Sold as, found, where and when."),
        **{
            name: listed({"type": "string"}, said)
            for name, said in (
                ("actions", "What to do now."),
                ("looks", "What it looked like."),
                ("found", "What was found, and how sure."),
                ("signs", "Signs of trouble."),
                ("helps", "What helps."),
                ("strips", "What a strip would not show."),
                ("dates", "From when, until when."),
                ("who", "Who says so."),
            )
        },
    },
    optional=("looks", "found", "signs", "helps", "strips", "dates", "who"),
)
TEXTS = record(
    "One language.",
    {"sms": text("Two segments at most."), "body": text("The whole as plain text."), "blocks": BLOCKS},
)
ALERT = record(
    "The alert as this step left it.",
    {
        "id": UUID,
        "level": text("How much it matters.", enum=["notice", "caution", "warning"]),
        "severity": text("As in CAP 1.2."),
        "certainty": text("As in CAP 1.2."),
        "urgency": text("As in CAP 1.2."),
        "drill": yes_or_no("An exercise; never in a public read."),
        "reviewed": yes_or_no("Whether as many people as its level needs approved exactly this content."),
        "headline": text("In English; `texts` has every language."),
        "areas": listed(SLUGS, "Slugs of the areas it speaks for."),
        "substances": listed(SLUGS, "What was found by name."),
        "classes": listed(SLUGS, "The classes of what was found; alone where only a class is known."),
        "expected": listed(SLUGS, "What it was sold as."),
        "week": text("ISO week of what it rests on, such as 2026-W47; may be empty."),
        "evidence": record(
            "How sure, and of how many.",
            {
                "rung": text("reported, presumptive or confirmed."),
                "samples": {"type": "integer", "description": "How many samples."},
                "techniques": {"type": "integer", "description": "How many independent techniques."},
                "sites": {"type": "integer", "description": "How many sites; told from two up."},
            },
            optional=("rung", "samples", "techniques", "sites"),
        ),
        "actions": listed({"type": "string"}, "What to do now, in English."),
        "sent": INSTANT,
        "expires": INSTANT,
        "references": listed(
            record("An earlier step.", {"seq": SEQ, "kind": KIND, "at": INSTANT}), "Its earlier steps, oldest first."
        ),
        "url": text("Its page.", format="uri"),
        "texts": record("What people read, by language.", dict.fromkeys(LANGUAGES, TEXTS)),
    },
)
EVENT = record(
    "A step of an alert, the same here, on sockets and in streams.",
    {
        "seq": SEQ,
        "kind": KIND,
        "at": INSTANT,
        "because": text("Why, where a person said so; may be empty."),
        "alert": ALERT,
        "signature": record(
            "Ed25519 over the canonical JSON (RFC 8785) of all the rest; keys are at /.well-known/headsup-keys.json.",
            {
                "kid": text("The key's name."),
                "alg": text("How it is signed.", enum=["Ed25519"]),
                "value": text("64 bytes as base64url."),
            },
        ),
    },
)
FILTER = [
    OpenApiParameter("area", str, many=True, description="Slug of an area. Repeat it to mean any of several."),
    OpenApiParameter("substance", str, many=True, description="A substance or class, by slug or accepted name."),
    OpenApiParameter(
        "level", str, enum=["", "notice", "caution", "warning"], description="At least this level; empty: any."
    ),
]
LIMIT = OpenApiParameter("limit", FROM_ONE, description=f"Most rows in one answer, {PAGE} at most.")


class PublicView(APIView):
    """Anyone may read, and nobody is asked who they are."""

    permission_classes = (AllowAny,)
    authentication_classes = ()


class EventsView(PublicView):
    @extend_schema(
        operation_id="list_events",
        summary="Steps of alerts, in the order they were published",
        parameters=[*FILTER, OpenApiParameter("after", FROM_NOUGHT, description="Only steps past this `seq`."), LIMIT],
        responses={200: page_of(EVENT), **errors(422)},
        auth=[],
    )
    def get(self, request: Request) -> Response:
        filter, after = _asked(request)
        limit = _limit(request)
        found, reached = reading.events_after(after or 0, filter, limit)
        has_more = len(found) == limit and reached < reading.head()
        return Response(_page(request, found, {"after": reached} if has_more else None))


class AlertsView(PublicView):
    @extend_schema(
        operation_id="list_alerts",
        summary="Alerts that stand, newest first",
        parameters=[
            *FILTER,
            OpenApiParameter(
                "state", str, enum=["", *STATES], description="`all` adds those that are over; empty: current."
            ),
            OpenApiParameter("before", FROM_NOUGHT, description="Only alerts whose last step has a lower `seq`."),
            LIMIT,
        ],
        responses={200: page_of(EVENT), **errors(422)},
        auth=[],
    )
    def get(self, request: Request) -> Response:
        filter, _ = _asked(request)
        limit = _limit(request)
        state = request.query_params.get("state") or STATES[0]
        if state not in STATES:
            raise _refused("state", f"This is one of: {', '.join(STATES)}.")
        found = reading.current_alerts(filter, state=state, limit=limit + 1, before=_whole_number(request, "before"))
        shown, more = found[:limit], found[limit:]
        return Response(_page(request, shown, {"before": shown[-1]["seq"]} if more else None))


class AlertView(PublicView):
    @extend_schema(
        operation_id="read_alert",
        summary="One alert as it was last said",
        parameters=id_in_path("alert_id"),
        responses={200: EVENT},
        auth=[],
    )
    def get(self, request: Request, alert_id: uuid.UUID) -> Response:
        found = reading.find_alert(alert_id)
        if found is None:
            raise Refused(404, "not_found", "There is no alert with this id.")
        return Response(found)


def _asked(request: Request) -> tuple[Filter, int | None]:
    try:
        return asked_in_query(request.META.get("QUERY_STRING", ""))
    except BadFilter as fault:
        error = error_of(fault)
        status = 422 if isinstance(fault, UnknownName) else 400
        suggestions = error.get("suggestions")
        raise Refused(status, error["code"], error["message"], error["fields"], suggestions) from fault


def _limit(request: Request) -> int:
    """More than a page is a page: whoever asks for all of it follows `next`."""
    asked = _whole_number(request, "limit")
    if asked == 0:
        raise _refused("limit", "This has to be a whole number, 1 or more.")
    return min(asked or PAGE, PAGE)


def _whole_number(request: Request, field: str) -> int | None:
    text = request.query_params.get(field)
    if not text:
        return None
    try:
        return read_after(text)
    except BadFilter as fault:
        raise _refused(field, fault.message) from fault


def _refused(field: str, message: str) -> Refused:
    return Refused(400, "invalid", message, {field: [message]})


def _page(request: Request, results: list[dict[str, Any]], more: dict[str, int] | None) -> dict[str, Any]:
    url = request.build_absolute_uri()
    for name, value in (more or {}).items():
        url = replace_query_param(url, name, value)
    return {"results": results, "next": url if more else None, "previous": None}
