"""What people saw of an alert: told by choices, kept without who or when, and changed or taken back by the sender."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from alerts import answers, form_tokens, lifecycle, sightings
from alerts.models import Alert, Sighting, Signal
from alerts.views import seen
from tests.alerting import approve, draft, make_reviewers, publish
from tests.factories import make_vocabulary
from tests.telling import address, send, sign_of, take_back, urlencoded

pytestmark = pytest.mark.django_db

HERE = "us-pa-allegheny"


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    make_vocabulary()
    limits = (seen.tries, seen.told_of_one, seen.taken_back)
    for each in limits:
        each.forget()
    yield
    for each in limits:
        each.forget()


@pytest.fixture
def alert() -> Alert:
    return publish("caution")


def page(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def field(html: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', html)[1]


# Telling


def test_the_page_of_an_alert_leads_to_a_form_of_choices_alone(alert):
    there = page(Client().get(f"/alerts/{alert.pk}/"))
    form = page(Client().get(address(alert)))

    assert f'href="{address(alert)}"' in there
    assert set(re.findall(r'type="(\w+)"', form)) == {"hidden", "checkbox", "radio"}
    assert "<textarea" not in form
    assert re.findall(r"<div hidden>.*?<input (.*?)>", form) == [
        'id="website" name="website" tabindex="-1" autocomplete="off"'
    ]
    assert set(re.findall(r'name="where" value="([^"]*)"', form)) == {HERE, answers.ELSEWHERE, ""}


def test_one_answer_is_enough_and_no_more_than_it_is_kept(alert):
    response = send(alert, saw="stronger")

    assert response.status_code == 200
    assert "Thank you. It came in." in page(response)
    assert "call the emergency number, give naloxone" in page(response)
    assert "Any one of these helps. You choose." in page(response)
    assert "Help nearby" in page(response)
    row = Sighting.objects.get()
    assert (row.saw, row.when, row.where, row.form, row.colour, row.strip) == (["stronger"], "", "", "", "", "")


def test_everything_that_is_asked_is_kept_as_it_was_chosen(alert):
    send(alert, saw=["sleepier", "looked"], when="this_week", where=HERE, form="powder", colour="pink", strip="reacted")

    row = Sighting.objects.get()
    assert row.saw == ["looked", "sleepier"]
    assert (row.when, row.where, row.form, row.colour, row.strip) == ("this_week", HERE, "powder", "pink", "reacted")


def test_nothing_is_kept_of_who_or_of_the_day(alert):
    with time_machine.travel("2026-11-26 14:35:07+00:00", tick=False):  # a Thursday
        send(publish("notice"), saw="stronger")

    row, signal = Sighting.objects.get(), Signal.objects.get(rule="reported")
    names = {each.name for each in Sighting._meta.concrete_fields}
    assert names == {"id", "alert", "signal", "week", "saw", "when", "where", "form", "colour", "strip"}
    assert str(row.week) == str(signal.on) == "2026-11-23"
    assert signal.created_at.isoformat() == "2026-11-26T00:00:00+00:00"


def test_no_page_of_it_sets_a_cookie_or_is_kept(alert):
    sent = send(alert, saw="looked")
    back = take_back(alert, field(page(sent), "back"))

    for response in (Client().get(address(alert)), send(alert), sent, back):
        assert not response.cookies
        assert response["Cache-Control"] == "no-store"


def test_whether_anyone_was_hurt_is_not_asked(alert):
    offered = {value for values in answers.choices([HERE]).values() for value in values}

    assert not {each for each in offered if re.search("overdose|naloxone|death|died|hospital|help", each)}


def test_the_form_is_there_in_spanish_and_stays_so(alert):
    response = Client().get(address(alert) + "?lang=es")

    assert response["Content-Language"] == "es"
    assert f'action="{address(alert)}?lang=es"' in page(response)
    assert "¿Qué vio?" in page(response)
    assert "Se sintió más fuerte de lo esperado" in page(response)


# What is not taken


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "Nothing was marked yet"),
        ({"saw": ""}, "Nothing was marked yet"),
        ({"note": "he lives at 12 Elm Street"}, "Nothing was marked yet"),
        ({"saw": "overdose-9999"}, "not one we offer"),
        ({"saw": ["stronger", "overdose-9999"]}, "not one we offer"),
        ({"where": "us-va-roanoke", "saw": "stronger"}, "not one we offer"),
        ({"where": "us-pa"}, "not one we offer"),
        ({"colour": "blue'; drop table"}, "not one we offer"),
        ({"form": "unknown"}, "not one we offer"),
        ({"when": ["today", "earlier"]}, "not one we offer"),
        ({"strip": "reacted\0"}, "not one we offer"),
        ({"saw": "stronger", "website": "http://x.example"}, "stay empty"),
        ({"saw": "stronger", "sign": ""}, "open for too long"),
        ({"saw": "stronger", "sign": "\ud83d\ude00é:::\0"}, "open for too long"),
    ],
)
def test_what_nobody_was_offered_is_not_taken_nor_repeated(alert, said, why):
    said = {"sign": sign_of(alert), **said}

    response = Client().post(address(alert), urlencoded_bytes(said), content_type="application/x-www-form-urlencoded")

    assert response.status_code == 400
    assert why in page(response)
    assert not Sighting.objects.exists()
    assert not re.search("Elm|9999|roanoke|drop table|x.example", page(response))


def urlencoded_bytes(fields) -> bytes:
    said = {name: value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
            for name, value in fields.items()}  # fmt: skip
    return urlencoded(said).encode()


def test_the_sign_of_another_alerts_form_or_of_a_way_back_opens_nothing(alert):
    other = publish("notice")

    assert send(alert, sign=sign_of(other), saw="looked").status_code == 400
    assert send(alert, sign=form_tokens.way_back(alert.pk, alert.pk), saw="looked").status_code == 400
    assert not Sighting.objects.exists()


@pytest.mark.parametrize(
    ("content_type", "status"),
    [("application/json", 415), ("multipart/form-data; boundary=x", 415), ("text/plain", 415)],
)
def test_only_a_plain_form_is_read(alert, content_type, status):
    response = Client().post(address(alert), b'{"saw": "stronger"}', content_type=content_type)

    assert response.status_code == status
    assert not Sighting.objects.exists()


def test_a_body_larger_than_the_form_is_not_read(alert):
    assert send(alert, saw="stronger", note="x" * 7000).status_code == 200
    assert send(alert, saw="stronger", note="x" * 8200).status_code == 413
    assert Sighting.objects.count() == 1


def test_what_another_site_makes_a_browser_send_is_not_taken(alert):
    def sent_from(where: str):
        body = urlencoded({"sign": sign_of(alert), "saw": "stronger"})
        kind = "application/x-www-form-urlencoded"
        return Client().post(address(alert), body, content_type=kind, headers={"Sec-Fetch-Site": where})

    assert sent_from("cross-site").status_code == sent_from("same-site").status_code == 403
    assert not Sighting.objects.exists()
    assert sent_from("same-origin").status_code == 200


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_do_nothing(alert, method):
    for rest in ("", "back/"):
        assert getattr(Client(), method)(address(alert, rest)).status_code == 405


def test_reading_the_address_tells_nothing(alert):
    query = f"?sign={sign_of(alert)}&saw=stronger"

    assert Client().get(address(alert) + query).status_code == 200
    assert Client().head(address(alert) + query).content == b""
    back = Client().get(address(alert, "back/?lang=es"))
    assert back["Location"] == address(alert, "?lang=es")
    assert not Sighting.objects.exists()


def test_a_form_sent_quicker_than_a_person_can_goes_through_the_second_time(alert):
    sign = form_tokens.new_form(alert.pk)
    response = send(alert, sign=sign, saw="stronger")

    assert response.status_code == 400
    assert "very quick" in page(response)
    assert field(page(response), "sign") == sign
    with time_machine.travel(timezone.now() + timedelta(seconds=4), tick=False):
        assert send(alert, sign=sign, saw="stronger").status_code == 200


def test_a_form_open_for_more_than_a_day_comes_back_fresh_with_what_was_marked(alert):
    assert send(alert, sign=sign_of(alert, seconds=86_300), saw="looked").status_code == 200
    old = sign_of(alert, seconds=86_500)
    response = send(alert, sign=old, saw="stronger", colour="pink")

    assert response.status_code == 400
    assert field(page(response), "sign") != old
    assert re.search(r'value="stronger" checked', page(response))
    assert re.search(r'value="pink" selected', page(response))
    assert Sighting.objects.count() == 1


# Twice, and taken back


def test_the_same_form_sent_twice_counts_once_and_as_it_was_sent_last(alert):
    sign = sign_of(alert)
    send(alert, sign=sign, saw="stronger")
    send(alert, sign=sign, saw="sleepier")

    assert Sighting.objects.get().saw == ["sleepier"]
    assert Signal.objects.get(rule="reported").counts == {"level_hint": "notice", "reports": 1, "saw.sleepier": 1}


def test_within_an_hour_the_sender_takes_it_back_and_nothing_is_left(alert):
    back = field(page(send(alert, saw="stronger")), "back")

    assert "It is taken back." in page(take_back(alert, back))
    assert not Sighting.objects.exists()
    assert not Signal.objects.filter(rule="reported").exists()
    assert take_back(alert, back).status_code == 200  # a second tap


def test_what_others_told_stays_when_one_takes_theirs_back(alert):
    send(alert, saw="looked")
    back = field(page(send(alert, saw="stronger")), "back")
    take_back(alert, back)

    assert Signal.objects.get(rule="reported").counts == {"level_hint": "notice", "reports": 1, "saw.looked": 1}


def test_after_an_hour_or_with_anothers_sign_nothing_is_taken_back(alert):
    back = field(page(send(alert, saw="stronger")), "back")
    other = publish("notice")

    for wrong in (sign_of(alert), "", form_tokens.way_back(Sighting.objects.get().pk, other.pk)):
        assert take_back(alert, wrong).status_code == 400
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        response = take_back(alert, back)

    assert response.status_code == 400
    assert "can no longer be taken back" in page(response)
    assert Sighting.objects.count() == 1


# How often


def test_the_eleventh_form_of_an_hour_from_one_address_waits(alert):
    for _ in range(10):
        assert send(alert, saw="stronger", at="127.9.9.1").status_code == 200

    late = send(alert, saw="stronger", at="127.9.9.1")
    back = field(page(send(alert, saw="stronger", at="127.9.9.3")), "back")

    assert (late.status_code, late["Retry-After"]) == (429, "3600")
    assert "try again in an hour" in page(late)
    assert Sighting.objects.count() == 11
    assert [take_back(alert, back).status_code for _ in range(31)] == [200] * 30 + [429]


def test_a_flood_from_many_addresses_ends_at_sixty_an_hour_and_is_answered_alike(alert):
    for number in range(60):
        assert send(alert, saw="stronger", at=f"127.9.1.{number}").status_code == 200
    of_all = send(alert, saw="stronger", at="127.9.2.1")
    for _ in range(10):
        send(publish("notice"), at="127.9.2.2")
    of_one = send(alert, saw="stronger", at="127.9.2.2")

    assert of_all.status_code == of_one.status_code == 429
    assert of_all.content == of_one.content  # or the limit would tell how many told
    assert Sighting.objects.count() == 60
    assert Signal.objects.filter(rule="reported").count() == 1


def test_a_flood_over_many_hours_ends_as_well(alert, monkeypatch):
    monkeypatch.setattr(sightings, "MOST_A_WEEK", 2)

    assert [send(alert, saw="stronger").status_code for _ in range(3)] == [200, 200, 429]
    assert Sighting.objects.count() == 2


# Which alerts


def test_drills_drafts_and_unknown_alerts_take_nothing():
    drill = draft("caution", is_drill=True)
    for person in make_reviewers():
        approve(drill, person)
    lifecycle.publish(drill, by=make_reviewers()[0])

    for each in (drill, draft("caution")):
        assert send(each, saw="stronger").status_code == Client().get(address(each)).status_code == 404
        with pytest.raises(Alert.DoesNotExist):
            sightings.tell(each.pk, answers.Answers(saw=("looked",)), form=each.pk)
    assert take_back(drill, "").status_code == 404
    assert not Sighting.objects.exists()


@pytest.mark.parametrize("how", ["ended", "withdrawn", "ran out"])
def test_an_alert_that_is_over_takes_it_for_14_days_and_then_says_so(how):
    alert = publish("notice")
    by = make_reviewers()[0]
    over = timezone.now()
    if how == "ended":
        lifecycle.end_alert(alert, by=by)
    elif how == "withdrawn":
        lifecycle.withdraw_alert(alert, by=by, because="mix-up")
    else:
        over = alert.expires_at

    with time_machine.travel(over + timedelta(days=13, hours=23), tick=False):
        assert send(alert, saw="stronger").status_code == 200
        assert "Did you see this?" in page(Client().get(f"/alerts/{alert.pk}/"))
    with time_machine.travel(over + timedelta(days=14, minutes=1), tick=False):
        late, form = send(alert, saw="stronger"), Client().get(address(alert))
        assert (late.status_code, form.status_code) == (410, 200)
        assert "This alert is long over." in page(late)
        assert "<form" not in page(form)
        assert "Did you see this?" not in page(Client().get(f"/alerts/{alert.pk}/"))
    assert Sighting.objects.count() == 1


def test_no_public_answer_changes_by_a_byte_whatever_is_told(alert):
    where = ("/", "/?state=all", "/alerts.txt", "/alerts/feed.atom", "/wall/", "/about/record/", "/api/v1/alerts/",
             "/api/v1/events/", f"/api/v1/alerts/{alert.pk}/", f"/alerts/{alert.pk}/",
             f"/alerts/{alert.pk}/cap.xml")  # fmt: skip

    def answered():
        return [(each.content, sorted(each.headers.items())) for each in map(Client().get, where)]

    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        before = answered()
        for number in range(12):
            send(alert, saw="stronger", where=HERE, at=f"127.9.3.{number}")
        assert answered() == before
    assert Sighting.objects.count() == 12
