"""Tables as sites send them, made small, and mappings that read them: say only what the test is about."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from openpyxl import Workbook

HEADER = ("No", "Date", "Sold as", "Form", "Found")
ROW = ("A-1", "18/03/2024", "cocaine", "powder", "fentanyl; caffeine")
MAPPING: dict[str, Any] = {
    "sample_id": {"column": "No"},
    "collected_on": {"column": "Date", "date_format": "DD/MM/YYYY"},
    "expected": {"column": "Sold as", "separators": ";"},
    "form": {"column": "Form"},
    "results": [
        {"method": {"constant": "gc-ms"}, "findings": [{"substance": {"column": "Found", "separators": ";"}}]},
    ],
}  # fmt: skip
# A table with a row for each finding, and no more than it needs.
LONG: dict[str, Any] = {
    "layout": "long",
    "sample_id": {"column": "No"},
    "collected_on": {"column": "Date", "date_format": "YYYY-MM-DD"},
    "results": [
        {
            "method": {"column": "Method"},
            "performed_on": {"column": "Read", "date_format": "YYYY-MM-DD"},
            "findings": [{"substance": {"column": "Found"}}],
        }
    ],
}


def mapped(**other: Any) -> dict[str, Any]:
    return MAPPING | other


def finding(**amount: Any) -> dict[str, Any]:
    """A mapping whose column "Found" names the substance, and "Amount" says how much."""
    found = {"substance": {"column": "Found"}, "amount": {"column": "Amount"}, "kind": {"constant": "percent_w_w"}}
    return mapped(results=[{"method": {"constant": "gc-ms"}, "findings": [found | amount]}])


def row(*, header: Sequence[str] = HEADER, **other: str) -> list[str]:
    said = dict(zip(HEADER, ROW, strict=True)) | {name.replace("_", " "): text for name, text in other.items()}
    return [said.get(name, "") for name in header]


def as_text(rows: Iterable[Sequence[str]], header: Sequence[str] = HEADER, *, delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return text.getvalue()


def write(folder: Path, *rows: Sequence[str], header: Sequence[str] = HEADER, name: str = "table.csv") -> Path:
    file = folder / name
    file.write_text(as_text(rows, header), encoding="utf-8", newline="")
    return file


def write_workbook(file: Path, rows: Iterable[Sequence[Any]], *, formats: dict[str, str] | None = None) -> Path:
    """An Excel workbook; `formats` maps cells such as B2 to how their numbers are shown."""
    book = Workbook()
    sheet = book.active
    for each in rows:
        sheet.append(list(each))
    for cell, shown_as in (formats or {}).items():
        sheet[cell].number_format = shown_as
    book.save(file)
    return file


def repack(file: Path, *, put: dict[str, bytes]) -> Path:
    """The workbook with parts of its own added or replaced."""
    with zipfile.ZipFile(file) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in (parts | put).items():
            packed.writestr(name, content)
    return file


def bring_in(
    file: Path, mapping: dict[str, Any] | str | None = None, *, site: str = "harbour", **options: Any
) -> tuple[int, dict[str, Any]]:
    """The exit code and the report; the report is empty where the file could not be used."""
    named = mapping if isinstance(mapping, str) else str(file.with_name("mapping.json"))
    if not isinstance(mapping, str):
        Path(named).write_text(json.dumps(MAPPING if mapping is None else mapping), encoding="utf-8")
    said, code = io.StringIO(), 0
    try:
        call_command(
            "import_results",
            str(file),
            file_format="generic",
            site=site,
            mapping=named,
            json=True,
            stdout=said,
            **options,
        )
    except CommandError as error:
        code = error.returncode
        bring_in.said = str(error)  # type: ignore[attr-defined]  # for a test that reads it
    return code, json.loads(said.getvalue() or "{}")


def reasons(report: dict[str, Any]) -> str:
    return " | ".join(each["why"] for each in report["rejected"])


def remarks(report: dict[str, Any]) -> str:
    return " | ".join([*report["notes"], *(each["text"] for each in report["remarks"])])
