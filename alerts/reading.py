"""Reading what was said: for the pages, feeds, sockets and the API alike.

Everything here hands out the frozen payloads of public events and nothing else. Drills are in no
public read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet
from django.utils import timezone

from .matching import Filter, heard_by, hears
from .models import Alert, AlertEvent

Payload = dict[str, Any]

_CHUNK = 500  # rows held in memory while looking for those a filter hears


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an alert, with what a page needs beside the payload."""

    payload: Payload
    at: datetime
    kind: str
    because: str


def current_alerts(
    filter: Filter | None = None, *, state: str = "current", limit: int | None = None, before: int | None = None
) -> list[Payload]:
    """The latest event of every alert that stands, newest first; with `state="all"` of every alert ever said.

    `before` gives the page after the one that ended with this `seq`.

    A notice runs out at its `expires` without an event, and nothing is shown past the moment it
    promised to end, so what is over its time is not current, whatever its state.
    """
    latest = _public().values("alert").annotate(latest=Max("seq"))
    if state == "current":
        latest = latest.filter(alert__state=Alert.State.PUBLISHED)
    events = _public().filter(seq__in=latest.values("latest")).order_by("-seq")
    if state == "current":
        events = events.filter(expires_at__gt=timezone.now())  # as it was said, not as the alert's row has it by now
    if before is not None:
        events = events.filter(seq__lt=before)
    seqs, _ = _matching(events, filter, limit)
    return _payloads(seqs, newest_first=True)


def events_after(after: int, filter: Filter | None = None, limit: int = 100) -> tuple[list[Payload], int]:
    """Up to `limit` events past `after` that the filter hears, ascending, and how far was looked.

    The second value is the `seq` of the last event looked at (`after` if there was none): whoever
    asks again from there misses nothing.
    """
    events = _public().filter(seq__gt=after).order_by("seq")
    seqs, examined = _matching(events, filter, limit)
    return _payloads(seqs, newest_first=False), max(after, examined)


def head() -> int:
    """The `seq` of the newest public event; 0 before there is one."""
    return _public().aggregate(head=Max("seq"))["head"] or 0


def find_alert(id: UUID | str) -> Payload | None:
    """The latest event of one alert, past or present. None where nothing public was ever said."""
    payload: Payload | None = _public().filter(alert_id=id).order_by("-seq").values_list("payload", flat=True).first()
    return payload


def steps_of(id: UUID | str, *, is_drill: bool = False) -> list[Step]:
    """Every step of one alert, the first one first. A drill is found only by whoever asks for a drill."""
    rows = AlertEvent.objects.filter(is_drill=is_drill, alert_id=id).order_by("seq")
    return [Step(*row) for row in rows.values_list("payload", "at", "kind", "because")]


def step(id: UUID | str, *, seq: int | None = None) -> AlertEvent | None:
    """One public step of an alert by its `seq`, or its latest. None where that was not said, or not of this alert."""
    said = _public().filter(alert_id=id).order_by("-seq")
    return said.first() if seq is None else said.filter(seq=seq).first()


def latest_events(filter: Filter | None = None, limit: int = 50) -> list[Payload]:
    """The newest events the filter hears, newest first."""
    seqs, _ = _matching(_public().order_by("-seq"), filter, limit)
    return _payloads(seqs, newest_first=True)


def states_of(ids: list[UUID | str]) -> dict[str, Step]:
    """The latest step of each of these alerts, by alert id."""
    latest = _public().filter(alert_id__in=ids).values("alert").annotate(latest=Max("seq")).values("latest")
    rows = _public().filter(seq__in=latest).values_list("alert_id", "payload", "at", "kind", "because")
    return {str(row[0]): Step(*row[1:]) for row in rows}


def _public() -> "QuerySet[AlertEvent]":
    return AlertEvent.objects.filter(is_drill=False)


def _matching(events: "QuerySet[AlertEvent]", filter: Filter | None, limit: int | None) -> tuple[list[int], int]:
    """The `seq`s the filter hears, and the last one looked at. Payloads are not read for this."""
    matched: list[int] = []
    examined = 0
    for seq, is_heard in _judged(events, filter):
        examined = seq
        if is_heard:
            matched.append(seq)
            if limit is not None and len(matched) >= limit:
                break
    return matched, examined


def _judged(events: "QuerySet[AlertEvent]", filter: Filter | None) -> Iterator[tuple[int, bool]]:
    if filter is None or filter.is_everything:
        yield from ((seq, True) for seq in events.values_list("seq", flat=True).iterator(_CHUNK))
        return
    rows = events.values_list("seq", "heard_areas", "heard_substances", "heard_classes", "heard_level")
    for seq, areas, substances, classes, level in rows.iterator(_CHUNK):
        heard = heard_by(areas=areas, substances=substances, classes=classes, level=level)
        yield seq, hears(filter, heard)


def _payloads(seqs: list[int], *, newest_first: bool) -> list[Payload]:
    found: list[Payload] = []
    for start in range(0, len(seqs), _CHUNK):  # SQLite holds a limited number of variables in a query
        part = seqs[start : start + _CHUNK]
        order = "-seq" if newest_first else "seq"
        found += _public().filter(seq__in=part).order_by(order).values_list("payload", flat=True)
    return found
