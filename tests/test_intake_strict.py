"""What used to pass in silence: ragged rows, bands against limits, periods against days, files that change."""

import os
from datetime import datetime

import pytest
from sheets import (
    WORKBOOKS,
    ae_csv_rows,
    ae_rows,
    beds_rows,
    cancelled_rows,
    cancer_rows,
    diagnostics_rows,
    rtt_rows,
    shmi_rows,
    survey_sheets,
    write_rows,
    write_xlsx,
)
from test_intake_hostile import LEAGUE, REGISTER, SUCCESSIONS, TIDY
from test_intake_import import rows, run, workbook

from ranktrust.assemble import read_table
from ranktrust.errors import DataError, UsageError
from ranktrust.intake import opening
from ranktrust.intake.importing import import_files
from ranktrust.intake.recognise import check_file, describe, sentences
from ranktrust.study import read_study

FIGURES = [["org_code", "org_name", "positive_responses", "responses"], ["RA1", "A", 9, 10], ["RA2", "B", 8, 10]]
CATCHMENTS = [
    [
        "trust_code",
        "imd2019_avg_score",
        "imd2019_prop_lsoa_in_most_deprived_10pct",
        "catchment_weight_matched",
        "n_lads",
    ],
    ["RA1", 20.5, 0.1, 1, 30],
    ["RA2", 21.5, 0.2, 1, 31],
]
SEPARATED = {
    "ae": ae_csv_rows(),
    "shmi": shmi_rows(),
    "rtt": rtt_rows([("RA1", "Q1", "Part_2", "C_100", {1: 5}), ("RA2", "Q1", "Part_2", "C_100", {1: 5})]),
    "tidy": TIDY,
    "league": LEAGUE,
    "successions": SUCCESSIONS,
    "register": REGISTER,
    "figures": FIGURES,
    "catchments": CATCHMENTS,
}


def faults(path):
    checked = check_file(path)
    assert checked.reading is None
    return "\n".join(map(str, checked.faults))


# Rows with too few or too many cells


@pytest.mark.parametrize("name", SEPARATED)
@pytest.mark.parametrize("how", ["short", "long"])
def test_a_row_with_too_few_or_too_many_cells_is_a_fault_in_every_reader(tmp_path, name, how):
    sheet = [list(map(str, row)) for row in SEPARATED[name]]
    assert check_file(write_rows(tmp_path / "whole.csv", sheet)).reading
    sheet[1] = sheet[1][:-1] if how == "short" else [*sheet[1], "7"]
    said = faults(write_rows(tmp_path / "x.csv", sheet))
    assert "row 2" in said
    assert f"{len(sheet[1])} cells" in said or f"{len(sheet[1])} columns" in said


@pytest.mark.parametrize("cut", ["RA", "R", "RA2", "RA2,x,2025-01-0"])
def test_a_row_cut_in_its_first_cells_is_no_note(tmp_path, cut):
    path = tmp_path / "cut.csv"
    path.write_text("\n".join(",".join(map(str, row)) for row in TIDY[:2]) + f"\n{cut}")
    assert "row 3" in faults(path)


def test_a_note_and_blank_cells_at_the_end_are_no_ragged_rows(tmp_path):
    path = tmp_path / "x.csv"
    text = write_rows(path, shmi_rows()).read_text().replace("\n", ",,\n")
    path.write_text(text + "\nSource: NHS England, all rights reserved\nNOTES\n")
    assert [left.reason[:6] for left in check_file(path).reading.left] == ["blank ", "a note", "a note"]


@pytest.mark.parametrize(("end", "said"), [(",7", "7 cells for 6 headings: a comma"), ("", "5 cells for 6")])
def test_figures_of_a_study_are_read_with_even_rows_only(tmp_path, end, said):
    keys = "trust,indicator,period_start,period_end,numerator,denominator"
    whole = "RA1,ae_4h,2025-04-01,2025-04-30,10,20"
    bad = f"{whole}{end}" if end else whole.rpartition(",")[0]
    (tmp_path / "ae_4h.csv").write_text(f"{keys}\n{whole}\n{bad}\n")
    (tmp_path / "study.toml").write_text(
        'schema_version = 1\nname = "s"\ntitle = "S"\nquestion = "Q"\ndate = 2026-01-01\nscenario = "none"\n'
        '[trusts]\ndescription = "d"\ntable = "figures"\n[fit]\nseed = 1\n[[indicator]]\nname = "ae_4h"\nmonths = 1\n'
    )
    with pytest.raises(DataError, match=f"ae_4h.csv, line 3: has {said}"):
        read_table("ae_4h", read_study(tmp_path / "study.toml"))


@pytest.mark.parametrize(("mark", "name"), [(";", r"semicolons \(;\)"), ("\t", "tabs"), ("|", r"bars \(\|\)")])
def test_another_separator_is_named(tmp_path, mark, name):
    path = write_rows(tmp_path / "x.csv", ae_csv_rows())
    path.write_text(path.read_text().replace(",", mark))
    with pytest.raises(DataError, match=f"its cells are separated by {name}, and not by commas. Save it as CSV"):
        raise DataError(check_file(path).faults)


# What a file says of itself


def limited(band, low="0.8", high="1.2"):
    head, *body = shmi_rows((("RA1", 130, 100.0, band), ("RA2", 90, 100.0, 2)))
    return [[*head, "OD_LL", "OD_UL"], *([*row, low, high] for row in body)]


def test_a_band_is_held_against_the_limits_of_its_row(tmp_path):
    assert check_file(write_rows(tmp_path / "x.csv", limited(1))).reading
    said = faults(write_rows(tmp_path / "y.csv", limited(3)))
    assert "row 2, column H: band 'lower', but the ratio 1.3000 with limits 0.8000 and 1.2000 is 'higher' (RA1)" in said
    assert "row 2" in faults(write_rows(tmp_path / "z.csv", limited(2)))
    edge = check_file(write_rows(tmp_path / "e.csv", limited(2, high="1.3")))
    assert edge.reading, "the digits published do not tell a ratio from its limit"


def test_every_band_changed_in_a_published_release_is_noticed(shared, tmp_path):
    path = shared / "published/shmi/shmi-2011-october.csv"
    lines = path.read_text(encoding="latin-1").splitlines()
    for number in (1, 50, 140):
        cells = lines[number].rsplit(",", 1)
        other = "3" if cells[1] != "3" else "1"
        changed = [*lines[:number], f"{cells[0]},{other}", *lines[number + 1 :]]
        (tmp_path / "x.csv").write_text("\n".join(changed) + "\n", encoding="latin-1")
        assert f"row {number + 1}, column M: band" in faults(tmp_path / "x.csv")


@pytest.mark.parametrize("name", ["ae", "diagnostics", "beds", "cancelled"])
@pytest.mark.parametrize(
    ("day", "revised", "said"),
    [
        ("14th May 2020", "-", "before its period had ended"),
        ("14th May 2029", "-", "more than 200 days after its period"),
        ("14th May 2029", "1 June 2029", ""),
        ("soon", "-", ""),
    ],
)
def test_a_period_is_held_against_the_day_of_publication(tmp_path, name, day, revised, said):
    own, make = SHEETS[name]
    sheet = [["", "Published:", day], ["", "Revised:", revised], *(r for r in make() if "Revised:" not in r)]
    path = write_xlsx(tmp_path / "x.xlsx", {own: sheet})
    if said:
        assert f"it says that it was published on 20{day[-2:]}-05-14, {said}" in faults(path)
    else:
        assert check_file(path).reading


SHEETS = {
    "ae": ("Provider Level Data", ae_rows),
    "diagnostics": ("Provider", diagnostics_rows),
    "beds": ("NHS Trust by Sector", beds_rows),
    "cancelled": ("Provider", cancelled_rows),
}


# Totals: what was compared is said, and nothing else


def reasons(path):
    return [left.reason for left in check_file(path).reading.left if left.reason.startswith("total row")]


def test_the_ledger_says_in_how_many_columns_a_total_was_compared(tmp_path):
    sheet = ae_rows()
    wide = [[*row, *[None] * (16 - len(row))] for row in sheet]
    for i, cell in ((5, "Emergency Admissions"), (6, 9), (8, 4), (9, 5)):
        wide[i].append(cell)
    for i, cell in ((5, "Percentage in 4 hours"), (6, 0.7), (8, 0.6), (9, 0.8)):
        wide[i].append(cell)
    for i, cell in ((5, "Waits of patients"), (6, 9), (8, 4), (9, 4)):
        wide[i].append(cell)
    (said,) = reasons(write_xlsx(tmp_path / "x.xlsx", {"Provider Level Data": wide}))
    assert said == (
        "total row 'England', not a trust: compared with the sum of its parts in 9 columns that are read and in 1 "
        "other; not their sum in 'Waits of patients', which nothing is read from"
    )


def test_the_row_without_the_independent_sector_is_compared_with_trusts(tmp_path):
    sheet = cancelled_rows()
    sheet[6][0] = "NT209"
    sheet[2][2:] = [20, 3]
    without, whole = reasons(write_xlsx(tmp_path / "x.xlsx", {"Provider": sheet}))
    assert without.endswith("not a trust: the sum of the 1 providers with the code of a trust, in 2 columns")
    assert whole.endswith("compared with the sum of its parts in 2 columns that are read")
    sheet[2][2:] = [21, 3]
    assert "not the sum of the 1 providers" in reasons(write_xlsx(tmp_path / "y.xlsx", {"Provider": sheet}))[0]
    sheet[2][2:] = [31, 3]
    assert "says 31, all providers 30" in faults(write_xlsx(tmp_path / "z.xlsx", {"Provider": sheet}))


def test_a_total_that_nothing_was_compared_with_does_not_say_so(tmp_path):
    sheet = [*shmi_rows(), ["I", "England", "England", 1, 1, 1, 1, ""]]
    assert reasons(write_rows(tmp_path / "x.csv", sheet)) == ["total row 'England', not a trust"]


def test_what_the_28_day_standard_is_held_against_is_said(tmp_path):
    checked = check_file(write_xlsx(tmp_path / "x.xlsx", {"CWT CRS Provider Extract": cancer_rows()}))
    assert any("no England row, no other total and no second margin" in note for note in checked.reading.notes)
    assert any("no England row" in note for note in checked.reading.tables["cancer_28d"].notes)


def test_the_31_day_margins_and_the_columns_of_year_and_month_are_compared(tmp_path):
    sheet = [[*row, "MONTH" if i == 0 else "APR"] for i, row in enumerate(cancer_rows())]
    name = "CWT CRS Provider Extract"
    assert check_file(write_xlsx(tmp_path / "x.xlsx", {name: sheet})).reading
    sheet[1][-1] = "MAY"
    assert "row 2, column J: MONTH is 'may' in a row of April 2025" in faults(
        write_xlsx(tmp_path / "y.xlsx", {name: sheet})
    )
    sheet = cancer_rows()
    sheet[3][6:8] = [5, 5]
    said = faults(write_xlsx(tmp_path / "z.xlsx", {name: sheet}))
    assert "z.xlsx, RA1, Route, 2025-04-01: 31-day totals by modality (4 of 4) and by cancer (5 of 5) differ" in said


# Files that change, periods given in vain, files replaced


@pytest.mark.parametrize("same_size", [True, False])
def test_a_file_that_changes_while_its_rows_are_read_is_refused(tmp_path, monkeypatch, same_size):
    path = write_rows(tmp_path / "a.csv", ae_csv_rows())
    state, reader = path.stat(), opening._csv_rows

    def copying(book, name):
        yield from reader(book, name)
        text = path.read_text()
        path.write_text(text.replace("First", "Worst") if same_size else text + "x\n")
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))

    monkeypatch.setattr(opening, "_csv_rows", copying)
    assert "it changed while it was read: it is still being copied" in faults(path)


def test_a_file_that_goes_away_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path, reader = write_rows(tmp_path / "a.csv", ae_csv_rows()), opening._csv_rows

    def moving(book, name):
        found = list(reader(book, name))
        path.unlink(missing_ok=True)
        return iter(found)

    monkeypatch.setattr(opening, "_csv_rows", moving)
    assert "it went away while it was read" in faults(path)


def test_a_period_given_for_no_file_is_refused(tmp_path):
    path = write_rows(tmp_path / "x.csv", ae_csv_rows())
    with pytest.raises(UsageError, match=r"--period names y\.csv, and no such file was given; there are: x\.csv"):
        import_files([path], tmp_path / "out", ["y.csv=2025-01-01:2025-12-31"])
    with pytest.raises(UsageError, match="every file given states its own"):
        import_files([path], tmp_path / "out", ["2025-01-01:2025-12-31"])
    with pytest.raises(DataError, match="it states 2025-05-01 to 2025-05-31, which is not the period given"):
        import_files([path], tmp_path / "out", ["x.csv=2025-01-01:2025-12-31"])


def test_an_undated_file_that_replaces_another_says_that_neither_is_dated(tmp_path):
    import_files([workbook(tmp_path / "first.xlsx")], tmp_path / "out")
    other = workbook(tmp_path / "second.xlsx", trusts=(("RA1", "A", 100, 61), ("RA2", "B", 50, 50)))
    said = import_files([other], tmp_path / "out")
    where = "ae_4h, 2026-04-01 to 2026-04-30: second.xlsx (neither is dated as newer: the one given last is taken)"
    assert f"{where} replaces first.xlsx; 1 trust with other figures" in said
    assert {row[1] for row in rows(tmp_path / "out/left_out.csv")[1:]} == {"second.xlsx"}


def test_the_ledger_has_no_rows_of_a_file_that_was_not_taken(tmp_path):
    newer = workbook(tmp_path / "newer.xlsx", "14th May 2026", trusts=(("RA1", "A", 100, 61), ("RA2", "B", 50, 50)))
    import_files([newer], tmp_path / "out")
    import_files([workbook(tmp_path / "older.xlsx")], tmp_path / "out")
    assert {row[1] for row in rows(tmp_path / "out/left_out.csv")[1:]} == {"newer.xlsx"}


def test_codes_that_are_not_in_the_reference_are_named(tmp_path, capsys):
    given = [("RJ1", "Known", 10, 4), ("RZZ", "New", 10, 4), ("AB123", "Other", 5, 1)]
    path = write_rows(tmp_path / "x.csv", ae_csv_rows(given))
    assert run("check", path) == 0
    said = capsys.readouterr().out
    assert "2 codes are not in the reference list of trusts" in said
    assert "written like a trust's: RZZ; 1 of other providers: AB123" in said
    assert describe(check_file(path))["not_in_reference"] == ["AB123", "RZZ"]


# What messages say


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (datetime(2025, 4, 1), "the day 2025-04-01 is not a count"),
        (None, "an empty cell is not a count"),
        (12.345678901234567, "12.3456789 is not a count, which is a whole number from 0 up"),
        ("x" * 200, f"'{'x' * 60}' is not a count"),
        (True, "'True' is not a count"),
    ],
)
def test_a_cell_is_said_in_words(tmp_path, cell, said):
    sheet = cancelled_rows()
    sheet[5][2] = cell
    path = write_xlsx(tmp_path / "x.xlsx", {"Provider": sheet})
    if cell is None:
        assert "RA1" in {left.trust for left in check_file(path).reading.left} if check_file(path).reading else True
        sheet = [*cancer_rows()]
        sheet[1][6] = None
        path = write_xlsx(tmp_path / "y.xlsx", {"CWT CRS Provider Extract": sheet})
    text = faults(path)
    assert said in text
    assert "datetime" not in text
    assert "None" not in text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("left_out", "'left_out' is the name of a table that import writes itself"),
        ("1/2", "is not an indicator's name"),
    ],
)
def test_names_that_an_indicator_cannot_have(tmp_path, name, said):
    sheet = [list(row) for row in TIDY]
    sheet[1][1] = name
    assert said in faults(write_rows(tmp_path / "x.csv", sheet))


def test_no_message_speaks_to_the_maker_of_the_reader(tmp_path):
    for own, make in SHEETS.values():
        sheet = [list(row) for row in make()]
        (row,) = [row for row in sheet if row and "Period:" in row]
        row[row.index("Period:") + 1] = "sometime"
        said = faults(write_xlsx(tmp_path / "x.xlsx", {own: sheet}))
        assert "State it as" in said
        assert "reader" not in said


def test_every_small_workbook_says_what_it_is(tmp_path):
    for own, make in WORKBOOKS.items():
        assert len(sentences(check_file(write_xlsx(tmp_path / "x.xlsx", {own: make()})))) > 4


def test_a_score_of_no_respondents_is_a_fault(tmp_path):
    sheets = survey_sheets()
    sheets["THEMES"][2][4] = 0
    assert "row 3, column E: a score of no respondents" in faults(write_xlsx(tmp_path / "x.xlsx", sheets))
    sheets = survey_sheets()
    sheets["YOUR JOB Q1-3"][3][3:8] = [0, 0, 0, 0, 0]
    assert "the options of Q2a sum to 0 %" in faults(write_xlsx(tmp_path / "y.xlsx", sheets))


def test_figures_above_the_headings_of_a_table_are_no_note(tmp_path):
    head = ["lad_code", "trust_code", "trust_prop_by_lad", "lad_prop_by_trust"]
    path = write_rows(tmp_path / "x.csv", [["", "RA1", 1, 1], head, ["E06000001", "RA2", 1, 1]])
    assert "figures of RA1 stand above the headings" in faults(path)


@pytest.mark.parametrize("code", ['="RA1"', "'RA1", " ra1 "])
def test_codes_guarded_against_a_spreadsheet_program_are_read(tmp_path, code):
    given = [(code, "First", 100, 40), ("RA2", "Second", 50, 0)]
    reading = check_file(write_rows(tmp_path / "x.csv", ae_csv_rows(given))).reading
    assert [row[0] for row in reading.tables["ae_4h"].rows] == ["RA1", "RA2"]


def test_check_says_how_many_rows_are_kept(tmp_path):
    given = [("RA1", "First", 100, 40), ("RA2", "Second", 0, 0)]
    checked = check_file(write_rows(tmp_path / "x.csv", ae_csv_rows(given)))
    assert "rows below the header: 3, kept: 1" in "\n".join(sentences(checked))
    checked = check_file(write_xlsx(tmp_path / "x.xlsx", {"CWT CRS Provider Extract": cancer_rows()}))
    assert (describe(checked)["rows"], describe(checked)["kept"]) == (10, 6)


def test_benchmarking_groups_are_known_however_a_year_writes_them(tmp_path):
    groups = ("Acute & Acute Community Trusts", "Acute and  acute&community trusts")
    for group, count in ((groups[0], 2), (groups[1], 2), ("Ambulance Trusts", 0)):
        sheets = survey_sheets()
        for rows_ in sheets.values():
            for row in rows_:
                row[2:3] = [group] if len(row) > 2 and str(row[2]).startswith("Acute") else row[2:3]
        checked = check_file(write_xlsx(tmp_path / "x.xlsx", sheets))
        assert len(checked.reading.tables["staff_engagement"].rows if checked.reading else ()) == count
    assert "no acute organisation has a score" in str(checked.faults[0])
