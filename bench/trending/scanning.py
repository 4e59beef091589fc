"""The yardstick: DuckDB over Parquet files of the same rows, scanned for the same question."""

import importlib.util
import statistics
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from .network import Made, first_day
from .rows import FAMILIES, Chunk, compositions

QUESTION = """
select date_trunc('week', r.completed_on) as week, count(*), count(f.result)
from '{folder}/results-*.parquet' r
left join (select distinct result from '{folder}/findings-*.parquet' where substance = '{substance}') f
    on f.result = r.result
where r.family = 'lab' and r.material = 'product' {area}
group by 1 order by 1
"""


class Parquet:
    """Writes the rows as columns: results with where, when and what of; findings by result."""

    def __init__(self, folder: Path, made: Made) -> None:
        from checking.models import Substance

        self.folder = folder
        self.areas = np.array(made.slugs)
        self.known = compositions()
        slugs = dict(Substance.objects.values_list("pk", "slug"))
        self.slugs = np.array([slugs.get(pk, "") for pk in range(max(slugs) + 1)])
        self.results = self.chunks = 0

    def __enter__(self) -> "Parquet":
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass

    def add(self, chunk: Chunk) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        numbers = np.arange(self.results, self.results + len(chunk.results))
        of = chunk.of_sample
        results = {
            "result": numbers,
            "area": self.areas[chunk.area[of]],
            "family": np.array(FAMILIES)[chunk.method],
            "material": np.where(chunk.residue[of], "residue", "product"),
            "completed_on": np.datetime64(first_day()) + chunk.day[of] + 2,
        }
        named = self.known.substances[chunk.composition]
        is_there = (named >= 0) & (np.arange(5) < np.array([5, 2, 0])[chunk.method][:, None])
        findings = {"result": numbers[np.nonzero(is_there)[0]], "substance": self.slugs[named[is_there]]}
        for name, columns in (("results", results), ("findings", findings)):
            parquet.write_table(pa.table(columns), self.folder / f"{name}-{self.chunks:03}.parquet")
        self.results += len(numbers)
        self.chunks += 1


def scan(folder: Path, substance: str, area: str, *, times: int = 5) -> dict[str, Any]:
    """Milliseconds of the middle scan after one to warm up, and how many were tested; or that it is not there."""
    if importlib.util.find_spec("duckdb") is None:
        return {"duckdb_ms": "not measured: duckdb is not installed"}
    import duckdb

    within = f"and r.area = '{area}'" if area else ""
    question = QUESTION.format(folder=folder, substance=substance, area=within)
    rows = duckdb.sql(question).fetchall()
    waits = []
    for _ in range(times):
        begun = time.perf_counter()
        rows = duckdb.sql(question).fetchall()
        waits.append(time.perf_counter() - begun)
    return {
        "duckdb_ms": round(1000 * statistics.median(waits), 1),
        "tested": sum(row[1] for row in rows),
        "detected": sum(row[2] for row in rows),
    }
