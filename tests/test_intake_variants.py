"""Months that differ from those at hand: mutated sheets, small and published, give the same figures or a reason."""

import re
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sheets import (
    WORKBOOKS,
    ae_csv_rows,
    ae_rows,
    beds_rows,
    cancelled_rows,
    diagnostics_rows,
    rtt_rows,
    shmi_rows,
    write_rows,
    write_xlsx,
)

from ranktrust.errors import DataError, UsageError
from ranktrust.intake.layouts.cancer_csv import HEADINGS as CANCER_CSV
from ranktrust.intake.layouts.oversight import LEAGUE_HEADINGS, METRIC_HEADINGS
from ranktrust.intake.opening import Book, open_book
from ranktrust.intake.period import find_year, read_month, read_quarter
from ranktrust.intake.recognise import check_file, find_files, recognise, sentences
from ranktrust.intake.sheet import Sheet, find_label, heading, is_total, xls_row

SMALL = {
    "ae": ("Provider Level Data", ae_rows),
    "cancelled": ("Provider", cancelled_rows),
    "diagnostics": ("Provider", diagnostics_rows),
    "beds": ("NHS Trust by Sector", beds_rows),
    "ae_csv": ("csv", ae_csv_rows),
    "shmi": ("csv", shmi_rows),
}


def figures(checked):
    """Every figure of a file by indicator and trust; None where it was refused."""
    return figures_of(checked.reading) if checked.reading else None


def write(path, sheets):
    """A workbook of these sheets; one sheet `csv` alone as comma-separated values."""
    if list(sheets) == ["csv"]:
        return write_rows(path.with_suffix(".csv"), next(iter(sheets.values())))
    return write_xlsx(path.with_suffix(".xlsx"), sheets)


# Small sheets, mutated at random: an untouched row keeps its figures, whatever happens around it

ROWS = st.integers(0, 12)
CELLS = st.sampled_from(["-", "*", "", "1,234", "England", "TOTAL", "RA1", "RA9", "=1", "1e400", "x", "0.5", "-7", "9"])


def put(rows, i, j, cell):
    if rows[i]:
        rows[i][j % len(rows[i])] = cell


def swap(rows, i, _j, _cell):
    rows[i], rows[-1] = rows[-1], rows[i]


HOWS = {
    "cell": put,
    "delete": lambda rows, i, _j, _cell: rows.pop(i) if len(rows) > 1 else None,
    "double": lambda rows, i, _j, _cell: rows.insert(i, list(rows[i])),
    "swap": swap,
    "cut": lambda rows, i, j, _cell: rows[i].__delitem__(slice(j, None)),
    "blank": lambda rows, i, _j, _cell: rows.insert(i, []),
    "note": lambda rows, _i, _j, _cell: rows.append(["Note: figures are provisional."]),
}
CHANGES = st.lists(st.tuples(st.sampled_from(sorted(HOWS)), ROWS, ROWS, CELLS), max_size=4)
MOVES = st.tuples(st.sampled_from(["", "Data", " pROVIDER "]), st.booleans(), st.integers(0, 3), st.booleans())


def change(rows, changes):
    rows = [list(row) for row in rows]
    for how, i, j, cell in changes:
        HOWS[how](rows, i % len(rows), j, cell)
    return rows


def figures_of(reading):
    """Every figure of a file by indicator and trust."""
    return {(name, row[0]): row[2:] for name, table in reading.tables.items() for row in table.rows}


def read_view(path, sheets):
    """What is read of a workbook with these sheets, as if it were at `path`."""
    kept = {name: Sheet(path.name, name, tuple(map(tuple, rows))) for name, rows in sheets.items()}
    layout, book = recognise(Book(path, "xlsx", tuple(sheets), cache=kept))
    return layout.read(book)


@settings(
    max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.sampled_from(sorted(SMALL)), changes=CHANGES, moves=MOVES)
def test_rows_left_untouched_keep_their_figures(tmp_path, name, changes, moves):
    own, make = SMALL[name]
    sheet, right, down, shout = moves
    original = [[*row] for row in make()]
    rows = change(original, changes)
    before = figures_of(read_view(tmp_path, {own: original}))
    moved = [[]] * down + [[""] * right + row for row in rows]
    if shout:
        moved = [[f" {cell.upper()}\n" if is_heading(cell) else cell for cell in row] for row in moved]
    try:
        reading = read_view(tmp_path, {sheet or own: moved})
    except DataError:
        return
    after, left = figures_of(reading), {each.trust for each in reading.left}
    untouched = {code for row in rows if row in original for code in ("RA1", "RA2") if code in row}
    assert {code for row in rows for code in ("RA1", "RA2") if code in row} <= {trust for _, trust in after} | left
    assert all(figure == before[key] for key, figure in after.items() if key[1] in untouched)


def is_heading(cell):
    return isinstance(cell, str) and len(cell) > 3 and " " in cell and not re.search(r"\d{4}|England|Period", cell)


def test_a_plain_move_is_read_and_not_refused(tmp_path):
    """The property above is empty where everything is refused."""
    for name, (own, make) in SMALL.items():
        before = figures(check_file(write(tmp_path / name, {own: make()})))
        rows = [[], [], *(["", *row] for row in make()), [], ["Source: NHS England"]]
        shouted = [[f" {cell.upper()}\n" if is_heading(cell) else cell for cell in row] for row in rows]
        after = check_file(write(tmp_path / f"{name}-moved", {"csv" if own == "csv" else "Sheet1": shouted}))
        assert figures(after) == before, (name, after.faults)


# Published files, as another month might bring them


@cache
def sheets_of(path: Path):
    book = open_book(path)
    return {name: [list(row) for row in book.sheet(name).rows] for name in book.names}


def head_of(rows, text):
    return next(i for i, row in enumerate(rows) if text in map(heading, row))


FILES = {
    "published/ae/May-2025*.xls": ("Provider Level Data", "code"),
    "published/diagnostics/*.xls": ("Provider", "provider code"),
    "published/beds/*.xlsx": ("NHS Trust by Sector", "org code"),
    "published/cancelled_operations/Q3*.xlsx": ("Provider", "organisation code"),
}


def renamed(sheets, main, _head):
    return {("Data" if name == main else name): rows for name, rows in sheets.items()}


def moved(sheets, main, _head):
    return {**sheets, main: [[], ["x"], *([None, *row] for row in sheets[main])]}


def wider(sheets, main, head):
    rows = [[*row, *[None] * (80 - len(row))] for row in sheets[main]]
    extra = [[*row, "New" if i == head else 7 if i > head and any(row) else None] for i, row in enumerate(rows)]
    return {**sheets, main: extra}


def louder(sheets, main, head):
    rows = list(sheets[main])
    for i in (head - 1, head):
        rows[i] = [f"  {cell.upper()}\n [note 2]" if isinstance(cell, str) and cell else cell for cell in rows[i]]
    return {**sheets, main: rows}


def gapped(sheets, main, head):
    rows = sheets[main]
    return {**sheets, main: [*rows[: head + 6], [], [None], *rows[head + 6 :], [], ["Notes"], ["1. Provisional."]]}


def texts(sheets, main, _head):
    rows = [[f"{x:,.17g}" if isinstance(x, float | int) else x for x in row] for row in sheets[main]]
    return {**sheets, main: rows}


def upside_down(sheets, main, head):
    return {**sheets, main: [*sheets[main][: head + 1], *reversed(sheets[main][head + 1 :])]}


def cut_short(sheets, main, head):
    return {**sheets, main: sheets[main][: head + 60]}


def doubled(sheets, main, head):
    return {**sheets, main: [*sheets[main], *sheets[main][head + 1 :]]}


@pytest.mark.parametrize("pattern", FILES)
def test_a_published_workbook_is_read_however_it_is_laid_out(shared, tmp_path, pattern):
    main, key = FILES[pattern]
    (path,) = shared.glob(pattern)
    sheets = sheets_of(path)
    head = head_of(sheets[main], key)
    before = figures(check_file(path))
    for vary in (renamed, moved, wider, louder, gapped, texts, upside_down):
        assert figures_of(read_view(path, vary(sheets, main, head))) == before, vary.__name__
    for refused, said in ((cut_short, "its parts sum to"), (doubled, "the file is doubled")):
        with pytest.raises(DataError, match=said):
            read_view(path, refused(sheets, main, head))


def test_a_release_of_shmi_without_one_trust_is_refused_by_its_own_limits(shared, tmp_path):
    rows = sheets_of(shared / "published/shmi/shmi-2013-october.csv")["csv"]
    for lost in (1, 70, len(rows) - 3):
        cut = [row for i, row in enumerate(rows) if i != lost]
        text = str(check_file(write_rows(tmp_path / "cut.csv", cut)).faults[0])
        assert "the published limits differ by up to" in text
        assert "Rows are missing, added or changed" in text


def test_a_csv_saved_as_a_workbook_is_read_the_same(shared, tmp_path):
    for name in ("ae/Monthly-AE-May-2025.csv", "shmi/shmi-2012-july.csv"):
        path = shared / "published" / name
        book = write_xlsx(tmp_path / "book.xlsx", {"Sheet1": sheets_of(path)["csv"]})
        assert figures(check_file(book)) == figures(check_file(path))


def test_a_cancer_extract_is_refused_wherever_it_is_cut_but_between_months(shared):
    (path,) = (shared / "published/cancer").glob("*Apr-2025*")
    name = "CWT CRS Provider Extract"
    rows = open_book(path).sheet(name).rows
    for cut in (1000, 1974, 5463, 10_177, 41_013):
        with pytest.raises(DataError, match=r"cut short|totals by modality"):
            read_view(path, {name: rows[:cut]})
    whole = read_view(path, {name: rows[:10_178]})
    assert [f"{day:%Y-%m-%d}" for day in whole.period] == ["2025-04-01", "2025-04-30"]


def test_another_years_survey_is_read_by_its_words(shared):
    (path,) = (shared / "published/staff_survey").iterdir()
    book = open_book(path)
    now = {name: book.sheet(name).rows for name in ("YOUR JOB Q1-3", "YOUR ORGANISATION Q25-26", "THEMES")}
    older = {
        name.replace("Q25-26", "Q23-24"): [
            [re.sub(r"^Q25", "Q23", x).replace("Survey 2024", "Survey 2022") if isinstance(x, str) else x for x in row]
            for row in rows
        ]
        for name, rows in now.items()
    }
    reading = read_view(path, older)
    assert f"{reading.period[0]:%Y-%m}" == "2022-09"
    rows = [found.tables["staff_engagement"].rows for found in (read_view(path, now), reading)]
    assert [row[4:] for row in rows[0]] == [row[4:] for row in rows[1]]
    assert len(rows[0]) == 135
    with pytest.raises(DataError, match="which another sheet has"):
        read_view(path, {**older, "YOUR JOB Q1-3": older["YOUR JOB Q1-3"][:150]})


# Cells, labels and periods


class OldSheet:
    """A row as xlrd gives it: an error, a day, a truth and a number, with their types."""

    def row_values(self, _row):
        return [15, 45_748.0, 1, 12.0]

    def row_types(self, _row):
        return [5, 3, 4, 2]


class OldBook:
    datemode = 0


def test_errors_and_days_of_an_old_workbook_are_not_numbers():
    error, day, truth, number = xls_row(OldBook(), OldSheet(), 0)
    assert (error, f"{day:%Y-%m-%d}", truth is True, number) == ("#VALUE!", "2025-04-01", True, 12.0)


@pytest.mark.parametrize("text", ["A&E attendances < 4 hours", "a & e Attendances\nless than 4 hours [note 1]"])
def test_headings_are_the_same_in_any_writing(text):
    assert heading(text) == heading("A and E attendances less than 4 hours:")


@pytest.mark.parametrize("row", [["Period:", "", "May 2025"], ["PERIOD", "May 2025"], ["Period: May 2025"]])
def test_a_label_is_found_with_its_text(tmp_path, row):
    book = open_book(write_xlsx(tmp_path / "x.xlsx", {"s": [row]}))
    assert find_label(book.sheet("s"), "Period:") == "May 2025"


@pytest.mark.parametrize("text", ["Oct-24", "October 2024 (final)", "2024-10-31", "MSitAE-OCT-2024", "October, 24"])
def test_more_forms_of_a_month(text):
    assert f"{read_month(text)[0]:%Y-%m}" == "2024-10"


@pytest.mark.parametrize(
    "text",
    [
        "Q3 2024/25",
        "2024-25 Quarter 3",
        "October to December 2024",
        "Oct 2024 - Dec 2024",
        "Quarter 3 2024-25 (revised)",
    ],
)
def test_more_forms_of_a_quarter(text):
    assert [f"{day:%Y-%m-%d}" for day in read_quarter(text)] == ["2024-10-01", "2024-12-31"]


@pytest.mark.parametrize("text", ["2024-10-15", "2024-13-01"])
def test_a_day_within_a_month_is_none(text):
    with pytest.raises(ValueError, match="month"):
        read_month(text)


def test_totals_by_other_names():
    assert all(map(is_total, ("England Total", "ALL PROVIDERS", "National", "England, excluding independent sector")))
    assert not any(map(is_total, ("National Hospital", "New England House", "Totally")))


def test_a_workbook_of_beds_open_by_day_is_not_taken_for_that_by_night(tmp_path):
    rows = [["", "Title:", "Average daily number of available and occupied beds open day only by sector"], *beds_rows()]
    checked = check_file(write_xlsx(tmp_path / "day.xlsx", {"NHS Trust by Sector": rows}))
    assert "it is of beds open by day only" in str(checked.faults[0])


def test_beds_of_a_quarter_that_only_the_title_names(tmp_path):
    rows = [["Title:", "Beds open overnight by sector, Quarter 1 2010-11"], *beds_rows()[1:]]
    reading = check_file(write_xlsx(tmp_path / "old.xlsx", {"NHS Trust by Sector": rows})).reading
    assert [f"{day}" for day in reading.period] == ["2010-04-01", "2010-06-30"]
    rows[0][1] = "Beds open overnight by sector, Quarter 2 2010-11"
    said = str(check_file(write_xlsx(tmp_path / "bad.xlsx", {"NHS Trust by Sector": rows})).faults[0])
    assert "the row is of 'June', the sheet of the quarter to September 2010" in said
    said = str(check_file(write_xlsx(tmp_path / "no.xlsx", {"NHS Trust by Sector": beds_rows()[1:]})).faults[0])
    assert "0 texts stand beside 'Period:'; one is needed" in said


def test_a_booked_column_of_another_name_is_not_passed_over(tmp_path):
    rows = ae_csv_rows()
    rows[0][6] = "A&E attendances Booked Appts Type 1"
    text = str(check_file(write_rows(tmp_path / "x.csv", rows)).faults[0])
    assert "the column 'A&E attendances Booked Appts Type 1' is not known: would it be added?" in text


def test_the_headings_on_several_sheets_are_not_chosen_between(tmp_path):
    path = write_xlsx(tmp_path / "x.xlsx", {"One": ae_rows(), "Two": ae_rows()})
    text = str(check_file(path).faults[0])
    assert "stand on several sheets: 'One', 'Two'. Name the one by provider 'Provider Level Data'" in text
    path = write_xlsx(tmp_path / "y.xlsx", {"One": ae_rows(), "Non-Booked Data": ae_rows(month="May 26")})
    assert f"{check_file(path).reading.period[0]:%m}" == "04"
    path = write_xlsx(tmp_path / "z.xlsx", {"Non-Booked Data": ae_rows()})
    assert "sheet 'Provider Level Data' is absent" in str(check_file(path).faults[0])


# Layouts that no intact published file has been read with: sheets with the columns that their publishers name

SHMI_HEAD = ["Provider code", "Provider name", "SHMI value", "SHMI banding", "Number of spells", "Observed deaths"]
UNTRIED = {
    "rtt": rtt_rows([("RA1", "Q1", "Part_2", "C_100", {1: 5, 20: 3}), ("RA1", "Q1", "Part_2", "C_999", {1: 5, 20: 3})]),
    "shmi": [
        ["SHMI data at trust level, Jan25-Dec25"],
        [],
        [*SHMI_HEAD, "Expected deaths"],
        ["RA1", "A", 1.2, 2, 1000, 60, 50],
        ["RA2", "B", 0.9, "**", 1000, 45, 50],
    ],
    "oversight_league": [
        ["Region", *LEAGUE_HEADINGS, "Reporting_date"],
        ["North", "Acute trust", "Acute - Large", "RA1", "A", 2.1, "1.9 - 2.3", 3, "Yes", 30, "28 - 42", "Q3 2025/26"],
    ],
    "oversight_metrics": [
        ["Region", "Trust_type", "Trust_subtype", "Domain", "Sub-domain", *METRIC_HEADINGS],
        [
            "North",
            "Acute",
            "Large",
            "Access",
            "A&E",
            "RA1",
            "A",
            "OF1",
            "In 4 hours",
            "Dec 2025",
            "%",
            "71.2%",
            74,
            70,
            78,
            6,
        ],
    ],
}
FFT = [
    ["Friends and Family Test: inpatients"],
    ["March 2026"],
    ["Trust Code", "Trust Name", "Total Responses", "Very Good", "Good", "Poor", "Very Poor"],
    ["-", "England (including Independent Sector Providers)", 103, 82, 15, 4, 2],
    ["-", "Selection (excluding suppressed data)", 100, 80, 15, 3, 2],
    ["RA1", "A", 100, 80, 15, 3, 2],
    ["RA2", "B", "*", "*", "*", "*", "*"],
]


@pytest.mark.parametrize("publication", [*UNTRIED, "fft"])
def test_an_untried_layout_is_read_and_called_so(tmp_path, publication):
    sheets = {"Trusts": FFT} if publication == "fft" else {"csv": UNTRIED[publication]}
    checked = check_file(write(tmp_path / "new", sheets))
    assert not checked.faults, checked.faults[0]
    assert checked.layout.publication == publication
    assert "  untried: no intact published file has been read with this layout yet" in sentences(checked)
    assert "RA1" in {trust for _, trust in figures(checked)}


def test_a_title_gives_shmi_its_twelve_months(tmp_path):
    reading = check_file(write(tmp_path / "new", {"csv": UNTRIED["shmi"]})).reading
    assert [f"{day:%Y-%m-%d}" for day in reading.period] == ["2025-01-01", "2025-12-31"]
    assert find_year("Deaths, October 2023 - September 2024, England") == (date(2023, 10, 1), date(2024, 9, 30))
    assert find_year("Published 9 to 5, January 2025 to March 2025") is None


COMBINED = [
    ["Period", *CANCER_CSV, "Performance"],
    *(
        ["2026-01-01", "Provider", code, name, item, *keys, total, within, total - within, 0.5]
        for code, name in (("RA1", "A"), ("RA2", "B"))
        for item, total, within, keys in (
            ("FDS", 10, 8, ("ALL CANCERS", "ALL ROUTES", "")),
            ("62D", 6.5, 4, ("ALL CANCERS", "ALL ROUTES", "ALL MODALITIES")),
            ("62D", 6.5, 4, ("Lung", "ALL ROUTES", "ALL MODALITIES")),
            ("31D", 4, 4, ("ALL CANCERS", "ALL STAGES", "ALL MODALITIES")),
            ("Urgent referral", 4, 4, ("ALL CANCERS", "ALL ROUTES", "")),
        )
    ),
    ["2026-01-01", "Commissioner", "QE1", "ICB", "FDS", "ALL CANCERS", "ALL ROUTES", "", 20, 16, 4, 0.8],
    ["2026-01-01", "Provider", "ENG", "England", "FDS", "ALL CANCERS", "ALL ROUTES", "", 20, 16, 4, 0.8],
]


def test_the_combined_csv_of_cancer_is_read_by_its_rows_of_all(tmp_path):
    checked = check_file(write_rows(tmp_path / "x.csv", COMBINED))
    assert not checked.faults, checked.faults[0]
    tables = checked.reading.tables
    assert {name: [row[4:] for row in table.rows] for name, table in tables.items()} == {
        "cancer_28d": [(8.0, 10.0)] * 2,
        "cancer_31d": [(4.0, 4.0)] * 2,
        "cancer_62d": [(4.0, 6.5)] * 2,
    }
    assert [f"{day}" for day in checked.reading.period] == ["2026-01-01", "2026-01-31"]
    reasons = {left.reason for left in checked.reading.left}
    assert "total row 'England', not a trust: compared with the sum of 2 providers in 2 columns" in reasons
    assert "62D: a part of the row of all cancers, routes and modalities" in reasons
    undated = check_file(write_rows(tmp_path / "y.csv", [row[1:] for row in COMBINED])).reading
    assert undated.period is None


def test_a_combined_csv_that_lacks_or_contradicts_a_row_is_refused(tmp_path):
    lacking = [row for row in COMBINED if row[2:5] != ["RA2", "B", "62D"] or row[5] == "Lung"]
    said = str(check_file(write_rows(tmp_path / "x.csv", lacking)).faults[0])
    assert "RA2 has no row of all cancers, routes and modalities of cancer_62d" in said
    short = [row for row in COMBINED if row[2:5] != ["RA2", "B", "FDS"]]
    said = str(check_file(write_rows(tmp_path / "y.csv", short)).faults[0])
    assert "'England' says 16 of 20, its providers 8 of 10" in said
    wrong = [list(row) for row in COMBINED]
    wrong[1][9] = 9
    said = str(check_file(write_rows(tmp_path / "z.csv", wrong)).faults[0])
    assert "9 within and 2 after do not make 10 (RA1)" in said
    assert "stands here and in row" in str(
        check_file(write_rows(tmp_path / "d.csv", [*COMBINED, COMBINED[1]])).faults[0]
    )


OBSERVED_HEAD = ["OBSERVED", "EXPECTED", "OD_LL", "OD_UL"]
SINCE_2018 = [
    [
        "TIME_PERIOD",
        "PUBLICATION_MONTH",
        "PROVIDER_CODE",
        "PROVIDER_NAME",
        "SHMI_VALUE",
        "SHMI_BANDING",
        "SPELLS",
        *OBSERVED_HEAD,
    ],
    ["JAN25_DEC25", "MAY_26", "RA1", "A", 1.2, "1.0", 1000, 60, 50, 0.85, 1.15],
    ["JAN25_DEC25", "MAY_26", "RA2", "B", "**", "**", "*", "*", "*", "*", "*"],
    ["OCT24_SEP25", "FEB_26", "RA1", "A", 1.1, "2.0", 1000, 55, 50, 0.85, 1.15],
]


def test_the_file_of_all_releases_since_2018_has_a_period_in_each_row(tmp_path):
    checked = check_file(write_rows(tmp_path / "shmi.csv", SINCE_2018))
    assert [f"{row[0]} {row[2]} {row[4]:g} {row[7]}" for row in checked.reading.tables["shmi"].rows] == [
        "RA1 2024-10-01 55 as expected",
        "RA1 2025-01-01 60 higher",
    ]
    assert [f"{day}" for day in checked.reading.period] == ["2024-10-01", "2025-12-31"]
    assert [left.trust for left in checked.reading.left] == ["RA2"]
    wrong = [list(row) for row in SINCE_2018]
    wrong[1][5], wrong[3][0] = "3.0", "2025"
    said = "\n".join(map(str, check_file(write_rows(tmp_path / "wrong.csv", wrong)).faults))
    assert "row 2, column F: band 'lower', but the ratio 1.2000 with limits 0.8500 and 1.1500 is 'higher'" in said
    assert "row 4, column A: '2025' does not name twelve months" in said


def test_exact_deaths_in_the_current_layout_are_read_as_such(tmp_path):
    rows = [[*SHMI_HEAD, "Expected deaths"], ["RA1", "A", 1.1943, 2, 1001, 61, 51.0769]]
    (row,) = check_file(write_rows(tmp_path / "x.csv", rows)).reading.tables["shmi"].rows
    assert row[4:7] == (61.0, 51.0769, 1001.0)


def test_suppressed_answers_may_make_up_a_total_and_no_more(tmp_path):
    rows = [list(row) for row in FFT]
    rows[3][2] = 105
    text = str(check_file(write(tmp_path / "new", {"Trusts": rows})).faults[0])
    assert "says 105 but its parts sum to 100 (Total Responses)" in text


# Folders and wildcards


def test_folders_and_wildcards_are_opened(tmp_path):
    (tmp_path / "below").mkdir()
    names = ["a.csv", "below/b.csv"]
    for name in (*names, ".hidden", "~$open.xlsx"):
        write_rows(tmp_path / name, ae_csv_rows())
    assert find_files([tmp_path]) == [tmp_path / name for name in names]
    assert find_files([tmp_path / "*.csv", tmp_path / "a.csv"]) == [tmp_path / "a.csv"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"no file fits .*\*\.xls; no file .*none; no file in the folder .*empty"):
        find_files([tmp_path / "*.xls", tmp_path / "none", tmp_path / "empty"])


def test_every_small_sample_is_one_that_is_read(tmp_path):
    samples = chain(SMALL.values(), ((name, make) for name, make in WORKBOOKS.items()))
    for own, make in samples:
        assert figures(check_file(write(tmp_path / "sample", {own: make()})))
    assert check_file(write_rows(tmp_path / "r.csv", rtt_rows([("RA1", "Q", "Part_2", "C_1", {1: 5})]))).reading
