"""Tables about organisations and areas: the register of trusts, successions, deprivation, catchments, types."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Final

from ranktrust.intake.layouts.layout import Layout
from ranktrust.intake.opening import CSV_SHEET, Book
from ranktrust.intake.organisations import REGION_CODES, REGISTER_WIDTH
from ranktrust.intake.reading import CODE, Ledger, Reading, check_above, column, open_ledger, skip_words
from ranktrust.intake.sheet import is_mark, plain, read_number
from ranktrust.intake.tidy import Record, Table, Value, sort_rows

REGISTER: Final = ("trust", "name", "region", "icb_code", "postcode", "opened", "closed")
CODES: Final = frozenset({"trust_code", "org_code"})
SUCCESSION: Final = ("old_code", "new_code", "date", "note")


def read_register(book: Book) -> Reading:
    """Return the register of trusts (`etr.csv`): code, name, region, board, postcode, days opened and closed."""
    ledger = Ledger(book.sheet(CSV_SHEET), -1)
    rows: list[Record] = []
    for index, row in enumerate(ledger.sheet.rows):
        cells = [plain(cell) for cell in row]
        cells[0:1] = [cell.upper() for cell in cells[0:1]]
        if skip_words(ledger, index):
            continue
        if len(cells) != REGISTER_WIDTH or not CODE.fullmatch(cells[0]):
            problem = f"{len(cells)} columns from {cells[0]!r}; the register has {REGISTER_WIDTH} from a code"
            ledger.fault(problem, index, remedy="Fetch the register again: it is cut short")
        else:
            days = [_day(ledger, index, cells[i], i) for i in (10, 11)]
            rows.append((cells[0], cells[1], REGION_CODES.get(cells[2], cells[2]), cells[3], cells[9], *days))
            ledger.kept.add(index)
    _check_keys(ledger, rows, 1)
    ledger.close()
    notes = ("Names and regions are those of the register's day; closed holds a day for trusts that have ended.",)
    return _reading("register", "trusts_register", Table(REGISTER, sort_rows(rows, 1), notes), ledger)


def _day(ledger: Ledger, row: int, text: str, index: int) -> date | None:
    if not text:
        return None
    try:
        return datetime.strptime(text.removesuffix(".0").replace("-", ""), "%Y%m%d").date()
    except ValueError:
        ledger.fault(f"{text!r} is not a day (yyyymmdd)", row, index)
        return None


def read_successions(book: Book) -> Reading:
    """Return every succession: old code, new code, day, and how where the source says so."""
    ledger = open_ledger(book.sheet(CSV_SHEET), ("old_code", "new_code", "date"))
    at = [column(ledger, name) for name in ("old_code", "new_code", "date")]
    check_above(ledger, at[0], at[1])
    rows: list[Record] = []
    for index in range(ledger.header + 1, len(ledger.sheet.rows)):
        if skip_words(ledger, index):
            continue
        old, new, when = (plain(ledger.sheet.at(index, i)) for i in at)
        old, new = old.upper(), new.upper()
        if not (CODE.fullmatch(old) and CODE.fullmatch(new)):
            ledger.fault(f"{old!r} or {new!r} is not a code", index, at[0])
        elif day := _day(ledger, index, when, at[2]):
            rows.append((old, new, day, plain(ledger.sheet.at(index, at[2] + 1))))
            ledger.kept.add(index)
        elif not when:
            ledger.fault("the day is not given", index, at[2])
    ledger.close()
    return _reading("successions", "successions_all", Table(SUCCESSION, sort_rows(rows, 3)), ledger)


def _table_reader(name: str, keys: tuple[str, ...], numbers: tuple[str, ...]) -> Callable[[Book], Reading]:
    def read(book: Book) -> Reading:
        ledger = open_ledger(book.sheet(CSV_SHEET), (*keys, *numbers))
        at = [column(ledger, key) for key in (*keys, *numbers)]
        for place in at[: len(keys)]:
            check_above(ledger, place, place)
        rows: list[Record] = []
        for index in range(ledger.header + 1, len(ledger.sheet.rows)):
            if skip_words(ledger, index):
                continue
            texts = [plain(ledger.sheet.at(index, i)) for i in at[: len(keys)]]
            texts = [text.upper() if key in CODES else text for key, text in zip(keys, texts, strict=True)]
            if not texts[0]:
                ledger.fault(f"{keys[0]} is blank", index, at[0])
            rows.append((*texts, *(_number(ledger, index, i) for i in at[len(keys) :])))
            ledger.kept.add(index)
        _check_keys(ledger, rows, len(keys))
        ledger.close()
        return _reading(name, name, Table((*keys, *numbers), sort_rows(rows, len(keys))), ledger)

    return read


def _number(ledger: Ledger, row: int, index: int) -> Value:
    cell = ledger.sheet.at(row, index)
    if is_mark(cell):
        return None
    try:
        return read_number(cell)
    except ValueError as error:
        ledger.fault(str(error), row, index)
        return None


def _check_keys(ledger: Ledger, rows: list[Record], keys: int) -> None:
    seen: dict[Record, int] = {}
    for index, row in zip(sorted(ledger.kept), rows, strict=True):
        first = seen.setdefault(row[:keys], index)
        if first != index:
            ledger.fault(f"{row[0]} stands here and in row {first + 1}", index, remedy="Remove one of the two")


def _reading(publication: str, name: str, table: Table, ledger: Ledger) -> Reading:
    return Reading(publication, (CSV_SHEET,), None, {name: table}, ledger.rows, tuple(ledger.left))


def _is_register(book: Book) -> bool:
    rows = book.sheet(CSV_SHEET).rows[:6]
    fit = sum(1 for row in rows if len(row) == REGISTER_WIDTH and CODE.fullmatch(plain(row[0])))
    return 0 < len(rows) <= 2 * fit


def _layout(name: str, title: str, keys: tuple[str, ...], numbers: tuple[str, ...]) -> Layout:
    return Layout(name, title, CSV_SHEET, (*keys, *numbers), _table_reader(name, keys, numbers))


LAYOUTS: Final = (
    Layout("register", "Register of trusts (etr)", CSV_SHEET, (), read_register, fits=_is_register),
    Layout(
        "successions", "Successions of organisations", CSV_SHEET, ("old_code", "new_code", "date"), read_successions
    ),
    _layout(
        "deprivation_catchments",
        "Deprivation of trusts' catchments (IMD 2019)",
        ("trust_code",),
        ("imd2019_avg_score", "imd2019_prop_lsoa_in_most_deprived_10pct", "catchment_weight_matched", "n_lads"),
    ),
    _layout(
        "deprivation_ltla19",
        "Deprivation of local authorities (IMD 2019)",
        ("ltla19_code",),
        ("Score", "Proportion", "Extent"),
    ),
    _layout(
        "deprivation_ltla24",
        "Deprivation of local authorities (IMD 2025)",
        ("ltla24_code", "ltla24_name"),
        ("imd_average_score", "imd25_extent"),
    ),
    _layout(
        "deprivation_icb24",
        "Deprivation of integrated care boards (IMD 2025)",
        ("icb24_code", "icb24_name"),
        ("imd_average_score", "imd_2025_extent"),
    ),
    _layout(
        "catchments",
        "Trusts' catchments by local authority",
        ("lad_code", "trust_code"),
        ("trust_prop_by_lad", "lad_prop_by_trust"),
    ),
    _layout(
        "regions", "Regions and integrated care boards of providers", ("org_code", "region", "org_name", "icb_name"), ()
    ),
    _layout("standards", "Standards set for indicators", ("indicator", "standard", "source"), ("value",)),
    _layout("surgical", "BUGS Surgical, twelve hospitals", ("hospital",), ("n_ops", "r_deaths")),
    _layout("heart_surgery", "Child heart surgery 1991-95 (Bristol)", ("Hospital",), ("Operations", "Deaths")),
    _layout("trust_types", "Types of trusts (stale)", ("trust_code", "primary_category"), ()),
)
