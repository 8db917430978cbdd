"""Every published file is read, and agrees with itself: totals, limits, bands, and one publication with another."""

import csv
from functools import cache
from pathlib import Path

import pytest
from oracles.shmi_limits import band, between_trust_variance, over_dispersed_limits, poisson_limits

from ranktrust.intake.opening import open_book
from ranktrust.intake.recognise import check_file, count_trusts
from ranktrust.intake.sheet import plain

COUNTS = {
    "ae": 40,
    "beds": 1,
    "cancelled_operations": 4,
    "cancer": 2,
    "deprivation": 3,
    "diagnostics": 1,
    "organisations": 4,
    "shmi": 7,
    "staff_survey": 1,
}
TAU_SQUARED = {"2011-october": 0.003672, "2012-april": 0.003842, "2012-july": 0.003307, "2014-april": 0.002673}


@cache
def read(path: Path):
    checked = check_file(path)
    assert not checked.faults, checked.faults[0]
    return checked


def figures(path: Path, name: str) -> dict[str, tuple[float, float]]:
    return {row[0]: row[4:6] for row in read(path).reading.tables[name].rows}


@pytest.mark.parametrize("folder", COUNTS)
def test_every_published_file_is_read_and_every_row_accounted_for(shared, folder):
    paths = sorted((shared / "published" / folder).iterdir())
    assert len(paths) == COUNTS[folder]
    for path in paths:
        checked = read(path)
        assert count_trusts(checked.reading) > 30
        assert (
            checked.reading.rows >= max(len(table.rows) for table in checked.reading.tables.values())
            or folder == "cancer"
        )


def totals_and_sums(path, sheet, header_cell, *, key, total, columns):
    """The total row's figures and, by another way than the reader's, the sum over all other rows with a code."""
    rows = open_book(path).sheet(sheet).rows
    head = next(i for i, row in enumerate(rows) if header_cell in [plain(cell) for cell in row])
    at = [plain(cell) for cell in rows[head]].index(header_cell)
    whole, sums = None, [0.0] * len(columns)
    for row in rows[head + 1 :]:
        if len(row) <= max(columns) or not any(plain(cell) for cell in row):
            continue
        if plain(row[key]) == total:
            whole = [row[i] for i in columns]
        elif plain(row[at]):
            for j, i in enumerate(columns):
                sums[j] += row[i] if isinstance(row[i], int | float) else 0.0
    return whole, sums


def test_england_row_of_every_ae_workbook_is_the_sum_of_its_providers(shared):
    paths = sorted((shared / "published/ae").glob("*.xls"))
    columns = [*range(4, 16), *range(20, 28)]
    for path in paths:
        whole, sums = totals_and_sums(path, "Provider Level Data", "Code", key=3, total="England", columns=columns)
        assert whole == sums, path.name
    assert len(paths) == 34


def test_total_row_of_every_ae_csv_is_the_sum_of_its_providers(shared):
    paths = sorted((shared / "published/ae").glob("*.csv"))
    for path in paths:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = [row[4:] for row in csv.reader(lines)][1:]
        assert len(rows[0]) == 18
        assert [sum(map(int, column)) for column in zip(*rows[:-1], strict=True)] == list(map(int, rows[-1])), path.name
    assert len(paths) == 6


def test_total_rows_of_the_other_workbooks_are_the_sums_of_their_parts(shared):
    (diagnostics,) = (shared / "published/diagnostics").iterdir()
    whole, sums = totals_and_sums(diagnostics, "Provider", "Provider Code", key=4, total="Total", columns=[5, 6, 7])
    assert whole == sums
    (beds,) = (shared / "published/beds").iterdir()
    whole, sums = totals_and_sums(
        beds, "NHS Trust by Sector", "Org Code", key=5, total="England", columns=[*range(6, 11), *range(12, 17)]
    )
    assert whole == pytest.approx(sums, rel=1e-12)
    for path in (shared / "published/cancelled_operations").iterdir():
        including = "England (Including Independent Sector)"
        whole, _ = totals_and_sums(path, "Provider", "Organisation Code", key=4, total=including, columns=[5, 6])
        pairs = figures(path, "cancelled_28d").values()
        assert whole == [sum(pair[1] for pair in pairs), sum(pair[0] for pair in pairs)]


def test_trusts_that_tried_other_standards_are_left_out_with_the_reason(shared):
    (path,) = (shared / "published/ae").glob("April-2021*.xls")
    left = [left for left in read(path).reading.left if left.reason.startswith("'-'") and left.indicator == "ae_4h"]
    assert len(left) == 14
    assert {"RC9", "RGT"} <= {each.trust for each in left}


def test_workbooks_and_csvs_agree_but_for_what_the_publisher_revised(shared):
    """Five trust-months differ, each in a month whose workbook was revised after its CSV."""
    books = {read(path).reading.period: path for path in sorted((shared / "published/ae").glob("*.xls"))}
    differ = {}
    for path in sorted((shared / "published/ae").glob("*.csv")):
        period = read(path).reading.period
        mine, theirs = figures(path, "ae_4h_all"), figures(books[period], "ae_4h_all")
        assert mine.keys() == theirs.keys()
        different = sorted(code for code in mine if mine[code] != theirs[code])
        if different:
            differ[f"{period[0]:%Y-%m}"] = different
            assert read(books[period]).reading.revised.endswith("2025")
    assert differ == {"2025-04": ["RBT", "RTD"], "2025-05": ["RLT", "RTD"], "2025-07": ["RTD"]}


def test_csv_adds_booked_appointments(shared):
    (path,) = (shared / "published/ae").glob("Monthly-AE-March-2025.csv")
    with path.open(encoding="utf-8") as lines:
        row = next(row for row in csv.DictReader(lines) if row["Org Code"] == "RHW")
    booked = int(row["A&E attendances Booked Appointments Type 1"])
    assert booked > 0
    assert figures(path, "ae_4h")["RHW"][1] == int(row["A&E attendances Type 1"]) + booked


def releases(shared):
    return sorted((shared / "published/shmi").glob("*.csv"))


def published_rows(path):
    with path.open(encoding="latin-1", newline="") as lines:
        return [row for row in csv.DictReader(lines) if row["OBSERVED"]]


def test_shmi_limits_of_every_release_are_reproduced(shared):
    seen = 0
    for path in releases(shared):
        counts = figures(path, "shmi")
        tau_squared = between_trust_variance(counts.values())
        for row in published_rows(path):
            _, expected = counts[row["PROVIDER"]]
            ours = (*over_dispersed_limits(expected, tau_squared), *poisson_limits(expected))
            theirs = [float(row[name]) for name in ("OD_LL", "OD_UL", "PO_LL", "PO_UL")]
            assert ours == pytest.approx(theirs, abs=5.0001e-5), (path.name, row["PROVIDER"])
            seen += 1
    assert seen == 1004


def test_shmi_bands_of_every_release_are_reproduced(shared):
    names = {1: "higher", 2: "as expected", 3: "lower"}
    for path in releases(shared):
        rows = read(path).reading.tables["shmi"].rows
        tau_squared = between_trust_variance([row[4:6] for row in rows])
        ours = {row[0]: names[band(*row[4:6], over_dispersed_limits(row[5], tau_squared))] for row in rows}
        assert ours == {row[0]: row[7] for row in rows}, path.name


@pytest.mark.parametrize(("release", "published"), TAU_SQUARED.items())
def test_between_trust_variance_is_the_published_one(shared, release, published):
    path = shared / f"published/shmi/shmi-{release}.csv"
    assert between_trust_variance(figures(path, "shmi").values()) == pytest.approx(published, abs=5e-7)


def test_cancer_takes_one_margin_and_keeps_halves(shared):
    (path,) = (shared / "published/cancer").glob("*Apr-2025*")
    counts = figures(path, "cancer_62d")
    rows = open_book(path).sheet("CWT CRS Provider Extract").rows
    r0a = [row for row in rows if row[4] == "R0A" and row[3] == "62-day Combined" and row[7] == "ALL CANCERS"]
    july = [row for row in r0a if row[2] == "JUL"]
    assert counts["R0A"][1] == sum(row[8] for row in july)
    assert sum(1 for _, treated in counts.values() if treated % 1) > 30


def test_numbers_of_trusts_in_the_survey_and_the_register(shared):
    (survey,) = (shared / "published/staff_survey").iterdir()
    scores = read(survey).reading.tables["staff_engagement"].rows
    assert len(scores) == 135
    assert "R1F" in {row[0] for row in scores}
    register = read(shared / "published/organisations/etr.csv").reading.tables["trusts_register"].rows
    assert len(register) == 210
    assert register[0][:3] == ("G6V2S", "NORTH LONDON NHS FOUNDATION TRUST", "London")


def test_beds_above_the_available_are_kept_and_named(shared):
    (path,) = (shared / "published/beds").iterdir()
    occupied, available = figures(path, "beds_mental_illness")["RP1"]
    assert occupied > available
    assert any("RP1 (beds_mental_illness)" in note for note in read(path).reading.notes)


def test_figures_are_recognised_too(shared):
    names = {
        "shmi_jan25_dec25_118_trusts.csv": ("shmi", 118),
        "fft_inpatient_latest_2026.csv": ("fft", 124),
        "nof_league_table_q3_2025_26.csv": ("oversight_league", 150),
        "successions_since_2021.csv": ("successions", 6),
        "trust_catchment_deprivation_imd2019.csv": ("deprivation_catchments", 140),
    }
    for name, (publication, count) in names.items():
        checked = read(shared / "figures" / name)
        assert (checked.layout.publication, count_trusts(checked.reading)) == (publication, count)
