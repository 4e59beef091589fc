"""Bringing a table in by the browser: seen before it goes in, done beside the request, and gone afterwards."""

import logging
import re
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from alerts.models import AlertEvent, Signal
from checking.importing import mapping, uploads
from checking.models import ColumnMapping, Finding, Membership, Result, Sample, Upload
from tests.factories import make_person, make_site, make_vocabulary
from tests.table_files import HEADER, MAPPING, ROW, as_text, row, write_workbook

Role = Membership.Role
NAME = "Ben Miller's list 555-0100.csv"
STEPS = {
    "step": "check",
    "layout": "wide",
    "sample_id": "No",
    "collected_on": "Date",
    "collected_on-format": "DD/MM/YYYY",
}
CHOSEN = STEPS | {
    "expected": "Sold as", "expected-separators": ";", "form": "Form", "r0-is": "gc-ms", "r0-f0-substance": "Found",
    "r0-f0-separators": ";",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _private_spool(settings, tmp_path: Path, monkeypatch) -> None:
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.SPOOL_DIR.mkdir(mode=0o700)
    # In a test's transaction no thread sees its rows: the work is done at once instead.
    monkeypatch.setattr(uploads, "run_apart", uploads.work)


@pytest.fixture
def harbour(db):
    make_vocabulary()
    return make_site("harbour")


@pytest.fixture
def chemist(harbour) -> Client:
    return signed_in(make_person("eve", Role.CHEMIST, harbour))


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, content: str | bytes, *, site: str = "harbour", name: str = NAME):
    raw = content.encode() if isinstance(content, str) else content
    return client.post("/staff/import/", {"site": site, "table": SimpleUploadedFile(name, raw)})


def sent(client: Client, *rows, header=HEADER) -> str:
    """The address of a table that was sent."""
    answer = send(client, as_text(rows or [ROW], header))
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def page(client: Client, address: str) -> str:
    return re.sub(r"\s+", " ", client.get(address).content.decode())


# The whole way


def test_a_table_goes_from_the_file_to_samples(chemist):
    address = sent(chemist, row(No="1"), row(No="2", Found="xylazine"))
    assert "fentanyl; caffeine" in page(chemist, address)  # its first rows

    chemist.post(address, CHOSEN)
    assert Sample.objects.count() == 0
    assert "<strong>2</strong> samples would go in" in page(chemist, address)

    chemist.post(f"{address}begin/")

    assert "<strong>2</strong> samples went in" in page(chemist, address)
    assert (Sample.objects.filter(entry="import").count(), Finding.objects.count()) == (2, 3)
    assert (Result.objects.waiting().count(), Signal.objects.count(), AlertEvent.objects.count()) == (0, 0, 0)


def test_a_workbook_goes_in_the_same_way(chemist, tmp_path):
    file = write_workbook(tmp_path / "table.xlsx", [HEADER, ROW])
    address = send(chemist, file.read_bytes(), name="x.xlsx")["Location"]

    chemist.post(address, CHOSEN)
    chemist.post(f"{address}begin/")

    assert Sample.objects.count() == 1


def test_columns_are_suggested_by_their_names_and_dates_are_asked(chemist):
    shown = page(chemist, sent(chemist, row(Date="03/04/2024")))

    assert '<option value="No" selected>' in shown
    assert '<option value="Sold as" selected>' in shown
    assert '<option value="Found" selected>' in shown
    assert "Date: DD/MM/YYYY, MM/DD/YYYY" in shown
    assert not re.search(r'<option value="(DD|MM)/[^"]*" selected', shown)


def test_dates_nobody_explained_keep_the_check_from_beginning(chemist):
    address = sent(chemist)

    answer = chemist.post(address, {**CHOSEN, "collected_on-format": ""})

    assert answer.status_code == 400
    assert "say how the dates are written" in answer.content.decode()
    assert Upload.objects.get().state == "mapping"


def test_columns_are_kept_by_name_and_preselected_the_next_time(chemist, harbour):
    chemist.post(sent(chemist), {**CHOSEN, "name": "counter sheet"})

    shown = page(chemist, sent(chemist))

    assert ColumnMapping.objects.get(site=harbour, name="counter sheet").changed_by.username == "eve"
    assert '<option value="DD/MM/YYYY" selected>' in shown
    assert mapping.load(harbour, "counter sheet") == mapping.from_plain(MAPPING)


def test_what_the_page_has_no_field_for_is_kept_from_the_saved_columns(chemist, harbour):
    saved = MAPPING | {"form": {"column": "Form", "words": {"goo": "liquid"}}, "header_row": 1}
    mapping.save(mapping.from_plain(saved), site=harbour, name="sheet")
    address = sent(chemist, row(Form="goo"))

    chemist.post(address, {**CHOSEN, "name": "sheet"})
    chemist.post(f"{address}begin/")

    assert Sample.objects.get().form == "liquid"
    assert mapping.load(harbour, "sheet").form.words == {"goo": "liquid"}


def test_words_are_explained_on_the_page_and_kept(chemist, harbour):
    address = sent(chemist, row(Form="goo", Found="fentanylle"))
    chemist.post(address, {**CHOSEN, "name": "sheet"})
    shown = page(chemist, address)
    asked = dict(re.findall(r'<label for="(w\d+)">means</label><(select|input)', shown))
    assert sorted(asked.values()) == ["input", "select"]
    assert "perhaps fentanyl" in shown
    meanings = {name: "liquid" if kind == "select" else "fentanyl" for name, kind in asked.items()}

    chemist.post(f"{address}words/", meanings)

    assert "<strong>1</strong> samples would go in" in page(chemist, address)
    assert mapping.load(harbour, "sheet").form.words == {"goo": "liquid"}


def test_rejected_rows_are_shown_downloaded_mended_and_sent_again(chemist):
    address = sent(chemist, row(No="1"), row(No="2", Date="?"))
    chemist.post(address, {**CHOSEN, "name": "sheet"})
    assert "Row 3, 2:</strong> Date: “?” is no date as DD/MM/YYYY" in page(chemist, address)
    chemist.post(f"{address}begin/")

    rejected = chemist.get(f"{address}rejected/")

    assert rejected["Content-Disposition"] == 'attachment; filename="rejected.csv"'
    again = send(chemist, rejected.content.replace(b"?", b"19/03/2024", 1))["Location"]
    chemist.post(again, CHOSEN)
    chemist.post(f"{again}begin/")
    assert Sample.objects.count() == 2


def test_a_title_above_the_header_is_told_on_the_page(chemist):
    address = send(chemist, "Our list,,,,\n" + as_text([ROW]))["Location"]

    chemist.post(address, {"step": "layout", "layout-header_row": "2"})
    shown = page(chemist, address)

    assert '<th scope="col">Sold as</th>' in shown
    chemist.post(address, CHOSEN)
    assert "<strong>1</strong> samples would go in" in page(chemist, address)


def test_the_pages_speak_spanish(chemist):
    address = sent(chemist, row(No="1"), row(No="2", Date="?"))
    chemist.post(f"{address}?lang=es", CHOSEN)

    shown = page(chemist, f"{address}?lang=es")

    assert "muestras entrarían" in shown
    assert "Fila 3, 2:</strong> Date: «?» no es una fecha como DD/MM/YYYY" in shown


# How far it is


def test_while_it_is_worked_on_the_page_says_how_far_and_refreshes_itself(chemist, monkeypatch):
    monkeypatch.setattr(uploads, "run_apart", lambda *anything: None)
    address = sent(chemist)
    chemist.post(address, CHOSEN)
    Upload.objects.update(done=3, total=9)

    shown = page(chemist, address)

    assert 'max="9" value="3"' in shown
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in shown
    assert chemist.get(f"{address}progress/").json() == {"working": True, "done": 3, "total": 9}


def test_two_taps_begin_it_once(chemist, monkeypatch):
    begun = []
    address = sent(chemist)
    chemist.post(address, CHOSEN)
    monkeypatch.setattr(uploads, "run_apart", lambda *anything: begun.append(anything))

    chemist.post(f"{address}begin/")
    chemist.post(f"{address}begin/")

    assert len(begun) == 1


def test_nothing_goes_in_that_was_not_checked(chemist):
    address = sent(chemist)

    chemist.post(f"{address}begin/")

    assert (Upload.objects.get().state, Sample.objects.count()) == ("mapping", 0)


def test_what_a_restart_cut_off_is_gone_on_with(chemist, monkeypatch):
    address = sent(chemist)
    chemist.post(address, CHOSEN)
    monkeypatch.setattr(uploads, "run_apart", lambda *anything: None)
    chemist.post(f"{address}begin/")
    Upload.objects.update(worked_at=timezone.now() - timedelta(minutes=5))
    assert "This was cut off" in page(chemist, address)
    monkeypatch.setattr(uploads, "run_apart", uploads.work)

    chemist.post(f"{address}begin/")

    assert (Upload.objects.get().state, Sample.objects.count()) == ("done", 1)


def test_a_fault_of_ours_is_told_and_can_be_begun_again(chemist, monkeypatch, caplog):
    address = sent(chemist, row(Sold_as="secret word"))

    def broken(*anything, **named):
        raise RuntimeError("secret word")

    monkeypatch.setattr(uploads, "import_table", broken)
    with caplog.at_level(logging.DEBUG):
        chemist.post(address, CHOSEN)

    assert Upload.objects.get().state == "failed"
    assert "safe to begin again" in page(chemist, address)
    assert "RuntimeError" in caplog.text
    assert "secret word" not in caplog.text


# Who may


def test_only_a_chemist_or_coordinator_of_the_site_comes_in(harbour):
    riverside = make_site("riverside")
    people = {
        "chemist": signed_in(make_person("eve", Role.CHEMIST, harbour)),
        "coordinator": signed_in(make_person("ada", Role.COORDINATOR, harbour)),
        "collector": signed_in(make_person("ben", Role.COLLECTOR, harbour)),
        "reviewer": signed_in(make_person("rea", Role.REVIEWER)),
        "nobody": Client(),
    }

    codes = {who: client.get("/staff/import/").status_code for who, client in people.items()}

    assert codes == {"chemist": 200, "coordinator": 200, "collector": 403, "reviewer": 403, "nobody": 302}
    assert send(people["chemist"], as_text([ROW]), site=riverside.slug).status_code == 404
    assert 'href="/staff/import/"' not in people["collector"].get("/staff/").content.decode()


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ""), ("post", ""), ("get", "rejected/"), ("get", "progress/"), ("post", "begin/"), ("post", "delete/"),
     ("post", "words/")],
)  # fmt: skip
def test_tables_of_another_site_are_not_there(chemist, method, path):
    address = sent(chemist)
    other = signed_in(make_person("oto", Role.CHEMIST, make_site("riverside")))

    assert getattr(other, method)(f"{address}{path}").status_code == 404
    assert Upload.objects.count() == 1


# What is kept


def test_the_spool_is_private_the_name_is_dropped_and_the_table_goes_when_it_is_in(chemist, settings):
    address = sent(chemist)
    upload = Upload.objects.get()
    folder = uploads.folder(upload)
    kept = " ".join(str(value) for value in vars(upload).values())
    assert (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(folder.parent.stat().st_mode)) == (0o700, 0o700)
    assert "Miller" not in kept + " ".join(str(path) for path in settings.SPOOL_DIR.rglob("*"))

    chemist.post(address, CHOSEN)
    chemist.post(f"{address}begin/")

    assert not uploads.table_of(upload).exists()
    assert b"Miller" not in b"".join(path.read_bytes() for path in folder.iterdir())


def test_after_a_day_all_of_it_is_gone(chemist, settings):
    sent(chemist)
    stray = settings.SPOOL_DIR / "tmpx.upload"
    stray.write_text("x")

    assert uploads.remove_old(timezone.now() + timedelta(hours=23)) == 0
    assert uploads.remove_old(timezone.now() + timedelta(hours=25)) == 1

    assert Upload.objects.count() == 0
    assert [path for path in settings.SPOOL_DIR.rglob("*") if path.name != "imports"] == []


def test_a_table_is_deleted_when_somebody_says_so(chemist):
    address = sent(chemist)
    folder = uploads.folder(Upload.objects.get())

    chemist.post(f"{address}delete/")

    assert (Upload.objects.count(), folder.exists()) == (0, False)


def test_nothing_of_a_table_is_logged(chemist, caplog):
    with caplog.at_level(logging.DEBUG):
        address = sent(chemist, row(No="SECRET-1", Sold_as="secret word", Date="?"))
        chemist.post(address, CHOSEN)
        chemist.post(f"{address}begin/")

    assert "SECRET" not in caplog.text.upper()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "one that is not empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1x", "old Excel file"),
        (b"%PDF-1.7\0", "neither CSV nor .xlsx"),
    ],
)
def test_what_is_no_table_is_refused_at_once_and_not_kept(chemist, content, said):
    answer = send(chemist, content)

    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert Upload.objects.count() == 0


def test_a_table_that_is_too_large_is_refused(chemist, settings):
    settings.IMPORT_MAX_MB = 1

    answer = send(chemist, b"No,A\n" + b"1,x\n" * 300_000)

    assert (answer.status_code, Upload.objects.count()) == (400, 0)
    assert "larger than 1 MB" in answer.content.decode()


def test_a_site_does_not_fill_the_disk(chemist, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_WAITING", 2)
    sent(chemist)
    sent(chemist)

    assert send(chemist, as_text([ROW])).status_code == 400
    assert Upload.objects.count() == 2


def test_cells_are_shown_as_text(chemist):
    assert "<script>alert" not in page(chemist, sent(chemist, row(Sold_as="<script>alert(1)</script>")))


@pytest.mark.django_db(transaction=True)
def test_a_real_thread_does_the_work_and_closes_what_it_opened(settings, monkeypatch):
    import threading

    monkeypatch.undo()
    make_vocabulary()
    chemist = signed_in(make_person("eve", Role.CHEMIST, make_site("harbour")))
    address = sent(chemist)
    for step in (lambda: chemist.post(address, CHOSEN), lambda: chemist.post(f"{address}begin/")):
        step()
        for thread in threading.enumerate():
            if thread.name == "import":
                thread.join(timeout=60)

    assert (Upload.objects.get().state, Sample.objects.count()) == ("done", 1)
