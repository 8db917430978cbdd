"""Period texts of publications, as the first and last day of the period."""

import calendar
import re
from datetime import date
from typing import Final

MONTHS: Final = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
SHORT_MONTHS: Final = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}

Period = tuple[date, date]


def read_month(text: str) -> Period:
    """Return the first and last day of a month: `March 2026`, `April 26`, `November  2024`, `MSitAE-MAY-2025`.

    Raises `ValueError` for any other text.
    """
    match = re.fullmatch(r"(?:MSitAE-)?([A-Za-z]+)[\s-]+(\d{4}|\d{2})", text.strip())
    month = _month(match[1]) if match else 0
    if not match or not month:
        raise ValueError(f"{text!r} is not a month")
    year = int(match[2]) + (2000 if len(match[2]) == 2 else 0)
    return month_of(year, month)


def read_quarter(text: str) -> Period:
    """Return the first and last day of a financial quarter: `Quarter 1, 2025-26 (April to June 2025)`.

    The quarter's number, the financial year and the months in brackets must agree. Raises `ValueError` otherwise.
    """
    match = re.fullmatch(
        r"Quarter ([1-4]), (\d{4})-(\d{2}) \(([A-Za-z]+) to ([A-Za-z]+) (\d{4})\)", " ".join(text.split())
    )
    if not match:
        raise ValueError(f"{text!r} is not a financial quarter")
    quarter, year = int(match[1]), int(match[2])
    start = month_of(year + (quarter == 4), (3 * quarter) % 12 + 1)[0]
    end = month_of(start.year, start.month + 2)[1]
    said = (_month(match[4]), _month(match[5]), int(match[6]), int(match[3]))
    if said != (start.month, end.month, end.year, (year + 1) % 100):
        raise ValueError(f"{text!r} contradicts itself")
    return start, end


def read_months(text: str) -> Period:
    """Return the first and last day of three months: `April to June 2025`. Raises `ValueError` for any other text."""
    match = re.fullmatch(r"([A-Za-z]+) to ([A-Za-z]+) (\d{4})", " ".join(text.split()))
    if not match:
        raise ValueError(f"{text!r} is not a quarter such as April to June 2025")
    start, end = (read_month(f"{month} {match[3]}") for month in match.group(1, 2))
    if months_between(start[0], end[1])[2:] != [end[0]]:
        raise ValueError(f"{text!r} is not three months")
    return start[0], end[1]


def month_of(year: int, month: int) -> Period:
    """Return the first and last day of a calendar month."""
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def months_between(first: date, last: date) -> list[date]:
    """Return the first day of every month from `first` to `last`, both included."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    months = (first.month - 1 + i for i in range(count))
    return [date(first.year + m // 12, m % 12 + 1, 1) for m in months]


def _month(word: str) -> int:
    return MONTHS.get(word.lower(), 0) or SHORT_MONTHS.get(word.lower().removesuffix("t"), 0)
