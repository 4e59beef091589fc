"""What people see when something is not there, not theirs, or broke. Programs get the one error shape."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 400, "bad_request", "The request could not be read.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 403, "forbidden", "This is not open to you.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, "not_found", "There is nothing here.")


def went_wrong(request: HttpRequest) -> HttpResponse:
    """No database, no language: whatever broke may be what they need. So both languages stand on it."""
    if _is_program(request):
        return _json(500, "server_error", "Something went wrong on our side. Please try again.")
    return HttpResponse(render_to_string("500.html"), status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token was missing or old. Set as CSRF_FAILURE_VIEW."""
    if _is_program(request):
        return _json(403, "forbidden", "The form's token is missing or old.")
    return render(request, "403_csrf.html", status=403)


def _answer(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    if _is_program(request):
        return _json(status, code, message)
    return render(request, f"{status}.html", status=status)


def _is_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _json(status: int, code: str, message: str) -> JsonResponse:
    body: dict[str, Any] = {"error": {"code": code, "message": message}}
    return JsonResponse(body, status=status)
