"""The reporting appendix of a run, barg.md, by the Bayesian analysis reporting guidelines.

The points are those of J. K. Kruschke, Bayesian analysis reporting guidelines, Nature Human Behaviour 5 (2021),
1282-1291. Every number is one of the run's own tables.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ranktrust.evidence import read_sensitivity
from ranktrust.evidence.files import FACTS as SENSITIVITY_FACTS
from ranktrust.league import LeagueTable

FILE: Final = "barg.md"


def barg_text(manifest: Mapping[str, Any], tables: Sequence[LeagueTable], folder: Path) -> str:
    """The appendix as Markdown. `folder` holds the run's tables, from which the refits under other choices are read."""
    study = manifest["study"]
    lines = [
        f"# Reporting appendix: {study['title']}",
        "",
        f"Run {manifest['run_id']}, made {manifest['created']}, by the Bayesian analysis reporting guidelines "
        "(Kruschke 2021). What a point leaves to judgement is named and left open.",
        "",
        "## Preamble",
        "",
        f"- Question: {study['question']}",
        "- Why Bayesian: an order of trusts is a statement on all of them at once, and its uncertainty follows from "
        "their joint posterior. Trusts with few cases are drawn towards the others as far as the figures say.",
        f"- Verdict of the computation: {_verdict(manifest)}",
        *(line for table in tables for line in _of_indicator(table, folder)),
        "",
        "## Reproducibility",
        "",
        *_reproducible(manifest),
    ]
    return "\n".join(lines) + "\n"


def _verdict(manifest: Mapping[str, Any]) -> str:
    if manifest["gate_passed"]:
        return "every fit passed its gate."
    allowed = manifest.get("allowed_failed_gate")
    return f"FAILED{f'; published nevertheless, because: {allowed}' if allowed else ', not fit to publish'}."


def _of_indicator(table: LeagueTable, folder: Path) -> list[str]:
    facts = table.facts
    parts = {
        "Model": _model(table),
        "Computation": _computation(table),
        "Posterior": _posterior(table),
        "Decisions": _decisions(table),
        "Sensitivity": _sensitivity(table, folder),
    }
    lines = ["", f"## {facts.title} ({facts.indicator})"]
    for head, said in parts.items():
        lines += ["", f"### {head}", "", *(f"- {each}" for each in said)]
    return lines


def _model(table: LeagueTable) -> list[str]:
    facts = table.facts
    priors = "; ".join(f"{name} = {numbers}" for name, numbers in facts.priors.items())
    share = f"{facts.share_mean:.4g} (prior mean), {facts.share_source or 'no source'}"
    return [
        f"Data: {facts.n} {facts.noun}s ({facts.set_description}), {facts.period}, kind {facts.kind}.",
        f"Statement `{facts.model}`: {facts.statement.strip().partition(chr(10))[0]} The manifest has its digest.",
        f"Prior numbers: {priors or 'none'}.",
        f"Share of variation that is nobody's own, scenario {facts.scenario}: {share}"
        f"{', a guess' if facts.share_guess else ''}.",
        f"Adjusted for: {', '.join(facts.covariates) or 'nothing'}. Nested in: {', '.join(facts.nested) or 'nothing'}.",
        f"What the priors alone imply stands on pages/diagnostics_{facts.indicator}.html.",
    ]


def _computation(table: LeagueTable) -> list[str]:
    facts = table.facts
    return [
        f"{facts.draws:,} draws after warm-up; smallest effective sample size of a quantity on the page "
        f"{facts.smallest_ess:,.0f}.",
        *(f"{item['name']}, {item['verdict']}: {item['sentence']}" for item in facts.findings),
    ]


def _posterior(table: LeagueTable) -> list[str]:
    facts, where = table.facts, f"tables/{table.facts.indicator}"
    said = [f"Means and {100 * facts.prob:g}% intervals of `{facts.latent}` of every {facts.noun}: {where}/rows.csv."]
    if facts.ranked:
        said.append(f"The law of every rank: {where}/rank_pmf.csv; P(above) of every pair: {where}/p_above.csv.")
    if facts.poth is not None and facts.spearman_low is not None:
        said.append(
            f"Precision of the order: POTH {facts.poth:.3f}; 95% of pairs of draws have a rank correlation above "
            f"{facts.spearman_low:.3f}."
        )
    return said


def _decisions(table: LeagueTable) -> list[str]:
    facts = table.facts
    if not facts.ranked:
        return ["No order is stated: the publisher cautions against it, and the study gives no reason to do otherwise."]
    said = [f"Ranked{f' despite a caution: {facts.rank_reason}' if facts.rank_reason else ''}; best is {facts.best}."]
    if facts.misordered_split is not None:
        said.append(
            f"{facts.bands} bands at lambda {facts.band_lambda:g}: {100 * facts.misordered_split:.2g}% of the pairs "
            "that bands separate are expected to be the wrong way round "
            f"(Monte Carlo error {100 * (facts.misordered_split_mcse or 0):.1g})."
        )
    return said


def _sensitivity(table: LeagueTable, folder: Path) -> list[str]:
    name = table.facts.indicator
    if not (folder / name / SENSITIVITY_FACTS).is_file():
        return ["Not asked for by this study: it has no table [sensitivity], or the fit failed its gate."]
    views = read_sensitivity(folder, name).views
    said = [f"{view.choice.label}: {view.status.replace('_', ' ')}. {view.said}".strip() for view in views]
    reverse = table.facts.reversed_bands
    return [
        *said,
        f"Trusts at opposite ends under different scenarios: {'not compared' if reverse is None else reverse}.",
    ]


def _reproducible(manifest: Mapping[str, Any]) -> list[str]:
    versions = ", ".join(f"{name} {number}" for name, number in manifest["versions"].items())
    seeds = ", ".join(f"{entry['name']} {entry['seed_spawn_key']}" for entry in manifest["indicators"])
    models = ", ".join(f"{entry['model']} {entry['model_sha256'][:16]}" for entry in manifest["indicators"])
    return [
        f"- Versions: {versions}.",
        f"- Seed {manifest['settings']['fit']['seed']}, spawn keys: {seeds}.",
        f"- Lock: {manifest['lock_sha256'] or 'none, an installed wheel'}. Study: {manifest['study']['sha256']}.",
        f"- Statements (first digits of SHA-256): {models}. Figures: {len(manifest['figures'])} files, digests in "
        "manifest.json.",
        "- The same study, figures, lock and machine give the same draws to the byte; others the same within Monte "
        "Carlo error.",
    ]
