"""NHS Oversight Framework: league table and metrics as published, and the figures of a league table."""

import re
from typing import Final

from ranktrust.intake.layouts.layout import Layout
from ranktrust.intake.opening import CSV_SHEET, Book
from ranktrust.intake.reading import Ledger, Line, Reading, check_twice, column, open_ledger, walk
from ranktrust.intake.sheet import is_mark, plain, read_number
from ranktrust.intake.tidy import Record, Table, Value, sort_rows

SCORES: Final = (
    "trust",
    "reporting_date",
    "type",
    "subtype",
    "average_score",
    "score_low",
    "score_high",
    "segment",
    "in_deficit",
    "rank",
    "rank_low",
    "rank_high",
)
METRICS: Final = ("trust", "metric", "reporting_date", "units", "value", "median", "lower", "upper", "rank")
LEAGUE_HEADINGS: Final = (
    "Trust_type",
    "Trust_subtype",
    "Trust_code",
    "Trust_name",
    "Average_score",
    "Likely_range_of_average_score",
    "Segment",
    "Trust_in_financial_deficit",
    "Rank",
    "Likely_range_of_rank",
)
METRIC_HEADINGS: Final = (
    "Trust_code",
    "Trust_name",
    "Metric_ID",
    "Metric_description",
    "Reporting_date",
    "Units",
    "Value",
    "Median_value",
    "Lower_quartile",
    "Upper_quartile",
    "Rank",
)
FIGURE_HEADINGS: Final = (
    "org_code",
    "org_name",
    "Trust_type",
    "Trust_subtype",
    "lt_in_deficit",
    "league_segment",
    "league_rank",
    "league_avg_score",
)
RANGE: Final = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:-|\u2013|\u2014|to)\s*(-?\d+(?:\.\d+)?)")
DEFICIT: Final = {"yes": 1, "y": 1, "true": 1, "1": 1, "1.0": 1, "no": 0, "n": 0, "false": 0, "0": 0, "0.0": 0}


def read_range(text: str) -> tuple[float, float]:
    """Return the ends of a likely range such as `28 - 42`. Raises `ValueError` for anything else, or ends reversed."""
    match = RANGE.fullmatch(plain(text))
    if not match or float(match[1]) > float(match[2]):
        raise ValueError(f"{text!r} is not a range such as 28 - 42")
    return float(match[1]), float(match[2])


def read_league(book: Book) -> Reading:
    """Return scores, segments and ranks with their likely ranges, by trust."""
    ledger = open_ledger(book.sheet(CSV_SHEET), LEAGUE_HEADINGS)
    lines, _ = walk(ledger, column(ledger, "Trust_code"), column(ledger, "Trust_name"))
    dated = column(ledger, "Reporting_date", "Quarter")
    check_twice(ledger, lines, lambda line: (line.code, plain(ledger.sheet.at(line.row, dated))))
    rows = [_league_row(ledger, line, dated) for line in lines]
    ledger.close()
    table = Table(SCORES, sort_rows(rows, 2), ("Likely ranges are the publisher's own, read from text.",))
    return Reading("oversight_league", (CSV_SHEET,), None, {"oversight_league": table}, ledger.rows, tuple(ledger.left))


def _league_row(ledger: Ledger, line: Line, dated: int) -> Record:
    text = {name: _text(ledger, line, name) for name in ("Trust_type", "Trust_subtype")}
    score, segment, rank = (_value(ledger, line, name) for name in ("Average_score", "Segment", "Rank"))
    score_range, rank_range = (
        _range(ledger, line, name) for name in ("Likely_range_of_average_score", "Likely_range_of_rank")
    )
    deficit = _deficit(ledger, line, "Trust_in_financial_deficit")
    ledger.kept.add(line.row)
    when = plain(ledger.sheet.at(line.row, dated))
    return (line.code, when, *text.values(), score, *score_range, segment, deficit, rank, *rank_range)


def read_metrics(book: Book) -> Reading:
    """Return every metric's value, quartiles and rank, by trust and reporting date."""
    ledger = open_ledger(book.sheet(CSV_SHEET), METRIC_HEADINGS)
    metric, when = (column(ledger, name) for name in ("Metric_ID", "Reporting_date"))
    lines, _ = walk(ledger, column(ledger, "Trust_code"), column(ledger, "Trust_name"))
    check_twice(ledger, lines, lambda line: (line.code, *(plain(ledger.sheet.at(line.row, i)) for i in (metric, when))))
    names = ("Value", "Median_value", "Lower_quartile", "Upper_quartile", "Rank")
    rows: list[Record] = []
    for line in lines:
        texts = [_text(ledger, line, name) for name in ("Metric_ID", "Reporting_date", "Units")]
        rows.append((line.code, *texts, *(_value(ledger, line, name) for name in names)))
        ledger.kept.add(line.row)
    ledger.close()
    table = Table(METRICS, sort_rows(rows, 3), ("Values as published; an empty one was not given.",))
    return Reading(
        "oversight_metrics", (CSV_SHEET,), None, {"oversight_metrics": table}, ledger.rows, tuple(ledger.left)
    )


def read_figures(book: Book) -> Reading:
    """Return the league table from our figures, which carry no likely ranges and no date."""
    ledger = open_ledger(book.sheet(CSV_SHEET), FIGURE_HEADINGS)
    lines, _ = walk(ledger, column(ledger, "org_code"), column(ledger, "org_name"))
    check_twice(ledger, lines)
    rows: list[Record] = []
    for line in lines:
        kinds = [_text(ledger, line, name) for name in ("Trust_type", "Trust_subtype")]
        score, segment, rank = (
            _value(ledger, line, name) for name in ("league_avg_score", "league_segment", "league_rank")
        )
        deficit = _deficit(ledger, line, "lt_in_deficit")
        rows.append((line.code, "", *kinds, score, None, None, segment, deficit, rank, None, None))
        ledger.kept.add(line.row)
    ledger.close()
    table = Table(SCORES, sort_rows(rows, 2), ("Taken from figures without likely ranges.",))
    return Reading("oversight_league", (CSV_SHEET,), None, {"oversight_league": table}, ledger.rows, tuple(ledger.left))


def _text(ledger: Ledger, line: Line, name: str) -> str:
    return plain(ledger.sheet.at(line.row, column(ledger, name)))


def _value(ledger: Ledger, line: Line, name: str) -> Value:
    index = column(ledger, name)
    cell = ledger.sheet.at(line.row, index)
    if is_mark(cell):
        return None
    try:
        return read_number(plain(cell).lower().removeprefix("segment ").strip("=%"))
    except ValueError as error:
        ledger.fault(f"{name}: {error}", line.row, index)
        return None


def _range(ledger: Ledger, line: Line, name: str) -> tuple[Value, Value]:
    text = _text(ledger, line, name)
    if is_mark(text):
        return None, None
    try:
        return read_range(text)
    except ValueError as error:
        ledger.fault(f"{name}: {error}", line.row, column(ledger, name))
        return None, None


def _deficit(ledger: Ledger, line: Line, name: str) -> Value:
    text = _text(ledger, line, name).lower()
    if not is_mark(text) and text not in DEFICIT:
        ledger.fault(f"{text!r} does not say whether the trust is in deficit", line.row, column(ledger, name))
    return DEFICIT.get(text)


LEAGUE: Final = Layout(
    "oversight_league", "Oversight Framework, league table", CSV_SHEET, LEAGUE_HEADINGS, read_league, untried=True
)
METRIC: Final = Layout(
    "oversight_metrics", "Oversight Framework, metrics", CSV_SHEET, METRIC_HEADINGS, read_metrics, untried=True
)
FIGURES: Final = Layout(
    "oversight_league", "Oversight Framework, league-table figures", CSV_SHEET, FIGURE_HEADINGS, read_figures
)
