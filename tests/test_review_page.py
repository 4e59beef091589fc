"""The review page: what waits for people, and steps that only the lifecycle takes."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from alerts import judging, reasons
from alerts.lifecycle import latest
from alerts.models import Alert, AlertEvent, Approval, Signal
from alerts.screening import screen_waiting
from checking.models import Area, Membership, Result
from checking.submission import withdraw_result
from tests.factories import make_person, make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body, strip_body

Role = Membership.Role


@pytest.fixture
def harbour(db):
    make_vocabulary()
    make_site("riverside")  # so that the area has two sites, and may be named
    return make_site("harbour")


@pytest.fixture
def rosa(harbour):
    return signed_in(make_person("rosa", Role.REVIEWER))


@pytest.fixture
def carl(harbour):
    return signed_in(make_person("carl", Role.COMMUNITY_REVIEWER))


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def notice_something(site, *found: str, rule: str = "mis_sold", **other) -> Signal:
    submit(sample_body(lab_body(found or ("fentanyl",)), **other), site)
    screen_waiting()
    return Signal.objects.filter(rule=rule).latest("pk")


def draft(client: Client, signal: Signal, level: str = "caution") -> Alert:
    answer = client.post("/desk/draft/", {"signals": signal.pk, "level": level, "area": signal.area.slug})
    return Alert.objects.get(pk=re.search(r"alerts/([0-9a-f-]+)/", answer["Location"])[1])


def step(client: Client, alert: Alert, name: str, **fields) -> str:
    """Take a step as the button would; what the page says then."""
    if name.startswith("publish"):  # its button stands under the exact words
        fields = {"sha256": latest(alert).sha256, **fields}
    return client.post(f"/staff/review/alerts/{alert.pk}/{name}/", fields, follow=True).content.decode()


def approve(client: Client, alert: Alert) -> str:
    page = client.get(f"/staff/review/alerts/{alert.pk}/").content.decode()
    shown = {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("content", "sha256")}
    return step(client, alert, "approve", **shown)


def words_of(client: Client, alert: Alert) -> dict[str, str]:
    """The edit form as it is shown."""
    page = client.get(f"/staff/review/alerts/{alert.pk}/edit/").content.decode()
    fields = dict(re.findall(r'<input type="(?:text|hidden)" name="([^"]+)" value="([^"]*)"', page))
    fields |= dict(re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL))
    return {name: value.replace("&#x27;", "'") for name, value in fields.items()}


# What is shown


def test_a_signal_shows_its_evidence_and_why_no_rule_spoke(rosa, harbour):
    signal = notice_something(harbour)

    listed = rosa.get("/desk/").content.decode()
    shown = rosa.get(f"/staff/review/signals/{signal.pk}/").content.decode()

    assert "fentanyl" in listed
    assert "two people have not approved this rule’s words" in shown
    assert "GC-MS:</strong> fentanyl" in shown
    assert "Taken for: cocaine" in shown


def test_many_signals_come_in_pages_and_each_is_on_one_of_them(rosa, harbour):
    first = notice_something(harbour)
    Signal.objects.bulk_create(
        Signal(
            area=first.area,
            site=harbour,
            rule="mis_sold",
            on=first.on,
            summary=f"Number {n}",
            rung="confirmed",
            fingerprint=f"number {n}",
        )
        for n in range(24)
    )
    total = Signal.objects.filter(state=Signal.State.OPEN).count()

    pages = [rosa.get(f"/desk/?page={number}").content.decode() for number in (1, 2)]

    seen = [set(re.findall(r'href="(/staff/review/signals/[0-9]+/)"', page)) for page in pages]
    assert len(seen[0]) >= 20
    assert len(seen[0] | seen[1]) == total
    assert 'rel="next"' in pages[0]
    assert 'rel="prev"' in pages[1]


def test_what_a_rule_counted_is_said_in_words(rosa, harbour):
    signal = notice_something(harbour, "isotonitazene", rule="watch_list")

    shown = rosa.get(f"/staff/review/signals/{signal.pk}/").content.decode()

    assert "Found here before: no" in shown
    assert "found_before" not in shown


def test_every_reason_a_rule_can_be_held_back_for_has_its_words():
    from alerts import rules
    from alerts.views.review_words import HELD_BACK

    codes = {name for name, _ in (*rules.CONDITIONS, *rules.COUNTED)}

    assert codes <= set(HELD_BACK)


def test_both_languages_stand_there_exactly_as_they_would_go_out(rosa, harbour):
    alert = draft(rosa, notice_something(harbour))
    blocks = latest(alert).body["blocks"]

    page = rosa.get(f"/staff/review/alerts/{alert.pk}/").content.decode()

    for language in ("en", "es"):
        for line in (blocks[language]["headline"], blocks[language]["sms"], *blocks[language]["found"]):
            assert line.replace("'", "&#x27;") in page, line
    assert latest(alert).sha256 in page


# From a signal to what is said


def test_a_draft_is_as_sure_as_its_results_and_no_surer(rosa, harbour):
    submit(sample_body(strip_body("absent")), harbour)
    screen_waiting()
    of_strip = draft(rosa, Signal.objects.filter(rule="mis_sold").latest("pk"))
    of_ftir = draft(rosa, notice_something(make_site("riverside"), expected=("ketamine",)))  # a lab's

    strip, lab = latest(of_strip).body, latest(of_ftir).body

    assert strip["blocks"]["en"]["headline"] == "Sold as cocaine, a fentanyl strip reacted"
    assert (strip["evidence"]["rung"], strip["substances"]) == ("presumptive", [])
    assert (lab["evidence"]["rung"], lab["substances"]) == ("confirmed", ["fentanyl"])


def test_one_instrument_that_is_no_lab_is_a_first_reading(rosa, harbour):
    submit(sample_body(lab_body(("fentanyl",), method="ftir")), harbour)
    screen_waiting()
    signal = Signal.objects.filter(substance__slug="fentanyl").latest("pk")

    body = latest(draft(rosa, signal)).body

    assert body["blocks"]["en"]["headline"] == "Sold as cocaine, a first reading points to fentanyl"
    assert body["evidence"]["rung"] == "presumptive"


def test_a_caution_goes_out_on_two_peoples_yes_and_not_before(rosa, carl, harbour):
    alert = draft(rosa, notice_something(harbour))
    step(rosa, alert, "propose")

    assert "Needs two people" in rosa.get("/desk/").content.decode()
    assert "Needs one more person" in approve(rosa, alert)
    assert "A caution needs two people" in step(rosa, alert, "publish")
    assert not AlertEvent.objects.exists()

    assert "Enough people have approved" in approve(carl, alert)
    assert "It is out." in step(carl, alert, "publish")

    event = AlertEvent.objects.get()
    assert (event.kind, event.sha256) == ("published", latest(alert).sha256)
    assert Signal.objects.get(alert=alert).state == "used"


def test_one_person_twice_is_still_one(rosa, harbour):
    alert = draft(rosa, notice_something(harbour))
    approve(rosa, alert)
    content = latest(alert)
    other_session = signed_in(make_person("rosa", Role.REVIEWER))
    step(other_session, alert, "approve", content=content.pk, sha256=content.sha256)

    step(rosa, alert, "publish")

    assert Approval.objects.count() == 1
    assert not AlertEvent.objects.exists()


def test_a_warning_needs_a_community_reviewer_and_says_so(rosa, harbour):
    alert = draft(rosa, notice_something(harbour), "warning")
    approve(rosa, alert)
    page = approve(signed_in(make_person("ray", Role.REVIEWER)), alert)

    assert "Needs a community reviewer" in page
    assert "one is a community reviewer" in step(rosa, alert, "publish")
    assert not AlertEvent.objects.exists()


def test_a_warning_may_go_ahead_on_one_yes_with_its_deadline_shown(rosa, harbour):
    alert = draft(rosa, notice_something(harbour), "warning")
    approve(rosa, alert)

    page = step(rosa, alert, "publish-by-fast-lane")

    assert "unless a second person approves" in page
    assert Alert.objects.get().second_review_by is not None


def test_what_was_changed_in_between_is_not_approved_unseen(rosa, carl, harbour):
    alert = draft(rosa, notice_something(harbour))
    shown = latest(alert)
    words = words_of(rosa, alert)
    rosa.post(
        f"/staff/review/alerts/{alert.pk}/edit/", {**words, "en-headline": "Sold as cocaine here, a lab found fentanyl"}
    )

    page = step(carl, alert, "approve", content=shown.pk, sha256=shown.sha256)

    assert "The content has changed since it was shown" in page
    assert not Approval.objects.exists()


def test_a_forged_hash_approves_nothing(carl, rosa, harbour):
    alert = draft(rosa, notice_something(harbour))

    step(carl, alert, "approve", content=latest(alert).pk, sha256="0" * 64)
    step(carl, alert, "approve", content="999999", sha256=latest(alert).sha256)

    assert not Approval.objects.exists()


def test_other_words_are_saved_whole_and_need_approval_anew(rosa, carl, harbour):
    alert = draft(rosa, notice_something(harbour))
    approve(rosa, alert)
    words = words_of(rosa, alert)

    rosa.post(
        f"/staff/review/alerts/{alert.pk}/edit/",
        {**words, "en-actions": "Any one of these helps. You choose.\n- Ask for a check here, it is free.\n\n"},
    )

    content = latest(alert)
    block = content.body["blocks"]["en"]
    assert content.version == 2
    assert block["actions"] == ["Any one of these helps. You choose.", "Ask for a check here, it is free."]
    assert "Ask for a check here, it is free." in block["body"]
    assert content.body["blocks"]["es"]["actions"] == latest(alert).body["blocks"]["es"]["actions"]
    assert judging.missing(content).people == 2


def test_two_who_edit_at_once_do_not_undo_each_other(rosa, carl, harbour):
    alert = draft(rosa, notice_something(harbour))
    words = words_of(rosa, alert)
    path = f"/staff/review/alerts/{alert.pk}/edit/"
    rosa.post(path, {**words, "en-headline": "Sold as cocaine, a lab found fentanyl in it"})

    answer = carl.post(path, {**words, "en-headline": "Something else"})

    assert answer.status_code == 400
    assert "The content has changed since it was shown" in answer.content.decode()
    assert "Something else" in answer.content.decode()  # what was typed stays
    assert latest(alert).version == 2


def test_a_text_message_that_would_be_cut_is_refused(rosa, harbour):
    alert = draft(rosa, notice_something(harbour))
    words = words_of(rosa, alert)

    answer = rosa.post(f"/staff/review/alerts/{alert.pk}/edit/", {**words, "en-sms": "x" * 320})

    assert answer.status_code == 400
    assert "too long for two text messages" in answer.content.decode()


# Taking back, and not saying at all


def test_withdrawing_is_two_taps_with_the_reason_filled_in(rosa, carl, harbour):
    alert = draft(rosa, notice_something(harbour))
    approve(rosa, alert)
    approve(carl, alert)
    step(rosa, alert, "publish")
    page = rosa.get(f"/staff/review/alerts/{alert.pk}/").content.decode()
    reason = re.search(r'id="withdraw-because"[^>]*><option value="([^"]+)"', page)[1]

    step(carl, alert, "withdraw", because=reason)  # the first tap unfolds it, this is the second

    last = AlertEvent.objects.latest("seq")
    assert (last.kind, last.because) == ("withdrawn", reason)


def test_a_reason_is_chosen_and_said_to_everyone_in_their_language(rosa, carl, harbour):
    alert = draft(rosa, notice_something(harbour))
    approve(rosa, alert)
    approve(carl, alert)
    step(rosa, alert, "publish")

    step(carl, alert, "withdraw", because="All of it is fine, John sold it.")
    assert alert.events.count() == 1

    step(carl, alert, "withdraw", because=reasons.WITHDRAWN[1])

    last = AlertEvent.objects.latest("seq")
    texts = last.payload["alert"]["texts"]
    assert "Samples were mixed up." in texts["en"]["body"]
    assert "Se confundieron unas muestras." in texts["es"]["body"]
    assert "mixed up" not in texts["es"]["body"]
    spanish, english = last.cap.split("<language>es")[1], last.cap.split("<language>es")[0]
    assert "Se confundieron unas muestras." in spanish
    assert "Samples were mixed up." in english
    assert "Se confundieron unas muestras." in Client().get(f"/alerts/{alert.pk}/?lang=es").content.decode()


def test_ending_says_that_it_is_over(rosa, carl, harbour):
    alert = draft(rosa, notice_something(harbour))
    approve(rosa, alert)
    approve(carl, alert)
    step(rosa, alert, "publish")

    step(carl, alert, "end", because=reasons.ENDED[0])

    assert AlertEvent.objects.latest("seq").kind == "ended"


def test_a_rules_notice_is_stopped_in_its_hold(rosa, harbour):
    from alerts.levels import Cap
    from alerts.lifecycle import propose_notice

    signal = notice_something(harbour)
    facts = judging.facts_of(signal, level="notice", area=signal.area)
    alert = propose_notice(
        rule="lab_named_opioid", area=signal.area, topic="t", body=judging.messages.compose(facts),
        cap=Cap("Severe", "Observed", "Unknown"), hold_until=timezone.now() + timedelta(minutes=15), evidence=[],
    )  # fmt: skip

    assert "Going out by itself soon" in rosa.get("/desk/").content.decode()
    step(rosa, alert, "stop", because="Stopped by a reviewer in its hold.")

    assert Alert.objects.get().state == "stopped"
    assert not AlertEvent.objects.exists()


def test_a_dropped_draft_gives_its_signal_back(rosa, harbour):
    signal = notice_something(harbour)
    alert = draft(rosa, signal)

    step(rosa, alert, "stop")

    signal.refresh_from_db()
    assert signal.state == "open"


def test_setting_a_signal_aside_takes_a_reason_and_happens_once(rosa, carl, harbour):
    signal = notice_something(harbour)
    path, about = "/desk/dismiss/", {"signals": signal.pk}

    assert "Say why" in rosa.post(path, {**about, "because": ""}, follow=True).content.decode()
    signal.refresh_from_db()
    assert signal.state == "open"

    rosa.post(path, {**about, "because": "Known from last week"})
    second = carl.post(path, {**about, "because": "Mine"}, follow=True).content.decode()

    signal.refresh_from_db()
    assert (signal.state, signal.dismissed_because, signal.decided_by.username) == (
        "dismissed",
        "Known from last week",
        "rosa",
    )
    assert "Someone has judged this signal already" in second


def test_nothing_is_drafted_of_results_that_no_longer_stand(rosa, harbour):
    signal = notice_something(harbour)
    withdraw_result(Result.objects.get(), reason="Entered by mistake")

    answer = rosa.post(
        "/desk/draft/", {"signals": signal.pk, "level": "caution", "area": signal.area.slug}, follow=True
    )

    assert "Every result behind this signal was corrected or taken back" in answer.content.decode()
    assert not Alert.objects.exists()


# Who may


@pytest.mark.parametrize("role", [Role.COLLECTOR, Role.CHEMIST, Role.COORDINATOR, Role.ANALYST])
def test_other_roles_review_nothing(harbour, role):
    signal = notice_something(harbour)
    other = signed_in(make_person("ben", role))

    assert other.get("/desk/").status_code == 403
    assert other.get(f"/staff/review/signals/{signal.pk}/").status_code == 403
    assert other.post("/desk/draft/", {"signals": signal.pk, "level": "caution"}).status_code == 403


def test_a_reviewer_elsewhere_sees_nothing_of_here(rosa, harbour):
    signal = notice_something(harbour)
    alert = draft(rosa, notice_something(make_site("riverside"), "carfentanil"))
    elsewhere = signed_in(make_person("ray", Role.REVIEWER, make_site("roanoke", area="us-va-roanoke")))

    assert signal.summary not in elsewhere.get("/desk/").content.decode()
    assert elsewhere.get(f"/staff/review/signals/{signal.pk}/").status_code == 404
    assert elsewhere.get(f"/staff/review/alerts/{alert.pk}/").status_code == 404
    for name in ("approve", "publish", "stop", "withdraw"):
        assert elsewhere.post(f"/staff/review/alerts/{alert.pk}/{name}/").status_code == 404
    assert elsewhere.post(f"/staff/review/alerts/{alert.pk}/edit/").status_code == 404


def test_a_communitys_signals_are_its_own(rosa, harbour):
    signal = notice_something(harbour)
    Area.objects.filter(pk=signal.area_id).update(governed_by="The people of the river")
    own = signed_in(make_person("ray", Role.REVIEWER, harbour))

    assert rosa.get(f"/staff/review/signals/{signal.pk}/").status_code == 404
    assert own.get(f"/staff/review/signals/{signal.pk}/").status_code == 200


def test_a_step_takes_a_form_not_a_link(rosa, harbour):
    alert = draft(rosa, notice_something(harbour))

    for name in ("approve", "publish", "stop", "withdraw"):
        assert rosa.get(f"/staff/review/alerts/{alert.pk}/{name}/").status_code == 405
    assert rosa.post(f"/staff/review/alerts/{alert.pk}/explode/").status_code == 404
