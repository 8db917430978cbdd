"""A study is a question: which trusts, which indicators, which statements, what is printed."""

from ranktrust.study.definitions import DeclaredIndicator, read_indicators
from ranktrust.study.study import Asked, ContextReference, FitSettings, RankOptions, Study, Trusts, read_study
from ranktrust.study.trajectory import Followed

__all__ = [
    "Asked",
    "ContextReference",
    "DeclaredIndicator",
    "FitSettings",
    "Followed",
    "RankOptions",
    "Study",
    "Trusts",
    "read_indicators",
    "read_study",
]
