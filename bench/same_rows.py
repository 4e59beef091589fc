"""The same rows as a bulk stored, put in by the fastest plain road of the database: the limit."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from tests.servers import PROJECT

# In a process of its own, as the server is: reads what was stored, empties the tables, and puts the
# rows back with a commit every 1,000 samples.
MEASURE = """
import json, time
from django.db import connection
from bench.same_rows import put_back, read_out

connection.ensure_connection()
groups = read_out({samples})
print("Limit: " + json.dumps(put_back(groups)))
"""


@dataclass(frozen=True)
class Limit:
    name: str
    per_second: float


def rows_per_second(env: Mapping[str, str], *, samples: int) -> Limit:
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", MEASURE.format(samples=samples)]
    done = subprocess.run(command, cwd=PROJECT, env=dict(env), capture_output=True, text=True, check=True)
    name, rate = json.loads(done.stdout.split("Limit: ")[1])
    return Limit(name, rate)


TABLES = ("checking_sample", "checking_expected", "checking_result", "checking_finding")
OWNERS = {
    "checking_sample": "id in ({ids})",
    "checking_expected": "sample_id in ({ids})",
    "checking_result": "sample_id in ({ids})",
    "checking_finding": "result_id in (select id from checking_result where sample_id in ({ids}))",
}
SAMPLES_PER_COMMIT = 1000

Group = dict[str, list[tuple[object, ...]]]


def read_out(samples: int) -> tuple[list[Group], dict[str, list[str]]]:
    """The rows of so many samples, in groups that are committed together, and the columns of each table."""
    from django.db import connection

    groups: list[Group] = []
    columns: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute("select id from checking_sample where entry = 'bulk' limit %s", [samples])
        ids = [row[0] for row in cursor.fetchall()]
        for start in range(0, len(ids), SAMPLES_PER_COMMIT):
            some = ids[start : start + SAMPLES_PER_COMMIT]
            marks = ", ".join(["%s"] * len(some))
            group: Group = {}
            for table in TABLES:
                cursor.execute(f"select * from {table} where {OWNERS[table].format(ids=marks)}", some)
                columns[table] = [column[0] for column in cursor.description]
                group[table] = list(cursor.fetchall())
            groups.append(group)
    return groups, columns


def put_back(read: tuple[list[Group], dict[str, list[str]]]) -> tuple[str, float]:
    """Empties the tables and puts the rows in again; what by, and how many samples a second."""
    import time

    from django.db import connection

    groups, columns = read
    _empty()
    raw = connection.connection
    begun = time.perf_counter()
    for group in groups:
        if connection.vendor == "postgresql":
            _copy(raw, group, columns)
        else:
            _executemany(raw, group, columns)
    seconds = time.perf_counter() - begun
    samples = sum(len(group["checking_sample"]) for group in groups)
    return ("COPY" if connection.vendor == "postgresql" else "executemany"), samples / seconds


def _empty() -> None:
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("truncate checking_sample cascade")
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys=OFF")
        for table in reversed(TABLES):
            cursor.execute(f"delete from {table}")
        cursor.execute("PRAGMA foreign_keys=ON")


def _copy(raw: object, group: Group, columns: dict[str, list[str]]) -> None:
    with raw.transaction(), raw.cursor() as cursor:  # type: ignore[attr-defined]
        for table in TABLES:
            with cursor.copy(f"copy {table} ({', '.join(columns[table])}) from stdin") as copy:
                for row in group[table]:
                    copy.write_row(row)


def _executemany(raw: object, group: Group, columns: dict[str, list[str]]) -> None:
    cursor = raw.cursor()  # type: ignore[attr-defined]
    cursor.execute("begin immediate")
    for table in TABLES:
        marks = ", ".join("?" * len(columns[table]))
        cursor.executemany(f"insert into {table} ({', '.join(columns[table])}) values ({marks})", group[table])
    cursor.execute("commit")
