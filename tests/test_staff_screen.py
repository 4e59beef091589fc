"""The counter: what is tapped becomes what a program would send, once, and only at one's own site."""

import re
import uuid
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from checking import catalogue
from checking.codes import code_for
from checking.entering import child_id
from checking.models import KitLot, Membership, Result, Sample, Site
from tests.factories import make_person, make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body, strip_body


@pytest.fixture
def harbour(db):
    make_vocabulary()
    return make_site("harbour")


@pytest.fixture
def ben(harbour):
    return signed_in(make_person("ben", Membership.Role.COLLECTOR, harbour))


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


USUAL = {"checkbox": "on"}  # what a browser sends for one without a value


def tapped(client: Client, path: str = "/staff/new/", **changes) -> dict:
    """The form as it was shown, with what a person changed on it."""
    page = client.get(path).content.decode()
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        attributes = dict(re.findall(r'([\w:-]+)="([^"]*)"', tag))
        kind, name = attributes.get("type", "text"), attributes.get("name", "")
        is_on = kind not in {"radio", "checkbox"} or " checked" in tag
        if name and is_on and name != "csrfmiddlewaretoken":
            fields.setdefault(name, []).append(attributes.get("value", USUAL.get(kind, "")).replace("&quot;", '"'))
    for name, inside in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inside)
        fields[name] = [chosen[1] if chosen else ""]
    for name, value in changes.items():
        fields[name.replace("__", "-")] = value if isinstance(value, list) else [value]
    return fields


STRIP = {"expected": "cocaine", "form": "powder", "strip__0__reading": "absent", "share": "yes"}


def enter(client: Client, **changes):
    return client.post("/staff/new/", tapped(client, **{**STRIP, **changes}))


# A sample


def test_a_strip_is_entered_and_the_next_page_shows_the_code_and_what_it_says(ben, harbour):
    answer = ben.post("/staff/new/", tapped(ben, **STRIP, strip__0__dilution="10_in_50"), follow=True)

    sample = Sample.objects.get()
    page = answer.content.decode()
    assert code_for(sample.pk) in page
    assert "reacted" in page
    result = sample.results.get()
    assert (result.control, result.test_line, result.outcome) == (True, "absent", "detected")
    assert (result.sample_mg, result.diluent_ml, result.is_weighed) == (10, 50, True)
    assert (sample.form, sample.carrier, sample.share, sample.entry) == ("powder", "bag", True, "single")
    assert sample.entered_by.username == "ben"


@pytest.mark.parametrize(
    ("reading", "outcome"),
    [
        ("clear", "not_detected"),
        ("faint", "not_detected"),
        ("absent", "detected"),
        ("no_control", "invalid"),
        ("no_lines", "invalid"),
    ],
)
def test_the_outcome_follows_from_the_lines(ben, reading, outcome):
    enter(ben, strip__0__reading=reading)

    assert Result.objects.get().outcome == outcome


def test_a_scoop_is_not_a_weight(ben):
    enter(ben, strip__0__dilution="not_weighed")

    result = Result.objects.get()
    assert (result.sample_mg, result.diluent_ml, result.is_weighed) == (None, None, False)


def test_amounts_typed_beside_a_preset_are_asked_about(ben):
    answer = enter(ben, strip__0__dilution="10_in_50", strip__0__mg="3", strip__0__ml="5")

    assert answer.status_code == 400
    assert not Sample.objects.exists()


def test_two_taps_on_save_are_one_sample(ben):
    fields = tapped(ben, **STRIP, strip__0__brand="BTNX", strip__0__lot="D1234")

    first, second = ben.post("/staff/new/", fields), ben.post("/staff/new/", fields)

    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert Sample.objects.count() == Result.objects.count() == 1


def test_a_form_sent_again_with_something_changed_is_not_a_second_sample(ben):
    fields = tapped(ben, **STRIP)
    ben.post("/staff/new/", fields)

    answer = ben.post("/staff/new/", {**fields, "form": ["crystal"]})

    assert answer.status_code == 400
    assert "was saved before" in answer.content.decode()
    assert str(Sample.objects.get().pk) in answer.content.decode()
    assert Sample.objects.get().form == "powder"


def test_what_was_typed_stays_when_something_is_wrong(ben):
    answer = enter(ben, expected=["cocaine", "mdma"], expected_other="qwxzzy", imprint="blue dolphin", share="no")

    page = answer.content.decode()
    assert answer.status_code == 400
    assert "qwxzzy is not a name we know" in page
    assert 'href="#id_expected_other"' in page  # the list at the top leads to the field
    for name, value in (("expected", "mdma"), ("form", "powder"), ("strip-0-reading", "absent"), ("share", "no")):
        assert re.search(rf'name="{name}" value="{value}"[^>]* checked', page), name
    assert 'value="blue dolphin"' in page
    assert not Sample.objects.exists()


def test_a_word_with_several_meanings_is_asked_about_and_the_answer_counts(ben):
    answer = enter(ben, expected_other="M30")
    page = answer.content.decode()
    meanings = re.findall(r'name="means:M30" value="([^"]+)"', page)

    ben.post("/staff/new/", {**tapped(ben, **STRIP, expected_other="M30"), "means:M30": meanings[0]})

    assert len(meanings) >= 2
    expected = {row.named.slug for row in Sample.objects.get().expected.all()}
    assert expected == {"cocaine", catalogue.current().find(meanings[0]).subjects[0].slug}


def test_whether_it_may_be_counted_has_to_be_asked(ben):
    answer = ben.post("/staff/new/", tapped(ben, expected="cocaine", strip__0__reading="absent"))

    assert answer.status_code == 400
    assert "May we count this in public figures? You get your result either way." in answer.content.decode()
    assert not Sample.objects.exists()


def test_no_means_it_is_not_counted(ben):
    enter(ben, share="no")

    assert Sample.objects.get().share is False


def test_nobody_asked_is_not_no(ben):
    enter(ben)
    assert not hasattr(Sample.objects.get(), "overdose_report")

    enter(ben, overdose="yes")
    assert Sample.objects.order_by("recorded_at").last().overdose_report.is_associated


def test_several_strips_take_the_first_ones_mixture(ben):
    enter(
        ben,
        strip__0__dilution="10_in_50",
        strip__1__method="xylazine-strip",
        strip__1__reading="clear",
        strip__1__dilution="same",
    )

    second = Result.objects.get(method__slug="xylazine-strip")
    assert (second.sample_mg, second.diluent_ml, second.is_weighed) == (10, 50, True)
    assert Result.objects.count() == 2


def test_a_strip_without_its_lines_is_asked_about(ben):
    answer = enter(ben, strip__0__reading="", strip__0__dilution="10_in_50")

    assert answer.status_code == 400
    assert "Say what the lines show" in answer.content.decode()


def test_the_lot_used_last_is_offered_again_and_only_for_its_own_kind(ben):
    enter(ben, strip__0__brand="BTNX", strip__0__lot="D1234")

    enter(ben)
    enter(ben, strip__0__method="xylazine-strip")
    enter(ben, strip__0__no_lot="on")

    lots = [result.lot for result in Result.objects.order_by("recorded_at")]
    lot = KitLot.objects.get()
    assert lots == [lot, lot, None, None]
    assert "D1234" in ben.get("/staff/new/").content.decode()
    assert "D1234" not in signed_in(Sample.objects.first().entered_by).get("/staff/new/").content.decode()


def test_a_lab_result_with_its_findings_is_entered_on_the_same_page(ben):
    enter(
        ben,
        strip__0__reading="",
        lab__0__method="gc-ms",
        **{
            "lab-0-finding-0-name": "fentanyl",
            "lab-0-finding-0-amount": "percent_w_w",
            "lab-0-finding-0-value": "4.1",
            "lab-0-finding-0-basis": "base",
            "lab-0-finding-1-name": "caffeine",
            "lab-0-finding-1-amount": "trace",
            "lab-0-finding-2-name": "xylazine",
            "lab-0-finding-2-absent": "on",
        },
    )

    result = Result.objects.get()
    found = {row.named.slug: row for row in result.findings.all()}
    assert result.outcome == "detected"
    assert (float(found["fentanyl"].value), found["fentanyl"].basis) == (4.1, "base")
    assert found["caffeine"].rank == "trace"
    assert found["xylazine"].is_detected is False


def test_an_unknown_substance_is_said_at_its_row(ben):
    answer = enter(ben, lab__0__method="gc-ms", **{"lab-0-finding-1-name": "fentanyll"})

    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'id="id_lab-0-finding-1-name_error"' in page
    assert "fentanyl" in page  # the nearest name is offered
    assert not Sample.objects.exists()


def test_rows_that_a_script_added_count_too(ben):
    enter(ben, lab__0__method="gc-ms", **{f"lab-0-finding-{row}-name": "caffeine" for row in (0, 7)})

    assert Result.objects.get(method__slug="gc-ms").findings.count() == 2


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_name_the_search_field_offers_is_understood(ben, language):
    page = ben.get(f"/staff/new/?lang={language}").content.decode()
    offered = re.search(r'<datalist id="names">(.*?)</datalist>', page, re.DOTALL)[1]
    names = [name.replace("&#x27;", "'").replace("&amp;", "&") for name in re.findall(r'value="([^"]+)"', offered)]

    unknown = [name for name in names if catalogue.current().find(name).kind not in {"one", "class"}]

    assert len(names) > 300
    assert unknown == []


def test_a_result_has_the_same_id_each_time_its_form_is_sent():
    form = str(uuid.uuid4())

    ids = {child_id(form, "strip-0"), child_id(form, "strip-0"), child_id(form, "strip-1")}

    assert len(ids) == 2
    assert {uuid.UUID(each).version for each in ids} == {4}


# The day


def test_today_is_the_sites_own(harbour):
    Site.objects.update(time_zone="America/New_York")
    # 03:30 UTC on the 23rd is still the evening of the 22nd there.
    with time_machine.travel(datetime(2026, 11, 23, 3, 30, tzinfo=UTC), tick=False):
        ben = signed_in(make_person("ben", Membership.Role.COLLECTOR, harbour))
        page = tapped(ben)
        enter(ben)
        day = ben.get("/staff/").content.decode()

    assert page["collected_on"] == ["2026-11-22"]
    assert Sample.objects.get().collected_on == date(2026, 11, 22)
    assert "22:30" in day
    assert "Nov. 22, 2026" in day


def test_another_day_is_found_by_its_address(ben, harbour):
    submit(sample_body(strip_body("absent")), harbour)

    assert "reacted" in ben.get("/staff/").content.decode()
    empty = ben.get("/staff/?day=2026-01-05").content.decode()

    assert "Nothing was entered or brought on this day" in empty
    assert "day=2026-01-04" in empty
    assert "day=2026-01-06" in empty


def test_an_empty_day_says_so(ben):
    assert "Nothing entered today yet" in ben.get("/staff/").content.decode()


@pytest.mark.parametrize("day", ["", "soon", "9999-12-31", "0001-01-01"])
def test_a_day_that_is_none_does_not_break_the_page(ben, day):
    assert ben.get(f"/staff/?day={day}").status_code == 200


def test_the_day_says_what_still_waits_for_a_lab(ben, harbour):
    submit(sample_body(strip_body("faint")), harbour)
    assert "no lab result yet" in ben.get("/staff/").content.decode()

    Sample.objects.all().delete()
    submit(sample_body(lab_body(("fentanyl",))), harbour)
    assert "no lab result yet" not in ben.get("/staff/").content.decode()


# Later


def test_amounts_are_short_and_what_ftir_estimates_is_no_figure(ben, harbour):
    measured = {"substance": "fentanyl", "amount": {"kind": "percent_w_w", "value": 4.1, "basis": "base"}}
    estimated = {"substance": "cocaine", "amount": {"kind": "percent_ftir", "value": 60}}
    lab = lab_body((), outcome="detected", findings=[measured])
    ftir = lab_body((), method="ftir", outcome="detected", findings=[estimated])
    submit(sample_body(lab, ftir), harbour)

    page = ben.get("/staff/").content.decode()

    assert "GC-MS: fentanyl 4.1 %" in page
    assert "FTIR: cocaine (about half)" in page


def test_a_lab_result_comes_later(ben, harbour):
    sample = submit(sample_body(strip_body("clear")), harbour)
    path = f"/staff/samples/{sample.sample_id}/add/"

    fields = tapped(ben, path, lab__0__method="gc-ms", **{"lab-0-finding-0-name": "isotonitazene"})
    first, second = ben.post(path, fields), ben.post(path, fields)

    assert first.status_code == second.status_code == 302
    assert Result.objects.count() == 2
    assert "isotonitazene" in ben.get(first["Location"]).content.decode()


def test_adding_nothing_says_so(ben, harbour):
    sample = submit(sample_body(strip_body("clear")), harbour)
    path = f"/staff/samples/{sample.sample_id}/add/"

    answer = ben.post(path, tapped(ben, path))

    assert answer.status_code == 400
    assert "There is nothing to add yet" in answer.content.decode()


def test_a_correction_keeps_both_and_shows_before_and_after(ben, harbour):
    sample = submit(sample_body(strip_body("absent", chosen_because="random")), harbour)
    [old] = sample.result_ids
    path = f"/staff/results/{old}/correct/"

    fields = tapped(ben, path, strip__0__reading="faint", reason="Read wrongly")
    page = ben.post(path, fields, follow=True).content.decode()

    new = Result.objects.get(corrects=old)
    assert (new.test_line, new.correction_reason, new.entered_by.username) == ("faint", "Read wrongly", "ben")
    assert (new.sample_mg, new.diluent_ml, new.is_weighed, new.chosen_because) == (10, 50, True, "random")
    assert Result.objects.get(pk=old).test_line == "absent"
    assert re.search(r"Before:.*reacted.*Now:.*not detected, faint line.*Read wrongly", page, re.DOTALL)
    assert ben.post(path, fields, follow=True).status_code == 200
    assert Result.objects.count() == 2


def test_correcting_one_finding_keeps_what_the_form_does_not_show(ben, harbour):
    amount = {"kind": "mg_per_unit", "value": 120, "low": 110, "high": 130, "basis": "salt:hydrochloride",
              "unit_mass_mg": 300, "portion": "whole"}  # fmt: skip
    lab = lab_body((), outcome="detected", findings=[
        {"substance": "mdma", "amount": amount},
        {"substance": "fentanyl", "detected": False, "limit": {"value": 5, "unit": "ng_per_ml"}},
        {"substance": "caffeine", "identity": "tentative"},
    ])  # fmt: skip
    [old] = submit(sample_body(lab), harbour).result_ids
    path = f"/staff/results/{old}/correct/"

    ben.post(path, tapped(ben, path, reason="Typed wrongly", **{"lab-0-finding-3-name": "ketamine"}))

    found = {row.named.slug: row for row in Result.objects.get(corrects=old).findings.all()}
    assert set(found) == {"mdma", "fentanyl", "caffeine", "ketamine"}
    mdma = found["mdma"]
    kept = (float(mdma.low), float(mdma.high), mdma.basis, mdma.unit_mass_mg, mdma.portion)
    assert kept == (110, 130, "salt:hydrochloride", 300, "whole")
    assert (found["fentanyl"].limit_value, found["fentanyl"].is_detected) == (5, False)
    assert found["caffeine"].identity == "tentative"


def test_a_correction_needs_its_reason(ben, harbour):
    [old] = submit(sample_body(strip_body("absent")), harbour).result_ids
    path = f"/staff/results/{old}/correct/"

    answer = ben.post(path, tapped(ben, path, strip__0__reading="faint"))

    assert answer.status_code == 400
    assert "Say why" in answer.content.decode()
    assert Result.objects.count() == 1


def test_taking_back_needs_a_reason_and_shows_it(ben, harbour):
    [result] = submit(sample_body(strip_body("absent")), harbour).result_ids
    path = f"/staff/results/{result}/withdraw/"

    assert ben.post(path, {"reason": ""}).status_code == 400
    page = ben.post(path, {"reason": "Entered by mistake"}, follow=True).content.decode()

    assert "taken back; it should not have been said" in page
    assert "Entered by mistake" in page
    assert "No result stands for this sample" in page
    assert (
        "had been corrected or taken back already" in ben.post(path, {"reason": "Again"}, follow=True).content.decode()
    )


def test_the_card_has_the_code_and_nothing_of_the_result(ben, harbour):
    sample = submit(sample_body(lab_body(("fentanyl",))), harbour)

    page = ben.get(f"/staff/samples/{sample.sample_id}/card/").content.decode()

    assert sample.code in page
    assert "We do not keep who you are" in page
    assert "fentanyl" not in page
    assert "cocaine" not in page


# Who may


PAGES = ("/staff/", "/staff/new/", "/staff/password/", "/desk/")


@pytest.mark.parametrize("path", PAGES)
def test_nobody_sees_a_staff_page_without_signing_in(db, path):
    answer = Client().get(path)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/staff/sign-in/")


@pytest.mark.parametrize("path", PAGES)
def test_dee_who_has_no_role_sees_nothing(db, django_user_model, path):
    dee = signed_in(django_user_model.objects.create_user("dee"))

    assert dee.get(path).status_code == 403


def test_an_analyst_enters_nothing(harbour):
    analyst = signed_in(make_person("eve", Membership.Role.ANALYST, harbour))

    assert analyst.get("/staff/new/").status_code == 403
    assert analyst.get("/staff/")["Location"] == "/staff/figures/"


def test_ben_at_harbour_sees_nothing_of_riverside(ben):
    riverside = make_site("riverside")
    sample = submit(sample_body(strip_body("absent")), riverside)
    [result] = sample.result_ids
    [of_sample, of_result] = (f"/staff/samples/{sample.sample_id}/", f"/staff/results/{result}/")

    for path in (of_sample, f"{of_sample}card/", f"{of_sample}add/", f"{of_result}correct/"):
        assert ben.get(path).status_code == 404, path
    assert ben.post(f"{of_result}withdraw/", {"reason": "Not mine"}).status_code == 404
    assert ben.post(f"{of_result}correct/", {"reason": "Not mine"}).status_code == 404
    assert ben.post(f"{of_sample}add/", {"lab-0-method": "gc-ms"}).status_code == 404
    assert "reacted" not in ben.get("/staff/?site=riverside").content.decode()
    assert Result.objects.current().count() == 1


def test_ben_cannot_enter_at_riverside(ben):
    make_site("riverside")

    answer = ben.post("/staff/new/", tapped(ben, **STRIP, site="riverside"))

    assert answer.status_code == 404
    assert not Sample.objects.exists()


def test_a_role_taken_away_is_gone_at_once(ben):
    assert ben.get("/staff/").status_code == 200

    Membership.objects.all().delete()

    assert ben.get("/staff/").status_code == 403


def test_ada_for_the_network_chooses_the_site(harbour):
    make_site("riverside")
    ada = signed_in(make_person("ada"))

    assert "Riverside ·" in ada.get("/staff/?site=riverside").content.decode()
    assert "Riverside ·" in ada.get("/staff/").content.decode()  # as last time
    ada.post("/staff/new/", tapped(ada, **STRIP))

    assert Sample.objects.get().site.slug == "riverside"


def test_nothing_of_the_staff_pages_is_kept_by_a_browser(ben, harbour):
    sample = submit(sample_body(strip_body("absent")), harbour)

    for path in ("/staff/", "/staff/new/", f"/staff/samples/{sample.sample_id}/", "/staff/sign-in/"):
        assert "no-store" in ben.get(path)["Cache-Control"], path


def test_a_browser_says_where_a_form_comes_from(ben):
    # Under `no-referrer` it would send `Origin: null`, and Django refuses that.
    assert ben.get("/staff/new/")["Referrer-Policy"] == "same-origin"
    assert ben.get("/")["Referrer-Policy"] == "no-referrer"


def test_no_page_calls_anything_safe(ben, harbour):
    sample = submit(sample_body(strip_body("clear"), lab_body(())), harbour)

    for path in ("/staff/", "/staff/new/", f"/staff/samples/{sample.sample_id}/"):
        page = ben.get(path).content.decode()
        text = re.sub(r"<[^>]+>", " ", page).lower()
        assert not re.search(r"\b(safe|clean|pure|negative|all clear)\b", text), path
