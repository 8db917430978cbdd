"""`LeagueTable`: what a fit says about the order of trusts, one row a trust, as a frozen value."""

from ranktrust.league.bands import TONES, band_tone, sets_of
from ranktrust.league.build import score
from ranktrust.league.files import read_facts, read_league_table, tidy_rows, write_league_table
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
from ranktrust.league.scenarios import with_scenarios
from ranktrust.league.sentences import (
    band_sentence,
    bands_line,
    caution_sentences,
    headline,
    misordered_text,
    order_sentence,
    scenario_in_short,
    scenario_sentence,
    set_sentence,
    source_sentence,
    split_text,
    summary_sentences,
)
from ranktrust.league.standing import Standing, standing_of
from ranktrust.league.table import CHECK_RETURN, STANDARD_PROB, Facts, LeagueTable, Question, standard_classes
from ranktrust.league.trajectory import CERTAIN, Trajectory, TrajectoryFacts, expected_wrong, moved
from ranktrust.league.withheld import publishable, publishable_panel, without_trusts

__all__ = [
    "CERTAIN",
    "CHECK_RETURN",
    "PARAMETER_WORDS",
    "SCENARIO_WORDS",
    "STANDARD_PROB",
    "TONES",
    "Facts",
    "Following",
    "LeagueTable",
    "Quantities",
    "Question",
    "Standing",
    "Trajectory",
    "TrajectoryFacts",
    "band_sentence",
    "band_tone",
    "bands_line",
    "caution_sentences",
    "change_interval_text",
    "change_text",
    "diagnose_trajectory",
    "expected_wrong",
    "follow_headline",
    "follow_sentences",
    "headline",
    "method_words",
    "misordered_text",
    "moved",
    "movers",
    "noise_sentence",
    "order_sentence",
    "publishable",
    "publishable_panel",
    "quantities",
    "read_facts",
    "read_league_table",
    "read_trajectory",
    "scenario_in_short",
    "scenario_sentence",
    "score",
    "score_trajectory",
    "set_sentence",
    "sets_of",
    "share_sentences",
    "source_sentence",
    "split_text",
    "standard_classes",
    "standing_of",
    "summary_sentences",
    "tidy_rows",
    "width_sentence",
    "with_scenarios",
    "without_trusts",
    "write_league_table",
    "write_trajectory",
]
