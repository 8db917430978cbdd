"""Small league tables and a small run folder, made without a fit."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.league import LeagueTable, write_league_table
from ranktrust.league.bands import NO_BANDS
from ranktrust.league.table import ROW_COLUMNS, TEXT_COLUMNS, Facts
from ranktrust.store import write_tree

NASTY = "<img src=x onerror=alert(1)> & \"Sons\" 'Trust'"
NAMES = ("Ash", "Birch", NASTY, "Damson", "Elder", "Fir", "Gorse", "Hazel")
CODES = tuple(f"R{letter}X" for letter in "ABCDEFGH")
FACTS: dict[str, Any] = {
    "study": "tiny", "study_title": "A tiny study", "noun": "trust", "set_description": "eight made-up trusts",
    "indicator": "tiny_4h", "title": "Seen within four hours", "kind": "proportion", "best": "highest",
    "unit": "of attendances", "domain": "urgent care", "comparability": "direct", "caution": "Compare with care.",
    "caution_source": "the publisher's notes", "period": "June 2025", "n": 8, "model": "proportion",
    "statement": "y ~ Binomial(n, p) & <b>more</b>", "latent": "outcome", "scenario": "this_period", "share_mean": 0.1,
    "share_source": "made up", "share_guess": True,
        "priors": {}, "prob": 0.95, "top": 2, "bottom": 2, "ranked": True,
    "rank_reason": None, "benchmark": 0.6, "benchmark_basis": "made up", "standard": 0.65, "standard_name": "target",
    "standard_source": "made up", "delta": 0.01, "covariates": ("deprivation",), "nested": (),
    "band_lambda": 0.25, "band_sizes": (3, 3, 2), "pairs_split": 0.75, "misordered": 0.03, "misordered_mcse": 0.0004,
    "misordered_split": 0.04, "misordered_split_mcse": 0.0005, "p_bands_right": 0.0, "p_bands_right_mcse": 0.002,
    "sets": {"widened": 1, "calibration": 0.95, "held_out": 0.93, "held_out_mcse": 0.02, "final": 0.96},
    "context_share": (0.05, 0.00001, 0.2), "poth": 0.8, "spearman_low": 0.7, "draws": 240, "smallest_ess": 200.0,
    "gate_passed": True, "findings": ({"name": "energy", "verdict": "passed", "sentence": "Fine.", "remedy": ""},),
    "source": {"title": "Figures", "publisher": "A publisher", "licence": "OGL", "address": "https://example.org/x",
               "attribution": "Contains figures.", "retrieved": "2026-01-01", "sha256": "ab" * 32, "notes": ["A note."],
               "published_files": [{"name": "a.csv", "sha256": "cd" * 32}]},
    "not_ranked": ("RZZ",), "reversed_bands": None,
}  # fmt: skip


def levels(draws: int = 60) -> xr.DataArray:
    """Log odds of eight trusts that fall from the first to the last, as (chain, draw, trust)."""
    noise = np.random.default_rng(5).normal(0, 0.15, (4, draws, 8))
    values = np.linspace(1.2, -0.2, 8) + noise
    coords = {"chain": range(4), "draw": range(draws), "trust": list(CODES)}
    return xr.DataArray(values, dims=("chain", "draw", "trust"), coords=coords)


def tiny_table(**changes: object) -> LeagueTable:
    """A table of eight trusts, scored by hand from `levels`; `changes` are to its facts."""
    facts = Facts.of(FACTS | ({} if changes.get("ranked", True) else {**NO_BANDS, "sets": None}) | changes)
    flat = levels().to_numpy().reshape(-1, 8)
    ranks = (-flat).argsort(axis=1).argsort(axis=1) + 1
    pmf = pd.DataFrame(
        [[np.mean(ranks[:, i] == k) for k in range(1, 9)] for i in range(8)], index=list(CODES), columns=range(1, 9)
    )
    above = pd.DataFrame(
        [[np.mean(flat[:, i] > flat[:, j]) for j in range(8)] for i in range(8)], index=list(CODES), columns=list(CODES)
    )
    rows = _rows(flat, ranks, above)
    rows.index.name = pmf.index.name = above.index.name = "trust"
    if facts.ranked:
        return LeagueTable.of(facts, rows=rows, rank_pmf=pmf, p_above=above)
    places = ["expected_rank", "rank_lower", "rank_upper", "set_lower", "set_upper", "band"]
    blank = [*places, "p_top_quarter", "p_bottom_quarter"]
    rows = rows.assign(indistinct_from="", **dict.fromkeys(blank, np.nan))
    return LeagueTable.of(facts, rows=rows, rank_pmf=pd.DataFrame(), p_above=pd.DataFrame())


def _rows(flat: np.ndarray, ranks: np.ndarray, above: pd.DataFrame) -> pd.DataFrame:
    natural = 1 / (1 + np.exp(-flat))
    low, high = np.quantile(natural, [0.025, 0.975], axis=0)
    near = [" ".join(b for b in CODES if b != a and 0.05 < above.loc[a, b] < 0.95) for a in CODES]
    columns: dict[str, Any] = dict.fromkeys(ROW_COLUMNS, 200.0) | dict.fromkeys(TEXT_COLUMNS, "")
    columns |= {name: 0.01 for name in ROW_COLUMNS if name.endswith("_mcse")}
    columns |= {
        "trust_name": list(NAMES), "region": "The Region", "figure": "61 of 100", "note": ["check", *[""] * 7],
        "estimate": natural.mean(axis=0), "estimate_lower": low, "estimate_upper": high,
        "performance": natural.mean(axis=0) + 0.004, "performance_lower": low, "performance_upper": high,
        "expected_rank": ranks.mean(axis=0), "median_rank": np.median(ranks, axis=0),
        "rank_lower": np.quantile(ranks, 0.025, axis=0, method="lower"),
        "rank_upper": np.quantile(ranks, 0.975, axis=0, method="higher"),
        "p_top_quarter": (ranks <= 2).mean(axis=0), "p_bottom_quarter": (ranks > 6).mean(axis=0),
        "p_above_standard": (natural > 0.66).mean(axis=0), "p_below_standard": (natural < 0.64).mean(axis=0),
        "set_lower": ranks.min(axis=0), "set_upper": ranks.max(axis=0),
        "band": [1, 1, 1, 2, 2, 2, 3, 3], "indistinct_from": near,
    }  # fmt: skip
    return pd.DataFrame(columns, index=list(CODES))


def tiny_fit() -> xr.DataTree:
    """A fit of four short chains: enough to draw every picture, too little to pass the gate."""
    level, random = levels(), np.random.default_rng(9)
    chains = {"chain": level["chain"], "draw": level["draw"]}
    scalar = xr.DataArray(random.normal(size=(4, 60)), dims=("chain", "draw"), coords=chains)
    never = xr.zeros_like(scalar, dtype=bool)
    y = xr.DataArray(random.poisson(50, (4, 60, 8)), dims=("chain", "draw", "observation"))
    groups: dict[str, dict[str, xr.DataArray]] = {
        "posterior": {"mu": scalar, "total": level, "outcome": level, "performance": level},
        "log_prior": {"mu": scalar},
        "sample_stats": {"diverging": never, "reached_max_treedepth": never, "energy": scalar},
        "observed_data": {"y": y.isel(chain=0, draw=0)},
        "posterior_predictive": {"y": y},
    }
    return xr.DataTree.from_dict({name: xr.Dataset(variables) for name, variables in groups.items()})


def tiny_run(folder: Path) -> Path:
    """A run folder with one ranked indicator and its fit."""
    write_league_table(tiny_table(), folder / "tables")
    write_tree(tiny_fit(), folder / "fits" / "tiny_4h.nc")
    return folder
