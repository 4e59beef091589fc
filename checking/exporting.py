"""Exact rows for public health: with a purpose, on record before the first byte goes, and no wider than one's reach.

The file is written first, to a place without a name that goes with the process; then the record is made, with how
many rows it holds and its checksum; only then is it sent. Memory stays flat however many rows there are.
"""

import csv
import hashlib
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import IO, Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from .export_rows import COLUMNS, FINDINGS, KINDS, Sheet
from .identifying import Passage, passages
from .live_questions import area_of, days_of, given_of, one_of, site_of
from .live_rows import READ_AT_ONCE, chosen, read
from .models import Export, Sample, Site, User
from .reach import Reach
from .readings import SampleRead, Subject
from .scope_rows import load_scopes
from .trend_files import harmless
from .trends import FAMILIES, MATERIALS, find_subject

A_DAY = 10  # exports by one person in any 24 hours
MOST_SAMPLES = 100_000  # in one file: well under a minute to write
PARAMETERS = ("rows", "from", "to", "area", "site", "expected", "family", "material")
_USUAL = timedelta(days=90)
REMARKS = 6  # lines before the header of a file


class BadPurpose(ValueError):
    """Too short or too long."""


class IdentifyingPurpose(ValueError):
    """A purpose that could tell who a person is. `found` is for its writer; the message holds none of it."""

    def __init__(self, found: list[Passage]) -> None:
        super().__init__("the purpose could tell who a person is")
        self.found = found


class TooManyExports(Exception):
    """This person made as many as one may in a day."""


class TooManySamples(Exception):
    """More than one file may hold."""


class NothingToExport(Exception):
    """No sample is like this."""


@dataclass(frozen=True)
class Wanted:
    """What is to be in a file."""

    first: date  # day of collection, as is `last`; both included
    last: date
    kind: str = FINDINGS
    area: str = ""  # slug; empty: everywhere
    site: str = ""
    expected: Subject | None = None
    family: str = ""  # samples with a result of this family; empty: any, also without one
    material: str = ""

    def as_json(self) -> dict[str, Any]:
        said = {
            "rows": self.kind,
            "area": self.area,
            "site": self.site,
            "expected": self.expected.slug if self.expected else "",
            "family": self.family,
            "material": self.material,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
        }
        return {name: value for name, value in said.items() if value}


def ask(parameters: Mapping[str, str], reach: Reach, today: date) -> Wanted:
    """What written parameters ask for. Raises BadQuestion naming the first that is wrong."""
    given = given_of({name: value for name, value in parameters.items() if name in PARAMETERS})
    first, last = days_of(given, today, _USUAL)
    return Wanted(
        first=first,
        last=last,
        kind=one_of("rows", KINDS, given),
        area=area_of(given),
        site=site_of(given, reach),
        expected=find_subject("expected", given) if "expected" in given else None,
        family=one_of("family", ("", *FAMILIES), given),
        material=one_of("material", ("", *MATERIALS), given),
    )


def samples_of(wanted: Wanted, reach: Reach) -> "QuerySet[Sample]":
    return chosen(
        reach,
        first=wanted.first,
        last=wanted.last,
        area=wanted.area,
        site=wanted.site,
        expected=wanted.expected,
        family=wanted.family,
        material=wanted.material,
    )


def may_still_export(user: User, now: datetime) -> bool:
    return Export.objects.filter(made_by=user, made_at__gt=now - timedelta(hours=24)).count() < A_DAY


def checked_purpose(text: str) -> str:
    """The purpose as it is kept. Raises BadPurpose or IdentifyingPurpose; nothing is kept then."""
    text = " ".join("".join(sign for sign in text if sign.isprintable() or sign.isspace()).split())
    if not Export.SHORTEST <= len(text) <= Export.LONGEST:
        raise BadPurpose(f"a purpose of {len(text)} characters")
    if found := passages(text):
        raise IdentifyingPurpose(found)
    return text


def make_export(wanted: Wanted, *, by: User, purpose: str, reach: Reach) -> tuple[Export, IO[bytes]]:
    """A file of exact rows, on record. Whoever calls closes it.

    Raises BadPurpose, IdentifyingPurpose, TooManyExports, TooManySamples or NothingToExport; then nothing is on record
    and nothing may be sent.
    """
    purpose, now, id = checked_purpose(purpose), timezone.now(), uuid4()
    if not may_still_export(by, now):
        raise TooManyExports
    rows = samples_of(wanted, reach)
    many = rows[: MOST_SAMPLES + 1].count()
    if many > MOST_SAMPLES:
        raise TooManySamples
    if many == 0:
        raise NothingToExport
    file = tempfile.TemporaryFile(dir=settings.SPOOL_DIR)  # noqa: SIM115  # the caller closes it
    try:
        written = _Written(file)
        _write(written, wanted, rows, id, [f"Made {now.isoformat(timespec='seconds')} by {by}", f"Purpose: {purpose}"])
        export = _record(written, wanted, id=id, by=by, purpose=purpose, now=now)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return export, file


@transaction.atomic
def _record(written: "_Written", wanted: Wanted, *, id: UUID, by: User, purpose: str, now: datetime) -> Export:
    """Under a lock on the person: two at once are counted one after the other."""
    User.objects.select_for_update().get(pk=by.pk)
    if not may_still_export(by, now):
        raise TooManyExports
    export = Export.objects.create(
        id=id,
        made_at=now,
        made_by=by,
        purpose=purpose,
        asked=wanted.as_json(),
        first_on=wanted.first,
        last_on=wanted.last,
        samples=written.samples,
        rows=written.rows,
        sha256=written.digest.hexdigest(),
    )
    export.sites.set(Site.objects.filter(slug__in=written.sites))
    return export


class _Written:
    """What went into a file so far. Takes text as csv writes it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.samples = self.rows = 0
        self.sites: set[str] = set()

    def write(self, text: str) -> None:
        data = text.encode()
        self.digest.update(data)
        self._file.write(data)


def _write(written: _Written, wanted: Wanted, rows: "QuerySet[Sample]", id: UUID, said: Iterable[str]) -> None:
    # Every cell in quotes: a remark with a comma in it stays one cell, whatever program opens the file.
    lines = csv.writer(written, quoting=csv.QUOTE_ALL)
    lines.writerows([f"# {remark}"] for remark in remarks(wanted, id, said))
    lines.writerow([column.name for column in COLUMNS[wanted.kind]])
    sheet = Sheet(wanted.kind, str(id), secrets.token_bytes(32), load_scopes(), timezone.now().date())
    samples = read(rows)
    while some := list(islice(samples, READ_AT_ONCE)):
        for sample in sheet.in_order(some):
            _add(written, lines, sheet, sample)


def _add(written: _Written, lines: Any, sheet: Sheet, sample: SampleRead) -> None:
    written.samples += 1
    written.sites.add(sample.site)
    for row in sheet.rows(sample):
        written.rows += 1
        lines.writerow([harmless(cell) for cell in row])


def remarks(wanted: Wanted, id: UUID, said: Iterable[str]) -> Iterator[str]:
    """The lines before the header: REMARKS of them."""
    yield f"Headsup export {id}"
    yield from said
    yield "Filters: " + ", ".join(f"{name}={value}" for name, value in wanted.as_json().items())
    yield left_out()
    yield _(
        "For health only. Not evidence, not for enforcement: not for police, nor for health staff embedded with "
        "police. Exact rows can point at a person: pass them to nobody, and delete them after use."
    )


def left_out() -> str:
    """What no export holds."""
    return _(
        "Left out: samples that were not to be counted, that were contaminated or linked to an overdose, that have no "
        "day of collection, training, and those of self-governing communities that are not your own."
    )


def exported(site: Site, day: date) -> list[dict[str, Any]]:
    """Exports that may hold samples this site took in on that day: theirs are among it, and the day is asked for."""
    found = Export.objects.filter(sites=site, first_on__lte=day, last_on__gte=day).select_related("made_by")
    return [
        {
            "id": str(each.pk),
            "made_at": each.made_at.isoformat(timespec="seconds"),
            "made_by": str(each.made_by),
            "purpose": each.purpose,
            "rows": each.rows,
        }
        for each in found.order_by("made_at", "pk")
    ]
