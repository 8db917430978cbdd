"""Pictures of a trajectory: the paths of a set, the change of each trust, and what the data did to the priors."""

from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from ranktrust.figures.bars import draw_moves, dress_bars
from ranktrust.figures.frame import is_narrow, put_legend, put_title
from ranktrust.figures.svg import (
    INK,
    SOFT,
    UPPER_COLOUR,
    ZONE,
    Drawing,
    drawing,
)
from ranktrust.league import PARAMETER_WORDS, Trajectory, change_interval_text, change_text, moved, source_sentence
from ranktrust.panel import period_dates, period_text
from ranktrust.words import natural_text

_WORDS: Final = {"better": "very probably better", "worse": "very probably worse", "open": "cannot be told"}
_QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
_BED: Final = "#c3ccd5"


def _scale(trajectory: Trajectory) -> float:
    return 100 if trajectory.latest.facts.kind == "proportion" else 1


def _by_period(trajectory: Trajectory) -> pd.DataFrame:
    """Posterior mean outcome, periods by trusts, on the scale shown."""
    table = trajectory.frame("paths").pivot_table(index="period", columns="trust", values="outcome")
    return _scale(trajectory) * table.loc[list(trajectory.facts.periods)]


def national_paths(trajectory: Trajectory, ax: Axes) -> None:
    """Draw the national path of the set over the paths of its trusts and where nine in ten and half of them lie.

    A reader may not take the bands for uncertainty: they are the spread of trusts. The national path's own interval is
    drawn and is mostly thinner than its line.
    """
    values = _by_period(trajectory)
    at = np.array(_positions(trajectory))
    low, lower, _, upper, high = values.quantile(list(_QUANTILES), axis=1).to_numpy()
    noun = trajectory.latest.facts.noun
    ax.fill_between(at, low, high, color=ZONE, linewidth=0, label=f"nine in ten {noun}s")
    ax.fill_between(at, lower, upper, color=_BED, linewidth=0, label=f"the middle half of {noun}s")
    lines = [np.column_stack([at, values[trust]]) for trust in values]
    ax.add_collection(LineCollection(lines, colors=SOFT, linewidths=0.4, alpha=0.35, label=f"one {noun}"))
    path = trajectory.frame("national").set_index("period").loc[list(trajectory.facts.periods)] * _scale(trajectory)
    ax.fill_between(at, path["national_lower"], path["national_upper"], color=SOFT, linewidth=0)
    ax.plot(at, path["national"], color=INK, linewidth=2.2, marker="o", markersize=3, label="path of the set")
    _mark_ends(trajectory, ax)
    ax.set_ylabel("per cent" if trajectory.latest.facts.kind == "proportion" else "value")
    put_title(ax, national_paths_title(trajectory), legend_rows=put_legend(ax, 1 if is_narrow(ax) else 4))


def national_paths_title(trajectory: Trajectory) -> str:
    """Where the path of the set began and where it ends."""
    path, kind = trajectory.frame("national").set_index("period")["national"], trajectory.latest.facts.kind
    first, last = (natural_text(kind, path[label]) for label in (trajectory.facts.periods[0], trajectory.facts.latest))
    return f"The path of the set went from {first} to {last}"


def _source(trajectory: Trajectory) -> str:
    return source_sentence(trajectory.latest.facts, period=trajectory.facts.span_text)


def _positions(trajectory: Trajectory) -> list[float]:
    """Months since the first period's start."""
    starts = [period_dates(label)[0] for label in trajectory.facts.periods]
    return [12 * (day.year - starts[0].year) + day.month - starts[0].month for day in starts]


def _mark_ends(trajectory: Trajectory, ax: Axes) -> None:
    """Name the periods on the axis, and mark the two that change is between."""
    facts, at = trajectory.facts, _positions(trajectory)
    ends = [at[facts.periods.index(label)] for label in (facts.before, facts.latest)]
    for place in ends:
        ax.axvline(place, color=SOFT, linewidth=0.9, linestyle=(0, (2, 3)), zorder=0.5)
    every = max(1, round((6 if is_narrow(ax) else 3) * len(at) / (at[-1] + 1)))
    shown = range(len(at) - 1, -1, -every)
    ax.set_xticks([at[place] for place in shown], [f"{_start(facts.periods[place]):%b\n%Y}" for place in shown])
    ax.set_xlim(at[0] - 0.4, at[-1] + 0.4)
    ax.set_xlabel("dotted: the two ends of the change")


def _start(label: str) -> Any:
    return period_dates(label)[0]


def national_paths_alt(trajectory: Trajectory) -> str:
    """What the picture shows, in words with its numbers."""
    facts, table = trajectory.facts, trajectory.latest.facts
    values, scale = _by_period(trajectory), _scale(trajectory)
    path = trajectory.frame("national").set_index("period")["national"]
    spread = values.loc[facts.latest].quantile([0.05, 0.95]).to_numpy() / scale
    highest, lowest = str(path.idxmax()), str(path.idxmin())
    return (
        f"{table.title}: paths of {facts.n} {table.noun}s and of the set, {facts.span_text}. The set's path went from "
        f"{natural_text(table.kind, path.iloc[0])} to {natural_text(table.kind, path.iloc[-1])}, highest in "
        f"{period_text(highest)} ({natural_text(table.kind, path.max())}), lowest in {period_text(lowest)} "
        f"({natural_text(table.kind, path.min())}). In {period_text(facts.latest)} nine in ten {table.noun}s lie "
        f"between {natural_text(table.kind, spread[0])} and {natural_text(table.kind, spread[1])}."
    )


def national_paths_drawing(trajectory: Trajectory) -> Drawing:
    """The paths for wide and narrow pages."""
    fill, name = partial(national_paths, trajectory), f"paths-{trajectory.facts.indicator}"
    sizes, source = ((12.5, 5.9), (4.2, 5.2)), _source(trajectory)
    return drawing(name, national_paths_alt(trajectory), wide=fill, narrow=fill, sizes=sizes, source=source)


def change_intervals(trajectory: Trajectory, ax: Axes, *, upright: bool = False) -> None:
    """Draw each trust's absolute change with its interval, by size, with no change and the set's own change as lines.

    Shape tells what P(improved) says without colour. A reader may not conclude that neighbours differ, nor that an
    interval across a line means no change.
    """
    facts, table, scale = trajectory.facts, trajectory.latest.facts, _scale(trajectory)
    change = _ordered(trajectory)
    columns = {"lower": "absolute_lower", "change": "absolute", "upper": "absolute_upper"}
    ends = pd.DataFrame({name: scale * change[column] for name, column in columns.items()})
    draw_moves(
        ax,
        ends.assign(p=change["p_absolute"]),
        _WORDS,
        (scale * facts.national_change[0], "change of the set"),
        upright=upright,
    )
    unit = "percentage points" if table.kind == "proportion" else "change"
    words = f"{unit} since {period_text(facts.before)}, {100 * facts.prob:.0f}% interval"
    values = words.replace(", ", ",\n") if upright else words
    bars = f"each bar is a {table.noun}, in the order of its change"
    dress_bars(ax, title=change_intervals_title(trajectory), values=values, bars=bars, upright=upright)


def change_intervals_title(trajectory: Trajectory) -> str:
    """How many got better, how many worse, and of how many it cannot be told."""
    found = moved(trajectory.change["p_absolute"]).value_counts()
    better, worse, still = (int(found.get(name, 0)) for name in _WORDS)
    return f"{better} of {len(trajectory.change)} improved, {worse} worsened, {still} cannot be told"


def _ordered(trajectory: Trajectory) -> pd.DataFrame:
    change = trajectory.change
    return change.sort_values("absolute", ascending=trajectory.latest.facts.best == "lowest", kind="stable")


def change_intervals_alt(trajectory: Trajectory) -> str:
    """What the picture shows, in words with its numbers."""
    change, kind = _ordered(trajectory), trajectory.latest.facts.kind
    found = moved(change["p_absolute"]).value_counts()
    noun, facts = trajectory.latest.facts.noun, trajectory.facts
    counted = ", ".join(f"{int(found.get(name, 0))} {words}" for name, words in _WORDS.items())
    first, last = (
        f"{row['trust_name']} ({change_text(kind, row['absolute'])}, "
        f"{change_interval_text(kind, row['absolute_lower'], row['absolute_upper'])})"
        for _, row in change.iloc[[0, -1]].iterrows()
    )
    return (
        f"Change of {len(change)} {noun}s between {period_text(facts.before)} and {period_text(facts.latest)}, with "
        f"the path of the set: {counted}. From {first} to {last}; the set's own path changed by "
        f"{change_text(kind, facts.national_change[0])}."
    )


def change_intervals_drawing(trajectory: Trajectory) -> Drawing | None:
    """The changes for wide and narrow pages; None where no trust has one."""
    if trajectory.change.empty:
        return None
    height = 0.068 * len(trajectory.change) + 2.4
    return drawing(
        f"change-{trajectory.facts.indicator}",
        change_intervals_alt(trajectory),
        wide=partial(change_intervals, trajectory),
        narrow=partial(change_intervals, trajectory, upright=True),
        sizes=((12.5, 5.5), (4.2, height + 0.3)),
        source=_source(trajectory),
    )


def prior_posterior(trajectory: Trajectory, ax: Axes) -> None:
    """Draw prior and posterior of the three shares, one above another: outlines are priors, filled shapes posteriors.

    Each shape has its own height, so that only its place and width mean anything.
    """
    table = trajectory.frame("densities")
    names = list(dict.fromkeys(table["parameter"]))
    for row, name in enumerate(reversed(names)):
        part = table[table["parameter"] == name]
        edges = np.append(part["left"].to_numpy(), part["right"].to_numpy()[-1])
        posterior = part["posterior"].to_numpy() / part["posterior"].max()
        first = row == 0
        ax.stairs(row + 0.8 * posterior, edges, baseline=row, fill=True, color=UPPER_COLOUR, alpha=0.75,
                  label="posterior: after the figures" if first else None)  # fmt: skip
        if part["prior"].notna().all():
            prior = row + 0.8 * part["prior"].to_numpy() / part["prior"].max()
            ax.stairs(prior, edges, baseline=None, color=INK, linestyle="--", linewidth=1.3,
                      label="prior: before them" if first else None)  # fmt: skip
        ax.text(0.995, row + 0.86, PARAMETER_WORDS[name], ha="right", va="bottom", fontsize=10)
    ax.set_yticks([])
    ax.set_ylim(-0.05, len(names) + 0.12)
    ax.set_xlim(0, 1)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("value of the share or of the persistence")
    put_title(ax, prior_posterior_title(trajectory), legend_rows=put_legend(ax, 1 if is_narrow(ax) else 2))


def prior_posterior_title(trajectory: Trajectory) -> str:
    """Of how many intervals the figures took away half or more."""
    table = trajectory.frame("parameters").set_index("parameter")
    rows = table.loc[list(dict.fromkeys(trajectory.frame("densities")["parameter"]))].dropna(subset=["prior_lower"])
    halved = (rows["upper"] - rows["lower"]) <= 0.5 * (rows["prior_upper"] - rows["prior_lower"])
    return f"The figures at least halved {int(halved.sum())} of {len(rows)} intervals"


def prior_posterior_alt(trajectory: Trajectory) -> str:
    """What the picture shows, in words with its numbers."""
    table = trajectory.frame("parameters").set_index("parameter")
    shown = dict.fromkeys(trajectory.frame("densities")["parameter"])
    said = [
        f"{PARAMETER_WORDS[str(name)]}: {row['mean']:.3f} ({row['lower']:.3f} to {row['upper']:.3f}), before "
        + ("not stated" if pd.isna(row["prior_lower"]) else f"{row['prior_lower']:.3f} to {row['prior_upper']:.3f}")
        for name, row in table.loc[list(shown)].to_dict("index").items()
    ]
    return f"Prior and posterior with 95% intervals: {'; '.join(said)}."


def prior_posterior_drawing(trajectory: Trajectory) -> Drawing:
    """Prior against posterior for wide and narrow pages."""
    fill, name = partial(prior_posterior, trajectory), f"priors-{trajectory.facts.indicator}"
    sizes, source = ((9.5, 4.9), (4.2, 4.8)), _source(trajectory)
    return drawing(name, prior_posterior_alt(trajectory), wide=fill, narrow=fill, sizes=sizes, source=source)
