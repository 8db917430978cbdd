"""The profile of a study's run: its indicators in one fit, the verdict, tables, and draws for what adds them up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from ranktrust.composite import (
    ScoreTables,
    absences,
    correlation_rows,
    loading_rows,
    missing_rows,
    write_tables,
)
from ranktrust.errors import FitError, ModelFileError, StudyError
from ranktrust.files import write_text
from ranktrust.gate import Finding, diagnose_reported, gate_passed
from ranktrust.league import LeagueTable
from ranktrust.model import ModelFile, PriorNumbers, load_model
from ranktrust.panel import Panel, join_indicators
from ranktrust.run.answer import SHARE, Report, sampling_of, scenario_of, seed_of
from ranktrust.run.borrowed import borrowed_rows
from ranktrust.run.composite import trusts_of
from ranktrust.run.keep import fit
from ranktrust.store import write_tree
from ranktrust.study import Study
from ranktrust.vocabulary import CHAIN, COVARIATE, DRAW, INDICATOR, TRUST

PROFILE: Final = "profile"
"""The name of the profile's fit, its seed, its tables and its page."""

LEVELS: Final = ("total", "outcome", "performance")
NUMBERS: Final = ("mu", "s", "beta", "share_of_upper", "correlation_root", "loading_part")
"""The free numbers of the statement above its trusts."""

KEPT: Final = ("total", "outcome", "correlation", "mu", "s", "beta", SHARE, "loading")
"""What a run keeps of a profile's posterior: performance is outcome less x beta, official scoring is of total."""

_OTHER: Final = f"other_{INDICATOR}"


@dataclass(frozen=True, eq=False)
class Profiled:
    """A profile fitted: the statement, the draws of every level, the findings, and whether they passed."""

    model_file: ModelFile
    posterior: xr.Dataset
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether the computation passed its gate."""
        return gate_passed(self.findings)

    def levels_of(self, indicator: str) -> xr.Dataset:
        """Total, outcome and performance of one indicator, (chain, draw, trust), with a level for every trust."""
        return self.posterior[list(LEVELS)].sel({INDICATOR: indicator}, drop=True)


def profile_statement(study: Study, panels: Mapping[str, Panel]) -> dict[str, ModelFile]:
    """The statement of the study's profile, by its name; none without a [profile].

    Raises StudyError with everything that stops the profile, before anything is fitted.
    """
    if study.profile is None:
        return {}
    try:
        model_file = load_model(study.profile.model, beside=study.folder)
    except ModelFileError as error:
        raise StudyError(f"{study.path.name} cannot be used:\n  [profile] {error}") from error
    faults = []
    if "indicator_idx" not in model_file.needs:
        faults.append(f"[profile] model {model_file.name!r} reads no indicator_idx: it states one indicator alone")
    scenario = scenario_of(study, model_file)
    faults += [
        f"[profile] {name} declares no {SHARE} for the scenario {scenario!r}; declare one, with its source"
        for name in study.profiled
        if SHARE in model_file.priors and scenario not in panels[name].only.shares
    ]
    if faults:
        raise StudyError("\n".join([f"{study.path.name} cannot be used:", *(f"  {fault}" for fault in faults)]))
    return {PROFILE: model_file}


def fit_profile(
    study: Study, statement: Mapping[str, ModelFile], panels: Mapping[str, Panel], part: Path, report: Report
) -> Profiled | None:
    """Fit the profile, judge it, and write fits/profile.nc; None where the study asks for none.

    Raises FitError where a draw is not finite: nothing can then be said of what goes with what.
    """
    if study.profile is None:
        return None
    model_file, chosen = statement[PROFILE], {name: panels[name] for name in study.profiled}
    panel = join_indicators(chosen)
    tree = fit(
        panel,
        model_file,
        seed=seed_of(study, PROFILE),
        sampling=replace(sampling_of(study), draws=study.profile.draws),
        priors=shares_of(study, chosen, model_file),
        predictive=False,
        report=lambda step, fraction: report(f"{PROFILE}: {step}", fraction),
    )
    report(f"{PROFILE}: judge", 1.0)
    posterior = tree[POSTERIOR].to_dataset()
    bad = [str(name) for name, values in posterior.data_vars.items() if not np.isfinite(values).all()]
    if bad:
        raise FitError(f"model {model_file.name!r}, profile: draws of {', '.join(bad)} are not finite")
    write_tree(kept_of(tree, panel), part / "fits" / f"{PROFILE}.nc")
    return Profiled(model_file, posterior, judge_profile(tree))


POSTERIOR: Final = "posterior"


def shares_of(study: Study, panels: Mapping[str, Panel], model_file: ModelFile) -> dict[str, PriorNumbers]:
    """The declared shares of every indicator in order, alpha, beta and upper of each, where the statement has them."""
    if SHARE not in model_file.priors:
        return {}
    scenario = scenario_of(study, model_file)
    return {SHARE: tuple(number for panel in panels.values() for number in panel.only.shares[scenario].numbers)}


def judge_profile(tree: xr.DataTree) -> tuple[Finding, ...]:
    """Every finding of the computation gate: numbers above trusts, correlations, levels of every trust, and ranks.

    Ranks are those of `outcome`, indicator by indicator; their direction changes no diagnostic.
    """
    posterior = tree[POSTERIOR].to_dataset()
    numbers = {name: posterior[name] for name in NUMBERS if name in posterior}
    reported = {
        "parameters": {**numbers, "correlation": lower_cells(posterior["correlation"])},
        "levels of trusts": {name: posterior[name] for name in LEVELS},
    }
    outcome = posterior["outcome"].transpose(CHAIN, DRAW, TRUST, INDICATOR)
    order = {str(name): outcome.sel({INDICATOR: name}, drop=True) for name in outcome[INDICATOR].to_numpy()}
    return diagnose_reported(tree, reported, order, best="highest", events={})


def lower_cells(correlation: xr.DataArray) -> xr.DataArray:
    """The correlations below the diagonal, (chain, draw, pair)."""
    names = [str(name) for name in correlation[INDICATOR].to_numpy()]
    row, column = np.tril_indices(len(names), -1)
    values = correlation.transpose(CHAIN, DRAW, INDICATOR, _OTHER).to_numpy()[..., row, column]
    pairs = [f"{names[i]} with {names[j]}" for i, j in zip(row, column, strict=True)]
    return xr.DataArray(values, dims=(CHAIN, DRAW, "pair"), coords={"pair": pairs})


def kept_of(tree: xr.DataTree, panel: Panel) -> xr.DataTree:
    """What a run keeps: levels in single precision, correlations, parameters, and the context beside them."""
    posterior = tree[POSTERIOR].to_dataset()
    kept = posterior[[name for name in KEPT if name in posterior]]
    names = {dim: INDICATOR for dim in kept[SHARE].dims if str(dim).startswith(f"{SHARE}_dim")} if SHARE in kept else {}
    if names:
        share = kept[SHARE].drop_vars(list(names), errors="ignore").rename(names)
        kept = kept.drop_dims(list(names)).assign({SHARE: share.assign_coords({INDICATOR: kept[INDICATOR]})})
    context = xr.DataArray(panel["context"], dims=(TRUST, COVARIATE))
    groups = {
        POSTERIOR: kept.assign({name: kept[name].astype(np.float32) for name in LEVELS if name in kept}),
        "sample_stats": tree["sample_stats"].to_dataset(),
        "constant_data": xr.Dataset({"context": context}, coords={TRUST: panel.coords[TRUST]}),
    }
    small = xr.DataTree.from_dict(groups)
    small.attrs = tree.attrs
    return small


def write_profile(
    study: Study, panels: Mapping[str, Panel], answered: list[LeagueTable], profiled: Profiled | None, part: Path
) -> dict[str, Any]:
    """Write tables/profile/; return what the manifest keeps of it, nothing without a profile."""
    if profiled is None:
        return {}
    tables = profile_tables(study, panels, answered, profiled)
    write_tables(tables, part / "tables" / PROFILE)
    for number, finding in enumerate(profiled.findings):
        write_text(part / "tables" / PROFILE / "findings" / f"{number}.csv", finding.table.to_csv(lineterminator="\n"))
    kept = ("indicators", "model", "priors", "draws", "trusts", "scenario", "gate_passed")
    entry = {name: tables.facts[name] for name in kept} | {
        "model_sha256": profiled.model_file.sha256,
        "seed_spawn_key": list(seed_of(study, PROFILE).spawn_key),
    }
    return {PROFILE: entry}


def profile_tables(
    study: Study, panels: Mapping[str, Panel], answered: list[LeagueTable], profiled: Profiled
) -> ScoreTables:
    """The profile as tables: correlations, missing, borrowed, and loadings where the statement has a factor."""
    chosen = {name: panels[name] for name in study.profiled}
    indicators = {name: panel.only for name, panel in chosen.items()}
    posterior, prob = profiled.posterior, study.ranks.prob
    absent = absences(chosen, posterior[TRUST])
    missing = missing_rows(posterior[study.ranks.latent], indicators, absent, prob=prob)
    names = trusts_of(chosen)["trust_name"]
    own = [table for table in answered if table.facts.indicator in indicators]
    frames = {
        "correlations": correlation_rows(posterior["correlation"], indicators, absent, prob=prob),
        "missing": missing.assign(trust_name=[str(names[trust]) for trust in missing.index]),
        "borrowed": borrowed_rows(study, own, posterior),
    }
    if "loading" in posterior:
        frames["loadings"] = loading_rows(posterior["loading"], indicators, prob=prob)
    return ScoreTables(_facts(study, chosen, profiled), frames)


def _facts(study: Study, panels: Mapping[str, Panel], profiled: Profiled) -> dict[str, Any]:
    """What the page states beside its tables."""
    model_file, posterior = profiled.model_file, profiled.posterior
    return {
        "study": study.name,
        "study_title": study.title,
        "title": "Indicators together",
        "noun": study.trusts.noun,
        "set_description": study.trusts.description,
        "scenario": scenario_of(study, model_file),
        "latent": study.ranks.latent,
        "prob": study.ranks.prob,
        "indicators": list(panels),
        "titles": {name: panel.only.title for name, panel in panels.items()},
        "kinds": {name: panel.only.kind for name, panel in panels.items()},
        "best": {name: panel.only.best for name, panel in panels.items()},
        "periods": {name: panel.periods[0] for name, panel in panels.items()},
        "model": model_file.name,
        "statement": model_file.statement,
        "priors": dict(shares_of(study, panels, model_file)),
        "trusts": posterior.sizes[TRUST],
        "draws": posterior.sizes[CHAIN] * posterior.sizes[DRAW],
        "nested": list(study.nested),
        "gate_passed": profiled.passed,
        "findings": [
            {"name": item.name, "verdict": item.verdict, "sentence": item.sentence, "remedy": item.remedy}
            for item in profiled.findings
        ],
    }


def with_profile(manifest: dict[str, Any], profiled: Profiled | None) -> dict[str, Any]:
    """The manifest with the profile's verdict: one that failed its gate fails the run."""
    passed = profiled is None or profiled.passed
    return {**manifest, "gate_passed": bool(manifest["gate_passed"]) and passed}
