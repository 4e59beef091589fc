"""Areas and scopes from files: all rows or none, and every fault named."""

import io
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from checking.models import Area, MethodScope
from tests.factories import make_site, make_vocabulary
from tests.unc_files import AREAS

pytestmark = pytest.mark.django_db


def load(folder: Path, text: str, *, command: str = "load_areas") -> str:
    file = folder / "table.csv"
    file.write_text(text, encoding="utf-8")
    said = io.StringIO()
    call_command(command, file, stdout=said)
    return said.getvalue()


def refused(folder: Path, text: str, *, command: str = "load_areas") -> str:
    with pytest.raises(CommandError) as caught:
        load(folder, text, command=command)
    return str(caught.value)


# Areas


def test_areas_stand_in_a_tree_whatever_the_order_of_their_rows(tmp_path):
    assert load(tmp_path, AREAS) == "6 areas loaded.\n"

    beaver = Area.objects.get(slug="us-pa-beaver")
    assert [area.slug for area in Area.objects.above(beaver)] == ["us", "us-pa", "us-pa-beaver"]
    assert {area.slug for area in Area.objects.within(beaver.parent)} == {"us-pa", "us-pa-allegheny", "us-pa-beaver"}
    assert (beaver.population, beaver.codes, beaver.is_release) == (168215, {"fips": "42007"}, True)
    assert beaver.speaks_for.slug == "us-pa"
    assert Area.objects.get(slug="us-pa").codes == {"abbr": "PA", "fips": "42"}


def test_only_slug_and_name_are_required(tmp_path):
    load(tmp_path, "slug,name\nhere,Here\n")

    here = Area.objects.get()
    assert (here.parent, here.population, here.codes, here.is_release) == (None, None, {}, False)


def test_loading_areas_again_changes_nothing(tmp_path):
    load(tmp_path, AREAS)
    before = list(Area.objects.order_by("slug").values())

    load(tmp_path, AREAS)

    assert list(Area.objects.order_by("slug").values()) == before


def test_a_file_with_fewer_columns_leaves_the_others_alone(tmp_path):
    load(tmp_path, AREAS)

    load(tmp_path, "slug,name\nus-pa-beaver,Beaver County\n")

    beaver = Area.objects.get(slug="us-pa-beaver")
    assert (beaver.name, beaver.parent.slug, beaver.is_release) == ("Beaver County", "us-pa", True)
    assert (beaver.population, beaver.speaks_for.slug) == (168215, "us-pa")


def test_an_area_that_moves_takes_everything_within_along(tmp_path):
    load(tmp_path, AREAS)

    load(tmp_path, "slug,name,parent\nnorth,North,us\nus-pa,Pennsylvania,north\n")

    north = Area.objects.get(slug="north")
    assert {area.slug for area in Area.objects.within(north)} == {"north", "us-pa", "us-pa-allegheny", "us-pa-beaver"}


def test_later_areas_join_the_tree_that_is_there(tmp_path):
    load(tmp_path, AREAS)

    load(tmp_path, "slug,name,parent\nus-pa-erie,Erie,us-pa\n")

    assert Area.objects.get(slug="us-pa-erie").path.startswith(Area.objects.get(slug="us-pa").path)
    assert Area.objects.count() == 7


def test_release_areas_never_nest_and_both_rows_are_named(tmp_path):
    said = refused(
        tmp_path, "slug,name,parent,release\ninner,Inner,middle,1\nmiddle,Middle,outer,\nouter,Outer,,true\n"
    )

    assert "line 2: inner is a release area within the release area outer (line 4)" in said
    assert "Nothing was loaded." in said
    assert not Area.objects.exists()


def test_a_release_area_within_one_loaded_before_is_refused_too(tmp_path):
    load(tmp_path, AREAS)

    assert "line 2: town" in refused(tmp_path, "slug,name,parent,release\ntown,Town,us-pa-beaver,yes\n")
    assert "us-pa-beaver (loaded before)" in refused(tmp_path, "slug,name,release\nus-pa,Pennsylvania,yes\n")


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("bad slug!,Name,,,,,\n", "line 2: slug"),
        (",Name,,,,,\n", "line 2: slug"),
        ("here,,,,,,\n", "line 2: name"),
        ("here,Here,nowhere,,,,\n", "line 2: here has the parent nowhere"),
        ("here,Here,,many,,,\n", "line 2: population is “many”"),
        ("here,Here,,-5,,,\n", "line 2: population is “-5”"),
        ("here,Here,,,fips,,\n", "line 2: codes has “fips”"),
        ("here,Here,,,,maybe,\n", "line 2: release is “maybe”"),
        ("here,Here,,,,,nowhere\n", "line 2: here speaks for nowhere"),
        ("here,Here,,,,,\nhere,Here,,,,,\n", "line 3: here is there twice, first at line 2"),
        ("a,A,b,,,,\nb,B,a,,,,\n", "is its own ancestor"),
        ("here,Here\n", "line 2: has 2 values"),
    ],
)
def test_a_faulty_area_is_named_with_its_line_and_nothing_is_loaded(tmp_path, rows, why):
    said = refused(tmp_path, f"slug,name,parent,population,codes,release,speaks_for\n{rows}good,Good,,,,,\n")

    assert why in said
    assert not Area.objects.exists()


def test_all_faults_are_said_at_once(tmp_path):
    said = refused(tmp_path, "slug,name,population\na,A,x\nb,B,y\n")

    assert "line 2" in said
    assert "line 3" in said


@pytest.mark.parametrize("text", ["", "slug\nhere\n", "slug,name,colour\nhere,Here,red\n", "slug,name,slug\na,b,c\n"])
def test_a_file_that_is_no_table_of_areas_is_refused(tmp_path, text):
    assert "table.csv" in refused(tmp_path, text)


def test_a_tree_deeper_than_a_path_has_room_for_is_refused(tmp_path):
    rows = "".join(f"a{number},A,{f'a{number - 1}' if number else ''}\n" for number in range(21))

    assert "nested deeper than 20 levels" in refused(tmp_path, f"slug,name,parent\n{rows}")
    assert not Area.objects.exists()


# Scopes


@pytest.fixture(scope="module", autouse=True)
def _vocabulary(django_db_setup, django_db_blocker) -> None:
    """Committed once, not once a test: it takes longer than they do."""
    with django_db_blocker.unblock():
        make_vocabulary()


def load_scopes(folder: Path, rows: str) -> str:
    return load(folder, f"lab,method,target,since,until,limit_w_w,full,runs_all\n{rows}", command="load_scopes")


def test_a_scope_says_what_a_lab_looks_for_since_when_and_down_to_what(tmp_path):
    make_site()

    load_scopes(tmp_path, "harbour,gc-ms,opioid,2023-01-01,,0.01,yes,yes\nharbour,ftir,ketamine,,,,no,\n")

    opioids, ketamine = MethodScope.objects.filter(lab__slug="harbour").order_by("pk")
    assert (opioids.substance_class.slug, opioids.since, opioids.until) == ("opioid", date(2023, 1, 1), None)
    assert (opioids.limit_w_w, opioids.is_full, opioids.runs_all) == (0.01, True, True)
    assert (ketamine.substance.slug, ketamine.since, ketamine.limit_w_w) == ("ketamine", None, None)
    assert (ketamine.is_full, ketamine.runs_all) == (False, False)


def test_a_scope_loaded_again_with_its_last_day_has_ended(tmp_path):
    make_site()
    load_scopes(tmp_path, "harbour,gc-ms,opioid,2023-01-01,,,,\n")

    load_scopes(tmp_path, "harbour,gc-ms,opioid,2023-01-01,2024-06-30,,,\n")

    scope = MethodScope.objects.get(lab__slug="harbour")
    assert scope.until == date(2024, 6, 30)


def test_loading_scopes_leaves_the_reference_ones_alone(tmp_path):
    make_site()
    before = MethodScope.objects.filter(lab__isnull=True).count()

    load_scopes(tmp_path, "harbour,gc-ms,opioid,,,,,\n")

    assert MethodScope.objects.filter(lab__isnull=True).count() == before > 0


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("nowhere,gc-ms,opioid,,,,,", "lab “nowhere”"),
        (",gc-ms,opioid,,,,,", "lab “”"),
        ("harbour,guess,opioid,,,,,", "method “guess”"),
        ("harbour,gc-ms,fentanylle,,,,,", "perhaps fentanyl"),
        ("harbour,gc-ms,speed,,,,,", "target “speed”"),
        ("harbour,gc-ms,opioid,01/02/2023,,,,", "since is “01/02/2023”"),
        ("harbour,gc-ms,opioid,2023-02-01,2023-01-01,,,", "is before since"),
        ("harbour,gc-ms,opioid,,,5,,", "limit_w_w is “5”"),
        ("harbour,gc-ms,opioid,,,,perhaps,", "full is “perhaps”"),
        ("harbour,gc-ms,cocaine,,,,,", "is the same scope as line 2"),
    ],
)
def test_a_faulty_scope_is_named_with_its_line_and_nothing_is_loaded(tmp_path, row, why):
    make_site()

    with pytest.raises(CommandError, match="line 3: ") as caught:
        load_scopes(tmp_path, f"harbour,gc-ms,cocaine,,,,,\n{row}\n")

    assert why in str(caught.value)
    assert not MethodScope.objects.filter(lab__isnull=False).exists()
