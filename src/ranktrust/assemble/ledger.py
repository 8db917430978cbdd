"""A study's ledger: every row of its figures accounted for, every gap with its reason, every odd return."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from ranktrust.assemble.covariates import context_entries, covariates_of
from ranktrust.assemble.odd_returns import odd_returns
from ranktrust.assemble.successions import current_codes, homes, successions_of
from ranktrust.assemble.tables import read_numbers, read_table
from ranktrust.assemble.trusts import FROM_FIGURES, TRUST_COLUMNS, closed_or_unopened, comparison_set
from ranktrust.intake.trusts import follow
from ranktrust.ledger import COLUMNS, Ledger, Source
from ranktrust.panel import Panel, period_text
from ranktrust.study import Study

_PUBLISHERS_NOTE = "The publisher's note"
_UNKNOWN = "not submitted, suppressed or not applicable"
"""Of a figure that the tidy table has not: publications differ in which marks mean which, and most say nothing."""
_NO_TRUST = "no NHS trust: an independent provider or another organisation"
_NO_TYPE = "not in the league table, which gives the types of trusts"


@dataclass(frozen=True, eq=False)
class _Account:
    """One indicator: its panel, its rows as published with the code of today (`home`), the periods used, who is who."""

    panel: Panel
    rows: pd.DataFrame
    current: pd.DataFrame
    window: tuple[str, ...]
    compared: pd.Index
    known: pd.DataFrame

    @property
    def name(self) -> str:
        return self.panel.only.name


def ledger_of(study: Study, panels: Mapping[str, Panel]) -> Ledger:
    """The ledger of the panels that `assemble` made of a study."""
    known = _known(study)
    accounts = [_account(study, panel, known) for panel in panels.values()]
    tables: dict[str, list[Mapping[str, object]]] = {
        "left_out": [entry for each in accounts for entry in _left_out(each, study)],
        "missing": [entry for each in accounts for entry in _missing(each)],
        "returns": [entry for each in accounts for entry in _returns(each, study)],
        "coverage": [entry for each in accounts for entry in _coverage(each)],
        "context": context_entries(study, sorted(set().union(*(panel.trusts.index for panel in panels.values())))),
    }
    return Ledger(
        study_title=study.title,
        noun=study.trusts.noun,
        set_description=study.trusts.description,
        date=study.date.isoformat(),
        sources=tuple(_source(each) for each in accounts),
        covariates=covariates_of(study),
        **{name: _frame(name, entries, known) for name, entries in tables.items()},
    )


def _known(study: Study) -> pd.DataFrame:
    """Every organisation that the study can name, by code, with TRUST_COLUMNS and why it is not open, if it is not."""
    if study.trusts.table == FROM_FIGURES:
        return comparison_set(study)
    rows = read_table(study.trusts.table, study).rows.drop_duplicates("trust")
    shut = [closed_or_unopened(row, study) for row in rows.to_dict("records")]
    return rows.assign(shut=shut).set_index("trust")[[*TRUST_COLUMNS, "shut"]]


def _frame(name: str, entries: Iterable[Mapping[str, object]], known: pd.DataFrame) -> pd.DataFrame:
    """The entries as a table of the ledger, names put to the codes that have one."""
    columns = list(COLUMNS[name])
    frame = pd.DataFrame(list(entries), columns=[column for column in columns if column != "trust_name"])
    return frame.assign(trust_name=frame["trust"].map(known["name"]).fillna(""))[columns]


def _account(study: Study, panel: Panel, known: pd.DataFrame) -> _Account:
    indicator = panel.only
    rows = read_numbers(read_table(indicator.name, study), indicator)
    compared = comparison_set(study).index
    current = current_codes(rows, indicator, study)
    current = current[current["trust"].isin(compared)]
    rows = rows.assign(home=rows["trust"].map(homes(rows["trust"], study)))
    return _Account(panel, rows, current, _window(panel, current["period"]), compared, known)


def _window(panel: Panel, periods: Iterable[str]) -> tuple[str, ...]:
    """The periods of the figures that the panel's one period covers."""
    (label,) = panel.periods
    start, _, end = label.partition("/")
    inside = [each for each in set(periods) if each.partition("/")[0] >= start and each.partition("/")[2] <= end]
    return tuple(sorted(inside))


def _source(account: _Account) -> Source:
    indicator, rows = account.panel.only, account.rows
    passport = indicator.passport
    used = rows[rows["home"].isin(account.compared) & rows["period"].isin(account.window)]
    return Source(
        indicator=indicator.name,
        title=indicator.title,
        publication=str(passport["title"]),
        publisher=str(passport["publisher"]),
        address=str(passport["address"]),
        licence=str(passport["licence"]),
        retrieved=str(passport["retrieved"]),
        published=_ends(rows["period"]),
        window=_ends(account.window),
        periods=rows["period"].nunique(),
        periods_used=len(account.window),
        trusts=len(account.panel.trusts),
        rows=len(rows),
        rows_used=len(used),
        rows_joined=int((used["home"] != used["trust"]).sum()),
        notes=tuple(str(note) for note in passport.get("notes", ())),
    )


def _returns(account: _Account, study: Study) -> list[dict[str, object]]:
    return odd_returns(account.panel.only, account.current, account.rows, study, window=account.window)


def _ends(periods: Iterable[str]) -> tuple[str, str]:
    dated = [label.split("/") for label in periods if "/" in label]
    return (min(start for start, _ in dated), max(end for _, end in dated)) if dated else ("", "")


def _left_out(account: _Account, study: Study) -> list[dict[str, object]]:
    """Every row that is not used under its own code: joined to another, outside the set, or before the window."""
    rows, name = account.rows, account.name
    own = rows["home"] == rows["trust"]
    inside = rows["home"].isin(account.compared)
    found = [
        _entry(name, str(code), len(group), _joined(str(code), group, account, study))
        for code, group in rows[~own].groupby("trust")
    ]
    found += [
        _entry(name, str(code), len(group), f"outside the comparison set: {_what(str(code), account.known)}")
        for code, group in rows[own & ~inside].groupby("trust")
    ]
    early = int((own & inside & ~rows["period"].isin(account.window)).sum())
    reason = f"before the periods compared: these are {period_text(account.panel.periods[0])}"
    return [*found, *([_entry(name, "", early, reason)] if early else [])]


def _entry(indicator: str, trust: str, rows: int, reason: str) -> dict[str, object]:
    return {"trust": trust, "indicator": indicator, "rows": rows, "reason": reason}


def _joined(code: str, group: pd.DataFrame, account: _Account, study: Study) -> str:
    home, steps = follow(code, successions_of(study), study.date, study.trusts.successors)
    path = ", then ".join(f"into {step.new} on {step.when}" for step in steps)
    if home not in account.compared:
        return f"merged {path}, which is outside the comparison set: {_what(home, account.known)}"
    used = int(group["period"].isin(account.window).sum())
    verb = "averaged with its own" if account.panel.only.kind == "estimate" else "added to its own"
    where = "all" if used == len(group) else f"{used} of them" if used else "none of them"
    return f"merged {path}: its rows are {verb}, {where} in the periods compared"


def _what(code: str, known: pd.DataFrame) -> str:
    """What an organisation is, as far as the table of trusts knows."""
    if code not in known.index:
        return _NO_TRUST
    kind, subtype = (str(known[column][code]) for column in ("type", "subtype"))
    if "shut" in known and known["shut"][code]:
        return f"{known['shut'][code]}, and no successor is recorded by then"
    if not subtype:
        return _NO_TYPE
    return f"{kind.lower()}, {subtype.rpartition(' - ')[2].lower()}" if kind else subtype


def _missing(account: _Account) -> list[dict[str, object]]:
    """Every gap of the window, with what the publisher says of it."""
    gaps = account.panel.missing
    rows = set(account.current["trust"])
    notes = [str(note) for note in account.panel.only.passport.get("notes", ())]
    return [
        {
            "trust": gap.trust,
            "indicator": account.name,
            "period": gap.period,
            "reason": _why(str(gap.trust), str(gap.period), str(gap.reason), notes, never=gap.trust not in rows),
        }
        for gap in gaps.itertuples()
    ]


def _why(trust: str, period: str, reason: str, notes: Iterable[str], *, never: bool) -> str:
    """The reason of a gap, and the publisher's own words on it where the passport has them."""
    if reason == "suppressed" and not never:
        return "its figure may not be published: the model sees it, and no row, rank or level shows it"
    said = [_words(note) for note in notes if _speaks_of(note, trust, period)]
    known = reason.replace("_", " ") if said or reason != "not_submitted" else _UNKNOWN
    first = known + (", no figure in any period" if never else "")
    return f"{first}; the publisher: {' '.join(said)}" if said else f"{first}; no reason is recorded"


def _speaks_of(note: str, trust: str, period: str) -> bool:
    dated = re.search(r"quarter from (\w+ \d{4})", note)
    of_period = dated is None or dated[1] == pd.Timestamp(period.partition("/")[0]).strftime("%B %Y")
    return note.startswith(_PUBLISHERS_NOTE) and of_period and re.search(rf"\b{re.escape(trust)}\b", note) is not None


def _words(note: str) -> str:
    return note.partition(": ")[2].strip()


def _coverage(account: _Account) -> list[dict[str, object]]:
    """The periods of the window with a figure, of each trust compared that the data know today."""
    current = account.current
    counts = current[current["period"].isin(account.window)].groupby("trust")["period"].nunique()
    trusts = sorted({*account.panel.trusts.index, *account.panel.missing["trust"]})
    of = len(account.window)
    return [
        {"trust": trust, "indicator": account.name, "periods": int(counts.get(trust, 0)), "of": of} for trust in trusts
    ]
