"""What follows from each answer for those who must act, written beside its league table."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ranktrust.assets import find_asset
from ranktrust.decide import decide, nearest, write_decisions, write_similar
from ranktrust.disclosure import MARK
from ranktrust.files import sha256_of
from ranktrust.league import LeagueTable
from ranktrust.panel import Panel
from ranktrust.publish import NOTEBOOKS
from ranktrust.run.answer import Answer
from ranktrust.study import Study


def acting_notebooks(study: Study) -> dict[str, Path]:
    """The notebooks of the pages on trusts, support and regions, by what they are about."""
    return {name: find_asset("notebooks", notebook, beside=study.folder) for name, notebook in NOTEBOOKS.items()}


def with_decisions(manifest: dict[str, Any], study: Study) -> dict[str, Any]:
    """The manifest with the digests of these notebooks."""
    digests = {path.stem: sha256_of(path) for path in acting_notebooks(study).values()}
    return {**manifest, "notebooks": {**manifest["notebooks"], **digests}}


def write_decided(answer: Answer, table: LeagueTable, folder: Path) -> None:
    """Write tables/decide/<indicator>/ of one answer; nothing where its draws gave no numbers."""
    if not table.has_numbers:
        return
    level = answer.fit["posterior"].to_dataset()[table.facts.latent]
    hidden = frozenset(str(code) for code, figure in table.rows["figure"].items() if MARK in figure)
    write_decisions(
        decide(level, answer.panel, ranked=table.facts.ranked, prob=table.facts.prob, hidden=hidden), folder
    )


def write_neighbours(panels: Mapping[str, Panel], folder: Path) -> None:
    """Write tables/decide/similar.csv: the nearest trusts by the study's covariates, over all its indicators."""
    context = pd.concat([panel.context for panel in panels.values()])
    trusts = pd.concat([panel.trusts for panel in panels.values()])
    context, trusts = (frame[~frame.index.duplicated()].sort_index() for frame in (context, trusts))
    write_similar(nearest(context, trusts["type"]), folder)
