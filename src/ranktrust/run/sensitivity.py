"""What other honest choices make of an indicator: refits of the same question, each judged by the gate."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.errors import FitError, ModelFileError
from ranktrust.evidence import (
    PUBLISHED,
    VIEW_COLUMNS,
    Choice,
    Sensitivity,
    View,
    adjustment_table,
    log_scores,
    places_of_note,
    power_table,
    reliability_table,
    without_numbers,
)
from ranktrust.fit import CompileCache
from ranktrust.gate import Finding, diagnose, gate_passed
from ranktrust.league import LeagueTable, Question, publishable, publishable_panel, score, standard_classes
from ranktrust.model import ModelFile, PriorNumbers, load_model
from ranktrust.panel import Panel
from ranktrust.ranks import poth_mcse
from ranktrust.run.alternatives import alternative_choices
from ranktrust.run.answer import SHARE, Answer, priors_of, question_of, sampling_of, seed_of
from ranktrust.run.keep import fit
from ranktrust.study import Asked, Study
from ranktrust.vocabulary import DRAW, REGION, Latent, Scenario, quarter_of

Report = Callable[[str, float], None]

SCENARIOS: Final[dict[Scenario, tuple[str, str]]] = {
    "none": ("Nothing set aside", "all variation between {noun}s beyond chance in counting is taken as theirs"),
    "this_period": ("This period", "the short-term noise of the period is set aside"),
    "long_run": ("Long run", "what does not last from one period to the next is set aside as well"),
}
"""Label of each scenario of the unattributed share, and what it changes."""
LONGER: Final = 4
"""How many times as long a refit is drawn again whose first draws failed the gate."""


@dataclass(frozen=True)
class Setting:
    """What is fitted and asked: everything that a choice may change."""

    panel: Panel
    model_file: ModelFile
    priors: dict[str, PriorNumbers]
    question: Question


@dataclass(frozen=True)
class Variant:
    """A statement that could have been chosen: `make` turns the published setting into it, or says why it cannot."""

    name: str
    label: str
    change: str
    make: Callable[[Setting, Study], Setting | str]


def _without_context(own: Setting, _study: Study) -> Setting | str:
    if own.panel.context.empty or "context" not in own.model_file.needs:
        return "nothing is adjusted for in the published statement"
    return replace(own, panel=own.panel.derive(context=pd.DataFrame(index=own.panel.trusts.index)))


def _with_region(own: Setting, _study: Study) -> Setting | str:
    if own.panel.nested:
        return "the published statement nests regions already"
    return _nested(own, (REGION,))


def _without_region(own: Setting, _study: Study) -> Setting | str:
    return _nested(own, ()) if own.panel.nested else "the published statement nests no regions"


def _nested(own: Setting, nested: tuple[str, ...]) -> Setting | str:
    if "region_idx" not in own.model_file.needs:
        return "the statement reads no regions"
    if own.panel.trusts["region"].nunique() < 2:
        return "there are no two regions"
    return replace(own, panel=replace(own.panel, nested=nested))


def _student(own: Setting, study: Study) -> Setting | str:
    try:
        other = load_model(f"{own.model_file.name}_student", beside=study.folder)
    except ModelFileError:
        return f"there is no statement {own.model_file.name}_student"
    return replace(own, model_file=other)


VARIANTS: Final = (
    Variant(
        "without_context", "Model without {covariates}", "the model knows nothing of {covariates}", _without_context
    ),
    Variant("with_region", "Model with regions", "{noun}s are drawn towards the level of their region", _with_region),
    Variant(
        "without_region",
        "Model without regions",
        "{noun}s are not drawn towards the level of their region",
        _without_region,
    ),
    Variant(
        "student", "Model with heavy tails", "single {noun}s may lie far from all others (Student-t effects)", _student
    ),
)


HALVES: Final = ("upper half", "not separable from the middle", "lower half")
"""Where a trust stands in the order, from the good end: what bears comparison where the number of bands differs."""
HALF_PROB: Final = 0.975


def standing(table: LeagueTable) -> pd.Series:
    """By trust in words: the half of the order that it is in with probability 0.975, or its place by the standard."""
    return halves(table.rank_pmf) if table.facts.ranked else standard_classes(table)


def halves(rank_pmf: pd.DataFrame) -> pd.Series:
    """`upper half` where P(rank <= floor(n/2)) >= 0.975, `lower half` likewise from below, otherwise neither."""
    half = len(rank_pmf) // 2
    upper = rank_pmf.iloc[:, :half].sum(axis=1) >= HALF_PROB
    lower = rank_pmf.iloc[:, len(rank_pmf) - half :].sum(axis=1) >= HALF_PROB
    return pd.Series(np.select([upper, lower], [HALVES[0], HALVES[2]], HALVES[1]), index=rank_pmf.index)


def bands_of(table: LeagueTable) -> tuple[tuple[str, ...], str]:
    """The words that `standing` may give, from the good end to the other, and what standing at an end is called."""
    if table.facts.ranked:
        return HALVES, "placed in the upper or the lower half"
    bands = ("below", "neither", "above") if table.facts.best == "lowest" else ("above", "neither", "below")
    return bands, "clearly above or below the standard"


def sensitivity_of(  # noqa: PLR0913 - a stage takes the study, what it answered, and what it reports to
    study: Study, asked: Asked, answer: Answer, by_period: Panel, *, cache: CompileCache, report: Report
) -> Sensitivity:
    """The published answer beside every other choice that the study asks for, and what the figures bear.

    `by_period` is the panel before its periods are summed. A refit that fails, or fails its gate, is a view without
    numbers that says so. The answer must have passed its gate.
    """
    own = Setting(answer.panel, answer.model_file, priors_of(study, asked, answer.panel, answer.model_file),
                  question_of(study, asked, answer.model_file))  # fmt: skip
    facts, posterior = answer.table.facts, answer.fit["posterior"].to_dataset()
    views = [_published(answer)]
    choices = list(_choices(study, own))
    for place, (choice, setting) in enumerate(choices):
        report(f"refit, {choice.label[:1].lower()}{choice.label[1:]}", place / len(choices))
        views.append(_refitted(study, asked, choice, setting, cache) if isinstance(setting, Setting)
                     else without_numbers(choice, "not_fitted", setting))  # fmt: skip
    found = Sensitivity(
        facts.indicator, facts.noun, facts.n, facts.ranked, *bands_of(answer.table), tuple(views),
        reliability=reliability_table(by_period, asked.months, publishable_panel(answer.panel), posterior),
        context_share=facts.context_share,
        power=power_table(answer.fit, latent=facts.latent, best=facts.best, ranked=facts.ranked),
    )  # fmt: skip
    return _with_levels(found, study, own, answer) if facts.covariates else found


def _choices(study: Study, own: Setting) -> Iterator[tuple[Choice, Setting | str]]:
    """Each choice with its setting, or why there is none."""
    options = study.sensitivity
    assert options is not None
    words = {"noun": study.trusts.noun, "covariates": " and ".join(own.panel.context.columns)}
    yield Choice("repeat", "repeat", "Same again", "nothing but the seed of the computation and its length"), own
    if options.scenarios and SHARE in own.model_file.priors:
        yield from _scenarios(own, words)
    for choice, priors in alternative_choices(options, own.panel.only.name, own.model_file, own.priors):
        yield choice, replace(own, priors=priors) if isinstance(priors, dict) else priors
    for variant in VARIANTS:
        if variant.name in options.variants:
            label, change = variant.label.format(**words), variant.change.format(**words)
            choice = Choice(variant.name, "statement", label, change)
            yield choice, variant.make(own, study)


def _scenarios(own: Setting, words: dict[str, str]) -> Iterator[tuple[Choice, Setting | str]]:
    for scenario, (label, change) in SCENARIOS.items():
        if scenario == own.question.scenario:
            continue
        share = own.panel.only.shares.get(scenario)
        note = "" if share is None else share.source + (" (a guess)" if share.guess else "")
        choice = Choice(scenario, "scenario", label, change.format(**words), note)
        yield (
            choice,
            "no share is declared for it"
            if share is None
            else replace(
                own, priors={**own.priors, SHARE: share.numbers}, question=replace(own.question, scenario=scenario)
            ),
        )


def _published(answer: Answer) -> View:
    facts = answer.table.facts
    label, change = SCENARIOS[facts.scenario]
    source = facts.share_source + (" (a guess)" if facts.share_guess else "")
    note = source if SHARE in answer.model_file.priors else ""
    choice = Choice(PUBLISHED, "published", f"Published, {label[:1].lower()}{label[1:]}",
                    change.format(noun=facts.noun), note)  # fmt: skip
    return _view(choice, answer.table, answer.fit, log_scores(answer.fit, answer.panel))


def _refitted(study: Study, asked: Asked, choice: Choice, setting: Setting, cache: CompileCache) -> View:
    """The setting fitted with the draws of a refit, and judged like any fit.

    Of hundreds of series that mix well one may miss a threshold by chance, so draws that fail the gate are made once
    more, LONGER times as many; the choice then says so.
    """
    options = study.sensitivity
    assert options is not None
    sampling = replace(sampling_of(study), draws=min(options.draws, study.fit.draws))
    again = replace(choice, change=f"{choice.change}; drawn again, {LONGER} times as long, after checks failed")
    try:
        for said, times in ((choice, 1), (again, LONGER)):
            draws = fit(
                setting.panel, setting.model_file, seed=_seed_of(study, asked.name, choice),
                sampling=replace(sampling, draws=times * sampling.draws), priors=setting.priors, cache=cache,
                predictive=False,
            )  # fmt: skip
            draws["log_prior"] = draws["posterior"].to_dataset()[_free_names(setting)]
            view = _judged(said, setting, draws)
            if view.status == "fitted":
                break
    except FitError as error:
        return without_numbers(choice, "failed", str(error))
    return view


def _free_names(setting: Setting) -> list[str]:
    """Names of the statement's parameters, which the gate judges one by one."""
    model = setting.model_file.build(setting.panel, setting.model_file.with_priors(setting.priors))
    return [variable.name for variable in model.free_RVs]


def _seed_of(study: Study, indicator: str, choice: Choice) -> np.random.SeedSequence:
    root, key = seed_of(study, indicator), int.from_bytes(sha256(choice.name.encode()).digest()[:4])
    return np.random.SeedSequence(root.entropy, spawn_key=(*root.spawn_key, key))


def _judged(choice: Choice, setting: Setting, draws: xr.DataTree) -> View:
    """The view of these draws where they pass the gate, otherwise what failed."""
    question = setting.question
    panel, draws = publishable(setting.panel, draws)
    quarter = quarter_of(len(panel.trusts))
    findings = diagnose(draws, best=panel.only.best, latent=question.latent,
                        top=question.top or quarter, bottom=question.bottom or quarter)  # fmt: skip
    if not gate_passed(findings):
        return without_numbers(choice, "failed", _failures(findings))
    scores = log_scores(draws, panel, refit=True) if choice.group in {"repeat", "prior", "statement"} else np.nan
    return _view(choice, score(draws, panel, findings, question), draws, scores)


def _failures(findings: tuple[Finding, ...]) -> str:
    return " ".join(finding.sentence for finding in findings if finding.verdict == "failed")


def _view(choice: Choice, table: LeagueTable, draws: xr.DataTree, scores: pd.Series | float) -> View:
    level = draws["posterior"].to_dataset()[table.facts.latent]
    numbers = {
        "share_mean": table.facts.share_mean,
        "draws": table.facts.draws,
        "smallest_ess": table.facts.smallest_ess,
    }
    if table.facts.poth is not None and table.facts.spearman_low is not None:
        error = poth_mcse(level, best=table.facts.best)
        numbers |= {"poth": table.facts.poth, "poth_mcse": error, "spearman_low": table.facts.spearman_low}
    rows = table.rows.assign(band=standing(table), log_score=scores)[list(VIEW_COLUMNS)].sort_index()
    return View(choice, "fitted", "", rows, MappingProxyType(numbers))


def _with_levels(found: Sensitivity, study: Study, own: Setting, answer: Answer) -> Sensitivity:
    """The other level as one more choice, and both beside each other, from the draws that are published."""
    options = study.sensitivity
    assert options is not None
    other: Latent = "outcome" if own.question.latent == "performance" else "performance"
    covariates = " and ".join(own.panel.context.columns)
    label, way = ("Adjusted values", "taken out") if other == "performance" else ("Unadjusted values", "left in")
    choice = Choice(other, "level", label, f"what {covariates} explains is {way}")
    draws = _first_draws(answer.fit, options.draws)
    view = _judged(choice, replace(own, question=replace(own.question, latent=other)), draws)
    if view.status != "fitted":
        return replace(found, views=(*found.views, view))
    pair = (found.published, view) if other == "performance" else (view, found.published)
    plain = own.question.latent if other == "performance" else other
    posterior = answer.fit["posterior"].to_dataset()
    levels = (posterior[plain], posterior["performance"])
    table = adjustment_table(levels, pair, publishable_panel(own.panel).context, best=own.panel.only.best)
    views = (found.published, view, *found.views[1:])
    return replace(found, views=views, adjustment=table, places=places_of_note(found.n))


def _first_draws(draws: xr.DataTree, count: int) -> xr.DataTree:
    """What the gate and the ranks read of the first draws of each chain, as many as a refit has."""
    groups = {name: draws[name].to_dataset() for name in ("posterior", "sample_stats", "log_prior")}
    first = xr.DataTree.from_dict({name: group.isel({DRAW: slice(0, count)}) for name, group in groups.items()})
    first.attrs = dict(draws.attrs)
    return first
