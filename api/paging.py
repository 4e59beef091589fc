"""Lists, a page at a time, in the one shape. A page that cannot be asked for is said, not guessed."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .errors import Refused


class Pages(CursorPagination):
    """Pages by cursor, so that what is added meanwhile shifts nothing."""

    def decode_cursor(self, request: Request) -> Any:
        try:
            return super().decode_cursor(request)
        except NotFound:
            raise refused("cursor", "Take the cursor from `next` or `previous`.") from None

    def get_page_size(self, request: Request) -> int | None:
        asked = request.query_params.get(self.page_size_query_param or "")
        if asked is not None and not (asked.isascii() and asked.isdigit() and int(asked) > 0):
            raise refused("limit", "This has to be a whole number, 1 or more.")
        size: int | None = super().get_page_size(request)
        return size


def refused(parameter: str, message: str) -> Refused:
    return Refused(400, "invalid", message, {parameter: [message]})


def answer_page(
    pages: Pages,
    rows: "QuerySet[Any]",
    request: Request,
    view: APIView,
    as_json: Callable[[Sequence[Any]], list[dict[str, Any]]],
) -> Response:
    page = pages.paginate_queryset(rows, request, view=view) or []
    return Response({"results": as_json(page), "next": pages.get_next_link(), "previous": pages.get_previous_link()})
