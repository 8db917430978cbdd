"""What follows from each answer for those who must act, written beside its league table."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ranktrust.decide import decide, nearest, write_decisions, write_similar
from ranktrust.disclosure import MARK
from ranktrust.league import LeagueTable
from ranktrust.panel import Panel
from ranktrust.run.answer import Answer


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
