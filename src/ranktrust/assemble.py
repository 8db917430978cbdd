"""A study and the figures in data/ to a panel: whose figures, under which code, and what was left out."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from ranktrust.assets import find_asset
from ranktrust.errors import DataError, Fault, StudyError
from ranktrust.files import sha256_of
from ranktrust.panel import Benchmark, Indicator, Panel, Standard, check_panel, period_label, sum_periods
from ranktrust.study import Asked, Study, read_indicators
from ranktrust.vocabulary import FIGURE_KEYS, KIND_COLUMNS

FROM_FIGURES = "figures"
_KEYS = ("trust", "indicator", "period")
_TRUST_COLUMNS = ("name", "region", "icb", "type", "subtype")


@dataclass(frozen=True)
class Table:
    """A table of data/: its rows as text, its path, and its digest."""

    path: Path
    rows: pd.DataFrame
    sha256: str


def assemble(study: Study) -> dict[str, Panel]:
    """The panel of each indicator that the study asks for, in the study's order.

    Counts are summed over the indicator's window, merged trusts' counts added under the code current at the
    study's date, and every trust outside the comparison set listed in `left_out`. Raises StudyError for a name the
    data do not have and DataError that lists every fault in the figures.
    """
    definitions, declared = read_indicators(find_asset("data", "indicators.toml", beside=study.folder))
    unknown = [asked.name for asked in study.indicator if asked.name not in definitions]
    if unknown:
        raise StudyError(f"{study.path.name}: no indicator {', '.join(unknown)}; there are: {', '.join(definitions)}")
    trusts = _comparison_set(study).drop(index=list(_successions(study)["old_trust"]), errors="ignore")
    context, trusts = _context(study, trusts)
    panels: dict[str, Panel] = {}
    faults = _faults_of_covariates(study, set(trusts.index))
    for asked in study.indicator:
        standard, delta = declared[asked.name].standard, declared[asked.name].delta
        indicator = _with_standard(definitions[asked.name], study, asked, standard, delta)
        try:
            panels[asked.name] = _panel(study, asked, indicator, trusts, context)
        except DataError as error:
            faults.extend(error.faults)
    if faults:
        raise DataError(dict.fromkeys(faults))
    return panels


def figures_used(study: Study) -> dict[str, str]:
    """SHA-256 of every file of data/ that the study reads, by name, for the manifest."""
    names = ["indicators.toml", "standards.csv", "national.csv", "successions.csv"]
    names += [] if study.trusts.table == FROM_FIGURES else [f"{study.trusts.table}.csv"]
    names += ["context.csv"] if study.context else []
    names += [f"{asked.name}.csv" for asked in study.indicator]
    return {name: sha256_of(find_asset("data", name, beside=study.folder)) for name in sorted(names)}


def _read(name: str, study: Study) -> Table:
    path = find_asset("data", f"{name}.csv", beside=study.folder)
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    return Table(path, rows, sha256_of(path))


def _comparison_set(study: Study) -> pd.DataFrame:
    if study.trusts.table == FROM_FIGURES:
        codes = sorted({code for asked in study.indicator for code in _read(asked.name, study).rows["trust"]})
        blank = dict.fromkeys(_TRUST_COLUMNS, "")
        names = {"name": [f"{study.trusts.noun.capitalize()} {code}" for code in codes]}
        return pd.DataFrame({**blank, **names}, index=pd.Index(codes, name="trust"))
    table = _read(study.trusts.table, study)
    rows = table.rows
    if study.trusts.subtypes:
        unknown = sorted(set(study.trusts.subtypes) - set(rows["subtype"]))
        if unknown:
            there = ", ".join(sorted(set(rows["subtype"]) - {""}))
            raise StudyError(
                f"{study.path.name}: no subtype {', '.join(unknown)} in {table.path.name}; there are: {there}"
            )
        rows = rows[rows["subtype"].isin(study.trusts.subtypes)]
    return rows.set_index("trust")[list(_TRUST_COLUMNS)].sort_index()


def _context(study: Study, trusts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Standardised covariates by trust, and the trusts with a note where a value is odd or set to the reference."""
    trusts = trusts.assign(note="")
    if not study.context:
        return pd.DataFrame(index=trusts.index), trusts
    table = _read("context", study)
    absent = sorted(set(study.context) - set(table.rows.columns))
    if absent:
        raise StudyError(f"{study.path.name}: {table.path.name} has no covariate {', '.join(absent)}")
    raw = table.rows.drop_duplicates("trust").set_index("trust").reindex(trusts.index)
    values = pd.DataFrame(index=trusts.index)
    notes = raw["note"].fillna("")
    for name, reference in study.context.items():
        column = (pd.to_numeric(raw[name], errors="coerce") - reference.centre) / reference.scale
        if reference.missing == "reference":
            notes = notes.where(column.notna(), [_said(f"{name} set to the reference", note) for note in notes])
            column = column.fillna(0.0)
        values[name] = column
    return values, trusts.assign(note=notes)


def _said(first: str, then: str) -> str:
    return f"{first}: {then}" if then else first


def _faults_of_covariates(study: Study, trusts: set[str]) -> list[Fault]:
    """A cell that is neither empty nor a number, and a second row of a trust."""
    if not study.context:
        return []
    table = _read("context", study)
    rows = table.rows[table.rows["trust"].isin(trusts)]
    cells = [
        (line, name)
        for name in study.context
        for line in rows.index[(rows[name] != "") & pd.to_numeric(rows[name], errors="coerce").isna()]
    ]
    return [
        *(_no_number(table, line, name, "Correct it, or leave it empty where there is none") for line, name in cells),
        *(
            Fault(
                table.path.name,
                f"line {line + 2}",
                f"trust {table.rows['trust'].iloc[line]} occurs twice",
                "Keep one row",
            )
            for line in rows.index[rows["trust"].duplicated()]
        ),
    ]


def _no_number(table: Table, row: int, column: str, remedy: str, what: str = "a number") -> Fault:
    cell = table.rows[column].iloc[row]
    return Fault(table.path.name, f"line {row + 2}, column {column}", f"{cell!r} is not {what}", remedy)


def _with_standard(indicator: Indicator, study: Study, asked: Asked, default: str, delta: float) -> Indicator:
    """The indicator with the standard it is compared with; the benchmark takes its place where there is none."""
    name = asked.standard or default
    delta = delta if asked.delta is None else asked.delta
    if not name:
        return replace(indicator, standard=Standard("", 0.0, delta, ""))
    table = _read("standards", study)
    row = table.rows.query("indicator == @indicator.name and standard == @name")
    if len(row) != 1:
        there = ", ".join(table.rows.query("indicator == @indicator.name")["standard"]) or "none"
        raise StudyError(
            f"{study.path.name}: no standard {name!r} for {indicator.name} in standards.csv; there are: {there}"
        )
    return replace(indicator, standard=Standard(name, float(row["value"].item()), delta, row["source"].item()))


def _panel(study: Study, asked: Asked, indicator: Indicator, trusts: pd.DataFrame, context: pd.DataFrame) -> Panel:
    table = _read(asked.name, study)
    rows = _numbers(table, indicator)
    rows = rows.assign(
        period=[period_label(*pair) for pair in zip(rows["period_start"], rows["period_end"], strict=True)]
    )
    rows = _current_codes(rows, indicator, study)
    kept = rows[rows["trust"].isin(trusts.index)]
    passport = json.loads(find_asset("data", f"{asked.name}.passport.json", beside=study.folder).read_text("utf-8"))
    indicator = replace(indicator, passport=MappingProxyType(passport))
    monthly = check_panel(
        observations=kept[["trust", "indicator", "period", *KIND_COLUMNS[indicator.kind]]],
        trusts=trusts,
        indicators={indicator.name: indicator},
        context=context,
        missing=_missing(kept, trusts, indicator.name),
        left_out=_left_out(rows, trusts, indicator.name),
        nested=study.nested,
        files={indicator.name: table.path.name},
    )
    panel = sum_periods(monthly, asked.months)
    return panel.derive(indicators={indicator.name: _with_benchmark(panel, study)})


def _numbers(table: Table, indicator: Indicator) -> pd.DataFrame:
    """The figure columns as numbers; a cell that is not one is a fault with its line."""
    columns = list(KIND_COLUMNS[indicator.kind])
    absent = [name for name in (*FIGURE_KEYS, *columns) if name not in table.rows.columns]
    if absent:
        raise DataError(
            [
                Fault(table.path.name, "header", f"has no column {name}", "Name the columns as in data/README.md")
                for name in absent
            ]
        )
    numbers = table.rows[columns].apply(lambda column: pd.to_numeric(column, errors="coerce")).astype(float)
    remedy = "Correct it or take the row out"
    bad = [_no_number(table, row, columns[column], remedy) for row, column in np.argwhere(numbers.isna().to_numpy())]
    for name in ("period_start", "period_end"):
        dated = pd.to_datetime(table.rows[name], format="%Y-%m-%d", errors="coerce").notna()
        odd = ~dated & ((table.rows["period_start"] != "") | (table.rows["period_end"] != ""))
        bad += [_no_number(table, row, name, remedy, "a date") for row in np.flatnonzero(odd).tolist()]
    if bad:
        raise DataError(bad)
    if "base" in table.rows:
        numbers["base"] = pd.to_numeric(table.rows["base"], errors="coerce").astype(float)
    return table.rows[list(FIGURE_KEYS)].join(numbers)


def _successions(study: Study) -> pd.DataFrame:
    """The successions up to the study's date, in order of date."""
    rows = _read("successions", study).rows
    return rows[pd.to_datetime(rows["date"]) <= pd.Timestamp(study.date)].sort_values("date")


def _current_codes(rows: pd.DataFrame, indicator: Indicator, study: Study) -> pd.DataFrame:
    """Rows under the codes current at the study's date; counts of merged trusts are added up.

    Chains of successions are followed in order of date. Counts add; estimates are averaged by their base. Only rows
    that a succession joins are pooled: a row that stands twice in the file stays twice, for `check_panel` to refuse.
    """
    trust = rows["trust"]
    for change in _successions(study).itertuples(index=False):
        trust = trust.where(trust != change.old_trust, change.new_trust)
    keys = list(_KEYS)
    renamed = rows.assign(trust=trust, occurrence=rows.groupby(keys).cumcount())
    joined = renamed.duplicated([*keys, "occurrence"], keep=False)
    if not joined.any():
        return renamed
    if indicator.kind == "estimate":
        pooled = _pooled_estimates(renamed[joined], f"{indicator.name}.csv")
    else:
        pooled = renamed[joined].groupby([*keys, "occurrence"])[list(KIND_COLUMNS[indicator.kind])].sum().reset_index()
    return pd.concat([renamed[~joined], pooled], ignore_index=True)


def _pooled_estimates(rows: pd.DataFrame, file: str) -> pd.DataFrame:
    """Estimates of merged trusts as their mean weighted by base, with its standard error."""
    keys = [*_KEYS, "occurrence"]
    if "base" not in rows or not (rows["base"] > 0).all():
        raise DataError(
            [
                Fault(
                    file,
                    f"trust {row.trust}, period {row.period}",
                    "has estimates from two merged trusts and no base above zero",
                    "Add the column base (number of responses), or give the merged trust's own estimate",
                )
                for row in rows[rows.duplicated(keys)].itertuples()
            ]
        )
    weighted = rows.assign(
        estimate=rows["base"] * rows["estimate"], square=(rows["base"] * rows["standard_error"]) ** 2
    )
    sums = weighted.groupby(keys, sort=False)[["estimate", "square", "base"]].sum()
    sums["standard_error"] = np.sqrt(sums["square"]) / sums["base"]
    sums["estimate"] /= sums["base"]
    return sums.reset_index().drop(columns="square")


def _missing(kept: pd.DataFrame, trusts: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Every trust and period of the indicator without a row: not submitted, as far as the figures can say."""
    every = pd.MultiIndex.from_product([trusts.index, sorted(kept["period"].unique())], names=["trust", "period"])
    gaps = every.difference(pd.MultiIndex.from_frame(kept[["trust", "period"]]), sort=False)
    return gaps.to_frame(index=False).assign(indicator=indicator, reason="not_submitted", note="")


def _left_out(rows: pd.DataFrame, trusts: pd.DataFrame, indicator: str) -> pd.DataFrame:
    others = rows[~rows["trust"].isin(trusts.index)]
    counts = others.groupby("trust").size().rename("rows").reset_index()
    return counts.assign(indicator=indicator, reason="outside the comparison set")


def _with_benchmark(panel: Panel, study: Study) -> Indicator:
    """The indicator with the national value of the panel's window, and as its standard where it has none."""
    indicator = panel.only
    table = _read("national", study)
    rows = table.rows.query("indicator == @indicator.name")
    (period,) = panel.periods
    start, _, end = period.partition("/")
    rows = rows[(rows["period_start"] >= start) & (rows["period_end"] <= end)]
    if rows.empty:
        named = indicator.standard if indicator.standard and indicator.standard.name else None
        return replace(indicator, standard=named)
    counts = rows[["numerator", "denominator"]].apply(pd.to_numeric).sum()
    value = counts["numerator"] / counts["denominator"] if counts["denominator"] else float(rows["value"].iloc[-1])
    benchmark = Benchmark(float(value), rows["basis"].iloc[-1])
    standard = indicator.standard
    if standard is not None and not standard.name:
        standard = Standard("national value", benchmark.value, standard.delta, benchmark.basis)
    return replace(indicator, benchmark=benchmark, standard=standard)
