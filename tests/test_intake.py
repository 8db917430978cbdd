"""Readers on small hand-made sheets: the figures they yield and the words of their faults."""

from dataclasses import replace
from datetime import date, datetime
from math import isnan, sqrt
from pathlib import Path

import openpyxl
import pytest

from ranktrust.errors import DataError, UsageError
from ranktrust.intake import build_data, engagement_standard_error, read_sources
from ranktrust.intake.ae import Month, check_months
from ranktrust.intake.build import coverage_note
from ranktrust.intake.cancelled import CANCELLED, EXCLUDING, INCLUDING, UNTREATED, read_quarter_workbook
from ranktrust.intake.cancer import HEADINGS, SHEET, Part, check_margins, read_extract
from ranktrust.intake.organisations import proper_name, read_context, read_successions, select_successions
from ranktrust.intake.period import month_of, months_between, read_month, read_quarter
from ranktrust.intake.sheet import (
    Sheet,
    find_column,
    find_header,
    find_label,
    is_mark,
    is_total,
    read_count,
    read_csv,
    read_number,
    read_xlsx,
)
from ranktrust.intake.shmi import read_shmi
from ranktrust.intake.staff_survey import item_mean, item_sd
from ranktrust.intake.surgical import read_surgical
from ranktrust.intake.tidy import Table, check_parts, write_csv, write_value

GRID = Sheet(
    "small.xls",
    "Provider",
    (
        ("Period:", "May 26", None),
        (None, "A&E attendances", None, "Within 4 hours", None),
        ("Code", "Type 1", "Type 2", "Type 1 ", "Type 2"),
        ("R0A", "1,204", "-", 900.0, "**"),
    ),
)
YEAR = (date(2025, 1, 1), date(2025, 12, 31))


def write_xlsx(path: Path, sheets: dict[str, list[tuple]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_header_and_repeated_columns_are_found():
    header = find_header(GRID, ["Code", "Type 1"])
    assert header == 2
    assert find_column(GRID, header, "Type 1", group="A&E attendances", group_row=1) == 1
    assert find_column(GRID, header, "Type 1", group="Within 4 hours", group_row=1) == 3
    assert find_label(GRID, "Period:") == "May 26"


def test_ambiguous_column_is_refused():
    with pytest.raises(DataError, match=r"small.xls, sheet 'Provider', row 3: 2 columns are headed 'Type 1'"):
        find_column(GRID, 2, "Type 1")


def test_absent_header_is_refused():
    with pytest.raises(DataError, match="0 rows hold the headings 'Code', 'Region'; one is needed"):
        find_header(GRID, ["Code", "Region"])


def test_repeated_header_is_refused():
    twice = replace(GRID, rows=(*GRID.rows, GRID.rows[2]))
    with pytest.raises(DataError, match="2 rows hold the headings 'Code'"):
        find_header(twice, ["Code"])


@pytest.mark.parametrize(
    ("cell", "value"), [("1,204", 1204), (" 7 ", 7), (12.5, 12.5), ("5.563E-4", 0.0005563), (0, 0)]
)
def test_numbers(cell, value):
    assert read_number(cell) == value


@pytest.mark.parametrize(
    "cell", ["-", "", None, "1,23", "12 345", True, float("nan"), "nan", datetime(2025, 1, 1), "1-2"]
)
def test_what_is_no_number(cell):
    with pytest.raises(ValueError, match="is not a number"):
        read_number(cell)


def test_marks_and_totals():
    assert [is_mark(cell) for cell in ("-", " ** ", None, "\xa0", 0, "0")] == [True, True, True, True, False, False]
    assert is_total(INCLUDING)
    assert is_total("TOTAL ")
    assert not is_total("Total Healthcare Ltd")
    assert not is_total("East of England Ambulance")


def test_all_counts_that_are_none_are_faults_at_their_places():
    faults = []
    assert read_count(GRID, 3, 1, faults) == 1204
    assert isnan(read_count(GRID, 3, 2, faults))
    assert isnan(read_count(GRID, 3, 4, faults))
    assert [fault.place for fault in faults] == [f"sheet 'Provider', row 4, column {letter}" for letter in "CE"]
    assert "'**' is not a count" in faults[1].problem


def test_half_counts_only_where_allowed():
    sheet = Sheet("f", "s", ((12.5, 12.25, -1),))
    faults = []
    assert read_count(sheet, 0, 0, faults, step=0.5) == 12.5
    assert not faults
    for column in (0, 1, 2):
        read_count(sheet, 0, column, faults, step=1 if column == 0 else 0.5)
    assert len(faults) == 3


@pytest.mark.parametrize("text", ["March 2026", "March 26", "March  2026", "MSitAE-MARCH-2026", "Mar 26"])
def test_months(text):
    assert read_month(text) == (date(2026, 3, 1), date(2026, 3, 31))


@pytest.mark.parametrize("text", ["Quarter 1", "2026-03", "Smarch 2026", "March 026", ""])
def test_what_is_no_month(text):
    with pytest.raises(ValueError, match="is not a month"):
        read_month(text)


def test_quarters():
    assert read_quarter("Quarter 1, 2025-26 (April to June 2025)") == (date(2025, 4, 1), date(2025, 6, 30))
    assert read_quarter("Quarter 4, 2024-25 (January to March 2025)") == (date(2025, 1, 1), date(2025, 3, 31))
    with pytest.raises(ValueError, match="contradicts itself"):
        read_quarter("Quarter 2, 2025-26 (April to June 2025)")


def test_months_between_crosses_years():
    assert [f"{m:%y-%m}" for m in months_between(date(2024, 11, 1), date(2025, 2, 28))] == [
        "24-11",
        "24-12",
        "25-01",
        "25-02",
    ]


def test_values_read_back_the_same():
    assert [write_value(v) for v in (12.0, 12.5, 7, None, date(2025, 1, 31))] == ["12", "12.5", "7", "", "2025-01-31"]
    assert float(write_value(0.1 + 0.2)) == 0.1 + 0.2
    assert write_csv(("a", "b"), [("x, y", 1.0)]) == 'a,b\n"x, y",1\n'


def test_parts_beyond_their_whole_and_twins_are_faults():
    row = ("R0A", "i", *month_of(2025, 1), 5, 4)
    faults = check_parts([row, row], "file")
    assert [fault.problem for fault in faults].count("5 of 4 is more than the whole") == 2
    assert any("stands twice" in fault.problem for fault in faults)


def test_truncated_sheet_is_refused(tmp_path):
    path = tmp_path / "cut.csv"
    path.write_text("a\n" * 65_535)
    with pytest.raises(DataError, match="exactly 65535 rows, where a spreadsheet program cuts a file short"):
        read_csv(path)


def test_absent_sheet_is_refused(tmp_path):
    path = write_xlsx(tmp_path / "book.xlsx", {"Other": [(1,)]})
    with pytest.raises(DataError, match=r"book.xlsx, sheet 'Provider': cannot be read"):
        read_xlsx(path, "Provider")


def test_missing_and_doubled_months_are_all_named():
    months = [
        Month(Path(name), month_of(2025, m), "", {}, (0, 0)) for name, m in (("a.xls", 1), ("b.xls", 1), ("c.xls", 3))
    ]
    faults = check_months(months, (date(2025, 1, 1), date(2025, 3, 31)))
    assert [fault.place for fault in faults] == ["January 2025", "February 2025"]
    assert "2 workbooks hold this month (a.xls, b.xls)" in faults[0].problem


def extract(path: Path, *rows: tuple) -> Path:
    return write_xlsx(path, {SHEET: [HEADINGS, *rows]})


def test_cancer_faults_come_all_at_once(tmp_path):
    start = datetime(2025, 4, 1)
    path = extract(
        tmp_path / "extract.xlsx",
        (start, "28-day FDS", "R0A", "route", None, "skin", 12.5, 12.5, 0),
        (start, "62-day Combined", "R0A", "route", "ALL MODALITIES", "Skin", 12.5, 10, 2),
        (datetime(2025, 4, 2), "14-day", "R0A", "route", "", "Skin", 1, 1, 0),
    )
    with pytest.raises(DataError) as caught:
        read_extract(path)
    text = str(caught.value)
    assert "row 2, column G: 12.5 is not a count, which is a whole number from 0 up" in text
    assert "row 3, column G: 10 within and 2 breaches do not make 12.5 treated" in text
    assert "is not the first of a month" in text
    assert "standard '14-day' of organisation 'R0A' is not known" in text


def test_cancer_margins_that_differ_or_mix_are_faults():
    part = Part(date(2025, 4, 1), "62-day Combined", "R0A", "route", "ALL MODALITIES", "Skin", 10.5, 8)
    other = replace(part, modality="Surgery", cancer="ALL CANCERS")
    assert check_margins([part, other]) == []
    (fault,) = check_margins([part, replace(other, treated=10)])
    assert fault.problem == "62-day totals by modality (8 of 10) and by cancer (8 of 10.5) differ"
    assert "not one margin" in check_margins([part, other, replace(part, cancer="ALL CANCERS")])[0].problem


def cancelled(path: Path, england: tuple[int, int], rows: list[tuple]) -> Path:
    head = ("Region Code", "Organisation Code", "Organisation Name", CANCELLED, UNTREATED)
    top = [("Period:", "Quarter 1, 2025-26 (April to June 2025)"), head]
    totals = [("-", "-", EXCLUDING, *england), ("-", "-", INCLUDING, *england)]
    return write_xlsx(
        path, {"Provider": [*top, *totals, (None,), *rows], "Notes": [("Notes",), ("R1K did not submit.",)]}
    )


def test_cancelled_quarter(tmp_path):
    rows = [("Y1", "R0A", "ONE", 5, 2), ("Y1", "R0B", "TWO", 0, 0)]
    quarter = read_quarter_workbook(cancelled(tmp_path / "q.xlsx", (5, 2), rows))
    assert quarter.providers == {"R0A": (2, 5), "R0B": (0, 0)}
    assert quarter.notes == "R1K did not submit."
    assert quarter.period == (date(2025, 4, 1), date(2025, 6, 30))


def test_cancelled_total_that_is_no_sum_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"the England rows say .* but the providers sum to \(2.0, 5.0\)"):
        read_quarter_workbook(cancelled(tmp_path / "q.xlsx", (6, 2), [("Y1", "R0A", "ONE", 5, 2)]))


def test_shmi_band_and_ratio_are_checked(tmp_path):
    path = tmp_path / "shmi.csv"
    head = "org_code,shmi_value,observed_deaths,expected_deaths,spells,shmi_banding_label\n"
    path.write_text(head + "R0A,1.0000,100,100,5000,As expected\nR0B,1.5,100,100,5000,Odd\nR0C,1.0,101,100,5000,\n")
    with pytest.raises(DataError) as caught:
        read_shmi([path], YEAR)
    assert len(caught.value.faults) == 3
    assert "row 3, column B: '1.5' is not a ratio that 100 of 100 allow" in str(caught.value)
    assert "'Odd' is not a band" in str(caught.value)


def test_shmi_blank_band_stays_blank(tmp_path):
    path = tmp_path / "shmi.csv"
    head = "org_code,shmi_value,observed_deaths,expected_deaths,spells,shmi_banding_label\n"
    path.write_text(head + "R0A,1.0000,100,100,5000,**\n")
    table = read_shmi([path], YEAR).tables["shmi"]
    assert table.rows == (("R0A", "shmi", *YEAR, 100, 100, 5000, ""),)


def test_standard_error_of_a_hand_made_example():
    # one item half at 0, half at 10: sd 5; nine such items, r = 0.5: 5 sqrt((1 + 8 * 0.5) / 9) = 3.7268
    extremes = [[50, 0, 0, 0, 50]] * 9
    assert item_mean(extremes[0]) == 5
    assert item_sd(extremes[0]) == 5
    assert engagement_standard_error(extremes, 400) == pytest.approx(5 * sqrt(5 / 9) * sqrt(1.1 / 400), rel=1e-12)
    assert engagement_standard_error(extremes, 400, inter_item_correlation=1, design_effect=1) == pytest.approx(0.25)
    assert engagement_standard_error([[0, 0, 100, 0, 0]] * 9, 400) == 0


def test_standard_error_uses_the_mean_of_item_sds():
    mixed = [[50, 0, 0, 0, 50], [0, 50, 0, 50, 0]]
    assert engagement_standard_error(mixed, 100, inter_item_correlation=1, design_effect=1) == pytest.approx(0.375)
    with pytest.raises(ValueError, match="has no standard error"):
        engagement_standard_error(mixed, 0)


def test_proper_names():
    assert proper_name("GUY'S AND ST THOMAS' NHS FOUNDATION TRUST") == "Guy's and St Thomas' NHS Foundation Trust"
    assert proper_name("THE DUDLEY GROUP\xa0NHS  TRUST ") == "The Dudley Group NHS Trust"
    assert proper_name("Countess Of Chester Hospital") == "Countess of Chester Hospital"
    assert proper_name("STOKE-ON-TRENT") == "Stoke-on-Trent"


def test_successions_and_context(tmp_path):
    (tmp_path / "a.csv").write_text("old_code,new_code,date\nRXH,RYR,20210401.0\n")
    (tmp_path / "b.csv").write_text("old_code,new_code,date,note\nRAP,RAL,2025-01-01,joined\n")
    (tmp_path / "c.csv").write_text("trust_code,imd2019_avg_score\nRAP,30.5\nRAL,20.25\nRYR,16\n")
    found = read_successions(tmp_path / "a.csv", tmp_path / "b.csv")
    assert select_successions(found, ["RAL", "RYR"], date(2024, 1, 1)).rows == (
        ("RAP", "RAL", date(2025, 1, 1), "joined"),
    )
    trusts = Table(
        ("trust", "name", "region", "icb", "type", "subtype"),
        tuple((t, "", "", "", "", "Acute - Large") for t in ("RAL", "RH5", "RYR")),
    )
    ral, rh5, ryr = read_context(tmp_path / "c.csv", trusts, found).rows
    assert ral[:2] == ("RAL", 20.25)
    assert "without that of RAP" in ral[2]
    assert (rh5[1], rh5[2]) == (None, "no catchment is published under this code")
    assert ryr[2] == ""


def test_surgical_is_undated(tmp_path):
    names = [
        f"{e}_{s}"
        for e in ("fixed", "re")
        for s in ("mean", "median", "sd", "q2.5", "q97.5", "rank_q2.5", "rank_median", "rank_q97.5")
    ]
    (tmp_path / "s.csv").write_text(f"hospital,n_ops,r_deaths,{','.join(names)}\nA,47,0,{','.join(['0.5'] * 16)}\n")
    tables = read_surgical([tmp_path / "s.csv"], None).tables
    assert tables["surgical"].rows == (("A", "surgical", None, None, 0, 47),)
    assert tables["reference/bugs_surgical"].columns[:2] == ("trust", "fixed_mean")


def test_coverage_names_who_is_missing():
    rows = (("R0A", "i", 1), ("R0A", "i", 2), ("R0B", "i", 2))
    assert "R0B (1 of 2), R0C (0 of 2)." in coverage_note(Table((), rows), ["R0A", "R0B", "R0C"])


def test_absent_folder_is_one_sentence(tmp_path):
    with pytest.raises(
        UsageError, match=r"no published files at .*: give their folder with --shared or RANKTRUST_SHARED"
    ):
        build_data(tmp_path / "none", tmp_path)


def test_incomplete_declarations_are_all_named(tmp_path):
    (tmp_path / "sources.toml").write_text('[a]\ntitle = "A"\n[b]\nodd = 1\n')
    with pytest.raises(DataError, match=r"\[a\]: 'publisher' is missing or unknown") as caught:
        read_sources(tmp_path / "sources.toml")
    assert "[b]: 'odd' is missing or unknown" in str(caught.value)


def test_a_failed_build_leaves_nothing(tmp_path):
    (tmp_path / "shared").mkdir()
    sources = Path(__file__).resolve().parents[1] / "data" / "sources.toml"
    with pytest.raises(DataError, match=r"ae_4h, published/ae/\*.xls: no published file") as caught:
        build_data(tmp_path / "shared", tmp_path / "out", sources)
    assert len(caught.value.faults) >= 8
    assert not (tmp_path / "out").exists()
