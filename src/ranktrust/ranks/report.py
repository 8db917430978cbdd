"""Everything that is published about one ranking, from draws that are ranked once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ranktrust.ranks import hierarchy, intervals, large, losses, monte_carlo, partial, simultaneous
from ranktrust.ranks import pairs as pair_sums
from ranktrust.ranks.grades import Grades, grade_frontier, grade_trusts
from ranktrust.ranks.orderings import Orderings, orderings, r_values
from ranktrust.ranks.precision import agreement_of_ranked, poth, poth_of_best, poth_without_each, spearman_between_draws
from ranktrust.ranks.ranked import Ranked, checked_prob
from ranktrust.ranks.sets import PartialOrder, SimultaneousSets, TopSets, named_band, named_order, named_top
from ranktrust.ranks.simultaneous import Content
from ranktrust.ranks.statements import pairs_of_ranked
from ranktrust.ranks.summaries import RankSummary, summarise_ranked
from ranktrust.vocabulary import Best

type Floats = NDArray[np.float64]
type Row = tuple[str, float, float]

EXCESS = {"expected_excess": 1.0, "expected_square_excess": 2.0}
"""Powers of the margin by which one trust is better than another."""

MORE_COLUMNS = (
    "sucra",
    "percentile",
    "rank_short_lower",
    "rank_short_upper",
    "set_lower",
    "set_upper",
    "r_value",
    "entropy_positions",
    "grade",
    "deviation_lower",
    "deviation_upper",
    "order_lower",
    "order_upper",
    "in_top_by_order",
    "in_top_by_list",
    "poth_without",
)


@dataclass(frozen=True)
class RankReport:
    """A ranking and what can be said about it.

    `summary` is that of `summarise_ranks`; `more` has MORE_COLUMNS by trust; `orderings`, `sets`, `order` and `top`
    are those of their modules; `grades` is the report card at the default lambda and `frontier` every one that is best
    for some lambda; `edges` are the edges of `order`, each with P(above) at the ESS of its own series;
    `precision` has `statement`, `value` and `mcse`, NaN where there is none; `tables` has further ones by name.
    """

    summary: RankSummary
    more: xr.Dataset
    orderings: Orderings
    sets: SimultaneousSets
    order: PartialOrder
    top: TopSets
    grades: Grades
    frontier: pd.DataFrame
    edges: pd.DataFrame
    precision: pd.DataFrame
    tables: dict[str, pd.DataFrame]


def report_ranks(  # noqa: PLR0913 - the options of summarise_ranks and one more
    draws: xr.DataArray,
    *,
    best: Best,
    top: int | None = None,
    bottom: int | None = None,
    prob: float = 0.95,
    set_prob: float = 0.95,
) -> RankReport:
    """Rank once and say everything; `set_prob` is that of what holds for all trusts at once."""
    ranked = Ranked(draws, best)
    checked_prob(set_prob)
    summary = summarise_ranked(ranked, best=best, top=top, bottom=bottom, prob=prob)
    pairs = partial.certain_pairs(ranked.ranks, set_prob)
    sets = named_band(ranked, simultaneous.quantile_band(ranked.ranks, set_prob), set_prob)
    order, tops = named_order(ranked, pairs, set_prob), named_top(ranked, pairs, summary.top, set_prob)
    edges = pairs_of_ranked(ranked, list(order.edges.itertuples(index=False, name=None)))
    grades = grade_trusts(draws, best=best)
    between = ("spearman_between_draws_0.05", float(spearman_between_draws(draws, best=best).quantile(0.05)), np.nan)
    rows = [*_precision(ranked, summary, sets, order, tops), between, *_precision_of_grades(grades)]
    columns = [_more(ranked, summary, sets), _of_order(ranked, order, tops, set_prob), poth_without_each(summary)]
    more = xr.merge([*columns, grades.table["grade"]], join="left")[list(MORE_COLUMNS)]
    return RankReport(
        summary=summary,
        more=more,
        orderings=orderings(summary),
        sets=sets,
        order=order,
        top=tops,
        grades=grades,
        frontier=grade_frontier(draws, best=best),
        edges=edges,
        precision=pd.DataFrame(rows, columns=["statement", "value", "mcse"]),
        tables=_tables(ranked, summary),
    )


def _more(ranked: Ranked, summary: RankSummary, sets: SimultaneousSets) -> xr.Dataset:
    columns = large.place_columns(ranked.counts, summary.prob)
    table = ranked.dataset({name: (("trust",), values) for name, values in columns.items()})
    return table.assign(r_value=r_values(summary)).merge(sets.table)


def _of_order(ranked: Ranked, order: PartialOrder, tops: TopSets, set_prob: float) -> xr.Dataset:
    """Bounds of the deviation band and of the partial order, and who may be among the top k: 1, else 0."""
    deviation = simultaneous.deviation_band(ranked.ranks, set_prob)
    names = ranked.draws.trusts
    columns = {
        "deviation_lower": deviation.lower.astype(np.int64),
        "deviation_upper": deviation.upper.astype(np.int64),
        "order_lower": order.table["place_lower"].to_numpy(),
        "order_upper": order.table["place_upper"].to_numpy(),
        "in_top_by_order": names.isin(tops.by_order).astype(np.int64),
        "in_top_by_list": names.isin(tops.by_list).astype(np.int64),
    }
    return ranked.dataset({name: (("trust",), values) for name, values in columns.items()})


def _tables(ranked: Ranked, summary: RankSummary) -> dict[str, pd.DataFrame]:
    """P(rank <= k), the fewest places that hold `prob`, how much better each trust is, and POTH of the best k."""
    names = ranked.draws.trusts
    rows = ranked.draws.values.reshape(ranked.draws.n, -1)
    members = intervals.highest_mass(ranked.counts, summary.prob)
    held = {"places": [_runs(row) for row in members], "probability": (ranked.pmf * members).sum(axis=1)}
    excess = {name: pair_sums.excess_powers(rows, power) for name, power in EXCESS.items()}
    return {
        "rank_cdf": _by_trust(summary.table["rank_cdf"].to_numpy(), names, list(range(1, summary.n + 1))),
        "highest_mass": pd.DataFrame({"trust": names, **held}),
        **{name: _by_trust(values, names, names.to_list()) for name, values in excess.items()},
        "poth_of_best": poth_of_best(summary).to_dataframe().rename_axis("k").reset_index(),
    }


def _by_trust(values: Floats, names: pd.Index, columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(values, names, columns).rename_axis("trust").reset_index()


def _runs(members: NDArray[np.bool_]) -> str:
    """Places that are members as runs: `3-17 19`."""
    places = 1 + np.flatnonzero(members)
    runs = np.split(places, 1 + np.flatnonzero(np.diff(places) > 1))
    return " ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _precision(
    ranked: Ranked, summary: RankSummary, sets: SimultaneousSets, order: PartialOrder, tops: TopSets
) -> list[Row]:
    expected = summary.table["expected_rank"].to_numpy()
    agreement = agreement_of_ranked(ranked, losses.places_by(expected))
    rows = [("poth", poth(summary), _poth_mcse(ranked, expected))]
    for name in ("spearman", "kendall"):
        found, error = agreement[f"expected_{name}"].item(), agreement[f"expected_{name}_mcse"].item()
        rows += [(f"expected_{name}", found, error)]
        rows += [(f"{name}_{point:g}", agreement[name].quantile(point).item(), np.nan) for point in (0.05, 0.95)]
    rows += [("set_widened_by", sets.widened, np.nan), *_contents("set", sets.content)]
    rows += [("certain_pairs", int(order.table["above"].sum()), np.nan), *_contents("certain_pairs", order.content)]
    rows += [("top_set_by_order", len(tops.by_order), np.nan)]
    rows += [("top_set_by_list", len(tops.by_list), np.nan), *_contents("top_set_by_list", tops.content_by_list)]
    return rows


def _precision_of_grades(grades: Grades) -> list[Row]:
    """How many grades, and what share of pairs they are expected to put the wrong way round."""
    rows: list[Row] = [("grades", float(grades.grades), np.nan)]
    for name in ("separated", "discordance", "discordance_separated", "p_all_correct"):
        error = grades.table.get(f"{name}_mcse")
        rows.append((f"grades_{name}", grades.table[name].item(), np.nan if error is None else error.item()))
    return rows


def _contents(name: str, content: Content) -> list[Row]:
    return [
        (f"{name}_content_calibration", content.calibration, np.nan),
        (f"{name}_content_held_out", content.held_out, content.held_out_mcse),
        (f"{name}_content_final", content.final, np.nan),
    ]


def _poth_mcse(ranked: Ranked, expected: Floats) -> float:
    """Error of sum (E R_i - (n + 1)/2)^2 / T by its derivative: that of 2 sum (E R_i - (n + 1)/2) R_i / T."""
    slope = 2 * hierarchy.spearman_with(expected, ranked.ranks)
    return monte_carlo.series_mcse(slope.reshape(ranked.ranks.chains, -1))
