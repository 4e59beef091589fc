"""The desk: signals about one thing stand together, the most pressing first, and two people do not judge one thing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts import desk_steps
from alerts.desk import grouped
from alerts.lifecycle import WrongState, latest
from alerts.models import Alert, Signal
from alerts.screening import screen_waiting
from checking import catalogue
from checking.models import Area, Membership, Result
from tests.alerting import draft, publish
from tests.factories import make_person, make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body

pytestmark = pytest.mark.django_db

Role = Membership.Role


@pytest.fixture
def harbour():
    make_vocabulary()
    make_site("riverside")
    return make_site("harbour")


@pytest.fixture
def rosa(harbour):
    return make_person("rosa", Role.REVIEWER)


@pytest.fixture
def carl(harbour):
    return make_person("carl", Role.COMMUNITY_REVIEWER)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def notice(site, found="fentanyl", **other) -> Signal:
    """One signal of a result that is really there."""
    submit(sample_body(lab_body((found,)), **other), site)
    screen_waiting()
    return Signal.objects.filter(rule="mis_sold").latest("pk")


def noticed(site, *, level="notice", hours=0, expected="cocaine", subject="fentanyl", **other) -> Signal:
    """A signal as a row, waiting for so many hours."""
    known = catalogue.current()
    values = {
        "area": site.area, "site": site, "rule": "mis_sold", "on": timezone.now().date(), "rung": "confirmed",
        "summary": f"{subject} in {expected}", "expected": expected, "counts": {"level_hint": level},
        "substance_id": known.substance_ids[subject], "fingerprint": uuid4().hex, **other,
    }  # fmt: skip
    signal = Signal.objects.create(**values)
    Signal.objects.filter(pk=signal.pk).update(created_at=timezone.now() - timedelta(hours=hours))
    return Signal.objects.select_related("area").get(pk=signal.pk)


def groups():
    rows = Signal.objects.filter(state="open").select_related("area", "taken_by")
    return [set(group.ids) for group in grouped(rows, catalogue.current())]


# What stands together, and in which order


def test_signals_about_the_same_class_taken_for_the_same_stand_together(harbour):
    one = noticed(harbour, subject="fentanyl")
    same = noticed(harbour, subject="carfentanil")
    elsewhere = noticed(make_site("roanoke", area="us-va-roanoke"), subject="fentanyl")
    as_heroin = noticed(harbour, subject="fentanyl", expected="mdma")
    other = noticed(harbour, subject="xylazine")
    before = noticed(harbour, subject="fentanyl", on=timezone.now().date() - timedelta(days=40))

    found = groups()

    assert {one.pk, same.pk} in found
    for alone in (elsewhere, as_heroin, other, before):
        assert {alone.pk} in found


def test_two_counties_do_not_meet_by_way_of_their_state(harbour):
    beaver = make_site("beaver", area="us-pa-beaver")
    state = noticed(harbour, area=Area.objects.get(slug="us-pa"))
    here, there = noticed(harbour), noticed(beaver)

    found = groups()

    assert not any({here.pk, there.pk} <= group for group in found)
    assert any(state.pk in group for group in found)


def test_no_group_reaches_over_more_than_28_days(harbour):
    rows = [noticed(harbour, on=timezone.now().date() - timedelta(days=days)) for days in (0, 20, 40)]

    assert groups() == [{rows[2].pk, rows[1].pk}, {rows[0].pk}] or groups() == [{rows[0].pk}, {rows[2].pk, rows[1].pk}]


def test_an_alert_rests_on_nothing_from_outside_the_place_it_names(rosa, harbour):
    here = notice(harbour)
    away = notice(make_site("roanoke", area="us-va-roanoke"))
    desk_steps.merge([here.pk, away.pk], by=rosa)
    page = signed_in(rosa)

    said = page.post("/desk/draft/", {"signals": here.pk, "level": "caution", "area": here.area.slug}, follow=True)

    assert "Choose a level and a place." in said.content.decode()
    assert not Alert.objects.exists()
    with pytest.raises(WrongState, match="does not hold all of it"):
        desk_steps.draft([here.pk], by=rosa, level="caution", area=here.area)


def test_a_second_tap_is_no_mistake(rosa, harbour):
    signal = noticed(harbour)
    for _ in range(2):
        said = signed_in(rosa).post("/desk/dismiss/", {"signals": signal.pk, "because": "Known"}, follow=True)

    assert "Someone has judged" not in said.content.decode()


def test_the_gravest_come_first_and_then_those_that_waited_longest(harbour):
    late = noticed(harbour, level="notice", hours=50, subject="xylazine")
    fresh = noticed(harbour, level="warning", hours=1, subject="fentanyl")
    old = noticed(harbour, level="warning", hours=9, subject="bromazolam")
    middling = noticed(harbour, level="caution", hours=70, subject="ketamine")

    assert groups() == [{old.pk}, {fresh.pk}, {middling.pk}, {late.pk}]


def test_a_group_says_how_many_samples_and_sites_it_rests_on(rosa, harbour):
    first = notice(harbour)
    submit(sample_body(lab_body(("carfentanil",))), make_site("riverside"))
    screen_waiting()

    page = signed_in(rosa).get("/desk/").content.decode()

    assert "2 samples" in page
    assert "2 sites" in page
    assert f'href="/staff/review/signals/{first.pk}/"' in page


def test_neither_more_signals_nor_more_alerts_cost_more_questions(rosa, harbour):
    def asked() -> int:
        with CaptureQueriesContext(connection) as questions:
            assert signed_in(rosa).get("/desk/").status_code == 200
        return len(questions)

    def add(count: int) -> None:
        for _ in range(count):
            days = 29 * Signal.objects.count()
            noticed(harbour, hours=days, on=timezone.now().date() - timedelta(days=days))
        for _ in range(count // 4):
            publish("notice")
            draft("caution")

    add(4)
    few = asked()
    add(76)

    assert asked() == few
    assert few < 60


def test_a_step_leaves_one_in_the_language_one_had_chosen(rosa, harbour):
    alert = draft("caution")
    client = signed_in(rosa)

    shown = client.get(f"/staff/review/alerts/{alert.pk}/?lang=es").content.decode()
    sent = client.post(f"/staff/review/alerts/{alert.pk}/propose/?lang=es")

    assert f'action="/staff/review/alerts/{alert.pk}/propose/?lang=es"' in shown
    assert sent["Location"] == f"/staff/review/alerts/{alert.pk}/?lang=es"
    assert "fragment=1&amp;page=1&amp;out=1&amp;lang=es" in client.get("/desk/?lang=es").content.decode()
    assert client.post(f"/staff/review/alerts/{alert.pk}/stop/")["Location"] == f"/staff/review/alerts/{alert.pk}/"


@pytest.mark.parametrize("content", ["abc", "-1", "9" * 30, ""])
def test_an_approval_of_what_is_no_content_is_not_found(rosa, harbour, content: str):
    alert = draft("caution")

    response = signed_in(rosa).post(f"/staff/review/alerts/{alert.pk}/approve/", {"content": content})

    assert response.status_code == 404


def test_an_empty_desk_says_so(rosa):
    page = signed_in(rosa).get("/desk/").content.decode()

    assert "Nothing is open." in page
    assert "Nothing waits." in page
    assert "Nothing is out." in page


# Steps


def test_who_takes_it_is_shown_to_everyone_and_nobody_else_takes_it_unknowingly(rosa, carl, harbour):
    signal = noticed(harbour)
    signed_in(rosa).post("/desk/take/", {"signals": signal.pk})

    said = signed_in(carl).post("/desk/take/", {"signals": signal.pk}, follow=True).content.decode()

    assert "rosa is looking at it." in said
    assert "rosa has it" in said
    assert "Take it over" in said
    signed_in(carl).post("/desk/take/", {"signals": signal.pk, "over": "1"})
    signal.refresh_from_db()
    assert signal.taken_by == carl


def test_what_was_taken_is_free_again_after_half_an_hour_or_when_let_go(rosa, carl, harbour):
    signal = noticed(harbour)
    desk_steps.take([signal.pk], by=rosa)
    Signal.objects.update(taken_at=timezone.now() - timedelta(minutes=31))
    desk_steps.take([signal.pk], by=carl)
    desk_steps.let_go([signal.pk], by=rosa)  # it is not rosa's any more
    signal.refresh_from_db()
    assert signal.taken_by == carl

    desk_steps.let_go([signal.pk], by=carl)

    signal.refresh_from_db()
    assert signal.taken_by is None


def test_what_was_set_aside_is_brought_back_by_whoever_did_it(rosa, carl, harbour):
    signal = noticed(harbour)
    page = signed_in(rosa)
    page.post("/desk/dismiss/", {"signals": signal.pk, "because": "Known already"})
    assert "Known already" in page.get("/desk/").content.decode()

    with pytest.raises(WrongState):
        desk_steps.undo([signal.pk], by=carl)
    page.post("/desk/undo/", {"signals": signal.pk})

    signal.refresh_from_db()
    assert (signal.state, signal.dismissed_because, signal.decided_by) == ("open", "", None)


def test_joined_signals_are_judged_as_one_and_can_be_parted(rosa, harbour):
    first, second = notice(harbour), notice(harbour, "bromazolam", expected=["alprazolam"])
    main = desk_steps.merge([first.pk, second.pk], by=rosa)
    assert main.pk == first.pk
    assert not any(second.pk in group for group in groups())

    alert = desk_steps.draft([first.pk], by=rosa, level="caution", area=first.area)

    assert set(alert.evidence.values_list("result", flat=True)) == set(Result.objects.values_list("pk", flat=True))
    assert set(Signal.objects.filter(alert=alert).values_list("pk", flat=True)) == {first.pk, second.pk}


def test_parting_gives_each_back(rosa, harbour):
    first, second = noticed(harbour), noticed(harbour, subject="xylazine")
    desk_steps.merge([first.pk, second.pk], by=rosa)

    desk_steps.undo([second.pk], by=rosa)

    assert groups() == [{second.pk}, {first.pk}] or groups() == [{first.pk}, {second.pk}]


def test_an_alert_of_a_group_rests_on_all_of_it_and_counts_it(rosa, harbour):
    first = notice(harbour)
    second = notice(make_site("riverside"))

    answer = signed_in(rosa).post(
        "/desk/draft/", {"signals": f"{first.pk} {second.pk}", "level": "caution", "area": first.area.slug}
    )

    alert = Alert.objects.get()
    assert answer["Location"].endswith(f"/staff/review/alerts/{alert.pk}/")
    assert latest(alert).body["evidence"] == {"rung": "confirmed", "samples": 2, "sites": 2, "techniques": 1}
    assert alert.evidence.count() == 2
    assert not Signal.objects.filter(pk__in=[first.pk, second.pk], state="open").exists()


def test_of_two_who_draft_at_once_one_does_and_the_other_is_told(rosa, carl, harbour):
    signal = notice(harbour)
    about = {"signals": signal.pk, "level": "caution", "area": signal.area.slug}

    signed_in(rosa).post("/desk/draft/", about)
    said = signed_in(carl).post("/desk/draft/", about, follow=True).content.decode()

    assert "Someone has judged this signal already." in said
    assert Alert.objects.count() == 1


# Who may, and what cannot be


@pytest.mark.parametrize("step", ["take", "let-go", "dismiss", "undo", "merge", "draft"])
def test_others_signals_are_as_if_they_were_not_there(harbour, step):
    signal = noticed(harbour)
    away = make_site("roanoke", area="us-va-roanoke")
    ray = signed_in(make_person("ray", Role.REVIEWER, away))
    about = {"signals": signal.pk, "because": "No", "level": "caution", "area": "us-va-roanoke"}

    assert ray.post(f"/desk/{step}/", about).status_code == 404
    assert signal.summary not in ray.get("/desk/").content.decode()
    signal.refresh_from_db()
    assert (signal.state, signal.taken_by) == ("open", None)


@pytest.mark.parametrize("signals", ["", "x", "0", "-1", "9" * 30, "1; drop table", "999999"])
@pytest.mark.parametrize("step", ["take", "dismiss", "merge", "draft"])
def test_what_names_no_signal_is_not_found(rosa, step, signals):
    assert signed_in(rosa).post(f"/desk/{step}/", {"signals": signals, "because": "No"}).status_code == 404


def test_a_step_that_is_none_is_not_found_and_none_is_taken_by_a_link(rosa, harbour):
    signal = noticed(harbour)

    assert signed_in(rosa).post("/desk/burn/", {"signals": signal.pk}).status_code == 404
    assert signed_in(rosa).get("/desk/take/", {"signals": signal.pk}).status_code == 405


@pytest.mark.parametrize("role", [Role.COLLECTOR, Role.CHEMIST, Role.COORDINATOR, Role.ANALYST])
def test_the_desk_is_for_reviewers(harbour, role):
    assert signed_in(make_person("ben", role)).get("/desk/").status_code == 403
    assert Client().get("/desk/").status_code == 302


def test_the_former_address_leads_here(rosa):
    answer = signed_in(rosa).get("/staff/review/")

    assert (answer.status_code, answer["Location"]) == (301, "/desk/")


def test_the_fragment_has_the_lists_alone(rosa, harbour):
    noticed(harbour)

    fragment = signed_in(rosa).get("/desk/?fragment=1").content.decode()

    assert "fentanyl in cocaine" in fragment
    assert "<html" not in fragment


@pytest.mark.parametrize("area", ["", "us-va-roanoke", "atlantis"])
def test_a_place_that_does_not_hold_it_is_not_taken(rosa, harbour, area):
    signal = noticed(harbour)
    Area.objects.get_or_create(slug="us-va-roanoke", defaults={"name": "Roanoke", "path": "zz."})

    said = signed_in(rosa).post("/desk/draft/", {"signals": signal.pk, "level": "caution", "area": area}, follow=True)

    assert "Choose a level and a place." in said.content.decode()
    assert not Alert.objects.exists()


def test_a_reason_too_long_to_keep_is_said_and_nothing_is_cut(rosa, harbour):
    signal = noticed(harbour)

    said = signed_in(rosa).post("/desk/dismiss/", {"signals": signal.pk, "because": "x" * 301}, follow=True)

    assert "300 letters or fewer" in said.content.decode()
    signal.refresh_from_db()
    assert signal.state == "open"


def test_what_is_out_comes_page_by_page(rosa, harbour, monkeypatch):
    monkeypatch.setattr("alerts.views.desk.A_PAGE", 2)
    for _ in range(3):
        publish()
    page = signed_in(rosa)

    first, second = (page.get(f"/desk/?out={number}").content.decode() for number in (1, 2))

    assert "(3)</h2>" in first
    assert (first.count('data-item="alert-'), second.count('data-item="alert-')) == (2, 1)
    assert "out=2#out" in first
    assert "out=1#out" in second


def test_the_longest_waiting_never_fall_off_the_end(rosa, harbour, monkeypatch):
    first = noticed(harbour)
    Signal.objects.update(created_at=timezone.now() - timedelta(days=9))
    noticed(harbour, subject="xylazine")
    monkeypatch.setattr("alerts.views.review.MOST", 1)

    page = signed_in(rosa).get("/desk/").content.decode()

    assert f"/staff/review/signals/{first.pk}/" in page
