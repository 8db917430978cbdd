"""Files that lie, burst or break off: each gets a sentence, in bounded time and memory, and no row is lost unsaid."""

import time
import tracemalloc
import zipfile
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sheets import WORKBOOKS, ae_csv_rows, ae_rows, rtt_rows, shmi_rows, write_rows, write_xlsx

from ranktrust.errors import UsageError
from ranktrust.intake import opening, packs
from ranktrust.intake.layouts.oversight import LEAGUE_HEADINGS
from ranktrust.intake.recognise import check_file, sentences

laws = partial(settings, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])

PROVIDERS = "Provider Level Data"


def faults(path: Path) -> str:
    checked = check_file(path)
    assert checked.reading is None
    return "\n".join(map(str, checked.faults))


def small_xlsx(path: Path, **trusts) -> Path:
    return write_xlsx(path, {PROVIDERS: ae_rows(**trusts)})


def add_member(path: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr(name, content)
    return path


def test_absent_file_and_folder_are_usage(tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(UsageError, match="no file"):
            check_file(path)


def test_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = add_member(small_xlsx(tmp_path / "bomb.xlsx"), "xl/worksheets/sheet9.xml", b" " * 40_000_000)
    began = time.monotonic()
    assert "unpacks to 40,000,000 bytes: a zip bomb" in faults(path)
    assert time.monotonic() - began < 2


def test_many_parts_are_refused(tmp_path):
    path = small_xlsx(tmp_path / "many.xlsx")
    with zipfile.ZipFile(path, "a") as pack:
        for i in range(packs.MEMBERS):
            pack.writestr(f"xl/media/{i}", b"")
    assert "a zip bomb" in faults(path)


def test_xml_bomb_is_refused(tmp_path):
    lol = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
    path = add_member(small_xlsx(tmp_path / "lol.xlsx"), "xl/worksheets/sheet7.xml", lol)
    assert "XML is hostile or damaged (DTDForbidden)" in faults(path)


@pytest.mark.parametrize("name", ["small.xls", "small.csv", "small.bak", "small"])
def test_a_workbook_is_one_whatever_its_name_ends_in(tmp_path, name):
    path = small_xlsx(tmp_path / "small.xlsx")
    expected, found = check_file(path).reading, check_file(path.rename(tmp_path / name)).reading
    assert found is not None
    assert (found.publication, found.period, found.rows) == (expected.publication, expected.period, expected.rows)


def test_web_page_saved_as_a_workbook(tmp_path):
    path = tmp_path / "ae.xls"
    path.write_text("\n <HTML><table><tr><td>Code</td></tr></table></HTML>")
    assert "it is a web page (HTML or XML), whatever its name says" in faults(path)


@pytest.mark.parametrize("kind", ["ole", "zip"])
def test_password_is_named(tmp_path, kind):
    path = tmp_path / "secret.xlsx"
    if kind == "ole":
        path.write_bytes(opening.OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"))
    else:
        with zipfile.ZipFile(path, "w") as pack:
            pack.writestr("xl/workbook.xml", b"x")
        content = bytearray(path.read_bytes())
        content[content.rindex(b"PK\x01\x02") + 8] |= 1
        path.write_bytes(content)
    assert "it is protected by a password" in faults(path)


def test_gigabyte_is_refused_without_being_read(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.write(b"Period,Org Code\n")
        file.truncate(1_000_000_000)
    tracemalloc.start()
    began = time.monotonic()
    assert "it has 1,000,000,000 bytes, more than the 256,000,000" in faults(path)
    assert time.monotonic() - began < 1
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_largest_file_allowed_is_read_in_bounded_memory(tmp_path):
    path = tmp_path / "nul.csv"
    with path.open("wb") as file:
        file.truncate(250_000_000)
    tracemalloc.start()
    assert "it holds NUL bytes" in faults(path)
    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_workbook_that_is_still_being_copied(tmp_path, share):
    whole = small_xlsx(tmp_path / "whole.xlsx").read_bytes()
    path = tmp_path / "part.xlsx"
    path.write_bytes(whole[: int(len(whole) * share)])
    assert "damaged, cut short or still being copied" in faults(path)


def test_csv_cut_in_a_row_or_before_its_total(tmp_path):
    path = write_rows(tmp_path / "a.csv", ae_csv_rows())
    whole = path.read_text()
    path.write_text(whole[: whole.index("TOTAL")])
    assert "0 total rows; one is needed" in faults(path)
    path.write_text(whole[: whole.index("Second")])
    assert "0 total rows" in faults(path)


def test_file_that_grows_while_it_is_read(tmp_path, monkeypatch):
    path = write_rows(tmp_path / "a.csv", ae_csv_rows())
    reader = opening._open_csv

    def copying(which):
        found = reader(which)
        with which.open("a") as file:
            file.write("more\n")
        return found

    monkeypatch.setattr(opening, "_open_csv", copying)
    assert "it changed while it was read: it is still being copied; it had" in faults(path)


def test_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = write_rows(tmp_path / "a.csv", ae_csv_rows())

    def forbidden(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(opening, "_kind", forbidden)
    assert "it cannot be opened: Permission denied" in faults(path)


def test_utf_16_is_named(tmp_path):
    path = write_rows(tmp_path / "a.csv", ae_csv_rows(), encoding="utf-16")
    assert "it is text in UTF-16" in faults(path)


def test_empty_file(tmp_path):
    (tmp_path / "a.csv").touch()
    assert "it is empty" in faults(tmp_path / "a.csv")


@pytest.mark.parametrize("rows", [65_535, 65_536])
def test_rows_cut_by_a_spreadsheet_program(tmp_path, rows):
    first = "trust,indicator,period_start,period_end,numerator,denominator\n"
    path = tmp_path / "cut.csv"
    path.write_text(first + "RA1,x,2025-01-01,2025-01-31,1,2\n" * (rows - 1))
    assert f"exactly {rows:,} rows, where a spreadsheet program cuts a file short: it is truncated" in faults(path)


def test_extract_cut_by_a_spreadsheet_program(tmp_path):
    head, row = rtt_rows([("RA1", "Q1", "Part_1A", "C_100", {1: 1})])
    text = ",".join(head) + "\n" + (",".join(map(str, row)) + "\n") * 65_535
    path = tmp_path / "rtt.csv"
    path.write_text(text)
    assert "exactly 65,536 rows" in faults(path)


def test_nul_bytes_name_their_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"Period,Org Code\nx,\x00\n")
    assert "row 2: it holds NUL bytes" in faults(path)


def test_two_encodings_in_one_file(tmp_path):
    path = write_rows(tmp_path / "a.csv", shmi_rows())
    path.write_bytes(path.read_bytes() + "I,RA3,Zoë,1,1,1,1,2\n".encode() + "I,RA4,Zoë,1,1,1,1,2\n".encode("latin-1"))
    assert "two encodings in one file" in faults(path)


def test_latin_1_note_is_read_and_left_out(tmp_path):
    rows = [*shmi_rows(), [""] * 8, ["Copyright © 2013, All Rights Reserved", *[""] * 7]]
    checked = check_file(write_rows(tmp_path / "a.csv", rows, encoding="latin-1"))
    assert [left.reason for left in checked.reading.left] == [
        "blank row",
        "a note: 'Copyright © 2013, All Rights Reserved'",
    ]


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+1+1", "@SUM(1)", "<script>alert(1)</script>", "a\u202eb"])
def test_formulas_and_scripts_in_names(tmp_path, name):
    path = write_rows(tmp_path / "a.csv", ae_csv_rows([("RA1", name, 10, 1), ("RA2", "B", 5, 1)]))
    assert "is not a name: a formula, a script or characters that do not print" in faults(path)


def test_contradictory_and_doubled_rows(tmp_path):
    doubled = [("RA1", "A", 10, 4), ("RA1", "A", 10, 4)]
    assert "RA1 stands here and in row 2, with the same figures: the file is doubled" in faults(
        write_rows(tmp_path / "a.csv", ae_csv_rows(doubled))
    )
    other = [("RA1", "A", 10, 4), ("RA1", "A", 11, 4)]
    assert "with other figures: they contradict each other" in faults(
        write_rows(tmp_path / "b.csv", ae_csv_rows(other))
    )


def test_whole_file_twice_over_is_refused(tmp_path):
    rows = ae_csv_rows()
    assert "2 total rows; one is needed" in faults(write_rows(tmp_path / "a.csv", [*rows, *rows[1:]]))


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (-3, "'-3' is not a count, which is a whole number from 0 up"),
        (2.5, "'2.5' is not a count, which is a whole number from 0 up"),
        ("12 (p)", "'12 (p)' is not a count"),
        (101, "101 of 100 is more than the whole (RA1)"),
    ],
)
def test_impossible_counts_name_their_cell(tmp_path, cell, said):
    rows = ae_csv_rows()
    rows[1][9] = cell
    text = faults(write_rows(tmp_path / "a.csv", rows))
    assert said in text
    assert "a.csv, sheet 'csv', row 2, column J" in text


def test_all_faults_come_at_once(tmp_path):
    rows = ae_csv_rows()
    rows[1][9], rows[2][9] = -1, "?"
    text = faults(write_rows(tmp_path / "a.csv", rows))
    assert "row 2, column J: '-1'" in text
    assert "row 3, column J: '?'" in text


def test_wrong_sheet_says_what_is_there(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {"System Level Data": ae_rows()})
    text = faults(path)
    assert "its sheets are 'System Level Data'" in text
    assert "A&E attendances, monthly workbook by provider': sheet 'Provider Level Data' is absent" in text


def test_missing_heading_is_named(tmp_path):
    rows = ae_csv_rows()
    rows[0][9] = "Attendances"
    text = faults(write_rows(tmp_path / "a.csv", rows))
    assert "lacking headings: 'Attendances over 4hrs Type 1'" in text
    assert "If it is another publication, bring it to the tidy layout (docs/howto/new-indicator.md)" in text


def test_missing_row_is_noticed_by_the_total(tmp_path):
    rows = ae_rows()
    del rows[9]
    text = faults(write_xlsx(tmp_path / "a.xlsx", {PROVIDERS: rows}))
    assert "the row 'England' says 150 but its parts sum to 100" in text


def test_name_of_the_file_is_not_believed(tmp_path):
    path = write_rows(tmp_path / "Monthly-Diagnostics-July-2021.xls", ae_csv_rows())
    checked = check_file(path)
    assert (checked.layout.publication, checked.reading.period[0].isoformat()) == ("ae", "2025-05-01")


def test_sheet_with_a_cell_in_its_farthest_corner(tmp_path):
    rows = ae_rows()
    path = write_xlsx(tmp_path / "a.xlsx", {PROVIDERS: rows})
    import openpyxl  # noqa: PLC0415

    book = openpyxl.load_workbook(path)
    book[PROVIDERS]["XFD9000"] = 1
    book.save(path)
    began = time.monotonic()
    check_file(path)
    assert time.monotonic() - began < 10


CELLS = st.one_of(
    st.text(max_size=8),
    st.integers(-5, 200).map(str),
    st.sampled_from(["-", "*", "**", "", "1,234", "England", "TOTAL", "RA1", "=1", "1e400", "NaN", "½", "12.5"]),
)
MUTATIONS = st.lists(
    st.tuples(
        st.sampled_from(["cell", "delete", "double", "swap", "cut"]), st.integers(0, 9), st.integers(0, 15), CELLS
    ),
    min_size=1,
    max_size=4,
)


def mutate(rows, mutations):
    rows = [list(row) for row in rows]
    for how, i, j, cell in mutations:
        i = i % len(rows)  # noqa: PLW2901
        if how == "cell" and rows[i]:
            rows[i][j % len(rows[i])] = cell
        elif how == "delete" and len(rows) > 1:
            del rows[i]
        elif how == "double":
            rows.insert(i, list(rows[i]))
        elif how == "swap":
            rows[i], rows[-1] = rows[-1], rows[i]
        elif how == "cut":
            rows[i] = rows[i][:j]
    return rows


TIDY = [
    ["trust", "indicator", "period_start", "period_end", "numerator", "denominator"],
    ["RA1", "x", "2025-01-01", "2025-01-31", 3, 5],
    ["RA2", "x", "2025-01-01", "2025-01-31", 4, 5],
]
LEAGUE = [
    [*LEAGUE_HEADINGS, "Quarter"],
    ["Acute", "Large", "RA1", "A", "2.1", "1.9 - 2.3", "3", "Yes", "30", "28 - 42", "Q3"],
    ["Acute", "Large", "RA2", "B", "2.2", "", "3", "No", "31", "", "Q3"],
]
SUCCESSIONS = [["old_code", "new_code", "date"], ["RA1", "RA3", "20200401.0"], ["RA2", "RA3", "2021-04-01"]]
REGISTER = [[code, "Name", "Y56", "QMJ", *[""] * 5, "N1", "20200101", *[""] * 16] for code in ("RA1", "RA2")]
SAMPLES = (
    ae_csv_rows(),
    shmi_rows(),
    rtt_rows([("RA1", "Q1", "Part_2", "C_100", {1: 5, 20: 3})]),
    TIDY,
    LEAGUE,
    SUCCESSIONS,
    REGISTER,
)


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sample=st.sampled_from(SAMPLES), mutations=MUTATIONS)
def test_mutated_sheets_are_read_or_refused_and_no_row_is_lost(tmp_path, sample, mutations):
    rows = mutate(sample, mutations)
    path = write_rows(tmp_path / "mutated.csv", rows, encoding="utf-8")
    checked = check_file(path)
    assert sentences(checked)
    if checked.reading is None:
        assert checked.faults
        return
    kept = {row[0] for table in checked.reading.tables.values() for row in table.rows}
    left = {each.row for each in checked.reading.left}
    header = len(rows) - checked.reading.rows - 1
    for number, row in enumerate(rows, 1):
        cells = {" ".join(str(cell).split()).upper() for cell in row}
        if number > header + 1:
            assert number in left or cells & kept, (number, row)
        elif number <= header:
            assert not {"RA1", "RA2"} & cells or sum(str(cell).isdigit() for cell in row) == 0, (number, row)


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sample=st.sampled_from(sorted(WORKBOOKS)), mutations=MUTATIONS)
def test_mutated_workbooks_are_read_or_refused_and_no_row_is_lost(tmp_path, sample, mutations):
    rows = mutate(WORKBOOKS[sample](), mutations)
    clean = [["".join(c for c in str(x) if c.isprintable()) if isinstance(x, str) else x for x in row] for row in rows]
    checked = check_file(write_xlsx(tmp_path / "mutated.xlsx", {sample: clean}))
    if checked.reading is None:
        assert checked.faults
        return
    kept = {row[0] for table in checked.reading.tables.values() for row in table.rows}
    left = {each.row for each in checked.reading.left}
    for number, row in enumerate(clean, 1):
        if {"RA1", "RA2"} & {str(cell) for cell in row} and any(isinstance(cell, int | float) for cell in row):
            assert number in left or kept & {str(cell) for cell in row}, (number, row)


@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=400), start=st.sampled_from([b"", opening.OLE, b"PK\x03\x04", b"Period,Org Code\n"]))
def test_any_bytes_are_refused_in_words(tmp_path, content, start):
    path = tmp_path / "bytes"
    path.write_bytes(start + content)
    assert check_file(path).faults


@laws(max_examples=60)
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_changed_byte_in_a_workbook_never_escapes(tmp_path, at, byte):
    path = tmp_path / "byte.xlsx"
    if not path.exists():
        small_xlsx(tmp_path / "whole.xlsx")
    content = bytearray((tmp_path / "whole.xlsx").read_bytes())
    content[at % len(content)] = byte
    path.write_bytes(content)
    checked = check_file(path)
    assert (checked.reading is None) == bool(checked.faults)


@laws(max_examples=60)
@given(at=st.integers(0, 430_000), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_old_workbook_never_escapes_or_loses_a_row(shared, tmp_path, at, byte, cut):
    source = shared / "published/ae/March-2026-AE-by-provider-sJh4x.xls"
    content = bytearray(source.read_bytes())
    content[at] = byte
    path = tmp_path / "damaged.xls"
    path.write_bytes(content[: at + 1] if cut else content)
    checked = check_file(path)
    assert checked.faults or len(checked.reading.tables["ae_4h_all"].rows) == 190
