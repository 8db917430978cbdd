"""Codes at a date, and checks on the returns."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from ranktrust.errors import DataError
from ranktrust.intake.organisations import Listed, Succession, read_successions
from ranktrust.intake.recognise import check_file
from ranktrust.intake.returns import check_returns, sort_findings
from ranktrust.intake.tidy import PROPORTION, Table
from ranktrust.intake.trusts import (
    Registered,
    check_codes,
    explain,
    follow,
    list_at,
    normalise_code,
    peer_groups,
    read_registered,
    settle,
)

TODAY = date(2026, 5, 31)
MONTHS = tuple((date(2025, m, 1), date(2025, m, 28)) for m in range(1, 9))


def monthly(series):
    """A table of proportions from trust to (numerator, denominator) by month; None leaves the month out."""
    rows = [
        (trust, "x", *MONTHS[i], float(pair[0]), float(pair[1]))
        for trust, pairs in series.items()
        for i, pair in enumerate(pairs)
        if pair is not None
    ]
    return Table(PROPORTION, tuple(rows))


@pytest.fixture(scope="module")
def successions(shared):
    folder = shared / "published/organisations"
    return read_successions(folder / "trust_changes.csv", shared / "figures/successions_since_2021.csv")


@pytest.fixture(scope="module")
def register(shared):
    reading = check_file(shared / "published/organisations/etr.csv").reading
    return read_registered(reading.tables["trusts_register"])


def test_codes_are_normalised():
    assert normalise_code(" r0a\xa0") == "R0A"
    with pytest.raises(ValueError, match="'Total row' is not"):
        normalise_code("Total row")


def test_chains_are_followed_to_the_date(successions):
    assert follow("RJH", successions, TODAY)[0] == "RRK"
    assert [step.new for step in follow("RJH", successions, TODAY)[1]] == ["RR1", "RRK"]
    assert follow("RJH", successions, date(2010, 1, 1))[0] == "RR1"
    assert follow("RAP", successions, date(2024, 12, 31))[0] == "RAP"
    assert follow("RAP", successions, date(2025, 1, 1))[0] == "RAL"


def test_split_is_refused_with_the_choice_to_make(successions):
    with pytest.raises(DataError, match=r'split on 2021-10-01 into R0A, RM3.*Choose one .*RW6 = "R0A" or RW6 = "RM3"'):
        follow("RW6", successions, TODAY)
    assert follow("RW6", successions, TODAY, {"RW6": "RM3"})[0] == "RM3"
    assert follow("RW6", successions, date(2021, 9, 30))[0] == "RW6"


def test_circle_is_refused_and_a_code_that_follows_itself_is_not():
    day = date(2020, 1, 1)
    with pytest.raises(DataError, match="in a circle"):
        follow("RA1", [Succession("RA1", "RA2", day), Succession("RA2", "RA1", day)], TODAY)
    assert follow("RA1", [Succession("RA1", "RA1", day)], TODAY) == ("RA1", ())


def test_counts_of_merged_trusts_are_added_period_by_period(successions):
    settled = settle(monthly({"RAL": [(1, 10), (2, 20)], "RAP": [(3, 30), None], "RA1": [(1, 1)]}), successions, TODAY)
    rows = {(row[0], row[2].month): row[4:] for row in settled.table.rows}
    assert rows == {("RAL", 1): (4.0, 40.0), ("RAL", 2): (2.0, 20.0), ("RA1", 1): (1.0, 1.0)}
    assert settled.joined == ("RAP counts as RAL from 2025-01-01",)
    assert settled.left == ()


def test_estimates_are_not_added_and_the_row_left_out_is_named(successions):
    columns = (*PROPORTION[:4], "estimate", "standard_error")
    table = Table(columns, tuple((code, "s", *MONTHS[0], 6.5, 0.1) for code in ("RAL", "RAP")))
    settled = settle(table, successions, TODAY)
    assert [row[0] for row in settled.table.rows] == ["RAL"]
    assert "an estimate cannot be added to that of RAL" in settled.left[0].reason


def test_every_row_is_kept_added_or_left_out(successions):
    table = monthly({"RAL": [(1, 10)], "RAP": [(3, 30)], "RW6": [(1, 2)]})
    with pytest.raises(DataError, match="RW6"):
        settle(table, successions, TODAY)
    settled = settle(table, successions, TODAY, leave=["RW6"])
    assert [(left.trust, left.reason) for left in settled.left] == [("RW6", "left out by the study")]
    assert sum(row[5] for row in settled.table.rows) == 40


def test_closed_and_foreign_codes_are_explained(register, successions):
    assert explain("R0A", register, successions, TODAY) == ""
    closed = explain("RAP", register, successions, TODAY)
    assert closed.endswith("closed on 2024-12-31; its services went to RAL on 2025-01-01")
    assert explain("RAP", register, successions, date(2024, 6, 1)) == ""
    assert explain("AJN", register, successions, TODAY) == "AJN is not an NHS trust in the register"
    assert "opened on 2024-11-01, after" in explain("G6V2S", register, successions, date(2024, 1, 1))
    left = check_codes(monthly({"R0A": [(1, 2)], "Y02": [(1, 2)]}), register, successions, TODAY)
    assert [each.trust for each in left] == ["Y02"]
    assert explain("RX1", {"RX1": Registered("A", "B", None, date(2020, 1, 1))}, (), TODAY).endswith(
        "closed on 2020-01-01; no successor is recorded"
    )


def test_names_and_regions_are_those_of_the_date():
    old, new = (Listed(name, "London", "B", Path("x")) for name in ("Old", "New"))
    sheets = {date(2025, 1, 1): {"RA1": old, "RA2": old}, date(2026, 1, 1): {"RA1": new}}
    assert {code: each.name for code, each in list_at(sheets, TODAY).items()} == {"RA1": "New", "RA2": "Old"}
    assert list_at(sheets, date(2025, 6, 1))["RA1"].name == "Old"


def test_peer_groups_are_the_subtypes_of_the_league_table(shared):
    reading = check_file(shared / "figures/nof_league_table_q3_2025_26.csv").reading
    counts = Counter(peer_groups(reading.tables["oversight_league"]).values())
    general = ("Teaching", "Large", "Medium", "Small", "Multi-Service")
    assert [counts[f"Acute - {name}"] for name in general] == [49, 23, 20, 19, 7]


STEADY = {f"RA{i}": [(60 + i + m, 100 + m) for m in range(8)] for i in range(12)}


def names(findings):
    return {(each.name, each.trust) for each in findings}


def test_quiet_returns_give_no_finding():
    assert check_returns(monthly(STEADY)) == []


@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        ("missing_submission", [(60 + m, 100 + m) if m != 3 else None for m in range(8)]),
        ("sudden_change", [((60 + m) * (1 + (m > 3)), (100 + m) * (1 + (m > 3))) for m in range(8)]),
        ("implausible_value", [(99, 100 + m) for m in range(8)]),
        ("repeated_value", [(60, 100) if m in {3, 4} else (60 + m, 99 + m) for m in range(8)]),
        ("zero_events", [(0 if m == 3 else 60 + m, 100 + m) for m in range(8)]),
    ],
)
def test_each_oddity_of_the_returns_is_found_at_its_trust(name, pairs):
    found = check_returns(monthly(STEADY | {"RB9": pairs}))
    assert (name, "RB9") in names(found)
    assert {trust for _, trust in names(found)} == {"RB9"}


def test_a_small_denominator_that_chance_moves_is_no_finding():
    few = [(1 + m % 2, 2 + 8 * (m == 4)) for m in range(8)]
    assert ("sudden_change", "RB9") not in names(check_returns(monthly(STEADY | {"RB9": few})))


def test_large_counts_are_written_in_full():
    large = monthly({f"RA{i}": [(700000 + i, 1234567)] for i in range(3)})
    ((first, last),) = {tuple(row[2:4]) for row in large.rows}
    (found,) = check_returns(large, totals={(first, last): (1, 2.5)})
    assert found.sentence == "the total is 1 of 2.5, the trusts sum to 2,100,003 of 3,703,701"


def test_heaping_at_a_target_is_found():
    heaped = {f"RC{i:02}": [(9501 + i, 10_000)] for i in range(14)} | {"RD1": [(9400, 10_000)]}
    (found,) = [each for each in check_returns(monthly(heaped), target=0.95) if each.name == "heaping"]
    assert found.sentence == "14 trusts lie just above 0.95 and 0 just below it"
    always = check_returns(monthly({"RC1": [(9501 + m, 10_000) for m in range(8)]}), target=0.95)
    assert ("heaping", "RC1") in names(always)


def test_total_that_differs_from_its_parts_is_found():
    table = monthly({"RA1": [(1, 10)], "RA2": [(2, 20)]})
    (found,) = check_returns(table, totals={MONTHS[0]: (3.0, 31.0)})
    assert found.sentence == "the total is 3 of 31, the trusts sum to 3 of 30"
    assert check_returns(table, totals={MONTHS[0]: (3.0, 30.0)}) == []


def test_level_breaks_of_published_returns_are_found(shared):
    """RJL, RTK and RWD are known changes in returns; RAL took over RAP; RBL was not known before."""
    tables = [check_file(path).reading for path in sorted((shared / "published/ae").glob("*.xls"))]
    recent = [reading for reading in tables if reading.period[0] >= date(2024, 4, 1)]
    rows = tuple(row for reading in recent for row in reading.tables["ae_4h"].rows)
    found = sort_findings(check_returns(Table(PROPORTION, rows)))
    assert [(each.name, each.trust, each.period[:7]) for each in found] == [
        ("missing_submission", "RAP", "2025-01"),
        ("sudden_change", "RAL", "2025-01"),
        ("sudden_change", "RBL", "2024-11"),
        ("sudden_change", "RJL", "2024-05"),
        ("sudden_change", "RTK", "2025-04"),
        ("sudden_change", "RWD", "2025-01"),
    ]
