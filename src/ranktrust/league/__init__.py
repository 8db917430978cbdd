"""`LeagueTable`: what a fit says about the order of trusts, one row a trust, as a frozen value."""

from ranktrust.league.build import score
from ranktrust.league.files import read_league_table, tidy_rows, write_league_table
from ranktrust.league.follow import Following, diagnose_trajectory, score_trajectory
from ranktrust.league.follow_files import read_trajectory, write_trajectory
from ranktrust.league.follow_sentences import (
    PARAMETER_WORDS,
    SCENARIO_WORDS,
    change_interval_text,
    change_text,
    follow_headline,
    follow_sentences,
    method_words,
    movers,
    noise_sentence,
    share_sentences,
    width_sentence,
)
from ranktrust.league.quantities import Quantities, quantities
from ranktrust.league.sentences import (
    caution_sentences,
    headline,
    order_sentence,
    scenario_sentence,
    set_sentence,
    summary_sentences,
)
from ranktrust.league.table import BAND_PROB, LOWER, MIDDLE, UPPER, Facts, LeagueTable, Question, standard_classes
from ranktrust.league.trajectory import CERTAIN, Trajectory, TrajectoryFacts, moved

__all__ = [
    "BAND_PROB",
    "CERTAIN",
    "LOWER",
    "MIDDLE",
    "PARAMETER_WORDS",
    "SCENARIO_WORDS",
    "UPPER",
    "Facts",
    "Following",
    "LeagueTable",
    "Quantities",
    "Question",
    "Trajectory",
    "TrajectoryFacts",
    "caution_sentences",
    "change_interval_text",
    "change_text",
    "diagnose_trajectory",
    "follow_headline",
    "follow_sentences",
    "headline",
    "method_words",
    "moved",
    "movers",
    "noise_sentence",
    "order_sentence",
    "quantities",
    "read_league_table",
    "read_trajectory",
    "scenario_sentence",
    "score",
    "score_trajectory",
    "set_sentence",
    "share_sentences",
    "standard_classes",
    "summary_sentences",
    "tidy_rows",
    "width_sentence",
    "write_league_table",
    "write_trajectory",
]
