"""A study's composite as tables: rows, rank law, pairs, indicators, variants and influence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.composite import (
    ScoreTables,
    above_frame,
    absences,
    agreement_with_indicators,
    compare_scores,
    composite_draws,
    constants_of,
    domains_of,
    draw_weights,
    has_figure,
    influence,
    is_silent,
    may_impute,
    mean_weights,
    missing_weight,
    pessimistic,
    pmf_frame,
    rank_columns,
    rank_facts,
    ranked_trusts,
    score_columns,
    standardise,
    variants_of,
    without,
)
from ranktrust.panel import Indicator, Panel
from ranktrust.ranks import RankSummary, summarise_ranks
from ranktrust.run.answer import seed_of
from ranktrust.study import Composite, Study
from ranktrust.vocabulary import CHAIN, DRAW, INDICATOR, TRUST

LEAST_ESS = 100
"""Effective draws a chain that every rank series must have, as the gate of a fit asks."""

LEVEL, MISSING, CAUTION = "level", "missing", "caution"
POOR = "missing figures taken as one sd below the mean"
MISSING_WORDS = {
    "rescale": "the weight of a missing figure goes to the figures that are there, in proportion",
    "impute": "a missing figure is imputed from the figures that are there, by the profile",
    "refuse": "a missing figure leaves the trust without a rank",
}
Compared = dict[tuple[str, str], tuple[dict[str, float], pd.DataFrame]]


def trusts_of(panels: Mapping[str, Panel]) -> pd.DataFrame:
    """Name and region of every trust of any panel: trust_name, region."""
    every = pd.concat([panel.trusts for panel in panels.values()])
    rows = every[~every.index.duplicated()][["name", "region"]]
    return rows.rename(columns={"name": "trust_name"}).rename_axis(TRUST)


@dataclass(frozen=True, eq=False)
class Scored:
    """A composite computed: standardised draws of the trusts ranked, weights, scores, rank statements.

    `levels` are the draws of all trusts that the rule for missing figures lets in; `absent` says which figures are not
    there, and why.
    """

    indicators: Mapping[str, Indicator]
    constants: pd.DataFrame
    levels: xr.Dataset
    absent: xr.DataArray
    z: xr.DataArray
    weights: xr.DataArray
    scores: xr.DataArray
    summary: RankSummary

    @property
    def under_caution(self) -> list[str]:
        """The indicators whose publisher cautions against ranking."""
        return [name for name, indicator in self.indicators.items() if not indicator.ranked_by_default]


def composite_tables(
    study: Study, composite: Composite, panels: Mapping[str, Panel], joined: xr.Dataset, passed: Mapping[str, bool]
) -> ScoreTables:
    """The composite of a study. `joined` are the draws of `join_fits`; `passed` says whose fit passed its gate."""
    scored = _score(study, composite, panels, joined)
    levels = standardise(scored.levels, scored.constants, level="performance").z.sel({TRUST: scored.z[TRUST]})
    compared = _compare(composite, scored, composite_draws(levels, scored.weights))
    pull = influence(scored.z, scored.weights)
    rows = _rows(study, scored, compared, trusts_of(panels))
    facts = {
        **_asked(study, composite),
        **rank_facts(scored.scores, scored.summary, "highest"),
        "constants": scored.constants.reset_index().to_dict("records"),
        "under_caution": scored.under_caution,
        "not_ranked": _not_ranked(scored, trusts_of(panels)),
    }
    enough = facts["smallest_ess"] >= LEAST_ESS * joined.sizes[CHAIN]
    facts["gate_passed"] = bool(enough and all(passed[name] for name in composite.indicators))
    variants = [{"kind": kind, "name": name, **said} for (kind, name), (said, _) in compared.items()]
    frames = {
        "rows": rows,
        "rank_pmf": pmf_frame(scored.summary).loc[rows.index],
        "p_above": above_frame(scored.summary).loc[rows.index, rows.index],
        "indicators": _indicator_rows(composite, scored, pull),
        "variants": pd.DataFrame(variants).set_index("kind"),
        "influence": pull.set_index(TRUST),
    }
    return ScoreTables(facts, frames)


def _score(study: Study, composite: Composite, panels: Mapping[str, Panel], joined: xr.Dataset) -> Scored:
    indicators = {name: panels[name].only for name in composite.indicators}
    joined = joined.sel({INDICATOR: list(indicators)})
    absent = absences({name: panels[name] for name in indicators}, joined[TRUST])
    figures = joined.where(has_figure(absent))
    constants = constants_of(figures, indicators, composite)
    levels = joined.where(may_impute(absent)) if composite.missing == "impute" else figures
    everyone = standardise(levels, constants, level=study.ranks.latent).z
    seed = seed_of(study, "weights of the composite")
    weights = draw_weights(composite, chains=joined.sizes[CHAIN], draws=joined.sizes[DRAW], seed=seed)
    z = everyone.sel({TRUST: ranked_trusts(absent, weights, composite)})
    scores, options = composite_draws(z, weights), study.ranks
    summary = summarise_ranks(scores, best="highest", top=options.top, bottom=options.bottom, prob=options.prob)
    return Scored(indicators, constants, levels, absent, z, weights, scores, summary)


def _compare(composite: Composite, scored: Scored, performance: xr.DataArray) -> Compared:
    """The composite beside its variants: adjusted for context, missing figures as poor, and with parts left out."""
    others = {(LEVEL, "performance"): performance}
    absent = scored.absent.sel({TRUST: scored.z[TRUST]})
    if is_silent(absent).any():
        others[(MISSING, POOR)] = composite_draws(pessimistic(scored.z, absent), scored.weights)
    for variant in variants_of(composite, scored.under_caution):
        others[(variant.kind, variant.name)] = without(scored.z, scored.weights, composite, variant)
    return {key: compare_scores(scored.scores, other) for key, other in others.items()}


def _rows(study: Study, scored: Scored, compared: Compared, trusts: pd.DataFrame) -> pd.DataFrame:
    ranked = list(scored.z[TRUST].to_numpy())
    rows = trusts.loc[ranked].join(score_columns(scored.scores, study.ranks.prob))
    rows = rows.join(rank_columns(scored.scores, scored.summary, band_lambda=study.ranks.band_lambda))
    absent = scored.absent.sel({TRUST: ranked})
    there = has_figure(absent).to_pandas()
    missing = [" ".join(name for name in there.columns if not there.loc[trust, name]) for trust in ranked]
    rows = rows.assign(missing_weight=missing_weight(absent, scored.weights), missing=missing)
    for kind, column in ((LEVEL, "change_performance"), (MISSING, "change_missing"), (CAUTION, "change_no_caution")):
        changes = [change["rank_change"] for key, (_, change) in compared.items() if key[0] == kind]
        rows[column] = changes[0] if changes else np.nan
    return rows.sort_values("expected_rank", kind="stable")


def _asked(study: Study, composite: Composite) -> dict[str, Any]:
    """What the study asked for, as the page states it."""
    weights = zip(composite.domain, composite.domain_weights, strict=True)
    return {
        "study": study.name,
        "study_title": study.title,
        "noun": study.trusts.noun,
        "set_description": study.trusts.description,
        "scenario": study.scenario,
        "latent": study.ranks.latent,
        "title": composite.title,
        "why": composite.why,
        "despite_caution": composite.despite_caution,
        "concentration": composite.concentration,
        "missing_rule": composite.missing,
        "missing_limit": composite.missing_limit,
        "missing_words": MISSING_WORDS[composite.missing],
        "joint": study.profile is not None,
        "domains": [
            {"name": domain.name, "weight": weight, "indicators": list(domain.indicators)} for domain, weight in weights
        ],
    }


def _not_ranked(scored: Scored, trusts: pd.DataFrame) -> list[dict[str, Any]]:
    """The trusts without a rank, with the share of the weight that they lack."""
    lacking = missing_weight(scored.absent, scored.weights).drop(index=list(scored.z[TRUST].to_numpy()))
    return [
        {"trust": trust, "name": str(trusts.loc[trust, "trust_name"]), "missing_weight": float(lacking[trust])}
        for trust in map(str, lacking.index)
    ]


def _indicator_rows(composite: Composite, scored: Scored, pull: pd.DataFrame) -> pd.DataFrame:
    """One row an indicator: title, domain, weight, constants, mean pull on ranks, correlation with the composite."""
    there = has_figure(scored.absent).to_series()
    had = there.loc[list(zip(pull[TRUST], pull[INDICATOR], strict=True))].to_numpy()
    moved = pull.assign(size=pull["rank_change"].abs())[had].groupby(INDICATOR)["size"]
    agreed = agreement_with_indicators(scored.z, scored.weights)
    columns = {
        "title": {name: indicator.title for name, indicator in scored.indicators.items()},
        "domain": domains_of(composite),
        "weight": mean_weights(composite).to_series(),
        "trusts": has_figure(scored.absent).sum(TRUST).to_series(),
        "mean_pull": moved.mean(),
        "largest_pull": moved.max(),
        "spearman": {name: value for name, (value, _) in agreed.items()},
        "spearman_mcse": {name: error for name, (_, error) in agreed.items()},
    }
    rows = pd.DataFrame({name: pd.Series(values) for name, values in columns.items()}).join(scored.constants)
    return rows.loc[list(composite.indicators)].rename_axis(INDICATOR)
