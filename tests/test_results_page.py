"""The page of the person who brought a sample."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.utils import timezone

from alerts.tries import Tries, client_of
from alerts.views.results import tries
from checking import area_tree, bodies, submission
from checking.decoding import decode
from checking.models import Result, Sample, Service
from tests.factories import make_areas, make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body, strip_body

HERE = "/results/"


@pytest.fixture(autouse=True)
def _world(db) -> None:
    make_vocabulary()
    area_tree.forget()
    make_areas()
    tries.forget()


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def brought(*results, **other) -> tuple[Sample, str]:
    """A sample as it came in, with the code its person holds."""
    receipt = submit(sample_body(*results, **other), site=make_site())
    return Sample.objects.get(pk=receipt.sample_id), receipt.code


def look_up(code: str, **headers: str):
    return Client(enforce_csrf_checks=True).post(HERE, {"code": code}, headers=headers)


def test_a_code_opens_every_result_with_what_it_says_and_what_it_cannot(client):
    _, code = brought(strip_body("clear"), lab_body(("fentanyl", "caffeine")))

    page = text_of(look_up(code))

    assert "Your result" in page
    assert "Taken for: cocaine" in page
    assert re.search(r"fentanyl", page)
    assert "caffeine" in page
    assert page.count('<section class="card"') == 2
    assert "Any one of these helps. You choose." in page
    assert "A small portion was tested" in page


@pytest.mark.parametrize("way", [str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", "  "),
                                 lambda code: code.replace("0", "O").replace("1", "l")])  # fmt: skip
def test_a_code_is_forgiven_its_case_dashes_and_look_alikes(way):
    _, code = brought(strip_body())

    assert "Your result" in text_of(look_up(way(code)))


def test_a_wrong_code_and_an_expired_one_are_answered_alike():
    _, code = brought(strip_body())

    wrong = look_up("0000-0000-0000")
    with time_machine.travel(timezone.now() + timedelta(days=91), tick=False):
        expired = look_up(code)

    assert wrong.status_code == expired.status_code == 404
    assert wrong.content == expired.content
    assert dict(wrong.headers) == dict(expired.headers)


def test_the_page_never_repeats_the_code_and_is_never_kept():
    _, code = brought(strip_body())

    for response in (look_up(code), look_up("WRNG-C0DE-9999"), Client().get(HERE)):
        assert response["Cache-Control"] == "no-store"
        assert not response.cookies
        page = response.content.decode()
        assert code not in page
        assert "WRNG" not in page


def test_a_code_in_an_address_opens_nothing(client):
    _, code = brought(strip_body())

    assert "<h1>Your result</h1>" not in text_of(client.get(HERE, {"code": code}))


def test_the_sixth_try_in_a_minute_waits_even_with_the_right_code():
    _, code = brought(strip_body())
    for _ in range(5):
        assert look_up("0000-0000-0000").status_code == 404

    response = look_up(code)

    assert response.status_code == 429
    assert response["Retry-After"] == "60"
    assert "<h1>Your result</h1>" not in text_of(response)


def correct(result: Result, body: dict, because: str) -> None:
    body = json.dumps({**body, "reason": because}).encode()
    submission.correct_result(result, decode(body, bodies.Correction), submission.Source(site=make_site()))


def test_a_correction_shows_before_after_and_why():
    sample, code = brought(lab_body(("fentanyl",)))
    correct(sample.results.get(), lab_body(("xylazine",)), "Two vials were swapped.")

    page = text_of(look_up(code))

    assert "Found: fentanyl</del>" in page
    assert "<strong>Found: xylazine</strong>" in page
    assert "Two vials were swapped." in page
    assert page.count('<section class="card"') == 1


def test_a_reason_that_was_offered_is_told_in_the_readers_language():
    sample, code = brought(strip_body("absent"))
    correct(sample.results.get(), strip_body("clear"), "Read wrongly")
    other, other_code = brought(strip_body("absent"))
    correct(other.results.get(), strip_body("clear"), "Se leyó mal")

    assert "Se leyó mal" in text_of(Client().post(HERE + "?lang=es", {"code": code}))
    assert "Read wrongly" in text_of(look_up(other_code))


def test_several_results_stand_in_short_above_and_none_is_an_all_clear():
    _, code = brought(strip_body("clear"), lab_body(("cocaine",)))

    page = text_of(look_up(code))
    short = page[page.index("In short") : page.index('<section class="card"')]

    assert "<strong>GC-MS:</strong> cocaine" in short
    assert "<strong>Fentanyl strip:</strong> did not see what it looks for, which may still be there" in short
    assert "not detected" not in short


def test_one_result_needs_no_list_above_it():
    _, code = brought(strip_body("clear"))

    assert "In short" not in text_of(look_up(code))


def test_a_withdrawal_shows_what_was_said_and_why():
    sample, code = brought(strip_body("absent"))
    submission.withdraw_result(sample.results.get(), reason="The strips were past their date.")

    page = text_of(look_up(code))

    assert "It reacted" in page
    assert "taken back; it should not have been said" in page
    assert "The strips were past their date." in page


def test_what_happens_next_promises_no_more_than_we_can_keep():
    _, by_strip = brought(strip_body())
    _, by_lab = brought(lab_body())
    _, nothing = brought()

    assert "No lab has reported on this yet." in text_of(look_up(by_strip))
    assert "A lab has looked." in text_of(look_up(by_lab))
    assert "There is no result yet." in text_of(look_up(nothing))


def test_help_nearby_stands_beside_a_result():
    Service.objects.create(slug="line", name="The line", area=make_areas()["us"], offers=["use_alone_line"])
    _, code = brought(strip_body())

    assert "The line" in text_of(look_up(code))


def test_a_result_is_told_in_spanish():
    _, code = brought(strip_body("absent"))

    response = Client().post(HERE + "?lang=es", {"code": code})

    assert response["Content-Language"] == "es"
    assert re.search(r"reaccionó", text_of(response))


def test_nothing_about_the_bringer_or_the_site_is_on_the_page():
    _, code = brought(strip_body(), overdose_associated="yes")

    page = text_of(look_up(code)).lower()

    assert "harbour" not in page
    assert "overdose report" not in page


# Tries


class Clock:
    """Seconds that pass when told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_tries_come_back_when_the_window_has_passed():
    clock = Clock()
    limit = Tries(limit=2, seconds=60, clock=clock)

    assert [limit.take(b"one") for _ in range(3)] == [True, True, False]
    assert limit.take(b"two")
    clock.now += 61
    assert limit.take(b"one")


def test_clients_are_forgotten_when_their_window_has_passed():
    clock = Clock()
    limit = Tries(limit=2, seconds=60, clock=clock)
    limit.take(b"one")

    clock.now += 61
    limit.take(b"two")

    assert set(limit._made) == {b"two"}


def test_a_client_is_told_apart_without_its_address():
    here, there = (RequestFactory().post(HERE, REMOTE_ADDR=address) for address in ("127.8.8.8", "127.8.8.9"))

    assert client_of(here) == client_of(here) != client_of(there)
    assert b"127.8.8.8" not in client_of(here)


def test_a_forged_header_gives_no_new_tries(settings):
    forged = [RequestFactory().post(HERE, headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(2)]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    assert client_of(forged[0]) == client_of(forged[1])

    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    behind = [RequestFactory().post(HERE, headers={"X-Forwarded-For": f"10.0.0.{n}, 198.51.100.7"}) for n in range(2)]
    assert client_of(behind[0]) == client_of(behind[1])
