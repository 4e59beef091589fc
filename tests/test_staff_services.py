"""Coordinators keep help nearby: what needs a call first, one tap to confirm, every step with a way back."""

import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from checking import area_tree
from checking.models import Membership, Service, ServiceChange
from tests.factories import make_areas, make_person, make_site

Role = Membership.Role
LIST = "/staff/services/"
NEW = {
    "name": "Night Van", "area": "us-pa-allegheny", "offers": ["naloxone", "drop_in"], "phone": "555-0111",
    "hours": "Thu-Sat 20-02", "languages": "en, es", "is_confirmed": "on",
}  # fmt: skip


@pytest.fixture
def harbour(db):
    area_tree.forget()
    return make_site("harbour", time_zone="America/New_York")


@pytest.fixture
def ada(harbour) -> Client:
    return signed_in("ada", Role.COORDINATOR)


@pytest.fixture
def ana(harbour) -> Client:
    """Coordinates Harbour, which is in Allegheny."""
    return signed_in("ana", Role.COORDINATOR, harbour)


def signed_in(name: str, role: str, site=None) -> Client:
    client = Client()
    client.force_login(make_person(name, role, site))
    return client


def make(slug: str, area: str = "us-pa-allegheny", days_ago: int | None = None, **other) -> Service:
    on = None if days_ago is None else timezone.now().date() - timedelta(days=days_ago)
    values = {"name": slug.capitalize(), "offers": ["naloxone"], "phone": "555-0100", **other}
    return Service.objects.create(slug=slug, area=make_areas()[area], last_confirmed_on=on, **values)


def page(client: Client, path: str = LIST, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content
    return answer.content.decode()


def follow(client: Client, path: str, data=None) -> str:
    answer = client.post(path, data or {}, follow=True)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def undo(client: Client, change: ServiceChange):
    return client.post(f"{LIST}changes/{change.pk}/undo/", follow=True)


def newest() -> ServiceChange:
    return ServiceChange.objects.latest("pk")


PAGES = (LIST, f"{LIST}new/", f"{LIST}import/", f"{LIST}at/room/")
STEPS = (f"{LIST}at/room/confirm/", f"{LIST}at/room/remove/", f"{LIST}at/room/", f"{LIST}new/", f"{LIST}import/")


def test_only_coordinators_come_in(harbour):
    make("room")
    change = ServiceChange.objects.create(
        slug="room", kind="added", after={"area": "us-pa-allegheny"}, recorded_at=timezone.now()
    )
    steps = (*STEPS, f"{LIST}changes/{change.pk}/undo/")
    for role in (Role.COLLECTOR, Role.CHEMIST, Role.REVIEWER):
        client = signed_in(f"{role}-ben", role, harbour)
        assert {client.get(path).status_code for path in PAGES} == {403}
        assert {client.post(path).status_code for path in steps} == {403}
        assert "Services</a>" not in client.get("/staff/").content.decode()
    for ask in (Client().get, Client().post):
        for path in (*PAGES, *steps):
            answer = ask(path)
            assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/staff/sign-in/"), path
    assert ServiceChange.objects.count() == 1


def test_steps_are_not_taken_by_following_a_link(ada):
    make("room")

    assert {ada.get(path).status_code for path in STEPS[:2]} == {405}


def test_what_was_not_confirmed_for_longest_stands_first(ada):
    make("fresh", days_ago=2)
    make("old", days_ago=215)
    make("never")

    shown = page(ada)

    assert shown.index("Never") < shown.index("Old") < shown.index("Fresh")
    assert "Not confirmed for 7 months: call first." in shown
    assert "Nobody has confirmed this yet: call first." in shown


def test_one_tap_confirms_and_another_takes_it_back(ada):
    make("room", days_ago=215, time_zone="America/New_York")
    before = Service.objects.get().last_confirmed_on

    shown = follow(ada, f"{LIST}at/room/confirm/")

    assert "Confirmed today" in shown
    assert newest().by.username == "ada"
    assert f"{LIST}changes/{newest().pk}/undo/" in shown
    undo(ada, newest())
    assert Service.objects.get().last_confirmed_on == before


def test_a_confirmation_is_of_the_day_it_is_there(ada):
    zones = {"east": "Pacific/Kiritimati", "west": "Pacific/Pago_Pago"}  # 25 hours apart: never on the same day
    for slug, zone in zones.items():
        make(slug, time_zone=zone)
        follow(ada, f"{LIST}at/{slug}/confirm/")

    days = dict(Service.objects.values_list("slug", "last_confirmed_on"))

    assert days == {slug: datetime.now(ZoneInfo(zone)).date() for slug, zone in zones.items()}


def test_confirming_twice_a_day_leaves_one_step(ada):
    make("room")
    follow(ada, f"{LIST}at/room/confirm/")

    shown = follow(ada, f"{LIST}at/room/confirm/")

    assert "This was confirmed today already." in shown
    assert ServiceChange.objects.count() == 1


def test_a_service_is_added_with_hours_a_machine_can_judge(ada):
    shown = follow(ada, f"{LIST}new/", NEW)

    service = Service.objects.get()
    assert (service.slug, service.area.slug, service.offers) == (
        "night-van",
        "us-pa-allegheny",
        ["naloxone", "drop_in"],
    )
    assert (service.hours, service.time_zone) == ("Th-Sa 20:00-02:00", "America/New_York")
    assert service.languages == ["en", "es"]
    assert "Confirmed today" in shown
    follow(ada, f"{LIST}new/", NEW)
    assert set(Service.objects.values_list("slug", flat=True)) == {"night-van", "night-van-2"}


def test_hours_in_words_go_in_and_it_is_said_what_they_do_not_do(ada):
    shown = follow(ada, f"{LIST}new/", {**NEW, "hours": "Mon-Fri 9-5"})

    assert "nothing will say open or closed" in shown
    assert "“9-5” may be morning or afternoon" in shown
    assert Service.objects.get().hours == "Mon-Fri 9-5"


@pytest.mark.parametrize(
    ("field", "written", "said"),
    [
        ("name", "", "This field is required."),
        ("area", "Atlantis", "We do not know a place called “Atlantis”."),
        ("offers", [], "This field is required."),
        ("offers", ["massage"], "massage is not one of the available choices"),
        ("phone", "555-0100 ext 4", "Write digits only"),
        ("url", "javascript:alert(1)", "Enter a valid URL."),
        ("time_zone", "Mars/Base", "is no time zone"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_stored(ada, field, written, said):
    answer = ada.post(f"{LIST}new/", {**NEW, field: written})

    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Service.objects.exists()


def test_a_change_is_kept_with_who_made_it_and_what_it_was_before(ada):
    make("room", days_ago=40, hours="Mo 10:00-12:00", time_zone="America/New_York")
    before = Service.objects.get().last_confirmed_on

    follow(ada, f"{LIST}at/room/", {**NEW, "name": "The Room", "is_confirmed": ""})

    assert Service.objects.get().last_confirmed_on == before  # a change alone confirms nothing else
    shown = page(ada, f"{LIST}at/room/")
    assert "<del>Mo 10:00-12:00</del> → Th-Sa 20:00-02:00" in shown
    assert "UTC, ada" in shown


def test_saving_what_is_there_already_changes_nothing(ada):
    follow(ada, f"{LIST}new/", NEW)
    shown = page(ada, f"{LIST}at/night-van/")
    assert 'value="Th-Sa 20:00-02:00"' in shown

    again = {**NEW, "hours": "Th-Sa 20:00-02:00", "time_zone": "America/New_York", "is_confirmed": ""}

    assert "nothing changed" in follow(ada, f"{LIST}at/night-van/", again)
    assert ServiceChange.objects.count() == 1


def test_what_is_taken_away_can_be_brought_back_whole(ada):
    make("room", days_ago=3, hours="24/7", url="https://example.org/")
    was = Service.objects.values().get()

    shown = follow(ada, f"{LIST}at/room/remove/")

    assert not Service.objects.exists()
    assert "Bring back" in shown
    undo(ada, newest())
    now = Service.objects.values().get()
    assert {**now, "id": 0} == {**was, "id": 0}
    assert "Bring back" not in page(ada)


def test_a_step_cannot_be_undone_over_a_later_one(ada):
    make("room")
    follow(ada, f"{LIST}at/room/confirm/")
    first = newest()
    follow(ada, f"{LIST}at/room/", {**NEW, "is_confirmed": ""})

    answer = undo(ada, first)

    assert "Something else was changed after that" in answer.content.decode()
    assert Service.objects.get().name == "Night Van"


def test_a_step_is_undone_once(ada):
    make("room")
    follow(ada, f"{LIST}at/room/confirm/")
    first = newest()
    undo(ada, first)
    count = ServiceChange.objects.count()

    undo(ada, first)

    assert ServiceChange.objects.count() == count


# Whose areas


def test_a_coordinator_of_a_site_keeps_the_services_of_its_area_alone(ana):
    make("here")
    make("next-door", "us-pa-beaver")
    make("state", "us-pa")

    shown = page(ana)

    assert "Here" in shown
    assert "Next-door" not in shown
    assert "State" not in shown
    for slug in ("next-door", "state"):
        assert ana.get(f"{LIST}at/{slug}/").status_code == 404
        for step in ("", "confirm/", "remove/"):
            assert ana.post(f"{LIST}at/{slug}/{step}", NEW).status_code == 404
    assert not ServiceChange.objects.exists()


def test_nor_does_anybody_move_or_bring_back_a_service_of_others(ana, ada):
    make("here")
    make("state", "us-pa")
    follow(ada, f"{LIST}at/state/remove/")
    gone = newest()

    assert ana.post(f"{LIST}changes/{gone.pk}/undo/").status_code == 404
    assert "State" not in page(ana)
    assert "State" not in page(ana, f"{LIST}?changed={gone.pk}")
    for area in ("us-pa", "us-pa-beaver"):
        assert ana.post(f"{LIST}new/", {**NEW, "area": area}).status_code == 400
        assert ana.post(f"{LIST}at/here/", {**NEW, "area": area}).status_code == 400
    assert Service.objects.get().area.slug == "us-pa-allegheny"


def test_services_are_found_by_name_and_place(ada):
    make("room")
    make("van", "us-pa-beaver")

    assert "Room" not in page(ada, f"{LIST}?q=beaver")
    assert "Van" not in page(ada, f"{LIST}?q=room")
    assert "No service of yours is called so." in page(ada, f"{LIST}?q=nothing")


@pytest.mark.parametrize("changed", ["x", "0", "9" * 30, "1; drop"])
def test_a_strange_step_in_the_address_is_no_matter(ada, changed):
    assert page(ada, f"{LIST}?changed={changed}")


# From a file

FILE = (
    "slug,name,area,offers,phone,hours\n"
    "room,Room,us-pa-allegheny,naloxone,555-0100,24/7\n"
    "van,Night Van,us-pa-allegheny,naloxone|drop_in,555-0111,Thu-Sat 20-02\n"
    "state,State,us-pa,naloxone,555-0112,\n"
    "bad,Bad,atlantis,naloxone,,\n"
)


def send(client: Client, content: str | bytes = FILE) -> str:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = "services.csv"
    answer = client.post(f"{LIST}import/", {"step": "check", "file": file})
    return answer.content.decode()


def test_a_file_is_looked_through_before_anything_changes(ana):
    make("room")

    shown = send(ana)

    assert "1 new" in shown
    assert "1 changed" in shown
    assert "Opening hours" in shown
    assert "2 lines stay out" in shown
    assert "services of this area are kept by others: us-pa" in shown
    assert "area “atlantis” is not known" in shown
    assert not ServiceChange.objects.exists()


def test_a_file_takes_no_service_over_from_others(ana):
    make("state", "us-pa")

    shown = send(ana, "slug,name,area,offers\nstate,Mine,us-pa-allegheny,naloxone\n")

    assert "services of this area are kept by others" in shown
    assert "1 line stays out" in shown


def test_good_lines_go_in_under_the_name_of_who_sent_them_and_a_second_time_does_nothing(ana):
    make("room")

    shown = follow(ana, f"{LIST}import/", {"step": "load", "text": FILE})

    assert "2 services were added or changed." in shown
    assert Service.objects.get(slug="van").time_zone == "America/New_York"
    assert {change.by.username for change in ServiceChange.objects.all()} == {"ana"}
    assert not Service.objects.filter(slug__in=["state", "bad"]).exists()
    assert "0 services were added or changed." in follow(ana, f"{LIST}import/", {"step": "load", "text": FILE})


def test_lines_that_stay_out_are_given_back(ana):
    answer = ana.post(f"{LIST}import/", {"step": "rejects", "text": FILE})

    assert answer["Content-Disposition"] == 'attachment; filename="services-to-mend.csv"'
    assert [line.split(",")[0] for line in answer.content.decode().split()][:1] == ["slug"]
    assert b"bad,Bad,atlantis" in answer.content
    assert b"room" not in answer.content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The submitted file is empty."),
        (b"name,area\nA,us\n", "The file needs the columns"),
        (b"slug,name,area,offers\n" + b"x" * 210_000, "This file is too large."),
        (b"\x00\x01\x02", "The file needs the columns"),
    ],
)
def test_what_is_no_file_of_services_says_so(ada, content, said):
    assert said in send(ada, content)


def test_a_spreadsheets_old_code_page_is_read(ada):
    send_text = "slug,name,area,offers\ncafe,Café,us,naloxone\n".encode("cp1252")

    shown = send(ada, send_text)

    assert "Café" in shown


def test_what_a_file_says_is_never_taken_for_markup(ada):
    text = "slug,name,area,offers\ncafe,</textarea><script>x</script>,us,naloxone\n<b>,A,us,naloxone\n"

    shown = send(ada, text)

    assert "<script>x" not in shown
    assert "<b>" not in shown
