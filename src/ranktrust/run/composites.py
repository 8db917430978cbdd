"""Indicators added up, after they are fitted: a run's composite, official scoring and own scoring."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import xarray as xr

from ranktrust.assets import find_asset
from ranktrust.composite import (
    OwnScoring,
    ScoreTables,
    absences,
    faults_of_composite,
    has_figure,
    join_fits,
    load_scoring,
    natural_levels,
    pmf_frame,
    rank_columns,
    rank_facts,
    score_columns,
    write_tables,
)
from ranktrust.errors import StudyError
from ranktrust.files import sha256_of
from ranktrust.league import LeagueTable
from ranktrust.panel import Panel
from ranktrust.publish import Job, score_jobs
from ranktrust.ranks import summarise_ranks
from ranktrust.run.composite import composite_tables, trusts_of
from ranktrust.run.oversight import official_tables, read_official
from ranktrust.run.profile import Profiled, write_profile
from ranktrust.run.record import pages_of
from ranktrust.store import read_tree
from ranktrust.study import Study
from ranktrust.vocabulary import INDICATOR, TRUST

NOTEBOOKS: Final = {"profile": "profile", "composite": "composite", "official": "oversight"}
"""The notebook of each section that has a page."""


def check_scores(study: Study, panels: Mapping[str, Panel]) -> None:
    """Raise StudyError, before anything is fitted, with all that stops the study's scores."""
    found: list[str] = []
    if study.composite is not None:
        found += faults_of_composite(study.composite, {name: panel.only for name, panel in panels.items()})
    for wanted, read in ((study.scoring, _scoring_of), (study.official, read_official)):
        try:
            if wanted is not None:
                read(study)
        except StudyError as error:
            found.append(str(error))
    if found:
        raise StudyError("\n".join([f"{study.path.name} cannot be used:", *(f"  {fault}" for fault in found)]))


def write_scores(
    study: Study, panels: Mapping[str, Panel], answered: list[LeagueTable], part: Path, profiled: Profiled | None
) -> dict[str, Any]:
    """Write tables/profile/, composite/, official/ and scoring/, as the study asks; return what the manifest keeps.

    Scores are made of the profile's joint draws where the study has one.
    """
    kept: dict[str, Any] = {"notebooks": notebooks_of(study), **write_profile(study, panels, answered, profiled, part)}
    if study.composite is None and study.official is None and study.scoring is None:
        return kept
    every = draws_of(panels, part, profiled)
    joined = every.where(has_figure(absences(panels, every[TRUST])))
    passed = {table.facts.indicator: table.facts.gate_passed for table in answered}
    if profiled is not None:
        passed |= dict.fromkeys(study.profiled, profiled.passed)
    made: dict[str, ScoreTables] = {}
    if study.composite is not None:
        made["composite"] = composite_tables(study, study.composite, panels, every, passed)
        kept["composite"] = made["composite"].facts["constants"]
    if study.official is not None:
        made["official"] = official_tables(study, panels, joined, passed)
        kept["official"] = {name: made["official"].facts[name] for name in ("cuts", "count", "reproduced", "of")}
    if study.scoring is not None:
        own = _scoring_of(study)
        made["scoring"] = own_tables(study, own, panels, joined)
        kept["scoring"] = {"file": study.scoring.file, "sha256": own.sha256}
    for name, tables in made.items():
        write_tables(tables, part / "tables" / name)
    return kept


def draws_of(panels: Mapping[str, Panel], part: Path, profiled: Profiled | None) -> xr.Dataset:
    """Every level of every indicator, (chain, draw, trust, indicator): the profile's joint draws, or each one's own.

    The profile's stay paired draw by draw. They have a level for every trust, figure or not; an indicator outside the
    profile has the draws of its own fit.
    """
    together = set() if profiled is None else {str(name) for name in profiled.posterior[INDICATOR].to_numpy()}
    return join_fits(
        {
            name: profiled.levels_of(name)
            if profiled is not None and name in together
            else read_tree(part / "fits" / f"{name}.nc")["posterior"].to_dataset()
            for name in panels
        }
    )


def jobs_of_scores(study: Study, part: Path) -> list[Job]:
    """The pages of the study's scores, as jobs."""
    asked = [name for name in NOTEBOOKS if getattr(study, name) is not None]
    paths = {name: find_asset("notebooks", NOTEBOOKS[name], beside=study.folder) for name in asked}
    return score_jobs(part, part / "pages", paths)


def notebooks_of(study: Study) -> dict[str, str]:
    """The digest of every notebook that the run renders, those of every run among them."""
    asked = [name for section, name in NOTEBOOKS.items() if getattr(study, section) is not None]
    return {name: sha256_of(find_asset("notebooks", name, beside=study.folder)) for name in (*pages_of(study), *asked)}


def scoring_sha256(study: Study) -> str:
    """The digest of the study's own scoring file; empty without one."""
    return "" if study.scoring is None else _scoring_of(study).sha256


def _scoring_of(study: Study) -> OwnScoring:
    assert study.scoring is not None
    return load_scoring(study.scoring.file, study.folder)


def own_tables(study: Study, own: OwnScoring, panels: Mapping[str, Panel], joined: xr.Dataset) -> ScoreTables:
    """A study's own score: rows with every rank statement, and the law of every rank."""
    assert study.scoring is not None
    natural = natural_levels(joined, {name: panel.only.kind for name, panel in panels.items()})
    best = [panels[str(name)].only.best for name in natural[INDICATOR].to_numpy()]
    scores = own.apply(natural.assign_coords(best=(INDICATOR, best)))
    options = study.ranks
    summary = summarise_ranks(scores, best=own.best, top=options.top, bottom=options.bottom, prob=options.prob)
    rows = trusts_of(panels).loc[scores[TRUST].to_numpy()]
    rows = rows.join(score_columns(scores, options.prob))
    rows = rows.join(rank_columns(scores, summary, band_lambda=options.band_lambda))
    rows = rows.sort_values("expected_rank", kind="stable")
    facts = {
        "title": study.scoring.title,
        "file": study.scoring.file,
        "sha256": own.sha256,
        "statement": own.statement,
        **rank_facts(scores, summary, own.best),
    }
    return ScoreTables(facts, {"rows": rows, "rank_pmf": pmf_frame(summary).loc[rows.index]})
