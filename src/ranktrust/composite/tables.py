"""Scores to the tables of a run: rows with every rank statement, what moves them, and the facts of the page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.errors import RunError
from ranktrust.files import write_json, write_text
from ranktrust.ranks import RankSummary, grade_trusts, poth, poth_mcse, spearman_between_draws
from ranktrust.vocabulary import CHAIN, DRAW, SCHEMA_VERSION, TRUST, Best

_TEXT = (
    "trust", "trust_name", "region", "subtype", "missing", "indicator", "other", "domain", "kind", "name", "title",
    "reason",
)  # fmt: skip
_TRUTHS = ("modelled", "in_deficit", "agrees", "under_caution")
NEAR = 0.05


@dataclass(frozen=True, eq=False)
class ScoreTables:
    """What a run keeps of a score: `facts`, which survive a JSON file, and `frames` by name, `rows` among them."""

    facts: Mapping[str, Any]
    frames: Mapping[str, pd.DataFrame]


def rank_columns(scores: xr.DataArray, summary: RankSummary, *, band_lambda: float) -> pd.DataFrame:
    """The rank statements of a league table, by trust: expected rank, interval, quarters, band, indistinct.

    `band` is the trust's grade at `band_lambda`, 1 first; `indistinct` is how many others it cannot be told from
    (0.05 < P(above) < 0.95).
    """
    names = ("expected_rank", "expected_rank_mcse", "median_rank", "rank_lower", "rank_upper", "ess_rank")
    columns = {name: summary.table[name].to_series() for name in names}
    for column, name in (("p_top_quarter", "p_top"), ("p_bottom_quarter", "p_bottom")):
        columns[column] = summary.table[name].to_series()
        columns[f"{column}_mcse"] = summary.table[f"{name}_mcse"].to_series()
    above = summary.table["p_above"].to_numpy()
    near = ((above > NEAR) & (above < 1 - NEAR)).sum(axis=1) - 1
    grades = grade_trusts(scores, best=summary.best, lambda_=band_lambda)
    return pd.DataFrame(columns).assign(band=grades.table["grade"].to_series(), indistinct=near)


def score_columns(scores: xr.DataArray, prob: float) -> pd.DataFrame:
    """Posterior mean and equal-tailed interval of each trust's score."""
    tails = scores.quantile([(1 - prob) / 2, (1 + prob) / 2], dim=(CHAIN, DRAW)).to_numpy()
    mean = scores.mean((CHAIN, DRAW)).to_numpy()
    index = pd.Index(scores[TRUST].to_numpy(), name=TRUST)
    return pd.DataFrame({"score": mean, "score_lower": tails[0], "score_upper": tails[1]}, index=index)


def rank_facts(scores: xr.DataArray, summary: RankSummary, best: Best) -> dict[str, Any]:
    """n, k of the quarters, precision of the order, and the size of the computation."""
    return {
        "n": summary.n,
        "top": summary.top,
        "bottom": summary.bottom,
        "prob": summary.prob,
        "best": best,
        "poth": poth(summary),
        "poth_mcse": poth_mcse(scores, best=best),
        "spearman_low": float(np.quantile(spearman_between_draws(scores, best=best), 0.05)),
        "draws": summary.samples,
        "smallest_ess": float(np.nanmin(summary.table["ess_rank"].to_numpy())),
    }


def pmf_frame(summary: RankSummary) -> pd.DataFrame:
    """P(rank = k), trust by rank."""
    frame = pd.DataFrame(summary.table["rank_pmf"].to_pandas())
    return frame.rename_axis(index=TRUST)


def above_frame(summary: RankSummary) -> pd.DataFrame:
    """P(row is better than column)."""
    frame = pd.DataFrame(summary.table["p_above"].to_pandas())
    return frame.rename_axis(index=TRUST)


def write_tables(tables: ScoreTables, folder: Path) -> None:
    """Write facts.json and one CSV a frame to `folder`."""
    write_json(folder / "facts.json", {"schema_version": SCHEMA_VERSION, **tables.facts})
    for name, frame in tables.frames.items():
        write_text(folder / f"{name}.csv", frame.to_csv(lineterminator="\n"))


def read_tables(folder: Path, name: str, *, first: str = "rows") -> ScoreTables:
    """The tables of the score `name` (composite, official, scoring, profile) in a run's folder of tables.

    `first` is the frame that may not be absent: `rows`, or `correlations` of a profile.

    Raises RunError when they are absent, damaged or of another schema version.
    """
    place = folder / name
    try:
        facts = json.loads((place / "facts.json").read_text(encoding="utf-8"))
        frames = {path.stem: _read(path) for path in (place / f"{first}.csv", *sorted(place.glob("*.csv")))}
        version = facts.pop("schema_version", None)
        if version != SCHEMA_VERSION:
            raise RunError(f"{place} has schema version {version!r}; this ranktrust reads {SCHEMA_VERSION}")
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RunError(f"the tables of {name} in {folder} cannot be read ({error}); run the study again") from error
    return ScoreTables(MappingProxyType(facts), MappingProxyType(frames))


def _read(path: Path) -> pd.DataFrame:
    header = list(pd.read_csv(path, nrows=0).columns)
    texts = dict.fromkeys([name for name in header if name in _TEXT] + header[:1], str)
    frame = pd.read_csv(path, dtype=texts, keep_default_na=False, na_values={name: [""] for name in header})
    frame = frame.assign(**{name: frame[name].fillna("") for name in texts})
    frame = frame.set_index(header[0])
    return frame.rename(columns=int) if path.stem.startswith("rank_pmf") else frame
