"""What pictures of order share: the rows that they draw, titles of ten words or fewer, and an axis of places."""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pandas as pd
from matplotlib.axes import Axes

from ranktrust.errors import UsageError
from ranktrust.figures.svg import INK, RULE, SOFT
from ranktrust.league import LeagueTable
from ranktrust.ranks import RankSummary

MOST_WORDS: Final = 10
DECIDED: Final = 0.95
"""A pair is decided when one of the two is above the other with more than this probability."""

_LETTERS_AN_INCH: Final = 9.5
_COLUMNS: Final = (
    "expected_rank", "rank_lower", "rank_upper", "ess_rank",
    "p_top", "p_top_mcse", "p_bottom", "p_bottom_mcse",
)  # fmt: skip


@dataclass(frozen=True)
class RankRows:
    """What a picture needs of a ranked table, whichever it came from, in the order to be drawn.

    `rows` is indexed by trust, with the columns of a RankSummary; `pmf` is trust by place; `above` trust by trust, row
    above column; `top` and `bottom` the k of `p_top` and `p_bottom`; `name` goes into ids.
    """

    rows: pd.DataFrame
    pmf: pd.DataFrame
    above: pd.DataFrame
    noun: str
    best: str
    prob: float
    top: int
    bottom: int
    name: str

    @property
    def n(self) -> int:
        """How many are ranked."""
        return len(self.rows)

    def interval(self, trust: str) -> str:
        """The rank interval in words: `3 to 17`."""
        lower, upper = self.bounds(trust)
        return f"{lower:.0f} to {upper:.0f}"

    def bounds(self, trust: str) -> tuple[float, float]:
        """The bounds of the rank interval."""
        return self.number(trust, "rank_lower"), self.number(trust, "rank_upper")

    def number(self, trust: str, column: str) -> float:
        """One number of `rows`."""
        return float(self.rows[column].to_numpy()[self.rows.index.get_loc(trust)])


type Ranking = LeagueTable | RankSummary


def rank_rows(table: Ranking) -> RankRows:
    """The rows of a league table in its own order, or of a summary by expected rank.

    Raises UsageError for a league table that is not ranked: no picture of order is drawn of it.
    """
    return _of_table(table) if isinstance(table, LeagueTable) else _of_summary(table)


def _of_table(table: LeagueTable) -> RankRows:
    facts = table.facts
    if not facts.ranked:
        raise UsageError(f"{facts.indicator} is not ranked, so no picture of its order is drawn; use the caterpillar")
    ends = {f"p_{end}_quarter{tail}": f"p_{end}{tail}" for end in ("top", "bottom") for tail in ("", "_mcse")}
    rows = table.rows.rename(columns=ends)[list(_COLUMNS)].astype(float)
    sizes = (facts.noun, facts.best, facts.prob, facts.top, facts.bottom, facts.indicator)
    return RankRows(rows, table.rank_pmf, table.p_above, *sizes)


def _of_summary(summary: RankSummary) -> RankRows:
    dim = summary.trust_dim
    rows = summary.table[list(_COLUMNS)].to_dataframe()[list(_COLUMNS)]
    rows.index = rows.index.astype(str)
    order = rows["expected_rank"].sort_values(kind="stable").index
    pmf = pd.DataFrame(summary.table["rank_pmf"].to_numpy(), rows.index, range(1, summary.n + 1))
    above = pd.DataFrame(summary.table["p_above"].to_numpy(), rows.index, rows.index)
    sizes = (dim, summary.best, summary.prob, summary.top, summary.bottom, dim)
    return RankRows(rows.loc[order], pmf.loc[order], above.loc[order][order], *sizes)


def known(rows: RankRows, trusts: Iterable[str], most: int) -> list[str]:
    """`trusts` as a list; UsageError unless they are one to `most` of those ranked, each once."""
    wanted = list(trusts)
    unknown = [trust for trust in wanted if trust not in rows.rows.index]
    if unknown:
        raise UsageError(f"not ranked: {', '.join(unknown)}; name some of {', '.join(rows.rows.index[:5])} ...")
    if not 1 <= len(wanted) <= most or len(set(wanted)) < len(wanted):
        raise UsageError(f"name one to {most} different {rows.noun}s; there are {len(wanted)} names")
    return wanted


def short(*candidates: str) -> str:
    """The first candidate of ten words or fewer; the last must be one whatever names are put into the others."""
    return next(words for words in candidates if len(words.split()) <= MOST_WORDS)


def put_title(ax: Axes, words: str, *, legend_rows: int = 0) -> None:
    """Write the title at the left, broken to the width of the page, above a legend of so many rows."""
    width = ax.get_figure(root=True).get_figwidth()  # type: ignore[union-attr]
    text = textwrap.fill(words, int(_LETTERS_AN_INCH * (width - 0.6)))
    ax.set_title(text, loc="left", pad=7 + 17 * legend_rows, fontsize=12, fontweight="bold", color=INK)


def wrapped(ax: Axes, words: str, *, share: float = 0.85) -> str:
    """Words broken to a share of the page's width, line by line."""
    width = ax.get_figure(root=True).get_figwidth()  # type: ignore[union-attr]
    return "\n".join(textwrap.fill(line, int(11.5 * share * width)) for line in words.split("\n"))


def put_legend(ax: Axes, columns: int) -> int:
    """Put the legend between title and picture; returns its rows."""
    entries = len(ax.get_legend_handles_labels()[0])
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, fontsize=9.5, handletextpad=0.5, borderpad=0.2,
              borderaxespad=0.2, columnspacing=1.4, labelspacing=0.35)  # fmt: skip
    return -(-entries // columns)


def is_narrow(ax: Axes) -> bool:
    """Whether the page is narrow: then a legend has one column."""
    return bool(ax.get_figure(root=True).get_figwidth() < 7)  # type: ignore[union-attr]


def place_ticks(rows: RankRows) -> list[int]:
    """Ends, middle and the inner ends of both quarters."""
    n = rows.n
    return sorted({1, rows.top, round((n + 1) / 2), n - rows.bottom + 1, n})


def put_places(ax: Axes, rows: RankRows, *, quarters: bool = True) -> None:
    """Let the x axis be places 1 to n, with the inner ends of both quarters as dotted lines."""
    n = rows.n
    ax.set_xlim(0.5, n + 0.5)
    ax.set_xticks(place_ticks(rows))
    words = place_words(rows).replace(" (", "\n(") if is_narrow(ax) else place_words(rows)
    ax.set_xlabel(f"{words}\ndotted: ends of top and bottom quarter" if quarters else words)
    if quarters:
        for edge in (rows.top + 0.5, n - rows.bottom + 0.5):
            ax.axvline(edge, color=SOFT, linewidth=0.9, linestyle=(0, (2, 3)), zorder=0.5)


def place_words(rows: RankRows) -> str:
    """What the axis of places counts."""
    return f"rank among {rows.n} {rows.noun}s (1 is the {rows.best} value)"


def decided_pairs(above: pd.DataFrame) -> tuple[int, int]:
    """How many unordered pairs are decided, and how many pairs there are."""
    values = above.to_numpy()
    n = len(values)
    return int((values > DECIDED).sum()), n * (n - 1) // 2


def percent(share: float) -> str:
    """An exact share in per cent, kept from saying none or all of what is neither."""
    shown = 100 * share if share in {0, 1} else min(max(100 * share, 0.1), 99.9)
    return f"{shown:.{0 if 1 <= shown <= 99 or share in {0, 1} else 1}f}%"


def faint_grid(ax: Axes) -> None:
    """Horizontal rules behind the picture."""
    ax.grid(visible=True, axis="y", color=RULE, linewidth=0.7)
    ax.set_axisbelow(True)
