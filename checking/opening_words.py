"""Opening hours in words people read, in the language that is active."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .opening import ALL_DAY, Hours, Spans, Standing
from .opening_notation import NotHours, Why, clock, runs_of

_REFUSALS: Mapping[Why, str | Promise] = {
    "unknown": gettext_lazy("“%(at)s” is not understood here."),
    "no_times": gettext_lazy("After “%(at)s” come times such as 10:00-16:00, or off."),
    "no_end": gettext_lazy("“%(at)s” has no end: write it as 10:00-16:00."),
    "half_a_day": gettext_lazy(
        "“%(at)s” may be morning or afternoon: write it as 09:00-17:00, or with am and pm on both."
    ),
    "too_long": gettext_lazy(
        "“%(at)s” would run over midnight for more than 16 hours: write 17:00 for 5 in the afternoon."
    ),
    "no_time_of_day": gettext_lazy("“%(at)s” is no time of day."),
    "no_date": gettext_lazy("“%(at)s” is no date."),
    "backwards": gettext_lazy("“%(at)s” runs backwards."),
    "overlap": gettext_lazy("“%(at)s” overlaps with the times before it."),
    "nothing": gettext_lazy("Nothing is written."),
}


def explain(refused: NotHours) -> str:
    """Why something cannot be read as opening hours."""
    return str(_REFUSALS[refused.why]) % {"at": refused.at}


def lines(hours: Hours, today: date) -> list[str]:
    """The hours as people read them, days that are alike together. What is over is left out."""
    if all(spans == ALL_DAY for spans in hours.week):
        found = [_("Every day, day and night")]
    else:
        found = [f"{_days(hours.week, spans)} {_times(spans)}" for spans in dict.fromkeys(filter(None, hours.week))]
    if hours.on_holidays is not None:
        found.append(_("Public holidays: %(times)s") % {"times": _times(hours.on_holidays)})
    for yearly in hours.yearly:
        found.append(f"{_span_of(*(_in_a_year(*day) for day in (yearly.first, yearly.last)))}: {_times(yearly.spans)}")
    for dated in hours.dated:
        if dated.last >= today:
            found.append(f"{_span_of(*(_on(day) for day in (dated.first, dated.last)))}: {_times(dated.spans)}")
    return [line[:1].upper() + line[1:] for line in found] or [_("Closed until further notice")]


def say(now: Standing, at: datetime, *, may_call: bool) -> str:
    """Open or closed, and until when; where nobody can tell, what to do. `at` is the instant that was judged."""
    if now.is_open is None:
        return _("We cannot tell whether it is open now: call first.") if may_call else ""
    if now.is_open:
        said = _open(now, at)
    elif now.changes_at is None:
        said = _("Closed now")
    else:
        said = _("Closed now, opens %(when)s") % {"when": _when(now.changes_at, at)}
    return (
        _("%(open_or_closed)s, unless today is a public holiday") % {"open_or_closed": said}
        if now.unless_holiday
        else said
    )


def _open(now: Standing, at: datetime) -> str:
    if now.changes_at is None:
        return _("Open now, day and night")
    if now.changes_at - at < timedelta(hours=18):  # past midnight too, it is the next time the clock shows it
        return _("Open now, until %(time)s") % {"time": now.changes_at.strftime("%H:%M")}
    return _("Open now, until %(when)s") % {"when": _when(now.changes_at, at)}


def _when(then: datetime, at: datetime) -> str:
    """A day as one says it today, and the time."""
    days = (then.date() - at.astimezone(then.tzinfo).date()).days
    time = then.strftime("%H:%M")
    if days == 0:
        return _("today %(time)s") % {"time": time}
    if days == 1:
        return _("tomorrow %(time)s") % {"time": time}
    if days < 7:
        return _("%(weekday)s %(time)s") % {"weekday": WEEKDAYS[then.weekday()], "time": time}
    return _("%(day)s %(time)s") % {"day": _in_a_year(then.month, then.day), "time": time}


def _days(week: Sequence[Spans], spans: Spans) -> str:
    runs = runs_of([day for day in range(7) if week[day] == spans])
    if runs == [(0, 6)]:
        return _("Every day")
    return _listed(_span_of(str(WEEKDAYS[first]), str(WEEKDAYS[last])) for first, last in runs)


def _span_of(first: str, last: str) -> str:
    return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _times(spans: Spans) -> str:
    if not spans:
        return _("closed")
    if spans == ALL_DAY:
        return _("day and night")
    return _listed(f"{clock(start)}\N{EN DASH}{clock(end)}" for start, end in spans)


def _in_a_year(month: int, day: int) -> str:
    return date_format(date(2024, month, day), "MONTH_DAY_FORMAT")


def _on(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
