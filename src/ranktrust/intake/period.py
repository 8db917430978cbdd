"""Period texts of publications, as the first and last day of the period."""

import calendar
import re
from datetime import date
from typing import Final

MONTHS: Final = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
SHORT_MONTHS: Final = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}

STATUS: Final = re.compile(r"\(?\b(provisional|revised|final|published)\b\)?", re.IGNORECASE)
"""What may stand beside a period without being part of it."""

MONTH: Final = re.compile(r"(?:(?:MSitAE|RTT|DM01)[\s-]+)?([A-Za-z]+)[\s,-]*(\d{4}|\d{2})", re.IGNORECASE)
ISO_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?: 00:00:00)?")
DAY: Final = re.compile(
    r"\b(\d{4})-(\d{2})-(\d{2})\b|\b(\d{1,2})(?:st|nd|rd|th)?(?: of)?[ /.-]([a-z]+|\d{1,2}),?[ /.-](\d{4}|\d{2})\b",
    re.IGNORECASE,
)
_FINANCIAL: Final = r"(\d{4}) ?[-/] ?(?:20)?(\d{2})"
_NUMBER: Final = r"\b(?:quarter|qtr|q) ?([1-4])\b"
QUARTER: Final = re.compile(rf"{_NUMBER}[ ,:-]*{_FINANCIAL}\b|\b{_FINANCIAL}[ ,:-]*{_NUMBER}", re.IGNORECASE)
THREE_MONTHS: Final = re.compile(r"\b([a-z]+)(?: (\d{4}|\d{2}))? ?(?:to|-) ?([a-z]+) (\d{4}|\d{2})\b", re.IGNORECASE)
SPAN: Final = re.compile(r"\b([a-z]+) ?(\d{4}|\d{2}) ?(?:to|-|\u2013) ?([a-z]+) ?(\d{4}|\d{2})\b", re.IGNORECASE)

Period = tuple[date, date]


def read_month(text: str) -> Period:
    """Return the first and last day of a month: `March 2026`, `April 26`, `Sept-20`, `MSitAE-MAY-2025`, `2026-04-01`.

    A full date must be the first or the last day of its month. Raises `ValueError` for any other text.
    """
    bare = STATUS.sub("", text).strip(" -,")
    if day := ISO_DAY.fullmatch(bare):
        return _whole_month(date(*map(int, day.groups())), text)
    match = MONTH.fullmatch(bare)
    month = _month(match[1]) if match else 0
    if not match or not month:
        raise ValueError(f"{text!r} is not a month")
    return month_of(_year(match[2]), month)


def _whole_month(day: date, text: str) -> Period:
    period = month_of(day.year, day.month)
    if day not in period:
        raise ValueError(f"{text!r} is not a month: it is neither its first nor its last day")
    return period


def _year(digits: str) -> int:
    return int(digits) + (2000 if len(digits) == 2 else 0)


def read_quarter(text: str) -> Period:
    """Return the first and last day of a financial quarter.

    `Quarter 1, 2025-26 (April to June 2025)`, `Q3 2019/20` and `October to December 2024` are quarters. Where number
    and months both stand, they must agree. Raises `ValueError` for any other text.
    """
    bare = " ".join(STATUS.sub("", text.replace("\u2013", "-")).split())
    named, months = QUARTER.search(bare), None
    rest = QUARTER.sub("", bare, count=1) if named else bare
    months = THREE_MONTHS.search(rest)
    rest = THREE_MONTHS.sub("", rest, count=1).strip(" ,;:()-")
    if rest or not (named or months):
        raise ValueError(f"{text!r} is not a financial quarter")
    said = [_numbered(named, text)] if named else []
    said += [read_months(months[0])] if months else []
    if said[0] != said[-1]:
        raise ValueError(f"{text!r} contradicts itself")
    return said[0]


def find_quarter(text: str) -> Period | None:
    """Return the financial quarter that a title names among other words, as `..., Quarter 1 2010-11`, or None."""
    named = QUARTER.search(text)
    return _numbered(named, text) if named else None


def _numbered(match: re.Match[str], text: str) -> Period:
    quarter, year, next_year = int(match[1] or match[6]), int(match[2] or match[4]), int(match[3] or match[5])
    if next_year != (year + 1) % 100:
        raise ValueError(f"{text!r} contradicts itself")
    start = month_of(year + (quarter == 4), (3 * quarter) % 12 + 1)[0]
    return start, month_of(start.year, start.month + 2)[1]


def read_months(text: str) -> Period:
    """Return the first and last day of three months: `April to June 2025`. Raises `ValueError` for any other text."""
    match = THREE_MONTHS.fullmatch(" ".join(text.split()))
    if not match:
        raise ValueError(f"{text!r} is not a quarter such as April to June 2025")
    last = _year(match[4])
    start, end = read_month(f"{match[1]} {match[2] or last}"), read_month(f"{match[3]} {last}")
    if months_between(start[0], end[1])[2:] != [end[0]]:
        raise ValueError(f"{text!r} is not three months")
    return start[0], end[1]


def read_day(text: str) -> date | None:
    """Return the one day that a text names (`13th November 2025`, `13/11/2025 (v2)`, `2025-11-13`), or None."""
    found = {day for match in DAY.finditer(text) if (day := _named_day(match))}
    return found.pop() if len(found) == 1 else None


def _named_day(match: re.Match[str]) -> date | None:
    year, month, day = (match[i] or match[j] for i, j in ((1, 6), (2, 5), (3, 4)))
    number = int(month) if month.isdigit() else _month(month)
    try:
        return date(_year(year), number, int(day))
    except ValueError:
        return None


def find_year(text: str) -> Period | None:
    """Return the twelve months that a title names, as in `January 2025 to December 2025` or `Jan25-Dec25`, or None."""
    for match in SPAN.finditer(text):
        if _month(match[1]) and _month(match[3]):
            start = month_of(_year(match[2]), _month(match[1]))[0]
            end = month_of(_year(match[4]), _month(match[3]))[1]
            if start < end and len(months_between(start, end)) == 12:
                return start, end
    return None


def month_of(year: int, month: int) -> Period:
    """Return the first and last day of a calendar month."""
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def months_between(first: date, last: date) -> list[date]:
    """Return the first day of every month from `first` to `last`, both included."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    months = (first.month - 1 + i for i in range(count))
    return [date(first.year + m // 12, m % 12 + 1, 1) for m in months]


def _month(word: str) -> int:
    return MONTHS.get(word.lower(), 0) or SHORT_MONTHS.get(word.lower(), 0)
