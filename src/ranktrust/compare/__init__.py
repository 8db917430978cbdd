"""Runs and trusts set beside each other: what changed between two runs, and why a trust stands where it stands."""

from ranktrust.compare.causes import CAUSE_WORDS, CAUSES, Cause, Side, attribution, causes_of
from ranktrust.compare.explain import Explanation, Paragraph, code_of, explain_trust, explanation_lines
from ranktrust.compare.moved import Apart, Moved, moved_between
from ranktrust.compare.real import Changed, Real, months_of, real_change
from ranktrust.compare.runs import OneIndicator, RunsCompared, ScoreMoved, compare_runs
from ranktrust.compare.sentences import difference_lines, indicator_lines, moved_sentences, real_sentences

__all__ = [
    "CAUSES",
    "CAUSE_WORDS",
    "Apart",
    "Cause",
    "Changed",
    "Explanation",
    "Moved",
    "OneIndicator",
    "Paragraph",
    "Real",
    "RunsCompared",
    "ScoreMoved",
    "Side",
    "attribution",
    "causes_of",
    "code_of",
    "compare_runs",
    "difference_lines",
    "explain_trust",
    "explanation_lines",
    "indicator_lines",
    "months_of",
    "moved_between",
    "moved_sentences",
    "real_change",
    "real_sentences",
]
