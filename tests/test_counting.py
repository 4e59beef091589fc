"""Exact counts of one site's samples, held to figures that others computed from the same files."""

import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from checking import counting
from checking.models import Sample, Site
from tests.factories import make_scope, make_site, make_vocabulary, submit
from tests.sending import lab_body, sample_body, strip_body
from tests.unc_files import bring_in, bring_in_real, card, detail, load_places, write_files

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _vocabulary(django_db_setup, django_db_blocker) -> None:
    """Committed once, not once a test: it takes longer than they do."""
    with django_db_blocker.unblock():
        make_vocabulary()


def counts(*arguments: str, site: str = "harbour") -> Any:
    said = io.StringIO()
    call_command("counts", f"--site={site}", *arguments, "--json", stdout=said)
    return json.loads(said.getvalue())


# Periods


@pytest.mark.parametrize(("by", "named"), [("quarter", "2023Q2"), ("month", "2023-05"), ("year", "2023")])
def test_a_day_lies_in_a_period(by, named):
    assert counting.period(date(2023, 5, 31), by) == named


@pytest.mark.parametrize(("month", "quarter"), [(1, 1), (3, 1), (4, 2), (6, 2), (7, 3), (9, 3), (10, 4), (12, 4)])
def test_a_quarter_is_three_months(month, quarter):
    assert counting.period(date(2024, month, 1), "quarter") == f"2024Q{quarter}"


def test_periods_ascend_and_samples_without_a_date_come_last(tmp_path):
    make_site()
    cards = [
        card(sampleid="1", date_collect="03Mar2024"),
        card(sampleid="2", date_collect=""),
        card(sampleid="3", date_collect="01Dec2023"),
    ]
    bring_in(write_files(tmp_path, cards, []))

    assert [(row["period"], row["samples"]) for row in counts("--by=quarter")] == [
        ("2023Q4", 1),
        ("2024Q1", 1),
        (None, 1),
    ]


def test_without_a_substance_only_samples_are_counted():
    submit(sample_body(lab_body()), make_site())

    [row] = counts("--by=year")

    assert (row["samples"], row["tested"], row["detected"], row["primary"]) == (1, None, None, None)


# What counts


def one(substance: str) -> dict[str, Any]:
    [row] = counts("--by=year", f"--substance={substance}")
    return row


def test_a_sample_counts_once_whatever_its_rows(tmp_path):
    make_site()
    bring_in(write_files(tmp_path, [card()], [detail("procaine", abundance="trace"), detail("procaine")]))

    row = one("procaine")

    assert (row["samples"], row["tested"], row["detected"], row["primary"]) == (1, 1, 1, 1)


def test_a_trace_is_detected_and_not_primary(tmp_path):
    make_site()
    bring_in(write_files(tmp_path, [card()], [detail("xylazine", abundance="trace")]))

    row = one("xylazine")

    assert (row["detected"], row["primary"]) == (1, 0)


def test_a_fentanyl_strip_says_nothing_of_xylazine():
    submit(sample_body(strip_body()), make_site())

    row = one("xylazine")

    assert (row["samples"], row["tested"], row["detected"]) == (1, 0, 0)


def test_what_the_lab_did_not_look_for_yet_was_not_tested():
    harbour = make_site()
    today = date.today()  # noqa: DTZ011  # the builders collect today
    make_scope(harbour, "gc-ms", "medetomidine", since=today + timedelta(days=1))
    submit(sample_body(lab_body(())), harbour)

    row = one("medetomidine")

    assert (row["samples"], row["tested"]) == (1, 0)


def test_a_class_counts_any_member():
    submit(sample_body(lab_body(("isotonitazene", "cocaine"))), make_site())

    assert one("nitazene")["detected"] == 1
    assert one("opioid")["detected"] == 1
    assert one("benzodiazepine")["detected"] == 0


def test_an_accepted_name_does_as_well_as_a_slug():
    submit(sample_body(lab_body(("xylazine",))), make_site())

    assert one("Tranq") == one("xylazine")


def test_a_sample_linked_to_an_overdose_was_tested_all_the_same():
    submit(sample_body(lab_body(("fentanyl",)), overdose_associated="yes"), make_site())

    row = one("fentanyl")

    assert (row["tested"], row["detected"]) == (1, 1)


def test_a_part_of_a_split_sample_is_not_another_sample():
    harbour = make_site()
    whole = submit(sample_body(lab_body(("fentanyl",))), harbour).sample_id
    part = submit(sample_body(lab_body(("fentanyl",))), harbour).sample_id
    Sample.objects.filter(pk=part).update(split_of=whole)

    assert one("fentanyl")["samples"] == 1


def test_another_sites_samples_are_its_own():
    submit(sample_body(lab_body()), make_site("riverside"))
    make_site()

    assert counts("--by=year") == []


def test_crack_is_found_where_the_lab_names_cocaine(tmp_path):
    make_site()
    bring_in(write_files(tmp_path, [card(expectedsubstance="crack")], [detail("cocaine")]))

    assert counts("--summary")["expected_found"] == [{"substance": "cocaine-base", "samples": 1, "found": 1}]


def test_a_summary_of_nothing_is_nothing():
    make_site()

    assert counts("--summary") == {
        "samples": 0, "lab_rows": 0, "first_collected": None, "last_collected": None, "null_results": 0,
        "expected_found": [], "substances": [],
    }  # fmt: skip


def test_a_strip_is_no_lab_row():
    submit(sample_body(strip_body("clear")), make_site())

    summary = counts("--summary")

    assert (summary["samples"], summary["lab_rows"], summary["null_results"]) == (1, 0, 0)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--by=year", "--substance=speed"], "say which"),
        (["--by=year", "--substance=fentanylle"], "Perhaps: fentanyl"),
        ([], "--by"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(arguments, why):
    make_site()

    with pytest.raises(CommandError, match=why):
        counts(*arguments)


def test_counts_can_be_read_by_people_too():
    submit(sample_body(lab_body(("xylazine",))), make_site())
    said = io.StringIO()

    call_command("counts", "--site=harbour", "--by=year", "--substance=xylazine", "--summary", stdout=said)

    assert "lab rows: 1" in said.getvalue()
    assert "detected" in said.getvalue()


# Figures others computed: expected_figures.md beside the real files


@pytest.fixture
def real(shared: Path, tmp_path: Path) -> Any:
    load_places(tmp_path)

    def bring(programme: str, area: str) -> None:
        call_command("make_site", slug=programme, name=programme, area=area, stdout=io.StringIO())
        code, _ = bring_in_real(shared, programme, site=programme)
        assert code == 0

    return bring


XYLAZINE = {  # quarter: samples, any, primary
    "allegheny_pa": {"2023Q2": (15, 10, 5), "2023Q4": (16, 12, 11), "2024Q1": (24, 20, 20)},
    "rv_va": {
        "2023Q2": (5, 2, 0),
        "2024Q2": (1, 1, 1),
        "2024Q3": (4, 1, 1),
        "2024Q4": (13, 3, 2),
        "2025Q1": (9, 0, 0),
        "2025Q2": (8, 3, 1),
    },
}
SELECTED = {  # substance: any, primary, first collected
    "allegheny_pa": {
        "fentanyl": (50, 43, "2023-04-10"),
        "xylazine": (42, 36, "2023-04-10"),
        "p-fluorofentanyl": (11, 1, "2023-04-10"),
        "methamphetamine": (1, 1, "2024-02-11"),
        "cocaine": (9, 4, "2023-04-10"),
        "heroin": (4, 2, "2023-04-10"),
        "bromazolam": (1, 0, "2023-04-25"),
    },
    "rv_va": {
        "fentanyl": (22, 20, "2023-05-25"),
        "xylazine": (10, 5, "2023-05-25"),
        "medetomidine": (5, 1, "2024-10-25"),
        "btmps": (12, 5, "2024-10-25"),
        "p-fluorofentanyl": (6, 0, "2023-05-25"),
        "methamphetamine": (21, 14, "2023-06-15"),
        "cocaine": (6, 3, "2023-05-25"),
        "heroin": (11, 9, "2023-05-25"),
        "bromazolam": (3, 1, "2024-12-15"),
    },
}
EXPECTED = {  # card names: samples, found
    "allegheny_pa": {
        "fentanyl": (50, 49), "xylazine": (31, 31), "heroin": (1, 0), "methamphetamine": (1, 1), "cocaine": (3, 3),
    },
    "rv_va": {
        "fentanyl": (13, 8), "xylazine": (1, 1), "heroin": (16, 10), "methamphetamine": (9, 9), "cocaine": (1, 1),
    },
}  # fmt: skip
WHOLE = {  # samples, lab rows, first and last collected, null results, distinct substances
    "allegheny_pa": (55, 219, "2023-04-10", "2024-03-03", 0, 33),
    "rv_va": (40, 205, "2023-05-25", "2025-04-14", 2, 41),
}
TOP = {  # the dozen most often found, as the lab names them
    "allegheny_pa": "50 42 41 11 11 9 7 5 5 4 4 4",
    "rv_va": "22 21 19 12 11 10 8 8 7 7 7 6",
}


@pytest.mark.parametrize(("programme", "area"), [("allegheny_pa", "us-pa"), ("rv_va", "us-va")])
def test_the_figures_of_real_history_are_those_others_computed(real, programme, area):
    real(programme, area)

    rows = counts("--by=quarter", "--substance=xylazine", site=programme)
    summary = counts("--summary", site=programme)

    assert {row["period"]: (row["samples"], row["detected"], row["primary"]) for row in rows} == XYLAZINE[programme]
    assert [row["tested"] for row in rows] == [row["samples"] for row in rows]  # GC-MS looks for it in every sample
    found = {row["substance"]: row for row in summary["substances"]}
    assert {
        slug: (found[slug]["samples"], found[slug]["primary"], found[slug]["first_collected"])
        for slug in SELECTED[programme]
    } == SELECTED[programme]
    expected = {row["substance"]: (row["samples"], row["found"]) for row in summary["expected_found"]}
    assert {slug: expected[slug] for slug in EXPECTED[programme]} == EXPECTED[programme]
    whole = [summary[name] for name in ("samples", "lab_rows", "first_collected", "last_collected", "null_results")]
    assert (*whole, len(found)) == WHOLE[programme]
    assert " ".join(str(row["samples"]) for row in summary["substances"][:12]) == TOP[programme]


def test_the_names_of_the_lab_are_accepted_as_they_stand(real):
    real("rv_va", "us-va")

    rows = counts("--by=year", "--substance=bis(2,2,6,6-tetramethyl-4-piperidyl) sebacate", site="rv_va")

    assert sum(row["detected"] for row in rows) == 12
    assert Site.objects.get().samples.count() == 40
