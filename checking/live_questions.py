"""What an analyst asks of the live data, read from an address. Public figures are asked for in `trends`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from . import area_tree, catalogue
from .collection_days import Grain, is_exact, next_start, read_day, start_of
from .models import Sample
from .reach import Reach, sites_within
from .readings import MethodFacts, Subject
from .trends import FAMILIES, MATERIALS, BadQuestion, find_area, find_subject

PARAMETERS = (
    "area", "site", "substance", "expected", "family", "material", "form", "method", "interval", "from", "to",
)  # fmt: skip
MOST_PERIODS = 400  # in one figure
_USUAL = {
    Grain.DAY: timedelta(days=27),
    Grain.WEEK: timedelta(weeks=26),
    Grain.MONTH: timedelta(days=364),
    Grain.QUARTER: timedelta(days=3 * 365),
}
_EARLIEST = date(1970, 1, 1)
_LONGEST = 200  # characters of a name


@dataclass(frozen=True)
class LiveQuestion:
    """One figure of the live data. Families and materials are never mixed: they do not compare."""

    subject: Subject
    first: date  # day of collection, as is `last`; both included
    last: date
    area: str = ""  # slug; empty: everywhere
    site: str = ""  # slug; empty: all sites
    expected: Subject | None = None  # None: whatever it was taken for
    family: str = "lab"
    material: str = "product"
    form: str = ""  # empty: all
    method: MethodFacts | None = None  # None: all of the family
    grain: Grain = Grain.WEEK

    @property
    def tells_days(self) -> bool:
        """True where a number of it is of less than a week."""
        return self.grain is Grain.DAY or (self.last - self.first).days < 6

    def as_json(self) -> dict[str, Any]:
        """As the address has it, for the record."""
        said = {
            "area": self.area,
            "site": self.site,
            "substance": self.subject.slug,
            "expected": self.expected.slug if self.expected else "",
            "family": self.family,
            "material": self.material,
            "form": self.form,
            "method": self.method.slug if self.method else "",
            "interval": self.grain.value,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
        }
        return {name: value for name, value in said.items() if value}


def ask(parameters: Mapping[str, str], reach: Reach, today: date) -> LiveQuestion:
    """The question written parameters ask. Raises BadQuestion naming the first that is wrong."""
    given = given_of({name: value for name, value in parameters.items() if name in PARAMETERS})
    subject = find_subject("substance", given)
    grain = Grain(one_of("interval", tuple(each.value for each in Grain), given, usual=Grain.WEEK.value))
    first, last = days_of(given, today, _USUAL[grain])
    family = one_of("family", FAMILIES, given)
    question = LiveQuestion(
        subject=subject,
        first=first,
        last=last,
        area=area_of(given),
        site=site_of(given, reach),
        expected=find_subject("expected", given) if "expected" in given else None,
        family=family,
        material=one_of("material", MATERIALS, given),
        form=one_of("form", ("", *Sample.Form.values), given),
        method=_method(given, family),
        grain=grain,
    )
    _check_grain(question, today)
    return question


def given_of(parameters: Mapping[str, str]) -> dict[str, str]:
    """What was written, without what was left empty. Raises BadQuestion for what no name and no day can be."""
    given = {name: value.strip() for name, value in parameters.items() if value.strip()}
    for name, value in given.items():
        if len(value) > _LONGEST or not value.isprintable():
            raise BadQuestion(name, _("That is no name and no day."))
    return given


def _check_grain(question: LiveQuestion, today: date) -> None:
    if question.grain is Grain.DAY and not is_exact(question.first, today):
        raise BadQuestion("interval", _("Days are kept for a year only, then their week: choose weeks or longer."))
    start, many = start_of(question.first, question.grain), 0
    while start <= question.last:
        start, many = next_start(start, question.grain), many + 1
        if many > MOST_PERIODS:
            raise BadQuestion("interval", _("That is too many to show: choose longer periods or fewer days."))


def days_of(given: Mapping[str, str], today: date, usual: timedelta) -> tuple[date, date]:
    """First and last day of collection, both included; without words for them, a usual while up to today."""
    last = _day("to", given) or today
    if last > today + timedelta(days=1):  # it may be tomorrow already where a site is
        raise BadQuestion("to", _("That day has not come yet."))
    first = _day("from", given) or (last - min(usual, last - date.min))
    if min(first, last) < _EARLIEST:
        raise BadQuestion("from", _("That is before anything was checked."))
    if first > last:
        raise BadQuestion("to", _("This ends before it begins."))
    return first, last


def _day(name: str, given: Mapping[str, str]) -> date | None:
    if name not in given:
        return None
    try:
        return read_day(given[name])
    except ValueError as error:
        raise BadQuestion(name, _("Write a day as 2026-11-18.")) from error


def area_of(given: Mapping[str, str]) -> str:
    """By slug or by a name that only one area has; empty for none."""
    if "area" not in given:
        return ""
    named = area_tree.current().named(given["area"])
    return named[0] if len(named) == 1 else find_area(given)


def site_of(given: Mapping[str, str], reach: Reach) -> str:
    """One this person may analyse: of any other it is not even said that it is there."""
    slug = given.get("site", "")
    if slug and not sites_within(reach).filter(slug=slug).exists():
        raise BadQuestion("site", _("None of your sites is called this."), is_unknown=True)
    return slug


def _method(given: Mapping[str, str], family: str) -> MethodFacts | None:
    slug = given.get("method", "")
    if not slug:
        return None
    methods = catalogue.current().methods
    if slug not in methods or methods[slug].family != family:
        of_family = sorted(each.slug for each in methods.values() if each.family == family)
        raise BadQuestion("method", _("No method of this family is called this."), of_family)
    return methods[slug]


def one_of(name: str, choices: Sequence[str], given: Mapping[str, str], usual: str | None = None) -> str:
    value = given.get(name) or (choices[0] if usual is None else usual)
    if value not in choices:
        raise BadQuestion(name, _("One of %(names)s.") % {"names": ", ".join(choice for choice in choices if choice)})
    return value
