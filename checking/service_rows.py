"""What a row of services has to be like, and files of them: the same rules for a form, a file and a command."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from . import area_tree
from .helping import OFFERS, zone_of
from .importing.escaping import escaped, plain_again
from .keeping_services import PLAIN, Values, load_service, values_of
from .models import Service, ServiceChange, Site, User
from .opening_notation import NotHours, parse, write
from .opening_words import explain

HEADER = (
    "slug", "name", "area", "offers", "phone", "text_line", "address", "hours", "hours_remark", "time_zone", "url",
    "languages", "last_confirmed_on",
)  # fmt: skip
NEEDED = ("slug", "name", "area", "offers")
LISTS = ("offers", "languages")  # entries separated by "|"
MOST_ROWS = 5000
# What a telephone can dial as it stands: an extension or a word would become part of the number.
_NUMBER = re.compile(r"\+?[0-9(][0-9 ().\-/]*")

MayKeep = Callable[[str], bool]  # of the slug of an area


class NotAFileOfServices(Exception):
    """Nothing of the file can be read: it says why."""


@dataclass(frozen=True)
class Line:
    """One line of the file that can go in."""

    number: int
    slug: str
    values: Values  # of the columns the file has
    remark: str = ""  # what it will not do, though it goes in


@dataclass(frozen=True)
class Fault:
    """One line that stays out."""

    number: int
    said: tuple[str, ...]
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Read:
    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_services(text: str, may_keep: MayKeep = lambda area: True) -> Read:
    """All lines of a CSV file. Raises NotAFileOfServices."""
    found = Read()
    seen: dict[str, int] = {}
    kept = {row.slug: row for row in Service.objects.select_related("area")}
    zones = _Zones()
    for number, cells in _cells(text):
        try:
            line = _line(number, cells, kept.get(cells["slug"]), may_keep, zones)
            if line.slug in seen:
                said = _("the slug %(slug)s is on line %(line)s already") % {"slug": line.slug, "line": seen[line.slug]}
                raise ValidationError(said)
        except ValidationError as error:
            found.faults.append(Fault(number, tuple(error.messages), cells))
        else:
            seen[line.slug] = number
            found.lines.append(line)
    return found


@transaction.atomic
def load_lines(lines: list[Line], *, by: User | None) -> list[ServiceChange]:
    """Bring lines in. What is so already leaves no step, so a second time does nothing."""
    return [change for line in lines if (change := load_service(line.slug, line.values, by=by))]


def differences(line: Line) -> tuple[str, ...] | None:
    """The columns a line would change. None where the service is new."""
    service = Service.objects.select_related("area").filter(slug=line.slug).first()
    if service is None:
        return None
    now = values_of(service)
    return tuple(name for name, value in line.values.items() if now[name] != value)


def rejects(faults: list[Fault]) -> str:
    """The lines that stayed out, as a file to mend and send again: the columns, and why at the end."""
    out = io.StringIO()
    columns = [name for name in HEADER if any(name in fault.cells for fault in faults)]
    writer = csv.writer(out)
    writer.writerow([*columns, "why"])
    for fault in faults:
        writer.writerow([*(escaped(fault.cells.get(name, "")) for name in columns), "; ".join(fault.said)])
    return out.getvalue()


def canonical_hours(written: str) -> tuple[str, str]:
    """Hours as they are kept, and why no machine can read them; that is empty where it can, or nothing is written."""
    written = " ".join(written.split())
    if not written:
        return "", ""
    try:
        return write(parse(written)), ""
    except NotHours as refused:
        return written, explain(refused)


def check(values: Values, today: date | None = None) -> None:
    """Raises ValidationError by field for what no service may be."""
    faults: dict[str, str] = {}
    if unknown := [code for code in values["offers"] if code not in OFFERS]:
        said = {"unknown": ", ".join(unknown), "known": ", ".join(OFFERS)}
        faults["offers"] = _("%(unknown)s is not known; known are %(known)s") % said
    elif not values["offers"]:
        faults["offers"] = _("Say what it offers.")
    for name in ("phone", "text_line"):
        if values[name] and not _NUMBER.fullmatch(values[name]):
            faults[name] = _("Write digits only; what else there is to say goes into the remark on hours.")
    if values["time_zone"] and zone_of(values["time_zone"]) is None:
        faults["time_zone"] = _("“%(zone)s” is no time zone; write it as America/New_York.") % {
            "zone": values["time_zone"]
        }
    latest = today or (datetime.now(UTC) + timedelta(hours=14)).date()  # somewhere it is that day already
    if (values["last_confirmed_on"] or "") > latest.isoformat():
        faults["last_confirmed_on"] = _("This day has not come yet.")
    try:
        row = Service(
            slug="any", **{name: values[name] for name in PLAIN}, last_confirmed_on=values["last_confirmed_on"]
        )
        row.clean_fields(exclude=["offers", "languages", "area"])
    except ValidationError as error:
        faults = {**{name: " ".join(said) for name, said in error.message_dict.items()}, **faults}
    if faults:
        raise ValidationError(faults)


def _cells(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    text = text.removeprefix("\ufeff")
    first, *_rest = text.splitlines() or [""]
    delimiter = ";" if first.count(";") > first.count(",") else ","  # as spreadsheets in Spanish write it
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = header
    lacking, unknown = [name for name in NEEDED if name not in header], [name for name in header if name not in HEADER]
    unknown = [name for name in unknown if name != "why"]  # our own column, in a file of lines that were mended
    if lacking or unknown or len(set(header)) < len(header):
        said = {"needed": ", ".join(NEEDED), "known": ", ".join(HEADER), "header": ", ".join(header)[:200]}
        raise NotAFileOfServices(
            _("The file needs the columns %(needed)s and knows %(known)s. Its first line is: %(header)s") % said
        )
    try:
        for count, row in enumerate(reader):
            if count >= MOST_ROWS:
                raise NotAFileOfServices(_("The file has more than %(n)s lines.") % {"n": MOST_ROWS})
            # A row longer than the header comes under None; a shorter one has None as its values.
            cells = {name: plain_again((value or "").strip()) for name, value in row.items() if name and name != "why"}
            if any(cells.values()):
                yield reader.line_num, {**cells, **({"": "long"} if None in row else {})}
    except csv.Error as error:
        told = {"n": reader.line_num + 1, "why": error}
        raise NotAFileOfServices(_("Line %(n)s is not CSV: %(why)s") % told) from error


def _line(number: int, cells: Mapping[str, str], kept: Service | None, may_keep: MayKeep, zones: "_Zones") -> Line:
    """Raises ValidationError that says what is wrong with the line."""
    if "" in cells:
        raise ValidationError(_("there are more cells than columns: a comma in a cell needs quotation marks around it"))
    slug, area = cells["slug"], cells["area"]
    if not re.fullmatch(r"[-a-zA-Z0-9_]{1,80}", slug):
        raise ValidationError(f"slug: {_('Letters, digits and hyphens only, at most 80.')}")
    if not zones.knows(area):
        raise ValidationError(_("area “%(area)s” is not known") % {"area": area})
    if not may_keep(area) or (kept and not may_keep(kept.area.slug)):
        raise ValidationError(_("services of this area are kept by others: %(area)s") % {"area": area})
    values: Values = {name: cells[name] for name in HEADER if name in cells and name != "slug"}
    for name in LISTS:
        if name in values:
            values[name] = list(dict.fromkeys(part.strip() for part in values[name].split("|") if part.strip()))
    why = ""
    if "hours" in values:
        values["hours"], why = canonical_hours(values["hours"])
    before = values_of(kept) if kept else {}
    if not values.get("time_zone") and not before.get("time_zone"):
        values["time_zone"] = zones.usual(area)
    elif "time_zone" in values and not values["time_zone"]:
        del values["time_zone"]
    if "last_confirmed_on" in values:
        values["last_confirmed_on"] = _confirmed(values["last_confirmed_on"], before.get("last_confirmed_on"))
    whole = {**dict.fromkeys(PLAIN, ""), "offers": [], "languages": [], "last_confirmed_on": None, **before, **values}
    try:
        check(whole)
    except ValidationError as error:
        raise ValidationError([f"{name}: {' '.join(said)}" for name, said in error.message_dict.items()]) from error
    return Line(number, slug, values, _remark(whole, why))


def _confirmed(written: str, before: str | None) -> str | None:
    """The later of the two days: a file that is sent again takes no confirmation back."""
    if not written:
        return before
    try:
        return max(date.fromisoformat(written).isoformat(), before or "")
    except ValueError:
        said = _("“%(day)s” is no day; write it as 2026-11-02.") % {"day": written}
        raise ValidationError(f"last_confirmed_on: {said}") from None


def _remark(values: Values, why: str) -> str:
    if why:
        return _("hours are kept as words, and nothing will say open or closed: %(why)s") % {"why": why}
    if values["hours"] and values["hours"] != "24/7" and not values["time_zone"]:
        return _("there is no time zone, so nothing will say open or closed")
    return ""


class _Zones:
    """Known areas, and the time zone of the sites in and around each, where they agree."""

    def __init__(self) -> None:
        self.tree = area_tree.current()
        self.by_area: dict[str, set[str]] = {}
        for slug, zone in Site.objects.exclude(is_training=True).values_list("area__slug", "time_zone"):
            self.by_area.setdefault(slug, set()).add(zone)

    def knows(self, area: str) -> bool:
        return area in self.tree or area in area_tree.current(holding=[area])

    def usual(self, area: str) -> str:
        found = {zone for slug in self.tree.within(area) for zone in self.by_area.get(slug, ())}
        for above in reversed(self.tree.above(area)):
            found = found or {zone for slug in self.tree.within(above) for zone in self.by_area.get(slug, ())}
        return found.pop() if len(found) == 1 else ""


def usual_zone(area: str) -> str:
    """The one time zone of the sites in an area, or else in the nearest area around it; empty where they differ."""
    return _Zones().usual(area)
