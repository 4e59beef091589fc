"""One error shape for everything: `{"error": {"code", "message", "fields"?, "suggestions"?}}`."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from checking.accepting import Problems
from checking.decoding import NotABody
from checking.storing import Conflict

logger = logging.getLogger(__name__)

Fields = Mapping[str, Sequence[str]]

CODES = {
    400: "invalid",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "unknown_name",
    429: "too_many_requests",
    503: "try_again",
}


class Refused(exceptions.APIException):
    """A request that cannot be done as asked, and what to mend."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: Fields | None = None,
        suggestions: Fields | None = None,
    ) -> None:
        super().__init__(message, code)
        self.status_code = status
        self.body = body(code, message, fields, suggestions)


def body(
    code: str, message: str, fields: Fields | None = None, suggestions: Fields | None = None
) -> dict[str, dict[str, Any]]:
    error: dict[str, Any] = {"code": code, "message": message}
    if fields:
        error["fields"] = {path: list(messages) for path, messages in fields.items()}
    if suggestions:
        error["suggestions"] = {path: list(names) for path, names in suggestions.items()}
    return {"error": error}


def from_problems(problems: Problems) -> Refused:
    """400 where something must be mended, 422 where only names are not known."""
    if problems.invalid:
        status, code, message = 400, "invalid", "Some fields cannot be accepted."
    else:
        status, code, message = 422, "unknown_name", "Some names are not known, or can mean several things."
    return Refused(status, code, message, problems.fields, problems.suggestions)


def from_conflict(conflict: Conflict) -> Refused:
    return Refused(409, "conflict", str(conflict), {conflict.field: [str(conflict)]})


def from_not_a_body(error: NotABody) -> Refused:
    return Refused(400, "invalid", str(error), error.fields)


NOT_NOW = (TimeoutError, OperationalError)  # nothing is wrong with what was sent: the store is busy, full or away


def try_again() -> Refused:
    return Refused(503, "try_again", "This could not be stored in time. Send the same again: it is safe.")


def server_error() -> Refused:
    return Refused(500, "server_error", "Something went wrong on our side. Send the same again: it is safe.")


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Every exception a view lets out, in the one shape. None: a fault of ours, answered 500."""
    if isinstance(error, Problems):
        error = from_problems(error)
    elif isinstance(error, Conflict):
        error = from_conflict(error)
    elif isinstance(error, NotABody):
        error = from_not_a_body(error)
    elif isinstance(error, NOT_NOW):
        logger.error("could not be done in time", exc_info=error)
        error = try_again()
    elif isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    if isinstance(error, Refused):
        return Response(error.body, status=error.status_code, headers=headers)
    code = CODES.get(error.status_code, "invalid")
    return Response(body(code, str(error.detail)), status=error.status_code, headers=headers)


class ErrorsAreJson:
    """For views with several renderers: an error has one shape, whatever was asked for."""

    request: Any

    def handle_exception(self, exc: Exception) -> Response:
        self.request.accepted_renderer = JSONRenderer()
        self.request.accepted_media_type = JSONRenderer.media_type
        answer: Response = super().handle_exception(exc)  # type: ignore[misc]  # mixed into a view
        return answer


@csrf_exempt  # nothing is changed where there is nothing
def not_found(request: HttpRequest) -> JsonResponse:
    """An address below /api/ that is none."""
    return JsonResponse(body("not_found", "There is nothing here."), status=404)
