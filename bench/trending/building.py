"""Fills one database for the trends benchmark, and makes the one release that is timed.

Run as a process of its own, with DATABASE_URL leading to a migrated database that is empty but for that.
"""

import argparse
import contextlib
import json
import resource
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

RAW = ("checking_sample", "checking_expected", "checking_result", "checking_finding")
RELEASED = ("checking_releasedsample", "checking_releasedresult", "checking_releasedshare", "checking_releasedexpected",
            "checking_releasedpair", "checking_releasedamount")  # fmt: skip


def build(samples: int, folder: Path, *, recorded_on: date | None = None) -> None:
    """Rows, and the history they make released."""
    from bench.trending import network
    from bench.trending.history import Kept, release_history
    from bench.trending.rows import chunks, write
    from bench.trending.scanning import Parquet

    begun = time.perf_counter()
    made = network.make_network()
    kept = Kept()
    with without_indexes(RELEASED):
        with without_indexes(RAW), Parquet(folder, made) as parquet:
            for chunk in chunks(made, samples, recorded_on=recorded_on):
                for table, columns in chunk.tables.items():
                    write(table, columns)
                parquet.add(chunk)
                kept.add(chunk)
                say(begun, f"{sum(len(each.samples) for each in kept.chunks):,} samples")
        say(begun, "indexed")
        release_history(made, kept, network.RELEASED_ON, asks_differences=False, say=lambda text: say(begun, text))
    settle_down()
    say(begun, f"built; {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")


def say(begun: float, text: str) -> None:
    print(f"{time.perf_counter() - begun:7.1f} s  {text}", flush=True)


@contextlib.contextmanager
def without_indexes(tables: tuple[str, ...]) -> Iterator[None]:
    """Indexes built at once at the end are built in a tenth of the time (PostgreSQL)."""
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        put_back = _drop(cursor, tables)
    yield
    with connection.cursor() as cursor:
        cursor.execute("set maintenance_work_mem = '512MB'")
        for statement in put_back:
            cursor.execute(statement)
        for table in tables:
            cursor.execute(f"analyze {table}")
            if (sequence := _sequence(cursor, table)) is not None:
                cursor.execute(f"select setval('{sequence}', (select coalesce(max(id), 1) from {table}))")


def _drop(cursor: Any, tables: tuple[str, ...]) -> list[str]:
    """Keys first, for others lean on them; what puts everything back, in the other order."""
    names = ", ".join(f"'{table}'::regclass" for table in tables)
    cursor.execute(
        f"""select conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype::text from pg_constraint
            where (conrelid in ({names}) or confrelid in ({names})) and contype in ('f', 'c', 'u', 'p')
            order by position(contype::text in 'fcup')"""
    )
    constraints = cursor.fetchall()
    put_back = []
    for table, name, text, kind in constraints:
        cursor.execute(f'alter table {table} drop constraint "{name}"')
        unasked = " not valid" if kind in "fc" and not text.endswith("NOT VALID") else ""
        put_back.append(f'alter table {table} add constraint "{name}" {text}{unasked}')
    cursor.execute(
        f"select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index where indrelid in ({names})"
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f"drop index {name}")
    return [text for _, text in indexes] + put_back[::-1]


def _sequence(cursor: Any, table: str) -> str | None:
    cursor.execute(
        "select pg_get_serial_sequence(%s, 'id') from information_schema.columns "
        "where table_name = %s and column_name = 'id'",
        [table, table],
    )
    found = cursor.fetchone()
    return found[0] if found else None


def settle_down() -> None:
    """As the database's own housekeeping leaves it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("analyze" if connection.vendor == "sqlite" else "vacuum (analyze)")
        if connection.vendor == "postgresql":
            cursor.execute("checkpoint")


def release_one_day(samples: int) -> dict[str, Any]:
    """One day's samples come in and are released by the real code; seconds, and what it wrote."""
    from bench.trending import network
    from bench.trending.rows import one_day, write
    from checking.models import Area, Network, ReleasedSample, ReleasedShare, Site
    from checking.release import make_release

    areas = {area.slug: area.pk for area in Area.objects.filter(is_release=True).order_by("path")}
    sites: dict[str, list[int]] = {slug: [] for slug in areas}
    for slug, key in Site.objects.order_by("slug").values_list("area__slug", "pk"):
        sites[slug].append(key)
    made = network.Made(areas, sites)
    for table, columns in one_day(made, samples, network.NEXT_DAY).tables.items():
        write(table, columns)
    Network.current()
    begun = time.perf_counter()
    release = make_release(network.NEXT_DAY)
    seconds = time.perf_counter() - begun
    assert release is not None, "nothing was released"
    return {
        "samples": samples,
        "s": round(seconds, 2),
        "units": ReleasedSample.objects.filter(release=release).count(),
        "cells": ReleasedShare.objects.filter(release=release).count(),
    }


def main() -> None:
    import django

    django.setup()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--release-day", type=int)
    asked = parser.parse_args()
    if asked.samples:
        build(asked.samples, asked.folder)
    if asked.release_day:
        print("Release: " + json.dumps(release_one_day(asked.release_day)))


if __name__ == "__main__":
    main()
