"""Files as the UNC lab writes them, made small: say only what the test is about."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

AREAS = """slug,name,kind,parent,population,codes,release,speaks_for
us-pa-allegheny,Allegheny,county,us-pa,1250578,fips=42003,yes,us-pa
us-pa-beaver,Beaver,county,us-pa,168215,fips=42007,yes,us-pa
us-pa,Pennsylvania,state,us,13002700,abbr=PA|fips=42,,
us,United States,country,,331449281,,,
us-va,Virginia,state,us,8631393,abbr=VA,,
us-va-franklin,Franklin,county,us-va,54477,,yes,us-va
"""
CARD = {
    "sampleid": "100", "program": "made_up", "county": "Allegheny County", "state": "PA", "date_collect": "03Mar2024",
    "sampletype": "spatula", "expectedsubstance": "fentanyl", "color": "white", "texture": "powder",
    "overdose": "not overdose related", "date_complete": "19Mar2024",
}  # fmt: skip
DETAIL = {
    "sampleid": "100", "substance": "fentanyl", "pubchemcid": "", "cas": "", "unii": "", "abundance": "",
    "method": "GCMS", "date_complete": "19mar2024",
}  # fmt: skip


def card(**other: str) -> dict[str, str]:
    return CARD | other


def detail(substance: str = "fentanyl", **other: str) -> dict[str, str]:
    return DETAIL | {"substance": substance} | other


def write(file: Path, rows: Iterable[Mapping[str, str]], columns: Iterable[str]) -> Path:
    with file.open("w", newline="", encoding="utf-8") as text:
        writer = csv.DictWriter(text, list(columns))
        writer.writeheader()
        writer.writerows(rows)
    return file


def write_files(folder: Path, cards: Iterable[Mapping[str, str]], details: Iterable[Mapping[str, str]]) -> list[Path]:
    return [write(folder / "samples.csv", cards, CARD), write(folder / "lab_detail.csv", details, DETAIL)]


def load_places(folder: Path) -> None:
    areas = folder / "areas.csv"
    areas.write_text(AREAS, encoding="utf-8")
    call_command("load_areas", areas, stdout=io.StringIO())


def bring_in(files: Iterable[Path], *, site: str = "harbour", **options: Any) -> tuple[int, dict[str, Any]]:
    """The exit code and the report; the report is empty where the files could not be used."""
    said = io.StringIO()
    code = 0
    try:
        call_command(
            "import_results", *map(str, files), file_format="unc", site=site, json=True, stdout=said, **options
        )
    except CommandError as error:
        code = error.returncode
    return code, json.loads(said.getvalue() or "{}")


def bring_in_real(shared: Path, programme: str, *, site: str) -> tuple[int, dict[str, Any]]:
    """A real programme's history, read where it lies."""
    folder = shared / "data" / "real" / "unc_mit"
    return bring_in([folder / f"{programme}_samples.csv", folder / f"{programme}_lab_detail.csv"], site=site)
