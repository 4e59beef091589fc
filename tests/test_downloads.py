"""Whole releases as files: the same numbers in each format, summed, described, and unchanged for ever."""

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from html import unescape

import pyarrow.parquet as pq
import pytest

from checking import downloads
from checking.download_tables import TABLES
from checking.models import (
    Release,
    ReleaseCorrection,
    ReleasedAmount,
    ReleasedPair,
    ReleasedScope,
    ReleasedShare,
    ReleasedStrip,
)
from config.public_tables import PUBLIC_TABLES
from tests.release_rows import make_network

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 2)


@pytest.fixture(autouse=True)
def _network(request) -> None:
    if "live_headsup" in request.fixturenames:
        return
    request.getfixturevalue("db")
    make_network()
    downloads.forget()
    for number in (1, 2):
        Release.objects.create(number=number, made_on=date(2026, 11, 2 + number))
    older = make_cell(7, detected=3, release_id=1, batch=1, superseded_in_id=2)
    make_cell(7, detected=2, release_id=2, batch=1, version=2, period_start=older.period_start)
    make_cell(9, detected=0, release_id=2, batch=2, subject="carfentanil")
    ReleaseCorrection.objects.create(release_id=2, batch=1, series="latest", area="us-pa-allegheny",
                                     period_start=MONDAY, family="lab", reason="withdrawn")  # fmt: skip


def make_cell(tested: int, **said: object) -> ReleasedShare:
    return ReleasedShare.objects.create(**{
        "series": "latest", "area": "us-pa-allegheny", "subject": "xylazine", "family": "lab", "material": "product",
        "period_start": MONDAY, "tested": tested, "version": 1, **said,
    })  # fmt: skip


def make_circumstances(**said: object) -> None:
    """A scope that began and ended again, and a strip that has a brand, of one area."""
    for week, is_opened in ((date(2026, 8, 3), True), (MONDAY, False)):
        ReleasedScope.objects.create(
            area="us-pa-allegheny", family="lab", subject="xylazine", week=week, is_opened=is_opened, **said
        )
    ReleasedStrip.objects.create(
        area="us-pa-allegheny", subject="fentanyl", quarter=date(2026, 7, 1), brand="Brand A", lot="", **said
    )


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_csv_and_parquet_hold_the_same_numbers(client):
    ReleasedPair.objects.create(
        release_id=2, batch=2, area="us-pa-allegheny", period_start=date(2026, 7, 1), family="lab", one="fentanyl",
        other="xylazine", tested=40, with_one=30, with_other=20, both_low=16, both_high=20,
    )  # fmt: skip
    ReleasedAmount.objects.create(
        release_id=2, batch=2, area="us-pa-allegheny", period_start=date(2026, 7, 1), family="lab", subject="mdma",
        kind="mg_per_unit", basis="salt:hydrochloride", portion="whole", measured=24, lower=Decimal(130),
        median=Decimal("162.5"), upper=Decimal(190), over="120:19-19 200:0-4",
    )  # fmt: skip
    make_circumstances(release_id=2)
    for name in (table.name for table in TABLES):
        lines = rows(client.get(f"/data/2/{name}.csv").getvalue())
        table = pq.read_table(io.BytesIO(client.get(f"/data/2/{name}.parquet").getvalue())).to_pylist()

        assert [{column: str(value) for column, value in row.items()} for row in table] == lines
        assert lines or name == "expected"


def test_every_released_table_is_a_file():
    released = {name for name in PUBLIC_TABLES if name.startswith("checking_release")}

    assert {table.model._meta.db_table for table in TABLES} == released - {"checking_release"}


def test_what_changed_around_the_figures_goes_with_them_from_the_release_that_told_it(client):
    make_circumstances(release_id=2)

    assert rows(client.get("/data/1/scopes.csv").getvalue()) == rows(client.get("/data/1/strips.csv").getvalue()) == []
    scopes = rows(client.get("/data/2/scopes.csv").getvalue())
    assert [(row["week_start"], row["is_opened"]) for row in scopes] == [
        ("2026-08-03", "True"),
        ("2026-11-02", "False"),
    ]
    (strip,) = rows(client.get("/data/2/strips.csv").getvalue())
    assert (strip["release"], strip["substance"], strip["brand"], strip["lot"]) == ("2", "fentanyl", "Brand A", "")


def test_a_release_holds_what_held_then_and_a_later_one_the_correction(client):
    first, second = (rows(client.get(f"/data/{number}/shares.csv").getvalue()) for number in (1, 2))

    assert [(row["substance"], row["tested"], row["detected"], row["version"]) for row in first] == [
        ("xylazine", "7", "3", "1")
    ]
    assert {(row["substance"], row["tested"], row["detected"], row["version"]) for row in second} == {
        ("xylazine", "7", "2", "2"),
        ("carfentanil", "9", "0", "1"),
    }
    assert rows(client.get("/data/1/corrections.csv").getvalue()) == []
    assert rows(client.get("/data/2/corrections.csv").getvalue())[0]["reason"] == "withdrawn"


def test_later_releases_do_not_change_a_byte_of_earlier_files(client):
    before = {name: client.get(f"/data/2/{name}").getvalue() for name in downloads.NAMES}
    Release.objects.create(number=3, made_on=date(2026, 11, 9))
    make_cell(11, detected=1, release_id=3, batch=3)
    ReleasedShare.objects.filter(subject="carfentanil").update(superseded_in=3)
    downloads.forget()

    assert {name: client.get(f"/data/2/{name}").getvalue() for name in downloads.NAMES} == before
    assert len(rows(client.get("/data/3/shares.csv").getvalue())) == 2


def test_the_package_says_version_sums_and_every_column(client):
    package = json.loads(client.get("/data/2/datapackage.json").getvalue())

    assert (package["version"], package["created"], len(package["resources"])) == ("2", "2026-11-04", 2 * len(TABLES))
    for file in package["resources"]:
        content = client.get(f"/data/2/{file['path']}").getvalue()
        assert file["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert file["bytes"] == len(content)
        said = [field["name"] for field in file["schema"]["fields"]]
        assert all(field["description"] for field in file["schema"]["fields"])
        if file["format"] == "csv":
            assert content.decode().splitlines()[0] == ",".join(said)
        else:
            assert pq.read_schema(io.BytesIO(content)).names == said


def test_the_page_shows_sums_and_says_what_figures_are_not(client):
    page = client.get("/data/")
    text = unescape(page.content.decode())

    for file in downloads.package_of(Release.objects.get(number=2))["resources"]:
        assert file["hash"].removeprefix("sha256:") in text
    assert "not a random draw" in text
    assert not page.cookies
    assert b"<script" not in page.content


def test_the_last_release_is_found_without_knowing_its_number(client):
    answer = client.get("/data/latest/shares.csv")

    assert (answer.status_code, answer["Location"]) == (302, "/data/2/shares.csv")


def test_what_was_fetched_once_is_not_sent_again(client):
    for address in ("/data/", "/data/2/shares.csv"):
        first = client.get(address)
        first.getvalue()  # a stream that is not read stays open
        assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert "immutable" in first["Cache-Control"]


@pytest.mark.parametrize(
    "address", ["/data/9/shares.csv", "/data/2/samples.csv", "/data/2/..", "/data/latest/secret_key"]
)
def test_there_are_no_other_files(client, address):
    assert client.get(address).status_code == 404


def test_before_the_first_release_the_page_says_so(client):
    ReleaseCorrection.objects.all().delete()
    ReleasedShare.objects.all().delete()
    Release.objects.all().delete()

    assert "No figures yet." in client.get("/data/").content.decode()
    assert client.get("/data/latest/shares.csv").status_code == 404


def test_many_rows_are_written_in_pieces(client, monkeypatch):
    monkeypatch.setattr(downloads, "_ROWS_AT_ONCE", 1)
    downloads.forget()

    assert pq.read_table(io.BytesIO(client.get("/data/2/shares.parquet").getvalue())).num_rows == 2


RELEASED = """
from datetime import date
from checking.models import Release, ReleasedShare
from config.public_tables import PUBLIC_TABLES
from tests.release_rows import make_network
make_network()
release = Release.objects.create(number=1, made_on=date(2026, 11, 3))
ReleasedShare.objects.create(
    series="latest", area="us-pa-allegheny", subject="xylazine", family="lab", material="product", batch=1,
    period_start=date(2026, 11, 2), tested=31, detected=7, release=release)
"""


@pytest.mark.servers
@pytest.mark.django_db(databases=[])
def test_the_examples_on_the_page_run(live_headsup, tmp_path):
    server = live_headsup(script=RELEASED)
    fetched = subprocess.run(["curl", "-sSf", f"{server.url}/data/"], capture_output=True, text=True, check=True)
    example = {
        name: unescape(re.search(f'<pre id="with-{name}">(.*?)</pre>', fetched.stdout, re.DOTALL)[1])
        for name in ("curl", "python")
    }

    by_curl = subprocess.run(["bash", "-ec", example["curl"]], cwd=tmp_path, capture_output=True, text=True)
    by_python = subprocess.run([sys.executable, "-c", example["python"]], capture_output=True, text=True)

    assert by_curl.returncode == 0, by_curl.stderr
    assert rows((tmp_path / "shares.csv").read_bytes())[0]["tested"] == "31"
    assert "2026-W45,7,31,0.2258" in by_curl.stdout
    assert by_python.returncode == 0, by_python.stderr
    assert "shares.parquet" in by_python.stdout
