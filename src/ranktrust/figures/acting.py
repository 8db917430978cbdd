"""Pictures for those who act: how often lists of a given length are wrong, and where regions may stand."""

import textwrap
from collections.abc import Mapping
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ranktrust.decide import Decisions
from ranktrust.figures.svg import INK, RULE, SOFT, UPPER_COLOUR, Drawing, drawing

_GOAL: Final = "rank"
_MARKERS: Final = "osD^vPX"
_GAP: Final = 1.5
"""Room between two indicators, in places."""


def budget_rows(decisions: Mapping[str, Decisions], titles: Mapping[str, str]) -> pd.DataFrame:
    """Expected share of wrong names on the list by rank: budgets k by title of the indicator; empty without lists."""
    found = {}
    for name, decided in decisions.items():
        totals = decided.frames["totals"]
        mine = totals[totals["goal"] == _GOAL] if len(totals) else totals
        if len(mine):
            found[titles[name]] = mine.set_index("k")["false_inclusions"] / mine.set_index("k")["named"]
    return pd.DataFrame(found)


def budget_errors(shares: pd.DataFrame, ax: Axes, *, title: str, width: int) -> None:
    """Draw the expected share of wrong names against the length of the list, one marked line an indicator.

    A reader may not conclude that a longer list is better: it names more trusts, and another k catches others.
    """
    for marker, (name, share) in zip(_MARKERS * len(shares.columns), shares.items(), strict=False):
        label = "\n".join(textwrap.wrap(str(name), width))
        ax.plot(share.index, 100 * share, color=UPPER_COLOUR, marker=marker, linewidth=1.4, markersize=6, label=label)
    ax.set_ylim(bottom=0)
    ax.set_xticks(list(shares.index))
    ax.set_xlabel("how many are named (k)")
    ax.set_ylabel("expected to be wrong, % of those named")
    ax.set_title("\n".join(textwrap.wrap(title, width)), loc="left", fontweight="bold", color=INK)
    ax.legend(fontsize=9.5, loc="upper left", bbox_to_anchor=(0, -0.16), ncols=3 if width > 30 else 1)


def budget_title(shares: pd.DataFrame, budget: int) -> str:
    """The finding at one budget, in ten words or fewer."""
    wrong = budget * shares.loc[budget]
    low, high = (f"{value:.1f}" for value in (wrong.min(), wrong.max()))
    span = high if low == high else f"{low} to {high}"
    return f"Of {budget} named, {span} are expected to be wrong"


def budget_alt(shares: pd.DataFrame, noun: str) -> str:
    """What the picture shows, in words with its numbers."""
    ends = [
        f"{name}: {100 * share.iloc[0]:.0f}% of {share.index[0]}, {100 * share.iloc[-1]:.0f}% of {share.index[-1]}"
        for name, share in shares.items()
    ]
    return f"Expected share of {noun}s named as the last k that are not among them. {'; '.join(ends)}."


def budget_drawing(decisions: Mapping[str, Decisions], titles: Mapping[str, str], noun: str) -> Drawing | None:
    """The picture for wide and for narrow pages; None where no list is made by rank."""
    shares = budget_rows(decisions, titles)
    if not len(shares):
        return None
    budget = next(int(found.facts["headline_budget"]) for found in decisions.values() if found.facts["ranked"])
    fill = partial(budget_errors, shares, title=budget_title(shares, budget))
    wide, narrow = (partial(fill, width=width) for width in (90, 30))
    sizes = ((10.5, 4.6), (4.2, 5.0 + 0.35 * len(shares.columns)))
    return drawing("budgets", budget_alt(shares, noun), wide=wide, narrow=narrow, sizes=sizes)


def region_rows(decisions: Mapping[str, Decisions], titles: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """Rank interval and expected rank of every region, by title of the indicator."""
    columns = ["rank_lower", "rank_upper", "expected_rank"]
    frames = {titles[name]: found.frames["regions"] for name, found in decisions.items()}
    return {title: rows.set_index("group")[columns] for title, rows in frames.items() if len(rows)}


def region_ranks(found: Mapping[str, pd.DataFrame], ax: Axes, *, across: bool) -> None:
    """Draw each region's rank interval as a bar with its expected rank as a dot, one panel an indicator.

    `across` has the indicators from left to right. Each interval holds for one region at a time.
    """
    names = sorted({str(name) for rows in found.values() for name in rows.index})
    n, ticks, labels = len(names), [], []
    for at, (title, rows) in enumerate(found.items()):
        shift, drop = (at * (n + _GAP), 0.0) if across else (0.0, at * (n + _GAP))
        heights = [names.index(str(name)) + drop for name in rows.index]
        left, right = rows["rank_lower"] - 0.35 + shift, rows["rank_upper"] + 0.35 + shift
        ax.hlines(heights, left, right, color=UPPER_COLOUR, linewidth=7, alpha=0.45)
        ax.plot(rows["expected_rank"] + shift, heights, "o", color=INK, markersize=4.5)
        ax.text(0.6 + shift, drop - 0.75, "\n".join(textwrap.wrap(title, 21 if across else 44)), va="bottom", color=INK)
        ticks += [shift + 1, shift + n]
        labels += ["1", str(n)]
    _frame(ax, names, len(found), (ticks, labels), across=across)
    ax.set_title("\n".join(textwrap.wrap(region_title(found), 90 if across else 34)), loc="left", fontweight="bold")


def _frame(ax: Axes, names: list[str], panels: int, ticks: tuple[list[float], list[str]], *, across: bool) -> None:
    n, blocks = len(names), 1 if across else panels
    heights = [place + block * (n + _GAP) for block in range(blocks) for place in range(n)]
    for height in heights:
        ax.axhline(height, color=RULE, linewidth=0.6, zorder=0)
    ax.set_yticks(heights, names * blocks, fontsize=10 if across else 8.5)
    ax.set_ylim(max(heights) + 0.6, -2.6 if across else -1.6)
    shown = slice(None) if across else slice(2)
    ax.set_xticks(ticks[0][shown], ticks[1][shown])
    ax.set_xlabel("place among regions, 1 the best; bar: rank interval, dot: expected place", color=SOFT, fontsize=9)
    if not across:
        ax.set_xlim(0.3, n + 0.7)
    for spine in ("left", "bottom"):
        ax.spines[spine].set_visible(False)
    ax.tick_params(length=0, labelcolor=INK)


def region_title(found: Mapping[str, pd.DataFrame]) -> str:
    """How wide half of the intervals are at most, in ten words or fewer."""
    widths = np.concatenate([(rows["rank_upper"] - rows["rank_lower"] + 1).to_numpy() for rows in found.values()])
    typical = int(np.quantile(widths, 0.5, method="higher"))
    return f"Half of {len(widths)} intervals span {typical} place{'' if typical == 1 else 's'} or fewer"


def region_alt(found: Mapping[str, pd.DataFrame]) -> str:
    """What the picture shows, in words with its numbers."""
    said = [
        f"{title}: {', '.join(f'{name} {int(row.rank_lower)} to {int(row.rank_upper)}' for name, row in _rows(rows))}"
        for title, rows in found.items()
    ]
    return f"Rank intervals of regions, 1 the best. {'; '.join(said)}."


def _rows(rows: pd.DataFrame) -> list[tuple[str, pd.Series]]:
    return [(str(name), row) for name, row in rows.iterrows()]


def region_drawing(decisions: Mapping[str, Decisions], titles: Mapping[str, str]) -> Drawing | None:
    """The picture for wide and for narrow pages; None where there are no regions."""
    found = region_rows(decisions, titles)
    if not found:
        return None
    count = int(np.max([len(rows) for rows in found.values()]))
    sizes = ((12.5, 1.5 + 0.36 * count), (4.2, 1.0 + 0.3 * (count + _GAP) * len(found)))
    wide, narrow = (partial(region_ranks, found, across=across) for across in (True, False))
    return drawing("regions", region_alt(found), wide=wide, narrow=narrow, sizes=sizes)
