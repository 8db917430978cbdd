"""Statements compared by how well they predict a trust that they have not seen, and by what they do to the order.

The expected log score of a statement is the sum over trusts of log p(y_i | the other trusts) (`held_out`). Its
difference between two statements has the standard error sqrt(n var(differences)); below 4, or below two standard
errors, it tells nothing (Sivula, Magnusson, Matamoros and Vehtari 2020, arXiv:2008.10296). The scenarios of the share
and the levels leave the law of the figures as it is, so they have no score of their own.
"""

from typing import Final, Literal

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.evidence.choices import PUBLISHED, Sensitivity, comparison
from ranktrust.evidence.held_out import held_out
from ranktrust.evidence.kernels import figures_of
from ranktrust.evidence.laws import gives_back, law_of, names_known
from ranktrust.panel import Panel

type Prediction = Literal["better", "worse", "alike"]

LEAST: Final = 4.0
ERRORS: Final = 2.0
COLUMNS: Final = ("choice", "difference", "error", "prediction", "moved")


def log_scores(fit: xr.DataTree, panel: Panel, *, refit: bool = False) -> pd.Series | float:
    """Log score of each trust when it is left out; NaN where the statement's law of trusts is not a known one.

    A `refit` keeps no log prior to hold the law to, so it is judged by the names of its parameters.
    """
    figures, law = figures_of(panel), law_of(fit["posterior"].to_dataset(), panel)
    if figures is None or law is None or not (names_known(fit) if refit else gives_back(fit, law)):
        return float("nan")
    return held_out(figures, law)["elpd"]


def score_table(found: Sensitivity) -> pd.DataFrame:
    """One row a choice that has scores and is not the published one, COLUMNS: its score less the published score.

    `prediction` is `alike` where the difference tells nothing; `moved` counts the trusts whose band the choice changes.
    """
    published, moved = found.published.rows["log_score"], comparison(found)["changed"]
    rows = []
    for view in found.fitted[1:]:
        difference = (view.rows["log_score"] - published).dropna()
        if len(difference) == found.n:
            rows.append(_compared(view.choice.name, difference, int(moved[view.choice.name])))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _compared(name: str, difference: pd.Series, moved: int) -> dict[str, object]:
    total, error = float(difference.sum()), float(np.sqrt(len(difference) * difference.var()))
    plain = abs(total) < LEAST or abs(total) < ERRORS * error
    prediction: Prediction = "alike" if plain else "better" if total > 0 else "worse"
    return {"choice": name, "difference": total, "error": error, "prediction": prediction, "moved": moved}


def score_sentences(found: Sensitivity) -> tuple[str, ...]:
    """One sentence a statement: whether it predicts better, and how many trusts' bands it moves."""
    labels = {view.choice.name: view.choice for view in found.fitted}
    return tuple(
        f"'{labels[row['choice']].label}' {_WORDS[row['prediction']]} ({_difference(row)}): this change moves "
        f"{_bands(found, int(row['moved']))}."
        for _, row in score_table(found).iterrows()
        if labels[row["choice"]].group == "statement"
    )


_WORDS: Final = {
    "better": "predicts a trust that it has not seen better than what is published",
    "worse": "predicts a trust that it has not seen worse than what is published",
    "alike": "predicts a trust that it has not seen as well as what is published",
}


def _difference(row: pd.Series) -> str:
    return f"expected log score {row['difference']:+.1f}, standard error {row['error']:.1f}"


def _bands(found: Sensitivity, moved: int) -> str:
    if not moved:
        return f"no {found.noun}'s band"
    return f"1 {found.noun}'s band" if moved == 1 else f"{moved} {found.noun}s' bands"


def has_scores(found: Sensitivity) -> bool:
    """Whether the published statement has scores to compare with."""
    return PUBLISHED in {view.choice.name for view in found.fitted} and bool(
        found.published.rows["log_score"].notna().all()
    )
