"""One indicator of a study answered: the statement found, fitted, judged and scored. Nothing is written."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import xarray as xr

from ranktrust.errors import ModelFileError, StudyError
from ranktrust.fit import CompileCache, Sampling
from ranktrust.gate import Finding, diagnose
from ranktrust.league import LeagueTable, Question, publishable, score
from ranktrust.model import ModelFile, PriorNumbers, load_model
from ranktrust.panel import Panel
from ranktrust.run.alternatives import check_alternatives
from ranktrust.run.keep import fit
from ranktrust.study import Asked, Study
from ranktrust.vocabulary import Scenario, quarter_of

Report = Callable[[str, float], None]
SHARE = "unattributed_share"


@dataclass(frozen=True, eq=False)
class Answer:
    """What a run made of one indicator: the panel, the statement, the draws, the findings and the table.

    The panel is the one that was fitted; draws and table are without the trusts whose figure may not be published.
    """

    panel: Panel
    model_file: ModelFile
    fit: xr.DataTree
    findings: tuple[Finding, ...]
    table: LeagueTable


def answer_one(
    study: Study,
    asked: Asked,
    panel: Panel,
    *,
    cache: CompileCache | None = None,
    report: Report = lambda _step, _fraction: None,
) -> Answer:
    """Fit, judge and score one indicator of a study; nothing is written."""
    model_file = statement_of(study, asked, panel)
    draws = fit(
        panel,
        model_file,
        seed=seed_of(study, asked.name),
        sampling=sampling_of(study),
        priors=priors_of(study, asked, panel, model_file),
        cache=cache,
        report=report,
    )
    report("judge and rank", 1.0)
    question = question_of(study, asked, model_file)
    shown, draws = publishable(panel, draws)
    quarter = quarter_of(len(shown.trusts))
    findings = diagnose(
        draws,
        best=panel.only.best,
        latent=question.latent,
        top=question.top or quarter,
        bottom=question.bottom or quarter,
    )
    return Answer(panel, model_file, draws, findings, score(draws, shown, findings, question))


def statement_of(study: Study, asked: Asked, panel: Panel) -> ModelFile:
    """The model file that the study names, or the one called after the indicator's kind."""
    model_file = load_model(asked.model or panel.only.kind, beside=study.folder)
    model_file.check_priors(asked.priors, where=study.path.name)
    check_alternatives(study, asked.name, model_file)
    _check_share(study, asked, panel, model_file)
    for name in model_file.needs:
        try:
            panel[name]
        except KeyError as error:
            raise ModelFileError(
                f"{study.path.name}: model {model_file.name!r} reads {name!r}, which figures of kind "
                f"{panel.only.kind!r} do not have ({asked.name}); name another model for this indicator"
            ) from error
    return model_file


def _check_share(study: Study, asked: Asked, panel: Panel, model_file: ModelFile) -> None:
    """Raise StudyError where the share would go without a source, or the study's scenario without a share."""
    if SHARE in asked.priors:
        raise StudyError(
            f"{study.path.name}: {asked.name} sets {SHARE} among its priors, where it has no source; "
            "declare it with its source in an indicators.toml beside the study"
        )
    shares = panel.only.shares
    if scenario_of(study, model_file) not in shares:
        raise StudyError(
            f"{study.path.name}: {asked.name} declares no {SHARE} for the scenario {study.scenario!r}; "
            f"it has: {', '.join(shares)}. Declare one, with its source, in an indicators.toml beside the study"
        )


def seed_of(study: Study, indicator: str) -> np.random.SeedSequence:
    """The root of all randomness of one indicator: the study's seed and a digest of the indicator's name.

    So adding or reordering indicators leaves the draws of the others as they were.
    """
    key = int.from_bytes(sha256(indicator.encode()).digest()[:4])
    return np.random.SeedSequence(study.fit.seed, spawn_key=(key,))


def sampling_of(study: Study) -> Sampling:
    """How the study samples, as many chains at once as there are cores."""
    settings = study.fit.model_dump(exclude={"seed"})
    return Sampling(**settings, cores=min(study.fit.chains, os.cpu_count() or 1))


def scenario_of(study: Study, model_file: ModelFile) -> Scenario:
    """The study's scenario; `none` for a statement without a share, which takes all variation as the trusts' own."""
    return study.scenario if SHARE in model_file.priors else "none"


def priors_of(study: Study, asked: Asked, panel: Panel, model_file: ModelFile) -> dict[str, PriorNumbers]:
    """The study's own prior numbers, and the indicator's declared share where the statement has one."""
    if SHARE not in model_file.priors:
        return dict(asked.priors)
    return {SHARE: panel.only.shares[scenario_of(study, model_file)].numbers, **asked.priors}


def question_of(study: Study, asked: Asked, model_file: ModelFile) -> Question:
    """What the study asks of the indicator, as its table and pages state it."""
    return Question(
        study=study.name,
        study_title=study.title,
        noun=study.trusts.noun,
        set_description=study.trusts.description,
        statement=model_file.statement,
        scenario=scenario_of(study, model_file),
        reads=model_file.needs,
        latent=study.ranks.latent,
        prob=study.ranks.prob,
        top=study.ranks.top,
        bottom=study.ranks.bottom,
        band_lambda=study.ranks.band_lambda,
        rank_reason=asked.rank_despite_caution,
    )
