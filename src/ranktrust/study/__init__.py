"""A study is a question: which trusts, which indicators, which statements, what is printed."""

from ranktrust.study.definitions import DeclaredIndicator, read_indicators
from ranktrust.study.scores import Composite, Constant, Metric, Official, Scoring
from ranktrust.study.study import Asked, ContextReference, FitSettings, RankOptions, Study, Trusts, read_study

__all__ = [
    "Asked",
    "Composite",
    "Constant",
    "ContextReference",
    "DeclaredIndicator",
    "FitSettings",
    "Metric",
    "Official",
    "RankOptions",
    "Scoring",
    "Study",
    "Trusts",
    "read_indicators",
    "read_study",
]
