"""Every reader, mutated at random or laid out otherwise: the same figures or a fault, no exception, no loss."""

import csv

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sheets import WORKBOOKS, ae_csv_rows, diagnostics_rows, rtt_rows, shmi_rows, survey_sheets, write_rows, write_xlsx
from test_intake_hostile import LEAGUE, REGISTER, SUCCESSIONS, TIDY
from test_intake_strict import CATCHMENTS, FIGURES
from test_intake_variants import COMBINED, FFT, SINCE_2018, UNTRIED, figures

from ranktrust.errors import DataError
from ranktrust.intake.layouts import LAYOUTS
from ranktrust.intake.layouts.oversight import FIGURE_HEADINGS as NOF_HEADINGS
from ranktrust.intake.opening import Book
from ranktrust.intake.recognise import check_file, recognise
from ranktrust.intake.sheet import Sheet

CODES = ("RA1", "RA2")
SHMI_FIGURES = [
    ["org_code", "org_name", "spells", "observed_deaths", "expected_deaths", "shmi_value", "shmi_banding_label"],
    *([code, "Name", 1000, 50, 50, 1.0, "As expected"] for code in CODES),
]
NOF_FIGURES = [
    list(NOF_HEADINGS),
    *([code, "Name", "Acute trust", "Acute - Large", "yes", 3, 30 + i, 2.1] for i, code in enumerate(CODES)),
]
TABLES = {
    "ltla19": [["ltla19_code", "Score", "Proportion", "Extent"], ["E1", 1, 2, 3], ["E2", 1, 2, 3]],
    "ltla24": [["ltla24_code", "ltla24_name", "imd_average_score", "imd25_extent"], ["E1", "A", 1, 2]],
    "icb24": [["icb24_code", "icb24_name", "imd_average_score", "imd_2025_extent"], ["E1", "A", 1, 2]],
    "lookup": [["lad_code", "trust_code", "trust_prop_by_lad", "lad_prop_by_trust"], ["E1", "RA1", 1, 1]],
    "regions": [["org_code", "region", "org_name", "icb_name"], ["RA1", "North", "A", "B"]],
    "standards": [["indicator", "standard", "source", "value"], ["x", "y", "z", 0.9]],
    "surgical": [["hospital", "n_ops", "r_deaths"], ["A", 10, 1], ["B", 20, 2]],
    "heart": [["Hospital", "Operations", "Deaths"], ["Alder", 10, 1]],
    "types": [["trust_code", "primary_category"], ["RA1", "Acute"]],
}
SAMPLES = {
    "ae csv": {"csv": ae_csv_rows()},
    "shmi": {"csv": shmi_rows()},
    "shmi figures": {"csv": SHMI_FIGURES},
    "rtt": {"csv": rtt_rows([(code, "Q1", "Part_2", "C_100", {1: 5, 20: 3}) for code in CODES])},
    "tidy": {"csv": TIDY},
    "league": {"csv": LEAGUE},
    "league figures": {"csv": NOF_FIGURES},
    "successions": {"csv": SUCCESSIONS},
    "register": {"csv": REGISTER},
    "fft figures": {"csv": FIGURES},
    "fft": {"Trusts": FFT},
    "catchments": {"csv": CATCHMENTS},
    "survey": survey_sheets(),
    "diagnostics": {"Provider": diagnostics_rows()},
    "combined cancer": {"csv": COMBINED},
    "shmi since 2018": {"csv": SINCE_2018},
    "current shmi": {"csv": UNTRIED["shmi"]},
    "metrics": {"csv": UNTRIED["oversight_metrics"]},
    **{name: {"csv": rows} for name, rows in TABLES.items()},
    **{name: {name: make()} for name, make in WORKBOOKS.items()},
}


def view(path, sheets):
    """A file with these sheets, as if it were at `path`: read without being written."""
    kept = {name: Sheet(path.name, name, tuple(map(tuple, rows)), even=name == "csv") for name, rows in sheets.items()}
    return Book(path, "csv" if "csv" in sheets else "xlsx", tuple(sheets), "utf-8", cache=kept)


def read(path, sheets):
    """What is read of these sheets; those that are comma-separated stand in a file."""
    if "csv" in sheets:
        write_rows(path, sheets["csv"])
    layout, book = recognise(view(path, sheets))
    return layout.title, layout.read(book)


def test_every_layout_has_a_sample_that_it_reads(tmp_path):
    titles = {read(tmp_path / "x.csv", sheets)[0] for sheets in SAMPLES.values()}
    assert {layout.title for layout in LAYOUTS} == titles


CELLS = st.one_of(
    st.text(max_size=8),
    st.integers(-5, 200),
    st.dates(),
    st.sampled_from(["-", "*", "", None, "1,234", "England", "TOTAL", "RA1", "ra2 ", "=1", "1e400", "NaN", "½", 12.5]),
)


def put(rows, at, j, cell):
    if rows[at]:
        rows[at][j % len(rows[at])] = cell


def swap(rows, at, _j, _cell):
    rows[at], rows[-1] = rows[-1], rows[at]


def drop_column(rows, _at, j, _cell):
    rows[:] = [row[:j] + row[j + 1 :] for row in rows]


HOWS = {
    "cell": put,
    "head": lambda rows, _at, j, cell: put(rows, 0, j, cell),
    "delete": lambda rows, at, _j, _cell: rows.pop(at) if len(rows) > 1 else None,
    "double": lambda rows, at, _j, _cell: rows.insert(at, list(rows[at])),
    "swap": swap,
    "cut": lambda rows, at, j, _cell: rows[at].__delitem__(slice(j, None)),
    "longer": lambda rows, at, _j, cell: rows[at].append(cell),
    "column": drop_column,
}
PLACES = st.integers(0, 15)
MUTATIONS = st.lists(st.tuples(st.sampled_from(sorted(HOWS)), PLACES, PLACES, CELLS), min_size=1, max_size=4)


def mutate(rows, mutations):
    rows = [list(row) for row in rows]
    for how, i, j, cell in mutations:
        HOWS[how](rows, i % len(rows), j, cell)
    return rows


def says(row):
    return {" ".join(str(cell).split()).upper() for cell in row}


@settings(
    max_examples=600, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.sampled_from(sorted(SAMPLES)), which=st.integers(0, 2), mutations=MUTATIONS)
def test_a_mutated_sheet_is_read_or_refused_by_every_reader_and_no_row_is_lost(tmp_path, name, which, mutations):
    sheets = dict(SAMPLES[name])
    own = sorted(sheets)[which % len(sheets)]
    sheets[own] = mutate(sheets[own], mutations)
    if "csv" in sheets:
        sheets = {"csv": [["" if c is None else str(c).replace("\x00", "") for c in row] for row in sheets["csv"]]}
    try:
        _, reading = read(tmp_path / "x.csv", sheets)
    except DataError:
        return
    main = next(name for name in reversed(reading.sheets) if name in sheets)
    kept = {str(cell).upper() for table in reading.tables.values() for row in table.rows for cell in row[:2]}
    left = {each.row for each in reading.left if each.sheet == main}
    header = len(sheets[main]) - reading.rows
    for number, row in enumerate(sheets[main], 1):
        if number > header:
            assert number in left or says(row) & kept, (number, row, reading)
        elif number < header and set(CODES) & says(row):
            assert not any(str(cell).replace(".", "", 1).isdigit() for cell in row), (number, row)


# The same sheet, laid out otherwise


def of_texts(change):
    return lambda rows: [[change(cell) if isinstance(cell, str) and cell else cell for cell in row] for row in rows]


VARIANTS = {
    "trailing blanks": of_texts(lambda cell: f"{cell}  "),
    "unbreakable blanks": of_texts(lambda cell: f"\u00a0{cell}\u00a0"),
    "small codes": of_texts(lambda cell: cell.lower() if cell in CODES else cell),
    "title above": lambda rows: [["Official statistics"], [], *rows],
    "notes below": lambda rows: [*rows, [], ["Notes"], ["1. Figures are provisional, and may change."]],
    "numbers as text": lambda rows: [[f"{c:,}" if isinstance(c, int | float) else c for c in row] for row in rows],
    "blank rows between": lambda rows: [
        each for row in rows for each in ([row, []] if set(CODES) & says(row) else [row])
    ],
}


NEEDS_HEADINGS = {"title above", "notes below", "small codes"}
"""What the register cannot bear in a sheet of two rows, as it has no headings to be found by."""


@pytest.mark.parametrize(
    ("name", "variant"), [(n, v) for n in SAMPLES for v in VARIANTS if n != "register" or v not in NEEDS_HEADINGS]
)
def test_the_same_sheet_laid_out_otherwise_gives_the_same_figures(tmp_path, name, variant):
    before = read(tmp_path / "x.csv", SAMPLES[name])[1]
    after = read(tmp_path / "x.csv", {own: VARIANTS[variant](rows) for own, rows in SAMPLES[name].items()})[1]
    assert {key: table.rows for key, table in after.tables.items()} == {
        key: table.rows for key, table in before.tables.items()
    }


WRITTEN = ("quoted", "crlf", "utf-8-sig", "cp1252", "workbook")
"""Ways to write a CSV. The RTT extract is too long for a workbook, and is read as CSV alone."""


@pytest.mark.parametrize(
    ("name", "how"),
    [(n, how) for n in SAMPLES for how in WRITTEN if "csv" in SAMPLES[n] and (n, how) != ("rtt", "workbook")],
)
def test_the_same_csv_written_otherwise_gives_the_same_figures(tmp_path, name, how):
    sheet = SAMPLES[name]["csv"]
    before, path = figures(check_file(write_rows(tmp_path / "x.csv", sheet))), tmp_path / "y.csv"
    if how == "quoted":
        with path.open("w", newline="") as lines:
            csv.writer(lines, quoting=csv.QUOTE_ALL).writerows(sheet)
    elif how == "crlf":
        path.write_bytes((tmp_path / "x.csv").read_bytes().replace(b"\n", b"\r\n"))
    elif how == "workbook":
        path = write_xlsx(tmp_path / "y.xlsx", {"Sheet1": sheet})
    else:
        write_rows(path, sheet, encoding=how)
    assert figures(check_file(path)) == before
