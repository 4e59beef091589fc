"""How long ago somebody made sure of what a service says. What ages says so, in words.

Services move, close and change their hours within months. Directories of social services are asked to go
over each entry once a year; what people act on tonight should be younger, so these are half and a quarter of that.
"""

from datetime import date
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

FRESH_DAYS = 91  # a quarter: said without a remark
OLD_DAYS = 182  # half a year: from here on, "call first"
_MONTH = 30.4  # days, for words only


class Age(StrEnum):
    FRESH = "fresh"
    GETTING_OLD = "getting_old"
    OLD = "old"
    NEVER = "never"


def age_of(confirmed_on: date | None, today: date) -> Age:
    """A day that has not come yet where the server stands counts as today."""
    if confirmed_on is None:
        return Age.NEVER
    days = (today - confirmed_on).days
    if days <= FRESH_DAYS:
        return Age.FRESH
    return Age.GETTING_OLD if days <= OLD_DAYS else Age.OLD


def say_age(confirmed_on: date | None, today: date, *, may_call: bool) -> str:
    """In one sentence: how old, and what follows from it."""
    age = age_of(confirmed_on, today)
    if confirmed_on is None:
        return _("Nobody has confirmed this yet: call first.") if may_call else _("Nobody has confirmed this yet.")
    days = max(0, (today - confirmed_on).days)
    if age is Age.OLD:
        said = {"time": _how_long(days)}
        if may_call:
            return _("Not confirmed for %(time)s: call first.") % said
        return _("Not confirmed for %(time)s: it may have changed.") % said
    said = {"when": _how_long_ago(days)}
    if age is Age.GETTING_OLD:
        return _("Confirmed %(when)s: some of it may have changed.") % said
    return _("Confirmed %(when)s") % said


def _how_long_ago(days: int) -> str:
    if days == 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    return _("%(time)s ago") % {"time": _how_long(days)}


def _how_long(days: int) -> str:
    months = int(days / _MONTH)
    if months < 2:
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    if months < 24:
        return ngettext("%(n)s month", "%(n)s months", months) % {"n": months}
    return ngettext("%(n)s year", "%(n)s years", months // 12) % {"n": months // 12}
