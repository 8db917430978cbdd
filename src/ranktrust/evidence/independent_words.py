"""Agreement and disagreement with other methods in words, generated from the numbers by fixed rules."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from ranktrust.evidence.independent import PROB, TEXT, Independent
from ranktrust.vocabulary import Kind
from ranktrust.words import count_text

NAMED: Final = 8
"""How many trusts a sentence names at most."""


def independent_sentences(
    found: Independent, *, kind: Kind, noun: str, covariates: Sequence[str] = ()
) -> tuple[str, ...]:
    """What each other method says beside the model, and why they differ where they do."""
    parts = [
        _pooling(found.table, kind, noun),
        _bayes(found.table, kind, covariates),
        _funnel(found.table, noun),
        _official(found.table, noun),
        _sets(found, noun),
    ]
    return tuple(part for part in parts if part)


def _pooling(table: pd.DataFrame, kind: Kind, noun: str) -> str:
    """How far pooling moves figures, and whose most."""
    moved = (table["pooled"] - table["alone"]).abs()
    width = table["alone_upper"] - table["alone_lower"]
    most = str(moved.idxmax())
    place = int((width > width[most]).sum()) + 1
    widest = "the widest" if place == 1 else f"number {place} by width"
    return (
        f"Against each {noun} alone, pooling moves the median {noun} by {_size(moved.median(), kind)}, and {most} "
        f"most: by {_size(moved[most], kind)}. Its own interval is {widest} of {len(table)}."
    )


def _bayes(table: pd.DataFrame, kind: Kind, covariates: Sequence[str]) -> str:
    """Agreement with empirical Bayes, and what the model knows that it does not."""
    apart = (table["pooled"] - table["empirical_bayes"]).abs()
    half = (table["pooled_upper"] - table["pooled_lower"]) / 2
    outside = (table["pooled"] < table["empirical_bayes_lower"]) | (table["pooled"] > table["empirical_bayes_upper"])
    agree = bool((apart < half / 4).all())
    said = (
        f"Empirical Bayes {'agrees' if agree else 'differs'}: the largest distance of its estimates from the model's "
        f"is {_size(apart.max(), kind)} ({apart.idxmax()}); {int(outside.sum()) or 'none'} of the model's lie outside "
        "its intervals."
    )
    known = "the uncertainty of the spread" + (f" and {' and '.join(covariates)}" if covariates else "")
    return said if agree else f"{said} It takes figures as normal and leaves out {known}."


def _funnel(table: pd.DataFrame, noun: str) -> str:
    """Who lies outside the funnel, and who outside the model's prediction from the others."""
    if (table["funnel_band"] == "").all():
        return ""
    funnel = table["funnel_band"] != "as expected"
    count = count_text(int(funnel.sum()), noun)
    if (table["model_band"] == "").all():
        return f"Over-dispersed funnel limits leave {count} outside; the model has no prediction to set beside them."
    model = table["model_band"] != "as expected"
    both = model & (table["funnel_band"] == table["model_band"])
    said = (
        f"Outside over-dispersed funnel limits {'lies' if funnel.sum() == 1 else 'lie'} {count}, outside "
        f"{100 * PROB:.0f}% of what the model predicts from the others {int(model.sum()) or 'none'}; "
        f"{int(both.sum()) or 'none'} by both."
    )
    alone = [
        f"{name} alone: {_named(table.index[mask])}."
        for name, mask in (("By the funnel", funnel & ~both), ("By the model", model & ~both))
        if mask.any()
    ]
    why = "The funnel finds its spread without a tenth of them at each end, the model from all."
    return " ".join([said, *alone, why]) if alone else said


def _official(table: pd.DataFrame, noun: str) -> str:
    """For how many the official bands are those of the funnel and of the model."""
    known = table[table["official_band"] != ""]
    parts = []
    for name, column in (("the funnel here", "funnel_band"), ("the model", "model_band")):
        if len(known) and (known[column] != "").all():
            other = known[column] != known["official_band"]
            apart = f", all but {_named(known.index[other])}" if other.any() else ""
            parts.append(f"{name} for {int((~other).sum())}{apart}")
    return f"The official bands of {count_text(len(known), noun)} are those of {'; of '.join(parts)}." if parts else ""


def _sets(found: Independent, noun: str) -> str:
    """Simultaneous rank sets of repeated samples beside those of the posterior."""
    table = found.table
    if table["frequentist_lower"].isna().any():
        return ""
    own, other = (
        float((table[f"{name}_upper"] - table[f"{name}_lower"] + 1).mean()) for name in ("posterior", "frequentist")
    )
    above = table["frequentist_lower"] > table["posterior_upper"]
    apart = above | (table["posterior_lower"] > table["frequentist_upper"])
    met = f"For every {noun} they overlap."
    if apart.any():
        met = f"They share no place for {_named(table.index[apart])}."
    return (
        f"Rank sets that hold all ranks at once in {100 * PROB:.0f}% of repeated samples are {other:.1f} places wide "
        f"on average, those of the posterior {own:.1f}. {met} "
    ) + _why(found.facts["share"], own > other)


def _why(share: float | None, wider: bool) -> str:
    if wider and share:
        return f"The posterior's are wider because {100 * share:.2g}% of the variance between is set aside as noise."
    if wider:
        return "The posterior's are wider although they pool: they carry the uncertainty of the spread."
    return "The posterior's are narrower: pooling borrows from all, while the others hold whatever the true values are."


def _named(trusts: pd.Index) -> str:
    names = [str(trust) for trust in trusts]
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _size(value: float, kind: Kind) -> str:
    """A distance on the natural scale, never finer than is of use."""
    if kind == "proportion":
        return f"{100 * value:.2f} percentage points" if value >= 0.0001 else "less than 0.01 percentage points"
    return f"{value:.3f}" if value >= 0.001 else "less than 0.001"


def disagreements(found: Independent) -> pd.DataFrame:
    """The rows where two methods that say so put a trust into different bands."""
    said = [found.table[name].where(found.table[name] != "") for name in TEXT]
    pairs = [(one, two) for place, one in enumerate(said) for two in said[place + 1 :]]
    apart = [one.notna() & two.notna() & (one != two) for one, two in pairs]
    return found.table[np.logical_or.reduce(apart)]
