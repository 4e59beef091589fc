"""Help nearby: what services offer, in plain words, and which of them are near.

None is ranked, none is pushed: services stand in the order of their names, each with equal weight.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import area_tree
from .models import Service

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
    """One service as people see it."""

    slug: str
    name: str
    area: str  # as people say it
    offers: tuple[str, ...]  # codes
    phone: str = ""
    text_line: str = ""
    address: str = ""
    hours: str = ""
    url: str = ""
    languages: tuple[str, ...] = ()
    last_confirmed_on: date | None = None  # None: nobody said when

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


def services_near(areas: Iterable[str], *, offer: str = "") -> list[Help]:
    """Services in these areas, within them, or for a wider area that holds them.

    No areas: every service. An area that is not known has none. With `offer`, those that offer it.
    """
    asked = list(areas)
    rows = Service.objects.using("public").select_related("area").order_by("name", "slug")
    if asked:
        tree = area_tree.current(holding=asked)
        near = frozenset().union(*(tree.related(slug) for slug in asked))
        rows = rows.filter(area__slug__in=near) if len(near) < _MOST_VARIABLES else rows
        return [_help(row) for row in rows if row.area.slug in near and _offers(row, offer)]
    return [_help(row) for row in rows if _offers(row, offer)]


_MOST_VARIABLES = 500  # of one query; above it the services, always fewer than areas, are all read


def _offers(row: Service, offer: str) -> bool:
    return not offer or offer in row.offers


def _help(row: Service) -> Help:
    return Help(
        slug=row.slug,
        name=row.name,
        area=row.area.name,
        offers=tuple(row.offers),
        phone=row.phone,
        text_line=row.text_line,
        address=row.address,
        hours=row.hours,
        url=row.url,
        languages=tuple(row.languages),
        last_confirmed_on=row.last_confirmed_on,
    )


def _digits(number: str) -> str:
    return "".join(sign for sign in number if sign.isdigit() or sign == "+")
