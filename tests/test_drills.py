"""An exercise is begun, confirmed and heard apart from what is live."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from alerts import drills, lifecycle
from alerts.matching import Filter
from alerts.models import Alert, AlertEvent, Delivery
from alerts.reading import current_alerts
from checking import catalogue
from checking.models import Area
from tests.alerting import approve, body_of, draft, make_member, make_reviewers, publish, subscribe
from tests.factories import make_areas, make_vocabulary

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben() -> Client:
    make_vocabulary()
    make_areas()
    reviewer, _ = make_reviewers()
    client = Client()
    client.force_login(reviewer)
    return client


def a_drill(level: str = "caution") -> Alert:
    reviewers = make_reviewers()
    area = Area.objects.get(slug="us-pa-allegheny")
    alert = drills.begin(by=reviewers[0], area=area, level=level, subject=catalogue.current().subject("fentanyl"))
    for person in reviewers:
        approve(alert, person)
    return alert


def send(client: Client, alert: Alert, **fields: str) -> str:
    fields = {"sha256": lifecycle.latest(alert).sha256, **fields}
    answer = client.post(reverse("review_step", args=[alert.pk, "publish"]), fields, follow=True)
    return str(answer.content.decode())


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("level", ["Notice", "Caution", "Warning"])
def test_what_is_asked_before_a_drill_has_hardly_a_word_of_what_is_asked_before_the_real_thing(language, level):
    with translation.override(language):
        live, drill = (
            set(re.findall(r"\w+", said.lower()))
            for said in (drills.asked_before_live(level, "Allegheny"), drills.asked_before_drill("Allegheny"))
        )

    assert len(live & drill) < 0.2 * len(drill)
    assert len(live & drill) < 0.2 * len(live)


def test_a_drill_is_begun_on_its_own_page(ben):
    answer = ben.post(reverse("drills"), {"area": "us-pa-allegheny", "level": "warning", "subject": "xylazine"})

    alert = Alert.objects.get()
    assert answer.url == reverse("review_alert", args=[alert.pk])
    assert alert.is_drill
    assert lifecycle.latest(alert).body["blocks"]["en"]["headline"].startswith("DRILL: ")
    assert "DRILL: " in ben.get(reverse("drills")).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"area": "atlantis"}, {"level": "green"}, {"subject": "no such thing"}, {"subject": ""}]
)
def test_a_drill_that_cannot_be_is_not_begun(ben, wrong):
    fields = {"area": "us-pa-allegheny", "level": "warning", "subject": "xylazine", **wrong}

    answer = ben.post(reverse("drills"), fields)

    assert answer.status_code == 400
    assert not Alert.objects.exists()


def test_only_reviewers_see_drills(ben):
    client = Client()
    assert client.get(reverse("drills")).status_code == 302
    client.force_login(make_member("dee", "collector"))
    assert client.get(reverse("drills")).status_code == 403


def test_a_drill_goes_out_only_when_its_area_is_named(ben):
    alert = a_drill()

    assert "That is not the name of the area" in send(ben, alert)
    assert "That is not the name of the area" in send(ben, alert, area="Beaver")
    assert not AlertEvent.objects.exists()
    send(ben, alert, area=" allegheny ")

    assert AlertEvent.objects.get().is_drill


def test_a_drill_reaches_those_who_asked_for_drills_and_no_public_read(ben):
    asked, other = subscribe(level="notice", wants_drills=True), subscribe(level="notice")
    alert = a_drill()
    send(ben, alert, area="Allegheny")

    assert [delivery.subscription for delivery in Delivery.objects.all()] == [asked]
    assert other.pk not in alert.told.values_list("subscription", flat=True)
    assert current_alerts(Filter()) == []
    assert Client().get(reverse("alert", args=[alert.pk])).status_code == 404


def test_the_page_before_a_drill_is_another_than_that_before_an_alert(ben):
    drill = ben.get(reverse("review_send", args=[a_drill().pk])).content.decode()
    live = draft("caution")
    for person in make_reviewers():
        approve(live, person)
    real = ben.get(reverse("review_send", args=[live.pk])).content.decode()

    assert "Start exercise" in drill
    assert "Send to the public" not in drill
    assert 'name="area"' in drill
    assert "Send to the public" in real
    assert "exercise" not in real
    assert 'name="area"' not in real


def test_what_changed_since_it_was_read_does_not_go_out(ben):
    alert = a_drill()

    said = send(ben, alert, area="Allegheny", sha256="0" * 64)

    assert "has changed since it was shown" in said
    assert not AlertEvent.objects.exists()


@pytest.mark.parametrize("phrase", ["This is not a drill", "Esto NO ES UN SIMULACRO", "not an exercise"])
@pytest.mark.parametrize("is_drill", [True, False])
def test_nothing_says_that_it_is_not_a_drill(ben, phrase, is_drill):
    alert = draft("caution", is_drill=is_drill)
    body = lifecycle.latest(alert).body
    body["blocks"]["en"]["actions"].append(phrase)

    with pytest.raises(ValueError, match="not a drill"):
        lifecycle.edit(alert, by=make_reviewers()[0], level="caution", body=body)


@pytest.mark.parametrize("text", ["headline", "sms", "body"])
def test_no_text_of_a_drill_hides_that_it_is_one(ben, text):
    alert = draft("caution", is_drill=True)
    body = lifecycle.latest(alert).body
    body["blocks"]["es"][text] = body_of()["blocks"]["es"][text]

    with pytest.raises(ValueError, match="begins by saying"):
        lifecycle.edit(alert, by=make_reviewers()[0], level="caution", body=body)


def test_the_link_in_a_drill_opens_a_page_that_says_what_it_is(client):
    drill, live = publish(is_drill=True), publish()
    url = drill.events.get().payload["alert"]["url"].removeprefix("http://localhost:8000")

    page = client.get(url)

    assert page.status_code == 200
    assert "This is an exercise; nothing was found." in page.content.decode()
    assert page["X-Robots-Tag"] == "noindex"
    assert client.get(f"/alerts/{drill.pk}/").status_code == 404
    assert client.get(f"/drills/{live.pk}/").status_code == 404
    assert str(drill.pk) not in client.get("/").content.decode()
