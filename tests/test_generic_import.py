"""A site's own table by its saved mapping: what a row becomes, what stays out and why, and nothing twice."""

import csv
import io
import json
import stat
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from alerts.models import AlertEvent, Signal
from checking.models import (
    ColumnMapping,
    Expected,
    Finding,
    ImportRun,
    KitLot,
    OverdoseReport,
    Result,
    Sample,
    Screening,
)
from tests.factories import make_site, make_vocabulary
from tests.table_files import (
    HEADER,
    LONG,
    MAPPING,
    bring_in,
    finding,
    mapped,
    reasons,
    remarks,
    row,
    write,
)  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _harbour() -> None:
    make_vocabulary()
    make_site()


def everything() -> list[int]:
    return [
        model.objects.count() for model in (Sample, Expected, OverdoseReport, Result, Finding, Screening, ImportRun)
    ]


def found() -> list[tuple[str, bool]]:
    return sorted(Finding.objects.values_list("substance__slug", "is_detected"))


# What a row becomes


def test_a_row_becomes_a_sample_with_its_result(tmp_path):
    code, report = bring_in(write(tmp_path, row()))

    sample, result = Sample.objects.get(), Result.objects.get()
    assert (code, report["rejected"], report["notes"]) == (0, [], [])
    assert (report["samples"]["created"], report["results"]["created"], report["rows"]) == (1, 1, 1)
    assert (sample.collected_on, sample.form, sample.entry) == (date(2024, 3, 18), "powder", "import")
    assert (sample.code_hash, sample.geo_basis, sample.area.slug) == (None, "site", "us-pa-allegheny")
    assert [each.named.slug for each in sample.expected.all()] == ["cocaine"]
    assert (result.method.slug, result.outcome, result.entry) == ("gc-ms", "detected", "import")
    assert found() == [("caffeine", True), ("fentanyl", True)]


def test_findings_may_stand_in_several_columns(tmp_path):
    header = ("No", "Date", "Found", "Found", "")
    mapping = mapped(
        expected=None,
        form=None,
        results=[
            {
                "method": {"constant": "ftir"},
                "findings": [{"substance": {"column": name}} for name in ("Found", "Found (2)", "column 5")],
            }
        ],
    )

    code, _ = bring_in(write(tmp_path, ["1", "18/03/2024", "heroin", "caffeine", "mannitol"], header=header), mapping)

    assert (code, found()) == (0, [("caffeine", True), ("heroin", True), ("mannitol", True)])


def test_a_column_for_each_substance_says_whether_and_how_much(tmp_path):
    header = ("No", "Date", "Fentanyl %", "Xylazine", "Caffeine")
    columns = [
        ("fentanyl", "Fentanyl %", "amount"),
        ("xylazine", "Xylazine", "detected"),
        ("caffeine", "Caffeine", "detected"),
    ]
    findings = [
        {"substance": {"constant": slug}, name: {"column": column}}
        | ({"kind": {"constant": "percent_w_w"}} if name == "amount" else {})
        for slug, column, name in columns
    ]
    mapping = mapped(expected=None, form=None, results=[{"method": {"constant": "gc-ms"}, "findings": findings}])

    code, _ = bring_in(write(tmp_path, ["1", "18/03/2024", "4,1", "no", ""], header=header), mapping)

    assert (code, found()) == (0, [("fentanyl", True), ("xylazine", False)])
    assert float(Finding.objects.get(substance__slug="fentanyl").value) == 4.1


def test_a_blank_cell_is_never_not_detected(tmp_path):
    code, report = bring_in(write(tmp_path, row(Found="")))

    assert (code, Sample.objects.count(), Result.objects.count()) == (0, 1, 0)
    assert "no result by gc-ms yet" in remarks(report)


def test_looked_and_found_nothing_is_said_by_somebody(tmp_path):
    code, _ = bring_in(write(tmp_path, row(Found="No compounds of interest detected")))

    assert (code, Result.objects.get().outcome, Finding.objects.count()) == (0, "not_detected", 0)


def test_words_of_the_site_are_put_into_ours(tmp_path):
    header = (*HEADER, "Shared", "OD")
    mapping = mapped(
        form={"column": "Form", "words": {"Polvillo": "powder"}},
        share={"column": "Shared", "words": {"va": "yes"}},
        overdose={"column": "OD"},
    )
    file = write(
        tmp_path,
        row(header=header, No="1", Form="POLVILLO", Shared="va", OD="SÍ"),
        row(header=header, No="2", Form="Polvo", Shared="no", OD="No"),
        header=header,
    )

    code, _ = bring_in(file, mapping)

    assert (code, set(Sample.objects.values_list("form", "share"))) == (0, {("powder", True), ("powder", False)})
    assert sorted(OverdoseReport.objects.values_list("is_associated", flat=True)) == [False, True]


def test_where_nobody_said_it_may_be_counted_it_is_not(tmp_path):
    header = (*HEADER, "Shared")

    code, report = bring_in(write(tmp_path, row(header=header), header=header), mapped(share={"column": "Shared"}))

    assert (code, Sample.objects.get().share) == (0, False)
    assert "kept out of public figures" in remarks(report)


def test_a_comma_within_a_name_divides_nothing(tmp_path):
    mapping = mapped(
        results=[{"method": {"constant": "gc-ms"}, "findings": [{"substance": {"column": "Found", "separators": ","}}]}]
    )

    code, report = bring_in(write(tmp_path, row(Found="caffeine, 1,4-butanediol,heroin")), mapping)

    assert (code, len(found())) == (0, 3), reasons(report)


def test_a_card_word_that_names_no_substance_is_kept_privately(tmp_path):
    code, report = bring_in(write(tmp_path, row(Sold_as="cocaine; the blue one")))

    assert code == 0
    assert set(Expected.objects.values_list("substance__slug", "written")) == {
        ("cocaine", "cocaine"), (None, "the blue one"),
    }  # fmt: skip
    assert "“the blue one” names no substance: counted as unknown" in remarks(report)


def strip(**columns) -> dict:
    return mapped(results=[{"method": {"constant": "fentanyl-strip"}, **columns}])


@pytest.mark.parametrize(
    ("said", "outcome", "findings"),
    [("POS", "detected", 1), ("neg", "not_detected", 0), ("+", "detected", 1), ("invalid", "invalid", 0)],
)
def test_a_strip_may_be_known_by_its_outcome_alone(tmp_path, said, outcome, findings):
    code, report = bring_in(write(tmp_path, row(Found=said)), strip(outcome={"column": "Found"}))

    result = Result.objects.get()
    assert (code, result.outcome, result.control, result.test_line) == (0, outcome, None, ""), reasons(report)
    assert Finding.objects.filter(identity="class_only").count() == findings


def test_a_strip_with_all_that_belongs_to_it(tmp_path):
    header = ("No", "Date", "Control", "Line", "Brand", "Lot", "mg", "mL", "Weighed", "Read")
    mapping = strip(
        control={"column": "Control"}, test_line={"column": "Line"}, lot_brand={"column": "Brand"},
        lot_number={"column": "Lot"}, sample_mg={"column": "mg"}, diluent_ml={"column": "mL"},
        weighed={"column": "Weighed"}, performed_on={"column": "Read", "date_format": "MM/DD/YY"},
    ) | {"expected": None, "form": None}  # fmt: skip
    cells = ["1", "18/03/2024", "yes", "absent", "BTNX", "D1234", "10 mg", "50", "yes", "03/19/24"]

    code, report = bring_in(write(tmp_path, cells, header=header), mapping)

    result, lot = Result.objects.get(), KitLot.objects.get()
    assert code == 0, reasons(report)
    assert (result.control, result.test_line, result.outcome) == (True, "absent", "detected")
    assert (result.sample_mg, result.diluent_ml, result.is_weighed) == (10, 50, True)
    assert (result.performed_on, lot.brand, lot.lot, lot.state) == (date(2024, 3, 19), "BTNX", "D1234", "unverified")


def test_several_methods_may_stand_in_one_row(tmp_path):
    header = ("No", "Date", "Strip", "Lab")
    mapping = mapped(
        expected=None, form=None,
        results=[
            {"method": {"constant": "fentanyl-strip"}, "outcome": {"column": "Strip"}},
            {"method": {"constant": "gc-ms"}, "findings": [{"substance": {"column": "Lab"}}]},
        ],
    )  # fmt: skip
    rows = [["1", "18/03/2024", "pos", "fentanyl"], ["2", "18/03/2024", "neg", ""]]

    code, report = bring_in(write(tmp_path, *rows, header=header), mapping)

    assert (code, report["results"]["created"]) == (0, 3)


def test_a_result_that_comes_later_joins_its_sample(tmp_path):
    mapping = MAPPING
    bring_in(write(tmp_path, row(Found="")), mapping)

    code, report = bring_in(write(tmp_path, row()), mapping)

    assert (code, report["samples"]["known"], report["results"]["created"]) == (0, 1, 1)
    assert Result.objects.get().sample == Sample.objects.get()


def test_two_strips_of_one_kind_keep_their_places_when_the_first_comes_later(tmp_path):
    header = ("No", "Date", "First", "Second")
    maps = [{"method": {"constant": "fentanyl-strip"}, "outcome": {"column": name}} for name in ("First", "Second")]
    mapping = mapped(expected=None, form=None, results=maps)
    bring_in(write(tmp_path, ["1", "18/03/2024", "", "neg"], header=header), mapping)

    code, report = bring_in(write(tmp_path, ["1", "18/03/2024", "pos", "neg"], header=header), mapping)

    assert (code, report["results"]) == (0, {"read": 2, "created": 1, "known": 1, "rejected": 0})


def test_the_areas_name_or_slug_says_where(tmp_path):
    header = (*HEADER, "County")
    rows = [row(header=header, No=str(place), County=name) for place, name in enumerate(("us-pa-beaver", "BEAVER", ""))]

    code, report = bring_in(write(tmp_path, *rows, header=header), mapped(area={"column": "County"}))

    assert code == 0
    assert sorted(Sample.objects.values_list("area__slug", "geo_basis")) == [
        ("us-pa-allegheny", "site"), ("us-pa-beaver", "stated"), ("us-pa-beaver", "stated"),
    ]  # fmt: skip
    assert "the area is blank" in remarks(report)


def test_method_and_lab_may_come_from_columns(tmp_path):
    make_site("riverside")
    header = (*HEADER, "Method", "Lab")
    results = [{**MAPPING["results"][0], "method": {"column": "Method"}, "lab": {"column": "Lab"}}]
    file = write(tmp_path, row(header=header, Method="GC/MS", Lab="Riverside"), header=header)

    code, report = bring_in(file, mapped(results=results))

    assert code == 0, reasons(report)
    assert Result.objects.values_list("method__slug", "lab__slug").get() == ("gc-ms", "riverside")


# Amounts


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("12%", {"value": 12}), ("4,1", {"value": 4.1}), ("4.1", {"value": 4.1}), ("1.234,5", None),
        ("10-15 %", {"low": 10, "high": 15, "value": None}), ("trace", {"rank": "trace", "amount_kind": "relative"}),
        ("Trazas", {"rank": "trace"}), ("<LOD", {"is_detected": False}), ("<LOQ", {"is_detected": True, "value": None}),
        ("x", {"is_detected": True, "amount_kind": ""}), ("", {"is_detected": True, "amount_kind": ""}),
    ],
)  # fmt: skip
def test_amounts_are_read_as_they_are_written(tmp_path, said, kept):
    header = (*HEADER, "Amount")
    code, report = bring_in(
        write(tmp_path, row(header=header, Found="fentanyl", Amount=said), header=header), finding()
    )

    if kept is None:
        assert (code, Finding.objects.count()) == (1, 0)  # 1234.5 per cent
        return
    assert code == 0, reasons(report)
    one = Finding.objects.get()
    assert {name: _plain(getattr(one, name)) for name in kept} == kept
    if "value" in kept:
        assert one.basis in {"unknown", ""}


def _plain(value):
    return float(value) if value is not None and not isinstance(value, (str, bool)) else value


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("1,234", "can be read as two numbers"), ("0", "is 0: say what that means"), ("<0.5", "may mean not detected"),
        ("a lot", "is no amount"), ("80 mg", "has another unit"), ("120", "more than 100"),
        ("15-10", "above its high end"),
    ],
)  # fmt: skip
def test_an_amount_that_could_be_two_things_is_refused(tmp_path, said, why):
    header = (*HEADER, "Amount")
    code, report = bring_in(
        write(tmp_path, row(header=header, Found="fentanyl", Amount=said), header=header), finding()
    )

    assert (code, Sample.objects.count()) == (1, 0)
    assert why in reasons(report)


def test_the_mapping_settles_what_the_cell_leaves_open(tmp_path):
    header = (*HEADER, "Amount")
    rows = [
        row(header=header, No="1", Found="fentanyl", Amount="<0,5"),
        row(header=header, No="2", Found="heroin", Amount="1,234"),
        row(header=header, No="3", Found="xylazine", Amount="0"),
    ]
    mapping = finding(below="not_detected", amount={"column": "Amount", "words": {"0": "nd"}}) | {"decimal": ","}

    code, report = bring_in(write(tmp_path, *rows, header=header), mapping)

    assert code == 0, reasons(report)
    assert found() == [("fentanyl", False), ("heroin", True), ("xylazine", False)]
    assert (Finding.objects.get(substance__slug="fentanyl").limit_value, _value("heroin")) == (0.5, 1.234)


def _value(slug: str) -> float:
    return float(Finding.objects.get(substance__slug=slug).value)


def test_amounts_may_stand_in_the_order_of_their_substances(tmp_path):
    header = (*HEADER, "Amount")
    mapping = finding(substance={"column": "Found", "separators": ";"}, amount={"column": "Amount", "separators": ";"})

    code, _ = bring_in(write(tmp_path, row(header=header, Amount="4;30"), header=header), mapping)
    assert (code, _value("fentanyl"), _value("caffeine")) == (0, 4, 30)

    code, report = bring_in(write(tmp_path, row(header=header, No="2", Amount="4"), header=header), mapping)
    assert code == 1
    assert "1 amounts stand beside 2 substances" in reasons(report)


# Rows that belong together


def long_rows(*rows: str) -> list[list[str]]:
    return [each.split(",") for each in rows]


LONG_HEADER = ("No", "Date", "Method", "Read", "Found")


def test_rows_with_one_id_are_one_sample(tmp_path):
    rows = long_rows(
        "1,2024-03-18,GCMS,2024-03-20,fentanyl", "2,2024-03-18,GCMS,2024-03-20,heroin", "1,,GCMS,,caffeine",
        "1,2024-03-18,FTIR,2024-03-18,caffeine",
    )  # fmt: skip

    code, report = bring_in(write(tmp_path, *rows, header=LONG_HEADER), LONG)

    assert (code, report["samples"]["created"], report["results"]["created"]) == (0, 2, 3), reasons(report)
    gc = Result.objects.get(method__slug="gc-ms", findings__substance__slug="fentanyl")
    assert sorted(gc.findings.values_list("substance__slug", flat=True)) == ["caffeine", "fentanyl"]
    assert gc.performed_on == date(2024, 3, 20)


def test_rows_of_one_sample_that_differ_keep_it_out(tmp_path):
    rows = long_rows("1,2024-03-18,GCMS,2024-03-20,fentanyl", "1,2024-03-19,GCMS,2024-03-20,caffeine")

    code, report = bring_in(write(tmp_path, *rows, header=LONG_HEADER), LONG)

    assert (code, Sample.objects.count(), len(report["rejected"])) == (1, 0, 2)
    assert "Date: is “2024-03-19”, and “2024-03-18” at line 2" in reasons(report)
    assert "goes in only together" in reasons(report)


def test_a_column_may_tell_two_runs_by_one_method_apart(tmp_path):
    rows = long_rows("1,2024-03-18,GCMS,2024-03-20,fentanyl", "1,2024-03-18,GCMS,2024-03-25,caffeine")
    mapping = LONG | {"results": [{**LONG["results"][0], "run": {"column": "Read"}}]}

    code, _ = bring_in(write(tmp_path, *rows, header=LONG_HEADER), mapping)

    assert (code, Result.objects.count()) == (0, 2)


# What does not go in


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"Date": "03/18/2024"}, "Date: “03/18/2024” is no date as DD/MM/YYYY: it would be 2024-03-18 as MM/DD/YYYY"),
        ({"Date": "18/03/24"}, "the year has two digits, and four are expected"),
        ({"Date": "45369"}, "perhaps a spreadsheet's number for 2024-03-18"),
        ({"Date": "31/02/2024"}, "there is no such day"),
        ({"Date": "18/03/2999"}, "Date: 2999-03-18 is in the future"),
        ({"Form": "goo"}, "Form: “goo” is none of powder, crystal"),
        ({"Found": "fentanylle"}, "Found: “fentanylle” is not a name we know; perhaps fentanyl"),
        ({"Found": "speed"}, "can mean several things"),
        ({"No": ""}, "No: is blank"),
        ({"Found": "#N/A"}, "is a spreadsheet's error, #N/A"),
    ],
)
def test_a_faulty_row_stays_out_with_its_column_and_reason(tmp_path, cells, why):
    code, report = bring_in(write(tmp_path, row(No="good"), row(**cells)))

    assert (code, Sample.objects.count()) == (1, 1)
    assert [each["line"] for each in report["rejected"]] == [3]
    assert why in reasons(report)


def test_every_fault_of_a_row_is_said_at_once(tmp_path):
    _, report = bring_in(write(tmp_path, row(Date="?", Form="goo", Found="fentanylle")))

    assert all(name in reasons(report) for name in ("Date: ", "Form: ", "Found: "))


def test_an_area_nobody_knows_or_that_is_several_is_not_guessed(tmp_path):
    header = (*HEADER, "County")
    file = write(tmp_path, row(header=header, County="Atlantis"), header=header)

    code, report = bring_in(file, mapped(area={"column": "County"}))

    assert (code, Sample.objects.count()) == (1, 0)
    assert "“Atlantis” is no area here" in reasons(report)


def test_an_id_used_twice_is_a_fault_where_a_row_is_a_sample(tmp_path):
    code, report = bring_in(write(tmp_path, row(), row(Form="crystal")))

    assert (code, Sample.objects.get().form) == (1, "powder")
    assert "No: was used before, at line 2" in reasons(report)


def test_a_result_before_its_sample_is_refused_by_the_rules_of_every_door(tmp_path):
    rows = long_rows("1,2024-03-18,GCMS,2024-03-01,fentanyl")

    code, report = bring_in(write(tmp_path, *rows, header=LONG_HEADER), LONG)

    assert (code, Sample.objects.count()) == (1, 0)
    assert "Read: This is before the sample was collected." in reasons(report)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (["03/04/2024", "05/06/2024"], "no date shows whether day or month stands first"),
        (["03/13/2024", "05/14/2024"], "2 dates are none as DD/MM/YYYY, but would be as MM/DD/YYYY"),
        (["03/13/2024", "14/05/2024", "03/04/2024"], "stand in both orders"),
        (["14/05/2024", "03/04/2024"], ""),
    ],
)
def test_the_order_of_day_and_month_is_looked_at_over_the_whole_column(tmp_path, days, said):
    file = write(tmp_path, *(row(No=str(place), Date=day) for place, day in enumerate(days)))

    _, report = bring_in(file, dry_run=True)

    assert said in " ".join(report["notes"])
    assert bool(report["notes"]) is bool(said)


# Rejected rows, mended


def test_rejected_rows_are_mended_and_brought_in_by_the_same_mapping(tmp_path):
    out = tmp_path / "out.csv"
    file = write(tmp_path, row(No="1"), row(No="2", Date="?"), row(No="3", Form="goo", Found="@fentanyl"))

    code, report = bring_in(file, rejects=out)

    with out.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.reader(text))
    assert (code, stat.S_IMODE(out.stat().st_mode)) == (1, 0o600)
    assert rows[0] == [*HEADER, "row", "reason"]
    assert rows[1][:6] == ["2", "?", "cocaine", "powder", "fentanyl; caffeine", "3"]
    assert rows[2][4] == "'@fentanyl"  # a spreadsheet would have taken it for a formula
    assert "Form: “goo”" in rows[2][6]

    mended = out.read_text(encoding="utf-8-sig").replace("?", "18/03/2024", 1).replace("goo", "powder", 1)
    out.write_text(mended.replace("'@fentanyl", "fentanyl"), encoding="utf-8")
    code, report = bring_in(out)

    assert (code, report["samples"]["created"], Sample.objects.count()) == (0, 2, 3), reasons(report)


def test_cells_that_look_like_formulas_come_back_as_they_were(tmp_path):
    out, again = tmp_path / "out.csv", tmp_path / "again.csv"
    odd = ["=1+1", "+", "-5", "@x", "'=x", "\t=x"]
    header = (*HEADER, *(f"odd {place}" for place in range(len(odd))))
    file = write(tmp_path, [*row(Date="?"), *odd], header=header)
    bring_in(file, rejects=out)

    bring_in(out, rejects=again)

    with out.open(encoding="utf-8-sig", newline="") as first, again.open(encoding="utf-8-sig", newline="") as second:
        before, after = list(csv.reader(first)), list(csv.reader(second))
    assert before[1][5:11] == after[1][5:11] == [f"'{cell}" for cell in odd]


def test_a_row_that_was_too_short_does_not_go_in_as_blank_the_next_time(tmp_path):
    out = tmp_path / "out.csv"
    file = write(tmp_path, row(No="1"))
    with file.open("a") as text:
        text.write("2,18/03/2024,cocaine\r\n")
    code, report = bring_in(file, rejects=out)
    assert (code, "has 3 values where the header has 5 columns" in reasons(report)) == (1, True)

    code, report = bring_in(out)

    assert (code, Sample.objects.count()) == (1, 1)
    assert "was not in the row, which was too short" in reasons(report)


def test_rows_of_a_long_table_are_rejected_whole_and_come_back_whole(tmp_path):
    out = tmp_path / "out.csv"
    rows = long_rows("1,2024-03-18,GCMS,2024-03-20,fentanylle", "1,2024-03-18,GCMS,2024-03-20,caffeine")
    bring_in(write(tmp_path, *rows, header=LONG_HEADER), LONG, rejects=out)
    out.write_text(out.read_text(encoding="utf-8-sig").replace("fentanylle", "fentanyl", 1), encoding="utf-8")

    code, _ = bring_in(out, LONG)

    assert (code, found()) == (0, [("caffeine", True), ("fentanyl", True)])


def test_rejected_rows_are_never_written_over_the_table(tmp_path):
    file = write(tmp_path, row(Date="?"))
    before = file.read_bytes()

    assert bring_in(file, rejects=file) == (2, {})
    assert file.read_bytes() == before


# Again, dry, and quietly


def test_twice_in_a_row_changes_nothing(tmp_path):
    file = write(tmp_path, row(No="1"), row(No="2"))
    bring_in(file)
    before = everything()

    code, report = bring_in(file)

    assert (code, everything()) == (0, before)
    assert report["samples"] == {"read": 2, "created": 0, "known": 2, "rejected": 0}
    assert report["results"] == {"read": 2, "created": 0, "known": 2, "rejected": 0}


def test_the_same_said_in_another_order_is_no_change(tmp_path):
    bring_in(write(tmp_path, row(Sold_as="cocaine; heroin")))

    assert bring_in(write(tmp_path, row(Sold_as="Heroin; cocaine", Found="caffeine;Fentanyl")))[0] == 0


@pytest.mark.parametrize(
    ("change", "samples", "results"),
    [({"Form": "crystal"}, 1, 0), ({"Sold_as": "heroin"}, 1, 0), ({"Found": "fentanyl"}, 0, 1)],
)
def test_a_row_that_changed_is_a_conflict_and_never_an_edit(tmp_path, change, samples, results):
    bring_in(write(tmp_path, row()))
    before = everything()

    code, report = bring_in(write(tmp_path, row(**change)))

    assert (code, everything()) == (1, before)
    assert (report["samples"]["rejected"], report["results"]["rejected"]) == (samples, results)
    assert "says something else now: correct it where it is" in reasons(report)


def test_the_same_id_at_another_site_is_another_sample(tmp_path):
    make_site("riverside")
    file = write(tmp_path, row())
    bring_in(file)

    code, report = bring_in(file, site="riverside")

    assert (code, report["samples"]["created"], Sample.objects.count()) == (0, 1, 2)


def test_a_dry_run_writes_nothing_and_says_what_would_go_in(tmp_path):
    code, report = bring_in(write(tmp_path, row(), row(No="2", Date="?")), dry_run=True)

    assert (code, everything()) == (1, [0] * 7)
    assert (report["dry_run"], report["samples"]["created"], report["samples"]["rejected"]) == (True, 1, 1)


def test_an_import_counts_as_looked_at_and_says_nothing_to_anybody(tmp_path):
    bring_in(write(tmp_path, row(Found="carfentanil")))

    assert not Result.objects.waiting().exists()
    assert (Screening.objects.count(), Signal.objects.count(), AlertEvent.objects.count()) == (1, 0, 0)


def test_a_replay_leaves_its_results_to_be_judged_by_day(tmp_path, monkeypatch):
    judged: list[ImportRun] = []
    monkeypatch.setattr("alerts.management.commands.import_results.screen_replay", judged.append)

    bring_in(write(tmp_path, row()), replay=True, burn_in=0)

    assert judged == [ImportRun.objects.get(is_replay=True, file_format="generic")]
    assert Screening.objects.count() == 0


def test_the_sites_own_ids_are_kept_as_keyed_hashes_only(tmp_path):
    bring_in(write(tmp_path, row(No="20240318-7")))

    assert not [value for value in vars(Sample.objects.get()).values() if "20240318" in str(value)]


def test_many_rows_go_in_over_several_batches(tmp_path, monkeypatch):
    monkeypatch.setattr("checking.importing.from_table.BATCH", 7)

    _, report = bring_in(write(tmp_path, *(row(No=str(number)) for number in range(30))))

    assert (report["samples"]["created"], Sample.objects.count(), Result.objects.count()) == (30, 30, 30)


# Mappings


def saved(*arguments: str) -> str:
    said = io.StringIO()
    call_command("save_mapping", *arguments, "--site=harbour", stdout=said)
    return said.getvalue()


def test_a_mapping_is_saved_for_a_site_and_used_by_its_name(tmp_path):
    file = tmp_path / "mapping.json"
    file.write_text(json.dumps(MAPPING))
    saved(str(file), "--name=counter sheet")

    code, _ = bring_in(write(tmp_path, row()), "counter sheet")

    assert (code, Sample.objects.count(), saved().strip()) == (0, 1, "counter sheet")
    assert json.loads(saved("--name=counter sheet")) == MAPPING
    assert ColumnMapping.objects.get().site.slug == "harbour"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sample_id": {"constant": "1"}}, "sample_id: takes a column"),
        ({"form": {"column": "Form", "constant": "powder"}}, "form: takes a column, or one word"),
        ({"form": {}}, "form: takes a column, or one word"),
        ({"collected_on": {"column": "Date"}}, "collected_on: say how the dates are written"),
        ({"collected_on": {"column": "Date", "date_format": "whatever"}}, "collected_on.date_format"),
        ({"colour": {"column": "Form"}}, "colour"),
        ({"results": [{"method": {"constant": "crystal-ball"}}]}, "results.0.method: there is no method crystal-ball"),
        (finding(kind=None), "results.0.findings.0.kind: say what the amounts are"),
        (LONG | {"results": LONG["results"] * 2}, "results: a long table has one"),
        (
            {"results": [{"method": {"constant": "ftir"}, "findings": [{"substance": {"constant": "heroin"}}]}]},
            "whether",
        ),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused_with_its_field(tmp_path, change, said):
    assert bring_in(write(tmp_path, row()), mapped(**change)) == (2, {})
    assert said in bring_in.said


def test_a_table_without_a_column_of_the_mapping_changes_nothing(tmp_path):
    assert bring_in(write(tmp_path, row()), mapped(area={"column": "County"})) == (2, {})
    assert "misses the columns County. It has No, Date, Sold as, Form, Found." in bring_in.said


def test_a_mapping_nobody_saved_is_refused_with_those_there_are(tmp_path):
    assert bring_in(write(tmp_path, row()), "nothing") == (2, {})
    assert "has no mapping nothing. It has: none." in bring_in.said


@pytest.mark.parametrize(
    ("file_format", "options"),
    [("generic", {}), ("unc", {"mapping": "x"}), ("strip-ftir", {"rejects": Path("x.csv")})],
)
def test_options_that_do_not_go_together_are_refused(tmp_path, file_format, options):
    with pytest.raises(CommandError) as refusal:
        call_command("import_results", "x.csv", file_format=file_format, site="harbour", **options)

    assert refusal.value.returncode == 2
