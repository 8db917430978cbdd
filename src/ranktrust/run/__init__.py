"""A study's run: from the study file to the folder of its answer."""

from ranktrust.run.answer import Answer, answer_one, seed_of, statement_of
from ranktrust.run.certify import calibrate_statement, calibrate_study
from ranktrust.run.outlook import outlook
from ranktrust.run.rendering import render_scattered
from ranktrust.run.reproductions import reproduce
from ranktrust.run.stages import run_study

__all__ = [
    "Answer",
    "answer_one",
    "calibrate_statement",
    "calibrate_study",
    "outlook",
    "render_scattered",
    "reproduce",
    "run_study",
    "seed_of",
    "statement_of",
]
