"""Rows of a site's own table, read by its mapping into rows of ours, or refused with a reason for each field.

A sample goes in whole or not at all. A blank cell says nothing: it is never "not detected".
"""

import json
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from .. import bodies, catalogue
from ..accepting import Problems, Source, accept_sample
from ..models import Sample, Site
from ..models.samples import Entry
from ..rows import ExpectedRow, SampleRows
from .cells import Cells, Faults
from .days import Days
from .grouping import Group
from .mapping import From, Mapping, sources
from .meanings import said
from .naming import Areas, lab_slugs, method_names, split_names
from .opening import Table
from .result_reader import ReadResult, ResultReader


@dataclass
class Read:
    """One sample, read: the rows to store, or why it cannot go in."""

    sample_id: str
    rows: SampleRows | None = None  # None: it cannot go in
    result_lines: list[list[int]] = field(default_factory=list)  # of the table, for each result
    faults: Faults = field(default_factory=Faults)
    remarks: list[tuple[int, str]] = field(default_factory=list)  # line, text


class TableReader:
    """Reads the groups of one table for one site."""

    def __init__(
        self, site: Site, mapping: Mapping, table: Table, *, key: str = "generic", is_each_its_own: bool = False
    ) -> None:
        """`key` is for ids; with `is_each_its_own` rows that share an id are samples of their own."""
        self.site = site
        self.mapping = mapping
        self.known = catalogue.current()
        self.is_each_its_own = is_each_its_own
        self.source = Source(site=site, entry=Entry.IMPORT)
        self.methods = method_names(self.known)
        self.areas = Areas()
        self.labs = lab_slugs()
        self.places = {name: table.place(name) for name in {each.column for _p, each in sources(mapping)} if name}
        self.words = {
            path: {said(word): meaning for word, meaning in each.words.items()} for path, each in sources(mapping)
        }
        self.days = {
            path: Days(each.date_format, table.since_1904) for path, each in sources(mapping) if each.date_format
        }
        self.unknown: Counter[tuple[str, str]] = Counter()  # (path in the mapping, word) that nobody explained yet
        self._key = f"headsup.import.{key}"

    def read(self, group: Group) -> Read:
        return _Reading(self, group).read()

    def hash_of(self, *parts: Any) -> bytes:
        """A keyed hash: a site's own ids, and what its table says, cannot be tried out from the database."""
        text = json.dumps([self.site.slug, *parts], default=str)
        return salted_hmac(self._key, text, algorithm="sha256").digest()

    def remarks(self) -> list[str]:
        """What the columns of dates tell as a whole."""
        by_path = dict(sources(self.mapping))
        return [f"{by_path[path].column}: {text}" for path, days in self.days.items() for text in days.remarks()]


class _Reading:
    """One sample on its way in."""

    def __init__(self, reader: TableReader, group: Group) -> None:
        self.reader = reader
        self.group = group
        self.mapping = reader.mapping
        self.out = Read(sample_id=group.sample_id)
        self.cells = Cells(reader, group.lines, self.out.faults, self.out.remarks)

    def read(self) -> Read:
        if not self._is_readable():
            return self.out
        body = bodies.NewSample(client_id=str(uuid.uuid4()), collected_on=self._collected_on())  # type: ignore[arg-type]  # history may not say
        body.form = self._one_of("form")  # type: ignore[assignment]  # held by its words
        body.carrier = self._one_of("carrier")  # type: ignore[assignment]
        body.material = self._one_of("material")  # type: ignore[assignment]
        body.overdose_associated = self._one_of("overdose")  # type: ignore[assignment]
        body.colours = self._colours()
        body.share = self._share()
        area = self._area()
        expected = self._expected()
        results = ResultReader(self.reader, self.cells, body.collected_on).read(self.group.lines)
        if not self.out.faults:
            self._accept(body, area, expected, results)
        return self.out

    def _is_readable(self) -> bool:
        first = self.group.lines[0]
        for line in self.group.lines:
            if line.fault:
                self.out.faults.add(line.number, "", line.fault)
        if not self.out.faults and not self.out.sample_id:
            self.out.faults.add(first.number, self._column("sample_id"), _("is blank"))
        if self.group.earlier and not self.reader.is_each_its_own and not self.out.faults:
            said_before = _("was used before, at line %(n)s") % {"n": self.group.first}
            self.out.faults.add(first.number, self._column("sample_id"), said_before)
        return not self.out.faults

    def _column(self, name: str) -> str:
        source: From | None = getattr(self.mapping, name)
        return (source.column if source else None) or name

    def _collected_on(self) -> date | None:
        day = self.cells.day("collected_on", self.mapping.collected_on)
        if day is None and not self.out.faults:
            self._remark(_("the date of collection is blank"))
        return day

    def _one_of(self, name: str) -> str | None:
        return self.cells.one_of(name, getattr(self.mapping, name), name) or None

    def _colours(self) -> list[str] | None:
        found = self.cells.several_of("colours", self.mapping.colours, "colours")
        return list(dict.fromkeys(found)) or None

    def _share(self) -> bool | None:
        """Where the table has a column for it, nobody said yes in a blank cell."""
        answer = self._one_of("share")
        if answer is None and self.mapping.share is not None and not self.out.faults:
            self._remark(_("whether it may be counted is blank: kept out of public figures"))
            return False
        return None if answer is None else answer == "yes"

    def _area(self) -> str | None:
        """The slug; None for the site's own area."""
        line, written = self.cells.one("area", self.mapping.area)
        if not written:
            if self.mapping.area is not None:
                self._remark(_("the area is blank: the site's own is used"))
            return None
        found = self.reader.areas.find(written)
        if len(found) == 1:
            return found[0]
        self.reader.unknown["area", written] += 1
        why = (
            _("“%(text)s” can be several areas: %(names)s") % {"text": written[:60], "names": ", ".join(found)}
            if found
            else _("“%(text)s” is no area here") % {"text": written[:60]}
        )
        self.out.faults.add(line, self._column("area"), why)
        return None

    def _expected(self) -> list[str]:
        source = self.mapping.expected
        _line, text = self.cells.one("expected", source, translates=False)
        if source is None or not text:
            return []
        names = split_names(text, source.separators, self.reader.known)
        translated = [self.cells.translated("expected", name) for name in names]
        return sorted({name for name in translated if name}, key=said)

    def _accept(
        self, body: bodies.NewSample, area: str | None, expected: list[str], results: Sequence[ReadResult]
    ) -> None:
        """Through the same rules as everything that comes in; then what only history may leave open."""
        body.results = [each.body for each in results]
        try:
            rows = accept_sample(body, self.reader.source)
        except Problems as problems:
            for path, messages in problems.fields.items():
                self._explain(path, messages, results)
            return
        sample = rows.sample
        if area is not None:
            sample.area_id, sample.geo_basis = self.reader.areas.keys[area], Sample.GeoBasis.STATED.value
        else:
            sample.geo_basis = Sample.GeoBasis.SITE.value
        own = (self.out.sample_id, self.group.earlier) if self.group.earlier else (self.out.sample_id,)
        said_of_it = [area, sorted(map(said, expected)), *_plain(body)]
        sample.client_hash = self.reader.hash_of(*own)
        sample.body_hash = self.reader.hash_of(*own, *said_of_it)
        sample.code_hash = None  # nobody was given a code for history
        rows.expected = self._expected_rows(sample.id, expected)
        for each, row in zip(results, rows.results, strict=True):
            each.finish(row)
            row.result.client_hash = self.reader.hash_of(*own, "result", *each.key)
            row.result.body_hash = self.reader.hash_of(*own, "result", *each.key, each.said())
            self.out.result_lines.append([line.number for line in each.lines])
        if not results:
            self._remark(_("no result: the sample is in by itself"))
        self.out.rows = rows

    def _explain(self, path: str, messages: Sequence[str], results: Sequence[ReadResult]) -> None:
        """Say it of the line and column it came from."""
        parts = path.split(".")
        if parts[0] == "results" and len(parts) > 1:
            result = results[int(parts[1])]
            column = result.column_of(".".join(parts[2:]))
            for message in messages:
                self.out.faults.add(result.lines[0].number, column, message)
            return
        for message in messages:
            self.out.faults.add(self.group.lines[0].number, self._column_of(parts[0]), message)

    def _column_of(self, name: str) -> str:
        own = {"overdose_associated": "overdose"}.get(name, name)
        return self._column(own) if own in Mapping.__struct_fields__ else own

    def _expected_rows(self, sample: UUID, words: Sequence[str]) -> list[ExpectedRow]:
        """What a word that names no substance stands for is kept privately, and counts as unknown."""
        rows: list[ExpectedRow] = []
        named: set[str] = set()
        for word in words:
            match = self.reader.known.find(word)
            written = word[:200]
            if not match.is_settled:
                rows.append(ExpectedRow(sample_id=sample, written=written))
                if match.kind == "ask":
                    self._remark(_("“%(word)s” can mean several things: counted as unknown") % {"word": written})
                elif match.kind == "none":
                    self.reader.unknown["expected", word] += 1
                    self._remark(_("“%(word)s” names no substance: counted as unknown") % {"word": written})
            for subject in match.subjects if match.is_settled else ():
                if subject.slug not in named:
                    named.add(subject.slug)
                    key = self.reader.known.key_of(subject)
                    rows.append(ExpectedRow(sample_id=sample, written=written, **key))
        return rows

    def _remark(self, text: str) -> None:
        self.out.remarks.append((self.group.lines[0].number, text))


def _plain(body: bodies.NewSample) -> list[Any]:
    """What the sample's own fields say, in one order."""
    return [
        body.collected_on, body.form, body.carrier, body.material, sorted(body.colours or []), body.share,
        body.overdose_associated,
    ]  # fmt: skip
