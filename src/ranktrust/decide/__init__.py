"""What follows for those who must act: whom to support, from whom to learn, where regions stand."""

from ranktrust.decide.decisions import Decisions, decide
from ranktrust.decide.excess import Excess, excess_events, volumes_of
from ranktrust.decide.files import has_decisions, read_decisions, read_similar, write_decisions, write_similar
from ranktrust.decide.pairs import pair_rows
from ranktrust.decide.regions import beside_rows, group_rows, within_rows
from ranktrust.decide.similar import NEAREST, nearest
from ranktrust.decide.steps import STEPS, rank_steps
from ranktrust.decide.support import CAUTIOUS, Goal, budgets, headline_budget, support_lists

__all__ = [
    "CAUTIOUS",
    "NEAREST",
    "STEPS",
    "Decisions",
    "Excess",
    "Goal",
    "beside_rows",
    "budgets",
    "decide",
    "excess_events",
    "group_rows",
    "has_decisions",
    "headline_budget",
    "nearest",
    "pair_rows",
    "rank_steps",
    "read_decisions",
    "read_similar",
    "support_lists",
    "volumes_of",
    "within_rows",
    "write_decisions",
    "write_similar",
]
