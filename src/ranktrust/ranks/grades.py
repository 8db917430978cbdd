"""Grades: trusts put into as many classes as the posterior can tell apart, with what that division gets wrong.

A pair of trusts is worth splitting when the better one is above the other with probability over 1 / (1 + lambda): 0.8
at the default 0.25. Grade 1 is best. Discordance counts unordered pairs. Members of a grade can often be told apart,
and members of two grades need not be: the grades are right on average, not pair by pair (docs/statistics.md,
decision 11). Formulas are in docs/ranks.md.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ranktrust.errors import UsageError
from ranktrust.ranks import card_search, monte_carlo, posterior, report_card
from ranktrust.ranks.draws import Draws, oriented
from ranktrust.vocabulary import Best

type Floats = NDArray[np.float64]

LAMBDA = 0.25
BUDGET = 0.05
BATCHES = 10
"""Batches a chain: batch means give the error of any sum of pairs at the cost of one matrix a batch."""


@dataclass(frozen=True)
class Grades:
    """A report card.

    `table` has, by trust: `grade` and `place`, that in the order of grades and within them; by `of_grade`: `trusts`,
    how many; by `of_grade` and `other_grade`: `discordance_between`, the expected share of the pairs of a better and a
    worse grade that are the other way round, NaN elsewhere. Without a dimension: `separated`, the share of pairs split;
    `discordance`, the expected share of all pairs split the wrong way round; `discordance_separated`, that share among
    the pairs split, NaN where there are none; `tau`, the expected Kendall correlation, pairs within a grade counting
    0; `p_all_correct`, the probability that no pair split is wrong or tied. A Monte Carlo error is `<name>_mcse`.

    `lambda_` is the weight at which these grades are best; `grades` how many there are; `violation` how far P(above) is
    from proving them best of all, 0 being proof; `best` the good end of the natural scale.
    """

    table: xr.Dataset
    lambda_: float
    grades: int
    violation: float
    best: Best

    @property
    def trust_dim(self) -> str:
        """Name of the dimension that was graded."""
        return str(self.table["place"].dims[0])


@dataclass(frozen=True)
class _Judged:
    """Draws with their pairwise shares, over all and by batch, and the order to be cut."""

    draws: Draws
    ranks: posterior.RankDraws
    above: Floats
    order: report_card.Places
    batches: Floats
    weights: Floats
    ess: Floats
    violation: float

    @property
    def pairs(self) -> float:
        """How many unordered pairs there are."""
        return self.ranks.n * (self.ranks.n - 1) / 2

    @property
    def floor(self) -> float:
        """Error of the count of wrong pairs where no draw shows one."""
        return float(monte_carlo.probability_mcse(np.zeros(1), np.array([self.ess.min()]))[0])

    def batch_error(self, sums: Floats) -> Floats:
        """Monte Carlo error of a mean from its means by batch, on the first axis."""
        centred = sums - np.tensordot(self.weights, sums, axes=1)
        error: Floats = np.sqrt(np.tensordot(self.weights, centred**2, axes=1) / (len(self.weights) - 1))
        return error


def grade_trusts(draws: xr.DataArray, *, best: Best, lambda_: float = LAMBDA) -> Grades:
    """Grades that maximise the sum of (1 + lambda) P(above) - 1 over the pairs split (Kline, Rose and Walters 2024).

    At lambda 0 there is one grade; at 1 every pair that leans either way is worth splitting. Recommended: the default,
    at which the pairs between neighbouring grades are on average 80 % sure or more. Reversing direction turns it over.

    Raises UsageError for a lambda outside [0, 1].
    """
    if not 0 <= lambda_ <= 1:
        raise UsageError(f"lambda_ must lie between 0 and 1, and is {lambda_}")
    judged = _judge(draws, best)
    return _grades(judged, card_search.best_card(judged.above, lambda_), lambda_, best)


def grade_frontier(draws: xr.DataArray, *, best: Best) -> pd.DataFrame:
    """Every report card that is best for some lambda in [0, 1], a row each from coarse to fine.

    Proven where `violation` is 0; otherwise a card that moving more than one trust would reach may be missing.
    Columns: `lambda_from`, `lambda_to`, `grades`, `separated`, and, with `_mcse`, `discordance`,
    `discordance_separated` and `tau`, as in Grades.
    """
    judged = _judge(draws, best)
    return _frontier(judged, *card_search.best_cards(judged.above))


def grade_within(draws: xr.DataArray, *, best: Best, budget: float = BUDGET) -> Grades:
    """Finest report card of the frontier whose expected discordance among the pairs that it splits is within `budget`.

    A budget over all pairs would be met by one grade, so it is not offered. One grade where no other card is within
    the budget.
    """
    if not 0 <= budget <= 0.5:
        raise UsageError(f"budget must lie between 0 and 0.5, and is {budget}")
    judged = _judge(draws, best)
    cuts, starts = card_search.best_cards(judged.above)
    table = _frontier(judged, cuts, starts)
    chosen = int(np.flatnonzero(table["discordance_separated"].fillna(0.0) <= budget)[-1])
    middle = float(table[["lambda_from", "lambda_to"]].iloc[chosen].mean())
    return _grades(judged, cuts[chosen], middle, best)


def _judge(draws: xr.DataArray, best: Best) -> _Judged:
    checked = oriented(draws, best=best)
    ranks = posterior.rank_samples(checked.values)
    above = posterior.above_shares(ranks)
    order = report_card.best_order(above)
    batches, weights = _batches(ranks)
    ess = monte_carlo.ess_of_ranks(ranks.by_chain(posterior.mid_ranks(ranks)), checked.values)
    return _Judged(checked, ranks, above, order, batches, weights, ess, report_card.violation(above, order))


def _batches(ranks: posterior.RankDraws) -> tuple[Floats, Floats]:
    """P(row below column) in each batch of consecutive draws of a chain, and the batch's share of all draws."""
    chains = np.split(np.arange(ranks.samples), ranks.chains)
    parts = [part for chain in chains for part in np.array_split(chain, min(BATCHES, len(chain)))]
    some = [
        posterior.RankDraws(
            np.ascontiguousarray(ranks.first[:, part]), np.ascontiguousarray(ranks.tied[:, part]), chains=1
        )
        for part in parts
    ]
    below = np.stack([1 - posterior.above_shares(each) for each in some])
    return below, np.array([len(part) for part in parts]) / ranks.samples


def _grades(judged: _Judged, cut: report_card.Cut, lambda_: float, best: Best) -> Grades:
    dim, labels = judged.draws.trust_dim, np.arange(1, cut.grade.max() + 1)
    between, error = _between(judged, cut.grade)
    table = xr.Dataset(
        {
            "grade": (dim, cut.grade),
            "place": (dim, 1 + np.argsort(np.lexsort((np.argsort(judged.order), cut.grade)))),
            "trusts": ("of_grade", np.bincount(cut.grade)[1:]),
            "discordance_between": (("of_grade", "other_grade"), between),
            "discordance_between_mcse": (("of_grade", "other_grade"), error),
            **{name: ((), value) for name, value in _wholes(judged, cut).items()},
        },
        coords={dim: judged.draws.trusts.to_numpy(), "of_grade": labels, "other_grade": labels},
    )
    return Grades(table, lambda_, len(labels), judged.violation, best)


def _between(judged: _Judged, grade: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Expected discordance between grades, and its error from batches, never less than that of a pair never seen."""
    member = (grade == np.arange(1, grade.max() + 1)[:, None]).astype(np.float64)
    size = np.outer(member.sum(axis=1), member.sum(axis=1))
    by_batch = member @ judged.batches @ member.T / size
    mean = np.tensordot(judged.weights, by_batch, axes=1)
    error = np.maximum(judged.batch_error(by_batch), judged.floor / size)
    lower = np.tril(np.ones_like(mean, dtype=np.bool_))
    return np.where(lower, np.nan, mean), np.where(lower, np.nan, error)


def _wholes(judged: _Judged, cut: report_card.Cut) -> dict[str, float]:
    """Statements about all pairs at once, from the number of pairs that each draw puts the other way round."""
    wrong = report_card.inversions(judged.ranks.first, cut.grade).reshape(1, judged.ranks.chains, -1)
    split = float(cut.separated)
    if not split:
        return _shares(0.0, 0.0, 0.0, judged.pairs) | {"p_all_correct": 1.0, "p_all_correct_mcse": 0.0}
    instead = np.array([judged.ess.min()])
    error = monte_carlo.mean_mcse(wrong, monte_carlo.ess(wrong, "mean", instead=instead))[0]
    right = (wrong == 0).astype(np.float64)
    mcse = monte_carlo.probability_mcse(right.mean(axis=(1, 2)), monte_carlo.ess(right, "bulk", instead=instead))[0]
    sure = {"p_all_correct": float(right.mean()), "p_all_correct_mcse": float(mcse)}
    return _shares(float(wrong.mean()), float(error), split, judged.pairs) | sure


def _shares(wrong: float, error: float, split: float, pairs: float) -> dict[str, float]:
    """Shares of pairs from the expected number of wrong pairs, its error, and how many are split."""
    return {
        "separated": split / pairs,
        "discordance": wrong / pairs,
        "discordance_mcse": error / pairs,
        "discordance_separated": wrong / split if split else float("nan"),
        "discordance_separated_mcse": error / split if split else float("nan"),
        "tau": (split - 2 * wrong) / pairs,
        "tau_mcse": 2 * error / pairs,
    }


def _frontier(judged: _Judged, cuts: list[report_card.Cut], starts: list[float]) -> pd.DataFrame:
    rows = []
    for cut, start, stop in zip(cuts, starts, [*starts[1:], 1.0], strict=True):
        split = cut.grade[:, None] < cut.grade[None, :]
        error = max(float(judged.batch_error(judged.batches[:, split].sum(axis=1))), judged.floor)
        wrong = cut.separated - cut.agreed
        head = {"lambda_from": start, "lambda_to": stop, "grades": int(cut.grade.max())}
        rows.append(head | _shares(wrong, error if cut.separated else 0.0, float(cut.separated), judged.pairs))
    return pd.DataFrame(rows)
