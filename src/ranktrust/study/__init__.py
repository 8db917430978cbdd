"""A study is a question: which trusts, which indicators, which statements, what is printed."""

from ranktrust.study.definitions import DeclaredIndicator, read_indicators
from ranktrust.study.profile import Profile
from ranktrust.study.scores import QUARTILES, Composite, Constant, Metric, Official, Scoring
from ranktrust.study.sensitivity import AlternativePriors, SensitivityOptions
from ranktrust.study.study import Asked, ContextReference, FitSettings, RankOptions, Study, Trusts, read_study
from ranktrust.study.trajectory import Followed

__all__ = [
    "QUARTILES",
    "AlternativePriors",
    "Asked",
    "Composite",
    "Constant",
    "ContextReference",
    "DeclaredIndicator",
    "FitSettings",
    "Followed",
    "Metric",
    "Official",
    "Profile",
    "RankOptions",
    "Scoring",
    "SensitivityOptions",
    "Study",
    "Trusts",
    "read_indicators",
    "read_study",
]
