"""The pages everyone sees."""

import gzip
import re
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client, RequestFactory, override_settings
from django.utils import timezone

from alerts.reading import head
from alerts.views import errors
from checking import area_tree, floors, networks
from checking.models import Network, Release, ReleasedShare, Service
from tests.factories import make_areas, make_vocabulary
from tests.said import say, say_more

CSS = Path(settings.BASE_DIR) / "static" / "css" / "headsup.css"
PAGES = [
    "/",
    "/help/",
    "/help/us-pa-allegheny/",
    "/results/",
    "/about/",
    "/about/data/",
    "/methods/",
    "/methods/fentanyl-strip/",
]


@pytest.fixture(autouse=True)
def _world(db) -> None:
    make_vocabulary()
    area_tree.forget()
    make_areas()


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


# What stands now


def test_the_newest_alert_stands_first_with_its_actions(client):
    say("Sold as heroin, a lab found medetomidine", at=timezone.now() - timedelta(hours=5))
    newer = say("Sold as cocaine, a lab found fentanyl")

    page = text_of(client.get("/"))

    assert page.index("found fentanyl") < page.index("found medetomidine")
    assert "Start small and wait." in page
    assert f'href="/alerts/{newer.alert_id}/"' in page
    assert f'data-head="{head()}"' in page
    assert f'data-live="/ws/alerts/?after={head()}"' in page


def test_actions_come_before_chemistry(client):
    event = say(blocks={"found": ["Fentanyl in 1 sample, by two techniques."]})

    page = text_of(client.get(f"/alerts/{event.alert_id}/"))

    assert page.index("Keep naloxone near.") < page.index("by two techniques")


def test_the_invitation_leads_the_steps_and_is_no_step_itself(client):
    event = say(blocks={"actions": ["Any one of these helps. You choose.", "Start small.", "Not alone.", "A.", "B."]})

    home, page = text_of(client.get("/")), text_of(client.get(f"/alerts/{event.alert_id}/"))

    for shown in (home, page):
        assert ">Any one of these helps. You choose.</" in shown
        assert "<li>Any one of these" not in shown
        assert "<li>B.</li>" in shown


def test_the_level_is_a_word_and_a_shape_beside_its_colour(client):
    for level in ("notice", "caution", "warning"):
        say(level=level)

    page = text_of(client.get("/"))

    shapes = re.findall(r'class="level level-(\w+)"><svg.*?d="([^"]+)"/></svg>(\w+)</span>', page)
    assert {(level, word) for level, _, word in shapes} == {
        ("notice", "Notice"), ("caution", "Caution"), ("warning", "Warning"),
    }  # fmt: skip
    assert len({shape for _, shape, _ in shapes}) == 3


def test_what_is_over_drilled_or_out_of_time_does_not_stand(client):
    say_more(say("It has ended"), "ended")
    say_more(say("It was wrong"), "withdrawn")
    say("A drill", drill=True)
    say("Its time is over", at=timezone.now() - timedelta(days=15))
    say("It stands")

    page = text_of(client.get("/"))

    assert "It stands" in page
    for gone in ("It has ended", "It was wrong", "A drill", "Its time is over"):
        assert gone not in page


def test_a_place_shows_what_concerns_it_above_and_within(client):
    say("For the county", area="us-pa-allegheny")
    say("For next door", area="us-pa-beaver")
    say("For the state", area="us-pa")

    page = text_of(client.get("/", {"area": "us-pa-allegheny", "level": ""}))

    assert "For the county" in page
    assert "For the state" in page
    assert "For next door" not in page
    assert "after=3&amp;area=us-pa-allegheny" in page


def test_people_may_write_the_name_of_a_place_and_a_drug(client):
    say("Fentanyl here", area="us-pa-allegheny")
    say("Xylazine here", area="us-pa-allegheny", substances=("xylazine",))

    page = text_of(client.get("/", {"area": "allegheny", "substance": "fetty"}))

    assert "Fentanyl here" in page
    assert "Xylazine here" not in page


def test_a_filter_we_cannot_read_shows_everything_and_says_so(client):
    say("It stands")

    response = client.get("/", {"area": "Atlantis"})

    assert response.status_code == 400
    assert "It stands" in text_of(response)
    assert "We do not know a place called “Atlantis”." in text_of(response)


def test_what_was_asked_is_escaped(client):
    page = client.get("/", {"area": '"><script>alert(1)</script>', "substance": "<b>"}).content.decode()

    assert "<script>alert" not in page
    assert "<b>" not in page


def release(tested: int, *, area: str = "us-pa-allegheny", subject: str = "fentanyl", **other) -> None:
    monday = timezone.now().date() - timedelta(days=14)
    first = Release.objects.get_or_create(number=1, defaults={"made_on": monday})[0]
    ReleasedShare.objects.create(
        release=first, batch=1, series="latest", area=area, period_start=monday, subject=subject, family="lab",
        material="product", tested=tested, detected=0, **other,
    )  # fmt: skip


def test_silence_says_how_few_samples_it_rests_on(client):
    release(14)
    release(9, subject="xylazine")

    page = text_of(client.get("/", {"area": "us-pa"}))

    assert "No notice now." in page
    assert "At least 14 samples are in the public figures of the last 28 days; that is too few to say much." in page


def test_a_corrected_figure_counts_once(client):
    release(14, superseded_in=Release.objects.create(number=2, made_on=timezone.now().date()))
    release(12, version=2)

    assert "At least 12 samples" in text_of(client.get("/"))


def test_silence_without_samples_says_nothing_either_way(client):
    release(50, area="us-va-roanoke")

    assert "says nothing either way" in text_of(client.get("/", {"area": "us-pa"}))


def test_silence_is_never_all_clear(client):
    release(5000)

    assert "That does not mean nothing is there." in text_of(client.get("/"))


# One alert


def test_a_withdrawn_alert_says_on_top_that_it_was_wrong_and_why(client):
    event = say("Sold as MDMA, a lab found fentanyl")
    say_more(event, "withdrawn", because="The sample was mixed up at the lab.")

    page = text_of(client.get(f"/alerts/{event.alert_id}/"))

    assert page.index("This was wrong.") < page.index("<h1>")
    assert page.index("The sample was mixed up at the lab.") < page.index("<h1>")
    assert "<del>Sold as MDMA, a lab found fentanyl</del>" in page


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("ended", "Nothing new was reported. That does not mean the supply has changed."),
        ("lapsed", "has run out before a second person could review it. The result behind it stands."),
    ],
)
def test_an_alert_that_is_over_stays_and_says_how_it_ended(client, kind, sentence):
    event = say()
    say_more(event, kind)

    page = text_of(client.get(f"/alerts/{event.alert_id}/"))

    assert sentence in page
    assert "What we said to do" in page


def test_a_notice_past_its_time_says_so_without_an_event(client):
    event = say(at=timezone.now() - timedelta(days=15))

    page = text_of(client.get(f"/alerts/{event.alert_id}/"))

    assert "The time of this alert is over." in page
    assert "Ran out" in page


def test_what_nobody_reviewed_says_so_everywhere(client):
    event = say(reviewed=False)

    for address in ("/", f"/alerts/{event.alert_id}/", "/alerts.txt"):
        assert "not yet reviewed" in text_of(client.get(address))


def test_every_step_of_an_alert_is_dated(client):
    event = say()
    say_more(event, "updated")
    say_more(event, "ended")

    page = text_of(client.get(f"/alerts/{event.alert_id}/"))

    assert page.index("<strong>Published</strong>") < page.index("<strong>Updated</strong>")
    assert page.index("<strong>Updated</strong>") < page.index("<strong>Ended</strong>")


def test_help_nearby_stands_beside_an_alert_with_its_last_confirmation(client):
    areas = make_areas()
    Service.objects.create(
        slug="line", name="Line", area=areas["us"], offers=["use_alone_line"], phone="+1 (800) 555-0199",
        last_confirmed_on=date(2026, 11, 2),
    )  # fmt: skip
    Service.objects.create(slug="far", name="Far away", area=areas["us-va"], offers=["naloxone"])
    event = say()

    page = text_of(client.get(f"/alerts/{event.alert_id}/"))

    assert 'href="tel:+18005550199"' in page
    assert "(Nov. 2, 2026)" in page
    assert "Far away" not in page


def test_a_drill_or_an_unknown_alert_is_kindly_not_there(client):
    for id in (say(drill=True).alert_id, uuid4()):
        response = client.get(f"/alerts/{id}/")

        assert response.status_code == 404
        assert "You did nothing wrong." in text_of(response)


def test_spanish_is_spoken_and_kept_from_page_to_page(client):
    event = say()

    page = text_of(client.get("/", {"lang": "es"}))

    assert '<html lang="es"' in page
    assert "Vendido como cocaína" in page
    assert f'href="/alerts/{event.alert_id}/?lang=es"' in page
    assert 'href="/help/?lang=es"' in page


def test_the_language_links_keep_what_was_asked_for(client):
    assert 'href="?area=us-pa&amp;lang=es"' in text_of(client.get("/", {"area": "us-pa"}))


# For the smallest telephone


def test_the_plain_page_fits_two_thousand_bytes_however_much_stands(client):
    for number in range(40):
        say(f"Sold as cocaína número {number}, a lab found fentanyl")

    response = client.get("/alerts.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert len(response.content) <= 2000
    body = response.content.decode()
    assert "número 39," in body
    assert re.search(r"And \d+ more\.", body)


def test_the_plain_page_has_the_actions_where_they_fit(client):
    say()

    assert "- Start small and wait." in client.get("/alerts.txt").content.decode()


def test_the_plain_page_of_a_simulated_network_says_so_and_still_fits(client):
    Network.current()
    Network.objects.update(simulated=True)
    networks.forget()
    for number in range(40):
        say(f"Sold as cocaína número {number}, a lab found fentanyl")

    response = client.get("/alerts.txt")
    networks.forget()

    assert response.content.decode().startswith("Simulated data: made up to show how this works. Not real results.")
    assert len(response.content) <= 2000


def test_home_with_its_style_fits_the_first_round_trip(client):
    for number in range(6):
        say(f"Sold as cocaine in place {number}, a lab found a nitazene and medetomidine", level="warning")

    html = client.get("/").content

    assert len(gzip.compress(html)) + len(gzip.compress(CSS.read_bytes())) <= 14_000


# What no page may do


@pytest.mark.parametrize("address", PAGES)
def test_public_pages_set_no_cookie_and_ask_no_other_host(client, address):
    say()

    response = client.get(address)

    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert "Accept-Language" in response["Vary"]
    page = response.content.decode()
    assert not re.findall(r'(?:src|action)="https?:', page)
    assert not re.findall(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", page)


@pytest.mark.parametrize("address", [*PAGES, "/nowhere/"])
def test_a_simulated_network_says_so_on_every_page(client, address):
    Network.objects.update_or_create(pk=1, defaults={"simulated": True})

    assert "made up to show how this works. Not real results." in text_of(client.get(address))


def test_a_real_network_does_not_call_itself_simulated(client):
    assert "Simulated" not in text_of(client.get("/"))


@pytest.mark.parametrize("address", PAGES)
def test_every_page_says_what_it_is_for(client, address):
    assert "For health only. Not evidence, not for enforcement." in text_of(client.get(address))


def test_what_we_keep_is_said_in_full(client):
    page = text_of(client.get("/about/data/"))

    assert "We do not give police, or health staff embedded with police, anything that is not on this page." in page
    assert "We keep what the sample was. We do not keep who you are." in page


def test_pages_judge_nobody(client):
    event = say(reviewed=False)
    words = r"\b(addict|abuse|junkie|clean|dirty|lethal|killer|laced|safe|pure|illegal|illicit)\w*"

    for address in [*PAGES, f"/alerts/{event.alert_id}/", "/alerts.txt", "/nowhere/"]:
        shown = re.sub(r"<[^>]+>", " ", client.get(address).content.decode())
        assert not re.findall(words, shown, re.IGNORECASE), address


# When something is wrong


def test_programs_get_the_one_error_shape():
    request = RequestFactory().get("/api/v1/nothing/")

    for view, status in ((errors.not_found, 404), (errors.forbidden, 403), (errors.bad_request, 400)):
        response = view(request)
        assert response.status_code == status
        assert b'{"error": {"code": ' in response.content


def test_our_own_fault_is_said_in_both_languages_without_a_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = errors.went_wrong(RequestFactory().get("/"))

    assert response.status_code == 500
    assert "Something went wrong on our side." in text_of(response)
    assert "Algo falló de nuestro lado." in text_of(response)


@override_settings(CSRF_FAILURE_VIEW="alerts.views.errors.csrf_failed")
def test_a_form_that_waited_too_long_gets_a_kind_answer():
    from alerts.views.errors import csrf_failed

    response = csrf_failed(RequestFactory().post("/staff/"))

    assert response.status_code == 403
    assert "Nothing was saved." in text_of(response)


def test_pages_can_only_be_read():
    assert Client().post("/").status_code == 405


@pytest.mark.parametrize(
    "said",
    [
        "come out 5 or more at a time",
        "after 28 days",
        "80 per cent or more",
        "fewer than 20 000 residents",
        "6 weeks after",
        "of 20 or more",
        "stricter, never looser",
        "not a random draw",
    ],
)
def test_the_floors_of_what_is_published_are_stated(client, said):
    assert said in text_of(client.get("/about/data/"))


def test_numbers_stand_beside_the_loosest_that_they_may_be(client, monkeypatch):
    monkeypatch.setattr(floors, "FEWEST", 11)
    page = text_of(client.get("/about/data/"))

    rows = re.findall(r'<th scope="row">([^<]+)</th><td class="number">([^<]+)</td><td>([^<]+)</td>', page)
    assert [here for _, here, _ in rows] == [f"{number:,}".replace(",", " ") for number in floors.stated().values()]
    assert [said for *_, said in rows] == [
        "at least 5", "at most 80", "at least 28", "at least 20 000", "at least 6", "at least 20",
    ]  # fmt: skip
    assert rows[0][1] == "11"
    assert "/data/#codebook" in page
