"""The only door for changes of services: each is kept with who made it, and each can be undone."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from .models import Area, Service, ServiceChange, User

Kind = ServiceChange.Kind
Values = dict[str, Any]  # of one service, as kept in its history: plain JSON, its area by slug

PLAIN = ("name", "offers", "phone", "text_line", "address", "hours", "hours_remark", "time_zone", "url", "languages")
FIELDS = ("name", "area", *PLAIN[1:], "last_confirmed_on")


class ChangedSinceError(Exception):
    """A step cannot be undone: something else was done to the service after it."""


def values_of(service: Service) -> Values:
    day = service.last_confirmed_on
    plain = {name: getattr(service, name) for name in PLAIN}
    return {**plain, "area": service.area.slug, "last_confirmed_on": day.isoformat() if day else None}


def add_service(slug: str, values: Mapping[str, Any], *, by: User | None) -> ServiceChange | None:
    return _move(slug, Kind.ADDED, {**_EMPTY, **values}, by=by)


def edit_service(slug: str, values: Mapping[str, Any], *, by: User | None) -> ServiceChange | None:
    """Values that are not given stay. None where nothing changed."""
    return _move(slug, Kind.EDITED, values, by=by)


def load_service(slug: str, values: Mapping[str, Any], *, by: User | None) -> ServiceChange | None:
    """One row of a file, over the service of its slug or as a new one. None where nothing changed."""
    return _move(slug, Kind.LOADED, values, by=by)


def confirm_service(slug: str, *, on: date, by: User | None) -> ServiceChange | None:
    """All of it still holds."""
    return _move(slug, Kind.CONFIRMED, {"last_confirmed_on": on.isoformat()}, by=by)


def remove_service(slug: str, *, by: User | None) -> ServiceChange | None:
    return _move(slug, Kind.REMOVED, None, by=by)


def undo_change(change: ServiceChange, *, by: User | None) -> ServiceChange:
    """As it was before this step. Raises ChangedSinceError where another step came after it."""
    with transaction.atomic():
        _, now = _held(change.slug)
        gone = change.before and not Area.objects.filter(slug=change.before["area"]).exists()
        if now != change.after or ServiceChange.objects.filter(undoes=change).exists() or gone:
            raise ChangedSinceError(change.slug)
        undone = _move(change.slug, Kind.UNDONE, change.before, by=by, undoes=change)
        assert undone is not None  # a step is kept only where it changed something
        return undone


_EMPTY: Values = {
    **dict.fromkeys(PLAIN, ""), "offers": [], "languages": [], "area": "", "last_confirmed_on": None,
}  # fmt: skip


@transaction.atomic
def _move(
    slug: str, kind: str, wanted: Mapping[str, Any] | None, *, by: User | None, undoes: ServiceChange | None = None
) -> ServiceChange | None:
    """Bring a service to the values wanted, or take it away where they are None, and keep the step."""
    service, before = _held(slug)
    after = None if wanted is None else {**(before or _EMPTY), **wanted}
    if after == before:
        return None
    if after is None:
        Service.objects.filter(slug=slug).delete()
    else:
        _put(service or Service(slug=slug), after)
    return ServiceChange.objects.create(
        slug=slug, kind=kind, before=before, after=after, recorded_at=timezone.now(), by=by, undoes=undoes
    )


def _held(slug: str) -> tuple[Service | None, Values | None]:
    """The service, locked until the step is done, and its values."""
    rows = Service.objects.select_for_update(of=("self",)).select_related("area")
    service = rows.filter(slug=slug).first()
    return service, values_of(service) if service else None


def _put(service: Service, values: Values) -> None:
    service.area = Area.objects.get(slug=values["area"])
    for name in PLAIN:
        setattr(service, name, values[name])
    day = values["last_confirmed_on"]
    service.last_confirmed_on = date.fromisoformat(day) if day else None
    service.save()
