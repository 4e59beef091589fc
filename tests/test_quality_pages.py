"""The pages of quality control: what a person enters there, what it does, and who may."""

import io
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from alerts import doubted_evidence
from api.authentication import make_key
from checking import lots
from checking.models import (
    Attachment,
    KitLot,
    LotMark,
    Membership,
    QualityCheck,
    QualityPlan,
    Result,
    Sample,
    SecondReading,
    WorklistDismissal,
)
from checking.reading_rows import read_samples
from config.bodies import FILE_MOST, limit_of
from tests.alerting import STRIP_WORDS, publish
from tests.factories import make_areas, make_person, make_site, make_vocabulary, submit, today
from tests.sending import lab_body, sample_body, strip_body
from tests.test_attaching import DIFDUP, jcamp, png, with_words

Role = Membership.Role
LOT = {"brand": "BTNX", "lot": "D1234"}


@pytest.fixture
def harbour(db):
    make_vocabulary()
    return make_site("harbour")


@pytest.fixture
def riverside(harbour):
    return make_site("riverside")


@pytest.fixture
def cleo(harbour):
    return signed_in(make_person("cleo", Role.CHEMIST, harbour))


@pytest.fixture
def ben(harbour):
    return signed_in(make_person("ben", Role.COLLECTOR, harbour))


@pytest.fixture
def dee(riverside):
    return signed_in(make_person("dee", Role.CHEMIST, riverside))


@pytest.fixture
def rosa(harbour):
    return signed_in(make_person("rosa", Role.REVIEWER))


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


CHECK = {"site": "harbour", "method": "gc-ms", "kind": "blank", "passed": "no", "done_on": ""}


def check(client: Client, **changes):
    return client.post("/staff/quality/check/", {**CHECK, "done_on": today().isoformat(), **changes})


def strip_in_cocaine(site, **other) -> Result:
    receipt = submit(sample_body(strip_body(lot=LOT), **other), site)
    return Result.objects.get(pk=receipt.result_ids[0])


def lab_result(site, **other) -> Result:
    receipt = submit(sample_body(lab_body(**other)), site)
    return Result.objects.get(pk=receipt.result_ids[0])


# Checks


def test_a_check_is_entered_and_the_page_says_how_the_method_stands(cleo, harbour):
    assert "nothing is said against a result" in page(cleo, "/staff/quality/")

    answer = check(cleo)

    assert answer.status_code == 302
    made = QualityCheck.objects.get()
    assert (made.lab, made.method.slug, made.kind, made.has_passed) == (harbour, "gc-ms", "blank", False)
    assert made.entered_by.username == "cleo"
    shown = page(cleo, "/staff/quality/")
    assert "outside since" in shown
    assert "The last blank before it failed" in shown


def test_a_passed_check_puts_it_in_control_again(cleo):
    check(cleo)
    check(cleo, passed="yes")

    assert "in control since" in page(cleo, "/staff/quality/")


def test_a_plan_holds_from_today_and_an_empty_one_ends_it(cleo):
    for days in ("7", ""):
        cleo.post("/staff/quality/plan/", {"site": "harbour", "method": "ftir", "kind": "blank", "every_days": days})
        shown = page(cleo, "/staff/quality/")
        assert ("No passed blank in 7 days" in shown) == bool(days)

    assert list(QualityPlan.objects.order_by("pk").values_list("every_days", flat=True)) == [7, None]


def test_a_check_entered_wrongly_is_taken_back_with_a_reason_and_stays_on_record(cleo):
    check(cleo)
    made = QualityCheck.objects.get()

    assert cleo.post(f"/staff/quality/checks/{made.pk}/withdraw/", {"because": " "}).status_code == 400
    cleo.post(f"/staff/quality/checks/{made.pk}/withdraw/", {"because": "Another instrument"})

    made.refresh_from_db()
    assert made.withdrawn_because == "Another instrument"
    assert "Another instrument" in page(cleo, "/staff/quality/")


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "nothing"},
        {"kind": "guess"},
        {"kind": "background"},
        {"passed": "perhaps"},
        {"done_on": "2026-13-01"},
        {"done_on": "1999-12-31"},
        {"done_on": (today() + timedelta(days=2)).isoformat()},
        {"lot": "999999"},
        {"lot": "x"},
        {"method": ""},
    ],
)
def test_a_check_that_says_nonsense_is_refused(cleo, changes):
    assert check(cleo, **changes).status_code == 400
    assert not QualityCheck.objects.exists()


@pytest.mark.parametrize("days", ["0", "-1", "367", "x", "1e9"])
def test_a_plan_that_says_nonsense_is_refused(cleo, days):
    sent = {"site": "harbour", "method": "ftir", "kind": "blank", "every_days": days}

    assert cleo.post("/staff/quality/plan/", sent).status_code == 400
    assert not QualityPlan.objects.exists()


def test_a_lot_is_checked_with_its_own_strip_only(cleo, harbour):
    strip_in_cocaine(harbour)
    lot = str(KitLot.objects.get().pk)

    assert check(cleo, method="xylazine-strip", lot=lot).status_code == 400
    assert check(cleo, method="fentanyl-strip", lot=lot).status_code == 302


# Lots


def test_marking_a_lot_suspect_shows_its_caveat_on_the_sample_and_lists_it_to_check_again(cleo, harbour):
    result = strip_in_cocaine(harbour, expected=("fentanyl",))
    lot = KitLot.objects.get()
    assert "Nothing waits" in page(cleo, "/staff/again/")

    cleo.post(f"/staff/lots/{lot.pk}/mark/", {"state": "suspect", "because": "Controls did not react"})

    assert "under suspicion" in page(cleo, f"/staff/samples/{result.sample_id}/")
    assert "Its strip lot is in doubt" in page(cleo, "/staff/again/")
    assert "Controls did not react" in page(cleo, f"/staff/lots/{lot.pk}/")


def test_the_list_lets_go_when_a_lab_answers(cleo, harbour):
    receipt = submit(sample_body(strip_body(lot=LOT), lab_body(("fentanyl",))), harbour)
    lots.mark_lot(KitLot.objects.get(), "suspect", by=None, because="Did not react")

    assert str(receipt.sample_id) not in page(cleo, "/staff/again/")


def test_the_registry_counts_results_and_how_reactions_were_followed_up(cleo, harbour):
    strip_in_cocaine(harbour)
    submit(sample_body(strip_body(lot=LOT), lab_body(("fentanyl",))), harbour)
    submit(sample_body(strip_body("clear", lot=LOT)), harbour)

    shown = page(cleo, "/staff/lots/")

    assert "3 results, 2 reacted: a lab confirmed 1, did not confirm 0, has not tested 1" in shown


def test_a_lot_is_added_and_one_that_is_there_is_found_again(cleo, harbour):
    strip_in_cocaine(harbour)
    sent = {"method": "fentanyl-strip", "brand": "btnx", "lot": "d1234", "expires_on": "2027-01-31"}

    answer = cleo.post("/staff/lots/new/", sent)
    cleo.post("/staff/lots/new/", {**sent, "lot": "E1"})

    first = KitLot.objects.get(lot="D1234")
    assert answer["Location"] == f"/staff/lots/{first.pk}/"
    assert first.expires_on.isoformat() == "2027-01-31"
    assert KitLot.objects.count() == 2


@pytest.mark.parametrize(
    "changes", [{"method": "gc-ms"}, {"brand": ""}, {"lot": ""}, {"lot": "x" * 61}, {"expires_on": "soon"}]
)
def test_a_lot_that_says_nonsense_is_refused(cleo, changes):
    sent = {"method": "fentanyl-strip", "brand": "BTNX", "lot": "E1", "expires_on": ""}

    assert cleo.post("/staff/lots/new/", {**sent, **changes}).status_code == 400
    assert not KitLot.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        {"state": "suspect"},
        {"state": "bad", "because": "why"},
        {"because": "why"},
        {"state": "suspect", "because": "  "},
    ],
)
def test_a_mark_takes_a_state_and_a_reason(cleo, harbour, sent):
    strip_in_cocaine(harbour)
    lot = KitLot.objects.get()

    assert cleo.post(f"/staff/lots/{lot.pk}/mark/", sent).status_code == 400
    assert not LotMark.objects.exists()
    assert cleo.post("/staff/lots/999999/mark/", {"state": "suspect", "because": "why"}).status_code == 404


def test_the_reviewer_sees_the_doubt_on_the_alert_and_on_its_signal(rosa, harbour):
    result = strip_in_cocaine(harbour)
    alert = publish(evidence=[result], words=STRIP_WORDS)
    lots.mark_lot(KitLot.objects.get(), "suspect", by=None, because="Did not react")
    doubted_evidence.doubt()

    assert "In doubt:" in page(rosa, f"/staff/review/alerts/{alert.pk}/")
    signal = alert.signals.get(rule="evidence_changed")
    shown = page(rosa, f"/staff/review/signals/{signal.pk}/")
    assert "In doubt:" in shown
    assert "strip lot is suspect" in shown
    assert "is in doubt" in page(rosa, "/desk/")


# The list


def test_the_newest_comes_first_and_one_site_can_be_chosen(harbour, riverside):
    ada = signed_in(make_person("ada", Role.COORDINATOR))
    older, newer = strip_in_cocaine(harbour), strip_in_cocaine(riverside)

    shown = page(ada, "/staff/again/")
    here = page(ada, "/staff/again/?site=harbour")

    assert shown.index(str(newer.sample_id)) < shown.index(str(older.sample_id))
    assert str(older.sample_id) in here
    assert str(newer.sample_id) not in here


def test_an_entry_is_set_aside_with_a_reason(ben, harbour):
    result = strip_in_cocaine(harbour)
    shown = page(ben, "/staff/again/")
    item = shown.split('name="item" value="')[1].split('"')[0]
    path = f"/staff/again/{result.sample_id}/aside/"

    ben.post(path, {"item": item, "because": ""})
    assert str(result.sample_id) in page(ben, "/staff/again/")
    ben.post(path, {"item": item, "because": "Nothing is left"})

    assert str(result.sample_id) not in page(ben, "/staff/again/")
    assert WorklistDismissal.objects.get().because == "Nothing is left"


def test_what_does_not_wait_cannot_be_set_aside(ben, harbour):
    result = strip_in_cocaine(harbour)

    ben.post(f"/staff/again/{result.sample_id}/aside/", {"item": "0" * 64, "because": "why not"})

    assert not WorklistDismissal.objects.exists()


@pytest.mark.parametrize(
    "after",
    [
        "",
        "x",
        "~",
        "2026-99-99T00:00:00Z~x",
        f"2026-11-18~{uuid.uuid4()}",
        f"2026-11-18T10:00:00~{uuid.uuid4()}",
        "\x00",
    ],
)
def test_a_page_that_begins_nowhere_begins_with_the_newest(ben, harbour, after):
    result = strip_in_cocaine(harbour)

    answer = ben.get("/staff/again/", {"after": after, "site": "nowhere"})

    assert answer.status_code == 200
    assert str(result.sample_id) in answer.content.decode()


def test_samples_recorded_at_the_same_moment_are_all_listed(ben, harbour, monkeypatch):
    monkeypatch.setattr("checking.worklist.A_PAGE", 2)
    made = {str(strip_in_cocaine(harbour).sample_id) for _ in range(5)}
    Sample.objects.update(recorded_at=harbour_time())

    path, seen = "/staff/again/", set()
    for _ in range(3):
        shown = page(ben, path)
        seen |= {each for each in made if each in shown}
        path = "/staff/again/?after=" + shown.split('href="?after=')[-1].split('"')[0].replace("&amp;", "&")

    assert seen == made


def test_a_lab_sees_what_it_read_of_others_and_nothing_else_of_the_sample(dee, cleo, harbour, riverside):
    strip = strip_body(lot=LOT)
    receipt = submit(sample_body(strip, lab_body(("cocaine",), method="ftir", lab="riverside")), harbour)

    shown = page(dee, "/staff/again/")

    assert str(receipt.result_ids[1]) in shown
    assert "reacted" not in shown
    assert str(receipt.sample_id) not in shown


def test_older_entries_are_a_page_further(ben, harbour, monkeypatch):
    monkeypatch.setattr("checking.worklist.A_PAGE", 2)
    made = [strip_in_cocaine(harbour) for _ in range(3)]

    shown = page(ben, "/staff/again/")
    link = shown.split('href="?after=')[1].split('"')[0]
    further = page(ben, f"/staff/again/?after={link}")

    assert str(made[0].sample_id) not in shown
    assert str(made[0].sample_id) in further
    assert "Older ones" not in further


# Second reader


def test_a_second_reader_who_differs_puts_the_result_outside(cleo, harbour):
    result = lab_result(harbour)

    cleo.post(f"/staff/results/{result.pk}/second/", {"agrees": "no"})

    assert "a second reader did not agree" in page(cleo, f"/staff/samples/{result.sample_id}/")
    assert "read something else" in page(cleo, f"/staff/results/{result.pk}/")


@pytest.mark.parametrize("sent", [{}, {"agrees": "perhaps"}])
def test_a_second_reading_says_one_or_the_other(cleo, harbour, sent):
    assert cleo.post(f"/staff/results/{lab_result(harbour).pk}/second/", sent).status_code == 400


def test_who_entered_it_cannot_be_its_second_reader(cleo, harbour):
    from checking.models import User

    receipt = submit(sample_body(lab_body()), harbour, by=User.objects.get(username="cleo"))

    answer = cleo.post(f"/staff/results/{receipt.result_ids[0]}/second/", {"agrees": "yes"})

    assert answer.status_code == 400
    assert not SecondReading.objects.exists()


def test_a_second_reading_is_given_once(cleo, harbour):
    path = f"/staff/results/{lab_result(harbour).pk}/second/"
    cleo.post(path, {"agrees": "no"})

    assert cleo.post(path, {"agrees": "yes"}).status_code == 400
    assert SecondReading.objects.get().agrees is False


# Files


def send(client: Client, result: Result, content: bytes, name: str = "scan.png", **words):
    return client.post(
        f"/staff/results/{result.pk}/files/", {"file": SimpleUploadedFile(name, content, "text/html"), **words}
    )


def test_a_picture_is_shown_to_staff_without_what_was_in_the_file(cleo, harbour):
    result = lab_result(harbour)

    answer = send(cleo, result, with_words(), instrument="GC 7", library_version="SWGDRUG 3.14")

    assert answer.status_code == 302
    kept = Attachment.objects.get()
    shown = page(cleo, f"/staff/results/{result.pk}/")
    assert "GC 7" in shown
    assert "SWGDRUG 3.14" in shown
    served = cleo.get(f"/staff/files/{kept.pk}/")
    assert served["Content-Type"] == "image/png"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served["Content-Security-Policy"]
    assert served["Content-Disposition"].startswith("inline")
    assert served["Cache-Control"] == "no-store"
    assert b"Jane" not in served.content
    Image.open(io.BytesIO(served.content)).load()


def test_a_spectrum_is_drawn_and_can_be_downloaded_as_numbers(cleo, harbour):
    result = lab_result(harbour)
    send(cleo, result, jcamp(DIFDUP), "scan.jdx")
    kept = Attachment.objects.get()

    drawn = cleo.get(f"/staff/files/{kept.pk}/picture/")
    served = cleo.get(f"/staff/files/{kept.pk}/")

    assert drawn["Content-Type"] == "image/png"
    assert drawn.content.startswith(b"\x89PNG")
    assert served["Content-Type"] == "chemical/x-jcamp-dx"
    assert served["Content-Disposition"].startswith("attachment")
    assert b"Jane" not in served.content


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg onload=alert(1)>", b"GIF89a", png() + b"<script>", jcamp("400 1s999999999"), b"##TITLE=x"],
)
def test_a_file_we_do_not_take_is_refused_and_says_why(cleo, harbour, content):
    answer = send(cleo, lab_result(harbour), content)

    assert answer.status_code == 400
    assert "Nothing is saved yet" in answer.content.decode()
    assert not Attachment.objects.exists()


def test_a_form_without_a_file_is_refused(cleo, harbour):
    path = f"/staff/results/{lab_result(harbour).pk}/files/"

    assert cleo.post(path, {}).status_code == 400
    assert cleo.post(path, {"file": "words"}).status_code == 400
    assert send(cleo, lab_result(harbour), png(), instrument="x" * 81).status_code == 400


def test_a_picture_is_not_a_spectrum_to_draw(cleo, harbour):
    send(cleo, lab_result(harbour), png())

    assert cleo.get(f"/staff/files/{Attachment.objects.get().pk}/picture/").status_code == 404


def test_a_file_can_be_taken_away_altogether(cleo, harbour):
    result = lab_result(harbour)
    send(cleo, result, png())

    cleo.post(f"/staff/files/{Attachment.objects.get().pk}/remove/")

    assert not Attachment.objects.exists()


# Who may


def test_nothing_here_opens_without_a_sign_in(harbour):
    result = lab_result(harbour)
    paths = ["again/", "quality/", "lots/", f"results/{result.pk}/", "files/1/", "files/1/picture/"]

    for path in paths:
        answer = Client().get(f"/staff/{path}")
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/staff/sign-in/")


def test_a_collector_reads_the_registry_and_changes_nothing_in_it(ben, harbour):
    strip_in_cocaine(harbour)
    lot = KitLot.objects.get()

    assert "Add a lot" not in page(ben, "/staff/lots/")
    assert "Say what you think" not in page(ben, f"/staff/lots/{lot.pk}/")
    for path in (f"lots/{lot.pk}/mark/", "lots/new/", "quality/check/", "quality/plan/", "quality/checks/1/withdraw/"):
        assert ben.post(f"/staff/{path}", {"state": "suspect", "because": "why"}).status_code == 403, path
    assert ben.get("/staff/quality/").status_code == 403


def test_nobody_enters_checks_for_a_lab_of_others(dee, harbour):
    made = QualityCheck.objects.create(
        lab=harbour,
        method_id=1,
        kind="blank",
        has_passed=True,
        done_on=today(),
        recorded_at=harbour_time(),
    )

    assert check(dee).status_code == 404
    assert dee.post("/staff/quality/plan/", {"site": "harbour"}).status_code == 404
    assert dee.post(f"/staff/quality/checks/{made.pk}/withdraw/", {"because": "why"}).status_code == 404
    assert QualityCheck.objects.get().withdrawn_at is None


def harbour_time():
    from django.utils import timezone

    return timezone.now()


def test_results_of_others_and_their_files_are_not_there(dee, cleo, harbour):
    result = lab_result(harbour)
    send(cleo, result, png())
    kept = Attachment.objects.get().pk

    for path in (f"results/{result.pk}/", f"files/{kept}/", f"files/{kept}/picture/", "files/999999/"):
        assert dee.get(f"/staff/{path}").status_code == 404, path
    for path in (f"results/{result.pk}/second/", f"results/{result.pk}/files/", f"files/{kept}/remove/",
                 f"again/{result.sample_id}/aside/"):  # fmt: skip
        assert dee.post(f"/staff/{path}", {"agrees": "no", "because": "why"}).status_code == 404, path
    assert Attachment.objects.exists()


def test_the_lab_that_read_it_sees_its_files_and_not_the_sample(dee, cleo, harbour, riverside):
    result = lab_result(harbour, lab="riverside")
    send(cleo, result, png())

    assert dee.get(f"/staff/files/{Attachment.objects.get().pk}/").status_code == 200
    assert str(result.sample_id) not in page(dee, f"/staff/results/{result.pk}/")


def test_a_reviewer_sees_files_of_the_area_and_adds_none(rosa, cleo, harbour):
    result = lab_result(harbour)
    send(cleo, result, png())

    assert rosa.get(f"/staff/files/{Attachment.objects.get().pk}/").status_code == 200
    assert "Attach it" not in page(rosa, f"/staff/results/{result.pk}/")
    assert send(rosa, result, png(9)).status_code == 404


def test_a_reviewer_sees_no_files_of_a_community_that_governs_itself(rosa, cleo, harbour):
    area = make_areas()["us-pa-allegheny"]
    area.governed_by = "A community"
    area.save()
    result = lab_result(harbour)
    send(cleo, result, png())

    assert rosa.get(f"/staff/files/{Attachment.objects.get().pk}/").status_code == 404


@pytest.mark.parametrize("path", ["quality/check/", "quality/plan/", "lots/new/", "lots/1/mark/", "files/1/remove/"])
def test_what_changes_something_is_posted(cleo, path):
    assert cleo.get(f"/staff/{path}").status_code == 405


def test_every_page_speaks_spanish(cleo, harbour):
    result = strip_in_cocaine(harbour)
    check(cleo)
    lot = KitLot.objects.get()

    for path in ("again/", "quality/", "lots/", f"lots/{lot.pk}/", f"results/{result.pk}/"):
        shown = page(cleo, f"/staff/{path}?lang=es")
        for word in ("Check again", "To check again", "Strip lots", "Checks of quality", "Second reader", "Add a lot",
                     "Enter a check", "What was said of it", "Set aside", "It failed"):  # fmt: skip
            assert word not in shown, (path, word)


# By a program


def api(site, result_id, content: bytes, content_type: str = "image/png", query: str = "", **headers):
    key = {"HTTP_AUTHORIZATION": f"Api-Key {make_key(site, name='k')}"}
    path = f"/api/v1/results/{result_id}/attachments/{query}"
    return Client().post(path, content, content_type=content_type, **{**key, **headers})


def test_a_program_attaches_to_its_own_result_and_again_without_harm(harbour):
    result = lab_result(harbour)

    first = api(harbour, result.pk, with_words(), query="?instrument=GC%207&library_version=3")
    again = api(harbour, result.pk, with_words())

    assert (first.status_code, again.status_code) == (201, 200)
    assert again["Idempotent-Replayed"] == "true"
    assert first.json() == again.json()
    assert Attachment.objects.get().instrument == "GC 7"


def test_a_program_cannot_attach_to_a_result_of_others(harbour, riverside):
    result = lab_result(harbour)

    assert api(riverside, result.pk, png()).status_code == 404
    assert api(harbour, uuid.uuid4(), png()).status_code == 404
    assert Client().post(f"/api/v1/results/{result.pk}/attachments/", png(), "image/png").status_code == 401


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"hello", "image/png", 415),
        (png(), "text/html", 415),
        (png(), "application/json", 415),
        (png() + b"x", "image/png", 400),
        (jcamp("400 1s999999999"), "chemical/x-jcamp-dx", 400),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 10_500_000, "image/png", 413),
        (b"", "image/png", 415),
    ],
)
def test_a_program_is_told_what_is_wrong(harbour, content, content_type, status):
    answer = api(harbour, lab_result(harbour).pk, content, content_type)

    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    assert not Attachment.objects.exists()


def test_words_too_long_name_their_field(harbour):
    answer = api(harbour, lab_result(harbour).pk, png(), query="?instrument=" + "x" * 81)

    assert answer.status_code == 400
    assert "instrument" in answer.json()["error"]["fields"]


def test_a_compressed_file_is_refused(harbour):
    answer = api(harbour, lab_result(harbour).pk, png(), HTTP_CONTENT_ENCODING="gzip")

    assert answer.status_code == 415


def test_no_answer_of_the_api_speaks_of_files(harbour):
    result = lab_result(harbour)
    api(harbour, result.pk, png())
    key = {"HTTP_AUTHORIZATION": f"Api-Key {make_key(harbour, name='k')}"}

    answer = Client().get(f"/api/v1/samples/{result.sample_id}/", **key)

    assert "attach" not in answer.content.decode()


def test_what_is_outside_quality_control_says_so_to_a_program(harbour, cleo):
    result = lab_result(harbour)
    check(cleo)
    key = {"HTTP_AUTHORIZATION": f"Api-Key {make_key(harbour, name='k')}"}

    said = Client().get(f"/api/v1/samples/{result.sample_id}/", **key).json()["results"][0]["interpretation"]

    assert "outside_quality_control" in {each["code"] for each in said}
    [sample] = read_samples([result.sample_id])
    assert not sample.results[0].is_in_control


def test_the_server_takes_a_file_and_nothing_else_so_large():
    path = f"/staff/results/{uuid.uuid4()}/files/".encode()

    assert limit_of(path, shows_a_key=True).most == FILE_MOST
    assert limit_of(path.replace(b"files", b"second"), shows_a_key=True).most < FILE_MOST
    assert limit_of(path, shows_a_key=False).most < FILE_MOST
