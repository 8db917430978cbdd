"""Pictures of order: what is drawn equals the table, what is said equals what is drawn, what is off is absent."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from league_tables import CODES, tiny_table
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from rank_draws import named, normals

from ranktrust import figures, ranks
from ranktrust.errors import UsageError
from ranktrust.figures.dots import dot_counts, dot_places
from ranktrust.figures.frame import MOST_WORDS, rank_rows
from ranktrust.figures.funnels import limits_at
from ranktrust.figures.hasse import apart, layers, positions
from ranktrust.figures.ladder import members
from ranktrust.figures.pairs import SHADES, block_shares, boundary
from ranktrust.figures.slope import TwoPeriods, movements

FEW = normals(np.linspace(3, 0, 8), 0.45, seed=1, draws=400).isel(trust=[3, 0, 6, 1, 7, 2, 5, 4])
MANY = normals(np.random.default_rng(3).normal(0, 2, 60), 1.0, seed=2, draws=250)
SUMMARY = ranks.summarise_ranks(FEW, best="highest")
CROWD = ranks.summarise_ranks(MANY, best="highest")
SETS = ranks.simultaneous_sets(FEW, best="highest")
ORDER = ranks.partial_order(FEW, best="highest")
GRADES = ranks.grade_trusts(FEW, best="highest")
LATER = FEW + 3.0 * (FEW["trust"] == "T7") + np.random.default_rng(4).normal(0, 0.2, FEW.shape)
PERIODS = TwoPeriods(
    SUMMARY,
    ranks.summarise_ranks(LATER, best="highest"),
    ranks.rank_stability(FEW, LATER, best="highest", places=1),
    ("2024", "2025"),
)
EXPECTED = pd.Series(np.geomspace(200, 6000, 30), index=pd.Index([f"U{i}" for i in range(30)], name="trust"))
OBSERVED = EXPECTED * np.exp(np.random.default_rng(5).normal(0, 0.08, 30)) * np.where(np.arange(30) == 12, 1.5, 1)
FUNNEL = ranks.funnel_bands(OBSERVED, EXPECTED, form="log")
ONE, TWO, SIX = ["T2"], ["T0", "T7"], [f"T{i}" for i in range(6)]

CASES: dict[str, tuple[Callable[..., None], Callable[..., str], Callable[..., str]]] = {
    "rankogram": (
        lambda ax, **o: figures.rankogram(SUMMARY, ax, trusts=ONE, **o),
        lambda: figures.rankogram_alt(SUMMARY, trusts=ONE),
        lambda: figures.rankogram_title(SUMMARY, trusts=ONE),
    ),
    "rank_curves": (
        lambda ax, **o: figures.rank_curves(SUMMARY, ax, trusts=TWO, **o),
        lambda: figures.rank_curves_alt(SUMMARY, trusts=TWO),
        lambda: figures.rank_curves_title(SUMMARY, trusts=TWO),
    ),
    "rank_intervals": (
        lambda ax, **o: figures.rank_intervals(SUMMARY, ax, sets=SETS, **o),
        lambda: figures.rank_intervals_alt(SUMMARY, sets=SETS),
        lambda: figures.rank_intervals_title(SUMMARY),
    ),
    "pair_matrix": (
        lambda ax, **o: figures.pair_matrix(SUMMARY, ax, **o),
        lambda: figures.pair_matrix_alt(SUMMARY),
        lambda: figures.pair_matrix_title(SUMMARY),
    ),
    "hasse": (
        lambda ax, **o: figures.hasse(ORDER, ax, **o),
        lambda: figures.hasse_alt(ORDER),
        lambda: figures.hasse_title(ORDER),
    ),
    "grade_ladder": (
        lambda ax, **o: figures.grade_ladder(GRADES, ax, **o),
        lambda: figures.grade_ladder_alt(GRADES),
        lambda: figures.grade_ladder_title(GRADES),
    ),
    "quantile_dots": (
        lambda ax, **o: figures.quantile_dots(SUMMARY, ax, trust="T2", **o),
        lambda: figures.quantile_dots_alt(SUMMARY, trust="T2"),
        lambda: figures.quantile_dots_title(SUMMARY, trust="T2"),
    ),
    "slope_chart": (
        lambda ax, **o: figures.slope_chart(PERIODS, ax, **o),
        lambda: figures.slope_chart_alt(PERIODS),
        lambda: figures.slope_chart_title(PERIODS),
    ),
    "funnel_plot": (
        lambda ax, **o: figures.funnel_plot(FUNNEL, EXPECTED, ax, **o),
        lambda: figures.funnel_plot_alt(FUNNEL, EXPECTED),
        lambda: figures.funnel_plot_title(FUNNEL),
    ),
}


@pytest.fixture
def ax() -> Axes:
    return Figure(figsize=(9, 6), layout="constrained").add_subplot()


def segments(ax: Axes) -> list[np.ndarray]:
    """Each straight piece of every collection of lines, as two points."""
    found = [part for lines in ax.collections if hasattr(lines, "get_segments") for part in lines.get_segments()]
    return [np.asarray(part) for part in found]


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def numbers(words: str) -> list[float]:
    return [float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*(?:\.\d+)?", words)]


def frame(summary: ranks.RankSummary, *columns: str) -> pd.DataFrame:
    """Columns of a summary, by expected rank, straight from the summary."""
    return summary.table[list(columns)].to_dataframe().loc[lambda rows: rows["expected_rank"].sort_values().index]


# Every figure


@pytest.mark.parametrize("name", CASES)
def test_titles_have_ten_words_or_fewer_and_are_drawn_only_when_asked_for(name: str, ax: Axes) -> None:
    fill, _, title = CASES[name]
    fill(ax, title=False)
    assert ax.get_title(loc="left") == ""
    other = Figure(figsize=(9, 6), layout="constrained").add_subplot()
    fill(other)
    assert other.get_title(loc="left").replace("\n", " ") == title()
    assert 3 <= len(title().split()) <= MOST_WORDS


@pytest.mark.parametrize("name", CASES)
def test_words_of_a_figure_hold_numbers_and_never_certainty(name: str) -> None:
    words = CASES[name][1]()
    assert len(numbers(words)) >= 3
    assert not re.search(r"\b(probability|chance) (0|1|100%)\b|nan|inf\b", words)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("width", [9.0, 4.2])
def test_nothing_is_drawn_wider_than_the_page(name: str, width: float) -> None:
    figure = Figure(figsize=(width, 7), layout="constrained")
    fill = CASES[name][0]
    fill(figure.add_subplot(), **({"sideways": True} if name == "hasse" and width < 7 else {}))
    figure.draw_without_rendering()
    title, page = figure.axes[0].title, figure.bbox
    for box in (figure.axes[0]._left_title.get_window_extent(), figure.axes[0].xaxis.label.get_window_extent()):
        assert page.x0 - 1 <= box.x0
        assert box.x1 <= page.x1 + 1
    assert title.get_text() == ""


@pytest.mark.parametrize(
    "function", [getattr(figures, name) for name in (*CASES, "rank_heat")], ids=lambda function: function.__name__
)
def test_docstrings_say_what_may_not_be_concluded(function: Callable[..., None]) -> None:
    assert "may not conclude" in " ".join((inspect.getdoc(function) or "").split())


@pytest.mark.parametrize("name", ["rankogram", "rank_curves", "rank_intervals", "pair_matrix", "quantile_dots"])
def test_no_picture_of_order_is_drawn_of_a_table_that_is_not_ranked(name: str, ax: Axes) -> None:
    table = tiny_table(ranked=False, comparability="indirect", poth=None, spearman_low=None)
    options: dict[str, Any] = {"trusts": CODES[:1]} if name.startswith(("rankogram", "rank_curves")) else {}
    options |= {"trust": CODES[0]} if name == "quantile_dots" else {}
    with pytest.raises(UsageError, match="not ranked"):
        getattr(figures, name)(table, ax, **options)


def test_a_league_table_and_a_summary_give_the_same_rows() -> None:
    table = tiny_table()
    rows = rank_rows(table)
    assert rows.rows["p_top"].to_numpy() == pytest.approx(table.rows["p_top_quarter"].to_numpy())
    assert list(rows.rows.index) == list(table.rows.index)
    assert (rows.noun, rows.n, rows.top, rows.best) == ("trust", 8, 2, "highest")
    summary = rank_rows(SUMMARY)
    assert summary.rows["expected_rank"].is_monotonic_increasing
    assert summary.above.loc["T0", "T3"] == float(SUMMARY.table["p_above"].sel(trust="T0", other_trust="T3"))
    assert summary.pmf.loc["T5", 4] == float(SUMMARY.table["rank_pmf"].sel(trust="T5", rank=4))


def test_long_names_shorten_a_title_instead_of_breaking_the_rule() -> None:
    trusts = ["The Royal and Very Long Infirmary of the North", "B", "C"]
    draws = named(FEW.to_numpy()[..., :3], trusts)
    summary = ranks.summarise_ranks(draws, best="highest")
    for title in (
        figures.rankogram_title(summary, trusts=trusts[:1]),
        figures.rank_curves_title(summary, trusts=trusts[:1]),
        figures.quantile_dots_title(summary, trust=trusts[0]),
    ):
        assert len(title.split()) <= MOST_WORDS
        assert "Infirmary" not in title


# Rankogram and curves


def test_a_rankogram_draws_the_law_and_the_interval(ax: Axes) -> None:
    figures.rankogram(SUMMARY, ax, trusts=TWO)
    outlines = [patch for patch in ax.patches if patch.get_label().startswith("T")]
    for trust, outline in zip(TWO, outlines, strict=True):
        values, edges, _ = outline.get_data()
        assert values == pytest.approx(SUMMARY.table["rank_pmf"].sel(trust=trust).to_numpy())
        assert edges == pytest.approx(np.arange(9) + 0.5)
    ends = [tuple(part[:, 0]) for part in segments(ax)]
    wanted = SUMMARY.table.sel(trust=TWO)
    assert ends == [
        (low - 0.5, high + 0.5)
        for low, high in zip(wanted["rank_lower"].values, wanted["rank_upper"].values, strict=True)
    ]
    assert texts(ax) == TWO


def test_curves_draw_the_cumulative_law(ax: Axes) -> None:
    figures.rank_curves(SUMMARY, ax, trusts=TWO)
    for trust, line in zip(TWO, ax.get_lines(), strict=False):
        drawn = line.get_ydata()[:-1]
        assert drawn == pytest.approx(SUMMARY.table["rank_cdf"].sel(trust=trust).to_numpy())
    chance = next(line for line in ax.get_lines() if line.get_label() == "if nothing were known")
    assert np.interp(2, *chance.get_data()) == pytest.approx(2 / 8)


def test_lines_differ_in_dash_as_well_as_in_colour(ax: Axes) -> None:
    figures.rank_curves(SUMMARY, ax, trusts=["T0", "T2", "T4", "T6"])
    lines = ax.get_lines()[:4]
    assert len({str(line._unscaled_dash_pattern) for line in lines}) == len({line.get_color() for line in lines}) == 4


def test_words_of_a_rankogram_state_interval_and_decided_pairs() -> None:
    row = SUMMARY.table.sel(trust="T2")
    low, high = int(row["rank_lower"]), int(row["rank_upper"])
    assert figures.rankogram_title(SUMMARY, trusts=ONE) == f"T2 ranks between {low} and {high} of 8 (95% interval)"
    above = SUMMARY.table["p_above"].sel(trust=SIX[:4], other_trust=SIX[:4]).to_numpy()
    decided = int((above > 0.95).sum())
    assert 0 < decided < 6
    assert figures.rankogram_title(SUMMARY, trusts=SIX[:4]) == f"{decided} of 6 pairs here are decided at 95%"
    assert f"Of their 6 pairs, {decided} are decided" in figures.rankogram_alt(SUMMARY, trusts=SIX[:4])


@pytest.mark.parametrize("trusts", [[], ["T0", "T0"], SIX, ["ZZ"]])
def test_a_rankogram_asks_for_one_to_four_known_trusts(trusts: list[str], ax: Axes) -> None:
    with pytest.raises(UsageError, match=r"name one to 4|not ranked: ZZ"):
        figures.rankogram(SUMMARY, ax, trusts=trusts)


# Intervals


@pytest.mark.parametrize("upright", [False, True])
def test_intervals_are_those_of_table_and_sets_in_order(upright: bool, ax: Axes) -> None:
    figures.rank_intervals(SUMMARY, ax, sets=SETS, upright=upright)
    rows = frame(SUMMARY, "expected_rank", "rank_lower", "rank_upper")
    bounds = SETS.table[["set_lower", "set_upper"]].to_dataframe().loc[rows.index]
    values, places = (0, 1) if upright else (1, 0)
    for lines, wanted in zip(ax.collections, (bounds, rows[["rank_lower", "rank_upper"]]), strict=True):
        drawn = np.array([[part[0, places], *part[:, values]] for part in lines.get_segments()])
        assert drawn[:, 0].tolist() == list(range(8))
        assert drawn[:, 1:] == pytest.approx(wanted.to_numpy() + np.array([-0.5, 0.5]))
    assert ax.get_lines()[0].get_data()[values] == pytest.approx(rows["expected_rank"].to_numpy())
    names = ax.get_yticklabels() if upright else ax.get_xticklabels()
    assert [name.get_text() for name in names] == list(rows.index)


def test_without_sets_only_the_marginal_intervals_are_drawn(ax: Axes) -> None:
    figures.rank_intervals(SUMMARY, ax)
    assert len(ax.collections) == 1
    assert not any("at once" in text.get_text() for text in ax.get_legend().get_texts())
    assert "at once" not in figures.rank_intervals_alt(SUMMARY)


def test_words_of_intervals_are_their_widths() -> None:
    sets = ranks.simultaneous_sets(MANY, best="highest")
    rows = frame(CROWD, "expected_rank", "rank_lower", "rank_upper")
    width = sorted(rows["rank_upper"] - rows["rank_lower"] + 1)
    together = sorted((sets.table["set_upper"] - sets.table["set_lower"] + 1).to_numpy())
    found = numbers(figures.rank_intervals_alt(CROWD, sets=sets))
    assert found[2:5] == [width[0], width[-1], width[30]]
    assert found[7:10] == [together[0], together[-1], together[30]]
    assert found[10] == pytest.approx(100 * sets.content.held_out, abs=0.06)
    assert abs(sets.content.held_out - sets.content.final) > 0.002
    assert found[11] == sets.widened > 0


def test_sets_of_other_trusts_are_refused(ax: Axes) -> None:
    with pytest.raises(UsageError, match="of other trusts"):
        figures.rank_intervals(CROWD, ax, sets=SETS)


# Pairs


def test_the_matrix_is_p_above_in_order(ax: Axes) -> None:
    figures.pair_matrix(SUMMARY, ax)
    order = frame(SUMMARY, "expected_rank").index
    wanted = SUMMARY.table["p_above"].sel(trust=order, other_trust=order).to_numpy()
    assert np.asarray(ax.get_images()[0].get_array()) == pytest.approx(wanted)
    assert [label.get_text() for label in ax.get_yticklabels()] == list(order)
    assert texts(ax) == []


def test_a_large_matrix_is_labelled_at_its_ends_with_the_decided_share_of_each_block(ax: Axes) -> None:
    figures.pair_matrix(CROWD, ax)
    order = frame(CROWD, "expected_rank").index
    assert [label.get_text() for label in ax.get_xticklabels()] == [order[0], order[-1]]
    above = CROWD.table["p_above"].sel(trust=order, other_trust=order).to_numpy()
    decided = np.abs(above - 0.5) > 0.45
    shares = [
        decided[15 * a : 15 * a + 15, 15 * b : 15 * b + 15].sum() / (225 if a != b else 210)
        for a in range(4)
        for b in range(a, 4)
    ]
    assert [float(text.rstrip("%")) for text in texts(ax)] == pytest.approx(100 * np.array(shares), abs=0.51)


def test_blocks_off_draws_none(ax: Axes) -> None:
    figures.pair_matrix(CROWD, ax, blocks=False)
    assert texts(ax) == []
    assert len(ax.get_lines()) == 0


def test_the_contour_separates_decided_from_undecided() -> None:
    inside = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]], dtype=bool)
    assert sorted(map(sorted, boundary(inside))) == [
        [(0, 2), (1, 2)], [(1, 2), (1, 3)], [(2, 0), (2, 1)], [(2, 1), (3, 1)],
    ]  # fmt: skip


def test_shades_darken_all_the_way_so_that_grey_tells_above_from_below() -> None:
    grey = np.array([np.dot(to_rgb(SHADES(x)), [0.299, 0.587, 0.114]) for x in np.linspace(0, 1, 41)])
    assert (np.diff(grey) < 0).all()
    assert -np.diff(grey[::10]).max() > 0.1


def test_words_of_the_matrix_count_decided_pairs() -> None:
    above = CROWD.table["p_above"].to_numpy()
    decided = int((above > 0.95).sum())
    assert figures.pair_matrix_title(CROWD) == f"{decided:,} of 1,770 pairs are decided at 95%"
    assert f"{decided:,} of 1,770 pairs ({100 * decided / 1770:.0f}%)" in figures.pair_matrix_alt(CROWD)
    assert np.isnan(block_shares(rank_rows(CROWD).above)[1, 0])


# Partial order


def test_a_line_of_the_diagram_is_an_edge_and_goes_down(ax: Axes) -> None:
    figures.hasse(ORDER, ax)
    at = positions(ORDER)
    drawn = [line.get_xydata() for line in ax.get_lines()]
    for line, (upper, lower) in zip(drawn, ORDER.edges[["trust", "other"]].itertuples(index=False), strict=True):
        assert line[0].tolist() == at.loc[upper, ["x", "y"]].tolist()
        assert line[-1].tolist() == at.loc[lower, ["x", "y"]].tolist()
        assert (np.diff(line[:, 1]) == 1).all()
    assert len(drawn) > 5
    assert ax.yaxis_inverted()


def test_no_line_runs_behind_a_trust_that_it_does_not_join() -> None:
    draws = normals([9.0, 6.0, 3.0, 0.0, 4.5], [0.1, 0.1, 0.1, 0.1, 1.4], seed=8, draws=300)
    order = ranks.partial_order(draws, best="highest")
    at = positions(order)
    turns = at[at["turn"]]
    assert len(turns) > 0
    for _, turn in turns.iterrows():
        beside = at[(at["y"] == turn["y"]) & ~at["turn"]]
        assert (np.abs(beside["x"].astype(float) - turn["x"]) >= 0.69).all()


def test_boxes_name_every_trust_with_the_places_left_to_it(ax: Axes) -> None:
    figures.hasse(ORDER, ax)
    table = ORDER.table.to_dataframe().reset_index().drop_duplicates("trust").set_index("trust")
    wanted = {f"{name}\n{row['place_lower']} to {row['place_upper']}" for name, row in table.iterrows()}
    assert set(texts(ax)) == wanted


def test_layers_are_longest_chains() -> None:
    above = ORDER.table["above"].to_numpy()
    found = layers(ORDER).to_numpy()

    def longest(i: int) -> int:
        return 1 + max((longest(int(j)) for j in np.flatnonzero(above[:, i])), default=0)

    assert found.tolist() == [longest(i) for i in range(len(above))]
    assert found.max() > 2


def test_trusts_without_a_certain_pair_stand_apart(ax: Axes) -> None:
    draws = normals([9.0, 4.5, 0.0, 4.5], [0.1, 0.1, 0.1, 30.0], seed=8, draws=300)
    order = ranks.partial_order(draws, best="highest")
    assert apart(order) == ["T3"]
    assert positions(order).loc["T3", "y"] == 4
    figures.hasse(order, ax)
    assert ax.get_yticklabels()[-1].get_text() == "no certain\npair"
    assert "1 trust has a certain order with no other" in figures.hasse_alt(order)


def test_many_trusts_are_drawn_as_counts_and_said_to_be(ax: Axes) -> None:
    order = ranks.partial_order(MANY, best="highest")
    figures.hasse(order, ax)
    counts = layers(order).drop(apart(order)).value_counts().sort_index()
    drawn = {round(bar.get_y() + bar.get_height() / 2): bar.get_width() for bar in ax.patches}
    assert {layer: drawn[layer] for layer in counts.index} == counts.to_dict()
    assert sum(drawn.values()) == 60
    label = ax.get_xlabel().replace("\n", " ")
    assert f"60 are too many to draw their {len(order.edges):,} lines" in label
    assert f"layer 1: {counts[1]}" in figures.hasse_alt(order)
    assert ax.get_lines() == []


# Grades


def test_steps_hold_the_members_of_each_grade(ax: Axes) -> None:
    figures.grade_ladder(GRADES, ax)
    grade = GRADES.table["grade"].to_pandas()
    heads = [text for text in texts(ax) if text.startswith("grade")]
    assert len(heads) == GRADES.grades == len(ax.patches) > 1
    for step in range(1, GRADES.grades + 1):
        names = ", ".join(sorted(grade.index[grade == step]))
        assert names in texts(ax)
        assert sorted(members(GRADES)[step]) == names.split(", ")
    tops = [patch.get_y() for patch in ax.patches]
    lefts = [patch.get_x() for patch in ax.patches]
    assert tops == sorted(tops)
    assert lefts == sorted(set(lefts))


def test_discordance_is_stated_and_can_be_left_out(ax: Axes) -> None:
    figures.grade_ladder(GRADES, ax)
    between = [text for text in texts(ax) if "the other way round" in text]
    assert len(between) == GRADES.grades - 1
    shares = [float(GRADES.table["discordance_between"].values[i, i + 1]) for i in range(GRADES.grades - 1)]
    for words, share in zip(between, shares, strict=True):
        assert numbers(words)[0] == pytest.approx(100 * share, abs=1.0)
    whole = 100 * float(GRADES.table["discordance_separated"])
    assert numbers(figures.grade_ladder_title(GRADES))[1] == pytest.approx(whole, abs=0.2)
    other = Figure().add_subplot()
    figures.grade_ladder(GRADES, other, discordance=False)
    assert not any("the other way round" in text for text in [*texts(other), other.get_xlabel()])


def test_one_grade_promises_nothing(ax: Axes) -> None:
    grades = ranks.grade_trusts(normals(np.zeros(5), 1.0, seed=6, draws=200), best="highest")
    assert grades.grades == 1
    figures.grade_ladder(grades, ax)
    assert figures.grade_ladder_title(grades) == "One grade: these figures support no division"
    assert "nan" not in figures.grade_ladder_alt(grades).lower()


# Dots


@pytest.mark.parametrize("count", [20, 50])
def test_dots_are_quantiles_of_the_rank_law(count: int) -> None:
    places = dot_places(SUMMARY, trust="T4", count=count)
    cdf = SUMMARY.table["rank_cdf"].sel(trust="T4").to_numpy()
    wanted = [1 + int(np.argmax(cdf >= (i + 0.5) / count - 1e-9)) for i in range(count)]
    assert places.tolist() == wanted


@pytest.mark.parametrize(("summary", "trust"), [(SUMMARY, "T2"), (CROWD, "T30"), (CROWD, "T7")])
def test_dots_are_drawn_in_the_quarter_where_they_are_counted(summary: ranks.RankSummary, trust: str, ax: Axes) -> None:
    figures.quantile_dots(summary, ax, trust=trust)
    x = ax.collections[0].get_offsets()[:, 0]
    upper, middle, lower = dot_counts(summary, trust=trust)
    edges = (summary.top + 0.5, summary.n - summary.bottom + 0.5)
    assert [(x < edges[0]).sum(), ((x > edges[0]) & (x < edges[1])).sum(), (x > edges[1]).sum()] == [
        upper, middle, lower,
    ]  # fmt: skip
    assert upper + middle + lower == 20
    assert f"{upper} of 20 dots are in the top quarter" in figures.quantile_dots_alt(summary, trust=trust)


def test_no_dot_hides_another(ax: Axes) -> None:
    figures.quantile_dots(CROWD, ax, trust="T30", count=50)
    at = np.asarray(ax.collections[0].get_offsets())
    size = float(ax.collections[0].get_widths()[0])
    distance = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    assert distance[np.triu_indices(50, 1)].min() >= size


def test_a_dotplot_has_twenty_or_fifty_dots(ax: Axes) -> None:
    with pytest.raises(UsageError, match="20 or 50 dots, not 30"):
        figures.quantile_dots(SUMMARY, ax, trust="T0", count=30)


# Slopes


def test_only_certain_moves_have_marks_and_all_ends_have_intervals(ax: Axes) -> None:
    figures.slope_chart(PERIODS, ax)
    p = PERIODS.stability.table["p_rank_improved"].to_pandas()
    certain = list(p.index[(p >= 0.975) | (p <= 0.025)])
    marked = [line for line in ax.get_lines() if line.get_marker() in {"^", "v"}]
    assert "T7" in certain
    assert len(marked) == len(certain) < 8
    assert sorted(texts(ax)) == sorted(certain)
    vertical = [part for part in segments(ax) if part[0, 0] == part[1, 0]]
    ends = sorted((part[0, 1], part[1, 1]) for part in vertical)
    tables = [period.table for period in (PERIODS.before, PERIODS.now)]
    bounds = [zip(t["rank_lower"].values - 0.5, t["rank_upper"].values + 0.5, strict=True) for t in tables]
    assert ends == sorted(pair for each in bounds for pair in each)


def test_slopes_join_the_expected_ranks(ax: Axes) -> None:
    figures.slope_chart(PERIODS, ax)
    wanted = [float(period.table["expected_rank"].sel(trust="T7")) for period in (PERIODS.before, PERIODS.now)]
    marks = next(line for line in ax.get_lines() if line.get_marker() == "^")
    slope = next(line for line in ax.get_lines() if str(line.get_label()).startswith("very probably better"))
    assert marks.get_ydata() == pytest.approx(wanted)
    assert slope.get_ydata() == pytest.approx(wanted)


def test_words_of_slopes_count_the_certain_moves() -> None:
    moved = movements(PERIODS.stability)
    certain = int((moved != "not certain").sum())
    assert figures.slope_chart_title(PERIODS) == f"{certain} of 8 trusts very probably changed rank"
    alt = figures.slope_chart_alt(PERIODS)
    assert f"of {8 - certain} the change is not certain" in alt
    low, high = (int(PERIODS.now.table[end].sel(trust="T7")) for end in ("rank_lower", "rank_upper"))
    assert f"then {low} to {high})" in alt.partition("T7")[2]


def test_periods_of_different_trusts_are_refused(ax: Axes) -> None:
    with pytest.raises(UsageError, match="same trusts"):
        figures.slope_chart(TwoPeriods(CROWD, PERIODS.now, PERIODS.stability), ax)


# Funnel


def test_the_funnel_draws_every_figure_at_its_volume_by_band(ax: Axes) -> None:
    figures.funnel_plot(FUNNEL, EXPECTED, ax)
    for marker, band in (("^", "higher"), ("v", "lower"), ("o", "as expected")):
        line = next(line for line in ax.get_lines() if line.get_marker() == marker)
        members_ = FUNNEL.table["band"] == band
        assert line.get_xdata() == pytest.approx(EXPECTED[members_].to_numpy())
        assert line.get_ydata() == pytest.approx(FUNNEL.table.loc[members_, "value"].to_numpy())
    assert ax.get_xscale() == "log"
    outside = FUNNEL.table.index[FUNNEL.table["band"] != "as expected"]
    assert sorted(texts(ax)) == sorted(outside)
    assert "U12" in outside


def test_limits_of_the_funnel_are_those_of_its_table() -> None:
    lower, upper = limits_at(FUNNEL, EXPECTED.to_numpy())
    assert lower == pytest.approx(FUNNEL.table["lower"].to_numpy())
    assert upper == pytest.approx(FUNNEL.table["upper"].to_numpy())


def test_poisson_limits_can_be_left_out(ax: Axes) -> None:
    figures.funnel_plot(FUNNEL, EXPECTED, ax)
    dotted = [line for line in ax.get_lines() if line.get_linestyle() == ":"]
    for line, limit in zip(dotted, ranks.poisson_limits(np.asarray(dotted[0].get_xdata())), strict=True):
        assert line.get_ydata() == pytest.approx(limit)
    other = Figure().add_subplot()
    figures.funnel_plot(FUNNEL, EXPECTED, other, poisson=False)
    assert not [line for line in other.get_lines() if line.get_linestyle() == ":"]
    assert "counting error" not in figures.funnel_plot_alt(FUNNEL, EXPECTED, poisson=False)


def test_words_of_the_funnel_count_its_bands() -> None:
    counts = FUNNEL.table["band"].value_counts()
    higher, lower = int(counts.get("higher", 0)), int(counts.get("lower", 0))
    alt = figures.funnel_plot_alt(FUNNEL, EXPECTED)
    assert f"{higher} are higher than expected, {lower} lower and {30 - higher - lower} as expected" in alt
    low, high = ranks.poisson_limits(EXPECTED.to_numpy())
    ratio = (OBSERVED / EXPECTED).to_numpy()
    assert f"{int(((ratio < low) | (ratio > high)).sum())} lie outside the narrower 99.8% limits" in alt
    assert numbers(figures.funnel_plot_title(FUNNEL))[:2] == [higher + lower, 30]


def test_a_funnel_without_one_volume_is_refused(ax: Axes) -> None:
    funnel = ranks.funnel_bands(OBSERVED, EXPECTED, form="ratio")
    with pytest.raises(UsageError, match="no one volume"):
        figures.funnel_plot(funnel, EXPECTED, ax)
    with pytest.raises(UsageError, match="same names"):
        figures.funnel_plot(FUNNEL, EXPECTED.iloc[1:], ax)


def test_shares_funnel_too(ax: Axes) -> None:
    funnel = ranks.funnel_bands((EXPECTED / 3).round(), EXPECTED.round(), form="arcsine")
    figures.funnel_plot(funnel, EXPECTED.round(), ax)
    assert ax.get_ylabel() == "share"
    assert not [line for line in ax.get_lines() if line.get_linestyle() == ":"]


# Files


def test_drawings_share_no_id_and_are_the_same_each_time() -> None:
    first, second = (figures.hasse_drawing(ORDER) for _ in range(2))
    assert first == second
    ids = [set(re.findall(r'\bid="([^"]+)"', text)) for text in (first.wide, first.narrow)]
    assert ids[0]
    assert not ids[0] & ids[1]


@pytest.mark.parametrize(
    "drawn",
    [
        lambda: figures.rankogram_drawing(SUMMARY, trusts=ONE),
        lambda: figures.rank_curves_drawing(SUMMARY, trusts=ONE),
        lambda: figures.rank_intervals_drawing(SUMMARY, sets=SETS),
        lambda: figures.pair_matrix_drawing(SUMMARY),
        lambda: figures.rank_heat_drawing(SUMMARY),
        lambda: figures.grade_ladder_drawing(GRADES),
        lambda: figures.quantile_dots_drawing(SUMMARY, trust="T2"),
        lambda: figures.slope_chart_drawing(PERIODS),
        lambda: figures.funnel_plot_drawing(FUNNEL, EXPECTED),
        lambda: figures.rank_intervals_drawing(tiny_table()),
    ],
)
def test_every_drawing_carries_its_words_in_both_forms(drawn: Callable[[], figures.Drawing]) -> None:
    drawing = drawn()
    for form in (drawing.wide, drawing.narrow):
        label = re.search(r'aria-label="([^"]+)"', form)
        assert label is not None
        assert label[1].replace("&lt;", "<").replace("&gt;", ">").replace("&#x27;", "'") == drawing.alt
    assert drawing.wide != drawing.narrow


def test_a_png_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        figures.save_png(tmp_path / name, lambda ax: figures.hasse(ORDER, ax), size=(4, 3), dpi=50)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes().startswith(b"\x89PNG")
