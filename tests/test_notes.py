"""Notes of staff: optional, past the gate, at their own site only, and gone after 30 days."""

import json
import logging
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
import time_machine
from django.contrib import admin
from django.core.management import call_command
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from django.views.debug import SafeExceptionReporterFilter

from alerts import watcher
from api.authentication import make_key
from checking import submission
from checking.accepting import Problems
from checking.models import Membership, Note, Result, Sample
from checking.notes import Identifying, forget_old_notes, standing, write_note
from config.public_tables import PUBLIC_TABLES
from tests.factories import make_person, make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body

PHONE = "412-555-0148"
CLEAN = "Two tablets, one crushed. M30, 110 mg, lot 20261122-11."


@pytest.fixture
def harbour(db):
    make_vocabulary()
    return make_site("harbour")


@pytest.fixture
def ben(harbour):
    return make_person("ben", Membership.Role.COLLECTOR, harbour)


@pytest.fixture
def sample(harbour):
    return Sample.objects.get(pk=submit(sample_body(lab_body()), harbour).sample_id)


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def write(person, sample, text: str, **other):
    return signed_in(person).post(f"/staff/samples/{sample.pk}/notes/", {"note": text}, **other)


def page_of(person, sample) -> str:
    return signed_in(person).get(f"/staff/samples/{sample.pk}/").content.decode()


# Writing


def test_a_note_is_kept_and_shown_on_the_sample_page(ben, sample):
    answer = write(ben, sample, CLEAN)

    note = Note.objects.get()
    assert answer.status_code == 302
    assert (note.text, note.written_by, note.sample) == (CLEAN, ben, sample)
    assert CLEAN in page_of(ben, sample)


def test_a_sample_needs_no_note(ben, sample):
    assert Note.objects.count() == 0
    assert "Write a note" in page_of(ben, sample)


@pytest.mark.parametrize("text", ["", "   ", "x" * 281])
def test_a_note_is_short_and_not_empty(ben, sample, text):
    assert write(ben, sample, text).status_code == 400
    assert Note.objects.count() == 0


def test_what_could_tell_who_a_person_is_is_refused_with_the_words_and_what_they_are(ben, sample):
    answer = write(ben, sample, f"two bags, call {PHONE} when done")

    page = answer.content.decode()
    assert answer.status_code == 400
    assert f"“{PHONE}” (a phone number)" in page
    assert Note.objects.count() == 0


def test_the_writer_may_mend_what_was_refused_and_nothing_of_it_stays(ben, sample, caplog):
    with caplog.at_level(logging.DEBUG):
        refused = write(ben, sample, f"call {PHONE}")

    assert f">call {PHONE}</textarea>" in refused.content.decode()
    assert refused["Cache-Control"] == "no-store"
    assert PHONE not in page_of(ben, sample)
    assert PHONE not in caplog.text
    session = signed_in(ben).session
    assert PHONE not in json.dumps(dict(session))


def test_the_words_are_said_in_spanish_as_well(ben, sample):
    page = write(ben, sample, f"llamar al {PHONE}", headers={"Accept-Language": "es"}).content.decode()

    assert "un número de teléfono" in page


def test_no_exception_holds_the_text(ben, sample):
    with pytest.raises(Identifying) as refused:
        write_note(sample, f"call {PHONE}", by=ben)

    assert PHONE not in f"{refused.value} {refused.value!r} {refused.value.args}"


def test_a_report_of_a_fault_leaves_the_note_out(ben, sample, monkeypatch, settings):
    """What Django would send to whoever watches for errors, where that is set up."""
    settings.DEBUG = False
    seen: list[HttpRequest] = []

    def fail(*arguments, **named):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("alerts.views.staff_notes.write_note", fail)
    client = signed_in(ben)
    client.raise_request_exception = False
    from django.core.signals import got_request_exception

    def keep(sender, request, **named):
        seen.append(request)

    got_request_exception.connect(keep)
    client.post(f"/staff/samples/{sample.pk}/notes/", {"note": f"call {PHONE}"})
    got_request_exception.disconnect(keep)

    reported = SafeExceptionReporterFilter().get_post_parameters(seen[0])
    assert PHONE not in str(reported)


# Who reads


def test_only_staff_of_the_site_read_write_and_delete(ben, sample):
    write(ben, sample, CLEAN)
    note = Note.objects.get()
    others = [
        make_person("rio", Membership.Role.COLLECTOR, make_site("riverside")),
        make_person("rae", Membership.Role.REVIEWER),
    ]

    for other in others:
        client = signed_in(other)
        assert client.get(f"/staff/samples/{sample.pk}/").status_code in {403, 404}
        assert write(other, sample, CLEAN).status_code in {403, 404}
        assert client.post(f"/staff/notes/{note.pk}/delete/").status_code in {403, 404}
    assert Client().post(f"/staff/samples/{sample.pk}/notes/", {"note": CLEAN}).status_code == 302
    assert Note.objects.count() == 1


def test_no_answer_of_the_api_holds_a_note_and_none_takes_one(ben, sample, harbour):
    write(ben, sample, CLEAN)
    headers = {"Authorization": f"Api-Key {make_key(harbour, name='program')}"}
    client = Client()

    one = client.get(f"/api/v1/samples/{sample.pk}/", headers=headers)
    many = client.get("/api/v1/samples/", headers=headers)
    sent = client.post(
        "/api/v1/samples/", {**sample_body(), "notes": ["x"]}, content_type="application/json", headers=headers
    )

    assert one.status_code == many.status_code == 200
    assert "crushed" not in one.content.decode() + many.content.decode()
    assert sent.status_code == 400


def test_no_public_table_holds_notes_and_the_admin_does_not_show_them():
    assert Note._meta.db_table not in PUBLIC_TABLES
    assert Note not in admin.site._registry


def test_whoever_asks_what_is_held_is_told_that_there_are_notes_and_not_what_they_say(ben, sample):
    write(ben, sample, CLEAN)
    out = StringIO()

    call_command("disclose", "--site=harbour", f"--day={sample.collected_on}", stdout=out)

    held = json.loads(out.getvalue())["held"]
    assert held["notes"]["rows"] == 1
    assert held["notes"]["fields"]["text"] == 1
    assert "crushed" not in out.getvalue()


# Going


def test_a_note_is_deleted_before_its_time_by_whoever_may_write_one(ben, sample):
    write(ben, sample, CLEAN)

    signed_in(ben).post(f"/staff/notes/{Note.objects.get().pk}/delete/")

    assert Note.objects.count() == 0
    assert Sample.objects.filter(pk=sample.pk).exists()


@pytest.mark.parametrize("round_", ["watcher", "command"])
def test_thirty_days_after_it_was_written_a_note_is_gone(ben, sample, round_):
    write_note(sample, CLEAN, by=ben)
    now = timezone.now()

    def do_round():
        if round_ == "command":
            call_command("expire", stdout=StringIO())
        else:
            assert forget_old_notes in watcher.DAILY_JOBS
            forget_old_notes(timezone.now().date())

    with time_machine.travel(now + timedelta(days=29, hours=23)):
        do_round()
        assert Note.objects.count() == 1
    with time_machine.travel(now + timedelta(days=30, seconds=5)):
        do_round()
        assert Note.objects.count() == 0


def test_a_note_that_is_over_is_not_shown_even_before_the_daily_round(ben, sample):
    write_note(sample, CLEAN, by=ben)

    with time_machine.travel(timezone.now() + timedelta(days=30, seconds=5)):
        assert standing(sample) == []


# Reasons, which the person who holds the code reads


def correction(reason: str) -> dict:
    return {**lab_body(("xylazine",)), "client_id": str(uuid4()), "reason": reason}


@pytest.mark.parametrize("door", ["withdraw", "correct"])
def test_a_reason_sent_by_a_program_is_held_to_the_same(sample, harbour, door):
    result = Result.objects.get()
    headers = {"Authorization": f"Api-Key {make_key(harbour, name='program')}"}
    reason = f"she rang from {PHONE}"
    body = {"reason": reason} if door == "withdraw" else correction(reason)

    answer = Client().post(
        f"/api/v1/results/{result.pk}/{door}/", body, content_type="application/json", headers=headers
    )

    error = answer.json()["error"]
    assert answer.status_code == 400
    assert "a phone number" in error["fields"]["reason"][0]
    assert PHONE not in answer.content.decode()
    assert Result.objects.current().get() == result


def test_a_reason_written_on_the_page_is_refused_with_the_words(ben, sample):
    result = Result.objects.get()

    answer = signed_in(ben).post(f"/staff/results/{result.pk}/withdraw/", {"reason": f"call {PHONE}"})

    assert answer.status_code == 400
    assert f"“{PHONE}” (a phone number)" in answer.content.decode()
    assert Result.objects.current().get() == result


def test_what_refuses_a_reason_names_the_kind_in_english_whatever_the_page_speaks(sample):
    with override("es"), pytest.raises(Problems) as refused:
        submission.withdraw_result(Result.objects.get(), reason=f"call {PHONE}")

    assert "a phone number" in refused.value.fields["reason"][0]
