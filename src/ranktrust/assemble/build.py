"""A study and the figures in data/ to a panel: whose figures, under which code, and what was left out."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from ranktrust.assemble.benchmarks import with_benchmark, with_standard
from ranktrust.assemble.disclosing import with_disclosure
from ranktrust.assemble.passports import check_whole, read_passport
from ranktrust.assemble.successions import closed_by, current_codes, successions_of
from ranktrust.assemble.tables import read_numbers, read_table
from ranktrust.assemble.trusts import FROM_FIGURES, comparison_set, context_of, faults_of_covariates
from ranktrust.assets import find_asset
from ranktrust.errors import DataError, StudyError
from ranktrust.files import sha256_of
from ranktrust.panel import BASE, Indicator, Panel, check_panel, sum_periods
from ranktrust.study import Asked, DeclaredIndicator, Study, read_indicators
from ranktrust.vocabulary import KIND_COLUMNS


def assemble(study: Study, *, summed: bool = True) -> dict[str, Panel]:
    """The panel of each indicator that the study asks for, in the study's order.

    Counts are summed over the indicator's window, merged trusts' counts added under the code current at the
    study's date, and every trust outside the comparison set listed in `left_out`. Without `summed` a panel keeps every
    period of its figures, those before the window too, and has no benchmark. Raises StudyError for a name the data do
    not have and DataError that lists every fault in the figures.
    """
    definitions, declared = _definitions(study)
    unknown = [asked.name for asked in study.indicator if asked.name not in definitions]
    if unknown:
        raise StudyError(f"{study.path.name}: no indicator {', '.join(unknown)}; there are: {', '.join(definitions)}")
    trusts = comparison_set(study).drop(index=closed_by(successions_of(study), study.date), errors="ignore")
    context, trusts = context_of(study, trusts)
    panels: dict[str, Panel] = {}
    faults = faults_of_covariates(study, set(trusts.index))
    for asked in study.indicator:
        standard, delta = declared[asked.name].standard, declared[asked.name].delta
        indicator = with_standard(definitions[asked.name], study, asked, standard, delta)
        try:
            panel = _by_period(study, asked, indicator, trusts, context)
            panels[asked.name] = _summed(study, asked, panel) if summed else panel
        except DataError as error:
            faults.extend(error.faults)
    if faults:
        raise DataError(dict.fromkeys(faults))
    return panels


def _definitions(study: Study) -> tuple[dict[str, Indicator], dict[str, DeclaredIndicator]]:
    """The indicators that ship, with those of an indicators.toml beside the study added or in their place."""
    definitions: dict[str, Indicator] = {}
    declared: dict[str, DeclaredIndicator] = {}
    for path in indicator_files(study):
        found, written = read_indicators(path)
        definitions.update(found)
        declared.update(written)
    return definitions, declared


def indicator_files(study: Study) -> list[Path]:
    """The shipped indicators.toml, then the study's own if it has one."""
    shipped = find_asset("data", "indicators.toml")
    own = find_asset("data", "indicators.toml", beside=study.folder)
    return [shipped] if own == shipped else [shipped, own]


def figures_used(study: Study) -> dict[str, str]:
    """SHA-256 of every file of data/ that the study reads, by name, for the manifest."""
    names = ["standards.csv", "national.csv", "successions.csv"]
    names += [] if study.trusts.table == FROM_FIGURES else [f"{study.trusts.table}.csv", "places.csv"]
    names += ["context.csv"] if study.context else []
    names += [f"{study.official.table}{end}.csv" for end in ("", "_metrics")] if study.official else []
    names += [f"{asked.name}{end}" for asked in study.indicator for end in (".csv", ".passport.json")]
    files = {name: find_asset("data", name, beside=study.folder) for name in names}
    files.update({f"{'own ' * place}indicators.toml": path for place, path in enumerate(indicator_files(study))})
    return {name: sha256_of(path) for name, path in sorted(files.items())}


def _by_period(study: Study, asked: Asked, indicator: Indicator, trusts: pd.DataFrame, context: pd.DataFrame) -> Panel:
    table = read_table(asked.name, study)
    check_whole(table, study, asked.name)
    rows = current_codes(read_numbers(table, indicator), indicator, study)
    kept = rows[rows["trust"].isin(trusts.index)]
    indicator = with_disclosure(replace(indicator, passport=read_passport(study, asked.name)), study, asked, kept)
    base = [BASE] if indicator.kind == "estimate" and BASE in kept else []
    return check_panel(
        observations=kept[["trust", "indicator", "period", *KIND_COLUMNS[indicator.kind], *base]],
        trusts=trusts,
        indicators={indicator.name: indicator},
        context=context,
        missing=_missing(kept, trusts, indicator.name),
        left_out=_left_out(rows, trusts, indicator.name),
        nested=study.nested,
        files={indicator.name: table.path.name},
    )


def _summed(study: Study, asked: Asked, by_period: Panel) -> Panel:
    panel = sum_periods(by_period, asked.months)
    return panel.derive(indicators={asked.name: with_benchmark(panel, study)})


def _missing(kept: pd.DataFrame, trusts: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Every trust and period of the indicator without a row: not submitted, as far as the figures can say.

    The note is the trust's name, as a trust without any figure is in no other table of its panel.
    """
    every = pd.MultiIndex.from_product([trusts.index, sorted(kept["period"].unique())], names=["trust", "period"])
    gaps = every.difference(pd.MultiIndex.from_frame(kept[["trust", "period"]]), sort=False)
    frame = gaps.to_frame(index=False)
    return frame.assign(indicator=indicator, reason="not_submitted", note=frame["trust"].map(trusts["name"]))


def _left_out(rows: pd.DataFrame, trusts: pd.DataFrame, indicator: str) -> pd.DataFrame:
    others = rows[~rows["trust"].isin(trusts.index)]
    counts = others.groupby("trust").size().rename("rows").reset_index()
    return counts.assign(indicator=indicator, reason="outside the comparison set")
