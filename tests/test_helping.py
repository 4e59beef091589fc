"""Help nearby: who is near, in what order, what is open, and how old what we know of it is."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from checking import area_tree
from checking.confirming import FRESH_DAYS, OLD_DAYS
from checking.helping import OFFERS, Help, as_of, as_seen, seconds_kept, services_near
from checking.models import Holiday, Service
from checking.opening import UNKNOWN
from tests.factories import make_areas


def translated(text: str) -> str:
    with translation.override("es"):
        return translation.gettext(text)


@pytest.fixture(autouse=True)
def _areas(db) -> None:
    area_tree.forget()
    make_areas()


def make_service(slug: str, area: str, *offers: str, name: str = "") -> Service:
    place = make_areas()[area]
    return Service.objects.create(slug=slug, name=name or slug, area=place, offers=list(offers))


def test_near_is_here_within_and_for_the_whole_of_what_holds_it():
    make_service("county", "us-pa-allegheny")
    make_service("state", "us-pa")
    make_service("next-door", "us-pa-beaver")
    make_service("other-state", "us-va")

    assert [help.slug for help in services_near(["us-pa-allegheny"])] == ["county", "state"]
    assert [help.slug for help in services_near(["us-pa"])] == ["county", "next-door", "state"]


def test_names_alone_set_the_order():
    make_service("far", "us", "treatment", name="Anchor treatment")
    make_service("near", "us-pa-allegheny", "naloxone", name="Zephyr naloxone")

    assert [help.name for help in services_near(["us-pa-allegheny"])] == ["Anchor treatment", "Zephyr naloxone"]


def test_no_place_is_every_service_and_an_unknown_place_has_none():
    make_service("county", "us-pa-allegheny")

    assert len(services_near([])) == 1
    assert services_near(["atlantis"]) == []


def test_an_offer_narrows_the_list():
    make_service("a", "us", "naloxone", "drop_in")
    make_service("b", "us", "treatment")

    assert [help.slug for help in services_near(["us-pa"], offer="drop_in")] == ["a"]


def test_every_offer_has_plain_words():
    service = make_service("all", "us", *OFFERS)

    (help,) = services_near(["us"])

    assert len(help.offer_names) == len(service.offers) == 13


def test_services_are_read_in_one_query(django_assert_num_queries):
    for number in range(5):
        make_service(f"s{number}", "us-pa")
    area_tree.current()

    with django_assert_num_queries(1):
        assert len(services_near(["us-pa"])) == 5


# Open now, and how old it is

MONDAY_NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)  # in New York


def seen(now: datetime = MONDAY_NOON, **said: Any) -> Help:
    values = {"area": make_areas()["us-pa"], "time_zone": "America/New_York", "phone": "555-0100", **said}
    service = Service.objects.create(slug="one", name="One", offers=["naloxone"], **values)
    found, *_ = as_seen([service], now)
    return found


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ("Mo-Fr 10:00-16:00", "Open now, until 16:00"),
        ("Mo 14:00-16:00", "Closed now, opens today 14:00"),
        ("Tu 10:00-16:00", "Closed now, opens tomorrow 10:00"),
        ("We 10:00-16:00", "Closed now, opens Wednesday 10:00"),
        ("Dec 25 10:00-16:00", "Closed now, opens December 25 10:00"),
        ("24/7", "Open now, day and night"),
        ("off", "Closed now"),
        ("Mo 11:00-02:00", "Open now, until 02:00"),
        ("Mo-We 00:00-24:00", "Open now, until Thursday 00:00"),
        ("Mo-Fr 10:00-16:00; PH off", "Open now, until 16:00, unless today is a public holiday"),
        ("Ring the bell", "We cannot tell whether it is open now: call first."),
        ("", "Hours not known: call first."),
    ],
)
def test_open_or_closed_is_said_in_words(hours, said):
    assert seen(hours=hours).open_words == said


@pytest.mark.skipif(translated("Open now") == "Open now", reason="The Spanish catalogue has no words for this yet.")
@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ("Mo-Fr 10:00-16:00", "Abierto ahora, hasta las 16:00"),
        ("We 10:00-16:00", "Cerrado ahora, abre el miércoles a las 10:00"),
        ("Dec 25 10:00-16:00", "Cerrado ahora, abre el 25 de diciembre a las 10:00"),
    ],
)
def test_open_or_closed_is_said_in_spanish(hours, said):
    with translation.override("es"):
        assert seen(hours=hours).open_words == said


def test_who_has_no_telephone_is_not_to_be_called():
    assert seen(phone="").open_words == "Hours not known."


def test_hours_are_read_as_people_say_them_and_what_is_over_is_left_out():
    service = seen(
        hours="Mo-Fr 10:00-13:00,15:00-18:00; Sa,Su 20:00-02:00; PH off; Dec 25 off; 2026-11-01 off; 2026-12-31 off"
    )

    assert service.hours_lines == [
        "Monday to Friday 10:00\u201313:00, 15:00\u201318:00",
        "Saturday to Sunday 20:00\u201302:00",
        "Public holidays: closed",
        "December 25: closed",
        "Dec. 31, 2026: closed",
    ]


def test_words_no_machine_can_judge_are_shown_as_they_are_and_claim_nothing():
    service = seen(hours="Mon-Fri 9-5, ask for Ana")

    assert service.hours_lines == ["Mon-Fri 9-5, ask for Ana"]
    assert service.is_open is None


def test_without_a_time_zone_or_with_a_wrong_one_nothing_is_claimed():
    for zone in ("", "Atlantis/Harbour", "../../etc/passwd", "America"):
        service = seen(hours="Mo-Su 00:00-23:59", time_zone=zone)
        assert service.is_open is None, zone
        Service.objects.all().delete()


def test_a_holiday_of_a_wider_area_holds_here_and_of_one_beside_it_does_not():
    areas = make_areas()
    monday = MONDAY_NOON.date()
    Holiday.objects.create(area=areas["us-va"], day=monday)
    assert seen(hours="Mo 10:00-16:00; PH off").open_words.endswith("unless today is a public holiday")
    Service.objects.all().delete()

    Holiday.objects.create(area=areas["us"], day=date(2026, 12, 25))
    assert seen(hours="Mo 10:00-16:00; PH off").is_open is True
    Service.objects.all().delete()

    Holiday.objects.create(area=areas["us"], day=monday)
    assert seen(hours="Mo 10:00-16:00; PH off").is_open is False


def test_holidays_cost_one_query_and_none_where_no_hours_speak_of_them(django_assert_num_queries):
    for number in range(3):
        make_service(f"s{number}", "us-pa")
    area_tree.current()
    with django_assert_num_queries(1):
        services_near(["us-pa"])

    Service.objects.update(hours="Mo 10:00-16:00; PH off")
    with django_assert_num_queries(2):
        services_near(["us-pa"])


def test_when_it_was_judged_is_said_by_the_clock_they_share():
    service = seen(hours="24/7")

    assert as_of([service]) == "Open or closed as of 12:00, New York time."
    assert as_of([service, replace(service, time_zone="Europe/Madrid")]) == "Open or closed as of 17:00 UTC."
    assert as_of([replace(service, now=UNKNOWN)]) == ""


def test_nothing_is_kept_past_the_next_opening_or_closing():
    closes_in_ten = seen(hours="Mo 10:00-16:00", now=datetime(2026, 11, 23, 20, 59, 50, tzinfo=UTC))

    assert seconds_kept([closes_in_ten.now], closes_in_ten.at) == 10
    assert seconds_kept([UNKNOWN], closes_in_ten.at) == 60


@pytest.mark.parametrize(
    ("days", "age", "said"),
    [
        (0, "fresh", "Confirmed today"),
        (1, "fresh", "Confirmed yesterday"),
        (3, "fresh", "Confirmed 3 days ago"),
        (FRESH_DAYS, "fresh", "Confirmed 2 months ago"),
        (FRESH_DAYS + 1, "getting_old", "Confirmed 3 months ago: some of it may have changed."),
        (OLD_DAYS, "getting_old", "Confirmed 5 months ago: some of it may have changed."),
        (OLD_DAYS + 1, "old", "Not confirmed for 6 months: call first."),
        (215, "old", "Not confirmed for 7 months: call first."),
        (900, "old", "Not confirmed for 2 years: call first."),
        (None, "never", "Nobody has confirmed this yet: call first."),
        (-1, "fresh", "Confirmed today"),  # it is tomorrow already where it was confirmed
    ],
)
def test_how_long_ago_it_was_confirmed_ages_in_words(days, age, said):
    on = None if days is None else MONDAY_NOON.date() - timedelta(days=days)

    service = seen(last_confirmed_on=on)

    assert (service.age, service.age_words) == (age, said)


def test_age_without_a_telephone_says_what_to_expect():
    old = MONDAY_NOON.date() - timedelta(days=400)

    assert seen(last_confirmed_on=old, phone="").age_words == "Not confirmed for 13 months: it may have changed."
