"""Published results repeated from end to end: fits of the studies that ship, and all that needs no sampler."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.assemble import assemble, read_table
from ranktrust.assets import find_asset
from ranktrust.errors import FitError
from ranktrust.evidence.reproductions import Row, bristol_rows, rows_table, surgical_rows, without_sampler
from ranktrust.files import write_text
from ranktrust.panel import Panel
from ranktrust.publish import render_page
from ranktrust.run.answer import Answer, answer_one
from ranktrust.study import Study, read_study

Report = Callable[[str, float], None]
NAME: Final = "reproductions"
OUTLIER: Final = "Bristol"


def reproduce(outputs: Path, *, report: Report = lambda _step, _fraction: None) -> tuple[Path, pd.DataFrame]:
    """Repeat every published result, write `outputs`/reproductions/ with its table and page; the page and the table.

    Raises FitError where a fit fails its gate: its numbers would prove nothing.
    """
    rows: list[Row] = []
    published = pd.read_csv(find_asset("data", "reference/bugs_surgical.csv"), index_col="trust")
    for place, (name, effect) in enumerate((("surgical", "re"), ("surgical_independent", "fixed"))):
        report(f"fit {name}", place / 4)
        rows += surgical_rows(published, answered(_study(name)).table.rows, effect)
    report("fit bristol", 0.5)
    rows += _bristol(_study("bristol"))
    report("without a sampler", 0.9)
    rows += without_sampler(_shmi())
    table = rows_table(rows)
    folder = outputs / NAME
    write_text(folder / f"{NAME}.csv", table.to_csv(index=False, lineterminator="\n"))
    page = folder / f"{NAME}.html"
    render_page(find_asset("notebooks", NAME), page, parameters={"folder": str(folder.resolve())})
    return page, table


def _study(name: str) -> Study:
    return read_study(find_asset("studies", name))


def answered(study: Study, without: str | None = None) -> Answer:
    """The study's one indicator fitted and scored, one trust left out where it is named. Raises FitError, see above."""
    (asked,) = study.indicator
    panel = assemble(study)[asked.name]
    answer = answer_one(study, asked, panel if without is None else _left_out(panel, without))
    if not answer.table.facts.gate_passed:
        said = " ".join(item.sentence for item in answer.findings if item.verdict == "failed")
        raise FitError(f"study {study.name} failed its gate, so it reproduces nothing: {said}")
    return answer


def _left_out(panel: Panel, trust: str) -> Panel:
    rows = panel.observations
    kept = panel.trusts.drop(index=trust)
    return panel.derive(observations=rows[rows["trust"] != trust], trusts=kept, context=panel.context.loc[kept.index])


def _bristol(study: Study) -> list[Row]:
    posterior = answered(study, without=OUTLIER).fit["posterior"].to_dataset()
    return bristol_rows(new_hospital(posterior))


def new_hospital(posterior: xr.Dataset) -> xr.DataArray:
    """Log odds of a hospital that was not seen, (chain, draw): Normal(mu, sigma) in each draw."""
    noise = np.random.default_rng(1).normal(size=posterior["mu"].shape)
    return posterior["mu"] + posterior["sigma"] * xr.DataArray(noise, dims=posterior["mu"].dims)


def _shmi() -> pd.DataFrame:
    rows = read_table("shmi", _study("shmi")).rows.set_index("trust")
    return rows.astype({"observed": float, "expected": float})
