"""What became of every row of an import."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

LINES_SHOWN = 20  # of a remark; a rejection is always shown


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row that did not go in."""

    file: str
    line: int
    sample: str  # the programme's own id, as in the file
    why: str


@dataclass(slots=True)
class Remark:
    """Something about rows that did go in."""

    file: str
    text: str
    rows: int = 0
    lines: list[int] = field(default_factory=list)  # the first few


@dataclass(slots=True)
class Tally:
    """Rows by what became of them."""

    read: int = 0
    created: int = 0
    known: int = 0  # in already, and the same: counted as in
    rejected: int = 0

    def as_json(self) -> dict[str, int]:
        return {"read": self.read, "created": self.created, "known": self.known, "rejected": self.rejected}


@dataclass
class Report:
    file_format: str
    site: str
    is_dry_run: bool = False
    is_replay: bool = False
    samples: Tally = field(default_factory=Tally)
    parts: Tally = field(default_factory=Tally)
    parts_are: str = "lab_rows"  # what a sample is made of in this format
    rows: int | None = None  # of a single table; None where a format counts its rows otherwise
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # about the table as a whole
    unknown: list[tuple[str, str, int]] = field(default_factory=list)  # path in the mapping, word, how often
    _remarks: dict[tuple[str, str], Remark] = field(default_factory=dict)

    @property
    def lab_rows(self) -> Tally:
        return self.parts

    @property
    def is_all_in(self) -> bool:
        return not self.rejected

    @property
    def remarks(self) -> list[Remark]:
        return list(self._remarks.values())

    def reject(self, file: str, line: int, sample: str, why: str) -> None:
        self.rejected.append(Rejected(file, line, sample, why))

    def remark(self, file: str, line: int, text: str) -> None:
        remark = self._remarks.setdefault((file, text), Remark(file, text))
        remark.rows += 1
        if len(remark.lines) < LINES_SHOWN:
            remark.lines.append(line)

    def as_json(self) -> dict[str, Any]:
        return {
            "format": self.file_format,
            "site": self.site,
            "dry_run": self.is_dry_run,
            "replay": self.is_replay,
            "samples": self.samples.as_json(),
            self.parts_are: self.parts.as_json(),
            **({} if self.rows is None else {"rows": self.rows}),
            "rejected": [
                {"file": row.file, "line": row.line, "sample": row.sample, "why": row.why} for row in self.rejected
            ],
            "remarks": [
                {"file": each.file, "text": each.text, "rows": each.rows, "lines": each.lines} for each in self.remarks
            ],
            "notes": self.notes,
        }

    def as_text(self) -> Iterable[str]:
        new = "would go in" if self.is_dry_run else "went in"
        for what, tally in (("samples", self.samples), (self.parts_are.replace("_", " "), self.parts)):
            yield (
                f"{tally.read} {what}: {tally.created} {new}, {tally.known} were in already, "
                f"{tally.rejected} did not go in."
            )
        for row in self.rejected:
            yield f"{row.file} line {row.line}, sample {row.sample or '(no id)'}: {row.why}"
        for note in self.notes:
            yield f"Please look: {note}"
        for remark in self.remarks:
            lines = ", ".join(map(str, remark.lines)) + (", ..." if remark.rows > len(remark.lines) else "")
            where = f"1 row (line {lines})" if remark.rows == 1 else f"{remark.rows} rows (lines {lines})"
            yield f"Remark, {remark.file}, {where}: {remark.text}"
