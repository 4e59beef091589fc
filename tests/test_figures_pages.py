"""Pages for analysts: who may come in, what they say, and what is put on record."""

import csv
import io
import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from checking import area_tree, live_figures
from checking.models import Area, DayView, Membership, Site
from tests.analysing import analyst, checked, signed_in
from tests.factories import make_person, make_vocabulary
from tests.release_rows import TODAY, make_network, make_result, make_sample

pytestmark = pytest.mark.django_db
PAGES = ("/staff/figures/", "/staff/figures/sites/", "/staff/exports/", "/staff/exports/new/")
FIGURE = "/staff/figures/?substance=xylazine&interval=month"
FUNNEL = "/staff/figures/sites/?substance=xylazine&expected=heroin&form=powder"


@pytest.fixture(scope="module", autouse=True)
def _vocabulary(django_db_setup, django_db_blocker) -> None:
    with django_db_blocker.unblock():
        make_vocabulary()


@pytest.fixture(autouse=True)
def network() -> dict[str, Site]:
    with time_machine.travel(f"{TODAY}T12:00:00Z", tick=False):
        yield make_network()


@pytest.fixture
def nora() -> Client:
    return signed_in(analyst())


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


# Who may come in


@pytest.mark.parametrize("role", Membership.Role.values)
@pytest.mark.parametrize("site", [None, "harbour"])
def test_analysts_and_coordinators_come_in_and_nobody_else(role, site):
    user = analyst("someone", *([site] if site else []), role=role)
    client = signed_in(user)

    for page in (*PAGES, "/staff/figures/data.csv?substance=xylazine", "/staff/exports/codebook/samples.csv"):
        assert client.get(page).status_code == (200 if role in {"analyst", "coordinator"} else 403), page


def test_who_is_not_signed_in_is_asked_to():
    for page in PAGES:
        answer = Client().get(page)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/staff/sign-in/")


def test_a_role_that_is_taken_away_is_gone_at_once():
    user = analyst()
    client = signed_in(user)
    user.memberships.all().delete()

    assert client.get(PAGES[0]).status_code == 403


def test_an_analyst_lands_on_the_figures_and_finds_them_in_the_menu(nora):
    assert nora.get("/staff/")["Location"] == "/staff/figures/"
    assert '<a href="/staff/figures/" aria-current="page">' in text(nora, "/staff/figures/")
    collector = signed_in(make_person("ben", "collector", Site.objects.get(slug="harbour")))
    assert "/staff/figures/" not in text(collector, "/staff/")


def test_nothing_of_these_pages_is_kept_and_each_says_it_is_not_public(nora):
    checked("harbour", "xylazine", expected=("heroin",))

    for page in (*PAGES, FIGURE, FUNNEL, "/staff/figures/data.csv?substance=xylazine"):
        answer = nora.get(page)
        assert "no-store" in answer["Cache-Control"]
        assert "ETag" not in answer
        if "csv" not in page:
            assert "Not public: staff figures, small numbers" in answer.content.decode()


# A figure


def test_a_figure_has_its_picture_its_table_and_what_it_leaves_out(nora):
    for number in range(20):
        checked("harbour", *(["xylazine"] if number < 0 else []))

    page = text(nora, FIGURE)

    assert 'src="data:image/png;base64,' in page
    row = re.search(r"<tr>(<th scope=\"row\">2026-09.*?)</tr>", page, re.DOTALL)[1]
    # 0 of 20 is 0 to 16.1 % (Newcombe 1998).
    assert re.findall(r">([^<>]+)<", row) == ["2026-09", "0", "20", "0\u00a0%", "0\u00a0% to 16\u00a0%", "all"]
    assert "These are samples people chose to have checked here." in page
    assert "linked to an overdose" in page


def test_few_are_said_as_so_many_of_so_many(nora):
    checked("harbour", "xylazine")

    assert "1 of 1" in text(nora, FIGURE)


def test_of_strips_no_share_is_said(nora):
    for _ in range(25):
        day = TODAY - timedelta(days=60)
        lines = {"control": True, "test_line": "absent", "outcome": "detected"}
        make_result(make_sample("harbour", collected_on=day), "xylazine", method="xylazine-strip", **lines)

    page = text(nora, FIGURE + "&family=strip")

    assert "25 of 25" in page
    assert "Strip reacted" in page
    assert ">100\u00a0%</td>" not in page


def test_where_nothing_was_tested_the_class_is_offered(nora):
    page = text(nora, "/staff/figures/?substance=fentanyl&family=strip")

    assert "That does not mean it is not around." in page
    assert "substance=fentanyl_type_opioid" in page


def test_the_newest_days_are_said_to_grow(nora):
    for days_ago in range(50, 80):
        checked("harbour", days_ago=days_ago)
    checked("harbour", days_ago=5)
    make_sample("harbour", collected_on=TODAY - timedelta(days=5))

    page = text(nora, FIGURE)

    assert "Collected in the last 14 days: 2. With such a result so far, by a laboratory: 1 (50\u00a0%)." in page
    assert "100\u00a0% had one in the end: these figures will grow." in page


def test_what_stands_beside_a_figure_is_said(nora):
    checked("harbour", "xylazine", result={"chosen_because": "surprise"})
    make_result(make_sample("harbour", collected_on=None))
    Area.objects.filter(slug="us-va").update(governed_by="A community")
    area_tree.forget()

    page = text(nora, FIGURE)

    assert "Also seen in 1 sample outside this figure." in page
    assert "1 sample has no day of collection" in page
    assert "whose own analysts see them: A community" in page


def test_the_table_comes_as_csv_with_what_is_still_to_come(nora):
    checked("harbour", "xylazine")
    checked("harbour", days_ago=3, after=1)

    answer = nora.get("/staff/figures/data.csv?substance=xylazine&interval=week")

    assert answer["Content-Disposition"] == 'attachment; filename="staff-xylazine.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["period"], row["detected"], row["tested"], row["share_of_results_in"]) for row in rows] == [
        ("2026-W38", "1", "1", "1.0"), ("2026-W46", "0", "1", ""),
    ]  # fmt: skip
    assert (rows[0]["low"], rows[0]["high"]) == ("0.2065", "1.0")


@pytest.mark.parametrize(
    "wrong",
    ["substance=nothing", "substance=xylazine&from=bad", "substance=xylazine&site=nowhere", "family=strip",
     "substance=xylazine&method=%00", "substance=xylazine&area=%F0%9F%A6%89", "substance==cmd|calc"],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_at_its_field(nora, wrong):
    pages = ["/staff/figures/", *([] if "site=" in wrong else ["/staff/figures/sites/"])]
    for page in pages:
        assert 'role="alert"' in text(nora, f"{page}?{wrong}", 400)
    assert nora.get(f"/staff/figures/data.csv?{wrong}").status_code == 400


def test_of_another_site_it_is_not_said_that_it_is_there():
    client = signed_in(analyst("nora", "harbour"))
    other, none = (
        re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text(client, f"{FIGURE}&site={slug}", 400))
        for slug in ("riverside", "nowhere")
    )

    assert other.replace("riverside", "nowhere") == none
    assert "Riverside" not in other


def test_too_many_samples_are_refused_in_words(nora, monkeypatch):
    monkeypatch.setattr(live_figures, "MOST_SAMPLES", 0)
    checked("harbour")

    assert "choose fewer days, one place or one site" in text(nora, FIGURE, 400)


# Sites beside each other


def test_sites_are_listed_by_name_with_the_limits_of_chance(nora):
    for site in ("riverside", "harbour"):
        checked(site, "xylazine", expected=("heroin",))

    page = text(nora, FUNNEL)

    assert re.findall(r'<th scope="row">([^<]+)</th>', page) == ["Harbour", "Riverside"]
    assert "doi.org/10.1002/sim.1970" in page
    assert 'src="data:image/png;base64,' in page


def test_a_refusal_to_compare_is_an_answer_and_shows_no_number(nora):
    checked("harbour", "xylazine")
    checked("riverside")

    page = text(nora, "/staff/figures/sites/?substance=xylazine")

    assert "This does not compare." in page
    assert "Choose one form" in page
    assert "<table" not in page
    assert "data:image" not in page


# On record


@pytest.mark.parametrize(
    "days",
    ["interval=day&from=2026-11-01", "interval=week&from=2026-11-02&to=2026-11-02", "from=2026-11-02&to=2026-11-07"],
)
def test_looking_at_single_days_is_on_record_once_a_day(nora, days):
    for _ in range(2):
        nora.get(f"/staff/figures/?substance=xylazine&site=harbour&{days}")

    view = DayView.objects.get()
    assert (view.by.username, view.on, view.site.slug, view.asked["substance"]) == (
        "nora", TODAY, "harbour", "xylazine",
    )  # fmt: skip


def test_single_days_are_on_record_as_numbers_and_beside_each_other_too(nora):
    nora.get("/staff/figures/data.csv?substance=xylazine&interval=day")
    nora.get(FUNNEL + "&from=2026-11-02&to=2026-11-02")

    assert DayView.objects.count() == 2


def test_weeks_and_what_is_refused_are_not_on_record(nora):
    nora.get(FIGURE)
    nora.get("/staff/figures/?substance=xylazine&from=2026-11-02&to=2026-11-08")
    nora.get("/staff/figures/?substance=nothing&interval=day")

    assert not DayView.objects.exists()


def test_the_record_is_seen_by_oneself_and_by_coordinators_of_the_site(nora):
    nora.get("/staff/figures/?substance=xylazine&site=harbour&interval=day")
    seen = {
        name: "found: xylazine" in text(signed_in(user), "/staff/exports/")
        for name, user in {
            "network": analyst("ada", role="coordinator"),
            "harbour": analyst("bea", "harbour", role="coordinator"),
            "riverside": analyst("cy", "riverside", role="coordinator"),
            "analyst": analyst("ona"),
        }.items()
    }

    assert "found: xylazine" in text(nora, "/staff/exports/")
    assert seen == {"network": True, "harbour": True, "riverside": False, "analyst": False}
