"""A fit and its panel to a LeagueTable: every number of it is computed here, once."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.gate import Finding, gate_passed
from ranktrust.league.published import hidden_figures, published_figures, usual_text
from ranktrust.league.ranking import NO_RANKING, rank_level
from ranktrust.league.table import CHECK_RETURN, ROW_COLUMNS, TEXT_COLUMNS, WEAK_ORDER, Facts, LeagueTable, Question
from ranktrust.panel import Panel, period_text, to_natural
from ranktrust.ranks import RankSummary, probability_beyond, summarise_ranks
from ranktrust.vocabulary import CHAIN, DRAW, KIND_COLUMNS, NESTED_IDX, TRUST, Scenario, quarter_of

UNLIKELY_ZERO = 20.0
"""A count of zero is noted where at least this many events would be usual: its Poisson probability is 2e-9."""
_OF_INDICATOR = ("title", "kind", "best", "unit", "domain", "comparability", "caution", "caution_source")


def score(fit: xr.DataTree, panel: Panel, findings: Iterable[Finding], question: Question) -> LeagueTable:
    """The league table of a one-indicator fit.

    An indicator whose publisher cautions against comparison is ranked only where the question has a `rank_reason`;
    otherwise its rank columns stay empty and its rows stand in the order of their names. Estimates are posterior
    means on the natural scale, with equal-tailed intervals of probability `question.prob`.
    """
    indicator, latent = panel.only, question.latent
    draws = fit["posterior"].to_dataset()
    if not all(np.isfinite(draws[name]).all() for name in (latent, "performance")):
        return _unscored(fit, panel, findings, question)
    ranked = indicator.ranked_by_default or question.rank_reason is not None
    summary = summarise_ranks(
        draws[latent], best=indicator.best, top=question.top, bottom=question.bottom, prob=question.prob
    )
    ranking = rank_level(draws[latent], summary, band_lambda=question.band_lambda) if ranked else NO_RANKING
    columns = {
        **_described(panel),
        **_levels(draws, panel, question),
        **_standard(draws[latent], panel),
        **ranking.columns,
    }
    rows = pd.DataFrame(columns, index=pd.Index(panel.trusts.index, name=TRUST)).reindex(columns=list(ROW_COLUMNS))
    texts = rows[list(TEXT_COLUMNS)].astype(object).fillna("").astype(str)
    rows = rows.assign(**{str(name): texts[name] for name in texts})
    rows = ordered(rows, ranked=ranked, spearman_low=ranking.facts["spearman_low"])
    return LeagueTable.of(
        Facts.of(
            {
                **_asked(question, fit),
                **_measured(panel, question),
                **_share(panel, question.scenario, fit),
                **_drawn(summary, tuple(findings)),
                **ranking.facts,
                "context_share": _context_share(draws, panel),
                "ranked": ranked,
            }
        ),
        rows=rows,
        rank_pmf=ranking.rank_pmf.loc[rows.index] if ranked else ranking.rank_pmf,
        p_above=ranking.p_above.loc[rows.index, rows.index] if ranked else ranking.p_above,
    )


def _unscored(fit: xr.DataTree, panel: Panel, findings: Iterable[Finding], question: Question) -> LeagueTable:
    """The table of a fit whose draws are not all finite: its rows are described and hold no number."""
    n, draws = len(panel.trusts), fit["posterior"].to_dataset()
    quarter = quarter_of(n)
    rows = pd.DataFrame(_described(panel), index=pd.Index(panel.trusts.index, name=TRUST))
    rows = rows.assign(indistinct_from="").reindex(columns=list(ROW_COLUMNS))
    nothing = dict.fromkeys(("context_share", "standard", "standard_name", "standard_source"))
    facts = {
        **_asked(question, fit),
        **_measured(panel, question),
        **_share(panel, question.scenario, fit),
        **_verdict(tuple(findings)),
        **nothing,
        **NO_RANKING.facts,
        "top": question.top or quarter,
        "bottom": question.bottom or quarter,
        "draws": draws.sizes[CHAIN] * draws.sizes[DRAW],
        "smallest_ess": 0.0,
        "ranked": False,
    }
    return LeagueTable.of(
        Facts.of(facts), rows=rows.sort_values("trust_name"), rank_pmf=pd.DataFrame(), p_above=pd.DataFrame()
    )


def ordered(rows: pd.DataFrame, *, ranked: bool, spearman_low: float | None) -> pd.DataFrame:
    """By expected rank; by band and name where rank draws agree too little (decision 17); by name where not ranked."""
    if not ranked:
        return rows.sort_values("trust_name", kind="stable")
    if spearman_low is not None and spearman_low < WEAK_ORDER:
        return rows.sort_values(["band", "trust_name"], kind="stable")
    return rows.sort_values("expected_rank", kind="stable")


def _described(panel: Panel) -> dict[str, pd.Series]:
    """Name, region, the published figure behind the row, and what is odd about it."""
    trusts, observations = panel.trusts, panel.observations.set_index("trust")
    parts = observations[list(KIND_COLUMNS[panel.only.kind])]
    names = {"trust_name": trusts["name"], "region": trusts["region"]}
    return {**names, "figure": published_figures(panel), "note": _notes(panel, parts)}


def _notes(panel: Panel, parts: pd.DataFrame) -> pd.Series:
    """What is odd about a row: its covariates, periods not submitted, no event where many would be usual."""
    gaps, benchmark = panel.missing.groupby("trust").size(), panel.only.benchmark
    notes = {trust: [text] if text else [] for trust, text in panel.trusts["note"].items()}
    for trust in gaps.index.intersection(list(notes)):
        notes[trust].append(f"{gaps[trust]} of the periods summed not submitted")
    if panel.only.kind == "proportion" and benchmark is not None:
        usual = parts["denominator"] * benchmark.value
        for trust in parts.index[(parts["numerator"] == 0) & (usual >= UNLIKELY_ZERO)]:
            notes[trust].append(f"no event where {usual_text(panel, usual[trust])} would be usual: {CHECK_RETURN}")
    for trust in hidden_figures(panel):
        notes[trust].append("count not shown, as it is small or would give a small one away")
    return pd.Series({trust: "; ".join(texts) for trust, texts in notes.items()})


def _levels(draws: xr.Dataset, panel: Panel, question: Question) -> dict[str, pd.Series]:
    """Mean and interval on the natural scale of the level shown, and of performance beside it."""
    columns, prob = {}, question.prob
    for column, name in (("estimate", question.latent), ("performance", "performance")):
        natural = xr.apply_ufunc(lambda values: to_natural(panel.only.kind, values), draws[name])
        tails = natural.quantile([(1 - prob) / 2, (1 + prob) / 2], dim=(CHAIN, DRAW))
        columns[column] = natural.mean((CHAIN, DRAW)).to_series()
        columns[f"{column}_lower"] = tails.isel(quantile=0, drop=True).to_series()
        columns[f"{column}_upper"] = tails.isel(quantile=1, drop=True).to_series()
    return columns


def _standard(level: xr.DataArray, panel: Panel) -> dict[str, pd.Series]:
    """P(natural scale > standard + delta) and P(natural scale < standard - delta), and the smaller ESS of the two."""
    standard = panel.only.standard
    if standard is None:
        return {}
    natural = xr.apply_ufunc(lambda values: to_natural(panel.only.kind, values), level)
    columns, sizes = {}, []
    for direction, threshold in (
        ("above", standard.value + standard.delta),
        ("below", standard.value - standard.delta),
    ):
        beyond = probability_beyond(natural, threshold, direction="above" if direction == "above" else "below")
        columns[f"p_{direction}_standard"] = beyond["p_beyond"].to_series()
        columns[f"p_{direction}_standard_mcse"] = beyond["p_beyond_mcse"].to_series()
        sizes.append(beyond["p_beyond_ess"].to_series())
    return {**columns, "ess_outcome": pd.concat(sizes, axis=1).min(axis=1)}


def _share(panel: Panel, scenario: Scenario, fit: xr.DataTree) -> dict[str, Any]:
    share = panel.only.shares[scenario]
    priors = json.loads(fit.attrs.get("priors", "{}"))
    return {"share_mean": share.mean, "share_source": share.source, "share_guess": share.guess, "priors": priors}


def _context_share(draws: xr.Dataset, panel: Panel) -> tuple[float, float, float] | None:
    """Var(x beta) / (Var(x beta) + the variances that it leaves), per draw: mean and 95 % bounds (decision 1)."""
    if panel.context.empty or "beta" not in draws or "s" not in draws:
        return None
    x = xr.DataArray(panel.context.to_numpy(), dims=(TRUST, "covariate"), coords={TRUST: draws[TRUST]})
    explained = (x * draws["beta"].drop_vars("covariate")).sum("covariate").var(TRUST)
    left = sum((draws[name] ** 2 for name in ("omega", "omega_icb") if name in draws), draws["s"] ** 2 * _tails(draws))
    share = explained / (explained + left)
    lower, upper = share.quantile([0.025, 0.975]).to_numpy()
    return float(share.mean()), float(lower), float(upper)


def _tails(draws: xr.Dataset) -> xr.DataArray | float:
    """The variance of a trust's level in units of s^2: nu / (nu - 2) under Student's t, 1 under the normal law."""
    return draws["nu"] / (draws["nu"] - 2) if "nu" in draws else 1.0


def _asked(question: Question, fit: xr.DataTree) -> dict[str, Any]:
    asked = asdict(question)
    kept = {name: value for name, value in asked.items() if name not in {"top", "bottom", "reads"}}
    return {**kept, "model": fit.attrs["model"]}


def _measured(panel: Panel, question: Question) -> dict[str, Any]:
    """The indicator as its publisher defines it, its period, and what it is compared with."""
    indicator = panel.only
    benchmark, standard = indicator.benchmark, indicator.standard
    (period,) = panel.periods
    absent = panel.missing.query("trust not in @panel.trusts.index").drop_duplicates("trust")
    hidden = absent["reason"].map({"suppressed": ", figure suppressed"}).fillna("")
    named = (absent["note"] + " (" + absent["trust"] + hidden + ")").str.strip()
    return {
        "indicator": indicator.name,
        **{name: getattr(indicator, name) for name in _OF_INDICATOR},
        "period": period_text(period),
        "n": len(panel.trusts),
        "benchmark": benchmark.value if benchmark else None,
        "benchmark_basis": benchmark.basis if benchmark else None,
        "standard": standard.value if standard else None,
        "standard_name": standard.name[:1].upper() + standard.name[1:] if standard else None,
        "standard_source": standard.source if standard else None,
        "delta": standard.delta if standard else 0.0,
        "covariates": tuple(panel.context.columns) if "context" in question.reads else (),
        "nested": tuple(name for name in panel.nested if NESTED_IDX[name] in question.reads),
        "source": dict(indicator.passport),
        "not_ranked": tuple(sorted(named)),
    }


def _drawn(summary: RankSummary, findings: tuple[Finding, ...]) -> dict[str, Any]:
    """The size of the computation and its verdict."""
    return {
        "top": summary.top,
        "bottom": summary.bottom,
        "draws": summary.samples,
        "smallest_ess": float(summary.table["ess_rank"].min()),
        **_verdict(findings),
    }


def _verdict(findings: tuple[Finding, ...]) -> dict[str, Any]:
    return {
        "gate_passed": gate_passed(findings),
        "reversed_bands": None,
        "findings": tuple(
            {"name": item.name, "verdict": item.verdict, "sentence": item.sentence, "remedy": item.remedy}
            for item in findings
        ),
    }
