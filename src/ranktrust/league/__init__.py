"""`LeagueTable`: what a fit says about the order of trusts, one row a trust, as a frozen value."""

from ranktrust.league.bands import TONES, band_tone, sets_of
from ranktrust.league.build import score
from ranktrust.league.files import read_league_table, tidy_rows, write_league_table
from ranktrust.league.scenarios import with_scenarios
from ranktrust.league.sentences import (
    band_sentence,
    caution_sentences,
    headline,
    misordered_text,
    order_sentence,
    scenario_sentence,
    set_sentence,
    split_text,
    summary_sentences,
)
from ranktrust.league.table import STANDARD_PROB, Facts, LeagueTable, Question, standard_classes

__all__ = [
    "STANDARD_PROB",
    "TONES",
    "Facts",
    "LeagueTable",
    "Question",
    "band_sentence",
    "band_tone",
    "caution_sentences",
    "headline",
    "misordered_text",
    "order_sentence",
    "read_league_table",
    "scenario_sentence",
    "score",
    "set_sentence",
    "sets_of",
    "split_text",
    "standard_classes",
    "summary_sentences",
    "tidy_rows",
    "with_scenarios",
    "write_league_table",
]
