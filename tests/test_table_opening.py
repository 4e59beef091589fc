"""Tables as they come: encodings, separators, workbooks with their traps, and files that are none."""

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest

from checking.importing import opening, workbooks
from checking.importing.opening import Layout, open_table
from checking.tables import Unusable
from tests.table_files import HEADER, ROW, as_text, repack, write_workbook

CELLS = [list(ROW)]


def opened(file: Path, **layout) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    table = open_table(file, Layout(**layout))
    return table.names, [line.cells for line in table.rows()]


def text_file(folder: Path, content: bytes | str) -> Path:
    file = folder / "table.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


# Text


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_separator_is_found_out(tmp_path, delimiter):
    file = text_file(tmp_path, as_text([ROW, ROW], delimiter=delimiter))

    assert opened(file) == (HEADER, [ROW, ROW])
    assert open_table(file).delimiter == delimiter


def test_a_separator_within_quotes_misleads_nobody(tmp_path):
    file = text_file(tmp_path, 'No;Notes\n1;"a, b, c"\n2;"d, e, f"\n')

    assert opened(file) == (("No", "Notes"), [("1", "a, b, c"), ("2", "d, e, f")])


def test_excels_own_line_about_the_separator_is_read_over(tmp_path):
    table = open_table(text_file(tmp_path, "sep=;\nNo;A\n1;x\n"))

    assert (table.names, [(line.number, line.cells) for line in table.rows()]) == (("No", "A"), [(3, ("1", "x"))])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_encoding_is_found_out(tmp_path, encoding):
    file = text_file(tmp_path, as_text([["1", "Doña Ana – año"]], ("No", "Área")).encode(encoding))

    assert opened(file) == (("No", "Área"), [("1", "Doña Ana – año")])
    assert bool(open_table(file).remarks) is (encoding == "cp1252")


def test_an_encoding_may_be_said(tmp_path):
    file = text_file(tmp_path, "No,Área\n1,Doña\n".encode("mac_roman"))

    assert opened(file, encoding="mac_roman") == (("No", "Área"), [("1", "Doña")])


def test_a_title_above_the_header_is_read_over(tmp_path):
    assert opened(text_file(tmp_path, "Our samples,,\n\nNo,A,B\n1,x,y\n"), header_row=2) == (
        ("No", "A", "B"),
        [("1", "x", "y")],
    )


def test_columns_without_a_name_or_with_the_same_one_are_told_apart(tmp_path):
    assert opened(text_file(tmp_path, "No,Found,found,\n1,a,b,c\n"))[0] == ("No", "Found", "found (2)", "column 4")


def test_a_value_over_several_lines_is_one_and_rows_keep_their_line(tmp_path):
    table = open_table(text_file(tmp_path, 'No,Notes\n1,"a\nb"\n\n2,c\n'))

    assert [(line.number, line.cells) for line in table.rows()] == [(2, ("1", "a\nb")), (5, ("2", "c"))]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b'No,A\n1,"x\n', "not CSV at line 2"),
        (b"No,A\n1,x\0y\n", "neither CSV nor .xlsx"),
        (b"%PDF-1.7\0\0", "neither CSV nor .xlsx"),
        (b"No,A\n1,\x81\n", "not text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "old Excel file"),
        (b"PK\x03\x04rest", "damaged"),
    ],
)
def test_what_is_no_table_is_refused_with_a_plain_word(tmp_path, content, why):
    with pytest.raises(Unusable, match=why):
        opened(text_file(tmp_path, content))


def test_a_table_beyond_all_bounds_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "MOST_ROWS", 3)
    with pytest.raises(Unusable, match="more than 3 rows"):
        opened(text_file(tmp_path, "No\n" + "1\n" * 5))

    with pytest.raises(Unusable, match="columns"):
        opened(text_file(tmp_path, ",x" * 600 + "\n"))


# Workbooks


def test_a_workbook_reads_as_a_person_sees_it(tmp_path):
    rows = [
        ("No", "Date", "When", "Share", "Mass", "Yes", "None"),
        (7, date(2024, 3, 4), datetime.fromisoformat("2024-03-04T14:22"), 0.12, 4.1, True, None),
    ]
    formats = {"A2": "0000", "D2": "0%", "B2": "dd/mm/yyyy"}

    _, [cells] = opened(write_workbook(tmp_path / "table.xlsx", rows, formats=formats))

    assert cells == ("0007", "2024-03-04", "2024-03-04T14:22", "12%", "4.1", "TRUE", "")


def test_numbers_of_a_workbook_have_the_decimal_sign_of_its_mapping(tmp_path):
    file = write_workbook(tmp_path / "table.xlsx", [("No", "Mass"), (600763, 1.234), (0.5, 12.0)])

    assert opened(file, decimal=",")[1] == [("600763", "1,234"), ("0,5", "12")]


def test_empty_cells_and_rows_of_a_workbook_keep_their_place(tmp_path):
    file = write_workbook(tmp_path / "table.xlsx", [("No", "A", "B"), ("1",), (), ("2", None, "x", "beside")])

    table = open_table(file)

    assert [(line.number, line.cells, line.fault) for line in table.rows()] == [
        (2, ("1", "", ""), ""),
        (4, ("2", "", "x"), ""),
    ]


def test_a_formula_is_read_as_its_value_and_never_as_blank(tmp_path):
    file = write_workbook(tmp_path / "table.xlsx", [("No", "Mass", "Share"), (1, "=2+2", "x"), (2, "plain", "=1/0")])
    with zipfile.ZipFile(file) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml")
    assert b"<f>2+2</f><v></v>" in sheet or b"<f>2+2</f><v />" in sheet or b"<f>2+2</f>" in sheet
    cached = sheet.replace(b"<f>1/0</f><v></v>", b"<f>1/0</f><v>0.5</v>").replace(
        b"<f>1/0</f><v />", b"<f>1/0</f><v>0.5</v>"
    )

    _, rows = opened(repack(file, put={"xl/worksheets/sheet1.xml": cached}))

    assert rows == [("1", workbooks.NO_VALUE, "x"), ("2", "plain", "0.5")]


def test_the_sheet_is_chosen_by_name_and_the_first_is_remarked(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "Readme"
    book.active.append(["No"])
    book.create_sheet("Samples").append(["No", "A"])
    book.save(tmp_path / "table.xlsx")

    assert opened(tmp_path / "table.xlsx", sheet="Samples")[0] == ("No", "A")
    assert open_table(tmp_path / "table.xlsx").remarks == ["of several sheets only Readme is read"]
    with pytest.raises(Unusable, match="There is no sheet Nothing; there are Readme, Samples"):
        opened(tmp_path / "table.xlsx", sheet="Nothing")


def test_days_of_a_workbook_that_counts_from_1904_are_known(tmp_path):
    from openpyxl import Workbook
    from openpyxl.utils.datetime import MAC_EPOCH

    book = Workbook()
    book.epoch = MAC_EPOCH
    book.active.append(["No", "Date"])
    book.active.append([1, date(2024, 3, 4)])
    book.save(tmp_path / "table.xlsx")

    table = open_table(tmp_path / "table.xlsx")

    assert (table.since_1904, [line.cells for line in table.rows()]) == (True, [("1", "2024-03-04")])


def test_macros_are_refused_whatever_the_file_is_called(tmp_path):
    file = repack(write_workbook(tmp_path / "table.xlsx", CELLS), put={"xl/vbaProject.bin": b"x"})

    with pytest.raises(Unusable, match="macros"):
        opened(file)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 1_000_000)
    file = repack(write_workbook(tmp_path / "table.xlsx", CELLS), put={"xl/media/zeros": b"\0" * 2_000_000})
    assert file.stat().st_size < 20_000

    with pytest.raises(Unusable, match="Unpacked"):
        opened(file)


def test_entities_that_multiply_are_refused(tmp_path):
    laughs = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><sst>&b;</sst>'
    file = repack(write_workbook(tmp_path / "table.xlsx", CELLS), put={"xl/sharedStrings.xml": laughs})

    with pytest.raises(Unusable, match="damaged"):
        opened(file)


def test_a_cell_far_out_does_not_make_a_table_of_the_whole_sheet(tmp_path):
    far = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
    file = write_workbook(tmp_path / "table.xlsx", [HEADER, ROW])
    with zipfile.ZipFile(file) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").replace(b"</sheetData>", far)

    with pytest.raises(Unusable, match=r"rows|wide"):
        opened(repack(file, put={"xl/worksheets/sheet1.xml": sheet}))


def test_another_zip_is_no_workbook(tmp_path):
    file = tmp_path / "table.xlsx"
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("content.xml", "x")

    with pytest.raises(Unusable, match=r"no \.xlsx workbook"):
        opened(file)
