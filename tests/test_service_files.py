"""How the list of services gets in from files: what is read, what is refused, and what a second time does."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from checking import area_tree, service_rows
from checking.confirming import FRESH_DAYS, OLD_DAYS
from checking.helping import OFFERS
from checking.keeping_services import confirm_service, edit_service, undo_change
from checking.models import Holiday, Service, ServiceChange
from checking.opening_notation import understood
from checking.service_rows import NotAFileOfServices, read_services, rejects
from tests.factories import make_areas, make_site

HEADER = "slug,name,area,offers,phone,text_line,address,hours,url,languages,last_confirmed_on"
ROW = (
    "harbour,Harbour,us-pa-allegheny,naloxone|drop_in,+1 412 555 0100,,12 Wharf St,Mon-Fri 10-16,"
    "https://harbour.example/,English|Español,2026-11-02"
)


@pytest.fixture(autouse=True)
def _areas(db) -> None:
    area_tree.forget()
    make_areas()


def load(tmp_path: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8", **options) -> None:
    file = tmp_path / "services.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding=encoding)
    call_command("load_services", str(file), **options)


def test_a_file_goes_in_whole_and_the_next_changes_what_it_says(tmp_path, capsys):
    load(tmp_path, ROW)
    load(tmp_path, ROW.replace("Mon-Fri 10-16", "every day"))

    service = Service.objects.get()

    assert service.offers == ["naloxone", "drop_in"]
    assert service.languages == ["English", "Español"]
    assert service.hours == "every day"
    assert service.last_confirmed_on == date(2026, 11, 2)
    said = capsys.readouterr()
    assert "1 services loaded." in said.out
    assert "line 2: hours are kept as words, and nothing will say open or closed" in said.err


def test_the_same_file_twice_leaves_one_step(tmp_path):
    load(tmp_path, ROW)
    load(tmp_path, ROW)

    assert list(ServiceChange.objects.values_list("kind", "by")) == [("loaded", None)]
    assert Service.objects.get().hours == "Mo-Fr 10:00-16:00"


def test_an_old_file_takes_no_confirmation_back(tmp_path):
    load(tmp_path, ROW)
    confirm_service("harbour", on=date(2026, 11, 20), by=None)

    load(tmp_path, ROW)

    assert Service.objects.get().last_confirmed_on == date(2026, 11, 20)


def test_a_column_that_is_not_there_changes_nothing(tmp_path):
    load(tmp_path, ROW)

    load(tmp_path, "harbour,The Harbour,us-pa,naloxone", header="slug,name,area,offers")

    service = Service.objects.get()
    assert (service.name, service.area.slug, service.phone) == ("The Harbour", "us-pa", "+1 412 555 0100")


def test_only_four_columns_are_needed(tmp_path):
    load(tmp_path, "line,A line,us,use_alone_line", header="slug,name,area,offers")

    assert Service.objects.get().last_confirmed_on is None


def test_the_time_zone_is_that_of_the_sites_there_where_they_agree(tmp_path):
    make_site("harbour", time_zone="America/New_York")
    make_site("roanoke", area="us-va-roanoke", time_zone="America/Chicago")
    header = "slug,name,area,offers,hours"
    rows = [
        f"{slug},{slug},{area},naloxone,Mo 10:00-16:00"
        for slug, area in (("a", "us-pa-beaver"), ("b", "us-va"), ("c", "us"))
    ]

    load(tmp_path, *rows, header=header)

    zones = dict(Service.objects.values_list("slug", "time_zone"))
    assert zones == {"a": "America/New_York", "b": "America/Chicago", "c": ""}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (ROW.replace("us-pa-allegheny", "atlantis"), "line 3: area “atlantis” is not known"),
        (ROW.replace("drop_in", "dropin"), "line 3: offers: dropin is not known"),
        (ROW.replace("naloxone|drop_in", ""), "line 3: offers: Say what it offers"),
        (ROW.replace("2026-11-02", "yesterday"), "line 3: last_confirmed_on: “yesterday” is no day"),
        (ROW.replace("2026-11-02", "2999-01-01"), "line 3: last_confirmed_on: This day has not come yet."),
        (ROW.replace("https://harbour.example/", "javascript:alert(1)"), "line 3: url"),
        (ROW.replace("harbour,Harbour", "har bour,Harbour"), "line 3: slug"),
        (ROW.replace("harbour,Harbour", "harbour,"), "line 3: name"),
        (ROW.replace("0100", "0100 ext 4"), "line 3: phone: Write digits only"),
        (ROW.replace("0100", "BEAT"), "line 3: phone: Write digits only"),
        (ROW.replace("harbour,Harbour", "riverside,Again"), "line 3: the slug riverside is on line 2 already"),
        (ROW.replace("12 Wharf St", "12, Wharf St"), "line 3: there are more cells than columns"),
    ],
)
def test_one_wrong_row_keeps_all_out_and_says_why(tmp_path, wrong, said):
    with pytest.raises(CommandError) as caught:
        load(tmp_path, ROW.replace("harbour", "riverside"), wrong)

    assert said in str(caught.value)
    assert str(caught.value).endswith("Nothing was loaded.")
    assert not Service.objects.exists()


def test_a_wrong_time_zone_is_refused(tmp_path):
    with pytest.raises(CommandError, match="time_zone: “Mars/Base” is no time zone"):
        load(tmp_path, "a,A,us,naloxone,Mars/Base", header="slug,name,area,offers,time_zone")


@pytest.mark.parametrize(
    "header", ["slug,name,area,offers,rating", "slug,name,area", "slug,name,area,offers,offers", ""]
)
def test_columns_we_do_not_know_or_that_are_missing_are_refused(tmp_path, header):
    with pytest.raises(CommandError, match="needs the columns"):
        load(tmp_path, header=f"slug,name,area,offers{header}" if header else "slug,name,area")


def test_a_file_that_is_not_there_or_not_utf_8_says_so(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("load_services", str(tmp_path / "none.csv"))
    with pytest.raises(CommandError, match="not UTF-8"):
        load(tmp_path, ROW, encoding="cp1252")


def test_a_dry_run_changes_nothing(tmp_path, capsys):
    load(tmp_path, ROW, dry_run=True)

    assert "1 services can be loaded. Nothing was changed." in capsys.readouterr().out
    assert not Service.objects.exists()


def test_semicolons_between_cells_are_as_good_as_commas():
    found = read_services('slug;name;area;offers;hours\nuno;Uno;us;naloxone;"Mo 10:00-12:00; Tu off"\n')

    (line,) = found.lines
    assert line.values["hours"] == "Mo 10:00-12:00"


def test_what_is_not_csv_is_said_with_its_line():
    with pytest.raises(NotAFileOfServices, match="Line 2 is not CSV"):
        read_services('slug,name,area,offers\n"a"b,A,us,naloxone\n')


def test_lines_that_stay_out_come_back_to_be_mended_and_no_spreadsheet_runs_them():
    phone = "+1 412 555 0100"
    header = "slug,name,area,offers,phone"
    found = read_services(f"{header}\none,One,atlantis,naloxone,{phone}\ntwo,=1+1,us,nothing,\n")

    back = rejects(found.faults)

    assert f"one,One,atlantis,naloxone,'{phone},area “atlantis” is not known" in back
    assert ",'=1+1," in back
    (mended,) = read_services(back.replace("atlantis", "us-pa")).lines
    assert mended.values["phone"] == phone


def test_the_page_on_services_tells_the_header_the_offers_and_the_days_as_they_are():
    page = (Path(__file__).parents[1] / "docs" / "services.md").read_text()

    assert ",".join(service_rows.HEADER) in page.splitlines()
    assert all(f"`{code}`" in page for code in OFFERS)
    assert f"up to {FRESH_DAYS} days" in page
    assert f"up to {OLD_DAYS} days" in page
    for written in re.findall(
        r"^\| (`.+?`(?:, `.+?`)*) \| ", page.partition("| written |")[2].partition("- **")[0], re.M
    ):
        assert all(understood(each) for each in re.findall("`(.+?)`", written)), written


# Steps, and back


def test_every_step_can_be_undone_and_undone_again(tmp_path):
    load(tmp_path, ROW)
    loaded = ServiceChange.objects.get()
    edited = edit_service("harbour", {"name": "New name"}, by=None)
    assert edited is not None

    back = undo_change(edited, by=None)
    assert Service.objects.get().name == "Harbour"
    undo_change(back, by=None)
    assert Service.objects.get().name == "New name"

    with pytest.raises(Exception, match="harbour"):
        undo_change(loaded, by=None)
    assert Service.objects.exists()


def test_a_step_that_changes_nothing_is_none(tmp_path):
    load(tmp_path, ROW)

    assert edit_service("harbour", {"name": "Harbour"}, by=None) is None
    assert ServiceChange.objects.count() == 1


def test_history_is_never_edited(tmp_path):
    from django.db import DatabaseError, transaction

    load(tmp_path, ROW)

    with pytest.raises(DatabaseError), transaction.atomic():
        ServiceChange.objects.update(recorded_at=timezone.now(), kind="edited")


# Public holidays


def load_days(tmp_path: Path, *rows: str) -> None:
    file = tmp_path / "holidays.csv"
    file.write_text("\n".join(["area,day,name", *rows]) + "\n", encoding="utf-8")
    call_command("load_holidays", str(file), verbosity=0)


def test_holidays_take_the_place_of_those_of_their_area_and_year(tmp_path):
    load_days(tmp_path, "us,2026-11-26,Thanksgiving", "us,2027-01-01,New Year", "us-pa,2026-05-01,")
    load_days(tmp_path, "us,2026-12-25,Christmas")

    assert {(row.area.slug, str(row.day)) for row in Holiday.objects.all()} == {
        ("us", "2026-12-25"), ("us", "2027-01-01"), ("us-pa", "2026-05-01"),
    }  # fmt: skip


def test_a_wrong_line_of_holidays_keeps_all_out(tmp_path):
    with pytest.raises(CommandError, match=r"(?s)line 3: area “atlantis”.*line 4: “Nov 26” is no day"):
        load_days(tmp_path, "us,2026-11-26,", "atlantis,2026-11-26,", "us,Nov 26,")

    assert not Holiday.objects.exists()
