"""The command around `alerts.verify`: what a file holds, and whether all of it may be taken for what is said now.

A page is one stretch of one stream: its events come in the order of their numbers, each once. What unsigned
members a page or a frame has besides (`next`, the number of a frame) is held against what is signed.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from .verify import NotGenuine, read, read_cap, verify, verify_cap

# A closed alert is told of so long; after that no alert of that time is open (the longest of alerts.levels.LIFETIMES).
CLOSED_IS_NEWS_FOR = timedelta(days=14)
CLOSING = frozenset({"ended", "lapsed", "withdrawn"})
_FRAME = frozenset({"type", "seq", "event"})
_PAGE = frozenset({"results", "next", "previous"})


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where everything in the file is genuine and of now, else 1; both are said in words."""
    asked = _asked(arguments)
    try:
        keys = _listed(read(_content(asked.keys))) if asked.keys else _our_keys()
        content = _content(asked.file)
        if content.lstrip().startswith(b"<"):
            signature = read(_content(asked.signature)) if asked.signature else None
            lines = [_verified_cap(content, signature, keys, asked)]
        else:
            lines = _verified_events(_events_in(read(content)), keys, asked)
    except NotGenuine as fault:
        sys.stdout.write(f"REFUSED: {fault}\n")
        return 1
    of_what = "Genuine DRILL, an exercise; nothing was found" if asked.drill else "Genuine"
    sys.stdout.write("".join(f"{line}\n" for line in [*lines, f"{of_what}: {len(lines)}"]))
    return 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m alerts.verify", description="Is this what we say, now?")
    parser.add_argument("file", type=Path, help="an event as JSON, a page of events, or a CAP message")
    parser.add_argument("--keys", type=Path, help="what /.well-known/headsup-keys.json gave")
    parser.add_argument("--signature", type=Path, help="what cap.sig gave, for a CAP message")
    parser.add_argument("--after", type=int, metavar="SEQ", help="the last number you took from this stream")
    parser.add_argument("--drill", action="store_true", help="take drills, and nothing but drills")
    parser.add_argument("--newest-first", action="store_true", help="the page is a list of alerts, the newest first")
    when = parser.add_mutually_exclusive_group()
    when.add_argument("--at", type=_instant, metavar="TIME", help="as if it were then, such as 2026-11-23T10:00Z")
    when.add_argument("--history", action="store_true", help="take what has run out: was it said at all?")
    return parser.parse_args(arguments)


def _instant(written: str) -> datetime:
    at = datetime.fromisoformat(written)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _now(asked: argparse.Namespace) -> datetime:
    return asked.at or datetime.now(UTC)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as fault:
        raise NotGenuine(f"{file} cannot be read: {fault.strerror}") from fault


def _listed(found: Any) -> list[Mapping[str, Any]]:
    keys = found.get("keys") if isinstance(found, Mapping) else None
    if not isinstance(keys, list) or not all(isinstance(key, Mapping) for key in keys):
        raise NotGenuine("This is no list of keys.")
    return keys


def _verified_cap(message: bytes, signature: Any, keys: Any, asked: argparse.Namespace) -> str:
    verify_cap(
        message, signature, keys, heard_up_to=asked.after, now=_now(asked), is_drill=asked.drill,
        is_history=asked.history,
    )  # fmt: skip
    said = read_cap(message)
    simulated = ", simulated data" if said.status == "Test" else ""
    return f"{said.seq} {said.kind}, said {said.at.isoformat()}, runs out {said.expires.isoformat()}{simulated}"


def _verified_events(events: Sequence[Any], keys: Any, asked: argparse.Namespace) -> list[str]:
    """A line for each event. Raises NotGenuine for the first that is not, or not in its place."""
    now, lines = _now(asked), []
    for event in events:
        verify(
            event, keys, heard_up_to=asked.after, now=now, is_drill=asked.drill, is_history=asked.history
        )  # fmt: skip
        if event["kind"] in CLOSING and not asked.history and _instant(event["at"]) < now - CLOSED_IS_NEWS_FOR:
            raise NotGenuine("It closed an alert so long ago that it says nothing of today.")
        alert = event["alert"]
        ends = "" if event["kind"] in CLOSING else f", runs out {alert['expires']}"
        lines.append(f"{event['seq']} {event['kind']} {alert['level']}, said {event['at']}{ends}")
    _refuse_disorder(events, newest_first=asked.newest_first)
    return lines


def _refuse_disorder(events: Sequence[Mapping[str, Any]], *, newest_first: bool) -> None:
    numbers = [event["seq"] for event in events]
    in_order = sorted(set(numbers), reverse=newest_first)
    if numbers != in_order:
        raise NotGenuine("Its events are not in the order of their numbers, each once.")
    once = [(event["alert"]["id"], event["kind"]) for event in events if event["kind"] != "updated"]
    if len(set(once)) != len(once):
        raise NotGenuine("An alert takes the same step twice.")


def _events_in(found: Any) -> list[Any]:
    """The events of a file: one, or that of a frame, or those of a page. Raises NotGenuine where there is none."""
    if not isinstance(found, Mapping):
        raise NotGenuine("This is no event of an alert.")
    if "results" in found:
        if not isinstance(found["results"], list) or not found["results"] or set(found) - _PAGE:
            raise NotGenuine("There is no event in it, or more than a page has.")
        return found["results"]
    if found.get("type") != "event":
        return [found]
    event = found.get("event")
    # True equals 1: the number has to be one.
    if set(found) != _FRAME or type(found["seq"]) is not int or found["seq"] != _number_of(event):
        raise NotGenuine("The frame has another number than its event, or more than a frame has.")
    return [event]


def _number_of(event: Any) -> Any:
    return event.get("seq") if isinstance(event, Mapping) else None


def _our_keys() -> list[dict[str, Any]]:
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from .signing import published_keys

    return published_keys()
