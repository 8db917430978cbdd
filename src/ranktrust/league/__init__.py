"""`LeagueTable`: what a fit says about the order of trusts, one row a trust, as a frozen value."""

from ranktrust.league.build import score
from ranktrust.league.files import read_league_table, tidy_rows, write_league_table
from ranktrust.league.scenarios import with_scenarios
from ranktrust.league.sentences import (
    caution_sentences,
    headline,
    order_sentence,
    scenario_sentence,
    set_sentence,
    summary_sentences,
)
from ranktrust.league.table import BAND_PROB, LOWER, MIDDLE, UPPER, Facts, LeagueTable, Question, standard_classes

__all__ = [
    "BAND_PROB",
    "LOWER",
    "MIDDLE",
    "UPPER",
    "Facts",
    "LeagueTable",
    "Question",
    "caution_sentences",
    "headline",
    "order_sentence",
    "read_league_table",
    "scenario_sentence",
    "score",
    "set_sentence",
    "standard_classes",
    "summary_sentences",
    "tidy_rows",
    "with_scenarios",
    "write_league_table",
]
