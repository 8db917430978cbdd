"""A study's date decides which trusts are open, and where they lie."""

from pathlib import Path

import pytest

from ranktrust.assemble import assemble, ledger_of
from ranktrust.assemble.trusts import comparison_set
from ranktrust.intake.organisations import read_places
from ranktrust.intake.recognise import check_file
from ranktrust.study import read_study

PROJECT = Path(__file__).resolve().parents[1]


def study_of(folder, day, name="acute", **changes):
    text = (PROJECT / "studies" / f"{name}.toml").read_text(encoding="utf-8").replace("2026-06-30", day)
    for old, new in changes.items():
        text = text.replace(old, new)
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return read_study(path)


@pytest.mark.parametrize(
    ("day", "region", "board"),
    [
        ("2026-06-30", "South West", "NHS Gloucestershire Integrated Care Board"),
        ("2026-03-31", "South East", "NHS Gloucestershire Integrated Care Board"),
        ("2019-01-01", "South East", "NHS Gloucestershire Integrated Care Board"),
    ],
)
def test_region_and_board_are_those_of_the_date(tmp_path, day, region, board):
    """RTE moved from South East to South West in the publisher's lists of April 2026."""
    trusts = comparison_set(study_of(tmp_path, day))
    assert (trusts.loc["RTE", "region"], trusts.loc["RTE", "icb"]) == (region, board)


def test_boards_that_merged_in_april_2026_are_apart_before(tmp_path):
    before, after = (comparison_set(study_of(tmp_path, day)) for day in ("2026-03-31", "2026-04-01"))
    assert before.loc["RAS", "icb"] == "NHS North West London Integrated Care Board"
    assert after.loc["RAS", "icb"] == "NHS West and North London Integrated Care Board"
    assert (before["icb"].nunique(), after["icb"].nunique()) == (42, 36)
    assert list(before.index) == list(after.index)


def test_a_trust_that_opened_after_the_date_is_left_out_and_explained(tmp_path):
    study = study_of(tmp_path, "2020-09-30", "shmi")
    panels = assemble(study)
    assert "R0D" not in panels["shmi"].trusts.index
    ledger = ledger_of(study, panels)
    (row,) = ledger.left_out.query("trust == 'R0D'").itertuples()
    assert "outside the comparison set: opened on 2020-10-01, after the study's date" in row.reason


def test_a_trust_that_closed_without_a_successor_is_left_out_and_explained(tmp_path):
    text = (PROJECT / "data" / "trusts.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    rows = [row.replace("\n", "2025-12-31\n") if row.startswith("RCF,") else row for row in text]
    (tmp_path / "trusts.csv").write_text("".join(rows), encoding="utf-8")
    study = study_of(tmp_path, "2026-01-01", "shmi")
    ledger = ledger_of(study, assemble(study))
    (row,) = ledger.left_out.query("trust == 'RCF'").itertuples()
    assert row.reason.endswith("closed on 2025-12-31, and no successor is recorded by then")
    assert "RCF" in comparison_set(study_of(tmp_path, "2025-12-31", "shmi")).index


def test_places_are_read_month_by_month(shared):
    found = [next((shared / "published/ae").glob(name)) for name in ("May-26*.xls", "March-2026*.xls", "April-26*.xls")]
    dated = [(check_file(path).reading.period[0], path) for path in found]
    rows = read_places(dated, ["RTE", "R0A"]).rows
    assert [(row[0], f"{row[1]:%Y-%m}", row[2]) for row in rows] == [
        ("R0A", "2026-03", "North West"),
        ("RTE", "2026-03", "South East"),
        ("RTE", "2026-04", "South West"),
    ]
