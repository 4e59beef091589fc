"""The composer's page: what it shows, takes, refuses and keeps; and the rules that speak, kept by people."""

import re
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry

from alerts import lifecycle, messages, objecting, placing, rule_settings, rule_words
from alerts.approving import NotAllowed
from alerts.levels import Cap
from alerts.lifecycle import latest
from alerts.models import Alert, RuleSwitch, Signal
from alerts.screening import screen_waiting
from checking.models import Area, Membership, Network
from tests.alerting import make_member
from tests.factories import make_person, submit
from tests.sending import sample_body, strip_body
from tests.test_review_page import carl, draft, harbour, notice_something, rosa, signed_in, words_of  # noqa: F401

Role = Membership.Role
RULE = "lab_named_opioid"


@pytest.fixture
def alert(rosa, harbour) -> Alert:  # noqa: F811
    return draft(rosa, notice_something(harbour))


def path(alert: Alert, name: str = "edit") -> str:
    return f"/staff/review/alerts/{alert.pk}/{name}/"


def form_of(client, alert: Alert) -> dict[str, str]:
    """As a browser would send it back unchanged: selects and ticks included."""
    page = client.get(path(alert)).content.decode()
    fields = {name: unescape(value) for name, value in words_of(client, alert).items()}
    for name, options in re.findall(r'<select name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        fields[name] = re.search(r'value="([^"]*)" selected', options)[1]
    fields["shown"] = re.search(r'name="shown" type="hidden" value="([^"]*)"', page)[1]
    ticked = re.findall(r'name="pick" id="[^"]+" value="([^"]+)"[^>]* checked', page)
    return {**fields, "pick": ticked}


def strip_draft(client, site) -> Alert:
    """A notice that rests on one strip."""
    submit(sample_body(strip_body(), expected=("cocaine",)), site)
    screen_waiting()
    return draft(client, Signal.objects.latest("pk"), level="notice")


# What it shows


def test_the_ten_blocks_stand_in_their_order(rosa, alert):  # noqa: F811
    page = rosa.get(path(alert)).content.decode()

    order = re.findall(r'id="part-(\w+)"', page)
    assert order[:10] == ["headline", "actions", "looks", "found", "signs", "helps", "strips", "near", "dates", "who"]


def test_a_form_sent_back_as_it_is_changes_no_word(rosa, alert):  # noqa: F811
    before = latest(alert).body

    answer = rosa.post(path(alert), form_of(rosa, alert))

    assert answer.status_code == 302
    after = latest(alert).body
    for language in messages.LANGUAGES:
        block = {**after["blocks"][language]}
        assert block.pop("clinicians") == []
        assert block == before["blocks"][language]
    assert after["areas"] == before["areas"]
    assert latest(alert).level == "caution"


def test_the_preview_is_what_the_public_page_feed_and_phone_get(rosa, carl, alert):  # noqa: F811
    fields = {**form_of(rosa, alert), "en-headline": "Sold as cocaine, a lab found fentanyl in it"}
    seen = rosa.post(path(alert, "preview"), fields, headers={"X-Fragment": "preview"}).content.decode()
    rosa.post(path(alert), fields)
    for person, key in ((rosa, "one"), (carl, "two")):
        user = person.session["_auth_user_id"]
        content = latest(alert)
        lifecycle.approve(content, sha256=content.sha256, by=Membership.objects.get(user_id=user).user, session_key=key)
    event = lifecycle.publish(alert, by=Membership.objects.first().user)

    page = rosa.get(f"/alerts/{alert.pk}/").content.decode()
    assert seen.count("a lab found fentanyl in it") >= 4  # page, poster, feed, wall, CAP
    assert event.payload["alert"]["texts"]["es"]["sms"] in unescape(seen)
    for line in re.findall(r"<li>(.*?)</li>", page.split('<ul class="steps">')[1].split("</ul>")[0]):
        assert line in seen
    assert event.cap
    assert "<instruction>" in event.cap
    assert unescape(re.search(r"<instruction>(.*?)</instruction>", event.cap, re.DOTALL)[1]) in unescape(seen)


def test_a_preview_stores_nothing_and_shows_what_is_not_sound_yet(rosa, alert):  # noqa: F811
    answer = rosa.post(path(alert, "preview"), {**form_of(rosa, alert), "en-actions": "It is deadly!", "en-sms": ""})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Must mend" in page
    assert "can slow or stop breathing" in page
    assert "It is deadly!" in page  # what was typed stays
    assert latest(alert).version == 1


def test_typed_markup_stays_text(rosa, alert):  # noqa: F811
    fields = {**form_of(rosa, alert), "en-headline": "<script>alert(1)</script>"}

    page = rosa.post(path(alert, "preview"), fields).content.decode()

    assert "<script>alert(1)" not in page


# What it takes


def test_a_tick_puts_a_block_in_and_taking_it_away_takes_it_out(rosa, alert):  # noqa: F811
    fields = form_of(rosa, alert)
    rosa.post(path(alert), {**fields, "pick": [*fields["pick"], "step-smoke-small"]})
    put = latest(alert).body["blocks"]

    fields = form_of(rosa, alert)
    rosa.post(path(alert), {**fields, "pick": [each for each in fields["pick"] if each != "step-smoke-small"]})
    taken = latest(alert).body["blocks"]

    assert any(line.startswith("If you smoke: take one") for line in put["en"]["actions"])
    assert any(line.startswith("Si fuma: dé una") for line in put["es"]["actions"])
    assert not any("If you smoke" in line for line in taken["en"]["actions"])


def test_how_sure_it_is_cannot_be_typed(rosa, harbour):  # noqa: F811
    alert = strip_draft(rosa, harbour)
    sure = messages.words("en")["found"]["confirmed"]
    fields = form_of(rosa, alert)
    assert messages.words("en")["found"]["presumptive"] not in fields["en-found"]

    rosa.post(path(alert), {**fields, "en-found": f"{fields['en-found']}\n{sure}"})

    found = latest(alert).body["blocks"]["en"]["found"]
    assert latest(alert).version == 2
    assert sure not in found
    assert found.count(messages.words("en")["found"]["presumptive"]) == 1


def test_words_that_must_be_mended_are_not_saved(rosa, alert):  # noqa: F811
    answer = rosa.post(path(alert), {**form_of(rosa, alert), "en-helps": "Addicts should get clean."})

    assert answer.status_code == 400
    assert "people who use drugs" in answer.content.decode()
    assert latest(alert).version == 1


def test_no_other_door_saves_them_either(rosa, alert):  # noqa: F811
    body = latest(alert).body
    body["blocks"]["en"]["helps"] = ["It is safe."]
    user = Membership.objects.get(role=Role.REVIEWER).user

    with pytest.raises(objecting.NotPlain, match="safe"):
        placing.save_words(
            alert, by=user, area=alert.area, level="caution", cap=latest_cap(alert), body=body, version=1
        )


def latest_cap(alert: Alert):
    content = latest(alert)
    return Cap(content.severity, content.certainty, content.urgency)


def test_the_level_follows_from_the_three_and_the_words_say_it(rosa, alert):  # noqa: F811
    fields = {**form_of(rosa, alert), "severity": "Severe", "certainty": "Observed", "urgency": "Immediate"}

    answer = rosa.post(path(alert), fields)

    content = latest(alert)
    assert content.level == "warning", re.findall(r"<li class=\"must_mend.*?</li>", answer.content.decode(), re.DOTALL)
    assert content.body["blocks"]["en"]["sms"].startswith("WARNING, Allegheny")
    assert content.body["blocks"]["es"]["sms"].startswith("ADVERTENCIA, Allegheny")
    assert content.body["blocks"]["en"]["dates"][1].startswith("This warning runs out")


def test_another_place_is_named_everywhere_at_once(rosa, alert):  # noqa: F811
    wider = Area.objects.get(slug="us-pa")

    rosa.post(path(alert), {**form_of(rosa, alert), "area": wider.slug})

    body = latest(alert).body
    alert.refresh_from_db()
    assert body["areas"] == ["us-pa"]
    assert alert.area == wider
    assert alert.topic.startswith("us-pa|")
    assert "Allegheny" not in str(body)
    assert wider.name in body["blocks"]["es"]["sms"]


def test_a_place_that_does_not_hold_it_is_refused(rosa, alert):  # noqa: F811
    other = (
        Area.objects.exclude(slug__startswith="us").first()
        or Area.objects.exclude(slug__in=["us", "us-pa", "us-pa-allegheny"]).first()
    )

    answer = rosa.post(path(alert), {**form_of(rosa, alert), "area": other.slug})

    assert answer.status_code == 400
    assert latest(alert).body["areas"] == ["us-pa-allegheny"]


def test_no_other_door_takes_it_to_a_place_that_does_not_hold_it(alert):
    other = Area.objects.exclude(slug__in=["us", "us-pa", "us-pa-allegheny"]).first()
    user, body = Membership.objects.get(role=Role.REVIEWER).user, latest(alert).body

    with pytest.raises(NotAllowed):
        placing.save_words(alert, by=user, area=other, level="caution", cap=latest_cap(alert), body=body, version=1)


def test_what_was_said_stays_in_its_place(alert):
    places = placing.places_for(Alert(area=alert.area, state=Alert.State.PUBLISHED), make_member("ben", "reviewer"))

    assert places == [alert.area]


def test_words_for_clinicians_are_kept_and_stay_out_of_the_public_text(rosa, alert):  # noqa: F811
    fields = form_of(rosa, alert)

    rosa.post(
        path(alert), {**fields, "en-clinicians": "Fifty times morphine.", "es-clinicians": "Cincuenta veces morfina."}
    )

    block = latest(alert).body["blocks"]["en"]
    assert block["clinicians"] == ["Fifty times morphine."]
    assert "Fifty times" not in block["body"] + block["sms"]
    assert "Fifty times morphine." in rosa.get(path(alert)).content.decode()


def test_a_stamp_goes_out_with_its_reason_in_what_people_approve(rosa, alert):  # noqa: F811
    fields = form_of(rosa, alert)
    typed = {
        name: fields[name] + f"\n{line}"
        for name, line in (("en-looks", "The bags have a red stamp."), ("es-looks", "Las bolsas tienen un sello rojo."))
    }

    assert rosa.post(path(alert), {**fields, **typed}).status_code == 400
    rosa.post(path(alert), {**fields, **typed, "stamp_reason": "Five bags with it were checked."})

    assert latest(alert).body["overrides"] == {"brand_stamp": "Five bags with it were checked."}


def test_what_strips_show_is_computed_and_shown(rosa, alert):  # noqa: F811
    page = rosa.get(path(alert)).content.decode()

    assert "A fentanyl strip can show fentanyl." in page
    assert re.search("Not made to show fentanyl: .*xylazine strip", page)


def test_a_strip_alone_is_composed_and_previewed(rosa, harbour):  # noqa: F811
    page = rosa.get(path(strip_draft(rosa, harbour))).content.decode()

    assert "a fentanyl strip reacted" in page
    assert "Nothing speaks against these words." in page


@pytest.mark.parametrize("name", ["edit", "preview"])
def test_who_reviews_nothing_composes_nothing(alert, name):
    dee = signed_in(make_person("dee", Role.COLLECTOR))

    assert dee.post(path(alert, name), {}).status_code == 403


# Rules that speak


def switch(client, to: str, **fields: str) -> str:
    fields = {"because": "The lot is in doubt.", "to": to, **fields}
    return client.post(f"/staff/review/rules/{RULE}/switch/", fields, follow=True).content.decode()


def test_a_coordinator_switches_a_rule_on_and_off_with_a_reason_on_record(harbour):  # noqa: F811
    cory = signed_in(make_person("cory", Role.COORDINATOR))

    page = switch(cory, "on", site=harbour.slug, method="gc-ms")
    assert RuleSwitch.objects.get(rule=RULE, site=harbour).is_on
    assert "The lot is in doubt." in page
    switch(cory, "off", site=harbour.slug, method="gc-ms")

    assert not RuleSwitch.objects.get(rule=RULE, site=harbour).is_on
    assert LogEntry.objects.count() == 2
    assert str(LogEntry.objects.latest("pk").user) == "cory"


def test_a_reviewer_may_switch_off_and_not_on(rosa):  # noqa: F811
    switch(rosa, "on")
    assert not RuleSwitch.objects.exists()

    switch(rosa, "off")
    assert not RuleSwitch.objects.get(rule=RULE, site=None, method=None).is_on


def test_a_switch_without_a_reason_stays_as_it_was(harbour):  # noqa: F811
    cory = signed_in(make_person("cory", Role.COORDINATOR))

    assert "Say why" in switch(cory, "on", because="")
    assert not RuleSwitch.objects.exists()


def test_a_coordinator_of_one_site_changes_nothing(harbour):  # noqa: F811
    with pytest.raises(NotAllowed):
        rule_settings.set_hold(minutes=30, caps=True, by=make_member("eve", "coordinator", harbour), because="Longer.")


def test_the_hold_is_changed_within_its_bounds(harbour):  # noqa: F811
    cory = make_member("cory", "coordinator")
    rule_settings.set_hold(minutes=30, caps=True, by=cory, because="Nights are thin.")

    assert Network.current().hold_minutes == 30
    for minutes, caps in ((0, True), (24 * 60 + 1, True), (30, False)):
        with pytest.raises(rule_settings.NotSaid):
            rule_settings.set_hold(minutes=minutes, caps=caps, by=cory, because="Nights are thin.")
    assert Network.current().hold_minutes == 30


def test_the_page_says_how_many_days_an_approval_has_left(rosa):  # noqa: F811
    rosa.post(f"/staff/review/rules/{RULE}/approve/", {"sha256": rule_words.words_sha256(RULE)})

    page = rosa.get("/staff/review/rules/").content.decode()

    assert "182 days left" in page
    assert "Renew my approval" in page
    assert "nothing speaks against these words" in page
