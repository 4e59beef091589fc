"""Results out of the rows of one sample, as bodies that the one door for results judges."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
from django.utils.translation import gettext as _

from .. import bodies
from ..decoding import where
from ..folding import fold
from ..models import Result
from ..readings import MethodFacts
from ..rows import ResultRows
from .cells import Cells
from .finding_reader import FindingReader, ReadFinding
from .mapping import ResultMap
from .meanings import said
from .opening import Line

if TYPE_CHECKING:
    from .table_reader import TableReader

# What stands in for the lines of a strip of which only the outcome is known, until they are blanked again:
# the rules of the door ask for lines.
_LINES_OF = {
    "detected": (True, "absent"),
    "not_detected": (True, "clear"),
    "invalid": (False, "absent"),
    "inconclusive": (False, "absent"),
}


@dataclass
class ReadResult:
    """One result, read, with where it came from."""

    body: bodies.NewResult
    lines: Sequence[Line]
    key: tuple[Any, ...]  # what tells it from the sample's other results, whatever it says
    columns: Mapping[str, str]  # field of the body -> column
    findings: list[ReadFinding] = field(default_factory=list)
    outcome_alone: str = ""  # a strip of which only this is known

    def column_of(self, path: str) -> str:
        parts = path.split(".")
        if parts[0] == "findings" and len(parts) > 1:
            return self.findings[int(parts[1])].column
        return self.columns.get(parts[0], parts[0])

    def said(self) -> str:
        """What it says, whatever the order of its findings."""
        plain = json.loads(bodies.canonical(self.body))
        del plain["client_id"]
        plain["findings"] = sorted(json.dumps(each.said(), sort_keys=True) for each in self.findings)
        return json.dumps([plain, self.outcome_alone], sort_keys=True)

    def finish(self, rows: ResultRows) -> None:
        """What history may leave open, and a body may not."""
        if self.outcome_alone:
            rows.result.control, rows.result.test_line, rows.result.outcome = None, "", self.outcome_alone
            rows.findings = rows.findings if self.outcome_alone == "detected" else []
        for read, finding in zip(self.findings, rows.findings, strict=False):
            if read.is_range:
                finding.value = None


class ResultReader:
    """The results of one sample."""

    def __init__(self, reader: "TableReader", cells: Cells, collected_on: date | None) -> None:
        self._reader = reader
        self._cells = cells
        self._collected_on = collected_on

    def read(self, lines: Sequence[Line]) -> list[ReadResult]:
        results: list[ReadResult] = []
        maps = self._reader.mapping.results
        for place, columns in enumerate(maps):
            # Several strips of one kind in one row are told apart by their order in the mapping, filled in or not.
            alike = [each.method.constant for each in maps[:place]].count(columns.method.constant)
            for method, run, rows in self._runs(columns, f"results.{place}.", lines):
                result = self._result(columns, f"results.{place}.", method, rows)
                if result is None:
                    name = method.slug
                    self._cells.remarks.append((rows[0].number, _("no result by %(method)s yet") % {"method": name}))
                    continue
                result.key = (method.slug, run, alike, columns.method.constant is None)
                results.append(result)
        return results

    def _runs(
        self, columns: ResultMap, at: str, lines: Sequence[Line]
    ) -> Iterator[tuple[MethodFacts, str, Sequence[Line]]]:
        """The rows of each result: those with one method and one run."""
        runs: dict[tuple[str, str], list[Line]] = {}
        for line in lines:
            written = self._cells.translated(f"{at}method", self._cells.text(line, columns.method))
            if not written:
                continue  # no result in this row
            slug = self._reader.methods.get(fold(written))
            if slug is None:
                self._reader.unknown[f"{at}method", written] += 1
                why = _("“%(text)s” is no method we know") % {"text": written[:40]}
                self._cells.faults.add(line.number, columns.method.column or "method", why)
                continue
            run = said(self._cells.text(line, columns.run))
            runs.setdefault((slug, run), []).append(line)
        for (slug, run), rows in runs.items():
            yield self._reader.known.methods[slug], run, rows

    def _result(self, columns: ResultMap, at: str, method: MethodFacts, lines: Sequence[Line]) -> ReadResult | None:
        """None where the rows say nothing by this method. A fault is noted."""
        cells, plain = self._cells, {"client_id": str(uuid.uuid4()), "method": method.slug}
        outcome = cells.one_of(f"{at}outcome", columns.outcome, "outcome", lines)
        reader = FindingReader(self._reader, cells, method)
        findings = reader.read(columns.findings, at, lines)
        result = ReadResult(bodies.NewResult("", method.slug), lines, (), self._columns(columns), findings)
        body: dict[str, Any] = {**plain}
        if method.family == "strip":
            result.outcome_alone = self._strip(columns, at, lines, outcome, body)
            says_nothing = "control" not in body and "test_line" not in body and not findings
        else:
            body["outcome"] = outcome or _outcome_of(findings, said_nothing=reader.said_nothing)
            says_nothing = body["outcome"] is None
        if says_nothing:
            return None
        if findings:
            body["findings"] = [each.plain for each in findings]
        self._circumstances(columns, at, lines, body)
        result.body = self._converted(body, result)
        return result

    def _strip(self, columns: ResultMap, at: str, lines: Sequence[Line], outcome: str, body: dict[str, Any]) -> str:
        """What the lines showed; where only the outcome is known, that one is given back."""
        control = self._cells.one_of(f"{at}control", columns.control, "control", lines)
        test_line = self._cells.one_of(f"{at}test_line", columns.test_line, "test_line", lines)
        if control:
            body["control"] = control == "yes"
        if test_line:
            body["test_line"] = test_line
        if not outcome:
            return ""
        if control and test_line:
            by_lines = "invalid" if control == "no" else "detected" if test_line == "absent" else "not_detected"
            if outcome != by_lines:
                why = _("is %(outcome)s, and the lines say %(lines)s") % {"outcome": outcome, "lines": by_lines}
                self._cells.faults.add(lines[0].number, self._columns(columns)["outcome"], why)
            return ""
        if outcome not in _LINES_OF:
            why = _("%(outcome)s is for reagents only") % {"outcome": outcome}
            self._cells.faults.add(lines[0].number, self._columns(columns)["outcome"], why)
            return ""
        body["control"], body["test_line"] = _LINES_OF[outcome]
        return outcome

    def _circumstances(self, columns: ResultMap, at: str, lines: Sequence[Line], body: dict[str, Any]) -> None:
        cells = self._cells
        for name in ("performed_on", "completed_on"):
            if day := cells.day(f"{at}{name}", getattr(columns, name), lines):
                body[name] = day.isoformat()
        for name in ("sample_mg", "diluent_ml"):
            number = cells.number(f"{at}{name}", getattr(columns, name), lines)
            if number is not None:
                body[name] = number
        if weighed := cells.one_of(f"{at}weighed", columns.weighed, "weighed", lines):
            body["weighed"] = weighed == "yes"
        if because := cells.one_of(f"{at}chosen_because", columns.chosen_because, "chosen_because", lines):
            body["chosen_because"] = because
        line, lab = cells.one(f"{at}lab", columns.lab, lines)
        if lab:
            slug = self._reader.labs.get(said(lab))
            if slug is None:
                self._reader.unknown[f"{at}lab", lab] += 1
                cells.faults.add(
                    line, self._columns(columns)["lab"], _("“%(text)s” is no lab here") % {"text": lab[:40]}
                )
            else:
                body["lab"] = slug
        self._lot(columns, at, lines, body)

    def _lot(self, columns: ResultMap, at: str, lines: Sequence[Line], body: dict[str, Any]) -> None:
        """A lot is known where both its brand and its number are; a brand alone is no lot."""
        line, brand = self._cells.one(f"{at}lot_brand", columns.lot_brand, lines)
        _line, number = self._cells.one(f"{at}lot_number", columns.lot_number, lines)
        if brand and number:
            body["lot"] = {"brand": brand, "lot": number}
        elif brand or number:
            self._cells.remarks.append((line, _("a lot without its brand or its number is kept as not known")))

    def _converted(self, body: dict[str, Any], result: ReadResult) -> bodies.NewResult:
        try:
            return msgspec.convert(body, bodies.NewResult)
        except msgspec.ValidationError as error:
            path, said_there = where(str(error))
            self._cells.faults.add(result.lines[0].number, result.column_of(path), said_there)
            return result.body

    def _columns(self, columns: ResultMap) -> dict[str, str]:
        names = {name: source.column or name for name in columns.__struct_fields__ if name != "findings"
                 and (source := getattr(columns, name)) is not None}  # fmt: skip
        return {**names, "lot": names.get("lot_number", "lot"), "findings": _("findings")}


def _outcome_of(findings: Sequence[ReadFinding], *, said_nothing: bool) -> str | None:
    """What the findings say together; None where nobody said anything, which is not "not detected"."""
    if any(each.is_detected for each in findings):
        return str(Result.Outcome.DETECTED)
    return str(Result.Outcome.NOT_DETECTED) if findings or said_nothing else None
