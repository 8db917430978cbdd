"""The same statements for thousands of trusts, without a matrix of trusts by trusts.

A rank pmf of 6,500 trusts is 338 MB, and so is each matrix beside it. Here the place counts of a block of trusts are
made, summarised and dropped, and P(above) comes in blocks of rows.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ranktrust.files import write_whole
from ranktrust.ranks import intervals, monte_carlo, posterior, simultaneous, statements
from ranktrust.ranks.draws import oriented
from ranktrust.ranks.posterior import RankDraws
from ranktrust.ranks.ranked import checked_k, checked_prob
from ranktrust.vocabulary import Best

type Floats = NDArray[np.float64]
type Columns = dict[str, NDArray[np.generic]]


def rank_table(  # noqa: PLR0913 - the options of summarise_ranks and two more
    draws: xr.DataArray,
    *,
    best: Best,
    top: int | None = None,
    bottom: int | None = None,
    prob: float = 0.95,
    set_prob: float = 0.95,
    errors: bool = True,
) -> xr.Dataset:
    """By trust: everything of `summarise_ranks` and more that is one number a trust, in memory of order S n.

    `expected_rank`, `rank_sd`, `sucra`, `percentile`, `median_rank`, `rank_lower`, `rank_upper`, `rank_short_lower`,
    `rank_short_upper`, `p_top`, `p_bottom`, `entropy_positions`, and the simultaneous `set_lower` and `set_upper`,
    whose held-out content is an attribute: expected rank -/+ c sd(rank), because thousands of equal tails would need
    quantiles more extreme than the draws can show. With `errors`, `ess_rank` and the `_mcse` of the expected rank,
    P(top k) and P(bottom k): these take most of the time.
    """
    checked = oriented(draws, best=best)
    ranks = posterior.rank_samples(checked.values)
    ends = checked_k(top, ranks.n, "top"), checked_k(bottom, ranks.n, "bottom")
    found = [
        _places(ranks, rows, checked_prob(prob), *ends)
        | (_errors(ranks, checked.values, rows, *ends) if errors else {})
        for rows in simultaneous.trust_blocks(ranks.n)
    ]
    band = simultaneous.deviation_band(ranks, checked_prob(set_prob))
    table: Columns = {name: np.concatenate([block[name] for block in found]) for name in found[0]}
    table |= {"set_lower": band.lower.astype(np.int64), "set_upper": band.upper.astype(np.int64)}
    return xr.Dataset(
        {name: (checked.trust_dim, values) for name, values in table.items()},
        coords={checked.trust_dim: checked.trusts.to_numpy()},
        attrs={"top": ends[0], "bottom": ends[1], "widened": band.widened, **vars(band.content)},
    )


def above_blocks(draws: xr.DataArray, *, best: Best, rows: int = 256) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Yield P(row above column) for `rows` trusts at a time: which rows, and their (rows, n) array."""
    ranks = posterior.rank_samples(oriented(draws, best=best).values)
    yield from posterior.above_blocks(ranks, rows)


def write_above(draws: xr.DataArray, path: Path, *, best: Best) -> Path:
    """Write P(above) of all pairs as a float32 .npy matrix, block by block; read it with numpy.load(mmap_mode="r").

    6,500 trusts make a file of 169 MB; no more than a block of it is held in memory. It appears under its name whole
    or not at all.
    """
    ranks = posterior.rank_samples(oriented(draws, best=best).values)

    def fill(part: Path) -> None:
        matrix = np.lib.format.open_memmap(part, mode="w+", dtype=np.float32, shape=(ranks.n, ranks.n))
        for rows, shares in posterior.above_blocks(ranks):
            matrix[rows] = shares
        matrix.flush()

    return write_whole(path, fill)


def place_columns(counts: Floats, prob: float) -> Columns:
    """Columns that follow from place counts, a row a trust."""
    n, samples = counts.shape[1], counts[0].sum()
    expected = counts @ np.arange(1, n + 1) / samples
    lower, upper = intervals.shortest_bounds(counts, prob)
    scales = statements.rescaled(expected, np.zeros_like(expected), n)
    return {
        "expected_rank": expected,
        "rank_sd": intervals.rank_sd(counts),
        "sucra": scales["sucra"][1],
        "percentile": scales["percentile"][1],
        "rank_short_lower": lower,
        "rank_short_upper": upper,
        "entropy_positions": np.exp(intervals.rank_entropy(counts)),
    }


def _places(ranks: RankDraws, rows: slice, prob: float, top: int, bottom: int) -> Columns:
    counts = posterior.place_counts(ranks, rows)
    lower, upper = posterior.interval_bounds(counts, prob)
    return place_columns(counts, prob) | {
        "median_rank": posterior.median_places(counts),
        "rank_lower": lower,
        "rank_upper": upper,
        "p_top": counts[:, :top].sum(axis=1) / ranks.samples,
        "p_bottom": counts[:, ranks.n - bottom :].sum(axis=1) / ranks.samples,
    }


def _errors(ranks: RankDraws, values: Floats, rows: slice, top: int, bottom: int) -> Columns:
    first, tied = ranks.first[rows], ranks.tied[rows]
    shape = values[rows].shape
    series = (first + (tied - 1) / 2).reshape(shape)
    ess_rank = monte_carlo.ess_of_ranks(series, values[rows])
    own = monte_carlo.ess(series, "mean", instead=ess_rank)
    found: Columns = {"ess_rank": ess_rank, "expected_rank_mcse": monte_carlo.mean_mcse(series, own)}
    for name, ends in (("p_top", (1, top)), ("p_bottom", (ranks.n - bottom + 1, ranks.n))):
        share = posterior.shares_within(first, tied, *ends).reshape(shape)
        ess = monte_carlo.ess(share, "bulk", instead=ess_rank)
        found[f"{name}_mcse"] = monte_carlo.probability_mcse(share.mean(axis=(1, 2)), ess)
    return found
