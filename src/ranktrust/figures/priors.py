"""What the priors alone say, beside what the figures make of it: national level and spread, ranks, and right quarters.

Prior draws are joint draws of parameters, levels and figures, so that what they imply for ranks needs no further fit.
"""

from functools import partial

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from numpy.typing import NDArray

from ranktrust.figures.frame import put_legend, put_title
from ranktrust.figures.svg import MIDDLE_COLOUR, SOFT, UPPER_COLOUR, Drawing, drawing
from ranktrust.panel import to_natural
from ranktrust.ranks import rank_table
from ranktrust.ranks.hierarchy import poth_of_ranks
from ranktrust.vocabulary import CHAIN, DRAW, TRUST, Best, Kind, quarter_of
from ranktrust.words import natural_text

Floats = NDArray[np.float64]
_SIZES = ((12.5, 4.2), (4.2, 3.6))
_DOTS, _MOST_DRAWS = 250, 2000
_OUTER = (0.1, 0.9)
_NEEDED = ("prior", "prior_predictive", "constant_data", "observed_data")
_WHOLE: dict[Kind, str] = {"ratio": "expected", "proportion": "denominator"}


def _draws(fit: xr.DataTree, group: str, name: str, *, most: int = _MOST_DRAWS) -> xr.DataArray:
    """Draws of a level by chain, draw and trust, evenly thinned to `most` in all."""
    draws = fit[group].to_dataset()[name]
    step = -(-draws.sizes[CHAIN] * draws.sizes[DRAW] // most)
    return draws.isel({DRAW: slice(None, None, step)})


def _flat(draws: xr.DataArray) -> Floats:
    return np.asarray(draws.stack(sample=(CHAIN, DRAW)).transpose("sample", ...), dtype=np.float64)


def national_and_spread(fit: xr.DataTree, group: str, kind: Kind) -> Floats:
    """Two rows by draw of `group`, on the natural scale: the middle trust, and how far apart the outer tenths are."""
    natural = to_natural(kind, _flat(_draws(fit, group, "total", most=_DOTS)))
    low, middle, high = np.quantile(natural, (_OUTER[0], 0.5, _OUTER[1]), axis=1)
    return np.stack([middle, high - low])


def prior_levels(fit: xr.DataTree, ax: Axes, *, kind: Kind) -> None:
    """Draw each prior draw's national level and spread between trusts, and each posterior draw's, as dots.

    A reader may conclude that the priors allow what lies under the grey dots. That the posterior lies among them says
    that the priors did not forbid it, not that they are right.
    """
    scale = 100 if kind == "proportion" else 1
    groups = (("prior", "o", MIDDLE_COLOUR, "priors alone"), ("posterior", "x", UPPER_COLOUR, "with the figures"))
    for group, marker, colour, label in groups:
        middle, spread = scale * national_and_spread(fit, group, kind)
        ax.plot(middle, spread, marker, color=colour, markersize=4, alpha=0.6, label=label)
    middle, spread = scale * national_and_spread(fit, "prior", kind)
    ax.set_xlim(*_most_of(middle, ax.dataLim.intervalx))
    ax.set_ylim(0, 1.05 * np.quantile(spread, 0.99))
    unit = ", per cent" if kind == "proportion" else ""
    ax.set_xlabel(f"national level: the middle one of all trusts{unit}")
    ax.set_ylabel(f"outer tenths apart{', points' if kind == 'proportion' else ''}")
    ends = (natural_text(kind, value) for value in np.quantile(middle / scale, [0.025, 0.975]))
    put_title(ax, f"Priors alone put the national level at {' to '.join(ends)}", legend_rows=put_legend(ax, 2))


def _most_of(values: Floats, whole: Floats) -> tuple[float, float]:
    """Limits that hold 98 % of prior draws, and nothing beyond all draws."""
    low, high = np.quantile(values, [0.01, 0.99])
    return max(float(low), float(whole[0])), min(float(high), float(whole[1]))


def prior_levels_alt(fit: xr.DataTree, *, kind: Kind) -> str:
    """What the picture shows, in words with its numbers."""
    said = []
    for group, words in (("prior", "Priors alone put"), ("posterior", "With the figures it is")):
        tails = np.quantile(national_and_spread(fit, group, kind), [0.025, 0.975], axis=1)
        level, spread = ([natural_text(kind, value) for value in ends] for ends in tails.T)
        what = "the national level at " if group == "prior" else ""
        apart = "the outer tenths of trusts " if group == "prior" else "and they are "
        joined = " and " if group == "prior" else ", "
        said.append(f"{words} {what}{level[0]} to {level[1]}{joined}{apart}{spread[0]} to {spread[1]} apart")
    return f"{said[0]}, with 95% probability each. {said[1]}."


def prior_levels_drawing(fit: xr.DataTree, *, kind: Kind) -> Drawing | None:
    """National level and spread for wide and narrow pages; None without finite prior draws of one level a trust."""
    if not _has_prior(fit):
        return None
    fill = partial(prior_levels, fit, kind=kind)
    return drawing("prior-levels", prior_levels_alt(fit, kind=kind), wide=fill, narrow=fill, sizes=_SIZES)


def _has_prior(fit: xr.DataTree) -> bool:
    """Whether there are joint prior draws of one level a trust, and every level that is drawn is finite."""
    if not all(name in fit.children for name in _NEEDED) or "y" not in fit["prior_predictive"]:
        return False
    levels = [fit[group].to_dataset().get(name) for group in ("prior", "posterior") for name in ("total", "outcome")]
    return all(
        level is not None and set(level.dims) == {CHAIN, DRAW, TRUST} and bool(np.isfinite(level).all())
        for level in levels
    )


def rank_widths(fit: xr.DataTree, group: str, best: Best) -> tuple[NDArray[np.int64], float]:
    """The number of places in each trust's 95 % rank interval under the draws of `group`, and their POTH."""
    table = rank_table(_draws(fit, group, "outcome"), best=best, errors=False)
    widths = np.asarray(table["rank_upper"] - table["rank_lower"] + 1, dtype=np.int64)
    return widths, poth_of_ranks(np.asarray(table["expected_rank"], dtype=np.float64))


def prior_ranks(fit: xr.DataTree, ax: Axes, *, best: Best) -> None:
    """Draw how wide rank intervals are under the priors alone and with the figures.

    Priors that know no trust leave every interval as wide as the table; narrower ones would mean that a prior ranks.
    """
    n, found = fit["prior"].sizes[TRUST], {name: rank_widths(fit, name, best) for name in ("prior", "posterior")}
    edges = np.linspace(0.5, n + 0.5, min(n, 30) + 1)
    for group, colour, label in (
        ("prior", MIDDLE_COLOUR, "priors alone"),
        ("posterior", UPPER_COLOUR, "with the figures"),
    ):
        widths, poth = found[group]
        heights = np.histogram(widths, edges)[0]
        ax.stairs(heights, edges, fill=True, alpha=0.6, color=colour, label=f"{label}: POTH {poth:.2f}")
    ax.set_xlabel(f"places in a trust's 95% rank interval, of {n}")
    ax.set_ylabel("trusts")
    alone = found["prior"][0]
    put_title(ax, f"Priors alone leave ranks {alone.min()} to {alone.max()} places wide")
    ax.legend(loc="upper left", fontsize=9.5)


def prior_ranks_alt(fit: xr.DataTree, *, best: Best) -> str:
    """What the picture shows, in words with its numbers."""
    (alone, poth_alone), (informed, poth_informed) = (rank_widths(fit, group, best) for group in ("prior", "posterior"))
    return (
        f"Rank intervals (95%) of {len(alone)} trusts: priors alone leave them {alone.min()} to {alone.max()} places "
        f"wide, with a precision of the order (POTH) of {poth_alone:.2f}; with the figures they are "
        f"{informed.min()} to {informed.max()} places wide, POTH {poth_informed:.2f}."
    )


def prior_ranks_drawing(fit: xr.DataTree, *, best: Best) -> Drawing | None:
    """Widths of rank intervals for wide and narrow pages; None without finite prior draws of one level a trust."""
    if not _has_prior(fit):
        return None
    fill = partial(prior_ranks, fit, best=best)
    return drawing("prior-ranks", prior_ranks_alt(fit, best=best), wide=fill, narrow=fill, sizes=_SIZES)


def top_shares(fit: xr.DataTree, group: str, *, kind: Kind, best: Best) -> Floats:
    """By draw: of the trusts whose figures are in the top quarter, the share whose outcome is in it.

    The figures of prior draws are replicated with their outcome, those of posterior draws are the ones observed.
    """
    outcome = _draws(fit, group, "outcome")
    replicated = _draws(fit, "prior_predictive", "y")
    y = replicated if group == "prior" else fit["observed_data"].to_dataset()["y"].expand_dims({CHAIN: 1, DRAW: 1})
    figures = _crude(fit, _flat(y), kind)
    sign = 1.0 if best == "highest" else -1.0
    truly, shown = (_in_top(sign * values) for values in (_flat(outcome), figures))
    return np.asarray((truly & shown).sum(axis=1) / truly.sum(axis=1), dtype=np.float64)


def _crude(fit: xr.DataTree, y: Floats, kind: Kind) -> Floats:
    """Figures by draw and trust on the natural scale: sums of a trust's counts, or the mean of its estimates."""
    constants = fit["constant_data"].to_dataset()
    trust, n = constants["trust_idx"].to_numpy(), fit["prior"].sizes[TRUST]
    whole = constants[_WHOLE[kind]].to_numpy() if kind in _WHOLE else np.ones(len(trust))
    of_trust = np.zeros((len(trust), n))
    of_trust[np.arange(len(trust)), trust] = 1.0
    return np.asarray(y @ of_trust / (whole @ of_trust), dtype=np.float64)


def _in_top(values: Floats) -> NDArray[np.bool_]:
    """Which values are among the k = floor((n + 1) / 4) largest of their row, at least one."""
    places = (-values).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    return np.asarray(places < quarter_of(values.shape[1]))


def _by_chance(fit: xr.DataTree) -> float:
    """The share in per cent that a quarter named by chance would get right."""
    n = fit["prior"].sizes[TRUST]
    return 100 * quarter_of(n) / n


def prior_quarters(fit: xr.DataTree, ax: Axes, *, kind: Kind, best: Best) -> None:
    """Draw how often the figures alone would name the right top quarter, if the priors were right, and given the data.

    Far below 100 per cent, ranking by the published figure names many trusts wrongly, whatever this page concludes.
    """
    edges, means = np.linspace(0, 100, 21), {}
    for group, colour, label in (
        ("prior", MIDDLE_COLOUR, "priors alone"),
        ("posterior", UPPER_COLOUR, "with the figures"),
    ):
        shares = 100 * top_shares(fit, group, kind=kind, best=best)
        means[group] = shares.mean()
        heights = np.histogram(shares, edges)[0] / len(shares)
        ax.stairs(100 * heights, edges, fill=True, alpha=0.6, color=colour, label=label)
    ax.axvline(_by_chance(fit), color=SOFT, linestyle="--", linewidth=1.2, label="what chance would get right")
    put_title(ax, f"{means['posterior']:.0f}% of the published top quarter truly belong there")
    ax.set_xlabel("of the top quarter by the figures, truly in it, per cent")
    ax.set_ylabel("draws, per cent")
    ax.legend(loc="upper left", fontsize=9.5)


def prior_quarters_alt(fit: xr.DataTree, *, kind: Kind, best: Best) -> str:
    """What the picture shows, in words with its numbers."""
    shares = [100 * top_shares(fit, group, kind=kind, best=best) for group in ("prior", "posterior")]
    means = [f"{values.mean():.0f}%" for values in shares]
    low, high = np.quantile(shares[0], [0.025, 0.975])
    return (
        f"Of the top quarter by the published figures, {means[0]} are truly in it under the priors alone "
        f"({low:.0f}% to {high:.0f}% in 95% of draws), and {means[1]} with the figures; "
        f"chance would get {_by_chance(fit):.0f}%."
    )


def prior_quarters_drawing(fit: xr.DataTree, *, kind: Kind, best: Best) -> Drawing | None:
    """How often a quarter is right for wide and narrow pages; None without finite prior draws of one level a trust."""
    if not _has_prior(fit):
        return None
    fill = partial(prior_quarters, fit, kind=kind, best=best)
    words = prior_quarters_alt(fit, kind=kind, best=best)
    return drawing("prior-quarters", words, wide=fill, narrow=fill, sizes=_SIZES)
