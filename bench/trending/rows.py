"""Made-up samples, results and findings, a column at a time: the same for the same seed.

Skewed as drug checking is: a few compositions make most samples, and a few hundred make the rest. Six of ten
samples go to a laboratory (GC-MS), the others under FTIR, some of them with a fentanyl strip beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from .network import DAYS, Made, first_day

SEED = 20261118
CHUNK = 500_000  # samples in memory at a time
COMPOSITIONS = 400
LAB, FTIR, FTIR_AND_STRIP = 0, 1, 2
FAMILIES = ("lab", "spectroscopy", "strip")
METHODS = ("gc-ms", "ftir", "fentanyl-strip")
MAINS = ("fentanyl", "cocaine", "methamphetamine", "heroin", "mdma", "ketamine", "alprazolam", "lsd", "2c-b")
CUTS = ("caffeine", "xylazine", "lidocaine", "levamisole", "medetomidine", "paracetamol", "procaine", "4-anpp",
        "phenacetin", "diphenhydramine", "tetracaine", "mannitol", "bromazolam")  # fmt: skip
STRIP_CLASS = "fentanyl_type_opioid"

Columns = dict[str, Any]  # of one table: an array, or one value for all rows


@dataclass
class Compositions:
    """What can be in a sample, with how often it is."""

    substances: np.ndarray  # keys, most of a sample first; -1 where there are fewer
    shares: np.ndarray
    has_fentanyl: np.ndarray
    expected: np.ndarray  # key of what each main part is taken for


@dataclass
class Chunk:
    """Samples, and what the release makes of them. Arrays are of one entry a sample, or a result."""

    samples: np.ndarray  # ids, 16 bytes
    area: np.ndarray  # place among the network's areas
    site: np.ndarray  # place among the area's sites
    day: np.ndarray  # since the first; collected on it
    residue: np.ndarray
    expected: np.ndarray  # key of a substance
    results: np.ndarray  # ids, 16 bytes
    of_sample: np.ndarray  # place of the result's sample in this chunk
    method: np.ndarray  # place in METHODS
    composition: np.ndarray  # of each result
    tables: dict[str, Columns]


def compositions() -> Compositions:
    from checking.models import Substance

    random = np.random.default_rng(SEED)
    known = dict(Substance.objects.values_list("slug", "pk"))
    fentanyls = set(Substance.objects.filter(substance_class__slug=STRIP_CLASS).values_list("pk", flat=True))
    mains = [known[slug] for slug in MAINS if slug in known]
    cuts = [known[slug] for slug in CUTS if slug in known]
    rare = sorted(set(known.values()) - {*mains, *cuts})[:60]
    others = np.array([*cuts, *rare])
    weights = 1 / np.arange(1, len(others) + 1)
    table = np.full((COMPOSITIONS, 5), -1)
    for row in table:
        row[0] = mains[min(len(mains) - 1, int(random.exponential(2.0)))]
        many = int(random.integers(0, 5))
        row[1 : 1 + many] = random.choice(others, many, replace=False, p=weights / weights.sum())
    shares = 1 / np.arange(1, COMPOSITIONS + 1) ** 0.9
    return Compositions(
        substances=table,
        shares=shares / shares.sum(),
        has_fentanyl=np.array([any(int(pk) in fentanyls for pk in row) for row in table]),
        expected=table[:, 0].copy(),
    )


def chunks(made: Made, many: int, *, recorded_on: date | None = None, first: int = 0) -> Iterator[Chunk]:
    """History of so many samples. `recorded_on`: all came in that day; None: each the day after it was complete."""
    known = compositions()
    for number, start in enumerate(range(0, many, CHUNK), first):
        yield _chunk(
            made, known, np.random.default_rng([SEED, number]), min(CHUNK, many - start), recorded_on, "import"
        )


def one_day(made: Made, many: int, on: date) -> Chunk:
    """What comes in on one day, sample by sample."""
    chunk = _chunk(made, compositions(), np.random.default_rng([SEED, 10**6]), many, on, "single")
    for columns in (chunk.tables["checking_sample"], chunk.tables["checking_result"]):
        columns |= {name: on for name in ("collected_on", "performed_on", "completed_on") if name in columns}
    return chunk


def _chunk(
    made: Made, known: Compositions, random: np.random.Generator, many: int, recorded_on: date | None, entry: str
) -> Chunk:
    areas = len(made.areas)
    busier = 1 / np.arange(1, areas + 1) ** 0.5  # the busiest area has five times what the quietest has
    area = random.choice(areas, many, p=busier / busier.sum())
    site = random.choice(3, many, p=[0.5, 0.3, 0.2])
    day = random.integers(0, DAYS - 2, many)
    kind = random.choice(3, many, p=[0.6, 0.25, 0.15])
    composition = random.choice(COMPOSITIONS, many, p=known.shares)
    of_sample = np.concatenate([np.arange(many), np.flatnonzero(kind == FTIR_AND_STRIP)])
    method = np.concatenate([np.where(kind == LAB, 0, 1), np.full(int((kind == FTIR_AND_STRIP).sum()), 2)])
    small = np.int32  # ten million samples stay in memory until they are released
    chunk = Chunk(
        samples=_ids(random, many), area=area.astype(np.int8), site=site.astype(np.int8), day=day.astype(small),
        residue=random.random(many) < 0.15, expected=known.expected[composition].astype(small),
        results=_ids(random, len(of_sample)), of_sample=of_sample.astype(small), method=method.astype(small),
        composition=composition[of_sample].astype(small), tables={},
    )  # fmt: skip
    chunk.tables = _tables(made, known, chunk, recorded_on, entry)
    return chunk


def _ids(random: np.random.Generator, many: int) -> np.ndarray:
    """Version 4, as the product's own."""
    found = np.frombuffer(random.bytes(16 * many), dtype=np.uint8).reshape(many, 16).copy()
    found[:, 6] = found[:, 6] & 0x0F | 0x40
    found[:, 8] = found[:, 8] & 0x3F | 0x80
    return found


def in_hex(ids: np.ndarray) -> np.ndarray:
    return np.frombuffer(ids.tobytes().hex().encode(), dtype="S32")


def _tables(made: Made, known: Compositions, chunk: Chunk, recorded_on: date | None, entry: str) -> dict[str, Columns]:
    from checking.models import Method

    keys = dict(Method.objects.values_list("slug", "pk"))
    sites = np.array([made.sites[slug] for slug in made.slugs])[chunk.area, chunk.site]
    days = np.datetime64(first_day()) + chunk.day
    complete = days + 2
    came_in = complete + 1 if recorded_on is None else np.full(len(days), np.datetime64(recorded_on))
    recorded = came_in.astype("datetime64[s]") + 36_000  # at ten
    samples, results = in_hex(chunk.samples), in_hex(chunk.results)
    of = chunk.of_sample
    is_strip = chunk.method == METHODS.index("fentanyl-strip")
    reacts = is_strip & known.has_fentanyl[chunk.composition]
    return {
        "checking_sample": {
            "id": samples, "site_id": sites, "area_id": np.array(list(made.areas.values()))[chunk.area],
            "geo_basis": "site", "collected_on": days, "form": "powder",
            "carrier": np.where(chunk.residue, "cooker", "bag"),
            "material": np.where(chunk.residue, "residue", "product"), "colours": "[]", "imprint": "", "share": True,
            "is_contaminated": False, "entry": entry, "recorded_at": recorded, "client_hash": samples,
            "body_hash": samples,
        },
        "checking_expected": {"sample_id": samples, "written": "", "substance_id": chunk.expected},
        "checking_result": {
            "id": results, "sample_id": samples[of], "method_id": np.array([keys[m] for m in METHODS])[chunk.method],
            "lab_id": sites[of], "site_id": sites[of],
            "outcome": np.where(is_strip & ~reacts, "not_detected", "detected"), "performed_on": complete[of],
            "completed_on": complete[of], "chosen_because": "all",
            "test_line": np.where(is_strip, np.where(reacts, "absent", "clear"), ""),
            "control": True, "is_weighed": False, "correction_reason": "", "entry": entry,
            "recorded_at": recorded[of], "client_hash": results, "body_hash": results,
        },
        "checking_finding": _findings(known, chunk, results, reacts),
    }  # fmt: skip


def _findings(known: Compositions, chunk: Chunk, results: np.ndarray, reacts: np.ndarray) -> Columns:
    from checking.models import SubstanceClass

    widths = np.array([5, 2, 0])[chunk.method]  # FTIR names the two largest parts
    named = known.substances[chunk.composition]
    is_there = (named >= 0) & (np.arange(5) < widths[:, None])
    strips = np.flatnonzero(reacts)
    substance = np.concatenate([named[is_there].astype(float), np.full(len(strips), np.nan)])
    of_class = np.concatenate([np.full(int(is_there.sum()), np.nan), np.full(len(strips), 0.0)])
    of_class[np.isfinite(of_class)] = SubstanceClass.objects.get(slug=STRIP_CLASS).pk
    return {
        "result_id": np.concatenate([results[np.nonzero(is_there)[0]], results[strips]]),
        "substance_id": substance, "substance_class_id": of_class, "is_detected": True,
        "identity": np.where(np.isnan(of_class), "exact", "class_only"), "amount_kind": "", "rank": "", "basis": "",
        "portion": "", "limit_unit": "",
    }  # fmt: skip


# Writing


def write(table: str, columns: Columns) -> int:
    """Put the rows in by the fastest plain road of the database; how many they were."""
    from django.db import connection

    rows = _as_table(columns)
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        _copy(connection, table, rows)
    else:
        _insert(connection, table, rows)
    return int(rows.num_rows)


def _as_table(columns: Columns) -> Any:
    import pyarrow as pa

    many = max(len(values) for values in columns.values() if isinstance(values, np.ndarray | list))
    found = {}
    for name, values in columns.items():
        if isinstance(values, np.ndarray):
            kind = pa.string() if values.dtype.kind in "SU" else None
            values = values.astype(str) if values.dtype.kind == "U" else values
            array = pa.array(values, from_pandas=True)
            if values.dtype.kind == "f":
                array = array.cast(pa.int64())
            found[name] = array.cast(kind) if kind else array
        else:
            found[name] = values if isinstance(values, list) else pa.repeat(values, many)
    return pa.table(found)


def _copy(connection: Any, table: str, rows: Any) -> None:
    """Hashes are 32 bytes made of an id twice: nothing asks what is in them."""
    import io

    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    for place, name in enumerate(rows.column_names):
        if name.endswith("_hash"):
            text = rows.column(name)
            rows = rows.set_column(place, name, pc.binary_join_element_wise(pa.scalar("\\x"), text, text, ""))
    out = io.BytesIO()
    csv.write_csv(rows, out, csv.WriteOptions(include_header=False))
    names = ", ".join(rows.column_names)
    with connection.cursor() as cursor, cursor.copy(f"copy {table} ({names}) from stdin (format csv)") as copy:
        copy.write(out.getbuffer())


def _insert(connection: Any, table: str, rows: Any) -> None:
    columns: Sequence[Any] = [
        [bytes.fromhex(value * 2) for value in rows.column(name).to_pylist()]
        if name.endswith("_hash")
        else [str(value) if isinstance(value, date) else value for value in rows.column(name).to_pylist()]
        for name in rows.column_names
    ]
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"insert into {table} ({', '.join(rows.column_names)}) values ({marks})", list(zip(*columns, strict=True))
        )
