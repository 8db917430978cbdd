"""Orders that are best for a stated loss, what each costs, and r-values.

There is no best order as such: which trust comes "first" depends on what an error costs. So an order is published with
the loss that it minimises, its expected loss, and the ratio of that to an order drawn at random.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ranktrust.errors import UsageError
from ranktrust.ranks import losses
from ranktrust.ranks.losses import Weights
from ranktrust.ranks.posterior import SLACK
from ranktrust.ranks.summaries import RankSummary

type Floats = NDArray[np.float64]

OWN_LOSS = {
    "expected_rank": "squared",
    "absolute": "absolute",
    "most_probable": "placement",
    "top_k": "top_k",
    "top_k_two_stage": "top_k",
    "published_distance": "published_distance",
    "true_distance": "true_distance",
    "both_distance": "both_distance",
}
"""The loss that each order minimises."""


@dataclass(frozen=True)
class Orderings:
    """Orders and losses of one set of trusts.

    `place` is (order, trust); `expected_loss` is (order, loss), every order under every loss; `random_loss` is by
    loss. `ratio` is their quotient, 1 for an order drawn at random. `top` is the k of the classification losses.
    """

    table: xr.Dataset
    top: int
    weights: Weights

    def own_loss(self, order: str) -> tuple[float, float]:
        """Expected loss of an order under the loss that it minimises, and its ratio to random."""
        cell = self.table.sel(order=order, loss=OWN_LOSS[order])
        return cell["expected_loss"].item(), cell["ratio"].item()


def orderings(summary: RankSummary, *, weights: Weights | None = None) -> Orderings:
    """Orders that minimise each loss of `losses`, from the rank pmf of a summary; k is its `top`.

    Equal scores go by expected rank, then in the order of the trusts. "top_k" sorts by P(top k), which is optimal for
    misclassification and for its published-distance form; "top_k_two_stage" has the same top k, each class sorted by
    expected rank. "absolute", "most_probable" and "both_distance" are assignments, O(n^3).
    """
    weights = _checked(weights or Weights())
    pmf, k = summary.table["rank_pmf"].to_numpy(), summary.top
    costs = _costs(pmf, k, weights)
    places = _places(pmf, k, costs)
    expected = [[losses.expected_loss(cost, place) for cost in costs.values()] for place in places.values()]
    random = np.array([losses.random_loss(cost) for cost in costs.values()])
    return Orderings(_table(summary, places, costs, np.array(expected), random), k, weights)


def r_values(summary: RankSummary) -> xr.DataArray:
    """r_i = min{k: P(R_i <= k) is among the k largest} / n: `r_value` by trust, small is good.

    The finite form of Henderson and Newton 2016 (JRSS B 78:781-804). The lists {i: r_i <= k / n} are nested in k,
    which lists by P(top k) are not, and may hold more than k trusts.
    """
    counts = summary.table["rank_cdf"].to_numpy()
    sizes = np.arange(1, summary.n + 1)
    values = sizes[losses.r_value_levels(counts, sizes)] / summary.n
    trusts = summary.table[summary.trust_dim]
    return xr.DataArray(values, dims=summary.trust_dim, coords={summary.trust_dim: trusts.to_numpy()}, name="r_value")


def expected_loss(summary: RankSummary, places: xr.DataArray, *, weights: Weights | None = None) -> xr.Dataset:
    """Expected loss of any published order, by loss: `places` is each trust's place, 1 to n, by name.

    Gives `expected_loss`, `random_loss` and `ratio`. Raises UsageError unless every place is held once.
    """
    published = places.sel({summary.trust_dim: summary.table[summary.trust_dim]}).to_numpy().astype(np.int64)
    if not np.array_equal(np.sort(published), np.arange(1, summary.n + 1)):
        raise UsageError(f"an order holds every place from 1 to {summary.n} once")
    costs = _costs(summary.table["rank_pmf"].to_numpy(), summary.top, _checked(weights or Weights()))
    found = np.array([losses.expected_loss(cost, published) for cost in costs.values()])
    random = np.array([losses.random_loss(cost) for cost in costs.values()])
    variables = {"expected_loss": found, "random_loss": random, "ratio": _ratio(found, random)}
    return xr.Dataset({name: ("loss", values) for name, values in variables.items()}, coords={"loss": list(costs)})


def _costs(pmf: Floats, k: int, weights: Weights) -> dict[str, Floats]:
    return {
        "squared": losses.squared_cost(pmf),
        "absolute": losses.absolute_cost(pmf),
        "placement": losses.placement_cost(pmf),
        "top_k": losses.top_cost(pmf, k),
        "published_distance": losses.published_distance_cost(pmf, k, weights),
        "true_distance": losses.true_distance_cost(pmf, k, weights),
        "both_distance": losses.both_distance_cost(pmf, k, weights),
    }


def _places(pmf: Floats, k: int, costs: dict[str, Floats]) -> dict[str, NDArray[np.int64]]:
    expected = pmf @ np.arange(1, pmf.shape[1] + 1)
    by_top = losses.places_by(-pmf[:, :k].sum(axis=1), expected)
    stakes = costs["true_distance"]
    return {
        "expected_rank": losses.places_by(expected),
        "absolute": losses.best_assignment(costs["absolute"]),
        "most_probable": losses.best_assignment(costs["placement"]),
        "top_k": by_top,
        "top_k_two_stage": losses.places_by((by_top > k).astype(np.float64), expected),
        "published_distance": by_top,
        "true_distance": losses.places_by(stakes[:, 0] - stakes[:, -1], expected),
        "both_distance": losses.best_assignment(costs["both_distance"]),
    }


def _table(
    summary: RankSummary,
    places: dict[str, NDArray[np.int64]],
    costs: dict[str, Floats],
    expected: Floats,
    random: Floats,
) -> xr.Dataset:
    trust = summary.trust_dim
    variables = {
        "place": (("order", trust), np.stack(list(places.values()))),
        "expected_loss": (("order", "loss"), expected),
        "random_loss": (("loss",), random),
        "ratio": (("order", "loss"), _ratio(expected, random)),
    }
    coords = {"order": list(places), "loss": list(costs), trust: summary.table[trust].to_numpy()}
    return xr.Dataset(variables, coords=coords)


def _ratio(expected: Floats, random: Floats) -> Floats:
    """Expected loss over that of a random order; NaN where no order can err (k = n)."""
    possible = random > SLACK
    return np.where(possible, expected / np.where(possible, random, 1.0), np.nan)


def _checked(weights: Weights) -> Weights:
    if not all(np.isfinite(value) and value >= 0 for value in (weights.p, weights.q, weights.c)):
        raise UsageError(f"weights must be finite and not negative, and are {weights}")
    return weights
