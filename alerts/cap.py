"""Each step of an alert as a message of the Common Alerting Protocol, version 1.2 (OASIS, 1 July 2010).

A message is made once, from the frozen payload, and kept as the text that was signed (`AlertEvent.cap`). What
follows a step is a message of its own that refers to all before it; none is ever changed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils import translation
from django.utils.translation import gettext as _
from lxml import etree  # type: ignore[import-untyped]  # it brings no types

from checking.models import Area, Network

from . import messages, reasons
from .levels import LIFETIMES
from .models import AlertEvent
from .showing import CLOSING, LEVEL_WORDS, evidence_line

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
CONTENT_TYPE = "application/cap+xml"
HEADLINE_PLACES = 159  # "should be made as direct and actionable as possible"; some devices show 160 and no more
TOLD_SEPARATELY = ("found", "looks", "signs", "strips", "dates", "who")  # blocks that describe
TO_DO = ("actions", "helps")  # blocks that instruct
# Names that receivers know: FIPS6 and SAME are six digits, the first one for a part of the county (0: all of it).
CODE_SYSTEMS = {"fips": ("FIPS6", "SAME"), "iso": ("ISO3166-2",)}
NO_CODES = frozenset({"abbr"})  # how a place is shortened is not a code of any register
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """An area as CAP tells of it."""

    name: str
    codes: Mapping[str, str] = field(default_factory=dict)  # as `Area.codes` has them: {"fips": "42003"}


@dataclass(frozen=True)
class Sender:
    """Who speaks, as far as the payload does not say it."""

    network: str
    is_simulated: bool = False


def message_of(event: AlertEvent) -> str:
    """The message of a step that has its payload, and is not saved yet."""
    before = AlertEvent.objects.filter(alert=event.alert, is_drill=event.is_drill, seq__lt=event.seq).exclude(cap="")
    earlier = before.none() if event.kind == AlertEvent.Kind.PUBLISHED else before
    rows = Area.objects.filter(slug__in=event.payload["alert"]["areas"]).values_list("slug", "name", "codes")
    network = Network.current()
    return message(
        event.payload,
        earlier=list(earlier.order_by("seq").values_list("payload", flat=True)),
        places={slug: Place(name, codes) for slug, name, codes in rows},
        sender=Sender(network.name, network.simulated),
    )


def message(payload: Payload, *, earlier: Sequence[Payload], places: Mapping[str, Place], sender: Sender) -> str:
    """The XML of one step, with references to all `earlier` ones of its alert, one `info` for each language."""
    alert, kind = payload["alert"], payload["kind"]
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    _add(root, "identifier", identifier(payload))
    _add(root, "sender", _host(payload))
    _add(root, "sent", payload["at"])
    _add(root, "status", _status(alert, sender))
    _add(root, "msgType", _message_type(kind))
    _add(root, "scope", "Public")
    _add(root, "note", "\n".join(_notes(payload, sender)))
    _add(root, "references", " ".join(f"{_host(each)},{identifier(each)},{each['at']}" for each in earlier))
    for language in alert["texts"]:
        with translation.override(language):
            _add_info(root, payload, language, places, sender)
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written.decode()


def identifier(payload: Payload) -> str:
    """One of its own for each step; a drill's can be told from a live one's at sight."""
    alert = payload["alert"]
    return f"{'drill.' if alert['drill'] else ''}{alert['id']}.{payload['seq']}"


def _host(payload: Payload) -> str:
    """From the frozen address, so that what was said under a former name is referred to by that name."""
    return urlsplit(payload["alert"]["url"]).hostname or "localhost"


def _status(alert: Payload, sender: Sender) -> str:
    if alert["drill"]:
        return "Exercise"
    return "Test" if sender.is_simulated else "Actual"


def _message_type(kind: str) -> str:
    """What is over is a Cancel that says why; never an all-clear (docs/rules.md C4)."""
    if kind in CLOSING:
        return "Cancel"
    return "Update" if kind == "updated" else "Alert"


def _notes(payload: Payload, sender: Sender) -> Iterator[str]:
    for language in payload["alert"]["texts"]:
        with translation.override(language):
            if payload["alert"]["drill"]:
                yield str(_words(language)["drill"])
            if sender.is_simulated:
                yield " ".join([_("Simulated data:"), _("made up to show how this works. Not real results.")])
            if closing := _closing_text(payload, language):
                yield closing
    because, languages = payload["because"], list(payload["alert"]["texts"])
    yield from dict.fromkeys(reasons.said_in(language, because) for language in languages if because)


def _add_info(root: Any, payload: Payload, language: str, places: Mapping[str, Place], sender: Sender) -> None:
    alert, is_over = payload["alert"], payload["kind"] in CLOSING
    blocks = alert["texts"][language]["blocks"]
    info = etree.SubElement(root, f"{{{NAMESPACE}}}info")
    _add(info, "language", language)
    _add(info, "category", "Health")
    _add(info, "event", _("Drug checking: %(level)s") % {"level": LEVEL_WORDS[alert["level"]]})
    # The instructions are preparations: start small, have company, keep naloxone near. `Avoid` would be a demand. When
    # it is over, `Monitor`: `None` ("no action recommended") would be heard as an all-clear.
    _add(info, "responseType", "Monitor" if is_over else "Prepare")
    for name in ("urgency", "severity", "certainty"):
        _add(info, name, alert[name])
    _add(info, "expires", _expires(payload))
    _add(info, "senderName", sender.network)
    _add(info, "headline", _headline(payload, language, places))
    _add(info, "description", _description(payload, language))
    _add(info, "instruction", "\n\n".join(_sections(blocks, TO_DO[:1] if is_over else TO_DO, language)))
    _add(info, "web", alert["url"])
    for name, value in _parameters(payload):
        _add_pair(info, "parameter", name, value)
    for slug in alert["areas"]:
        _add_area(info, slug, places.get(slug, Place(slug)))


def _expires(payload: Payload) -> str:
    """What takes back or ends stays in sight as long as a new alert of its level would: receivers drop what expired."""
    if payload["kind"] not in CLOSING:
        return str(payload["alert"]["expires"])
    return (datetime.fromisoformat(payload["at"]) + LIFETIMES[payload["alert"]["level"]]).isoformat()


def _headline(payload: Payload, language: str, places: Mapping[str, Place]) -> str:
    """Level, review, place, and what was found; cut at a word."""
    alert = payload["alert"]
    review = "" if alert["reviewed"] else f" ({_words(language)['not_reviewed']})"
    names = ", ".join(places[slug].name for slug in alert["areas"] if slug in places)
    opening = f"{LEVEL_WORDS[alert['level']]}{review}" + (f", {names}" if names else "")
    return _shortened(f"{opening}: {alert['texts'][language]['blocks']['headline']}")


def _shortened(text: str) -> str:
    if len(text) <= HEADLINE_PLACES:
        return text
    return text[: HEADLINE_PLACES - 1].rsplit(" ", 1)[0] + "…"


def _description(payload: Payload, language: str) -> str:
    """What became of it, why, and what was found; of what is over, no more than became of it."""
    alert = payload["alert"]
    blocks = alert["texts"][language]["blocks"]
    told = ("who",) if payload["kind"] in CLOSING else TOLD_SEPARATELY
    opening = [
        _closing_text(payload, language),
        reasons.said_in(language, payload["because"]),
        evidence_line(alert["evidence"]),
    ]
    return "\n\n".join([*(line for line in opening if line), *_sections(blocks, told, language)])


def _sections(blocks: Mapping[str, Any], names: Sequence[str], language: str) -> Iterator[str]:
    headings = _words(language)["headings"]
    for name in names:
        if blocks.get(name):
            yield "\n".join([headings[name], *(f"- {line}" for line in blocks[name])])


def _closing_text(payload: Payload, language: str) -> str:
    """What it means that it is over; empty while it is not."""
    if payload["kind"] not in CLOSING:
        return ""
    spoken, alert = _words(language), payload["alert"]
    day = messages.day_in_words(datetime.fromisoformat(alert["sent"]).date(), _known(language))
    text: str = spoken["closing"][payload["kind"]]["text"]
    return text.format(level=spoken["levels"][alert["level"]].lower(), day=day)


def _parameters(payload: Payload) -> Iterator[tuple[str, str]]:
    alert = payload["alert"]
    yield "level", alert["level"]
    yield "step", payload["kind"]
    yield "reviewed", "true" if alert["reviewed"] else "false"
    for name in ("rung", "samples"):
        if name in alert["evidence"]:
            yield {"rung": "evidence"}.get(name, name), str(alert["evidence"][name])


def _add_area(info: Any, slug: str, place: Place) -> None:
    """By name and code, never by a shape on a map: it speaks for an area and points at no place within."""
    area = etree.SubElement(info, f"{{{NAMESPACE}}}area")
    _add(area, "areaDesc", place.name)
    for name, value in geocodes(slug, place.codes):
        _add_pair(area, "geocode", name, value)


def geocodes(slug: str, codes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """External codes under the names receivers look for, then our own."""
    for system, code in sorted(codes.items()):
        if system in NO_CODES:
            continue
        written = code
        if system == "fips" and code.isdigit() and len(code) in (2, 5):  # a state, or a county in its state
            written = f"0{code.ljust(5, '0')}"
        yield from ((name, written) for name in CODE_SYSTEMS.get(system, (system.upper(),)))
    yield "HEADSUP", slug


def _words(language: str) -> dict[str, Any]:
    return messages.words(_known(language))


def _known(language: str) -> str:
    return language if language in messages.LANGUAGES else "en"


def _add(parent: Any, name: str, text: str) -> None:
    """An element with this text; none where there is nothing to say. What XML cannot hold is left out."""
    if clean := _NOT_XML.sub("", text):
        etree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = clean


def _add_pair(parent: Any, name: str, key: str, value: str) -> None:
    pair = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    _add(pair, "valueName", key)
    _add(pair, "value", value)
