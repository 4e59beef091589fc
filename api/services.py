"""Help nearby for programs: the same list as on the pages, with hours they can judge by."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from checking import area_tree, confirming, helping, opening_words
from checking.models import Service
from checking.opening import NO_HOLIDAYS_KNOWN, Hours, Spans, Standing
from checking.opening_notation import DAYS, clock, understood

from .errors import Refused
from .facts import NAME, PAGES, SLUG, BySlug
from .paging import answer_page, refused
from .schema import errors
from .shapes import DAY, INSTANT, Schema, listed, maybe, page_of, record, text, yes_or_no

KNOWN = frozenset({"area", "offer", "open_now", "cursor", "limit", "lang", "format"})
ANSWERS = {"true": True, "false": False}

SPANS = listed(
    record("From, until.", {
        "opens": text("On the clock there, such as 10:00."),
        "closes": text("Earlier than `opens`: on the next day. 24:00 is the end of the day."),
    }),
    "In the order of the day; none: closed.",
)  # fmt: skip
MONTH_DAY = text("Month and day, such as 12-25.")
OPENING_HOURS: Schema = {
    **record(
        "What machines can judge by. A dated span outranks a yearly one, that one public holidays, those the week; of "
        "several of one kind the last. A span belongs to the day on which it opens.",
        {
            "notation": text("The same as the opening_hours of OpenStreetMap have it."),
            "time_zone": maybe(text("IANA name of its clock; null: open or closed cannot be told.")),
            "week": record("By day.", {day.casefold(): SPANS for day in DAYS}),
            "public_holidays": {**SPANS, "type": ["array", "null"], "description": "Null: as on any other day."},
            "yearly": listed(
                record("Each year.", {"first": MONTH_DAY, "last": MONTH_DAY, "spans": SPANS}), "Both days included."
            ),
            "dated": listed(record("Once.", {"first": DAY, "last": DAY, "spans": SPANS}), "Both days included."),
        },
    ),
    "type": ["object", "null"],
}  # fmt: skip
SERVICE = record(
    "A service, none ranked above another.",
    {
        "slug": SLUG,
        "name": NAME,
        "area": text("Slug of its area; a line for a whole country stands under the country."),
        "offers": listed({"type": "string", "enum": list(helping.OFFERS)}, "What it offers."),
        "phone": maybe(text("To call.")),
        "text_line": maybe(text("To text.")),
        "address": maybe(text("Where it is.")),
        "hours": maybe(text("When it is open, in words, in the language asked for.")),
        "hours_remark": maybe(text("What else there is to say of its hours.")),
        "opening_hours": {**OPENING_HOURS, "description": "Null: nobody said, or in words only."},
        "open_now": maybe(yes_or_no("Null: nobody can tell from what is known.")),
        "changes_at": maybe({**INSTANT, "description": "When it closes or opens next, in UTC, where that is known."}),
        "url": maybe(text("Its page.")),
        "languages": listed({"type": "string"}, "Languages spoken, as en or es."),
        "last_confirmed_on": maybe(text("The day somebody last made sure of this.", format="date")),
        "confirmation": text(
            f"How old that is: fresh up to {confirming.FRESH_DAYS} days, old after {confirming.OLD_DAYS}.",
            enum=[age.value for age in confirming.Age],
        ),
    },
)


class ServicesView(APIView):
    """Judged at one instant for the whole answer, which nobody keeps past the next opening or closing in it."""

    permission_classes = (AllowAny,)
    authentication_classes = ()

    @extend_schema(
        operation_id="list_services",
        summary="Help nearby",
        parameters=[
            OpenApiParameter("area", str, description="Slug of an area: what is in it, and for all of what holds it."),
            OpenApiParameter("offer", str, enum=["", *helping.OFFERS], description="Only those that offer this."),
            OpenApiParameter(
                "open_now", str, enum=["", *ANSWERS], description="Only those that are open, or closed, for sure."
            ),
            *PAGES,
        ],
        responses={200: page_of(SERVICE), **errors(400)},
        auth=[],
    )
    def get(self, request: Request) -> Response:
        at = timezone.now()
        rows = _asked(request, at)
        judged: list[Standing] = []
        answer = answer_page(BySlug(), rows, request, self, lambda page: _told(page, at, judged))
        patch_vary_headers(answer, ["Accept-Language"])
        answer["Cache-Control"] = f"public, max-age={helping.seconds_kept(judged, at)}"
        return answer


def _asked(request: Request, at: datetime) -> "models.QuerySet[Any]":
    """The services asked for. Raises Refused for what cannot be asked."""
    asked = request.query_params
    for name in asked:
        if name not in KNOWN or len(asked.getlist(name)) > 1:
            raise refused(name, "This cannot be asked here, or only once.")
    area, offer, is_open = asked.get("area", ""), asked.get("offer", ""), asked.get("open_now", "")
    if is_open and is_open not in ANSWERS:
        raise refused("open_now", "Say true or false.")
    if offer and offer not in helping.OFFERS:
        raise _unknown("offer", f"This is one of: {', '.join(helping.OFFERS)}.", list(helping.OFFERS))
    tree = area_tree.current(holding=[area] if area else [])
    if area and area not in tree:
        raise _unknown("area", "There is no area of this slug.", tree.named(area)[:5])
    rows: models.QuerySet[Any] = Service.objects.using("public").select_related("area")
    if not (area or offer or is_open):
        return rows
    near = helping.services_near([area] if area else [], offer=offer, now=at)
    return rows.filter(slug__in=[each.slug for each in near if not is_open or each.is_open is ANSWERS[is_open]])


def _unknown(field: str, message: str, suggestions: list[str]) -> Refused:
    return Refused(400, "invalid", message, {field: [message]}, {field: suggestions} if suggestions else None)


def _told(rows: Sequence[Service], at: datetime, judged: list[Standing]) -> list[dict[str, Any]]:
    holidays = helping.holidays_of(rows)
    judged += [helping.standing_of(row, at, holidays.get(row.area_id, NO_HOLIDAYS_KNOWN)) for row in rows]
    return [as_json(row, now, at) for row, now in zip(rows, judged, strict=True)]


def as_json(row: Service, now: Standing, at: datetime) -> dict[str, Any]:
    zone = helping.zone_of(row.time_zone)
    today = (at.astimezone(zone) if zone else at).date()
    hours = understood(row.hours) if row.hours else None
    changes_at = now.changes_at if now.open_now is not None else None
    return {
        "slug": row.slug,
        "name": row.name,
        "area": row.area.slug,
        "offers": row.offers,
        "phone": row.phone or None,
        "text_line": row.text_line or None,
        "address": row.address or None,
        "hours": "; ".join(opening_words.lines(hours, today)) if hours else row.hours or None,
        "hours_remark": row.hours_remark or None,
        "opening_hours": _hours(hours, row) if hours else None,
        "open_now": now.open_now,
        "changes_at": changes_at.astimezone(UTC).isoformat() if changes_at else None,
        "url": row.url or None,
        "languages": row.languages,
        "last_confirmed_on": row.last_confirmed_on,
        "confirmation": confirming.age_of(row.last_confirmed_on, today).value,
    }


def _hours(hours: Hours, row: Service) -> dict[str, Any]:
    return {
        "notation": row.hours,
        "time_zone": row.time_zone if helping.zone_of(row.time_zone) else None,
        "week": {day.casefold(): _spans(spans) for day, spans in zip(DAYS, hours.week, strict=True)},
        "public_holidays": None if hours.on_holidays is None else _spans(hours.on_holidays),
        "yearly": [
            {"first": _month_day(each.first), "last": _month_day(each.last), "spans": _spans(each.spans)}
            for each in hours.yearly
        ],
        "dated": [
            {"first": each.first.isoformat(), "last": each.last.isoformat(), "spans": _spans(each.spans)}
            for each in hours.dated
        ],
    }


def _spans(spans: Spans) -> list[dict[str, str]]:
    return [{"opens": clock(start), "closes": clock(end)} for start, end in spans]


def _month_day(day: tuple[int, int]) -> str:
    return f"{day[0]:02}-{day[1]:02}"
