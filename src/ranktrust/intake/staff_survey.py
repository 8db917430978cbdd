"""NHS Staff Survey, organisational results: the staff engagement theme with a derived standard error."""

import re
from collections.abc import Mapping, Sequence
from math import fsum, sqrt
from pathlib import Path
from typing import Final

from ranktrust.errors import DataError, Fault
from ranktrust.intake.period import Period
from ranktrust.intake.sheet import (
    CORRECT,
    Cell,
    Row,
    Sheet,
    cell_text,
    find_column,
    find_header,
    heading,
    is_mark,
    plain,
    read_count,
    read_number,
    read_xlsx,
)
from ranktrust.intake.tidy import Publication, Record, Table, raise_faults, sort_rows
from ranktrust.vocabulary import FIGURE_KEYS, KIND_COLUMNS

INDICATOR: Final = "staff_engagement"
COLUMNS: Final = (*FIGURE_KEYS, *KIND_COLUMNS["estimate"], "base")
GROUPS: Final = ("Acute and Acute & Community Trusts", "Acute Specialist Trusts")
"""The benchmarking groups kept."""

SCORES: Final = (0.0, 2.5, 5.0, 7.5, 10.0)
"""What the five options of an item score, the least favourable first."""

INTER_ITEM_CORRELATION: Final = 0.5
"""Correlation of two items within a respondent. Not published; 0.5 is usual for attitude items of one theme, and 1
is the bound (the standard error would be 1.34 times as large)."""

DESIGN_EFFECT: Final = 1.1
"""Variance inflation by the publisher's weights for occupational group; 1.0 to 1.5 is the range to try."""

FREQUENCY: Final = ("% Never", "% Rarely", "% Sometimes", "% Often", "% Always")
AGREEMENT: Final = (
    "% Strongly disagree",
    "% Disagree",
    "% Neither agree nor disagree",
    "% Agree",
    "% Strongly agree",
)
JOB, ORGANISATION, THEMES = "YOUR JOB Q1-3", "YOUR ORGANISATION Q25-26", "THEMES"
SHEETS: Final = (JOB, ORGANISATION, THEMES)
ITEMS: Final = {
    "Q2a": (JOB, FREQUENCY),
    "Q2b": (JOB, FREQUENCY),
    "Q2c": (JOB, FREQUENCY),
    "Q3c": (JOB, AGREEMENT),
    "Q3d": (JOB, AGREEMENT),
    "Q3f": (JOB, AGREEMENT),
    "Q25a": (ORGANISATION, AGREEMENT),
    "Q25c": (ORGANISATION, AGREEMENT),
    "Q25d": (ORGANISATION, AGREEMENT),
}
"""Motivation, involvement and advocacy: three items each, so all nine have equal weight in the theme."""

WORDS: Final = {
    "Q2a": "I look forward to going to work",
    "Q2b": "I am enthusiastic about my job",
    "Q2c": "Time passes quickly when I am working",
    "Q3c": "There are frequent opportunities for me to show initiative in my role",
    "Q3d": "I am able to make suggestions to improve the work of my team",
    "Q3f": "I am able to make improvements happen in my area of work",
    "Q25a": "Care of patients",
    "Q25c": "I would recommend my organisation as a place to work",
    "Q25d": "If a friend or relative needed treatment I would be happy with the standard of care",
}
"""How each item is asked, from its first word: numbers change from year to year (Q25 was Q21 in 2021, Q23 in 2022)."""

SPLIT: Final = {"R1F1": "R1F"}
"""Parts of a trust that the survey reports apart, and the trust that the acute part stands for."""

QUESTION: Final = re.compile(r"Q\d+[a-z]?\s*[-\u2013.:]?\s*(.*)")
SUM_TOLERANCE: Final = 0.25
"""Greatest distance of five options from 100 %: what rounding them to one decimal can do."""

HEAD: Final = 8
"""Rows in which questions stand, above the options."""

SCORE_TOLERANCE: Final = 0.02
"""Greatest difference (0-10 scale) between the theme score and the mean of item means. They differ because a
sub-score is averaged over those who answered enough of its items, an item over those who answered it. At most 3 % of
an organisation's respondents leave an item out (2024): they would have to differ from the rest by 0.7 points in all
nine to move the mean by 0.02. The greatest difference in 2024 is 0.0096."""


def item_mean(percentages: Sequence[float]) -> float:
    """Return the mean score (0-10) of one item from the percentages of its five options, least favourable first."""
    return fsum(p * score for p, score in zip(percentages, SCORES, strict=True)) / fsum(percentages)


def item_sd(percentages: Sequence[float]) -> float:
    """Return the standard deviation (0-10 scale) of one item between respondents."""
    mean = item_mean(percentages)
    squares = fsum(p * (score - mean) ** 2 for p, score in zip(percentages, SCORES, strict=True))
    return sqrt(squares / fsum(percentages))


def engagement_standard_error(
    option_percentages: Sequence[Sequence[float]],
    base: float,
    *,
    inter_item_correlation: float = INTER_ITEM_CORRELATION,
    design_effect: float = DESIGN_EFFECT,
) -> float:
    """Return the standard error of a theme score (0-10): none is published (docs/statistics.md, decision 6).

    `option_percentages` holds one row of five for each of q items, `base` the number of respondents. The sd of the
    mean of q items is mean(sd) sqrt((1 + (q - 1) r) / q) with r the inter-item correlation; the standard error is
    sd sqrt(design effect / base). No finite-population correction: the target is the staff that could have answered.
    Raises `ValueError` for a base that is not positive.
    """
    if base <= 0:
        raise ValueError(f"a base of {base} respondents has no standard error")
    count = len(option_percentages)
    mean_sd = fsum(item_sd(row) for row in option_percentages) / count
    sd = mean_sd * sqrt((1 + (count - 1) * inter_item_correlation) / count)
    return sd * sqrt(design_effect / base)


def read_staff_survey(files: Sequence[Path], period: Period) -> Publication:
    """Return the engagement score (0-10), its standard error and its base, by acute organisation.

    Raises `DataError` with every fault: options that do not sum to 100 %, or a theme score that its items do not give.
    """
    return read_engagement({name: read_xlsx(files[0], name) for name in SHEETS}, period, tuple(files))


def read_engagement(sheets: Mapping[str, Sheet], period: Period, files: tuple[Path, ...] = ()) -> Publication:
    """Return the same from the three sheets that it needs (`SHEETS`), already read."""
    faults: list[Fault] = []
    raise_faults(_check_organisations(sheets))
    scores = _read_scores(sheets[THEMES], faults)
    items = {item: _read_item(sheets[name], item, options, faults) for item, (name, options) in ITEMS.items()}
    raise_faults(faults)
    suppressed = [c for c in scores if scores[c] is None or any(items[i].get(c) is None for i in items)]
    rows: list[Record] = []
    gaps: list[float] = []
    for code, score in scores.items():
        options = [items[item].get(code) for item in ITEMS]
        if score is None or any(option is None for option in options):
            continue
        shares = [option for option in options if option is not None]
        gaps.append(abs(score[0] - fsum(item_mean(share) for share in shares) / len(shares)))
        faults += _check_score(sheets[THEMES], code, gaps[-1])
        rows.append(
            (SPLIT.get(code, code), INDICATOR, *period, score[0], engagement_standard_error(shares, score[1]), score[1])
        )
    if not rows:
        faults.append(
            sheets[THEMES].fault("no acute organisation has a score", f"Give the sheet with: {'; '.join(GROUPS)}")
        )
    raise_faults(faults)
    table = Table(COLUMNS, sort_rows(rows), _notes(suppressed, max(gaps, default=0.0)), files)
    return Publication({INDICATOR: table}, (_benchmark(rows, period),))


def _check_organisations(sheets: Mapping[str, Sheet]) -> list[Fault]:
    """Return a fault for every sheet without an organisation that another one has: it is cut short."""
    codes = {name: set(_kept(sheet)[1].values()) for name, sheet in sheets.items()}
    lacking = {name: sorted(set().union(*codes.values()) - codes[name]) for name in codes}
    return [
        sheets[name].fault(f"it lacks {', '.join(absent[:6])}, which another sheet has", "Fetch the whole file again")
        for name, absent in lacking.items()
        if absent
    ]


def _check_score(sheet: Sheet, code: str, gap: float) -> list[Fault]:
    if gap <= SCORE_TOLERANCE:
        return []
    problem = f"the theme score of {code} is {gap:.4f} from the mean of its items, more than {SCORE_TOLERANCE}"
    return [sheet.fault(problem, "Check the items and options of the theme in this year's technical guidance")]


def _kept(sheet: Sheet) -> tuple[int, dict[int, str]]:
    header = find_header(sheet, ["ODS code", "Benchmarking group"])
    code, group = (find_column(sheet, header, name) for name in ("ODS code", "Benchmarking group"))
    rows = range(header + 1, len(sheet.rows))
    return header, {row: plain(sheet.at(row, code)).upper() for row in rows if is_acute(sheet.at(row, group))}


def is_acute(group: Cell) -> bool:
    """Say whether a benchmarking group is one of acute trusts (`GROUPS`, which some years write otherwise)."""
    return heading(group).startswith("acute ")


def _read_scores(sheet: Sheet, faults: list[Fault]) -> dict[str, tuple[float, float] | None]:
    header, kept = _kept(sheet)
    column = find_column(sheet, header, "Staff Engagement - score")
    base = _base_beside(sheet, header, column)
    scores: dict[str, tuple[float, float] | None] = {}
    for row, code in kept.items():
        if is_mark(sheet.at(row, column)):
            scores[code] = None
            continue
        score = _read_within(sheet, row, column, 10, faults)
        count = read_count(sheet, row, base, faults)
        if count == 0:
            faults.append(sheet.fault("a score of no respondents", CORRECT, row=row, column=base))
        scores[code] = (score, count)
    return scores


def _base_beside(sheet: Sheet, header: int, score: int) -> int:
    """Return the column of the base that stands beside a score, to its right."""
    if heading(sheet.at(header, score + 1)).startswith("base"):
        return score + 1
    problem = f"no base stands beside {plain(sheet.at(header, score))!r}"
    remedy = "The layout is another one: give the file as published"
    raise DataError([sheet.fault(problem, remedy, row=header, column=score + 1)])


def _read_item(sheet: Sheet, item: str, options: Sequence[str], faults: list[Fault]) -> dict[str, list[float] | None]:
    header, kept = _kept(sheet)
    question = find_question(sheet, item)
    group_row = find_header(sheet, [question])
    columns = [find_column(sheet, header, name, group=question, group_row=group_row) for name in options]
    shares: dict[str, list[float] | None] = {}
    for row, code in kept.items():
        if any(is_mark(sheet.at(row, column)) for column in columns):
            shares[code] = None
            continue
        shares[code] = [_read_within(sheet, row, column, 100, faults) for column in columns]
        if abs(fsum(shares[code] or []) - 100) > SUM_TOLERANCE:
            problem = f"the options of {item} sum to {fsum(shares[code] or []):g} %"
            faults.append(sheet.fault(problem, "Fetch the file again", row=row, column=columns[0]))
    return shares


def find_question(sheet: Sheet, item: str) -> str:
    """Return the one heading of a question, such as `Q2a - I look ...`. Raises `DataError` if there is not one."""
    headings = questions(sheet.rows[:HEAD], item)
    if len(headings) == 1:
        return headings.pop()
    problem = f"{len(headings)} questions ask {WORDS[item]!r} ({item} in 2024); one is needed"
    raise DataError([sheet.fault(problem, "The layout is another one: give the file as published")])


def questions(rows: Sequence[Row], item: str) -> set[str]:
    """Return the headings in some rows that ask an item, whatever its number is."""
    asked = heading(WORDS[item])
    return {
        plain(cell)
        for row in rows
        for cell in row
        if (match := QUESTION.match(plain(cell))) and heading(match[1]).startswith(asked)
    }


def _read_within(sheet: Sheet, row: int, column: int, top: float, faults: list[Fault]) -> float:
    try:
        value = read_number(sheet.at(row, column))
    except ValueError:
        value = -1.0
    if not 0 <= value <= top:
        problem = f"{cell_text(sheet.at(row, column))} is not between 0 and {top:g}"
        faults.append(sheet.fault(problem, "Fetch the file again", row=row, column=column))
    return value


def _benchmark(rows: Sequence[Record], period: Period) -> Record:
    bases = [float(str(row[6])) for row in rows]
    mean = fsum(float(str(row[4])) * base for row, base in zip(rows, bases, strict=True)) / fsum(bases)
    return (INDICATOR, *period, None, None, mean, "mean over acute organisations, weighted by base")


def _notes(suppressed: Sequence[str], gap: float) -> tuple[str, ...]:
    return (
        f"Benchmarking groups kept: {'; '.join(GROUPS)}.",
        "The period is the autumn of the fieldwork, not a date given in the file.",
        "No standard error is published. It is derived from each trust's own option percentages: item sds on the "
        f"0-10 score, inter-item correlation {INTER_ITEM_CORRELATION}, design effect {DESIGN_EFFECT}.",
        f"The published score is the mean of the nine item means to within {gap:.4f} at every trust.",
        "Results are weighted by occupational group; base is the number of respondents, unweighted.",
        "R1F is reported in two parts: R1F1, its acute part, stands here as R1F; R1F2, ambulance, is left out.",
        f"Suppressed by the publisher (fewer than 10 responses), no row: {', '.join(suppressed) or 'none'}.",
    )
