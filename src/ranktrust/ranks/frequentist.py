"""Rank sets from estimates and their covariance, without a posterior: they cover the true ranks in repeated samples.

Every function takes named estimates and the keyword `best`, the end of the natural scale that is good; rank 1 is best.
They are conservative by construction, so they are wider than a posterior's rank intervals and answer another question:
a set holds the true rank in at least `prob` of repeated samples, whatever the true values are.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ranktrust.errors import UsageError
from ranktrust.ranks import stepdown as tests
from ranktrust.ranks.draws import check_best, listed
from ranktrust.vocabulary import TRUST, Best

type Side = Literal["both", "lower", "upper"]
type Coverage = Literal["simultaneous", "marginal"]
type Floats = NDArray[np.float64]
type Bounds = tuple[NDArray[np.int64], NDArray[np.int64]]

SIZE = 20_000
"""Draws behind a critical value: at 1,000, a third of the bounds of 38 units change with the seed."""
LEAST_SIZE = 1000


@dataclass(frozen=True)
class RankSets:
    """Sets that cover the true ranks with probability at least `prob`.

    `table` has, by trust, `rank_lower` and `rank_upper`, and, unless exact tests made them, `critical` and
    `critical_mcse`, the last critical value of the tests that bear on the trust, with its Monte Carlo error (the same
    for all in simultaneous sets). `coverage` says whether all ranks are covered at once or each by itself; `side`
    which bound carries the probability, the other being trivial; `size` and `seed` the draws behind it, 0 if none.
    """

    table: xr.Dataset
    prob: float
    coverage: Coverage
    side: Side
    best: Best
    size: int = 0
    seed: int = 0

    @property
    def trust_dim(self) -> str:
        """Name of the dimension that was ranked."""
        return str(self.table["rank_lower"].dims[0])


def rank_sets(  # noqa: PLR0913 - every argument but the figures has its default
    estimate: pd.Series,
    *,
    best: Best,
    standard_error: pd.Series | None = None,
    covariance: pd.DataFrame | None = None,
    coverage: Coverage = "simultaneous",
    side: Side = "both",
    prob: float = 0.95,
    stepdown: bool = True,
    size: int = SIZE,
    seed: int = 0,
) -> RankSets:
    """Rank sets of Mogstad, Romano, Shaikh and Wilhelm (2024, Rev Econ Stud 91:476-518).

    Give either `standard_error`, of independent estimates, or their `covariance`, each with the names of `estimate`.
    Recommended: simultaneous, both sides, stepping down; a marginal set may be quoted of one trust chosen in advance.
    The same draws serve every trust and step. O(size n^2) a step. With independent estimates the simultaneous sets of
    a single step are those of Tukey's procedure, and stepping down those of its sequential form (Al Mohamad, van
    Zwet, Goeman and Solari, R package ICRanks).

    Raises UsageError when names, numbers or words do not fit.
    """
    _check_words(coverage, side, prob)
    problem, names = _posed(estimate, standard_error, covariance, best, size, seed)
    families = _families(problem.n, coverage, side)
    found = [tests.reject(problem, pairs, alpha=1 - prob, stepdown=stepdown) for pairs in families]
    bounds = _one_sided(_bounds([each.rejected for each in found]), side, problem.n)
    table = _table(names, bounds, [each.critical for each in found], [each.critical_mcse for each in found])
    return RankSets(table, prob, coverage, side, best, size, seed)


def multinomial_rank_sets(
    count: pd.Series,
    *,
    best: Best,
    coverage: Coverage = "simultaneous",
    side: Side = "both",
    prob: float = 0.95,
) -> RankSets:
    """Rank sets of shares from the counts of one multinomial sample, by exact tests: no draws, valid in small samples.

    Each ordered pair is tested by the binomial law of one count given their sum, and Holm (1979) keeps the errors of
    all pairs asked for within 1 - prob (Bazylik, Mogstad, Romano, Shaikh and Wilhelm 2021, NBER 29519).
    """
    _check_words(coverage, side, prob)
    check_best(best)
    names = _names(count, "counts")
    values = _counts(count)
    p_values = tests.binomial_p_values(values)
    p_values = p_values if best == "highest" else p_values.T
    families = _families(len(values), coverage, side)
    bounds = _bounds([tests.holm(p_values, pairs, alpha=1 - prob) for pairs in families])
    return RankSets(_table(names, _one_sided(bounds, side, len(values))), prob, coverage, side, best)


def tau_best(sets: RankSets, tau: int) -> list[Hashable]:
    """Trusts that may be among the `tau` best: those whose lower bound is at most `tau`.

    With simultaneous sets of side "lower" (or "both") the list holds all of the true best `tau` with probability at
    least `prob`, for every `tau` at once.
    """
    return _within(sets, tau, sets.table["rank_lower"].to_numpy(), "upper")


def tau_worst(sets: RankSets, tau: int) -> list[Hashable]:
    """Trusts that may be among the `tau` worst: those whose upper bound is above n - tau; see `tau_best`."""
    from_below = sets.table.sizes[sets.trust_dim] + 1 - sets.table["rank_upper"].to_numpy()
    return _within(sets, tau, from_below, "lower")


def _within(sets: RankSets, tau: int, place: NDArray[np.int64], useless: Side) -> list[Hashable]:
    if sets.coverage != "simultaneous":
        raise UsageError('lists of the best or worst need simultaneous sets: coverage="simultaneous"')
    if sets.side == useless:
        raise UsageError(f'sets of side "{sets.side}" say nothing of this end; use side="both" or the other side')
    if not 1 <= tau <= len(place):
        raise UsageError(f"tau must lie between 1 and the number of trusts, {len(place)}, and is {tau}")
    kept: list[Hashable] = sets.table[sets.trust_dim].to_numpy()[place <= tau].tolist()
    return kept


def _families(n: int, coverage: Coverage, side: Side) -> list[tests.Pairs]:
    """Return the pairs whose errors are kept within bounds together: all pairs, or those that bear on each trust."""
    if coverage == "simultaneous":
        return [tests.all_pairs(n)]
    return [tests.pairs_of(n, unit, above=side != "upper", below=side != "lower") for unit in range(n)]


def _bounds(rejected: list[tests.Pairs]) -> Bounds:
    """Bounds of all from one family of tests, or of each from its own."""
    found = [tests.rank_bounds(each) for each in rejected]
    if len(found) == 1:
        return found[0]
    own = range(len(found))
    return np.array([found[i][0][i] for i in own]), np.array([found[i][1][i] for i in own])


def _one_sided(bounds: Bounds, side: Side, n: int) -> Bounds:
    lower, upper = bounds
    if side == "lower":
        return lower, np.full_like(upper, n)
    return (np.ones_like(lower), upper) if side == "upper" else bounds


def _table(
    names: pd.Index, bounds: Bounds, critical: list[float] | None = None, mcse: list[float] | None = None
) -> xr.Dataset:
    dim = TRUST if names.name is None else str(names.name)
    columns: dict[str, NDArray[np.generic]] = {"rank_lower": bounds[0], "rank_upper": bounds[1]}
    if critical is not None and mcse is not None:
        columns["critical"] = np.broadcast_to(np.array(critical), len(names)).copy()
        columns["critical_mcse"] = np.broadcast_to(np.array(mcse), len(names)).copy()
    return xr.Dataset({name: (dim, column) for name, column in columns.items()}, coords={dim: names.to_numpy()})


def _posed(  # noqa: PLR0913, PLR0917 - the arguments of rank_sets, checked
    estimate: pd.Series,
    standard_error: pd.Series | None,
    covariance: pd.DataFrame | None,
    best: Best,
    size: int,
    seed: int,
) -> tuple[tests.Problem, pd.Index]:
    check_best(best)
    if size < LEAST_SIZE:
        raise UsageError(f"size must be at least {LEAST_SIZE}, and is {size}: a critical value would be noise")
    names = _names(estimate, "estimates")
    values = _finite(estimate, "estimates")
    matrix = _covariance(names, standard_error, covariance)
    return tests.pose(values if best == "highest" else -values, matrix, size=size, seed=seed), names


def _covariance(names: pd.Index, standard_error: pd.Series | None, covariance: pd.DataFrame | None) -> Floats:
    if (standard_error is None) == (covariance is None):
        raise UsageError("give either standard_error, of independent estimates, or covariance, and not both")
    if standard_error is not None:
        _check_same(names, _names(standard_error, "standard errors"), "standard errors")
        deviation = _finite(standard_error, "standard errors")
        _check_positive(names, deviation > 0, "standard error")
        return np.diag(deviation**2)
    assert covariance is not None
    _check_same(names, covariance.index, "rows of the covariance")
    _check_same(names, covariance.columns, "columns of the covariance")
    return _checked_matrix(names, covariance.to_numpy(dtype=np.float64))


def _checked_matrix(names: pd.Index, matrix: Floats) -> Floats:
    if not np.isfinite(matrix).all():
        raise UsageError("the covariance has entries that are not finite numbers")
    _check_positive(names, np.diag(matrix) > 0, "variance")
    scale = np.diag(matrix).max()
    if np.abs(matrix - matrix.T).max() > tests.TOLERANCE * scale:
        raise UsageError("the covariance is not symmetric")
    if np.linalg.eigvalsh(matrix)[0] < -tests.TOLERANCE * scale:
        raise UsageError("the covariance is not positive semidefinite: no estimates can vary so")
    variance = np.diag(matrix)
    if (variance[:, None] + variance - 2 * matrix)[tests.all_pairs(len(matrix))].min() <= tests.TOLERANCE * scale:
        raise UsageError("by the covariance two estimates differ by a constant; drop one of them")
    return matrix


def _check_words(coverage: str, side: str, prob: float) -> None:
    if coverage not in get_args(Coverage.__value__):
        raise UsageError(f'coverage must be "simultaneous" or "marginal", not {coverage!r}')
    if side not in get_args(Side.__value__):
        raise UsageError(f'side must be "both", "lower" or "upper", not {side!r}')
    if not 0 < prob < 1:
        raise UsageError(f"prob must lie between 0 and 1, and is {prob}")


def _names(series: pd.Series, what: str) -> pd.Index:
    if not isinstance(series, pd.Series):
        raise UsageError(f"{what} must be a pandas.Series with the trusts as its index, not {type(series).__name__}")
    if len(series) < 2:
        raise UsageError(f"ranking needs at least two trusts, and there is {len(series)}")
    if not series.index.is_unique:
        raise UsageError(f"names of {what} are not unique: {listed(series.index[series.index.duplicated()].unique())}")
    return series.index


def _finite(series: pd.Series, what: str) -> Floats:
    values = series.to_numpy(dtype=np.float64)
    wrong = ~np.isfinite(values)
    if wrong.any():
        raise UsageError(f"{what} of {listed(series.index[wrong])} are not finite numbers")
    return values


def _counts(count: pd.Series) -> NDArray[np.int64]:
    values = _finite(count, "counts")
    _check_positive(count.index, (values >= 0) & (values == np.floor(values)), "count (0, 1, 2, ...)")
    return values.astype(np.int64)


def _check_positive(names: pd.Index, right: NDArray[np.bool_], what: str) -> None:
    if not right.all():
        raise UsageError(f"no valid {what} for {listed(names[~right])}")


def _check_same(names: pd.Index, others: pd.Index, what: str) -> None:
    if not names.equals(others):
        raise UsageError(f"the {what} are not named as the estimates are, in the same order")
