"""The two commands: what they print and write, revisions, rolling windows, and the small layouts."""

import csv
import json
import os
from datetime import date
from pathlib import Path

import pytest
from sheets import WORKBOOKS, ae_csv_rows, ae_rows, diagnostics_rows, rtt_rows, shmi_rows, write_rows, write_xlsx

from ranktrust.cli import main
from ranktrust.errors import DataError, UsageError
from ranktrust.intake.imported import overlaps
from ranktrust.intake.importing import _revised, import_files
from ranktrust.intake.layouts.oversight import LEAGUE_HEADINGS, METRIC_HEADINGS, read_range
from ranktrust.intake.period import read_months
from ranktrust.intake.recognise import check_file
from ranktrust.vocabulary import SOURCE_ENTRIES

DATA = Path(__file__).resolve().parents[1] / "data"
PROVIDERS = "Provider Level Data"


def run(*arguments) -> int:
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return int(stopped.value.code or 0)


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def workbook(path: Path, revised: str = "-", **given) -> Path:
    sheet = ae_rows(**given)
    sheet[2][2] = revised
    return write_xlsx(path, {PROVIDERS: sheet})


def test_check_prints_what_was_found(tmp_path, capsys):
    path = write_rows(tmp_path / "x.csv", ae_csv_rows([("RA1", "A", 100, 40), ("Y02", "B", 0, 0)]))
    assert run("check", path) == 0
    said = capsys.readouterr().out
    assert "x.csv: A&E attendances, monthly CSV by provider" in said
    assert "period: 2025-05-01 to 2025-05-31" in said
    assert "ae_4h: 1 figures" in said
    assert "left out of ae_4h: 1 (a denominator of 0): row 3 Y02" in said


def test_check_lists_the_faults_of_all_files_and_exits_3(tmp_path, capsys):
    bad = ae_csv_rows()
    bad[1][9] = -1
    paths = [write_rows(tmp_path / "bad.csv", bad), write_rows(tmp_path / "good.csv", ae_csv_rows())]
    assert run("check", *paths) == 3
    said = capsys.readouterr().out
    assert "bad.csv: A&E attendances, monthly CSV by provider; " in said
    assert "bad.csv, sheet 'csv', row 2, column J: '-1' is not a count, which is a whole number from 0 up. " in said
    assert "good.csv: A&E attendances" in said


def test_check_json_is_for_machines(tmp_path, capsys):
    path = write_rows(tmp_path / "x.csv", ae_csv_rows())
    assert run("check", path, "--json") == 0
    (said,) = json.loads(capsys.readouterr().out)
    assert (said["publication"], said["period"], said["trusts"]) == ("ae", ["2025-05-01", "2025-05-31"], 2)
    assert said["indicators"] == {"ae_4h": 2, "ae_4h_all": 2}
    assert [left["row"] for left in said["left_out"]] == [4]


def test_absent_file_exits_2(tmp_path, capsys):
    assert run("check", tmp_path / "absent.csv") == 2
    assert "no file" in capsys.readouterr().err


def test_import_writes_figures_passport_and_ledger(tmp_path):
    path = write_rows(tmp_path / "x.csv", ae_csv_rows([("RA1", "A", 100, 40), ("Y02", "B", 0, 0)]))
    assert run("import", path, "--out", tmp_path / "out") == 0
    header, row = rows(tmp_path / "out/ae_4h.csv")
    assert header == ["trust", "indicator", "period_start", "period_end", "numerator", "denominator"]
    assert row == ["RA1", "ae_4h", "2025-05-01", "2025-05-31", "60", "100"]
    passport = json.loads((tmp_path / "out/ae_4h.passport.json").read_text())
    assert (passport["rows"], passport["publisher"], passport["parts"][0]["file"]) == (1, "NHS England", "x.csv")
    ledger = rows(tmp_path / "out/left_out.csv")
    assert ["ae", "x.csv", "csv", "3", "Y02", "ae_4h", "a denominator of 0"] in ledger


def test_a_passport_of_own_figures_asks_for_its_source_and_keeps_it(tmp_path, capsys):
    head = ["trust", "indicator", "period_start", "period_end", "numerator", "denominator"]
    first = write_rows(tmp_path / "first.csv", [head, ["RA1", "letters", "2025-01-01", "2025-03-31", "5", "9"]])
    second = write_rows(tmp_path / "second.csv", [head, ["RA1", "letters", "2025-04-01", "2025-06-30", "6", "9"]])
    assert run("import", first, "--out", tmp_path / "out") == 0
    assert "fill in title, publisher, address, licence, attribution, retrieved" in capsys.readouterr().out
    path = tmp_path / "out/letters.passport.json"
    passport = json.loads(path.read_text())
    assert {passport[entry] for entry in SOURCE_ENTRIES} == {""}
    own = {entry: f"my {entry}" for entry in SOURCE_ENTRIES}
    path.write_text(json.dumps(passport | own))
    assert run("import", second, "--out", tmp_path / "out") == 0
    assert "fill in" not in capsys.readouterr().out
    passport = json.loads(path.read_text())
    assert own.items() <= passport.items()
    assert passport["rows"] == 2


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_same_files_in_any_order_and_twice_give_the_same_bytes(tmp_path):
    paths = [workbook(tmp_path / f"{month}.xlsx", month=f"{month} 2025") for month in ("May", "June", "July")]
    import_files(paths, tmp_path / "a")
    import_files(paths[::-1], tmp_path / "b")
    first = contents(tmp_path / "a")
    assert first == contents(tmp_path / "b")
    import_files(paths, tmp_path / "a")
    os.utime(paths[0], (0, 0))
    import_files(paths[1:], tmp_path / "a")
    assert contents(tmp_path / "a") == first
    assert len(rows(tmp_path / "a/ae_4h.csv")) == 7


def test_revision_replaces_its_period_and_says_so(tmp_path):
    first = workbook(tmp_path / "first.xlsx")
    newer = workbook(tmp_path / "a-newer.xlsx", "14th May 2026", trusts=(("RA1", "A", 100, 61), ("RA2", "B", 50, 50)))
    import_files([first], tmp_path / "out")
    said = import_files([newer], tmp_path / "out")
    where = "ae_4h, 2026-04-01 to 2026-04-30"
    assert f"{where}: a-newer.xlsx (revised 14th May 2026) replaces first.xlsx; 1 trust with other figures" in said
    assert rows(tmp_path / "out/ae_4h.csv")[1][4] == "61"
    said = import_files([first], tmp_path / "out")
    assert any(
        "first.xlsx states no revision, unlike a-newer.xlsx (revised 14th May 2026) and is not taken" in line
        for line in said
    )
    assert rows(tmp_path / "out/ae_4h.csv")[1][4] == "61"


def test_copies_are_read_once_and_contradictions_refused(tmp_path):
    first = workbook(tmp_path / "first.xlsx")
    (tmp_path / "copy.xlsx").write_bytes(first.read_bytes())
    said = import_files([first, tmp_path / "copy.xlsx"], tmp_path / "out")
    assert said[0] == "first.xlsx is the same file as copy.xlsx: read once"
    other = workbook(tmp_path / "other.xlsx", trusts=(("RA1", "A", 100, 61), ("RA2", "B", 50, 50)))
    with pytest.raises(DataError, match=r"and neither is dated as newer\. Keep one of the two"):
        import_files([first, other], tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nothing_is_written_if_one_file_has_a_fault(tmp_path):
    good = workbook(tmp_path / "good.xlsx")
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="it is not one of the layouts"):
        import_files([good, tmp_path / "bad.csv"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_table_changed_by_hand_is_not_added_to(tmp_path):
    path = workbook(tmp_path / "x.xlsx")
    import_files([path], tmp_path / "out")
    table = tmp_path / "out/ae_4h.csv"
    table.write_text(table.read_text().replace("100", "101"))
    with pytest.raises(DataError, match="was changed since"):
        import_files([path], tmp_path / "out")


def test_period_is_asked_for_where_the_file_has_none(tmp_path):
    path = write_rows(tmp_path / "shmi-2012-july.csv", shmi_rows())
    with pytest.raises(DataError, match=r"does not state its period\. Give --period 'shmi-2012-july.csv=FIRST:LAST'"):
        import_files([path], tmp_path / "out")
    import_files([path], tmp_path / "out", ["shmi-2012-july.csv=2011-01-01:2011-12-31"])
    assert rows(tmp_path / "out/shmi.csv")[1][:6] == ["RA1", "shmi", "2011-01-01", "2011-12-31", "100", "80"]
    for wrong in ("2011", "2011-02-01:2011-01-01"):
        with pytest.raises(UsageError, match="--period"):
            import_files([path], tmp_path / "out", [wrong])


def test_rolling_windows_that_overlap_are_marked(tmp_path):
    one = write_rows(tmp_path / "one.csv", shmi_rows())
    two = write_rows(tmp_path / "two.csv", shmi_rows((("RA1", 100, 81.0, 1),)))
    periods = ["one.csv=2011-01-01:2011-12-31", "two.csv=2011-04-01:2012-03-31"]
    said = import_files([one, two], tmp_path / "out", periods)
    assert "shmi.csv: 1 pair of periods overlap: not independent" in said
    passport = json.loads((tmp_path / "out/shmi.passport.json").read_text())
    assert passport["overlaps"] == [[["2011-01-01", "2011-12-31"], ["2011-04-01", "2012-03-31"]]]
    assert overlaps([("2011-01-01", "2011-03-31"), ("2011-04-01", "2011-06-30")]) == []


def test_imported_workbooks_are_the_figures_of_data(shared, tmp_path):
    """The same 26 months that data/ae_4h.csv holds, read by the other way in."""
    ours = rows(DATA / "ae_4h.csv")[1:]
    wanted = {row[2] for row in ours}
    paths = [path for path in (shared / "published/ae").glob("*.xls") if check_start(path) in wanted]
    import_files(paths, tmp_path / "out")
    assert rows(tmp_path / "out/ae_4h.csv")[1:] == ours
    assert len(ours) == 3155


def check_start(path: Path) -> str:
    period = check_file(path).reading.period
    return period[0].isoformat()


def test_rtt_takes_incomplete_pathways_without_the_rollup(tmp_path):
    parts = [
        ("RA1", "Q1", "Part_2", "C_100", {0: 5, 17: 2, 18: 3}),
        ("RA1", "Q2", "Part_2", "C_100", {104: 4}),
        ("RA1", "Q1", "Part_2", "C_999", {0: 5, 17: 2, 18: 3}),
        ("RA1", "Q2", "Part_2", "C_999", {104: 4}),
        ("RA1", "Q1", "Part_2A", "C_100", {0: 50}),
        ("RA1", "Q1", "Part_1A", "C_100", {0: 70}),
    ]
    checked = check_file(write_rows(tmp_path / "rtt.csv", rtt_rows(parts)))
    period = (date(2025, 4, 1), date(2025, 4, 30))
    assert checked.reading.tables["rtt_18w"].rows == (("RA1", "rtt_18w", *period, 7.0, 14.0),)
    assert checked.layout.untried
    assert len(checked.reading.left) == 4


def test_rtt_rollup_that_differs_and_doubled_rows_are_refused(tmp_path):
    one = ("RA1", "Q1", "Part_2", "C_100", {0: 5})
    checked = check_file(write_rows(tmp_path / "a.csv", rtt_rows([one, ("RA1", "Q1", "Part_2", "C_999", {0: 6})])))
    assert "the rollup of RA1 says 6, its functions 5" in str(checked.faults[0])
    checked = check_file(write_rows(tmp_path / "b.csv", rtt_rows([one, one])))
    assert "as in row 2: the file is doubled" in str(checked.faults[0])


def test_oversight_ranges_are_parsed(tmp_path):
    row = ["Acute trust", "Acute - Large", "RA1", "A", "2.10", "1.95 - 2.30", "3", "Yes", "30", "28 - 42"]
    path = write_rows(tmp_path / "nof.csv", [["Region", *LEAGUE_HEADINGS, "Quarter"], ["North", *row, "Q3 2025/26"]])
    (found,) = check_file(path).reading.tables["oversight_league"].rows
    assert found == ("RA1", "Q3 2025/26", "Acute trust", "Acute - Large", 2.1, 1.95, 2.3, 3.0, 1, 30.0, 28.0, 42.0)
    assert read_range("28\u2013 42") == (28.0, 42.0)
    for wrong in ("28", "42 - 28", "a - b"):
        with pytest.raises(ValueError, match="is not a range"):
            read_range(wrong)


def test_oversight_metrics_are_read(tmp_path):
    row = ["RA1", "A", "OF0001", "Four hours", "Dec 2025", "%", "71.2", "74", "70", "78", "60"]
    path = write_rows(tmp_path / "metrics.csv", [list(METRIC_HEADINGS), row])
    (found,) = check_file(path).reading.tables["oversight_metrics"].rows
    assert found == ("RA1", "OF0001", "Dec 2025", "%", 71.2, 74.0, 70.0, 78.0, 60.0)


@pytest.mark.parametrize("mark", ["*", "-", ""])
def test_a_tidy_row_with_a_mark_is_left_out_and_a_file_of_marks_refused(tmp_path, mark):
    head = ["trust", "indicator", "period_start", "period_end", "numerator", "denominator"]
    shown, withheld = (["RA1", "x", "2025-01-01", "2025-03-31", *pair] for pair in (("5", "9"), (mark, "9")))
    reading = check_file(write_rows(tmp_path / "x.csv", [head, withheld, ["RA2", *shown[1:]]])).reading
    assert reading is not None
    assert [row[0] for row in reading.tables["x"].rows] == ["RA2"]
    (left,) = reading.left
    assert (left.row, left.trust, left.indicator) == (2, "RA1", "x")
    assert "not applicable, suppressed or not submitted" in left.reason
    (fault,) = check_file(write_rows(tmp_path / "y.csv", [head, withheld])).faults
    assert "no figure stands below the headings" in fault.problem


def test_a_tidy_row_without_a_code_says_how_to_write_a_total(tmp_path):
    head = ["trust", "indicator", "period_start", "period_end", "numerator", "denominator"]
    one, total = (["RA1", "x", "2025-01-01", "2025-03-31", "5", "9"], ["", "x", "2025-01-01", "2025-03-31", "5", "9"])
    (fault,) = check_file(write_rows(tmp_path / "x.csv", [head, one, total])).faults
    assert "is not an organisation's code" in fault.problem
    assert fault.remedy == "Write its code, or England or Total where the row is a total: it is then left out"
    reading = check_file(write_rows(tmp_path / "y.csv", [head, one, ["Total", *total[1:]]])).reading
    assert reading is not None
    assert [left.reason for left in reading.left] == ["total row 'Total', not a trust"]


def test_tidy_figures_of_any_kind_are_read(tmp_path):
    head = ["trust", "indicator", "period_start", "period_end", "estimate", "standard_error"]
    path = write_rows(tmp_path / "t.csv", [head, ["RA1", "score", "2025-01-01", "2025-12-31", "-1.5", "0.2"]])
    (found,) = check_file(path).reading.tables["score"].rows
    assert found == ("RA1", "score", date(2025, 1, 1), date(2025, 12, 31), -1.5, 0.2)
    path = write_rows(tmp_path / "u.csv", [head, ["RA1", "sc/../ore", "2025-13-01", "2025-12-31", "x", "0"]])
    text = "\n".join(map(str, check_file(path).faults))
    for said in (
        "'2025-13-01' is not a day",
        "'x' is not a number",
        "is not an indicator's name",
        "of 0 is not positive",
    ):
        assert said in text


def test_public_friends_and_family_workbook(tmp_path):
    head = ["Trust Code", "Trust Name", "Total Responses", "Very Good", "Good", "Poor", "Very Poor"]
    sheet = [["March 2026"], head, ["RA1", "A", 100, 80, 15, 3, 2], ["RA2", "B", "*", "*", "*", "*", "*"]]
    checked = check_file(write_xlsx(tmp_path / "fft.xlsx", {"Trusts": sheet}))
    assert checked.reading.tables["fft_inpatient"].rows[0][4:] == (95.0, 100.0)
    assert checked.reading.left[0].reason == "'*': not applicable, suppressed or not submitted"


def test_shmi_without_a_band_keeps_its_counts(tmp_path):
    head = ["Provider code", "Provider name", "SHMI value", "SHMI banding", "Number of spells"]
    rows_ = [
        [*head, "Observed deaths", "Expected deaths"],
        ["RA1", "A", "1.0000", "**", "1000", "50", "50"],
        ["RA2", "B", "0.5", "3", "1000", "26", "50"],
    ]
    text = str(check_file(write_rows(tmp_path / "s.csv", rows_)).faults[0])
    assert "'26' is not a count, which is a multiple of 5 from 0 up" in text
    rows_[2][5] = "25"
    reading = check_file(write_rows(tmp_path / "s.csv", rows_)).reading
    assert [row[-1] for row in reading.tables["shmi"].rows] == ["", "lower"]
    assert reading.left[0].reason == "'**': no band is published; the counts are kept"


@pytest.mark.parametrize("text", ["April to May 2025", "April to July 2025", "2025", "Aprl to June 2025"])
def test_odd_quarters_are_refused(text):
    with pytest.raises(ValueError, match="not"):
        read_months(text)
    assert read_months("April to June 2025") == (date(2025, 4, 1), date(2025, 6, 30))


def test_monthly_csv_before_booked_appointments_is_read(tmp_path):
    sheet = ae_csv_rows([("RA1", "A", 100, 40), ("RA2", "B", 50, 0)], month="MSitAE-APRIL-2019")
    keep = [i for i, name in enumerate(sheet[0]) if "Booked" not in name]
    older = [[row[i] for i in keep] for row in sheet]
    older[0] = [*older[0][:3], *(f"Number of {name}" for name in older[0][3:])]
    reading = check_file(write_rows(tmp_path / "old.csv", older)).reading
    assert reading.period == (date(2019, 4, 1), date(2019, 4, 30))
    assert [row[4:] for row in reading.tables["ae_4h"].rows] == [(60.0, 100.0), (50.0, 50.0)]


def test_diagnostics_are_read_and_a_wrong_total_is_refused(tmp_path):
    path = write_xlsx(tmp_path / "d.xlsx", {"Provider": diagnostics_rows()})
    assert [row[4:] for row in check_file(path).reading.tables["dm01_6w"].rows] == [(2.0, 12.0), (2.0, 12.0)]
    sheet = diagnostics_rows()
    sheet[4][2] = 13
    text = "\n".join(map(str, check_file(write_xlsx(tmp_path / "e.xlsx", {"Provider": sheet})).faults))
    assert "the row 'Total' says 24 but its parts sum to 25 (Total Waiting List)" in text
    assert "13 waiting, but 12 over the weeks (RA1)" in text


@pytest.mark.parametrize("sheet", sorted(WORKBOOKS))
def test_small_workbooks_are_read(tmp_path, sheet):
    reading = check_file(write_xlsx(tmp_path / "w.xlsx", {sheet: WORKBOOKS[sheet]()})).reading
    assert {row[0] for table in reading.tables.values() for row in table.rows} == {"RA1", "RA2"}


def test_table_of_another_publication_is_not_mixed_in(tmp_path):
    import_files([workbook(tmp_path / "x.xlsx")], tmp_path / "out")
    head = ["trust", "indicator", "period_start", "period_end", "numerator", "denominator"]
    path = write_rows(tmp_path / "t.csv", [head, ["RA1", "ae_4h", "2025-01-01", "2025-01-31", 1, 2]])
    with pytest.raises(DataError, match="the table ae_4h there is of 'ae', this file's of 'tidy'"):
        import_files([path], tmp_path / "out")


@pytest.mark.parametrize(
    "text", ["13th November 2025", "13 Nov 2025", "13/11/2025", "13.11.2025", "2025-11-13 00:00:00"]
)
def test_dates_of_revision_in_any_usual_form(text):
    assert _revised(text) == date(2025, 11, 13)
    assert _revised("soon") == date.min


def test_workbook_that_does_not_speak_of_revision_is_read(tmp_path):
    sheet = ae_rows()
    del sheet[2]
    checked = check_file(write_xlsx(tmp_path / "x.xlsx", {PROVIDERS: sheet}))
    assert checked.reading.revised == ""
