"""Alerts as an Atom feed: nothing is stored about who reads it."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html, format_html_join
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from checking.networks import is_simulated

from ..matching import BadFilter, Filter
from ..models import AlertEvent
from ..reading import Payload, latest_events, states_of
from ..reasons import said_in
from ..showing import CLOSING, KIND_WORDS, Shown, show

NEWEST = 50  # entries; a reader that asks less often than this many events pages the API instead

Kind = AlertEvent.Kind


class Entry:
    """One event as an entry, with what became of its alert since."""

    def __init__(self, payload: Payload, latest: Payload) -> None:
        self.payload = payload
        self.latest = latest
        self.shown: Shown = show(payload)
        self.kind = payload["kind"]
        self.since = latest["kind"] if latest["seq"] != payload["seq"] else ""
        self.expires = datetime.fromisoformat(latest["alert"]["expires"])
        # A notice runs out without a step of its own.
        self.ran_out = latest["kind"] not in CLOSING and self.expires <= timezone.now()

    @property
    def updated(self) -> datetime:
        return self.expires if self.ran_out else datetime.fromisoformat(self.latest["at"])


def only_if_new(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A reader that asks every few minutes is told in a few bytes that nothing changed. Known by its content alone."""
    if response.status_code != 200:
        return response
    del response["Last-Modified"]  # the newest step's time is the same in every language and for every filter
    etag = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
    response["ETag"] = etag
    answer: HttpResponse | None = get_conditional_response(request, etag=etag, response=response)
    return response if answer is None else answer


class AlertsFeed(Feed):  # type: ignore[type-arg]  # not subscriptable at run time
    """Every step of an alert is an entry of its own.

    Many readers never show an entry again that merely changed, so a withdrawal that only changed the
    first entry would not be heard. The first entry is changed as well: it says what became of it.
    """

    feed_type = Atom1Feed

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = super().__call__(request, *args, **kwargs)
        except BadFilter as fault:
            text = "; ".join([fault.message, *fault.suggestions])
            response = HttpResponse(f"{fault.field}: {text}\n", status=400, content_type="text/plain; charset=utf-8")
        response["Vary"] = "Accept-Language"
        return only_if_new(request, response)

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Filter:
        return Filter.parse(dict(request.GET.lists()))

    def title(self, obj: Filter) -> str:
        return _("Headsup (simulated data)") if is_simulated() else "Headsup"

    def subtitle(self, obj: Filter) -> str:
        return _("What drug checking found, and what helps. For health only.")

    def link(self, obj: Filter) -> str:
        return settings.PUBLIC_URL + "/"

    def feed_guid(self, obj: Filter) -> str:
        return settings.PUBLIC_URL + reverse("alerts_feed")

    def items(self, obj: Filter) -> list[Entry]:
        payloads = latest_events(obj, NEWEST)
        latest = states_of([payload["alert"]["id"] for payload in payloads])
        return [Entry(payload, latest[payload["alert"]["id"]].payload) for payload in payloads]

    def item_title(self, item: Entry) -> str:
        """Level, place, headline. The headline of a later step says itself which step it is."""
        word = item.shown.level_word
        if item.kind == Kind.PUBLISHED and item.since in CLOSING:
            word = f"{word} [{KIND_WORDS[item.since]}]"
        elif item.kind not in CLOSING and item.ran_out:
            word = f"{word} [{_('over')}]"
        return f"{word}, {item.shown.area_names}: {item.shown.headline}"

    def item_description(self, item: Entry) -> str:
        if item.kind in CLOSING:
            return format_html(
                "<p>{}</p><p>{}</p>",
                KIND_WORDS[item.kind],
                said_in(get_language() or "en", item.payload.get("because", "")),
            )
        since = format_html("<p><strong>{}</strong></p>", KIND_WORDS[item.since]) if item.since else ""
        review = "" if item.shown.is_reviewed else format_html("<p>{}</p>", _("not yet reviewed"))
        actions = format_html_join("", "<li>{}</li>", ((action,) for action in item.shown.actions))
        over = format_html("<p><strong>{}</strong></p>", _("It is over.")) if item.ran_out else ""
        return format_html("{}{}{}<ul>{}</ul><p>{}</p>", over, since, review, actions, item.shown.evidence)

    def item_link(self, item: Entry) -> str:
        path = settings.PUBLIC_URL + reverse("alert", args=[item.shown.id])
        # Entries of one alert lead to one page; the anchor keeps their links apart.
        return path if item.kind == Kind.PUBLISHED else f"{path}#{item.payload['seq']}"

    def item_guid(self, item: Entry) -> str:
        """The alert's own id for its first step; for later ones an id that follows from it."""
        alert = UUID(item.shown.id)
        return (alert if item.kind == Kind.PUBLISHED else uuid5(alert, str(item.payload["seq"]))).urn

    def item_pubdate(self, item: Entry) -> datetime:
        return item.shown.at

    def item_updateddate(self, item: Entry) -> datetime:
        return item.updated if item.kind == Kind.PUBLISHED else item.shown.at

    def item_categories(self, item: Entry) -> list[str]:
        return [item.shown.level, *item.shown.areas]

    def item_author_name(self, item: Entry) -> str:
        return "Headsup"
