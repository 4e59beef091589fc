"""What words would look like in every format, made by the same code that sends them. Nothing is stored."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe
from lxml import etree, html  # type: ignore[import-untyped]  # it brings no types

from checking.helping import services_near

from . import cap as cap_messages
from . import gsm7
from .approving import content_sha256
from .levels import LIFETIMES, Cap
from .models import Alert, AlertContent, AlertEvent
from .payloads import payload
from .reading import Step
from .showing import Shown, show
from .views.feeds import AlertsFeed, Entry
from .views.poster import context_of
from .views.wall import STEPS

_CAP = {"cap": "urn:oasis:names:tc:emergency:cap:1.2"}
_HEADINGS = {"h1": "h4", "h2": "h5", "h3": "h6"}  # under the headings of the page that shows them


@dataclass(frozen=True)
class TextMessage:
    """As a phone gets it, its number included."""

    text: str
    segments: int
    places: int
    left: int  # places to the end of the second segment; below 0: too long


@dataclass(frozen=True)
class Preview:
    """One language in every format."""

    language: str
    page: SafeString
    poster: SafeString
    wall: SafeString
    sms: TextMessage
    feed_title: str
    feed_text: SafeString
    cap: dict[str, str]  # headline, description, instruction
    plain: str  # the body of an e-mail


def previews(alert: Alert, body: dict[str, Any], *, level: str, cap: Cap) -> list[Preview]:
    """Every language as it would go out now, once people have approved it."""
    event = _event(alert, body, level=level, cap=cap)
    messages = etree.fromstring(cap_messages.message_of(event).encode())
    infos = {info.findtext("cap:language", namespaces=_CAP): info for info in messages.findall("cap:info", _CAP)}
    return [_preview(event, language, infos) for language in body["blocks"]]


def _event(alert: Alert, body: dict[str, Any], *, level: str, cap: Cap) -> AlertEvent:
    """The step that would be recorded. Neither it nor its content is saved."""
    now = timezone.now().replace(microsecond=0)
    said = copy.copy(alert)
    said.published_at = alert.published_at or now
    said.expires_at = now + LIFETIMES[level]
    sha256 = content_sha256(level=level, cap=cap, body=body, is_drill=alert.is_drill)
    # A row that can have no approvals: no content has this key.
    content = AlertContent(pk=0, alert=said, version=0, level=level, **cap._asdict(), body=body, sha256=sha256)
    newest = AlertEvent.objects.filter(is_drill=alert.is_drill).aggregate(seq=Max("seq"))["seq"] or 0
    is_out = alert.state == Alert.State.PUBLISHED
    kind = AlertEvent.Kind.UPDATED if is_out else AlertEvent.Kind.PUBLISHED
    event = AlertEvent(
        alert=said,
        content=content,
        kind=kind,
        seq=newest + 1,
        at=now,
        expires_at=said.expires_at,
        is_drill=alert.is_drill,
        sha256=sha256,
    )
    event.payload = payload(event)
    event.payload["alert"]["reviewed"] = True  # it goes out only once people have approved it
    return event


def _preview(event: AlertEvent, language: str, infos: dict[Any, Any]) -> Preview:
    with translation.override(language):
        shown = show(event.payload, language=language)
        entry = Entry(event.payload, event.payload)
        feed = AlertsFeed()
        step = Step(event.payload, event.at, str(event.kind), "")
        return Preview(
            language=language,
            page=_page(shown, step),
            poster=_part("alerts/poster.html", context_of([step]), "poster"),
            wall=_part("wall/_alert.html", {"alert": shown, "steps": STEPS[1]}, "card"),
            sms=_text_message(shown.sms),
            feed_title=feed.item_title(entry),
            feed_text=mark_safe(feed.item_description(entry)),  # noqa: S308  built by format_html
            cap=_cap_texts(next((infos[each] for each in infos if str(each).startswith(language)), None)),
            plain=event.payload["alert"]["texts"][language]["body"],
        )


def _page(shown: Shown, step: Step) -> SafeString:
    context = {
        "alert": shown,
        "history": [],
        "last": step,
        "first_at": step.at,
        "services": services_near(shown.areas),
        "url": step.payload["alert"]["url"],
    }
    return _part("alerts/alert.html", context, "alert")


def _part(template: str, context: dict[str, Any], name: str) -> SafeString:
    """The article of a real page, without ids, links and pictures that would belong to two things at once."""
    page = html.fromstring(render_to_string(template, {**context, "LANGUAGE_CODE": translation.get_language()}))
    [article, *_] = page.xpath(f"descendant-or-self::article[contains(concat(' ', @class, ' '), ' {name} ')]")
    for element in list(_elements(article)):
        for attribute in ("id", "aria-labelledby", "data-alert", "data-expires"):
            element.attrib.pop(attribute, None)
        if element.tag in {"img", "figure"}:
            element.drop_tree()
        elif element.tag == "a":
            element.drop_tag()
        else:
            element.tag = _HEADINGS.get(str(element.tag), element.tag)
    article.tag = "div"
    article.tail = None
    written: str = html.tostring(article, encoding="unicode")
    return mark_safe(written)  # noqa: S308  rendered by a template that escapes


def _elements(article: Any) -> Iterator[Any]:
    return (element for element in article.iter() if isinstance(element.tag, str))


def _text_message(text: str) -> TextMessage:
    places = gsm7.places(text)
    return TextMessage(text, gsm7.segments(text), places, gsm7.TWO_SEGMENTS - places)


def _cap_texts(info: Any) -> dict[str, str]:
    if info is None:
        return {}
    return {name: info.findtext(f"cap:{name}", "", _CAP) for name in ("headline", "description", "instruction")}
