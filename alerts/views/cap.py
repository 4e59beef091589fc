"""What was said as CAP 1.2, the signature beside it, the keys to verify it with, and a feed of messages.

What is handed out is the frozen text, byte for byte: it is what was signed.
"""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from checking.networks import is_simulated

from .. import reading
from ..cap import CONTENT_TYPE
from ..matching import Filter
from ..messages import LANGUAGES
from ..models import AlertEvent
from ..signing import published_keys
from .feeds import AlertsFeed, Entry, only_if_new

MOST_DIGITS = 18  # of a number that a database column holds
KEYS_SECONDS = 60  # how long a revoked key may still be trusted


class BadNumber(Exception):
    """What was asked for is no number of a step."""


@require_safe
def cap_xml(request: HttpRequest, id: UUID) -> HttpResponse:
    """The message of the latest step, or of the one asked for by `?seq=`."""
    try:
        event = _said(request, id)
    except BadNumber as fault:
        return _refused(fault)
    response = HttpResponse(event.cap.encode(), content_type=CONTENT_TYPE)
    response["Headsup-Signature"] = ", ".join(f"{name}={event.cap_signature[name]}" for name in ("kid", "alg", "value"))
    response["Content-Language"] = ", ".join(LANGUAGES)
    return only_if_new(request, response)


@require_safe
def cap_signature(request: HttpRequest, id: UUID) -> HttpResponse:
    """The signature over the bytes of that message."""
    try:
        event = _said(request, id)
    except BadNumber as fault:
        return _refused(fault)
    return only_if_new(request, HttpResponse(json.dumps(event.cap_signature), content_type="application/json"))


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """Every public key there ever was, and what became of it."""
    response = HttpResponse(json.dumps({"keys": published_keys()}), content_type="application/json")
    response["Cache-Control"] = f"public, max-age={KEYS_SECONDS}"
    response["Access-Control-Allow-Origin"] = "*"  # a page elsewhere may verify what it shows of ours
    return only_if_new(request, response)


def _said(request: HttpRequest, id: UUID) -> AlertEvent:
    """The step that is asked for. Raises BadNumber for what is no number, Http404 for what was not said in public."""
    asked = request.GET.get("seq", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) <= MOST_DIGITS):
        raise BadNumber(_("seq: This has to be a whole number."))
    event = reading.step(id, seq=int(asked) if asked else None)
    if event is None or not event.cap:
        raise Http404
    return event


def _refused(fault: BadNumber) -> HttpResponse:
    return HttpResponse(f"{fault}\n", status=400, content_type="text/plain; charset=utf-8")


class _CapAtom(Atom1Feed):
    """Atom in which every entry leads to its message."""

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        handler.addQuickElement("link", "", {"rel": "alternate", "type": CONTENT_TYPE, "href": item["cap"]})
        super().add_item_elements(handler, item)


class CapFeed(AlertsFeed):
    """The messages of the newest steps, for programs that read CAP; the filters are those of the feed for people."""

    feed_type = _CapAtom

    def title(self, obj: Filter) -> str:
        return _("Headsup CAP messages (simulated data)") if is_simulated() else _("Headsup CAP messages")

    def feed_guid(self, obj: Filter) -> str:
        return settings.PUBLIC_URL + reverse("cap_feed")

    def item_guid(self, item: Entry) -> str:
        return self._message(item)

    def item_extra_kwargs(self, item: Entry) -> dict[str, str]:
        return {"cap": self._message(item)}

    def _message(self, item: Entry) -> str:
        return f"{settings.PUBLIC_URL}{reverse('cap_xml', args=[item.shown.id])}?seq={item.payload['seq']}"
