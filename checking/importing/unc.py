"""Files of the UNC Street Drug Analysis Lab: one of samples (cards), one of what the lab found.

Every row is read into rows of ours or refused with a reason. A sample goes in whole or not at all.
"""

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.crypto import salted_hmac

from .. import catalogue
from ..accepting import EARLIEST, LATEST_ZONE
from ..folding import fold
from ..models import Expected, Finding, Result, Sample, Site
from ..models.samples import Entry
from ..readings import Subject
from ..rows import ExpectedRow, FindingRow, OverdoseRow, ResultRow, ResultRows, SampleRow, SampleRows
from ..tables import Row, Unusable, read_header
from . import unc_words
from .joining import Joint
from .locating import AreaNames

KEY = "sampleid"
CARD_COLUMNS = (
    KEY, "county", "state", "date_collect", "sampletype", "expectedsubstance", "color", "texture", "overdose",
    "date_complete",
)  # fmt: skip
DETAIL_COLUMNS = (KEY, "substance", "abundance", "method", "date_complete")


def tell_apart(files: Sequence[Path]) -> tuple[Path, Path]:
    """The file of samples and the file of lab detail, in whatever order they were given. Raises Unusable."""
    if len(files) != 2:
        raise Unusable(f"The format takes two files, samples and lab detail; {len(files)} given.")
    headers = [read_header(file) for file in files]
    # Only samples say what was expected, and only lab detail says a substance.
    cards = [file for file, header in zip(files, headers, strict=True) if "expectedsubstance" in header]
    details = [file for file, header in zip(files, headers, strict=True) if "substance" in header]
    if len(cards) != 1 or len(details) != 1 or cards == details:
        raise Unusable(
            f"{files[0].name} and {files[1].name} are not a file of samples (with the column expectedsubstance) "
            "and a file of lab detail (with the column substance)."
        )
    for file, needed in ((cards[0], CARD_COLUMNS), (details[0], DETAIL_COLUMNS)):
        missing = [name for name in needed if name not in read_header(file)]
        if missing:
            raise Unusable(f"{file.name} misses the columns {', '.join(missing)}.")
    return cards[0], details[0]


@dataclass
class Read:
    """One sample, read: the rows to store, or why it cannot go in."""

    sample_id: str
    rows: SampleRows | None = None  # None: it cannot go in
    result_lines: list[list[int]] = field(default_factory=list)  # of lab detail, for each result
    card_faults: list[str] = field(default_factory=list)
    detail_faults: dict[int, list[str]] = field(default_factory=dict)  # by line
    card_remarks: list[str] = field(default_factory=list)
    detail_remarks: list[tuple[int, str]] = field(default_factory=list)  # line, text

    @property
    def is_faulty(self) -> bool:
        return bool(self.card_faults or self.detail_faults)


class Reader:
    """Reads joined rows for one site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.known = catalogue.current()
        self.areas = AreaNames.stored()
        self.now = timezone.now()
        self.latest = self.now.astimezone(LATEST_ZONE).date()

    def read(self, joint: Joint) -> Read:
        return _Reading(self, joint).read()

    def hash_of(self, *parts: Any) -> bytes:
        """A keyed hash: the programme's own ids and what its cards say cannot be tried out from the database."""
        text = json.dumps([self.site.slug, *parts], default=str)
        return salted_hmac("headsup.import.unc", text, algorithm="sha256").digest()


class _Reading:
    """One sample on its way in."""

    def __init__(self, reader: Reader, joint: Joint) -> None:
        self.reader = reader
        self.card = joint.card
        self.details = joint.details
        self.out = Read(sample_id=joint.card.values.get(KEY, ""))
        self.is_repeated = joint.first_line != joint.card.line
        self.first_line = joint.first_line

    def read(self) -> Read:
        if not self._is_readable():
            return self.out
        collected_on = self._day("date_collect", self.card, self.out.card_faults)
        completed_on = self._day("date_complete", self.card, self.out.card_faults)
        if collected_on is None and not self.out.card_faults:
            self.out.card_remarks.append("the date of collection is blank")
        sample = self._sample(collected_on)
        rows = SampleRows(sample=sample, expected=self._expected(sample.id), overdose=self._overdose(sample.id))
        for method, lines in self._by_method().items():
            rows.results.append(self._result(sample, method, lines, completed_on))
            self.out.result_lines.append([row.line for row in lines])
        if not self.details:
            self.out.card_remarks.append("no lab rows: the sample is in, without a result")
        self.out.rows = None if self.out.is_faulty else rows
        return self.out

    def _is_readable(self) -> bool:
        faults = self.out.card_faults
        if self.card.fault:
            faults.append(self.card.fault)
        elif not self.out.sample_id:
            faults.append("sampleid is blank")
        elif self.is_repeated:
            faults.append(f"this sampleid was used before, at line {self.first_line}")
        for row in self.details:
            if row.fault:
                self._detail_fault(row, row.fault)
        return not self.out.is_faulty

    def _detail_fault(self, row: Row, why: str) -> None:
        self.out.detail_faults.setdefault(row.line, []).append(why)

    def _day(self, column: str, row: Row, faults: list[str]) -> date | None:
        text = row.values[column]
        try:
            day = unc_words.day(text)
        except ValueError:
            faults.append(f"{column} is “{text}”; expected a date as 03Mar2024")
            return None
        if day and not EARLIEST <= day <= self.reader.latest:
            faults.append(f"{column} is {day}, {'in the future' if day > EARLIEST else f'before {EARLIEST}'}")
            return None
        return day

    def _sample(self, collected_on: date | None) -> SampleRow:
        said = self.card.values
        carrier, about_carrier = unc_words.carrier(unc_words.words(said["sampletype"]))
        form, about_form = unc_words.form(unc_words.words(said["texture"]))
        colours, about_colours = unc_words.colours(unc_words.words(said["color"]))
        self.out.card_remarks += filter(None, (about_carrier, about_form, about_colours))
        area, basis = self._area(said["county"], said["state"])
        Material = Sample.Material
        return SampleRow(
            id=uuid.uuid4(),
            site_id=self.reader.site.pk,
            area_id=area,
            geo_basis=basis,
            collected_on=collected_on,
            form=form,
            carrier=carrier,
            material=(Material.RESIDUE if carrier in Sample.RESIDUE_CARRIERS else Material.PRODUCT).value,
            colours=list(colours),
            entry=Entry.IMPORT.value,
            recorded_at=self.reader.now,
            client_hash=self.reader.hash_of(self.out.sample_id),
            body_hash=self.reader.hash_of(self.out.sample_id, collected_on, *self._written()),
            code_hash=None,  # nobody was given a code for history
        )

    def _written(self) -> list[list[str]]:
        """What the card says, so that another order or case of the same words is no change."""
        columns = ("county", "state", "sampletype", "expectedsubstance", "color", "texture", "overdose")
        return [sorted(word.casefold() for word in unc_words.words(self.card.values[column])) for column in columns]

    def _area(self, county: str, state: str) -> tuple[int, str]:
        if county:
            found = self.reader.areas.find(county=county, state=state)
            if found is not None:
                return found, Sample.GeoBasis.STATED.value
            self.out.card_remarks.append(f"{county}, {state} is no area here, or not one alone: the site's own is used")
        else:
            self.out.card_remarks.append("the county is blank: the site's own area is used")
        return self.reader.site.area_id, Sample.GeoBasis.SITE.value

    def _expected(self, sample: uuid.UUID) -> list[ExpectedRow]:
        rows: list[ExpectedRow] = []
        named: set[str] = set()
        for word in unc_words.words(self.card.values["expectedsubstance"]):
            match = self.reader.known.find(word)
            written = word[: Expected._meta.get_field("written").max_length]
            if not match.is_settled:
                rows.append(ExpectedRow(sample_id=sample, written=written))
                if match.kind == "ask":
                    self.out.card_remarks.append(
                        f"the card word “{written}” can mean several things: counted as unknown"
                    )
                elif match.kind == "none":
                    self.out.card_remarks.append(f"the card word “{written}” names no substance: counted as unknown")
            for subject in match.subjects if match.is_settled else ():
                if subject.slug not in named:
                    named.add(subject.slug)
                    key = self.reader.known.key_of(subject)
                    rows.append(ExpectedRow(sample_id=sample, written=written, **key))
        return rows

    def _overdose(self, sample: uuid.UUID) -> OverdoseRow | None:
        said = self.card.values["overdose"].casefold()
        if said not in unc_words.OVERDOSE:
            self.out.card_remarks.append("what is said of an overdose is not one of the known words: kept as not asked")
        is_associated = unc_words.OVERDOSE.get(said)
        return None if is_associated is None else OverdoseRow(sample_id=sample, is_associated=is_associated)

    def _by_method(self) -> dict[str, list[Row]]:
        """The lab's rows by method: each method is a result of its own."""
        rows: dict[str, list[Row]] = {}
        for row in self.details:
            written = row.values["method"]
            method = unc_words.METHODS.get(written.casefold())
            if method is None:
                self._detail_fault(row, f"method is “{written}”; expected GCMS, Derivatized GCMS or nothing")
                continue
            if not written:
                self.out.detail_remarks.append((row.line, "the method is blank: taken as GC-MS"))
            rows.setdefault(method, []).append(row)
        return rows

    def _result(self, sample: SampleRow, method: str, rows: Sequence[Row], card_day: date | None) -> ResultRows:
        completed_on = self._completed_on(rows, card_day, sample.collected_on)
        result_id = uuid.uuid4()
        findings = [finding for row in rows if (finding := self._finding(result_id, row))]
        result = ResultRow(
            id=result_id,
            sample_id=sample.id,
            site_id=self.reader.site.pk,
            lab_id=self.reader.site.pk,
            method_id=self.reader.known.method_ids[method],
            outcome=self._outcome(rows, findings),
            performed_on=completed_on,
            completed_on=completed_on,
            chosen_because=Result.Because.ALL.value,  # the lab runs whatever it is sent
            entry=Entry.IMPORT.value,
            recorded_at=self.reader.now,
            client_hash=self.reader.hash_of(self.out.sample_id, method),
            body_hash=self.reader.hash_of(self.out.sample_id, method, completed_on, *_said(rows)),
        )
        return ResultRows(result=result, findings=findings)

    def _completed_on(self, rows: Sequence[Row], card_day: date | None, collected_on: date | None) -> date | None:
        """The last of the lab's dates, else the card's."""
        days: set[date] = set()
        for row in rows:
            faults: list[str] = []
            day = self._day("date_complete", row, faults)
            for why in faults:
                self._detail_fault(row, why)
            if day and collected_on and day < collected_on:
                self._detail_fault(row, f"date_complete {day} is before the sample was collected, on {collected_on}")
            if day:
                days.add(day)
        first = rows[0].line
        if len(days) > 1:
            self.out.detail_remarks.append((first, "several dates of completion in one result: the last is used"))
        if not days:
            used = "the one in the file of samples is used" if card_day else "none is kept"
            self.out.detail_remarks.append((first, f"the date of completion is blank: {used}"))
        return max(days) if days else card_day

    def _finding(self, result: uuid.UUID, row: Row) -> FindingRow | None:
        rank = unc_words.RANKS.get(row.values["abundance"].casefold())
        if rank is None:
            self._detail_fault(row, f"abundance is “{row.values['abundance']}”; expected trace or nothing")
        subject = self._subject(row)
        if subject is None or rank is None:
            return None
        Identity = Finding.Identity
        return FindingRow(
            result_id=result,
            identity=(Identity.CLASS_ONLY if subject.is_class else Identity.EXACT).value,
            amount_kind=Finding.AmountKind.RELATIVE.value,
            rank=rank,
            basis="unknown",
            **self.reader.known.key_of(subject),
        )

    def _subject(self, row: Row) -> Subject | None:
        """What the row names: by name, else by the identifiers beside it. None: a text that names no substance."""
        written = row.values["substance"]
        if not written:
            self._detail_fault(row, "substance is blank")
            return None
        match = self.reader.known.find(written)
        if match.kind in {"one", "class"}:
            return match.subjects[0]
        if match.kind == "not_a_substance":
            if fold(written) != unc_words.NULL_RESULT:
                self.out.detail_remarks.append((row.line, f"“{written}” names no substance: no finding is kept"))
            return None
        for column in ("unii", "cas"):
            identified = self.reader.known.find(row.values.get(column) or "?")
            if identified.kind == "one":
                name = identified.subjects[0].name
                self.out.detail_remarks.append(
                    (row.line, f"“{written}” is not a name we know: its {column} is {name}'s")
                )
                return identified.subjects[0]
        self._detail_fault(row, self._unsettled(written, [subject.name for subject in match.subjects]))
        return None

    def _unsettled(self, written: str, meanings: Sequence[str]) -> str:
        if meanings:
            return f"substance “{written}” can mean several things: {', '.join(meanings)}"
        near = ", ".join(self.reader.known.nearest(written))
        return f"substance “{written}” is not a name we know" + (f"; perhaps {near}" if near else "")

    def _outcome(self, rows: Sequence[Row], findings: Sequence[FindingRow]) -> str:
        texts = {fold(row.values["substance"]) for row in rows}
        if findings:
            if unc_words.NULL_RESULT in texts:
                said = "says that nothing of interest was detected, beside findings: the findings are kept"
                self.out.detail_remarks.append((rows[0].line, said))
            return Result.Outcome.DETECTED.value
        if unc_words.NULL_RESULT in texts:
            return Result.Outcome.NOT_DETECTED.value
        return (Result.Outcome.INVALID if unc_words.NO_RESULT in texts else Result.Outcome.INCONCLUSIVE).value


def _said(rows: Iterable[Row]) -> Iterator[list[str]]:
    """What the lab's rows say, whatever order they stand in."""
    return iter(sorted([fold(row.values["substance"]), row.values["abundance"].casefold()] for row in rows))
