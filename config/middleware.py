"""What every answer carries."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from checking.networks import is_simulated

Answer = Callable[[HttpRequest], HttpResponse]


class SimulatedDataMiddleware:
    """A simulated network says so on every answer, for programs as the banner does for people."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if is_simulated():
            response["Simulated-Data"] = "true"
        return response


class LanguageMiddleware:
    """The language asked for: `?lang=`, then what the browser prefers. No cookie on public pages."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("lang", "")
        known = {code for code, _ in settings.LANGUAGES}
        language = asked if asked in known else translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        if asked in known:
            _keep_language(response, asked)
        return response


def _keep_language(response: HttpResponse, language: str) -> None:
    """Whoever is sent on from a page with a language in its address is sent on in it."""
    place = urlsplit(response.headers.get("Location", ""))
    if not place.path.startswith("/") or place.netloc or "lang" in parse_qs(place.query):
        return
    query = f"{place.query}&lang={language}" if place.query else f"lang={language}"
    response.headers["Location"] = urlunsplit(place._replace(query=query))


class StaffPagesMiddleware:
    """Pages behind the sign-in stay on no shared phone, and their forms can be told from forged ones.

    Under `no-referrer`, which public pages keep, a browser sends `Origin: null` with a form, and every
    one would be refused as forged. `same-origin` still tells other sites nothing.
    """

    PATHS = ("/staff/", "/admin/", "/desk/")

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(self.PATHS):
            response["Referrer-Policy"] = "same-origin"
            response["Cache-Control"] = "no-store"
        return response
