"""Help nearby: who is near, in what order, and how the list gets in."""

from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from checking import area_tree
from checking.helping import OFFERS, services_near
from checking.models import Service
from tests.factories import make_areas

HEADER = "slug,name,area,offers,phone,text_line,address,hours,url,languages,last_confirmed_on"


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


# The file


def load(tmp_path: Path, *rows: str, header: str = HEADER) -> None:
    file = tmp_path / "services.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    call_command("load_services", str(file))


ROW = (
    "harbour,Harbour,us-pa-allegheny,naloxone|drop_in,+1 412 555 0100,,12 Wharf St,Mon-Fri 10-16,"
    "https://harbour.example/,English|Español,2026-11-02"
)


def test_a_file_goes_in_whole_and_twice_is_once(tmp_path, capsys):
    load(tmp_path, ROW)
    load(tmp_path, ROW.replace("Mon-Fri 10-16", "every day"))

    service = Service.objects.get()

    assert service.offers == ["naloxone", "drop_in"]
    assert service.languages == ["English", "Español"]
    assert service.hours == "every day"
    assert service.last_confirmed_on == date(2026, 11, 2)
    assert "1 services loaded." in capsys.readouterr().out


def test_only_four_columns_are_needed(tmp_path):
    load(tmp_path, "line,A line,us,use_alone_line", header="slug,name,area,offers")

    assert Service.objects.get().last_confirmed_on is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (ROW.replace("us-pa-allegheny", "atlantis"), "line 3: area “atlantis” is not known"),
        (ROW.replace("drop_in", "dropin"), "line 3: offers has dropin"),
        (ROW.replace("2026-11-02", "yesterday"), "line 3: last_confirmed_on"),
        (ROW.replace("https://harbour.example/", "javascript:alert(1)"), "line 3: url"),
        (ROW.replace("harbour,Harbour", "har bour,Harbour"), "line 3: slug"),
    ],
)
def test_one_wrong_row_keeps_all_out_and_says_why(tmp_path, wrong, said):
    with pytest.raises(CommandError) as caught:
        load(tmp_path, ROW.replace("harbour", "riverside"), wrong)

    assert said in str(caught.value)
    assert not Service.objects.exists()


def test_a_column_we_do_not_know_is_refused(tmp_path):
    with pytest.raises(CommandError, match="needs the columns"):
        load(tmp_path, header="slug,name,area,offers,rating")
