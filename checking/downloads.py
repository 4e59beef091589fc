"""Whole releases as files: CSV and Parquet, with a data package that holds codebook, checksums and version.

Files are written once, when the first reader asks, beside nothing private. What held in a release
never changes, so neither do its files: the same bytes wherever and whenever they are made.
"""

import csv
import hashlib
import json
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings

from . import floors
from .download_tables import TABLES, Table
from .models import Release
from .networks import is_simulated
from .trend_files import harmless

PACKAGE = "datapackage.json"  # Frictionless Data Package 1.0 (specs.frictionlessdata.io)
NAMES = (PACKAGE, *(f"{table.name}.{kind}" for table in TABLES for kind in ("csv", "parquet")))
NOTE = (
    "These are samples people chose to have checked here. They are not a random draw of the supply, of doses, or of "
    "people. For health only. Not evidence, not for enforcement."
)
_ROWS_AT_ONCE = 20_000  # held in memory, and in one group of rows of a Parquet file
_KEPT_AT_MOST = 12  # releases whose files stay on disk; others are written again when asked for
_FORMAT = 3  # goes up when the files change, so that old ones are not taken for new ones
_writing = threading.Lock()
_folders: dict[int, Path] = {}


def folder_of(release: Release) -> Path:
    """The folder with all files of a release; written first where it is not there."""
    with _writing:
        folder = _folders.get(release.number)
        if folder is None or not folder.is_dir():
            folder = _folders[release.number] = _written(release)
        return folder


def forget() -> None:
    """Look at what was released anew next time."""
    _folders.clear()


def package_of(release: Release) -> dict[str, Any]:
    package: dict[str, Any] = json.loads((folder_of(release) / PACKAGE).read_bytes())
    return package


def _written(release: Release) -> Path:
    """Written aside and moved into place whole: another process may be writing the same."""
    parent = Path(settings.DATA_DIR) / "downloads"
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix="new-") as name:
        aside = Path(name) / "files"
        aside.mkdir()
        for table in TABLES:
            _write(table, release.number, aside)
        content = json.dumps(_package(release, aside), indent=1, ensure_ascii=False).encode()
        (aside / PACKAGE).write_bytes(content)
        # Named by what is in it: two databases may share a data folder, as in a restore.
        folder = parent / f"{release.number}-{hashlib.sha256(content).hexdigest()[:16]}"
        if not folder.is_dir():
            aside.replace(folder)
    _forget_old(parent, folder)
    return folder


def _forget_old(parent: Path, kept: Path) -> None:
    made = sorted((each for each in parent.glob("[0-9]*-*") if each != kept), key=lambda each: each.stat().st_mtime)
    for folder in made[: max(0, len(made) - _KEPT_AT_MOST + 1)]:
        shutil.rmtree(folder, ignore_errors=True)


def _write(table: Table, number: int, folder: Path) -> None:
    # Here, not above: most processes never write a file.
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {
        "string": pa.string(), "integer": pa.int32(), "number": pa.float64(), "date": pa.date32(),
        "boolean": pa.bool_(),
    }  # fmt: skip
    schema = pa.schema([(column.name, types[column.type]) for column in table.columns])
    with (
        (folder / f"{table.name}.csv").open("w", newline="", encoding="utf-8") as out,
        pq.ParquetWriter(folder / f"{table.name}.parquet", schema, compression="zstd") as parquet,
    ):
        lines = csv.writer(out)
        lines.writerow([column.name for column in table.columns])
        for rows in _chunks(table.rows(number)):
            lines.writerows([harmless(value) for value in row] for row in rows)
            columns = zip(*rows, strict=True)
            arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
            parquet.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _chunks(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    remaining = iter(rows)
    while chunk := list(islice(remaining, _ROWS_AT_ONCE)):
        yield chunk


def _package(release: Release, folder: Path) -> dict[str, Any]:
    return {
        "profile": "data-package",
        "name": f"headsup-release-{release.number}",
        "title": f"Release {release.number} of {release.made_on.isoformat()}",
        "description": NOTE,
        "version": str(release.number),
        "created": release.made_on.isoformat(),
        "format_version": _FORMAT,
        "simulated": is_simulated(),
        "floors": floors.stated(),
        "resources": [_resource(table, kind, folder) for table in TABLES for kind in ("csv", "parquet")],
    }


def _resource(table: Table, kind: str, folder: Path) -> dict[str, Any]:
    file = folder / f"{table.name}.{kind}"
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return {
        "name": f"{table.name}-{kind}",
        "path": file.name,
        "format": kind,
        "mediatype": "text/csv" if kind == "csv" else "application/vnd.apache.parquet",
        "bytes": file.stat().st_size,
        "hash": f"sha256:{digest}",
        "description": table.says,
        "schema": {
            "fields": [
                {"name": column.name, "type": column.type, "description": column.says} for column in table.columns
            ]
        },
    }
