"""Help nearby: what services offer, in plain words, and which of them are near.

None is ranked, none is pushed: services stand in the order of their names, each with equal weight.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import area_tree, confirming, opening_words
from .models import Holiday, Service
from .opening import NO_HOLIDAYS_KNOWN, UNKNOWN, Holidays, Hours, Standing, standing
from .opening_notation import understood

# PRACTICE's list of what people ask for; the codes are what load_services and the API use.
OFFERS: Mapping[str, str | Promise] = {
    "syringe_services": _("New syringes and supplies"),
    "supervised_consumption": _("A place to use with someone there"),
    "drug_checking": _("Drug checking"),
    "naloxone": _("Naloxone"),
    "use_alone_line": _("Someone on the phone while you use"),
    "wound_care": _("Wound care"),
    "hiv_hepatitis_testing": _("HIV and hepatitis tests"),
    "withdrawal_care": _("Care in withdrawal"),
    "treatment": _("Treatment, if you want it"),
    "drop_in": _("A place to drop in"),
    "peer_support": _("People who have been there"),
    "legal_aid": _("Legal help"),
    "crisis_line": _("Crisis line"),
}


@dataclass(frozen=True, slots=True)
class Help:
    """One service as people see it, at the instant `at`."""

    slug: str
    name: str
    area: str  # as people say it
    offers: tuple[str, ...]  # codes
    at: datetime
    phone: str = ""
    text_line: str = ""
    address: str = ""
    hours: str = ""  # as kept
    hours_remark: str = ""
    time_zone: str = ""
    url: str = ""
    languages: tuple[str, ...] = ()
    last_confirmed_on: date | None = None  # None: nobody said when
    now: Standing = UNKNOWN

    @property
    def offer_names(self) -> list[str]:
        return [str(OFFERS[code]) for code in self.offers if code in OFFERS]

    @property
    def dials(self) -> str:
        """The phone number as a telephone wants it."""
        return _digits(self.phone)

    @property
    def texts_to(self) -> str:
        return _digits(self.text_line)

    @property
    def today(self) -> date:
        """The day it is there."""
        zone = zone_of(self.time_zone)
        return (self.at.astimezone(zone) if zone else self.at).date()

    @property
    def hours_lines(self) -> list[str]:
        """When it is open, as people read it; words that no machine can judge as they were written."""
        hours = understood(self.hours) if self.hours else None
        return opening_words.lines(hours, self.today) if hours else [self.hours] if self.hours else []

    @property
    def open_words(self) -> str:
        """Open or closed, and until when; without hours, what to do. Empty where there is nothing to say."""
        if not self.hours:
            return str(_("Hours not known: call first.") if self.may_call else _("Hours not known."))
        return opening_words.say(self.now, self.at, may_call=self.may_call)

    @property
    def is_open(self) -> bool | None:
        return self.now.open_now

    @property
    def may_call(self) -> bool:
        return bool(self.phone or self.text_line)

    @property
    def age(self) -> str:
        return confirming.age_of(self.last_confirmed_on, self.today).value

    @property
    def age_words(self) -> str:
        return confirming.say_age(self.last_confirmed_on, self.today, may_call=self.may_call)


def services_near(areas: Iterable[str], *, offer: str = "", now: datetime | None = None) -> list[Help]:
    """Services in these areas, within them, or for a wider area that holds them.

    No areas: every service. An area that is not known has none. With `offer`, those that offer it.
    """
    return as_seen((row for row in _rows_near(list(areas)) if _offers(row, offer)), now or timezone.now())


def as_seen(services: Iterable[Service], at: datetime) -> list[Help]:
    """Services as people see them at this instant."""
    rows = list(services)
    holidays = holidays_of(rows)
    return [_help(row, at, holidays.get(row.area_id, NO_HOLIDAYS_KNOWN)) for row in rows]


def _rows_near(asked: list[str]) -> list[Service]:
    rows = Service.objects.using("public").select_related("area").order_by("name", "slug")
    if not asked:
        return list(rows)
    tree = area_tree.current(holding=asked)
    near = frozenset().union(*(tree.related(slug) for slug in asked))
    rows = rows.filter(area__slug__in=near) if len(near) < _MOST_VARIABLES else rows
    return [row for row in rows if row.area.slug in near]


_MOST_VARIABLES = 500  # of one query; above it the services, always fewer than areas, are all read


def holidays_of(services: Iterable[Service]) -> dict[int, Holidays]:
    """Public holidays by the key of an area: its own and those of every area that holds it.

    Only where hours speak of them; read in one query, or none.
    """
    areas = {row.area_id: row.area.slug for row in services if _asks_for_holidays(row.hours)}
    if not areas:
        return {}
    days: dict[str, set[date]] = {}
    for slug, day in Holiday.objects.using("public").values_list("area__slug", "day"):
        days.setdefault(slug, set()).add(day)
    tree = area_tree.current(holding=areas.values())
    found = {}
    for key, slug in areas.items():
        held = frozenset().union(*(days.get(above, ()) for above in tree.above(slug)))
        found[key] = Holidays(held, frozenset(day.year for day in held))
    return found


def _asks_for_holidays(written: str) -> bool:
    hours = understood(written) if written else None
    return hours is not None and hours.on_holidays is not None


def standing_of(service: Service, at: datetime, holidays: Holidays = NO_HOLIDAYS_KNOWN) -> Standing:
    hours: Hours | None = understood(service.hours) if service.hours else None
    return standing(hours, zone_of(service.time_zone), at, holidays)


def as_of(services: Iterable[Help]) -> str:
    """When open and closed were judged, where any were. A page that was left open says so itself."""
    judged = [service for service in services if service.now.is_open is not None]
    if not judged:
        return ""
    at, zones = judged[0].at, {service.time_zone for service in judged if service.time_zone}
    zone = zone_of(zones.pop()) if len(zones) == 1 else None
    if zone is None:
        return str(_("Open or closed as of %(time)s UTC.") % {"time": at.strftime("%H:%M")})
    place = zone.key.rpartition("/")[2].replace("_", " ")
    said = {"time": at.astimezone(zone).strftime("%H:%M"), "place": place}
    return str(_("Open or closed as of %(time)s, %(place)s time.") % said)


def seconds_kept(standings: Iterable[Standing], at: datetime) -> int:
    """For how long what is said of these stays true, in seconds: caches may keep it for so long, a minute at most."""
    until = [(each.changes_at - at).total_seconds() for each in standings if each.changes_at is not None]
    return max(0, min([MOST_SECONDS_KEPT, *(int(seconds) for seconds in until)]))


MOST_SECONDS_KEPT = 60


@lru_cache(maxsize=600)
def zone_of(name: str) -> ZoneInfo | None:
    """None where no time zone is called this, or none was said."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not one, not a name, or the name of a folder
        return None


def _offers(row: Service, offer: str) -> bool:
    return not offer or offer in row.offers


def _help(row: Service, at: datetime, holidays: Holidays) -> Help:
    return Help(
        slug=row.slug,
        name=row.name,
        area=row.area.name,
        offers=tuple(row.offers),
        at=at,
        phone=row.phone,
        text_line=row.text_line,
        address=row.address,
        hours=row.hours,
        hours_remark=row.hours_remark,
        time_zone=row.time_zone,
        url=row.url,
        languages=tuple(row.languages),
        last_confirmed_on=row.last_confirmed_on,
        now=standing_of(row, at, holidays),
    )


def _digits(number: str) -> str:
    return "".join(sign for sign in number if sign.isdigit() or sign == "+")
