"""Exact rows: for a purpose, by who showed anew who they are, on record before a byte goes, and never what may not."""

import csv
import hashlib
import io
import json
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.http import HttpResponse
from django.test import AsyncRequestFactory, Client

from alerts.views import exports
from checking import area_tree, exporting, live_rows
from checking.export_rows import COLUMNS
from checking.models import Area, Export, Finding, Note, OverdoseReport, Sample, Site
from checking.people import make_link
from checking.readings import SampleRead
from tests.analysing import also_at, analyst, checked, code_now, signed_in, signed_in_now, with_second_factor
from tests.factories import PASSWORD, make_vocabulary
from tests.release_rows import TODAY, make_network, make_sample, named

pytestmark = pytest.mark.django_db
NEW = "/staff/exports/new/"
PURPOSE = "Weekly look at sedatives for the county"
DAYS = {"from": (TODAY - timedelta(days=90)).isoformat(), "to": TODAY.isoformat()}


@pytest.fixture(scope="module", autouse=True)
def _vocabulary(django_db_setup, django_db_blocker) -> None:
    with django_db_blocker.unblock():
        make_vocabulary()


@pytest.fixture(autouse=True)
def network() -> dict[str, Site]:
    exports.password_tries.forget()
    cache.clear()  # codes used, and tries
    with time_machine.travel(f"{TODAY}T12:00:00Z", tick=False):
        yield make_network()


@pytest.fixture
def nora() -> Client:
    return signed_in_now(analyst())


def take(client: Client, **written: str) -> HttpResponse:
    said = {"rows": "findings", "purpose": PURPOSE, **DAYS, **written}
    return client.post(NEW, {name.rstrip("_"): value for name, value in said.items()})


def content(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.content.decode()
    return b"".join(answer.streaming_content)


def lines_of(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode())))


def rows_of(file: bytes) -> list[dict[str, str]]:
    header, *rows = lines_of(file)[exporting.REMARKS :]
    return [dict(zip(header, row, strict=True)) for row in rows]


def with_findings(site: str, *findings: dict[str, Any], **said: Any) -> Sample:
    """A sample whose lab said more of what it found than its name."""
    sample = checked(site, result={"outcome": "detected"}, **said)
    for finding in findings:
        more = {name: value for name, value in finding.items() if name != "slug"}
        Finding.objects.create(result=sample.results.get(), **named(finding["slug"]), **more)
    return sample


TRACE = {"slug": "xylazine", "amount_kind": "relative", "rank": "trace"}


def refused(answer: HttpResponse, words: str, status: int = 400) -> None:
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert not answer.streaming
    assert not Export.objects.exists()


# What goes out


def test_each_finding_is_a_row_with_its_sample_its_result_and_its_export(nora):
    with_findings("harbour", TRACE, expected=("heroin",), carrier="bag")

    answer = take(nora)
    (row,) = rows_of(content(answer))

    export = Export.objects.get()
    assert answer["Export-Id"] == str(export.pk)
    assert row.pop("export") == str(export.pk)
    assert len(row.pop("sample")) == 20
    assert {name: value for name, value in row.items() if value} == {
        "collected_on": "2026-09-19", "collected_as": "day", "site": "harbour", "area": "us-pa-allegheny",
        "expected": "heroin", "form": "powder", "carrier": "bag", "material": "product", "result": "1",
        "lab": "harbour", "method": "gc-ms", "family": "lab", "performed_on": "2026-09-22", "outcome": "detected",
        "in_control": "yes", "finding": "xylazine", "detected": "yes", "identity": "exact", "counts": "yes",
        "amount_kind": "relative", "rank": "trace", "basis": "unknown",
    }  # fmt: skip


def test_amounts_and_limits_go_out_as_the_lab_said_them(nora):
    with_findings(
        "harbour",
        {"slug": "xylazine", "amount_kind": "percent_w_w", "value": "4.10", "low": "3.7", "high": 100, "basis": "base"},
        {"slug": "fentanyl", "is_detected": False, "limit_value": 0.5, "limit_unit": "% w/w"},
    )

    rows = {row["finding"]: row for row in rows_of(content(take(nora)))}

    amount = [rows["xylazine"][name] for name in ("amount_kind", "value", "low", "high", "basis")]
    assert amount == ["percent_w_w", "4.1", "3.7", "100", "base"]
    assert [rows["fentanyl"][name] for name in ("detected", "limit", "limit_unit")] == ["no", "0.5", "% w/w"]


def test_each_sample_is_a_row_where_samples_are_asked_for(nora):
    with_findings("harbour", TRACE, {"slug": "fentanyl"})
    make_sample("riverside", collected_on=TODAY)  # no result yet

    one, other = rows_of(content(take(nora, rows="samples")))

    assert (one["methods"], one["found"], one["found_only_as_trace"]) == ("gc-ms", "fentanyl | xylazine", "xylazine")
    assert (other["site"], other["methods"], other["found"]) == ("riverside", "", "")


def test_the_columns_are_these_and_each_is_in_the_codebook(nora):
    never = ("overdose", "note", "code", "disposition", "client", "hash", "written", "entered", "recorded", "because",
             "imprint", "colour", "size", "mass", "lot", "id", "reason")  # fmt: skip
    checked("harbour")
    for kind in ("findings", "samples"):
        header = lines_of(content(take(nora, rows=kind)))[exporting.REMARKS]
        codebook = list(csv.reader(io.StringIO(nora.get(f"/staff/exports/codebook/{kind}.csv").content.decode())))

        assert header == [column.name for column in COLUMNS[kind]] == [name for name, _ in codebook[1:]]
        assert not [name for name in header for word in never if word in name.split("_")]
    assert nora.get("/staff/exports/codebook/people.csv").status_code == 404


def _hex(id: Any) -> str:
    return str(id.hex)


def test_what_may_not_go_out_is_nowhere_in_the_file(nora):
    looks = {"imprint": "ZEBRA", "colours": ["mauve"], "mass_mg": 7777.5}
    sample = checked("harbour", "xylazine", overdose=False, result={"sample_mg": 31337}, **looks)
    Note.objects.create(sample=sample, text="QUAGGA", recorded_at=datetime.now(UTC))
    sample.expected.update(written="OKAPI")
    file = content(take(nora)) + content(take(nora, rows="samples"))

    hidden = [
        "ZEBRA",
        "mauve",
        "7777",
        "QUAGGA",
        "31337",
        "OKAPI",
        str(sample.pk),
        sample.pk.hex,
        "2026-11-18T12:00:00Z",
    ]
    hidden += [str(result.pk) for result in sample.results.all()] + [bytes(sample.client_hash).hex()]
    assert not [word for word in hidden if word.encode() in file]


def test_a_sample_linked_to_an_overdose_is_not_in_it_nor_is_that_another_is_not(nora):
    checked("harbour", "xylazine", overdose=True)
    checked("harbour", "xylazine", overdose=False)
    checked("harbour", "xylazine")

    asked, not_asked = rows_of(content(take(nora)))

    assert {name: value for name, value in asked.items() if name != "sample"} == {
        name: value for name, value in not_asked.items() if name != "sample"
    }
    assert OverdoseReport.objects.count() == 2


def test_who_did_not_want_to_be_counted_is_not_in_it(nora):
    checked("harbour", share=False)
    checked("harbour", is_contaminated=True)
    Site.objects.filter(slug="hill").update(is_training=True)
    checked("hill")

    refused(take(nora), "No sample is like this")


def test_why_a_result_was_run_shows_only_in_whether_it_counts(nora):
    checked("harbour", "xylazine", result={"chosen_because": "harm"})
    checked("harbour", "xylazine", result={"chosen_because": "strip_positive"})

    file = content(take(nora))

    assert [row["counts"] for row in rows_of(file)] == ["no", "no"]
    assert b"harm" not in file
    assert b"strip_positive" not in file


def test_names_of_samples_tie_rows_of_one_file_and_no_two_files(nora):
    checked("harbour", "xylazine", "fentanyl")

    one, two = (rows_of(content(take(nora))) for _ in range(2))

    assert one[0]["sample"] == one[1]["sample"]
    assert one[0]["sample"] != two[0]["sample"]


def test_within_a_day_rows_stand_in_no_order_of_ours(nora):
    for _ in range(12):
        checked("harbour")

    orders = {tuple(row["sample"] for row in rows_of(content(take(nora)))) for _ in range(2)}

    assert all(list(order) == sorted(order) for order in orders)


def test_after_a_year_a_day_is_its_week_whether_the_row_was_coarsened_or_not(nora):
    checked("harbour", collected_on=date(2025, 11, 14))
    checked("harbour", collected_on=TODAY - timedelta(days=365))

    rows = rows_of(content(take(nora, from_="2025-01-01")))

    assert [(row["collected_on"], row["collected_as"]) for row in rows] == [
        ("2025-11-10", "week"), ("2025-11-18", "day"),
    ]  # fmt: skip


@pytest.mark.parametrize("formula", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(nora, formula):
    with_findings("harbour", {**TRACE, "basis": formula, "limit_unit": formula})
    file = content(take(nora, purpose="What for, =1+1, and so on"))

    (row,) = rows_of(file)
    assert (row["basis"], row["limit_unit"]) == (f"'{formula}", f"'{formula}")
    # A remark is one cell that begins with a number sign, whatever stands in it.
    assert [line[0][:2] for line in lines_of(file)[: exporting.REMARKS]] == ["# "] * exporting.REMARKS
    assert {len(line) for line in lines_of(file)[: exporting.REMARKS]} == {1}
    assert {line[:3] for line in file.splitlines()[: exporting.REMARKS]} == {b'"# '}  # also where cells end at a ";"


# On record


def test_the_record_says_who_when_what_for_how_much_and_of_which_file(nora):
    checked("harbour", "xylazine", "fentanyl")
    checked("riverside")

    file = content(take(nora, expected="cocaine", area="us-pa", purpose=f"  {PURPOSE}\n"))

    export = Export.objects.get()
    assert (export.made_by.username, export.made_at.isoformat()) == ("nora", "2026-11-18T12:00:00+00:00")
    assert export.purpose == PURPOSE
    assert export.asked == {"rows": "findings", "area": "us-pa", "expected": "cocaine", **DAYS}
    assert (export.samples, export.rows) == (2, 3) == (2, len(rows_of(file)))
    assert export.sha256 == hashlib.sha256(file).hexdigest()
    assert sorted(export.sites.values_list("slug", flat=True)) == ["harbour", "riverside"]
    said = [line[0] for line in lines_of(file)[: exporting.REMARKS]]
    assert said[:3] == [
        f"# Headsup export {export.pk}", "# Made 2026-11-18T12:00:00+00:00 by nora", f"# Purpose: {PURPOSE}",
    ]  # fmt: skip


def test_it_is_on_record_before_a_byte_goes_out(nora, monkeypatch):
    checked("harbour")
    seen = []
    send = exports._sent
    monkeypatch.setattr(
        exports, "_sent", lambda *said: seen.append(Export.objects.get(pk=said[1].pk).sha256) or send(*said)
    )

    answer = take(nora)

    assert seen == [Export.objects.get().sha256]
    assert content(answer)


def test_without_a_record_nothing_goes_out(nora, monkeypatch):
    checked("harbour")
    monkeypatch.setattr(exporting, "_record", lambda *_, **__: (_ for _ in ()).throw(DatabaseError("disk full")))
    nora.raise_request_exception = False

    answer = take(nora)

    assert answer.status_code == 500
    assert not answer.streaming


def test_a_record_is_never_changed(nora):
    checked("harbour")
    content(take(nora))

    for column, value in (("purpose", "another one"), ("rows", 0), ("sha256", ""), ("asked", {})):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            Export.objects.update(**{column: value})


def test_the_record_is_seen_by_oneself_and_by_coordinators_of_sites_in_it(nora):
    checked("harbour")
    content(take(nora))
    users = {
        "nora": nora,
        "network": signed_in(analyst("ada", role="coordinator")),
        "harbour": signed_in(analyst("bea", "harbour", role="coordinator")),
        "riverside": signed_in(analyst("cy", "riverside", role="coordinator")),
        "analyst": signed_in(analyst("ona")),
    }

    seen = {name: PURPOSE in client.get("/staff/exports/").content.decode() for name, client in users.items()}

    assert seen == {"nora": True, "network": True, "harbour": True, "riverside": False, "analyst": False}


def test_what_is_held_of_a_day_says_who_took_rows_of_it_out(nora):
    checked("harbour", days_ago=20)
    content(take(nora, to=(TODAY - timedelta(days=10)).isoformat()))

    def said(site: str, days_ago: int) -> list[dict[str, Any]]:
        out = io.StringIO()
        call_command("disclose", f"--site={site}", f"--day={TODAY - timedelta(days=days_ago)}", stdout=out)
        return json.loads(out.getvalue())["exported"]

    (export,) = said("harbour", 20)
    assert (export["made_by"], export["purpose"], export["rows"]) == ("nora", PURPOSE, 1)
    assert said("harbour", 5) == said("riverside", 20) == []


# Who, how often, and shown anew


def test_who_signed_in_a_while_ago_gives_the_password_and_a_code_again():
    checked("harbour")
    client = signed_in(with_second_factor(analyst()))

    assert 'type="password"' in client.get(NEW).content.decode()
    refused(take(client), "That is not your password.")
    refused(take(client, password="harbour lights by day", code=code_now()), "That is not your password.")
    refused(take(client, password=PASSWORD, code="000000"), "Incorrect code.")
    assert content(take(client, code=code_now()))  # the password was right just now
    page = client.get(NEW).content.decode()
    assert 'type="password"' not in page
    assert 'name="code"' not in page
    assert content(take(client))  # it was shown a moment ago


def test_nobody_takes_rows_out_without_a_second_factor():
    checked("harbour")
    client = Client()
    analyst()
    client.post("/staff/sign-in/", {"login": "nora", "password": PASSWORD})

    page = client.get(NEW).content.decode()
    assert "/staff/second/?next=/staff/exports/new/" in page
    assert "Put it on record" not in page
    refused(take(client, password=PASSWORD, code=code_now()), "Set up a second factor first", 403)


def test_after_a_quarter_of_an_hour_both_are_asked_for_again(nora):
    checked("harbour")
    with time_machine.travel(f"{TODAY}T12:14:59Z", tick=False):
        assert nora.get(NEW).content.decode().count('type="password"') == 0
    with time_machine.travel(f"{TODAY}T12:15:01Z", tick=False):
        refused(take(nora), "That is not your password.")
        refused(take(nora, password=PASSWORD), "Write the code that your app shows.")


def test_a_code_that_was_used_is_used_up():
    checked("harbour")
    user = with_second_factor(analyst())
    assert content(take(signed_in(user), password=PASSWORD, code=code_now()))

    answer = take(signed_in(user), password=PASSWORD, code=code_now())

    assert answer.status_code == 400
    assert "Incorrect code." in answer.content.decode()


def test_a_link_that_works_once_stands_for_the_password_and_not_for_the_code():
    checked("harbour")
    user = with_second_factor(analyst())
    user.set_unusable_password()
    user.save()
    by_link, without = Client(), signed_in(user)
    by_link.post("/staff/link/" + make_link(user).rstrip("/").rsplit("/", 1)[-1] + "/")

    refused(take(without, password="", code=code_now()), "Set a password first")
    refused(take(by_link), "Write the code that your app shows.")
    assert content(take(by_link, code=code_now()))


def test_guessing_the_password_is_soon_over():
    client = signed_in(with_second_factor(analyst()))
    checked("harbour")
    for _ in range(5):
        refused(take(client, password="a guess"), "That is not your password.")

    refused(take(client, password=PASSWORD), "That was many tries.", 429)


def test_guessing_codes_is_soon_over():
    client = signed_in(with_second_factor(analyst()))
    checked("harbour")
    for number in range(5):
        refused(take(client, password=PASSWORD, code=f"00000{number}"), "Incorrect code.")

    refused(take(client, password=PASSWORD, code=code_now()), "Too many failed login attempts")


def test_ten_in_a_day_are_enough(nora):
    checked("harbour")
    for _ in range(exporting.A_DAY):
        content(take(nora))

    answer = take(nora)

    assert answer.status_code == 429
    assert "You made 10 exports in a day. Please wait until tomorrow." in answer.content.decode()
    assert Export.objects.count() == 10
    assert content(take(signed_in_now(analyst("ona"))))  # another person's are their own
    with time_machine.travel(f"{TODAY + timedelta(days=1)}T12:00:01Z", tick=False):
        assert content(take(signed_in_now(analyst())))


def test_of_two_at_once_the_eleventh_is_not_recorded(nora, monkeypatch):
    checked("harbour")
    user = analyst()
    write = exporting._write

    def meanwhile(*said: Any) -> None:
        """While this file is written, ten others are finished."""
        write(*said)
        if not Export.objects.exists():
            for _ in range(exporting.A_DAY):
                Export.objects.create(
                    made_at=datetime.now(UTC), made_by=user, purpose=PURPOSE, asked={}, first_on=TODAY, last_on=TODAY,
                    samples=1, rows=1, sha256="",
                )  # fmt: skip

    monkeypatch.setattr(exporting, "_write", meanwhile)

    assert take(nora).status_code == 429
    assert Export.objects.count() == 10


# Refusals


@pytest.mark.parametrize("purpose", ["", "because", " " * 20, "x" * 301])
def test_without_a_stated_purpose_nothing_goes_out(nora, purpose):
    checked("harbour")

    refused(take(nora, purpose=purpose), "Say it in 10 to 300 characters.")


def test_a_purpose_that_could_tell_who_a_person_is_is_not_kept(nora):
    checked("harbour")

    refused(take(nora, purpose="For rob at example dot com about last week"), "This could tell who a person is")


@pytest.mark.parametrize(
    "wrong",
    [{"rows": "people"}, {"from_": "bad"}, {"to": "2026-12-31"}, {"area": "nowhere"}, {"site": "nowhere"},
     {"expected": "no such thing"}, {"family": "reagent"}, {"material": "hope"}, {"area": "\x00"}],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_at_its_field(nora, wrong):
    checked("harbour")

    refused(take(nora, **wrong), 'role="alert"')


def test_a_purpose_holds_no_hidden_signs(nora):
    checked("harbour")
    content(take(nora, purpose="Weekly look\x00 at\u202e sedatives"))

    assert Export.objects.get().purpose == "Weekly look at sedatives"


def test_more_samples_than_a_file_may_hold_are_refused(nora, monkeypatch):
    monkeypatch.setattr(exporting, "MOST_SAMPLES", 1)
    checked("harbour")
    checked("harbour")

    refused(take(nora), "That is more than 1 samples")


def test_an_analyst_of_one_site_takes_out_that_sites_rows(network):
    checked("harbour")
    checked("riverside")

    rows = rows_of(content(take(signed_in_now(analyst("nora", "harbour")))))

    assert [row["site"] for row in rows] == ["harbour"]


def test_rows_of_a_self_governing_community_go_out_by_its_own_people_alone(nora):
    Area.objects.filter(slug="us-va").update(governed_by="A community")
    area_tree.forget()
    checked("harbour")
    checked("mill")
    checked("harbour", area="us-va-roanoke")

    theirs = signed_in_now(also_at(analyst("ona"), "mill"))

    assert [row["area"] for row in rows_of(content(take(nora)))] == ["us-pa-allegheny"]
    assert len(rows_of(content(take(theirs)))) == 3
    assert "Of these communities nothing goes out:" in nora.get(NEW).content.decode()
    assert "Of these communities nothing goes out:" not in theirs.get(NEW).content.decode()


# Size


def test_however_many_rows_memory_stays_flat(monkeypatch):
    user = analyst()
    checked("harbour", "xylazine")
    (one,) = live_rows.read(Sample.objects.all())

    def peak(many: int) -> int:
        monkeypatch.setattr(exporting, "read", lambda _: (one for _ in range(many)))
        tracemalloc.start()
        _, file = exporting.make_export(
            exporting.Wanted(TODAY - timedelta(days=90), TODAY), by=user, purpose=PURPOSE, reach=exports.reach_of(user)
        )
        file.close()
        at_most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return at_most

    peak(600)  # what is loaded once
    few, many = peak(1_000), peak(10_000)

    assert many < 1.2 * few + 100_000


async def test_served_asynchronously_it_is_sent_in_pieces_too():
    file = io.BytesIO(b"x" * 200_000)
    answer = exports._sent(AsyncRequestFactory().get(NEW), Export(pk=uuid4()), file)

    assert [len(piece) async for piece in answer] == [65536, 65536, 65536, 3392]
    answer.close()
    assert file.closed


def test_samples_are_read_some_hundreds_at_a_time(monkeypatch):
    for _ in range(5):
        checked("harbour")
    asked: list[int] = []
    read = live_rows.read_samples

    def spied(ids: list[Any]) -> list[SampleRead]:
        asked.append(len(ids))
        return read(ids)

    monkeypatch.setattr(live_rows, "READ_AT_ONCE", 2)
    monkeypatch.setattr(live_rows, "read_samples", spied)

    assert len(list(live_rows.read(Sample.objects.all()))) == 5
    assert asked == [2, 2, 1]
