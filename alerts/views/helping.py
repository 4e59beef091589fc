"""Help nearby, for everyone: what there is, what of it is open, and how old what we know of it is."""

import hashlib
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from checking import area_tree, helping

from .public import area_choices, spoken


@require_safe
@spoken
def help_nearby(request: HttpRequest, area: str = "") -> HttpResponse:
    """Services people may want, none ranked; for an area, or all of them."""
    asked = area or request.GET.get("area", "")
    tree = area_tree.current(holding=[asked] if asked else [])
    found = [asked] if asked in tree else tree.named(asked)
    if area and not found:
        raise Http404
    offer, now = request.GET.get("offer", ""), timezone.now()
    offer = offer if offer in helping.OFFERS else ""
    services = [] if asked and not found else helping.services_near(found, offer=offer, now=now)
    context = {
        **_chosen(services, request.GET.get("open_now", "") in ("true", "1", "on")),
        "as_of": helping.as_of(services),
        "open_or_not": _without_open_now(request),
        "asked": asked,
        "area_names": ", ".join(tree.name(slug) for slug in found),
        "is_unknown": bool(asked) and not found,
        "offer": offer,
        "offers": helping.OFFERS,
        "choices": area_choices(),
    }
    seconds = helping.seconds_kept((service.now for service in services), now)
    return _kept(request, render(request, "help/nearby.html", context), seconds)


def _chosen(services: list[helping.Help], is_open_asked: bool) -> dict[str, Any]:
    """All of them; or those that are open, and apart from them those that may be."""
    if not is_open_asked:
        return {"services": services, "is_open_asked": False}
    return {
        "services": [service for service in services if service.is_open],
        "perhaps": [service for service in services if service.is_open is None],
        "closed": sum(service.is_open is False for service in services),
        "is_open_asked": True,
    }


def _without_open_now(request: HttpRequest) -> str:
    """The same list with those that are closed, and when they open."""
    asked = request.GET.copy()
    asked.pop("open_now", None)
    return f"?{asked.urlencode()}"


def _kept(request: HttpRequest, response: HttpResponse, seconds: int) -> HttpResponse:
    """A page that says what is open is kept by caches for a minute, and never past the next opening or closing on it.

    Its tag is of the page itself, which says as of when: whoever shows an older one shows that too.
    """
    tag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = tag
    response["Cache-Control"] = f"public, max-age={seconds}"
    answer: HttpResponse | None = get_conditional_response(request, etag=tag, response=response)
    return answer or response
